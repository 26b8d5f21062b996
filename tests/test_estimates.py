from __future__ import annotations

import math

import numpy as np
import pytest

from ht_sim.estimates import (
    Estimate,
    exact,
    geometric_interval,
    mean_interval,
    paired_difference,
    slope_interval,
    student_t_quantile,
    verdict,
)


@pytest.mark.parametrize(
    ("degrees_of_freedom", "tabulated"),
    [
        (1, 12.706204736),
        (2, 4.302652730),
        (3, 3.182446305),
        (4, 2.776445105),
        (5, 2.570581836),
        (9, 2.262157163),
        (10, 2.228138852),
        (19, 2.093024054),
        (30, 2.042272456),
        (120, 1.979930405),
        (1000, 1.962339081),
    ],
)
def test_t_at_95_per_cent_is_the_tabulated_one(
    degrees_of_freedom: int, tabulated: float
) -> None:
    assert student_t_quantile(degrees_of_freedom) == pytest.approx(tabulated, abs=2e-9)


@pytest.mark.parametrize(
    ("degrees_of_freedom", "coverage", "tabulated"),
    [(10, 0.99, 3.169272673), (5, 0.9, 2.015048373), (1, 0.5, 1.0)],
)
def test_t_at_other_coverages(
    degrees_of_freedom: int, coverage: float, tabulated: float
) -> None:
    t = student_t_quantile(degrees_of_freedom, coverage)
    assert t == pytest.approx(tabulated, abs=2e-9)


def test_t_of_two_degrees_of_freedom_has_a_closed_form() -> None:
    for coverage in (0.1, 0.5, 0.95, 0.999):
        closed = coverage * math.sqrt(2 / (1 - coverage**2))
        assert student_t_quantile(2, coverage) == pytest.approx(closed, rel=1e-12)


def test_t_becomes_the_normal_one() -> None:
    assert student_t_quantile(200_000) == pytest.approx(1.959963985, abs=2e-5)


def test_mean_interval_by_hand() -> None:
    estimate = mean_interval([1.0, 2.0, 3.0])
    half = 4.302652730 / math.sqrt(3)  # the standard deviation is 1, with ddof=1
    assert estimate.value == 2
    assert estimate.low == pytest.approx(2 - half)
    assert estimate.high == pytest.approx(2 + half)
    assert (estimate.repeats, estimate.paired) == (3, False)


def test_the_interval_moves_and_stretches_with_the_samples() -> None:
    samples = np.array([1.0, 4.0, 2.0, 8.0])
    plain, changed = mean_interval(samples), mean_interval(10 - 2 * samples)
    assert changed.value == pytest.approx(10 - 2 * plain.value)
    assert changed.low == pytest.approx(10 - 2 * plain.high)
    assert changed.high == pytest.approx(10 - 2 * plain.low)


def test_19_of_20_intervals_hold_the_mean(rng: np.random.Generator) -> None:
    runs = 4000
    estimates = [mean_interval(row) for row in rng.normal(3, 2, (runs, 5))]
    share = np.mean([e.low <= 3 <= e.high for e in estimates])
    assert abs(share - 0.95) < 4 * math.sqrt(0.95 * 0.05 / runs)


def test_a_paired_difference_is_taken_repeat_by_repeat() -> None:
    shared = np.array([0.0, 100.0, -50.0])
    estimate = paired_difference(shared + np.array([1, 2, 3]), shared)
    expected = mean_interval([1.0, 2.0, 3.0])
    assert estimate.paired
    assert estimate.repeats == 3
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )


def test_swapping_is_taking_the_difference_the_other_way() -> None:
    a, b = [1.0, 5.0, 4.0], [2.0, 2.0, 2.5]
    assert paired_difference(a, b).swapped() == paired_difference(b, a)


def test_an_exact_number_has_no_width() -> None:
    assert exact(0.5) == Estimate(0.5, 0.5, 0.5, repeats=1)


def test_slopes_are_fitted_repeat_by_repeat(rng: np.random.Generator) -> None:
    x = np.array([0.0, 1.0, 2.0, 5.0])
    y = rng.standard_normal((6, 4)) - 0.5 * x
    expected = mean_interval([np.polyfit(x, row, 1)[0] for row in y])
    estimate = slope_interval(x, y)
    assert estimate.value == pytest.approx(expected.value)
    assert estimate.low == pytest.approx(expected.low)
    assert estimate.high == pytest.approx(expected.high)
    assert estimate.repeats == 6


def test_the_slope_of_logarithms_is_the_exponent() -> None:
    x = np.array([1.0, 2.0, 4.0, 8.0])
    samples = np.array([[3.0], [5.0]]) / np.sqrt(x)
    assert slope_interval(np.log(x), np.log(samples)).value == pytest.approx(-0.5)


@pytest.mark.parametrize(
    ("low", "high", "word", "swapped"),
    [
        (-0.5, -0.2, "better", "worse"),
        (-0.5, -0.05, "better", "worse"),
        (-0.5, 0.0, "cannot tell", "cannot tell"),
        (-0.5, 0.2, "cannot tell", "cannot tell"),
        (-0.1, 0.1, "no difference", "no difference"),
        (0.02, 0.08, "no difference", "no difference"),
        (-0.1, 0.11, "cannot tell", "cannot tell"),
    ],
)
def test_words_follow_from_the_interval(
    low: float, high: float, word: str, swapped: str
) -> None:
    difference = Estimate((low + high) / 2, low, high, repeats=5, paired=True)
    assert verdict(difference, 0.1) == word
    assert verdict(difference.swapped(), 0.1) == swapped
    assert verdict(difference, 0.1, smaller_is_better=False) == swapped


def test_a_verdict_is_on_a_paired_difference_only() -> None:
    with pytest.raises(ValueError, match="needs a paired difference"):
        verdict(mean_interval([1.0, 2.0]), 0.1)


@pytest.mark.parametrize("margin", [-0.1, math.nan])
def test_a_negative_margin_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match=f"must not be negative, got {margin}"):
        verdict(paired_difference([1.0, 2.0], [0.0, 0.0]), margin)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([1.0], r"at least two repeats, got shape \(1,\)"),
        ([[1.0, 2.0]], r"got shape \(1, 2\)"),
        ([1.0, math.nan, math.inf], "got 2 infinite or NaN of 3"),
    ],
)
def test_samples_without_an_interval_are_refused(
    samples: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        mean_interval(samples)


def test_pairs_must_match() -> None:
    with pytest.raises(ValueError, match="got 2 and 3"):
        paired_difference([1.0, 2.0], [1.0, 2.0, 3.0])


def test_slopes_need_matching_and_different_x() -> None:
    with pytest.raises(ValueError, match=r"got \(3,\) and \(2, 2\)"):
        slope_interval([1.0, 2.0, 3.0], np.zeros((2, 2)))
    with pytest.raises(ValueError, match="two different values"):
        slope_interval([1.0, 1.0], np.zeros((2, 2)))


def test_impossible_quantiles_are_refused() -> None:
    with pytest.raises(ValueError, match=r"degrees_of_freedom .* got 0"):
        student_t_quantile(0)
    with pytest.raises(ValueError, match=r"coverage .* got 1\.0"):
        student_t_quantile(5, 1.0)


def test_the_geometric_mean_is_that_of_the_logarithms() -> None:
    found = geometric_interval(np.array([1.0, 100.0]))
    assert found.value == pytest.approx(10)
    assert found.low * found.high == pytest.approx(100)
    assert found.repeats == 2


def test_a_geometric_mean_of_what_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="positive numbers, got 0"):
        geometric_interval([1.0, 0.0])
