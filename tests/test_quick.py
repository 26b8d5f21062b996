"""Quick builds: fewer points and repeats, marked, and apart from the site."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ht_sim.command_line import Options, parse
from ht_sim.estimates import exact
from ht_sim.experiments import Axis
from ht_sim.experiments.dropout_ridge import EXPERIMENT as RIDGE
from ht_sim.figures.dropout_passes import EXHIBIT as PASSES
from ht_sim.publish.page_keys import _facts
from ht_sim.publish.prose import read_text
from ht_sim.quick import quick_exhibit, quick_experiment
from ht_sim.stages import build
from tests.test_build import ROOT, copied, edit, run, tree

MARK = "Quick build: fewer repeats and points. Numbers and claims here are not the"
RATE, PASS = PASSES.controls
FEW = "first-walk.many < first-walk.few"
REPEATS = f"{FEW} and first-walk.many.repeats > 5"  # six, and four in a quick build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature project, built once in full; tests copy it."""
    root = copied(tmp_path_factory.mktemp("built") / "mini")
    done = run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def quick(root: Path, **more: object) -> Any:
    """Run a quick build into ``out``."""
    return run(root, options={"quick": True, **more})


def pages(root: Path) -> dict[str, str]:
    """Return the pages that were built."""
    found = tree(root).items()
    return {name: data.decode() for name, data in found if name.endswith(".html")}


def ran(root: Path) -> dict[str, bool]:
    """Return which points the last build looked at, and whether it knew them."""
    report = json.loads((root / ".cache" / "report.json").read_text())
    return {name: one["cached"] for name, one in report["simulate"].items()}


def test_every_page_of_a_quick_build_is_marked_and_no_other(tmp_path: Path) -> None:
    root = copied(tmp_path / "mini")
    done = quick(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(pages(root)) >= {"index.html", "other.html", "404.html"}
    for name, text in pages(root).items():
        assert text.count(MARK) == 1, name
    assert run(root).returncode == 0
    for name, text in pages(root).items():
        assert "Quick build" not in text, name


def test_points_and_repeats_are_fewer_and_what_is_known_is_used(
    built: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(built, tmp_path / "mini")
    assert quick(root).returncode == 0
    assert ran(root) == {
        "first-walk[steps=10]": False,  # four repeats instead of six
        "first-walk[steps=100]": False,
        "second-walk[]": True,
        "third-walk[arm=0]": True,
        "third-walk[arm=1]": True,
    }
    page = pages(root)["index.html"]
    assert "first-walk: seed 1, 4 repeats" in page
    assert 'data-texts="[&#34;10&#34;, &#34;100&#34;]"' in page
    assert len(re.findall(r'<img class="by-day"', page)) == 1


def test_a_full_build_is_the_same_after_a_quick_one(
    built: Path, tmp_path: Path
) -> None:
    root = copied(tmp_path / "mini")
    assert quick(root).returncode == 0
    assert run(root).returncode == 0
    assert tree(root) == tree(built)


def test_explain_of_a_build_knows_nothing_of_the_other_kind(tmp_path: Path) -> None:
    root = copied(tmp_path / "mini")
    assert quick(root).returncode == 0
    fresh = quick(root, explain="*").stdout.splitlines()
    assert {line.split()[0] for line in fresh} == {"fresh"}
    said = run(root, options={"explain": "first-walk"}).stdout.splitlines()
    assert [line.partition(": ")[2] for line in said] == ["never built here"] * 3


def test_a_claim_that_does_not_hold_is_a_warning_and_a_mark(tmp_path: Path) -> None:
    root = copied(tmp_path / "mini")
    edit(root / "content/index.md", FEW, REPEATS)
    edit(root / "mini/figures/walk.py", FEW, REPEATS)
    done = quick(root, loudness=0)
    assert done.returncode == 0, done.stdout
    assert [line.split("; ")[0] for line in done.stdout.splitlines()] == [
        "warning: content/index.md:11:38: the claim does not hold",
        "warning: mini/figures/walk.py:47:11: the claim does not hold",
    ]
    page = pages(root)["index.html"]
    assert '<h2 id="shrinks" class="claim shown false">' in page
    assert page.count('class="claim shown false"') == 2
    assert " false" not in pages(root)["other.html"]
    done = run(root)
    assert (done.returncode, "warning" in done.stdout) == (0, False)
    assert "claim shown false" not in pages(root)["index.html"]


def test_a_false_claim_still_stops_a_full_build_after_a_quick_one(
    tmp_path: Path,
) -> None:
    root = copied(tmp_path / "mini")
    edit(root / "content/index.md", FEW, "first-walk.many > first-walk.few")
    assert quick(root).returncode == 0
    before = tree(root)
    assert run(root).returncode == 1
    assert tree(root) == before


def test_any_other_fault_stops_a_quick_build(built: Path, tmp_path: Path) -> None:
    root = shutil.copytree(built, tmp_path / "mini")
    edit(root / "content/index.md", FEW, REPEATS)
    edit(root / "content/index.md", "first-walk.few:.2f", "first-walk.fw:.2f")
    edit(root / "content/other.md", "@knuth1974", "@knuth1947")
    before = tree(root)
    done = quick(root)
    assert done.returncode == 1
    assert "unknown fact 'first-walk.fw'" in done.stdout
    assert "unknown source 'knuth1947'" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("2 problems; ")
    assert tree(root) == before


def test_a_value_that_the_quick_grid_does_not_hold_is_refused(tmp_path: Path) -> None:
    root = copied(tmp_path / "mini")
    edit(root / "mini/figures/walk.py", ', "1,000"), QUICK)', ', "1,000"))')
    done = quick(root)
    assert done.returncode == 1
    said = "1000.0 is not on the axis; it has 10.0, 100.0"
    assert f"spoken() raises LookupError: {said} at steps 1000" in done.stdout


def test_a_state_is_named_as_the_quick_build_numbers_it(tmp_path: Path) -> None:
    root = copied(tmp_path / "mini")
    edit(root / "mini/experiments/first_walk.py", "quick=(10, 100)", "quick=(10, 1000)")
    walk = root / "mini/figures/walk.py"
    edit(walk, "(10.0, 100.0)", "(10.0, 1000.0)")
    edit(walk, 'default={"steps": 100.0}', 'default={"steps": 10.0}')
    edit(walk, "look.HEAT[3]", '"red" if state["steps"] > 10 else look.HEAT[3]')
    assert "draw() at steps 1000: the colour" in quick(root).stdout


def test_the_repeats_are_a_quarter_but_four_at_least_and_never_more() -> None:
    found = {
        many: quick_experiment(replace(RIDGE, repeats=many)).repeats
        for many in (1, 3, 4, 8, 16, 20, 23, 40)
    }
    assert found == {1: 1, 3: 3, 4: 4, 8: 4, 16: 4, 20: 5, 23: 5, 40: 10}


def test_an_experiment_keeps_the_quick_values_of_its_axes() -> None:
    one = Axis("one", "one", "", (1.0, 2.0, 3.0), quick=(1.0, 3.0))
    other = Axis("other", "other", "", (4.0, 5.0))
    found = quick_experiment(replace(RIDGE, grid=(one, other)))
    assert [axis.values for axis in found.grid] == [(1.0, 3.0), (4.0, 5.0)]
    assert (found.seed, found.simulate) == (RIDGE.seed, RIDGE.simulate)
    assert list(found.faults()) == []


def test_an_exhibit_keeps_its_quick_states_with_their_texts() -> None:
    controls = (replace(RATE, quick=(0.3, 0.5)), replace(PASS, quick=()))
    found = quick_exhibit(replace(PASSES, controls=controls))
    assert found.controls[0].values == (0.3, 0.5)
    assert found.controls[0].texts == ("0.30", "0.50")
    assert found.controls[1] == replace(PASS, quick=())
    assert found.printed == ({"rate": 0.3, "pass": 3.0}, {"rate": 0.5, "pass": 3.0})
    assert len(found.sweep_states()) == 2
    assert list(found.faults(["dropout-passes"])) == []


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ((0.3, 0.31), "quick of 'rate' is [0.3, 0.31]; expected some of [0.0, 0.05"),
        ((0.5, 0.3), "in their order"),
        ((0.3, 0.3), "in their order"),
        (0.3, "quick of 'rate' is no tuple"),
    ],
)
def test_quick_values_are_some_of_all_in_order(kept: Any, words: str) -> None:
    (fault,) = Axis("rate", "rate", "", RATE.values, kept).faults()
    assert words in fault
    (same,) = replace(RATE, quick=kept).faults()
    assert same == fault


