"""A checked page as HTML, with what the page builder needs to know of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound

from ht_sim.estimates import Estimate
from ht_sim.publish import answers, claims
from ht_sim.publish.citations import Reference
from ht_sim.publish.directives import (
    Box,
    BoxEnd,
    Citation,
    Cited,
    Claim,
    Code,
    Directive,
    Escape,
    Evidence,
    Figure,
    FigureReference,
    Heading,
    Image,
    LineBreak,
    Link,
    Maths,
    Quote,
    Styled,
)
from ht_sim.publish.markup import (
    between,
    full_stop,
    put_back,
    stops,
    to_html,
    with_heading_tags,
)
from ht_sim.publish.maths import to_mathml
from ht_sim.publish.numbers import quoted
from ht_sim.publish.prose import Mention, Page, heading_ids, mentions

FigureHtml = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True)
class Context:
    """What a page is rendered with."""

    pages: Sequence[Page]
    facts: Mapping[str, Estimate]
    bibliography: Mapping[str, Reference]
    figures: Mapping[str, FigureHtml]  # slug -> options -> the figure's HTML


@dataclass(frozen=True)
class HeadingLine:
    """A heading as a table of contents needs it; its HTML holds no ids."""

    level: int
    id: str
    html: str


@dataclass(frozen=True)
class ClaimRow:
    """A claim as the ledger shows it; its links lead from any page."""

    page: str
    anchor: str
    kind: str  # shown, cited, disputed
    html: str
    evidence: str


@dataclass(frozen=True)
class Rendered:
    """A page's HTML, and what is in it."""

    html: str
    headings: tuple[HeadingLine, ...]
    claims: tuple[ClaimRow, ...]
    cited: tuple[Mention, ...]
    figures: tuple[str, ...]


def render(page: Page, context: Context, home: Page | None = None) -> Rendered:
    """Render a page that ``check`` found nothing wrong with.

    Parameters
    ----------
    page : from ``read_page``, or from ``read_text`` for a caption
    context : what it is rendered with
    home : the page that shows a caption; a page is its own home
    """
    return _Renderer(page, context, home or page).render()


