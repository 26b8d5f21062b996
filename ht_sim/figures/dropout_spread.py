"""Outputs under many masks: a linear unit keeps its mean, a ReLU does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.figures import Exhibit, Results, Rows, State, Step, choice, slider
from ht_sim.figures._rows import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 466
LEFT, STRIP_WIDTH, STRIP_HEIGHT = 10, 470, 150
TOPS = (40, 250)
CHART_LEFT, CHART_WIDTH = 560, 190
SHOWN_RANGE = (-5.0, 6.0)
RATES = tuple(round(0.05 * step, 2) for step in range(19))
WIDTHS = (512, 32)
FEEDING = ("512 units", "32 units")


def draw(results: Results, state: State) -> Figure:
    """Draw the outputs of many masks at one rate, and mean and spread by rate."""
    arrays = results["dropout-spread"]
    place = _place(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    outputs = arrays["outputs"][place]
    strips = (
        ("linear output", outputs, arrays["linear_mean"][place][0]),
        ("after a ReLU", np.maximum(outputs, 0), arrays["relu_mean"][place][0]),
    )
    for top, (title, values, mean) in zip(TOPS, strips, strict=True):
        _draw_strip(figure, top, title, values, float(mean))
    _draw_spread(figure, arrays, place)
    _draw_lift(figure, arrays, place)
    return figure


def _place(arrays: Arrays, state: State) -> tuple[int, int]:
    width = index_of(arrays["width"], state["width"])
    return width, index_of(arrays["p_drop"], state["rate"])


def _draw_strip(
    figure: Figure, top: float, title: str, values: np.ndarray, mean: float
) -> None:
    """Draw a dot a mask, the test output as a line, the mean as a triangle."""
    axes = look.axes_at(figure, LEFT, top, STRIP_WIDTH, STRIP_HEIGHT)
    axes.set(xlim=SHOWN_RANGE, ylim=(0, STRIP_HEIGHT), yticks=[])
    axes.set_xticks(range(-4, 7, 2))
    axes.spines["left"].set_visible(False)
    axes.set_title(title)
    heights = 14 + (STRIP_HEIGHT - 40) * (np.arange(values.size) * 0.618034 % 1)
    axes.scatter(
        np.clip(values, *SHOWN_RANGE), heights, s=36, color=look.HEAT[3],
        edgecolor=look.INK, linewidth=0.6, clip_on=False,
    )  # fmt: skip
    axes.axvline(0.5, color=look.INK, linewidth=2)
    look.label_line(axes, 0.5, STRIP_HEIGHT + 2, "test 0.50", look.INK, (0, 2))
    axes.plot(
        [mean], [5], marker="^", markersize=11, color=look.HEAT[5],
        markeredgecolor=look.INK, gid="pass", zorder=4, clip_on=False,
    )  # fmt: skip
    axes.text(
        SHOWN_RANGE[1], STRIP_HEIGHT + 9, f"mean over masks {mean:.2f}",
        ha="right", color=look.HEAT[5], weight="semibold",
    )  # fmt: skip


def _chart(figure: Figure, top: float, title: str, upper: float) -> Axes:
    axes = look.axes_at(figure, CHART_LEFT, top, CHART_WIDTH, STRIP_HEIGHT)
    axes.set(xlim=(0, 0.93), ylim=(0, upper))
    axes.set_xticks([0, 0.5, 0.9])
    axes.set_title(title)
    return axes


def _draw_spread(figure: Figure, arrays: Arrays, place: tuple[int, int]) -> None:
    """Draw the standard deviation by rate: measured dots on the line of theory."""
    axes = _chart(figure, TOPS[0], "its spread (sd)", 2.8)
    theory = np.sqrt(arrays["linear_variance_theory"][place[0]])
    measured = np.sqrt(arrays["linear_variance"][place[0]])
    _draw_measured(axes, arrays["p_drop"], theory, measured, place[1])
    top = float(theory.mean(axis=-1)[-1])
    look.label_line(axes, 0.9, top, "as √(d/(1−d))", look.HEAT[5], (9, 0))


def _draw_lift(figure: Figure, arrays: Arrays, place: tuple[int, int]) -> None:
    """Draw the mean after the ReLU by rate, above the test output."""
    axes = _chart(figure, TOPS[1], "its mean", 1.4)
    axes.set_xlabel("drop rate d")
    axes.plot([0, 0.9], [0.5, 0.5], color=look.INK, linewidth=2)
    look.label_line(axes, 0.9, 0.5, "test", look.INK, (9, 0))
    theory = arrays["relu_mean_theory"][place[0]]
    _draw_measured(
        axes, arrays["p_drop"], theory, arrays["relu_mean"][place[0]], place[1]
    )
    top = float(theory.mean(axis=-1)[-1])
    look.label_line(axes, 0.9, top, "passes", look.HEAT[5], (9, 0))


def _draw_measured(
    axes: Axes, rates: np.ndarray, theory: np.ndarray, measured: np.ndarray, rate: int
) -> None:
    """Draw the mean over repeats, theory as a line, all repeats as a band.

    ``theory`` and ``measured`` are (rates, repeats).
    """
    look.band(axes, rates, measured.min(axis=1), measured.max(axis=1), look.HEAT[5])
    axes.plot(rates, theory.mean(axis=1), color=look.HEAT[5], linewidth=1.2)
    middle = measured.mean(axis=1)
    axes.plot(
        rates[::2], middle[::2], linestyle="", marker="o", markersize=4,
        color=look.HEAT[5],
    )  # fmt: skip
    axes.plot(
        [rates[rate]], [middle[rate]], marker="o", markersize=10,
        color=look.HEAT[5], markeredgecolor=look.INK, gid="pass", clip_on=False,
    )  # fmt: skip


def _numbers(results: Results, state: State) -> tuple[float, float, float]:
    arrays = results["dropout-spread"]
    place = _place(arrays, state)
    return (
        float(arrays["linear_mean"][place][0]),
        float(np.sqrt(arrays["linear_variance"][place][0])),
        float(arrays["relu_mean"][place][0]),
    )


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    mean, spread, relu = _numbers(results, state)
    return (
        f"Outputs of one unit under 120 masks at drop rate {state['rate']:g}, "
        f"{int(state['width'])} units below it. Linear outputs scatter by {spread:.2f} "
        f"around {mean:.2f}; the test output is 0.50. After a ReLU their mean is "
        f"{relu:.2f}. By rate, the scatter follows theory and the mean after the ReLU "
        "climbs."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    mean, spread, relu = _numbers(results, state)
    return (
        f"drop rate {state['rate']:g}, {int(state['width'])} units: linear outputs "
        f"{mean:.2f} give or take {spread:.2f}; mean after the ReLU {relu:.2f}; "
        "test 0.50"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["dropout-spread"]
    mean, spread, relu = _numbers(results, state)
    place = _place(arrays, state)
    in_theory = float(np.sqrt(arrays["linear_variance_theory"][place][0]))
    return [
        ("linear output, mean over 4,000 masks", number(mean, ".2f")),
        ("its spread (sd)", number(spread, ".2f")),
        ("its spread in theory", number(in_theory, ".2f")),
        ("after a ReLU, mean over the masks", number(relu, ".2f")),
        ("the same in theory", number(arrays["relu_mean_theory"][place][0], ".2f")),
        ("at test, both", "0.50"),
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-spread",),
    controls=(
        choice("width", "units that feed the sum", WIDTHS, FEEDING),
        slider("rate", "drop rate", RATES, ".2f", quick=(0.0, 0.3, 0.5, 0.8, 0.9)),
    ),
    default={"width": 512.0, "rate": 0.8},
    printed=({"width": 512.0, "rate": 0.5}, {"width": 512.0, "rate": 0.9}),
    draw=draw,
    finding="The mean of the linear output stays at the test output; the mean after a "
    "ReLU climbs above it.",
    shown="dropout-spread.worst_mean_gap < 4 and dropout-spread.relu_lift_80.low > 0",
    caption="A dot is the output of one unit under one of 120 masks; its height has no "
    "meaning. The triangle is the mean over 4,000 masks. Right: the same by rate for "
    "40 units of this kind, theory as a line, measured means as dots, all units as a "
    "band. The rate moves with that of @fig-dropout-passes.",
    alt=alt,
    spoken=spoken,
    steps=(
        Step(
            "Set the rate to $0.5$, where $d/(1-d)$ is $1$. Over 40 such units the "
            "spread is {fact}`dropout-spread.spread_50:.2f` on average.",
            {"width": 512.0, "rate": 0.5},
        ),
        Step(
            "At $0.9$ it is {fact}`dropout-spread.spread_growth:.2f` times that. The "
            "mean of the linear output stays; behind the ReLU it climbs.",
            {"width": 512.0, "rate": 0.9},
        ),
        Step(
            "Let only 32 units feed the sum. The theory takes it for "
            "Gaussian, and misses the mean behind the ReLU by "
            "{fact}`dropout-spread.theory_miss_narrow_90:.1%`; with 512 it was "
            "{fact}`dropout-spread.theory_miss_wide_90:.1%`.",
            {"width": 32.0, "rate": 0.9},
        ),
    ),
    shares=("rate",),
    numbers=numbers,
    meets=("test-time-scaling", "drag-the-rate"),
)
