"""What readers wait for, in bytes as gzip sends them, and how many they may be.

A page is weighed as its first view: all that must be there before it is seen as it
stays and its first figure can be played. That is the page with that figure's drawing
and data, the script, and the stylesheets, of which the first has the typefaces of every
first screen in it. Italics, maths and rare characters have files of their own; they do
not count, for they come after the first view, and only to pages that have them.
A figure is weighed with its drawing, its data and its sentences, in the page or in the
script that brings them.

The limits are times on a slow line, 1.6 Mbit/s, or 200 kB a second: a first view takes
0.5 s, of which the stylesheet and the script need be sent once for all pages, and a
figure 0.4 s, for which it is asked a screen's height ahead of the reader.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ht_sim.discovery import problem_in
from ht_sim.problems import Problem
from ht_sim.publish.site import Site

FIRST_VIEW: Final = 100_000  # bytes
FIGURE: Final = 80_000
_LOADED = re.compile(rb'<(?:script src|link rel="stylesheet" href)="([^"]+)"')


def gzipped(*files: bytes) -> int:
    """Return how many bytes files are when gzip sends each of them."""
    return sum(len(gzip.compress(one, 6, mtime=0)) for one in files)


def first_view(html: bytes, assets: Mapping[str, bytes]) -> int:
    """Return how heavy a page is with the styles and scripts that it loads at once."""
    loaded = (assets[path.decode()] for path in _LOADED.findall(html))
    return gzipped(html, *loaded)


@dataclass(frozen=True)
class Weights:
    """How heavy pages are, as their first views, and figures; by slug."""

    pages: dict[str, int] = field(default_factory=dict)
    figures: dict[str, int] = field(default_factory=dict)

    def add(self, slug: str, page: int, figures: Mapping[str, int]) -> None:
        """Add those of a page; of a figure on several pages the heaviest counts."""
        self.pages[slug] = page
        for one, size in figures.items():
            self.figures[one] = max(size, self.figures.get(one, 0))

    def __str__(self) -> str:
        """Tell the heaviest of each kind beside what is allowed, in a line."""
        kinds = [("first view", self.pages, FIRST_VIEW)]
        kinds += [("figure", self.figures, FIGURE)] * bool(self.figures)
        heaviest = []
        for kind, sizes, most in kinds:
            slug = max(sizes, key=sizes.__getitem__)
            size = f"{_kilobytes(sizes[slug])} of {_kilobytes(most)}"
            heaviest.append(f"heaviest {kind} {size} ({slug})")
        return f"gzipped   {', '.join(heaviest)}"

    def problems(self, site: Site) -> Iterator[Problem]:
        """Give a problem for each page and each figure that is too heavy."""
        for slug, size in self.pages.items():
            if size > FIRST_VIEW:
                what, most = _too_heavy(f"the first view of {slug!r}", size, FIRST_VIEW)
                yield site.pages[slug].source.problem(0, what, most)
        for slug, size in self.figures.items():
            if size > FIGURE:
                what, most = _too_heavy(f"the figure {slug!r}", size, FIGURE)
                yield problem_in(site.exhibits[slug].draw, what, most)


def _too_heavy(what: str, size: int, most: int) -> tuple[str, str]:
    """Say what is too heavy, and how heavy it may be."""
    return f"{what} is {_kilobytes(size)}, gzipped", f"{_kilobytes(most)} at most"


def _kilobytes(size: int) -> str:
    return f"{size / 1000:.1f} kB"
