"""The real site, built once for all tests; a plugin that conftest.py names."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_BUILD = pytest.StashKey[
    tuple[tempfile.TemporaryDirectory[str], subprocess.Popen[bytes]]
]()
_FIGURE = re.compile(r"^:::\{figure\} (\S+)", re.MULTILINE)


def figures_by_page() -> dict[str, list[str]]:
    """Return the slugs of the figures of each page that shows some, in their order."""
    pages = sorted((ROOT / "content").glob("*.md"))
    shown = {one.stem: _FIGURE.findall(one.read_text("utf-8")) for one in pages}
    return {slug: figures for slug, figures in shown.items() if figures}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to build the real site, beside the first tests, if any test asks for it."""
    asked = any("site" in getattr(one, "fixturenames", ()) for one in session.items)
    if not asked or session.config.option.collectonly:
        return
    folder = tempfile.TemporaryDirectory(prefix="real-site-")
    out = Path(folder.name) / "site"
    command = [sys.executable, ROOT / "build.py", "stages", "--out", out, "--jobs", "2"]
    with said_in(folder).open("w", encoding="utf-8") as said:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT
        )
    session.config.stash[_BUILD] = folder, process


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the build if it still runs, and remove what it made."""
    if _BUILD in config.stash:
        folder, process = config.stash[_BUILD]
        process.terminate()
        process.wait()
        folder.cleanup()


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Path:
    """The real site in a folder of its own; what is known already is used."""
    folder, process = request.config.stash[_BUILD]
    assert process.wait() == 0, said_in(folder).read_text("utf-8")
    return Path(folder.name) / "site"


def said_in(folder: tempfile.TemporaryDirectory[str]) -> Path:
    """Return the file that has what the build prints."""
    return Path(folder.name) / "said.txt"
