"""What changed since a node was last built is told by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ht_sim.engine.history import History, changes, told

OLD = {
    "code": {"m:simulate": "a" * 32, "m.helper": "b" * 32},
    "point": {"p_drop": 0.1},
    "repeats": 8,
    "inputs": {"digits": "c" * 32},
    "states": [{"rate": 0.1}],
}


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.remember("simulate", {"a": OLD, "b": OLD})
    history.remember("simulate", {"c": OLD | {"repeats": None}})
    recalled = History(tmp_path).recall("simulate")
    assert recalled == {"a": OLD, "b": OLD, "c": OLD | {"repeats": None}}


def test_shared_entries_are_written_once(tmp_path: Path) -> None:
    code = {f"module{number}": "d" * 32 for number in range(50)}
    nodes = {str(number): {"code": code, "number": number} for number in range(1000)}
    History(tmp_path).remember("simulate", nodes)
    assert (tmp_path / "simulate.json").stat().st_size < 100_000


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": {"a": {"b": "c"}}}'])
def test_a_damaged_file_remembers_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "simulate.json").write_text(text)
    assert History(tmp_path).recall("simulate") == {}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({}, []),
        ({"repeats": 9}, ["repeats 8 -> 9"]),
        ({"point": {"p_drop": 0.2}}, ["point p_drop 0.1 -> 0.2"]),
        (
            {"code": {"m:simulate": "e" * 32, "m.other": "b" * 32}},
            [
                "code m.helper is gone",
                "code m.other is new",
                "code m:simulate changed",
            ],
        ),
        ({"inputs": {"digits": "d" * 32}}, ["inputs digits changed"]),
        ({"states": [{"rate": 0.2}]}, ["states changed"]),
        ({"seed": 1}, ["seed None -> 1"]),
    ],
)
def test_changes_are_named(new: dict[str, object], expected: list[str]) -> None:
    assert changes(OLD, OLD | new) == expected


def test_a_node_that_was_never_built_says_so() -> None:
    assert told("x", changes(None, OLD)) == "stale  x: never built here"
    assert told("x", changes(OLD, OLD)) == "fresh  x"
