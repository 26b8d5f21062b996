"""The drawing of the signal by depth: ridges of ten layers, sizes of all layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look
from ht_sim.experiments import Arrays
from ht_sim.experiments._signal import (
    ALIKE,
    ALIKE_FLOOR,
    ALIVE,
    BIN,
    BINS,
    EXPLODED,
    VANISHED,
)
from ht_sim.experiments.drift_depth import GAINS, LAYERS, RIDGES, SHOWN_GAINS
from ht_sim.experiments.drift_depth import NONLINEARITIES as NAMES
from ht_sim.figures import Results, State
from ht_sim.figures._drift import (
    NONLINEARITIES,
    NORMS,
    STYLES,
    fates_of,
    gain_text,
    places,
    power,
)
from ht_sim.figures._rows import number
from ht_sim.theory.propagation import variances

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 486
TOP, ROW = 74, 34  # CSS pixels
LEFT, LEFT_WIDTH = 62, 330
NUMBERS = 414  # where the sizes of the ridges begin
RIGHT, RIGHT_WIDTH = 540, 276
HIGH, HIGHEST = 60, 46  # CSS pixels: of a density of one, and where a peak is cut
FINE = 0.5  # CSS pixels: the steps of heights, so that what is alike is drawn alike
FAR = 5.1  # the ends of the ridges
DECADES = 17  # right, to both sides of one
NAMED = 10  # the layer beside which the size is named
BEYOND = 0.25  # the least share of values beyond the ridges that is said
ALL, NEEDLE = 0.999, 26  # share in the middle bin, and height of the line for it
ENDS = {
    ALIVE: "the signal lives",
    VANISHED: "the signal dies",
    EXPLODED: "the signal explodes",
    ALIKE: "all examples look alike",
}


def draw(results: Results, state: State) -> Figure:
    """Draw the distributions of ten layers, and sizes of all layers."""
    arrays = results["drift-depth"]
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_words(figure, arrays, state)
    _draw_ridges(figure, arrays, state)
    _draw_sizes(figure, arrays, state)
    return figure


def shown_place(state: State) -> tuple[int, int, int]:
    """Return a state's place in the arrays of single networks and of ridges."""
    return *places(state), SHOWN_GAINS.index(state["gain"])


def _draw_words(figure: Figure, arrays: Arrays, state: State) -> None:
    """Say above what is shown, and what becomes of it."""
    axes = look.axes_at(figure, 0, 0, WIDTH, TOP)
    axes.set(xlim=(0, WIDTH), ylim=(TOP, 0))
    look.bare(axes)
    colour = look.LAYER_NORM_TEXT if state["norm"] == 2 else _style(state)["color"]
    end = end_of(arrays, state)
    axes.text(0, 14, f"{case(state)}: {end}", va="center", color=colour,
        weight="semibold", size=16)  # fmt: skip
    heads = ((LEFT, "what the nonlinearities get"), (NUMBERS, "size"))
    for left, words in (*heads, (RIGHT, "size by layer")):
        axes.text(left, 46, words, va="center", weight="semibold")


def end_of(arrays: Arrays, state: State) -> str:
    """Say what becomes of the signal until the last layer."""
    last = fates_of(arrays, state, 0)[GAINS.index(state["gain"]), -1]
    return ENDS[int(last)]


def case(state: State) -> str:
    """Name a state: nonlinearity, gain and norm."""
    nonlinearity, norm = places(state)
    words = ("no norm", *NORMS[1:])[norm]
    return f"{NONLINEARITIES[nonlinearity]}, gain {gain_text(state['gain'])}, {words}"


def _style(state: State) -> dict[str, Any]:
    return STYLES[int(state["norm"])]


