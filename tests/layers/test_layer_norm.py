from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.layers.layer_norm import layer_norm_backward, layer_norm_forward
from ht_sim.layers.rms_norm import rms_norm_backward, rms_norm_forward
from tests.gradcheck import check_gradient

Array = NDArray[np.float64]


def _layer(x: Array, eps: float = 0.0) -> Array:
    gain = np.ones((*x.shape[:-2], x.shape[-1]))
    return np.asarray(layer_norm_forward(x, gain, 0 * gain, eps=eps)[0])


def _rms(x: Array, eps: float = 0.0) -> Array:
    gain = np.ones((*x.shape[:-2], x.shape[-1]))
    return np.asarray(rms_norm_forward(x, gain, eps=eps)[0])


def test_an_example_by_hand() -> None:
    x = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 3.0]])
    y, _ = layer_norm_forward(x, np.array([1, 2, 1.0]), np.array([0, 5.0, 0]), eps=0)
    np.testing.assert_allclose(y[0], [-np.sqrt(1.5), 5, np.sqrt(1.5)])
    y, _ = rms_norm_forward(np.array([[3.0, 4.0]]), np.array([1.0, 10.0]), eps=0)
    np.testing.assert_allclose(y, [[3 / np.sqrt(12.5), 40 / np.sqrt(12.5)]])


def test_eps_stands_beside_the_variance() -> None:
    x = np.array([[1.0, 3.0]])
    np.testing.assert_allclose(_layer(x, eps=3.0), [[-0.5, 0.5]])
    np.testing.assert_allclose(_rms(x, eps=4.0), x / 3)


@pytest.mark.parametrize(
    ("x_stack", "gain_stack", "bias_stack"),
    [
        ((), (), ()),
        ((2,), (2,), (2,)),
        ((2,), (), ()),  # inputs that share their gain and bias
        ((), (2,), (2,)),  # networks that share their inputs
        ((6, 2), (2,), (6, 1)),
    ],
)
def test_gradients(
    rng: np.random.Generator,
    x_stack: tuple[int, ...],
    gain_stack: tuple[int, ...],
    bias_stack: tuple[int, ...],
) -> None:
    x = rng.standard_normal((*x_stack, 4, 6))
    gain, bias = (rng.standard_normal((*s, 6)) for s in (gain_stack, bias_stack))
    stack = np.broadcast_shapes(x_stack, gain_stack, bias_stack)
    dy = rng.standard_normal((*stack, 4, 6))

    def layer_loss(x: Array, gain: Array, bias: Array) -> float:
        return float((layer_norm_forward(x, gain, bias, eps=1e-3)[0] * dy).sum())

    def rms_loss(x: Array, gain: Array) -> float:
        return float((rms_norm_forward(x, gain, eps=1e-3)[0] * dy).sum())

    _, layer_cache = layer_norm_forward(x, gain, bias, eps=1e-3)
    gradients = layer_norm_backward(dy, layer_cache)
    check_gradient(layer_loss, [x, gain, bias], gradients, rng)
    _, rms_cache = rms_norm_forward(x, gain, eps=1e-3)
    check_gradient(rms_loss, [x, gain], rms_norm_backward(dy, rms_cache), rng)


@pytest.mark.parametrize("norm", [_layer, _rms])
def test_no_example_feels_another(rng: np.random.Generator, norm: object) -> None:
    x = rng.standard_normal((4, 6))
    moved = x.copy()
    moved[1:] *= 3
    np.testing.assert_array_equal(norm(moved)[0], norm(x)[0])  # type: ignore[operator]


def test_scale_and_shift_of_an_example(rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 6))
    np.testing.assert_allclose(_layer(7 * x + 3), _layer(x), rtol=1e-10)
    np.testing.assert_allclose(_layer(-x), -_layer(x))
    np.testing.assert_allclose(_rms(7 * x), _rms(x))
    assert not np.allclose(_rms(x + 3), _rms(x))


def test_the_two_agree_on_examples_without_mean(rng: np.random.Generator) -> None:
    x = rng.standard_normal((4, 6))
    x -= x.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(_layer(x), _rms(x), rtol=1e-12)


def test_a_wide_example_ends_with_variance_one(rng: np.random.Generator) -> None:
    y = _layer(5 + 3 * rng.standard_normal((10, 4000)), eps=1e-5)
    np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=1), 1, atol=1e-5)
    assert np.abs(_layer(np.eye(9)[:1])).max() == pytest.approx(np.sqrt(8))


def test_float32_stays_float32(rng: np.random.Generator) -> None:
    x, gain = rng.standard_normal((4, 3)).astype(np.float32), np.ones(3, np.float32)
    y, cache = layer_norm_forward(x, gain, gain, eps=np.float64(1e-3))
    values = [y, *layer_norm_backward(x, cache)]
    y, rms_cache = rms_norm_forward(x, gain, eps=np.float64(1e-3))
    values += [y, *rms_norm_backward(x, rms_cache)]
    assert [value.dtype for value in values] == [np.float32] * 7
