"""Batch norm holds the size of a plain ReLU signal and blows up its gradient.

Set-up: 50 hidden layers of 64 units at initialisation, 20 networks, float64. Inputs are
standard normal numbers, and so is dLoss/dlogits, one number for each example and each
of 10 logits: no loss, no data, no training. Weights have He et al.'s gain before ReLUs
and gain 1 in linear networks; scale 1, shift 0, eps 1e-5. The networks are plain with
ReLUs, the same with skip connections, and plain and linear; each without a norm, with
batch norm and with layer norm.

What is measured is the mean over examples and units of the squared gradient with
respect to the inputs of each layer's nonlinearity. Its factor a layer is the slope of
its logarithm over layers 11 to 40: ten at each end are left out, for there signal and
gradient still carry what came in. So the mean over networks is that of logarithms: the
growth of a typical network. Theory is about the mean of squares, where single layers
with a large factor weigh more; ``ratio`` is the mean of such factors over the layers.

Plain networks with batch norm are run with 256 units too, for theory holds in the
limit of wide layers, at a fixed depth.

Each repeat draws its own weights, inputs and gradients; a smaller batch is the first
part of a larger one, and all networks share their weights.

Source
------
yang2019, Thm. 3.10; he2015delving, §2.2
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, exact, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.networks import Activation, Architecture, backward, forward_train
from ht_sim.norms import BatchNorm, LayerNorm
from ht_sim.parameters import Parameters, initialise, with_norms
from ht_sim.streams import Streams
from ht_sim.theory.propagation import (
    HE_GAIN,
    XAVIER_GAIN,
    batch_norm_gradient_factor,
)

LAYERS, LOGITS = 50, 10
NARROW, WIDE = 64, 256
BATCHES = (4, 8, 16, 32, 64, 128, 256)
MARGIN = 10  # layers left out at each end
GAINS = {"relu": HE_GAIN, "linear": XAVIER_GAIN}
NETWORKS: tuple[tuple[Activation, bool], ...] = (
    *(("relu", False), ("relu", True)),  # the second with skip connections
    ("linear", False),
)
PLAIN = {"relu": 0, "linear": 2}  # places of the networks that theory knows
NORMS = {"none": None, "bn": BatchNorm(), "ln": LayerNorm()}
BN = list(NORMS).index("bn")


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Send signals and gradients of one batch size through every network."""
    batch = int(point["batch"])
    signal, squares = _together([_narrow(batch, one) for one in streams])
    wide_squares, uneven = _together([_wide(batch, one) for one in streams])
    gradient = np.log10(squares / squares[..., -1:])
    return {
        "signal": _range(np.log10(signal)),
        "signal_last": signal[..., -1],
        "gradient": _range(gradient),
        "growth": gradient[..., 0],
        "slope": slopes(squares),
        "ratio": ratios(squares),
        "wide_slope": slopes(wide_squares),
        "wide_slope_first": slopes(wide_squares, 0, MARGIN),
        "wide_ratio": ratios(wide_squares),
        "wide_uneven": uneven,
    }


def _together(repeats: Sequence[tuple[np.ndarray, ...]]) -> list[np.ndarray]:
    """Stack each of the arrays, (..., layers), over the repeats: (..., S, layers)."""
    return [np.stack(same, axis=-2) for same in zip(*repeats, strict=True)]


