"""The drawing of the errors of one case, and of the differences of all six."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, verdict
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_rate import (
    EXAMPLES,
    MARGIN,
    REDRAWN,
    points_against_none,
)
from ht_sim.figures import Results, State
from ht_sim.figures._dropout_names import GAP, SAMPLE, Curve, places
from ht_sim.figures._rate import (
    LABELS,
    UPPER,
    X_RANGE,
    draw_key,
    draw_runs_above,
    signed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 452
LEFT, LEFT_WIDTH = 46, 316
STRIP_TOP, STRIP_HEIGHT = 36, 40
TOP, BOX = 82, 246
SMALL_LEFT, SMALL_WIDTH, SMALL_STEP = 452, 104, 130
SMALL_TOPS, SMALL_HEIGHT = (80, 276), 104
LINES = {"train": "training_error", "test": "test_error"}  # and their arrays
NAMES = {"test": ("test error", 54), "train": ("training error", 78)}  # and pixels
SMALL_RANGE = (-11.0, 14.0)  # percentage points


def draw(results: Results, state: State) -> Figure:
    """Draw the errors of one case, and the differences of all six."""
    arrays = results["dropout-rate"]
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_errors(figure, arrays, state)
    _draw_runs_above(figure, arrays, state)
    _draw_words(figure, arrays, state)
    _draw_differences(figure, arrays, state)
    _draw_names(figure, arrays, state)
    return figure


def case_errors(arrays: Arrays, name: str, state: State) -> np.ndarray:
    """Return one array of the state's case: (rates, repeats)."""
    examples = index_of(arrays["examples"], state["examples"])
    return arrays[name][:, examples, index_of(arrays["redrawn"], state["redrawn"])]