@pytest.mark.parametrize(
    ("controls", "argument", "words"),
    [
        ((replace(RATE, quick=(0.0, 0.5)), PASS), "default", "'rate': 0.3"),
        (
            (replace(RATE, quick=(0.3,)), replace(PASS, quick=(1.0,))),
            "default",
            "is no state of a quick build",
        ),
    ],
)
def test_the_default_state_must_be_kept(
    controls: Any, argument: str, words: str
) -> None:
    printed = ({"rate": 0.5, "pass": 1.0}, {"rate": 0.3, "pass": 1.0})
    changed = replace(PASSES, controls=controls, printed=printed)
    (fault,) = changed.faults(["dropout-passes"])
    assert fault[0] == argument
    assert words in fault[1]


def test_a_state_for_paper_must_be_kept_and_a_toggle_keeps_both() -> None:
    changed = replace(PASSES, printed=({"rate": 0.05, "pass": 3.0},))
    (fault,) = changed.faults(["dropout-passes"])
    assert fault == ("printed", "no state for paper is one of a quick build")
    toggle = replace(PASS, kind="toggle", values=(1.0, 2.0), texts=("a", "b"))
    (said,) = replace(toggle, quick=(1.0,)).faults()
    assert "a toggle keeps its two values" in said


def test_a_quick_build_goes_to_a_folder_that_git_does_not_see(tmp_path: Path) -> None:
    assert parse([], tmp_path).out == tmp_path / "site"
    assert parse(["--quick"], tmp_path).out == tmp_path / "site-quick"
    elsewhere = str(tmp_path / "else")
    assert parse(["--quick", "--out", elsewhere], tmp_path).out == Path(elsewhere)
    assert "/site-quick/" in (ROOT / ".gitignore").read_text().splitlines()


def test_a_page_key_tells_a_claim_that_turned_false_in_the_last_digits() -> None:
    text, _ = read_text("page", "page", '[So.]{shown="a.b < 1"}')
    (before,), (after,) = (
        list(_facts(text, {"a.b": exact(value)})) for value in (1 - 1e-9, 1 + 1e-9)
    )
    assert before == ("a.b < 1", "1 < 1")
    assert after == ("a.b < 1", "1 < 1, which is false")


def test_the_real_site_can_be_built_quick(tmp_path: Path) -> None:
    out = tmp_path / "site"
    assert build(ROOT, Options(out, None, 2, None, quick=True)) == 0
    assert all(MARK in one.read_text() for one in out.glob("*.html"))
