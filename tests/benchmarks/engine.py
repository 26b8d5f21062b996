# ruff: noqa: T201
"""What the engine adds to each point, at many points that do almost nothing.

    python tests/benchmarks/engine.py [POINTS]

Everything that a build does with a point is in it: key, look-up, batch, store, report.
The peers do the calls alone: a loop, and ``ProcessPoolExecutor.map`` with and
without chunks. Nothing asserts these numbers; they are for people.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ht_sim.engine.executors import Pool, executor  # noqa: E402
from ht_sim.engine.jobs import Job, run  # noqa: E402
from ht_sim.engine.store import Store  # noqa: E402

WORKERS = 2
CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


def point(number: int) -> Callable[[], dict[str, bytes]]:
    """Return a call that gives a small bundle, and runs where nothing is installed."""
    return partial(dict, text=b"%d," % number * 200)


def called(call: Callable[[], object]) -> object:
    """Call, in any process."""
    return call()


def measure(what: str, points: int, call: Callable[[], object]) -> None:
    """Print the milliseconds that a call takes, for each point."""
    started = time.perf_counter()
    call()
    seconds = time.perf_counter() - started
    print(f"{what:<44} {seconds / points * 1000:7.4f} ms a point")


def jobs(points: int) -> list[Job]:
    """Return a job a point."""
    return [Job(f"bench[{n}]", {"point": n}, [point(n)]) for n in range(points)]


def measure_pool(name: str, points: int, pool: Pool) -> None:
    """Run all in an empty store, again with the durations known, and once more."""
    with tempfile.TemporaryDirectory() as folder, pool:
        run(jobs(WORKERS), Store(Path(folder) / "warm"), pool, lambda *_: None)
        store = Store(Path(folder) / "store")
        for what in ("first run", "all known"):
            call = partial(run, jobs(points), store, pool, lambda *_: None)
            measure(f"{name}, {what}", points, call)
        call = partial(call, force=lambda name: True)
        measure(f"{name}, forced, durations known", points, call)


def measure_map(points: int) -> None:
    """Run the calls alone through the plain executor."""
    context = multiprocessing.get_context("spawn")
    calls = [point(n) for n in range(points)]
    with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        list(pool.map(called, calls[:WORKERS]))
        for size in (1, 64):
            measure(
                f"peer: ProcessPoolExecutor.map, chunksize {size}",
                points,
                lambda size=size: list(pool.map(called, calls, chunksize=size)),
            )


def measure_store(points: int) -> None:
    """Keep and find bundles, which no engine could leave out."""
    with tempfile.TemporaryDirectory() as folder:
        store, keys = Store(Path(folder)), [f"{n:032x}" for n in range(points)]
        measure(
            "store: keep",
            points,
            lambda: [store.keep(key, point(n)(), 0) for n, key in enumerate(keys)],
        )
        measure("store: find", points, lambda: [store.find(key) for key in keys])


def main(points: int) -> None:
    """Print everything."""
    print(f"{points} points, {WORKERS} workers")
    measure("peer: a loop", points, lambda: [point(n)() for n in range(points)])
    measure_map(points)
    measure_store(points)
    measure_pool("in process", points, executor(1))
    measure_pool("processes", points, executor(WORKERS))
    if find_spec("distributed") is None:
        return
    with subprocess.Popen(
        [sys.executable, "-c", CLUSTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as cluster:
        assert cluster.stdout is not None
        address = cluster.stdout.readline().strip()
        measure_pool("Dask", points, executor(1, address))
        cluster.communicate()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
