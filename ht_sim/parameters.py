"""The parameters of networks: drawn, put into stacks, laid out in one array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Parameters = Sequence[tuple[NDArray[np.floating], ...]]
"""For each layer its weights (D, M) and bias (M,); where a norm stands behind it, the
norm's scale and shift, (M,) each, too. Leading axes stack networks."""


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


def with_norms(parameters: Parameters) -> Parameters:
    """Give every hidden layer a norm's scale of one and shift of zero.

    Parameters
    ----------
    parameters : weights (..., D, M) and bias (..., M) a layer

    Returns
    -------
    parameters : the same, with scale (..., M) and shift (..., M) for hidden layers
    """
    hidden = [
        (weights, bias, np.ones_like(bias), np.zeros_like(bias))
        for weights, bias in parameters[:-1]
    ]
    return [*hidden, parameters[-1]]


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
        tuple(np.stack(same).astype(kind) for same in zip(*layer, strict=True))
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
    for layer in like:
        values = []
        for one in layer:
            last = first + one[0].size
            values.append(flat[:, first:last].reshape(one.shape))
            first = last
        views.append(tuple(values))
    return views
