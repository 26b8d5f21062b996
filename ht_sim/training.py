"""Networks trained: minibatch gradient descent with momentum, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
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
    forward_eval,
    forward_train,
)


class Step(NamedTuple):
    """One step of training: the parameters after it, and the batch's loss before it."""

    parameters: Parameters
    loss: float


class Trained(NamedTuple):
    """The parameters after the last step, and the loss of every batch, (steps,)."""

    parameters: Parameters
    losses: NDArray[np.float64]


def train(
    parameters: Parameters,
    x: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
    momentum: float,
    p_drop: float,
    batches: np.random.Generator,
    masks: np.random.Generator,
    activation: Activation = "relu",
) -> Trained:
    """Train a network and keep the loss of every step.

    The arguments are those of ``training_steps``, which says what they mean.

    Returns
    -------
    trained : parameters after the last step, and the losses (steps,) in nats
    """
    losses = np.zeros(steps)
    taken = training_steps(
        parameters,
        x,
        labels,
        steps=steps,
        batch_size=batch_size,
        learning_rate=learning_rate,
        momentum=momentum,
        p_drop=p_drop,
        batches=batches,
        masks=masks,
        activation=activation,
    )
    for index, step in enumerate(taken):
        parameters, losses[index] = step
    return Trained(parameters, losses)


def training_steps(
    parameters: Parameters,
    x: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    steps: int,
    batch_size: int,
    learning_rate: float,
    momentum: float,
    p_drop: float,
    batches: np.random.Generator,
    masks: np.random.Generator,
    activation: Activation = "relu",
) -> Iterator[Step]:
    """Train a network and hand over each step, so that curves can be measured.

    velocity = momentum * velocity - learning_rate * gradient
    parameters = parameters + velocity

    A run that diverges goes on, with infinity or NaN as its loss and no warning:
    that it did not train is a result.

    Parameters
    ----------
    parameters : where training starts; left as they are
    x : (N, D) inputs
    labels : (N,) classes
    steps : how many batches to learn from
    batch_size : examples in a batch, from 1 to N
    learning_rate : the length of a step, per unit of gradient
    momentum : the share of the last step that is kept, in [0, 1)
    p_drop : the probability of dropping a hidden unit, in [0, 1)
    batches : where the order of the examples comes from
    masks : where the dropout uniforms come from; they are drawn at every rate, 0
        included, so that what is drawn does not depend on the rate
    activation : of every hidden layer

    Yields
    ------
    step : the parameters after each step, and the loss of its batch in nats

    Raises
    ------
    ValueError : if ``batch_size`` or ``p_drop`` is out of range
    """
    widths = [weights.shape[-1] for weights, _ in parameters[:-1]]
    velocity: Parameters = [(np.zeros_like(w), np.zeros_like(b)) for w, b in parameters]
    for batch in batch_indices(len(x), batch_size, steps, batches):
        uniforms = [masks.random((batch_size, width)) for width in widths]
        kept = [keep_mask(u, p_drop) for u in uniforms]
        with np.errstate(all="ignore"):
            forward = forward_train(parameters, x[batch], kept, p_drop, activation)
            loss, cache = softmax_cross_entropy_forward(forward.logits, labels[batch])
            dlogits = softmax_cross_entropy_backward(np.ones_like(loss), cache)
            gradients = backward(dlogits, forward)
            velocity = _combine(momentum, velocity, -learning_rate, gradients)
            parameters = _combine(1, parameters, 1, velocity)
        yield Step(parameters, float(loss))


def batch_indices(
    count: int, batch_size: int, steps: int, generator: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Go through the examples in a new order each time round, batch by batch.

    Examples that do not fill a last batch wait for the next round, so every batch
    has the same size.

    Parameters
    ----------
    count : how many examples there are
    batch_size : how many a batch has
    steps : how many batches to give
    generator : where the orders come from

    Yields
    ------
    indices : (batch_size,) of different examples

    Raises
    ------
    ValueError : if ``batch_size`` is not from 1 to ``count``
    """
    if not 1 <= batch_size <= count:
        raise ValueError(f"batch_size must be from 1 to {count}, got {batch_size}")
    per_round = count // batch_size
    for step in range(steps):
        place = step % per_round
        if place == 0:
            order = generator.permutation(count)
        yield order[place * batch_size : (place + 1) * batch_size]


def error_rate(
    parameters: Parameters,
    x: NDArray[np.floating],
    labels: NDArray[np.integer],
    activation: Activation = "relu",
) -> NDArray[np.float64]:
    """Say what share of the examples the network, with all units active, gets wrong.

    Parameters
    ----------
    parameters : of the network; leading axes stack networks
    x : (..., N, D) inputs
    labels : (N,) or (..., N) classes
    activation : of every hidden layer

    Returns
    -------
    error : (...) in [0, 1], one number for each network of a stack
    """
    logits = forward_eval(parameters, x, activation).logits
    return np.asarray((logits.argmax(axis=-1) != labels).mean(axis=-1))


def _combine(
    share: float, first: Parameters, other_share: float, second: Parameters
) -> Parameters:
    """Add two sets of parameters, each times a number."""
    share, other_share = float(share), float(other_share)  # leaves float32 alone
    return [
        (
            share * weights + other_share * other_weights,
            share * bias + other_share * other_bias,
        )
        for (weights, bias), (other_weights, other_bias) in zip(
            first, second, strict=True
        )
    ]
