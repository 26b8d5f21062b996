"""What an exhibit says at each of its states: in words, and in the rows of a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ht_sim.declared import declared_reads_only
from ht_sim.discovery import file_of, module_of, problem_in, problem_raised
from ht_sim.engine.fingerprint import modules_code
from ht_sim.engine.store import Store
from ht_sim.figures import Exhibit, Results, Rows
from ht_sim.problems import BuildFailed, Problem
from ht_sim.project import Project
from ht_sim.results import Result, versions

_FILE = "said.json"
_TABLE = "rows of a name and a value, with the same names in every state"


@dataclass(frozen=True)
class Said:
    """The alt text, the sentence and the table of each state, in their order.

    ``numbers`` is empty where an exhibit has no table.
    """

    alt: Sequence[str]
    spoken: Sequence[str]
    numbers: Sequence[Rows]


def said(
    project: Project,
    slug: str,
    exhibit: Exhibit,
    results: Mapping[str, Result],
    store: Store,
) -> Said:
    """Return what an exhibit says, made once for the same code and arrays, and kept.

    Raises BuildFailed with the first state at which a function gives no words.
    """
    module = f"{project.figures}.{module_of(slug)}"
    depends = {
        "said": modules_code({module, __name__}),
        "results": {name: results[name].digest for name in exhibit.experiments},
        "states": exhibit.states(),
        "versions": versions("numpy"),
    }

    def make() -> dict[str, bytes]:
        arrays = {name: results[name].arrays for name in exhibit.experiments}
        with declared_reads_only(f"{file_of(module)}: what is said"):
            return {_FILE: json.dumps(_said(exhibit, arrays)).encode()}

    return Said(**json.loads(store.once(depends, make)[_FILE]))


def _said(exhibit: Exhibit, arrays: Results) -> dict[str, list[Any]]:
    """Return the fields of ``Said``; BuildFailed where words are missing."""
    found: dict[str, list[Any]] = {}
    problems: list[Problem] = []
    for name in ("alt", "spoken", "numbers"):
        function, found[name] = getattr(exhibit, name), []
        for one in _given(function, exhibit, arrays) if function else ():
            (problems if isinstance(one, Problem) else found[name]).append(one)
    if problems:
        raise BuildFailed(problems)
    return found


def _given(
    function: Callable[..., Any], exhibit: Exhibit, arrays: Results
) -> Iterator[Any]:
    """Give what a function says at each state, up to the first where that is wrong."""
    is_table = function is exhibit.numbers
    is_whole = _table_check() if is_table else _is_sentence
    for state in exhibit.states():
        values = [f"{name} {value:g}" for name, value in state.items()]
        when = f" at {', '.join(values)}" if values else ""
        try:
            words = function(arrays, state)
        except Exception as error:
            yield problem_raised(function, error, when)
            return
        if not is_whole(words):
            what = f"{function.__name__}() gives {words!r}{when}"
            expected = _TABLE if is_table else "a sentence"
            yield problem_in(function, what, expected)
            return
        yield words


def _is_sentence(words: object) -> bool:
    return isinstance(words, str) and bool(words.strip())


def _table_check() -> Callable[[object], bool]:
    """Return what says whether rows are whole, and named as the first that it sees."""
    names: list[str] = []

    def is_whole(rows: object) -> bool:
        if not isinstance(rows, list | tuple) or not rows:
            return False
        pairs = [one if isinstance(one, list | tuple) else () for one in rows]
        if not all(len(one) == 2 and all(map(_is_sentence, one)) for one in pairs):
            return False
        names[:] = names or [name for name, _ in pairs]
        return [name for name, _ in pairs] == names

    return is_whole
