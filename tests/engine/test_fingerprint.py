"""A key changes with the code that is used, and with nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "__init__.py": "",
    "helper.py": '"""Doc."""\nfrom package.deep import constant\n\n'
    "def double(x):\n    return 2 * x + constant\n",
    "deep.py": "constant = 1\n",
    "unused.py": "value = 3\n",
    "experiment.py": '"""An experiment."""\n'
    "from package.helper import double\n"
    "from package.unused import value\n\n"
    "SCALE = 2.0\nOTHER = 5.0\nTABLE = [x for x in (1, OTHER)]\n\n"
    'def simulate(x):\n    """Simulate."""\n    return inner(x) * SCALE\n\n'
    "def inner(x):\n    y: value = double(x)  # a comment\n    return y\n\n"
    "def facts(x):\n    return OTHER + value\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, str]]:
    """Give a function that writes the package with edits and fingerprints it."""

    @cache
    def code(**edits: tuple[str, str]) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("project") / "package"
        folder.mkdir()
        for name, text in FILES.items():
            old, new = edits.get(name.removesuffix(".py"), ("", ""))
            assert old in text
            (folder / name).write_text(text.replace(old, new) if old else text)
        script = (
            "import json, package.experiment as e;"
            "from ht_sim.engine.fingerprint import code_of;"
            "print(json.dumps(code_of(e.simulate)))"
        )
        path = os.pathsep.join([str(folder.parent), str(ROOT)])
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    return code


def changed(old: dict[str, str], new: dict[str, str]) -> set[str]:
    """Return the entries that differ between two fingerprints."""
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def test_what_counts_is_the_function_its_names_and_the_modules_behind(project) -> None:
    assert set(project()) == {
        "package.experiment:SCALE",
        "package.experiment:inner",
        "package.experiment:simulate",
        "package.helper",
        "package.deep",
    }


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("experiment", "  # a comment", "  # another one"),
        ("experiment", '"""Simulate."""', '"""Simulate it."""'),
        ("experiment", "def simulate(x):", "def simulate(x: float) -> float:"),
        ("experiment", "y: value =", "y: OTHER ="),
        ("experiment", "OTHER = 5.0", "OTHER = 6.0"),
        ("experiment", "(1, OTHER)", "(2, OTHER)"),
        ("experiment", "return OTHER + value", "return 0"),
        ("helper", '"""Doc."""', '"""Another doc."""'),
        ("unused", "value = 3", "value = 4"),
    ],
)
def test_words_and_code_that_is_not_reached_change_nothing(
    project, file: str, old: str, new: str
) -> None:
    assert project() == project(**{file: (old, new)})


@pytest.mark.parametrize(
    ("file", "old", "new", "entry"),
    [
        ("experiment", "SCALE = 2.0", "SCALE = 3.0", "package.experiment:SCALE"),
        (
            "experiment",
            "= double(x)",
            "= -double(x)",
            "package.experiment:inner",
        ),
        ("helper", "2 * x", "3 * x", "package.helper"),
        ("deep", "constant = 1", "constant = 2", "package.deep"),
    ],
)
def test_a_change_of_reached_code_is_named(
    project, file: str, old: str, new: str, entry: str
) -> None:
    assert changed(project(), project(**{file: (old, new)})) == {entry}
