"""The measures of the autoencoder's features, by hand, and one small run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ht_sim.experiments import _autoencoder, dropout_features
from ht_sim.experiments._autoencoder import (
    SILENCED,
    error_by_held,
    error_by_silenced,
    rise_without_each,
    smoothness,
    unexplained,
)
from ht_sim.experiments.dropout_features import simulate
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"


@pytest.fixture
def code(
    rng: np.random.Generator,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Hidden units (30, 5), a read-out to 4 pixels, and images (30, 4)."""
    read_out = rng.normal(size=(5, 4)), rng.normal(size=4)
    return np.abs(rng.normal(size=(30, 5))), read_out, rng.random((30, 4))


def test_the_error_is_a_share_of_the_variance() -> None:
    x = np.array([[0.0, 1], [2, 1]])
    assert unexplained(x, x) == 0
    assert unexplained(np.array([[1.0, 1], [1, 1]]), x) == 1
    assert unexplained(np.array([[0.0, 2], [2, 1]]), x) == 0.5


def test_a_stack_of_outputs_has_an_error_each(rng: np.random.Generator) -> None:
    outputs, x = rng.random((3, 6, 4)), rng.random((6, 4))
    alone = [unexplained(one, x) for one in outputs]
    np.testing.assert_allclose(unexplained(outputs, x), alone)


def test_the_rise_without_a_unit_is_that_of_silencing_it(
    code: tuple[np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray],
) -> None:
    hidden, (weights, bias), x = code
    rises = rise_without_each(hidden, (weights, bias), x)
    before = unexplained(hidden @ weights + bias, x)
    for unit, rise in enumerate(rises):
        left = hidden.copy()
        left[:, unit] = 0
        after = unexplained(left @ weights + bias, x)
        assert rise == pytest.approx(after - before, rel=1e-9)


def test_silencing_keeps_the_mean_and_adds_its_variance(
    code: tuple[np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E error = error + share / (1 - share) Σ_u ‖h_u‖² ‖w_u‖² / variance."""
    monkeypatch.setattr(_autoencoder, "MASKS", 4000)
    hidden, (weights, bias), x = code
    errors = error_by_silenced(
        hidden, (weights, bias), x, np.random.Generator(np.random.SFC64(3))
    )
    whole = unexplained(hidden @ weights + bias, x)
    own = (hidden**2).sum(axis=0) @ (weights**2).sum(axis=1)
    own /= ((x - x.mean(axis=0)) ** 2).sum()
    assert errors[0] == pytest.approx(whole, rel=1e-12)
    expected = [whole + share / (1 - share) * own for share in SILENCED]
    np.testing.assert_allclose(errors[:7], expected[:7], rtol=0.1)


def test_units_that_never_change_can_be_held_for_nothing(
    code: tuple[np.ndarray, tuple[np.ndarray, np.ndarray], np.ndarray],
) -> None:
    hidden, (weights, bias), x = code
    constant = np.broadcast_to(hidden[0], hidden.shape)
    rng = np.random.Generator(np.random.SFC64(3))
    held = error_by_held(constant, (weights, bias), x, rng)
    assert held == pytest.approx(unexplained(constant @ weights + bias, x))
    assert error_by_held(hidden, (weights, bias), x, rng) != pytest.approx(
        unexplained(hidden @ weights + bias, x)
    )


def test_smoothness_tells_noise_stripes_and_checks(rng: np.random.Generator) -> None:
    noise = smoothness(rng.normal(size=(2000, 8, 8)))
    assert noise == pytest.approx(-1 / 63, abs=4 / np.sqrt(2000 * 112))
    halves = np.repeat([[1.0] * 4 + [-1.0] * 4], 8, axis=0)
    assert smoothness(halves[np.newaxis]) == pytest.approx((112 - 16) / 112)
    checks = (-1.0) ** np.add.outer(np.arange(8), np.arange(8))
    assert smoothness(checks[np.newaxis]) == pytest.approx(-1)
    assert smoothness(np.ones((3, 8, 8))) == 0


@pytest.fixture(scope="module")
def runs() -> dict[float, dict[str, np.ndarray]]:
    """Two repeats of 200 steps at three rates, of another seed than the site's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dropout_features, "STEPS", 200)
        return {
            rate: dict(
                simulate(
                    {"p_drop": rate}, streams_of_repeats(5, 2), DIGITS.read_bytes()
                )
            )
            for rate in (0.0, 0.5, 0.8)
        }


def test_shares_sum_to_one(runs: dict[float, dict[str, np.ndarray]]) -> None:
    for run in runs.values():
        for name in ("activation_shares", "unit_shares"):
            np.testing.assert_allclose(run[name].sum(axis=-1), 1)
        np.testing.assert_allclose(run["on"], run["on_of_alive"] * run["alive"])


def test_dropout_turns_activations_down_and_spreads_them(
    runs: dict[float, dict[str, np.ndarray]],
) -> None:
    none, half = runs[0.0], runs[0.5]
    assert (half["mean_activation"] < none["mean_activation"]).all()
    assert (half["worst_unit"] < none["worst_unit"]).all()
    assert (half["error"] > none["error"]).all()
    np.testing.assert_allclose(none["error_silenced"][:, 0], none["error"])


def test_without_dropout_no_mask_matters(
    runs: dict[float, dict[str, np.ndarray]],
) -> None:
    """Other masks give the same features at rate 0, and others at rate 0.5."""
    streams = [
        one._replace(masks=np.random.Generator(np.random.SFC64(1)))
        for one in streams_of_repeats(5, 2)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dropout_features, "STEPS", 200)
        again = simulate({"p_drop": 0.0}, streams, DIGITS.read_bytes())
    np.testing.assert_array_equal(again["features"], runs[0.0]["features"])
    assert (again["features"] != runs[0.5]["features"]).any()
