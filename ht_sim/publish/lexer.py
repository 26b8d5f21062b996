"""Finding the directives in the raw text of a page, so that each has its place.

Blocks (fences, boxes, figures, headings) are found line by line; the lines between
them are read for what stands inside a line. Everything that carries meaning becomes a
directive; what is left is plain Markdown: paragraphs, lists, tables, emphasis.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ht_sim.problems import Problem, did_you_mean
from ht_sim.publish.directives import (
    Box,
    BoxEnd,
    Code,
    Directive,
    Figure,
    Heading,
    Unreadable,
)
from ht_sim.publish.evidence import read_heading_tail
from ht_sim.publish.inline import Inline
from ht_sim.publish.source import Reader, Source

BOXES = ("predict", "answer", "takeaway", "aside")
WIDTHS = ("text", "wide", "page")
LONGEST_PAGE, LONGEST_LINE = 200_000, 20_000  # bytes, characters
_BLOCK = re.compile(r"[ \t]*(?:`{3,}|~{3,}|:{3,})|#")
_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$", re.M)
_COLONS = re.compile(r"[ \t]*:{3,}(?P<rest>[^\n]*)$", re.M)
_BOX = re.compile(r"[ \t]*\{[ \t]*\.([\w-]+)[ \t]*\}[ \t]*")
_FIGURE = re.compile(r"[ \t]*\{figure\}[ \t]*(\S*)[ \t]*")
_OPTION = re.compile(r"[ \t]*:([\w-]+):[ \t]*(\S*)[ \t]*")
_HEADING = re.compile(r"(?P<marks>#+)(?P<space>[ \t]*)(?P<text>[^\n]*)$", re.M)
_TAIL = re.compile(r"(\{[^{}\n]*\})[ \t]*$")
_RULE = re.compile(r"^[ \t]*(=+|-+)[ \t]*$", re.M)
_LIST = re.compile(r"^(?P<indent>[ \t]*)(?:[-*+]|\d+\.)[ \t]")
_NESTED_HEADING = re.compile(r"(?:[ \t]++|[-*+][ \t]++|>[ \t]*+|\d++\.[ \t]++)+#")
_STRANGE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ue000-\uf8ff\u2028\u2029]")


def lex(source: Source, start: int = 0) -> tuple[list[Directive], list[Problem]]:
    """Return the directives from an offset on, sorted by place, and the problems."""
    if too_big := _too_big(source):
        return [Unreadable(start, len(source.text))], too_big
    lexer = _Lexer(Reader(source), start)
    lexer.run()
    lexer.directives.sort(key=lambda one: (one.start, -one.end))
    return lexer.directives, lexer.reader.problems


def _too_big(source: Source) -> list[Problem]:
    """Refuse what would take Markdown a very long time, and signs with other uses."""
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > LONGEST_PAGE:
        most = f"at most {LONGEST_PAGE // 1000} kB"
        return [source.problem(0, "a page this long", most, f"{size // 1000} kB")]
    at, problems = 0, []
    for line in source.text.split("\n"):
        if len(line) > LONGEST_LINE:
            most = f"at most {LONGEST_LINE} characters"
            have = f"{len(line)}"
            problems.append(source.problem(at, "a line this long", most, have))
        at += len(line) + 1
    for strange in _STRANGE.finditer(source.text):
        what = f"the character U+{ord(strange.group()):04X} has no place in prose"
        problems.append(source.problem(strange.start(), what))
    return problems


@dataclass
class _Lexer:
    reader: Reader
    at: int
    directives: list[Directive] = field(default_factory=list)
    boxes: list[tuple[int, str]] = field(default_factory=list)
    astray: bool = False  # after colons that cannot be read, no closing can be judged

    def run(self) -> None:
        rules: tuple[Callable[[], bool], ...] = (
            self._blank,
            self._fence,
            self._colons,
            self._heading,
        )
        while self.at < len(self.text):
            if not any(rule() for rule in rules):
                self._paragraph()
        for opened, _ in () if self.astray else self.boxes:
            self.reader.problem(opened, "a box that is not closed", "a line :::")

    @property
    def text(self) -> str:
        """The whole text of the page."""
        return self.reader.text

    def _blank(self) -> bool:
        end = self.reader.line_end(self.at)
        if self.text[self.at : end].strip():
            return False
        self.at = end + 1
        return True

    def _fence(self) -> bool:
        found = _FENCE.match(self.text, self.at)
        if not found or not self.reader.starts_line(self.at):
            return False
        fence, info = found["fence"], found["info"].strip()
        if not re.fullmatch(r"[\w+-]*", info):
            at = found.start("info")
            self.reader.problem(
                at, f"{info!r} after a fence", "one language, or nothing"
            )
            info = ""
        close = re.compile(rf"^[ \t]*{fence[0]}{{{len(fence)},}}[ \t]*$", re.M)
        closed = close.search(self.text, found.end())
        if not closed:
            what = "a code block that is not closed"
            self.reader.problem(found.start("fence"), what, f"a line {fence}")
            self._unreadable(self.at, len(self.text))
            info = ""
        body_end, end = (
            (closed.start(), closed.end()) if closed else (len(self.text),) * 2
        )
        body = self.text[found.end() + 1 : body_end]
        start = found.start("fence")
        indent = start - found.start()
        lines = (
            re.sub(rf"^[ \t]{{0,{indent}}}", "", line) for line in body.split("\n")
        )
        code = "\n".join(lines).rstrip("\n")
        self.directives.append(Code(start, end, code, block=True, language=info))
        self.at = end
        return True

    def _colons(self) -> bool:
        found = _COLONS.match(self.text, self.at)
        if not found or not self.reader.starts_line(self.at):
            return False
        start = self.text.index(":", self.at)
        rest = found["rest"]
        if figure := _FIGURE.fullmatch(rest):
            self._figure(start, found.end(), figure[1], found.start("rest"))
        elif box := _BOX.fullmatch(rest):
            if box[1] not in BOXES:
                near = did_you_mean(box[1], BOXES)
                self.reader.problem(
                    start, f"unknown box .{box[1]}{near}", ", ".join(BOXES)
                )
            self.directives.append(Box(start, found.end(), box[1]))
            self.boxes.append((start, box[1]))
            self.at = found.end()
        elif rest.strip():
            expected = "::: {.predict}, :::{figure} slug, or ::: alone"
            self.reader.problem(start, "cannot read this line of colons", expected)
            self._unreadable(start, found.end())
            self.astray = True
            self.at = found.end()
        else:
            self._box_end(start, found.end())
        return True

    def _box_end(self, start: int, end: int) -> None:
        if self.boxes:
            _, kind = self.boxes.pop()
            self.directives.append(BoxEnd(start, end, kind))
        elif not self.astray:
            self.reader.problem(start, "::: closes nothing")
        self.at = end

    def _figure(self, start: int, end: int, slug: str, rest: int) -> None:
        """Read the options of a figure, up to its closing colons."""
        options: dict[str, str] = {"width": "text"}
        closed = False
        self.at = end + 1
        while self.at < len(self.text) and not closed:
            line_end = self.reader.line_end(self.at)
            line = self.text[self.at : line_end]
            closed = re.fullmatch(r"[ \t]*:{3,}[ \t]*", line) is not None
            if not closed and line.strip() and not self._option(line, options):
                end, closed = self._words_in_figure(end)
                break
            end, self.at = line_end, line_end + 1
        at = self.text.find(slug, rest) if slug else start
        if not slug:
            what, expected = "a figure without a name", ":::{figure} its-slug"
            self.reader.problem(start, what, expected)
        elif not closed:
            self.reader.problem(start, "a figure that is not closed", "a line :::")
        self.directives.append(Figure(start, end, slug, tuple(options.items()), at))
        self.at = end

    def _words_in_figure(self, end: int) -> tuple[int, bool]:
        """Pass over what is no option; return where the figure ends, if it is closed.

        It is when the next line of colons closes something.
        """
        colons = _COLONS.search(self.text, self.at)
        if colons is None or colons["rest"].strip():
            return end, False
        what = "words within a figure, whose caption stands in its module"
        self.reader.problem(self.at, what, ":width: …, or a line :::")
        self._unreadable(self.at, colons.end())
        return colons.end(), True

    def _unreadable(self, start: int, end: int) -> None:
        self.directives.append(Unreadable(start, end))

    def _option(self, line: str, options: dict[str, str]) -> bool:
        """Read ``:width: wide``; say whether the line is an option at all."""
        option = _OPTION.fullmatch(line)
        if option is None:
            return False
        if option[1] != "width":
            near = did_you_mean(option[1], ["width"])
            self.reader.problem(self.at, f"unknown option {option[1]!r}{near}", "width")
        elif option[2] not in WIDTHS:
            near = did_you_mean(option[2], WIDTHS)
            what = f"unknown width {option[2]!r}{near}"
            self.reader.problem(self.at, what, ", ".join(WIDTHS))
        else:
            options["width"] = option[2]
        return True

    def _heading(self) -> bool:
        found = _HEADING.match(self.text, self.at)
        if not found or not self.reader.starts_line(self.at):
            return False
        level = len(found["marks"])
        if not found["space"] or level > 6:
            self.reader.problem(self.at, "not a heading", r"## and a space, or \#")
            self._unreadable(self.at, found.end())
            self.at = found.end()
            return True
        inner_start, inner_end = found.span("text")
        tail = _TAIL.search(self.text, inner_start, found.end())
        inline = Inline(self.reader, self.directives)
        name, evidence = "", None
        if tail:
            inner_end = tail.start()
            problems = len(self.reader.problems)
            name, evidence = read_heading_tail(self.reader, *tail.span(1))
            if len(self.reader.problems) > problems and not evidence:
                self._unreadable(inner_start, found.end())
        inner_end = inner_start + len(self.text[inner_start:inner_end].rstrip(" \t"))
        if inner_start == inner_end:
            self.reader.problem(self.at, "a heading without words")
        stopped = inline.read(inner_start, inner_end)
        self.directives.append(
            Heading(self.at, found.end(), level, name, inner_start, inner_end, evidence)
        )
        self.at = max(stopped, found.end())
        return True

    def _paragraph(self) -> None:
        """Read the lines up to a blank one or another block."""
        start, end = self.at, self.reader.line_end(self.at)
        while end < len(self.text):
            next_end = self.text.find("\n", end + 1)
            next_end = len(self.text) if next_end < 0 else next_end
            line = self.text[end + 1 : next_end]
            if not line.strip() or _BLOCK.match(line):
                break
            end = next_end
        self._layout(start, end)
        inline = Inline(self.reader, self.directives)
        self.at = max(inline.read(start, end), end)

    def _layout(self, start: int, end: int) -> None:
        """Point at lists and rules that Markdown would read otherwise than meant."""
        if not self.reader.starts_line(self.at):
            return
        at, first, in_list = start, True, False
        for line in self.text[start:end].split("\n"):
            marker = _LIST.match(line)
            in_list = in_list or (first and (bool(marker) or line[:1] in " \t|"))
            if not first and _RULE.fullmatch(line):
                self.reader.problem(
                    at, "a line of dashes under words", "## before a heading"
                )
            elif _NESTED_HEADING.match(line):
                what = "a heading that is not at the start of its line"
                self.reader.problem(at, what, r"a line of its own, or \#")
            elif marker and not in_list and not line[0].isdigit():
                self.reader.problem(
                    at, "a list right after words", "a blank line before it"
                )
            elif marker and len(marker["indent"].expandtabs(4)) % 4:
                what = "an indented list item that Markdown does not nest"
                self.reader.problem(at, what, "four spaces a level")
            at, first = at + len(line) + 1, False
