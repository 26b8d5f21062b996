"""What stands in a page's text besides plain Markdown: one small record each.

``start`` and ``end`` are offsets into the text of the page. A span (`Claim`, `Styled`,
`Link`) runs from its ``[`` to the end of its tail; ``inner_end`` is where its words
end.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Directive:
    """A stretch of text that Markdown does not see."""

    start: int
    end: int


@dataclass(frozen=True)
class Unreadable(Directive):
    """A stretch that could not be read; one problem is told of it, and no other."""


@dataclass(frozen=True)
class Comment(Directive):
    """An HTML comment; it is left out of the page."""


@dataclass(frozen=True)
class Escape(Directive):
    """Text that stands for itself."""

    text: str


@dataclass(frozen=True)
class LineBreak(Directive):
    """``<br>``, the one tag that is allowed."""


@dataclass(frozen=True)
class Code(Directive):
    """Code in a line, or a fenced block of it."""

    text: str
    block: bool = False
    language: str = ""


@dataclass(frozen=True)
class Maths(Directive):
    """TeX; ``at`` is the offset of its first character."""

    tex: str
    display: bool
    at: int


@dataclass(frozen=True)
class Quote(Directive):
    """A fact in the text: its value, or its value with the interval."""

    fact: str
    field: str
    format: str
    interval: bool
    at: int


@dataclass(frozen=True)
class Cited:
    """One source and the place in it, as in ``@ioffe2015, §3.1``."""

    key: str
    place: str
    at: int


@dataclass(frozen=True)
class Citation(Directive):
    """``[@a, §1; @b]``."""

    items: tuple[Cited, ...]


@dataclass(frozen=True)
class FigureReference(Directive):
    """``@fig-slug``."""

    slug: str


@dataclass(frozen=True)
class Figure(Directive):
    """A figure's place on the page."""

    slug: str
    options: tuple[tuple[str, str], ...]
    at: int


@dataclass(frozen=True)
class Box(Directive):
    """The line that opens a box."""

    kind: str


@dataclass(frozen=True)
class BoxEnd(Directive):
    """The line that closes one of this kind."""

    kind: str


@dataclass(frozen=True)
class Evidence:
    """What a claim rests on: an inequality (shown), or sources; ``at`` its offset."""

    kind: str
    text: str
    at: int
    sources: tuple[Cited, ...] = ()


@dataclass(frozen=True)
class Heading(Directive):
    """A heading's line; its words stand at ``inner_start`` to ``inner_end``."""

    level: int
    id: str
    inner_start: int
    inner_end: int
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Claim(Directive):
    """A bracketed sentence with its evidence."""

    inner_end: int
    evidence: Evidence


@dataclass(frozen=True)
class Styled(Directive):
    """Bracketed words with a class, such as the name of a colour with a meaning."""

    inner_end: int
    name: str


@dataclass(frozen=True)
class Link(Directive):
    """A link; ``at`` is the offset of its target."""

    inner_end: int
    target: str
    at: int


@dataclass(frozen=True)
class Image(Directive):
    """A picture that is a file."""

    alt: str
    target: str


@dataclass(frozen=True)
class Footnote(Directive):
    """A footnote's mark, or its text where ``defines``; Markdown sets it."""

    name: str
    defines: bool


SPANS = (Claim, Styled, Link)
