"""Networks at initialisation, and how large and how varied the signal in them is.

The size of what the nonlinearities of a layer get is its root mean square over examples
and units. Its spread is the same after the mean over the batch has been taken off each
unit: where the spread is far below the size, all examples look alike. Examples may
also spread by their lengths alone, so it is measured once more with all of them scaled
to one length. A signal is called vanished or exploded in a layer where its size is a
hundred times smaller or larger than in the first, and alike where the spread is a
hundredth of the size; what has vanished or exploded is not called alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from ht_sim.networks import ForwardTrain
from ht_sim.parameters import Parameters, initialise, stacked
from ht_sim.streams import Streams
from ht_sim.theory.propagation import XAVIER_GAIN

BINS, BIN = 51, 0.2  # of the densities, around zero
ALIKE_FLOOR: Final = 1e-14
"""Of the size; a spread below is rounding, and is kept as that."""

TURNED: Final = 2.0
"""Powers of ten by which sizes differ, or spread and size, for a signal to turn."""

FATES: Final = ("alive", "vanished", "exploded", "alike")
ALIVE, VANISHED, EXPLODED, ALIKE = range(len(FATES))


class Passed(NamedTuple):
    """One pass of a stack of S networks: log10 of sizes, spreads and the stream.

    ``stream`` and ``directions`` are those of the layers that are asked for.
    """

    size: np.ndarray  # (S, layers)
    alike: np.ndarray  # (S, layers), of spread / size
    stream: np.ndarray  # (S, asked), the size of what goes on to the next layer
    directions: np.ndarray  # (S, asked), the spread of examples of one length


def drawn(
    streams: Sequence[Streams], examples: int, width: int, layers: int
) -> tuple[np.ndarray, Parameters]:
    """Draw inputs (S, N, width) and weights at gain 1 of S networks with one output."""
    x = [one.split.standard_normal((examples, width)) for one in streams]
    sizes = [width] * (layers + 1) + [1]
    networks = [initialise(sizes, one.initialisation, XAVIER_GAIN) for one in streams]
    return np.stack(x), stacked(networks)


def at_gain(weights: Parameters, gain: float) -> Parameters:
    """Multiply all weights, drawn at gain 1, by a gain."""
    return [(gain * one, *others) for one, *others in weights]


def measured(forward: ForwardTrain, asked: Sequence[int]) -> Passed:
    """Measure what the nonlinearities of a pass get, and more of some layers."""
    pairs = [size_and_spread(one) for one in forward.inputs]
    size, spread = (np.stack(one, axis=1) for one in zip(*pairs, strict=True))
    onward = [forward.onward[layer - 1] for layer in asked]
    stream = np.stack([_root_mean_square(one) for one in onward], axis=1)
    turned = [spread_of_directions(forward.inputs[layer - 1]) for layer in asked]
    directions = np.stack(turned, axis=1)
    alike, directions = (
        np.maximum(x, ALIKE_FLOOR) for x in (spread / size, directions)
    )
    return Passed(*map(np.log10, (size, alike, stream, directions)))


def counted(forward: ForwardTrain, layers: Sequence[int]) -> np.ndarray:
    """Count what the nonlinearities of layers get in bins around zero.

    Returns (layers, bins); values beyond the bins are in none.
    """
    edges = (np.arange(BINS + 1) - BINS / 2) * BIN
    inputs = [forward.inputs[layer - 1] for layer in layers]
    return np.array([np.histogram(one, edges)[0] for one in inputs])


def size_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give root mean squares of (S, N, D) values: of all, and around the batch's mean.

    Returns (S,) each.
    """
    around = values - values.mean(axis=1, keepdims=True)
    return _root_mean_square(values), _root_mean_square(around)


def spread_of_directions(values: np.ndarray) -> np.ndarray:
    """Give the spread of (S, N, D) examples, each scaled to a mean square of one."""
    lengths = np.sqrt(np.square(values).mean(axis=2, keepdims=True))
    return size_and_spread(values / lengths)[1]


def _root_mean_square(values: np.ndarray) -> np.ndarray:
    squares: np.ndarray = np.einsum("snd,snd->s", values, values)
    return np.sqrt(squares / values[0].size)


def fates(size: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """Say what has become of a signal, as numbers of ``FATES``.

    ``size`` and ``alike`` are (..., layers), as in ``Passed``, layer 1 first.
    """
    change = size - size[..., :1]
    found = np.where(alike < -TURNED, ALIKE, ALIVE)
    found = np.where(change < -TURNED, VANISHED, found)
    turned: np.ndarray = np.where(change > TURNED, EXPLODED, found)
    return turned
