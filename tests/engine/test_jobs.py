"""Jobs run once, in any executor, and a failure keeps what the others found."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ht_sim.engine.crew import KILLED
from ht_sim.engine.executors import InProcess, Processes, executor
from ht_sim.engine.jobs import Job, JobsFailed, Ran, run
from ht_sim.engine.store import Store
from ht_sim.problems import Refused


def whole(path: Path, text: str) -> dict[str, bytes]:
    """Be a part that is a bundle, and leave a trace of having run."""
    with path.open("a") as file:
        file.write(text)
    return {"text": text.encode()}


def slow(path: Path, text: str) -> dict[str, bytes]:
    """Be such a part that takes a while."""
    time.sleep(0.04)
    return whole(path, text)


def piece(number: int) -> int:
    """Be a part that fails on a negative number."""
    if number < 0:
        raise ValueError(f"no negative numbers: {number}")
    return number


def joined(outcomes: list[int]) -> dict[str, bytes]:
    """Join parts in their order."""
    return {"text": ",".join(map(str, outcomes)).encode()}


def killed(marker: Path | None = None) -> dict[str, bytes]:
    """Kill this process: always, or until there is a marker."""
    if marker is None or not marker.exists():
        if marker is not None:
            marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"text": b"alive"}


def unsendable() -> Any:
    """Give what no process can send."""
    return {"text": lambda: None}


def leaves() -> Any:
    """Leave the interpreter."""
    raise SystemExit(3)


def refuses() -> Any:
    """Refuse."""
    raise Refused("not this")


def in_parts(name: str, *numbers: int) -> Job:
    """Return a job of parts and a join."""
    return Job(name, {"numbers": numbers}, [partial(piece, n) for n in numbers], joined)


def alone(name: str, part: Callable[[], Any]) -> Job:
    """Return a job of one part."""
    return Job(name, {"name": name}, [part])


def traced(trace: Path, *names: str) -> list[Job]:
    """Return jobs that write their names into a file."""
    return [alone(name, partial(whole, trace, f"{name} ")) for name in names]


def quiet(*what: object) -> None:
    """Take any progress."""


def submit_for_ever(pool: Processes) -> None:
    """Submit until the pool notices that it is broken."""
    while True:
        pool.submit(os.getpid).result()


class CountingProcess(InProcess):
    """This process, counting what it is given."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Count, and run."""
        self.submitted += 1
        return super().submit(fn, *args, **kwargs)


class CountingProcesses(Processes):
    """Spawned processes, counting how often they start anew."""

    restarts = 0

    def restart(self) -> None:
        """Count, and restart."""
        self.restarts += 1
        super().restart()


@pytest.mark.parametrize("jobs", [1, 2])
def test_parts_are_joined_in_their_order(tmp_path: Path, jobs: int) -> None:
    store, seen = Store(tmp_path), list[tuple[str, int, int]]()
    with executor(jobs) as workers:
        kept = run(
            [in_parts("b", *range(20)), in_parts("a", 3)],
            store,
            workers,
            lambda *what: seen.append(what),
        )
    assert list(kept) == ["b", "a"]
    assert store.read(kept["b"], "text").decode() == ",".join(map(str, range(20)))
    assert [done for _, done, _ in seen] == [1, 2]
    assert {total for *_, total in seen} == {2}


