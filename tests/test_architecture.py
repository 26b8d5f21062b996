"""Imports run one way: layers, networks, experiments, figures, publish."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# What each part of the package may import of it. What is not named may be imported
# by nobody but the stages.
ALLOWED = {
    "problems": set[str](),
    "arrays": set[str](),
    "discovery": {"problems"},
    "declared": {"problems"},
    "verifying": {"problems"},
    "work": {"command_line", "engine", "explaining", "progress", "project"},
    "explaining": {"engine", "figures", "problems", "project", "publish", "results"},
    "project": set[str](),
    "streams": set[str](),
    "numerals": set[str](),
    "estimates": set[str](),
    "theory": set[str](),
    "data": set[str](),
    "colours": set[str](),
    "style": {"colours"},
    "look": {"colours", "style"},
    "requirements": set[str](),
    "chromium": set[str](),
    "progress": set[str](),
    "engine": {"problems"},
    "layers": set[str](),
    "norms": {"layers"},
    "parameters": set[str](),
    "networks": {"layers", "norms", "parameters"},
    "optimisers": set[str](),
    "training": {
        *("layers", "networks", "norms", "optimisers", "parameters", "streams"),
    },
    "fast_training": {"optimisers", "parameters", "streams", "training"},
    "experiments": {
        *("layers", "norms", "networks", "parameters", "optimisers"),
        *("training", "fast_training"),
        *("data", "streams"),
        *("theory", "estimates", "discovery", "arrays"),
    },
    "quick": {"experiments", "figures"},
    "results": {
        "arrays",
        "declared",
        "problems",
        "discovery",
        "experiments",
        "engine",
        "streams",
        "estimates",
        "project",
    },
    "figures": {
        *("experiments", "look", "theory", "estimates", "discovery", "problems"),
        *("numerals", "arrays"),
    },
    "publish": {
        *("figures", "experiments", "results", "engine", "look", "estimates"),
        *("problems", "project", "discovery", "arrays", "colours", "style"),
        *("numerals", "declared"),
    },
    "serving": {"provision"},
    "provision": {"requirements", "chromium", "engine"},
    "command_line": {"publish.output"},
}
THIRD_PARTY = {
    part: {"numpy"} for part in ("layers", "theory", "norms", "parameters", "networks")
}
ANYTHING = {"stages", "__init__"}


def imports(path: Path) -> list[tuple[int, str]]:
    """Return the modules that a file imports, with their lines."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(node.lineno, name) for name in names]
    return found


def backward(path: Path, package: Path) -> list[str]:
    """Return the imports of one file that run against the flow."""
    part = path.relative_to(package).with_suffix("").parts[0]
    if part in ANYTHING:
        return []
    if part not in ALLOWED:
        return [f"{path.name}: {part} has no place in the flow yet"]
    wrong = []
    for line, name in imports(path):
        top, _, rest = name.partition(".")
        if top == package.name:
            known = any(
                rest == one or rest.startswith(f"{one}.")
                for one in ALLOWED[part] | {part}
            )
            wrong += [] if known else [f"{path.name}:{line}: {part} imports {name}"]
        elif part in THIRD_PARTY and top in {"numpy", "matplotlib", "rich", "jinja2"}:
            known = top in THIRD_PARTY[part]
            wrong += [] if known else [f"{path.name}:{line}: {part} imports {name}"]
    return wrong


def test_no_import_runs_backwards() -> None:
    package = ROOT / "ht_sim"
    assert [
        line
        for path in sorted(package.rglob("*.py"))
        for line in backward(path, package)
    ] == []


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("layers/dense.py", "from ht_sim.training import train"),
        ("layers/dense.py", "import matplotlib"),
        ("experiments/one.py", "from ht_sim.figures import Exhibit"),
        ("figures/one.py", "import ht_sim.publish.prose"),
        ("engine/store.py", "from ht_sim import results"),
        ("novel.py", ""),
    ],
)
def test_a_backward_arrow_is_found(tmp_path: Path, file: str, code: str) -> None:
    path = tmp_path / "ht_sim" / file
    path.parent.mkdir(parents=True)
    path.write_text(code)
    assert backward(path, tmp_path / "ht_sim") != []


def test_experiments_and_figures_hold_one_thing_a_file() -> None:
    for folder, name in (("experiments", "EXPERIMENT"), ("figures", "EXHIBIT")):
        for path in (ROOT / "ht_sim" / folder).glob("[!_]*.py"):
            assert f"\n{name} = " in path.read_text(encoding="utf-8"), path
