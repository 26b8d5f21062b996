"""The picture with both repairs says what the arrays hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from ht_sim.figures.overfit_and_drift import EXHIBIT, NEITHER, draw


def results() -> dict[str, Any]:
    """Two repeats: without dropout the test error rises, without norms layers widen."""
    shape = (2, 2, 2, 13)
    test, deviation = np.full(shape, 0.15), np.ones((*shape, 8))
    test[0, :, :, -1] = [[0.209, 0.211], [0.209, 0.211]]
    deviation[:, 0, :, -1, 7] = [[20, 45], [20, 45]]
    validation = np.full(shape, 0.2)
    validation[..., 5] = 0.1
    counts = np.zeros((2, 2, 2, 2, 8, 64))
    counts[..., 30:40] = 4000
    return {
        "overfit-and-drift": {
            "p_drop": np.array([0.0, 0.2]),
            "batch_norm": np.array([0.0, 1.0]),
            "training_error": np.full(shape, 0.1),
            "validation_error": validation,
            "test_error": test,
            "deviation": deviation,
            "finite": np.ones(shape, dtype=bool),
            "counts": counts,
        }
    }


def words(**switches: float) -> str:
    return EXHIBIT.spoken(results(), NEITHER | switches)


def test_each_switch_is_told_from_what_its_runs_hold() -> None:
    assert "It overfits: test error 15 per cent at its best step, 21" in words()
    assert "It drifts: one layer ends a factor of 30" in words()
    assert "No overfitting seen" in words(dropout=1.0)
    assert "It drifts" in words(dropout=1.0)
    assert "It overfits" in words(batch_norm=1.0)
    assert "It holds" in words(batch_norm=1.0)
    assert words(dropout=1.0, batch_norm=1.0).startswith("With dropout and batch norm.")


def test_a_rise_whose_interval_holds_zero_is_not_called_overfitting() -> None:
    changed = results()
    changed["overfit-and-drift"]["test_error"][0, 0, :, -1] = [0.25, 0.16]
    assert "No overfitting seen" in EXHIBIT.spoken(changed, NEITHER)


def test_the_untreated_test_error_stays_in_sight() -> None:
    for switches, lines in (({}, 2), ({"dropout": 1.0}, 3)):
        axes = draw(results(), NEITHER | switches).axes[0]
        assert len(axes.lines) == lines
        named = [one.get_text() for one in axes.texts]
        assert ("test error with neither" in named) == bool(switches)


def test_start_and_end_are_named_where_they_differ() -> None:
    for batch_norm, names in ((0.0, ["before", "after"]), (1.0, [])):
        axes = draw(results(), NEITHER | {"batch_norm": batch_norm}).axes[1]
        assert [one.get_text() for one in axes.texts] == names
        assert all(one.get_position()[1] < 0 for one in axes.texts)  # above layer 1


def test_names_at_the_ends_stand_apart_and_in_order() -> None:
    changed = results()
    changed["overfit-and-drift"]["training_error"][:] = 0.155
    axes = draw(changed, NEITHER | {"dropout": 1.0}).axes[0]
    heights = {one.get_text(): one.xy[1] for one in axes.texts if hasattr(one, "xy")}
    assert heights["training error"] - heights["test error"] > 3


def test_the_table_gives_errors_and_change() -> None:
    rows = dict(EXHIBIT.numbers(results(), NEITHER))
    assert rows["test error"].startswith("21.0 (")
    assert rows["test error, last minus best step"].startswith("6.0 (")
    assert rows["change of the layer that moved most"].startswith("30.00 (")
