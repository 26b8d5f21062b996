"""What stands inside a line: citations, claims, links, and all that marks begin."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ht_sim.problems import did_you_mean
from ht_sim.publish.directives import (
    Citation,
    Claim,
    FigureReference,
    Footnote,
    Link,
    Styled,
    Unreadable,
)
from ht_sim.publish.evidence import read_attributes, read_evidence, read_sources
from ht_sim.publish.marks import Marks

STYLES = ("hot", "dropped", "batch-norm", "layer-norm", "without")  # in site.css
_SPECIAL = re.compile(r"[\\`$@\[\]{<!]")
_FOOTNOTE = re.compile(r"\[\^([\w-]+)\](:?)")
_TARGET = re.compile(r"\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")


@dataclass
class Inline(Marks):
    """Reads stretches of text into the directives and problems of its page."""

    opened: list[int] = field(default_factory=list)

    def read(self, start: int, end: int) -> int:
        """Read one paragraph or heading; return where reading stopped."""
        self.at, self.end, self.opened = start, end, []
        while found := _SPECIAL.search(self.text, self.at, self.end):
            self.at = found.start()
            _ACTIONS[found.group()](self)
        return max(self.at, end)

    def open_bracket(self) -> None:
        """Read the start of a citation, a footnote mark, a link or a claim."""
        footnote = _FOOTNOTE.match(self.text, self.at, self.end)
        if self.text.startswith("[@", self.at):
            self._citation()
        elif footnote:
            defines = bool(footnote[2]) and self.reader.starts_line(self.at)
            self._add(Footnote(*footnote.span(), footnote[1], defines))
        else:
            self.opened.append(self.at)
            self.at += 1

    def _citation(self) -> None:
        end = self.text.find("]", self.at, self.end)
        if end < 0 or "[" in self.text[self.at + 1 : end]:
            what, expected = "a citation that is not closed", "[@key, §1]"
            self._cannot_read(self._line_end(), self.at, what, expected)
            return
        items = read_sources(self.reader, self.at + 1, end)
        self._add(Citation(self.at, end + 1, items))

    def close_bracket(self) -> None:
        """Read the end of a link, claim or styled span, or a bracket as it stands."""
        if not self.opened:
            self.at += 1
            return
        start, inner_end, after = self.opened.pop(), self.at, self.at + 1
        following = self.text[after : after + 1] if after < self.end else ""
        if following == "(":
            self._link(start, inner_end)
        elif following == "{":
            self._span(start, inner_end)
        elif following == "[" and not self.text.startswith(("[@", "[^"), after):
            what = "a link whose target stands elsewhere"
            self.reader.problem(start, what, r"[text](target), or \]")
            self.at = after
        elif following == ":" and self.reader.starts_line(start):
            what = "a link target apart from its link"
            self.reader.problem(start, what, r"[text](target), or \[")
            self.at = after
        else:
            self.at = after

    def _link(self, start: int, inner_end: int) -> None:
        found = _TARGET.match(self.text, inner_end + 1, self.end)
        if found is None:
            what = "a link target that is not closed"
            expected = "(target) without spaces"
            self._cannot_read(self._line_end(), inner_end + 1, what, expected)
            return
        if start + 1 == inner_end:
            self.reader.problem(start, "a link without words")
        link = Link(start, found.end(), inner_end, found[1], found.start(1))
        self._no_links_within(link)
        self._add(link)

    def _no_links_within(self, link: Link) -> None:
        for inner in reversed(self.directives):
            if inner.start < link.start:
                break
            if isinstance(inner, Link | Citation | FigureReference | Footnote):
                self.reader.problem(inner.start, "a link within a link")

    def _span(self, start: int, inner_end: int) -> None:
        at, problems = inner_end + 1, len(self.reader.problems)
        attributes, end = read_attributes(self.reader, at, self.end)
        evidence = read_evidence(self.reader, attributes, at)
        names = [one.value for one in attributes if one.kind == "."]
        spoiled = len(self.reader.problems) > problems
        if spoiled and not evidence:
            end = end or self.text.find("}", at, self._line_end()) + 1
            end = end or self._line_end()
            self.directives.append(Unreadable(start, end))
            self.at = max(end, at + 1)
            return
        self.at = end
        if start + 1 == inner_end:
            self.reader.problem(start, "brackets without words")
        if evidence:
            self._add(Claim(start, end, inner_end, evidence))
        elif len(attributes) == 1 and len(names) == 1:
            if names[0] not in STYLES:
                near, listed = did_you_mean(names[0], STYLES), ", ".join(STYLES)
                self.reader.problem(at, f"unknown class .{names[0]}{near}", listed)
            self._add(Styled(start, end, inner_end, names[0]))
        else:
            expected = '{shown="…"}, {cited="…"}, {disputed="…"} or {.class}'
            self.reader.problem(at, "cannot read these attributes", expected)


_ACTIONS = {
    "\\": Inline.backslash,
    "`": Inline.code,
    "$": Inline.maths,
    "@": Inline.at_sign,
    "{": Inline.brace,
    "!": Inline.exclamation,
    "<": Inline.angle,
    "[": Inline.open_bracket,
    "]": Inline.close_bracket,
}
