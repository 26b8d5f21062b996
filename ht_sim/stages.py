"""The stages of a build in order: simulate, draw, write the pages, put in place."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ht_sim import experiments, figures
from ht_sim.command_line import Options
from ht_sim.discovery import NotLoaded
from ht_sim.engine.executors import Pool, executor
from ht_sim.engine.jobs import Job, JobsFailed
from ht_sim.engine.lock import alone
from ht_sim.engine.store import Kept, Store
from ht_sim.experiments import Experiment
from ht_sim.explaining import explain, matches
from ht_sim.figures import Exhibit
from ht_sim.problems import BuildFailed, Problem, Refused, did_you_mean
from ht_sim.progress import Reporter
from ht_sim.project import Project
from ht_sim.publish.drawn import figure_jobs, widths
from ht_sim.publish.output import finish, publish, unfinished
from ht_sim.publish.press import Press
from ht_sim.publish.reading import read_site
from ht_sim.publish.site import Site
from ht_sim.quick import quick_exhibit, quick_experiment
from ht_sim.results import Result, collect, point_jobs
from ht_sim.verifying import verify
from ht_sim.work import Work

_WAITING = "another build is running here; waiting for it to end"


def build(root: Path, options: Options, package: str = "ht_sim") -> int:
    """Build the site, or do what else the options ask for; return the exit code."""
    project, reporter = Project(root, package), Reporter(options.loudness)
    try:
        if options.verify:
            return min(verify(root, package, options.jobs, reporter.say), 1)
        with (
            alone(project.cache / "build.lock", lambda: reporter.say(_WAITING)),
            executor(options.jobs, options.scheduler, ("ht_sim", package)) as workers,
        ):
            finish(options.out)
            _build(project, options, workers, reporter)
    except BuildFailed as failed:
        return _failed(failed, reporter, options)
    except JobsFailed as jobs:
        return _failed(BuildFailed([], jobs.failures), reporter, options)
    except Refused as refused:
        return _stopped(reporter, str(refused), options)
    except OSError as error:
        file = f": {error.filename}" if error.filename else ""
        what = f"cannot go on: {error.strerror or error}{file}"
        return _stopped(reporter, what, options)
    except Exception:
        reporter.complain(traceback.format_exc().rstrip())
        return _stopped(reporter, "the build broke", options)
    return 0


def _stopped(reporter: Reporter, what: str, options: Options) -> int:
    state = "is unchanged"
    if unfinished(options.out):
        state = "is new in part, its pages whole; the next build finishes it"
    reporter.complain(f"{what}; {options.out} {state}")
    return 1


def _failed(failed: BuildFailed, reporter: Reporter, options: Options) -> int:
    for line in failed.lines():
        reporter.complain(line)
    return _stopped(reporter, failed.count(), options)


def _count(number: int, what: str) -> str:
    plural = "" if number == 1 or what == "more" else "s"
    return f"{number} {what}{plural}"


def _build(
    project: Project, options: Options, workers: Pool, reporter: Reporter
) -> None:
    started = time.perf_counter()
    site = _read(project, options)
    chosen = _chosen(site, options.only)
    work = Work(project, options, workers, reporter)
    if options.explain is not None:
        lines = list(explain(project, site, chosen, work.store, work.history))
        for name, line in lines:
            if matches(name, options.explain):
                reporter.say(line)
        return
    wanted = {slug: site.experiments[slug] for slug in site.experiments_of(chosen)}
    points = point_jobs(project, wanted)
    known = work.do("simulate", [job for jobs in points.values() for job in jobs])
    results, problems = _collected(project, wanted, points, known, work.store)
    if options.reseed:
        problems += site.wrong(chosen, results, {}, work.store)
        if problems or work.failures:
            raise BuildFailed(problems, work.failures)
        reporter.say(f"every claim holds with seeds shifted by {options.reseed}")
        return
    shown = {
        slug: site.exhibits[slug]
        for slug in site.figures_of(chosen)
        if set(site.exhibits[slug].experiments) <= results.keys()
    }
    drawn = work.do("draw", figure_jobs(project, shown, results))
    problems += site.wrong(chosen, results, widths(drawn, work.store), work.store)
    if options.quick:
        problems = _warned(problems, reporter)
    if problems or work.failures:
        raise BuildFailed(problems, work.failures)
    press = Press(site, results, drawn, work.store)
    with work.stage("write", press.jobs(chosen)) as (report, how):
        files = press.print(chosen, report, **how)
    work.note("write", "gzipped", press.weights.pages)
    work.note("draw", "gzipped", press.weights.figures)
    reporter.detail(str(press.weights))
    changed = publish(files, options.out, partial=options.only is not None)
    work.end()
    states = sum(len(exhibit.states()) for exhibit in shown.values())
    size = sum(len(data) for data in files.values())
    reporter.say(
        f"{_count(len(chosen), 'page')}, {_count(len(drawn), 'figure')}, "
        f"{_count(states, 'state')}, {size / 1e6:.1f} MB, "
        f"{_count(changed, 'file')} changed, {time.perf_counter() - started:.1f} s"
    )
    reporter.say(f"open {options.out / 'index.html'}")


def _warned(problems: Sequence[Problem], reporter: Reporter) -> list[Problem]:
    """Tell of each claim that does not hold; return what else is wrong."""
    for one in sorted({one for one in problems if one.false_claim}):
        reporter.complain(f"warning: {one}")
    return [one for one in problems if not one.false_claim]


def _collected(
    project: Project,
    wanted: Mapping[str, Experiment],
    points: Mapping[str, Sequence[Job]],
    known: Mapping[str, Kept],
    store: Store,
) -> tuple[dict[str, Result], list[Problem]]:
    """Return the results of those experiments that have one, and what is wrong."""
    results: dict[str, Result] = {}
    problems: list[Problem] = []
    for slug, experiment in wanted.items():
        if all(job.name in known for job in points[slug]):
            try:
                results |= collect(project, {slug: experiment}, points, known, store)
            except BuildFailed as failed:
                problems += failed.problems
    return results, problems


def _read(project: Project, options: Options) -> Site:
    """Read everything there is; BuildFailed when something cannot be run or drawn."""
    problems: list[Problem] = []
    found: dict[str, Experiment] = {}
    exhibits: dict[str, Exhibit] = {}
    broken: list[frozenset[str]] = [frozenset(), frozenset()]
    try:
        found = experiments.discover(project.experiments)
    except NotLoaded as failed:
        problems += failed.problems
        found, broken[0] = failed.found, failed.broken
    try:
        exhibits = figures.discover(project.figures)
    except NotLoaded as failed:
        problems += failed.problems
        exhibits, broken[1] = failed.found, failed.broken
    site = read_site(project, found, exhibits, options.site_url, *broken)
    problems += site.faults
    if problems:
        store = Store(project.cache / "store")
        raise BuildFailed([*problems, *site.wrong(list(site.pages), {}, {}, store)])
    seeded = {
        slug: replace(one, seed=one.seed + options.reseed)
        for slug, one in found.items()
    }
    site = replace(site, experiments=seeded)
    return _reduced(site) if options.quick else site


def _reduced(site: Site) -> Site:
    """Return a site without fault as a quick build makes it."""
    return replace(
        site,
        experiments={n: quick_experiment(one) for n, one in site.experiments.items()},
        exhibits={n: quick_exhibit(one) for n, one in site.exhibits.items()},
        quick=True,
    )


def _chosen(site: Site, pattern: str | None) -> list[str]:
    """Return the slugs of the pages that match, or show what matches."""
    if pattern is None:
        return list(site.pages)
    chosen = [slug for slug in site.pages if site.concerns(slug, pattern)]
    if not chosen:
        known = site.names()
        raise SystemExit(
            f"build.py: nothing matches --only {pattern!r}"
            f"{did_you_mean(pattern, known)}; there are {', '.join(known)}"
        )
    return chosen
