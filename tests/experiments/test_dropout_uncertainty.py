"""Passes as curves: their summary, the examples, and what the rate does."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.experiments.dropout_uncertainty import (
    INPUTS,
    REGIONS,
    _examples,
    facts,
    simulate,
    summary,
    truth,
)
from ht_sim.streams import streams_of_repeats


def curves(*offsets: float) -> np.ndarray:
    """One repeat whose passes are the truth, moved by each offset."""
    return np.stack([truth(INPUTS) + one for one in offsets])[np.newaxis]


@pytest.mark.parametrize(
    ("offsets", "spread", "covered", "miss"),
    [
        ((-1, 1), 2**0.5, 1, 0),
        ((0, 2), 2**0.5, 1, 1),
        ((1, 3), 2**0.5, 1, 2),
        ((2, 4), 2**0.5, 0, 3),
        ((0.5, 0.5, 0.5), 0, 0, 0.5),
    ],
)
def test_spread_coverage_and_miss_of_passes_known_by_hand(
    offsets: tuple[float, ...], spread: float, covered: float, miss: float
) -> None:
    found = summary(curves(*offsets))
    np.testing.assert_allclose(found["spread"], spread, atol=1e-12)
    np.testing.assert_allclose(found["region_spread"], [[spread] * 3], atol=1e-12)
    np.testing.assert_allclose(found["covered"], [[covered] * 3])
    np.testing.assert_allclose(found["miss"], [[miss] * 3], atol=1e-12)


def test_regions_are_apart_and_where_they_are_said_to_be() -> None:
    parts = np.stack(list(REGIONS.values()))
    assert parts.sum(axis=0).max() == 1
    gap = INPUTS[REGIONS["gap"]]
    assert (gap.min(), gap.max()) == pytest.approx((-0.75, 0.75))
    assert np.abs(INPUTS[REGIONS["outside"]]).min() == pytest.approx(2.5)
    inside = np.abs(INPUTS[REGIONS["inside"]])
    assert (inside.min(), inside.max()) == pytest.approx((1, 2))


def test_examples_lie_in_two_clusters_around_the_truth() -> None:
    x, y = _examples(streams_of_repeats(5, 8))
    assert ((np.abs(x) >= 1) & (np.abs(x) <= 2)).all()
    assert (x[:, :20] > 0).sum(axis=1).tolist() == [10] * 8
    gap = y - truth(x)
    assert abs(gap.mean()) < 4 * 0.1 / np.sqrt(gap.size)
    assert abs(gap.std() - 0.1) < 4 * 0.1 / np.sqrt(2 * gap.size)


@pytest.mark.parametrize("tanh", [0.0, 1.0])
def test_passes_agree_without_dropout_and_scatter_with_it(tanh: float) -> None:
    none, some, half = (
        simulate(
            {"tanh": tanh, "examples": 80.0, "p_drop": p}, streams_of_repeats(5, 2)
        )
        for p in (0.0, 0.1, 0.5)
    )
    np.testing.assert_allclose(none["region_spread"], 0, atol=1e-5)
    assert (none["miss"][:, 0] < 0.1).all()
    assert (some["miss"][:, 0] < 0.2).all()
    assert (half["region_spread"][:, 0] > some["region_spread"][:, 0]).all()
    np.testing.assert_array_equal(none["y"], half["y"])


def test_ratios_are_taken_repeat_by_repeat_and_in_the_right_place() -> None:
    rates, repeats = (0.05, 0.1, 0.2, 0.5), 4
    spread = np.ones((2, 3, len(rates), repeats, 3))
    level = np.array([1.0, 2.0, 3.0, 4.0])
    spread[0, 0, 1] = level[:, np.newaxis] * (1, 1.5, 2)  # 20 examples, rate 0.1
    spread[0, 2, 1, :, 0] = 0.25 * level  # 320 examples
    spread[0, 2, 3, :, 0] = 3 * level
    spread[0, 2, 0, :, 0] = level
    arrays = {
        "examples": np.array([20, 80, 320]),
        "p_drop": np.array(rates),
        "region_spread": spread,
        "covered": np.broadcast_to([1, 0.5, 0.25], spread.shape),
    }
    found = facts(arrays)
    exact = {
        "relu_gap_10": 1.5,
        "relu_outside_10": 2,
        "relu_more_data": 0.25,
        "relu_rate": 3,
        "relu_covered_gap_20": 0.5,
        "tanh_covered_outside_320": 0.25,
    }
    for name, value in exact.items():
        assert found[name].low == pytest.approx(value)
        assert found[name].high == pytest.approx(value)