def test_what_is_known_does_not_run_again(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    store = Store(tmp_path / "store")
    for name, value in (("first", 1), ("second", 1), ("third", 2)):
        job = Job(name, {"value": value}, [partial(whole, trace, name)])
        with executor(1) as workers:
            run([job], store, workers, quiet)
    assert trace.read_text() == "firstthird"


def test_what_is_forced_runs_though_it_is_known(tmp_path: Path) -> None:
    trace, store = tmp_path / "trace", Store(tmp_path / "store")
    jobs = traced(trace, "a", "b", "c")
    run(jobs, store, executor(1), quiet)
    run(jobs, store, executor(1), quiet, force=lambda name: name in {"a", "c"})
    assert trace.read_text() == "a b c a c "


def test_what_ran_last_time_decides_the_order_though_keys_change(
    tmp_path: Path,
) -> None:
    trace, store = tmp_path / "trace", Store(tmp_path / "store")
    store.folder.mkdir()
    seconds = {"a[1]": 0.1, "a[2]": 0.3, "b[1]": 0.2}
    (store.folder / "seconds.json").write_text(json.dumps(seconds))
    run(traced(trace, "a[1]", "b[1]", "a[2]"), store, executor(1), quiet)
    assert trace.read_text() == "a[2] b[1] a[1] "
    learnt = json.loads((store.folder / "seconds.json").read_text())
    assert learnt.keys() == seconds.keys()
    assert max(learnt.values()) < 0.1


def test_order_and_executor_leave_the_bytes_as_they_are(tmp_path: Path) -> None:
    jobs = [in_parts(f"a[{n}]", *range(n, n + 5)) for n in range(30)]
    found = []
    for place, (workers, given) in enumerate(((1, jobs), (1, jobs[::-1]), (2, jobs))):
        with executor(workers) as pool:
            kept = run(given, Store(tmp_path / str(place)), pool, quiet)
        found.append({name: one.digest for name, one in kept.items()})
    assert found[0] == found[1] == found[2]
    assert len(set(found[0].values())) == 30


def test_many_short_jobs_take_few_calls(tmp_path: Path) -> None:
    pool = CountingProcess()
    run([in_parts(f"a[{n}]", n) for n in range(3)], Store(tmp_path), pool, quiet)
    assert pool.submitted >= 4
    pool.submitted = 0
    jobs = [alone(f"b[{n}]", partial(dict, text=b"%d" % n)) for n in range(500)]
    assert len(run(jobs, Store(tmp_path), pool, quiet)) == 500
    assert pool.submitted < 20


def test_a_batch_that_takes_longer_than_expected_is_cut_short(tmp_path: Path) -> None:
    trace, pool = tmp_path / "trace", CountingProcess()
    (tmp_path / "seconds.json").write_text('{"a[0]": 0}')
    jobs = [alone(f"a[{n}]", partial(slow, trace, f"{n} ")) for n in range(8)]
    run(jobs, Store(tmp_path), pool, quiet)
    assert trace.read_text() == "0 1 2 3 4 5 6 7 "
    assert pool.submitted >= 3


def test_a_report_tells_of_each_job(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    jobs = [alone("a", partial(slow, tmp_path / "trace", "four")), in_parts("b", 12)]
    first, second = list[Ran](), list[Ran]()
    run(jobs[:1], store, executor(1), quiet, tell=first.append)
    run(jobs, store, executor(1), quiet, tell=second.append)
    assert [(one.name, one.size, one.known) for one in first] == [("a", 4, False)]
    assert [(one.name, one.size, one.known) for one in second] == [
        ("a", 4, True),
        ("b", 2, False),
    ]
    assert 0.04 <= first[0].seconds < 1
    assert second[0].seconds == pytest.approx(first[0].seconds, abs=0.001)


def test_the_outlook_is_known_once_all_kinds_are(tmp_path: Path) -> None:
    told = list[tuple[int, float]]()
    jobs = [
        *(alone(f"a[{n}]", partial(slow, tmp_path / "trace", "")) for n in range(3)),
        in_parts("b", 1),
    ]
    run(
        jobs, Store(tmp_path), executor(1), quiet, outlook=lambda *one: told.append(one)
    )
    assert told[0][1] == float("inf")
    assert 0 < told[1][1] < 1
    assert told[-1] == (0, 0)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_names_the_job_and_keeps_the_others(
    tmp_path: Path, workers: int
) -> None:
    store = Store(tmp_path)
    jobs = [in_parts("bad", 1, -1, -2), in_parts("good", 5)]
    with executor(workers) as pool, pytest.raises(JobsFailed) as failed:
        run(jobs, store, pool, quiet)
    assert list(failed.value.failures) == ["bad"]
    told = failed.value.failures["bad"].splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert told[1].endswith("in piece")
    assert told[-1] == "ValueError: no negative numbers: -1"
    assert store.find(jobs[1].key) is not None
    assert store.find(jobs[0].key) is None


def test_a_failing_join_and_other_ways_to_fail_are_told(tmp_path: Path) -> None:
    jobs = [
        Job("join", {"name": "join"}, [partial(piece, 1)], partial(piece, -1)),  # type: ignore[arg-type]
        alone("leaves", leaves),
        alone("refuses", refuses),
    ]
    with pytest.raises(JobsFailed) as failed:
        run(jobs, Store(tmp_path), executor(1), quiet)
    failures = failed.value.failures
    assert list(failures) == ["join", "leaves", "refuses"]
    assert failures["leaves"].endswith("SystemExit: 3")
    assert failures["refuses"] == "not this"


def test_an_outcome_that_cannot_be_sent_is_the_failure_of_its_job(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    (tmp_path / "seconds.json").write_text('{"a[0]": 0.001}')
    jobs = [alone(f"a[{n}]", partial(dict, text=b"%d" % n)) for n in range(20)]
    jobs.insert(5, alone("a[bad]", unsendable))
    with executor(2) as pool, pytest.raises(JobsFailed) as failed:
        run(jobs, store, pool, quiet)
    assert list(failed.value.failures) == ["a[bad]"]
    assert "pickle" in failed.value.failures["a[bad]"]
    assert sum(store.find(job.key) is not None for job in jobs) == 20


def test_a_job_whose_worker_is_killed_once_runs_again(tmp_path: Path) -> None:
    store, told = Store(tmp_path / "store"), list[Ran]()
    jobs = [
        *traced(tmp_path / "trace", *(f"a[{n}]" for n in range(6))),
        alone("once", partial(killed, tmp_path / "marker")),
    ]
    with CountingProcesses(2) as pool:
        kept = run(jobs, store, pool, quiet, tell=told.append)
        assert pool.restarts == 1
    assert store.read(kept["once"], "text") == b"alive"
    assert {one.name: one.killed for one in told}["once"] == 1
    assert sorted(one.name for one in told) == sorted(job.name for job in jobs)


def test_a_job_that_always_kills_its_worker_fails_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    jobs = [
        alone("slow", partial(slow, tmp_path / "trace", "slow")),
        alone("deadly", killed),
        *traced(tmp_path / "trace", *(f"a[{n}]" for n in range(20))),
    ]
    with CountingProcesses(2) as pool:
        with pytest.raises(JobsFailed) as failed:
            run(jobs, store, pool, quiet)
        assert pool.restarts <= 2
    assert failed.value.failures == {"deadly": KILLED}
    assert [job.name for job in jobs if store.find(job.key) is None] == ["deadly"]


def test_a_pool_that_broke_while_idle_starts_anew(tmp_path: Path) -> None:
    with Processes(2) as pool:
        run([in_parts("a", 1)], Store(tmp_path), pool, quiet)
        for worker in multiprocessing.active_children():
            worker.kill()
            worker.join()
        with pytest.raises(BrokenProcessPool):
            submit_for_ever(pool)
        assert list(run([in_parts("b", 2)], Store(tmp_path), pool, quiet)) == ["b"]
