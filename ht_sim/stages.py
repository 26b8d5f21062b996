"""The stages of a build in order: simulate, draw, write the pages, put in place."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path

from ht_sim import experiments, figures
from ht_sim.command_line import Options
from ht_sim.engine.executors import executor
from ht_sim.engine.history import History
from ht_sim.engine.jobs import JobsFailed, run
from ht_sim.engine.store import Store
from ht_sim.explaining import explain, matches
from ht_sim.problems import BuildFailed, Refused, did_you_mean
from ht_sim.progress import Reporter
from ht_sim.project import Project
from ht_sim.publish.drawn import figure_jobs, widths
from ht_sim.publish.output import publish
from ht_sim.publish.press import Press
from ht_sim.publish.site import Site, read_site
from ht_sim.results import collect, point_jobs
from ht_sim.verifying import verify


def build(root: Path, options: Options, package: str = "ht_sim") -> int:
    """Build the site, or do what else the options ask for; return the exit code."""
    project, reporter = Project(root, package), Reporter(options.loudness)
    try:
        if options.verify:
            return min(verify(root, package, options.jobs, reporter.say), 1)
        with executor(options.jobs) as workers:
            _build(project, options, workers, reporter)
    except BuildFailed as failed:
        for problem in failed.problems:
            reporter.complain(str(problem))
        return _stopped(reporter, _count(len(failed.problems), "problem"), options)
    except JobsFailed as failed:
        for told, names in _by_message(failed.failures).items():
            more = f" and {_count(len(names) - 1, 'more')}" if len(names) > 1 else ""
            reporter.complain(f"{names[0]}{more}: {told}")
        return _stopped(reporter, f"{len(failed.failures)} failed", options)
    except Refused as refused:
        return _stopped(reporter, str(refused), options)
    except OSError as error:
        what = f"cannot go on: {error.strerror or error}: {error.filename}"
        return _stopped(reporter, what, options)
    except Exception:
        reporter.complain(traceback.format_exc().rstrip())
        return _stopped(reporter, "the build broke", options)
    return 0


def _stopped(reporter: Reporter, what: str, options: Options) -> int:
    reporter.complain(f"{what}; {options.out} is unchanged")
    return 1


def _by_message(failures: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what failed in the same way together."""
    together: dict[str, list[str]] = {}
    for name, told in failures.items():
        together.setdefault(told, []).append(name)
    return together


def _count(number: int, what: str) -> str:
    plural = "" if number == 1 or what == "more" else "s"
    return f"{number} {what}{plural}"


def _build(
    project: Project, options: Options, workers: Executor, reporter: Reporter
) -> None:
    started = time.perf_counter()
    store = Store(project.cache / "store")
    history = History(project.cache / "history")
    site = _read(project, options)
    chosen = _chosen(site, options.only)
    if options.explain is not None:
        for name, line in explain(project, site, chosen, store, history):
            if matches(name, options.explain):
                reporter.say(line)
        return
    wanted = {slug: site.experiments[slug] for slug in site.experiments_of(chosen)}
    points = point_jobs(project, wanted)
    together = [job for jobs in points.values() for job in jobs]
    with reporter.stage("simulate") as report:
        known = run(together, store, workers, report)
    history.remember("simulate", {job.name: job.depends for job in together})
    results = collect(wanted, points, known, store)
    if options.reseed:
        site.check(chosen, results, {})
        reporter.say(f"every claim holds with seeds shifted by {options.reseed}")
        return
    shown = {slug: site.exhibits[slug] for slug in site.figures_of(chosen)}
    pictures = figure_jobs(project, shown, results)
    with reporter.stage("draw") as report:
        drawn = run(pictures, store, workers, report)
    history.remember("draw", {job.name: job.depends for job in pictures})
    site.check(chosen, results, widths(drawn, store))
    with reporter.stage("write") as report:
        files = Press(site, results, drawn, store).print(chosen, report)
    changed = publish(files, options.out, partial=options.only is not None)
    _tidy(store, options, reporter)
    states = sum(len(exhibit.states()) for exhibit in shown.values())
    size = sum(len(data) for data in files.values())
    reporter.say(
        f"{_count(len(chosen), 'page')}, {_count(len(drawn), 'figure')}, "
        f"{_count(states, 'state')}, {size / 1e6:.1f} MB, "
        f"{_count(changed, 'file')} changed, {time.perf_counter() - started:.1f} s"
    )
    reporter.say(f"open {options.out / 'index.html'}")


def _read(project: Project, options: Options) -> Site:
    """Read everything there is; BuildFailed when an exhibit cannot be drawn."""
    found = {
        slug: replace(one, seed=one.seed + options.reseed)
        for slug, one in experiments.discover(project.experiments).items()
    }
    exhibits = figures.discover(project.figures)
    site = read_site(project, found, exhibits, options.site_url)
    if site.faults:
        raise BuildFailed([*site.faults, *site.problems])
    return site


def _tidy(store: Store, options: Options, reporter: Reporter) -> None:
    """Say what was found damaged, and forget what no build uses any more."""
    if store.damaged:
        what = _count(len(store.damaged), "result")
        reporter.complain(f"the store was damaged: {what} made again")
    if options.only is None:
        store.prune(days=30)


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
