"""Each exhibit as files: the explorable, its stills, its PNG and its GIF."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from ht_sim import colours, look, style
from ht_sim.arrays import arrays_of, npz
from ht_sim.discovery import file_of, module_of, place_of, problem_in, slug_of
from ht_sim.engine.fingerprint import code_of, digest
from ht_sim.engine.jobs import Job
from ht_sim.engine.store import Kept, Store
from ht_sim.experiments import Arrays
from ht_sim.figures import Exhibit, State
from ht_sim.problems import Problem, Refused
from ht_sim.project import Project
from ht_sim.publish import explorable
from ht_sim.publish.animation import gif
from ht_sim.results import Result, versions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STATES_IN_A_PART = 20
_PNG_SCALE = 2


def figure_jobs(
    project: Project, exhibits: Mapping[str, Exhibit], results: Mapping[str, Result]
) -> list[Job]:
    """Return the job of each exhibit, whose outcome is its files.

    They are ``base.svg`` and ``changes.json`` (the explorable), ``default.svg`` and
    ``default.png``, ``light-0.svg``, ``dark-0.svg`` … (the printed states), and
    ``sweep.gif`` where the exhibit has a sweep.
    """
    return [
        _job(project, slug, one, {name: results[name] for name in one.experiments})
        for slug, one in exhibits.items()
    ]


def _job(
    project: Project, slug: str, exhibit: Exhibit, results: Mapping[str, Result]
) -> Job:
    module = f"{project.figures}.{module_of(slug)}"
    states = exhibit.states()
    default = [dict(exhibit.default)]
    work: list[tuple[str, Sequence[State]]] = [
        ("text", states[start : start + _STATES_IN_A_PART])
        for start in range(0, len(states), _STATES_IN_A_PART)
    ]
    work += [("paths", [*default, *exhibit.printed]), ("png", default)]
    work += [("rgb", exhibit.sweep_states())]
    depends = {
        "code": code_of(exhibit.draw) | code_of(_draw) | code_of(_join) | _typefaces(),
        "results": {name: result.digest for name, result in results.items()},
        "states": states,
        "default": default,
        "printed": [dict(state) for state in exhibit.printed],
        "sweep": exhibit.sweep and [exhibit.sweep.control, exhibit.sweep.milliseconds],
        "versions": versions("numpy", "matplotlib", "imageio", "pillow"),
    }
    files = _Files(results)
    parts = [partial(_draw, module, files, kind, list(some)) for kind, some in work]
    kinds = [kind for kind, _ in work]
    join = partial(
        _join,
        module,
        kinds,
        states,
        exhibit.number_of(exhibit.default),
        exhibit.sweep.milliseconds if exhibit.sweep else 0,
    )
    return Job(slug, depends, parts, join)


class _Files(Mapping[str, bytes]):
    """The arrays of results as npz files, made when something is to be drawn."""

    def __init__(self, results: Mapping[str, Result]) -> None:
        self._results = results

    @cached_property
    def _made(self) -> dict[str, bytes]:
        return {name: npz(result.arrays) for name, result in self._results.items()}

    def __getitem__(self, name: str) -> bytes:
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __reduce__(self) -> tuple[type, tuple[dict[str, bytes]]]:
        """Travel to another process as what was made."""
        return dict, (self._made,)


@cache
def _typefaces() -> dict[str, str]:
    """Return the digest of each typeface that figures are drawn with."""
    return {path.name: digest(path.read_bytes()) for path in style.FONTS.glob("*.ttf")}


def _draw(
    module: str, arrays: Mapping[str, bytes], kind: str, states: Sequence[State]
) -> list[Any]:
    """Draw some states in any process, each as text SVG, path SVG, PNG or pixels."""
    exhibit: Exhibit = importlib.import_module(module).EXHIBIT
    results: dict[str, Arrays] = {
        name: arrays_of(data) for name, data in arrays.items()
    }
    writers: dict[str, Callable[[Figure], Any]] = {
        "text": look.svg,
        "paths": look.svg_paths,
        "png": partial(look.png, scale=_PNG_SCALE),
        "rgb": partial(look.rgb, scale=1),
    }
    with look.style():
        drawn = [writers[kind](_figure(exhibit, results, state)) for state in states]
    if "matplotlib.pyplot" in sys.modules:
        what = "draw() uses pyplot"
        raise Refused(str(problem_in(exhibit.draw, what, "ht_sim.look")))
    return drawn


def _figure(exhibit: Exhibit, results: Mapping[str, Arrays], state: State) -> Figure:
    from matplotlib.figure import Figure

    figure = exhibit.draw(results, state)
    if not isinstance(figure, Figure):
        what = f"draw() gives {figure!r}"
        raise Refused(str(problem_in(exhibit.draw, what, "a matplotlib Figure")))
    return figure


def _join(
    module: str,
    kinds: Sequence[str],
    states: Sequence[State],
    default: int,
    milliseconds: int,
    outcomes: Sequence[list[Any]],
) -> dict[str, bytes]:
    """Make the files of one exhibit from all that was drawn of it."""
    drawn: dict[str, list[Any]] = {}
    for kind, some in zip(kinds, outcomes, strict=True):
        drawn.setdefault(kind, []).extend(some)
    try:
        files = _pictures(slug_of(module), default, drawn)
    except ValueError as error:
        raise Refused(_not_drawn(module, states, str(error))) from None
    if drawn["rgb"]:
        try:
            files["sweep.gif"] = gif(drawn["rgb"], milliseconds=milliseconds)
        except ValueError as error:
            place = place_of(module, "EXHIBIT", "sweep")
            raise Refused(str(Problem(file_of(module), *place, str(error)))) from None
    return files


def _not_drawn(module: str, states: Sequence[State], said: str) -> str:
    """Say what a drawing holds that it must not, as its author would call it."""
    exhibit: Exhibit = importlib.import_module(module).EXHIBIT
    _, _, what = said.partition(": ")
    state = re.search(r", state (\d+)$", said.partition(": ")[0])
    values = states[int(state[1])] if state else {}
    when = ", ".join(f"{name} {value:g}" for name, value in values.items())
    what = re.sub(r"var\(--heat-(\d)\)", r"look.HEAT[\1]", what)
    what = re.sub(
        r"var\(--([\w-]+)\)",
        lambda found: f"look.{found[1].upper().replace('-', '_')}",
        what,
    )
    at = f" at {when}" if when else ""
    return str(problem_in(exhibit.draw, f"draw(){at}: {what}"))


def _pictures(
    slug: str, default: int, drawn: Mapping[str, list[Any]]
) -> dict[str, bytes]:
    moving = explorable.encode(
        drawn["text"], slug=slug, default=default, tokens=colours.NAMES
    )
    first, *printed = drawn["paths"]
    files = {
        "base.svg": moving.base.encode(),
        "changes.json": moving.changes.encode(),
        "default.svg": explorable.still(first, slug=slug, colours={}).encode(),
        "default.png": drawn["png"][0],
    }
    for place, frame in enumerate(printed):
        for theme, swap in (("light", {}), ("dark", colours.DARK)):
            text = explorable.still(frame, slug=f"{slug}-{place}", colours=swap)
            files[f"{theme}-{place}.svg"] = text.encode()
    return files


def widths(drawn: Mapping[str, Kept], store: Store) -> dict[str, int]:
    """Return the native width of each figure in CSS pixels."""
    return {
        slug: size(store.read(kept, "default.svg"))[0] for slug, kept in drawn.items()
    }


def size(svg: bytes) -> tuple[int, int]:
    """Return the width and height of an SVG in CSS pixels."""
    found = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if found is None:
        raise ValueError("an SVG without a viewBox")
    return round(float(found[1])), round(float(found[2]))
