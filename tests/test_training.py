from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.data import digits, stratified_split
from ht_sim.layers.softmax_cross_entropy import log_softmax
from ht_sim.networks import Parameters, initialise
from ht_sim.training import (
    Trained,
    batch_indices,
    error_rate,
    train,
    training_steps,
)

DIGITS = Path(__file__).parents[1] / "content" / "data" / "digits.csv"


def _blobs() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Two classes that a line divides."""
    rng = np.random.default_rng(7)
    labels = np.arange(80) % 2
    return rng.standard_normal((80, 2)) + 3.0 * labels[:, np.newaxis], labels


def _run(**changes: Any) -> Trained:
    x, labels = _blobs()
    settings: dict[str, Any] = {
        "steps": 30,
        "batch_size": 20,
        "learning_rate": 0.1,
        "momentum": 0.9,
        "p_drop": 0.5,
        "batches": np.random.default_rng(1),
        "masks": np.random.default_rng(2),
    }
    parameters = initialise((2, 16, 2), np.random.default_rng(0))
    return train(parameters, x, labels, **settings | changes)


def _flat(parameters: Parameters) -> NDArray[np.floating]:
    return np.concatenate([v.ravel() for layer in parameters for v in layer])


def test_the_digits_are_learnt_to_five_per_cent_of_error() -> None:
    data = digits(DIGITS.read_bytes())
    rng = np.random.default_rng(3)
    training, test = stratified_split(data.labels, (1200, 500), rng)
    trained = train(
        initialise((64, 64, 10), rng),
        data.images[training],
        data.labels[training],
        steps=400,
        batch_size=50,
        learning_rate=0.1,
        momentum=0.9,
        p_drop=0.2,
        batches=rng,
        masks=np.random.default_rng(4),
    )
    before = initialise((64, 64, 10), rng)
    assert error_rate(before, data.images[test], data.labels[test]) > 0.7
    assert error_rate(trained.parameters, data.images[test], data.labels[test]) < 0.05
    assert trained.losses[-50:].mean() < 0.2 * trained.losses[:5].mean()


def test_training_again_gives_the_same_bits() -> None:
    one, other = _run(), _run()
    np.testing.assert_array_equal(one.losses, other.losses)
    np.testing.assert_array_equal(_flat(one.parameters), _flat(other.parameters))


def test_other_masks_give_another_network() -> None:
    other = _run(masks=np.random.default_rng(3))
    assert not np.array_equal(_flat(_run().parameters), _flat(other.parameters))


def test_the_rate_does_not_change_what_is_drawn() -> None:
    states = []
    for p_drop in (0, 0.5, 0.9):
        batches, masks = np.random.default_rng(1), np.random.default_rng(2)
        _run(p_drop=p_drop, batches=batches, masks=masks)
        states.append((batches.random(), masks.random()))
    assert states[0] == states[1] == states[2]
    untouched = np.random.default_rng(2).random()
    assert states[0][1] != untouched


def test_momentum_by_hand() -> None:
    x, labels = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0, 1])
    weights, bias = np.array([[0.5, -0.5], [0.0, 1.0]]), np.array([0.1, 0.0])
    trained = train(
        [(weights, bias)],
        x,
        labels,
        steps=3,
        batch_size=2,
        learning_rate=0.5,
        momentum=0.8,
        p_drop=0,
        batches=np.random.default_rng(0),
        masks=np.random.default_rng(0),
    )
    w, b = weights, bias
    w_velocity, b_velocity = np.zeros((2, 2)), np.zeros(2)
    for loss in trained.losses:
        log_p = log_softmax(x @ w + b)
        assert loss == pytest.approx(-(log_p[0, 0] + log_p[1, 1]) / 2)
        dlogits = (np.exp(log_p) - np.eye(2)) / 2
        w_velocity = 0.8 * w_velocity - 0.5 * x.T @ dlogits
        b_velocity = 0.8 * b_velocity - 0.5 * dlogits.sum(axis=0)
        w, b = w + w_velocity, b + b_velocity
    np.testing.assert_allclose(trained.parameters[0][0], w, rtol=1e-12)
    np.testing.assert_allclose(trained.parameters[0][1], b, rtol=1e-12)


def test_steps_hand_over_the_way_to_the_same_network() -> None:
    x, labels = _blobs()
    steps = list(
        training_steps(
            initialise((2, 16, 2), np.random.default_rng(0)),
            x,
            labels,
            steps=30,
            batch_size=20,
            learning_rate=0.1,
            momentum=0.9,
            p_drop=0.5,
            batches=np.random.default_rng(1),
            masks=np.random.default_rng(2),
        )
    )
    trained = _run()
    np.testing.assert_array_equal([step.loss for step in steps], trained.losses)
    assert trained.losses.shape == (30,)
    last = _flat(steps[-1].parameters)
    np.testing.assert_array_equal(last, _flat(trained.parameters))
    assert not np.array_equal(_flat(steps[0].parameters), last)


def test_the_parameters_given_are_left_as_they_are() -> None:
    x, labels = _blobs()
    parameters = initialise((2, 4, 2), np.random.default_rng(0))
    before = _flat(parameters)
    train(
        parameters,
        x,
        labels,
        steps=5,
        batch_size=10,
        learning_rate=0.1,
        momentum=0.9,
        p_drop=0.5,
        batches=np.random.default_rng(1),
        masks=np.random.default_rng(2),
    )
    np.testing.assert_array_equal(_flat(parameters), before)


def test_a_run_that_diverges_says_so_in_its_losses_and_not_by_a_warning() -> None:
    assert not np.isfinite(_run(learning_rate=1e200).losses[-1])


def test_float32_stays_float32_at_settings_from_a_grid() -> None:
    x, labels = _blobs()
    parameters = [
        (w.astype(np.float32), b.astype(np.float32))
        for w, b in initialise((2, 4, 2), np.random.default_rng(0))
    ]
    trained = train(
        parameters,
        x.astype(np.float32),
        labels,
        steps=2,
        batch_size=10,
        learning_rate=np.float64(0.1),
        momentum=np.float64(0.9),
        p_drop=np.float64(0.5),
        batches=np.random.default_rng(1),
        masks=np.random.default_rng(2),
    )
    assert _flat(trained.parameters).dtype == np.float32


def test_a_round_shows_every_example_once_and_the_next_in_another_order(
    rng: np.random.Generator,
) -> None:
    batches = list(batch_indices(12, 4, 6, rng))
    first, second = np.concatenate(batches[:3]), np.concatenate(batches[3:])
    np.testing.assert_array_equal(np.sort(first), np.arange(12))
    np.testing.assert_array_equal(np.sort(second), np.arange(12))
    assert not np.array_equal(first, second)


def test_examples_that_do_not_fit_wait_for_the_next_round(
    rng: np.random.Generator,
) -> None:
    batches = list(batch_indices(10, 4, 5, rng))
    assert [len(set(batch)) for batch in batches] == [4] * 5
    assert not set(batches[0]) & set(batches[1])


@pytest.mark.parametrize("batch_size", [0, 11])
def test_a_batch_size_that_does_not_fit_is_refused(
    rng: np.random.Generator, batch_size: int
) -> None:
    with pytest.raises(ValueError, match=f"from 1 to 10, got {batch_size}$"):
        next(batch_indices(10, batch_size, 1, rng))


def test_a_rate_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"p_drop must be in \[0, 1\), got 1"):
        _run(p_drop=1)


def test_error_rate_by_hand() -> None:
    weights = np.stack([np.eye(2), -np.eye(2)])  # the second says the opposite
    error = error_rate(
        [(weights, np.zeros((2, 2)))],
        np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [5.0, 1.0]]),
        np.array([0, 1, 0, 1]),
    )
    np.testing.assert_array_equal(error, [0.25, 0.75])
