"""Stacks of networks trained, step by step, with the readable layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers.dropout import keep_mask
from ht_sim.layers.softmax_cross_entropy import (
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from ht_sim.layers.squared_error import squared_error_backward, squared_error_forward
from ht_sim.networks import (
    PLAIN_RELU,
    Architecture,
    backward,
    forward_eval,
    forward_train,
)
from ht_sim.norms import Running
from ht_sim.optimisers import Optimiser
from ht_sim.parameters import Parameters, flattened
from ht_sim.streams import Streams

WORDS = 65_536  # a mask's uniform numbers are words of 16 bits


class Loss(NamedTuple):
    """A loss: forward gives (loss, cache), backward takes (dloss, cache)."""

    forward: Callable[[Any, Any], tuple[Any, Any]]
    backward: Callable[[Any, Any], NDArray[np.floating]]


CROSS_ENTROPY = Loss(softmax_cross_entropy_forward, softmax_cross_entropy_backward)
SQUARED_ERROR = Loss(squared_error_forward, squared_error_backward)


class Step(NamedTuple):
    """One step: the parameters after it, and each batch's loss before it, (S,).

    The next step changes the parameters in place: copy what is to be kept. ``running``
    is what the norms carry on, if there are any.
    """

    parameters: Parameters
    losses: NDArray[np.floating]
    running: tuple[Running, ...] = ()


class Trained(NamedTuple):
    """The last step's parameters and norms, and the loss of every batch, (S, steps)."""

    parameters: Parameters
    losses: NDArray[np.floating]
    running: tuple[Running, ...] = ()


def training_steps(
    parameters: Parameters,
    x: NDArray[np.floating],
    targets: NDArray[np.number],
    streams: Sequence[Streams],
    *,
    steps: int,
    batch_size: int,
    optimiser: Optimiser,
    p_drop: float,
    loss: Loss = CROSS_ENTROPY,
    architecture: Architecture = PLAIN_RELU,
) -> Iterator[Step]:
    """Train a stack of S networks with dropout and hand over each step.

    A run that diverges goes on, with infinity or NaN as its loss and no warning:
    that it did not train is a result.

    Parameters
    ----------
    parameters : where training starts, (S, D, M) and (S, M) a layer, and (S, M) twice
        for a norm; left as they are
    x : (S, N, D) inputs, each network's own
    targets : (S, N) classes or (S, N, K) values, as the loss wants them
    streams : S, one a network: where batches and masks come from
    steps : how many batches to learn from
    batch_size : examples in a batch, from 1 to N
    optimiser : how a gradient becomes a step
    p_drop : the probability of dropping a hidden unit, in [0, 1), held to the next
        65,536th above; the masks' numbers are drawn at every rate, 0 included, so
        that what is drawn does not depend on the rate
    loss : of the outputs and the targets
    architecture : of every hidden layer

    Yields
    ------
    step : the parameters after each step, and the losses of its batches

    Raises
    ------
    ValueError : if the shapes do not fit, or ``batch_size`` or ``p_drop`` is out of
        range
    """
    check_stack(parameters, x, targets, streams, batch_size, p_drop)
    flat, parameters = flattened(parameters)
    state = optimiser.start(flat)
    widths = [layer[1].shape[-1] for layer in parameters[:-1]]
    stack = np.arange(len(streams))[:, np.newaxis]
    indices = [
        batch_indices(x.shape[1], batch_size, steps, one.batches) for one in streams
    ]
    running: tuple[Running, ...] = ()
    for number, chosen in enumerate(zip(*indices, strict=True), 1):
        batch = stack, np.stack(chosen)
        masks = _masks(streams, batch_size, widths, p_drop)
        with np.errstate(all="ignore"):
            forward = forward_train(
                parameters, x[batch], masks, p_drop, architecture, running
            )
            value, cache = loss.forward(forward.logits, targets[batch])
            gradients = backward(loss.backward(np.ones_like(value), cache), forward)
            optimiser.step(flat, flattened(gradients.parameters)[0], state, number)
        running = forward.running
        yield Step(parameters, value, running)


