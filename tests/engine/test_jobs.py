"""Jobs run once, in any executor, and a failure keeps what the others found."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from ht_sim.engine.executors import executor
from ht_sim.engine.jobs import Job, JobsFailed, run
from ht_sim.engine.store import Store


def whole(path: Path, text: str) -> dict[str, bytes]:
    """Be a part that is a bundle, and leave a trace of having run."""
    with path.open("a") as file:
        file.write(text)
    return {"text": text.encode()}


def piece(number: int) -> int:
    """Be a part that fails on a negative number."""
    if number < 0:
        raise ValueError(f"no negative numbers: {number}")
    return number


def joined(outcomes: list[int]) -> dict[str, bytes]:
    """Join parts in their order."""
    return {"text": ",".join(map(str, outcomes)).encode()}


def in_parts(name: str, *numbers: int) -> Job:
    """Return a job of parts and a join."""
    return Job(name, {"numbers": numbers}, [partial(piece, n) for n in numbers], joined)


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
    assert sorted(done for _, done, _ in seen) == [1, 2]


def test_what_is_known_does_not_run_again(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    store = Store(tmp_path / "store")
    for name, value in (("first", 1), ("second", 1), ("third", 2)):
        job = Job(name, {"value": value}, [partial(whole, trace, name)])
        with executor(1) as workers:
            run([job], store, workers, lambda *_: None)
    assert trace.read_text() == "firstthird"


def test_a_failure_names_the_job_and_keeps_the_others(tmp_path: Path) -> None:
    store = Store(tmp_path)
    jobs = [in_parts("bad", 1, -1, -2), in_parts("good", 5)]
    with executor(1) as workers, pytest.raises(JobsFailed) as failed:
        run(jobs, store, workers, lambda *_: None)
    assert list(failed.value.failures) == ["bad"]
    assert "no negative numbers: -1" in failed.value.failures["bad"]
    assert store.find(jobs[1].key) is not None
    assert store.find(jobs[0].key) is None
