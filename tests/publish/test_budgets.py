from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import numpy as np

from ht_sim.publish import budgets
from ht_sim.publish.budgets import Weights, first_view, gzipped
from tests.test_build import built, edit, project, run, tree

__all__ = ["built", "project"]  # fixtures
ROOT = Path(__file__).resolve().parents[2]


def test_a_first_view_is_the_page_with_what_it_loads_at_once() -> None:
    css, script, font = (bytes(range(i, i + 99)) for i in (0, 50, 100))
    page = (
        b'<link rel="icon" href="a/i.svg"><link rel="stylesheet" href="a/s.css">'
        b'<script src="a/s.js"></script><figure data-src="a/f.js"><img src="a/i.png">'
    )
    assets = {"a/s.css": css, "a/s.js": script, "a/f.woff2": font}
    assert first_view(page, assets) == sum(map(gzipped, (page, css, script)))
    assert first_view(page, assets) > gzipped(page) + gzipped(css)


def test_gzipped_is_what_gzip_sends() -> None:
    data = b"drop rate 0.3, " * 1000
    assert 50 < gzipped(data) < 200
    assert abs(gzipped(data) - len(gzip.compress(data))) < 50


def test_a_figure_on_two_pages_weighs_what_it_does_where_it_is_heavier() -> None:
    weights = Weights()
    weights.add("one", 31_000, {"net": 20_000, "line": 900})
    weights.add("two", 29_000, {"net": 20_500})
    assert weights.figures == {"net": 20_500, "line": 900}
    assert str(weights) == (
        "gzipped   heaviest first view 31.0 kB of 100.0 kB (one), "
        "heaviest figure 20.5 kB of 80.0 kB (net)"
    )


def test_a_site_without_figures_has_a_line_too() -> None:
    weights = Weights({"one": 3_000})
    assert str(weights) == "gzipped   heaviest first view 3.0 kB of 100.0 kB (one)"


def test_a_build_reports_what_pages_and_figures_weigh(project: Path) -> None:
    for _ in range(2):  # made, and known
        done = run(project, options={"loudness": 2})
        assert done.returncode == 0, done.stdout
        (line,) = (one for one in done.stdout.splitlines() if "gzipped" in one)
        assert re.fullmatch(
            r"gzipped   heaviest first view [\d.]+ kB of 100.0 kB \(index\), "
            r"heaviest figure [\d.]+ kB of 80.0 kB \(walk\)",
            line,
        )
        report = json.loads((project / ".cache" / "report.json").read_text())
        page = report["write"]["index"]["gzipped"]
        html = tree(project)["index.html"]
        styles = [tree(project)[one] for one in re.findall(_LOADED, html.decode())]
        assert len(styles) == 3
        assert page == gzipped(html, *styles)
        assert 500 < report["draw"]["walk"]["gzipped"] < page
    assert "gzipped" not in run(project).stdout


_LOADED = r'<(?:script src|link rel="stylesheet" href)="([^"]+)"'


def test_a_figure_that_is_too_heavy_stops_the_build(project: Path) -> None:
    before = tree(project)
    heavy = "axes.plot(*look.np.random.default_rng(1).random((2, 25_000)))"
    edit(
        project / "mini/figures/walk.py",
        "    axes.set_title",
        f"    {heavy}\n    axes.set_title",
    )
    done = run(project)
    assert done.returncode == 1
    page, figure = (one for one in done.stdout.splitlines() if "gzipped" in one)
    assert page.startswith("content/index.md:1:1: the first view of 'index' is ")
    assert re.fullmatch(
        r"mini/figures/walk.py:\d+:1: the figure 'walk' is \d\d\d.\d kB, gzipped; "
        r"expected 80.0 kB at most",
        figure,
    )
    assert done.stdout.splitlines()[-1].startswith("2 problems; ")
    assert tree(project) == before


def test_a_page_that_is_too_heavy_stops_the_build(project: Path) -> None:
    before = tree(project)
    letters = np.random.default_rng(1).choice([*"abcdefghijklmnop"], (1_500, 80))
    words = "\n".join(map("".join, letters))
    text = project / "content/other.md"
    text.write_text(f"{text.read_text()}\n```\n{words}\n```\n")
    done = run(project)
    assert done.returncode == 1
    (told,) = (one for one in done.stdout.splitlines() if "gzipped" in one)
    assert told.startswith("content/other.md:1:1: the first view of 'other' is ")
    assert told.endswith(" kB, gzipped; expected 100.0 kB at most")
    assert done.stdout.splitlines()[-1].startswith("1 problem; ")
    assert tree(project) == before


# -- the real site


def test_the_masked_network_is_light(site: Path) -> None:
    page = (site / "index.html").read_text(encoding="utf-8")
    figure = page.split('<figure id="dropout-passes"')[1].split("</figure>")[0]
    base = re.findall(r"(?s)<svg.*?</svg>", figure)[0]
    changes = re.findall(r'(?s)class="changes">(.*?)</script>', figure)[0]
    states = json.loads(changes)["states"]
    assert states == 152
    assert gzipped(base.encode(), changes.encode()) <= 20_000
    assert gzipped(changes.encode()) / states <= 100


def test_a_page_carries_one_drawing_and_no_code(site: Path) -> None:
    page = (site / "dropout.html").read_text(encoding="utf-8")
    drawings = re.findall(r'(?s)<div class="frame".*?<svg[^>]*>(.*?)</svg>', page)
    assert len(drawings) == 10
    assert [bool(one) for one in drawings] == [True] + 9 * [False]
    assert "simulate" not in page
    assert first_view(page.encode(), _files(site)) <= budgets.FIRST_VIEW


def _files(site: Path) -> dict[str, bytes]:
    found = (site / "assets").iterdir()
    return {f"assets/{one.name}": one.read_bytes() for one in found}
