from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.layers.batch_norm import (
    BatchNormTrained,
    batch_norm_backward,
    batch_norm_eval,
    batch_norm_train,
    start_statistics,
)
from tests.gradcheck import check_gradient

Array = NDArray[np.float64]


def _train(x: Array, eps: float = 0.0, decay: float = 0.9) -> BatchNormTrained:
    gamma = np.ones((*x.shape[:-2], x.shape[-1]))
    start = start_statistics(gamma)
    return batch_norm_train(x, gamma, 0 * gamma, start, decay=decay, eps=eps)


def test_a_batch_by_hand() -> None:
    x = np.array([[1.0, 10.0], [3.0, 14.0]])
    y, running, _ = batch_norm_train(
        x,
        np.array([1.0, 2.0]),
        np.array([0.0, 5.0]),
        start_statistics(np.ones(2)),
        decay=0.9,
        eps=0,
    )
    np.testing.assert_allclose(y, [[-1, 3], [1, 7]])
    np.testing.assert_allclose(running.mean, [0.2, 1.2])
    np.testing.assert_allclose(running.variance, [1.1, 1.7])  # 2 and 8 with ddof=1
    after = batch_norm_eval(x, np.ones(2), np.zeros(2), running, eps=0)
    np.testing.assert_allclose(after[0, 0], (1 - 0.2) / np.sqrt(1.1))


def test_eps_stands_beside_the_variance(rng: np.random.Generator) -> None:
    x = rng.standard_normal((6, 3))
    expected = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 0.5)
    np.testing.assert_allclose(_train(x, eps=0.5).y, expected)
    gamma, running = np.ones(3), start_statistics(np.ones(3))
    y = batch_norm_eval(x, gamma, 0 * gamma, running, eps=0.5)
    np.testing.assert_allclose(y, x / np.sqrt(1.5))


@pytest.mark.parametrize(
    ("x_stack", "gamma_stack", "beta_stack"),
    [
        ((), (), ()),
        ((2,), (2,), (2,)),
        ((2,), (), ()),  # inputs that share their scale and shift
        ((), (2,), (2,)),  # networks that share their inputs
        ((6, 2), (2,), (6, 1)),
    ],
)
def test_gradient(
    rng: np.random.Generator,
    x_stack: tuple[int, ...],
    gamma_stack: tuple[int, ...],
    beta_stack: tuple[int, ...],
) -> None:
    x = rng.standard_normal((*x_stack, 5, 3))
    gamma, beta = (rng.standard_normal((*s, 3)) for s in (gamma_stack, beta_stack))
    stack = np.broadcast_shapes(x_stack, gamma_stack, beta_stack)
    dy = rng.standard_normal((*stack, 5, 3))

    def loss(x: Array, gamma: Array, beta: Array) -> float:
        start = start_statistics(gamma)
        y = batch_norm_train(x, gamma, beta, start, decay=0.9, eps=1e-3).y
        return float((y * dy).sum())

    start = start_statistics(gamma)
    cache = batch_norm_train(x, gamma, beta, start, decay=0.9, eps=1e-3).cache
    check_gradient(loss, [x, gamma, beta], batch_norm_backward(dy, cache), rng)


def test_the_gradient_leaves_out_the_mean_and_the_standardised_values(
    rng: np.random.Generator,
) -> None:
    x, dy = rng.standard_normal((2, 7, 3))
    cache = _train(x).cache
    dx = batch_norm_backward(dy, cache).dx
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose((dx * cache.standardised).sum(axis=0), 0, atol=1e-14)


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_the_scale_of_the_weights_does_not_matter(
    rng: np.random.Generator, scale: float
) -> None:
    x, weights, dy = (rng.standard_normal(s) for s in ((8, 4), (4, 3), (8, 3)))
    one, other = _train(x @ weights), _train(x @ (scale * weights))
    np.testing.assert_allclose(other.y, one.y, rtol=1e-10)
    gradient = x.T @ batch_norm_backward(dy, one.cache).dx
    smaller = x.T @ batch_norm_backward(dy, other.cache).dx
    np.testing.assert_allclose(smaller, gradient / scale, rtol=1e-10)
    np.testing.assert_allclose((weights * gradient).sum(axis=0), 0, atol=1e-13)


