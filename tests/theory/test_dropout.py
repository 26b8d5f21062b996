from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.layers.dropout import inverted_dropout_train, keep_mask
from ht_sim.theory import dropout, normal


def _all_masks(
    units: int, p_drop: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Every mask of some units, (2^units, units), and how probable each is."""
    masks = np.array(list(itertools.product([False, True], repeat=units)))
    kept = masks.sum(axis=1)
    return masks, (1 - p_drop) ** kept * p_drop ** (units - kept)


@pytest.mark.parametrize("p_drop", [0, 0.3, 0.9])
def test_unit_and_readout_against_every_mask(
    rng: np.random.Generator, p_drop: float
) -> None:
    x, weights = rng.standard_normal(6), rng.standard_normal(6)
    masks, probability = _all_masks(6, p_drop)
    units, _ = inverted_dropout_train(x, masks, p_drop)  # (64, 6)
    readout = units @ weights  # (64,)
    mean = probability @ units
    np.testing.assert_allclose(dropout.inverted_dropout_mean(x), mean, rtol=1e-12)
    np.testing.assert_allclose(
        dropout.inverted_dropout_variance(x, p_drop),
        probability @ (units - mean) ** 2,
        rtol=1e-12,
        atol=1e-28,
    )
    mean = probability @ readout
    np.testing.assert_allclose(
        dropout.inverted_dropout_readout_mean(weights, x), mean, rtol=1e-11
    )
    np.testing.assert_allclose(
        dropout.inverted_dropout_readout_variance(weights, x, p_drop),
        probability @ (readout - mean) ** 2,
        rtol=1e-12,
        atol=1e-28,
    )


@pytest.mark.parametrize("p_drop", [0, 0.3, 0.9])
def test_ridge_loss_against_every_mask(rng: np.random.Generator, p_drop: float) -> None:
    x, y, weights = rng.random((3, 2)), rng.random(3), rng.random(2)
    masks, probability = _all_masks(6, p_drop)
    dropped, _ = inverted_dropout_train(x, masks.reshape(-1, 3, 2), p_drop)
    losses = ((y - dropped @ weights) ** 2).sum(axis=-1)  # (64,)
    assert dropout.dropout_ridge_loss(x, y, weights, p_drop) == pytest.approx(
        probability @ losses, rel=1e-12
    )


@pytest.mark.parametrize("p_drop", [0, 0.3, 0.9])
def test_ridge_solution_is_the_bottom_of_the_loss(
    rng: np.random.Generator, p_drop: float
) -> None:
    x, y = rng.standard_normal((20, 4)), rng.standard_normal(20)
    best = dropout.dropout_ridge_solution(x, y, p_drop)
    lowest = dropout.dropout_ridge_loss(x, y, best, p_drop)
    direction = rng.standard_normal(4)
    ahead, behind = (
        dropout.dropout_ridge_loss(x, y, best + h * direction, p_drop)
        for h in (1e-3, -1e-3)
    )
    assert ahead > lowest < behind
    assert ahead == pytest.approx(behind, rel=1e-12)  # a parabola about the bottom


def test_ridge_at_rate_zero_is_least_squares(rng: np.random.Generator) -> None:
    x, y = rng.standard_normal((20, 4)), rng.standard_normal(20)
    np.testing.assert_allclose(
        dropout.dropout_ridge_solution(x, y, 0), np.linalg.lstsq(x, y)[0], rtol=1e-10
    )


def test_ridge_by_hand() -> None:
    x, y = np.array([[2.0], [0.0]]), np.array([3.0, 1.0])
    np.testing.assert_allclose(dropout.dropout_ridge_solution(x, y, 0.5), [6 / 8])


def test_a_wider_sum_of_dropped_units_comes_nearer_to_the_normal() -> None:
    """The sum of n equal units counts the kept ones, so its mean is known exactly."""
    p_drop, deviations = 0.3, []
    for n in (10, 40, 160):
        kept = np.arange(n + 1)
        ways = np.array([math.comb(n, int(k)) for k in kept], dtype=np.float64)
        probability = ways * (1 - p_drop) ** kept * p_drop ** (n - kept)
        sums = (kept / (1 - p_drop) - n) / math.sqrt(n)  # mean 0
        spread = math.sqrt(
            dropout.inverted_dropout_readout_variance(
                np.full(n, 1 / math.sqrt(n)), np.ones(n), p_drop
            )
        )
        exact = probability @ np.maximum(sums, 0)
        deviations.append(abs(normal.rectified_normal_mean(0, spread) / exact - 1))
    assert deviations[0] > 2 * deviations[1] > 4 * deviations[2]
    assert deviations[2] < 0.002


def test_standard_error_of_a_mean_over_masks(rng: np.random.Generator) -> None:
    weights, x, masks, repeats = rng.random(5), rng.random(5), 25, 20_000
    uniforms = rng.random((repeats, masks, 5))
    dropped, _ = inverted_dropout_train(x, keep_mask(uniforms, 0.4), 0.4)
    means = (dropped @ weights).mean(axis=1)  # (repeats,)
    sigma = math.sqrt(dropout.inverted_dropout_readout_variance(weights, x, 0.4))
    expected = dropout.mask_mean_standard_error(sigma, masks)
    assert expected == pytest.approx(sigma / 5)
    standard_error = expected / math.sqrt(2 * repeats)
    assert abs(means.std(ddof=1) - expected) < 5 * standard_error


@pytest.mark.parametrize("p_drop", [1.0, -0.1, math.nan])
def test_a_rate_out_of_range_is_refused(p_drop: float) -> None:
    message = rf"p_drop must be in \[0, 1\), got {p_drop}$"
    x = np.ones((2, 1))
    with pytest.raises(ValueError, match=message):
        dropout.inverted_dropout_variance(1.0, p_drop)
    with pytest.raises(ValueError, match=message):
        dropout.inverted_dropout_readout_variance(1.0, x, p_drop)
    with pytest.raises(ValueError, match=message):
        dropout.dropout_ridge_solution(x, x[:, 0], p_drop)
    with pytest.raises(ValueError, match=message):
        dropout.dropout_ridge_loss(x, x[:, 0], x[0], p_drop)


def test_impossible_noise_and_masks_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must not be negative, got -0\.5"):
        normal.rectified_normal_mean([0.0, 1.0], [1.0, -0.5])
    with pytest.raises(ValueError, match="masks must be at least 1, got 0"):
        dropout.mask_mean_standard_error(1.0, 0)


def test_every_mask_stands_once_with_its_probability() -> None:
    masks, probabilities = dropout.every_mask(3, 0.2)
    assert len({tuple(mask) for mask in masks}) == 8
    by_kept = {0: 0.008, 1: 0.032, 2: 0.128, 3: 0.512}
    np.testing.assert_allclose(probabilities, [by_kept[m.sum()] for m in masks])


def test_every_mask_at_the_ends() -> None:
    masks, probabilities = dropout.every_mask(0, 0.5)
    assert masks.shape == (1, 0)
    np.testing.assert_array_equal(probabilities, [1])
    masks, probabilities = dropout.every_mask(2, 0)
    np.testing.assert_array_equal(probabilities @ masks, [1, 1])
    with pytest.raises(ValueError, match="from 0 to 20, got 21"):
        dropout.every_mask(21, 0.5)
    with pytest.raises(ValueError, match="p_drop"):
        dropout.every_mask(2, 1.0)


def test_normalised_geometric_mean_by_hand() -> None:
    predictions = np.array([[0.5, 0.5], [0.9, 0.1]])
    mean = dropout.normalised_geometric_mean(np.log(predictions), np.array([0.5, 0.5]))
    np.testing.assert_allclose(mean, [0.75, 0.25])  # √0.45 to √0.05 is 3 to 1


def test_normalised_geometric_mean_of_opposite_predictions_stays_finite() -> None:
    logs = np.array([[0.0, -3000.0], [-3000.0, 0.0]])
    mean = dropout.normalised_geometric_mean(logs, np.array([0.5, 0.5]))
    np.testing.assert_array_equal(mean, [0.5, 0.5])
