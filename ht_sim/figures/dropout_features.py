"""What the hidden units of an autoencoder became, without and with dropout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.figures import Exhibit, Results, Rows, State, slider
from ht_sim.figures._rows import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Box = tuple[float, float, float, float]  # left, top, width, height
Places = tuple[int, int]  # of rate 0 and of the rate shown

WIDTH, HEIGHT = 832, 540
SIDE, GAP, COLUMNS, ROWS = 40, 6, 8, 1  # of a unit's picture, in CSS pixels
GREYS = (look.PAPER, look.RULE, look.DROPPED, look.MUTED, look.INK)
EDGES = (-0.1, -0.03, 0.03, 0.1)  # of a weight, between the greys
GROUND = 2  # the grey of a weight of about zero
SILENCED = (58, 34, 380, 160)
WORST = (520, 70, 230, 84)
ACTIVATIONS = (58, 274, 320, 96)
UNITS = (490, 274, 320, 96)
TOP, KEY_TOP = 458, 512
COLOURS = WITHOUT, WITH = look.INK, look.HEAT[5]
RATES = (0.2, 0.5, 0.8)
LABELS = (0.29, 24), (0.16, 46)  # where the means of the units stand
SHOWN = COLUMNS * ROWS
ARMS = "without dropout", "with it"


def draw(results: Results, state: State) -> Figure:
    """Draw the error when units are silent, activations, and features."""
    arrays = results["dropout-features"]
    places = index_of(arrays["p_drop"], 0.0), _place(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    titles = "incoming weights, without dropout", f"at drop rate {state['rate']:g}"
    for left, title, colour, place in zip(
        (0, 434), titles, COLOURS, places, strict=True
    ):
        _draw_features(figure, left, title, colour, arrays["features"][place, :SHOWN])
    _draw_key(figure)
    _draw_activations(figure, arrays, places)
    _draw_units(figure, arrays, places)
    _draw_worst(figure, arrays, places)
    _draw_silenced(figure, arrays, places, state["rate"])
    return figure


def _place(arrays: Arrays, state: State) -> int:
    return index_of(arrays["p_drop"], state["rate"])


def _draw_features(
    figure: Figure, left: float, title: str, colour: str, features: np.ndarray
) -> None:
    """Draw the incoming weights of units, (units, 8, 8), as pictures."""
    width, height = (n * (SIDE + GAP) - GAP for n in (COLUMNS, ROWS))
    axes = look.axes_at(figure, left, TOP, width, height)
    axes.set(xlim=(0, width), ylim=(height, 0))
    look.bare(axes)
    axes.set_title(title, color=colour)
    grounds = [(*_corner(unit), SIDE, SIDE) for unit in range(SHOWN)]
    _fill(axes, grounds, GREYS[GROUND], edge=look.MUTED)
    steps = np.digitize(features, EDGES)  # (units, 8, 8)
    for step in {*range(len(GREYS))} - {GROUND}:
        _fill(axes, list(_runs(steps == step)), GREYS[step])


def _draw_key(figure: Figure) -> None:
    """Say once what the greys are, below the pictures."""
    axes = look.axes_at(figure, 0, KEY_TOP, WIDTH, 20)
    axes.set(xlim=(0, WIDTH), ylim=(0, 20))
    look.bare(axes)
    for place, grey in enumerate(GREYS):
        _fill(axes, [(100 + 18 * place, 3, 14, 14)], grey, edge=look.MUTED)
    axes.text(92, 10, "−0.1 or less", ha="right", va="center", color=look.MUTED)
    axes.text(
        196, 10,
        "0.1 or more: ink on this pixel excites the unit. All grey: a unit "
        "that is never on.",
        va="center", color=look.MUTED,
    )  # fmt: skip


def _corner(unit: int) -> tuple[int, int]:
    """Return where the picture of a unit has its upper left corner."""
    row, column = divmod(unit, COLUMNS)
    return column * (SIDE + GAP), row * (SIDE + GAP)


def _runs(at: np.ndarray) -> Iterator[Box]:
    """Yield the runs of true pixels along the rows of pictures (units, 8, 8)."""
    pixel = SIDE / at.shape[-1]
    change = np.diff(np.pad(at, ((0, 0), (0, 0), (1, 1))).astype(int), axis=-1)
    starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    for (unit, row, first), (_, _, end) in zip(starts, ends, strict=True):
        left, top = _corner(int(unit))
        yield left + first * pixel, top + row * pixel, (end - first) * pixel, pixel


def _fill(
    axes: Axes, boxes: Sequence[Box], colour: str, edge: str | None = None
) -> None:
    """Draw boxes as one path, so that many of them stay one small element."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = [
        ((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y))
        for x, y, width, height in boxes
    ]
    codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(boxes)
    path = Path(np.reshape(corners, (-1, 2)), codes)
    axes.add_patch(
        PathPatch(
            path, facecolor=colour, edgecolor=edge or colour, linewidth=bool(edge)
        )
    )


