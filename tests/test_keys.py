"""What a change makes again, and what it leaves alone, through real builds."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from ht_sim.engine.fingerprint import modules_code
from ht_sim.engine.history import History
from ht_sim.engine.jobs import Job
from ht_sim.publish.assets import TEMPLATES
from ht_sim.publish.page_keys import PACKAGES, setting_depends
from tests.test_architecture import imports
from tests.test_build import ROOT, copied, edit, run, tree

Made = dict[str, set[str]]

WALKS = {f"first-walk[steps={steps}]" for steps in (10, 100, 1000)}
PAGES = {"index", "other", "references"}
ALL = {*PAGES, "404", "code/arms", "code/walk"}  # every file of HTML
FIRST = "mini/experiments/first_walk.py"
SECOND = "mini/experiments/second_walk.py"
THIRD = "mini/experiments/third_walk.py"
BIBLIOGRAPHY = "content/references.bib"
OTHER = "content/other.md"
DIJKSTRA = """
@article{dijkstra1968,
  author = {Dijkstra, Edsger W.},
  title = {Go To Statement Considered Harmful},
  journal = {Communications of the ACM},
  year = {1968},
}
"""
WORDS = """
CAPTION = "Six repeats."
SPOKEN = "steps: mean"
TEXTS = ("10", "100", "1,000")
PRINTED = ({"steps": 10.0}, {"steps": 1000.0})
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature project, built once, with a source that one page cites.

    A figure has its words, and another its marks, in modules that no page shows.
    """
    root = copied(tmp_path_factory.mktemp("built") / "mini")
    bibliography = root / BIBLIOGRAPHY
    bibliography.write_text(bibliography.read_text() + DIJKSTRA)
    edit(root / OTHER, "Again [@knuth1974].", "Again [@dijkstra1968].")
    (root / "mini/words.py").write_text(WORDS)
    (root / "mini/marks.py").write_text('MARK = "s"\n')
    walk, arms = root / "mini/figures/walk.py", root / "mini/figures/arms.py"
    line = "from ht_sim import look\n"
    edit(walk, line, f"{line}from mini import words\n")
    edit(walk, '"Six repeats, $n$ steps each."', "words.CAPTION")
    edit(walk, "steps: mean {mean", "{words.SPOKEN} {mean")
    edit(walk, '("10", "100", "1,000")', "words.TEXTS")
    edit(walk, '({"steps": 10.0}, {"steps": 1000.0})', "words.PRINTED")
    edit(arms, line, f"{line}from mini import marks\n")
    edit(arms, '"s"', "marks.MARK")
    done = run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A copy of the built project, with what it knows."""
    return shutil.copytree(built, tmp_path / "mini")


def records(root: Path) -> dict[str, list[str]]:
    """Return the names of the files that the store keeps under each key."""
    return {
        path.stem: list(json.loads(path.read_text())["files"])
        for path in (root / ".cache/store/results").glob("*.json")
    }


