"""The figure says, writes and marks what the arrays hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ht_sim import look
from ht_sim.experiments.drift_gradients import BATCHES
from ht_sim.figures._drift_gradients_picture import draw, large, power_of_ten
from ht_sim.figures.drift_gradients import EXHIBIT
from ht_sim.theory.propagation import batch_norm_gradient_factor

FACTORS = np.array([[0.9, 1.5, 1.0], [2.8, 1.1, 1.0], [0.9, 1.1, 1.0]])


def results() -> dict[str, Any]:
    """Three repeats; the gradient grows by ``FACTORS`` in each network and norm."""
    grid = len(BATCHES)
    repeats = np.array([-0.01, 0.0, 0.01])
    slope = np.log(FACTORS)[..., np.newaxis] + repeats  # (networks, norms, repeats)
    decades = np.log10(FACTORS)[..., np.newaxis] * np.arange(49, -1, -1)
    gradient = np.stack([decades - 0.1, decades, decades + 0.1], axis=-2)
    signal = np.zeros((3, 3, 3, 50))
    signal[1, 0] = np.linspace(0, 11, 50)
    values = {
        "slope": slope,
        "growth": np.broadcast_to(decades[..., :1], (3, 3, 3)),
        "gradient": gradient,
        "signal": signal,
        "wide_slope": np.log([[1.48], [1.02]]) + repeats,
    }
    arrays = {
        name: np.broadcast_to(one, (grid, *one.shape)) for name, one in values.items()
    }
    return {"drift-gradients": arrays | {"batch": np.array(BATCHES, dtype=float)}}


def test_it_says_the_factors_and_theory_where_there_is_one() -> None:
    plain = EXHIBIT.spoken(results(), {"network": 0.0, "batch": 128.0})
    assert "no norm 0.90, batch norm 1.50, layer norm 1.00" in plain
    assert plain.endswith("theory for batch norm 1.48")
    skips = EXHIBIT.spoken(results(), {"network": 1.0, "batch": 128.0})
    assert "no norm 2.80, batch norm 1.10" in skips
    assert "theory" not in skips
    linear = EXHIBIT.alt(results(), {"network": 2.0, "batch": 4.0})
    assert "theory for batch norm 2.00" in linear


def test_the_table_has_the_same_rows_in_every_state() -> None:
    tables = [
        EXHIBIT.numbers(results(), {"network": network, "batch": 8.0})
        for network in (0.0, 1.0, 2.0)
    ]
    names = [[name for name, _ in rows] for rows in tables]
    assert names[0] == names[1] == names[2]
    values = [[value.partition(" (")[0] for _, value in rows] for rows in tables]
    assert values[0][:5] == ["0.900", "1.500", "1.000", "1.480", "1.788"]
    assert values[1][3:5] == ["—", "—"]
    assert values[0][6] == "20,600"  # 1.5 to the power of 49 / 2
    assert values[1][5] == "9.0 × 10¹⁰"


@pytest.mark.parametrize(
    ("exponent", "text"),
    [(0.2, "1"), (-1, "0.1"), (2, "100"), (7.6, "10⁸"), (-12, "10⁻¹²")],
)
def test_a_power_of_ten_is_written_short(exponent: float, text: str) -> None:
    assert power_of_ten(exponent) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.986, "0.99"),
        (10.4, "10"),
        (13_760, "13,800"),
        (999_960, "1,000,000"),
        (9.97e6, "1.0 × 10⁷"),
        (9.96e20, "1.0 × 10²¹"),
        (1e-9, "1.0 × 10⁻⁹"),
    ],
)
def test_large_numbers_are_written_short(value: float, text: str) -> None:
    assert large(value) == text


def test_layer_1_is_on_top_and_the_dot_stands_at_the_batch() -> None:
    figure = draw(results(), {"network": 0.0, "batch": 64.0})
    signal, gradient, factors = figure.axes
    for axes in (signal, gradient):
        bottom, top = axes.get_ylim()
        assert bottom > 50
        assert top < 1
    (dot,) = (line for line in factors.lines if line.get_gid() == "pass")
    assert dot.get_xdata()[0] == 6
    assert dot.get_ydata()[0] == pytest.approx(1.5)


def test_a_line_that_leaves_the_picture_says_where_it_goes() -> None:
    figure = draw(results(), {"network": 1.0, "batch": 64.0})
    signal, gradient, _ = figure.axes
    assert "no norm: 10¹¹\nat layer 50" in [one.get_text() for one in signal.texts]
    assert "no norm: 10²² at layer 1" in [one.get_text() for one in gradient.texts]
    plain = draw(results(), {"network": 0.0, "batch": 64.0}).axes[1]
    words = [one.get_text() for one in plain.texts]
    assert "batch norm" in words
    assert "theory:\n× 1.49 a layer" in words


def test_theory_starts_where_the_last_layer_is_1_and_has_its_slope() -> None:
    axes = draw(results(), {"network": 0.0, "batch": 64.0}).axes[1]
    (theory,) = (line for line in axes.lines if line.get_color() == look.INK)
    x, layers = theory.get_data()
    assert (x[-1], layers[-1]) == (0, 50)
    assert x[0] == pytest.approx(49 * np.log10(batch_norm_gradient_factor(64)))
    ranges = results()["drift-gradients"]["gradient"][0, 0]
    (label,) = (one for one in axes.texts if "theory" in one.get_text())
    right, layer = label.xy
    assert right >= ranges[:, 2, int(layer) - 1 : int(layer) + 7].max()


def test_the_names_of_lines_that_lie_on_each_other_stand_together() -> None:
    axes = draw(results(), {"network": 0.0, "batch": 64.0}).axes[0]
    words = [one.get_text() for one in axes.texts]
    assert words == [
        "batch norm,", "layer norm:", "1 throughout", "no norm: 1\nat layer 50"
    ]  # fmt: skip


def test_batch_norm_is_named_right_of_its_line_and_layer_norm_left() -> None:
    changed = results()
    gradient = changed["drift-gradients"]["gradient"].copy()
    gradient[:, 1, 2] += 0.6  # layer norm's line leans to the right as well
    changed["drift-gradients"]["gradient"] = gradient
    axes = draw(changed, {"network": 1.0, "batch": 64.0}).axes[1]
    sides = {one.get_text(): one.get_ha() for one in axes.texts}
    assert sides["batch norm"] == "left"
    assert sides["layer norm"] == "right"


def test_the_name_of_a_line_that_left_is_below_the_wide_ends_of_the_others() -> None:
    axes = draw(results(), {"network": 1.0, "batch": 4.0}).axes[1]
    (name,) = [one for one in axes.texts if "at layer 1" in one.get_text()]
    assert 4 < name.xy[1] < 12
