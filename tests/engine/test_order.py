"""The longest run first, short parts together, by what was learnt before."""

from __future__ import annotations

from pathlib import Path

import pytest

from ht_sim.engine.order import Durations, Part, Queue, kind_of


def nothing() -> None:
    """Be the call of a part."""


def durations(folder: Path, **seconds: float) -> Durations:
    """Return durations that know the points of ``a`` by their number."""
    known = Durations(folder / "seconds.json")
    for name, one in seconds.items():
        known.learn(f"a[{name[1:]}]", one)
    return known


def parts(*names: str, among: int = 1) -> list[Part]:
    """Return the parts of jobs."""
    return [
        Part(name, place, among, nothing) for name in names for place in range(among)
    ]


def taken(queue: Queue) -> list[list[str]]:
    """Take all batches; return the names in each."""
    batches = []
    while batch := queue.batch():
        batches.append([part.name for part in batch])
    assert len(queue) == 0
    return batches


def test_jobs_of_a_kind_agree_up_to_the_bracket() -> None:
    assert kind_of("walk[a=1]") == kind_of("walk[]") != kind_of("walk")


def test_durations_come_back_and_teach_of_their_kind(tmp_path: Path) -> None:
    durations(tmp_path, n1=1.0, n2=3.0).save()
    known = Durations(tmp_path / "seconds.json")
    assert known.expected("a[1]") == 1.0
    assert known.expected("a[new]") == 2.0
    assert known.expected("a") is None
    known.learn("a[1]", 5.0)
    assert known.expected("a[new]") == 4.0


@pytest.mark.parametrize("text", [None, "", "{", "[1]", '{"a[1]": "x"}', "\xff"])
def test_lost_or_damaged_durations_are_no_harm(
    tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "seconds.json").write_text(text, encoding="latin-1")
    known = Durations(tmp_path / "seconds.json")
    assert known.expected("a[1]") is None
    known.learn("a[1]", 1.0)
    known.save()
    assert Durations(tmp_path / "seconds.json").expected("a[1]") == 1.0


def test_durations_that_cannot_be_written_are_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    known = Durations(tmp_path / "file" / "seconds.json")
    known.learn("a[1]", 1.0)
    known.save()


def test_the_longest_goes_first_and_the_unknown_before_it(tmp_path: Path) -> None:
    known = durations(tmp_path, n1=1.0, n2=3.0, n3=2.0)
    queue = Queue(parts("a[1]", "b", "a[2]", "a[3]", "c"), known, 1)
    assert taken(queue) == [["b"], ["c"], ["a[2]"], ["a[3]"], ["a[1]"]]


def test_a_job_of_many_parts_counts_by_its_part(tmp_path: Path) -> None:
    known = durations(tmp_path, n1=4.0, n2=1.5)
    queue = Queue(parts("a[1]", among=4) + parts("a[2]"), known, 1)
    assert taken(queue) == [["a[2]"]] + 4 * [["a[1]"]]


def test_short_parts_go_together_until_there_is_work_for_a_batch(
    tmp_path: Path,
) -> None:
    known = durations(tmp_path, n1=0.02)
    sizes = list(
        map(len, taken(Queue(parts(*(f"a[{n}]" for n in range(20))), known, 1)))
    )
    assert sizes == [3, 3, 3, 3, 3, 3, 2]


def test_every_taker_gets_its_share_of_the_last(tmp_path: Path) -> None:
    known = durations(tmp_path, n1=1e-6)
    sizes = list(
        map(len, taken(Queue(parts(*(f"a[{n}]" for n in range(16))), known, 4)))
    )
    assert sizes[:3] == [4, 3, 2]
    assert sizes[-3:] == [1, 1, 1]


def test_what_is_put_back_is_next(tmp_path: Path) -> None:
    queue = Queue(parts("a[1]", "a[2]", "a[3]"), durations(tmp_path, n9=1e-6), 1)
    batch = queue.batch()
    assert [part.name for part in batch] == ["a[1]", "a[2]", "a[3]"]
    queue.put_back(batch[1:])
    queue.put_back([])
    assert taken(queue) == [["a[2]", "a[3]"]]


def test_what_is_left_is_told_once_it_is_known(tmp_path: Path) -> None:
    known = durations(tmp_path)
    queue = Queue(parts("a[1]", "a[2]", "b", among=2), known, 1)
    assert queue.left() == float("inf")
    known.learn("a[1]", 3.0)
    known.learn("b", 1.0)
    assert queue.left() == pytest.approx(7.0)
    taken(queue)
    assert queue.left() == 0
