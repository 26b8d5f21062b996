from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from ht_sim.layers.batch_norm import RunningStatistics
from ht_sim.layers.dropout import keep_mask
from ht_sim.layers.softmax_cross_entropy import (
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from ht_sim.networks import (
    Activation,
    Architecture,
    backward,
    forward_eval,
    forward_train,
)
from ht_sim.norms import BatchNorm, LayerNorm, Norm
from ht_sim.parameters import Parameters, initialise, stacked, with_norms
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
    np.testing.assert_array_equal(forward.onward[0], [[0, 4]])
    np.testing.assert_array_equal(forward.logits, [[40.5]])
    gradients = backward(np.array([[1.0]]), forward).parameters
    np.testing.assert_array_equal(gradients[0][0], [[0, 20], [0, 40]])
    np.testing.assert_array_equal(gradients[0][1], [0, 20])
    np.testing.assert_array_equal(gradients[1][0], [[0], [4]])
    np.testing.assert_array_equal(gradients[1][1], [1])


def _with_noise(parameters: Parameters, rng: np.random.Generator) -> Parameters:
    """Move every value, scales, shifts and biases too, from where it starts."""
    return [
        tuple(value + 0.3 * rng.standard_normal(value.shape) for value in layer)
        for layer in parameters
    ]


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("norm", [None, LayerNorm()])
@pytest.mark.parametrize("residual", [False, True])
def test_at_rate_zero_training_and_evaluation_agree(
    rng: np.random.Generator,
    activation: Activation,
    norm: Norm | None,
    residual: bool,
) -> None:
    sizes, x = (5, 7, 7, 3), rng.standard_normal((4, 5))
    parameters = initialise(sizes, rng)
    parameters = _with_noise(with_norms(parameters) if norm else parameters, rng)
    masks = [keep_mask(rng.random((4, 7)), 0) for _ in range(2)]
    architecture = Architecture(activation, norm, residual)
    train = forward_train(parameters, x, masks, 0, architecture)
    evaluation = forward_eval(parameters, x, architecture)
    np.testing.assert_array_equal(train.logits, evaluation.logits)
    for name in ("inputs", "hidden"):
        both = getattr(train, name), getattr(evaluation, name)
        for one, other in zip(*both, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("residual", [False, True])
def test_evaluation_folds_batch_norm_into_the_weights(
    rng: np.random.Generator, residual: bool
) -> None:
    parameters = _with_noise(with_norms(initialise((5, 7, 7, 3), rng)), rng)
    x, eps = rng.standard_normal((4, 5)), 0.1
    running = [
        RunningStatistics(rng.standard_normal(7), rng.uniform(0.5, 2, 7))
        for _ in parameters[:-1]
    ]
    normed = Architecture("tanh", BatchNorm(eps=eps), residual)
    evaluation = forward_eval(parameters, x, normed, running)
    folded = []
    for (weights, bias, gamma, beta), one in zip(parameters[:-1], running, strict=True):
        scale = gamma / np.sqrt(one.variance + eps)
        folded.append((weights * scale, scale * (bias - one.mean) + beta))
    plain = Architecture("tanh", residual=residual)
    expected = forward_eval([*folded, parameters[-1]], x, plain)
    np.testing.assert_allclose(evaluation.logits, expected.logits, rtol=1e-10)


def test_before_any_batch_evaluation_takes_mean_zero_and_variance_one(
    rng: np.random.Generator,
) -> None:
    parameters, x = with_norms(initialise(SIZES, rng)), rng.standard_normal((4, 5))
    fresh = forward_eval(parameters, x, Architecture("tanh", BatchNorm(eps=3.0)))
    np.testing.assert_allclose(fresh.inputs[0], x @ parameters[0][0] / 2)


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("norm", [None, BatchNorm(), LayerNorm()])
@pytest.mark.parametrize("residual", [False, True])
def test_gradient_of_the_whole_network(
    rng: np.random.Generator,
    activation: Activation,
    norm: Norm | None,
    residual: bool,
) -> None:
    sizes, x = (5, 7, 7, 7, 3), rng.standard_normal((4, 5))
    parameters = initialise(sizes, rng)
    parameters = _with_noise(with_norms(parameters) if norm else parameters, rng)
    labels = rng.integers(0, 3, 4)
    masks = [keep_mask(rng.random((4, width)), 0.4) for width in sizes[1:-1]]
    architecture = Architecture(activation, norm, residual)

    def loss_of(*flat: NDArray[np.float64]) -> float:
        values = iter(flat)
        moved = [tuple(next(values) for _ in layer) for layer in parameters]
        logits = forward_train(moved, x, masks, 0.4, architecture).logits
        return float(softmax_cross_entropy_forward(logits, labels)[0])

    forward = forward_train(parameters, x, masks, 0.4, architecture)
    loss, cache = softmax_cross_entropy_forward(forward.logits, labels)
    dlogits = softmax_cross_entropy_backward(np.ones_like(loss), cache)
    gradients = backward(dlogits, forward)
    check_gradient(
        loss_of,
        [value for layer in parameters for value in layer],
        [value for layer in gradients.parameters for value in layer],
        rng,
    )


def test_gradients_of_the_inputs_are_those_of_the_biases_summed(
    rng: np.random.Generator,
) -> None:
    parameters, x = initialise(SIZES, rng), rng.standard_normal((4, 5))
    forward = forward_train(parameters, x, architecture=Architecture("tanh"))
    gradients = backward(rng.standard_normal((4, 3)), forward)
    for dinputs, (_, dbias) in zip(
        gradients.inputs, gradients.parameters[:-1], strict=True
    ):
        np.testing.assert_allclose(dinputs.sum(axis=0), dbias, rtol=1e-12)


def test_a_skip_by_hand() -> None:
    weights = np.array([[1.0, 0.0], [0.0, -1.0]])
    layer = (weights, np.zeros(2))
    read_out = (np.array([[1.0], [10.0]]), np.zeros(1))
    x = np.array([[1.0, 2.0]])
    plain = forward_train([layer, layer, read_out], x)
    skips = forward_train(
        [layer, layer, read_out], x, architecture=Architecture(residual=True)
    )
    np.testing.assert_array_equal(plain.onward[1], [[1, 0]])
    np.testing.assert_array_equal(skips.inputs[0], [[1, -2]])
    np.testing.assert_array_equal(skips.hidden[0], [[1, 0]])
    np.testing.assert_array_equal(skips.onward[0], [[2, 2]])
    np.testing.assert_array_equal(skips.onward[1], [[4, 2]])
    np.testing.assert_array_equal(skips.logits, [[24]])


@pytest.mark.parametrize("norm", [BatchNorm(eps=0.0), LayerNorm(eps=0.0)])
def test_behind_a_norm_no_gain_is_seen(rng: np.random.Generator, norm: Norm) -> None:
    x = rng.standard_normal((6, 5))
    network = initialise((5, 7, 7, 3), rng)
    last = network[-1]
    small = [(weights / 10, bias) for weights, bias in network[:-1]]
    one, other = (
        forward_train(
            with_norms([*hidden, last]), x, architecture=Architecture(norm=norm)
        )
        for hidden in (network[:-1], small)
    )
    np.testing.assert_allclose(one.logits, other.logits, rtol=1e-10)
    axis = -2 if isinstance(norm, BatchNorm) else -1
    for inputs in one.inputs:
        np.testing.assert_allclose(inputs.mean(axis=axis), 0, atol=1e-12)
        np.testing.assert_allclose(inputs.std(axis=axis, ddof=0), 1, rtol=1e-12)


def test_evaluation_uses_what_training_carried_on(rng: np.random.Generator) -> None:
    parameters = with_norms(initialise(SIZES, rng))
    architecture = Architecture("tanh", BatchNorm(decay=0.0, eps=0.0))
    x = rng.standard_normal((400, 5))
    first = forward_train(parameters, x, architecture=architecture)
    again = forward_eval(parameters, x, architecture, first.running)
    # ddof 1 against 0: all that keeps the two apart
    shrunk = first.inputs[0] * np.sqrt(399 / 400)
    np.testing.assert_allclose(again.inputs[0], shrunk, rtol=1e-10)
    alone = forward_eval(parameters, x[:1], architecture, first.running)
    np.testing.assert_allclose(alone.logits, again.logits[:1], rtol=1e-10)
    fresh = forward_eval(parameters, x, architecture)
    assert np.abs(fresh.logits - again.logits).max() > 0.1


def test_each_batch_moves_what_is_carried_on(rng: np.random.Generator) -> None:
    parameters = with_norms(initialise(SIZES, rng))
    architecture = Architecture("relu", BatchNorm(decay=0.75))
    x = rng.standard_normal((8, 5))
    one = forward_train(parameters, x, architecture=architecture)
    two = forward_train(parameters, x, None, 0.0, architecture, one.running)
    before, after = one.running[0], two.running[0]
    assert before is not None
    assert after is not None
    np.testing.assert_allclose(after.mean, 1.75 * before.mean, rtol=1e-12)
    layers = forward_train(parameters, x, architecture=Architecture(norm=LayerNorm()))
    assert layers.running == (None, None)
    plain = forward_train(initialise(SIZES, rng), x)
    assert plain.running == ()


def test_a_stack_equals_its_networks_one_by_one(rng: np.random.Generator) -> None:
    networks = [initialise(SIZES, rng) for _ in range(3)]
    x, masks = rng.standard_normal((4, 5)), _masks(rng, 0.4, stack=(3,))
    dlogits = rng.standard_normal((3, 4, 3))
    together = forward_train(stacked(networks), x, masks, 0.4)
    gradients = backward(dlogits, together).parameters
    for i, network in enumerate(networks):
        alone = forward_train(network, x, [mask[i] for mask in masks], 0.4)
        np.testing.assert_allclose(together.logits[i], alone.logits, rtol=1e-12)
        for layer, layer_alone in zip(
            gradients, backward(dlogits[i], alone).parameters, strict=True
        ):
            for value, value_alone in zip(layer, layer_alone, strict=True):
                np.testing.assert_allclose(value[i], value_alone, rtol=1e-12)


@pytest.mark.parametrize("norm", [None, BatchNorm(), LayerNorm()])
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("one_at_first", [False, True])
def test_many_masks_of_one_network_share_its_gradient(
    rng: np.random.Generator, norm: Norm | None, residual: bool, one_at_first: bool
) -> None:
    sizes, x = (7, 7, 7, 3), rng.standard_normal((4, 7))
    network = initialise(sizes, rng)
    network = with_norms(network) if norm else network
    shapes = (4, 7) if one_at_first else (3, 4, 7), (3, 4, 7)
    masks = [keep_mask(rng.random(shape), 0.4) for shape in shapes]
    dlogits = rng.standard_normal((3, 4, 3))
    architecture = Architecture("tanh", norm, residual)
    run = forward_train(network, x, masks, 0.4, architecture)
    together = backward(dlogits, run)
    alone = []
    for i in range(3):
        own = [np.broadcast_to(mask, (3, 4, 7))[i] for mask in masks]
        one = forward_train(network, x, own, 0.4, architecture)
        alone.append(backward(dlogits[i], one))
    assert run.inputs[0].shape == (4, 7)
    first = np.stack([one.inputs[0] for one in alone])  # summed where a mask is shared
    np.testing.assert_allclose(
        together.inputs[0], first.sum(axis=0) if one_at_first else first, atol=1e-12
    )
    for place, layer in enumerate(together.parameters):
        values = zip(*(one.parameters[place] for one in alone), strict=True)
        for value, shares in zip(layer, values, strict=True):
            assert value.shape == shares[0].shape
            np.testing.assert_allclose(value, sum(shares), atol=1e-12)


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


@pytest.mark.parametrize("activation", get_args(Activation))
def test_float32_stays_float32(
    rng: np.random.Generator, activation: Activation
) -> None:
    parameters = [
        (w.astype(np.float32), b.astype(np.float32)) for w, b in initialise(SIZES, rng)
    ]
    x = rng.random((4, 5), dtype=np.float32)
    forward = forward_train(
        parameters, x, _masks(rng, 0.5), 0.5, Architecture(activation)
    )
    arrays = [*forward.hidden, *forward.onward, forward.logits]
    arrays += [
        v for layer in backward(forward.logits, forward).parameters for v in layer
    ]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_a_missing_mask_is_reported(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match="one for each of 2 hidden layers, got 1"):
        forward_train(initialise(SIZES, rng), np.zeros((4, 5)), _masks(rng, 0)[:1], 0)
