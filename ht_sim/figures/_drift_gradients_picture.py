"""The drawing of signal, gradient and its factor: two by layer, one by batch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.estimates import mean_interval
from ht_sim.experiments import Arrays
from ht_sim.experiments.drift_gradients import BN, LAYERS, PLAIN, power
from ht_sim.figures import Results, State
from ht_sim.figures._drift import STYLES
from ht_sim.figures._drift import power as written
from ht_sim.figures._rows import number
from ht_sim.numerals import superscript
from ht_sim.theory.propagation import batch_norm_gradient_factor

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 386
TOP, BOX = 40, 286
LEFTS, WIDTHS = (56, 254, 610), (160, 292, 182)
LAYERS_SHOWN = (1, 2, 4, 7, 11, 16, 21, 26, 31, 36, 41, 45, 48, 50)
SIGNAL = (-1.2, 2.6)  # what the axes hold, in powers of ten
GRADIENT = (-7.3, 13.4)
NAMES = ("no norm", "batch norm", "layer norm")
ASIDE_SIGNAL = 0.68  # powers of ten from 1 to the names in the left panel
STEEP = 4  # powers of ten from which on a line has room for its own name
AWAY = 8  # the layer at whose height stands the name of a line that left the picture


def draw(results: Results, state: State) -> Figure:
    """Draw the signal and the gradient by layer, and the factor by batch size."""
    arrays = results["drift-gradients"]
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_signal(figure, arrays, state)
    _draw_gradient(figure, arrays, state)
    _draw_factors(figure, arrays, state)
    return figure


def place_of(arrays: Arrays, state: State) -> tuple[int, int]:
    """Return the grid places of a state's batch size and network."""
    return index_of(arrays["batch"], state["batch"]), int(state["network"])


def form_of(state: State) -> str | None:
    """Return which form of the theory holds for the network, if one does."""
    forms = [form for form, place in PLAIN.items() if place == int(state["network"])]
    return forms[0] if forms else None


def factor_of_theory(state: State, batch: int) -> float:
    """Return the factor a layer of the squared gradient with batch norm."""
    linear = form_of(state) == "linear"
    return batch_norm_gradient_factor(batch, "linear" if linear else "relu")


def _by_layer(
    figure: Figure, panel: int, title: str, ends: tuple[float, float], ticks: range
) -> Axes:
    """Make axes with layer 1 on top and powers of ten across."""
    axes = look.axes_at(figure, LEFTS[panel], TOP, WIDTHS[panel], BOX)
    axes.set(xlim=ends, ylim=(LAYERS + 1, -0.5))
    axes.set_yticks([1, 10, 20, 30, 40, 50])
    axes.set_xticks(list(ticks), [power_of_ten(one) for one in ticks])
    axes.set_title(title)
    axes.set_xlabel("logarithmic scale")
    return axes


def power_of_ten(exponent: float) -> str:
    """Write 10 to the power of the nearest whole number."""
    whole = round(exponent)
    if abs(whole) < 3:
        return f"{10.0**whole:g}"
    return f"10{superscript(whole)}"


def _draw_lines(axes: Axes, ranges: np.ndarray) -> None:
    """Draw mean and range over networks of each norm, (norms, 3, layers)."""
    from matplotlib.patches import Polygon

    shown = np.array(LAYERS_SHOWN)
    for (low, middle, high), line in zip(ranges[:, :, shown - 1], STYLES, strict=True):
        around = np.concatenate([low, high[::-1]]), np.concatenate([shown, shown[::-1]])
        axes.add_patch(
            Polygon(
                np.column_stack(around), color=line["color"], alpha=0.2, linewidth=0
            )
        )
        axes.plot(middle, shown, **line)


