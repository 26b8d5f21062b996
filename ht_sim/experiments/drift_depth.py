"""With depth a signal dies, explodes or holds, as the gain says; norms hold its size.

Set-up: 100 hidden layers of 64 units, as wide as the trained networks of these pages,
at initialisation. A batch is 32 examples of 64 standard normal numbers, no real data.
Weights have variance gain² / 64, biases are zero. In a residual network a block is
x + f(norm(W x)), as in ``networks``. A repeat draws its inputs and, as standard normal
numbers, its weights once: the gain multiplies them, and all gains, norms and
nonlinearities share them. Width and batch are those that a pass of 4 ms allows.
Everything runs in float64.

What is measured is what a nonlinearity gets: its size and its spread over the batch,
see ``_signal``, as powers of ten; at a few layers also the spread of examples that are
scaled to one length.

Source
------
glorot2010, eq. 12; he2015delving, §2.2
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ht_sim.estimates import Estimate, exact, mean_interval
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._signal import (
    ALIVE,
    BIN,
    EXPLODED,
    Passed,
    at_gain,
    counted,
    drawn,
    fates,
    measured,
)
from ht_sim.networks import Activation, Architecture, forward_train
from ht_sim.norms import BatchNorm, LayerNorm, Norm
from ht_sim.parameters import Parameters, with_norms
from ht_sim.streams import Streams
from ht_sim.theory.propagation import HE_GAIN, XAVIER_GAIN

NONLINEARITIES: Final[tuple[Activation, ...]] = ("linear", "relu", "tanh", "sigmoid")
NORMS: Final[tuple[Norm | None, ...]] = (None, BatchNorm(), LayerNorm())
OFF, BATCH, LAYER = range(len(NORMS))
PLAIN, RESIDUAL = range(2)

WIDTH, BATCH_SIZE, LAYERS, STACK = 64, 32, 100, 4
HALF_HE_GAIN: Final = HE_GAIN / 2
_EXACT: Final = {-3: HALF_HE_GAIN, 0: XAVIER_GAIN, 3: HE_GAIN, 6: 2.0, 9: 2 * HE_GAIN}
GAINS: Final = tuple(_EXACT.get(k, 2 ** (k / 6)) for k in range(-6, 10))
SHOWN_GAINS: Final = tuple(GAINS[place] for place in (3, 6, 8, 9, 10, 12, 15))
MEASURED: Final = tuple(range(1, LAYERS + 1, 3))
RIDGES: Final = (1, 2, 3, 5, 10, 20, 30, 50, 70, 100)
MARKS: Final = (1, 10, 50, 100)


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Send random inputs through the networks of one nonlinearity."""
    activation = NONLINEARITIES[int(point["nonlinearity"])]
    found = []
    for first in range(0, len(streams), STACK):
        stack = streams[first : first + STACK]
        x, weights = drawn(stack, BATCH_SIZE, WIDTH, LAYERS)
        found.append(_all_passes(x, weights, activation))
    counts = np.sum([one.pop("counts") for one in found], axis=0)
    density = counts / (BATCH_SIZE * WIDTH * len(streams) * BIN)
    together = {n: np.concatenate([one[n] for one in found], axis=3) for n in found[0]}
    return _kept(together) | {"density": density}


def _all_passes(
    x: np.ndarray, weights: Parameters, activation: Activation
) -> dict[str, np.ndarray]:
    """Measure one stack at all norms, plain and residual, and gains.

    Arrays are (norms, 2, gains, S, …); ``counts`` is that of the plain networks at the
    shown gains, (norms, shown, ridges, bins).
    """
    rows: list[list[list[Passed]]] = [[[] for _ in range(2)] for _ in NORMS]
    counts: list[list[np.ndarray]] = [[] for _ in NORMS]
    for gain in GAINS:
        scaled = at_gain(weights, gain)
        for place, norm in enumerate(NORMS):
            parameters = with_norms(scaled) if norm else scaled
            for residual in (PLAIN, RESIDUAL):
                architecture = Architecture(activation, norm, bool(residual))
                forward = forward_train(parameters, x, architecture=architecture)
                rows[place][residual].append(measured(forward, MARKS))
                if residual == PLAIN and gain in SHOWN_GAINS:
                    counts[place].append(counted(forward, RIDGES))
    return {
        name: np.array([[[getattr(p, name) for p in r] for r in two] for two in rows])
        for name in Passed._fields
    } | {"counts": np.array(counts)}


