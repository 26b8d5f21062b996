"""Every source that code names is in the bibliography."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SECTION = re.compile(r"^( *)Source\n\1------\n((?:\1[^\s\"].*\n)+)", re.MULTILINE)
KEYS = set(
    re.findall(
        r"^@\w+\{([^,\s]+),",
        (ROOT / "content" / "references.bib").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
)


def sources(path: Path) -> list[str]:
    """Return the keys that the docstrings of a file name."""
    text = path.read_text(encoding="utf-8")
    lines = [line for _, block in SECTION.findall(text) for line in block.splitlines()]
    entries = [entry for line in lines for entry in line.split(";")]
    return [entry.strip().partition(",")[0] for entry in entries if entry.strip()]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "ht_sim").rglob("*.py")), ids=lambda path: path.stem
)
def test_sources_resolve(path: Path) -> None:
    assert [key for key in sources(path) if key not in KEYS] == []


def test_the_sections_are_found() -> None:
    assert "srivastava2014" in sources(ROOT / "ht_sim" / "theory" / "dropout.py")
