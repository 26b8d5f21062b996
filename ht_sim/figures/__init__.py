"""What an exhibit is: the figure a reader meets, its controls and its words.

One file an exhibit, holding ``EXHIBIT = Exhibit(…)``. A figure draws the arrays of
the experiments it names and knows no page.
"""

from __future__ import annotations

import itertools
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ht_sim.discovery import load_all
from ht_sim.experiments import Arrays, quick_faults
from ht_sim.problems import did_you_mean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Results = Mapping[str, Arrays]
State = Mapping[str, float]
Rows = Sequence[tuple[str, str]]  # what a number is, and the number with its unit
KINDS = ("slider", "choice", "button", "toggle")
_MOST_FRAMES = 60  # a GIF has no slider: past a quarter of a minute nobody looks


@dataclass(frozen=True)
class Control:
    """One control of an exhibit and the values it steps through.

    ``kind`` is "slider", "choice" (among a few names, all seen), "button" (steps on,
    and round) or "toggle" (off and on); ``texts`` is what the read-out shows for each
    value. Those of a choice stand without its label, which is only heard, so each says
    by itself what it is. ``quick`` are those values that a quick build keeps; where it
    is empty, all. A control that walks a grid axis keeps no value that the axis does
    not.
    """

    name: str
    kind: str
    label: str
    unit: str
    values: tuple[float, ...]
    texts: tuple[str, ...]
    quick: tuple[float, ...] = ()

    def faults(self) -> Iterator[str]:
        """Give what is wrong with the control, a sentence each."""
        if self.kind not in KINDS:
            near = did_you_mean(self.kind, KINDS)
            yield f"unknown kind {self.kind!r} of {self.name!r}{near}"
        if len(self.texts) != len(self.values):
            counts = f"{len(self.values)} values and {len(self.texts)} texts"
            yield f"the control {self.name!r} has {counts}"
        if self.kind == "toggle" and len(self.values) != 2:
            yield f"the toggle {self.name!r} has {len(self.values)} values, not two"
        elif self.kind == "toggle" and self.quick:
            yield f"quick of {self.name!r}: a toggle keeps its two values"
        yield from quick_faults(self.name, self.quick, self.values)


def slider(
    name: str,
    label: str,
    values: Sequence[float],
    shape: str,
    quick: tuple[float, ...] = (),
) -> Control:
    """Return a slider whose read-out writes each value in a shape of ``format``."""
    exact = tuple(map(float, values))
    texts = tuple(format(value, shape) for value in exact)
    return Control(name, "slider", label, "", exact, texts, quick)


def choice(
    name: str,
    label: str,
    values: Iterable[float],
    texts: tuple[str, ...],
    quick: tuple[float, ...] = (),
) -> Control:
    """Return a choice among values by their names."""
    return Control(name, "choice", label, "", tuple(map(float, values)), texts, quick)


def button(name: str, label: str, count: int, quick: tuple[float, ...] = ()) -> Control:
    """Return a button that steps through 1 … ``count``."""
    values = tuple(map(float, range(1, count + 1)))
    texts = tuple(str(number) for number in range(1, count + 1))
    return Control(name, "button", label, "", values, texts, quick)


@dataclass(frozen=True)
class Sweep:
    """A GIF along one control, from the exhibit's default state."""

    control: str
    milliseconds: int


@dataclass(frozen=True)
class Step:
    """One step of a guide: a sentence, in the Markdown of the pages, and its state."""

    text: str
    state: State


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
    steps : a guide through some states, after which the controls are the reader's
    shares : names of controls that other figures of a page may share: where one is
        moved, each takes the value of its own that is nearest
    numbers : (results, state) -> rows for a table, in every state of the same names
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
    steps: tuple[Step, ...] = ()
    shares: tuple[str, ...] = ()
    numbers: Callable[[Results, State], Rows] | None = None
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

    def in_quick(self, state: State) -> bool:
        """Say whether a quick build keeps a state."""
        quick = {one.name: one.quick or one.values for one in self.controls}
        return all(value in quick[name] for name, value in state.items())

    def faults(self, experiments: Collection[str]) -> Iterator[tuple[str, str]]:
        """Give what is wrong with the exhibit: the argument, and a sentence."""
        if loose := dict(self._loose()):
            yield from loose.items()
            return
        for slug in self.experiments:
            if slug not in experiments:
                near = did_you_mean(slug, experiments)
                yield "experiments", f"unknown experiment {slug!r}{near}"
        for control in self.controls:
            yield from (("controls", fault) for fault in control.faults())
        yield from self._state_faults()
        if not self.printed:
            yield "printed", "no state for paper; expected one or more"
        yield from self._name_faults()

    def _loose(self) -> Iterator[tuple[str, str]]:
        """Give each argument that lacks the comma of a tuple of one."""
        texts = {"experiments": self.experiments, "shares": self.shares}
        for argument, value in texts.items():
            if isinstance(value, str):
                yield argument, "a text; expected a tuple of them, with a comma"
        single = {"controls": self.controls, "printed": self.printed}
        for argument, given in {**single, "steps": self.steps}.items():
            if not isinstance(given, tuple | list):
                what = argument.removesuffix("s") if argument != "printed" else "state"
                yield argument, f"one {what}; expected a tuple of them, with a comma"

    def _name_faults(self) -> Iterator[tuple[str, str]]:
        """Give the names of controls that no control has."""
        names = [one.name for one in self.controls]
        named = [("shares", name) for name in self.shares]
        named += [("sweep", self.sweep.control)] if self.sweep else []
        for argument, name in named:
            if name not in names:
                near = did_you_mean(name, names)
                yield argument, f"no control is called {name!r}{near}"

    def _state_faults(self) -> Iterator[tuple[str, str]]:
        """Give what is wrong with the default state, printed ones and steps."""
        wrong = False
        states: list[tuple[str, State]] = [("default", self.default)]
        states += [("printed", state) for state in self.printed]
        states += [("steps", step.state) for step in self.steps]
        for argument, state in states:
            if dict(state) not in self.states():
                values = {one.name: list(one.values) for one in self.controls}
                what = f"{dict(state)} is no state; the controls have {values}"
                yield argument, what
                wrong = True
        if wrong:
            return
        if not self.in_quick(self.default):
            yield "default", f"{dict(self.default)} is no state of a quick build"
        if self.printed and not any(map(self.in_quick, self.printed)):
            yield "printed", "no state for paper is one of a quick build"
        if (frames := len(self.sweep_states())) > _MOST_FRAMES:
            yield "sweep", f"a GIF of {frames} frames; expected {_MOST_FRAMES} at most"


def discover(package: str = __name__) -> dict[str, Exhibit]:
    """Return every exhibit of the package by its slug, in order of the slugs."""
    return load_all(package, "EXHIBIT", Exhibit)
