"""A running Dask cluster as a pool: the sources go there once, data with each call."""

from __future__ import annotations

import importlib.util
import io
import pickle
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ht_sim.engine.executors import Pool
from ht_sim.engine.fingerprint import digest
from ht_sim.problems import Refused

_BESIDE = "templates/static/fonts"  # what ht_sim reads from the folder it lies in
_ALIKE = ("numpy", "matplotlib", "pillow", "imageio")  # what the bytes depend on
_ADDRESS = re.compile(r"\w+://.+:\d+")
_SECONDS = 3  # to wait for the scheduler
_LOGGERS = ("asyncio", "distributed", "distributed.client", "tornado.application")
_SET_UP = "holding-it-together"


class Cluster(Pool):
    """The workers of a running Dask scheduler, each with one thread.

    Each of them, and each that joins later, gets the sources of the packages as a zip
    and unpacks them into its own folder, where they take the place of those of the
    build before: a cluster serves one build at a time. Workers must have the Python and
    the packages that outcomes depend on in the versions that this process has.
    """

    def __init__(self, scheduler: str, packages: Sequence[str]) -> None:
        self._client = _client(scheduler)
        try:
            if not self._client.nthreads():
                raise Refused(f"the Dask scheduler at {scheduler} has no workers")
            self._client.register_plugin(_set_up(packages), name=_SET_UP)
            self._executor = self._client.get_executor(pure=False)
        except RuntimeError as unfit:
            self._client.close()
            raise Refused(str(unfit)) from None
        except BaseException:
            self._client.close()
            raise
        from distributed.scheduler import KilledWorker

        self.lost = (KilledWorker,)
        self.workers = len(self._client.nthreads())
        self.takers = 2 * self.workers

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Send a call to a worker; the scheduler sees but bytes.

        Raises Refused when the scheduler is gone.
        """
        self._check_connected()
        call = pickle.dumps((fn, args, kwargs))
        return self._executor.submit(_by_value(), call)

    def restart(self) -> None:
        """Do nothing: the cluster starts its workers anew itself."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, and what it runs if told not to wait."""
        if self._client.status == "running":
            self._executor.shutdown(wait and not cancel_futures)
        self._client.close()

    def check(self) -> None:
        """Raise Refused when the scheduler is gone, or its last worker."""
        self._check_connected()
        try:
            workers = self._client.nthreads()
        except OSError:
            raise _gone("scheduler") from None
        if not workers:
            raise _gone("last worker")

    def _check_connected(self) -> None:
        """Raise Refused when the scheduler is gone.

        A client that connects anew has dropped all that it had sent.
        """
        if self._client.status != "running":
            raise _gone("scheduler")


def _gone(what: str) -> Refused:
    return Refused(f"the {what} of the Dask cluster is gone; what was done is kept")


def zipped(packages: Sequence[str]) -> bytes:
    """Return the sources of packages as a zip, the same for the same sources."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, path in sorted(_sources(packages)):
            file.writestr(zipfile.ZipInfo(name), path.read_bytes())
    return buffer.getvalue()


def _sources(packages: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Give each file of packages with its name in the zip, and what lies beside."""
    for package in dict.fromkeys(packages):
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"no package {package}")
        root = Path(spec.submodule_search_locations[0]).parent
        for folder in (root / package, root / _BESIDE):
            for path in folder.rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    yield path.relative_to(root).as_posix(), path


def _client(scheduler: str) -> Any:
    """Return a client of a scheduler that answers."""
    try:
        import dask

        # Read when distributed is loaded: the build itself tells what goes wrong.
        dask.config.set({"logging": dict.fromkeys(_LOGGERS, "critical")})
        from distributed import Client
    except ImportError:
        raise Refused(
            "a Dask cluster needs the package distributed; install it with "
            "python -m pip install distributed, in the environment of the build"
        ) from None
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
    if not _ADDRESS.fullmatch(scheduler):
        raise Refused(f"expected an address tcp://host:port; have {scheduler!r}")
    make: Callable[..., Any] = Client
    try:
        return make(scheduler, timeout=_SECONDS, set_as_default=False)
    except OSError:
        raise Refused(f"no Dask scheduler answers at {scheduler}") from None


# What follows runs where ht_sim cannot be imported yet. Functions and classes made
# inside a function travel whole, so they import all that they use themselves.


def _by_value() -> Callable[[bytes], Any]:
    def call(data: bytes) -> Any:
        import pickle

        function, args, kwargs = pickle.loads(data)
        return function(*args, **kwargs)

    return call


def _set_up(packages: Sequence[str]) -> Any:
    """Return what a worker does first: unpack the sources, and import from there.

    A worker whose outcomes may differ refuses, by a RuntimeError.
    """
    from distributed import WorkerPlugin

    sources, mine = zipped(packages), set(packages)
    folder = f"sources-{digest(sources)}"
    versions = {name: version(name) for name in _ALIKE}
    python = sys.version_info[:2]

    class Sources(WorkerPlugin):
        path = ""

        def setup(self, worker: Any) -> None:
            import io
            import sys
            import zipfile
            from pathlib import Path

            self.refuse(worker.address, worker.state.nthreads)
            self.path = str(Path(worker.local_directory) / folder)
            with zipfile.ZipFile(io.BytesIO(sources)) as file:
                file.extractall(self.path)
            sys.path.insert(0, self.path)
            self.forget()

        def refuse(self, address: str, threads: int) -> None:
            import sys
            from importlib.metadata import PackageNotFoundError, version

            who = f"the Dask worker {address}"
            if threads > 1:
                how = "figures need --nthreads 1"
                raise RuntimeError(f"{who} runs {threads} threads; {how}")
            if sys.version_info[:2] != python:
                have = ".".join(map(str, sys.version_info[:2]))
                expected = ".".join(map(str, python))
                raise RuntimeError(f"{who} has Python {have}; expected {expected}")
            for name, expected in versions.items():
                try:
                    have = f"{name} {version(name)}"
                except PackageNotFoundError:
                    have = f"no {name}"
                if have != f"{name} {expected}":
                    raise RuntimeError(f"{who} has {have}; expected {expected}")

        def teardown(self, worker: Any) -> None:
            import sys

            if self.path in sys.path:
                sys.path.remove(self.path)
            self.forget()

        def forget(self) -> None:
            import importlib
            import sys

            importlib.invalidate_caches()
            for name in [n for n in sys.modules if n.partition(".")[0] in mine]:
                del sys.modules[name]

    return Sources()
