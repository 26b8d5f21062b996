"""Training-time outputs spread around the test output, and a ReLU lifts their mean.

Set-up: one layer of rectified Gaussian activations is read out by one unit with
Gaussian weights of variance 1/width. Its bias is set so that the test output, with
all units active, is exactly 1/2: then the linear output and its ReLU start equal.
Inverted dropout, 4,000 masks a repeat, two widths, no real data.

Each repeat draws its own activations, weights and masks; all rates share them.

Source
------
srivastava2014, §10; wang2013
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, exact, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.layers.activations import relu_forward
from ht_sim.layers.dropout import inverted_dropout_train, keep_mask
from ht_sim.streams import Streams
from ht_sim.theory.dropout import inverted_dropout_readout_variance
from ht_sim.theory.normal import rectified_normal_mean

MASKS = 4000
SHOWN = 120
TEST_OUTPUT = 0.5


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Read out one layer a repeat under many masks, and say what theory expects."""
    width, p_drop = int(point["width"]), point["p_drop"]
    repeats = [_one_repeat(width, p_drop, one) for one in streams]
    first = repeats[0].pop("outputs")[:SHOWN]
    for other in repeats[1:]:
        del other["outputs"]
    together = {name: np.stack([r[name] for r in repeats]) for name in repeats[0]}
    return together | {"outputs": first}


def _one_repeat(width: int, p_drop: float, streams: Streams) -> dict[str, np.ndarray]:
    activations, weights, bias = _unit(width, streams.initialisation)
    outputs = _outputs(activations, weights, bias, p_drop, streams.masks)
    rectified, _ = relu_forward(outputs)
    variance = inverted_dropout_readout_variance(weights, activations, p_drop)
    return {
        "outputs": outputs,
        "linear_mean": outputs.mean(),
        "linear_variance": outputs.var(ddof=1),
        "relu_mean": rectified.mean(),
        "linear_variance_theory": np.asarray(variance),
        "relu_mean_theory": rectified_normal_mean(TEST_OUTPUT, np.sqrt(variance)),
    }


def _unit(
    width: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, float]:
    activations, _ = relu_forward(generator.normal(size=width))
    weights = generator.normal(size=width) / np.sqrt(width)
    return activations, weights, TEST_OUTPUT - float(weights @ activations)


def _outputs(
    activations: np.ndarray,
    weights: np.ndarray,
    bias: float,
    p_drop: float,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return the linear output under each mask, (masks,)."""
    mask = keep_mask(generator.random((MASKS, activations.size)), p_drop)
    dropped, _ = inverted_dropout_train(activations, mask, p_drop)
    return dropped @ weights + bias


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the spread and the lift at a few rates, and their distance from theory."""
    wide = int(np.argmax(arrays["width"]))
    mean_gap = arrays["linear_mean"] - TEST_OUTPUT
    variance_gap = arrays["linear_variance"] - arrays["linear_variance_theory"]
    found = {
        "test_output": exact(TEST_OUTPUT),
        "worst_mean_gap": exact(_worst_gap(mean_gap)),
        "worst_variance_gap": exact(_worst_gap(variance_gap)),
    }
    for name, rate in {"30": 0.3, "50": 0.5, "80": 0.8, "90": 0.9}.items():
        place = index_of(arrays["p_drop"], rate)
        lift = arrays["relu_mean"][wide, place] - TEST_OUTPUT
        spread = np.sqrt(arrays["linear_variance"][wide, place])
        found[f"spread_{name}"] = mean_interval(spread)
        found[f"relu_mean_{name}"] = mean_interval(arrays["relu_mean"][wide, place])
        found[f"relu_lift_{name}"] = mean_interval(lift)
        theory = arrays["relu_mean_theory"][:, place]
        miss = np.abs(arrays["relu_mean"][:, place] / theory - 1)
        found[f"theory_miss_wide_{name}"] = mean_interval(miss[wide])
        found[f"theory_miss_narrow_{name}"] = mean_interval(miss[1 - wide])
        gap = paired_difference(miss[1 - wide], miss[wide])
        found[f"theory_miss_gap_{name}"] = gap
    spread = np.sqrt(arrays["linear_variance"][wide])
    half, most = (index_of(arrays["p_drop"], rate) for rate in (0.5, 0.9))
    found["spread_growth"] = mean_interval(spread[most] / spread[half])
    return found


def _worst_gap(gap: np.ndarray) -> float:
    """Return the largest mean distance from theory, in standard errors of the mean.

    ``gap`` is (widths, rates, repeats); rate 0, where nothing varies, is left out.
    """
    error = gap.std(axis=-1, ddof=1) / np.sqrt(gap.shape[-1])
    distance = np.abs(gap.mean(axis=-1))
    return float((distance[:, 1:] / error[:, 1:]).max())


EXPERIMENT = Experiment(
    grid=(
        Axis("width", "units in the layer", "units", (32, 512)),
        Axis(
            "p_drop",
            "drop rate",
            "probability",
            tuple(round(0.05 * step, 2) for step in range(19)),
            quick=(0.0, 0.3, 0.5, 0.8, 0.9),
        ),
    ),
    dims={
        "outputs": ("mask",),
        "linear_mean": ("repeat",),
        "linear_variance": ("repeat",),
        "relu_mean": ("repeat",),
        "linear_variance_theory": ("repeat",),
        "relu_mean_theory": ("repeat",),
    },
    repeats=40,
    seed=2013,
    simulate=simulate,
    facts=facts,
)
