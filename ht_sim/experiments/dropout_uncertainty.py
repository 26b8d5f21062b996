"""The spread of passes hardly knows how much data there was.

Set-up: a regression on one input. 20, 80 or 320 examples lie in two clusters, from -2
to -1 and from 1 to 2; the truth is sin(3x/2) and the noise has standard deviation 0.1.
Two hidden layers of 64 units, ReLU or tanh, inverted dropout on both, Adam at 0.002,
2,000 steps, batches of 20, squared error, no weight decay, in float32. A second input,
always one, takes the part of random biases, so that not all kinks start at zero. The
settings are those of the first trial; none was changed after it.
Each repeat draws its own examples and start; a larger set holds the smaller, and rates
share all that is drawn.

Then 200 passes, each with one mask for all inputs, so that a pass is one curve. Their
mean and standard deviation are taken inside the clusters, in the gap (from -0.75 to
0.75) and outside (beyond 2.5, up to 4). Covered is where the truth, without noise, lies
within two standard deviations of the mean. How the truth goes on outside is our choice.

The paper's regression had four or five hidden layers of 1,024 units, and weight decay.
Its variance is that of the passes plus a constant, 1/τ, which stands for the noise;
here it is that of the passes alone.

Source
------
gal2016, §4, §5.1
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, mean_interval
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.fast_training import fast_training_steps
from ht_sim.layers.dropout import keep_mask
from ht_sim.networks import Activation, Architecture, forward_train
from ht_sim.optimisers import Adam
from ht_sim.parameters import Parameters, initialise, stacked
from ht_sim.streams import Streams
from ht_sim.training import SQUARED_ERROR, finish, training_steps

COUNTS = (20, 80, 320)
NOISE = 0.1
HIDDEN = (64, 64)
PASSES, DRAWN = 200, 20
INPUTS = np.linspace(-4, 4, 161)
REGIONS = {
    "inside": (np.abs(INPUTS) >= 1) & (np.abs(INPUTS) <= 2),
    "gap": np.abs(INPUTS) <= 0.75,
    "outside": np.abs(INPUTS) >= 2.5,
}


def truth(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give what the examples scatter around: sin(3x/2), of any shape."""
    return np.sin(1.5 * x)


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Train a network in each repeat and run it 200 times with its masks on."""
    activation: Activation = "tanh" if point["tanh"] else "relu"
    count = int(point["examples"])
    x, y = _examples(streams)
    parameters = _train(
        x[:, :count], y[:, :count], streams, point["p_drop"], activation
    )
    curves = np.stack(
        [
            _passes(
                [(weights[place], bias[place]) for weights, bias in parameters],
                point["p_drop"],
                activation,
                one.masks,
            )
            for place, one in enumerate(streams)
        ]
    )  # (repeats, passes, inputs)
    return {
        "x": x[0],
        "y": y[0],
        "inputs": INPUTS,
        "truth": truth(INPUTS),
        "curves": curves[0, :DRAWN],
    } | summary(curves)


def _examples(
    streams: Sequence[Streams],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw inputs and values of the largest set, (repeats, 320); smaller ones lead."""
    most = max(COUNTS)
    side = np.where(np.arange(most) % 2, 1, -1)
    x = side * np.stack([one.split.uniform(1, 2, most) for one in streams])
    noise = np.stack([one.split.normal(0, NOISE, most) for one in streams])
    return x, truth(x) + noise


def _with_one(x: NDArray[np.float64]) -> NDArray[np.float32]:
    """Put a one beside each input: (..., N) becomes (..., N, 2)."""
    return np.stack([x, np.ones_like(x)], axis=-1).astype(np.float32)


def _train(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    streams: Sequence[Streams],
    p_drop: float,
    activation: Activation,
) -> Parameters:
    start = [initialise((2, *HIDDEN, 1), one.initialisation) for one in streams]
    stack = stacked(start, np.float32)
    data = _with_one(x), y[..., np.newaxis].astype(np.float32)
    optimiser = Adam(0.002)
    if activation == "relu":
        steps = fast_training_steps(
            stack, *data, streams, steps=2000, batch_size=20, optimiser=optimiser,
            p_drop=p_drop, loss=SQUARED_ERROR,
        )  # fmt: skip
    else:
        steps = training_steps(
            stack, *data, streams, steps=2000, batch_size=20, optimiser=optimiser,
            p_drop=p_drop, loss=SQUARED_ERROR, architecture=Architecture(activation),
        )  # fmt: skip
    return finish(steps).parameters


