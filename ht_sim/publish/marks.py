"""What one sign begins inside a line: code, maths, facts, pictures, comments."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ht_sim.problems import did_you_mean
from ht_sim.publish import claims
from ht_sim.publish.directives import (
    Code,
    Comment,
    Directive,
    Escape,
    FigureReference,
    Image,
    LineBreak,
    Link,
    Maths,
    Quote,
    Unreadable,
)
from ht_sim.publish.evidence import KEY
from ht_sim.publish.source import Reader

ROLES = ("fact", "interval")
_TICKS = re.compile("`+")
_DISPLAY_END = re.compile(r"(?<!\\)\$\$")
_BLANK = re.compile(r"\n[ \t]*(?=\n)")
_MATHS_END = re.compile(r"(?<![\\\s$])\$(?![\d$])")
_KEY = re.compile(KEY)
_ROLE_START = re.compile(r"\{(?:fact|interval)\}")
_ROLE = re.compile(r"\{([\w-]+)\}`([^`\n]*)`")
_ORPHAN = re.compile(r"\{(?:[.#:]|(?:shown|cited|disputed)\b)")
_FACT = re.compile(rf"{claims.NAME}:(?P<format>[^:]*)", re.ASCII)
_FORMAT = re.compile(r"[+]?,?\.\d{1,2}[fe%]")
_FIGURE = re.compile(r"@fig-([a-z0-9]+(?:-[a-z0-9]+)*)")
_IMAGE = re.compile(r"!\[([^\[\]\n]*)\]\(([^()\s]*)\)")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]+)>")
_TAG = re.compile(r"<(?P<name>[A-Za-z][\w-]*)[^<>\n]*>?|</[A-Za-z][^<>\n]*>?|<[!?]")


@dataclass
class Marks:
    """Reads from ``at``, no further than ``end``, into a page's directives."""

    reader: Reader
    directives: list[Directive]
    at: int = 0
    end: int = 0

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
            self._maths_not_closed(mark)
            return
        if display and not self._alone(self.at, found.end()):
            self.reader.problem(self.at, "$$ within a line", "lines of its own, or $…$")
        tex = self.text[inner : found.start()]
        self._add(Maths(self.at, found.end(), tex, display, inner))

    def _maths_not_closed(self, mark: str) -> None:
        """Say so; or that a blank line is in it, where a ``$$`` after one closes it.

        A ``$$`` does that when it has no partner in its own paragraph.
        """
        what, expected = f"maths that is not closed: {mark}", rf"{mark}…{mark}, or \$"
        end = self._line_end()
        if mark == "$$":
            end = self.end
            after = _DISPLAY_END.search(self.text, end)
            blank = _BLANK.match(self.text, end)
            if after and blank and _marks_around(self.text, after.start()) % 2:
                what, expected = "a blank line within maths", "$$…$$ without one"
                end = after.end()
        self._cannot_read(end, self.at, what, expected)

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


def _marks_around(text: str, at: int) -> int:
    """Return how many ``$$`` the paragraph around an offset has."""
    before = [one.end() for one in _BLANK.finditer(text, 0, at)]
    end = _BLANK.search(text, at)
    start = before[-1] if before else 0
    return len(_DISPLAY_END.findall(text, start, end.start() if end else len(text)))
