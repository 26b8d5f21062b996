"""Matplotlib's settings and the site's typeface, whatever the user has set.

A length in a figure is a CSS pixel: figures have 72 dots an inch and matplotlib
counts in points of 1/72 inch, so a point, a dot, a unit of the SVG's viewBox and a
CSS pixel are the same thing. A line 1.5 wide or text of size 13.5 is that many pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from cycler import cycler

from ht_sim.colours import INK, MUTED, RULE

FONTS: Final = Path(__file__).resolve().parents[1] / "templates" / "static" / "fonts"
FAMILY: Final = "Source Sans 3"
DOTS_PER_INCH: Final = 72
TEXT_SIZE: Final = 13.5

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


@cache
def _register_fonts() -> None:
    """Put the site's own files before any installed font of the same name."""
    from matplotlib import font_manager

    manager = font_manager.fontManager
    for name in _FILES:
        manager.addfont(FONTS / name)
        manager.ttflist.insert(0, manager.ttflist.pop())


@contextmanager
def style(settings: Mapping[Any, Any] | None = None) -> Iterator[None]:
    """Draw with matplotlib's own defaults and STYLE, whatever the user has set.

    Matplotlib reads its settings when an artist is made as well as when it is drawn,
    so a figure's ``draw`` runs inside this. The functions of ``look`` enter it
    themselves.
    """
    import matplotlib as mpl

    _register_fonts()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**STYLE, **(settings or {})})
        yield
