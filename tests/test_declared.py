"""A simulation reads what it is handed and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ht_sim.declared import declared_reads_only
from ht_sim.problems import Refused


def test_a_file_that_is_no_input_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("1 2 3")
    what = r"x\.py: simulate\(\) opens .*data\.csv, which is none"
    with (
        pytest.raises(Refused, match=what),
        declared_reads_only("x.py: simulate()"),
    ):
        np.loadtxt(path)
    assert path.read_text() == "1 2 3"


def test_modules_may_be_imported_meanwhile() -> None:
    with declared_reads_only("x"):
        import colorsys  # noqa: F401
        import wave  # noqa: F401


def test_files_are_free_again_when_it_failed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), declared_reads_only("x"):
        raise RuntimeError
    (tmp_path / "free").write_text("yes")
