"""What is wrong with the project, said so that it can be found and mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, with its place (line and column count from 1)."""

    file: str
    line: int
    column: int
    what: str
    expected: str = ""
    have: str = ""

    def __str__(self) -> str:
        """One line: ``file:line:column: what; expected …; have …``."""
        parts = [self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.have:
            parts.append(f"have {self.have}")
        return f"{self.file}:{self.line}:{self.column}: {'; '.join(parts)}"


class BuildFailed(Exception):
    """The build cannot go on; ``problems`` holds all that is known, sorted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class Refused(Exception):
    """What a job was given is wrong, said in a sentence that needs no traceback."""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return `` (did you mean 'near'?)``, or ``""`` when no name is near."""
    near = get_close_matches(name, sorted(names), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""
