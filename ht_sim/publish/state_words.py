"""A state in words: its name, its address, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from ht_sim.figures import Control, Exhibit, Rows, State


def name_of(exhibit: Exhibit, state: State) -> str:
    """Name a state by all its controls: "drop rate 0.30, pass 3, no norm"."""
    return ", ".join(_named(control, state) for control in exhibit.controls)


def address_of(exhibit: Exhibit, state: State) -> str:
    """Return what an address says of a state behind "#slug:": "rate=0.30&pass=3"."""
    return urlencode({one.name: _text(one, state) for one in exhibit.controls})


def columns(exhibit: Exhibit, rows: Sequence[Rows]) -> list[list[str]]:
    """Return what changes in an exhibit's table: a list a cell, with a text a state.

    First the names of the states, then the values row by row; empty without a table.
    ``rows`` are the table at each state.
    """
    if not rows:
        return []
    states = exhibit.states()
    values = zip(*([value for _, value in some] for some in rows), strict=True)
    return [[name_of(exhibit, state) for state in states], *map(list, values)]


def _named(control: Control, state: State) -> str:
    """Return what a control shows: a number after its name, other words alone."""
    names = {"slider": control.label, "button": control.name}
    text = _text(control, state)
    is_word = text[:1].isalpha()
    return text if is_word else f"{names.get(control.kind, '')} {text}".lstrip()


def _text(control: Control, state: State) -> str:
    return control.texts[control.values.index(state[control.name])]
