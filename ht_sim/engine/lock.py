"""One process at a time: a lock that the operating system takes from a dead holder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def alone(path: Path, waits: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hold the lock of a file; where another process does, wait until it ends.

    Parameters
    ----------
    path : the file of the lock, made where it is missing; it stays, and holds nothing
    waits : called once, before a wait
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        if not _take(file, wait=False):
            waits()
            while not _take(file, wait=True):
                pass
        yield


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[str], *, wait: bool) -> bool:
        """Take the lock and say whether it was free, soon or within ten seconds."""
        file.seek(0)
        with suppress(OSError):
            msvcrt.locking(
                file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1
            )
            return True
        return False

else:
    import fcntl

    def _take(file: IO[str], *, wait: bool) -> bool:
        """Take the lock and say whether it was free, now or at last."""
        with suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            return True
        return False
