"""Numbers of tables are written with true minuses, no powers, and their units."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.estimates import exact
from ht_sim.figures import (
    dropout_passes,
    dropout_ridge,
    dropout_spread,
)
from ht_sim.figures._rows import interval, mean, number


@pytest.mark.parametrize(
    ("value", "shape", "unit", "text"),
    [
        (-0.04, ".1f", "", "0.0"),
        (-1.26, "+.1f", "points", "−1.3\u202fpoints"),
        (1.26, "+.1f", "", "+1.3"),
        (183.2, ".2g", "%", "180\u202f%"),
        (0.00123, ".2g", "", "0.0012"),
    ],
)
def test_a_number_is_written(value: float, shape: str, unit: str, text: str) -> None:
    assert number(value, shape, unit) == text


def test_an_interval_stands_in_brackets() -> None:
    assert interval(exact(-2.0), "+.1f", "points") == (
        "−2.0 (−2.0 to −2.0)\u202fpoints"
    )
    # t with two degrees of freedom is 4.30; the standard error is 1 / √3
    assert mean(np.array([1.0, 2.0, 3.0]), ".2f") == "2.00 (−0.48 to 4.48)"


def test_the_table_of_passes_holds_one_pass_and_the_range_of_all() -> None:
    kept = np.zeros((1, 8, 4, 16), bool)
    kept[0, 2, 1, :5] = True
    arrays = {
        "p_drop": np.array([0.3]),
        "kept": kept,
        "probability": np.linspace(0.1, 0.8, 8)[np.newaxis],
        "reading": np.arange(8)[np.newaxis],
        "test_probability": np.array(0.9),
    }
    state = {"rate": 0.3, "pass": 3.0}
    rows = dropout_passes.numbers({"dropout-passes": arrays}, state)
    assert [value for _, value in rows] == [
        *("0 of 16", "5 of 16", "0 of 16", "0 of 16"),
        *("0.30", "2", "0.10", "0.80", "0.90"),
    ]


def test_the_table_of_the_spread_holds_the_unit_that_is_drawn() -> None:
    arrays = {
        "width": np.array([32.0, 512.0]),
        "p_drop": np.array([0.5]),
        "linear_mean": np.array([[[0.4, 9]], [[0.51, 9]]]),
        "linear_variance": np.array([[[1.0, 9]], [[0.25, 9]]]),
        "linear_variance_theory": np.array([[[1.0, 9]], [[0.36, 9]]]),
        "relu_mean": np.array([[[0.7, 9]], [[0.75, 9]]]),
        "relu_mean_theory": np.array([[[0.7, 9]], [[0.77, 9]]]),
    }
    state = {"width": 512.0, "rate": 0.5}
    rows = dropout_spread.numbers({"dropout-spread": arrays}, state)
    values = [value for _, value in rows]
    assert values == ["0.51", "0.50", "0.60", "0.75", "0.77", "0.50"]


def test_the_table_of_ridge_holds_the_middle_and_the_ends() -> None:
    arrays = {
        "p_drop": np.array([0.5]),
        "mask_counts": np.array([[1.0, 10.0]]),
        "relative_error": np.array([[[9, 0.01], [9, 0.1], [9, 1.0]]]),
    }
    state = {"rate": 0.5, "masks": 10.0}
    rows = dropout_ridge.numbers({"dropout-ridge": arrays}, state)
    assert [value.split("\u202f")[0] for _, value in rows] == ["10", "1", "100"]
