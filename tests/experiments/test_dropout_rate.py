"""Splits that all cases share, the numbers of a case, and one small run."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ht_sim.data import CLASSES, Digits, digits
from ht_sim.experiments._digit_reader import Split, draw_split
from ht_sim.experiments.dropout_rate import (
    ARRAYS,
    EXAMPLES,
    RATES,
    REDRAWN,
    chosen_places,
    facts,
    points_against_none,
    simulate,
)
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"
SEED, REPEATS = 77, 2


@pytest.fixture(scope="module")
def numbered() -> Digits:
    """The digits, each image replaced by its own number."""
    labels = digits(DIGITS.read_bytes()).labels
    return Digits(
        np.repeat(np.arange(float(labels.size))[:, np.newaxis], 64, 1), labels
    )


def split(numbered: Digits, examples: int, redrawn: float, repeat: int = 0) -> Split:
    """One repeat's split."""
    stream = streams_of_repeats(SEED, repeat + 1)[repeat].split
    return draw_split(numbered, examples, redrawn, stream)


def test_no_example_is_in_two_parts(numbered: Digits) -> None:
    one = split(numbered, 1000, 0.0)
    parts = [one.training, one.validation, one.test]
    assert [len(part) for part in parts] == [1000, 297, 400]
    assert np.unique(np.concatenate(parts)[:, 0]).size == 1697


def test_smaller_training_sets_lead_the_larger_and_share_the_rest(
    numbered: Digits,
) -> None:
    large = split(numbered, 1000, 0.2)
    for examples, redrawn in product((100, 400), REDRAWN.values()):
        one = split(numbered, examples, redrawn)
        np.testing.assert_array_equal(one.training, large.training[:examples])
        np.testing.assert_array_equal(one.true, large.true[:examples])
        for name in ("validation", "validation_labels", "test", "test_labels"):
            np.testing.assert_array_equal(getattr(one, name), getattr(large, name))
        counts = np.bincount(one.true, minlength=CLASSES)
        expected = examples * np.bincount(numbered.labels) / numbered.labels.size
        assert np.abs(counts - expected).max() <= 2


def test_labels_belong_to_their_images(numbered: Digits) -> None:
    one = split(numbered, 400, 0.2)
    for images, labels in (
        (one.training, one.true),
        (one.validation, one.validation_labels),
        (one.test, one.test_labels),
    ):
        np.testing.assert_array_equal(numbered.labels[images[:, 0].astype(int)], labels)


def test_labels_are_redrawn_with_their_probability_and_uniformly(
    numbered: Digits,
) -> None:
    clean = split(numbered, 1000, 0.0)
    np.testing.assert_array_equal(clean.given, clean.true)
    splits = [split(numbered, 1000, 0.2, repeat) for repeat in range(10)]
    given = np.concatenate([one.given for one in splits])
    wrong = given != np.concatenate([one.true for one in splits])
    share = 0.2 * 0.9  # one in ten is redrawn to what it was
    assert abs(wrong.mean() - share) < 4 * np.sqrt(share * (1 - share) / wrong.size)
    counts = np.bincount(given[wrong], minlength=CLASSES) / wrong.sum()
    assert np.abs(counts - 0.1).max() < 4 * np.sqrt(0.1 * 0.9 / wrong.sum())


def test_a_label_redrawn_at_one_share_is_redrawn_at_a_larger(numbered: Digits) -> None:
    few, many = (split(numbered, 1000, redrawn) for redrawn in (0.2, 0.5))
    changed = few.given != few.true
    np.testing.assert_array_equal(few.given[changed], many.given[changed])
    assert (many.given != many.true).sum() > changed.sum()


def test_a_difference_is_that_to_rate_0_in_points() -> None:
    errors = np.array([[0.05, 0.07], [0.10, 0.10], [0.04, 0.02]])
    found = points_against_none(errors, np.array([0.0, 0.4, 0.5]), 0.5)
    assert found.paired
    assert found.value == pytest.approx(-3)  # -1 and -5
    assert found.low == pytest.approx(-3 - 12.706 * 2, abs=1e-2)


