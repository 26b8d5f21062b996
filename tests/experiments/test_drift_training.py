"""What layers get as a deep network trains: a short, shallow run, and its facts."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ht_sim.experiments import drift_training
from ht_sim.experiments.drift_training import SETTINGS, facts, ratio_at_start, simulate
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"
Runs = dict[tuple[float, float], dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Two repeats of 30 steps through 6 layers, of another seed than the site's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drift_training, "LAYERS", 6)
        patch.setattr(drift_training, "SHOWN_LAYERS", (1, 6))
        patch.setattr(drift_training, "SHOWN_STEPS", (0, 10, 30))
        return {
            (setting, norm): dict(
                simulate(
                    {"setting": setting, "batch_norm": norm},
                    streams_of_repeats(78, 2),
                    DIGITS.read_bytes(),
                )
            )
            for setting, norm in ((1.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 1.0))
        }


def test_the_gain_multiplies_the_same_weights(runs: Runs) -> None:
    ratio = runs[2.0, 0.0]["deviation"][:, 0] / runs[1.0, 0.0]["deviation"][:, 0]
    gains = SETTINGS[2.0].gain ** np.arange(1, 7)
    np.testing.assert_allclose(ratio, np.tile(gains, (2, 1)), rtol=1e-5)


def test_batch_norm_starts_at_one_at_either_gain(runs: Runs) -> None:
    for setting in (1.0, 2.0):
        deviation = runs[setting, 1.0]["deviation"][:, 0]
        np.testing.assert_allclose(deviation, 1, atol=1e-3)
    shrunken = runs[1.0, 0.0]["deviation"][:, 0]
    assert (shrunken[:, -1] < shrunken[:, 0] / 2).all()


def test_counts_hold_the_values_within_the_bins(runs: Runs) -> None:
    counts = runs[2.0, 1.0]["counts"]
    assert counts.shape == (2, 3, 2, 48)
    shares = counts.sum(axis=-1) / (400 * 64)
    assert (shares <= 1).all()
    assert (shares > 0.99).all()


def test_training_lowers_the_loss_and_the_error(runs: Runs) -> None:
    for run in (runs[1.0, 1.0], runs[2.0, 1.0], runs[2.0, 0.0]):
        assert run["finite"].all()
        assert (run["loss"][:, -1] < run["loss"][:, 0]).all()
        assert (run["test_error"][:, -1] < run["test_error"][:, 0]).all()


def arrays() -> dict[str, np.ndarray]:
    """Two repeats; the last of 2 layers ends 8 and 2 times as wide without norms."""
    shape = (3, 2, 2, 10)
    deviation = np.ones((*shape, 2))
    deviation[:, 0, 0, -1, 1], deviation[:, 0, 1, -1, 1] = 8, 0.5
    error = np.full(shape, 0.3)
    error[:, 1, :, -1] = 0.1
    return {
        "setting": np.array([1.0, 2.0, 3.0]),
        "batch_norm": np.array([0.0, 1.0]),
        "deviation": deviation,
        "eval_deviation": 5 * deviation,
        "largest": 7 * np.ones(shape),
        "finite": np.ones(shape, dtype=bool),
        "test_error": error,
        "did_not_train": np.array([[[True, False], [False, False]]] * 3),
    }


def test_layers_are_compared_before_the_first_step_by_geometric_means() -> None:
    deviation = np.ones((2, 2, 3))
    deviation[:, 0, 1] = 0.5, 2.0  # its geometric mean is 1
    deviation[:, 0, 2] = 3.0, 12.0
    deviation[:, 1] = 100.0
    assert ratio_at_start(deviation) == pytest.approx(6.0)


def test_facts_tell_the_change_and_its_gap() -> None:
    found = facts(arrays())
    assert found["change_he_slow_without"].value == pytest.approx(4)
    assert found["change_he_slow_bn"].value == pytest.approx(1)
    assert found["gap_he_slow"].value == pytest.approx(math.log10(4))
    assert found["gap_he_slow"].paired
    assert found["error_gap_xavier"].value == pytest.approx(-20)
    assert found["not_trained_he_fast_without"].value == 1
    assert found["last_layer_end_xavier_without"].value == pytest.approx(2)
    assert found["lagging_he_fast_10"].value == pytest.approx(5)
    assert found["bn_most"].value == 1


def test_a_run_that_overflows_is_told_at_its_last_finite_record() -> None:
    changed = arrays()
    changed["finite"][2, 0, 0, -1] = False
    changed["deviation"][2, 0, 0, -1] = 0
    found = facts(changed)
    assert found["overflowed_he_fast_without"].value == 1
    assert found["last_layer_end_he_fast_without"].value == pytest.approx(0.5**0.5)
