"""Finds the one value that each module of a package holds, and places in its source."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ht_sim.problems import BuildFailed, Problem

_Kind = TypeVar("_Kind")


def slug_of(module: str) -> str:
    """Return the slug of a module: the same word with hyphens."""
    return module.rpartition(".")[2].replace("_", "-")


def module_of(slug: str) -> str:
    """Return the module name of a slug: the same word with underscores."""
    return slug.replace("-", "_")


def file_of(module: str) -> str:
    """Return a module's file as messages name it."""
    return f"{module.replace('.', '/')}.py"


class NotLoaded(BuildFailed):
    """Some modules of a package are broken; ``found`` has the values of the others.

    ``broken`` has the slugs of those that cannot be imported or have no such value.
    """

    def __init__(
        self,
        problems: Iterable[Problem],
        found: Mapping[str, Any],
        broken: Collection[str],
    ) -> None:
        super().__init__(problems)
        self.found, self.broken = dict(found), frozenset(broken)


def load_all(package: str, name: str, kind: type[_Kind]) -> dict[str, _Kind]:
    """Return the value called ``name`` of each module of a package, by slug.

    A module whose name begins with an underscore holds what others share, and no
    value. Raises NotLoaded, with every module that cannot be imported, has no such
    value, or has the slug of another.
    """
    found: dict[str, _Kind] = {}
    files: dict[str, str] = {}
    problems: list[Problem] = []
    path = importlib.import_module(package).__path__
    for info in sorted(pkgutil.iter_modules(path), key=lambda info: info.name):
        if info.name.startswith("_"):
            continue
        full = f"{package}.{info.name}"
        slug, file = slug_of(full), file_of(full)
        if files.setdefault(slug, file) != file:
            what, expected = f"the slug {slug!r} stands twice", "another file name"
            problems.append(Problem(file, 1, 1, what, expected, files[slug]))
            continue
        try:
            value = getattr(importlib.import_module(full), name, None)
        except Exception as error:
            problems.append(_not_imported(full, error))
            continue
        if isinstance(value, kind):
            found[slug] = value
        else:
            expected = f"{name} = {kind.__name__}(…)"
            problems.append(Problem(file, 1, 1, f"no {name} here", expected))
    if problems:
        raise NotLoaded(problems, found, files.keys() - found.keys())
    return found


def place_of(module: str, name: str, keyword: str) -> tuple[int, int]:
    """Return where ``name = …(keyword=value)`` has its value: line and column, from 1.

    (1, 1) where there is none.
    """
    spec = importlib.util.find_spec(module)
    text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    for node in ast.parse(text).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if (
            isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.Call)
            and any(isinstance(t, ast.Name) and t.id == name for t in targets)
        ):
            for one in node.value.keywords:
                if one.arg == keyword:
                    return one.value.lineno, one.value.col_offset + 1
            return node.lineno, node.col_offset + 1
    return 1, 1


def problem_in(
    function: Callable[..., object], what: str, expected: str = "", have: str = ""
) -> Problem:
    """Return a problem at the line where a function of a project is defined."""
    function = inspect.unwrap(function)
    line = function.__code__.co_firstlineno if inspect.isfunction(function) else 1
    return Problem(file_of(function.__module__), line, 1, what, expected, have)


def problem_raised(
    function: Callable[..., object], error: Exception, when: str = ""
) -> Problem:
    """Return a problem at the last line of the project that a raising call reached."""
    top = function.__module__.partition(".")[0]
    frames = [
        (one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)
    ]
    file, line = _last_of(top, frames) or (file_of(function.__module__), 1)
    said = f"{type(error).__name__}: {error}"
    return Problem(file, line, 1, f"{function.__name__}() raises {said}{when}")


def _last_of(
    top: str, frames: Sequence[tuple[str, int | None]]
) -> tuple[str, int] | None:
    """Return the file and line of the last frame within a top package."""
    folder = Path(next(iter(importlib.import_module(top).__path__))).resolve().parent
    for name, line in reversed(frames):
        path = Path(name).resolve()
        if path.is_relative_to(folder / top):
            return path.relative_to(folder).as_posix(), line or 1
    return None


def _not_imported(module: str, error: Exception) -> Problem:
    """Say why a module cannot be imported, at the last line of the project it reached.

    That may be a line of a module that this one imports.
    """
    top = module.partition(".")[0]
    frames = [
        (one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)
    ]
    what, column = f"cannot import this: {type(error).__name__}: {error}", 1
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        what, column = error.msg, max(error.offset or 1, 1)
        frames.append((error.filename, error.lineno))
    file, line = _last_of(top, frames) or (file_of(module), 1)
    return Problem(file, line, column, what)