class _Renderer:
    def __init__(self, page: Page, context: Context, home: Page) -> None:
        self.page, self.context, self.home = page, context, home
        self.headings = heading_ids(page)
        self.mentions = tuple(mentions(page))
        self.anchors = {one.source: one.anchor for one in self.mentions}
        spans = (one for one in page.directives if isinstance(one, Claim))
        self.claims = {
            one.start: f"claim-{page.slug}-{place}"
            for place, one in enumerate(spans, start=1)
        }

    def render(self) -> Rendered:
        raw = to_html(self.page)
        headings, rows = [], []
        for number, one in enumerate(self.page.directives):
            if not isinstance(one, Heading | Claim):
                continue
            inner = self._anywhere(put_back(between(raw, number), self._put))
            if isinstance(one, Heading):
                anchor = self.headings[one.start]
                headings.append(HeadingLine(one.level, anchor, inner))
            else:
                anchor = self.claims[one.start]
                inner += full_stop(self.page, one)
            if one.evidence:
                rows.append(self._row(anchor, one.evidence, inner))
        html = put_back(with_heading_tags(raw, self._heading), self._put)
        html += answers.gathered(html)
        shown = self.page.figures
        return Rendered(html, tuple(headings), tuple(rows), self.mentions, shown)

    def _heading(self, number: int) -> str:
        """Return the attributes of a heading."""
        one = self.page.directives[number]
        evidence = one.evidence if isinstance(one, Heading) else None
        claim = f' class="{self._kind(evidence)}"' if evidence else ""
        return f'id="{self.headings[one.start]}"{claim}'

    def _put(self, number: int, closes: bool) -> str:
        one = self.page.directives[number]
        return self._close(one) if closes else self._open(one)

    def _open(self, one: Directive) -> str:
        """Return the HTML of a directive, or of the start of its span."""
        match one:
            case Escape():
                return escape(one.text, quote=False)
            case LineBreak():
                return "<br>"
            case Code():
                return _code(one)
            case Maths():
                return self._maths(one)
            case Quote():
                return quoted(one, self.context.facts[one.fact])
            case Citation():
                return self._citation(one.items)
            case FigureReference():
                return self._figure_link(one.slug)
            case Figure():
                return self.context.figures[one.slug](dict(one.options))
            case Box(kind="answer"):
                return answers.ANSWER
            case BoxEnd(kind="answer"):
                return "</details>"
            case Box(kind="predict"):
                return answers.QUESTION
            case Box():
                return f'<aside class="box {one.kind}">'
            case BoxEnd():
                return "</aside>"
            case Image():
                alt, target = escape(one.alt), escape(one.target)
                return f'<img src="{target}" alt="{alt}" loading="lazy">'
        return self._open_span(one)

    def _maths(self, one: Maths) -> str:
        maths, after = to_mathml(one.tex, display=one.display), stops(self.page, one)
        if one.display:
            return f'<div class="maths-block">{maths}</div>'
        return f'<span class="together">{maths}{after}</span>' if after else maths

    def _open_span(self, one: Directive) -> str:
        match one:
            case Heading():
                return ""  # the tag itself is Markdown's
            case Claim():
                name = self.claims[one.start]
                return f'<span class="{self._kind(one.evidence)}" id="{name}">'
            case Styled():
                return f'<span class="{one.name}">'
            case Link():
                return f"<a {self._target(one.target)}>"
        raise AssertionError(one)

    def _kind(self, evidence: Evidence) -> str:
        """Return the classes of a claim, which may be false in a quick build alone."""
        facts, shown = self.context.facts, evidence.kind == "shown"
        false = shown and not claims.holds(evidence.text, facts)
        return f"claim {evidence.kind}" + " false" * false

    def _close(self, one: Directive) -> str:
        match one:
            case Claim():
                sources = one.evidence.sources
                cited = (
                    " " + self._citation(sources, one.evidence.kind) if sources else ""
                )
                return f"{cited}{full_stop(self.page, one)}</span>"
            case Styled():
                return "</span>"
            case Link():
                return "</a>"
        return ""

    def _target(self, target: str) -> str:
        if target.startswith("https://"):
            return f'href="{escape(target)}" rel="noopener"'
        return f'href="{escape(re.sub("[.]md(?=#|$)", ".html", target))}"'

    def _citation(self, items: Sequence[Cited], kind: str = "") -> str:
        """Set sources as ``(Ioffe & Szegedy 2015, §3.1; Ba et al. 2016)``."""
        links = []
        for item in items:
            label = escape(self.context.bibliography[item.key].label)
            target = f"references.html#ref-{item.key}"
            link = f'<a href="{target}" id="{self.anchors[item]}">{label}</a>'
            links.append(
                link + (f", {escape(item.place, quote=False)}" if item.place else "")
            )
        disputed = kind == "disputed"
        name = "citation disputed" if disputed else "citation"
        start = "disputed: " if disputed else ""
        return f'<span class="{name}">({start}{"; ".join(links)})</span>'

    def _figure_link(self, slug: str) -> str:
        pages = (self.home, *self.context.pages)
        page = next((one for one in pages if slug in one.figures), self.home)
        number = page.figures.index(slug) + 1
        if page is self.home:
            return f'<a href="#{slug}">Figure\N{NO-BREAK SPACE}{number}</a>'
        words = f"Figure\N{NO-BREAK SPACE}{number} of {escape(page.title)}"
        return f'<a href="{page.slug}.html#{slug}">{words}</a>'

    def _anywhere(self, html: str) -> str:
        """Make HTML fit to stand on another page: no ids, links with their page."""
        html = re.sub(r' id="[^"]*"', "", html)
        return html.replace('href="#', f'href="{self.home.slug}.html#')

    def _row(self, anchor: str, evidence: Evidence, inner: str) -> ClaimRow:
        if evidence.kind == "shown":
            values = claims.parse(evidence.text).with_values(self.context.facts)
            source = f"<code>{escape(evidence.text.strip(), quote=False)}</code>"
            said = f"{source}: {escape(values, quote=False)}"
        else:
            said = self._anywhere(self._citation(evidence.sources))
        return ClaimRow(self.home.slug, anchor, evidence.kind, inner, said)


def _code(code: Code) -> str:
    """Return code with classes for its colours."""
    if not code.block:
        return f"<code>{escape(code.text, quote=False)}</code>"
    try:
        lexer = get_lexer_by_name(code.language) if code.language else TextLexer()
    except ClassNotFound:
        lexer = TextLexer()
    html: str = highlight(code.text, lexer, HtmlFormatter(cssclass="highlight"))
    return html.strip()