def finish(steps: Iterable[Step]) -> Trained:
    """Take all steps, and keep the losses of each.

    Parameters
    ----------
    steps : of ``training_steps`` or ``fast_training_steps``, at least one

    Returns
    -------
    trained : parameters and norms after the last step, and losses (S, steps)
    """
    losses = []
    for step in steps:
        parameters, running = step.parameters, step.running
        losses.append(step.losses)
    return Trained(parameters, np.stack(losses, axis=-1), running)


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


def mask_words(
    generator: np.random.Generator, batch_size: int, width: int
) -> NDArray[np.uint16]:
    """Draw the numbers of one network's masks: four from each word of the generator.

    Parameters
    ----------
    generator : its words must be uniform over 64 bits, as those of SFC64 are
    batch_size : examples in a batch
    width : hidden units of all layers together

    Returns
    -------
    words : (batch_size, width), uniform from 0 to 65,535
    """
    count = batch_size * width
    words = generator.bit_generator.random_raw(-(-count // 4))
    return words.view(np.uint16)[:count].reshape(batch_size, width)


def error_rate(
    parameters: Parameters,
    x: NDArray[np.floating],
    labels: NDArray[np.integer],
    architecture: Architecture = PLAIN_RELU,
    running: Sequence[Running] = (),
) -> NDArray[np.float64]:
    """Say what share of the examples the network, with all units active, gets wrong.

    Numbers that overflow do so without a warning: that a run diverged is a result.

    Parameters
    ----------
    parameters : of the network; leading axes stack networks
    x : (..., N, D) inputs
    labels : (N,) or (..., N) classes
    architecture : of every hidden layer
    running : what each norm carries from training; empty before any

    Returns
    -------
    error : (...) in [0, 1], one number for each network of a stack
    """
    with np.errstate(all="ignore"):
        logits = forward_eval(parameters, x, architecture, running).logits
    return np.asarray((logits.argmax(axis=-1) != labels).mean(axis=-1))


def did_not_train(
    training_error: NDArray[np.floating], classes: int
) -> NDArray[np.bool_]:
    """Say which networks learnt next to nothing, even of their own examples.

    true where the share of examples that are right is at most twice that of guessing

    Parameters
    ----------
    training_error : (...) in [0, 1], of the examples trained on, all units active; a
        network whose parameters became infinite or NaN is counted as guessing
    classes : how many there are

    Returns
    -------
    flags : (...)
    """
    return ~(1 - training_error > 2 / classes)


def check_stack(
    parameters: Parameters,
    x: NDArray[np.floating],
    targets: NDArray[np.number],
    streams: Sequence[Streams],
    batch_size: int,
    p_drop: float,
) -> None:
    """Raise ValueError unless the arguments of ``training_steps`` fit together."""
    S = len(streams)
    for number, layer in enumerate(parameters, 1):
        shapes = [value.shape for value in layer]
        if any(shape[:1] != (S,) for shape in shapes):
            got = ", ".join(map(str, shapes))
            raise ValueError(
                f"a stack of {S} needs parameters ({S}, …), got {got} in layer {number}"
            )
    if x.ndim != 3 or x.shape[0] != S or targets.shape[:2] != x.shape[:2]:
        raise ValueError(
            f"a stack of {S} needs x ({S}, N, D) and targets ({S}, N, …), "
            f"got {x.shape} and {targets.shape}"
        )
    if not 1 <= batch_size <= x.shape[1]:
        raise ValueError(f"batch_size must be from 1 to {x.shape[1]}, got {batch_size}")
    if not 0 <= p_drop < 1:
        raise ValueError(f"p_drop must be in [0, 1), got {p_drop}")


def _masks(
    streams: Sequence[Streams], batch_size: int, widths: Sequence[int], p_drop: float
) -> list[NDArray[np.bool_]]:
    """Draw one step's masks, (S, batch, width) for each hidden layer."""
    words = [mask_words(one.masks, batch_size, sum(widths)) for one in streams]
    kept = keep_mask(np.stack(words) / WORDS, p_drop)
    ends = np.cumsum(widths)
    return [
        kept[..., end - width : end] for width, end in zip(widths, ends, strict=True)
    ]
