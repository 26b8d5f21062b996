"""Slopes by hand, what cancels, and what theory says of a short run."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

from ht_sim.estimates import Estimate, mean_interval
from ht_sim.experiments import drift_gradients
from ht_sim.experiments.drift_gradients import (
    BN,
    LAYERS,
    MARGIN,
    NARROW,
    NORMS,
    PLAIN,
    mean_square,
    power,
    ratios,
    simulate,
    slopes,
)
from ht_sim.parameters import initialise
from ht_sim.streams import streams_of_repeats
from ht_sim.theory.propagation import batch_norm_gradient_factor

RELU, SKIP, LINEAR = 0, 1, 2


def squares_of(factor: float) -> np.ndarray:
    """Return squares that grow by a factor a layer towards layer 1, (1, layers)."""
    return factor ** np.arange(LAYERS, 0, -1.0)[np.newaxis]


def test_a_slope_is_the_growth_towards_layer_1() -> None:
    np.testing.assert_allclose(slopes(squares_of(2.0)), [math.log(2)])
    np.testing.assert_allclose(slopes(squares_of(0.5)), [-math.log(2)])
    np.testing.assert_allclose(ratios(squares_of(2.0)), [2.0])


def test_the_margins_do_not_count() -> None:
    squares = squares_of(1.5)
    squares[:, :MARGIN] = squares[:, -MARGIN:] = 7.0
    np.testing.assert_allclose(slopes(squares), [math.log(1.5)])
    np.testing.assert_allclose(ratios(squares), [1.5])
    squares[:, MARGIN] = 1e9
    assert slopes(squares)[0] > math.log(1.5) + 0.02


def test_a_mean_of_ratios_is_that_of_squares_not_of_logarithms() -> None:
    squares = squares_of(1.0)
    squares[:, ::2] = 4.0
    count = LAYERS - 2 * MARGIN - 1
    high = count // 2 + 1
    np.testing.assert_allclose(ratios(squares), (4 * high + (count - high) / 4) / count)
    assert abs(slopes(squares)[0]) < 0.01


def test_a_power_is_a_geometric_mean_with_its_interval() -> None:
    found = power(Estimate(0.0, -math.log(2), math.log(2), 5), -1)
    assert (found.value, found.low, found.repeats) == (0.0, -0.5, 5)
    assert found.high == pytest.approx(1.0)


def test_the_mean_square_runs_over_all() -> None:
    assert mean_square(np.array([[1.0, 3.0], [1.0, -1.0]])) == 3.0


def test_a_smaller_batch_is_the_first_part_of_a_larger_one() -> None:
    small, large = (
        drift_gradients._draw(8, batch, streams_of_repeats(3, 1)[0])
        for batch in (4, 16)
    )
    for part, whole in zip(small[1:], large[1:], strict=True):
        np.testing.assert_array_equal(part, whole[:4])
    np.testing.assert_array_equal(small[0][0][0], large[0][0][0])


@pytest.mark.parametrize("norm", ["bn", "ln"])
def test_a_norm_divides_the_gain_out_of_the_gradient(norm: str) -> None:
    generator = np.random.Generator(np.random.SFC64(1))
    parameters = initialise([32] * 12 + [10], generator)
    tripled = [*((3 * weights, bias) for weights, bias in parameters[:-1])]
    x, dlogits = generator.normal(size=(8, 32)), generator.normal(size=(8, 10))
    once, thrice = (
        drift_gradients._pass(one, x, dlogits, ("relu", False), norm)[1][0]
        for one in (parameters, [*tripled, parameters[-1]])
    )
    np.testing.assert_allclose(once, thrice, rtol=1e-3, atol=1e-3 * once.std())


@pytest.fixture(scope="module")
def run() -> Mapping[str, np.ndarray]:
    """Eight networks of another seed than the site's, at batch size 32."""
    return simulate({"batch": 32}, streams_of_repeats(77, 8))


@pytest.mark.parametrize(
    ("network", "norm", "factor"),
    [
        (RELU, "bn", batch_norm_gradient_factor(32)),
        (LINEAR, "bn", batch_norm_gradient_factor(32, "linear")),
        (RELU, "none", 1.0),
        (RELU, "ln", 1.0),
        (LINEAR, "none", 1.0),
    ],
)
def test_the_factor_is_near_theory(
    run: Mapping[str, np.ndarray], network: int, norm: str, factor: float
) -> None:
    slope = run["slope"][network, list(NORMS).index(norm)]
    error = slope.std(ddof=1) / math.sqrt(slope.size)
    finite_width = 2.5 / NARROW  # logarithms of what varies by 5 / width a layer
    assert abs(slope.mean() - math.log(factor)) < 4 * error + finite_width


def test_wider_layers_are_nearer_and_vary_less(run: Mapping[str, np.ndarray]) -> None:
    narrow, wide = run["slope"][RELU, BN], run["wide_slope"][0]
    assert wide.std(ddof=1) < 0.75 * narrow.std(ddof=1)
    theory = math.log(batch_norm_gradient_factor(32))
    assert abs(wide.mean() - theory) < 0.01
    assert list(PLAIN) == ["relu", "linear"]
    assert run["wide_slope"][1].mean() < 0.1


def test_a_norm_holds_the_signal_and_skips_alone_do_not(
    run: Mapping[str, np.ndarray],
) -> None:
    for norm in ("bn", "ln"):
        signal = run["signal"][:, list(NORMS).index(norm)]
        np.testing.assert_allclose(signal, 0, atol=1e-4)
    assert (run["signal_last"][SKIP, 0] > 1e9).all()
    assert (run["signal_last"][RELU, 0] < 10).all()


def test_the_gradient_is_measured_from_the_last_layer(
    run: Mapping[str, np.ndarray],
) -> None:
    least, mean, most = np.moveaxis(run["gradient"], -2, 0)
    np.testing.assert_array_equal(run["gradient"][..., -1], 0)
    assert (least <= mean).all()
    assert (mean <= most).all()
    np.testing.assert_allclose(mean[..., 0], run["growth"].mean(axis=-1))
    assert mean[RELU, BN, 0] > 8 > mean[SKIP, BN, 0] > mean[SKIP, 2, 0]


def test_examples_grow_uneven_with_depth(run: Mapping[str, np.ndarray]) -> None:
    uneven = mean_interval(run["wide_uneven"][:, -1] - run["wide_uneven"][:, 0])
    assert uneven.low > 0
