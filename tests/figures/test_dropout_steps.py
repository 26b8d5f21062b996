"""The film of training says and marks what the arrays hold at its step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ht_sim.figures.dropout_steps import EXHIBIT, draw


def results() -> dict[str, Any]:
    """Two repeats whose errors fall with the step and differ by rate and labels."""
    steps = np.arange(0, 1201, 10)
    shape = (2, 3, 2, steps.size)
    by_rate = np.array([0.0, 0.02, 0.05])[:, None, None]
    error = np.broadcast_to(0.3 - steps / 10_000 + by_rate, shape)
    loss = np.broadcast_to(2 * np.exp(-steps / 200) + by_rate, shape)
    return {
        "dropout-steps": {
            "redrawn": np.array([0.0, 0.2]),
            "p_drop": np.array([0.0, 0.2, 0.5]),
            "steps": np.broadcast_to(steps, (2, 3, steps.size)),
            "batch_steps": np.broadcast_to(steps, (2, 3, steps.size)),
            "training_error": error,
            "test_error": error + 0.01,
            "training_loss": loss,
            "batch_loss": loss + 0.1,
        }
    }


def test_it_says_the_errors_at_its_step() -> None:
    state = {"redrawn": 0.0, "mild": 0.0, "step": 1000.0}
    words = EXHIBIT.spoken(results(), state)
    assert "After 1,000 steps" in words
    assert "20.0 per cent without dropout and 25.0 with it" in words
    assert "the test error is 21.0 and 26.0" in words
    mild = EXHIBIT.spoken(results(), state | {"mild": 1.0})
    assert "20.0 per cent without dropout and 22.0 with it" in mild


def test_the_table_holds_both_errors_of_both_networks() -> None:
    state = {"redrawn": 0.0, "mild": 0.0, "step": 1000.0}
    values = [value.split()[0] for _, value in EXHIBIT.numbers(results(), state)]
    assert values == ["20.0", "25.0", "21.0", "26.0"]


def test_it_counts_the_runs_that_do_not_get_there() -> None:
    state = {"redrawn": 1.0, "mild": 0.0, "step": 1200.0}
    changed = results()
    loss = changed["dropout-steps"]["training_loss"].copy()
    loss[1, 2] = 0.15
    loss[1, 2, :, 0] = 2
    changed["dropout-steps"]["training_loss"] = loss
    assert "0.1: reached by 0 of 2 runs" in EXHIBIT.alt(changed, state)


def test_the_dots_stand_at_the_step() -> None:
    state = {"redrawn": 1.0, "mild": 0.0, "step": 400.0}
    figure = draw(results(), state)
    for axes, training in zip(figure.axes[:2], (26.0, 31.0), strict=True):
        dots = [line for line in axes.lines if line.get_gid() == "pass"]
        assert [float(dot.get_xdata()[0]) for dot in dots] == [400, 400]
        heights = [float(dot.get_ydata()[0]) for dot in dots]
        assert heights == pytest.approx([training, training + 1])


@pytest.mark.parametrize("step", [10.0, 400.0, 1200.0])
def test_the_words_hang_on_the_dots_and_what_comes_is_hidden(step: float) -> None:
    figure = draw(results(), {"redrawn": 1.0, "mild": 0.0, "step": step})
    for axes in figure.axes[:2]:
        test, training = (
            next(one for one in axes.texts if one.get_text().startswith(name))
            for name in ("test", "training")
        )
        assert test.xy[0] == training.xy[0] == step
        assert test.xy[1] - training.xy[1] == pytest.approx(17 / 190 * 40)
        assert test.xy[1] < 40
        (veil,) = axes.patches
        assert veil.get_x() == step
        assert veil.get_x() + veil.get_width() > 1200
        assert veil.get_alpha() is None
        assert "18 % of training labels are wrong" in [
            one.get_text() for one in axes.texts
        ]
