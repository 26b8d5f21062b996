"""Both figures of the signal by depth say and draw what is in the arrays."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ht_sim import look
from ht_sim.experiments._signal import (
    ALIKE,
    ALIKE_FLOOR,
    ALIVE,
    BIN,
    BINS,
    EXPLODED,
    VANISHED,
)
from ht_sim.experiments.drift_depth import GAINS, MARKS, MEASURED, RIDGES, SHOWN_GAINS
from ht_sim.figures import Results, State, _drift_depth_picture, drift_depth, drift_map
from ht_sim.figures._drift import gain_text, power
from ht_sim.figures._drift_map_picture import boxes, middle, turning_layer

F, N, G, S = 4, 3, len(GAINS), len(SHOWN_GAINS)


@pytest.fixture
def results() -> Results:
    """Without a norm sizes change by a tenth of log2(gain) powers of ten a layer.

    Of the sigmoid the spread dies in their place. With a norm nothing changes.
    """
    layers = np.array(MEASURED)
    drift = 0.1 * np.log2(GAINS)[:, None] * (layers - 1)  # (gains, layers)
    size = np.zeros((F, N, 2, G, layers.size, 3))
    size[:3, 0] = drift[..., None]
    alike = np.zeros((F, N, 2, G, layers.size))
    alike[3, 0] = np.maximum(-0.3 * (layers - 1), np.log10(ALIKE_FLOOR))
    shown = [GAINS.index(gain) for gain in SHOWN_GAINS]
    at = np.zeros((F, N, 2, S, 2, len(MARKS)))
    at[:3, 0] = 0.1 * np.log2(GAINS)[shown][:, None, None] * (np.array(MARKS) - 1)
    ridge = np.zeros((F, N, S, len(RIDGES)))
    ridge[:3, 0] = 0.1 * np.log2(GAINS)[shown][:, None] * (np.array(RIDGES) - 1)
    density = np.zeros((F, N, S, len(RIDGES), BINS))
    density[..., BINS // 2] = 1 / BIN
    density[1, 0, SHOWN_GAINS.index(2.0), -1] *= 0.25
    arrays = {
        "size": size,
        "alike": alike,
        "size_at": at,
        "alike_at": np.zeros_like(at),
        "ridge_size": ridge,
        "density": density,
        "layer": np.tile(layers, (F, 1)),
    }
    return {"drift-depth": arrays}


def draw(module: ModuleType, results: Results, state: State) -> Figure:
    """Draw one state as a build does."""
    with look.style():
        figure: Figure = module.draw(results, state)
    return figure


def texts(figure: Figure) -> dict[str, str]:
    """Return the words in the axes of a figure, each with its colour."""
    found = [text for axes in figure.axes for text in axes.texts]
    return {text.get_text(): to_hex(str(text.get_color())) for text in found}


def depth(norm: int = 0, nonlinearity: int = 1, gain: float = 1.0) -> State:
    return {"norm": norm, "gain": gain, "nonlinearity": nonlinearity}


def chart(norm: int = 0, nonlinearity: int = 1, residual: int = 0) -> State:
    return {"norm": norm, "nonlinearity": nonlinearity, "residual": residual}


@pytest.mark.parametrize(
    ("exponent", "text"),
    [
        (0.0, "1.0"),
        (0.4, "2.5"),
        (2.0, "100"),
        (-0.3, "0.50"),
        (-2.0, "0.010"),
        (-2.1, "7.9 × 10⁻³"),
        (3.0, "1.0 × 10³"),
        (3.9999, "1.0 × 10⁴"),
        (-16.9999, "1.0 × 10⁻¹⁷"),
        (np.log10(0.999), "1.0"),
    ],
)
def test_powers_are_written_as_read(exponent: float, text: str) -> None:
    assert power(exponent) == text


def test_gains_with_names_are_named() -> None:
    assert [gain_text(gain) for gain in SHOWN_GAINS] == [
        *("0.71", "1 (Xavier)", "1.26", "1.41 (He)", "1.59", "2", "2.83"),
    ]


def test_the_end_is_told_in_the_colour_of_the_norm(results: Results) -> None:
    found = texts(draw(drift_depth, results, depth(gain=SHOWN_GAINS[0])))
    assert found["ReLU, gain 0.71, no norm: the signal dies"] == look.WITHOUT
    found = texts(draw(drift_depth, results, depth(gain=2.0)))
    assert "ReLU, gain 2, no norm: the signal explodes" in found
    found = texts(draw(drift_depth, results, depth(norm=1, gain=2.0)))
    assert found["ReLU, gain 2, batch norm: the signal lives"] == look.BATCH_NORM
    found = texts(draw(drift_depth, results, depth(nonlinearity=3)))
    assert "sigmoid, gain 1 (Xavier), no norm: all examples look alike" in found


def test_theory_is_drawn_where_there_is_no_norm(results: Results) -> None:
    assert "theory" in texts(draw(drift_depth, results, depth()))
    assert "theory" not in texts(draw(drift_depth, results, depth(norm=2)))


def test_names_stand_clear_of_the_line_of_size_one(results: Results) -> None:
    for gain, side in ((1 / 2**0.5, "right"), (2.0, "left"), (2.0 * 2**0.5, "left")):
        at = SHOWN_GAINS[np.argmin(np.abs(np.array(SHOWN_GAINS) - gain))]
        figure = draw(drift_depth, results, depth(gain=at))
        name = next(t for t in figure.axes[2].texts if t.get_text().startswith("size"))
        assert name.get_ha() == side


def test_a_spread_that_ends_says_why(results: Results) -> None:
    found = texts(draw(drift_depth, results, depth(nonlinearity=3)))
    assert found["below rounding"] == look.WITHOUT
    assert "below rounding" not in texts(draw(drift_depth, results, depth()))


def test_layers_are_named_on_the_axis(results: Results) -> None:
    assert draw(drift_depth, results, depth()).axes[2].get_ylabel() == "layer"


def test_what_is_beyond_the_picture_is_said(results: Results) -> None:
    assert "75 % beyond →" in texts(draw(drift_depth, results, depth(gain=2.0)))
    still = texts(draw(drift_depth, results, depth()))
    assert not any("beyond" in words for words in still)


def test_a_spread_of_its_own_is_named(results: Results) -> None:
    together = texts(draw(drift_depth, results, depth()))
    assert "size and spread" in together
    apart = texts(draw(drift_depth, results, depth(nonlinearity=3)))
    assert {"size", "spread"} <= {*apart}
    assert "size and spread" not in apart


def test_a_peak_is_cut(results: Results) -> None:
    shown = SHOWN_GAINS.index(1.0)
    middle = BINS // 2
    results["drift-depth"]["density"][1, 0, shown, :, middle - 1 : middle + 1] = 2.5
    figure = draw(drift_depth, results, depth())
    ridges = figure.axes[1].patches
    assert len(ridges) == len(RIDGES)
    y = ridges[0].get_path().vertices[:, 1]
    assert y.max() - y.min() == _drift_depth_picture.HIGHEST


def test_a_ridge_within_one_bin_is_a_bare_line(results: Results) -> None:
    figure = draw(drift_depth, results, depth(gain=2.0))
    ends = [ridge.get_path().vertices[1:-2] for ridge in figure.axes[1].patches]
    assert [*np.ptp(ends[0], axis=0)] == [0, _drift_depth_picture.NEEDLE]
    assert np.ptp(ends[-1][:, 0]) > 8  # three quarters of its values are elsewhere


def test_words_say_both_ends(results: Results) -> None:
    words = drift_depth.spoken(results, depth(gain=2.0))
    assert "size 1.0 in layer 1, 7.9 × 10⁹ in layer 100" in words
    rows = dict(drift_depth.numbers(results, depth(gain=2.0)))
    assert rows["size in layer 50, median of networks"] == "7.9 × 10⁴"


def test_boxes_are_runs_down_the_columns() -> None:
    found = np.array([[0, 1, 1], [1, 0, 1]])
    layers = np.array([1, 4, 7])
    assert [*boxes(1, found, layers)] == [
        (0, 2.5, 1, 8.5),
        (1, -0.5, 2, 2.5),
        (1, 5.5, 2, 8.5),
    ]


def test_the_middle_of_a_region_lies_far_from_its_border() -> None:
    region = np.zeros((9, 30), bool)
    region[2:7, 9:30] = True
    assert middle(region) == (4, 19)


def test_theory_turns_where_the_size_is_a_hundredfold() -> None:
    assert turning_layer(0, 10.0, False) == pytest.approx(3.0)
    assert turning_layer(0, 0.1, False) == pytest.approx(3.0)
    assert turning_layer(1, 2**0.5 * 10**0.5, False) == pytest.approx(5.0)
    assert turning_layer(0, 3.0, True) == pytest.approx(5.0)
    assert np.isnan(turning_layer(0, 1.0, False))
    assert np.isnan(turning_layer(1, 2.0, True))


def test_regions_are_named_with_their_colours(results: Results) -> None:
    found = texts(draw(drift_map, results, chart()))
    assert {"exploded", "vanished", "alive", "theory", "Xavier", "He"} <= {*found}
    assert {*found.values()} <= {look.INK, look.MUTED}
    held = texts(draw(drift_map, results, chart(norm=1)))
    assert "alive" in held
    assert {"vanished", "exploded", "theory"}.isdisjoint(held)
    alike = texts(draw(drift_map, results, chart(nonlinearity=3)))
    assert "all examples alike" in alike


def test_cells_are_filled_in_their_places(results: Results) -> None:
    figure = draw(drift_map, results, chart())
    patches = {to_hex(p.get_facecolor()): p for p in figure.axes[1].patches}
    grey, light, hot = (
        patches[one].get_path().get_extents()
        for one in (look.DROPPED, look.HEAT[0], look.HEAT[5])
    )
    assert (light.x0, light.x1) == (0, len(GAINS))
    assert grey.x0 == 0
    assert grey.x1 <= GAINS.index(1.0)
    assert hot.x0 > GAINS.index(1.0)
    assert hot.x1 == len(GAINS)


def test_spreads_are_written_where_the_signal_lives(results: Results) -> None:
    arrays = results["drift-depth"]
    arrays["alike"][1, 2] = np.log10(0.03)
    arrays["alike"][1, 2, 0, GAINS.index(2.0), -1] = np.log10(0.4)
    figure = draw(drift_map, results, chart(norm=2))
    shares = [t for t in figure.axes[1].texts if t.get_text().endswith("%")]
    assert [t.get_text() for t in shares].count("3 %") == 15
    (other,) = [t for t in shares if t.get_text() == "40 %"]
    assert other.get_position()[0] == GAINS.index(2.0) + 0.5
    words = drift_map.spoken(results, chart(norm=2))
    assert words.endswith("alive, the spread is 3 % to 40 % of the size")


def test_no_spread_is_written_where_no_signal_lives(results: Results) -> None:
    found = texts(draw(drift_map, results, chart(nonlinearity=3)))
    assert not any("%" in words or "spread" in words for words in found)
    shares = draw(drift_map, results, chart()).axes[1].texts
    columns = {t.get_position()[0] for t in shares if "%" in t.get_text()}
    assert GAINS.index(1.0) + 0.5 in columns
    last = [t for t in shares if "%" in t.get_text() and t.get_position()[1] > 90]
    assert [t.get_position()[0] for t in last] == [GAINS.index(1.0) + 0.5]


def test_words_give_the_gains_of_the_last_layer(results: Results) -> None:
    words = drift_map.spoken(results, chart())
    assert "vanished at gain 0.5 to 0.79" in words
    assert "exploded at gain 1.3 to 2.8" in words
    rows = dict(drift_map.numbers(results, chart(nonlinearity=3)))
    assert rows["all examples alike in layer 100, of 16 gains"] == "16"
    assert rows["spread in layer 100 where alive"] == "none alive"
    assert {ALIVE, VANISHED, EXPLODED, ALIKE} == {*range(4)}
