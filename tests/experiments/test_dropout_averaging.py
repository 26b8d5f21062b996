"""Averages over masks: sampled ones settle on listed ones, the geometric is exact."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ht_sim.estimates import Estimate
from ht_sim.experiments import dropout_averaging
from ht_sim.experiments.dropout_averaging import (
    LISTED_RATES,
    MASK_COUNTS,
    error_and_loss,
    means_over_all_masks,
    running_means,
    simulate,
    widest,
)
from ht_sim.layers.softmax_cross_entropy import log_softmax
from ht_sim.networks import forward_eval
from ht_sim.optimisers import Momentum
from ht_sim.parameters import initialise
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"


def test_error_and_loss_by_hand() -> None:
    probabilities = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    error, loss = error_and_loss(probabilities, np.array([1, 2]))
    assert error == 0.5
    assert loss == pytest.approx((np.log(4) - np.log(0.8)) / 2)


@pytest.mark.parametrize("p_drop", LISTED_RATES)
def test_only_the_geometric_mean_is_weight_scaling(
    rng: np.random.Generator, p_drop: float
) -> None:
    x, layer = rng.random((4, 10)), (2 * rng.normal(size=(10, 3)), rng.normal(size=3))
    arithmetic, geometric = means_over_all_masks(x, layer, p_drop)
    scaled = np.exp(log_softmax(x @ layer[0] + layer[1]))
    np.testing.assert_allclose(geometric, scaled, atol=1e-13)
    np.testing.assert_allclose(arithmetic.sum(axis=-1), 1)
    assert abs(arithmetic - scaled).max() > 1e-3


def test_the_arithmetic_mean_of_one_input_by_hand() -> None:
    layer = np.array([[np.log(3), 0.0]]), np.zeros(2)
    arithmetic, _ = means_over_all_masks(np.ones((1, 1)), layer, 0.5)
    # dropped: 1/2; kept and doubled: 9/10
    np.testing.assert_allclose(arithmetic, [[0.7, 0.3]])


def test_sampled_means_settle_on_the_listed_one(rng: np.random.Generator) -> None:
    """2,000 copies of one example have their own masks, so they give the error."""
    parameters = initialise((4, 10, 3), rng)
    x = rng.random(4)
    run = forward_eval(parameters, x[np.newaxis])
    listed, _ = means_over_all_masks(run.hidden[0], parameters[1], 0.5)
    means = running_means(parameters, np.tile(x, (2000, 1)), rng)
    assert len(means) == len(MASK_COUNTS)
    for count, mean in zip(MASK_COUNTS, means, strict=True):
        spread = mean.std(axis=0)
        assert (abs(mean.mean(axis=0) - listed[0]) < 4.5 * spread / 2000**0.5).all()
        np.testing.assert_allclose(spread * count**0.5, means[0].std(axis=0), rtol=0.15)


@pytest.fixture(scope="module")
def runs() -> dict[int, dict[str, np.ndarray]]:
    """Two repeats of another seed than the site's, with few masks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dropout_averaging, "MASK_COUNTS", (1, 20))
        return {
            steps: dict(
                simulate(
                    {"steps": steps}, streams_of_repeats(5, 2), DIGITS.read_bytes()
                )
            )
            for steps in (40, 400)
        }


def test_the_network_has_learned_and_masks_help(
    runs: dict[int, dict[str, np.ndarray]],
) -> None:
    run = runs[400]
    assert (run["error_scaled"] < 0.1).all()
    assert (run["error_averaged"][:, 1] < run["error_averaged"][:, 0]).all()
    assert (run["loss_averaged"][:, 1] < run["loss_averaged"][:, 0]).all()
    assert (runs[40]["error_scaled"] > run["error_scaled"]).all()


def test_all_masks_of_a_trained_layer(runs: dict[int, dict[str, np.ndarray]]) -> None:
    run = runs[400]
    assert run["geometric_gap"].max() < 1e-12
    assert (run["arithmetic_gap"] > 1e-3).all()
    assert (np.diff(run["arithmetic_gap"], axis=1) > 0).all()
    np.testing.assert_allclose(run["geometric"], run["scaled"], atol=1e-12)


def test_what_is_drawn_does_not_depend_on_the_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Networks that do not move give the same averages after any number of steps."""
    monkeypatch.setattr(dropout_averaging, "MASK_COUNTS", (1, 2))
    monkeypatch.setattr(dropout_averaging, "Momentum", lambda *_: Momentum(0.0))
    few, more = (
        simulate({"steps": steps}, streams_of_repeats(5, 2), DIGITS.read_bytes())
        for steps in (3, 11)
    )
    for name in ("loss_averaged", "arithmetic_gap", "sampled"):
        np.testing.assert_array_equal(few[name], more[name])


@pytest.mark.parametrize(("low", "high"), [(-0.3, 0.1), (-0.1, 0.3), (0.1, 0.3)])
def test_the_widest_difference_has_no_sign(low: float, high: float) -> None:
    found = widest(Estimate((low + high) / 2, low, high, repeats=8, paired=True))
    assert found == Estimate(0.3, 0.3, 0.3, repeats=8)
