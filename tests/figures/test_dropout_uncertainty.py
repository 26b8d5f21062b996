"""Labels beside lines keep apart and in order."""

from __future__ import annotations

import numpy as np

from ht_sim.figures.dropout_uncertainty import EXHIBIT, _apart


def test_labels_that_are_apart_stay() -> None:
    assert _apart([0.3, 0.1, 0.2], 0.05) == [0.3, 0.1, 0.2]


def test_labels_that_touch_move_up_in_their_order() -> None:
    np.testing.assert_allclose(_apart([0.11, 0.1, 0.12], 0.05), [0.15, 0.1, 0.2])


def test_the_table_holds_spread_and_coverage_by_region() -> None:
    spread = np.zeros((2, 1, 1, 3, 3))  # (tanh, examples, rates, repeats, regions)
    spread[1] = np.array([0.1, 0.2, 0.3]) + np.array([[-0.01], [0], [0.01]])
    arrays = {
        "tanh": np.array([0.0, 1.0]),
        "examples": np.array([20.0]),
        "p_drop": np.array([0.1]),
        "region_spread": spread,
        "covered": np.where(spread > 0, 1 - spread, 0),
    }
    state = {"tanh": 1.0, "examples": 20.0, "rate": 0.1}
    rows = EXHIBIT.numbers({"dropout-uncertainty": arrays}, state)
    values = [value for _, value in rows]
    assert values[0] == "0.10 (0.08 to 0.12)"
    assert [one[:4] for one in values[1:3]] == ["0.20", "0.30"]
    assert [one[:2] for one in values[3:]] == ["90", "80", "70"]
