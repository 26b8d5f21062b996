"""Differences are averages minus weight scaling, and the words follow from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ht_sim.figures.dropout_averaging import EXHIBIT, draw

COUNTS = np.array([1, 2, 5, 10, 20, 50, 100, 200])


def results() -> dict[str, Any]:
    """Three repeats; the error falls by masks to 0.1 points above weight scaling."""
    scaled = np.array([[0.05, 0.06, 0.04], [0.04, 0.05, 0.03]])
    above = 0.001 + 0.04 / COUNTS  # (counts,)
    repeats = np.array([-1e-4, 0, 1e-4])
    error = scaled[..., np.newaxis] + above + repeats[:, np.newaxis]
    loss = scaled[..., np.newaxis] - 0.1 + 1 / COUNTS + repeats[:, np.newaxis]
    even = np.full((2, 10), 0.1)
    return {
        "dropout-averaging": {
            "steps": np.array([400, 2000]),
            "mask_counts": np.broadcast_to(COUNTS, (2, 8)),
            "error_scaled": scaled,
            "loss_scaled": scaled,
            "error_averaged": error,
            "loss_averaged": loss,
            "scaled": even,
            "geometric": even + 2e-16,
            "arithmetic": even + 0.25,
            "sampled": np.broadcast_to(even[:, np.newaxis], (2, 8, 10)),
            "label": np.array([3, 7]),
        }
    }


@pytest.mark.parametrize(
    ("masks", "error", "loss"),
    [
        (1, "1 mask against weight scaling: error +4.1 points, worse", "+0.900"),
        (50, "50 masks against weight scaling: error +0.2 points, no diff", "−0.080"),
        (10, "error +0.5 points, worse", "0.000 nats, cannot tell"),
    ],
)
def test_the_word_follows_from_the_interval(masks: int, error: str, loss: str) -> None:
    words = EXHIBIT.spoken(results(), {"short": 0.0, "masks": float(masks)})
    assert error in words
    assert loss in words
    assert "cross-entropy" in words


def test_the_table_holds_both_and_their_difference() -> None:
    rows = EXHIBIT.numbers(results(), {"short": 0.0, "masks": 50.0})
    values = [value.partition(" (")[0] for _, value in rows]
    assert values == ["4.2", "4.0", "+0.2", "−0.040", "0.040", "−0.080"]


def test_the_choice_takes_the_short_training() -> None:
    long, short = (
        EXHIBIT.alt(results(), {"short": short, "masks": 5.0}) for short in (0.0, 1.0)
    )
    assert "after 2000 training steps" in long
    assert "after 400 training steps" in short
    assert "at most 2e-16, the arithmetic mean, which is flatter, by up to 0.25" in long


def test_the_dots_are_the_repeats_at_the_count() -> None:
    figure = draw(results(), {"short": 0.0, "masks": 5.0})
    dots = figure.axes[0].collections[-1].get_offsets()
    np.testing.assert_allclose(dots, [[5, 0.89], [5, 0.9], [5, 0.91]])
    heights = [bar.get_height() for bar in figure.axes[3].patches]
    np.testing.assert_allclose(heights, 0.35)
    assert "the digit is a 7" in [one.get_xlabel() for one in figure.axes][5]
