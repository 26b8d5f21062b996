"""One deep network that overfits and drifts, and a switch for either repair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.estimates import geometric_interval, mean_interval, paired_difference
from ht_sim.experiments import Arrays
from ht_sim.experiments._training_drift import change
from ht_sim.experiments.overfit_and_drift import (
    BINS,
    LAYERS,
    RATE,
    SHOWN_STEPS,
    at_best,
)
from ht_sim.figures import Control, Exhibit, Results, Rows, State
from ht_sim.figures._rows import interval, mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 376
TOP, BOX = 72, 246
LEFT, LEFT_WIDTH = 54, 250
RIGHT, RIGHT_WIDTH = 500, 312
HEAD, SECOND = 16, 42  # the middles of the two lines of words
UPPER = 50  # of the error axis, per cent
CUT = 0.8  # density at which a ridge is cut, at 1.5 of its row
ALL_VALUES = 400 * 100  # of a layer: digits and units
NEITHER = {"dropout": 0.0, "batch_norm": 0.0}
PARTS = {"training": look.LINES["train"], "test": look.LINES["test"]}
HELD = 1.5  # a factor up to which a layer is said to hold
HALF = 50  # per cent of the wrong labels; who has learnt fewer overfits less
REFERENCE = (860, 29)  # where the test error with neither is named: steps, per cent


def draw(results: Results, state: State) -> Figure:
    """Draw both errors by step, and what every layer gets at the start and the end."""
    arrays = results["overfit-and-drift"]
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_errors(figure, arrays, state)
    _draw_stack(figure, arrays, state)
    for left, (head, second), colour in (
        (LEFT, _overfitting(arrays, state), look.INK),
        (RIGHT, _drift(arrays, state), _colour(state)),
    ):
        _write(figure, left - 40, HEAD, head, colour, 19)
        _write(figure, left - 40, SECOND, second, look.MUTED, 13.5)
    return figure


def _write(
    figure: Figure, left: float, top: float, words: str, colour: str, size: float
) -> None:
    weight = "semibold" if size > 14 else "normal"
    figure.text(
        left / WIDTH, 1 - top / HEIGHT, words, va="center", color=colour,
        fontsize=size, weight=weight,
    )  # fmt: skip


def _place(arrays: Arrays, state: State) -> tuple[int, int]:
    return (
        index_of(arrays["p_drop"], RATE if state["dropout"] else 0.0),
        index_of(arrays["batch_norm"], state["batch_norm"]),
    )


def _colour(state: State) -> str:
    return look.BATCH_NORM if state["batch_norm"] else look.WITHOUT


def _errors(arrays: Arrays, state: State, part: str) -> np.ndarray:
    """Return the error of a part in per cent, (repeats, steps)."""
    return 100 * np.asarray(arrays[f"{part}_error"][_place(arrays, state)])


def _best(arrays: Arrays, state: State) -> np.ndarray:
    """Return the test error at the best step, in per cent: (repeats,)."""
    validation, test = (_errors(arrays, state, one) for one in ("validation", "test"))
    return at_best(validation, test)


def _learnt(arrays: Arrays, state: State) -> np.ndarray:
    """Return how many of the wrong labels are learnt in the end, in per cent."""
    return 100 * np.asarray(arrays["learnt"][_place(arrays, state)][:, -1])


def _change(arrays: Arrays, state: State) -> np.ndarray:
    """Return the factor of the layer that moved most, (repeats,)."""
    place = _place(arrays, state)
    return change(arrays["deviation"][place], arrays["finite"][place])


def _overfitting(arrays: Arrays, state: State) -> tuple[str, str]:
    """Say how many wrong labels are learnt; the test error at best and at the end."""
    learnt = mean_interval(_learnt(arrays, state))
    head = "It overfits less" if learnt.high < HALF else "It overfits"
    best, end = (
        _best(arrays, state).mean(),
        _errors(arrays, state, "test")[:, -1].mean(),
    )
    return head, (
        f"learns {learnt.value:.0f} % of the wrong labels; "
        f"test error {best:.0f} %, then {end:.0f} %"
    )


def _drift(arrays: Arrays, state: State) -> tuple[str, str]:
    """Say whether a layer has moved, as the interval has it, and by how much."""
    factor = geometric_interval(_change(arrays, state))
    if factor.high < HELD:
        return "It holds", f"every layer stays as wide (within × {factor.value:.2f})"
    head = "It drifts" if factor.low > HELD else "It may drift"
    return head, f"the width of one layer changes × {factor.value:.0f}"


def _draw_errors(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw training and test error by step, over those of the untreated network."""
    axes = look.axes_at(figure, LEFT, TOP, LEFT_WIDTH, BOX)
    axes.set(xlim=(0, SHOWN_STEPS[-1]), ylim=(0, UPPER))
    axes.set_xticks([0, 400, 800, 1200], ["0", "400", "800", "1,200"])
    axes.set_yticks([0, 20, 40], ["0", "20 %", "40 %"])
    axes.set_xlabel("training steps")
    if dict(state) != NEITHER:
        plain = _errors(arrays, NEITHER, "test").mean(axis=0)
        axes.plot(SHOWN_STEPS, plain, color=look.MUTED, linewidth=0.9)
        axes.text(
            *REFERENCE, "test error with neither", color=look.MUTED, ha="center",
            va="center",
        )  # fmt: skip
    ends = {}
    for part, line in PARTS.items():
        errors = _errors(arrays, state, part)
        low, high = errors.min(axis=0), errors.max(axis=0)
        look.band(axes, SHOWN_STEPS, low, high, line["color"])
        axes.plot(SHOWN_STEPS, errors.mean(axis=0), **line, linewidth=2.2)
        ends[part] = float(errors[:, -1].mean())
    for part, height in _apart(ends).items():
        words = "test error" if part == "test" else "training error"
        colour = PARTS[part]["color"]
        look.label_line(axes, SHOWN_STEPS[-1], height, words, colour, (10, 0))


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Return where the two names stand: at their lines' ends, 18 pixels apart."""
    least, gap = 18 / BOX * UPPER, ends["test"] - ends["training"]
    if abs(gap) >= least:
        return ends
    middle, half = sum(ends.values()) / 2, least / 2 * (1 if gap > 0 else -1)
    return {"training": middle - half, "test": middle + half}


