"""Passes as curves: where they scatter, and what more data does to it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_uncertainty import COUNTS, REGIONS
from ht_sim.figures import (
    Exhibit,
    Results,
    Rows,
    State,
    Step,
    Sweep,
    choice,
    slider,
)
from ht_sim.figures._rows import mean, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 446
LEFT, LEFT_WIDTH, TOP, BOX = 40, 418, 36, 330
RIGHT, RIGHT_WIDTH = 546, 162
SPREAD_BOX, COVER_TOP, COVER_BOX = 170, 312, 84
HIGHEST = 0.5  # of the spread's axis
RATES = (0.05, 0.1, 0.2, 0.5)
NAMES = {"inside": "at the data", "gap": "in the gap", "outside": "outside"}
DASHES = {"inside": "-", "gap": (0, (4, 1.5)), "outside": (0, (1, 1.2))}


def draw(results: Results, state: State) -> Figure:
    """Draw the passes of one network, and spread and coverage over all repeats."""
    arrays = results["dropout-uncertainty"]
    place = _place(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_passes(figure, arrays, place, int(state["examples"]))
    _draw_spread(figure, arrays, place)
    _draw_covered(figure, arrays, place)
    return figure


def _place(arrays: Arrays, state: State) -> tuple[int, int, int]:
    return (
        index_of(arrays["tanh"], state["tanh"]),
        index_of(arrays["examples"], state["examples"]),
        index_of(arrays["p_drop"], state["rate"]),
    )


def _draw_passes(
    figure: Figure, arrays: Arrays, place: tuple[int, int, int], count: int
) -> None:
    """Draw twenty passes, their band, the examples, and the truth."""
    axes = look.axes_at(figure, LEFT, TOP, LEFT_WIDTH, BOX)
    axes.set(xlim=(-4, 4), ylim=(-1.9, 1.9), xticks=range(-4, 5, 2), yticks=[-1, 0, 1])
    axes.set_title("twenty passes of one network")
    axes.set_xlabel("input")
    inputs, mean, spread = (arrays[one][place] for one in ("inputs", "mean", "spread"))
    look.band(axes, inputs, mean - 2 * spread, mean + 2 * spread, look.HEAT[4])
    for curve in arrays["curves"][place]:
        thin = inputs[::4], curve[::4]  # a fifth of a unit apart
        axes.plot(*thin, color=look.HEAT[4], linewidth=0.7, alpha=0.35)
    axes.plot(inputs, mean, color=look.HEAT[5])
    axes.plot(inputs, arrays["truth"][place], color=look.INK, linewidth=1.6)
    axes.plot(
        arrays["x"][place][:count], arrays["y"][place][:count], linestyle="",
        marker="o", markersize=4, color=look.INK, markerfacecolor=look.PAPER,
        markeredgewidth=0.9,
    )  # fmt: skip
    for low, high in ((-2, -1), (1, 2)):
        axes.plot([low, high], [-1.9, -1.9], color=look.INK, linewidth=5, clip_on=False)
        middle = (low + high) / 2
        axes.text(middle, -1.8, "data", ha="center", va="bottom", color=look.INK)
    truth, end = float(arrays["truth"][place][-1]), float(mean[-1])
    gap = max(0.0, 0.2 - abs(truth - end)) / 2
    up = 1 if truth > end else -1
    look.label_line(axes, 4, truth + up * gap, "truth", look.INK)
    look.label_line(axes, 4, end - up * gap, "mean", look.HEAT[5])


def _draw_spread(figure: Figure, arrays: Arrays, place: tuple[int, int, int]) -> None:
    """Draw the spread of each region by number of examples, over the repeats."""
    axes = look.axes_at(figure, RIGHT, TOP, RIGHT_WIDTH, SPREAD_BOX)
    tanh, count, rate = place
    counts = arrays["examples"]
    spread = arrays["region_spread"][tanh, :, rate]  # (counts, repeats, regions)
    axes.set(xscale="log", xlim=(16, 400), ylim=(0, HIGHEST))
    axes.set_xticks(counts, [f"{one:g}" for one in counts])
    axes.minorticks_off()
    axes.set_yticks([0, 0.2, 0.4])
    axes.set_title("spread of the passes (sd)")
    axes.set_xlabel("examples (log scale)")
    ends = []
    for part, region in enumerate(REGIONS):
        middle = spread[..., part].mean(axis=1)
        low, high = spread[..., part].min(axis=1), spread[..., part].max(axis=1)
        look.band(axes, counts, low, high, look.HEAT[4])
        axes.plot(counts, middle, color=look.HEAT[5], linestyle=DASHES[region])
        axes.plot(
            [counts[count]], [middle[count]], marker="o", markersize=8,
            color=look.HEAT[5], markeredgecolor=look.INK, gid="pass", zorder=4,
        )  # fmt: skip
        ends.append(float(middle[-1]))
    first = float(spread[0, :, 0].mean())
    guide = first * (counts / counts[0]) ** -0.5
    axes.plot(counts, guide, color=look.MUTED, linewidth=1.2, linestyle="--")
    names = [*NAMES.values(), "as 1/√n"]
    colours = [look.HEAT[5]] * 3 + [look.MUTED]
    places = _apart([*ends, float(guide[-1])], 17 / SPREAD_BOX * HIGHEST)
    for name, colour, height in zip(names, colours, places, strict=True):
        look.label_line(axes, 400, height, name, colour, (4, 0))


def _apart(heights: list[float], least: float) -> list[float]:
    """Move labels up so that none is nearer to the one below it than ``least``."""
    found = list(heights)
    order = np.argsort(heights, kind="stable")
    for below, above in pairwise(order):
        found[above] = max(found[above], found[below] + least)
    return found


def _draw_covered(figure: Figure, arrays: Arrays, place: tuple[int, int, int]) -> None:
    """Draw how much of the truth lies in the band, by region, over the repeats."""
    axes = look.axes_at(figure, RIGHT, COVER_TOP, RIGHT_WIDTH, COVER_BOX)
    covered = 100 * arrays["covered"][place]  # (repeats, regions)
    axes.set(xlim=(0, 100), ylim=(2.5, -0.5), yticks=[])
    axes.set_xticks([0, 50, 100], ["0", "50 %", "100 %"])
    axes.spines["left"].set_visible(False)
    axes.set_title("truth within ± 2 sd")
    for part, name in enumerate(NAMES.values()):
        share = float(covered[:, part].mean())
        axes.plot([0, 100], [part, part], color=look.RULE, linewidth=1)
        axes.plot(
            covered[:, part], np.full(len(covered), part), linestyle="", marker="|",
            markersize=9, markeredgewidth=0.8, color=look.HEAT[5], alpha=0.5,
            clip_on=False,
        )  # fmt: skip
        axes.plot(
            [share], [part], marker="o", markersize=8, color=look.HEAT[5],
            markeredgecolor=look.INK, gid="pass", clip_on=False,
        )  # fmt: skip
        words = f"{name} {share:.0f} %"
        look.label_line(axes, 100, part, words, look.HEAT[5], (8, 0))


def _in_words(results: Results, state: State) -> str:
    arrays = results["dropout-uncertainty"]
    place = _place(arrays, state)
    spreads = arrays["region_spread"][place].mean(axis=0)
    covered = 100 * arrays["covered"][place].mean(axis=0)
    parts = [
        f"{name} {spread:.2f}, truth covered {share:.0f} per cent"
        for name, spread, share in zip(NAMES.values(), spreads, covered, strict=True)
    ]
    return "spread " + "; ".join(parts)


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    kind = "tanh" if state["tanh"] else "ReLU"
    tanh, _, rate = _place(results["dropout-uncertainty"], state)
    spread = results["dropout-uncertainty"]["region_spread"][tanh, :, rate, :, 0]
    few, many = spread.mean(axis=1)[[0, -1]]
    return (
        f"Passes of a {kind} network at drop rate {state['rate']:g}, trained on "
        f"{state['examples']:g} examples in two clusters, as curves around their mean. "
        f"Over the repeats: {_in_words(results, state)}. From the fewest to the most "
        f"examples, the spread at the data goes from {few:.2f} to {many:.2f}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    return (
        f"{state['examples']:g} examples, drop rate {state['rate']:g}: "
        f"{_in_words(results, state)}"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["dropout-uncertainty"]
    place = _place(arrays, state)
    spreads = arrays["region_spread"][place].T  # (regions, repeats)
    covered = 100 * arrays["covered"][place].mean(axis=0)  # (regions,)
    regions = NAMES.values()
    return [
        *(
            (f"spread {region}", mean(spread, ".2f"))
            for region, spread in zip(regions, spreads, strict=True)
        ),
        *(
            (f"truth within two sd {region}", number(share, ".0f", "%"))
            for region, share in zip(regions, covered, strict=True)
        ),
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-uncertainty",),
    controls=(
        choice("tanh", "nonlinearity", (0, 1), ("ReLU", "tanh")),
        slider("examples", "examples", COUNTS, "g", quick=(20.0, 320.0)),
        slider("rate", "drop rate", RATES, "g"),
    ),
    default={"tanh": 0.0, "examples": 320.0, "rate": 0.1},
    printed=(
        {"tanh": 0.0, "examples": 20.0, "rate": 0.1},
        {"tanh": 0.0, "examples": 320.0, "rate": 0.1},
        {"tanh": 0.0, "examples": 320.0, "rate": 0.5},
    ),
    draw=draw,
    finding="More data leaves the spread as it was; the drop rate moves it.",
    shown="dropout-uncertainty.relu_more_data.low > 0.9 "
    "and dropout-uncertainty.relu_more_data.high < 1.1 "
    "and dropout-uncertainty.relu_rate.low > 2",
    caption="Left: one network, its mean and two standard deviations over 200 passes, "
    "twenty of them drawn, and the examples. Right: the spread by region over eight "
    "repeats, bands hold all; dashed is what a standard error would do; below, the "
    "share of the truth within the band. How the truth goes on outside is our choice.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("rate", 900),
    steps=(
        Step(
            "Few examples: 20, at a drop rate of $0.1$. At the data the spread is "
            "{fact}`dropout-uncertainty.relu_spread_20:.2f`.",
            {"tanh": 0.0, "examples": 20.0, "rate": 0.1},
        ),
        Step(
            "Now 320 examples. What a standard error would quarter stays: "
            "{fact}`dropout-uncertainty.relu_spread_320:.2f`.",
            {"tanh": 0.0, "examples": 320.0, "rate": 0.1},
        ),
        Step(
            "Leave the data alone and raise the rate to $0.5$. [Now it "
            'moves.]{shown="dropout-uncertainty.relu_rate.low > 2"}',
            {"tanh": 0.0, "examples": 320.0, "rate": 0.5},
        ),
    ),
    numbers=numbers,
)
