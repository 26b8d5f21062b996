"""The set-up: finds or makes a Python that has all packages, and runs in it.

The running Python is used as it is where it has the packages that ``pyproject.toml``
names, in versions that it allows. Elsewhere ``.venv`` is made from a lock file.
Nothing outside the checkout changes, but for pip's own cache. Written with the
standard library alone: it runs where nothing is installed yet.
"""

from __future__ import annotations

import hashlib
import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType

from ht_sim import chromium
from ht_sim.engine.executors import ONE_THREAD
from ht_sim.engine.lock import alone as holding
from ht_sim.requirements import requirements, unmet

INTERRUPTED = 130
_BUILD_LOCK = "requirements.lock"
_TEST_LOCK = "requirements-test.lock"
PARENT = "HT_BUILD_PARENT"
_STAMP = "holding-it-together.lock-hash"
_PIP_INSTALL = (
    "-m pip install --quiet --no-input --disable-pip-version-check --require-hashes -r"
)


class SetUpFailed(Exception):
    """What could not be prepared and what to do about it, in one line."""


def say(message: str, end: str = "\n") -> None:
    """Tell the user something, beside the output."""
    print(f"build.py: {message}", end=end, file=sys.stderr, flush=True)


def run_prepared(root: Path, command: str, arguments: Sequence[str]) -> int:
    """Run a command of ``build.py`` in a prepared Python; return its exit code."""
    full = [interpreter(root), str(root / "build.py"), command, *arguments]
    return _run(full, environment(root) | {PARENT: str(os.getpid())})


def run_tests(root: Path, arguments: Sequence[str]) -> int:
    """Run pytest in a prepared Python, in the checkout; return its exit code."""
    python = interpreter(root, tests=True)
    settings = environment(root)
    browser = chromium.find()
    if browser is None:
        say("no Chromium is installed: downloading one into .venv, for 5 min at most")
        folder = {"PLAYWRIGHT_BROWSERS_PATH": str(root / ".venv" / "browsers")}
        browser = chromium.download(python, settings | folder)
    if browser is not None:
        settings["HT_CHROMIUM"] = browser
    elif chromium.must_be_there():
        raise SetUpFailed(chromium.MISSING)
    else:
        say(f"BROWSER TESTS WILL BE SKIPPED: {chromium.MISSING}")
    return _run([python, "-m", "pytest", *arguments], settings, root)


def interpreter(root: Path, *, tests: bool = False) -> str:
    """Return a Python that has the packages of the build, or of the tests too.

    Makes or mends ``.venv`` where the running Python lacks any. Raises SetUpFailed.
    """
    if not unmet(requirements(root, tests=tests)):
        return sys.executable
    lock = root / (_TEST_LOCK if tests else _BUILD_LOCK)
    try:
        if not is_whole(root, tests=tests):
            say(f"setting up .venv with the packages of {lock.name}: ", end="")
            started = time.monotonic()
            try:
                _make(root, lock, tests=tests)
            finally:
                print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    except OSError as error:
        raise SetUpFailed(f"cannot set up {root / '.venv'}: {error}") from error
    return str(_python_of(root))


def environment(root: Path) -> dict[str, str]:
    """Return the environment: one thread a process, matplotlib's files in .cache."""
    matplotlib = root / ".cache" / "matplotlib"
    matplotlib.mkdir(parents=True, exist_ok=True)
    ours = ONE_THREAD | {"MPLCONFIGDIR": str(matplotlib)}
    return os.environ | ours


def end_with_parent() -> None:
    """Make this process end soon after the one that started it for a build.

    It may be killed, and then says nothing. Does nothing on Windows, where a process
    keeps the number of a parent that is gone.
    """
    parent = os.environ.pop(PARENT, None)
    if parent is not None and os.name == "posix":
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.3)
    os._exit(1)  # the workers see that, and end too


def end_workers_on_interrupt() -> None:
    """Make Ctrl-C and termination end this process's workers, then itself."""

    def end(number: int, frame: FrameType | None) -> None:
        for worker in multiprocessing.active_children():
            worker.kill()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


def is_whole(root: Path, *, tests: bool = False) -> bool:
    """Tell whether .venv was finished, from today's lock, and nothing has gone since.

    The environment of the tests does for the build too.
    """
    locks = [_TEST_LOCK] if tests else [_BUILD_LOCK, _TEST_LOCK]
    try:
        stamp = (root / ".venv" / _STAMP).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False
    base = {"base": str(root / ".venv"), "platbase": str(root / ".venv")}
    packages = [sysconfig.get_path(kind, vars=base) for kind in ("purelib", "platlib")]
    return (
        stamp in [_stamp_for(root / lock) for lock in locks]
        and _python_of(root).exists()
        and not unmet(requirements(root, tests=tests), packages)
    )


def _stamp_for(lock: Path) -> bytes:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return f"{digest} Python {sys.version_info[0]}.{sys.version_info[1]}\n".encode()


def _python_of(root: Path) -> Path:
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _make(root: Path, lock: Path, *, tests: bool) -> None:
    """Make .venv, or add the tests' tools to a whole one; the stamp comes last."""
    made = _stamp_for(lock)
    with alone(root):
        if is_whole(root, tests=tests):
            return
        grows = is_whole(root)
        stamp = root / ".venv" / _STAMP
        stamp.unlink(missing_ok=True)
        if not grows:
            _make_empty(root)
        _run_quietly(
            [str(_python_of(root)), *_PIP_INSTALL.split(), str(lock)],
            root,
            "pip could not install the packages; check the network connection and the "
            "free space, then run this again",
        )
        stamp.write_bytes(made)


def alone(root: Path) -> AbstractContextManager[None]:
    """Wait until nobody else sets the checkout up, and keep others waiting."""
    return holding(root / ".cache" / "set-up.lock")


def _make_empty(root: Path) -> None:
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise SetUpFailed(
            f"the Python at {sys.executable} cannot make environments; install its "
            "venv module (Debian, Ubuntu: apt-get install python3-venv), then run this "
            "again"
        )
    # The running Python may be the one of the .venv that is cleared; its base is not.
    python = getattr(sys, "_base_executable", sys.executable)
    command = [python, "-m", "venv", "--clear", str(root / ".venv")]
    _run_quietly(command, root, "cannot make .venv")


def _run_quietly(command: Sequence[str], root: Path, failure: str) -> None:
    """Run a command; where it fails, keep what it said and raise its first error."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        log = root / ".cache" / "set-up.log"
        log.write_text(done.stdout, encoding="utf-8")
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR:")] or lines[-1:]
        reason = errors[0][:200] if errors else f"exit code {done.returncode}"
        raise SetUpFailed(f"{failure} ({reason}; the rest: {log})")


def _run(
    command: Sequence[str], settings: Mapping[str, str], folder: Path | None = None
) -> int:
    """Run a command, which ends when this process is interrupted or terminated."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    process = subprocess.Popen(command, env=settings, cwd=folder)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        _end(process)
        raise
    return code if code >= 0 else 128 - code


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let a process end by itself, as Ctrl-C tells it to; then insist."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for insist, seconds in ((process.terminate, 0.7), (process.kill, 0.5)):
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            insist()
    process.wait()
