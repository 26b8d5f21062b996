"""The pictures of weights show each pixel once, in the grey of its weight."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from ht_sim import look
from ht_sim.figures.dropout_features import (
    EXHIBIT,
    GREYS,
    SHOWN,
    SIDE,
    _corner,
    _runs,
    draw,
)


def results(features: np.ndarray) -> dict[str, Any]:
    """Two repeats at four rates; what is measured falls with the rate."""
    by_rate = np.array([0.8, 0.6, 0.4, 0.2])[:, np.newaxis]
    one = np.broadcast_to(by_rate, (4, 2))
    bins = np.full((4, 2, 20), 0.05)
    shares = np.array([0, 0.2, 0.5, 0.8])
    return {
        "dropout-features": {
            "p_drop": np.array([0.0, 0.2, 0.5, 0.8]),
            "features": np.broadcast_to(features, (4, SHOWN, 8, 8)),
            **dict.fromkeys(
                ("on", "mean_activation", "error", "worst_unit", "smoothness"), one
            ),
            "activation_shares": bins,
            "unit_shares": bins,
            "activation_edges": np.broadcast_to(np.linspace(0, 2, 21), (4, 21)),
            "unit_edges": np.broadcast_to(np.linspace(0, 1, 21), (4, 21)),
            "silenced": np.broadcast_to(shares, (4, 4)),
            "error_silenced": one[..., np.newaxis] + shares,
        }
    }


def areas(path: Path) -> list[float]:
    """Return the area of each box of a path."""
    corners = path.vertices.reshape(-1, 5, 2)
    return [float(np.prod(np.ptp(box, axis=0))) for box in corners]


def test_runs_cover_the_true_pixels_and_no_other(rng: np.random.Generator) -> None:
    at = rng.random((SHOWN, 8, 8)) < 0.4
    pixel = SIDE / 8
    covered = np.zeros_like(at, dtype=int)
    for left, top, width, height in _runs(at):
        unit = max(
            number
            for number in range(SHOWN)
            if _corner(number)[0] <= left and _corner(number)[1] <= top
        )
        x, y = _corner(unit)
        first, row = round((left - x) / pixel), round((top - y) / pixel)
        assert height == pixel
        covered[unit, row, first : first + round(width / pixel)] += 1
    np.testing.assert_array_equal(covered, at)


def test_each_weight_has_the_grey_of_its_step() -> None:
    features = np.zeros((SHOWN, 8, 8))
    features[0, 0, :5] = -0.2, -0.05, 0, 0.05, 0.2
    figure = draw(results(features), {"rate": 0.5})
    patches = [one for one in figure.axes[0].patches if isinstance(one, PathPatch)]
    colours = {
        to_hex(one.get_facecolor()): len(areas(one.get_path()))
        for one in patches
        if len(one.get_path())
    }
    assert colours == {grey: SHOWN if grey == look.DROPPED else 1 for grey in GREYS}


def test_it_says_what_the_arrays_hold() -> None:
    words = EXHIBIT.spoken(results(np.zeros((SHOWN, 8, 8))), {"rate": 0.5})
    assert "40 % of activations above zero, without dropout 80 %" in words
    assert "error 40 %, with half the units silent 90 %" in words
    assert "without dropout 80 % and 130 %" in words
    alt = EXHIBIT.alt(results(np.zeros((SHOWN, 8, 8))), {"rate": 0.8})
    assert "correlate by 0.80 without dropout and by 0.20 at drop rate 0.8" in alt


def test_the_table_holds_what_is_said() -> None:
    rows = EXHIBIT.numbers(results(np.zeros((SHOWN, 8, 8))), {"rate": 0.5})
    values = [value.replace("\u202f%", "") for _, value in rows]
    assert values == ["80", "40", "80", "40", "130", "90", "80", "40", "0.80", "0.40"]


def test_the_dot_stands_at_the_rate_of_training() -> None:
    with look.style():
        figure = draw(results(np.zeros((SHOWN, 8, 8))), {"rate": 0.8})
    charts = {one.get_title(loc="left"): one for one in figure.axes}
    silenced = charts["error when units fall silent at random"]
    (dot,) = [line for line in silenced.lines if line.get_gid() == "pass"]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.8, 1.0)


def test_the_bars_are_what_the_most_important_unit_is_worth() -> None:
    with look.style():
        figure = draw(results(np.zeros((SHOWN, 8, 8))), {"rate": 0.5})
    charts = {one.get_title(loc="left"): one for one in figure.axes}
    axes = charts["rise when the most important unit is silent"]
    assert [bar.get_width() for bar in axes.patches] == [80, 40]
    assert [one.get_text() for one in axes.texts] == ["+80.0 %", "+40.0 %"]
