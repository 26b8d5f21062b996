"""What the options say of, and do with, a build of the miniature project."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.test_build import copied, edit, run, tree


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature project, built once; tests copy it before they change it."""
    root = copied(tmp_path_factory.mktemp("built") / "mini")
    done = run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """A copy of the built project, with what it knows."""
    return shutil.copytree(built, tmp_path / "mini")


def explained(root: Path, pattern: str = "*") -> list[str]:
    """Return what --explain says."""
    before = tree(root)
    done = run(root, options={"explain": pattern})
    assert done.returncode == 0, done.stdout + done.stderr
    assert tree(root) == before
    return done.stdout.splitlines()


def test_after_a_build_every_node_is_fresh(project: Path) -> None:
    lines = explained(project)
    assert len(lines) >= 8
    assert {line.split()[0] for line in lines} == {"fresh"}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "mini/shared.py",
            "2.0 * value",
            "3.0 * value",
            [
                "stale  first-walk[steps=10]: code mini.shared changed",
                "stale  first-walk[steps=100]: code mini.shared changed",
                "stale  first-walk[steps=1000]: code mini.shared changed",
                "waits  walk: for first-walk",
            ],
        ),
        (
            "mini/experiments/third_walk.py",
            "seed=3",
            "seed=4",
            [
                "stale  third-walk[arm=0]: seed 3 -> 4",
                "stale  third-walk[arm=1]: seed 3 -> 4",
                "waits  arms: for third-walk",
            ],
        ),
        (
            "content/data/sample.txt",
            "1 2 3",
            "1 2 4",
            ["stale  second-walk[]: inputs sample changed"],
        ),
        (
            "mini/figures/arms.py",
            '"s"',
            '"o"',
            ["stale  arms: code mini.figures.arms:draw changed"],
        ),
        (
            "mini/experiments/first_walk.py",
            "(10, 100, 1000)",
            "(10, 100, 1000, 2000)",
            [
                "stale  first-walk[steps=2000]: never built here",
                "waits  walk: for first-walk",
            ],
        ),
        ("mini/shared.py", "Return the value", "Give the value", []),
    ],
)
def test_explain_names_what_changed(
    project: Path, file: str, old: str, new: str, expected: list[str]
) -> None:
    edit(project / file, old, new)
    stale = [line for line in explained(project) if not line.startswith("fresh")]
    assert [line for line in stale if " page " not in line] == expected


def test_explain_may_be_asked_about_some(project: Path) -> None:
    lines = explained(project, "first-*")
    assert [line.split()[1] for line in lines] == [
        "first-walk[steps=10]",
        "first-walk[steps=100]",
        "first-walk[steps=1000]",
    ]
    assert explained(project, "first-walk[steps=10]") == ["fresh  first-walk[steps=10]"]
    pages = explained(project, "page *")
    assert pages
    assert all(line.startswith("fresh  page ") for line in pages)
    assert explained(project, "index") == ["fresh  page index"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@fig-arms", "@fig-arm"),
        ("`first-walk.few:.2f`", "`first-walk.fw:.2f`"),
        ("third-walk.gap.low > 0.9", "third-walk.gap.low > 2"),
    ],
)
def test_explain_tells_what_is_wrong_as_a_build_does(
    project: Path, old: str, new: str
) -> None:
    for page in (project / "content").glob("*.md"):
        page.write_text(page.read_text().replace(old, new))
    done = run(project, options={"explain": "*"})
    assert done.returncode == 1
    said = done.stdout.splitlines()
    assert len(said) == 2, done.stdout
    assert said[0].startswith("content/")
    assert said == run(project).stdout.splitlines()[-2:]


def test_the_sources_alone_can_be_built_beside_a_page_that_is_wrong(
    project: Path,
) -> None:
    edit(project / "content/other.md", "Again [@knuth1974]", "Again [@knuth1975]")
    done = run(project, only="references")
    assert done.returncode == 0, done.stdout
    assert "knuth1975" not in tree(project)["references.html"].decode()


