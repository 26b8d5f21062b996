from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ht_sim.layers import activations
from tests.gradcheck import check_gradient

PAIRS = [
    pytest.param(activations.relu_forward, activations.relu_backward, id="relu"),
    pytest.param(activations.tanh_forward, activations.tanh_backward, id="tanh"),
    pytest.param(
        activations.sigmoid_forward, activations.sigmoid_backward, id="sigmoid"
    ),
]
Forward = Callable[[Any], Any]
Backward = Callable[[Any, Any], Any]


def test_relu_by_hand() -> None:
    y, cache = activations.relu_forward(np.array([-2.0, 0.0, 3.0]))
    np.testing.assert_array_equal(y, [0, 0, 3])
    dx = activations.relu_backward(np.array([5.0, 6.0, 7.0]), cache)
    np.testing.assert_array_equal(dx, [0, 0, 7])


def test_tanh_by_hand() -> None:
    y, cache = activations.tanh_forward(np.array([0.0, np.log(2)]))
    np.testing.assert_allclose(y, [0, 0.6], rtol=1e-15)
    dx = activations.tanh_backward(np.array([2.0, 1.0]), cache)
    np.testing.assert_allclose(dx, [2, 0.64], rtol=1e-15)


def test_sigmoid_by_hand() -> None:
    y, cache = activations.sigmoid_forward(np.array([0.0, np.log(3), -np.log(3)]))
    np.testing.assert_allclose(y, [0.5, 0.75, 0.25], rtol=1e-15)
    dx = activations.sigmoid_backward(np.array([4.0, 16.0, 1.0]), cache)
    np.testing.assert_allclose(dx, [1, 3, 0.1875], rtol=1e-15)


def test_sigmoid_of_extreme_numbers_neither_overflows_nor_loses_its_tail() -> None:
    y, _ = activations.sigmoid_forward(np.array([-1000.0, -40.0, 1000.0]))
    np.testing.assert_allclose(y, [0, np.exp(-40.0), 1], rtol=1e-14)


def test_tanh_is_a_stretched_sigmoid(rng: np.random.Generator) -> None:
    x = rng.standard_normal(100)
    y, _ = activations.sigmoid_forward(2 * x)
    np.testing.assert_allclose(activations.tanh_forward(x)[0], 2 * y - 1, atol=1e-15)


def test_relu_does_not_mind_a_positive_scale(rng: np.random.Generator) -> None:
    x = rng.standard_normal(100)
    np.testing.assert_array_equal(
        activations.relu_forward(4 * x)[0], 4 * activations.relu_forward(x)[0]
    )


@pytest.mark.parametrize(("forward", "backward"), PAIRS)
def test_gradient(
    rng: np.random.Generator, forward: Forward, backward: Backward
) -> None:
    x = rng.standard_normal((2, 4, 3))
    y, cache = forward(x)
    dy = rng.standard_normal(y.shape)
    check_gradient(
        lambda moved: float((forward(moved)[0] * dy).sum()),
        [x],
        [backward(dy, cache)],
        rng,
    )


@pytest.mark.parametrize(("forward", "backward"), PAIRS)
def test_float32_stays_float32(forward: Forward, backward: Backward) -> None:
    y, cache = forward(np.array([[-1.0, 2.0]], dtype=np.float32))
    assert y.dtype == np.float32
    assert backward(y, cache).dtype == np.float32