def test_an_example_feels_its_batch_mates_in_training_alone(
    rng: np.random.Generator,
) -> None:
    x = rng.standard_normal((4, 3))
    moved = x.copy()
    moved[1:] += 5
    moved[1] *= 2
    gamma, running = np.ones(3), _train(x).running
    assert not np.allclose(_train(moved).y[0], _train(x).y[0])
    one, other = (
        batch_norm_eval(v, gamma, 0 * gamma, running, eps=1e-3) for v in (x, moved)
    )
    np.testing.assert_array_equal(one[0], other[0])


def test_two_examples_become_plus_and_minus_one(rng: np.random.Generator) -> None:
    y = _train(rng.standard_normal((2, 50))).y
    np.testing.assert_allclose(np.sort(y, axis=0), np.tile([[-1], [1]], (1, 50)))


def test_no_value_passes_the_root_of_the_batch_less_one(
    rng: np.random.Generator,
) -> None:
    x = rng.standard_normal((9, 200))
    x[0] += 1e6
    y = np.abs(_train(x).y)
    assert y.max() <= np.sqrt(8) * (1 + 1e-9)
    np.testing.assert_allclose(y[0], np.sqrt(8), rtol=1e-6)


@pytest.mark.parametrize("batch", [2, 8, 32])
def test_the_noise_of_the_statistics(rng: np.random.Generator, batch: int) -> None:
    sigma, draws = 1.7, 40_000
    x = sigma * rng.standard_normal((batch, draws))
    cache = _train(x).cache
    mean, variance = x.mean(axis=0), cache.deviation**2
    expected = (batch - 1) * sigma**2 / batch
    spread = 2 * (batch - 1) * sigma**4 / batch**2
    error = np.sqrt(spread / draws)
    assert abs(variance.mean() - expected) < 4 * error
    assert abs(mean.var() / (sigma**2 / batch) - 1) < 4 * np.sqrt(2 / draws)
    error = np.sqrt((2 + 12 / (batch - 1)) / draws)  # from the kurtosis of χ²
    assert abs(variance.var() / spread - 1) < 4 * error


@pytest.mark.parametrize("decay", [0.5, 0.9, 0.99])
def test_running_statistics_settle_on_those_of_the_population(
    rng: np.random.Generator, decay: float
) -> None:
    sigma, mu, batch = 3.0, 2.0, 4
    gamma = np.ones(5000)
    running = start_statistics(gamma)
    for step in range(1, 1001):
        x = mu + sigma * rng.standard_normal((batch, 5000))
        running = batch_norm_train(
            x, gamma, 0 * gamma, running, decay=decay, eps=0
        ).running
        if step in (1, 10, 1000):
            remains = decay**step
            expected = remains * 1 + (1 - remains) * sigma**2
            share = (1 - decay) / (1 + decay) * (1 - decay ** (2 * step))
            error = np.sqrt(2 / (batch - 1) * sigma**4 * share / 5000)
            assert abs(running.variance.mean() - expected) < 4 * error
    assert abs(running.variance.mean() - sigma**2) < 4 * error + 1e-3
    assert abs(running.mean.mean() - mu) < 0.1


def test_running_statistics_given_are_left_as_they_are() -> None:
    start = start_statistics(np.ones(2))
    batch_norm_train(
        np.array([[1.0, 2.0], [5.0, 4.0]]), np.ones(2), np.ones(2), start,
        decay=0.5, eps=0,
    )  # fmt: skip
    np.testing.assert_array_equal(start.mean, [0, 0])
    np.testing.assert_array_equal(start.variance, [1, 1])


def test_a_batch_of_one_is_refused_in_training_alone() -> None:
    x, one = np.ones((1, 3)), np.ones(3)
    with pytest.raises(ValueError, match="a batch of at least 2 to train, got 1"):
        _train(x)
    y = batch_norm_eval(x, one, 0 * one, start_statistics(one), eps=0)
    np.testing.assert_array_equal(y, x)


def test_float32_stays_float32(rng: np.random.Generator) -> None:
    x, gamma = rng.standard_normal((4, 3)).astype(np.float32), np.ones(3, np.float32)
    start = start_statistics(gamma)
    trained = batch_norm_train(
        x, gamma, gamma, start, decay=np.float64(0.9), eps=np.float64(1e-3)
    )
    values = [trained.y, *trained.running, *batch_norm_backward(x, trained.cache)]
    values += [batch_norm_eval(x, gamma, gamma, trained.running, eps=np.float64(1e-3))]
    assert [value.dtype for value in values] == [np.float32] * 7
