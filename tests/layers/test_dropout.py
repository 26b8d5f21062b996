from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.layers.dropout import (
    classic_dropout_backward,
    classic_dropout_eval,
    classic_dropout_train,
    inverted_dropout_backward,
    inverted_dropout_eval,
    inverted_dropout_train,
    keep_mask,
)
from tests.gradcheck import check_gradient

MASKS = 200_000
X = np.array([[1.0, -2.0, 3.0, 4.0]])
MASK = np.array([[True, False, True, False]])


def test_a_unit_is_kept_when_its_number_reaches_the_rate() -> None:
    mask = keep_mask(np.array([0.0, 0.29, 0.3, 0.99]), 0.3)
    np.testing.assert_array_equal(mask, [False, False, True, True])


def test_rate_zero_keeps_every_unit() -> None:
    assert keep_mask(np.array([0.0, 0.5]), 0).all()


def test_units_only_vanish_as_the_rate_grows(rng: np.random.Generator) -> None:
    uniforms = rng.random((50, 40))
    masks = [keep_mask(uniforms, rate) for rate in (0, 0.1, 0.3, 0.5, 0.9)]
    for lower, higher in pairwise(masks):
        assert (lower >= higher).all()
        assert lower.sum() > higher.sum()


def test_inverted_dropout_by_hand() -> None:
    y, cache = inverted_dropout_train(X, MASK, 0.75)
    np.testing.assert_array_equal(y, [[4, 0, 12, 0]])
    dx = inverted_dropout_backward(np.array([[1.0, 1, 2, 2]]), cache)
    np.testing.assert_array_equal(dx, [[4, 0, 8, 0]])
    np.testing.assert_array_equal(inverted_dropout_eval(X), X)


def test_classic_dropout_by_hand() -> None:
    y, cache = classic_dropout_train(X, MASK)
    np.testing.assert_array_equal(y, [[1, 0, 3, 0]])
    dx = classic_dropout_backward(np.array([[1.0, 1, 2, 2]]), cache)
    np.testing.assert_array_equal(dx, [[1, 0, 2, 0]])
    np.testing.assert_array_equal(classic_dropout_eval(X, 0.75), X / 4)


def test_a_dropped_unit_is_silent_even_when_it_is_infinite() -> None:
    x = np.array([np.inf, np.nan, 1.0])
    mask = np.array([False, False, True])
    np.testing.assert_array_equal(inverted_dropout_train(x, mask, 0.5)[0], [0, 0, 2])
    np.testing.assert_array_equal(classic_dropout_train(x, mask)[0], [0, 0, 1])


def test_the_two_forms_differ_by_the_keep_probability(
    rng: np.random.Generator,
) -> None:
    x, p_drop = rng.standard_normal((5, 8)), 0.3
    mask = keep_mask(rng.random(x.shape), p_drop)
    inverted, classic = (
        inverted_dropout_train(x, mask, p_drop)[0],
        classic_dropout_train(x, mask)[0],
    )
    np.testing.assert_allclose(classic, 0.7 * inverted, rtol=1e-14)
    np.testing.assert_allclose(
        classic_dropout_eval(x, p_drop), 0.7 * inverted_dropout_eval(x), rtol=1e-14
    )


def _many_masks(rng: np.random.Generator, p_drop: float) -> NDArray[np.bool_]:
    return keep_mask(rng.random((MASKS, X.size)), p_drop)


@pytest.mark.parametrize("p_drop", [0.1, 0.5, 0.9])
def test_the_mean_over_masks_is_the_unit_at_evaluation(
    rng: np.random.Generator, p_drop: float
) -> None:
    masks = _many_masks(rng, p_drop)
    inverted, _ = inverted_dropout_train(X, masks, p_drop)
    classic, _ = classic_dropout_train(X, masks)
    standard_error = np.abs(X[0]) * math.sqrt(p_drop / (1 - p_drop) / MASKS)
    deviation = inverted.mean(axis=0) - inverted_dropout_eval(X)[0]
    assert (np.abs(deviation) < 5 * standard_error).all()
    deviation = classic.mean(axis=0) - classic_dropout_eval(X, p_drop)[0]
    assert (np.abs(deviation) < 5 * (1 - p_drop) * standard_error).all()


@pytest.mark.parametrize("p_drop", [0.1, 0.5, 0.9])
def test_the_variance_over_masks_is_the_odds_of_dropping(
    rng: np.random.Generator, p_drop: float
) -> None:
    ones, _ = inverted_dropout_train(np.ones(4), _many_masks(rng, p_drop), p_drop)
    squares = (ones - 1) ** 2  # about the known mean
    standard_error = squares.std(axis=0, ddof=1) / math.sqrt(MASKS)
    deviation = squares.mean(axis=0) - p_drop / (1 - p_drop)
    assert (np.abs(deviation) <= 5 * standard_error + 1e-12).all()


def test_gradient_of_the_inverted_form(rng: np.random.Generator) -> None:
    x, dy = rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 4, 3))
    mask = keep_mask(rng.random(x.shape), 0.4)
    _, cache = inverted_dropout_train(x, mask, 0.4)
    check_gradient(
        lambda moved: float((inverted_dropout_train(moved, mask, 0.4)[0] * dy).sum()),
        [x],
        [inverted_dropout_backward(dy, cache)],
        rng,
    )


def test_gradient_of_the_classic_form(rng: np.random.Generator) -> None:
    x, dy = rng.standard_normal((2, 4, 3)), rng.standard_normal((2, 4, 3))
    mask = keep_mask(rng.random(x.shape), 0.4)
    _, cache = classic_dropout_train(x, mask)
    check_gradient(
        lambda moved: float((classic_dropout_train(moved, mask)[0] * dy).sum()),
        [x],
        [classic_dropout_backward(dy, cache)],
        rng,
    )


def test_float32_stays_float32_at_a_rate_from_a_grid() -> None:
    x, rate = X.astype(np.float32), np.linspace(0, 0.9, 10)[5]
    y, cache = inverted_dropout_train(x, MASK, rate)
    assert y.dtype == np.float32
    assert inverted_dropout_backward(y, cache).dtype == np.float32
    y, mask = classic_dropout_train(x, MASK)
    assert y.dtype == np.float32
    assert classic_dropout_backward(y, mask).dtype == np.float32
    assert classic_dropout_eval(x, rate).dtype == np.float32


@pytest.mark.parametrize("p_drop", [1.0, -0.1, 1.5, math.nan])
def test_a_rate_outside_zero_to_one_is_refused_by_name(p_drop: float) -> None:
    message = rf"p_drop must be in \[0, 1\), got {p_drop}$"
    with pytest.raises(ValueError, match=message):
        keep_mask(X, p_drop)
    with pytest.raises(ValueError, match=message):
        inverted_dropout_train(X, MASK, p_drop)
    with pytest.raises(ValueError, match=message):
        classic_dropout_eval(X, p_drop)
