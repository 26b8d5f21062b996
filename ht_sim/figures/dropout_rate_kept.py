"""Test error by drop rate with layers of fixed width, and with kept units fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.estimates import paired_difference, verdict
from ht_sim.experiments import Arrays
from ht_sim.experiments._digit_reader import UNITS
from ht_sim.experiments.dropout_rate import MARGIN, RATES, REDRAWN
from ht_sim.experiments.dropout_rate_kept import (
    FACT_RATES,
    KEPT_UNITS,
    hidden_units,
)
from ht_sim.figures import Exhibit, Results, Rows, State, choice, slider
from ht_sim.figures._rate import (
    LABELS,
    UPPER,
    X_RANGE,
    draw_key,
    draw_runs_above,
    signed,
)
from ht_sim.figures._rows import interval, mean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 592, 424
LEFT, BOX_WIDTH = 92, 480
STRIP_TOPS, STRIP_HEIGHT = (34, 66), 32
TOP, BOX = 104, 200
NAMES = (f"{UNITS} units", f"{KEPT_UNITS} kept on average")
COLOURS = (look.INK, look.HEAT[5])
DASHES = ("-", (0, (5, 1.5)))


def draw(results: Results, state: State) -> Figure:
    """Draw the test errors of both networks by rate."""
    arrays = results["dropout-rate-kept"]
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_errors(figure, arrays, state)
    _draw_above(figure, arrays, state)
    _draw_words(figure, arrays, state)
    return figure


def _errors(arrays: Arrays, name: str, state: State) -> np.ndarray:
    """Return one array at the state's labels: (networks, rates, repeats)."""
    labels = index_of(arrays["redrawn"], state["redrawn"])
    return np.moveaxis(arrays[name][:, :, labels], 1, 0)


