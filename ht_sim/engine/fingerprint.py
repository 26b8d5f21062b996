"""The code that a function uses, as digests; comments and docstrings do not count."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


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
    home, name = function.__module__, function.__name__
    definitions = _definitions(home)
    used, modules = _reached(home, name, definitions)
    code = {f"{home}:{one}": _node_digest(definitions[one]) for one in used}
    code |= modules_code(modules, home.partition(".")[0])
    return dict(sorted(code.items()))


def modules_code(modules: set[str], package: str) -> dict[str, str]:
    """Return the digests of whole modules and all that they import of the package."""
    waiting, done = sorted(modules), dict[str, str]()
    while waiting:
        module = waiting.pop()
        if module in done or module.partition(".")[0] != package:
            continue
        done[module], imported = _whole(module)
        waiting += imported
    return dict(sorted(done.items()))


@cache
def _whole(module: str) -> tuple[str, tuple[str, ...]]:
    """Return the digest of a whole module, and the modules that it imports."""
    tree = _tree(module)
    return _node_digest(tree), tuple(sorted(_imported_modules(tree, module)))


def _reached(
    home: str, name: str, definitions: dict[str, ast.stmt]
) -> tuple[list[str], set[str]]:
    """Return the names of ``home`` that ``name`` reaches and the modules behind."""
    waiting, used, modules = [name], list[str](), set[str]()
    while waiting:
        one = waiting.pop()
        if one in used or one not in definitions:
            continue
        node = definitions[one]
        modules |= _imported_modules(node, home)
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        used.append(one)
        waiting += sorted({n.id for n in ast.walk(node) if isinstance(n, ast.Name)})
    return sorted(used), modules


@cache
def _tree(module: str) -> ast.Module:
    """Return a module's syntax tree without docstrings and annotations."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no source for the module {module}")
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    _strip(tree)
    return tree


@cache
def _definitions(module: str) -> dict[str, ast.stmt]:
    """Return the statements at the top of a module by the names they bind."""
    bound: dict[str, ast.stmt] = {}
    for node in _tree(module).body:
        for name in _bound_names(node):
            bound[name] = node
    return bound


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


def _imported_modules(tree: ast.AST, module: str) -> set[str]:
    """Return the modules of its own package that the imports inside a tree name.

    Others are not looked for: that would load them.
    """
    package, found = module.partition(".")[0], set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named = {alias.name for alias in node.names}
            found |= {one for one in named if one.partition(".")[0] == package}
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name(
                "." * node.level + (node.module or ""),
                _package_of(module) if node.level else None,
            )
            for alias in node.names if base.partition(".")[0] == package else []:
                inner = f"{base}.{alias.name}"
                found.add(inner if _is_module(inner) else base)
    return found


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


def _node_digest(node: ast.AST) -> str:
    return digest(ast.dump(node))


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
