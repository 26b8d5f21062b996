"""Each layer multiplies the mean square by what theory says, and great width obeys.

Set-up: 50 hidden layers of 64 or 256 units at initialisation, without norms; weights
of variance gain² / width, zero biases, 32 examples of standard normal numbers, no real
data, float64. A repeat draws inputs and weights; all gains share them. In a block the
layer's output f(W x) is added to its input x.

Over the draws of a layer's weights, the mean square of what the nonlinearities get
changes by gain² (linear) and gain² / 2 (ReLU), and that of what linear blocks send on
by 1 + gain²; on average, and at every width. The typical network falls behind that
average the more, the narrower it is, and the more alike its examples have become: the
lag is given for the first and last ten layers too. Of tanh theory speaks for great
width alone.

Source
------
he2015delving, §2.2; poole2016, §2; de2020, §2
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, exact, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._signal import at_gain, drawn, size_and_spread
from ht_sim.networks import Activation, Architecture, forward_train
from ht_sim.streams import Streams
from ht_sim.theory.propagation import HE_GAIN, variances

NONLINEARITIES: Final[tuple[Activation, ...]] = ("linear", "relu", "tanh")
LINEAR, RELU, TANH = range(len(NONLINEARITIES))
WIDTHS: Final = {"narrow": 64, "wide": 256}
GAINS: Final = (1.0, 1.3, HE_GAIN, 1.5)
TANH_GAINS: Final = {"100": 1.0, "130": 1.3, "150": 1.5}
BLOCK_GAIN: Final = 1.0
EXAMPLES, LAYERS, STACK = 32, 50, 4
MARKS: Final = (10, 50)
END: Final = 10  # layers that are the first, and as many the last


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Follow mean squares through the networks of one nonlinearity and width."""
    activation = NONLINEARITIES[int(point["nonlinearity"])]
    plain, block = [], []
    for first in range(0, len(streams), STACK):
        stack = streams[first : first + STACK]
        x, weights = drawn(stack, EXAMPLES, int(point["width"]), LAYERS)
        for gain in GAINS:
            forward = forward_train(
                at_gain(weights, gain), x, architecture=Architecture(activation)
            )
            plain.append(_mean_squares(forward.inputs))
        blocks = Architecture(activation, residual=True)
        forward = forward_train(at_gain(weights, BLOCK_GAIN), x, architecture=blocks)
        block.append(_mean_squares(forward.onward))
    stacks = [plain[place :: len(GAINS)] for place in range(len(GAINS))]
    squares = np.array([np.concatenate(one) for one in stacks])  # (gains, n, layers)
    ratios = squares[..., 1:] / squares[..., :-1]
    return {
        "factor": ratios.mean(axis=-1),
        "typical_factor": np.exp(np.log(ratios).mean(axis=-1)),
        "lag_at_ends": np.stack(
            [lags(ratios[..., :END]), lags(ratios[..., -END:])], -1
        ),
        "mean_square": squares[..., [mark - 1 for mark in MARKS]],
        "block_factor": block_factors(np.concatenate(block)),
        "gain": np.array(GAINS),
    }


def _mean_squares(values: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean squares of layers, (S, layers)."""
    return np.stack([size_and_spread(one)[0] for one in values], axis=1) ** 2


def lags(ratios: np.ndarray) -> np.ndarray:
    """Return by how much the mean of (..., layers) factors is above their typical."""
    lag: np.ndarray = ratios.mean(axis=-1) - np.exp(np.log(ratios).mean(axis=-1))
    return lag


def block_factors(squares: np.ndarray) -> np.ndarray:
    """Return the mean over blocks of the ratio of (n, layers) mean squares."""
    ratios: np.ndarray = squares[:, 1:] / squares[:, :-1]
    return ratios.mean(axis=1)


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give factors a layer and tanh's mean squares, and their distance from theory."""
    return dict(_factors(arrays)) | dict(_tanh(arrays))


def standard_errors(gap: np.ndarray) -> np.ndarray:
    """Return how many standard errors means over the last axis are from zero."""
    error = gap.std(axis=-1, ddof=1) / np.sqrt(gap.shape[-1])
    distance: np.ndarray = np.abs(gap.mean(axis=-1)) / error
    return distance


def _factors(arrays: Arrays) -> Iterator[tuple[str, Estimate]]:
    """Hold the factors of mean squares against gain², gain² / 2 and 1 + gain²."""
    he, one = (index_of(arrays["gain"][0, 0], gain) for gain in (HE_GAIN, 1.0))
    factor, block = arrays["factor"], arrays["block_factor"]  # (f, widths, gains, n)
    lag = factor[RELU, :, he] - arrays["typical_factor"][RELU, :, he]
    gaps = [factor[LINEAR, :, one] - 1, factor[RELU, :, he] - 1, block[LINEAR] - 2]
    yield "worst_factor_gap", exact(standard_errors(np.array(gaps)).max())
    for place, width in enumerate(WIDTHS):
        yield f"relu_xavier_{width}", mean_interval(factor[RELU, place, one])
        yield f"relu_he_{width}", mean_interval(factor[RELU, place, he])
        yield f"relu_he_lag_{width}", mean_interval(lag[place])
        yield f"block_linear_{width}", mean_interval(block[LINEAR, place])
        yield f"block_relu_{width}", mean_interval(block[RELU, place])
    ends = arrays["lag_at_ends"][RELU, 0, he]  # (n, 2), of the narrow networks
    for end, words in zip(ends.T, ("first", "last"), strict=True):
        yield f"relu_he_lag_{words}_layers", mean_interval(end)
    yield "relu_he_lag_rise", paired_difference(ends[:, 1], ends[:, 0])


def _tanh(arrays: Arrays) -> Iterator[tuple[str, Estimate]]:
    """Hold tanh's mean squares at two layers against the theory of great width.

    ``off`` is how far a network lies from it, as a share, whichever the side.
    """
    measured = arrays["mean_square"][TANH]  # (widths, gains, repeats, marks)
    for name, gain in TANH_GAINS.items():
        theory = variances("tanh", gain, LAYERS, gain * gain)
        for mark, layer in enumerate(MARKS):
            values = measured[:, index_of(arrays["gain"][0, 0], gain), :, mark]
            yield f"tanh_{name}_{layer}_theory", exact(theory[layer - 1])
            for width, words in zip(values, WIDTHS, strict=True):
                yield f"tanh_{name}_{layer}_{words}", mean_interval(width)
                off = np.abs(width / theory[layer - 1] - 1)
                yield f"tanh_{name}_{layer}_off_{words}", mean_interval(off)


EXPERIMENT = Experiment(
    grid=(
        Axis("nonlinearity", "nonlinearity", "0 linear, 1 ReLU, 2 tanh", (0, 1, 2)),
        Axis("width", "units in a layer", "units", tuple(WIDTHS.values())),
    ),
    dims={
        "factor": ("gain_place", "repeat"),
        "typical_factor": ("gain_place", "repeat"),
        "lag_at_ends": ("gain_place", "repeat", "end"),
        "mean_square": ("gain_place", "repeat", "mark"),
        "block_factor": ("repeat",),
        "gain": ("gain_place",),
    },
    repeats=20,
    seed=2016,
    simulate=simulate,
    facts=facts,
)
