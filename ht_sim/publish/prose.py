"""A page: its front matter, its text, and the directives found in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ht_sim.problems import Problem
from ht_sim.publish.directives import (
    Citation,
    Cited,
    Claim,
    Directive,
    Figure,
    Heading,
    Unreadable,
)
from ht_sim.publish.front_matter import FrontMatter, read_front_matter
from ht_sim.publish.lexer import lex
from ht_sim.publish.source import Source, source


@dataclass(frozen=True)
class Page:
    """A page, or a text such as a caption, which has no front matter.

    ``slug`` names it in ids and links: the page ``dropout`` becomes ``dropout.html``.
    """

    slug: str
    source: Source
    directives: tuple[Directive, ...]
    start: int = 0
    front: FrontMatter | None = None

    @property
    def title(self) -> str:
        """The page's title."""
        return self.front.title if self.front else ""

    @property
    def figures(self) -> tuple[str, ...]:
        """The slugs of the figures it shows, in order; the first is Figure 1."""
        found = (one.slug for one in self.directives if isinstance(one, Figure))
        return tuple(dict.fromkeys(found))

    @property
    def unread(self) -> str:
        """The stretches that could not be read; they may name anything."""
        stretches = (one for one in self.directives if isinstance(one, Unreadable))
        return "\n".join(self.source.text[one.start : one.end] for one in stretches)


@dataclass(frozen=True)
class Mention:
    """A source where a page cites it; ``anchor`` is the id to link to."""

    page: str
    anchor: str
    source: Cited
    visible: bool = True


def read_page(label: str, text: str) -> tuple[Page, list[Problem]]:
    """Read a page from its text; its slug is the file name without ``.md``.

    Parameters
    ----------
    label : the file as messages name it, such as ``content/dropout.md``
    text : the whole file

    Returns
    -------
    page, problems : the page as far as it could be read, and what is wrong with it
    """
    whole = source(label, text)
    front, start, problems = read_front_matter(whole)
    directives, more = lex(whole, start)
    slug = PurePosixPath(label).stem
    page = Page(slug, whole, tuple(directives), start, front)
    return page, problems + more


def unreadable_page(label: str, text: str) -> Page:
    """Return a page of which nothing is read; the problem is told elsewhere."""
    whole = source(label, text)
    everything = Unreadable(0, len(whole.text))
    return Page(PurePosixPath(label).stem, whole, (everything,))


def read_text(label: str, slug: str, text: str) -> tuple[Page, list[Problem]]:
    """Read a text without front matter, such as the caption of the figure ``slug``."""
    whole = source(label, text)
    directives, problems = lex(whole)
    return Page(slug, whole, tuple(directives)), problems


def mentions(page: Page) -> Iterator[Mention]:
    """Give every source that a page cites, with the id of the place."""
    count = 0
    headings = heading_ids(page)
    for one in page.directives:
        if isinstance(one, Citation):
            items = one.items
        elif isinstance(one, Claim | Heading) and one.evidence:
            items = one.evidence.sources
        else:
            continue
        for item in items:
            if isinstance(one, Heading):
                yield Mention(page.slug, headings[one.start], item, visible=False)
            else:
                count += 1
                yield Mention(page.slug, f"cite-{page.slug}-{count}", item)


def heading_ids(page: Page) -> dict[int, str]:
    """Return the id of each heading by its offset: as given, or from its words."""
    return {
        one.start: one.id or _slugified(page, one)
        for one in page.directives
        if isinstance(one, Heading)
    }


def _slugified(page: Page, heading: Heading) -> str:
    """Make an id of the words of a heading that are plain text."""
    letters = list(page.source.text[heading.inner_start : heading.inner_end].lower())
    for one in page.directives:
        if heading.inner_start <= one.start < heading.inner_end:
            inner_end = getattr(one, "inner_end", one.start)
            first = one.start - heading.inner_start
            for gap in (
                (first, first + 1),
                (inner_end - heading.inner_start, one.end - heading.inner_start),
            ):
                letters[gap[0] : gap[1]] = " " * (gap[1] - gap[0])
    words = "".join(x if x.isalnum() else "" if x in "'’" else " " for x in letters)
    return "-".join(words.split()) or "section"
