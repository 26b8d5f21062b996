"""Both forms under every mask: means, their ratio, and the passes that are shown."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.experiments.dropout_forms import (
    ACTIVATIONS,
    EXPERIMENT,
    all_masks,
    facts,
    simulate,
)
from ht_sim.streams import streams_of_repeats

RATES = EXPERIMENT.grid[0].values


def grid() -> dict[str, np.ndarray]:
    """All points, stacked along the rate, of another seed than the site's."""
    points = [simulate({"p_drop": rate}, streams_of_repeats(3, 1)) for rate in RATES]
    found = {name: np.stack([one[name] for one in points]) for name in points[0]}
    return found | {"p_drop": np.array(RATES)}


def test_two_units_have_four_masks() -> None:
    masks, chance = all_masks(2, 0.25)
    assert masks.tolist() == [[True, True], [True, False], [False, True], [False] * 2]
    np.testing.assert_allclose(chance, [9 / 16, 3 / 16, 3 / 16, 1 / 16])


@pytest.mark.parametrize("p_drop", [0.0, 0.3, 0.9])
def test_chances_add_up_and_the_mean_is_the_test(p_drop: float) -> None:
    arrays = simulate({"p_drop": p_drop}, streams_of_repeats(3, 1))
    assert arrays["chance"].sum() == pytest.approx(1)
    np.testing.assert_allclose(arrays["classic_mean"], (1 - p_drop) * ACTIVATIONS)
    np.testing.assert_allclose(arrays["inverted_mean"], ACTIVATIONS)
    np.testing.assert_allclose(arrays["classic_test"], (1 - p_drop) * ACTIVATIONS)
    np.testing.assert_array_equal(arrays["inverted_test"], ACTIVATIONS)


def test_variances_are_those_of_independent_units() -> None:
    arrays = simulate({"p_drop": 0.2}, streams_of_repeats(3, 1))
    square = (ACTIVATIONS**2).sum()
    assert arrays["classic_variance"] == pytest.approx(0.2 * 0.8 * square)
    assert arrays["inverted_variance"] == pytest.approx(0.2 / 0.8 * square)


def test_a_pass_sends_the_same_units_at_two_scales() -> None:
    arrays = grid()
    keep = 1 - np.array(RATES)[:, None, None]
    np.testing.assert_allclose(arrays["classic_pass"], keep * arrays["inverted_pass"])
    np.testing.assert_array_equal(arrays["classic_pass"] > 0, arrays["kept"])
    assert (np.diff(arrays["kept"].astype(int), axis=0) <= 0).all()
    assert arrays["kept"][0].all()
    assert not arrays["kept"][-1].all()


def test_facts_see_a_form_that_is_wrong() -> None:
    arrays = grid()
    assert all(facts(arrays)[f"worst_{name}_gap"].value < 1e-12 for name in GAPS)
    for array, gap in GAPS.values():
        wrong = arrays | {array: arrays[array] + 0.01}
        assert facts(wrong)[f"worst_{gap}_gap"].value > 0.009


GAPS = {
    "mean": ("classic_test", "mean"),
    "ratio": ("inverted_mean", "ratio"),
    "variance": ("classic_variance", "variance"),
}


def test_the_sums_at_one_half() -> None:
    found = {name: one.value for name, one in facts(grid()).items()}
    assert found["classic_mean_50"] == pytest.approx(5)
    assert found["inverted_test_50"] == pytest.approx(10)
    assert found["inverted_spread_50"] == pytest.approx(20.5**0.5)
    assert found["masks"] == 64