def _draw_errors(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw both lines with bands that hold all repeats, and the widths below."""
    axes = look.axes_at(figure, LEFT, TOP, BOX_WIDTH, BOX)
    axes.set(xlim=X_RANGE, ylim=(0, UPPER))
    axes.set_yticks([0, 10, 20, 30], ["0", "10 %", "20 %", "30 %"])
    rates = arrays["p_drop"]
    ticks = [f"{rate:.1f}\n{hidden_units(rate)}" for rate in RATES]
    axes.set_xticks(RATES, ticks, linespacing=1.5)
    place = index_of(rates, state["rate"])
    axes.axvline(state["rate"], color=look.RULE, linewidth=1, zorder=0)
    errors = 100 * _errors(arrays, "test_error", state)
    for one, colour, dashes in zip(errors, COLOURS, DASHES, strict=True):
        mean = one.mean(axis=1)
        look.band(axes, rates, one.min(axis=1), one.max(axis=1), colour)
        axes.plot(rates, mean, color=colour, linestyle=dashes)
        axes.plot(
            [rates[place]], [mean[place]], marker="o", markersize=9, color=colour,
            markeredgecolor=look.INK, gid="pass", zorder=4,
            clip_on=bool(mean[place] > UPPER),
        )  # fmt: skip
    high = float(errors[0, index_of(rates, 0.8)].mean())
    look.label_line(axes, 0.8, high, NAMES[0], COLOURS[0], (-12, 14))
    look.label_line(axes, 0.8, 2, NAMES[1], COLOURS[1], (-12, 0))


def _draw_above(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw the runs above the scale, a strip for each network."""
    errors = _errors(arrays, "test_error", state)
    failed = _errors(arrays, "did_not_train", state)
    for number, top in enumerate(STRIP_TOPS):
        axes = look.axes_at(figure, LEFT, top, BOX_WIDTH, STRIP_HEIGHT)
        rates = arrays["p_drop"]
        draw_runs_above(axes, rates, errors[number], failed[number], BOX_WIDTH)
        axes.text(
            0.85, 0, NAMES[number], ha="right", va="center", color=COLOURS[number]
        )
        if number == 0:
            draw_key(axes, BOX_WIDTH, 10 - LEFT)


def _draw_words(figure: Figure, arrays: Arrays, state: State) -> None:
    """Name the case and the rows of numbers, and say what the state's rate gives."""
    page = look.axes_at(figure, 0, 0, WIDTH, HEIGHT)
    page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    look.bare(page)
    title = (
        f"400 training digits, {LABELS[index_of(arrays['redrawn'], state['redrawn'])]}"
    )
    page.text(10, 14, title, va="center", weight="semibold")
    page.text(LEFT - 50, TOP - 8, "test error", ha="center", va="center")
    page.text(10, TOP + BOX + 20, "drop rate", va="center", color=look.MUTED)
    page.text(10, TOP + BOX + 48, "units needed", va="center", color=look.MUTED)
    first, second = _readings(arrays, state)
    page.text(10, HEIGHT - 44, first, va="center")
    page.text(10, HEIGHT - 22, second, va="center", weight="semibold")


def _readings(arrays: Arrays, state: State) -> tuple[str, str]:
    """Say both errors at a state, and their difference with its interval."""
    place = index_of(arrays["p_drop"], state["rate"])
    fixed, kept = 100 * _errors(arrays, "test_error", state)[:, place]
    units = hidden_units(state["rate"])
    first = (
        f"rate {state['rate']:.1f}: test error {fixed.mean():.1f} % with {UNITS} units"
    )
    if units == UNITS:
        return first, "here both are the same network"
    first += f", {kept.mean():.1f} % with {units}"
    lost = _errors(arrays, "did_not_train", state)[:, place].sum(axis=1)
    if lost.any():
        return first, f"{lost[0]} and {lost[1]} of {len(kept)} runs did not train"
    difference = paired_difference(kept, fixed)
    word = verdict(difference, MARGIN)
    return first, (
        f"{units} units against {UNITS}: {signed(difference.value)} points "
        f"({signed(difference.low)} to {signed(difference.high)}), {word}"
    )


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["dropout-rate-kept"]
    first, second = _readings(arrays, state)
    return (
        "Test error by drop rate for a network of fixed width and for one that is "
        "wider at higher rates, so that 64 units a layer are kept on average; "
        f"{LABELS[index_of(arrays['redrawn'], state['redrawn'])]}. "
        f"{first[0].upper()}{first[1:]}; {second}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    first, second = _readings(results["dropout-rate-kept"], state)
    return f"{first}; {second}".replace("%", "per cent")


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["dropout-rate-kept"]
    place = index_of(arrays["p_drop"], state["rate"])
    fixed, kept = 100 * _errors(arrays, "test_error", state)[:, place]
    lost = _errors(arrays, "did_not_train", state)[:, place].sum(axis=1)
    difference = paired_difference(kept, fixed)
    return [
        ("units of the wider network", f"{hidden_units(state['rate'])}"),
        (f"test error with {UNITS} units", mean(fixed, ".1f", "%")),
        ("test error of the wider one", mean(kept, ".1f", "%")),
        ("difference", interval(difference, "+.1f", "points")),
        (f"did not train, {UNITS} units", f"{lost[0]:.0f} of {fixed.size}"),
        ("did not train, wider", f"{lost[1]:.0f} of {kept.size}"),
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-rate-kept",),
    controls=(
        choice("redrawn", "training labels", REDRAWN.values(), LABELS),
        slider("rate", "drop rate", RATES, ".1f", quick=FACT_RATES),
    ),
    default={"redrawn": 0.2, "rate": 0.8},
    printed=({"redrawn": 0.2, "rate": 0.8}, {"redrawn": 0.0, "rate": 0.8}),
    draw=draw,
    finding="At $d = 0.8$, layers wide enough to keep 64 units do better than layers "
    "of 128.",
    shown="dropout-rate-kept.change_80_clean.high < 0 "
    "and dropout-rate-kept.change_80_redrawn.high < 0",
    caption="The ink line has 128 units in both hidden layers at every rate, of which "
    "fewer are kept as the rate grows. The other has as many as the lowest row says, "
    "so that 64 are kept on average. Lines are means of 8 repeats, bands hold all of "
    "them. "
    "Differences are paired by repeat; behind them stands the interval of the mean.",
    alt=alt,
    spoken=spoken,
    numbers=numbers,
)
