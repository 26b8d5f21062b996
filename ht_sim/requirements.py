"""What ``pyproject.toml`` asks for, held against what is installed.

Written with the standard library alone: it runs where nothing is installed yet.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path


def requirements(root: Path, *, tests: bool = False) -> list[str]:
    """Return what the build needs, and the tests too, such as ``numpy>=2.4,<3``."""
    with (root / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    needed: list[str] = list(settings["project"]["dependencies"])
    if tests:
        needed += settings["dependency-groups"]["test"]
    return needed


def unmet(needed: Sequence[str], path: Sequence[str] | None = None) -> list[str]:
    """Return the requirements that no package on a path (``sys.path``) meets."""
    return [requirement for requirement in needed if not _is_met(requirement, path)]


def _is_met(requirement: str, path: Sequence[str] | None) -> bool:
    name, ranges = name_and_ranges(requirement)
    found = distributions(name=name, path=list(sys.path if path is None else path))
    known = (one.metadata for one in found)
    version = next((data["Version"] for data in known if "Version" in data), None)
    return version is not None and meets(version, ranges)


def name_and_ranges(requirement: str) -> tuple[str, str]:
    """Split ``numpy>=2.4,<3`` into its name and its ranges."""
    match = re.fullmatch(r"([\w.-]+?)\s*([<>=~!][^;]*)?", requirement)
    if match is None:
        raise ValueError(f"{requirement!r} is not a name and its versions")
    return match[1], match[2] or ""


def meets(version: str, ranges: str) -> bool:
    """Tell whether a version lies in all of some ranges, such as ``>=2.4.6,<3``.

    Knows ``>=``, ``<``, ``==`` and ``~=`` with plain numbers, which is all that
    ``pyproject.toml`` may use; raises ValueError for anything else. A pre-release
    comes before its release, and lies in no range that ends there.
    """
    return all(_meets(version, part.strip()) for part in ranges.split(",") if part)


def _meets(version: str, part: str) -> bool:
    match = re.fullmatch(r"(>=|<|==|~=)\s*(\d+(?:\.\d+)*)", part)
    if match is None:
        raise ValueError(f"{part!r} is not one of >=, <, ==, ~= with a version")
    sign, bound = match[1], match[2]
    have, is_final = _release(version)
    wanted, _ = _release(bound)
    if sign == "<":
        return have < wanted
    if sign == "==":
        return have == wanted and is_final
    if have < wanted or (have == wanted and not is_final):
        return False
    series = [int(number) for number in bound.split(".")[:-1]] if sign == "~=" else []
    padded = [*have, *(0 for _ in series)]
    return padded[: len(series)] == series


def _release(version: str) -> tuple[tuple[int, ...], bool]:
    """Return a version's numbers without closing zeros, and whether it is final."""
    match = re.match(r"v?(\d+(?:\.\d+)*)[._-]?(a|b|c|rc|alpha|beta|pre|dev)?", version)
    if match is None:
        return (), False
    numbers = [int(number) for number in match[1].split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers), match[2] is None
