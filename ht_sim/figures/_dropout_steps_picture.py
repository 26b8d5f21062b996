"""The drawing of both errors as training goes on, and of the steps that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_steps import LEVELS, STEPS, reaching
from ht_sim.figures import Results, State

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 484
LEFTS, PANEL = (58, 474), 244
TOP, BOX = 58, 190
ROWS_TOP, ROWS_BOX = 342, 84
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
    colour = look.INK if place[1] == 0 else look.HEAT[5]
    axes.set_title(title, color=colour, pad=27)
    axes.set_xlabel("training steps")
    steps = arrays["steps"][place]
    now = index_of(steps, state["step"])
    means = {}
    for part, line in PARTS.items():
        errors = errors_of(arrays, place, part)
        means[part] = errors.mean(axis=0)
        look.band(axes, steps, errors.min(axis=0), errors.max(axis=0), line["color"])
        axes.plot(steps, means[part], **line)
    veil: dict[str, Any] = {"color": look.PAPER, "linewidth": 0, "zorder": 2.2}
    axes.axvspan(state["step"], STEPS + 12, clip_on=False, **veil)
    _draw_wrong_labels(axes, 100 * WRONG * _share(state), upper)
    _draw_dots(axes, state["step"], {part: one[now] for part, one in means.items()})


def _draw_dots(axes: Axes, step: float, errors: dict[str, float]) -> None:
    """Draw both errors at a step, each with its number; above the scale no dot."""
    upper = axes.get_ylim()[1]
    least = 17 / BOX * upper
    heights = _apart(errors, least, upper - least / 2)
    for part, value in errors.items():
        colour = PARTS[part]["color"]
        axes.plot(
            [step], [value], marker="o", markersize=8, color=colour,
            markeredgecolor=look.PAPER, gid="pass", zorder=4,
            clip_on=bool(value > upper),
        )  # fmt: skip
        words = f"{part} {value:.1f} %"
        look.label_line(axes, step, heights[part], words, colour, (10, 0))


def _apart(errors: dict[str, float], least: float, highest: float) -> dict[str, float]:
    """Return where the names stand: at their dots or below the top, so much apart."""
    lower, upper = sorted(errors, key=lambda part: errors[part])
    top = min(errors[upper], highest)
    missing = least - (top - errors[lower])
    if missing <= 0:
        return {lower: errors[lower], upper: top}
    top = min(top + missing / 2, highest)
    return {lower: top - least, upper: top}


def _draw_wrong_labels(axes: Axes, level: float, upper: float) -> None:
    """Draw the training error of a network that knows every digit, and name it."""
    if not level:
        axes.text(0, 1.04 * upper, "all training labels are right", color=look.MUTED)
        return
    style: dict[str, Any] = {"color": look.INK, "linestyle": (0, (1, 2))}
    axes.axhline(level, linewidth=1, **style)
    height = 1.07 * upper
    axes.plot([0, 0.08 * STEPS], [height] * 2, linewidth=1, clip_on=False, **style)
    words = f"{level:g} % of training labels are wrong"
    axes.text(0.1 * STEPS, 1.04 * upper, words, color=look.INK)


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
        else f"reached by {int(reached.sum())} of {reached.size}"
    )
    look.label_line(axes, LAST, row, ratio, look.HEAT[5], (10, 0))
