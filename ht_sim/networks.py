"""Layers stacked: a plain multilayer perceptron with inverted dropout."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers import activations
from ht_sim.layers.dense import DenseCache, dense_backward, dense_forward
from ht_sim.layers.dropout import (
    InvertedDropoutCache,
    inverted_dropout_backward,
    inverted_dropout_eval,
    inverted_dropout_train,
)

Activation = Literal["relu", "tanh", "sigmoid"]
Parameters = Sequence[tuple[NDArray[np.floating], NDArray[np.floating]]]

_FORWARD = {
    "relu": activations.relu_forward,
    "tanh": activations.tanh_forward,
    "sigmoid": activations.sigmoid_forward,
}
_BACKWARD: dict[Activation, Callable[..., NDArray[np.floating]]] = {
    "relu": activations.relu_backward,
    "tanh": activations.tanh_backward,
    "sigmoid": activations.sigmoid_backward,
}


class HiddenCache(NamedTuple):
    """What the backward pass of one hidden layer needs."""

    dense: DenseCache
    activation: NDArray[Any]
    dropout: InvertedDropoutCache


class ForwardTrain(NamedTuple):
    """One forward pass of training.

    ``hidden[i]`` is hidden layer i before its mask, ``dropped[i]`` is what is left
    of it for the next layer; both (..., N, width). ``logits`` is (..., N, K).
    """

    hidden: tuple[NDArray[np.floating], ...]
    dropped: tuple[NDArray[np.floating], ...]
    logits: NDArray[np.floating]
    hidden_caches: tuple[HiddenCache, ...]
    logits_cache: DenseCache
    activation: Activation


class ForwardEval(NamedTuple):
    """One forward pass of evaluation: hidden layers (..., N, width) and logits."""

    hidden: tuple[NDArray[np.floating], ...]
    logits: NDArray[np.floating]


def initialise(
    sizes: Sequence[int], generator: np.random.Generator, gain: float = math.sqrt(2)
) -> Parameters:
    """Draw the weights of a network with He et al.'s variance; the biases are zero.

    Var W = gain² / D for a layer with D inputs

    Parameters
    ----------
    sizes : the widths, from the input to the logits: 64, 100, 100, 10
    generator : where the weights come from
    gain : √2 keeps the second moment from one ReLU layer to the next

    Returns
    -------
    parameters : for each layer, weights (D, M) and bias (M,), float64

    Source
    ------
    he2015delving, §2.2
    """
    return [
        (generator.normal(0, gain / math.sqrt(D), (D, M)), np.zeros(M))
        for D, M in pairwise(sizes)
    ]


def forward_train(
    parameters: Parameters,
    x: NDArray[np.floating],
    masks: Sequence[NDArray[np.bool_]],
    p_drop: float,
    activation: Activation = "relu",
) -> ForwardTrain:
    """Run the network with some hidden units dropped, as in training.

    Parameters
    ----------
    parameters : L layers; leading axes stack networks
    x : (N, D) or (..., N, D) inputs
    masks : L - 1 masks from ``keep_mask``, (..., N, width), one a hidden layer
    p_drop : the rate that the masks were made with, in [0, 1)
    activation : of every hidden layer

    Returns
    -------
    forward : hidden layers, logits, and what ``backward`` needs

    Raises
    ------
    ValueError : if the number of masks is not that of the hidden layers
    """
    if len(masks) != len(parameters) - 1:
        raise ValueError(
            f"masks must be one for each of {len(parameters) - 1} hidden layers, "
            f"got {len(masks)}"
        )
    hidden, dropped, caches = [], [], []
    for (weights, bias), mask in zip(parameters[:-1], masks, strict=True):
        sums, dense_cache = dense_forward(x, weights, bias)
        h, activation_cache = _FORWARD[activation](sums)
        x, dropout_cache = inverted_dropout_train(h, mask, p_drop)
        hidden.append(h)
        dropped.append(x)
        caches.append(HiddenCache(dense_cache, activation_cache, dropout_cache))
    logits, logits_cache = dense_forward(x, *parameters[-1])
    return ForwardTrain(
        tuple(hidden), tuple(dropped), logits, tuple(caches), logits_cache, activation
    )


def forward_eval(
    parameters: Parameters, x: NDArray[np.floating], activation: Activation = "relu"
) -> ForwardEval:
    """Run the network with every unit active, as at test time.

    Parameters
    ----------
    parameters : L layers; leading axes stack networks
    x : (N, D) or (..., N, D) inputs
    activation : of every hidden layer

    Returns
    -------
    forward : hidden layers and logits
    """
    hidden = []
    for weights, bias in parameters[:-1]:
        sums, _ = dense_forward(x, weights, bias)
        h, _ = _FORWARD[activation](sums)
        x = inverted_dropout_eval(h)
        hidden.append(h)
    logits, _ = dense_forward(x, *parameters[-1])
    return ForwardEval(tuple(hidden), logits)


def backward(dlogits: NDArray[np.floating], forward: ForwardTrain) -> Parameters:
    """Send the gradient back through the whole network.

    Parameters
    ----------
    dlogits : (..., N, K) dLoss/dlogits
    forward : from ``forward_train``

    Returns
    -------
    gradients : for each layer, dweights and dbias, of the parameters' shapes
    """
    dx, dweights, dbias = dense_backward(dlogits, forward.logits_cache)
    gradients = [(dweights, dbias)]
    for cache in reversed(forward.hidden_caches):
        dh = inverted_dropout_backward(dx, cache.dropout)
        dsums = _BACKWARD[forward.activation](dh, cache.activation)
        dx, dweights, dbias = dense_backward(dsums, cache.dense)
        gradients.append((dweights, dbias))
    return gradients[::-1]


def stacked(
    networks: Sequence[Parameters], kind: np.dtype[Any] | type = np.float64
) -> Parameters:
    """Put networks of one shape into a stack.

    Parameters
    ----------
    networks : S of them, weights (D, M) and bias (M,) a layer
    kind : float64, or float32 where the speed of training pays

    Returns
    -------
    parameters : weights (S, D, M) and bias (S, M) a layer
    """
    return [
        (
            np.stack([w for w, _ in layer]).astype(kind),
            np.stack([b for _, b in layer]).astype(kind),
        )
        for layer in zip(*networks, strict=True)
    ]


def flattened(parameters: Parameters) -> tuple[NDArray[np.floating], Parameters]:
    """Copy the parameters of a stack into one array.

    Parameters
    ----------
    parameters : weights (S, D, M) and bias (S, M) a layer

    Returns
    -------
    flat : (S, P), all parameters of a network in a row
    views : of the parameters' shapes, into ``flat``
    """
    pieces = [value for layer in parameters for value in layer]
    flat = np.concatenate([piece.reshape(len(piece), -1) for piece in pieces], axis=1)
    return flat, unflattened(flat, parameters)


def unflattened(flat: NDArray[np.floating], like: Parameters) -> Parameters:
    """Return views into ``flat``, (S, P), of the shapes of ``like``'s layers."""
    views, first = [], 0
    for weights, bias in like:
        middle = first + weights[0].size
        last = middle + bias[0].size
        views.append(
            (
                flat[:, first:middle].reshape(weights.shape),
                flat[:, middle:last].reshape(bias.shape),
            )
        )
        first = last
    return views
