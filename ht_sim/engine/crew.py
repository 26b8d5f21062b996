"""Sends parts to a pool in batches, and goes on when a worker is killed."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

from ht_sim.engine.executors import Pool
from ht_sim.engine.order import BATCH_SECONDS, Part, Queue
from ht_sim.problems import Refused, own_traceback

_CHECK_SECONDS = 5  # without an outcome
KILLED = (
    "its worker process was killed while it ran, again when nothing else ran: "
    "a crash, or not enough memory"
)
CANCELLED = "what ran was cancelled from elsewhere; what was done is kept"


@dataclass(frozen=True)
class Outcome:
    """What came of a part: a value, or how it failed, and the seconds it worked."""

    part: Part
    failure: str
    value: Any
    seconds: float


class Crew:
    """Runs all parts of a queue, and those that become ``urgent`` meanwhile.

    When a worker is killed, whatever ran may have killed it. The pool starts anew, and
    these suspects run one by one, with nothing beside them; one that loses its worker
    again has failed, and no other.
    """

    def __init__(self, pool: Pool, queue: Queue) -> None:
        self.pool, self.queue = pool, queue
        self.urgent: deque[Part] = deque()
        self.killed: Counter[str] = Counter()  # by job: how often under suspicion
        self._suspects: deque[Part] = deque()
        self._on_trial = self._broken = False
        self._futures: dict[Future[Any], list[Part]] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """Give the outcome of each part as it comes, until there are no more.

        Raises Refused when the pool can run no more.
        """
        while self._send_all():
            done = wait(self._futures, _CHECK_SECONDS, FIRST_COMPLETED).done
            if not done:
                self.pool.check()
            for future in sorted(done, key=Future.cancelled):
                yield from self._taken(future)

    def left(self) -> float:
        """Return about how many seconds the waiting parts need, or infinity."""
        return self.queue.left() / self.pool.workers

    def running(self) -> int:
        """Return how many workers have something to do."""
        return min(len(self._futures), self.pool.workers)

    def _send_all(self) -> bool:
        """Send out what there is room for; tell whether anything runs."""
        while parts := self._next():
            self._send(parts)
        return bool(self._futures)

    def _next(self) -> list[Part]:
        if self._on_trial or self._suspects:
            if self._futures:
                return []
            self._on_trial = True
            return [self._suspects.popleft()]
        if len(self._futures) >= self.pool.takers:
            return []
        return [self.urgent.popleft()] if self.urgent else self.queue.batch()

    def _send(self, parts: list[Part]) -> None:
        if self._broken:
            self.pool.restart()
            self._broken = False
        try:
            future = self.pool.submit(_attempt, [part.call for part in parts])
        except self.pool.lost:
            self._on_trial, self._broken = False, True
            self._suspects.extendleft(parts)
        else:
            self._futures[future] = parts

    def _taken(self, future: Future[Any]) -> Iterator[Outcome]:
        if future.cancelled():
            self.pool.check()
            raise Refused(CANCELLED)
        parts = self._futures.pop(future)
        on_trial, self._on_trial = self._on_trial, False
        error = future.exception()
        if error is None:
            done = future.result()
            self.queue.put_back(parts[len(done) :])
            for part, outcome in zip(parts, done, strict=False):
                yield Outcome(part, *outcome)
            return
        lost = isinstance(error, self.pool.lost)
        if lost:
            self._broken = True
            self.killed.update({part.name for part in parts})
        if on_trial or (len(parts) == 1 and not lost):
            yield Outcome(parts[0], KILLED if lost else _told(error), None, 0.0)
        else:
            self._suspects.extend(parts)


def _attempt(calls: Sequence[Callable[[], Any]]) -> list[tuple[str, Any, float]]:
    """Run calls where this is, one at least, until the time of a batch is up."""
    started = time.perf_counter()
    done: list[tuple[str, Any, float]] = []
    for call in calls:
        begun = time.perf_counter()
        if done and begun - started > BATCH_SECONDS:
            break
        failure, value = _tried(call)
        done.append((failure, value, time.perf_counter() - begun))
    return done


def _tried(call: Callable[[], Any]) -> tuple[str, Any]:
    """Return how a call failed, if it did, and its value."""
    try:
        return "", call()
    except (Exception, SystemExit) as error:
        return _told(error), None


def _told(error: BaseException) -> str:
    """Say how a call failed, from its own frames on."""
    if isinstance(error, Refused):
        return str(error)
    return own_traceback(error)
