"""What an exhibit is: the figure a reader meets, its controls and its words.

One file an exhibit, holding ``EXHIBIT = Exhibit(…)``. A figure draws the arrays of
the experiments it names and knows no page.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from ht_sim.experiments import Arrays, modules_of, slug_of

Results = Mapping[str, Arrays]
State = Mapping[str, float]


@dataclass(frozen=True)
class Control:
    """One control of an exhibit and the values it steps through.

    ``kind`` is "slider", "button" (steps on, and round) or "toggle" (two values);
    ``texts`` is what the read-out shows for each value.
    """

    name: str
    kind: str
    label: str
    unit: str
    values: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Sweep:
    """A GIF along one control, from the exhibit's default state."""

    control: str
    milliseconds: int


@dataclass(frozen=True)
class Exhibit:
    """A figure over a grid of states.

    Parameters
    ----------
    experiments : slugs of the experiments whose arrays are drawn
    controls : the axes of the grid of states, in C order; may be empty
    default : the state shown untouched; it must make the figure's point
    printed : the states that stand on paper and where scripts are off
    draw : (results, state) -> a matplotlib figure, never through pyplot
    finding, shown : the sentence that opens the caption, and the inequality on
        facts under which it is true
    caption : the rest of the caption, in the Markdown of the pages
    alt : (results, state) -> what the picture shows, for those who don't see it
    spoken : (results, state) -> the finding at this state, in one sentence
    sweep : the control along which a GIF runs, if any
    meets : keys of ``content/data/brief.toml`` that the exhibit helps to meet
    """

    experiments: tuple[str, ...]
    controls: tuple[Control, ...]
    default: State
    printed: tuple[State, ...]
    draw: Callable[[Results, State], Figure]
    finding: str
    shown: str
    caption: str
    alt: Callable[[Results, State], str]
    spoken: Callable[[Results, State], str]
    sweep: Sweep | None = None
    meets: tuple[str, ...] = ()

    def states(self) -> list[dict[str, float]]:
        """Return all states in C order, the last control fastest."""
        names = [control.name for control in self.controls]
        grids = itertools.product(*(control.values for control in self.controls))
        return [dict(zip(names, values, strict=True)) for values in grids]

    def number_of(self, state: State) -> int:
        """Return the place of a state in ``states()``; KeyError if it has none."""
        for number, candidate in enumerate(self.states()):
            if candidate == dict(state):
                return number
        raise KeyError(f"{dict(state)} is no state of this exhibit")

    def sweep_states(self) -> list[dict[str, float]]:
        """Return the states of the GIF, in order; empty without a sweep."""
        if self.sweep is None:
            return []
        return [
            state
            for state in self.states()
            if all(
                state[name] == value
                for name, value in self.default.items()
                if name != self.sweep.control
            )
        ]


def discover(package: str = __name__) -> dict[str, Exhibit]:
    """Return every exhibit of the package by its slug, in order of the slugs."""
    found: dict[str, Exhibit] = {}
    for name in modules_of(package):
        module = importlib.import_module(f"{package}.{name}")
        exhibit = getattr(module, "EXHIBIT", None)
        if not isinstance(exhibit, Exhibit):
            raise TypeError(f"{module.__file__}: no EXHIBIT = Exhibit(…) in this file")
        found[slug_of(name)] = exhibit
    return found
