from __future__ import annotations

import pytest

from ht_sim.problems import BuildFailed, Problem, did_you_mean, own_traceback


def test_a_problem_is_one_line_that_editors_can_follow() -> None:
    whole = Problem("a.md", 7, 12, "unknown fact 'x.y'", "a fact", "'x.z'")
    assert str(whole) == "a.md:7:12: unknown fact 'x.y'; expected a fact; have 'x.z'"
    assert str(Problem("a.md", 1, 1, "empty")) == "a.md:1:1: empty"
    assert str(Problem("a.md", 1, 1, "odd", have="2")) == "a.md:1:1: odd; have 2"


def test_problems_sort_by_file_then_place_as_numbers() -> None:
    late, early = Problem("a.md", 10, 1, "x"), Problem("a.md", 9, 20, "x")
    assert sorted([Problem("b.md", 1, 1, "x"), late, early])[:2] == [early, late]


def test_a_failed_build_holds_each_problem_once_in_order() -> None:
    first, second = Problem("a.md", 1, 1, "x"), Problem("a.md", 2, 1, "y")
    failed = BuildFailed([second, first, second])
    assert failed.problems == (first, second)
    assert str(failed) == "a.md:1:1: x\na.md:2:1: y"


def test_failures_that_have_a_place_are_problems_and_alike_ones_are_one() -> None:
    failures = {
        "walk[b=1]": "a.py:3:1: odd",
        "walk[a=1]": "a.py:3:1: odd",
        "draw": "a.py:10:2: red",
        "second[a=1]": "Traceback:\nValueError: a.py:1:1: x",
        "first[a=1]": "Traceback:\nValueError: a.py:1:1: x",
    }
    failed = BuildFailed([Problem("a.py", 9, 1, "x")], failures)
    assert list(failed.lines()) == [
        "a.py:3:1: odd (walk[a=1] and 1 more)",
        "a.py:9:1: x",
        "a.py:10:2: red",
        "first[a=1] and 1 more: Traceback:\nValueError: a.py:1:1: x",
    ]
    assert failed.count() == "3 problems and 1 failed"
    assert BuildFailed([Problem("a.py", 9, 1, "x")]).count() == "1 problem"
    assert BuildFailed([], {"draw": "Traceback"}).count() == "1 failed"


def test_a_traceback_starts_after_the_machinery() -> None:
    scope: dict[str, object] = {"__name__": "ht_sim.engine.jobs"}
    exec("def run(call):\n    return call()", scope)

    def raises() -> None:
        raise ValueError(scope["run"])

    with pytest.raises(ValueError, match="run") as raised:
        scope["run"](raises)  # type: ignore[operator]
    raised.value.__traceback__ = raised.value.__traceback__.tb_next  # type: ignore[union-attr]
    told = own_traceback(raised.value).splitlines()
    assert told[0] == "Traceback (most recent call last):"
    assert [line.rpartition(" ")[2] for line in told if " in " in line] == ["raises"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("widht", " (did you mean 'width'?)"),
        ("width", " (did you mean 'width'?)"),
        ("zzz", ""),
    ],
)
def test_a_near_name_is_offered(name: str, said: str) -> None:
    assert did_you_mean(name, {"height", "width"}) == said
    assert did_you_mean(name, []) == ""