def _narrow(batch: int, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Return the signal and the squared gradient of all networks of one repeat.

    Both are (networks, norms, layers), of the networks with ``NARROW`` units.
    """
    drawn, x, dlogits = _draw(NARROW, batch, streams)
    passes = []
    for network in NETWORKS:
        gain = GAINS[network[0]] / HE_GAIN
        parameters = [(gain * weights, bias) for weights, bias in drawn]
        passes.append([_pass(parameters, x, dlogits, network, name) for name in NORMS])
    signal = [[[h.std() for h in inputs] for inputs, _ in row] for row in passes]
    squares = [[[mean_square(g) for g in back] for _, back in row] for row in passes]
    return np.array(signal), np.array(squares)


def _wide(batch: int, streams: Streams) -> tuple[np.ndarray, np.ndarray]:
    """Return the squared gradient of wide plain networks with batch norm.

    The norm divides the gain out again, so both take the weights as they are drawn.

    Returns
    -------
    squares : (forms, layers)
    uneven : (layers,), for the ReLU network the standard deviation, over the examples,
        of an example's mean square over the units, whose mean is 1
    """
    drawn, x, dlogits = _draw(WIDE, batch, streams)
    squares = []
    for place in PLAIN.values():
        inputs, back = _pass(drawn, x, dlogits, NETWORKS[place], "bn")
        squares.append([mean_square(g) for g in back])
        if NETWORKS[place][0] == "relu":
            uneven = [(h**2).mean(axis=1).std() for h in inputs]
    return np.array(squares), np.array(uneven)


def _draw(
    width: int, batch: int, streams: Streams
) -> tuple[Parameters, np.ndarray, np.ndarray]:
    """Draw weights of He's gain, and the first ``batch`` inputs and gradients."""
    sizes = [width] * (LAYERS + 1) + [LOGITS]
    drawn = initialise(sizes, streams.initialisation, HE_GAIN)
    x = streams.batches.normal(size=(max(BATCHES), width))
    dlogits = streams.batches.normal(size=(max(BATCHES), LOGITS))
    return drawn, x[:batch], dlogits[:batch]


def _pass(
    parameters: Parameters,
    x: np.ndarray,
    dlogits: np.ndarray,
    network: tuple[Activation, bool],
    name: str,
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Return what each nonlinearity gets, and the gradient there, (N, width) each."""
    activation, residual = network
    norm = NORMS[name]
    forward = forward_train(
        with_norms(parameters) if norm else parameters,
        x,
        architecture=Architecture(activation, norm, residual),
    )
    return forward.inputs, backward(dlogits, forward).inputs


def mean_square(values: np.ndarray) -> float:
    """Return the mean of squares over all examples and units."""
    return float((values * values).mean())


def slopes(squares: np.ndarray, first: int = MARGIN, last: int = -MARGIN) -> np.ndarray:
    """Return how much ln(squares) grows for a layer towards layer 1, least squares.

    Parameters
    ----------
    squares : (..., layers), layer 1 first
    first, last : from which place on, and before which, layers count

    Returns
    -------
    slopes : (...)
    """
    logs = np.log(squares[..., first:last])
    steps = np.arange(logs.shape[-1]) - (logs.shape[-1] - 1) / 2
    return np.asarray(-(logs @ steps) / (steps @ steps))


def ratios(squares: np.ndarray) -> np.ndarray:
    """Return the mean, over the same layers, of the factor from one to the one before.

    ``squares`` is (..., layers), layer 1 first; the mean is (...).
    """
    middle = squares[..., MARGIN:-MARGIN]
    return np.asarray((middle[..., :-1] / middle[..., 1:]).mean(axis=-1))


def _range(values: np.ndarray) -> np.ndarray:
    """Return least, mean and most over the repeats, (..., 3, layers)."""
    ends = values.min(axis=-2), values.mean(axis=-2), values.max(axis=-2)
    return np.stack(ends, axis=-2)


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give each batch's factors beside theory, and what the signal does meanwhile."""
    found: dict[str, Estimate] = {}
    for batch in BATCHES:
        for form in PLAIN:
            found |= _against_theory(arrays, batch, form)
    for name, batch in (("128", 128), ("32", 32), ("8", 8)):
        found |= _norms_compared(arrays, index_of(arrays["batch"], batch), name)
    signal = arrays["signal"][:, PLAIN["relu"], BN]  # log10, (batches, 3, layers)
    found["bn_signal_gap"] = exact(np.abs(10**signal - 1).max())
    misses = [
        abs(found[f"miss_relu_{width}_{batch}"].value)
        for width in (NARROW, WIDE)
        for batch in BATCHES[1:]
    ]
    found["worst_miss_relu"] = exact(max(misses))
    growth = 10 ** arrays["growth"][index_of(arrays["batch"], 4), PLAIN["relu"], BN]
    found["largest_share_4"] = exact(growth.max() / growth.sum())
    uneven = arrays["wide_uneven"][index_of(arrays["batch"], 128)]  # (repeats, layers)
    found["uneven_first_128"] = mean_interval(uneven[:, 0])
    found["uneven_last_128"] = mean_interval(uneven[:, -1])
    found["uneven_rise_128"] = paired_difference(uneven[:, -1], uneven[:, 0])
    return found | _near_the_input(arrays)


def _near_the_input(arrays: Arrays) -> dict[str, Estimate]:
    """Give the factor over the first ten layers, wide ReLU networks, batch 128."""
    place = index_of(arrays["batch"], 128)
    first, middle = arrays["wide_slope_first"][place, 0], arrays["wide_slope"][place, 0]
    theory = math.log(batch_norm_gradient_factor(128))
    return {
        "miss_first_128": power(mean_interval(first - theory), -1),
        "first_minus_middle_128": paired_difference(first, middle),
    }


def _against_theory(arrays: Arrays, batch: int, form: str) -> dict[str, Estimate]:
    """Give the factor at both widths, and how far it lies from theory."""
    place = index_of(arrays["batch"], batch)
    theory = batch_norm_gradient_factor(batch, "relu" if form == "relu" else "linear")
    found = {f"theory_{form}_{batch}": exact(theory)}
    row = list(PLAIN).index(form)
    measured = {
        NARROW: [arrays[one][place, PLAIN[form], BN] for one in ("slope", "ratio")],
        WIDE: [arrays[f"wide_{one}"][place, row] for one in ("slope", "ratio")],
    }
    for width, (slope, ratio) in measured.items():
        name = f"{form}_{width}_{batch}"
        found[f"factor_{name}"] = power(mean_interval(slope))
        found[f"miss_{name}"] = power(mean_interval(slope - math.log(theory)), -1)
        error = slope.std(ddof=1) / math.sqrt(slope.size)
        found[f"errors_{name}"] = exact((slope.mean() - math.log(theory)) / error)
        found[f"ratio_{name}"] = mean_interval(ratio)
    return found


def _norms_compared(arrays: Arrays, place: int, name: str) -> dict[str, Estimate]:
    """Give factor, growth and last signal of every norm at one batch size."""
    found = {}
    slope = arrays["slope"][place, PLAIN["relu"]]  # (norms, repeats)
    for norm, one in zip(NORMS, slope, strict=True):
        found[f"factor_{norm}_{name}"] = power(mean_interval(one))
        if norm != "none":
            excess = paired_difference(one, slope[0])
            found[f"excess_{norm}_{name}"] = excess  # of ln(square) a layer
    for network, words in enumerate(("plain", "skip", "linear")):
        for row, norm in enumerate(NORMS):
            size = math.log(10) / 2 * arrays["growth"][place, network, row]
            found[f"growth_{words}_{norm}_{name}"] = power(mean_interval(size))
            decades = mean_interval(arrays["growth"][place, network, row])
            found[f"decades_{words}_{norm}_{name}"] = decades  # of squares
            last = np.log(arrays["signal_last"][place, network, row])
            found[f"signal_{words}_{norm}_{name}"] = power(mean_interval(last))
    return found


def power(logarithm: Estimate, add: float = 0) -> Estimate:
    """Return e to the power of an estimate, plus a number: a geometric mean."""
    ends = logarithm.value, logarithm.low, logarithm.high
    value, low, high = (math.exp(one) + add for one in ends)
    return Estimate(value, low, high, logarithm.repeats)


EXPERIMENT = Experiment(
    grid=(Axis("batch", "batch size", "examples", BATCHES),),
    dims={
        "signal": ("network", "norm", "range", "layer"),
        "signal_last": ("network", "norm", "repeat"),
        "gradient": ("network", "norm", "range", "layer"),
        "growth": ("network", "norm", "repeat"),
        "slope": ("network", "norm", "repeat"),
        "ratio": ("network", "norm", "repeat"),
        "wide_slope": ("form", "repeat"),
        "wide_slope_first": ("form", "repeat"),
        "wide_ratio": ("form", "repeat"),
        "wide_uneven": ("repeat", "layer"),
    },
    repeats=20,
    seed=2019,
    simulate=simulate,
    facts=facts,
)
