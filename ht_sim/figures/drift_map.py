"""Where a signal vanishes, lives and explodes, by gain and depth."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from ht_sim.experiments import Arrays
from ht_sim.experiments._signal import ALIVE, FATES
from ht_sim.experiments.drift_depth import GAINS, LAYERS
from ht_sim.figures import Control, Exhibit, Results, Rows, State, Step
from ht_sim.figures._drift import fates_of, nonlinearity_control, norm_control
from ht_sim.figures._drift_map_picture import WORDS, case, draw, percent, spread_shares
from ht_sim.figures._rows import number


def _ranges(found: np.ndarray) -> str:
    """Say of the last layer which gains have which fate, (gains, layers)."""
    parts = []
    for fate, run in groupby(range(len(GAINS)), key=lambda n: int(found[n, -1])):
        gains = [f"{GAINS[n]:.2g}" for n in run]
        span = gains[0] if len(gains) == 1 else f"{gains[0]} to {gains[-1]}"
        parts.append(f"{WORDS[fate]} at gain {span}")
    return ", ".join(parts)


def _spread(arrays: Arrays, state: State, found: np.ndarray) -> str:
    """Say the spread in the last layer, least to largest, where the signal lives."""
    shares = spread_shares(arrays, state)[found[:, -1] == ALIVE, -1]
    if not shares.size:
        return "none alive"
    ends = dict.fromkeys(percent(one) for one in (shares.min(), shares.max()))
    return f"{' to '.join(ends)} of the size"


def _fate_words(results: Results, state: State) -> str:
    """Say what has become of the signal in the last layer, and its spread there."""
    arrays = results["drift-depth"]
    found = fates_of(arrays, state, int(state["residual"]))
    words = _ranges(found)
    if (found[:, -1] == ALIVE).any():
        words += f"; where alive, the spread is {_spread(arrays, state, found)}"
    return words


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    return (
        f"A map of gain by layer, layer 1 on top; {case(state)}. Regions are named. "
        f"In layer {LAYERS}: {_fate_words(results, state)}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    return f"{case(state)}: in layer {LAYERS} {_fate_words(results, state)}"


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["drift-depth"]
    found = fates_of(arrays, state, int(state["residual"]))
    rows = [
        (f"{WORDS[fate]} in layer {LAYERS}, of {len(GAINS)} gains",
         number((found[:, -1] == fate).sum(), ".0f"))
        for fate in range(len(FATES))
    ]  # fmt: skip
    spread = _spread(arrays, state, found)
    return [*rows, (f"spread in layer {LAYERS} where alive", spread)]


def _state(norm: int = 0, nonlinearity: int = 1, residual: int = 0) -> dict[str, float]:
    return {
        "norm": float(norm),
        "nonlinearity": float(nonlinearity),
        "residual": float(residual),
    }


EXHIBIT = Exhibit(
    experiments=("drift-depth",),
    controls=(
        norm_control(),
        nonlinearity_control(),
        Control(
            "residual",
            "toggle",
            "skip connections",
            "",
            (0.0, 1.0),
            ("plain", "skip connections"),
        ),
    ),
    default=_state(),
    printed=(_state(), _state(residual=1), _state(norm=2, nonlinearity=3)),
    draw=draw,
    finding="Without a norm, the signal of a deep ReLU network keeps its size in a "
    "narrow strip of gains, around He's; with either norm it does so at every gain.",
    shown="drift-depth.alive_relu_off < 5 "
    "and drift-depth.alive_relu_least_gain <= 1.4143 "
    "and drift-depth.alive_relu_largest_gain >= 1.4142 "
    "and drift-depth.alive_relu_batch_norm >= drift-depth.gains "
    "and drift-depth.alive_relu_layer_norm >= drift-depth.gains",
    caption="What the nonlinearities get, at initialisation; medians of 20 networks. "
    "*Vanished* and *exploded*: its size has changed by more than two powers of ten "
    "since layer 1. *Alike*: examples differ by less than a hundredth of the size. "
    "Everything else is *alive*: size and spread are there, which does not say that "
    "they still tell of the input. The numbers are the spread over examples, as a "
    "share of the size. Gain $1$ is Xavier's, $\\sqrt{2} \\approx 1.41$ is He's; from "
    "column to column the gain grows by a factor of $2^{1/6} \\approx 1.12$. Dashed: "
    "where theory for great width draws the line. There is one for networks without a "
    "norm, and with skip connections for linear layers alone.",
    alt=alt,
    spoken=spoken,
    steps=(
        Step(
            "Start with ReLU and no norm. The deeper the network, the narrower the "
            "strip of gains at which the size holds.",
            _state(),
        ),
        Step(
            "Add skip connections. Nothing vanishes any more, and [at every gain the "
            'signal explodes.]{shown="drift-depth.exploded_relu_off_residual '
            '>= drift-depth.gains"}',
            _state(residual=1),
        ),
        Step(
            "Take tanh, without the skips. It is bounded and cannot explode; below "
            "gain 1 the signal dies.",
            _state(nonlinearity=2),
        ),
        Step(
            "With the sigmoid and layer norm the size is held, but all examples come "
            "to look alike.",
            _state(norm=2, nonlinearity=3),
        ),
        Step(
            "Keep the sigmoid, and take batch norm: it holds the size and the spread.",
            _state(1, 3),
        ),
    ),
    numbers=numbers,
    meets=("toggle-batch-norm",),
)
