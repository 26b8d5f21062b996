"""The masked network: units fall silent, the kept ones heat up, the answer scatters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.figures import (
    Exhibit,
    Results,
    Rows,
    State,
    Step,
    Sweep,
    button,
    slider,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 592, 444
TOP, STEP, RADIUS = 46, 21.5, 8
COLUMNS = (134, 210, 286, 362)
PANEL = 426, 120  # left edge and width of the panel of passes
HEAT_EDGES = (0.75, 1.5, 3, 6, 12, 24)
RATES = tuple(round(0.05 * step, 2) for step in range(19))
PASSES = 8


def draw(results: Results, state: State) -> Figure:
    """Draw the network of one pass at one rate, beside the outputs of all passes."""
    arrays = results["dropout-passes"]
    rate, one = _places(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    canvas = look.axes_at(figure, 0, 0, WIDTH, HEIGHT)
    canvas.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    look.bare(canvas)
    _draw_digit(figure, canvas, arrays["image"], int(arrays["label"]))
    _draw_edges(canvas, arrays["weights"], arrays["kept"][rate, one])
    _draw_units(canvas, arrays["scaled"][rate, one], arrays["kept"][rate, one])
    _draw_scale(canvas)
    _draw_passes(canvas, arrays, rate, one)
    return figure


def _places(arrays: Arrays, state: State) -> tuple[int, int]:
    return index_of(arrays["p_drop"], state["rate"]), int(state["pass"]) - 1


def _y(unit: float) -> float:
    return TOP + STEP * unit


def _draw_digit(figure: Figure, canvas: Axes, image: np.ndarray, label: int) -> None:
    side, left, top = 80, 0, _y(7.5) - 40
    axes = look.axes_at(figure, left, top, side, side)
    cells = np.broadcast_to(look.rgba(look.INK), (8, 8, 4)).copy()
    cells[..., 3] = image
    axes.pcolormesh(cells, linewidth=0)
    axes.set(xlim=(0, 8), ylim=(8, 0))
    look.bare(axes)
    for line, words in enumerate(("handwritten", str(label))):
        place = left + side / 2, top + side + 18 + 18 * line
        canvas.text(*place, words, ha="center", color=look.MUTED)
    canvas.annotate(
        "",
        (COLUMNS[0] - 14, _y(7.5)),
        (left + side + 6, _y(7.5)),
        arrowprops={"arrowstyle": "-|>", "color": look.MUTED, "linewidth": 1},
    )


def _draw_edges(canvas: Axes, weights: np.ndarray, kept: np.ndarray) -> None:
    """Draw an edge where both of its units are kept, the darker the heavier."""
    from matplotlib.collections import LineCollection

    units = weights.shape[-1]
    strength = np.abs(weights) / np.abs(weights).max(axis=(1, 2), keepdims=True)
    both = kept[:-1, :, None] & kept[1:, None, :]  # (layers, from, to)
    colours = np.empty((*both.shape, 4))
    colours[..., :3] = look.rgba(look.INK)[:3]
    colours[..., 3] = np.where(both, 0.55 * strength.round(1), 0)
    segments = np.empty((*both.shape, 2, 2))  # from (x, y) to (x, y)
    columns, rows = np.array(COLUMNS), np.array([_y(unit) for unit in range(units)])
    segments[..., 0, 0] = (columns[:-1] + RADIUS)[:, None, None]
    segments[..., 1, 0] = (columns[1:] - RADIUS)[:, None, None]
    segments[..., 0, 1] = rows[:, None]
    segments[..., 1, 1] = rows
    lines = LineCollection(
        list(segments.reshape(-1, 2, 2)), colors=colours.reshape(-1, 4), linewidths=0.8
    )
    canvas.add_collection(lines, autolim=False)


def _draw_circle(
    canvas: Axes, middle: tuple[float, float], radius: float, **settings: Any
) -> None:
    from matplotlib.patches import Circle

    canvas.add_artist(Circle(middle, radius, **settings))


def _draw_units(canvas: Axes, scaled: np.ndarray, kept: np.ndarray) -> None:
    """Draw a unit as a ring: dashed if dropped, solid if kept, filled if it is hot."""
    colours = look.heat(scaled, HEAT_EDGES)
    layers, units = scaled.shape
    for layer in range(layers):
        x = COLUMNS[layer]
        for unit in range(units):
            alive, hot = kept[layer, unit], scaled[layer, unit] > 0
            _draw_circle(
                canvas,
                (x, _y(unit)),
                RADIUS if alive else RADIUS - 1.5,
                facecolor=str(colours[layer, unit]) if hot else look.PAPER,
                edgecolor=look.INK if alive else look.DROPPED,
                linestyle="solid" if alive else (0, (2, 2)),
                linewidth=1,
                gid="unit",
            )
        canvas.text(x, TOP - 22, f"layer {layer + 1}", ha="center", color=look.MUTED)
        count = f"{int(kept[layer].sum())} of {units}"
        canvas.text(x, _y(units) + 4, count, ha="center")


def _draw_scale(canvas: Axes) -> None:
    """Draw the heat scale, which is the same in every state."""
    top, left = HEIGHT - 18, COLUMNS[0] + 76
    for step, colour in enumerate((look.PAPER, *look.HEAT)):
        place = left + 24 * step, top
        _draw_circle(canvas, place, 6, facecolor=colour, edgecolor=look.INK)
    muted: dict[str, Any] = {"va": "center", "color": look.MUTED}
    canvas.text(left - 14, top, "scaled activation  0", ha="right", **muted)
    canvas.text(left + 7 * 24 + 12, top, f"over {HEAT_EDGES[-1]:g}", **muted)


def _draw_passes(canvas: Axes, arrays: Arrays, rate: int, one: int) -> None:
    """Draw the chance each pass gives to the right digit, and what it reads."""
    left, width = PANEL
    label, test = int(arrays["label"]), float(arrays["test_probability"])
    rows = np.linspace(_y(1), _y(13), PASSES)
    reads = left + width + 26
    canvas.text(left, TOP - 22, f"chance it gives to “{label}”", weight="semibold")
    canvas.text(reads, TOP - 2, "reads", ha="center", color=look.MUTED)
    edge = left + width * test
    line = [rows[0] - 12, rows[-1] + 18]
    canvas.plot([edge, edge], line, color=look.INK, linewidth=2)
    for place, row in enumerate(rows):
        share = float(arrays["probability"][rate, place])
        reading = int(arrays["reading"][rate, place])
        right = look.INK if reading == label else look.HEAT[5]
        canvas.plot([left, left + width], [row, row], color=look.RULE, linewidth=1)
        number = str(place + 1)
        canvas.text(left - 12, row, number, ha="right", va="center", color=look.MUTED)
        canvas.text(reads, row, str(reading), ha="center", va="center", color=right)
        _draw_circle(
            canvas,
            (left + width * share, row),
            7 if place == one else 5,
            facecolor=look.HEAT[3],
            edgecolor=look.INK,
            linewidth=2 if place == one else 0.8,
            gid="pass",
            zorder=3,
        )
    below = rows[-1] + 36
    canvas.text(edge, below, f"at test: {test:.2f}", ha="right", weight="semibold")
    canvas.text(reads, below, str(label), ha="center", weight="semibold")
    canvas.text(left, below, "0", ha="center", color=look.MUTED)
    canvas.text(
        edge, below + 20, "the same at every rate", ha="right", color=look.MUTED
    )


def _share(results: Results, state: State) -> float:
    arrays = results["dropout-passes"]
    return float(arrays["probability"][*_places(arrays, state)])


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["dropout-passes"]
    rate, one = _places(arrays, state)
    kept = arrays["kept"][rate, one].sum(axis=-1)
    counts = ", ".join(str(int(count)) for count in kept)
    shares = arrays["probability"][rate]
    return (
        f"A network of four layers of 16 units reads a handwritten "
        f"{int(arrays['label'])}. At drop rate {state['rate']:g}, pass "
        f"{int(state['pass'])}, the layers keep {counts} units. Over eight passes the "
        f"chance given to the right digit runs from {shares.min():.2f} to "
        f"{shares.max():.2f}; with all units active it is "
        f"{float(arrays['test_probability']):.2f}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    arrays = results["dropout-passes"]
    kept = int(arrays["kept"][*_places(arrays, state)].sum())
    return (
        f"drop rate {state['rate']:g}, pass {int(state['pass'])}: {kept} of 64 units "
        f"kept; this pass gives the right digit {_share(results, state):.2f}, "
        f"the test {float(arrays['test_probability']):.2f}"
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["dropout-passes"]
    rate, one = _places(arrays, state)
    kept = arrays["kept"][rate, one]  # (layers, units)
    shares = arrays["probability"][rate]  # (passes,)
    return [
        *(
            (f"units kept in layer {layer}", f"{int(row.sum())} of {row.size}")
            for layer, row in enumerate(kept, start=1)
        ),
        ("chance that this pass gives to the digit", f"{shares[one]:.2f}"),
        ("what this pass reads", f"{arrays['reading'][rate, one]:.0f}"),
        ("lowest of the eight passes", f"{shares.min():.2f}"),
        ("highest of the eight passes", f"{shares.max():.2f}"),
        ("at test, all units active", f"{float(arrays['test_probability']):.2f}"),
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-passes",),
    controls=(
        slider("rate", "drop rate", RATES, ".2f", quick=(0.0, 0.1, 0.3, 0.5, 0.7, 0.9)),
        button("pass", "another pass", PASSES, quick=(1.0, 2.0, 3.0, 4.0)),
    ),
    default={"rate": 0.3, "pass": 3.0},
    printed=(
        {"rate": 0.0, "pass": 3.0},
        {"rate": 0.3, "pass": 3.0},
        {"rate": 0.5, "pass": 3.0},
        {"rate": 0.9, "pass": 8.0},
    ),
    draw=draw,
    finding="Each pass silences other units and can give another answer; the test, "
    "with everyone back, gives one.",
    shown="dropout-passes.lowest_pass_30 < dropout-passes.test_probability",
    caption="One network, trained once at drop rate $0.1$: raising the rate changes "
    "the passes, never the weights. The digit, a 7 that looks like a 3, is the first "
    "of the test that the whole network reads rightly. Dashed rings are dropped. Kept "
    "units are scaled by $1/(1-d)$, where $d$ is the drop rate, so they glow hotter as "
    "the rate grows; a hollow ring was silent without being dropped. Edges are "
    "stronger for larger weights.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("rate", 350),
    steps=(
        Step(
            "Start at a drop rate of $0.3$. Of 16 units a layer should keep $11.2$; "
            "over all passes it keeps {fact}`dropout-passes.units_kept_30:.1f`.",
            {"rate": 0.3, "pass": 3.0},
        ),
        Step(
            "Now *another pass*, a few of them. Other units fall silent and the "
            "answer moves; the test answer stands still.",
            {"rate": 0.3, "pass": 8.0},
        ),
        Step(
            "Push the rate to $0.9$. A layer keeps "
            "{fact}`dropout-passes.units_kept_90:.1f` units, and the survivors of the "
            "first glow at {fact}`dropout-passes.heat_90:.0f` times their test value.",
            {"rate": 0.9, "pass": 8.0},
        ),
        Step(
            "Back to $0$: everyone is there, and every pass gives the test answer.",
            {"rate": 0.0, "pass": 8.0},
        ),
    ),
    shares=("rate",),
    numbers=numbers,
    meets=("masked-network", "drag-the-rate", "push-to-point-nine"),
)
