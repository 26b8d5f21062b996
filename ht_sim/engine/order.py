"""What runs next: the longest first, and short work many at a time."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ht_sim.engine.store import write_whole

BATCH_SECONDS = 0.075


@dataclass(frozen=True, eq=False)
class Part:
    """One call of a job, at its place among so many."""

    name: str
    place: int
    among: int
    call: Callable[[], Any]


def kind_of(name: str) -> str:
    """Return what jobs of one kind share: their name as far as its bracket."""
    return "".join(name.partition("[")[:2])


class Durations:
    """The seconds that each job took, by name, in a file that may be lost.

    A job that never ran is expected to take as long as the mean of its kind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seconds: dict[str, float] = {}
        self._kinds: dict[str, tuple[float, int]] = {}  # seconds in all, jobs
        self._learnt = False
        for name, seconds in _read(path).items():
            self._add(name, seconds)

    def expected(self, name: str) -> float | None:
        """Return the seconds that a job will take; None if nothing like it ran."""
        known = self._seconds.get(name)
        if known is not None:
            return known
        seconds, jobs = self._kinds.get(kind_of(name), (0.0, 0))
        return seconds / jobs if jobs else None

    def learn(self, name: str, seconds: float) -> None:
        """Take note of what a job took."""
        self._add(name, seconds)
        self._learnt = True

    def save(self) -> None:
        """Write the file, if there is anything new; a disk that is full is no harm."""
        if self._learnt:
            rounded = {name: round(one, 5) for name, one in self._seconds.items()}
            with suppress(OSError):
                write_whole(self.path, json.dumps(rounded, sort_keys=True).encode())

    def _add(self, name: str, seconds: float) -> None:
        total, jobs = self._kinds.get(kind_of(name), (0.0, 0))
        old = self._seconds.get(name)
        if old is not None:
            total, jobs = total - old, jobs - 1
        self._seconds[name] = seconds
        self._kinds[kind_of(name)] = total + seconds, jobs + 1


def _read(path: Path) -> dict[str, float]:
    try:
        return {
            str(name): max(0.0, float(seconds))
            for name, seconds in json.loads(path.read_bytes()).items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


class Queue:
    """The parts that wait, in a line for each kind of job, the longest first.

    Parameters
    ----------
    parts : all that is to run
    durations : what is expected of each job
    takers : how many batches run or wait to run at once
    """

    def __init__(
        self, parts: Iterable[Part], durations: Durations, takers: int
    ) -> None:
        self.durations, self.takers = durations, takers
        self._lines: dict[str, deque[Part]] = {}
        for part in sorted(parts, key=self._seconds, reverse=True):
            self._lines.setdefault(kind_of(part.name), deque()).append(part)

    def batch(self) -> list[Part]:
        """Take the part that is expected to take longest, and what may go with it.

        Parts of one kind go together as long as they are expected to be done within
        BATCH_SECONDS and enough is left for every taker. What nothing is known of
        goes first and alone. Returns an empty list when nothing waits.
        """
        batch: list[Part] = []
        if not self._lines:
            return batch
        kind = max(self._lines, key=lambda one: self._seconds(self._lines[one][0]))
        line, most = self._lines[kind], max(1, len(self) // self.takers)
        seconds = 0.0
        while line and len(batch) < most:
            seconds += self._seconds(line[0])
            if batch and seconds > BATCH_SECONDS:
                break
            batch.append(line.popleft())
        if not line:
            del self._lines[kind]
        return batch

    def put_back(self, parts: list[Part]) -> None:
        """Let the end of a batch wait again, in front of its kind."""
        if parts:
            line = self._lines.setdefault(kind_of(parts[0].name), deque())
            line.extendleft(reversed(parts))

    def left(self) -> float:
        """Return about how many seconds of work wait; infinity if that is not known."""
        middles = (line[len(line) // 2] for line in self._lines.values())
        lengths = map(len, self._lines.values())
        return sum(
            length * self._seconds(part)
            for length, part in zip(lengths, middles, strict=True)
        )

    def __len__(self) -> int:
        """Return how many parts wait."""
        return sum(map(len, self._lines.values()))

    def _seconds(self, part: Part) -> float:
        expected = self.durations.expected(part.name)
        return float("inf") if expected is None else expected / part.among
