"""Mean squares follow the factors of theory at every width, on average."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.experiments.drift_theory import (
    GAINS,
    LINEAR,
    RELU,
    TANH,
    block_factors,
    lags,
    simulate,
    standard_errors,
)
from ht_sim.streams import streams_of_repeats
from ht_sim.theory.propagation import HE_GAIN, variances


@pytest.mark.parametrize(("kind", "share"), [(LINEAR, 1.0), (RELU, 0.5)])
def test_a_layer_multiplies_the_mean_square_as_in_theory(
    kind: int, share: float
) -> None:
    arrays = simulate({"nonlinearity": kind, "width": 32}, streams_of_repeats(5, 20))
    expected = share * np.square(GAINS)[:, None]
    assert standard_errors(arrays["factor"] - expected).max() < 4
    assert (arrays["typical_factor"] < arrays["factor"]).all()


def test_a_linear_block_doubles_the_mean_square() -> None:
    arrays = simulate({"nonlinearity": LINEAR, "width": 8}, streams_of_repeats(5, 80))
    assert standard_errors(arrays["block_factor"] - 2) < 4
    assert arrays["block_factor"].std() < 0.2


def test_tanh_follows_the_theory_of_great_width() -> None:
    arrays = simulate({"nonlinearity": TANH, "width": 256}, streams_of_repeats(5, 4))
    for place, gain in enumerate(GAINS):
        expected = variances("tanh", gain, 10, gain * gain)[-1]
        found = arrays["mean_square"][place, :, 0].mean()
        assert found == pytest.approx(expected, rel=0.15)


def test_the_gain_alone_scales_a_relu_network() -> None:
    arrays = simulate({"nonlinearity": RELU, "width": 16}, streams_of_repeats(5, 2))
    scaled = arrays["factor"] / np.square(GAINS)[:, None]
    np.testing.assert_allclose(scaled, scaled[[0]].repeat(len(GAINS), axis=0))
    assert HE_GAIN in GAINS


def test_a_repeat_does_not_depend_on_its_stack() -> None:
    point = {"nonlinearity": RELU, "width": 16}
    few, more = (simulate(point, streams_of_repeats(5, n)) for n in (3, 6))
    for name in ("factor", "mean_square"):
        np.testing.assert_allclose(more[name][:, :3], few[name], rtol=1e-9)
    np.testing.assert_allclose(more["block_factor"][:3], few["block_factor"])


def test_a_lag_is_what_the_mean_has_over_the_typical_factor() -> None:
    np.testing.assert_allclose(
        lags(np.array([[0.5, 2.0], [3.0, 3.0]])), [0.25, 0], atol=1e-12
    )


def test_the_lag_is_taken_at_both_ends() -> None:
    arrays = simulate({"nonlinearity": RELU, "width": 16}, streams_of_repeats(5, 40))
    first, last = arrays["lag_at_ends"][GAINS.index(HE_GAIN)].mean(axis=0)
    assert 0 < first < last


def test_block_factors_and_standard_errors_by_hand() -> None:
    np.testing.assert_allclose(block_factors(np.array([[1.0, 2.0, 8.0]])), [3.0])
    np.testing.assert_allclose(standard_errors(np.array([1.0, 2.0, 3.0])), 2 * 3**0.5)
