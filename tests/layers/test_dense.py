from __future__ import annotations

import numpy as np
import pytest

from ht_sim.layers.dense import dense_backward, dense_forward
from tests.gradcheck import check_gradient


def test_each_output_is_a_weighted_sum_and_a_bias() -> None:
    y, _ = dense_forward(
        np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]), np.array([0.5, -1])
    )
    np.testing.assert_array_equal(y, [[13.5, 15.0]])


def test_examples_do_not_see_one_another(rng: np.random.Generator) -> None:
    x, weights, bias = rng.random((5, 3)), rng.random((3, 2)), rng.random(2)
    y, _ = dense_forward(x, weights, bias)
    x[1:] = 0
    again, _ = dense_forward(x, weights, bias)
    np.testing.assert_allclose(again[0], y[0], rtol=1e-14)


@pytest.mark.parametrize(
    ("x_shape", "weights_shape", "bias_shape"),
    [
        ((4, 3), (3, 5), (5,)),
        ((2, 4, 3), (2, 3, 5), (2, 5)),
        ((4, 3), (2, 3, 5), (2, 5)),  # networks that share their inputs
        ((2, 4, 3), (3, 5), (5,)),  # inputs that share their weights
        ((6, 2, 4, 3), (2, 3, 5), (6, 1, 5)),
    ],
)
def test_gradient(
    rng: np.random.Generator,
    x_shape: tuple[int, ...],
    weights_shape: tuple[int, ...],
    bias_shape: tuple[int, ...],
) -> None:
    values = [rng.standard_normal(s) for s in (x_shape, weights_shape, bias_shape)]
    y, cache = dense_forward(*values)
    dy = rng.standard_normal(y.shape)
    check_gradient(
        lambda *moved: float((dense_forward(*moved)[0] * dy).sum()),
        values,
        dense_backward(dy, cache),
        rng,
    )


def test_a_stack_equals_its_networks_one_by_one(rng: np.random.Generator) -> None:
    x, weights, bias = rng.random((3, 4, 5)), rng.random((3, 5, 2)), rng.random((3, 2))
    y, cache = dense_forward(x, weights, bias)
    dy = rng.random(y.shape)
    gradients = dense_backward(dy, cache)
    for i in range(3):
        y_alone, cache_alone = dense_forward(x[i], weights[i], bias[i])
        np.testing.assert_allclose(y[i], y_alone, rtol=1e-13)
        alone = dense_backward(dy[i], cache_alone)
        for stacked, single in zip(gradients, alone, strict=True):
            np.testing.assert_allclose(stacked[i], single, rtol=1e-13)


def test_float32_stays_float32() -> None:
    one = np.ones((2, 2), dtype=np.float32)
    y, cache = dense_forward(one, one, one[0])
    assert y.dtype == np.float32
    assert {g.dtype for g in dense_backward(y, cache)} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("weights_shape", "bias_shape"), [((4, 2), (2,)), ((3, 2), (1,))]
)
def test_shapes_that_do_not_fit_are_named(
    weights_shape: tuple[int, ...], bias_shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"got \(1, 3\), \(\d, 2\) and \(\d,\)"):
        dense_forward(np.zeros((1, 3)), np.zeros(weights_shape), np.zeros(bias_shape))
