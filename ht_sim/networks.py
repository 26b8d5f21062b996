"""Layers stacked: a multilayer perceptron, plain or residual, that may hold norms.

A hidden layer is: a dense layer, the norm if there is one, the nonlinearity, inverted
dropout if there are masks; a residual network adds the layer's input to what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers import activations
from ht_sim.layers.broadcasting import sum_to
from ht_sim.layers.dense import DenseCache, dense_backward, dense_forward
from ht_sim.layers.dropout import (
    InvertedDropoutCache,
    inverted_dropout_backward,
    inverted_dropout_eval,
    inverted_dropout_train,
)
from ht_sim.norms import Norm, Running
from ht_sim.parameters import Parameters

Activation = Literal["linear", "relu", "tanh", "sigmoid"]
Array = NDArray[np.floating]

_FORWARD: dict[Activation, Callable[..., tuple[Array, Any]]] = {
    "linear": activations.linear_forward,
    "relu": activations.relu_forward,
    "tanh": activations.tanh_forward,
    "sigmoid": activations.sigmoid_forward,
}
_BACKWARD: dict[Activation, Callable[..., Array]] = {
    "linear": activations.linear_backward,
    "relu": activations.relu_backward,
    "tanh": activations.tanh_backward,
    "sigmoid": activations.sigmoid_backward,
}


class Architecture(NamedTuple):
    """What stands in every hidden layer beside its weights.

    ``residual`` adds the layer's input to its output, where both are as wide.
    """

    activation: Activation = "relu"
    norm: Norm | None = None
    residual: bool = False


PLAIN_RELU = Architecture()


class HiddenCache(NamedTuple):
    """What the backward pass of one hidden layer needs."""

    dense: DenseCache
    norm: Any
    activation: Any
    dropout: InvertedDropoutCache | None
    skipped: bool


class ForwardTrain(NamedTuple):
    """One forward pass of training.

    ``inputs[i]`` is what the nonlinearity of hidden layer i gets, behind the norm;
    ``hidden[i]`` what it gives, before its mask; ``onward[i]`` what the next layer
    gets; all (..., N, width). ``logits`` is (..., N, K). ``running`` is what each norm
    carries to the next batch, empty without norms.
    """

    inputs: tuple[Array, ...]
    hidden: tuple[Array, ...]
    onward: tuple[Array, ...]
    logits: Array
    running: tuple[Running, ...]
    hidden_caches: tuple[HiddenCache, ...]
    logits_cache: DenseCache
    architecture: Architecture


class ForwardEval(NamedTuple):
    """One forward pass of evaluation: as of ``ForwardTrain``."""

    inputs: tuple[Array, ...]
    hidden: tuple[Array, ...]
    logits: Array


class Gradients(NamedTuple):
    """dLoss/d each parameter, and dLoss/d the input of each nonlinearity.

    ``parameters`` have the shapes of their values: a value that masks, or networks of
    a stack, share gets the sum of their gradients. ``inputs[i]`` has the shape of
    ``ForwardTrain.onward[i]``: where many masks follow one input, each has its own.
    """

    parameters: Parameters
    inputs: tuple[Array, ...]


def forward_train(
    parameters: Parameters,
    x: Array,
    masks: Sequence[NDArray[np.bool_]] | None = None,
    p_drop: float = 0.0,
    architecture: Architecture = PLAIN_RELU,
    running: Sequence[Running] = (),
) -> ForwardTrain:
    """Run the network as in training: batch statistics, and hidden units dropped.

    Parameters
    ----------
    parameters : L layers; leading axes stack networks
    x : (N, D) or (..., N, D) inputs
    masks : L - 1 masks from ``keep_mask``, (..., N, width), one a hidden layer; None
        for no dropout
    p_drop : the rate that the masks were made with, in [0, 1)
    architecture : of every hidden layer
    running : what each norm carries from the batch before; empty before the first

    Returns
    -------
    forward : hidden layers, logits, and what ``backward`` needs

    Raises
    ------
    ValueError : if the number of masks is not that of the hidden layers
    """
    layers = len(parameters) - 1
    if masks is not None and len(masks) != layers:
        raise ValueError(
            f"masks must be one for each of {layers} hidden layers, got {len(masks)}"
        )
    inputs, hidden, onward, after, caches = [], [], [], [], []
    for place in range(layers):
        weights, bias, *affine = parameters[place]
        sums, dense_cache = dense_forward(x, weights, bias)
        norm_cache = None
        if architecture.norm:
            before = running[place] if running else None
            sums, carried, norm_cache = architecture.norm.train(sums, affine, before)
            after.append(carried)
        h, activation_cache = _FORWARD[architecture.activation](sums)
        out, dropout_cache = h, None
        if masks is not None:
            out, dropout_cache = inverted_dropout_train(h, masks[place], p_drop)
        skipped = architecture.residual and out.shape[-1] == x.shape[-1]
        x = x + out if skipped else out
        inputs.append(sums)
        hidden.append(h)
        onward.append(x)
        caches.append(
            HiddenCache(
                dense_cache, norm_cache, activation_cache, dropout_cache, skipped
            )
        )
    logits, logits_cache = dense_forward(x, *parameters[-1])
    return ForwardTrain(
        *(tuple(inputs), tuple(hidden), tuple(onward), logits, tuple(after)),
        *(tuple(caches), logits_cache, architecture),
    )


def forward_eval(
    parameters: Parameters,
    x: Array,
    architecture: Architecture = PLAIN_RELU,
    running: Sequence[Running] = (),
) -> ForwardEval:
    """Run the network as at test time: running statistics, every unit active.

    Parameters
    ----------
    parameters : L layers; leading axes stack networks
    x : (N, D) or (..., N, D) inputs
    architecture : of every hidden layer
    running : what each norm carries from training; empty without batch norm, or
        before any batch: batch norm then takes mean 0 and variance 1

    Returns
    -------
    forward : hidden layers and logits
    """
    inputs, hidden = [], []
    for place, (weights, bias, *affine) in enumerate(parameters[:-1]):
        sums, _ = dense_forward(x, weights, bias)
        if architecture.norm:
            before = running[place] if running else None
            sums = architecture.norm.eval(sums, affine, before)
        h, _ = _FORWARD[architecture.activation](sums)
        out = inverted_dropout_eval(h)
        skipped = architecture.residual and out.shape[-1] == x.shape[-1]
        x = x + out if skipped else out
        inputs.append(sums)
        hidden.append(h)
    logits, _ = dense_forward(x, *parameters[-1])
    return ForwardEval(tuple(inputs), tuple(hidden), logits)


def backward(dlogits: Array, forward: ForwardTrain) -> Gradients:
    """Send the gradient back through the whole network.

    Parameters
    ----------
    dlogits : (..., N, K) dLoss/dlogits
    forward : from ``forward_train``

    Returns
    -------
    gradients : of the parameters, and of the inputs of the nonlinearities
    """
    activation, norm, _ = forward.architecture
    dx, *dlast = dense_backward(dlogits, forward.logits_cache)
    gradients, dinputs = [tuple(dlast)], []
    for cache in reversed(forward.hidden_caches):
        dh = dx
        if cache.dropout:
            dh = inverted_dropout_backward(dx, cache.dropout)
        dsums = _BACKWARD[activation](dh, cache.activation)
        dinputs.append(dsums)
        daffine: Sequence[Array] = ()
        if norm:
            dsums, *daffine = norm.backward(dsums, cache.norm)
        through, dweights, dbias = dense_backward(dsums, cache.dense)
        if cache.skipped:
            through = through + sum_to(dx, through.shape)
        dx = through
        gradients.append((dweights, dbias, *daffine))
    return Gradients(gradients[::-1], tuple(dinputs[::-1]))
