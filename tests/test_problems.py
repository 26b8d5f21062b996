from __future__ import annotations

import pytest

from ht_sim.problems import BuildFailed, Problem, did_you_mean


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
