"""What the README tells an author to write works as it stands, in three files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.test_build import ROOT, copied, run, tree

README = (ROOT / "README.md").read_text(encoding="utf-8")
FOLDERS = ("mini/experiments", "mini/figures", "content")


def examples() -> list[tuple[str, str]]:
    """Return the files of the README: their names and texts."""
    fenced = r"`([\w-]+\.(?:py|md))`:\n\n```(?:python|markdown)\n(.*?)```"
    return re.findall(fenced, README, re.DOTALL)


def test_the_example_of_the_readme_is_three_files_that_build(tmp_path: Path) -> None:
    root = copied(tmp_path / "mini")
    shutil.copy(ROOT / "content" / "references.bib", root / "content" / "real.bib")
    with (root / "content" / "references.bib").open("a") as file:
        file.write((root / "content" / "real.bib").read_text())
    written = examples()
    assert len(written) == 3
    for folder, (name, text) in zip(FOLDERS, written, strict=True):
        (root / folder / name).write_text(text)
    done = run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    page = tree(root)["half-normal.html"].decode()
    assert 'data-control="draws"' in page
    assert "95 % interval".replace(" ", "\N{NARROW NO-BREAK SPACE}", 1) in page


def test_the_code_of_the_readme_keeps_the_rules(tmp_path: Path) -> None:
    for place, (name, text) in enumerate(examples()):
        if name.endswith(".py"):
            path = tmp_path / f"example_{place}.py"
            path.write_text(text)
            for command in (["check"], ["format", "--check"]):
                settings = ["--config", str(ROOT / "pyproject.toml")]
                done = subprocess.run(
                    [sys.executable, "-m", "ruff", *command, *settings, str(path)],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 0, done.stdout


def test_the_readme_says_what_each_dependency_is_for() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for name in re.findall(r'^    "([\w-]+)>=', pyproject, re.MULTILINE):
        assert name in README or (name.startswith("types-") and "types-…" in README), (
            name
        )
