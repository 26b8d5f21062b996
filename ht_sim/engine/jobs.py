"""Runs what is not known yet: jobs of parts that can run anywhere, and a join."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

from ht_sim.engine.fingerprint import digest
from ht_sim.engine.store import Bundle, Kept, Store
from ht_sim.problems import Refused

Progress = Callable[[str, int, int], None]
_JOIN = -1


@dataclass(frozen=True)
class Job:
    """Something to know.

    Parameters
    ----------
    name : what messages call it
    depends : all that the outcome depends on, as JSON; its digest is the key
    parts : picklable calls without arguments, run in any order
    join : takes the outcomes of the parts in their order, returns the bundle; without
        one, the outcome of the only part is the bundle
    """

    name: str
    depends: Mapping[str, Any]
    parts: Sequence[Callable[[], Any]]
    join: Callable[[list[Any]], Bundle] | None = None

    @property
    def key(self) -> str:
        """The digest of everything that the outcome depends on."""
        return digest(json.dumps(self.depends, sort_keys=True))


class JobsFailed(Exception):
    """Some jobs raised; ``failures`` has the name of each and how it failed."""

    def __init__(self, failures: Mapping[str, str]) -> None:
        super().__init__(", ".join(failures))
        self.failures = failures


def run(
    jobs: Sequence[Job], store: Store, executor: Executor, progress: Progress
) -> dict[str, Kept]:
    """Return what is known of each job by name, after running what was not.

    A job that raises does not stop the others; JobsFailed tells of all at the end.
    ``progress`` is called with (name, jobs done, jobs in all).
    """
    work = _Work(store, executor, lambda name, done: progress(name, done, len(jobs)))
    for job in jobs:
        work.begin(job)
    work.wait()
    if work.failures:
        failures = {name: told for name, (_, told) in sorted(work.failures.items())}
        raise JobsFailed(failures)
    return {job.name: work.known[job.name] for job in jobs}


@dataclass
class _Running:
    job: Job
    outcomes: list[Any]
    missing: int
    started: float


class _Work:
    """What runs, what is known, and what failed; of a job, its first part that did."""

    def __init__(
        self, store: Store, executor: Executor, progress: Callable[[str, int], None]
    ) -> None:
        self.store, self.executor, self.progress = store, executor, progress
        self.known: dict[str, Kept] = {}
        self.failures: dict[str, tuple[int, str]] = {}
        self.futures: dict[Future[Any], tuple[_Running, int]] = {}

    def begin(self, job: Job) -> None:
        """Look a job up, or send out its parts."""
        kept = self.store.find(job.key)
        if kept is not None:
            self._know(job, kept)
            return
        parts = len(job.parts)
        running = _Running(job, [None] * parts, parts, time.perf_counter())
        for place, part in enumerate(job.parts):
            self._submit(running, part, place)

    def wait(self) -> None:
        """Take outcomes as they come until there are no more."""
        while self.futures:
            for future in wait(self.futures, return_when=FIRST_COMPLETED).done:
                running, place = self.futures.pop(future)
                job, error = running.job, future.exception()
                told, outcome = (_told(error), {}) if error else future.result()
                if told:
                    self._fail(job, place, told)
                elif place == _JOIN or job.join is None:
                    seconds = time.perf_counter() - running.started
                    self._know(job, self.store.keep(job.key, outcome, seconds))
                else:
                    self._collect(running, place, outcome)

    def _submit(self, running: _Running, call: Callable[[], Any], place: int) -> None:
        self.futures[self.executor.submit(_attempt, call)] = (running, place)

    def _collect(self, running: _Running, place: int, outcome: Any) -> None:
        running.outcomes[place] = outcome
        running.missing -= 1
        if running.missing == 0 and running.job.join is not None:
            self._submit(running, partial(running.job.join, running.outcomes), _JOIN)

    def _know(self, job: Job, kept: Kept) -> None:
        self.known[job.name] = kept
        self._tell(job)

    def _fail(self, job: Job, place: int, told: str) -> None:
        if job.name not in self.failures:
            self.failures[job.name] = place, told
            self._tell(job)
        self.failures[job.name] = min(self.failures[job.name], (place, told))

    def _tell(self, job: Job) -> None:
        self.progress(job.name, len(self.known) + len(self.failures))


def _attempt(call: Callable[[], Any]) -> tuple[str, Any]:
    """Run a call where it is; return how it failed, if it did, and its outcome."""
    try:
        return "", call()
    except Exception as error:
        return _told(error), None


def _told(error: BaseException) -> str:
    """Say how a call failed, from its own frames on."""
    if isinstance(error, Refused):
        return str(error)
    frames = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(traceback.format_exception(type(error), error, frames)).rstrip()
