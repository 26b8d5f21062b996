"""The picture of drift in training draws and says what the arrays hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ht_sim.experiments.drift_training import BINS
from ht_sim.figures._drift_training_picture import draw
from ht_sim.figures.drift_training import EXHIBIT

STATE = {"setting": 2.0, "batch_norm": 0.0, "step": 400.0}


def results() -> dict[str, Any]:
    """Two repeats; without norms layer 20 goes from 0.5 to 4, with them all stay 1."""
    shape = (3, 2, 2, 10)
    deviation = np.ones((*shape, 20))
    deviation[:, 0, :, :, -1] = 0.5
    deviation[:, 0, :, -1, -1] = 4
    counts = np.zeros((*shape, 8, BINS.size - 1))
    counts[..., 20:40] = 64 * 20  # all 25,600 values
    counts[:, 0, :, -1, -1, 20:30] = 0  # half of the last layer is beyond
    return {
        "drift-training": {
            "setting": np.array([1.0, 2.0, 3.0]),
            "batch_norm": np.array([0.0, 1.0]),
            "deviation": deviation,
            "counts": counts,
            "finite": np.ones(shape, dtype=bool),
            "loss": np.broadcast_to(np.linspace(2, 1, 10), shape),
            "test_error": np.full(shape, 0.25),
            "did_not_train": np.array([[[True, False], [False, False]]] * 3),
        }
    }


def texts(figure: Any) -> list[str]:
    """Return all words of a figure."""
    return [one.get_text() for axes in figure.axes for one in axes.texts] + [
        one.get_text() for one in figure.texts
    ]


def test_it_says_where_the_layers_are_and_where_the_last_began() -> None:
    words = EXHIBIT.spoken(results(), STATE)
    assert "is 1 in layer 1 and 4 in layer 20, where it began at 0.5" in words
    held = EXHIBIT.spoken(results(), STATE | {"batch_norm": 1.0})
    assert "with batch norm" in held
    assert "1 in layer 20, where it began at 1" in held


def test_it_says_what_share_is_beyond_the_picture_and_who_did_not_train() -> None:
    words = texts(draw(results(), STATE))
    assert [one for one in words if "beyond" in one] == ["50 % beyond →"]
    assert words.count("←") == 1
    assert "without batch norm: 25 % test error, 1 of 2 did not train" in words
    assert "with batch norm: 25 % test error" in words


def test_a_run_that_overflowed_is_left_out_and_counted() -> None:
    changed = results()
    arrays = changed["drift-training"]
    arrays["finite"][1, 0, 0, -1] = False
    arrays["deviation"][1, 0, 0, -1] = 0
    arrays["counts"][1, 0, 0, -1] = 0
    assert "1 of 2 runs overflowed" in texts(draw(changed, STATE))
    assert "4 in layer 20" in EXHIBIT.spoken(changed, STATE)
    assert "they overflowed: 1 of 2 runs" in EXHIBIT.spoken(changed, STATE)
    arrays["finite"][1, 0, 1, -1] = False
    assert "2 of 2 runs overflowed" in texts(draw(changed, STATE))


def test_lines_that_lie_on_each_other_are_named_together() -> None:
    held = draw(results(), STATE | {"batch_norm": 1.0})
    assert "step 0 and step 400" in texts(held)
    before = texts(draw(results(), STATE | {"batch_norm": 1.0, "step": 0.0}))
    assert "step 0" in before
    moved = results()
    moved["drift-training"]["deviation"][1, 1, :, -1, 9] = 1.3
    assert "step 0" in texts(draw(moved, STATE | {"batch_norm": 1.0}))


def test_a_run_wider_than_the_axis_is_counted_and_said_to_be_somewhere() -> None:
    changed = results()
    deviation = changed["drift-training"]["deviation"]
    deviation[1, 0, 1, -1, 13:] = 61
    words = "1 of 2 runs left the picture in layers 14 to 20"
    assert words in texts(draw(changed, STATE))
    assert f"{words}. After 400 steps" in EXHIBIT.alt(changed, STATE)
    assert not any("left" in one for one in texts(draw(results(), STATE)))
    changed["drift-training"]["finite"][1, 0, 0, -1] = False
    assert f"1 of 2 runs overflowed, {words}" in texts(draw(changed, STATE))


def test_one_step_is_not_called_steps() -> None:
    state = STATE | {"step": 1.0}
    assert "after 1 step:" in EXHIBIT.spoken(results(), state)
    assert "without batch norm, after 1 step" in texts(draw(results(), state))
    assert "after 3 steps:" in EXHIBIT.spoken(results(), STATE | {"step": 3.0})


def test_the_dot_stands_at_the_step_on_the_loss() -> None:
    figure = draw(results(), STATE | {"step": 100.0})
    (dot,) = [
        line for axes in figure.axes for line in axes.lines if line.get_gid() == "pass"
    ]
    assert float(dot.get_xdata()[0]) == pytest.approx(np.log10(101))
    assert float(dot.get_ydata()[0]) == pytest.approx(2 - 7 / 9)


def tops(figure: Any) -> list[float]:
    """Return how high each ridge stands above its row, in rows."""
    ridges = [one.get_paths()[0].vertices for one in figure.axes[0].collections]
    return [row - float(one[:, 1].min()) for row, one in enumerate(ridges)]


def test_a_ridge_holds_its_share_and_is_cut_where_too_high() -> None:
    density = 1 / 20 / (BINS[1] - BINS[0])  # in each of 20 bins
    found = tops(draw(results(), STATE))
    assert found == pytest.approx([1.45 * density / 0.8] * 8, abs=0.01)
    changed = results()
    changed["drift-training"]["counts"][..., :] = 0
    changed["drift-training"]["counts"][..., 24] = 25_600
    assert tops(draw(changed, STATE)) == pytest.approx([1.45] * 8)


def test_the_table_holds_the_numbers() -> None:
    rows = dict(EXHIBIT.numbers(results(), STATE))
    assert rows["standard deviation in layer 20"] == "4"
    assert rows["the same before the first step"] == "0.5"
    assert rows["runs that overflowed"] == "0"
