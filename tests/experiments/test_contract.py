"""Every experiment keeps the contract, on a shrunken grid."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from ht_sim import experiments, results
from ht_sim.arrays import arrays_of
from ht_sim.engine.executors import executor
from ht_sim.engine.store import Store
from ht_sim.experiments import Experiment
from ht_sim.problems import Refused
from ht_sim.project import Project
from ht_sim.quick import quick_experiment
from ht_sim.results import Result
from ht_sim.streams import streams_of_repeats
from tests.simulations import simulate_all

ROOT = Path(__file__).resolve().parents[2]
ALL = experiments.discover()
REPEATS = 3
SHRUNKEN = {
    slug: dataclasses.replace(quick_experiment(one), repeats=REPEATS)
    for slug, one in ALL.items()
}
REPEATING = [
    slug
    for slug, one in ALL.items()
    if any("repeat" in dims for dims in one.dims.values())
]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Every experiment with three repeats, on the grid of a quick build."""
    store = Store(tmp_path_factory.mktemp("store"))
    with executor(1) as workers:  # in this process, where warnings are errors
        return simulate_all(Project(ROOT), SHRUNKEN, store, workers)


@pytest.mark.parametrize("slug", ALL)
def test_arrays_have_the_shape_that_dims_name(
    simulated: dict[str, Result], slug: str
) -> None:
    result, experiment = simulated[slug], SHRUNKEN[slug]
    grid = tuple(len(axis.values) for axis in experiment.grid)
    axes = {axis.name for axis in experiment.grid}
    assert set(result.arrays) == set(experiment.dims) | axes
    for name, dims in experiment.dims.items():
        array = result.arrays[name]
        assert array.shape[: len(grid)] == grid
        assert array.ndim == len(grid) + len(dims)
        for dim, length in zip(dims, array.shape[len(grid) :], strict=True):
            assert dim != "repeat" or length == REPEATS


@pytest.mark.parametrize("slug", REPEATING)
def test_repeats_share_no_draws(simulated: dict[str, Result], slug: str) -> None:
    experiment = SHRUNKEN[slug]
    *_, point = experiment.points()
    inputs = {n: (ROOT / p).read_bytes() for n, p in experiment.inputs.items()}
    middle = streams_of_repeats(experiment.seed, REPEATS)[1:2]
    alone = experiment.simulate(point, middle, **inputs)
    last = (-1,) * len(experiment.grid)
    for name, dims in experiment.dims.items():
        if "repeat" in dims:
            together = simulated[slug].arrays[name][last]
            one = together.take([1], axis=dims.index("repeat"))
            np.testing.assert_allclose(one, alone[name], rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("slug", ALL)
def test_facts_are_intervals_around_their_values(
    simulated: dict[str, Result], slug: str
) -> None:
    assert simulated[slug].facts
    for name, fact in simulated[slug].facts.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert fact.low <= fact.value <= fact.high
        assert fact.repeats in (1, REPEATS)


@pytest.mark.parametrize("slug", ALL)
def test_the_docstring_opens_with_a_claim_and_says_how(slug: str) -> None:
    module = inspect.getmodule(ALL[slug].simulate)
    assert module is not None
    first, _, rest = (module.__doc__ or "").partition("\n\n")
    assert first.endswith(".")
    assert "\n" not in first
    assert rest.startswith("Set-up: ")


@pytest.mark.parametrize("slug", ALL)
def test_axes_say_what_they_are(slug: str) -> None:
    for axis in ALL[slug].grid:
        assert axis.label
        assert axis.unit
        assert sorted(set(axis.values)) == list(axis.values)


def one_point(experiment: Experiment, slug: str, values: dict[str, float]) -> bytes:
    """Return the arrays of one grid point, as bytes."""
    inputs = {n: (ROOT / p).read_bytes() for n, p in experiment.inputs.items()}
    module = f"ht_sim.experiments.{slug.replace('-', '_')}"
    chance = (experiment.seed, REPEATS)
    return results._simulate_point(module, values, chance, inputs)["arrays.npz"]


@pytest.mark.parametrize("slug", ALL)
def test_a_point_depends_on_itself_alone(slug: str) -> None:
    first, *_, last = [*ALL[slug].points()] * 2
    alone = one_point(ALL[slug], slug, last)
    one_point(ALL[slug], slug, first)
    assert one_point(ALL[slug], slug, last) == alone


def test_a_further_repeat_changes_no_other(simulated: dict[str, Result]) -> None:
    slug = "dropout-ridge"
    few = simulated[slug].arrays["relative_error"]
    point = next(iter(ALL[slug].points()))
    module = f"ht_sim.experiments.{slug.replace('-', '_')}"
    data = results._simulate_point(module, point, (ALL[slug].seed, 5), {})
    more = arrays_of(data["arrays.npz"])["relative_error"]
    assert more.shape[0] == 5
    np.testing.assert_array_equal(more[:REPEATS], few[0])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, r"gave the arrays \[\]; dims names \['mean'\]"),
        ({"mean": np.zeros((1, 2))}, r"gave 'mean' of shape \(1, 2\); its dims"),
        ({"mean": np.zeros(2)}, "gave 'mean' with 2 along 'repeat'; expected 1"),
        ({"mean": np.array([np.nan])}, "gave 'mean' with NaN or infinite values"),
    ],
)
def test_a_broken_simulation_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, arrays: dict[str, np.ndarray], message: str
) -> None:
    import mini.experiments.first_walk as module

    broken = dataclasses.replace(
        module.EXPERIMENT, simulate=lambda point, streams: arrays
    )
    monkeypatch.setattr(module, "EXPERIMENT", broken)
    with pytest.raises(Refused, match=message):
        results._simulate_point(module.__name__, {"steps": 10.0}, (1, 1), {})
