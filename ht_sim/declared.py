"""Refuses files that a simulation opens by itself: what it reads is handed to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ht_sim.problems import Refused

_SOURCES = (".py", ".pyc", ".so", ".pyd", ".dll", ".dylib")
_SYSTEM = tuple(
    f"{os.path.realpath(folder)}{os.sep}"
    for folder in (sys.prefix, sys.base_prefix, "/proc", "/sys", "/dev")
)
_watched: list[str] = []  # who is running; empty when nobody is


@contextmanager
def declared_reads_only(who: str) -> Iterator[None]:
    """Refuse, by name, any file opened meanwhile that is no part of a library.

    A result is kept under a key made of what it was handed; a file that it opens
    itself would not be in that key.
    """
    _install()
    _watched.append(who)
    try:
        yield
    finally:
        _watched.pop()


def _install() -> None:
    if not getattr(_audit, "installed", False):
        _audit.installed = True  # type: ignore[attr-defined]
        sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _watched or not isinstance(arguments[0], str | bytes):
        return
    path = os.path.realpath(os.fsdecode(arguments[0]))
    if not path.endswith(_SOURCES) and not path.startswith(_SYSTEM):
        what = f"{_watched[-1]} opens {path}, which is none of its inputs"
        raise Refused(f"{what}; name it in Experiment(inputs=…)")
