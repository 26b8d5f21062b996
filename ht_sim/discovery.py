"""Finds the one value that each module of a package holds, and places in its source."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import traceback
from pathlib import Path
from typing import TypeVar

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


def load_all(package: str, name: str, kind: type[_Kind]) -> dict[str, _Kind]:
    """Return the value called ``name`` of each module of a package, by slug.

    Raises BuildFailed, with every module that cannot be imported or has no such value.
    """
    found: dict[str, _Kind] = {}
    problems: list[Problem] = []
    path = importlib.import_module(package).__path__
    for info in sorted(pkgutil.iter_modules(path), key=lambda info: info.name):
        full = f"{package}.{info.name}"
        try:
            value = getattr(importlib.import_module(full), name, None)
        except Exception as error:
            problems.append(_not_imported(full, error))
            continue
        if isinstance(value, kind):
            found[slug_of(full)] = value
        else:
            expected = f"{name} = {kind.__name__}(…)"
            problems.append(Problem(file_of(full), 1, 1, f"no {name} here", expected))
    if problems:
        raise BuildFailed(problems)
    return found


def place_of(module: str, name: str, keyword: str) -> tuple[int, int]:
    """Return where ``name = …(keyword=value)`` has its value: line and column, from 1.

    (1, 1) where there is none.
    """
    spec = importlib.util.find_spec(module)
    text = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    for node in ast.parse(text).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
        ):
            for one in node.value.keywords:
                if one.arg == keyword:
                    return one.value.lineno, one.value.col_offset + 1
            return node.lineno, node.col_offset + 1
    return 1, 1


def _not_imported(module: str, error: Exception) -> Problem:
    """Say why a module cannot be imported, at its own last line that was reached."""
    file = file_of(module)
    what = f"cannot import this: {type(error).__name__}: {error}"
    if isinstance(error, SyntaxError) and error.lineno:
        return Problem(file, error.lineno, error.offset or 1, f"{error.msg}")
    lines = [
        frame.lineno or 1
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).as_posix().endswith(file)
    ]
    return Problem(file, lines[-1] if lines else 1, 1, what)
