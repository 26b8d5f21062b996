"""Markdown to HTML, with a token in the place of each directive.

A token is a number between two private-use characters: ``<3>`` for a directive or the
start of its span, ``</3>`` for the end of its span. Markdown sees letters it knows
nothing of, so neither ``|`` in maths nor ``*`` in code can upset it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension

from ht_sim.problems import Problem
from ht_sim.publish.directives import (
    SPANS,
    Box,
    BoxEnd,
    Claim,
    Code,
    Comment,
    Directive,
    Figure,
    Footnote,
    Heading,
    Link,
    Maths,
    Styled,
    Unreadable,
)
from ht_sim.publish.prose import Page

_START, _END, _HEADING = "\ue000", "\ue001", "\ue002"
_TOKEN = re.compile(f"{_START}(/?)([0-9]+){_END}")
_ALONE = re.compile(f"<p>({_START}([0-9]+){_END})</p>")
_TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*)[^>]*>|{_TOKEN.pattern}")
_VOID = ("br", "hr")
_STOPS = re.compile(r"[.,;:?!]+(?=\s)")
# What the directives do instead, so that no raw HTML and no link comes from here.
_UNUSED_INLINE = (
    *("backtick", "escape", "reference", "link", "image_link", "image_reference"),
    *("short_reference", "short_image_ref", "autolink", "automail", "html"),
)


def full_stop(page: Page, claim: Claim) -> str:
    """Return the full stop that ends a claim with sources: they go before it."""
    text, end = page.source.text, claim.inner_end
    alone = text[end - 1] == "." and text[end - 2] not in "\\."
    return "." if alone and claim.evidence.sources else ""


def stops(page: Page, maths: Maths) -> str:
    """Return the stops right behind maths in a line: no line may begin with them."""
    found = _STOPS.match(page.source.text, maths.end)
    return found[0] if found and not maths.display else ""


@lru_cache(maxsize=64)
def to_html(page: Page) -> str:
    """Return the HTML of a page with its tokens still in it."""
    separator = f"-{page.slug}-"
    reader = Markdown(
        extensions=[
            TableExtension(use_align_attribute=True),
            FootnoteExtension(SEPARATOR=separator),
            SaneListExtension(),
        ],
        output_format="html",
    )
    reader.preprocessors.deregister("html_block")
    for name in ("code", "setextheader", "reference"):
        reader.parser.blockprocessors.deregister(name)
    for name in _UNUSED_INLINE:
        reader.inlinePatterns.deregister(name)
    # A line is a heading where the lexer says so, and nowhere else.
    heading = rf"(?:^|\n)(?P<level>#{{1,6}})(?P<header> {_HEADING}[^\n]*)(?:\n|$)"
    reader.parser.blockprocessors["hashheader"].RE = re.compile(heading)  # type: ignore[attr-defined]
    html = reader.convert(_with_tokens(page))
    html = html.replace("<table>", '<div class="table"><table>')
    html = html.replace("</table>", "</table></div>")
    html = re.sub(r'(<t[hd]) align="(\w+)"', r'\1 class="align-\2"', html)

    def unwrapped(found: re.Match[str]) -> str:
        block = _is_block(page.directives[int(found[2])])
        return found[1] if block else found[0]

    return _ALONE.sub(unwrapped, html)


def _is_block(one: Directive) -> bool:
    return (
        isinstance(one, Box | BoxEnd | Figure)
        or (isinstance(one, Code) and one.block)
        or (isinstance(one, Maths) and one.display)
    )


def _with_tokens(page: Page) -> str:
    """Return the Markdown of a page with tokens in place of its directives."""
    text = page.source.text
    pieces: list[tuple[int, int, str]] = [(0, page.start, "")]
    for number, one in enumerate(page.directives):
        token, close = f"{_START}{number}{_END}", f"{_START}/{number}{_END}"
        if isinstance(one, Comment):
            pieces.append((one.start, one.end, ""))
        elif isinstance(one, Heading):
            marks = f"\n\n{'#' * one.level} {_HEADING}{token}"
            pieces.append((one.start, one.inner_start, marks))
            pieces.append((one.inner_end, one.end, f"{close}\n\n"))
        elif isinstance(one, SPANS):
            last = one.inner_end
            if isinstance(one, Claim):
                last -= len(full_stop(page, one))
            pieces.append((one.start, one.start + 1, token))
            pieces.append((last, one.end, close))
        elif _is_block(one):
            line = text.rfind("\n", 0, one.start) + 1
            indent = text[line : one.start]
            pieces.append((one.start, one.end, f"\n\n{indent}{token}\n\n"))
        elif isinstance(one, Maths):
            pieces.append((one.start, one.end + len(stops(page, one)), token))
        elif not isinstance(one, Footnote | Unreadable):
            pieces.append((one.start, one.end, token))
    parts, at = [], 0
    for start, end, piece in sorted(pieces):
        parts += [text[at:start], piece]
        at = end
    return "".join([*parts, text[at:]])


def put_back(html: str, replace: Callable[[int, bool], str]) -> str:
    """Put HTML for each token: ``replace(number of the directive, at its end)``."""
    return _TOKEN.sub(lambda found: replace(int(found[2]), bool(found[1])), html)


def with_heading_tags(html: str, attributes: Callable[[int], str]) -> str:
    """Put attributes into the tag of each heading, by the number of its directive."""
    tag = re.compile(f"<h([1-6])>{_HEADING}{_START}([0-9]+){_END}")
    return tag.sub(lambda found: f"<h{found[1]} {attributes(int(found[2]))}>", html)


def between(html: str, number: int) -> str:
    """Return what stands between the two tokens of a span or heading."""
    start, close = f"{_START}{number}{_END}", f"{_START}/{number}{_END}"
    return html[html.index(start) + len(start) : html.index(close)]


def misnested(page: Page) -> list[Problem]:
    """Return a problem for each span or box that crosses another or emphasis.

    Of a page that is not wholly read, nothing can be said.
    """
    if any(isinstance(one, Unreadable) for one in page.directives):
        return []
    try:
        html = to_html(page)
    except RecursionError:
        what = "lists or quotes that nest too deep for Markdown"
        return [page.source.problem(page.start, what)]
    opened: list[tuple[str, int]] = []
    crossing: set[int] = set()
    for found in _TAG.finditer(html):
        closes, name, number = _role(page, found)
        if not name:
            continue
        if not closes:
            opened.append((name, number))
            continue
        places = [
            place for place, (open_name, _) in enumerate(opened) if open_name == name
        ]
        if not places or places[-1] != len(opened) - 1:
            crossing |= {number, *(number for _, number in opened[-1:])}
        if places:
            del opened[places[-1]]
    return [_crossing(page, number) for number in sorted(crossing) if number >= 0]


def _role(page: Page, found: re.Match[str]) -> tuple[bool, str, int]:
    """Say whether a tag or token closes, the name that must match, its directive."""
    closes, tag, ends, token = found.groups()
    if token is None:
        return bool(closes), "" if tag in _VOID else tag, -1
    number = int(token)
    one = page.directives[number]
    if isinstance(one, Box | BoxEnd):
        return isinstance(one, BoxEnd), "::: box", number
    spans = isinstance(one, Heading | Claim | Styled | Link)
    return bool(ends), token if spans else "", number


def _crossing(page: Page, number: int) -> Problem:
    what = "begins inside something and ends outside it"
    expected = "a span within its emphasis, cell or list item, or around all of it"
    return page.source.problem(page.directives[number].start, what, expected)
