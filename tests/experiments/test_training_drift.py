"""Drift in training: what is measured, and how a change is told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ht_sim.experiments._training_drift import (
    architecture_of,
    change,
    last_finite,
    measured_inputs,
    start,
    steps_from_start,
)
from ht_sim.optimisers import Momentum
from ht_sim.parameters import Parameters
from ht_sim.streams import streams_of_repeats
from ht_sim.training import Step

BINS = np.linspace(-16, 16, 9)


def test_with_batch_norm_scale_and_shift_alone_decide_the_deviation() -> None:
    streams = streams_of_repeats(5, 2)
    first, last = start(streams, [6], 1.0, 1.0)
    weights, bias, scale, shift = first
    scale[:], shift[:] = [1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 1]
    parameters: Parameters = [(weights, bias, scale, shift), last]
    x = streams[0].split.normal(0, 3, size=(2, 50, 64)).astype(np.float32)
    found = measured_inputs(
        Step(parameters, np.zeros(2)), x, architecture_of(1.0), (1,), BINS
    )
    expected = math.sqrt((1 + 4 + 9) / 3 + 1 / 4)
    np.testing.assert_allclose(found["deviation"], expected, rtol=1e-4)
    assert (abs(found["eval_deviation"] - expected) > 0.1).all()


def test_a_network_that_overflows_is_marked_and_counts_nothing() -> None:
    streams = streams_of_repeats(5, 2)
    parameters = start(streams, [6, 6], 1.0, 0.0)
    parameters[0][0][1] = np.inf
    x = np.ones((2, 3, 64), np.float32)
    found = measured_inputs(
        Step(parameters, np.zeros(2)), x, architecture_of(0.0), (1, 2), BINS
    )
    assert found["finite"].tolist() == [True, False]
    assert found["counts"].shape == (2, 2, 8)
    assert found["counts"].sum(axis=(1, 2)).tolist() == [36, 0]
    assert (found["deviation"][1] == 0).all()
    assert found["largest"][0] > 0


def test_without_norms_both_modes_measure_the_same() -> None:
    streams = streams_of_repeats(6, 2)
    step = Step(start(streams, [6], 1.0, 0.0), np.zeros(2))
    x = streams[0].split.normal(size=(2, 9, 64)).astype(np.float32)
    found = measured_inputs(step, x, architecture_of(0.0), (1,), BINS)
    np.testing.assert_array_equal(found["deviation"], found["eval_deviation"])


@pytest.mark.parametrize("batch_norm", [0.0, 1.0])
def test_the_start_comes_first_and_is_the_same_with_norms(batch_norm: float) -> None:
    streams, again = streams_of_repeats(7, 2), streams_of_repeats(7, 2)
    parameters = start(streams, [5], 1.0, batch_norm)
    other = start(again, [5], 1.0, 1 - batch_norm)
    np.testing.assert_array_equal(parameters[0][0], other[0][0])
    x = streams[0].split.normal(size=(2, 20, 64)).astype(np.float32)
    steps = steps_from_start(
        parameters, x, np.zeros((2, 20), int), streams, steps=3, batch_size=4,
        optimiser=Momentum(0.1), p_drop=0.0, architecture=architecture_of(batch_norm),
    )  # fmt: skip
    weights = [one.parameters[0][0].copy() for one in steps]
    assert len(weights) == 4
    np.testing.assert_array_equal(weights[0], parameters[0][0])
    assert (weights[1] != weights[0]).any()


def test_the_first_record_that_is_not_finite_ends_a_run() -> None:
    finite = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0]], dtype=bool)
    assert last_finite(finite).tolist() == [2, 0, 1]


def test_a_change_counts_down_as_up_and_takes_the_layer_that_moved_most() -> None:
    deviation = np.array(
        [[[1, 1], [9, 9], [2, 0.25]], [[1, 2], [3, 2], [0, 0]], [[1, 1]] * 3]
    )
    finite = np.array([[1, 1, 1], [1, 1, 0], [1, 1, 1]], dtype=bool)
    np.testing.assert_allclose(change(deviation, finite), [4, 3, 1])
