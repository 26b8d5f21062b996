"""The drawing of both errors as training goes on, and of the steps that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_steps import LEVELS, STEPS, reaching
from ht_sim.figures import Results, State

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 462
LEFTS, PANEL = (58, 466), 244
TOP, BOX = 36, 190
ROWS_TOP, ROWS_BOX = 320, 84
FIRST, LAST = 18, 1600  # of the logarithmic axis, in steps
UPPER = {0.0: 20, 0.2: 40}  # of the error axis, per cent, by share redrawn
STEP_NAMES = ["20", "50", "100", "200", "500", "1,200"]
PARTS = {"training": look.LINES["train"], "test": look.LINES["test"]}
WRONG = 0.9  # of the labels redrawn: a tenth gets its own class back


def draw(results: Results, state: State) -> Figure:
    """Draw both errors by step at both rates, and the steps to each level of loss."""
    arrays = results["dropout-steps"]
    none, some = places_of(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    titles = ("error without dropout", f"error with dropout, rate {rate_of(state):g}")
    for left, place, title in zip(LEFTS, (none, some), titles, strict=True):
        _draw_errors(figure, left, arrays, place, state, title)
    for left, measure in zip(LEFTS, ("all", "batch"), strict=True):
        _draw_levels(figure, left, arrays, measure, (none, some))
    return figure


def rate_of(state: State) -> float:
    """Return the drop rate of a state."""
    return 0.2 if state["mild"] else 0.5


def _share(state: State) -> float:
    return 0.2 if state["redrawn"] else 0.0


def places_of(arrays: Arrays, state: State) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the grid places without dropout and with it."""
    row = index_of(arrays["redrawn"], _share(state))
    rates = arrays["p_drop"]
    return (row, index_of(rates, 0.0)), (row, index_of(rates, rate_of(state)))


def errors_of(arrays: Arrays, place: tuple[int, int], part: str) -> np.ndarray:
    """Return the error of a part in per cent, (repeats, steps)."""
    return 100 * np.asarray(arrays[f"{part}_error"][place])


def _draw_errors(
    figure: Figure,
    left: float,
    arrays: Arrays,
    place: tuple[int, int],
    state: State,
    title: str,
) -> None:
    """Draw training and test error by step, with what is still to come under a veil."""
    axes = look.axes_at(figure, left, TOP, PANEL, BOX)
    upper = UPPER[_share(state)]
    axes.set(xlim=(0, STEPS), ylim=(0, upper))
    axes.set_xticks([0, 400, 800, 1200], ["0", "400", "800", "1,200"])
    axes.set_yticks([0, upper / 2, upper], ["0", f"{upper / 2:g} %", f"{upper} %"])
    axes.set_title(title, color=look.INK if place[1] == 0 else look.HEAT[5])
    axes.set_xlabel("training steps")
    if state["redrawn"]:
        _draw_wrong_labels(axes, 100 * WRONG * _share(state))
    steps = arrays["steps"][place]
    now = index_of(steps, state["step"])
    for part, line in PARTS.items():
        errors = errors_of(arrays, place, part)
        look.band(axes, steps, errors.min(axis=0), errors.max(axis=0), line["color"])
        axes.plot(steps, errors.mean(axis=0), **line)
    _draw_veil(axes, state["step"], upper)
    means = {part: errors_of(arrays, place, part).mean(axis=0) for part in PARTS}
    heights = _apart({part: mean[-1] for part, mean in means.items()}, upper)
    for part, line in PARTS.items():
        colour, value = line["color"], float(means[part][now])
        axes.plot(
            [state["step"]], [value], marker="o", markersize=8, color=colour,
            markeredgecolor=look.PAPER, gid="pass", zorder=4, clip_on=value > upper,
        )  # fmt: skip
        words = f"{part} {value:.1f} %"
        look.label_line(axes, STEPS, heights[part], words, colour, (10, 0))


def _apart(ends: dict[str, float], upper: float) -> dict[str, float]:
    """Return where the two names stand: at their lines' ends, 17 pixels apart."""
    least = 17 / BOX * upper
    middle, gap = sum(ends.values()) / 2, ends["test"] - ends["training"]
    if abs(gap) >= least:
        return ends
    return {"training": middle - least / 2, "test": middle + least / 2}


def _draw_veil(axes: Axes, step: float, upper: float) -> None:
    """Cover what comes after a step; the axis lines stay above the veil."""
    from matplotlib.patches import Rectangle

    veil = Rectangle(
        (step, -0.02 * upper), STEPS - step + 12, 1.03 * upper,
        facecolor=look.PAPER, alpha=0.78, linewidth=0, zorder=2.2, clip_on=False,
    )  # fmt: skip
    axes.add_artist(veil)


def _draw_wrong_labels(axes: Axes, level: float) -> None:
    """Draw the training error of a network that knows every digit."""
    axes.axhline(level, color=look.RULE, linewidth=1.2)
    words = f"line: {level:g} % of training labels are wrong"
    axes.text(STEPS, 29.5, words, ha="right", color=look.MUTED)


def _draw_levels(
    figure: Figure,
    left: float,
    arrays: Arrays,
    measure: str,
    places: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    """Draw, for each level of loss, the steps without dropout and with it."""
    axes = look.axes_at(figure, left, ROWS_TOP, PANEL, ROWS_BOX)
    axes.set(xscale="log", xlim=(FIRST, LAST), ylim=(len(LEVELS) - 0.4, -0.6))
    axes.set_xticks([20, 50, 100, 200, 500, 1200], STEP_NAMES)
    axes.minorticks_off()
    axes.set_yticks(range(len(LEVELS)), [f"{one:g} nats" for one in LEVELS.values()])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    words = {
        "all": "steps to a training loss, all units active",
        "batch": "steps to a loss of the batches, masks on",
    }
    axes.set_title(words[measure])
    axes.set_xlabel("steps (log scale)")
    for row, level in enumerate(LEVELS.values()):
        _draw_level(axes, row, [reaching(arrays, measure, p, level) for p in places])


def _draw_level(
    axes: Axes, row: int, found: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Draw one row: a ring without dropout, a hot dot with it, a hairline a repeat."""
    (plain, _), (slow, reached) = found
    ends = [float(one.mean()) for one in (plain, slow)]
    axes.plot(ends, [row, row], color=look.RULE, linewidth=2, zorder=1)
    for steps, colour in ((plain, look.INK), (slow, look.HEAT[5])):
        axes.plot(
            steps, np.full(steps.size, row), linestyle="", marker="|", markersize=10,
            markeredgewidth=0.8, color=colour, alpha=0.4, zorder=2,
        )  # fmt: skip
    axes.plot(
        ends[:1], [row], marker="o", markersize=9, color=look.INK,
        markerfacecolor=look.PAPER, markeredgewidth=1.6, gid="pass", zorder=3,
    )  # fmt: skip
    full = bool(reached.all())
    axes.plot(
        ends[1:], [row], marker="o", markersize=9, color=look.HEAT[5],
        markerfacecolor=look.HEAT[4] if full else look.PAPER, gid="pass", zorder=3,
    )  # fmt: skip
    ratio = (
        f"× {(slow / plain).mean():.1f}"
        if full
        else f"{int(reached.sum())} of {reached.size} runs"
    )
    look.label_line(axes, LAST, row, ratio, look.HEAT[5], (10, 0))
