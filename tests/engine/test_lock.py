"""A lock that one process holds at a time, and no dead one."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ht_sim.engine.lock import alone

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from ht_sim.engine.lock import alone
with alone(Path(sys.argv[1]), lambda: print("waits", flush=True)):
    print("holds", time.monotonic(), flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process, which holds the lock until it is told to let go."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def said(self) -> str:
        """Return the next line that it says."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def took_it(self) -> float:
        """Return when it took the lock, which is the next thing that it says."""
        word, _, moment = self.said().partition(" ")
        assert word == "holds"
        return float(moment)

    def end(self) -> None:
        """Let it end, unless it has."""
        self.process.communicate(timeout=10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "build.lock"


@pytest.fixture
def holder(path: Path) -> Iterator[Holder]:
    one = Holder(path)
    yield one
    one.end()


def test_a_free_lock_is_taken_at_once(path: Path) -> None:
    for _ in range(2):
        with alone(path, pytest.fail):
            assert path.read_bytes() == b""


def test_the_second_says_so_once_and_waits(path: Path, holder: Holder) -> None:
    holder.took_it()
    second = Holder(path)
    assert second.said() == "waits"
    time.sleep(0.2)
    released = time.monotonic()
    holder.end()
    assert second.took_it() > released
    second.end()
    assert second.process.returncode == 0


def test_a_killed_holder_releases(path: Path, holder: Holder) -> None:
    holder.took_it()
    holder.process.kill()
    holder.process.wait()
    with alone(path, pytest.fail):
        pass


def test_an_exception_releases(path: Path, holder: Holder) -> None:
    holder.took_it()
    holder.end()
    with pytest.raises(ValueError, match="inside"), alone(path):
        raise ValueError("inside")
    other = Holder(path)
    other.took_it()
    other.end()


def test_an_interrupt_ends_the_wait(path: Path, holder: Holder) -> None:
    holder.took_it()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), alone(path, interrupt):
        pytest.fail("holds what another holds")


def test_a_folder_that_cannot_be_made_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), alone(tmp_path / "file" / "lock"):
        pytest.fail("holds what is not there")