def test_the_lowest_of_equal_rates_is_chosen() -> None:
    errors = np.array([[0.3, 0.1, 0.2], [0.2, 0.1, 0.2], [0.2, 0.2, 0.1]])
    np.testing.assert_array_equal(chosen_places(errors), [1, 0, 2])


def made_arrays() -> dict[str, np.ndarray]:
    """Arrays in which every case and rate has an error of its own.

    Test error is 0.5 - rate · (case + 1) / 100 in all repeats, where the case counts
    from 0 to 5 over sizes and labels; validation error is least at 0.8.
    """
    shape = (len(RATES), len(EXAMPLES), len(REDRAWN), 3)
    rates = np.array(RATES).reshape(-1, 1, 1, 1)
    cases = np.arange(6).reshape(1, 3, 2, 1)
    arrays = {name: np.zeros(shape) for name in ARRAYS} | {
        "test_error": np.broadcast_to(0.5 - rates * (cases + 1) / 100, shape),
        "validation_error": np.broadcast_to(np.abs(rates - 0.8), shape),
        "did_not_train": np.broadcast_to(rates == 0.9, shape),
        "wrong": np.full(shape, 80),
        "learnt": np.broadcast_to(80 - 80 * rates, shape),
    }
    return arrays | {
        "p_drop": np.array(RATES),
        "examples": np.array(EXAMPLES),
        "redrawn": np.array(tuple(REDRAWN.values())),
    }


def test_facts_tell_the_cases_apart() -> None:
    found = facts(made_arrays())
    names = product(EXAMPLES, REDRAWN)
    for case, (examples, labels) in enumerate(names, 1):
        name = f"{labels}_{examples}"
        assert found[f"test_50_{name}"].value == pytest.approx(0.5 - 0.005 * case)
        assert found[f"half_{name}"].value == pytest.approx(-0.5 * case)
        assert found[f"high_{name}"].value == pytest.approx(-0.8 * case)
        assert found[f"flat_{name}"].value == pytest.approx(-0.4 * case)
        assert found[f"chosen_rate_{name}"].value == pytest.approx(0.8)
        assert found[f"chosen_{name}"].value == pytest.approx(-0.8 * case)
        assert found[f"did_not_train_90_{name}"].value == 3
        assert found[f"did_not_train_to_80_{name}"].value == 0
    for examples in EXAMPLES:
        more = found[f"redrawn_minus_clean_{examples}"]
        assert more.value == pytest.approx(-0.5)
        assert found[f"learnt_00_{examples}"].value == pytest.approx(1)
        assert found[f"learnt_change_{examples}"].value == pytest.approx(-50)
    for labels in REDRAWN:
        small = found[f"small_minus_large_{labels}"]
        assert small.value == pytest.approx(2)  # four cases apart
        assert small.paired


def small_run(p_drop: float, redrawn: float) -> dict[str, np.ndarray]:
    """Run two repeats with 100 examples."""
    point = {"p_drop": p_drop, "examples": 100.0, "redrawn": redrawn}
    streams = streams_of_repeats(SEED, REPEATS)
    return dict(simulate(point, streams, DIGITS.read_bytes()))


def test_a_small_run_learns_and_at_rate_0_learns_wrong_labels_too() -> None:
    clean, redrawn = small_run(0.0, 0.0), small_run(0.0, 0.2)
    assert (clean["test_error"] < 0.2).all()
    assert (clean["wrong"] == 0).all()
    assert not clean["did_not_train"].any()
    assert (redrawn["wrong"] > 5).all()
    np.testing.assert_array_equal(redrawn["learnt"], redrawn["wrong"])
    assert (redrawn["test_error"] > clean["test_error"]).all()


def test_at_rate_090_most_of_the_first_layer_falls_silent() -> None:
    half, high = small_run(0.5, 0.2), small_run(0.9, 0.2)
    np.testing.assert_array_equal(half["wrong"], high["wrong"])
    assert (half["dead"] < 0.3).all()
    assert (high["dead"] > 0.7).all()
    assert (high["training_error"] > 0.5).all()
