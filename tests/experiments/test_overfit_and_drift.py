"""Four arms of one deep network: a short run, and what going on costs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ht_sim.experiments import overfit_and_drift
from ht_sim.experiments.overfit_and_drift import (
    RATE,
    SHOWN_STEPS,
    at_best,
    facts,
    place_of,
    simulate,
)
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"
Runs = dict[tuple[float, float], dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Two repeats of 40 steps, of another seed than the site's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overfit_and_drift, "SHOWN_STEPS", (0, 20, 40))
        return {
            (rate, norm): dict(
                simulate(
                    {"p_drop": rate, "batch_norm": norm},
                    streams_of_repeats(79, 2),
                    DIGITS.read_bytes(),
                )
            )
            for rate in (0.0, RATE)
            for norm in (0.0, 1.0)
        }


def test_the_arms_share_their_start_and_dropout_slows(runs: Runs) -> None:
    for norm in (0.0, 1.0):
        plain, slow = runs[0.0, norm], runs[RATE, norm]
        for name in ("deviation", "training_error", "test_error"):
            np.testing.assert_array_equal(plain[name][:, 0], slow[name][:, 0])
        ends = plain["training_error"][:, -1], slow["training_error"][:, -1]
        assert ends[1].mean() > ends[0].mean()


def test_the_signal_shrinks_unless_batch_norm_holds_it(runs: Runs) -> None:
    shrunken = runs[0.0, 0.0]["deviation"][:, 0]
    ratio = shrunken[:, 1:] / shrunken[:, :-1]
    np.testing.assert_allclose(ratio.mean(), 0.5**0.5, atol=0.06)
    np.testing.assert_allclose(runs[0.0, 1.0]["deviation"], 1, atol=0.1)


def test_counts_are_of_the_start_and_the_end(runs: Runs) -> None:
    counts = runs[0.0, 0.0]["counts"]
    assert counts.shape == (2, 2, 8, 64)
    assert (counts[:, 0].sum(axis=-1) == 400 * 100).all()
    middle = counts[:, :, -1, 31:33].sum(axis=-1)
    assert (middle[:, 0] > 0.97 * 400 * 100).all()  # 0.04 wide, bins of 1/8
    assert (middle[:, 1] < middle[:, 0]).all()


def test_of_the_wrong_labels_few_are_given_by_chance_and_most_are_learnt(
    runs: Runs,
) -> None:
    for run in runs.values():
        assert (run["learnt"][:, 0] < 0.4).all()  # a tenth by chance
    fast, slow = runs[0.0, 1.0], runs[RATE, 0.0]
    assert (fast["learnt"][:, -1] > slow["learnt"][:, -1] + 0.15).all()
    assert (fast["learnt"] <= 1).all()


def test_the_best_step_is_the_first_at_which_validation_is_lowest() -> None:
    validation = np.array([[0.3, 0.1, 0.1, 0.2], [0.4, 0.3, 0.2, 0.1]])
    test = np.array([[0.5, 0.2, 0.1, 0.4], [0.1, 0.2, 0.3, 0.4]])
    np.testing.assert_array_equal(at_best(validation, test), [0.2, 0.4])


def test_facts_compare_the_arm_named_first_with_the_second() -> None:
    shape = (2, 2, 2, len(SHOWN_STEPS))
    test = np.full(shape, 0.2)
    test[1, 0, :, -1], test[0, 1, :, -1] = 0.1, 0.3
    validation = np.full(shape, 0.4)
    validation[..., 3], validation[1, 0, :, -1] = 0.1, 0
    learnt = np.zeros(shape)
    learnt[0, 1, :, -1] = 0.75
    deviation = np.ones((*shape, 8))
    deviation[0, 0, :, -1, 7] = 10
    found = facts(
        {
            "p_drop": np.array([0.0, RATE]),
            "batch_norm": np.array([0.0, 1.0]),
            "deviation": deviation,
            "finite": np.ones(shape, dtype=bool),
            "training_error": test,
            "learnt": learnt,
            "validation_error": validation,
            "test_error": test,
            "did_not_train": np.zeros(shape[:3], dtype=bool),
        }
    )
    assert found["test_dropout_against_neither"].value == pytest.approx(-10)
    assert found["test_both_against_bn"].value == pytest.approx(-10)
    assert found["test_both_against_neither"].value == pytest.approx(0)
    assert found["test_bn_against_neither"].value == pytest.approx(10)
    assert found["drift_bn_against_neither"].value == pytest.approx(-1)
    assert found["change_neither"].value == pytest.approx(10)
    assert found["widening_neither"].value == pytest.approx(10)
    assert found["widening_bn"].value == pytest.approx(1)
    assert found["learnt_bn"].value == pytest.approx(0.75)
    assert found["learnt_neither"].value == 0
    assert found["gain_of_dropout"].value == pytest.approx(10)
    assert found["best_step_neither"].value == SHOWN_STEPS[3]
    assert found["best_step_dropout"].value == SHOWN_STEPS[-1]
    assert found["best_dropout_against_neither"].value == pytest.approx(-10)
    assert found["best_bn_against_neither"].value == pytest.approx(0)
    assert found["rise_bn"].value == pytest.approx(10)
    assert found["rise_dropout"].value == pytest.approx(0)


def test_every_arm_has_its_place() -> None:
    axes = {"p_drop": np.array([0.0, RATE]), "batch_norm": np.array([0.0, 1.0])}
    found = [place_of(axes, arm) for arm in ("neither", "dropout", "bn", "both")]
    assert found == [(0, 0), (1, 0), (0, 1), (1, 1)]
