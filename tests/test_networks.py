from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.layers.dropout import keep_mask
from ht_sim.layers.softmax_cross_entropy import (
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from ht_sim.networks import (
    Activation,
    Parameters,
    backward,
    flattened,
    forward_eval,
    forward_train,
    initialise,
    stacked,
)
from tests.gradcheck import check_gradient

SIZES = (5, 7, 6, 3)
BY_HAND: Parameters = [
    (np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([0.0, 1.0])),
    (np.array([[1.0], [10.0]]), np.array([0.5])),
]


def _masks(
    rng: np.random.Generator, p_drop: float, stack: tuple[int, ...] = ()
) -> list[NDArray[np.bool_]]:
    return [keep_mask(rng.random((*stack, 4, width)), p_drop) for width in SIZES[1:-1]]


def test_evaluation_by_hand() -> None:
    forward = forward_eval(BY_HAND, np.array([[1.0, 2.0], [1.0, -3.0]]))
    np.testing.assert_array_equal(forward.hidden[0], [[5, 2], [0, 0]])
    np.testing.assert_array_equal(forward.logits, [[25.5], [0.5]])


def test_training_by_hand() -> None:
    mask = np.array([[False, True]])
    forward = forward_train(BY_HAND, np.array([[1.0, 2.0]]), [mask], 0.5)
    np.testing.assert_array_equal(forward.hidden[0], [[5, 2]])
    np.testing.assert_array_equal(forward.dropped[0], [[0, 4]])
    np.testing.assert_array_equal(forward.logits, [[40.5]])
    gradients = backward(np.array([[1.0]]), forward)
    np.testing.assert_array_equal(gradients[0][0], [[0, 20], [0, 40]])
    np.testing.assert_array_equal(gradients[0][1], [0, 20])
    np.testing.assert_array_equal(gradients[1][0], [[0], [4]])
    np.testing.assert_array_equal(gradients[1][1], [1])


@pytest.mark.parametrize("activation", get_args(Activation))
def test_at_rate_zero_training_and_evaluation_agree(
    rng: np.random.Generator, activation: Activation
) -> None:
    parameters, x = initialise(SIZES, rng), rng.standard_normal((4, 5))
    train = forward_train(parameters, x, _masks(rng, 0), 0, activation)
    evaluation = forward_eval(parameters, x, activation)
    np.testing.assert_array_equal(train.logits, evaluation.logits)
    for one, other in zip(train.hidden, evaluation.hidden, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("activation", get_args(Activation))
def test_gradient_of_the_whole_network(
    rng: np.random.Generator, activation: Activation
) -> None:
    parameters, x = initialise(SIZES, rng), rng.standard_normal((4, 5))
    parameters = [(w, rng.standard_normal(b.shape)) for w, b in parameters]
    labels, masks = rng.integers(0, 3, 4), _masks(rng, 0.4)

    def loss_of(*flat: NDArray[np.float64]) -> float:
        moved = list(zip(flat[::2], flat[1::2], strict=True))
        logits = forward_train(moved, x, masks, 0.4, activation).logits
        return float(softmax_cross_entropy_forward(logits, labels)[0])

    forward = forward_train(parameters, x, masks, 0.4, activation)
    loss, cache = softmax_cross_entropy_forward(forward.logits, labels)
    dlogits = softmax_cross_entropy_backward(np.ones_like(loss), cache)
    check_gradient(
        loss_of,
        [value for layer in parameters for value in layer],
        [value for layer in backward(dlogits, forward) for value in layer],
        rng,
    )


def test_a_stack_equals_its_networks_one_by_one(rng: np.random.Generator) -> None:
    networks = [initialise(SIZES, rng) for _ in range(3)]
    x, masks = rng.standard_normal((4, 5)), _masks(rng, 0.4, stack=(3,))
    dlogits = rng.standard_normal((3, 4, 3))
    together = forward_train(stacked(networks), x, masks, 0.4)
    gradients = backward(dlogits, together)
    for i, network in enumerate(networks):
        alone = forward_train(network, x, [mask[i] for mask in masks], 0.4)
        np.testing.assert_allclose(together.logits[i], alone.logits, rtol=1e-12)
        for layer, layer_alone in zip(
            gradients, backward(dlogits[i], alone), strict=True
        ):
            for value, value_alone in zip(layer, layer_alone, strict=True):
                np.testing.assert_allclose(value[i], value_alone, rtol=1e-12)


def test_many_masks_of_one_network_share_its_gradient(
    rng: np.random.Generator,
) -> None:
    network, x = initialise(SIZES, rng), rng.standard_normal((4, 5))
    masks, dlogits = _masks(rng, 0.4, stack=(3,)), rng.standard_normal((3, 4, 3))
    together = backward(dlogits, forward_train(network, x, masks, 0.4))
    alone = [
        backward(dlogits[i], forward_train(network, x, [m[i] for m in masks], 0.4))
        for i in range(3)
    ]
    for layer, (dweights, dbias) in enumerate(together):
        np.testing.assert_allclose(
            dweights, sum(a[layer][0] for a in alone), atol=1e-12
        )
        np.testing.assert_allclose(dbias, sum(a[layer][1] for a in alone), atol=1e-12)


def test_the_mean_over_masks_of_one_hidden_layer_is_the_evaluation(
    rng: np.random.Generator,
) -> None:
    passes = 20_000
    network, x = initialise((5, 8, 2), rng), rng.standard_normal((1, 5))
    masks = [keep_mask(rng.random((passes, 1, 8)), 0.5)]
    logits = forward_train(network, x, masks, 0.5).logits  # (passes, 1, 2)
    standard_error = logits.std(axis=0, ddof=1) / math.sqrt(passes)
    deviation = logits.mean(axis=0) - forward_eval(network, x).logits
    assert (np.abs(deviation) < 5 * standard_error).all()


def test_initial_weights_have_the_variance_of_he(rng: np.random.Generator) -> None:
    (weights, bias), (last, _) = initialise((200, 300, 50), rng)
    for drawn, variance in ((weights, 2 / 200), (last, 2 / 300)):
        standard_error = variance * math.sqrt(2 / drawn.size)
        assert abs(drawn.var(ddof=0) - variance) < 5 * standard_error
    np.testing.assert_array_equal(bias, np.zeros(300))


def test_the_gain_scales_the_same_draws() -> None:
    he = initialise(SIZES, np.random.default_rng(1))
    doubled = initialise(SIZES, np.random.default_rng(1), gain=2 * math.sqrt(2))
    for (weights, _), (twice, _) in zip(he, doubled, strict=True):
        np.testing.assert_allclose(twice, 2 * weights, rtol=1e-15)


@pytest.mark.parametrize("activation", get_args(Activation))
def test_float32_stays_float32(
    rng: np.random.Generator, activation: Activation
) -> None:
    parameters = [
        (w.astype(np.float32), b.astype(np.float32)) for w, b in initialise(SIZES, rng)
    ]
    x = rng.random((4, 5), dtype=np.float32)
    forward = forward_train(parameters, x, _masks(rng, 0.5), 0.5, activation)
    arrays = [*forward.hidden, *forward.dropped, forward.logits]
    arrays += [v for layer in backward(forward.logits, forward) for v in layer]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_a_missing_mask_is_reported(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match="one for each of 2 hidden layers, got 1"):
        forward_train(initialise(SIZES, rng), np.zeros((4, 5)), _masks(rng, 0)[:1], 0)


def test_a_flat_array_holds_each_network_in_a_row(rng: np.random.Generator) -> None:
    networks = [initialise(SIZES, rng) for _ in range(3)]
    flat, views = flattened(stacked(networks))
    assert flat.shape == (3, 5 * 7 + 7 + 7 * 6 + 6 + 6 * 3 + 3)
    for i, network in enumerate(networks):
        row = np.concatenate([value.ravel() for layer in network for value in layer])
        np.testing.assert_array_equal(flat[i], row)
    flat[1] += 1
    for layer, one, other in zip(views, networks[1], networks[2], strict=True):
        for view, moved, still in zip(layer, one, other, strict=True):
            np.testing.assert_array_equal(view[1], moved + 1)
            np.testing.assert_array_equal(view[2], still)


def test_flattening_copies(rng: np.random.Generator) -> None:
    parameters = stacked([initialise(SIZES, rng)])
    flat, _ = flattened(parameters)
    flat[:] = 0
    assert (parameters[0][0] != 0).all()


def test_a_stack_takes_its_type(rng: np.random.Generator) -> None:
    for weights, bias in stacked([initialise(SIZES, rng)], np.float32):
        assert weights.dtype == bias.dtype == np.float32
