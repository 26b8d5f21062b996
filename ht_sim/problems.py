"""What is wrong with the project, said so that it can be found and mended."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

_MACHINERY = re.compile(r"ht_sim\.(?:engine|publish|results|declared)\b")
_PLACE = re.compile(r"(\S+?):(\d+):(\d+): (.*)")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, with its place (line and column count from 1).

    ``false_claim`` tells a claim that does not hold, which a quick build only warns
    of, from all other problems.
    """

    file: str
    line: int
    column: int
    what: str
    expected: str = ""
    have: str = ""
    false_claim: bool = False

    def __str__(self) -> str:
        """One line: ``file:line:column: what; expected …; have …``."""
        parts = [self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.have:
            parts.append(f"have {self.have}")
        return f"{self.file}:{self.line}:{self.column}: {'; '.join(parts)}"


class BuildFailed(Exception):
    """The build cannot go on; ``problems`` holds all that is known, sorted.

    ``failures`` has what cannot be said in a line: the name of a job, and how it
    failed.
    """

    def __init__(
        self, problems: Iterable[Problem], failures: Mapping[str, str] | None = None
    ) -> None:
        placed, self.failures = _placed(failures or {})
        self.problems = tuple(sorted({*problems, *placed}))
        super().__init__("\n".join(self.lines()))

    def lines(self) -> Iterator[str]:
        """Give the problems, a line each, then the failures."""
        yield from map(str, self.problems)
        for name, told in self.failures.items():
            yield f"{name}: {told}"

    def count(self) -> str:
        """Say how many there are: "2 problems and 1 failed"."""
        number = len(self.problems)
        problems = f"{number} problem{'' if number == 1 else 's'}"
        failed = f"{len(self.failures)} failed"
        return " and ".join(
            [problems] * bool(self.problems) + [failed] * bool(self.failures)
        )


def _placed(failures: Mapping[str, str]) -> tuple[list[Problem], dict[str, str]]:
    """Tell failures that are one line with a place from others; alike ones once."""
    alike: dict[str, list[str]] = {}
    for name, told in sorted(failures.items()):
        alike.setdefault(told, []).append(name)
    problems: list[Problem] = []
    others: dict[str, str] = {}
    for told, names in alike.items():
        who = f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]
        if place := _PLACE.fullmatch(told):
            points = f" ({who})" if "[" in who else ""  # the place names a figure
            file, line, column, what = place.groups()
            problems.append(Problem(file, int(line), int(column), what + points))
        else:
            others[who] = told
    return problems, others


class Refused(Exception):
    """What a job was given is wrong, said in a sentence that needs no traceback."""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return `` (did you mean 'near'?)``, or ``""`` when no name is near."""
    near = get_close_matches(name, sorted(names), n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def own_traceback(error: BaseException) -> str:
    """Return a traceback from the first frame on that is not the build's machinery."""
    own = error.__traceback__
    while own and _MACHINERY.match(own.tb_frame.f_globals.get("__name__", "")):
        own = own.tb_next
    frames = own or error.__traceback__
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()
