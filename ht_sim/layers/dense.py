"""The dense layer: every output is a weighted sum of all inputs, and a bias."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers.broadcasting import sum_to


class DenseCache(NamedTuple):
    """What the backward pass of a dense layer needs."""

    x: NDArray[np.floating]
    weights: NDArray[np.floating]
    bias: NDArray[np.floating]


class DenseGradients(NamedTuple):
    """The gradients of a dense layer, each of the shape of its value."""

    dx: NDArray[np.floating]
    dweights: NDArray[np.floating]
    dbias: NDArray[np.floating]


def dense_forward(
    x: NDArray[np.floating],
    weights: NDArray[np.floating],
    bias: NDArray[np.floating],
) -> tuple[NDArray[np.floating], DenseCache]:
    """Mix the D features of each example into M sums.

    y = x W + b

    Parameters
    ----------
    x : (..., N, D) activations
    weights : (..., D, M); leading axes broadcast against those of ``x``
    bias : (..., M)

    Returns
    -------
    y : (..., N, M)
    cache : for the backward pass

    Raises
    ------
    ValueError : if the shapes do not fit, naming them
    """
    if x.shape[-1] != weights.shape[-2] or weights.shape[-1] != bias.shape[-1]:
        raise ValueError(
            "dense needs x (..., N, D), weights (..., D, M) and bias (..., M), "
            f"got {x.shape}, {weights.shape} and {bias.shape}"
        )
    y = x @ weights + bias[..., np.newaxis, :]  # (..., N, M)
    return y, DenseCache(x, weights, bias)


def dense_backward(dy: NDArray[np.floating], cache: DenseCache) -> DenseGradients:
    """Send the gradient back through a dense layer.

    dx = dy Wᵀ,  dW = xᵀ dy,  db = the sum of dy over examples

    Parameters
    ----------
    dy : (..., N, M) dLoss/dy
    cache : from ``dense_forward``

    Returns
    -------
    dx, dweights, dbias : of the shapes of ``x``, ``weights`` and ``bias``; a value
        that several networks of a stack share gets the sum of their gradients
    """
    x, weights, bias = cache
    dx = dy @ np.swapaxes(weights, -1, -2)  # (..., N, D)
    dweights = np.swapaxes(x, -1, -2) @ dy  # (..., D, M)
    dbias = dy.sum(axis=-2)  # (..., M)
    return DenseGradients(
        sum_to(dx, x.shape),
        sum_to(dweights, weights.shape),
        sum_to(dbias, bias.shape),
    )
