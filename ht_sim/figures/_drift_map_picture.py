"""The drawing of the map: regions of gain and depth, named, and theory's borders."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look
from ht_sim.experiments import Arrays
from ht_sim.experiments._signal import ALIKE, ALIVE, EXPLODED, TURNED, VANISHED
from ht_sim.experiments.drift_depth import GAINS, LAYERS
from ht_sim.experiments.drift_depth import NONLINEARITIES as NAMES
from ht_sim.figures import Results, State
from ht_sim.figures._drift import NONLINEARITIES, NORMS, fates_of, places
from ht_sim.figures._rows import number
from ht_sim.theory.propagation import HE_GAIN, XAVIER_GAIN, variances

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Box = tuple[float, float, float, float]  # left, top, right, bottom, in cells and layers

WIDTH, HEIGHT = 592, 448
LEFT, TOP, COLUMN, BOX = 58, 66, 32, 308  # CSS pixels
STEPS = 3  # layers from one measured layer to the next
HIGHEST, LOWEST = 3, 97  # layers: where words still stand inside the box
STRIPE = 4  # layers between the stripes of what is alike
SHARES = ((3, 6, 9, 12), (10, 40, 70, 100))  # where spreads stand: columns, layers
CLEAR = 2  # measured layers alive before and after, for a spread to be written
TICKS = {0: "0.5", 3: "0.71", 6: "1", 9: "1.41", 12: "2", 15: "2.83"}  # by column
WORDS = ("alive", "vanished", "exploded", "all examples alike")
LEAST_CELLS = 16  # for a region to be named


def draw(results: Results, state: State) -> Figure:
    """Draw the map of a state, its words, and the boundaries of theory."""
    arrays = results["drift-depth"]
    found = fates_of(arrays, state, int(state["residual"]))  # (gains, layers)
    figure = look.new_figure(WIDTH, HEIGHT)
    title = look.axes_at(figure, 0, 0, WIDTH, 30)
    title.set(xlim=(0, WIDTH), ylim=(30, 0))
    look.bare(title)
    title.text(0, 14, case(state), va="center", weight="semibold")
    axes = look.axes_at(figure, LEFT, TOP, COLUMN * len(GAINS), BOX)
    _set_scales(axes)
    _draw_regions(axes, found, arrays["layer"][0])
    _mark_gains(axes)
    if _write_shares(axes, found, arrays, state):
        words = "numbers: spread, share of the size"
        title.text(WIDTH, 14, words, ha="right", va="center", color=look.MUTED)
    _draw_theory(axes, state)
    return figure


def case(state: State) -> str:
    """Name a state: nonlinearity, norm, and whether there are skip connections."""
    nonlinearity, norm = places(state)
    kind = "skip connections" if state["residual"] else "plain"
    return f"{NONLINEARITIES[nonlinearity]}, {NORMS[norm]}, {kind}"


def _set_scales(axes: Axes) -> None:
    axes.set(xlim=(0, len(GAINS)), ylim=(LAYERS + STEPS / 2, 1 - STEPS / 2))
    axes.set_xticks([place + 0.5 for place in TICKS], [*TICKS.values()])
    axes.set_yticks([1, 20, 40, 60, 80, 100])
    axes.set_xlabel("gain of the weights (logarithmic scale)")
    axes.set_ylabel("layer")


def boxes(fate: int, found: np.ndarray, layers: np.ndarray) -> Iterator[Box]:
    """Yield the runs of one fate down the columns of found, (gains, layers)."""
    for column, fates in enumerate(found):
        for same, run in groupby(range(len(fates)), key=lambda n: int(fates[n])):
            if same == fate:
                rows = [*run]
                top, bottom = layers[rows[0]], layers[rows[-1]]
                yield column, top - STEPS / 2, column + 1, bottom + STEPS / 2


def _draw_regions(axes: Axes, found: np.ndarray, layers: np.ndarray) -> None:
    """Fill regions, stripe what is alike, and name them.

    Grey is a lost signal, whole or in stripes.
    """
    colours = {ALIVE: look.HEAT[0], VANISHED: look.DROPPED, EXPLODED: look.HEAT[5]}
    for fate, colour in colours.items():
        _fill(axes, [*boxes(fate, found, layers)], colour)
    _stripe(axes, [*boxes(ALIKE, found, layers)])
    for fate, words in enumerate(WORDS):
        if (found == fate).sum() >= LEAST_CELLS:
            column, row = middle(found == fate)
            ground = _patch(look.HEAT[0] if fate == ALIVE else look.PAPER)
            y = max(layers[row], HIGHEST)
            axes.text(
                column + 0.5, y, words, ha="center", va="center",
                weight="semibold", bbox=ground, zorder=5,
            )  # fmt: skip


def _patch(colour: str) -> dict[str, Any]:
    """Return the ground of words: what is below them does not shine through."""
    return {"facecolor": colour, "edgecolor": "none", "pad": 1}


def _write_shares(axes: Axes, found: np.ndarray, arrays: Arrays, state: State) -> bool:
    """Write the spread as a share of the size where both live; say if any does."""
    shares = spread_shares(arrays, state)
    layers = [*arrays["layer"][0]]
    written = False
    for column, layer in itertools.product(*SHARES):
        row = layers.index(layer)
        if (found[column, row - CLEAR : row + CLEAR + 1] == ALIVE).all():
            written = True
            axes.text(
                column + 0.5, min(layer, LOWEST), percent(shares[column, row]),
                ha="center", va="center", bbox=_patch(look.HEAT[0]), zorder=4,
            )  # fmt: skip
    return written


def spread_shares(arrays: Arrays, state: State) -> np.ndarray:
    """Return the spread as a share of the size, (gains, layers)."""
    shares: np.ndarray = 10 ** arrays["alike"][*places(state), int(state["residual"])]
    return shares


def percent(share: float) -> str:
    """Write a share as a percentage."""
    return f"{number(100 * share, '.0f')} %"


def middle(region: np.ndarray) -> tuple[int, int]:
    """Return the place in a region, (columns, rows), with the most of it around.

    Of cells, the one whose nearest border, three rows counting as a column, is
    farthest; of equal ones that nearest to their mean.
    """
    columns, rows = np.nonzero(region)
    padded = np.pad(region, 1)
    out = np.argwhere(~padded) - 1
    inside = np.stack([columns, rows], axis=1)
    steps = np.abs(inside[:, None] - out[None]) / [1, 3]
    room = steps.max(axis=-1).min(axis=1)
    best = inside[room == room.max()]
    nearest = np.abs(best - best.mean(axis=0)).sum(axis=1).argmin()
    column, row = best[nearest]
    return int(column), int(row)


def _fill(axes: Axes, regions: list[Box], colour: str) -> None:
    """Fill boxes as one path, so that many of them stay one small element."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners = [
        ((x, y), (right, y), (right, bottom), (x, bottom), (x, y))
        for x, y, right, bottom in regions
    ]
    codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(regions)
    path = Path(np.reshape(corners, (-1, 2)), codes)
    axes.add_patch(PathPatch(path, facecolor=colour, edgecolor=colour, linewidth=1))


