"""Runs what is not known yet: jobs of parts that can run anywhere, and a join."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from ht_sim.engine.crew import Crew, Outcome
from ht_sim.engine.executors import Pool
from ht_sim.engine.fingerprint import digest
from ht_sim.engine.order import Durations, Part, Queue
from ht_sim.engine.store import Bundle, Kept, Store

Progress = Callable[[str, int, int], None]
_JOIN = -1


@dataclass(frozen=True)
class Job:
    """Something to know.

    Parameters
    ----------
    name : what messages call it; names that agree up to a ``[`` are of one kind, whose
        jobs are expected to take about as long as each other
    depends : all that the outcome depends on, as JSON; its digest is the key
    parts : picklable calls without arguments, run in any order
    join : takes the outcomes of the parts in their order, returns the bundle; without
        one, the outcome of the only part is the bundle
    """

    name: str
    depends: Mapping[str, Any]
    parts: Sequence[Callable[[], Any]]
    join: Callable[[list[Any]], Bundle] | None = None

    @cached_property
    def key(self) -> str:
        """The digest of everything that the outcome depends on."""
        return digest(json.dumps(self.depends, sort_keys=True))


@dataclass(frozen=True)
class Ran:
    """How it went with one job, for a report.

    ``seconds`` of work when it last ran and ``size`` in bytes of what it made;
    ``known`` if it did not have to run now, ``killed`` how often a worker was killed
    while it ran.
    """

    name: str
    seconds: float
    size: int
    known: bool
    killed: int = 0


class JobsFailed(Exception):
    """Some jobs raised; ``failures`` has the name of each and how it failed.

    ``known`` has what is known of the others.
    """

    def __init__(
        self, failures: Mapping[str, str], known: Mapping[str, Kept] | None = None
    ) -> None:
        super().__init__(", ".join(failures))
        self.failures, self.known = failures, dict(known or {})


def run(
    jobs: Sequence[Job],
    store: Store,
    pool: Pool,
    progress: Progress,
    *,
    force: Callable[[str], bool] = lambda name: False,
    tell: Callable[[Ran], None] | None = None,
    outlook: Callable[[int, float], None] | None = None,
) -> dict[str, Kept]:
    """Return what is known of each job by name, after running what was not.

    A job that raises, or that kills its worker twice, does not stop the others;
    JobsFailed tells of all at the end.

    Parameters
    ----------
    pool : where the parts run
    progress : called with (name, jobs done, jobs in all) when a job is done
    force : says of a name whether that job runs though it is known
    tell : called with how it went when a job is done
    outlook : called with (how many workers run, about how many seconds are left, which
        are infinite when not known)
    """
    durations = Durations(store.folder / "seconds.json")
    work = _Work(
        store, durations, tell, lambda name, done: progress(name, done, len(jobs))
    )
    for job in jobs:
        work.begin(job, force(job.name))
    crew = Crew(pool, Queue(work.parts(), durations, pool.takers))
    try:
        for outcome in crew.outcomes():
            work.take(outcome, crew)
            if outlook is not None:
                outlook(crew.running(), crew.left())
    finally:
        durations.save()
    if work.failures:
        failures = {name: told for name, (_, told) in sorted(work.failures.items())}
        raise JobsFailed(failures, work.known)
    return {job.name: work.known[job.name] for job in jobs}


@dataclass
class _Running:
    job: Job
    outcomes: list[Any]
    missing: int
    seconds: float = 0.0


class _Work:
    """What is known, what is on its way and what failed; of a job, its first part."""

    def __init__(
        self,
        store: Store,
        durations: Durations,
        tell: Callable[[Ran], None] | None,
        progress: Callable[[str, int], None],
    ) -> None:
        self.store, self.durations = store, durations
        self.tell, self.progress = tell, progress
        self.known: dict[str, Kept] = {}
        self.failures: dict[str, tuple[int, str]] = {}
        self.running: dict[str, _Running] = {}

    def begin(self, job: Job, force: bool) -> None:
        """Look a job up; it runs when it is not known."""
        kept = None if force else self.store.find(job.key)
        if kept is None:
            parts = len(job.parts)
            self.running[job.name] = _Running(job, [None] * parts, parts)
            return
        self._know(kept, Ran(job.name, kept.seconds, kept.size, known=True))

    def parts(self) -> list[Part]:
        """Return the parts of all that runs."""
        return [
            Part(name, place, len(running.job.parts), call)
            for name, running in self.running.items()
            for place, call in enumerate(running.job.parts)
        ]

    def take(self, outcome: Outcome, crew: Crew) -> None:
        """Take what came of a part; a job that is complete is joined or kept."""
        name, place = outcome.part.name, outcome.part.place
        running = self.running[name]
        running.seconds += outcome.seconds
        if outcome.failure:
            self._fail(name, place, outcome.failure)
        elif place == _JOIN or running.job.join is None:
            self._keep(running, outcome.value, crew.killed[name])
        else:
            running.outcomes[place] = outcome.value
            running.missing -= 1
            if running.missing == 0:
                call = partial(running.job.join, running.outcomes)
                crew.urgent.append(Part(name, _JOIN, 1, call))

    def _keep(self, running: _Running, bundle: Bundle, killed: int) -> None:
        job, seconds = running.job, running.seconds
        self.durations.learn(job.name, seconds)
        del self.running[job.name]
        kept = self.store.keep(job.key, bundle, seconds)
        self._know(kept, Ran(job.name, seconds, kept.size, known=False, killed=killed))

    def _know(self, kept: Kept, ran: Ran) -> None:
        self.known[ran.name] = kept
        if self.tell is not None:
            self.tell(ran)
        self._count(ran.name)

    def _fail(self, name: str, place: int, told: str) -> None:
        if name not in self.failures:
            self.failures[name] = place, told
            self._count(name)
        self.failures[name] = min(self.failures[name], (place, told))

    def _count(self, name: str) -> None:
        self.progress(name, len(self.known) + len(self.failures))