def _kept(together: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Keep the range over networks by layer, and single networks at a few layers."""
    size, alike = together["size"], together["alike"]  # (norms, 2, gains, S, layers)
    layers = np.array(MEASURED) - 1
    levels = [size.min(axis=3), np.median(size, axis=3), size.max(axis=3)]
    shown = [GAINS.index(gain) for gain in SHOWN_GAINS]
    marks, ridges = np.array(MARKS) - 1, np.array(RIDGES) - 1
    return {
        "size": np.stack(levels, axis=-1)[..., layers, :],
        "alike": np.median(alike, axis=3)[..., layers],
        "ridge_size": np.median(size[:, PLAIN][:, shown], axis=2)[..., ridges],
        "size_at": size[:, :, shown][..., marks],
        "alike_at": alike[:, :, shown][..., marks],
        "directions_at": together["directions"][:, :, shown],
        "stream_at": together["stream"][:, RESIDUAL][:, shown],
        "gain": np.array(GAINS),
        "shown_gain": np.array(SHOWN_GAINS),
        "layer": np.array(MEASURED),
    }


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give what the norms leave, how sizes drift, and how alike examples become."""
    found = dict(_norms(arrays)) | dict(_drifts(arrays))
    return found | dict(_likeness(arrays)) | dict(_alive(arrays))


def _norms(arrays: Arrays) -> Iterator[tuple[str, Estimate]]:
    """Say how far from one the norms leave the size, over all that was run."""
    for norm, name in ((BATCH, "batch_norm"), (LAYER, "layer_norm")):
        size = 10 ** arrays["size"][:, norm]
        yield f"{name}_worst_gap", exact(np.abs(size - 1).max())
    stream = arrays["stream_at"][:, BATCH, SHOWN_GAINS.index(HE_GAIN), :, -1]
    for place, name in enumerate(NONLINEARITIES[:2]):
        yield f"stream_{name}_batch_norm_100", mean_interval(10 ** stream[place])


def _drifts(arrays: Arrays) -> Iterator[tuple[str, Estimate]]:
    """Give the decades by which sizes change from layer 1 to layers 50 and 100."""
    at = arrays["size_at"][:, OFF]  # (f, 2, shown, n, marks)
    gains = {"half_he": HALF_HE_GAIN, "xavier": XAVIER_GAIN, "he": HE_GAIN, "two": 2.0}
    gains |= {"below_he": SHOWN_GAINS[2], "above_he": SHOWN_GAINS[4]}
    for (place, name), (words, gain) in itertools.product(
        enumerate(NONLINEARITIES), gains.items()
    ):
        sizes = at[place, :, SHOWN_GAINS.index(gain)]  # (2, repeats, marks)
        change = sizes - sizes[..., :1]
        for mark, layer in enumerate(MARKS[1:], start=1):
            plain, residual = change[..., mark]
            yield f"decades_{name}_{words}_{layer}", mean_interval(plain)
            yield f"decades_lost_{name}_{words}_{layer}", mean_interval(-plain)
            yield f"decades_{name}_residual_{words}_{layer}", mean_interval(residual)
    tanh, sigmoid = 10 ** arrays["size"][2:, OFF, PLAIN]
    yield "tanh_largest", exact(tanh.max())
    yield "sigmoid_smallest", exact(sigmoid.min())


def _likeness(arrays: Arrays) -> Iterator[tuple[str, Estimate]]:
    """Give the spread over the batch as a share of the size, at He's gain."""
    he = SHOWN_GAINS.index(HE_GAIN)
    at = 10 ** arrays["alike_at"][:, :, PLAIN, he]  # (f, norms, n, marks)
    for number, name in enumerate(NONLINEARITIES):
        for norm, words in ((OFF, "off"), (LAYER, "layer_norm")):
            for mark in (10, 100):
                share = at[number, norm, :, MARKS.index(mark)]
                yield f"spread_{name}_{words}_{mark}", mean_interval(share)
    least = 10 ** arrays["alike"][:, BATCH].min()
    yield "spread_batch_norm_least", exact(least)
    directions = 10 ** arrays["directions_at"][1, :, PLAIN, he, :, -1]  # (norms, n)
    for norm, words in ((OFF, "off"), (LAYER, "layer_norm")):
        yield f"directions_relu_{words}_100", mean_interval(directions[norm])


def _alive(arrays: Arrays) -> Iterator[tuple[str, Estimate]]:
    """Count the gains at which the median network is alive in the last layer."""
    middle = arrays["size"][..., 1]  # (f, norms, 2, gains, layers)
    last = fates(middle, arrays["alike"])[..., -1]
    alive = last == ALIVE
    for place, name in enumerate(NONLINEARITIES):
        for norm, words in enumerate(("off", "batch_norm", "layer_norm")):
            plain, residual = alive[place, norm].sum(axis=-1)
            yield f"alive_{name}_{words}", exact(plain)
            yield f"alive_{name}_{words}_residual", exact(residual)
    yield "gains", exact(len(GAINS))
    exploded = last[1, OFF, RESIDUAL] == EXPLODED
    yield "exploded_relu_off_residual", exact(exploded.sum())
    relu = np.array(GAINS)[alive[1, OFF, PLAIN]]
    yield "alive_relu_least_gain", exact(relu.min(initial=GAINS[-1]))
    yield "alive_relu_largest_gain", exact(relu.max(initial=0))


EXPERIMENT = Experiment(
    grid=(
        Axis(
            "nonlinearity",
            "nonlinearity",
            "0 linear, 1 ReLU, 2 tanh, 3 sigmoid",
            tuple(map(float, range(len(NONLINEARITIES)))),
        ),
    ),
    dims={
        "size": ("norm", "residual", "gain_place", "layer_place", "level"),
        "alike": ("norm", "residual", "gain_place", "layer_place"),
        "size_at": ("norm", "residual", "shown_place", "repeat", "mark"),
        "alike_at": ("norm", "residual", "shown_place", "repeat", "mark"),
        "directions_at": ("norm", "residual", "shown_place", "repeat", "mark"),
        "stream_at": ("norm", "shown_place", "repeat", "mark"),
        "ridge_size": ("norm", "shown_place", "ridge"),
        "density": ("norm", "shown_place", "ridge", "bin"),
        "gain": ("gain_place",),
        "shown_gain": ("shown_place",),
        "layer": ("layer_place",),
    },
    repeats=20,
    seed=2010,
    simulate=simulate,
    facts=facts,
    meets=("toggle-batch-norm",),
)