def _chart(figure: Figure, box: Box, title: str, xlabel: str) -> Axes:
    axes = look.axes_at(figure, *box)
    axes.set_title(title)
    axes.set_xlabel(xlabel)
    return axes


def _draw_activations(figure: Figure, arrays: Arrays, places: Places) -> None:
    """Draw which share of all activations is zero, and how large the others are."""
    axes = _chart(
        figure, ACTIVATIONS, "share of activations", "activation, all units and digits"
    )
    axes.set(xlim=(-0.3, 1.2), ylim=(0, 70))
    axes.set_xticks([-0.15, 0.25, 0.5, 1], ["off", "0.25", "0.5", "1"])
    axes.set_yticks([0, 20, 40, 60], ["0", "20", "40", "60 %"])
    edges = arrays["activation_edges"][0]
    for place, colour, x in zip(places, COLOURS, (-0.2, -0.1), strict=True):
        off = 1 - arrays["on"][place].mean()
        shares = arrays["activation_shares"][place].mean(axis=0)
        axes.bar(x, 100 * off, 0.08, color=colour, linewidth=0)
        axes.stairs(100 * (shares - off * (edges[:-1] == 0)), edges, color=colour,
            linewidth=2)  # fmt: skip


def _draw_units(figure: Figure, arrays: Arrays, places: Places) -> None:
    """Draw how many units have which mean activation."""
    axes = _chart(figure, UNITS, "share of units", "mean activation of a unit")
    axes.set(xlim=(0, 0.6), ylim=(0, 70))
    axes.set_xticks([0, 0.2, 0.4, 0.6], ["0", "0.2", "0.4", "0.6"])
    axes.set_yticks([0, 20, 40, 60], ["0", "20", "40", "60 %"])
    edges = arrays["unit_edges"][0]
    for place, colour in zip(places, COLOURS, strict=True):
        shares = arrays["unit_shares"][place].mean(axis=0)
        axes.stairs(100 * shares, edges, color=colour, linewidth=2)
    for place, colour, at in zip(places, COLOURS, LABELS, strict=True):
        mean = arrays["mean_activation"][place].mean()
        look.label_line(axes, *at, f"mean {mean:.2f}", colour)


def _draw_worst(figure: Figure, arrays: Arrays, places: Places) -> None:
    """Draw what the error rises by when the one unit that matters most is silent."""
    title = "rise when the most important unit is silent"
    axes = _chart(figure, WORST, title, "rise of the error")
    axes.set(xlim=(0, 13), ylim=(1.5, -0.5), yticks=[])
    axes.set_xticks([0, 5, 10], ["0", "+5 %", "+10 %"])
    for row, (place, colour) in enumerate(zip(places, COLOURS, strict=True)):
        rise = 100 * float(arrays["worst_unit"][place].mean())
        axes.barh(row, rise, 0.6, color=colour, linewidth=0)
        look.label_line(axes, rise, row, f"+{rise:.1f} %", colour)


def _draw_silenced(
    figure: Figure, arrays: Arrays, places: Places, trained_at: float
) -> None:
    """Draw the error by the share of silent units, each repeat a hairline."""
    axes = _chart(
        figure, SILENCED, "error when units fall silent at random", "share silenced"
    )
    axes.set(xlim=(0, 0.92), ylim=(0.0015, 40), yscale="log")
    axes.set_xticks([0, 0.25, 0.5, 0.75], ["0", "25 %", "50 %", "75 %"])
    axes.set_yticks([0.01, 0.1, 1, 10], ["1 %", "10 %", "100 %", "1,000 %"])
    axes.minorticks_off()
    shares = arrays["silenced"][0]
    for place, colour in zip(places, COLOURS, strict=True):
        error = arrays["error_silenced"][place]  # (repeats, shares)
        axes.plot(shares, error.T, color=colour, linewidth=0.6, alpha=0.3)
        axes.plot(shares, error.mean(axis=0), color=colour)
    look.label_line(axes, 0.42, 4, "without dropout", WITHOUT, (0, 6))
    here = float(error.mean(axis=0)[index_of(shares, trained_at)])
    axes.plot(
        [trained_at], [here], marker="o", markersize=9, color=WITH,
        markeredgecolor=look.INK, gid="pass", zorder=4,
    )  # fmt: skip
    words = "with dropout (dot: as in training)"
    look.label_line(axes, 0.9, 0.04, words, WITH, (-1, 0))


