"""A whole build of the miniature project, as a user runs one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = """
import json
import sys
from pathlib import Path
from ht_sim.command_line import Options
from ht_sim.stages import build
if __name__ == "__main__":
    root, out, only, jobs, url, more = sys.argv[1:]
    options = Options(
        Path(out), only or None, int(jobs), url or None, **json.loads(more)
    )
    sys.exit(build(Path(root), options, "mini"))
"""
Build = Callable[..., "subprocess.CompletedProcess[str]"]


def run(
    root: Path,
    *,
    only: str = "",
    jobs: int = 1,
    url: str = "",
    options: Mapping[str, object] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """Build a project into its own ``out`` folder, with further options by name."""
    script = root.parent / f"build-{root.name}.py"
    script.write_text(SCRIPT)
    return subprocess.run(
        [
            *(sys.executable, script, root, root / "out", only, str(jobs), url),
            json.dumps(options or {}),
        ],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{ROOT}", **environment},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def tree(root: Path) -> dict[str, bytes]:
    """Return the files of a built site."""
    out = root / "out"
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def copied(target: Path) -> Path:
    """Copy the miniature project."""
    ignore = shutil.ignore_patterns("__pycache__", "out", ".cache")
    return shutil.copytree(ROOT / "tests" / "mini", target, ignore=ignore)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature project, built once; tests copy it before they change it."""
    root = copied(tmp_path_factory.mktemp("built") / "mini")
    done = run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return root


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A copy of the built project, with what it knows."""
    return shutil.copytree(built, tmp_path / "mini")


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_build_says_what_it_did_and_where_to_look(project: Path) -> None:
    done = run(project)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert [line.split()[:4] for line in lines[:3]] == [
        ["simulate", "6", "of", "6"],
        ["draw", "2", "of", "2"],
        ["write", "3", "of", "3"],
    ]
    assert lines[3].startswith("3 pages, 2 figures, 4 states, ")
    assert "0 files changed" in lines[3]
    assert lines[4] == f"open {project / 'out' / 'index.html'}"


def test_a_build_with_nothing_to_do_loads_no_matplotlib(project: Path) -> None:
    done = run(project, PYTHONPROFILEIMPORTTIME="1")
    assert "ht_sim.figures" in done.stderr
    assert "matplotlib" not in done.stderr


def test_a_build_with_nothing_to_do_starts_no_process(project: Path) -> None:
    done = run(project, jobs=2, PYTHONPROFILEIMPORTTIME="1")
    assert "ht_sim.engine.executors" in done.stderr
    assert "concurrent.futures.process" not in done.stderr


def test_two_builds_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    other = copied(tmp_path / "elsewhere" / "a longer name")
    done = run(
        other,
        jobs=2,
        TZ="Pacific/Kiritimati",
        PYTHONHASHSEED="77",
        LC_ALL="C",
        SOURCE_DATE_EPOCH="1",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = tree(built), tree(other)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_no_path_of_the_machine_is_in_the_site(built: Path) -> None:
    for name, data in tree(built).items():
        assert str(built).encode() not in data, name
        assert str(ROOT).encode() not in data, name


def test_all_problems_are_told_at_once_and_the_site_stays(project: Path) -> None:
    before = tree(project)
    edit(project / "content/index.md", "first-walk.few:.2f", "first-walk.fw:.2f")
    edit(
        project / "content/other.md",
        "third-walk.gap.low > 0.9",
        "third-walk.gap.low > 2",
    )
    edit(project / "content/other.md", "See @fig-arms", "See 4.5 and @fig-arm")
    edit(project / "mini/figures/walk.py", "Six repeats, $n$", r"Six repeats, $\\nope$")
    done = run(project)
    assert done.returncode == 1
    lines = done.stdout.splitlines()[2:]
    starts = [line.split(" ")[0] for line in lines]
    assert starts[:-1] == [
        "content/index.md:13:13:",
        "content/other.md:8:32:",
        "content/other.md:11:35:",
        "content/other.md:11:43:",
        "mini/figures/walk.py:48:13:",
    ]
    assert "did you mean 'first-walk.few'?" in lines[0]
    assert "1 > 2" in lines[1]
    assert lines[-1].startswith("5 problems; ")
    assert tree(project) == before


def test_an_unused_figure_is_told(project: Path) -> None:
    edit(project / "content/other.md", ":::{figure} arms\n:width: text\n:::\n", "")
    edit(project / "content/other.md", "See @fig-arms and", "See")
    done = run(project)
    assert done.returncode == 1
    assert "mini/figures/arms.py:1:1: no page shows the figure 'arms'" in done.stdout


def test_a_failing_experiment_is_named_and_the_site_stays(project: Path) -> None:
    before = tree(project)
    edit(
        project / "mini/experiments/third_walk.py",
        'return {"value": noise',
        'if point["arm"]:\n        raise RuntimeError("no second arm")\n'
        '    return {"value": noise',
    )
    done = run(project)
    assert done.returncode == 1
    assert "third-walk[arm=1]: Traceback" in done.stdout
    assert "RuntimeError: no second arm" in done.stdout
    assert done.stdout.splitlines()[-1] == f"1 failed; {project / 'out'} is unchanged"
    assert tree(project) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        (
            "mini/experiments/third_walk.py",
            'return {"value": noise + point["arm"]}',
            'return {"value": noise[1:] + point["arm"]}',
            "mini/experiments/third_walk.py:14:1: simulate() gave 'value' with 3 along "
            "'repeat'; expected 4 (third-walk[arm=0] and 1 more)",
        ),
        (
            "mini/experiments/third_walk.py",
            "EXPERIMENT = Exp",
            "EXPERIMENT = = Exp",
            "mini/experiments/third_walk.py:25:14: invalid syntax",
        ),
        (
            "mini/figures/arms.py",
            "EXHIBIT =",
            "EXHIBITS =",
            "mini/figures/arms.py:1:1: no EXHIBIT here; expected EXHIBIT = Exhibit(…)",
        ),
        (
            "mini/figures/arms.py",
            "look.BATCH_NORM",
            '"red"',
            "mini/figures/arms.py:11:1: draw(): the colour #ff0000 is no token; the "
            "nearest is look.CONTROL (#c23a1b)",
        ),
        (
            "mini/figures/walk.py",
            'default={"steps": 100.0}',
            'default={"steps": 50.0}',
            "mini/figures/walk.py:43:13: default: {'steps': 50.0} is no state; the "
            "controls have {'steps': [10.0, 100.0, 1000.0]}",
        ),
        (
            "content/other.md",
            ":width: text",
            ":width: narrow",
            "content/other.md:14:1: unknown width 'narrow'; expected text, wide, page",
        ),
        (
            "mini/figures/arms.py",
            "new_figure(300, 120)",
            "new_figure(600, 120)",
            "content/other.md:13:13: the figure 'arms' is 600 px wide, text is 592; "
            "expected a wider :width:",
        ),
        (
            "content/other.md",
            "order: 1",
            "order: 0",
            "content/other.md:3:8: two pages of the same order; expected another; "
            "have content/index.md",
        ),
        (
            "content/other.md",
            "{fact}`second-walk.mean:.0f`",
            "two",
            "mini/experiments/second_walk.py:1:1: no figure and no page uses the "
            "experiment 'second-walk'",
        ),
    ],
)
def test_a_slip_is_one_line_at_its_place_and_the_site_stays(
    project: Path, file: str, old: str, new: str, line: str
) -> None:
    before = tree(project)
    edit(project / file, old, new)
    done = run(project)
    assert done.returncode == 1
    told = [one for one in done.stdout.splitlines() if one.startswith(line)]
    assert len(told) == 1, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith(f"; {project / 'out'} is unchanged")
    assert tree(project) == before


@pytest.mark.parametrize(
    ("edited", "changed"),
    [
        (("content/other.md", "A gap.", "The gap."), {"other.html"}),
        (("mini/figures/arms.py", '"s"', '"o"'), {"other.html", "code/arms.html"}),
    ],
)
def test_an_edit_changes_what_shows_it(
    project: Path, edited: tuple[str, str, str], changed: set[str]
) -> None:
    before = tree(project)
    edit(project / edited[0], *edited[1:])
    assert run(project).returncode == 0
    after = tree(project)
    pages = {name for name in before if name.endswith(".html")}
    assert {name for name in pages if before[name] != after[name]} == changed


def test_only_leaves_the_rest_byte_for_byte(project: Path) -> None:
    before = tree(project)
    edit(project / "content/index.md", "title: A miniature", "title: Another")
    edit(project / "content/other.md", "A gap.", "The gap.")
    done = run(project, only="arms")
    assert done.returncode == 0
    after = tree(project)
    changed = {n for n in before if n.endswith(".html") and before[n] != after[n]}
    assert changed == {"other.html"}
    assert before.keys() <= after.keys()


def test_an_unknown_pattern_is_one_line(project: Path) -> None:
    done = run(project, only="arm")
    assert done.returncode != 0
    assert done.stderr.splitlines() == [
        "build.py: nothing matches --only 'arm' (did you mean 'arms'?); there are "
        "arms, first-walk, index, other, references, second-walk, third-walk, walk"
    ]


def test_the_address_of_the_site_goes_where_it_must(project: Path) -> None:
    assert run(project, url="https://example.org/deep/").returncode == 0
    pages = {name: data.decode() for name, data in tree(project).items() if "." in name
             and name.endswith((".html", ".xml"))}  # fmt: skip
    assert (
        'rel="canonical" href="https://example.org/deep/other.html"'
        in pages["other.html"]
    )
    assert "https://example.org/deep/files/card-index.png" in pages["index.html"]
    assert pages["sitemap.xml"].count("<loc>https://example.org/deep/") == 3
    assert 'href="https://example.org/deep/assets/site-' in pages["404.html"]


def test_a_vanished_content_folder_is_one_line(project: Path) -> None:
    before = tree(project)
    (project / "content/references.bib").unlink()
    done = run(project)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "references.bib" in done.stdout
    assert tree(project) == before
