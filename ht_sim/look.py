"""The look of the site: colours with meanings, type, and figures drawn in both.

A length in a figure is a CSS pixel: figures have 72 dots an inch and matplotlib
counts in points of 1/72 inch, so a point, a dot, a unit of the SVG's viewBox and a
CSS pixel are the same thing. A line 1.5 wide or text of size 13.5 is that many pixels.

Colours are tokens. Figures are drawn in the light theme; on the page every light
colour becomes the custom property of its name, which the dark theme and print
redefine. So no two tokens share a light colour, and no figure uses another colour.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from numpy.typing import ArrayLike, NDArray

FONTS: Final = Path(__file__).resolve().parents[1] / "templates" / "static" / "fonts"
FAMILY: Final = "Source Sans 3"
DOTS_PER_INCH: Final = 72
TEXT_SIZE: Final = 13.5


class Token(NamedTuple):
    """One colour with a meaning, in the three ways it is shown."""

    light: str
    dark: str
    print: str


TOKENS: Final[Mapping[str, Token]] = {
    "paper": Token("#fbf8f2", "#12161f", "#ffffff"),
    "surface": Token("#f4efe4", "#1a202c", "#f5f5f5"),
    "ink": Token("#1d2433", "#e9e6df", "#000000"),
    "muted": Token("#5b6272", "#a4abb8", "#4a4a4a"),
    "rule": Token("#d9d3c7", "#333a48", "#bbbbbb"),
    "heat-0": Token("#f6e7c8", "#352d20", "#f2f2f2"),
    "heat-1": Token("#f3d089", "#5c4419", "#d9d9d9"),
    "heat-2": Token("#eeb24b", "#8a5f17", "#bcbcbc"),
    "heat-3": Token("#e38f1f", "#b8781c", "#999999"),
    "heat-4": Token("#d4641a", "#e5792f", "#737373"),
    "heat-5": Token("#c03d1c", "#ff7d5c", "#4d4d4d"),
    "heat-6": Token("#9b1c1c", "#ffb9a3", "#262626"),
    "dropped": Token("#8a8f9a", "#6d7482", "#777777"),
    "batch-norm": Token("#1257b0", "#5b93ff", "#1257b0"),
    "layer-norm": Token("#2a9d6f", "#6fdc9f", "#2a9d6f"),
    "layer-norm-text": Token("#1a7a55", "#6fdc9f", "#1a7a55"),
    "without": Token("#b8430f", "#f58a4b", "#b8430f"),
    "control": Token("#c23a1b", "#ff6a4d", "#000000"),
}

PAPER: Final = TOKENS["paper"].light
SURFACE: Final = TOKENS["surface"].light
INK: Final = TOKENS["ink"].light
MUTED: Final = TOKENS["muted"].light
RULE: Final = TOKENS["rule"].light
HEAT: Final = tuple(TOKENS[f"heat-{step}"].light for step in range(7))
DROPPED: Final = TOKENS["dropped"].light
BATCH_NORM: Final = TOKENS["batch-norm"].light
LAYER_NORM: Final = TOKENS["layer-norm"].light
LAYER_NORM_TEXT: Final = TOKENS["layer-norm-text"].light
WITHOUT: Final = TOKENS["without"].light
CONTROL: Final = TOKENS["control"].light

LINES: Final[Mapping[str, Mapping[str, Any]]] = {
    "batch-norm": {"color": BATCH_NORM, "linestyle": "-"},
    "layer-norm": {"color": LAYER_NORM, "linestyle": (0, (3, 1.5))},
    "without": {"color": WITHOUT, "linestyle": (0, (1, 1.2))},
    "train": {"color": MUTED, "linestyle": (0, (3, 1.5))},
    "test": {"color": INK, "linestyle": "-"},
}
"""How the named lines are plotted: told apart by dash too, as their words are."""

NAMES: Final[Mapping[str, str]] = {token.light: name for name, token in TOKENS.items()}
DARK: Final[Mapping[str, str]] = {token.light: token.dark for token in TOKENS.values()}

STYLE: Final[Mapping[Any, Any]] = {
    "figure.dpi": DOTS_PER_INCH,
    "savefig.dpi": DOTS_PER_INCH,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": [FAMILY],
    "font.size": TEXT_SIZE,
    "text.color": INK,
    "text.hinting": "none",
    "text.usetex": False,
    "axes.unicode_minus": True,
    "axes.titlesize": TEXT_SIZE,
    "axes.titleweight": "semibold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.titlepad": 8,
    "axes.labelsize": TEXT_SIZE,
    "axes.labelcolor": INK,
    "axes.labelpad": 6,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 1,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[INK]),
    "axes.formatter.useoffset": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": MUTED,
    "xtick.labelsize": TEXT_SIZE,
    "xtick.major.size": 4,
    "xtick.major.width": 1,
    "xtick.minor.size": 0,
    "ytick.color": MUTED,
    "ytick.labelcolor": MUTED,
    "ytick.labelsize": TEXT_SIZE,
    "ytick.major.size": 4,
    "ytick.major.width": 1,
    "ytick.minor.size": 0,
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "lines.solid_capstyle": "round",
    "lines.dash_capstyle": "butt",
    "patch.edgecolor": INK,
    "patch.linewidth": 1,
    "grid.color": RULE,
    "grid.linewidth": 1,
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "Holding it Together",
}

_FILES: Final = ("SourceSans3-Regular.ttf", "SourceSans3-Semibold.ttf")


def _register_fonts() -> None:
    """Put the site's own files before any installed font of the same name."""
    manager = font_manager.fontManager
    for name in _FILES:
        manager.addfont(FONTS / name)
        manager.ttflist.insert(0, manager.ttflist.pop())


_register_fonts()


def css_tokens() -> str:
    """Give the custom properties of the light theme, the dark theme and print."""

    def block(theme: str, scheme: str, indent: str) -> str:
        lines = [f"{indent}  color-scheme: {scheme};"]
        for name, token in TOKENS.items():
            lines.append(f"{indent}  --{name}: {getattr(token, theme)};")
        return "\n".join([f"{indent}:root {{", *lines, f"{indent}}}"])

    dark = block("dark", "dark", "  ")
    paper = block("print", "light", "  ")
    return (
        f"{block('light', 'light', '')}\n"
        f"@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
        f"@media print {{\n{paper}\n}}\n"
    )


@contextmanager
def style() -> Iterator[None]:
    """Draw with matplotlib's own defaults and STYLE, whatever the user has set.

    Matplotlib reads its settings when an artist is made as well as when it is drawn,
    so a figure's ``draw`` runs inside this. The functions below enter it themselves.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def new_figure(width: float, height: float) -> Figure:
    """Make an empty figure of a width and height in CSS pixels."""
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
    cells = to_rgba_array(colours.ravel()).reshape(rows, columns, 4)
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
    with style(), mpl.rc_context({"svg.fonttype": fonttype}):
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
