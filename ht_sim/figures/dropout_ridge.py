"""Regression under masks walking onto ridge regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.figures import Exhibit, Results, Rows, State, Step, slider
from ht_sim.figures._rows import number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 400
TOP, BOX = 40, 276
LEFT, LEFT_WIDTH = 60, 390
RIGHT, RIGHT_WIDTH = 540, 260
RATES = tuple(round(0.1 * step, 1) for step in range(1, 10))
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def draw(results: Results, state: State) -> Figure:
    """Draw the weights of one repeat, and the error of all repeats by masks."""
    arrays = results["dropout-ridge"]
    rate, count = _place(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_weights(figure, arrays, rate, count)
    _draw_error(figure, arrays, rate, count)
    return figure


def _place(arrays: Arrays, state: State) -> tuple[int, int]:
    rate = index_of(arrays["p_drop"], state["rate"])
    return rate, index_of(arrays["mask_counts"][0], state["masks"])


def _draw_weights(figure: Figure, arrays: Arrays, rate: int, count: int) -> None:
    """Draw each feature's weight: least squares, ridge, and the fit by masks."""
    axes = look.axes_at(figure, LEFT, TOP, LEFT_WIDTH, BOX)
    scale = arrays["scale"][rate, 0]
    plain = scale * arrays["least_squares"][rate, 0]
    ridge = scale * arrays["ridge"][rate, 0]
    fit = scale * arrays["by_masks"][rate, 0, count]
    limits = 1.4 * plain.min(), 1.3 * plain.max()
    features = np.arange(1, plain.size + 1)
    axes.set(xlim=(0.4, plain.size + 0.6), ylim=limits, xticks=features)
    axes.set_title("the weights of one repeat")
    axes.set_xlabel("feature")
    axes.set_ylabel("weight × size of its feature")
    axes.axhline(0, color=look.RULE, linewidth=1)
    for feature, before, after in zip(features, plain, ridge, strict=True):
        axes.plot([feature] * 2, [before, after], color=look.RULE, linewidth=2)
    axes.plot(
        features, plain, linestyle="", marker="_", markersize=14, color=look.MUTED,
        markeredgewidth=2,
    )  # fmt: skip
    axes.plot(
        features, ridge, linestyle="", marker="o", markersize=13, color=look.INK,
        markerfacecolor="none", markeredgewidth=1.6,
    )  # fmt: skip
    axes.plot(
        features, np.clip(fit, *limits), linestyle="", marker="o", markersize=7,
        color=look.HEAT[4],
    )  # fmt: skip
    _draw_key(figure)


def _draw_key(figure: Figure) -> None:
    """Say once what the three marks are, above the axes."""
    axes = look.axes_at(figure, LEFT, TOP + BOX + 52, LEFT_WIDTH, 20)
    axes.set(xlim=(0, LEFT_WIDTH), ylim=(0, 20))
    look.bare(axes)
    marks = (
        (0, "_", look.MUTED, "no dropout"),
        (96, "o", look.INK, "ridge, closed form"),
        (232, "o", look.HEAT[4], "by masks"),
    )
    for left, marker, colour, text in marks:
        axes.plot(
            [left + 6], [10], linestyle="", marker=marker, markersize=12, color=colour,
            markerfacecolor="none" if colour == look.INK else colour,
            markeredgewidth=1.6,
        )  # fmt: skip
        axes.text(left + 17, 10, text, va="center", color=look.MUTED)


