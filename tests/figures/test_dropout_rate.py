"""Both figures of the drop rate say and draw what is in the arrays."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ht_sim import look
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_rate import ARRAYS, EXAMPLES, RATES, REDRAWN
from ht_sim.experiments.dropout_rate_kept import hidden_units
from ht_sim.figures import Results, State, dropout_rate, dropout_rate_kept
from ht_sim.figures._rate import signed

REPEATS = 4
NOISE = np.array([-0.01, -0.005, 0.005, 0.01])


def made(errors: np.ndarray, axis: str, values: tuple[float, ...]) -> Arrays:
    """Arrays of (rates, values, labels, repeats) whose last rate is nearly lost."""
    arrays = {name: np.zeros(errors.shape) for name in ARRAYS}
    failed = np.zeros(errors.shape, bool)
    failed[-1, :, :, :3] = True
    return arrays | {
        "test_error": errors,
        "training_error": errors / 2,
        "did_not_train": failed,
        "p_drop": np.array(RATES),
        axis: np.array(values),
        "redrawn": np.array(tuple(REDRAWN.values())),
    }


@pytest.fixture
def rates() -> Results:
    """At 0.5 the redrawn labels gain two points at every size, the clean ones none."""
    errors = np.full((len(RATES), len(EXAMPLES), 2, REPEATS), 0.1) + NOISE
    errors[5, :, 1] -= 0.02
    errors[8] += 0.05
    errors[9] = 0.9
    return {"dropout-rate": made(errors, "examples", EXAMPLES)}


def draw(module: ModuleType, results: Results, state: State) -> Figure:
    """Draw one state as a build does."""
    with look.style():
        figure: Figure = module.draw(results, state)
    return figure


def texts(figure: Figure) -> list[str]:
    """Return all words that stand in the axes of a figure."""
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    return found + [axes.get_title(loc="left") for axes in figure.axes]


def state(redrawn: float, examples: float, rate: float) -> dict[str, float]:
    """A state of the first figure."""
    return {"redrawn": redrawn, "examples": examples, "rate": rate}


def test_words_follow_from_the_paired_interval(rates: Results) -> None:
    figure = draw(dropout_rate, rates, state(0.2, 400.0, 0.5))
    words = texts(figure)
    assert words.count("−2.0 points") == 3  # the three sizes, redrawn
    assert words.count("better") == 3
    assert words.count("0.0 points") == words.count("no difference") == 3
    assert "against rate 0: −2.0 points (−2.0 to −2.0), better" in words
    worse = texts(draw(dropout_rate, rates, state(0.2, 400.0, 0.8)))
    assert worse.count("+5.0 points") == worse.count("worse") == 6


def test_runs_above_the_scale_stand_as_dots_hollow_if_they_did_not_train(
    rates: Results,
) -> None:
    figure = draw(dropout_rate, rates, state(0.0, 100.0, 0.9))
    strip = figure.axes[1]
    dots = [line for line in strip.lines if line.get_xdata()[0] > 0.85]
    key = [to_hex(str(one.get_color())) for one in strip.lines if one not in dots]
    assert key == [look.INK, look.PAPER]  # beside "trained badly", "did not train"
    colours = [to_hex(str(line.get_color())) for line in dots]
    assert colours.count(look.PAPER) == 3
    assert colours.count(look.INK) == 1
    assert texts(figure).count("did not train") == 7  # six cases and the key
    assert texts(figure).count("3 of 4 runs") == 6


def test_dots_stand_at_the_means_of_the_state(rates: Results) -> None:
    figure = draw(dropout_rate, rates, state(0.2, 1000.0, 0.5))
    dots = [line for line in figure.axes[0].lines if line.get_gid() == "pass"]
    places = [(line.get_xdata()[0], line.get_ydata()[0]) for line in dots]
    assert places == [pytest.approx((0.5, 4)), pytest.approx((0.5, 8))]


def test_only_the_case_of_the_state_is_marked(rates: Results) -> None:
    figure = draw(dropout_rate, rates, state(0.0, 1000.0, 0.5))
    shaded = [
        axes.get_title(loc="left")
        for axes in figure.axes
        if to_hex(axes.get_facecolor()) == look.SURFACE
    ]
    assert shaded == ["1,000 digits"]


@pytest.mark.parametrize("rate", [0.0, 0.5, 0.9])
def test_what_is_said_comes_from_the_arrays(rates: Results, rate: float) -> None:
    said = dropout_rate.alt(rates, state(0.2, 400.0, rate))
    expected = {0.0: "test error 10.0 %", 0.5: "test error 8.0 %", 0.9: "90.0 %"}
    assert expected[rate] in said
    assert "20 % of labels redrawn" in said
    aloud = dropout_rate.spoken(rates, state(0.2, 400.0, rate))
    assert aloud.startswith(f"400 digits, rate {rate:.1f}: ")
    assert "%" not in aloud


def test_the_table_has_the_errors_and_their_intervals(
    rates: Results, kept: Results
) -> None:
    rows = dict(dropout_rate.numbers(rates, state(0.2, 400.0, 0.5)))
    assert rows["test error"].startswith("8.0 (6.5 to 9.5)")
    assert rows["training error"].startswith("4.0 (")
    assert rows["test error against rate 0"].startswith("−2.0 (−2.0 to −2.0)")
    lost = dict(dropout_rate.numbers(rates, state(0.2, 400.0, 0.9)))
    assert lost["runs that did not train"] == "3 of 4"
    wide = dict(dropout_rate_kept.numbers(kept, {"redrawn": 0.0, "rate": 0.8}))
    assert wide["units of the wider network"] == "320"
    assert wide["test error with 128 units"].startswith("20.0 (")
    assert wide["difference"].startswith("−10.0 (")


@pytest.mark.parametrize(
    ("value", "text"), [(1.26, "+1.3"), (-0.04, "0.0"), (0.0, "0.0"), (-10, "−10.0")]
)
def test_points_are_written_with_their_sign(value: float, text: str) -> None:
    assert signed(value) == text


@pytest.fixture
def kept() -> Results:
    """At 0.8 the wide network errs ten points less, elsewhere as much."""
    errors = np.full((len(RATES), 2, 2, REPEATS), 0.1) + NOISE
    errors[8, 0] += 0.1
    errors[9] = 0.9
    return {"dropout-rate-kept": made(errors, "kept", (0.0, 1.0))}


def test_the_wider_network_is_compared_with_the_fixed_one(kept: Results) -> None:
    high = texts(draw(dropout_rate_kept, kept, {"redrawn": 0.0, "rate": 0.8}))
    assert "320 units against 128: −10.0 points (−10.0 to −10.0), better" in high
    assert "rate 0.8: test error 20.0 % with 128 units, 10.0 % with 320" in high
    half = texts(draw(dropout_rate_kept, kept, {"redrawn": 0.0, "rate": 0.5}))
    assert "here both are the same network" in half
    lost = dropout_rate_kept.spoken(kept, {"redrawn": 0.0, "rate": 0.9})
    assert "3 and 3 of 4 runs did not train" in lost


def test_the_widths_stand_below_their_rates(kept: Results) -> None:
    figure = draw(dropout_rate_kept, kept, {"redrawn": 0.2, "rate": 0.1})
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == [f"{rate:.1f}\n{hidden_units(rate)}" for rate in RATES]
