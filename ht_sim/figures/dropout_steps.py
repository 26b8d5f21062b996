"""A film of training, without dropout and with it, and the price in steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_steps import LEVELS, STEPS, reaching
from ht_sim.figures import (
    Control,
    Exhibit,
    Results,
    Rows,
    State,
    Step,
    Sweep,
    slider,
)
from ht_sim.figures._rows import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 462
LEFTS, PANEL = (58, 466), 244
TOP, BOX = 36, 190
ROWS_TOP, ROWS_BOX = 320, 84
FIRST, LAST = 18, 1600  # of the logarithmic axis, in steps
SHOWN = (10, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 600, 700, 800, 1000, 1200)
UPPER = {0.0: 20, 0.2: 40}  # of the error axis, per cent, by share redrawn
STEP_NAMES = ["20", "50", "100", "200", "500", "1,200"]
PARTS = {"training": look.LINES["train"], "test": look.LINES["test"]}
WRONG = 0.9  # of the labels redrawn: a tenth gets its own class back


def draw(results: Results, state: State) -> Figure:
    """Draw both errors by step at both rates, and the steps to each level of loss."""
    arrays = results["dropout-steps"]
    none, some = _places(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    titles = ("error without dropout", f"error with dropout, rate {_rate(state):g}")
    for left, place, title in zip(LEFTS, (none, some), titles, strict=True):
        _draw_errors(figure, left, arrays, place, state, title)
    for left, measure in zip(LEFTS, ("all", "batch"), strict=True):
        _draw_levels(figure, left, arrays, measure, (none, some))
    return figure


def _rate(state: State) -> float:
    return 0.2 if state["mild"] else 0.5


def _share(state: State) -> float:
    return 0.2 if state["redrawn"] else 0.0


def _places(arrays: Arrays, state: State) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the grid places without dropout and with it."""
    row = index_of(arrays["redrawn"], _share(state))
    rates = arrays["p_drop"]
    return (row, index_of(rates, 0.0)), (row, index_of(rates, _rate(state)))


def _errors(arrays: Arrays, place: tuple[int, int], part: str) -> np.ndarray:
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
    steps, now = arrays["steps"][place], _now(arrays, place, state)
    for part, line in PARTS.items():
        errors = _errors(arrays, place, part)
        look.band(axes, steps, errors.min(axis=0), errors.max(axis=0), line["color"])
        axes.plot(steps, errors.mean(axis=0), **line)
    _draw_veil(axes, state["step"], upper)
    means = {part: _errors(arrays, place, part).mean(axis=0) for part in PARTS}
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


def _numbers(results: Results, state: State) -> dict[str, tuple[float, float]]:
    """Return training and test error, in per cent, without dropout and with it."""
    arrays = results["dropout-steps"]
    found = {}
    for part in ("training", "test"):
        none, some = (
            float(_errors(arrays, place, part)[:, _now(arrays, place, state)].mean())
            for place in _places(arrays, state)
        )
        found[part] = none, some
    return found


def _now(arrays: Arrays, place: tuple[int, int], state: State) -> int:
    return index_of(arrays["steps"][place], state["step"])


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["dropout-steps"]
    ratios = [
        f"{level:g}: {_ratio(arrays, 'all', state, level)}" for level in LEVELS.values()
    ]
    labels = "a fifth of the training labels redrawn" if state["redrawn"] else "clean"
    return (
        f"Error by training step, labels {labels}, without dropout on the left and at "
        f"rate {_rate(state):g} on the right. {_errors_in_words(results, state)} "
        "Below, the steps to three levels of training loss with all units active, with "
        f"dropout over without: {'; '.join(ratios)}."
    )


def _ratio(arrays: Arrays, measure: str, state: State, level: float) -> str:
    none, some = _places(arrays, state)
    plain, _ = reaching(arrays, measure, none, level)
    slow, reached = reaching(arrays, measure, some, level)
    if not reached.all():
        return f"reached by {int(reached.sum())} of {reached.size} runs"
    return f"{(slow / plain).mean():.1f} times as many"


def _errors_in_words(results: Results, state: State) -> str:
    found = _numbers(results, state)
    return (
        f"After {int(state['step']):,} steps the training error is "
        f"{found['training'][0]:.1f} per cent without dropout and "
        f"{found['training'][1]:.1f} with it; the test error is "
        f"{found['test'][0]:.1f} and {found['test'][1]:.1f}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    return _errors_in_words(results, state)


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    found = _numbers(results, state)
    return [
        (f"{part} error, {name}", number(value, ".1f", "%"))
        for part, pair in found.items()
        for name, value in zip(("without dropout", "with it"), pair, strict=True)
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-steps",),
    controls=(
        Control(
            "redrawn",
            "toggle",
            "redraw a fifth of the training labels",
            "",
            (0.0, 1.0),
            ("clean labels", "a fifth redrawn"),
        ),
        Control("mild", "toggle", "rate 0.2", "", (0.0, 1.0), ("rate 0.5", "rate 0.2")),
        slider(
            "step", "training steps", SHOWN, ",.0f", quick=(20.0, 100.0, 400.0, 1200.0)
        ),
    ),
    default={"redrawn": 1.0, "mild": 0.0, "step": 1200.0},
    printed=(
        {"redrawn": 1.0, "mild": 0.0, "step": 100.0},
        {"redrawn": 1.0, "mild": 0.0, "step": 1200.0},
        {"redrawn": 0.0, "mild": 0.0, "step": 1200.0},
    ),
    draw=draw,
    finding="Without dropout the network learns its wrong labels by heart; with "
    "dropout it has not by the same step, and errs less on unseen digits.",
    shown="dropout-steps.training_error_redrawn_0.high < 0.02 "
    "and dropout-steps.training_error_redrawn_50.low > 0.05 "
    "and dropout-steps.difference_redrawn.high < 0",
    caption="Training error (dashed) and test error (solid) of eight repeats, with all "
    "units active; bands hold all repeats. Below: the steps to three levels of the "
    "loss on the training set, ring without dropout, dot with it, a stroke for each "
    "repeat; a hollow dot is not reached by all.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("step", 400),
    steps=(
        Step(
            "Stop after 100 steps, a fifth of the training labels redrawn. What "
            "comes is under a veil: which line will rise?",
            {"redrawn": 1.0, "mild": 0.0, "step": 100.0},
        ),
        Step(
            "Train on. [Without dropout the network learns the wrong labels too, and "
            "its test error rises by "
            "{interval}`dropout-steps.rise_redrawn_0:.1%` of all test digits.]"
            '{shown="dropout-steps.training_error_redrawn_0.high < 0.02 '
            'and dropout-steps.rise_redrawn_0.low > 0"}',
            {"redrawn": 1.0, "mild": 0.0, "step": 1200.0},
        ),
        Step(
            "Now make all labels right. [With dropout the lowest level of the loss "
            "takes {fact}`dropout-steps.ratio_clean_all_10:.1f` times the "
            'steps.]{shown="dropout-steps.ratio_clean_all_10.low > 1.5"}',
            {"redrawn": 0.0, "mild": 0.0, "step": 1200.0},
        ),
    ),
    numbers=numbers,
)
