"""The two forms of dropout side by side, under the same mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_forms import ACTIVATIONS, PASSES
from ht_sim.figures import Exhibit, Results, Rows, State, Sweep, button, slider

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 400
LEFTS, PANEL = (150, 504), 328
UNIT_ROW, RADIUS = 28, 15
HEADING = 88
ROWS = {"pass": 118, "masks": 178, "mean": 256, "test": 320}  # tops
BAR, STEM = 34, 52
LIMIT = 20.0  # of the axes, in units of activation
HEAT_EDGES = (0.75, 1.5, 3, 6, 12, 24)
RATES = tuple(round(0.1 * step, 1) for step in range(10))
TITLES = {
    "classic": ("classic", "2012 to 2014"),
    "inverted": ("inverted", "today’s libraries"),
}


def draw(results: Results, state: State) -> Figure:
    """Draw one mask, and what both forms make of it, of all masks, and at test."""
    arrays = results["dropout-forms"]
    place = index_of(arrays["p_drop"], state["rate"])
    one = int(state["pass"]) - 1
    figure = look.new_figure(WIDTH, HEIGHT)
    canvas = look.axes_at(figure, 0, 0, WIDTH, HEIGHT)
    canvas.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    look.bare(canvas)
    _draw_units(canvas, arrays["kept"][place, one])
    _draw_rows(canvas, arrays["chance"].shape[1])
    for left, form in zip(LEFTS, TITLES, strict=True):
        _draw_form(canvas, left, form, arrays, place, one)
    return figure


def _draw_units(canvas: Axes, kept: np.ndarray) -> None:
    """Draw the layer with its activations; a dropped unit is a dashed ring."""
    from matplotlib.patches import Circle

    canvas.text(0, UNIT_ROW, "six units, one mask", va="center")
    for unit, (activation, alive) in enumerate(zip(ACTIVATIONS, kept, strict=True)):
        x = LEFTS[0] + RADIUS + 46 * unit
        heat = str(look.heat(activation, HEAT_EDGES))
        canvas.add_artist(
            Circle(
                (x, UNIT_ROW),
                RADIUS if alive else RADIUS - 1.5,
                facecolor=heat if alive else look.PAPER,
                edgecolor=look.INK if alive else look.DROPPED,
                linestyle="solid" if alive else (0, (2, 2)),
                linewidth=1,
                gid="unit",
            )
        )
        canvas.text(
            x, UNIT_ROW, f"{activation:g}", ha="center", va="center",
            color=look.INK if alive else look.MUTED,
        )  # fmt: skip
    words = "for both forms; activations add up to 10"
    canvas.text(LEFTS[1], UNIT_ROW, words, va="center", color=look.MUTED)


def _draw_rows(canvas: Axes, masks: int) -> None:
    """Name the rows, once for both forms."""
    names = {
        "pass": ("training", "this pass"),
        "masks": ("training", f"all {masks} masks"),
        "mean": ("training", "mean of all masks"),
        "test": ("test", "all units active"),
    }
    for row, lines in names.items():
        middle = ROWS[row] + (STEM if row == "masks" else BAR) / 2
        canvas.text(0, middle - 3, lines[0], va="bottom", weight="semibold")
        canvas.text(0, middle + 1, lines[1], va="top", color=look.MUTED)


def _draw_form(
    canvas: Axes, left: float, form: str, arrays: Arrays, place: int, one: int
) -> None:
    """Draw one form: this pass, all masks, their mean, and the test."""
    name, years = TITLES[form]
    canvas.text(left, HEADING, name, weight="semibold", size=17)
    canvas.text(left + 74, HEADING, years, color=look.MUTED)
    canvas.plot([left, left + PANEL], [HEADING + 10] * 2, color=look.RULE, linewidth=1)
    keep = f"{1 - arrays['p_drop'][place]:.1f}"
    scales = {
        "classic": {"pass": "not scaled", "test": f"each × {keep}"},
        "inverted": {"pass": f"kept ÷ {keep}", "test": "not scaled"},
    }[form]
    sent = {
        "pass": arrays[f"{form}_pass"][place, one],
        "mean": arrays[f"{form}_mean"][place],
        "test": arrays[f"{form}_test"][place],
    }
    _draw_masks(canvas, left, arrays[f"{form}_sums"][place], arrays["chance"][place])
    guide = [_x(left, float(sent["test"].sum()))] * 2
    canvas.plot(guide, [ROWS["masks"] + STEM, ROWS["test"] + BAR + 6], color=look.INK)
    for row, values in sent.items():
        _draw_bar(canvas, left, ROWS[row], values)
    for row, words in scales.items():
        loud = words != "not scaled"
        canvas.text(
            left + PANEL, ROWS[row] + BAR / 2, words, ha="right", va="center",
            color=look.HEAT[5] if loud else look.MUTED,
            weight="semibold" if loud else "normal",
        )  # fmt: skip


def _x(left: float, value: float) -> float:
    """Return where a value stands in a column; what is off the scale, at its end."""
    return left + (PANEL - 136) * min(value, LIMIT) / LIMIT


def _draw_bar(canvas: Axes, left: float, top: float, sent: np.ndarray) -> None:
    """Draw what each unit sends end to end, in its heat, and the sum behind it."""
    from matplotlib.patches import Rectangle

    colours = look.heat(sent.round(9), HEAT_EDGES)  # 3 is 3, however it was summed
    ends = np.cumsum(sent)
    for value, end, colour in zip(sent, ends, colours, strict=True):
        start = _x(left, end - value)
        segment = Rectangle(
            (start, top), _x(left, end) - start, BAR, facecolor=str(colour),
            edgecolor=look.INK, linewidth=0.8 if value else 0, gid="unit",
        )  # fmt: skip
        canvas.add_artist(segment)
    beyond = "→ " if ends[-1] > 1.001 * LIMIT else ""
    canvas.text(
        _x(left, ends[-1]) + 8, top + BAR / 2, f"{beyond}{ends[-1]:.3g}",
        va="center", weight="semibold", size=16,
    )  # fmt: skip


def _draw_masks(
    canvas: Axes, left: float, sums: np.ndarray, chance: np.ndarray
) -> None:
    """Draw a stem for each sum that masks give, as high as its chance."""
    base = ROWS["masks"] + STEM
    values, which = np.unique(sums.round(9), return_inverse=True)
    chances = np.bincount(which, chance)
    heights = (STEM - 4) * chances / chances.max()
    canvas.plot([left, left + PANEL - 136], [base, base], color=look.RULE, linewidth=1)
    for value, height in zip(values, heights, strict=True):
        if value <= 1.001 * LIMIT:
            canvas.plot(
                [_x(left, value)] * 2, [base, base - height], color=look.HEAT[3],
                linewidth=3, solid_capstyle="butt",
            )  # fmt: skip
    if values[chances > 0].max() > 1.001 * LIMIT:
        edge = left + PANEL - 128
        canvas.text(edge, base, "→ and beyond", va="center", color=look.MUTED)


def _sums(results: Results, state: State) -> dict[str, float]:
    """Return the sums of pass, mean and test in both forms, and the units kept."""
    arrays = results["dropout-forms"]
    place = index_of(arrays["p_drop"], state["rate"])
    one = int(state["pass"]) - 1
    found = {"kept": float(arrays["kept"][place, one].sum())}
    for form in TITLES:
        found[f"{form}_pass"] = float(arrays[f"{form}_pass"][place, one].sum())
        for part in ("mean", "test"):
            sent = arrays[f"{form}_{part}"][place]  # (units,)
            found[f"{form}_{part}"] = float(sent.sum())
    return found


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    sums = _sums(results, state)
    return (
        f"Six units whose activations add up to 10, at drop rate {state['rate']:g}; "
        f"this pass keeps {sums['kept']:.0f}. Classic: the pass sends "
        f"{sums['classic_pass']:.3g}, the mean over all 64 masks and the test both "
        f"send {sums['classic_test']:.3g}. Inverted: the pass sends "
        f"{sums['inverted_pass']:.3g}, the mean and the test both send "
        f"{sums['inverted_test']:.3g}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    sums = _sums(results, state)
    return (
        f"drop rate {state['rate']:g}, pass {state['pass']:g}: classic sends "
        f"{sums['classic_pass']:.3g} in training and {sums['classic_test']:.3g} at "
        f"test, inverted {sums['inverted_pass']:.3g} and {sums['inverted_test']:.3g}"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    sums = _sums(results, state)
    rows = [("units kept by this pass", f"{sums['kept']:.0f} of 6")]
    for form in TITLES:
        rows += [
            (f"{form}: this pass sends", f"{sums[f'{form}_pass']:.3g}"),
            (f"{form}: mean over all 64 masks", f"{sums[f'{form}_mean']:.3g}"),
            (f"{form}: the test sends", f"{sums[f'{form}_test']:.3g}"),
        ]
    return rows


EXHIBIT = Exhibit(
    experiments=("dropout-forms",),
    controls=(
        slider("rate", "drop rate", RATES, ".1f"),
        button("pass", "another pass", PASSES),
    ),
    default={"rate": 0.2, "pass": 1.0},
    printed=({"rate": 0.0, "pass": 1.0}, {"rate": 0.5, "pass": 1.0}),
    draw=draw,
    finding="In each form the mean of training is the test; only the scale differs.",
    shown="dropout-forms.worst_mean_gap < 1e-12 "
    "and dropout-forms.worst_ratio_gap < 1e-12",
    caption="Six units whose activations add up to 10; both columns use the same mask. "
    "A bar lays end to end what the units send on; a stem is as high as the chance of "
    "its sum. The mean is exact. Classic sends $1-d$ times what inverted sends, where "
    "$d$ is the drop rate.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("rate", 500),
    numbers=numbers,
    meets=("test-time-scaling",),
)