def _draw_ridges(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw a ridge a layer, layer 1 on top, and write its size beside it."""
    height = ROW * len(RIDGES)
    axes = look.axes_at(figure, LEFT, TOP, LEFT_WIDTH, height)
    axes.set(xlim=(-FAR, FAR), ylim=(height, 0), yticks=[])
    axes.set_xticks([-4, -2, 0, 2, 4], ["−4", "−2", "0", "2", "4"])
    axes.spines["left"].set_visible(False)
    densities = arrays["density"][shown_place(state)]  # (ridges, bins)
    sizes = arrays["ridge_size"][shown_place(state)]
    pixel = 2 * FAR / LEFT_WIDTH
    for row, layer in enumerate(RIDGES, start=1):
        base = ROW * row - 4
        _draw_ridge(axes, densities[row - 1], base, _style(state)["color"])
        words = f"layer {layer}" if row == 1 else f"{layer}"
        axes.text(-FAR - 8 * pixel, base, words, ha="right", color=look.MUTED)
        axes.text(-FAR + (NUMBERS - LEFT) * pixel, base, power(sizes[row - 1]))


def _draw_ridge(axes: Axes, density: np.ndarray, base: float, colour: str) -> None:
    """Draw one density on its base; a high peak is cut, what is far off is said.

    Where the middle bin holds all, its width would tell nothing: a line stands there.
    """
    needle = density[BINS // 2] * BIN >= ALL
    centres = (np.arange(BINS) - BINS // 2) * (0 if needle else BIN)
    highest = NEEDLE if needle else HIGHEST
    heights = np.minimum(np.round(HIGH * density / FINE) * FINE, highest)
    x = np.concatenate([[-FAR], centres, [FAR]])
    y = base - np.concatenate([[0], heights, [0]])
    axes.fill(x, y, facecolor=(colour, 0.2), edgecolor=colour, linewidth=1.4,
        clip_on=False)  # fmt: skip
    beyond = 1 - density.sum() * BIN
    if beyond > BEYOND:
        words = f"{number(100 * beyond, '.0f')} % beyond →"
        axes.text(FAR, base - 8, words, ha="right", color=colour)
        axes.text(-FAR, base - 8, "←", color=colour)


def _draw_sizes(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw size, spread and theory by layer, on a logarithmic scale of sizes."""
    axes = look.axes_at(figure, RIGHT, TOP, RIGHT_WIDTH, ROW * len(RIDGES))
    axes.set(xlim=(-DECADES, DECADES), ylim=(LAYERS + 1, 0))
    axes.set_xticks([-15, -10, -5, 0, 5, 10, 15],
        ["10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1", "10⁵", "10¹⁰", "10¹⁵"])  # fmt: skip
    axes.set_yticks([1, 20, 40, 60, 80, 100])
    axes.set_xlabel("size (logarithmic scale)")
    axes.set_ylabel("layer")
    axes.axvline(0, color=look.RULE, linewidth=1, zorder=0)
    at = *places(state), 0, GAINS.index(state["gain"])
    low, middle, high = np.moveaxis(_fine(arrays["size"][at]), -1, 0)
    layers, style = arrays["layer"][0], _style(state)
    axes.fill_betweenx(layers, low, high, color=style["color"], alpha=0.2, linewidth=0)
    seen = arrays["alike"][at] > np.log10(10 * ALIKE_FLOOR)
    spread = np.where(seen, middle + _fine(arrays["alike"][at]), np.nan)
    axes.plot(spread, layers, color=style["color"], linewidth=1)
    axes.plot(middle, layers, **style | {"linewidth": 2.6})
    _name(axes, layers, middle, spread, style["color"])
    _draw_theory(axes, state)
    if abs(middle[-1]) > DECADES:
        _say_where_it_goes(axes, layers, middle, style["color"])


def _fine(sizes: np.ndarray) -> np.ndarray:
    """Return powers of ten in small steps across the picture."""
    step = 2 * DECADES / RIGHT_WIDTH * FINE / 2
    fine: np.ndarray = np.round(sizes / step) * step
    return fine


def _name(
    axes: Axes, layers: np.ndarray, size: np.ndarray, spread: np.ndarray, colour: str
) -> None:
    """Name the size and the spread where they can be told apart, else together.

    Names stand on the side to which the size goes, clear of the line of size one.
    """
    place = int(np.argmin(np.abs(layers - NAMED)))
    apart = size - spread
    last = int(np.flatnonzero(np.isfinite(spread))[-4:][0])
    if apart[last] < 0.8:
        words = "size and spread"
    else:
        words = "size"
        right = spread[last] < -0.4 * DECADES
        look.label_line(axes, spread[last], layers[last], "spread", colour,
            (8, -2) if right else (-8, 0))  # fmt: skip
        if np.isnan(spread[-1]):
            ink = look.LAYER_NORM_TEXT if colour == look.LAYER_NORM else colour
            axes.text(-DECADES + 0.6, layers[last] + 15, "below rounding", color=ink)
    x = float(size[place])
    aside = -12 if x < -0.25 and words != "size" else 12
    look.label_line(axes, x, layers[place], words, colour, (aside, 0))


def _draw_theory(axes: Axes, state: State) -> None:
    """Draw what the theory of great width expects without a norm, and name it."""
    if state["norm"]:
        return
    name = NAMES[int(state["nonlinearity"])]
    gain, layers = state["gain"], np.arange(1, LAYERS + 1)
    size = np.log10(variances(name, gain, LAYERS, gain * gain)) / 2
    axes.plot(size, layers, color=look.INK, linewidth=1.2, linestyle=(0, (4, 2.5)))
    place = int(np.flatnonzero((np.abs(size) < 0.6 * DECADES) & (layers <= 66))[-1])
    word = look.label_line(
        axes, size[place], layers[place], "theory", look.INK, (12, 0)
    )
    word.set(bbox={"facecolor": look.PAPER, "edgecolor": "none", "pad": 1}, zorder=0.5)


def _say_where_it_goes(
    axes: Axes, layers: np.ndarray, size: np.ndarray, colour: str
) -> None:
    """Say the size in the last layer where its line leaves the picture."""
    leaves = layers[np.abs(size) < DECADES][-1] + 8
    up = size[-1] > 0
    words = f"layer {layers[-1]}: {power(float(size[-1]))}"
    axes.text(
        DECADES if up else -DECADES + 0.6, leaves,
        f"{words} →" if up else f"← {words}",
        ha="right" if up else "left", va="center", color=colour,
    )  # fmt: skip
