"""What the templates are given: plain values, with nothing left to work out.

Hrefs are relative to the site's root folder, where every page lies. ``PageView.root``
is put in front of them: "" but on the 404 page, which is served at any depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

Width = Literal["text", "wide", "page"]
WIDTHS = {"text": 592, "wide": 832, "page": 1120}  # CSS pixels


@dataclass(frozen=True)
class PageLink:
    """A page as others point to it; only chapters have a number."""

    slug: str
    href: str
    number: int | None
    label: str  # its short name: "batch norm"
    title: Markup  # its claim
    summary: str


@dataclass(frozen=True)
class Counts:
    """What the site rests on, for the line under the poster."""

    experiments: int
    figures: int
    shown: int
    cited: int
    disputed: int


@dataclass(frozen=True)
class SiteView:
    """What is the same on every page."""

    title: str  # its words become the steps of the poster
    tagline: str
    pages: Sequence[PageLink]
    counts: Counts
    stylesheet: str
    faces: str  # the stylesheet of typefaces that may come later
    script: str
    search: str  # the script of the search
    icon: str
    licence: str
    bibtex: str
    quick: bool = False  # not the site's own numbers: every page says so

    @property
    def chapters(self) -> list[PageLink]:
        """Give the numbered pages."""
        return [page for page in self.pages if page.number is not None]

    @property
    def matter(self) -> list[PageLink]:
        """Give the pages without a number: papers, glossary, references."""
        return [page for page in self.pages if page.number is None]


@dataclass(frozen=True)
class Heading:
    """One line of a page's contents."""

    id: str
    html: Markup
    level: int  # 2 for a section, 3 for a part of one


@dataclass(frozen=True)
class Reference:
    """A source as a page lists it."""

    id: str  # what its citations point to
    html: Markup


@dataclass(frozen=True)
class PageView:
    """One page."""

    slug: str
    href: str
    title: str  # without markup, for the window and for search
    title_html: Markup
    number: int | None
    label: str
    summary: str
    description: str
    body: Markup
    minutes: int | None = None  # about how long reading takes
    able: Sequence[str] = ()  # what a reader can say afterwards
    contents: Sequence[Heading] = ()
    previous: PageLink | None = None
    next: PageLink | None = None
    references: Sequence[Reference] = ()
    first_figure: Markup | None = None
    canonical: str | None = None  # the page's address, where the site's is known
    og_image: str | None = None  # absolute
    json_ld: Markup | None = None  # fit for a script element
    root: str = ""


@dataclass(frozen=True)
class ControlView:
    """One control of a figure, standing at its default."""

    kind: Literal["slider", "choice", "button", "toggle"]
    name: str
    label: str
    unit: str
    texts: Sequence[str]  # its values as the reader sees them
    default_index: int
    shared: Sequence[float] = ()  # its values, where other figures move with it


@dataclass(frozen=True)
class StepView:
    """A step of a figure's guide."""

    html: Markup  # its sentence
    address: str  # its state, as in "#slug:rate=0.30&pass=3" behind the colon
    printed: bool = True  # whether its state is among those on paper


@dataclass(frozen=True)
class StillView:
    """One printed state, as two files that stand alone."""

    light: str
    dark: str
    label: str  # the values it shows
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class GifView:
    """An animation and the picture that stands for it."""

    href: str
    poster: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Download:
    """A file behind a figure."""

    label: str
    href: str
    size: int  # bytes

    @property
    def kilobytes(self) -> str:
        """Give the size in kB, with a decimal below ten."""
        size = self.size / 1000
        return f"{size:.1f} kB" if size < 10 else f"{size:.0f} kB"


@dataclass(frozen=True)
class FigureView:
    """One figure. Without controls it is a picture, and has no changes and no stills.

    ``base`` names itself by aria-labelledby="SLUG-alt"; it is empty where ``source``
    brings what it holds. Its native width is that of its named width: 592 (text), 832
    (wide) or 1120 (page) CSS pixels, or less.
    """

    slug: str
    number: int
    width: Width
    base: Markup
    finding: Markup
    caption: Markup
    alt: str
    spoken: str  # the default state's sentence
    changes: str | None = None  # JSON fit for a script element, on a first figure
    source: str | None = None  # else the script that holds it
    controls: Sequence[ControlView] = ()
    steps: Sequence[StepView] = ()
    numbers: Sequence[tuple[str, str]] = ()  # those of the default state, a row each
    numbers_at: str = ""  # what that state is called
    stills: Sequence[StillView] = ()
    gif: GifView | None = None
    downloads: Sequence[Download] = ()
    code: str = ""  # the page of the code behind it
    code_names: Sequence[str] = ()
    seeds: str = ""
    command: str = ""
    address: str | None = None  # printed, so that paper leads back to the figure

    @property
    def has_intervals(self) -> bool:
        """Say whether a number in the table has its interval in brackets behind it."""
        return any("(" in value for _, value in self.numbers)
