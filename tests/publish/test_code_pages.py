from __future__ import annotations

import html
import re
from pathlib import Path

import html5lib

from ht_sim import figures
from ht_sim.project import Project
from ht_sim.publish.code_pages import source_names
from tests.test_build import built, edit, project, run, tree

__all__ = ["built", "project"]  # fixtures


def text_of(page: str) -> str:
    """Return what a page says, without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_a_figure_links_to_its_code_and_back(project: Path) -> None:
    files = {
        name: data.decode("utf-8", "replace") for name, data in tree(project).items()
    }
    assert 'href="code/arms.html">mini/experiments/third_walk.py' in files["other.html"]
    code = files["code/arms.html"]
    assert 'href="../other.html#arms"' in code
    assert 'id="arms"' in files["other.html"]
    for name in ("mini/experiments/third_walk.py", "mini/figures/arms.py"):
        assert (project / name).read_text() in text_of(code)
    assert "def simulate" not in text_of(files["other.html"])


def test_a_code_page_is_valid_and_leads_to_files_that_are_there(project: Path) -> None:
    code = tree(project)["code/walk.html"].decode()
    html5lib.HTMLParser(strict=True).parse(code)
    assert " style=" not in code
    for link in re.findall(r'(?:href|src)="([^"#]+)', code):
        if not link.startswith("https:"):
            assert (project / "out" / "code" / link).is_file(), link


def test_a_comment_in_the_source_is_a_new_code_page(project: Path) -> None:
    edit(
        project / "mini/experiments/third_walk.py",
        "EXPERIMENT =",
        "# new\nEXPERIMENT =",
    )
    before = tree(project)
    assert run(project).returncode == 0
    after = tree(project)
    changed = {name for name in before if before[name] != after.get(name)}
    assert "code/arms.html" in changed
    assert "code/walk.html" not in changed
    assert "# new" in text_of(after["code/arms.html"].decode())


def test_a_new_title_is_on_the_code_pages_of_its_figures(project: Path) -> None:
    edit(project / "content/other.md", "title: The other page", "title: Another page")
    assert run(project).returncode == 0
    assert "“Another page”" in tree(project)["code/arms.html"].decode()


def test_a_figure_on_an_earlier_page_leads_back_there(project: Path) -> None:
    text = project / "content/index.md"
    text.write_text(f"{text.read_text()}\n:::{{figure}} arms\n:width: text\n:::\n")
    assert run(project).returncode == 0
    code = tree(project)["code/arms.html"].decode()
    assert 'href="../index.html#arms"' in code
    assert "other.html#arms" not in code


def test_a_figure_that_goes_takes_its_code_page(project: Path) -> None:
    edit(project / "content/other.md", ":::{figure} arms\n:width: text\n:::\n", "")
    edit(project / "content/other.md", "See @fig-arms and", "See")
    (project / "mini/figures/arms.py").unlink()
    assert run(project).returncode == 0
    assert "code/arms.html" not in tree(project)
    assert "code/walk.html" in tree(project)


def test_a_figure_drawn_in_another_file_shows_both() -> None:
    project = Project(Path())
    exhibits = figures.discover()
    names = source_names(project, exhibits["drift-map"])
    assert names == [
        "ht_sim/experiments/drift_depth.py",
        "ht_sim/figures/drift_map.py",
        "ht_sim/figures/_drift_map_picture.py",
    ]
    assert source_names(project, exhibits["dropout-ridge"]) == [
        "ht_sim/experiments/dropout_ridge.py",
        "ht_sim/figures/dropout_ridge.py",
    ]
