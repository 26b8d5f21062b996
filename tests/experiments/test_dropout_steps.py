"""The film of training: crossings, and a short run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ht_sim.experiments import dropout_steps
from ht_sim.experiments.dropout_steps import simulate, steps_to, stopped
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"


@pytest.mark.parametrize(
    ("losses", "level", "where", "reached"),
    [
        ([1, 0.1, 0.01], 0.1, 10, True),
        ([1, 0.1, 0.01], 10**-0.5, 5, True),
        ([1, 0.1, 0.01], 0.001, 20, False),
        ([1, 0.1, 0.01], 2, 0, True),
        ([1, 0.1, 1], 0.1, 10, True),
        ([0.1, 1, 0.01], 0.02, 10 + 10 * np.log(50) / np.log(100), True),
    ],
)
def test_a_level_is_reached_on_a_straight_line_of_logarithms(
    losses: list[float], level: float, where: float, reached: bool
) -> None:
    found = steps_to(np.array([0, 10, 20]), np.array([losses, losses]), level)
    np.testing.assert_allclose(found[0], [where] * 2)
    assert found[1].tolist() == [reached] * 2


def test_stopping_asks_validation_and_takes_the_first() -> None:
    arrays = {
        "validation_error": np.array([[[[0.3, 0.1, 0.1], [0.2, 0.3, 0.1]]]]),
        "test_error": np.array([[[[0.5, 0.6, 0.4], [0.1, 0.2, 0.7]]]]),
    }
    assert stopped(arrays, (0, 0)).tolist() == [0.6, 0.7]


@pytest.fixture(scope="module")
def runs() -> dict[tuple[float, float], dict[str, np.ndarray]]:
    """Two repeats of 120 steps, of another seed than the site's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dropout_steps, "STEPS", 120)
        return {
            (share, rate): dict(
                simulate(
                    {"redrawn": share, "p_drop": rate},
                    streams_of_repeats(77, 2),
                    DIGITS.read_bytes(),
                )
            )
            for share, rate in ((0.0, 0.0), (0.0, 0.5), (0.2, 0.0))
        }


Runs = dict[tuple[float, float], dict[str, np.ndarray]]


def test_runs_start_alike_and_labels_alone_differ(runs: Runs) -> None:
    plain, half, noisy = runs.values()
    for name in ("training_loss", "validation_error", "test_loss"):
        np.testing.assert_array_equal(plain[name][:, 0], half[name][:, 0])
    np.testing.assert_array_equal(plain["test_loss"][:, 0], noisy["test_loss"][:, 0])
    assert (plain["training_loss"][:, 0] != noisy["training_loss"][:, 0]).all()


def test_dropout_lags_and_its_batches_lag_more(runs: Runs) -> None:
    plain, half, _ = runs.values()
    assert plain["steps"].tolist() == list(range(0, 121, 10))
    assert plain["batch_steps"][0] == 4.5
    assert (half["training_loss"][:, -1] > plain["training_loss"][:, -1]).all()
    assert (half["batch_loss"][:, -1] > half["training_loss"][:, -1]).all()
    assert not half["failed"].any()


def test_a_batch_loss_without_masks_is_near_that_of_all_examples(runs: Runs) -> None:
    plain = runs[0.0, 0.0]
    around = (plain["training_loss"][:, :-1] + plain["training_loss"][:, 1:]) / 2
    np.testing.assert_allclose(plain["batch_loss"], around, rtol=0.35)


def test_the_clean_network_learns_and_the_noisy_one_keeps_its_wrong_labels(
    runs: Runs,
) -> None:
    assert (runs[0.0, 0.0]["test_error"][:, -1] < 0.15).all()
    wrong = runs[0.2, 0.0]["training_error"][:, -1]
    assert ((wrong > 0.1) & (wrong < 0.3)).all()
