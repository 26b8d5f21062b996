"""A text and the places in it; every message about prose starts here."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from ht_sim.problems import Problem


@dataclass(frozen=True)
class Source:
    """A text, and the name under which messages speak of it."""

    label: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        breaks = (i for i, character in enumerate(self.text) if character == "\n")
        return [0, *(offset + 1 for offset in breaks)]

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both counted from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def problem(
        self, offset: int, what: str, expected: str = "", have: str = ""
    ) -> Problem:
        """Return a problem at an offset."""
        return Problem(self.label, *self.place(offset), what, expected, have)


@dataclass
class Reader:
    """A text that is being read, and what was found wrong with it so far."""

    source: Source
    problems: list[Problem] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole text."""
        return self.source.text

    def problem(self, at: int, what: str, expected: str = "", have: str = "") -> None:
        """Note a problem at an offset."""
        self.problems.append(self.source.problem(at, what, expected, have))

    def starts_line(self, at: int) -> bool:
        """Say whether a line starts at an offset."""
        return at == 0 or self.text[at - 1] == "\n"

    def line_end(self, at: int) -> int:
        """Return where the line of an offset ends."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end


def decoded(label: str, data: bytes) -> tuple[str, list[Problem]]:
    """Return the text of a file, and a problem at its first byte that is not UTF-8."""
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        before = source(label, data[: error.start].decode("utf-8"))
        what = f"the byte 0x{data[error.start]:02X} is not UTF-8"
        problem = before.problem(len(before.text), what, "a text in UTF-8")
        return data.decode("utf-8", "replace"), [problem]


def source(label: str, text: str) -> Source:
    r"""Return a text with line ends as ``\n`` and without a byte order mark."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return Source(label, text)
