"""A scheduler that dies under a build."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from ht_sim.engine.crew import CANCELLED, Crew
from ht_sim.engine.executors import InProcess
from ht_sim.engine.order import Durations, Part, Queue
from ht_sim.problems import Refused
from tests.test_build import ROOT, SCRIPT, copied, edit, run, tree

CLUSTER = """
import sys
from distributed import LocalCluster
with LocalCluster(
    n_workers=1,
    threads_per_worker=1,
    processes=False,
    dashboard_address=None,
    host="127.0.0.1",
    protocol="tcp",
) as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is a cluster, and says its address."""
    pytest.importorskip("distributed")
    with subprocess.Popen(
        [sys.executable, "-P", "-c", CLUSTER],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_a_scheduler_that_dies_is_one_line_and_what_was_done_is_kept(
    cluster: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert cluster.stdout is not None
    options = {"scheduler": cluster.stdout.readline().strip(), "loudness": 2}
    root, script = copied(tmp_path / "mini"), tmp_path / "build.py"
    script.write_text(SCRIPT)
    for name in ("first_walk", "third_walk"):
        module = root / "mini/experiments" / f"{name}.py"
        edit(module, "-> Arrays:\n", "-> Arrays:\n    __import__('time').sleep(1)\n")
    with subprocess.Popen(
        [sys.executable, script, root, root / "out", "", "1", "", json.dumps(options)],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as build:
        assert build.stdout is not None
        first = build.stdout.readline()
        cluster.kill()
        killed = time.monotonic()
        rest, errors = build.communicate()
    assert (build.returncode, errors) == (1, "")
    assert time.monotonic() - killed < 12
    *more, last = rest.splitlines()
    assert last == (
        "the scheduler of the Dask cluster is gone; what was done is kept; "
        f"{root / 'out'} is unchanged"
    )
    done = {line.removeprefix("simulate ") for line in (first.rstrip(), *more)}
    assert "simulate" not in " ".join(done)
    assert run(root).returncode == 0
    assert "index.html" in tree(root)
    report = json.loads((root / ".cache" / "report.json").read_text())["simulate"]
    assert done == {name for name, ran in report.items() if ran["cached"]}


class Cancelling(InProcess):
    """Runs the last of eight calls; cancels the others, as a lost connection does."""

    takers = 8

    def __init__(self) -> None:
        self.sent = 0

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        self.sent += 1
        if self.sent == self.takers:
            return super().submit(fn, *args, **kwargs)
        future: Future[Any] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_what_is_done_counts_before_what_was_cancelled(tmp_path: Path) -> None:
    parts = [Part(name, 0, 1, dict) for name in "abcdefgh"]
    pool = Cancelling()
    queue = Queue(parts, Durations(tmp_path / "seconds.json"), pool.takers)
    outcomes = Crew(pool, queue).outcomes()
    assert next(outcomes).value == {}
    with pytest.raises(Refused, match=CANCELLED):
        next(outcomes)
