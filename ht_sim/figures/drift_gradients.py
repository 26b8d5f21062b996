"""Signal and gradient by layer, and how fast the gradient grows, by batch size."""

from __future__ import annotations

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.estimates import mean_interval
from ht_sim.experiments import Arrays
from ht_sim.experiments.drift_gradients import BATCHES, LAYERS, MARGIN, PLAIN, power
from ht_sim.figures import Exhibit, Results, Rows, State, Step, choice, slider
from ht_sim.figures._drift_gradients_picture import (
    NAMES,
    draw,
    factor_of_theory,
    form_of,
    large,
    place_of,
)
from ht_sim.figures._rows import interval, number

NETWORKS = (
    "plain ReLU network",
    "ReLU network with skip connections",
    "plain linear network",
)


def _slopes(arrays: Arrays, state: State) -> np.ndarray:
    """Return the slope of ln(square) a layer, (norms, repeats)."""
    slopes: np.ndarray = arrays["slope"][place_of(arrays, state)]
    return slopes


def _growth(arrays: Arrays, state: State, norm: int) -> float:
    """Return the growth from layer 50 to layer 1, as a power of ten."""
    return float(arrays["growth"][place_of(arrays, state)][norm].mean())


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["drift-gradients"]
    last = arrays["signal"][place_of(arrays, state)][0, 1, -1]
    return (
        f"Three panels for a {_case(state)}. Left, the standard deviation of the "
        "signal by layer: with either norm a straight line at 1 from layer 1, on top, "
        f"to layer 50; without a norm it is {large(10**last)} in the last layer. "
        "Middle, on a logarithmic scale, the squared gradient in layer 1, where that "
        f"in layer 50 is 1: {_growths(arrays, state)}. Right, its factor a layer by "
        f"batch size; {_factors(arrays, state)}{_theory_in_words(state)}."
    )


def _case(state: State) -> str:
    return f"{NETWORKS[int(state['network'])]}, batch size {state['batch']:.0f}"


def _growths(arrays: Arrays, state: State) -> str:
    return ", ".join(
        f"{name} {large(10 ** _growth(arrays, state, norm))}"
        for norm, name in enumerate(NAMES)
    )


def _factors(arrays: Arrays, state: State) -> str:
    return ", ".join(
        f"{name} {np.exp(_slopes(arrays, state)[norm].mean()):.2f}"
        for norm, name in enumerate(NAMES)
    )


def _theory_in_words(state: State) -> str:
    if not form_of(state):
        return ""
    return f"; theory for batch norm {factor_of_theory(state, int(state['batch'])):.2f}"


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    return (
        f"{_case(state)}: factor of the squared gradient a layer, "
        f"{_factors(results['drift-gradients'], state)}{_theory_in_words(state)}"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["drift-gradients"]
    rows = [
        (f"squared gradient's factor a layer, {name}", _interval(slope, ".3f"))
        for name, slope in zip(NAMES, _slopes(arrays, state), strict=True)
    ]
    wide = theory = "—"
    if form := form_of(state):
        place = index_of(arrays["batch"], state["batch"]), list(PLAIN).index(form)
        wide = _interval(arrays["wide_slope"][place], ".3f")
        theory = number(factor_of_theory(state, int(state["batch"])), ".3f")
    rows += [("batch norm, 256 units", wide), ("batch norm, theory", theory)]
    for norm, name in enumerate(NAMES):
        size = 10 ** (_growth(arrays, state, norm) / 2)
        rows.append((f"size of the gradient, layer 1 over 50, {name}", large(size)))
    return rows


def _interval(slope: np.ndarray, shape: str) -> str:
    """Write the factor and its interval, from one slope a repeat."""
    return interval(power(mean_interval(slope)), shape)


EXHIBIT = Exhibit(
    experiments=("drift-gradients",),
    controls=(
        choice("network", "network", range(3), NETWORKS),
        slider("batch", "batch size", BATCHES, ".0f"),
    ),
    default={"network": 0.0, "batch": 128.0},
    printed=(
        {"network": 0.0, "batch": 128.0},
        {"network": 0.0, "batch": 8.0},
        {"network": 1.0, "batch": 128.0},
    ),
    draw=draw,
    finding="Batch norm holds the size of the signal in a plain ReLU network and blows "
    "up its gradient: squared, it grows by a factor of "
    "{fact}`drift-gradients.factor_relu_64_128:.2f` from a layer to the one before.",
    shown="drift-gradients.bn_signal_gap < 0.01 "
    "and drift-gradients.factor_relu_64_128.low > 1.4 "
    "and drift-gradients.excess_bn_128.low > 0.3",
    caption="Networks of 50 layers of 64 units before any training, at He's gain (the "
    "linear one at gain 1). Inputs are random, and so is the gradient of the loss with "
    "respect to the logits. The gradient shown is that with respect to what the "
    "nonlinearities get; its square is a mean over examples and units. Lines are means "
    "of logarithms, bands hold all 20 networks; where a line leaves the picture, words "
    f"say where it goes. The factor is the slope over layers {MARGIN + 1} to "
    f"{LAYERS - MARGIN}: near the ends the lines bend. The thin dashed line is theory "
    "for very wide layers [@yang2019, Thm. 3.10]. Right: dots are batch norm with "
    "$95\\,\\%$ intervals, rings the same with 256 units.",
    alt=alt,
    spoken=spoken,
    steps=(
        Step(
            "Start with a batch of 128. With batch norm the signal has a standard "
            "deviation of 1 in every layer. The gradient grows on its way back. "
            "Squared, as it is shown, it gains "
            "{fact}`drift-gradients.decades_plain_bn_128:.1f` powers of ten; so the "
            "gradient itself is {fact}`drift-gradients.growth_plain_bn_128:,.0f` times "
            "as large in layer 1 as in layer 50.",
            {"network": 0.0, "batch": 128.0},
        ),
        Step(
            "Make the batch smaller. [At 8 the square grows by a factor of "
            "{interval}`drift-gradients.factor_relu_64_8:.2f` a "
            'layer.]{shown="drift-gradients.factor_relu_64_8.low > 1.6"}',
            {"network": 0.0, "batch": 8.0},
        ),
        Step(
            "Take the ReLUs out, at 128 again. The line bends at both ends; [between "
            "layers 40 and 11 hardly any growth is left: a factor of "
            "{interval}`drift-gradients.factor_linear_64_128:.3f` a "
            'layer.]{shown="drift-gradients.factor_linear_64_128.high < 1.05"}',
            {"network": 2.0, "batch": 128.0},
        ),
        Step(
            "Put them back and add skip connections. [With batch norm the gradient in "
            "layer 1 is {interval}`drift-gradients.growth_skip_bn_128:.0f` times that "
            "in layer 50; it is the network without a norm that "
            'explodes.]{shown="drift-gradients.growth_skip_bn_128.high < 20 '
            'and drift-gradients.growth_skip_none_128.low > 1e8"}',
            {"network": 1.0, "batch": 128.0},
        ),
    ),
    numbers=numbers,
)
