"""With batch norm, the deeper the layer, the more an example depends on its neighbours.

Set-up: 100 hidden layers of 64 units with batch norm, at initialisation: scale 1, shift
0, eps 1e-5; the norm divides the gain of the weights out again. Two batches of 32
examples of standard normal numbers, no real data, differ in one example. What is
measured is the correlation, over units and the 31 examples that they share, between
what a nonlinearity gets in the one batch and in the other. Each repeat draws examples
and weights; the nonlinearities share them. Everything runs in float64.

Source
------
yang2019, Fig. 2
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ht_sim.estimates import Estimate, mean_interval
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._signal import drawn
from ht_sim.networks import Activation, Architecture, forward_train
from ht_sim.norms import BatchNorm
from ht_sim.parameters import with_norms
from ht_sim.streams import Streams

NONLINEARITIES: Final[tuple[Activation, ...]] = ("linear", "relu", "tanh", "sigmoid")
WIDTH, BATCH_SIZE, LAYERS, STACK = 64, 32, 100, 4
MARKS: Final = (1, 10, 20, 50, 100)


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Send both batches through the networks of one nonlinearity."""
    activation = NONLINEARITIES[int(point["nonlinearity"])]
    architecture = Architecture(activation, BatchNorm())
    found = []
    for first in range(0, len(streams), STACK):
        stack = streams[first : first + STACK]
        x, weights = drawn(stack, BATCH_SIZE + 1, WIDTH, LAYERS)
        batches = x[:, :-1], np.delete(x, BATCH_SIZE - 1, axis=1)
        parameters = with_norms(weights)
        one, other = (
            forward_train(parameters, batch, architecture=architecture).inputs
            for batch in batches
        )
        found += correlations(one, other)
    return {"correlation": np.array(found)}


def correlations(
    one: Sequence[np.ndarray], other: Sequence[np.ndarray]
) -> list[list[float]]:
    """Return, for each network, the correlation at the marks, all but one example.

    Both are (S, N, width) by layer; the example left out is the last.
    """
    pairs = [(one[mark - 1][:, :-1], other[mark - 1][:, :-1]) for mark in MARKS]
    return [
        [float(np.corrcoef(a[place].ravel(), b[place].ravel())[0, 1]) for a, b in pairs]
        for place in range(len(one[0]))
    ]


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the correlation by nonlinearity and layer."""
    return dict(_by_layer(arrays["correlation"]))


def _by_layer(correlation: np.ndarray) -> Iterator[tuple[str, Estimate]]:
    for name, networks in zip(NONLINEARITIES, correlation, strict=True):
        for layer, values in zip(MARKS, networks.T, strict=True):
            yield f"{name}_{layer}", mean_interval(values)


EXPERIMENT = Experiment(
    grid=(
        Axis(
            "nonlinearity",
            "nonlinearity",
            "0 linear, 1 ReLU, 2 tanh, 3 sigmoid",
            tuple(map(float, range(len(NONLINEARITIES)))),
        ),
    ),
    dims={"correlation": ("repeat", "mark")},
    repeats=20,
    seed=2018,
    simulate=simulate,
    facts=facts,
)
