"""What an experiment is: a grid, a simulation of one grid point, facts.

One file an experiment, holding ``EXPERIMENT = Experiment(…)``. The first line of
its docstring is the claim in one sentence; set-up and sources follow.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from ht_sim.discovery import load_all
from ht_sim.estimates import Estimate

Point = Mapping[str, float]
Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Axis:
    """One axis of a grid: the name used in code, what readers see, the values."""

    name: str
    label: str
    unit: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Experiment:
    """A grid of simulations and the numbers that prose may quote from them.

    Parameters
    ----------
    grid : the axes; every combination of their values is one point
    dims : for each array that ``simulate`` returns, the names of its own axes
    repeats : independent repeats; all of them run inside one point
    seed : repeat r draws from SeedSequence([seed, r]) and nothing else
    simulate : (point, streams of each repeat, **inputs) -> arrays of fixed shape
    facts : (arrays of shape (*grid, *dims), and each grid axis by its name) -> facts
    inputs : name of an argument of ``simulate`` -> the file whose bytes it gets
    meets : keys of ``content/data/brief.toml`` that the experiment helps to meet
    """

    grid: tuple[Axis, ...]
    dims: Mapping[str, tuple[str, ...]]
    repeats: int
    seed: int
    simulate: Callable[..., Arrays]
    facts: Callable[[Arrays], Mapping[str, Estimate]]
    inputs: Mapping[str, str] = field(default_factory=dict)
    meets: tuple[str, ...] = ()

    def points(self) -> Iterator[dict[str, float]]:
        """Yield the grid points in C order, the last axis fastest."""
        names = [axis.name for axis in self.grid]
        for values in itertools.product(*(axis.values for axis in self.grid)):
            yield dict(zip(names, values, strict=True))


def discover(package: str = __name__) -> dict[str, Experiment]:
    """Return every experiment of the package by its slug, in order of the slugs."""
    return load_all(package, "EXPERIMENT", Experiment)