def _draw_errors(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw error on test and on the training labels by rate; bands hold all repeats."""
    axes = look.axes_at(figure, LEFT, TOP, LEFT_WIDTH, BOX)
    axes.set(xlim=X_RANGE, ylim=(0, UPPER))
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8])
    axes.set_yticks([0, 10, 20, 30], ["0", "10 %", "20 %", "30 %"])
    axes.set_xlabel("drop rate")
    rates, place = arrays["p_drop"], index_of(arrays["p_drop"], state["rate"])
    axes.axvline(state["rate"], color=look.RULE, linewidth=1, zorder=0)
    for line, name in LINES.items():
        errors = 100 * case_errors(arrays, name, state)
        style: dict[str, Any] = dict(look.LINES[line])
        mean = errors.mean(axis=1)
        low, high = errors.min(axis=1), errors.max(axis=1)
        look.band(axes, rates, low, high, style["color"])
        axes.plot(rates, mean, **style)
        axes.plot(
            [rates[place]], [mean[place]], marker="o", markersize=9, gid="pass",
            color=look.HEAT[5] if line == "test" else look.MUTED,
            markeredgecolor=look.INK, zorder=4, clip_on=bool(mean[place] > UPPER),
        )  # fmt: skip


def _draw_names(figure: Figure, arrays: Arrays, state: State) -> None:
    """Name each line beside it, behind a piece of it."""
    axes = look.axes_at(figure, LEFT, TOP, LEFT_WIDTH, BOX)
    axes.set(xlim=(0, LEFT_WIDTH), ylim=(0, BOX))
    look.bare(axes)
    widths = {line: SAMPLE + GAP + width for line, (_, width) in NAMES.items()}
    found = places(_curves(arrays, state), widths, (LEFT_WIDTH, BOX))
    for line, (left, middle) in found.items():
        axes.plot([left, left + SAMPLE], [middle, middle], **look.LINES[line])
        colour = look.LINES[line]["color"]
        look.label_line(axes, left + SAMPLE, middle, NAMES[line][0], colour, (GAP, 0))


def _curves(arrays: Arrays, state: State) -> dict[str, Curve]:
    """Return both lines with their bands, in pixels."""
    first, last = X_RANGE
    x = (arrays["p_drop"] - first) / (last - first) * LEFT_WIDTH
    curves = {}
    for line, name in LINES.items():
        heights = 100 * case_errors(arrays, name, state) / UPPER * BOX
        middle = heights.mean(axis=1)
        curves[line] = Curve(x, heights.min(axis=1), middle, heights.max(axis=1))
    return curves


def _draw_runs_above(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw a dot for each run above the scale, and say what they are."""
    axes = look.axes_at(figure, LEFT, STRIP_TOP, LEFT_WIDTH, STRIP_HEIGHT)
    errors = case_errors(arrays, "test_error", state)
    failed = case_errors(arrays, "did_not_train", state)
    draw_runs_above(axes, arrays["p_drop"], errors, failed, LEFT_WIDTH)
    draw_key(axes, LEFT_WIDTH, -36)


def difference_of(arrays: Arrays, state: State) -> Estimate:
    """Return what the state's rate changes against none, in percentage points."""
    return points_against_none(
        case_errors(arrays, "test_error", state), arrays["p_drop"], state["rate"]
    )


def difference_words(arrays: Arrays, state: State) -> tuple[str, str, str]:
    """Say what a rate changes against none: by how much, in a word, and its colour."""
    failed = case_errors(arrays, "did_not_train", state)
    lost = failed[index_of(arrays["p_drop"], state["rate"])]
    if state["rate"] == 0:
        return "", "", look.MUTED
    if lost.any():
        return f"{lost.sum()} of {lost.size} runs", "did not train", look.INK
    difference = difference_of(arrays, state)
    word = verdict(difference, MARGIN)
    colour = look.INK if word in ("better", "worse") else look.MUTED
    return f"{signed(difference.value)} points", word, colour


def _draw_words(figure: Figure, arrays: Arrays, state: State) -> None:
    """Name the case above, and say below what the state's rate gives."""
    axes = look.axes_at(figure, LEFT, 0, LEFT_WIDTH, HEIGHT)
    axes.set(xlim=(0, LEFT_WIDTH), ylim=(HEIGHT, 0))
    look.bare(axes)
    title = f"{state['examples']:,.0f} training digits, {labels_of(state)}"
    axes.text(-LEFT + 10, 14, title, va="center", weight="semibold")
    first, second = readings(arrays, state)
    axes.text(-LEFT + 10, HEIGHT - 46, first, va="center")
    axes.text(-LEFT + 10, HEIGHT - 24, second, va="center", weight="semibold")


def labels_of(state: State) -> str:
    """Say which labels a state's networks learn from."""
    return LABELS[tuple(REDRAWN.values()).index(state["redrawn"])]


def readings(arrays: Arrays, state: State) -> tuple[str, str]:
    """Say the errors at a state, and the difference to rate 0 with its interval."""
    place = index_of(arrays["p_drop"], state["rate"])
    test, training = (
        100 * case_errors(arrays, name, state)[place].mean()
        for name in ("test_error", "training_error")
    )
    first = (
        f"rate {state['rate']:.1f}: test error {test:.1f} %, "
        f"training error {training:.1f} %"
    )
    lost = case_errors(arrays, "did_not_train", state)[place]
    if state["rate"] == 0:
        return first, "this is what the other rates are compared with"
    difference = difference_of(arrays, state)
    second = (
        f"against rate 0: {signed(difference.value)} points "
        f"({signed(difference.low)} to {signed(difference.high)}), "
    )
    if lost.any():
        return first, f"{lost.sum()} of {lost.size} runs did not train"
    return first, second + verdict(difference, MARGIN)


def _draw_differences(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw, for all six cases, each rate's difference to rate 0 with its interval."""
    page = look.axes_at(figure, 0, 0, WIDTH, HEIGHT)
    page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    look.bare(page)
    head = "test error against that at rate 0: below 0 helps"
    page.text(SMALL_LEFT - 32, 14, head, va="center", weight="semibold")
    for row, (redrawn, labels) in enumerate(zip(REDRAWN.values(), LABELS, strict=True)):
        top = SMALL_TOPS[row]
        page.text(SMALL_LEFT - 32, top - 38, labels, va="center", color=look.MUTED)
        for column, examples in enumerate(EXAMPLES):
            case = {**state, "examples": float(examples), "redrawn": redrawn}
            left = SMALL_LEFT + SMALL_STEP * column
            axes = look.axes_at(figure, left, top, SMALL_WIDTH, SMALL_HEIGHT)
            _draw_case(axes, arrays, case, current=case == dict(state))
            if column == 0:
                _draw_scale(axes)
            *words, colour = difference_words(arrays, case)
            for line, text in enumerate(words):
                below = top + SMALL_HEIGHT + 14 + 17 * line
                page.text(left + 3, below, text, va="center", color=colour)
    page.text(SMALL_LEFT + 3, HEIGHT - 14, "drop rate 0 to 0.9", va="center")


def _draw_scale(axes: Axes) -> None:
    """Draw the scale of points, and say which side of zero is which."""
    axes.spines["left"].set_visible(True)
    axes.set_yticks([-10, 0, 10], ["−10", "0", "+10"])
    for height, word in ((9.5, "hurts"), (-9.5, "helps")):
        axes.text(0.01, height, word, va="center", color=look.MUTED)


def _draw_case(axes: Axes, arrays: Arrays, case: State, *, current: bool) -> None:
    """Draw one case's differences by rate, and the state's rate as a dot."""
    high = SMALL_RANGE[1]
    axes.set(xlim=X_RANGE, ylim=SMALL_RANGE, xticks=[], yticks=[])
    axes.spines[["bottom", "left"]].set_visible(False)
    if current:
        axes.set_facecolor(look.SURFACE)
    colour = look.INK if current else look.MUTED
    weight = "semibold" if current else "normal"
    axes.set_title(f"{case['examples']:,.0f} digits", color=colour, weight=weight)
    axes.axhline(0, color=look.MUTED, linewidth=1)
    rates = arrays["p_drop"]
    found = [difference_of(arrays, {**case, "rate": rate}) for rate in rates]
    look.band(
        axes, rates, [d.low for d in found], [d.high for d in found], look.HEAT[5]
    )
    axes.plot(rates, [d.value for d in found], color=look.HEAT[5], linewidth=1.6)
    value = difference_of(arrays, case).value
    above = value > high
    axes.plot(
        [case["rate"]], [min(value, high)], marker="^" if above else "o",
        markersize=9 if current else 7, color=look.HEAT[5], markeredgecolor=look.INK,
        gid="pass", zorder=4, clip_on=False,
    )  # fmt: skip
