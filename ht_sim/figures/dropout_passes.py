"""The masked network: units fall silent, the kept ones heat up, the answer scatters."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from ht_sim import look
from ht_sim.experiments import Arrays
from ht_sim.figures import Control, Exhibit, Results, State, Sweep

WIDTH, HEIGHT = 592, 444
TOP, STEP, RADIUS = 46, 21.5, 8
COLUMNS = (134, 210, 286, 362)
PANEL = 430, 150  # left edge and width of the panel of passes
HEAT_EDGES = (0.01, 1.5, 3, 6, 12, 24)
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
    _draw_digit(figure, canvas, arrays["image"])
    _draw_edges(canvas, arrays["weights"], arrays["kept"][rate, one])
    _draw_units(canvas, arrays["scaled"][rate, one], arrays["kept"][rate, one])
    _draw_scale(canvas)
    _draw_passes(canvas, arrays, rate, one)
    return figure


def _places(arrays: Arrays, state: State) -> tuple[int, int]:
    rate = int(np.argmin(np.abs(arrays["p_drop"] - state["rate"])))
    return rate, int(state["pass"]) - 1


def _y(unit: float) -> float:
    return TOP + STEP * unit


def _draw_digit(figure: Figure, canvas: Axes, image: np.ndarray) -> None:
    side, left, top = 80, 0, _y(7.5) - 40
    axes = look.axes_at(figure, left, top, side, side)
    ink = np.array(to_rgba(look.INK))
    cells = np.broadcast_to(ink, (8, 8, 4)).copy()
    cells[..., 3] = image
    axes.pcolormesh(cells, linewidth=0)
    axes.set(xlim=(0, 8), ylim=(8, 0))
    look.bare(axes)
    canvas.text(
        left + side / 2, top + side + 18, "one digit", ha="center", color=look.MUTED
    )
    canvas.annotate(
        "",
        (COLUMNS[0] - 14, _y(7.5)),
        (left + side + 6, _y(7.5)),
        arrowprops={"arrowstyle": "-|>", "color": look.MUTED, "linewidth": 1},
    )


def _draw_edges(canvas: Axes, weights: np.ndarray, kept: np.ndarray) -> None:
    """Draw an edge where both of its units are kept, the darker the heavier."""
    layers, units, _ = weights.shape
    segments, opacities = [], []
    for layer in range(layers):
        strength = np.abs(weights[layer]) / np.abs(weights[layer]).max()
        both = kept[layer][:, None] & kept[layer + 1][None, :]
        for source in range(units):
            for target in range(units):
                segments.append(
                    [
                        (COLUMNS[layer] + RADIUS, _y(source)),
                        (COLUMNS[layer + 1] - RADIUS, _y(target)),
                    ]
                )
                opacity = 0.55 * round(float(strength[source, target]), 1)
                opacities.append(opacity if both[source, target] else 0.0)
    colours = [(*to_rgba(look.INK)[:3], opacity) for opacity in opacities]
    canvas.add_collection(LineCollection(segments, colors=colours, linewidths=0.8))


def _draw_units(canvas: Axes, scaled: np.ndarray, kept: np.ndarray) -> None:
    colours = look.heat(scaled, HEAT_EDGES)
    layers, units = scaled.shape
    for layer in range(layers):
        for unit in range(units):
            alive = kept[layer, unit]
            circle = Circle(
                (COLUMNS[layer], _y(unit)),
                RADIUS if alive else RADIUS - 1.5,
                facecolor=str(colours[layer, unit]) if alive else look.PAPER,
                edgecolor=look.INK if alive else look.DROPPED,
                linestyle="solid" if alive else (0, (2, 2)),
                linewidth=1,
                gid="unit",
            )
            canvas.add_patch(circle)
        canvas.text(
            COLUMNS[layer],
            TOP - 22,
            f"layer {layer + 1}",
            ha="center",
            color=look.MUTED,
        )
        canvas.text(
            COLUMNS[layer],
            _y(units) + 4,
            f"{int(kept[layer].sum())} of {units}",
            ha="center",
        )


def _draw_scale(canvas: Axes) -> None:
    """Draw the heat scale, which is the same in every state."""
    left, top = COLUMNS[0] - RADIUS, HEIGHT - 18
    for step, colour in enumerate(look.HEAT):
        canvas.add_patch(
            Circle(
                (left + 96 + 27 * step, top), 6, facecolor=colour, edgecolor=look.INK
            )
        )
    canvas.text(
        left + 80,
        top,
        "scaled activation  0",
        ha="right",
        va="center",
        color=look.MUTED,
    )
    canvas.text(
        left + 270, top, f"over {HEAT_EDGES[-1]:g}", va="center", color=look.MUTED
    )


def _draw_passes(canvas: Axes, arrays: Arrays, rate: int, one: int) -> None:
    """Draw what each pass gives to the right digit, and what the test gives."""
    left, width = PANEL
    label = int(arrays["label"])
    canvas.text(left, TOP - 22, f"chance it gives to “{label}”", weight="semibold")
    rows = np.linspace(_y(1), _y(13), PASSES)
    test = float(arrays["test_probability"])
    for place, row in enumerate(rows):
        share = float(arrays["probability"][rate, place])
        canvas.plot([left, left + width], [row, row], color=look.RULE, linewidth=1)
        canvas.text(
            left - 12, row, str(place + 1), ha="right", va="center", color=look.MUTED
        )
        canvas.add_patch(
            Circle(
                (left + width * share, row),
                7 if place == one else 5,
                facecolor=look.HEAT[3],
                edgecolor=look.INK,
                linewidth=2 if place == one else 0.8,
                gid="pass",
                zorder=3,
            )
        )
    edge = left + width * test
    canvas.plot(
        [edge, edge], [rows[0] - 18, rows[-1] + 18], color=look.INK, linewidth=2
    )
    canvas.text(
        edge, rows[-1] + 36, f"at test: {test:.2f}", ha="right", weight="semibold"
    )
    canvas.text(left, rows[-1] + 36, "0", ha="center", color=look.MUTED)
    canvas.text(
        edge, rows[-1] + 56, "the same at every rate", ha="right", color=look.MUTED
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


EXHIBIT = Exhibit(
    experiments=("dropout-passes",),
    controls=(
        Control(
            "rate",
            "slider",
            "drop rate",
            "",
            RATES,
            tuple(f"{rate:.2f}" for rate in RATES),
        ),
        Control(
            "pass",
            "button",
            "another pass",
            "",
            tuple(float(number) for number in range(1, PASSES + 1)),
            tuple(str(number) for number in range(1, PASSES + 1)),
        ),
    ),
    default={"rate": 0.3, "pass": 3.0},
    printed=(
        {"rate": 0.0, "pass": 3.0},
        {"rate": 0.3, "pass": 3.0},
        {"rate": 0.5, "pass": 3.0},
        {"rate": 0.9, "pass": 3.0},
    ),
    draw=draw,
    finding="Each pass silences other units and gives another answer; the test, with "
    "everyone back, gives one.",
    shown="dropout-passes.lowest_pass_30 < dropout-passes.test_probability",
    caption="The kept units are scaled by $1/(1-d)$, where $d$ is the drop rate, so "
    "they glow hotter as the rate grows. Hollow, dashed rings are silent. Edges are "
    "drawn where both ends are kept, darker for larger weights.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("rate", 350),
    meets=("masked-network", "drag-the-rate", "push-to-point-nine"),
)