def _draw_signal(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw the standard deviation of what each nonlinearity gets."""
    ranges = arrays["signal"][place_of(arrays, state)]  # (norms, 3, layers)
    axes = _by_layer(figure, 0, "signal, standard deviation", SIGNAL, range(-1, 3))
    axes.set_ylabel("layer")
    _draw_lines(axes, ranges)
    names = ("batch norm,", STYLES[1]["color"]), ("layer norm:", STYLES[2]["color"])
    for row, (words, colour) in enumerate((*names, ("1 throughout", look.INK))):
        look.label_line(axes, ASIDE_SIGNAL, 24 + 3.4 * row, words, colour, (1, 0))
    last, colour = float(ranges[0, 1, -1]), STYLES[0]["color"]
    end = power_of_ten(last) if last > SIGNAL[1] else large(10**last)
    words = f"{NAMES[0]}: {end}\nat layer {LAYERS}"
    if last > SIGNAL[1]:
        look.label_line(axes, SIGNAL[1], 14, words, colour, (-1, -1))
    else:
        look.label_line(axes, ASIDE_SIGNAL, 44, words, colour, (1, 0))


def _draw_gradient(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw the mean squared gradient, in units of that of the last layer."""
    ranges = arrays["gradient"][place_of(arrays, state)]  # (norms, 3, layers)
    title = f"squared gradient, layer {LAYERS} = 1"
    axes = _by_layer(figure, 1, title, GRADIENT, range(-4, 13, 4))
    axes.axvline(0, color=look.RULE, linewidth=1, zorder=0)
    _draw_lines(axes, ranges)
    reach = ranges[:, 2].copy()  # to the right: (norms, layers)
    if form_of(state):
        factor = factor_of_theory(state, int(state["batch"]))
        reach[BN] = np.maximum(reach[BN], _line_of(factor))
        _draw_slope(axes, factor, reach.max(axis=0))
    for norm, layer in ((2, 5), (0, 11), (1, 17)):
        around = slice(layer - 4, layer + 3)
        sides = float(ranges[:, 0, around].min()), float(reach[norm, around].max())
        _name_gradient(axes, norm, float(ranges[norm, 1, 0]), layer, sides)


def _line_of(factor: float) -> np.ndarray:
    """Return the powers of ten of theory by layer, 0 in the last: (layers,)."""
    return np.asarray(np.log10(factor) * np.arange(LAYERS - 1, -1, -1))


def _name_gradient(
    axes: Axes, norm: int, end: float, layer: int, sides: tuple[float, float]
) -> None:
    """Name a line: where it ends, where it left the picture, or at a layer's height.

    ``sides`` are how far all lines reach to the left there, and this to the right;
    batch norm, whose gradient is the largest, is named on the right, the others left.
    """
    colour, words = STYLES[norm]["color"], NAMES[norm]
    if end > GRADIENT[1]:
        words = f"{words}: {power_of_ten(end)} at layer 1"
        look.label_line(axes, GRADIENT[1], AWAY, words, colour, (-4, 0))
    elif end > STEEP:
        look.label_line(axes, end, 1, words, colour, (-10, 0))
    elif norm == BN:
        look.label_line(axes, sides[1], layer, words, colour, (8, 0))
    else:
        look.label_line(axes, sides[0], layer, words, colour, (-6, 0))


def _draw_slope(axes: Axes, factor: float, reach: np.ndarray) -> None:
    """Draw the line of theory over that of batch norm, and name it beside all lines.

    ``reach`` is how far all lines reach to the right, (layers,).
    """
    line = _line_of(factor)
    axes.plot(
        line, np.arange(1, LAYERS + 1), color=look.INK, linewidth=1.2, linestyle="--",
        zorder=3,
    )  # fmt: skip
    layer = int(np.clip(LAYERS - 4.5 / np.log10(factor), 25, 40))
    at = float(reach[layer - 1 : layer + 7].max())
    words = f"theory:\n× {factor:.2f} a layer"
    look.label_line(axes, at, layer, words, look.INK, (8, -2))


def _draw_factors(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw the factor a layer by batch size: measured at both widths, and theory."""
    axes = look.axes_at(figure, LEFTS[2], TOP, WIDTHS[2], BOX)
    place, network = place_of(arrays, state)
    axes.set(xlim=(1.7, 8.3), ylim=(0.7, 3.3))
    axes.set_xticks([2, 4, 6, 8], ["4", "16", "64", "256"])
    axes.set_yticks([1, 1.5, 2, 2.5, 3], ["× 1", "× 1.5", "× 2", "× 2.5", "× 3"])
    axes.set_title("factor a layer, squared gradient")
    axes.set_xlabel("batch size")
    x = np.log2(arrays["batch"])
    _draw_others(axes, x, arrays["slope"][:, network])
    _draw_theory(axes, state)
    _draw_measured(axes, x, arrays["slope"][:, network, BN], place)
    if form := form_of(state):
        wide = arrays["wide_slope"][:, list(PLAIN).index(form)]
        axes.plot(
            x, np.exp(wide.mean(axis=-1)), linestyle="", marker="o", markersize=10,
            color=look.BATCH_NORM, markerfacecolor="none", markeredgewidth=1.2,
        )  # fmt: skip


def _draw_others(axes: Axes, x: np.ndarray, slope: np.ndarray) -> None:
    """Draw and name the factor without a norm and with layer norm.

    ``slope`` is (batches, norms, repeats).
    """
    for norm, at, side in ((0, 8.2, -1), (2, 1.9, 1)):
        middle = np.exp(slope[:, norm].mean(axis=-1))
        axes.plot(x, middle, **STYLES[norm])
        name = NAMES[norm], STYLES[norm]["color"]
        look.label_line(axes, at, float(middle[-1]), *name, (side, -6))


def _draw_theory(axes: Axes, state: State) -> None:
    """Draw the curve of theory, where there is one."""
    if not form_of(state):
        return
    batches = np.unique(np.geomspace(4, 256, 24).round())
    factors = [factor_of_theory(state, int(one)) for one in batches]
    axes.plot(np.log2(batches), factors, color=look.INK, linewidth=1.2, linestyle="--")
    look.label_line(axes, np.log2(batches[1]), factors[1], "theory", look.INK, (8, 8))


def _draw_measured(axes: Axes, x: np.ndarray, slope: np.ndarray, place: int) -> None:
    """Draw dots with intervals, from slopes (batches, repeats); one is large."""
    factors = [power(mean_interval(one)) for one in slope]
    for at, one in zip(x, factors, strict=True):
        axes.plot([at, at], [one.low, one.high], color=look.BATCH_NORM, linewidth=1.5)
    axes.plot(
        x, [one.value for one in factors], linestyle="", marker="o", markersize=4,
        color=look.BATCH_NORM,
    )  # fmt: skip
    axes.plot(
        [x[place]], [factors[place].value], marker="o", markersize=10, zorder=4,
        color=look.BATCH_NORM, markeredgecolor=look.INK, gid="pass",
    )  # fmt: skip


def large(value: float) -> str:
    """Write two digits, thousands to the hundred; the rest with a power of ten."""
    exponent = math.log10(value)
    if -2 <= exponent < 3:
        return number(value, ".2g")
    return f"{round(value, -2):,.0f}" if 3 <= exponent < 6 else written(exponent)
