"""Dropout leaves fewer units on, and no single one that is badly missed.

Set-up: an autoencoder of the 8×8 digits, 64 - 256 ReLU - 64, squared error; 256
hidden units and rate 0.5 are the paper's. In each repeat 1,000 digits train, 397
validate (only there were settings looked at) and 400 test, and every number here is
of the test digits with all units on, unless some are silenced on purpose. 2,000
steps of 50 digits, in float32. Adam, at its usual rate of 0.001, leaves more units
alive than momentum does, and dead units would pass for sparse ones. Weights start with
a standard deviation of 0.01 (krizhevsky2012, §5), below what training adds, so that
pictures show what was learnt and not what was drawn.
The comparison named beforehand is rate 0.5 against 0. Each repeat has its own split,
start, batches and masks, shared by all rates.

Activations here and in the paper are the same thing. In the classic form the test
scales a unit's outgoing weights, not the unit; in the inverted form nothing is scaled
at test. In both, the hidden unit that is measured is the ReLU of its incoming sum.
Its size is not fixed by what the network computes, since a unit can be made smaller
and its outgoing weights larger; the share of units that are on does not depend on
that.

Unlike the paper's, this network has more hidden units than pixels, so without
dropout it can copy its input almost without error.

Sources
-------
srivastava2014, §7.1, Fig. 7; §7.2, Fig. 8
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ht_sim.arrays import index_of
from ht_sim.data import PIXELS, digits, stratified_split
from ht_sim.estimates import Estimate, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._autoencoder import (
    SILENCED,
    error_by_held,
    error_by_silenced,
    rise_without_each,
    smoothness,
    unexplained,
)
from ht_sim.fast_training import fast_training_steps
from ht_sim.networks import forward_eval
from ht_sim.optimisers import Adam
from ht_sim.parameters import Parameters, initialise, stacked
from ht_sim.streams import Streams
from ht_sim.training import SQUARED_ERROR, finish

Array = NDArray[np.floating]

TRAINING, VALIDATION, TEST = 1000, 397, 400
HIDDEN, STEPS, BATCH = 256, 2000, 50
GAIN = 0.01 * PIXELS**0.5  # so that incoming weights start at 0.01
SHOWN = 24  # the first units: their order means nothing, so they are a fair sample
ACTIVATION_EDGES = np.linspace(0, 2, 21)
UNIT_EDGES = np.linspace(0, 1, 26)
MEASURES = (
    "error",
    "error_held",
    "worst_unit",
    "worst_unit_held",
    "mean_activation",
    "on",
    "alive",
    "on_of_alive",
    "smoothness",
)  # one number a network


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train the autoencoders of one rate, and measure them on their test digits."""
    data = digits(digits_file)
    sizes = TRAINING, VALIDATION, TEST
    parts = [stratified_split(data.labels, sizes, one.split) for one in streams]
    x = np.stack([data.images[training] for training, _, _ in parts])
    parameters = _train(x.astype(np.float32), streams, point["p_drop"])
    repeats = [
        _measure(
            [(w[r].astype(np.float64), b[r].astype(np.float64)) for w, b in parameters],
            data.images[parts[r][2]],
            one.masks,
        )
        for r, one in enumerate(streams)
    ]
    found = {name: np.stack([one[name] for one in repeats]) for name in repeats[0]}
    weights = parameters[0][0][0].T  # (hidden, pixels) of the first repeat
    return found | {
        "features": weights[:SHOWN].reshape(SHOWN, 8, 8),
        "silenced": np.array(SILENCED),
        "activation_edges": ACTIVATION_EDGES,
        "unit_edges": UNIT_EDGES,
    }


def _train(x: Array, streams: Sequence[Streams], p_drop: float) -> Parameters:
    """Train a stack of autoencoders on ``x``, (S, N, pixels)."""
    sizes = (PIXELS, HIDDEN, PIXELS)
    starts = [initialise(sizes, one.initialisation, GAIN) for one in streams]
    steps = fast_training_steps(
        stacked(starts, np.float32),
        x,
        x,
        streams,
        steps=STEPS,
        batch_size=BATCH,
        optimiser=Adam(0.001),
        p_drop=p_drop,
        loss=SQUARED_ERROR,
    )
    return finish(steps).parameters


def _measure(
    parameters: Parameters, x: Array, generator: np.random.Generator
) -> dict[str, Array]:
    """Measure one autoencoder on its test digits, ``x`` (N, pixels)."""
    run = forward_eval(parameters, x)
    hidden, read_out = run.hidden[0], parameters[1]
    alive = hidden.max(axis=0) > 0  # (hidden,)
    mean = hidden.mean(axis=0)
    centred = read_out[0], read_out[1] + mean @ read_out[0]
    return {
        "error": unexplained(run.logits, x),
        "error_silenced": error_by_silenced(hidden, read_out, x, generator),
        "error_held": error_by_held(hidden, read_out, x, generator),
        "worst_unit": rise_without_each(hidden, read_out, x).max(),
        "worst_unit_held": rise_without_each(hidden - mean, centred, x).max(),
        "mean_activation": hidden.mean(),
        "on": (hidden > 0).mean(),
        "alive": alive.mean(),
        "on_of_alive": (hidden[:, alive] > 0).mean(),
        "activation_shares": _shares(hidden, ACTIVATION_EDGES),
        "unit_shares": _shares(mean, UNIT_EDGES),
        "smoothness": smoothness(parameters[0][0].T[alive].reshape(-1, 8, 8)),
    }


def _shares(values: Array, edges: Array) -> Array:
    """Give the share of values in each bin; the last also has all that are larger."""
    counts, _ = np.histogram(np.minimum(values, edges[-1]), edges)
    return counts / values.size


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give each measure at rates 0, 0.5 and 0.8, and how it differs from rate 0."""
    half_silent = arrays["error_silenced"][..., SILENCED.index(0.5)]
    measures = {name: arrays[name] for name in MEASURES}  # each (rates, repeats)
    measures["error_half_silent"] = half_silent
    found = {}
    base = index_of(arrays["p_drop"], 0.0)
    for name, values in measures.items():
        found[f"{name}_0"] = mean_interval(values[base])
        for text, rate in (("50", 0.5), ("80", 0.8)):
            here = values[index_of(arrays["p_drop"], rate)]
            found[f"{name}_{text}"] = mean_interval(here)
            found[f"{name}_{text}_minus_0"] = paired_difference(here, values[base])
    half = index_of(arrays["p_drop"], 0.5)
    activation = arrays["mean_activation"]
    found["activation_ratio"] = mean_interval(activation[half] / activation[base])
    return found


EXPERIMENT = Experiment(
    grid=(
        Axis(
            "p_drop",
            "drop rate in training",
            "probability",
            (0.0, 0.2, 0.5, 0.8),
            quick=(0.0, 0.5, 0.8),
        ),
    ),
    dims={name: ("repeat",) for name in MEASURES}
    | {
        "error_silenced": ("repeat", "share"),
        "activation_shares": ("repeat", "activation bin"),
        "unit_shares": ("repeat", "unit bin"),
        "features": ("unit", "row", "column"),
        "silenced": ("share",),
        "activation_edges": ("activation edge",),
        "unit_edges": ("unit edge",),
    },
    repeats=8,
    seed=7100,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
    meets=("spread-responsibility",),
)
