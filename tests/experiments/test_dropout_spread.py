"""The read-out keeps its mean, its variance is D1's, and the ReLU lifts its mean."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.experiments.dropout_spread import TEST_OUTPUT, simulate
from ht_sim.streams import streams_of_repeats


@pytest.mark.parametrize("p_drop", [0.1, 0.5, 0.9])
def test_mean_and_variance_are_those_of_theory(p_drop: float) -> None:
    arrays = simulate({"width": 64.0, "p_drop": p_drop}, streams_of_repeats(5, 20))
    for gap in (
        arrays["linear_mean"] - TEST_OUTPUT,
        arrays["linear_variance"] - arrays["linear_variance_theory"],
    ):
        assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(20)


def test_without_dropout_every_output_is_the_test_output() -> None:
    arrays = simulate({"width": 64.0, "p_drop": 0.0}, streams_of_repeats(5, 2))
    np.testing.assert_allclose(arrays["outputs"], TEST_OUTPUT)
    np.testing.assert_allclose(arrays["relu_mean"], TEST_OUTPUT)


def test_the_relu_lifts_the_mean_more_at_a_higher_rate() -> None:
    low, high = (
        simulate({"width": 512.0, "p_drop": p}, streams_of_repeats(5, 5))["relu_mean"]
        for p in (0.3, 0.7)
    )
    assert TEST_OUTPUT < low.mean() < high.mean()
