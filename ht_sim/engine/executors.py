"""Where work runs: in this process, or in spawned ones with one BLAS thread each."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

ONE_THREAD = {
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
_MOST_WORKERS = 61  # Windows refuses more


class SerialExecutor(Executor):
    """Runs each call at once, in this process."""

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Return a future that is already done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def executor(jobs: int) -> Executor:
    """Return an executor with so many workers; 1 means this process."""
    if jobs == 1:
        return SerialExecutor()
    os.environ.update(ONE_THREAD)
    return ProcessPoolExecutor(
        min(jobs, _MOST_WORKERS),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(list(sys.path),),
    )


def _prepare(path: list[str]) -> None:
    """Import from where the build does, leave Ctrl-C to it, and end when it ends."""
    sys.path[:] = path
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
