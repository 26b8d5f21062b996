"""The results of experiments, simulated where they are not known."""

from __future__ import annotations

from collections.abc import Mapping

from ht_sim.engine.executors import Pool
from ht_sim.engine.jobs import run
from ht_sim.engine.store import Store
from ht_sim.experiments import Experiment
from ht_sim.project import Project
from ht_sim.results import Result, collect, point_jobs


def simulate_all(
    project: Project, experiments: Mapping[str, Experiment], store: Store, pool: Pool
) -> dict[str, Result]:
    """Return the result of each experiment by its slug."""
    jobs = point_jobs(project, experiments)
    together = [job for many in jobs.values() for job in many]
    known = run(together, store, pool, lambda *_: None)
    return collect(project, experiments, jobs, known, store)