def _numbers(results: Results, state: State) -> dict[str, tuple[float, float]]:
    """Return means over repeats at rate 0 and at a state, in per cent."""
    arrays = results["dropout-features"]
    half = index_of(arrays["silenced"][0], 0.5)
    measures = {
        "on": arrays["on"],
        "error": arrays["error"],
        "half": arrays["error_silenced"][..., half],
        "worst": arrays["worst_unit"],
        "smoothness": arrays["smoothness"],
    }  # each (rates, repeats)
    base, here = index_of(arrays["p_drop"], 0.0), _place(arrays, state)
    return {
        name: (100 * float(values[base].mean()), 100 * float(values[here].mean()))
        for name, values in measures.items()
    }


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    found = _numbers(results, state)
    smooth = [one / 100 for one in found["smoothness"]]
    return (
        "Incoming weights of eight units as pictures of 8 by 8 pixels. Over all units, "
        f"weights of neighbouring pixels correlate by {smooth[0]:.2f} without dropout "
        f"and by {smooth[1]:.2f} at drop rate {state['rate']:g}. Without dropout "
        f"{found['on'][0]:.0f} per cent of activations are "
        f"above zero, with it {found['on'][1]:.0f}, and they are smaller. The error, "
        "as a share of the digits’ variance, rises from "
        f"{found['error'][0]:.2g} to {found['half'][0]:.0f} per cent when a random "
        "half of the units falls silent without dropout, and from "
        f"{found['error'][1]:.2g} to {found['half'][1]:.0f} with it. Without its most "
        f"important unit it rises by {found['worst'][0]:.1f} without dropout and by "
        f"{found['worst'][1]:.1f} with it."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    found = _numbers(results, state)
    return (
        f"drop rate {state['rate']:g}: {found['on'][1]:.0f} % of activations above "
        f"zero, without dropout {found['on'][0]:.0f} %; error {found['error'][1]:.2g} "
        f"%, with half the units silent {found['half'][1]:.0f} %, without dropout "
        f"{found['error'][0]:.2g} % and {found['half'][0]:.0f} %"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    found = _numbers(results, state)
    names = {
        "on": "activations above zero",
        "error": "error, as a share of the digits’ variance",
        "half": "error with half of the units silent",
        "worst": "rise without the most important unit",
    }
    rows = [
        (f"{words}, {arm}", number(value, ".2g", "%"))
        for name, words in names.items()
        for arm, value in zip(ARMS, found[name], strict=True)
    ]
    words = "correlation of neighbouring weights"
    for arm, value in zip(ARMS, found["smoothness"], strict=True):
        rows.append((f"{words}, {arm}", number(value / 100, ".2f")))
    return rows


EXHIBIT = Exhibit(
    experiments=("dropout-features",),
    controls=(slider("rate", "drop rate in training", RATES, ".1f", quick=(0.5, 0.8)),),
    default={"rate": 0.5},
    printed=({"rate": 0.5}, {"rate": 0.8}),
    draw=draw,
    finding="With dropout fewer units are on, and silencing half of them costs less.",
    shown="dropout-features.on_50_minus_0.high < 0 "
    "and dropout-features.error_half_silent_50_minus_0.high < 0",
    caption="Means of eight repeats on digits that were not trained on. The error is "
    "a share of the digits’ variance, on the left on a log scale; units that are not "
    "silenced are turned up as in training, and hairlines are repeats. “Off” is a "
    "share of exact zeros. The pictures are the first eight of 256 hidden units, "
    "whatever they look like, in the first repeat.",
    alt=alt,
    spoken=spoken,
    numbers=numbers,
    meets=("spread-responsibility",),
)
