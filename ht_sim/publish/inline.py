"""What stands inside a line: facts, citations, claims, maths, links, code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ht_sim.problems import did_you_mean
from ht_sim.publish import claims
from ht_sim.publish.directives import (
    Citation,
    Claim,
    Code,
    Comment,
    Directive,
    Escape,
    FigureReference,
    Footnote,
    Image,
    LineBreak,
    Link,
    Maths,
    Quote,
    Styled,
    Unreadable,
)
from ht_sim.publish.evidence import (
    KEY,
    read_attributes,
    read_evidence,
    read_sources,
)
from ht_sim.publish.source import Reader

STYLES = ("hot", "dropped", "batch-norm", "layer-norm", "without")  # in site.css
ROLES = ("fact", "interval")
_SPECIAL = re.compile(r"[\\`$@\[\]{<!]")
_TICKS = re.compile("`+")
_DISPLAY_END = re.compile(r"(?<!\\)\$\$")
_MATHS_END = re.compile(r"(?<![\\\s$])\$(?![\d$])")
_KEY = re.compile(KEY)
_ROLE_START = re.compile(r"\{(?:fact|interval)\}")
_ROLE = re.compile(r"\{([\w-]+)\}`([^`\n]*)`")
_ORPHAN = re.compile(r"\{(?:[.#:]|(?:shown|cited|disputed)\b)")
_FACT = re.compile(rf"{claims.NAME}:(?P<format>[^:]*)", re.ASCII)
_FORMAT = re.compile(r"[+]?,?\.\d{1,2}[fe%]")
_FIGURE = re.compile(r"@fig-([a-z0-9]+(?:-[a-z0-9]+)*)")
_IMAGE = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]*)\)")
_FOOTNOTE = re.compile(r"\[\^([\w-]+)\](:?)")
_TARGET = re.compile(r"\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_TAG = re.compile(r"<(?P<name>[A-Za-z][\w-]*)[^<>\n]*>?|</[A-Za-z][^<>\n]*>?|<[!?]")


@dataclass
class Inline:
    """Reads stretches of text into the directives and problems of its page."""

    reader: Reader
    directives: list[Directive]
    opened: list[int] = field(default_factory=list)
    at: int = 0
    end: int = 0

    def read(self, start: int, end: int) -> int:
        """Read one paragraph or heading; return where reading stopped."""
        self.at, self.end, self.opened = start, end, []
        while found := _SPECIAL.search(self.text, self.at, self.end):
            self.at = found.start()
            _ACTIONS[found.group()](self)
        return max(self.at, end)

    @property
    def text(self) -> str:
        """The whole text of the page."""
        return self.reader.text

    def _add(self, directive: Directive) -> None:
        self.directives.append(directive)
        self.at = max(self.at, directive.end)

    def _cannot_read(self, end: int, at: int, what: str, expected: str) -> None:
        """Note a problem, and pass over the stretch that it spoils."""
        self.reader.problem(at, what, expected)
        self.directives.append(Unreadable(self.at, end))
        self.at = max(self.at + 1, end)

    def _line_end(self) -> int:
        return min(self.reader.line_end(self.at), self.end)

    def backslash(self) -> None:
        r"""Read ``\$``: the sign after a backslash stands for itself."""
        after = self.text[self.at + 1 : self.at + 2]
        if after and not after.isalnum() and not after.isspace():
            self._add(Escape(self.at, self.at + 2, after))
        else:
            self.at += 1

    def code(self) -> None:
        """Read code between runs of the same number of backticks."""
        run = _TICKS.match(self.text, self.at)
        width = len(run.group()) if run else 1
        close = re.compile(rf"(?<!`)`{{{width}}}(?!`)")
        found = close.search(self.text, self.at + width, self.end)
        if found is None:
            what, expected = "code that is not closed", r"another `, or \`"
            self._cannot_read(self._line_end(), self.at, what, expected)
            return
        text = " ".join(self.text[self.at + width : found.start()].split("\n"))
        if text.startswith(" ") and text.endswith(" ") and text.strip():
            text = text[1:-1]
        self._add(Code(self.at, found.end(), text))

    def maths(self) -> None:
        """Read ``$…$``, or ``$$…$$`` on lines of its own."""
        display = self.text.startswith("$$", self.at)
        mark = "$$" if display else "$"
        inner = self.at + len(mark)
        close = _DISPLAY_END if display else _MATHS_END
        found = close.search(self.text, inner, self.end)
        spaced = not display and self.text[inner : inner + 1].isspace()
        if found is None or spaced:
            what, expected = (
                f"maths that is not closed: {mark}",
                rf"{mark}…{mark}, or \$",
            )
            end = self.end if display else self._line_end()
            self._cannot_read(end, self.at, what, expected)
            return
        if display and not self._alone(self.at, found.end()):
            self.reader.problem(self.at, "$$ within a line", "lines of its own, or $…$")
        tex = self.text[inner : found.start()]
        self._add(Maths(self.at, found.end(), tex, display, inner))

    def _alone(self, start: int, end: int) -> bool:
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        line_end = self.text.find("\n", end)
        after = self.text[end : len(self.text) if line_end < 0 else line_end]
        return not before.strip() and not after.strip()

    def at_sign(self) -> None:
        """Read ``@fig-slug``; a key without brackets is a slip."""
        before = self.text[self.at - 1 : self.at] if self.at else ""
        if figure := _FIGURE.match(self.text, self.at, self.end):
            self._add(FigureReference(self.at, figure.end(), figure[1]))
        elif not before.isalnum() and _KEY.match(self.text, self.at + 1):
            self.reader.problem(
                self.at, "a citation without brackets", r"[@key, §1], or \@"
            )
            self.at += 1
        else:
            self.at += 1

    def brace(self) -> None:
        """Read a fact; attributes with nothing before them are a slip."""
        role = _ROLE.match(self.text, self.at, self.end)
        if role and role[1] in ROLES:
            self._quote(role)
        elif role:
            near, listed = did_you_mean(role[1], ROLES), ", ".join(ROLES)
            what = f"unknown role {role[1]!r}{near}"
            self._cannot_read(role.end(), self.at, what, listed)
        elif _ROLE_START.match(self.text, self.at):
            what, expected = "a fact that is not closed", "{fact}`name:.2f`"
            self._cannot_read(self._line_end(), self.at, what, expected)
        elif _ORPHAN.match(self.text, self.at, self.end):
            what = "attributes with no sentence before them"
            end = self.text.find("}", self.at, self._line_end()) + 1
            expected = "[sentence]{…}, with no space"
            self._cannot_read(end or self._line_end(), self.at, what, expected)
        else:
            self.at += 1

    def _quote(self, role: re.Match[str]) -> None:
        found = _FACT.fullmatch(role[2])
        at = role.start(2)
        if found is None:
            what = f"cannot read the fact {role[2]!r}"
            self._cannot_read(role.end(), at, what, "experiment.fact:.2f")
            return
        shape, part = found["format"], found["field"] or "value"
        if part not in claims.FIELDS or (part != "value" and role[1] == "interval"):
            listed = ", ".join(f".{one}" for one in claims.FIELDS)
            place = at + found.start("field")
            self._cannot_read(role.end(), place, f"unknown part .{part}", listed)
        elif not _FORMAT.fullmatch(shape):
            place = at + found.start("format")
            what, expected = f"unknown format {shape!r}", ".2f, .1%, ,.0f or .1e"
            self._cannot_read(role.end(), place, what, expected)
        else:
            whole = role[1] == "interval"
            quote = Quote(*role.span(), found["fact"], part, shape, whole, at)
            self._add(quote)

    def exclamation(self) -> None:
        """Read ``![alt](file.png)``."""
        if not self.text.startswith("![", self.at):
            self.at += 1
        elif image := _IMAGE.match(self.text, self.at, self.end):
            self._add(Image(*image.span(), image[1].strip(), image[2]))
        else:
            what, expected = "cannot read this picture", "![what it shows](file)"
            self._cannot_read(self._line_end(), self.at, what, expected)

    def angle(self) -> None:
        """Read a comment, a link ``<https://…>`` or ``<br>``; no other HTML."""
        if self.text.startswith("<!--", self.at):
            end = self.text.find("-->", self.at + 4)
            if end < 0:
                what = "a comment that is not closed"
                self._cannot_read(len(self.text), self.at, what, "-->")
            else:
                self._add(Comment(self.at, end + 3))
        elif link := _AUTOLINK.match(self.text, self.at, self.end):
            at = self.at + 1
            self._add(Link(*link.span(), link.end() - 1, link[1], at))
        elif self.text.startswith(("<br>", "<br/>", "<br />"), self.at):
            end = self.text.index(">", self.at) + 1
            self._add(LineBreak(self.at, end))
        elif tag := _TAG.match(self.text, self.at, self.end):
            what, expected = f"HTML in prose: {tag[0][:40]}", r"Markdown, code, or \<"
            close = f"</{tag['name']}>"
            last = self.text.find(close, tag.end(), self.end) if tag["name"] else -1
            end = tag.end() if last < 0 else last + len(close)
            self._cannot_read(end, self.at, what, expected)
        else:
            self.at += 1

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
