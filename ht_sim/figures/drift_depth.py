"""What nonlinearities get, layer by layer: its distribution, its size, its spread."""

from __future__ import annotations

import numpy as np

from ht_sim.experiments import Arrays
from ht_sim.experiments._signal import ALIKE_FLOOR
from ht_sim.experiments.drift_depth import MARKS, SHOWN_GAINS
from ht_sim.figures import Control, Exhibit, Results, Rows, State, Step
from ht_sim.figures._drift import gain_text, nonlinearity_control, norm_control, power
from ht_sim.figures._drift_depth_picture import case, draw, end_of, shown_place
from ht_sim.theory.propagation import HE_GAIN, XAVIER_GAIN


def _medians(arrays: Arrays, state: State) -> np.ndarray:
    """Return the median size of 20 networks at the marks, as log10."""
    nonlinearity, norm, gain = shown_place(state)
    sizes = arrays["size_at"][nonlinearity, norm, 0, gain]  # (repeats, marks)
    middle: np.ndarray = np.median(sizes, axis=0)
    return middle


def _spread(arrays: Arrays, state: State, layer: int) -> float:
    """Return the median spread over the batch as a share of the size, as log10."""
    nonlinearity, norm, gain = shown_place(state)
    shares = arrays["alike_at"][nonlinearity, norm, 0, gain]  # (repeats, marks)
    return float(np.median(shares[:, MARKS.index(layer)]))


def _share_words(exponent: float) -> str:
    """Write a share of the size, or that it is too small for the numbers used."""
    rounding = exponent < np.log10(10 * ALIKE_FLOOR)
    return "below rounding" if rounding else power(exponent)


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["drift-depth"]
    first, ten, fifty, last = (power(one) for one in _medians(arrays, state))
    return (
        f"Distributions of what the nonlinearities of ten layers get, layer 1 on top, "
        f"and sizes by layer on a logarithmic scale; {case(state)}. The size is "
        f"{first} in layer 1, {ten} in layer 10, {fifty} in layer 50 and {last} in "
        f"layer 100: {end_of(arrays, state)}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    arrays = results["drift-depth"]
    first, *_, last = (power(one) for one in _medians(arrays, state))
    end = end_of(arrays, state)
    return f"{case(state)}: size {first} in layer 1, {last} in layer 100; {end}"


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["drift-depth"]
    sizes = _medians(arrays, state)
    rows = [
        (f"size in layer {mark}, median of networks", power(size))
        for mark, size in zip(MARKS, sizes, strict=True)
    ]
    share = _share_words(_spread(arrays, state, 100))
    return [*rows, ("spread over the batch in layer 100, share of the size", share)]


def _state(norm: int, gain: float, nonlinearity: int = 1) -> dict[str, float]:
    return {
        "norm": float(norm),
        "gain": gain,
        "nonlinearity": float(nonlinearity),
    }


EXHIBIT = Exhibit(
    experiments=("drift-depth",),
    controls=(
        norm_control(),
        Control(
            "gain",
            "slider",
            "gain of the weights",
            "",
            SHOWN_GAINS,
            tuple(map(gain_text, SHOWN_GAINS)),
            quick=(XAVIER_GAIN, HE_GAIN, 2.0),
        ),
        nonlinearity_control(),
    ),
    default=_state(0, XAVIER_GAIN),
    printed=(_state(0, XAVIER_GAIN), _state(0, 2.0), _state(1, XAVIER_GAIN)),
    draw=draw,
    finding="With ReLU and gain 1 the signal dies on its way through the layers; with "
    "batch norm every layer gets numbers of size one.",
    shown="drift-depth.decades_relu_xavier_100.high < -10 "
    "and drift-depth.batch_norm_worst_gap < 0.01",
    caption="100 hidden layers of 64 units before any training; inputs are random, and "
    "weights have variance gain² / 64. Gain $1$ is Xavier's, $\\sqrt{2} \\approx 1.41$ "
    "is He's. Left, 32 examples in 20 networks, pooled. High peaks are cut. Where all "
    "values lie within $0.1$ of zero, a ridge is a bare upright line, however small "
    "they are. *Size* is the root mean square, median of networks. *Spread* (thin "
    "line) is what is left of it when the mean over the batch is taken off each unit. "
    "*Below rounding*: too small for the numbers used. The band holds all networks. "
    "Without a norm, the line named *theory* is that for great width.",
    alt=alt,
    spoken=spoken,
    steps=(
        Step(
            "Start without a norm at gain 1, Xavier's. Each ReLU layer halves the mean "
            "square, and by layer 50 the size has lost "
            "{fact}`drift-depth.decades_lost_relu_xavier_50:.0f` powers of ten.",
            _state(0, XAVIER_GAIN),
        ),
        Step(
            "Now double the gain. The same network explodes, by "
            "{fact}`drift-depth.decades_relu_two_100:.0f` powers of ten by layer 100.",
            _state(0, 2.0),
        ),
        Step(
            "Between them, at $\\sqrt{2}$, lies He's gain. The theory stands still. "
            "Networks of 64 units lose "
            "{fact}`drift-depth.decades_lost_relu_he_100:.1f` powers of ten by layer "
            "100, against {fact}`drift-depth.decades_lost_relu_xavier_100:.0f` at gain "
            "1.",
            _state(0, HE_GAIN),
        ),
        Step(
            "Switch batch norm on and go back to gain 1, or to any other: in every "
            "layer the size is one.",
            _state(1, XAVIER_GAIN),
        ),
        Step(
            "Switch it off, and take the sigmoid: the size holds by itself. But the "
            "spread dies, and soon all examples look alike.",
            _state(0, XAVIER_GAIN, 3),
        ),
    ),
    numbers=numbers,
    meets=("toggle-batch-norm",),
)
