"""What stands on one page held against what exists: facts, sources, links, maths."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pygments.lexers import find_lexer_class_by_name
from pygments.util import ClassNotFound

from ht_sim.problems import Problem, did_you_mean
from ht_sim.publish import claims
from ht_sim.publish.directives import (
    Citation,
    Cited,
    Claim,
    Code,
    Evidence,
    Figure,
    FigureReference,
    Footnote,
    Heading,
    Image,
    Link,
    Maths,
    Quote,
)
from ht_sim.publish.known import Known, listed
from ht_sim.publish.markup import misnested
from ht_sim.publish.maths import to_mathml
from ht_sim.publish.numbers import typed_numbers
from ht_sim.publish.prose import Page, heading_ids
from ht_sim.publish.tex import TexError

_INTERNAL = re.compile(r"(?:(?P<page>[\w-]+)\.md)?(?:#(?P<anchor>.+))?")


@dataclass(frozen=True)
class PageCheck:
    """One page, or one caption, held against what exists and against all pages."""

    page: Page
    pages: Sequence[Page]
    known: Known

    def problems(self) -> Iterator[Problem]:
        """Give everything that is wrong with what stands on it."""
        for one in self.page.directives:
            match one:
                case Quote():
                    yield from self._fact(one.fact, one.at, finite=True)
                case Citation():
                    yield from self._sources(one.items)
                case FigureReference():
                    yield from self._figure(one.slug, one.start)
                case Figure() if one.slug:
                    yield from self._figure(one.slug, one.at)
                case Maths():
                    yield from self._maths(one)
                case Link():
                    yield from self._link(one)
                case Image():
                    yield from self._image(one)
                case Code() if one.language:
                    yield from self._language(one)
                case Claim():
                    yield from self._evidence(one.evidence)
                case Heading() if one.evidence:
                    yield from self._evidence(one.evidence)
        yield from self._footnotes()
        source, start = self.page.source, self.page.start
        yield from typed_numbers(source, self.page.directives, start)
        yield from misnested(self.page)

    def _problem(
        self, at: int, what: str, expected: str = "", have: str = ""
    ) -> Problem:
        return self.page.source.problem(at, what, expected, have)

    def _fact(self, name: str, at: int, *, finite: bool = False) -> Iterator[Problem]:
        estimate = self.known.facts.get(name)
        if self.known.unknown(name):
            experiment = name.split(".")[0] + "."
            near = [one for one in self.known.facts if one.startswith(experiment)]
            others = {one.split(".")[0] for one in self.known.facts}
            others |= {*self.known.missing}
            meant = did_you_mean(name, self.known.facts)
            meant = meant or did_you_mean(experiment.removesuffix("."), others)
            have = listed(near or others) + meant
            expected = "a fact of an experiment"
            yield self._problem(at, f"unknown fact {name!r}", expected, have)
        elif (
            finite
            and estimate
            and not all(
                map(math.isfinite, (estimate.value, estimate.low, estimate.high))
            )
        ):
            yield self._problem(
                at, f"the fact {name!r} is {estimate.value}", "a number"
            )

    def _figure(self, slug: str, at: int) -> Iterator[Problem]:
        if slug not in self.known.figures:
            have = listed(self.known.figures) + did_you_mean(slug, self.known.figures)
            yield self._problem(at, f"unknown figure {slug!r}", "a figure", have)

    def _sources(self, items: Iterable[Cited]) -> Iterator[Problem]:
        sources = self.known.bibliography
        for item in items:
            if item.key not in sources:
                near = did_you_mean(item.key, sources)
                what = f"unknown source {item.key!r}{near}"
                yield self._problem(item.at, what, "a key of the bibliography")

    def _maths(self, maths: Maths) -> Iterator[Problem]:
        try:
            to_mathml(maths.tex, display=maths.display)
        except TexError as error:
            at = maths.at + error.offset
            yield self._problem(at, error.what, error.expected)

    def _evidence(self, evidence: Evidence) -> Iterator[Problem]:
        if evidence.kind != "shown":
            yield from self._sources(evidence.sources)
            return
        try:
            inequality = claims.parse(evidence.text)
        except claims.ClaimError as error:
            at = evidence.at + error.offset
            yield self._problem(at, error.what, error.expected)
            return
        facts = self.known.facts
        wrong = [*self._names(inequality, evidence.at)]
        yield from wrong
        known = all(name in facts for name in inequality.facts)
        if known and not wrong and not inequality.holds(facts):
            have = f"{inequality.with_values(facts)}, which is false"
            what = "the claim does not hold"
            false = self._problem(evidence.at, what, evidence.text.strip(), have)
            yield replace(false, false_claim=True)

    def _names(self, inequality: claims.Inequality, at: int) -> Iterator[Problem]:
        """Check the facts that a claim rests on, each once."""
        facts = self.known.facts
        names = {name.fact: name for name in reversed([*inequality.names.values()])}
        for name in inequality.names.values():
            if names[name.fact] is name:
                yield from self._fact(name.fact, at + name.offset)
            if name.fact in facts and facts[name.fact].paired and name.field == "value":
                what = f"a comparison on the mean of {name.fact!r}"
                expected = "its interval: .low above, or .high below"
                yield self._problem(at + name.offset, what, expected)

    def _image(self, image: Image) -> Iterator[Problem]:
        if not image.alt:
            expected = "![what it shows](file)"
            yield self._problem(image.start, "a picture without alt text", expected)
        elif ":" in image.target or image.target.startswith("/") or not image.target:
            what = f"a picture from elsewhere: {image.target!r}"
            yield self._problem(image.start, what, "a file of the site")

    def _language(self, code: Code) -> Iterator[Problem]:
        try:
            find_lexer_class_by_name(code.language)
        except ClassNotFound:
            what = f"unknown language {code.language!r}"
            yield self._problem(code.start, what, "a language such as python")

    def _link(self, link: Link) -> Iterator[Problem]:
        if re.match(r"https://[\w.-]+(?:[/?#].*)?$", link.target):
            return
        found = _INTERNAL.fullmatch(link.target)
        if found is None or not link.target:
            expected = "page.md, page.md#place, #place or https://…"
            what = f"cannot link to {link.target!r}"
            yield self._problem(link.at, what, expected)
            return
        page: Page | None = self.page
        if name := found["page"]:
            slugs = {one.slug: one for one in reversed(self.pages)}
            page = slugs.get(name)
            if page is None:
                files = [f"{slug}.md" for slug in slugs]
                have = listed(files) + did_you_mean(f"{name}.md", files)
                yield self._problem(link.at, f"unknown page '{name}.md'", "", have)
        if page and (anchor := found["anchor"]):
            places = self._places(page)
            if anchor.split(":")[0] not in places and "#" not in page.unread:
                near = did_you_mean(anchor, places)
                what = f"unknown place '#{anchor}' on {page.slug}{near}"
                yield self._problem(link.at, what, "the id of a heading or figure")

    def _places(self, page: Page) -> set[str]:
        """Return the ids that a link to a page may name."""
        places = {*heading_ids(page).values(), *page.figures}
        if page.front and page.front.template == "references":
            places |= {f"ref-{key}" for key in self.known.bibliography}
        return places

    def _footnotes(self) -> Iterator[Problem]:
        notes = [one for one in self.page.directives if isinstance(one, Footnote)]
        marks = {one.name for one in notes if not one.defines}
        texts = {one.name for one in notes if one.defines}
        first = {one.name: one for one in reversed(notes) if one.defines}
        for one in notes:
            if f"[^{one.name}]" in self.page.unread:
                continue
            if not one.defines and one.name not in texts:
                near = did_you_mean(one.name, texts)
                what = f"a footnote without text: [^{one.name}]{near}"
                yield self._problem(one.start, what, f"[^{one.name}]: … on a line")
            elif one.defines and one.name not in marks:
                what = f"a footnote that nothing points to: [^{one.name}]"
                yield self._problem(one.start, what)
            elif one.defines and first[one.name] is not one:
                what = f"the footnote [^{one.name}] stands twice"
                yield self._problem(one.start, what, "one text for each footnote")