def _draw_stack(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw what each layer gets: before the first step, and after the last."""
    axes = look.axes_at(figure, RIGHT, TOP, RIGHT_WIDTH, BOX)
    axes.set(xlim=(BINS[0], BINS[-1]), ylim=(LAYERS - 0.75, -1.55))
    axes.set_yticks(range(LAYERS), ["layer 1", *map(str, range(2, LAYERS + 1))])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xticks([-4, -2, 0, 2, 4], ["−4", "−2", "0", "2", "4"])
    axes.set_xlabel("what its units get from new digits")
    counts = arrays["counts"][_place(arrays, state)]  # (repeats, 2, layers, bins)
    share = counts.sum(axis=0) / (len(counts) * ALL_VALUES)
    for row in range(LAYERS):
        axes.axhline(row, color=look.RULE, linewidth=0.8, zorder=1)
        for when, colour in enumerate((look.INK, _colour(state))):
            _draw_ridge(axes, row, share[when, row] / np.diff(BINS), colour, when)
    if not state["batch_norm"]:
        _name_ridges(axes)


def _draw_ridge(
    axes: Axes, row: int, density: np.ndarray, colour: str, when: int
) -> None:
    """Draw a distribution above its row: a hairline at the start, filled at the end."""
    from matplotlib.colors import to_rgba

    middles = (BINS[:-1] + BINS[1:]) / 2
    top = np.round(row - 1.5 * np.minimum(density, CUT) / CUT, 3)
    drawn = np.flatnonzero(row - top > 0.005)
    if not drawn.size:
        return
    span = slice(max(drawn[0] - 1, 0), drawn[-1] + 2)
    if not when:
        axes.plot(middles[span], top[span], color=colour, linewidth=0.7, zorder=2)
        return
    axes.fill_between(
        middles[span], row, top[span], facecolor=to_rgba(colour, 0.25),
        edgecolor=colour, linewidth=1.5, zorder=3,
    )  # fmt: skip


def _name_ridges(axes: Axes) -> None:
    """Name start and end to both sides of the first layer, where nothing else is."""
    axes.text(1, -0.95, "before", color=look.INK, va="center")
    axes.text(
        -1.25, -0.95, "after", color=look.WITHOUT, va="center", ha="right",
        weight="semibold",
    )  # fmt: skip


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    arrays = results["overfit-and-drift"]
    words = [
        ": ".join(found)
        for found in (_overfitting(arrays, state), _drift(arrays, state))
    ]
    text = f"{_switches(state)}. {'. '.join(words)}."
    return text.replace("%", "per cent").replace("× ", "a factor of ")


def _switches(state: State) -> str:
    names = {"dropout": "dropout", "batch_norm": "batch norm"}
    on = [words for name, words in names.items() if state[name]]
    return f"With {' and '.join(on)}" if on else "With neither dropout nor batch norm"


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    return (
        "Left: training and test error by training step. Right: the distribution of "
        "what each of eight layers gets, before training and after. "
        f"{spoken(results, state)}"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["overfit-and-drift"]
    ends = {part: _errors(arrays, state, part)[:, -1] for part in PARTS}
    rise = paired_difference(ends["test"], _best(arrays, state))
    moved = geometric_interval(_change(arrays, state))
    return [
        ("training error, labels as given", mean(ends["training"], ".1f", "%")),
        ("test error", mean(ends["test"], ".1f", "%")),
        ("test error, last minus best step", interval(rise, ".1f", "points")),
        ("wrong labels learnt", mean(_learnt(arrays, state), ".0f", "%")),
        ("change of the layer that moved most", interval(moved, ".2f", "times")),
    ]


EXHIBIT = Exhibit(
    experiments=("overfit-and-drift",),
    controls=(
        Control(
            "dropout",
            "toggle",
            "dropout",
            "",
            (0.0, 1.0),
            ("without dropout", "with dropout"),
        ),
        Control(
            "batch_norm",
            "toggle",
            "batch norm",
            "",
            (0.0, 1.0),
            ("without batch norm", "with batch norm"),
        ),
    ),
    default=NEITHER,
    printed=(
        NEITHER,
        {"dropout": 1.0, "batch_norm": 0.0},
        {"dropout": 0.0, "batch_norm": 1.0},
        {"dropout": 1.0, "batch_norm": 1.0},
    ),
    draw=draw,
    finding="This deep network overfits, and its layers drift: dropout lessens the "
    "one, batch norm stops the other.",
    shown="overfit-and-drift.learnt_neither.low > 0.8 "
    "and overfit-and-drift.learnt_dropout.high < 0.5 "
    "and overfit-and-drift.test_dropout_against_neither.high < 0 "
    "and overfit-and-drift.change_neither.low > 5 "
    "and overfit-and-drift.change_bn.high < 1.2",
    caption="Eight hidden layers of 100 ReLU units learn 400 digits, a fifth of which "
    "got a random label. The drop rate is $0.2$. The first weights have gain $1$, so "
    "that the signal shrinks with depth. Left: means and ranges of eight repeats. The "
    "first test error named is that at the best step, where the validation error is "
    "lowest; the second is that at the end. Right: what each layer gets from digits "
    "that it was not trained on, all repeats together; high peaks are cut.",
    alt=alt,
    spoken=spoken,
    numbers=numbers,
    meets=("overfit-and-drift",),
)
