"""The stages of a build in order: simulate, draw, write the pages, put in place."""

from __future__ import annotations

import time
import traceback
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path

from ht_sim import experiments, figures
from ht_sim.command_line import Options
from ht_sim.engine.executors import executor
from ht_sim.engine.jobs import JobsFailed
from ht_sim.engine.store import Store
from ht_sim.problems import BuildFailed, did_you_mean
from ht_sim.progress import Reporter
from ht_sim.project import Project
from ht_sim.publish.drawn import draw_all, widths
from ht_sim.publish.output import publish
from ht_sim.publish.press import Press
from ht_sim.publish.site import Site, read_site
from ht_sim.results import simulate_all


def build(root: Path, options: Options, package: str = "ht_sim") -> int:
    """Build the site; return the exit code."""
    reporter = Reporter()
    try:
        with executor(options.jobs) as workers:
            _build(Project(root, package), options, workers, reporter)
    except BuildFailed as failed:
        for problem in failed.problems:
            reporter.say(str(problem))
        return _stopped(reporter, _count(len(failed.problems), "problem"), options)
    except JobsFailed as failed:
        for told, names in _by_message(failed.failures).items():
            more = f" and {_count(len(names) - 1, 'more')}" if len(names) > 1 else ""
            reporter.say(f"{names[0]}{more}: {told}")
        return _stopped(reporter, f"{len(failed.failures)} failed", options)
    except OSError as error:
        what = f"cannot go on: {error.strerror or error}: {error.filename}"
        return _stopped(reporter, what, options)
    except Exception:
        reporter.say(traceback.format_exc().rstrip())
        return _stopped(reporter, "the build broke", options)
    return 0


def _stopped(reporter: Reporter, what: str, options: Options) -> int:
    reporter.say(f"{what}; {options.out} is unchanged")
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
    all_experiments = experiments.discover(project.experiments)
    all_exhibits = figures.discover(project.figures)
    site = read_site(project, all_experiments, all_exhibits, options.site_url)
    if site.faults:
        raise BuildFailed([*site.faults, *site.problems])
    chosen = _chosen(site, options.only)
    with reporter.stage("simulate") as report:
        results = simulate_all(
            project,
            {slug: all_experiments[slug] for slug in site.experiments_of(chosen)},
            store,
            workers,
            report,
        )
    with reporter.stage("draw") as report:
        drawn = draw_all(
            project,
            {slug: all_exhibits[slug] for slug in site.figures_of(chosen)},
            results,
            store,
            workers,
            report,
        )
    with reporter.stage("write") as report:
        site.check(chosen, results, widths(drawn, store))
        files = Press(site, results, drawn, store).print(chosen, report)
    changed = publish(files, options.out, partial=options.only is not None)
    states = sum(len(all_exhibits[slug].states()) for slug in drawn)
    size = sum(len(data) for data in files.values())
    reporter.say(
        f"{_count(len(chosen), 'page')}, {_count(len(drawn), 'figure')}, "
        f"{_count(states, 'state')}, {size / 1e6:.1f} MB, "
        f"{_count(changed, 'file')} changed, {time.perf_counter() - started:.1f} s"
    )
    reporter.say(f"open {options.out / 'index.html'}")


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