def made(root: Path, **environment: str) -> Made:
    """Build again; return what the store got to know meanwhile, by stage."""
    before = records(root)
    done = run(root, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    new = {key: names for key, names in records(root).items() if key not in before}
    history = History(root / ".cache/history")
    found = {
        stage: {
            name
            for name, depends in history.recall(stage).items()
            if Job(name, depends, ()).key in new
        }
        for stage in ("simulate", "draw")
    }
    pages = [Path(name) for names in new.values() for name in names]
    written = {path for path in pages if path.suffix == ".html"}
    return found | {"write": {path.with_suffix("").as_posix() for path in written}}


def only(**stages: set[str]) -> Made:
    """Return that so much was made and nothing else."""
    return {"simulate": set(), "draw": set(), "write": set()} | stages


def test_nothing_is_made_again_when_nothing_changed(project: Path) -> None:
    before = records(project)
    assert made(project) == only()
    assert records(project) == before


# name: file, old text, new text, what is made again
EDITS: dict[str, tuple[str, str, str, Made]] = {
    "a comment in an experiment": (
        FIRST,
        '    """Walk."""\n',
        '    """Walk."""\n    # All repeats at once.\n',
        only(write={"index", "code/walk"}),
    ),
    "a comment in a helper": (
        "mini/shared.py",
        "    return 2.0",
        "    # Twice.\n    return 2.0",
        only(),
    ),
    "a helper": (
        "mini/shared.py",
        "2.0 * value",
        "3.0 * value",
        only(simulate=WALKS, draw={"walk"}, write={"index"}),
    ),
    "a helper that gives the same": (
        "mini/shared.py",
        "2.0 * value",
        "value + value",
        only(simulate=WALKS),
    ),
    "a refactored simulation": (
        FIRST,
        "scaled(1.0) * np.array([abs(one.mean()) for one in steps])",
        "np.array([scaled(1.0) * abs(one.mean()) for one in steps])",
        only(simulate=WALKS, write={"index", "code/walk"}),
    ),
    "the style of a figure": (
        "mini/marks.py",
        '"s"',
        '"o"',
        only(draw={"arms"}, write={"other"}),
    ),
    "a file that is read": (
        "content/data/sample.txt",
        "",
        "7 ",
        only(simulate={"second-walk[]"}, write={"other"}),
    ),
    "a seed": (
        THIRD,
        "seed=3",
        "seed=4",
        only(
            simulate={"third-walk[arm=0]", "third-walk[arm=1]"},
            draw={"arms"},
            write={"other", "code/arms"},
        ),
    ),
    "a new grid value": (
        FIRST,
        "(10, 100, 1000)",
        "(10, 100, 300, 1000)",
        only(
            simulate={"first-walk[steps=300]"},
            draw={"walk"},
            write={"index", "code/walk"},
        ),
    ),
    "a fact that a page quotes": (
        SECOND,
        'exact(float(arrays["mean"]))',
        'exact(float(arrays["mean"]) + 1)',
        only(write={"other"}),
    ),
    "digits of a fact that no page writes": (
        SECOND,
        'exact(float(arrays["mean"]))',
        'exact(float(arrays["mean"]) + 1e-9)',
        only(),
    ),
    "a caption": (
        "mini/words.py",
        "Six repeats.",
        "All six repeats.",
        only(write={"index"}),
    ),
    "a spoken sentence": (
        "mini/words.py",
        "steps: mean",
        "steps: the mean is",
        only(write={"index"}),
    ),
    "the text of a control": (
        "mini/words.py",
        '"1,000"',
        '"many"',
        only(write={"index"}),
    ),
    "a printed state": (
        "mini/words.py",
        "1000.0",
        "100.0",
        only(draw={"walk"}, write={"index"}),
    ),
    "a row of a table, which a lambda gives": (
        "mini/figures/walk.py",
        '"steps walked"',
        '"steps taken"',
        only(write={"index", "code/walk"}),
    ),
    "a figure's alt text": (
        "mini/figures/arms.py",
        "Two rows",
        "Rows",
        only(write={"other", "code/arms"}),
    ),
    "the text of a page": (OTHER, "See @fig", "Compare @fig", only(write={"other"})),
    "the title of a page": (
        OTHER,
        "title: The other page",
        "title: Another page",
        only(write=ALL),
    ),
    "the number of a figure that a page names": (
        "content/index.md",
        ":::{figure} walk\n:::\n",
        ":::{figure} arms\n:::\n\n:::{figure} walk\n:::\n",
        only(write={"index", "other", "code/arms"}),
    ),
    "a place in a source": (
        "content/index.md",
        "[@knuth1974, §1]",
        "[@knuth1974, §2]",
        only(write={"index", "references"}),
    ),
    "a source": (
        BIBLIOGRAPHY,
        "Go To Statement",
        "The Go To Statement",
        only(write={"other", "references"}),
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "expected"), EDITS.values(), ids=EDITS)
def test_a_change_makes_again_what_depends_on_it(
    project: Path, file: str, old: str, new: str, expected: Made
) -> None:
    edit(project / file, old, new)
    assert made(project) == expected


KEPT = ("facts.json", "said.json", "outlines.json")


def kept_beside(root: Path) -> dict[Path, list[Path]]:
    """Return the records of what is kept beside results, and their objects."""
    folder = root / ".cache/store"
    return {
        path: [folder / "objects" / one[:2] / one[2:] for one in files.values()]
        for path in (folder / "results").glob("*.json")
        if (files := json.loads(path.read_text())["files"]).keys() <= {*KEPT}
    }


@pytest.mark.parametrize("damage", ["record", "object", "gone"])
def test_what_is_kept_beside_results_is_made_again_when_it_is_not_whole(
    project: Path, damage: str
) -> None:
    before, beside = tree(project), kept_beside(project)
    assert len(beside) == 3 + 2 + 1  # facts, words, outlines
    for record, objects in beside.items():
        for path in objects:
            path.write_bytes(path.read_bytes().replace(b"0", b"1") + b" ")
        if damage == "record":
            record.write_text("{")
        elif damage == "gone":
            record.unlink()
    done = run(project)
    assert done.returncode == 0, done.stdout + done.stderr
    told = f"the store was damaged: {len(beside)} results made again"
    assert (told in done.stdout) == (damage != "gone")
    assert tree(project) == before
    assert kept_beside(project).keys() == beside.keys()
    assert "damaged" not in run(project).stdout


def test_the_store_changes_no_byte(project: Path, tmp_path: Path) -> None:
    for name in (
        "a helper",
        "the style of a figure",
        "a caption",
        "the text of a page",
        "the number of a figure that a page names",
        "a source",
    ):
        file, old, new, _ = EDITS[name]
        edit(project / file, old, new)
    assert run(project).returncode == 0
    ignored = shutil.ignore_patterns("out", ".cache", "__pycache__")
    fresh = shutil.copytree(project, tmp_path / "fresh", ignore=ignored)
    assert run(fresh).returncode == 0
    first, second = tree(project), tree(fresh)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_what_was_known_before_is_known_again(project: Path) -> None:
    before = tree(project)
    edit(project / "mini/marks.py", '"s"', '"o"')
    made(project)
    edit(project / "mini/marks.py", '"o"', '"s"')
    assert made(project) == only()
    assert tree(project) == before


def test_tables_are_made_once_for_the_same_arrays(project: Path) -> None:
    rows = tree(project)["files/first-walk.csv"].decode().splitlines()
    assert rows[0] == "array,steps,repeat,value"
    assert [row.rpartition(",")[0] for row in rows[1:]] == [
        f"mean,{steps},{repeat}" for steps in (10, 100, 1000) for repeat in range(6)
    ]
    before = records(project)
    edit(project / "content/index.md", "See\n", "Now see\n")
    assert run(project).returncode == 0
    assert len(records(project)) == len(before) + 1
    edit(project / "mini/shared.py", "2.0 * value", "3.0 * value")
    assert run(project).returncode == 0
    new = [names for key, names in records(project).items() if key not in before]
    assert ["first-walk.csv", "first-walk.npz"] in new


def test_the_address_of_the_site_makes_every_page_again(project: Path) -> None:
    before = records(project)
    assert run(project, url="https://example.org/").returncode == 0
    new = [names for key, names in records(project).items() if key not in before]
    html = {name for names in new for name in names if name.endswith(".html")}
    assert html == {f"{name}.html" for name in ALL}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the library and its templates, which a test may change."""
    target = tmp_path / "library"
    for name in ("ht_sim", "templates"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, target / name, ignore=ignored)
    return target


def searched(*folders: Path) -> str:
    """Return a path for Python to look for modules on."""
    return os.pathsep.join(map(str, folders))


def test_what_facts_and_words_use_of_the_library_is_in_their_keys(
    project: Path, library: Path
) -> None:
    line = "from typing import Any\n"
    for file, first, old, new in (
        (SECOND, "import numpy", 'float(arrays["mean"])', 'float(arrays["mean"] + N)'),
        ("mini/figures/arms.py", line, 'return "Two', 'return f"{N} times, two'),
    ):
        edit(project / file, old, new)
        edit(project / file, first, f"from ht_sim.extra import N\n{first}")
    for number in (300, 900):
        (library / "ht_sim/extra.py").write_text(f"N = {number}\n")
        made(project, PYTHONPATH=searched(project, library))
        page = tree(project)["other.html"].decode()
        assert f"{number} times, two rows" in page
        assert f">{number + 2}</span>" in page  # the mean of 1, 2 and 3 is 2


def test_a_template_makes_the_pages_again_and_no_more(
    project: Path, library: Path
) -> None:
    path = searched(project, library)
    assert made(project, PYTHONPATH=path) == only()
    edit(library / "templates/base.html", "Skip to the text", "To the text")
    assert made(project, PYTHONPATH=path) == only(write=ALL)
    assert b"To the text" in tree(project)["other.html"]


def test_the_stylesheet_makes_the_pages_again_for_its_name_changes(
    project: Path, library: Path
) -> None:
    css = library / "templates/static/site.css"
    css.write_text(css.read_text() + "\n.new { color: inherit; }\n")
    path = searched(project, library)
    assert made(project, PYTHONPATH=path) == only(write=ALL)


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (
            "page.html",
            "{% if page.contents %}",
            "{% if page.contents | %}",
            "expected token 'name', got 'end of statement block'",
        ),
        (
            "base.html",
            "{{ site.licence }}",
            "{{ site.license }}",
            "'ht_sim.publish.views.SiteView object' has no attribute 'license'",
        ),
        (
            "_figure.html",
            "{{ control.label }}</label>",
            "{{ contrl.label }}</label>",
            "'contrl' is undefined",
        ),
        (
            "home.html",
            '{% include "_references.html" %}',
            '{% include "_sources.html" %}',
            "no template is called '_sources.html'",
        ),
    ],
)
def test_an_error_in_a_template_is_one_line_at_its_place(
    project: Path, library: Path, file: str, old: str, new: str, what: str
) -> None:
    before = tree(project)
    path = library / "templates" / file
    edit(path, old, new)
    lines = path.read_text().splitlines()
    place = next(number for number, line in enumerate(lines, 1) if new in line)
    done = run(project, PYTHONPATH=searched(project, library))
    assert done.returncode == 1
    assert done.stdout.splitlines()[2:] == [
        f"templates/{file}:{place}:1: {what}",
        f"1 problem; {project / 'out'} is unchanged",
    ]
    assert tree(project) == before


@pytest.mark.parametrize("package", ["markdown", "pyyaml"])
def test_a_version_makes_the_pages_again_and_no_more(
    project: Path, tmp_path: Path, package: str
) -> None:
    told = tmp_path / "versions" / f"{package}-999.dist-info" / "METADATA"
    told.parent.mkdir(parents=True)
    told.write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 999\n")
    path = searched(told.parents[1], project, ROOT)
    assert made(project, PYTHONPATH=path) == only(write=ALL)


def test_all_modules_that_set_pages_are_in_their_keys() -> None:
    code = setting_depends(TEMPLATES)["code"]
    named = {
        f"ht_sim.{name.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"
        for name in code
    }
    reached = modules_code({"ht_sim.publish.press"}).keys()
    runs = {one for one in reached if one.startswith("ht_sim.engine.")}
    assert reached - runs - named <= {"ht_sim.declared", "ht_sim.streams"}


def test_all_packages_that_set_pages_are_in_their_keys() -> None:
    found = {
        name.partition(".")[0]
        for path in (ROOT / "ht_sim/publish").glob("*.py")
        for _, name in imports(path)
    }
    drawing = {"PIL", "imageio", "matplotlib", "numpy"}
    others = found - sys.stdlib_module_names - drawing - {"ht_sim"}
    assert {{"yaml": "pyyaml"}.get(name, name) for name in others} == set(PACKAGES)
