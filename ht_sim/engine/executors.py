"""Where work runs: in this process, in spawned ones, or on a running Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from abc import abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ht_sim.problems import Refused

if TYPE_CHECKING:  # loaded when a process is to start
    from concurrent.futures import ProcessPoolExecutor

ONE_THREAD = {
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}
_MOST_WORKERS = 61  # Windows refuses more


class Pool(Executor):
    """An executor that can start anew after one of its workers was killed.

    ``workers`` is how many calls run at once, ``takers`` how many it should be given,
    so that no worker waits; ``lost`` has the errors of a future whose worker was
    killed.
    """

    workers: int = 1
    takers: int = 1
    lost: tuple[type[BaseException], ...] = ()

    @abstractmethod
    def restart(self) -> None:
        """Make the pool as it was at its beginning; it must have nothing to do."""

    def check(self) -> None:
        """Raise Refused when what the pool was given cannot come to an end."""


class InProcess(Pool):
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

    def restart(self) -> None:
        """Do nothing: there is no worker to lose."""


class Processes(Pool):
    """Spawned processes with one BLAS thread each, which end when this one does.

    They start when there is something to do.
    """

    lost = (BrokenExecutor,)

    def __init__(self, workers: int) -> None:
        self.workers = min(workers, _MOST_WORKERS)
        self.takers = 2 * self.workers

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Send a call to the first worker that is free."""
        return self._pool.submit(fn, *args, **kwargs)

    def restart(self) -> None:
        """Start new processes; Refused if none comes up."""
        self.shutdown()
        try:
            self._pool.submit(os.getpid).result()
        except BrokenExecutor:
            raise Refused(
                "no worker process can be started; --jobs 1 does without"
            ) from None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, after what they are doing."""
        if "_pool" in vars(self):
            self._pool.shutdown(wait, cancel_futures=cancel_futures)
            del self._pool

    @cached_property
    def _pool(self) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor

        return ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare,
            initargs=(list(sys.path),),
        )


def executor(
    jobs: int, scheduler: str | None = None, packages: Sequence[str] = ("ht_sim",)
) -> Pool:
    """Return where to run: 1 job means this process, more mean so many processes.

    Parameters
    ----------
    jobs : how many calls run at once
    scheduler : the address of a Dask scheduler, ``tcp://host:port``; its cluster runs
        the calls then, as many at once as it has workers
    packages : what the calls import of the project; a cluster gets their sources

    Raises Refused when there is no such cluster, or none that can be used.
    """
    if scheduler is not None:
        from ht_sim.engine.cluster import Cluster

        return Cluster(scheduler, packages)
    if jobs == 1:
        return InProcess()
    os.environ.update(ONE_THREAD)
    return Processes(jobs)


def _prepare(path: list[str]) -> None:
    """Import from where the build does, leave Ctrl-C to it, and end when it ends."""
    sys.path[:] = path
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import connection

    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