def _draw_error(figure: Figure, arrays: Arrays, rate: int, count: int) -> None:
    """Draw the distance from ridge by masks, each repeat a hairline, on log scales."""
    axes = look.axes_at(figure, RIGHT, TOP, RIGHT_WIDTH, BOX)
    counts = arrays["mask_counts"][0]
    error = 100 * arrays["relative_error"][rate]  # (repeats, counts), per cent
    axes.set(xscale="log", yscale="log", xlim=(0.8, 1300), ylim=(0.08, 300))
    axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.set_yticks([0.1, 1, 10, 100], ["0.1 %", "1 %", "10 %", "100 %"])
    axes.minorticks_off()
    axes.set_title("distance from ridge, ‖w − ridge‖ / ‖ridge‖")
    axes.set_xlabel("masks (log scale)")
    for one in error:
        axes.plot(counts, one, color=look.HEAT[4], linewidth=0.8, alpha=0.3)
    middle = np.exp(np.log(error).mean(axis=0))
    axes.plot(counts, middle, color=look.HEAT[4])
    guide = 2.5 * middle[0] * counts[[0, -1]] ** -0.5
    axes.plot(counts[[0, -1]], guide, color=look.MUTED, linewidth=1.2, linestyle="--")
    look.label_line(axes, 40, float(guide[0] / 40**0.5), "slope −½", look.MUTED, (4, 8))
    axes.plot(
        [counts[count]], [middle[count]], marker="o", markersize=10,
        color=look.HEAT[4], markeredgecolor=look.INK, gid="pass", zorder=4,
    )  # fmt: skip


def _middle_error(results: Results, state: State) -> float:
    """Return the geometric mean over repeats of the distance, as a share."""
    arrays = results["dropout-ridge"]
    rate, count = _place(arrays, state)
    return float(np.exp(np.log(arrays["relative_error"][rate, :, count]).mean()))


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    return (
        f"Left: ten regression weights at drop rate {state['rate']:g}. Ridge makes the "
        "weights of plain least squares smaller as a whole; the fit with "
        f"{int(state['masks'])} masks lies near ridge. Right: the distance between the "
        "two falls along a line of slope minus one half as masks are added; here it "
        f"is {100 * _middle_error(results, state):.2g} per cent."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    return (
        f"{int(state['masks'])} masks at drop rate {state['rate']:g}: the fit is "
        f"{100 * _middle_error(results, state):.2g} per cent away from ridge"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["dropout-ridge"]
    rate, count = _place(arrays, state)
    error = 100 * arrays["relative_error"][rate, :, count]  # (repeats,)
    middle = 100 * _middle_error(results, state)
    return [
        ("distance from ridge, geometric mean", number(middle, ".2g", "%")),
        (f"smallest of {error.size} repeats", number(error.min(), ".2g", "%")),
        (f"largest of {error.size} repeats", number(error.max(), ".2g", "%")),
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-ridge",),
    controls=(
        slider("rate", "drop rate", RATES, ".1f", quick=(0.1, 0.5, 0.9)),
        slider("masks", "masks", COUNTS, ",.0f", quick=(1.0, 10.0, 100.0, 1000.0)),
    ),
    default={"rate": 0.5, "masks": 10.0},
    printed=tuple({"rate": 0.5, "masks": float(count)} for count in (1, 100)),
    draw=draw,
    finding="Least squares on masked inputs settles on a ridge regression.",
    shown="-0.55 < dropout-ridge.slope.low and dropout-ridge.slope.high < -0.45 "
    "and dropout-ridge.error_all_masks.high < 0.02",
    caption="200 examples of 10 correlated features, synthetic; as many masked copies "
    "of the table as there are masks are fitted at once. A feature that stands alone "
    "keeps $1-d$ of its weight; correlated ones trade theirs and can cross zero. "
    "Hairlines are 20 repeats, the line is their geometric mean.",
    alt=alt,
    spoken=spoken,
    steps=(
        Step(
            "Start with one mask: the ten weights of the fit lie beside those of "
            "ridge.",
            {"rate": 0.5, "masks": 1.0},
        ),
        Step(
            "Add masks, up to 1,000. [The fit settles on "
            'ridge.]{shown="dropout-ridge.error_all_masks.high < 0.02"}',
            {"rate": 0.5, "masks": 1000.0},
        ),
        Step(
            "Now raise the rate to $0.9$: a stronger ridge, and smaller weights.",
            {"rate": 0.9, "masks": 1000.0},
        ),
    ),
    numbers=numbers,
)
