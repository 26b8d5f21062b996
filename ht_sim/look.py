"""The look of figures: what they are drawn with, and written with.

Lengths are CSS pixels; the colours are those of ``colours``, by the same names. To load
matplotlib takes longer than to build a site that is up to date, so it is imported where
something is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ht_sim.colours import (
    BATCH_NORM,
    CONTROL,
    DROPPED,
    HEAT,
    INK,
    LAYER_NORM,
    LAYER_NORM_TEXT,
    MUTED,
    PAPER,
    RULE,
    SURFACE,
    WITHOUT,
)
from ht_sim.style import DOTS_PER_INCH, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

__all__ = [  # beside what is defined here
    "BATCH_NORM",
    "CONTROL",
    "DROPPED",
    "HEAT",
    "INK",
    "LAYER_NORM",
    "LAYER_NORM_TEXT",
    "MUTED",
    "PAPER",
    "RULE",
    "SURFACE",
    "WITHOUT",
    "style",
]

LINES: Final[Mapping[str, Mapping[str, Any]]] = {
    "batch-norm": {"color": BATCH_NORM, "linestyle": "-"},
    "layer-norm": {"color": LAYER_NORM, "linestyle": (0, (3, 1.5))},
    "without": {"color": WITHOUT, "linestyle": (0, (1, 1.2))},
    "train": {"color": MUTED, "linestyle": (0, (3, 1.5))},
    "test": {"color": INK, "linestyle": "-"},
}
"""How the named lines are plotted: told apart by dash too, as their words are."""


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a width and height in CSS pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=(width / DOTS_PER_INCH, height / DOTS_PER_INCH))
        FigureCanvasAgg(figure)
    return figure


def axes_at(
    figure: Figure, left: float, top: float, width: float, height: float
) -> Axes:
    """Add axes whose box is given in CSS pixels from the figure's top left corner."""
    whole_width, whole_height = figure.get_size_inches() * DOTS_PER_INCH
    with style():
        return figure.add_axes(
            (
                left / whole_width,
                1 - (top + height) / whole_height,
                width / whole_width,
                height / whole_height,
            )
        )


def bare(axes: Axes) -> None:
    """Leave nothing of the axes but what is drawn in them: for diagrams."""
    axes.set_axis_off()


def rgba(colour: str) -> NDArray[np.float64]:
    """Give a colour "#rrggbb" as red, green, blue and opacity, each from 0 to 1."""
    return np.array([*bytes.fromhex(colour[1:]), 255]) / 255


def heat(values: ArrayLike, edges: ArrayLike) -> NDArray[np.str_]:
    """Give each value its step of the heat scale, in the shape of the values.

    ``edges`` are the six rising bounds between the seven steps; a value on a bound
    takes the hotter step. Raises ValueError when they are not six, or do not rise.
    """
    bounds = np.asarray(edges, dtype=float)
    if bounds.shape != (len(HEAT) - 1,) or not np.all(np.diff(bounds) > 0):
        raise ValueError(f"heat needs six rising edges; have {bounds.tolist()}")
    steps = np.digitize(np.asarray(values, dtype=float), bounds)
    colours: NDArray[np.str_] = np.asarray(HEAT)[steps]
    return colours


def heat_cells(axes: Axes, values: ArrayLike, edges: ArrayLike) -> None:
    """Fill unit squares with the heat of values (rows, columns), row 0 on top."""
    colours = heat(values, edges)
    rows, columns = colours.shape
    cells = np.reshape([rgba(one) for one in colours.flat], (rows, columns, 4))
    with style():
        axes.pcolormesh(cells, edgecolor=PAPER, linewidth=1)
    axes.set(xlim=(0, columns), ylim=(rows, 0))


def label_line(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    colour: str,
    offset: tuple[float, float] = (6, 0),
) -> Annotation:
    """Write a line's name in its colour beside its point (x, y), in data units.

    ``offset`` is in CSS pixels, right and up; text stands to the side it points to.
    Layer norm's green is too light for words, so words take its darker sister.
    """
    right, up = offset
    side = "left" if right > 0 else "right" if right < 0 else "center"
    level = "center" if up == 0 else "bottom" if up > 0 else "top"
    with style():
        return axes.annotate(
            text,
            (x, y),
            xytext=offset,
            textcoords="offset points",
            ha=side,
            va=level,
            color=LAYER_NORM_TEXT if colour == LAYER_NORM else colour,
            weight="semibold",
            annotation_clip=False,
        )


def band(
    axes: Axes, x: ArrayLike, low: ArrayLike, high: ArrayLike, colour: str
) -> None:
    """Fill an interval along a line at a fifth of the line's colour."""
    with style():
        axes.fill_between(
            np.asarray(x),
            np.asarray(low),
            np.asarray(high),
            color=colour,
            alpha=0.2,
            linewidth=0,
        )


def svg(figure: Figure) -> str:
    """Draw the figure as an SVG document whose text is text."""
    return _svg(figure, "none")


def svg_paths(figure: Figure) -> str:
    """Draw the figure as an SVG document whose text is outlines, to stand alone."""
    return _svg(figure, "path")


def _svg(figure: Figure, fonttype: str) -> str:
    buffer = io.StringIO()
    with style({"svg.fonttype": fonttype}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def rgb(figure: Figure, scale: float = 1) -> NDArray[np.uint8]:
    """Draw the figure on paper: (height · scale, width · scale, 3) bytes."""
    buffer = io.BytesIO()
    dots = DOTS_PER_INCH * scale
    width, height = (int(side * dots + 1e-6) for side in figure.get_size_inches())
    with style():
        figure.savefig(buffer, format="rgba", dpi=dots, facecolor=PAPER)
    pixels = np.frombuffer(buffer.getvalue(), dtype=np.uint8)
    return pixels.reshape(height, width, 4)[:, :, :3].copy()


def png(figure: Figure, scale: float = 2) -> bytes:
    """Draw the figure on paper as a PNG that names no program, version or date."""
    buffer = io.BytesIO()
    with style():
        figure.savefig(
            buffer,
            format="png",
            dpi=DOTS_PER_INCH * scale,
            facecolor=PAPER,
            metadata={"Software": None},
        )
    return buffer.getvalue()
