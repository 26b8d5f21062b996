"""The same outcomes in this process, in others and on a cluster."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from multiprocessing import spawn
from pathlib import Path
from typing import Any

import pytest

from ht_sim.engine.cluster import zipped
from ht_sim.engine.executors import ONE_THREAD, InProcess, Processes, executor
from ht_sim.problems import Refused

ROOT = Path(__file__).resolve().parents[2]
CLUSTERS = """
import sys
import dask
from distributed import LocalCluster

if __name__ == "__main__":
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    common = dict(dashboard_address=None, host="127.0.0.1", protocol="tcp")
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **common) as good,
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False, **common)
        as threads,
        LocalCluster(n_workers=0, processes=False, **common) as empty,
    ):
        for cluster in (good, threads, empty):
            print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""
BUILD = """
import json, os, sys, tempfile
from functools import partial
from pathlib import Path
from ht_sim import experiments, figures
from ht_sim.engine.executors import executor
from ht_sim.engine.jobs import Job, JobsFailed, run
from ht_sim.engine.store import Store
from ht_sim.project import Project
from ht_sim.publish.drawn import figure_jobs
from tests.simulations import simulate_all


def quiet(*what):
    pass


def built(pool):
    project = Project(Path(sys.argv[1]), "mini")
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        found = experiments.discover(project.experiments)
        results = simulate_all(project, found, store, pool)
        exhibits = figures.discover(project.figures)
        drawn = run(figure_jobs(project, exhibits, results), store, pool, quiet)
    return {
        "results": {name: one.digest for name, one in results.items()},
        "files": {name: dict(one.files) for name, one in drawn.items()},
    }


def deadly(pool):
    jobs = [Job(f"a[{n}]", {"n": n}, [partial(dict, text=b"1")]) for n in range(9)]
    jobs.insert(3, Job("deadly", {}, [partial(os._exit, 1)]))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        try:
            run(jobs, store, pool, quiet)
        except JobsFailed as failed:
            whole = sum(store.find(job.key) is not None for job in jobs)
            return [list(failed.failures), whole]


if __name__ == "__main__":
    told = {}
    for where in sys.argv[3:]:
        address = sys.argv[2] if where in {"cluster", "deadly"} else None
        jobs = 2 if where == "processes" else 1
        with executor(jobs, address, ("ht_sim", "mini")) as pool:
            told[where] = deadly(pool) if where == "deadly" else built(pool)
            if where == "cluster":
                file = "__import__('ht_sim').__file__"
                told["file"] = pool.submit(eval, file).result()
    print(json.dumps(told))
"""
CONNECT = """
import sys
from ht_sim.engine.executors import executor
from ht_sim.problems import Refused
try:
    executor(1, sys.argv[1])
except Refused as refused:
    print(refused)
"""
Told = dict[str, Any]


def here() -> dict[str, str | None]:
    """Return what a worker has for the names that hold BLAS to one thread."""
    return {name: os.environ.get(name) for name in ONE_THREAD}


def test_one_job_is_this_process_and_more_are_others() -> None:
    with executor(1) as pool:
        assert isinstance(pool, InProcess)
        assert pool.submit(os.getpid).result() == os.getpid()
    with executor(2) as pool:
        assert isinstance(pool, Processes)
        assert pool.submit(os.getpid).result() != os.getpid()
        assert pool.submit(here).result() == ONE_THREAD


def test_a_pool_that_cannot_start_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with Processes(1) as pool:
        monkeypatch.setattr(spawn, "_python_exe", os.fsencode(shutil.which("true")))
        with pytest.raises(Refused, match="no worker process can be started"):
            pool.restart()


def test_the_zip_has_the_sources_and_the_fonts_and_no_date() -> None:
    data = zipped(["ht_sim", "mini", "ht_sim"])
    assert data == zipped(["mini", "ht_sim"])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = file.namelist()
        assert {one.date_time[0] for one in file.infolist()} == {1980}
        source = (ROOT / "tests/mini/mini/shared.py").read_bytes()
        assert file.read("mini/shared.py") == source
    assert {"ht_sim/engine/jobs.py", "ht_sim/look.py"} <= set(names)
    assert "templates/static/fonts/SourceSans3-Regular.ttf" in names
    assert [name for name in names if "__pycache__" in name] == []


def test_a_missing_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Refused, match="pip install distributed") as refused:
        executor(1, "tcp://127.0.0.1:8786")
    assert "\n" not in str(refused.value)


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Three clusters that know nothing of the project: good, with threads, empty."""
    pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("clusters")
    (folder / "clusters.py").write_text(CLUSTERS)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    with subprocess.Popen(
        [sys.executable, "-P", "clusters.py"],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield [process.stdout.readline().strip() for _ in range(3)]
        process.communicate()


@pytest.fixture(scope="module")
def build(
    clusters: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Told]:
    """Simulate and draw a copy of the miniature project in executors of some kinds."""
    root = tmp_path_factory.mktemp("build") / "mini"
    ignore = shutil.ignore_patterns("__pycache__", "out", ".cache")
    shutil.copytree(ROOT / "tests" / "mini", root, ignore=ignore)
    script = root.parent / "build.py"
    script.write_text(BUILD)

    def build(*kinds: str, scaled: str = "2.0 * value") -> Told:
        shared = root / "mini" / "shared.py"
        shared.write_text(shared.read_text().replace("2.0 * value", scaled))
        return json.loads(python(script, root, clusters[0], *kinds, path=root))

    return build


def python(*arguments: str | Path, path: Path = ROOT) -> str:
    """Run Python with the project on its path; return what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_executor_gives_the_same_bytes_and_clusters_outlive_workers(
    build: Callable[..., Told],
) -> None:
    told = build("process", "processes", "cluster")
    assert len(told["process"]["files"]["walk"]) > 8
    assert told["process"] == told["processes"]
    assert told["process"] == told["cluster"]
    assert str(ROOT) not in told["file"]
    edited = build("process", "cluster", "deadly", scaled="3.0 * value")
    assert edited["process"] == edited["cluster"]
    results = told["process"]["results"], edited["process"]["results"]
    assert [name for name in results[0] if results[0][name] != results[1][name]] == [
        "first-walk"
    ]
    assert edited["deadly"] == [["deadly"], 9]


def test_workers_that_cannot_be_used_are_refused(clusters: list[str]) -> None:
    _, threads, empty = clusters
    told = python("-c", CONNECT, threads)
    assert told.startswith("the Dask worker ")
    assert told.endswith(" runs 2 threads; figures need --nthreads 1\n")
    told = python("-c", CONNECT, empty)
    assert told == f"the Dask scheduler at {empty} has no workers\n"


def test_a_scheduler_that_is_not_there_is_one_line_soon() -> None:
    pytest.importorskip("distributed")
    started = time.perf_counter()
    told = python("-c", CONNECT, "tcp://127.0.0.1:9")
    assert told == "no Dask scheduler answers at tcp://127.0.0.1:9\n"
    assert time.perf_counter() - started < 10
    with pytest.raises(Refused, match="expected an address"):
        executor(1, "localhost")
