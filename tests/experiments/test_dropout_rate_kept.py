"""Width grows with the rate, and the two networks meet where it is the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ht_sim.experiments.dropout_rate import ARRAYS, RATES, REDRAWN
from ht_sim.experiments.dropout_rate_kept import facts, hidden_units, simulate
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"


def test_as_many_units_are_kept_at_every_rate() -> None:
    assert [hidden_units(rate) for rate in (0.0, 0.5, 0.8, 0.9)] == [64, 128, 320, 640]
    for rate in RATES:
        assert abs((1 - rate) * hidden_units(rate) - 64) <= 0.5


def run(p_drop: float, kept: float) -> dict[str, np.ndarray]:
    """Run two repeats with clean labels."""
    point = {"p_drop": p_drop, "kept": kept, "redrawn": 0.0}
    return dict(simulate(point, streams_of_repeats(5, 2), DIGITS.read_bytes()))


def test_the_two_are_one_network_at_a_half_and_differ_elsewhere() -> None:
    fixed, kept = run(0.5, 0.0), run(0.5, 1.0)
    for name in ARRAYS:
        np.testing.assert_array_equal(fixed[name], kept[name])
    fixed, kept = run(0.8, 0.0), run(0.8, 1.0)
    assert (kept["training_error"] < fixed["training_error"]).all()


def test_facts_tell_networks_and_labels_apart() -> None:
    shape = (len(RATES), 2, len(REDRAWN), 3)
    rates = np.array(RATES).reshape(-1, 1, 1, 1)
    kept = np.array([0, 1]).reshape(1, 2, 1, 1)
    redrawn = np.array([0, 1]).reshape(1, 1, 2, 1)
    errors = 0.1 + 0.4 * rates - 0.2 * rates * kept + 0.1 * redrawn * kept
    arrays = {name: np.zeros(shape) for name in ARRAYS} | {
        "test_error": np.broadcast_to(errors, shape),
        "did_not_train": np.broadcast_to((rates == 0.9) & (kept == 1), shape),
        "p_drop": np.array(RATES),
        "redrawn": np.array(tuple(REDRAWN.values())),
    }
    found = facts(arrays)
    assert found["fixed_80_clean"].value == pytest.approx(0.42)
    assert found["kept_80_clean"].value == pytest.approx(0.26)
    assert found["change_80_clean"].value == pytest.approx(-16)
    assert found["change_80_redrawn"].value == pytest.approx(-6)
    assert found["high_clean"].value == pytest.approx(16)
    assert found["did_not_train_90_redrawn"].value == 3
    assert found["did_not_train_80_redrawn"].value == 0
