"""The jobs of a build's stages run, with what is remembered and reported of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ht_sim.command_line import Options
from ht_sim.engine import outlines
from ht_sim.engine.executors import Pool
from ht_sim.engine.history import History
from ht_sim.engine.jobs import Job, JobsFailed, Ran, run
from ht_sim.engine.store import Kept, Store, write_whole
from ht_sim.explaining import matches
from ht_sim.progress import Report, Reporter
from ht_sim.project import Project


class Work:
    """Runs the jobs of each stage, and remembers how it went."""

    def __init__(
        self, project: Project, options: Options, workers: Pool, reporter: Reporter
    ) -> None:
        self.options, self.workers, self.reporter = options, workers, reporter
        self.store = Store(project.cache / "store")
        self.recalled = outlines.recall(self.store)
        folder = "history-quick" if options.quick else "history"
        self.history = History(project.cache / folder)
        self.report_file = project.cache / "report.json"
        self.ran: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, str] = {}

    def do(self, stage: str, jobs: Sequence[Job]) -> dict[str, Kept]:
        """Run the jobs of a stage; return what is known of those that did not fail."""
        with self.stage(stage, jobs) as (report, how):
            try:
                return run(jobs, self.store, self.workers, report, **how)
            except JobsFailed as failed:
                self.failures |= failed.failures
                return failed.known

    @contextmanager
    def stage(
        self, stage: str, jobs: Sequence[Job]
    ) -> Iterator[tuple[Report, dict[str, Any]]]:
        """Give what ``run`` is to be called with in a stage; note what came of it."""
        ran = self.ran.setdefault(stage, {})

        def tell(one: Ran) -> None:
            ran[one.name] = {
                "cached": one.known,
                "seconds": round(one.seconds, 3),
                "bytes": one.size,
            }
            if one.killed:
                what = f"a worker was killed while {one.name} ran; it was run again"
                self.reporter.complain(what)

        def force(name: str) -> bool:
            pattern = self.options.force
            return pattern is not None and matches(name, pattern)

        with self.reporter.stage(stage) as (report, outlook):
            yield report, {"force": force, "tell": tell, "outlook": outlook}
        done = [job for job in jobs if job.name not in self.failures]
        self.history.remember(stage, {job.name: job.depends for job in done})

    def note(self, stage: str, what: str, values: Mapping[str, int]) -> None:
        """Note a number of some jobs of a stage in the report."""
        for name, value in values.items():
            self.ran[stage][name][what] = value

    def end(self) -> None:
        """Write the report, say what was damaged, forget what no build uses."""
        outlines.remember(self.store, self.recalled)
        write_whole(self.report_file, json.dumps(self.ran, indent=1).encode())
        if self.store.damaged:
            count = len(self.store.damaged)
            what = f"{count} result{'s' * (count != 1)} made again"
            self.reporter.complain(f"the store was damaged: {what}")
        if self.options.only is None:
            self.store.prune(days=30)