def test_reseeding_checks_the_claims_and_writes_nothing(project: Path) -> None:
    before = tree(project)
    done = run(project, options={"reseed": 2})
    assert done.returncode == 0, done.stdout
    assert "every claim holds with seeds shifted by 2" in done.stdout
    assert tree(project) == before
    edit(
        project / "content/other.md",
        "third-walk.gap.low > 0.9",
        "third-walk.gap.low > 2",
    )
    assert run(project, options={"reseed": 2}).returncode == 1


def test_quiet_says_only_what_is_wrong(project: Path) -> None:
    assert run(project, options={"loudness": 0}).stdout == ""
    edit(project / "content/other.md", "@fig-arms", "@fig-arm")
    lines = run(project, options={"loudness": 0}).stdout.splitlines()
    assert len(lines) == 2
    assert "unknown figure 'arm'" in lines[0]


def test_verbose_names_every_node(project: Path) -> None:
    said = run(project, options={"loudness": 2}).stdout
    assert "simulate first-walk[steps=10]" in said
    assert "draw walk" in said


def test_verifying_compares_two_builds(project: Path) -> None:
    before = tree(project)
    done = run(project, options={"verify": True})
    assert done.returncode == 0, done.stdout
    assert " 0 differ" in done.stdout
    assert tree(project) == before
    edit(
        project / "mini/experiments/second_walk.py",
        'return {"mean": np.array(',
        "import os\n    seed = float(os.environ['PYTHONHASHSEED'])\n"
        '    return {"mean": seed + np.array(',
    )
    done = run(project, options={"verify": True})
    assert done.returncode == 1
    assert "differs: other.html" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "who"),
    [
        ("experiments/third_walk.py", '    return {"gap"', "facts()"),
        ("figures/arms.py", '    return "Two rows', "what is said"),
    ],
)
def test_what_is_kept_of_facts_and_words_rests_on_no_other_file(
    project: Path, file: str, line: str, who: str
) -> None:
    reads = "    open('content/data/sample.txt').read()\n"
    edit(project / "mini" / file, line, reads + line)
    done = run(project)
    assert done.returncode == 1
    assert f"mini/{file}: {who} opens " in done.stdout
    assert "Traceback" not in done.stdout


def test_a_file_that_is_no_input_is_refused_by_name(project: Path) -> None:
    edit(
        project / "mini/experiments/third_walk.py",
        "noise = np.array",
        "open('content/data/sample.txt').read()\n    noise = np.array",
    )
    done = run(project)
    assert done.returncode == 1
    assert "mini/experiments/third_walk.py: simulate() opens " in done.stdout
    assert "content/data/sample.txt, which is none of its inputs" in done.stdout
    assert "Traceback" not in done.stdout


def test_damage_in_the_store_is_told_and_mended(project: Path) -> None:
    before = tree(project)
    objects = sorted((project / ".cache/store/objects").glob("*/*"))
    for path in objects[:2]:
        path.write_bytes(path.read_bytes()[:-1])
    done = run(project)
    assert done.returncode == 0
    assert "the store was damaged: " in done.stdout
    assert tree(project) == before
    assert "damaged" not in run(project).stdout


def test_force_makes_what_matches_again_and_the_same(project: Path) -> None:
    before = tree(project)
    assert run(project, options={"force": "third-walk"}).returncode == 0
    report = json.loads((project / ".cache" / "report.json").read_text())
    made = {
        name
        for stage in report.values()
        for name, ran in stage.items()
        if not ran["cached"]
    }
    assert made == {"third-walk[arm=0]", "third-walk[arm=1]"}
    assert tree(project) == before


def test_a_cluster_that_is_not_there_is_one_line(project: Path) -> None:
    before = tree(project)
    done = run(project, options={"scheduler": "tcp://127.0.0.1:9"})
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "127.0.0.1:9" in done.stdout
    assert tree(project) == before
