from __future__ import annotations

import math

import numpy as np
import pytest

from ht_sim.networks import Architecture, backward, forward_train
from ht_sim.norms import BatchNorm
from ht_sim.parameters import initialise, with_norms
from ht_sim.theory.propagation import (
    HE_GAIN,
    XAVIER_GAIN,
    Nonlinearity,
    batch_norm_gradient_factor,
    gradient_factor,
    next_variance,
    variances,
)

# Eq. of Thm. 3.10 in the paper's own form, worked out with 30 digits.
BY_BATCH_SIZE = {4: 3.084, 8: 1.788, 16: 1.590, 32: 1.522, 64: 1.493, 256: 1.473}


def test_relu_halves_the_second_moment_and_its_gradient() -> None:
    assert next_variance("relu", 1.0, 3.0) == 1.5
    assert next_variance("relu", HE_GAIN, 3.0) == pytest.approx(3.0, rel=1e-15)
    assert gradient_factor("relu", HE_GAIN, 7.0) == pytest.approx(1.0, rel=1e-15)
    assert next_variance("linear", 1.5, 2.0) == 4.5
    assert gradient_factor("linear", 1.5, 2.0) == 2.25


def test_a_small_signal_meets_a_linear_tanh_and_a_flat_sigmoid() -> None:
    tiny = 1e-10
    assert next_variance("tanh", 1.3, tiny) == pytest.approx(1.69 * tiny, rel=1e-9)
    assert gradient_factor("tanh", 1.3, tiny) == pytest.approx(1.69, rel=1e-9)
    assert next_variance("sigmoid", 2.0, tiny) == pytest.approx(1.0, rel=1e-9)
    assert gradient_factor("sigmoid", 4.0, tiny) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("nonlinearity", ["tanh", "sigmoid"])
@pytest.mark.parametrize("variance", [0.01, 1.0, 25.0])
def test_the_quadrature_against_draws(
    rng: np.random.Generator, nonlinearity: Nonlinearity, variance: float
) -> None:
    x = math.sqrt(variance) * rng.standard_normal(400_000)
    values = np.tanh(x) if nonlinearity == "tanh" else 1 / (1 + np.exp(-x))
    slopes = 1 - values**2 if nonlinearity == "tanh" else values * (1 - values)
    for drawn, exact in (
        (values**2, next_variance(nonlinearity, 1.0, variance)),
        (slopes**2, gradient_factor(nonlinearity, 1.0, variance)),
    ):
        standard_error = drawn.std(ddof=1) / math.sqrt(x.size)
        assert abs(drawn.mean() - exact) < 5 * standard_error


def test_tanh_settles_where_poole_and_others_say() -> None:
    assert variances("tanh", 1.3, 300, 1.0)[-1] == pytest.approx(0.409, abs=5e-4)
    assert variances("tanh", 1.5, 300, 4.0)[-1] == pytest.approx(0.793, abs=5e-4)
    assert gradient_factor("tanh", 1.3, 0.40898) == pytest.approx(1.064, abs=5e-4)


def test_tanh_at_gain_one_dies_slowly_as_one_over_depth() -> None:
    q = variances("tanh", XAVIER_GAIN, 2000, 1.0)
    assert 2000 * q[-1] == pytest.approx(0.5, rel=0.02)
    np.testing.assert_array_equal(q[:1], [1.0])
    assert q.shape == (2000,)


@pytest.mark.parametrize(("batch_size", "factor"), BY_BATCH_SIZE.items())
def test_batch_norm_gradient_factor_by_batch_size(
    batch_size: int, factor: float
) -> None:
    assert batch_norm_gradient_factor(batch_size) == pytest.approx(factor, abs=6e-4)


def test_batch_norm_gradient_factor_in_large_batches() -> None:
    limit = math.pi / (math.pi - 1)
    assert batch_norm_gradient_factor(10**7) == pytest.approx(limit, rel=1e-6)
    assert batch_norm_gradient_factor(10**7, "linear") == pytest.approx(1, rel=1e-6)
    assert batch_norm_gradient_factor(8, "linear") == 1.2


def test_a_batch_without_a_finite_mean_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 4, got 3"):
        batch_norm_gradient_factor(3)


def test_a_wide_network_with_batch_norm_comes_near_the_factor(
    rng: np.random.Generator,
) -> None:
    layers, batch_size = 20, 32
    growth = []
    for _ in range(4):
        parameters = with_norms(initialise((300, *[300] * layers, 300), rng))
        architecture = Architecture("relu", BatchNorm(eps=0.0))
        x = rng.standard_normal((batch_size, 300))
        forward = forward_train(parameters, x, architecture=architecture)
        gradients = backward(rng.standard_normal((batch_size, 300)), forward).inputs
        first, last = ((gradients[place] ** 2).mean() for place in (2, layers - 3))
        growth.append(math.log(first / last) / (layers - 5))
    assert math.exp(np.mean(growth)) == pytest.approx(
        batch_norm_gradient_factor(batch_size), rel=0.03
    )
