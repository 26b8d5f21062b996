"""The real site, built once for all tests; a plugin that conftest.py names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ht_sim.command_line import Options
from ht_sim.stages import build

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real site in a folder of its own; what is known already is used."""
    out = tmp_path_factory.mktemp("real") / "site"
    assert build(ROOT, Options(out, None, 2, None)) == 0
    return out
