"""Training-time outputs spread around the test output, and a ReLU lifts their mean.

Set-up: one layer of rectified Gaussian activations is read out by one unit with
Gaussian weights of variance 1/width. Its bias is set so that the test output, with
all units active, is exactly 1/2: then the linear output and its ReLU start equal.
Inverted dropout, 2,000 masks a repeat, two widths, no real data.

Activations and weights are one draw for all repeats; each repeat has its own masks,
and all rates share them.

Source
------
srivastava2014, §10; wang2013
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.estimates import Estimate, exact, mean_interval
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.layers.activations import relu_forward
from ht_sim.layers.dropout import inverted_dropout_train, keep_mask
from ht_sim.streams import Streams
from ht_sim.theory import inverted_dropout_readout_variance, rectified_normal_mean

MASKS = 2000
SHOWN = 120
TEST_OUTPUT = 0.5


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Read out one layer under many masks, and say what theory expects."""
    width, p_drop = int(point["width"]), point["p_drop"]
    activations, weights, bias = _unit(width, streams[0].initialisation)
    variance = inverted_dropout_readout_variance(weights, activations, p_drop)
    outputs = np.array(
        [
            _outputs(activations, weights, bias, p_drop, one.masks)  # (masks,)
            for one in streams
        ]
    )
    rectified, _ = relu_forward(outputs)
    return {
        "outputs": outputs[0, :SHOWN],
        "linear_mean": outputs.mean(axis=1),
        "linear_variance": outputs.var(axis=1, ddof=1),
        "relu_mean": rectified.mean(axis=1),
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
    """Give the spread and the bias at a few rates, and their distance from theory."""
    wide = int(np.argmax(arrays["width"]))
    narrow = 1 - wide
    rates = {"30": 0.3, "50": 0.5, "70": 0.7, "90": 0.9}
    found = {
        "test_output": exact(TEST_OUTPUT),
        "worst_mean_gap": exact(_worst_gap(arrays["linear_mean"], TEST_OUTPUT)),
        "worst_variance_gap": exact(
            _worst_gap(arrays["linear_variance"], arrays["linear_variance_theory"])
        ),
    }
    for name, rate in rates.items():
        place = int(np.argmin(np.abs(arrays["p_drop"] - rate)))
        relu_mean = arrays["relu_mean"][wide, place]
        spread = np.sqrt(arrays["linear_variance"][wide, place])
        found[f"linear_mean_{name}"] = mean_interval(arrays["linear_mean"][wide, place])
        found[f"spread_{name}"] = mean_interval(spread)
        found[f"relu_mean_{name}"] = mean_interval(relu_mean)
        found[f"relu_lift_{name}"] = mean_interval(relu_mean - TEST_OUTPUT)
        for width, where in (("wide", wide), ("narrow", narrow)):
            theory = arrays["relu_mean_theory"][where, place]
            error = arrays["relu_mean"][where, place] / theory - 1
            found[f"theory_error_{width}_{name}"] = mean_interval(error)
    spread = np.sqrt(arrays["linear_variance"][wide])
    half, most = (int(np.argmin(np.abs(arrays["p_drop"] - r))) for r in (0.5, 0.9))
    found["spread_growth"] = mean_interval(spread[most] / spread[half])
    return found


def _worst_gap(measured: np.ndarray, theory: np.ndarray | float) -> float:
    """Return the largest distance from theory, in standard errors of the mean.

    ``measured`` is (widths, rates, repeats); rate 0, where nothing varies, is left
    out.
    """
    repeats = measured.shape[-1]
    error = measured.std(axis=-1, ddof=1) / np.sqrt(repeats)
    gap = np.abs(measured.mean(axis=-1) - theory)
    return float((gap[:, 1:] / error[:, 1:]).max())


EXPERIMENT = Experiment(
    grid=(
        Axis("width", "units in the layer", "units", (32, 512)),
        Axis(
            "p_drop",
            "drop rate",
            "probability",
            tuple(round(0.05 * step, 2) for step in range(19)),
        ),
    ),
    dims={
        "outputs": ("mask",),
        "linear_mean": ("repeat",),
        "linear_variance": ("repeat",),
        "relu_mean": ("repeat",),
        "linear_variance_theory": (),
        "relu_mean_theory": (),
    },
    repeats=40,
    seed=2013,
    simulate=simulate,
    facts=facts,
)
