"""The drawn bars have the lengths that the forms send."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from ht_sim.experiments.dropout_forms import simulate
from ht_sim.figures.dropout_forms import EXHIBIT, ROWS, draw
from ht_sim.streams import streams_of_repeats


def results(rate: float) -> dict[str, Any]:
    """A grid of one rate."""
    arrays = simulate({"p_drop": rate}, streams_of_repeats(3, 1))
    one = {name: np.asarray(value)[np.newaxis] for name, value in arrays.items()}
    return {"dropout-forms": one | {"p_drop": np.array([rate])}}


def segments(rate: float, row: str) -> list[Rectangle]:
    """Return the drawn segments of a row, classic and then inverted."""
    figure = draw(results(rate), {"rate": rate, "pass": 1.0})
    bars = [one for one in figure.axes[0].patches if isinstance(one, Rectangle)]
    return [one for one in bars if one.get_y() == ROWS[row]]


def lengths(rate: float, row: str) -> tuple[float, float]:
    """Return how long a row's bars are drawn, classic and inverted, in pixels."""
    found = segments(rate, row)
    half = len(found) // 2
    first, second = (
        sum(one.get_width() for one in part) for part in (found[:half], found[half:])
    )
    return first, second


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.5])
def test_mean_and_test_are_as_long_and_the_forms_differ_by_what_is_kept(
    rate: float,
) -> None:
    mean, test = lengths(rate, "mean"), lengths(rate, "test")
    assert mean == pytest.approx(test)
    assert mean[0] == pytest.approx((1 - rate) * mean[1])


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3, 0.6, 0.7, 0.8, 0.9])
def test_mean_and_test_have_the_same_heat(rate: float) -> None:
    mean, test = (
        [one.get_facecolor() for one in segments(rate, row)] for row in ("mean", "test")
    )
    assert mean == test


def test_words_come_from_the_data() -> None:
    state = {"rate": 0.5, "pass": 1.0}
    arrays = results(0.5)
    arrays["dropout-forms"]["classic_pass"][0, 0] = [0.25, 0, 0, 0, 0, 0]
    assert "classic sends 0.25 in training and 5 at test" in EXHIBIT.spoken(
        arrays, state
    )
    assert "the pass sends 0.25, the mean" in EXHIBIT.alt(arrays, state)


def test_the_table_holds_pass_mean_and_test() -> None:
    rows = dict(EXHIBIT.numbers(results(0.5), {"rate": 0.5, "pass": 1.0}))
    assert rows["classic: mean over all 64 masks"] == "5"
    assert rows["inverted: the test sends"] == "10"
    sent = float(rows["classic: this pass sends"])
    assert float(rows["inverted: this pass sends"]) == pytest.approx(2 * sent)
