"""The correlation by hand, and what exchanging one example does to the others."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.experiments.drift_neighbours import (
    MARKS,
    NONLINEARITIES,
    correlations,
    simulate,
)
from ht_sim.streams import streams_of_repeats


def test_only_the_last_example_does_not_count() -> None:
    values = np.random.Generator(np.random.SFC64(1)).normal(size=(2, 4, 3))
    other = values.copy()
    other[0, -1] = 9.0
    other[1, 0] *= -1.0
    layers = [values] * max(MARKS), [other] * max(MARKS)
    first, second = np.array(correlations(*layers))
    np.testing.assert_allclose(first, 1)
    assert (second < 0.99).all()


def test_opposites_have_a_correlation_of_minus_one() -> None:
    values = np.random.Generator(np.random.SFC64(1)).normal(size=(1, 4, 3))
    layers = [values] * max(MARKS), [5 - 2 * values] * max(MARKS)
    np.testing.assert_allclose(correlations(*layers), -1)


@pytest.mark.parametrize("name", ["linear", "relu"])
def test_neighbours_matter_with_depth_where_there_is_a_nonlinearity(name: str) -> None:
    place = [*NONLINEARITIES].index(name)  # type: ignore[arg-type]
    point = {"nonlinearity": float(place)}
    found = simulate(point, streams_of_repeats(5, 2))["correlation"]
    assert found.shape == (2, len(MARKS))
    first, *_, last = found.T
    assert (first > 0.99).all()
    assert (first < 1).all()
    if name == "relu":
        assert (np.abs(last) < 0.15).all()
        assert (found[:, MARKS.index(10)] < 0.97).all()
    else:
        assert (last > 0.8).all()
