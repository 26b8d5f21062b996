"""The code that a function uses, as digests; comments and docstrings do not count.

What keys need of a source is its outline: a function of the text alone, so that one
may be kept by the digest of the text.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Statement(NamedTuple):
    """What keys need of a statement at the top of a module, or of a whole module.

    ``code`` is the digest of what runs, empty for an import; ``names`` stand in a
    statement; ``imports`` are those inside it, each as (dots, module, name), without
    a name for an ``import``.
    """

    code: str
    names: list[str]
    imports: list[tuple[int, str, str]]


Outline = dict[str, Statement]  # by the names bound at the top; by "" the whole module
outlines: dict[str, Outline] = {}  # what is known, by the digest of the source
used: set[str] = set()  # the digests of the sources that were asked for


def digest(data: bytes | str) -> str:
    """Return the 32-digit BLAKE2b digest of bytes or text."""
    raw = data.encode() if isinstance(data, str) else data
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


@cache
def code_of(function: Callable[..., Any]) -> dict[str, str]:
    """Return what a module-level function depends on, each with its digest.

    The function and the names of its own module that it reaches count one by one,
    as "module:name". Each project module that those names come from counts whole,
    and so do the project modules which that one imports, as "module".
    """
    home = function.__module__
    statements, modules = _reached(home, function.__name__)
    code = {f"{home}:{name}": one.code for name, one in statements.items()}
    code |= modules_code(modules)
    return dict(sorted(code.items()))


def modules_code(modules: Iterable[str]) -> dict[str, str]:
    """Return the digests of whole modules and all that they import of the project."""
    waiting, done = sorted(modules), dict[str, str]()
    while waiting:
        module = waiting.pop()
        if module not in done:
            whole = _outline(module)[""]
            done[module] = whole.code
            waiting += sorted(_modules(whole, module))
    return dict(sorted(done.items()))


def _reached(home: str, name: str) -> tuple[dict[str, Statement], set[str]]:
    """Return the statements of ``home`` that a name reaches, and the modules behind."""
    outline, waiting = _outline(home), [name]
    found, modules = dict[str, Statement](), set[str]()
    while waiting:
        one = waiting.pop()
        if one in found or one not in outline:
            continue
        found[one] = outline[one]
        modules |= _modules(outline[one], home)
        waiting += outline[one].names
    return {name: one for name, one in found.items() if one.code}, modules


def _modules(statement: Statement, home: str) -> set[str]:
    """Return the modules that a statement of ``home`` imports of the project.

    That is its own package and this one. Others are not looked for: that would load
    them.
    """
    packages, found = {one.partition(".")[0] for one in (home, __name__)}, set[str]()
    for dots, module, name in statement.imports:
        here = _package_of(home) if dots else None
        base = importlib.util.resolve_name("." * dots + module, here)
        if base.partition(".")[0] in packages:
            inner = f"{base}.{name}"
            found.add(inner if name and _is_module(inner) else base)
    return found


@cache
def _package_of(module: str) -> str:
    spec = importlib.util.find_spec(module)
    if spec is not None and spec.submodule_search_locations is not None:
        return module
    return module.rpartition(".")[0]


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@cache
def _outline(module: str) -> Outline:
    """Return the outline of a module as its source stands now."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no source for the module {module}")
    text = Path(spec.origin).read_text(encoding="utf-8")
    source = digest(f"{_maker()} {text}")
    used.add(source)
    if source not in outlines:
        outlines[source] = outline_of(text)
    return outlines[source]


@cache
def _maker() -> str:
    """Return a digest of what makes outlines: this file, under this Python."""
    return digest(f"{sys.version} {Path(__file__).read_text(encoding='utf-8')}")


def outline_of(text: str) -> Outline:
    """Return the outline of a source."""
    tree = ast.parse(text)
    _strip(tree)
    outline = {"": Statement(digest(ast.dump(tree)), [], _imports(tree))}
    for node in tree.body:
        if names := list(_bound_names(node)):
            outline |= dict.fromkeys(names, _statement(node))
    return outline


def _statement(node: ast.stmt) -> Statement:
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    imported = isinstance(node, ast.Import | ast.ImportFrom)
    code = "" if imported else digest(ast.dump(node))
    return Statement(code, sorted(names), _imports(node))


def _imports(tree: ast.AST) -> list[tuple[int, str, str]]:
    """Return all that is imported inside a tree, as its statements have it."""
    found: set[tuple[int, str, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(0, alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found |= {(node.level, module, alias.name) for alias in node.names}
    return sorted(found)


def _bound_names(node: ast.stmt) -> Iterator[str]:
    """Give the names that a statement binds; those of comprehensions stay inside."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
    else:
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.stmt):
                yield from _bound_names(part)


def _strip(node: ast.AST, inside: bool = False) -> None:
    """Take out of the statements in a node what does not run.

    That is docstrings and the annotations of functions, of their arguments, and of
    names ``inside`` a function; those of modules and classes run.
    """
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        node.returns, inside = None, True
        for part in ast.walk(node.args):
            if isinstance(part, ast.arg):
                part.annotation = None
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            setattr(node, name, [_stripped(one, inside) for one in block])
    if (
        isinstance(node, _DOCUMENTED)
        and ast.get_docstring(node, clean=False) is not None
    ):
        node.body = node.body[1:] or [ast.Pass()]


def _stripped(node: ast.AST, inside: bool) -> ast.AST:
    if isinstance(node, ast.AnnAssign) and inside:
        if node.value is None:
            return ast.Pass()
        return ast.Assign(targets=[node.target], value=node.value)
    _strip(node, inside)
    return node
