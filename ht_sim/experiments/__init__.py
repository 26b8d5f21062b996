"""What an experiment is: a grid, a simulation of one grid point, facts.

One file an experiment, holding ``EXPERIMENT = Experiment(…)``. The first line of
its docstring is the claim in one sentence; set-up and sources follow.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ht_sim.discovery import load_all
from ht_sim.estimates import Estimate

Point = Mapping[str, float]
Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Axis:
    """One axis of a grid: the name used in code, what readers see, the values.

    ``quick`` are those values that a quick build keeps; where it is empty, all. The
    values that ``facts`` asks for must be among them.
    """

    name: str
    label: str
    unit: str
    values: tuple[float, ...]
    quick: tuple[float, ...] = ()

    def faults(self) -> Iterator[str]:
        """Give what is wrong with the axis, a sentence each."""
        if not isinstance(self.values, tuple | list):
            expected = "a tuple of numbers, with a comma"
            yield f"the values of {self.name!r} are no tuple; expected {expected}"
            return
        if not all(isinstance(one, int | float | np.number) for one in self.values):
            yield f"the axis {self.name!r} has a value that is no number"
            return
        if not self.values:
            yield f"the axis {self.name!r} has no values; expected one or more"
        twice = {one for one in self.values if self.values.count(one) > 1}
        for value in sorted(twice):
            yield f"the axis {self.name!r} has the value {value:g} twice"
        if not all(map(math.isfinite, self.values)):
            yield f"the axis {self.name!r} has a value that is no number"
        yield from quick_faults(self.name, self.quick, self.values)


def quick_faults(name: str, quick: object, values: Sequence[float]) -> Iterator[str]:
    """Give what is wrong with the values that a quick build keeps, a sentence each."""
    if not isinstance(quick, tuple | list):
        yield f"quick of {name!r} is no tuple; expected a tuple, with a comma"
    elif list(quick) != [one for one in values if one in quick]:
        expected = f"some of {list(values)}, in their order"
        yield f"quick of {name!r} is {list(quick)}; expected {expected}"


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

    def faults(self) -> Iterator[tuple[str, str]]:
        """Give what is wrong with the experiment: the argument, and a sentence."""
        if not isinstance(self.grid, tuple | list):
            yield "grid", "one axis; expected a tuple of them, with a comma"
            return
        names = [axis.name for axis in self.grid]
        for axis in self.grid:
            yield from (("grid", fault) for fault in axis.faults())
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield "grid", f"the axis {name!r} stands twice"
        for name, dims in self.dims.items():
            if name in names:
                yield "dims", f"the array {name!r} has the name of an axis of the grid"
            if isinstance(dims, str):
                expected = "a tuple of names, with a comma"
                yield "dims", f"{name!r} has a text; expected {expected}"
                continue
            for dim in dims:
                if dim in names:
                    what = f"{dim!r} of the array {name!r} is an axis of the grid"
                    yield "dims", f"{what}, which comes by itself"
        for argument, least in (("repeats", 1), ("seed", 0)):
            value = getattr(self, argument)
            if not isinstance(value, int) or value < least:
                yield argument, f"{value!r}; expected a whole number from {least}"


def discover(package: str = __name__) -> dict[str, Experiment]:
    """Return every experiment of the package by its slug, in order of the slugs."""
    return load_all(package, "EXPERIMENT", Experiment)
