"""The arrays and facts of every experiment, simulated where they are not yet known."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache, partial
from importlib.metadata import version

import numpy as np

from ht_sim.arrays import arrays_of, npz
from ht_sim.declared import declared_reads_only
from ht_sim.discovery import file_of, module_of, problem_in, problem_raised
from ht_sim.engine.fingerprint import code_of, digest, modules_code
from ht_sim.engine.jobs import Job
from ht_sim.engine.store import Bundle, Kept, Store
from ht_sim.estimates import Estimate
from ht_sim.experiments import Arrays, Experiment, Point
from ht_sim.problems import BuildFailed, Refused
from ht_sim.project import Project
from ht_sim.streams import streams_of_repeats

_FACTS = "facts.json"


@dataclass(frozen=True)
class Result:
    """What one experiment found.

    ``arrays`` has shape (*grid, *dims) for each array, and each grid axis by name;
    they are read when they are asked for. ``digest`` changes when any of their bytes
    does.
    """

    experiment: Experiment
    read: Callable[[], Arrays]
    digest: str
    facts: Mapping[str, Estimate]

    @property
    def arrays(self) -> Arrays:
        """All that was simulated."""
        return self.read()


def point_jobs(
    project: Project, experiments: Mapping[str, Experiment]
) -> dict[str, list[Job]]:
    """Return the jobs of the grid points of each experiment by its slug."""
    return {
        slug: _point_jobs(project, slug, experiment)
        for slug, experiment in experiments.items()
    }


def collect(
    project: Project,
    experiments: Mapping[str, Experiment],
    jobs: Mapping[str, Sequence[Job]],
    known: Mapping[str, Kept],
    store: Store,
) -> dict[str, Result]:
    """Return the results of experiments of which every point is known."""
    return {
        slug: _result(
            f"{project.experiments}.{module_of(slug)}",
            experiment,
            store,
            [known[job.name] for job in jobs[slug]],
        )
        for slug, experiment in experiments.items()
    }


def all_facts(results: Mapping[str, Result]) -> dict[str, Estimate]:
    """Return every fact by its full name, ``experiment.fact``."""
    return {
        f"{slug}.{name}": estimate
        for slug, result in results.items()
        for name, estimate in result.facts.items()
    }


def _point_jobs(project: Project, slug: str, experiment: Experiment) -> list[Job]:
    inputs = {
        name: (project.root / path).read_bytes()
        for name, path in experiment.inputs.items()
    }
    module = f"{project.experiments}.{module_of(slug)}"
    depends = {
        "code": code_of(experiment.simulate) | modules_code({"ht_sim.streams"}),
        "repeats": experiment.repeats,
        "seed": experiment.seed,
        "dims": {name: list(dims) for name, dims in experiment.dims.items()},
        "inputs": {name: digest(data) for name, data in inputs.items()},
        "versions": versions("numpy"),
    }
    chance = experiment.seed, experiment.repeats
    return [
        Job(
            f"{slug}[{_values(point)}]",
            {**depends, "point": dict(point)},
            [partial(_simulate_point, module, dict(point), chance, inputs)],
        )
        for point in experiment.points()
    ]


def _values(point: Point) -> str:
    return ", ".join(f"{name}={value:g}" for name, value in point.items())


@cache
def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python (minor) and of packages, for keys."""
    found = {name: version(name) for name in packages}
    return {"python": f"{sys.version_info[0]}.{sys.version_info[1]}"} | found


def _simulate_point(
    module: str, point: Point, chance: tuple[int, int], inputs: Mapping[str, bytes]
) -> Bundle:
    """Run one point in any process; return its arrays as an npz file.

    ``chance`` is the seed and the number of repeats.
    """
    experiment: Experiment = importlib.import_module(module).EXPERIMENT
    with declared_reads_only(f"{file_of(module)}: simulate()"):
        arrays = experiment.simulate(point, streams_of_repeats(*chance), **inputs)
    wrong = _wrong_shape(arrays, experiment.dims, {"repeat": chance[1]})
    if wrong:
        raise Refused(str(problem_in(experiment.simulate, f"simulate() {wrong}")))
    return {"arrays.npz": npz(arrays)}


def _wrong_shape(
    arrays: Arrays, dims: Mapping[str, tuple[str, ...]], lengths: dict[str, int]
) -> str:
    """Say how arrays differ from what ``dims`` names; nothing when they do not."""
    if set(arrays) != set(dims):
        return f"gave the arrays {sorted(arrays)}; dims names {sorted(dims)}"
    for name, array in arrays.items():
        shape = np.shape(array)
        if len(shape) != len(dims[name]):
            return f"gave {name!r} of shape {shape}; its dims are {dims[name]}"
        for dim, length in zip(dims[name], shape, strict=True):
            if lengths.setdefault(dim, length) != length:
                known = lengths[dim]
                return f"gave {name!r} with {length} along {dim!r}; expected {known}"
        if not np.isfinite(array).all():
            return f"gave {name!r} with NaN or infinite values"
    return ""


def _result(
    module: str, experiment: Experiment, store: Store, points: Sequence[Kept]
) -> Result:
    """Return a result, whose facts are made once for the same code and arrays."""
    axes = {axis.name: axis.values for axis in experiment.grid}
    joined = digest(json.dumps([axes, [kept.digest for kept in points]]))
    read = cache(partial(_arrays, experiment, store, points))
    depends = {
        "facts": modules_code({module, __name__}),
        "results": joined,
        "versions": versions("numpy"),
    }

    def make() -> Bundle:
        arrays = read()
        with declared_reads_only(f"{file_of(module)}: facts()"):
            facts = _facts(experiment, arrays)
        numbers = {name: astuple(one) for name, one in facts.items()}
        return {_FACTS: json.dumps(numbers, default=np.generic.item).encode()}

    numbers = json.loads(store.once(depends, make)[_FACTS])
    facts = {name: Estimate(*one) for name, one in numbers.items()}
    return Result(experiment, read, joined, facts)


def _arrays(experiment: Experiment, store: Store, points: Sequence[Kept]) -> Arrays:
    """Return the arrays of all points stacked over the grid, and its axes."""
    found = [arrays_of(store.read(kept, "arrays.npz")) for kept in points]
    grid = tuple(len(axis.values) for axis in experiment.grid)
    arrays: dict[str, np.ndarray] = {}
    for name in experiment.dims:
        shapes = sorted({point[name].shape for point in found})
        if len(shapes) != 1:
            what = f"simulate() gave {name!r} of different shapes at different points"
            have = ", ".join(map(str, shapes))
            raise BuildFailed([problem_in(experiment.simulate, what, "one", have)])
        stacked = np.stack([point[name] for point in found])
        arrays[name] = stacked.reshape(grid + stacked.shape[1:])
    for axis in experiment.grid:
        arrays[axis.name] = np.asarray(axis.values)
    return arrays


def _facts(experiment: Experiment, arrays: Arrays) -> dict[str, Estimate]:
    """Return the facts; BuildFailed where one is none, or they cannot be had."""
    try:
        facts = dict(experiment.facts(arrays))
    except Exception as error:
        raise BuildFailed([problem_raised(experiment.facts, error)]) from None
    problems = []
    for name, fact in facts.items():
        what = f"facts() gives {name!r} as {fact!r}"
        if not isinstance(fact, Estimate):
            problems.append(problem_in(experiment.facts, what, "an Estimate"))
        elif not np.isfinite((fact.value, fact.low, fact.high)).all():
            problems.append(problem_in(experiment.facts, what, "finite numbers"))
    if problems:
        raise BuildFailed(problems)
    return facts