def _passes(
    parameters: Parameters,
    p_drop: float,
    activation: Activation,
    generator: np.random.Generator,
) -> NDArray[np.floating]:
    """Run one network over all inputs with a mask a pass, (passes, inputs)."""
    masks = [
        keep_mask(generator.random((PASSES, 1, width)), p_drop) for width in HIDDEN
    ]
    x = _with_one(INPUTS)
    run = forward_train(parameters, x, masks, p_drop, Architecture(activation))
    return run.logits[..., 0]


def summary(curves: NDArray[np.floating]) -> dict[str, np.ndarray]:
    """Give mean and standard deviation of the passes, and both by region.

    Parameters
    ----------
    curves : (repeats, passes, inputs)

    Returns
    -------
    arrays : ``mean`` and ``spread`` (ddof=1) of the first repeat, (inputs,);
        ``region_spread``, the mean spread, and ``covered``, the share of inputs where
        the truth is within two standard deviations of the mean, (repeats, regions);
        ``miss``, the root mean square distance of the mean from the truth likewise
    """
    mean = curves.mean(axis=1, dtype=np.float64)
    spread = curves.std(axis=1, ddof=1, dtype=np.float64)
    gap = mean - truth(INPUTS)
    parts = REGIONS.values()
    return {
        "mean": mean[0],
        "spread": spread[0],
        "region_spread": np.stack([spread[:, p].mean(axis=1) for p in parts], axis=1),
        "covered": np.stack(
            [(np.abs(gap) <= 2 * spread)[:, p].mean(axis=1) for p in parts], axis=1
        ),
        "miss": np.stack(
            [np.sqrt((gap[:, p] ** 2).mean(axis=1)) for p in parts], axis=1
        ),
    }


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give spreads at the data and their ratios, and coverage by region.

    Ratios are of spreads in the same repeat: of a region with 20 examples to inside,
    at rates 0.1 and 0.5; inside, of 320 examples to 20 at rate 0.1, and of rate 0.5 to
    0.05 with 320. Coverage is at rate 0.1. A spread that stays is within a tenth.
    """
    few, many = (index_of(arrays["examples"], count) for count in (20, 320))
    least, low, high = (index_of(arrays["p_drop"], one) for one in (0.05, 0.1, 0.5))
    found = {}
    for tanh, name in enumerate(("relu", "tanh")):
        spread = arrays["region_spread"][tanh]  # (examples, rates, repeats, regions)
        for rate, place in {"10": low, "50": high}.items():
            inside, gap, outside = spread[few, place].T
            found[f"{name}_outside_{rate}"] = mean_interval(outside / inside)
            found[f"{name}_gap_{rate}"] = mean_interval(gap / inside)
        sixteenfold = spread[many, low, :, 0] / spread[few, low, :, 0]
        found[f"{name}_more_data"] = mean_interval(sixteenfold)
        tenfold = spread[many, high, :, 0] / spread[many, least, :, 0]
        found[f"{name}_rate"] = mean_interval(tenfold)
        for count, place in {"20": few, "320": many}.items():
            found[f"{name}_spread_{count}"] = mean_interval(spread[place, low, :, 0])
            covered = arrays["covered"][tanh, place, low]  # (repeats, regions)
            for region, shares in zip(REGIONS, covered.T, strict=True):
                found[f"{name}_covered_{region}_{count}"] = mean_interval(shares)
    return found


EXPERIMENT = Experiment(
    grid=(
        Axis("tanh", "tanh in place of ReLU", "no or yes", (0.0, 1.0)),
        Axis(
            "examples",
            "examples",
            "count",
            tuple(float(n) for n in COUNTS),
            quick=(20.0, 320.0),
        ),
        Axis("p_drop", "drop rate", "probability", (0.05, 0.1, 0.2, 0.5)),
    ),
    dims={
        "x": ("example",),
        "y": ("example",),
        "inputs": ("input",),
        "truth": ("input",),
        "curves": ("pass", "input"),
        "mean": ("input",),
        "spread": ("input",),
        "region_spread": ("repeat", "region"),
        "covered": ("repeat", "region"),
        "miss": ("repeat", "region"),
    },
    repeats=8,
    seed=2016,
    simulate=simulate,
    facts=facts,
)
