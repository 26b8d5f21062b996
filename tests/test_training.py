from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.data import digits, stratified_split
from ht_sim.fast_training import fast_training_steps
from ht_sim.layers.softmax_cross_entropy import log_softmax
from ht_sim.networks import Architecture
from ht_sim.norms import BatchNorm, LayerNorm, Norm
from ht_sim.optimisers import Adam, Momentum
from ht_sim.parameters import Parameters, initialise, stacked, with_norms
from ht_sim.streams import streams_of_repeats
from ht_sim.training import (
    SQUARED_ERROR,
    Step,
    Trained,
    batch_indices,
    did_not_train,
    error_rate,
    finish,
    mask_words,
    training_steps,
)

DIGITS = Path(__file__).parents[1] / "content" / "data" / "digits.csv"
BOTH = pytest.mark.parametrize("way", [training_steps, fast_training_steps])
Way = Callable[..., Iterator[Step]]


def _blobs(count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Data of each of ``count`` networks: two classes that a line divides."""
    rng = np.random.default_rng(7)
    labels = np.tile(np.arange(80) % 2, (count, 1))
    return rng.standard_normal((count, 80, 2)) + 3.0 * labels[..., np.newaxis], labels


def _networks(count: int, *widths: int) -> list[Parameters]:
    sizes = (2, *(widths or (16, 9)), 2)
    return [initialise(sizes, np.random.default_rng(seed)) for seed in range(count)]


def _steps(way: Way, count: int = 3, **changes: Any) -> Iterator[Step]:
    x, labels = _blobs(count)
    settings: dict[str, Any] = {
        "parameters": stacked(_networks(count)),
        "x": x,
        "targets": labels,
        "streams": streams_of_repeats(5, count),
        "steps": 30,
        "batch_size": 21,
        "optimiser": Momentum(0.1, 0.9),
        "p_drop": 0.5,
    } | changes
    places = [settings.pop(n) for n in ("parameters", "x", "targets", "streams")]
    return way(*places, **settings)


def _run(way: Way = training_steps, count: int = 3, **changes: Any) -> Trained:
    return finish(_steps(way, count, **changes))


def _flat(parameters: Parameters) -> NDArray[np.floating]:
    return np.concatenate([v.ravel() for layer in parameters for v in layer])


@pytest.mark.parametrize("optimiser", [Momentum(0.1, 0.9), Adam(0.01)])
@pytest.mark.parametrize("p_drop", [0, 0.5, 0.9, 0.999999])
def test_the_fast_way_equals_the_readable_one(
    optimiser: Momentum | Adam, p_drop: float
) -> None:
    readable = _run(training_steps, optimiser=optimiser, p_drop=p_drop)
    fast = _run(fast_training_steps, optimiser=optimiser, p_drop=p_drop)
    np.testing.assert_allclose(fast.losses, readable.losses, rtol=1e-12)
    np.testing.assert_allclose(
        _flat(fast.parameters), _flat(readable.parameters), rtol=1e-12, atol=1e-14
    )


def test_the_fast_way_equals_the_readable_one_on_a_regression() -> None:
    x, _ = _blobs(3)
    settings: dict[str, Any] = {
        "targets": np.sin(x),
        "loss": SQUARED_ERROR,
        "optimiser": Momentum(0.01),
    }
    readable, fast = (
        _run(way, **settings) for way in (training_steps, fast_training_steps)
    )
    np.testing.assert_allclose(fast.losses, readable.losses, rtol=1e-12)
    assert (fast.losses[:, -5:].mean(axis=1) < fast.losses[:, 0]).all()


@BOTH
def test_a_stack_equals_its_networks_one_by_one(way: Way) -> None:
    (x, labels), streams = _blobs(3), streams_of_repeats(5, 3)
    together = _run(way)
    for place in range(3):
        alone = _run(
            way,
            parameters=stacked(_networks(3)[place : place + 1]),
            x=x[place : place + 1],
            targets=labels[place : place + 1],
            streams=streams[place : place + 1],
        )
        np.testing.assert_allclose(
            alone.losses[0], together.losses[place], rtol=1e-12, atol=1e-15
        )
        for layer, layer_alone in zip(
            together.parameters, alone.parameters, strict=True
        ):
            for value, value_alone in zip(layer, layer_alone, strict=True):
                np.testing.assert_allclose(value[place], value_alone[0], rtol=1e-12)


@BOTH
def test_the_digits_are_learnt_to_five_per_cent_of_error(way: Way) -> None:
    data = digits(DIGITS.read_bytes())
    streams = streams_of_repeats(3, 2)
    parts = [stratified_split(data.labels, (1200, 500), s.split) for s in streams]
    training, test = (np.stack(part) for part in zip(*parts, strict=True))
    start = stacked([initialise((64, 64, 10), s.initialisation) for s in streams])
    trained = finish(
        way(
            start,
            data.images[training],
            data.labels[training],
            streams,
            steps=400,
            batch_size=50,
            optimiser=Momentum(0.1, 0.9),
            p_drop=0.2,
        )
    )
    images, labels = data.images[test], data.labels[test]
    assert (error_rate(start, images, labels) > 0.7).all()
    assert (error_rate(trained.parameters, images, labels) < 0.05).all()
    losses = trained.losses
    assert (losses[:, -50:].mean(axis=1) < 0.2 * losses[:, :5].mean(axis=1)).all()


@BOTH
def test_training_again_gives_the_same_bits(way: Way) -> None:
    one, other = _run(way), _run(way)
    np.testing.assert_array_equal(one.losses, other.losses)
    np.testing.assert_array_equal(_flat(one.parameters), _flat(other.parameters))


@BOTH
def test_other_streams_give_another_network(way: Way) -> None:
    other = _run(way, streams=streams_of_repeats(6, 3))
    assert not np.array_equal(_flat(_run(way).parameters), _flat(other.parameters))


@BOTH
def test_the_rate_does_not_change_what_is_drawn(way: Way) -> None:
    drawn = []
    for p_drop in (0, 0.5, 0.9):
        streams = streams_of_repeats(5, 3)
        _run(way, p_drop=p_drop, streams=streams)
        drawn.append([(s.batches.random(), s.masks.random()) for s in streams])
    assert drawn[0] == drawn[1] == drawn[2]
    assert drawn[0][0][1] != streams_of_repeats(5, 3)[0].masks.random()


@BOTH
def test_momentum_by_hand(way: Way) -> None:
    x, labels = np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0, 1])
    weights, bias = np.array([[0.5, -0.5], [0.0, 1.0]]), np.array([0.1, 0.0])
    trained = _run(
        way,
        count=1,
        parameters=stacked([[(weights, bias)]]),
        x=x[np.newaxis],
        targets=labels[np.newaxis],
        steps=3,
        batch_size=2,
        optimiser=Momentum(0.5, 0.8),
        p_drop=0,
    )
    w, b = weights, bias
    w_velocity, b_velocity = np.zeros((2, 2)), np.zeros(2)
    for loss in trained.losses[0]:
        log_p = log_softmax(x @ w + b)
        assert loss == pytest.approx(-(log_p[0, 0] + log_p[1, 1]) / 2)
        dlogits = (np.exp(log_p) - np.eye(2)) / 2
        w_velocity = 0.8 * w_velocity - 0.5 * x.T @ dlogits
        b_velocity = 0.8 * b_velocity - 0.5 * dlogits.sum(axis=0)
        w, b = w + w_velocity, b + b_velocity
    np.testing.assert_allclose(trained.parameters[0][0][0], w, rtol=1e-12)
    np.testing.assert_allclose(trained.parameters[0][1][0], b, rtol=1e-12)


@BOTH
def test_the_parameters_given_are_left_as_they_are(way: Way) -> None:
    parameters = stacked(_networks(3))
    before = _flat(parameters)
    _run(way, parameters=parameters)
    np.testing.assert_array_equal(_flat(parameters), before)


@BOTH
def test_steps_hand_over_the_parameters_as_they_change(way: Way) -> None:
    places = [_flat(step.parameters) for step in _steps(way, steps=3)]
    assert len(places) == 3
    assert not np.array_equal(places[0], places[2])
    np.testing.assert_array_equal(places[2], _flat(_run(way, steps=3).parameters))


@BOTH
def test_a_run_that_diverges_says_so_in_its_losses_and_not_by_a_warning(
    way: Way,
) -> None:
    losses = _run(way, optimiser=Momentum(1e200)).losses
    assert losses.shape == (3, 30)
    assert not np.isfinite(losses[:, -1]).any()


@BOTH
def test_float32_stays_float32_at_settings_from_a_grid(way: Way) -> None:
    x, _ = _blobs(3)
    for optimiser in (Momentum(np.float64(0.1), np.float64(0.9)), Adam(np.float64(1))):
        trained = _run(
            way,
            parameters=stacked(_networks(3), np.float32),
            x=x.astype(np.float32),
            steps=2,
            optimiser=optimiser,
            p_drop=np.float64(0.5),
        )
        assert _flat(trained.parameters).dtype == np.float32
        assert trained.losses.dtype == np.float32


@pytest.mark.parametrize("p_drop", [0.1, 0.5, 0.9])
def test_a_unit_is_dropped_as_often_as_the_rate_says(p_drop: float) -> None:
    words = mask_words(streams_of_repeats(1, 1)[0].masks, 500, 401)
    dropped = (words / 65_536 < p_drop).mean()
    standard_error = np.sqrt(p_drop * (1 - p_drop) / words.size)
    assert words.shape == (500, 401)
    assert abs(dropped - p_drop) < 4 * standard_error
    neighbours = np.corrcoef(words[:, :-1].ravel(), words[:, 1:].ravel())[0, 1]
    assert abs(neighbours) < 4 / np.sqrt(words.size)


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


@BOTH
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch_size": 0}, "batch_size must be from 1 to 80, got 0"),
        ({"batch_size": 81}, "batch_size must be from 1 to 80, got 81"),
        ({"p_drop": 1}, r"p_drop must be in \[0, 1\), got 1"),
        ({"p_drop": -0.1}, r"p_drop must be in \[0, 1\), got -0.1"),
        ({"x": np.zeros((80, 2))}, r"a stack of 3 needs x \(3, N, D\)"),
        ({"targets": np.zeros((3, 79))}, r"targets \(3, N, …\), got .*79"),
        (
            {"parameters": stacked(_networks(1))},
            r"a stack of 3 needs parameters \(3, …\), got \(1, 2, 16\), \(1, 16\) in "
            "layer 1",
        ),
        (
            {"parameters": [*stacked(_networks(3))[:2], *stacked(_networks(2))[2:]]},
            r"got \(2, 9, 2\), \(2, 2\) in layer 3",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    way: Way, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _run(way, **changes)


def test_the_fast_way_refuses_norms() -> None:
    normed = stacked([with_norms(one) for one in _networks(3)])
    with pytest.raises(ValueError, match="without norms, got 4 values in layer 1"):
        _run(fast_training_steps, parameters=normed)


def test_error_rate_by_hand() -> None:
    weights = np.stack([np.eye(2), -np.eye(2)])  # the second says the opposite
    error = error_rate(
        [(weights, np.zeros((2, 2)))],
        np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0], [5.0, 1.0]]),
        np.array([0, 1, 0, 1]),
    )
    np.testing.assert_array_equal(error, [0.25, 0.75])


def test_the_error_of_a_network_that_overflows_comes_without_a_warning() -> None:
    huge = [(np.full((1, 2, 2), 1e200), np.zeros((1, 2))) for _ in range(3)]
    error = error_rate(huge, np.ones((4, 2)), np.array([0, 1, 0, 1]))
    np.testing.assert_array_equal(error, [0.5])


def test_a_network_that_guesses_did_not_train() -> None:
    error = np.array([0.0, 0.79, 0.8, 0.9, np.nan])
    expected = [False, False, True, True, True]
    np.testing.assert_array_equal(did_not_train(error, 10), expected)


@pytest.mark.parametrize("norm", [BatchNorm(), LayerNorm()])
@pytest.mark.parametrize("residual", [False, True])
def test_a_stack_with_norms_equals_its_networks_one_by_one(
    norm: Norm, residual: bool
) -> None:
    (x, labels), streams = _blobs(3), streams_of_repeats(5, 3)
    networks = [with_norms(one) for one in _networks(3, 9, 9)]
    architecture = Architecture("relu", norm, residual)
    together = _run(parameters=stacked(networks), architecture=architecture)
    for place in range(3):
        alone = _run(
            parameters=stacked(networks[place : place + 1]),
            x=x[place : place + 1],
            targets=labels[place : place + 1],
            streams=streams[place : place + 1],
            architecture=architecture,
        )
        np.testing.assert_allclose(
            alone.losses[0], together.losses[place], rtol=1e-10, atol=1e-15
        )


def test_batch_norm_trains_where_the_signal_dies_without_it() -> None:
    data = digits(DIGITS.read_bytes())
    streams = streams_of_repeats(3, 2)
    parts = [stratified_split(data.labels, (800, 500), s.split) for s in streams]
    training, test = (np.stack(part) for part in zip(*parts, strict=True))
    errors = {}
    for norm in (None, BatchNorm()):
        drawn = [
            initialise((64, *[32] * 15, 10), s.initialisation, 0.7) for s in streams
        ]
        start = stacked([with_norms(one) if norm else one for one in drawn])
        architecture = Architecture("relu", norm)
        trained = finish(
            training_steps(
                start,
                data.images[training],
                data.labels[training],
                streams,
                steps=150,
                batch_size=50,
                optimiser=Momentum(0.03, 0.9),
                p_drop=0.0,
                architecture=architecture,
            )
        )
        errors[norm] = error_rate(
            trained.parameters,
            data.images[test],
            data.labels[test],
            architecture,
            trained.running,
        )
    assert (errors[None] > 0.8).all()
    assert (errors[BatchNorm()] < 0.35).all()
