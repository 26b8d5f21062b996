"""The real site, built once for all tests; a plugin that conftest.py names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ht_sim.command_line import Options
from ht_sim.stages import build

ROOT = Path(__file__).resolve().parents[1]
_FIGURE = re.compile(r"^:::\{figure\} (\S+)", re.MULTILINE)


def figures_by_page() -> dict[str, list[str]]:
    """Return the slugs of the figures of each page that shows some, in their order."""
    pages = sorted((ROOT / "content").glob("*.md"))
    shown = {one.stem: _FIGURE.findall(one.read_text("utf-8")) for one in pages}
    return {slug: figures for slug, figures in shown.items() if figures}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site in a folder of its own; what is known already is used."""
    out = tmp_path_factory.mktemp("real") / "site"
    assert build(ROOT, Options(out, None, 2, None)) == 0
    return out