def _stripe(axes: Axes, regions: list[Box]) -> None:
    """Draw horizontal hairlines in boxes, as one line."""
    x: list[float] = []
    y: list[float] = []
    for left, top, right, bottom in regions:
        for level in range(STRIPE, LAYERS, STRIPE):
            if top <= level <= bottom:
                x += [left, right, np.nan]
                y += [level, level, np.nan]
    axes.plot(x, y, color=look.DROPPED, linewidth=1)


def _mark_gains(axes: Axes) -> None:
    """Mark and name the gains of Xavier and He."""
    top = 1 - STEPS / 2
    for gain, name in ((XAVIER_GAIN, "Xavier"), (HE_GAIN, "He")):
        x = GAINS.index(gain) + 0.5
        axes.axvline(x, color=look.INK, linewidth=1, linestyle=(0, (1, 3)))
        look.label_line(axes, x, top, name, look.INK, (0, 4))


def _draw_theory(axes: Axes, state: State) -> None:
    """Draw where theory expects the signal to turn, and name the line."""
    nonlinearity, norm = places(state)
    if norm:
        return
    columns = np.linspace(-0.5, len(GAINS) - 0.5, 121)
    gains = XAVIER_GAIN * 2 ** ((columns - GAINS.index(XAVIER_GAIN)) / 6)
    turns = np.array(
        [turning_layer(nonlinearity, gain, bool(state["residual"])) for gain in gains]
    )
    if not np.isfinite(turns).any():
        return
    axes.plot(columns + 0.5, turns, color=look.INK, linewidth=1.4,
        linestyle=(0, (4, 2.5)))  # fmt: skip
    first_run = np.isfinite(turns).cumprod().astype(bool)
    place = int(np.flatnonzero(first_run & (turns < 0.6 * LAYERS))[-1])
    offset = (-8.0, 0.0)  # into what has vanished
    if state["residual"]:
        place, offset = len(columns) // 2, (0.0, 6.0)
    name = look.label_line(
        axes, columns[place] + 0.5, turns[place], "theory", look.INK, offset
    )
    name.set_bbox(_patch(look.PAPER))


def turning_layer(nonlinearity: int, gain: float, residual: bool) -> float:
    """Return the layer by which the size has changed a hundredfold; NaN if none has.

    It lies between layers, by the logarithms of their sizes. Of residual networks,
    theory speaks of linear ones: a block multiplies the mean square by 1 + gain².
    """
    if residual and nonlinearity:
        return np.nan
    if residual:
        squares = (1 + gain * gain) ** np.arange(LAYERS)
    else:
        squares = variances(NAMES[nonlinearity], gain, LAYERS, gain * gain)
    change = np.abs(np.log10(squares / squares[0])) / 2
    if change.max() < TURNED:
        return np.nan
    after = int(np.argmax(change >= TURNED))
    before, there = change[after - 1], change[after]
    return float(after + (TURNED - before) / (there - before))
