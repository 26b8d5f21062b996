"""What a build would do and why: every node fresh, or what changed since it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from ht_sim.engine.history import Depends, History, changes, told
from ht_sim.engine.jobs import Job
from ht_sim.engine.store import Kept, Store
from ht_sim.problems import BuildFailed
from ht_sim.project import Project
from ht_sim.publish.drawn import figure_jobs, widths
from ht_sim.publish.press import Press
from ht_sim.publish.site import Site
from ht_sim.results import collect, point_jobs


def matches(name: str, pattern: str) -> bool:
    """Say whether a node is meant: by its name, a point by its experiment's.

    A page is meant by its slug, or with the word before it: ``page dropout``.
    """
    names = name, name.partition("[")[0], name.removeprefix("page ")
    return name == pattern or any(fnmatchcase(one, pattern) for one in names)


def explain(
    project: Project, site: Site, chosen: Sequence[str], store: Store, history: History
) -> Iterator[tuple[str, str]]:
    """Give the name of each point, figure and page, and a line on how it stands.

    Raises BuildFailed, before the pages, where a build of these pages would fail by
    what is known; what rests on points that are not fresh is not judged.
    """
    experiments = {slug: site.experiments[slug] for slug in site.experiments_of(chosen)}
    points = point_jobs(project, experiments)
    old = history.recall("simulate")
    stale: set[str] = set()
    for slug, jobs in points.items():
        for job in jobs:
            line = _line(job, old, store)
            if not line.startswith("fresh"):
                stale.add(slug)
            yield job.name, line
    whole = {slug: one for slug, one in experiments.items() if slug not in stale}
    known = {
        job.name: kept
        for slug in whole
        for job in points[slug]
        if (kept := store.find(job.key)) is not None
    }
    results = collect(project, whole, points, known, store)
    old = history.recall("draw")
    drawn: dict[str, Kept] = {}
    for slug in site.figures_of(chosen):
        exhibit = site.exhibits[slug]
        if waits := sorted(stale.intersection(exhibit.experiments)):
            stale.add(slug)
            yield slug, f"waits  {slug}: for {', '.join(waits)}"
            continue
        (job,) = figure_jobs(project, {slug: exhibit}, results)
        if kept := store.find(job.key):
            drawn[slug] = kept
        else:
            stale.add(slug)
        yield slug, _line(job, old, store)
    wrong = site.wrong(chosen, results, widths(drawn, store), store)
    if wrong := [one for one in wrong if not (site.quick and one.false_claim)]:
        raise BuildFailed(wrong)
    old, press = history.recall("write"), Press(site, results, drawn, store)
    for slug in chosen:
        page = f"page {slug}"
        needs = {*site.experiments_of([slug]), *site.figures_of([slug])}
        if waits := sorted(stale & needs):
            yield page, f"waits  {page}: for {', '.join(waits)}"
        else:
            (job,) = press.jobs([slug])
            yield page, _line(job, old, store, page)


def _line(job: Job, old: Mapping[str, Depends], store: Store, called: str = "") -> str:
    if store.find(job.key) is not None:
        return told(called or job.name, [])
    why = changes(old.get(job.name), job.depends)
    return told(called or job.name, why or ["what was kept of it is gone"])
