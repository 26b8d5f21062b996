"""The picture with both repairs says what the arrays hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from ht_sim.experiments.overfit_and_drift import SHOWN_STEPS
from ht_sim.figures.overfit_and_drift import EXHIBIT, NEITHER, draw


def results() -> dict[str, Any]:
    """Two repeats: dropout keeps from wrong labels, batch norm keeps layers as wide."""
    shape = (2, 2, 2, len(SHOWN_STEPS))
    test, deviation = np.full(shape, 0.15), np.ones((*shape, 8))
    test[0, :, :, -1] = [[0.209, 0.211], [0.209, 0.211]]
    deviation[:, 0, :, -1, 7] = [[29, 31], [29, 31]]
    validation = np.full(shape, 0.2)
    validation[..., 5] = 0.1
    learnt = np.zeros(shape)
    learnt[0, :, :, -1], learnt[1, :, :, -1] = [0.89, 0.91], [0.29, 0.31]
    counts = np.zeros((2, 2, 2, 2, 8, 64))
    counts[..., 0, :, 30:40] = 4000
    counts[..., 1, :, 20:40] = 2000
    return {
        "overfit-and-drift": {
            "p_drop": np.array([0.0, 0.2]),
            "batch_norm": np.array([0.0, 1.0]),
            "training_error": np.full(shape, 0.1),
            "validation_error": validation,
            "test_error": test,
            "learnt": learnt,
            "deviation": deviation,
            "finite": np.ones(shape, dtype=bool),
            "counts": counts,
        }
    }


def words(**switches: float) -> str:
    return EXHIBIT.spoken(results(), NEITHER | switches)


def test_each_switch_is_told_from_what_its_runs_hold() -> None:
    assert "It overfits: learns 90 per cent of the wrong labels" in words()
    assert "test error 15 per cent, then 21 per cent" in words()
    assert "It drifts: the width of one layer changes a factor of 30" in words()
    assert "It overfits less: learns 30 per cent" in words(dropout=1.0)
    assert "It drifts" in words(dropout=1.0)
    assert "It overfits: " in words(batch_norm=1.0)
    assert "It holds" in words(batch_norm=1.0)
    assert words(dropout=1.0, batch_norm=1.0).startswith("With dropout and batch norm.")


def test_words_follow_the_intervals_and_not_the_means() -> None:
    changed = results()["overfit-and-drift"]
    changed["learnt"][1, 0, :, -1] = [0.2, 0.6]
    changed["deviation"][0, 0, :, -1, 7] = [1.1, 40]
    said = EXHIBIT.spoken({"overfit-and-drift": changed}, NEITHER)
    assert "It may drift" in said
    said = EXHIBIT.spoken({"overfit-and-drift": changed}, NEITHER | {"dropout": 1.0})
    assert "less" not in said


def test_the_start_is_a_hairline_and_the_end_is_filled() -> None:
    axes = draw(results(), NEITHER).axes[1]
    starts = [one for one in axes.lines if one.get_linewidth() == 0.7]
    ends = axes.collections
    assert len(starts) == len(ends) == 8
    widths = [np.ptp(one.get_xdata()) for one in starts]
    areas = [np.ptp(one.get_paths()[0].vertices[:, 0]) for one in ends]
    assert max(widths) < min(areas)


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
    assert rows["wrong labels learnt"].startswith("90 (")
    assert rows["change of the layer that moved most"].startswith("29.98 (")
