"""The same training as ``training.training_steps``, faster: plain ReLU networks only.

What makes it fast, on networks this small: every array is made once and filled
again and again; the parameters of all networks are one array, so that a step is a
few passes over it; each round's examples are put in order once, so that a batch is a
view; and the ReLU and its mask share their passes. The readable layers are the
reference: the tests hold both to the same losses and parameters.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ht_sim.optimisers import Optimiser
from ht_sim.parameters import Parameters, flattened, unflattened
from ht_sim.streams import Streams
from ht_sim.training import (
    CROSS_ENTROPY,
    WORDS,
    Loss,
    Step,
    batch_indices,
    check_stack,
    mask_words,
)

Array = NDArray[np.floating]


def fast_training_steps(
    parameters: Parameters,
    x: Array,
    targets: NDArray[np.number],
    streams: Sequence[Streams],
    *,
    steps: int,
    batch_size: int,
    optimiser: Optimiser,
    p_drop: float,
    loss: Loss = CROSS_ENTROPY,
) -> Iterator[Step]:
    """Train a stack of plain ReLU networks; for the arguments see ``training_steps``.

    Stacks of 2 to 8 networks pay most: more do not stay in the processor's cache.

    Yields
    ------
    step : as ``training_steps``

    Raises
    ------
    ValueError : as ``training_steps``, and if a layer has a norm
    """
    for number, layer in enumerate(parameters, 1):
        if len(layer) != 2:
            raise ValueError(
                "fast_training_steps needs weights and bias in every layer, without "
                f"norms, got {len(layer)} values in layer {number}"
            )
    check_stack(parameters, x, targets, streams, batch_size, p_drop)
    flat, parameters = flattened(parameters)
    gradient = np.empty_like(flat)
    state = optimiser.start(flat)
    network = _Network(
        parameters, unflattened(gradient, parameters), len(streams), batch_size
    )
    batches = _batches(x, targets, streams, batch_size, steps)
    for number, (inputs, wanted) in enumerate(batches, 1):
        with np.errstate(all="ignore"):
            network.draw_masks(streams, p_drop)
            outputs = network.forward(inputs)
            value, cache = loss.forward(outputs, wanted)
            network.backward(inputs, loss.backward(np.ones_like(value), cache))
            optimiser.step(flat, gradient, state, number)
        yield Step(parameters, value)


class _Network:
    """The arrays of one step, (S, batch, width) for each layer, made once."""

    def __init__(
        self, parameters: Parameters, gradients: Parameters, stack: int, batch: int
    ) -> None:
        self.parameters, self.gradients = parameters, gradients
        self.widths = [bias.shape[-1] for _, bias in parameters]
        kind = parameters[0][0].dtype
        self.outputs = [np.empty((stack, batch, w), kind) for w in self.widths]
        self.backs = [np.empty_like(one) for one in self.outputs[:-1]]
        self.alive = [np.empty(one.shape, np.bool_) for one in self.backs]
        self.kept = np.empty((stack, batch, sum(self.widths[:-1])), np.bool_)
        self.scale = 1.0

    def draw_masks(self, streams: Sequence[Streams], p_drop: float) -> None:
        """Draw the words of all hidden layers, and say which units are kept."""
        least = math.ceil(p_drop * WORDS)
        for one, kept in zip(streams, self.kept, strict=True):
            np.greater_equal(mask_words(one.masks, *kept.shape), least, out=kept)
        self.scale = 1 / (1 - float(p_drop))

    def forward(self, x: Array) -> Array:
        """Return the outputs of the last layer, (S, batch, K)."""
        first = 0
        for (weights, bias), out in zip(self.parameters, self.outputs, strict=True):
            np.matmul(x, weights, out=out)
            out += bias[:, np.newaxis]
            if out is not self.outputs[-1]:
                last = first + out.shape[-1]
                np.maximum(out, 0, out=out)
                out *= self.kept[..., first:last]
                out *= self.scale
                first = last
            x = out
        return x

    def backward(self, x: Array, dy: Array) -> None:
        """Fill the gradients from dLoss/doutputs, (S, batch, K)."""
        for place in reversed(range(len(self.parameters))):
            weights, _ = self.parameters[place]
            dweights, dbias = self.gradients[place]
            inputs = self.outputs[place - 1] if place else x
            np.matmul(inputs.swapaxes(-1, -2), dy, out=dweights)
            np.add.reduce(dy, axis=-2, out=dbias)
            if place:
                back, alive = self.backs[place - 1], self.alive[place - 1]
                np.matmul(dy, weights.swapaxes(-1, -2), out=back)
                np.greater(inputs, 0, out=alive)  # kept, and let through
                back *= alive
                back *= self.scale
                dy = back


def _batches(
    x: Array,
    targets: NDArray[np.number],
    streams: Sequence[Streams],
    batch_size: int,
    steps: int,
) -> Iterator[tuple[Array, NDArray[np.number]]]:
    """Yield the batch of every network, views of the round's examples in order.

    The indices are those of ``batch_indices``; all batches of a round are taken
    from the data at once.
    """
    per_round = x.shape[1] // batch_size
    indices = [
        batch_indices(x.shape[1], batch_size, steps, one.batches) for one in streams
    ]
    stack = np.arange(len(streams))[:, np.newaxis]
    for start in range(0, steps, per_round):
        count = min(per_round, steps - start)
        order = np.stack(
            [np.concatenate([next(one) for _ in range(count)]) for one in indices]
        )
        inputs, wanted = x[stack, order], targets[stack, order]
        for place in range(count):
            batch = slice(place * batch_size, (place + 1) * batch_size)
            yield inputs[:, batch], wanted[:, batch]
