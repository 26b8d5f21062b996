"""Measures of an autoencoder: its error, what its units are worth, its features.

Every error is a share of the variance of the images: 0 is perfect, 1 as good as giving
the mean image every time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers.dropout import inverted_dropout_train, keep_mask

Array = NDArray[np.floating]

SILENCED = tuple(round(0.1 * step, 1) for step in range(10))  # shares of the units
MASKS = 10  # over which errors with silenced units are averaged


def unexplained(outputs: Array, x: Array) -> Array:
    """Give the squared error of a reconstruction as a share of the digits' variance.

    error = Σ ‖output - x‖² / Σ ‖x - mean x‖²

    Parameters
    ----------
    outputs : (..., N, pixels)
    x : (N, pixels)

    Returns
    -------
    error : (...); 0 is perfect, 1 as good as giving the mean digit every time
    """
    return np.asarray(
        ((outputs - x) ** 2).sum(axis=(-2, -1)) / ((x - x.mean(axis=0)) ** 2).sum()
    )


def error_by_silenced(
    hidden: Array, read_out: tuple[Array, ...], x: Array, rng: np.random.Generator
) -> Array:
    """Give the error when a random share of the units is silent, for every share.

    As in training with dropout, the others are turned up by 1 / (1 - share). A mask
    holds for all digits; units only vanish as the share grows.

    Parameters
    ----------
    hidden : (N, units) with all units on
    read_out : weights (units, pixels) and bias (pixels,)
    x : (N, pixels) what should come out
    rng : where the masks come from

    Returns
    -------
    error : (shares,) as a share of the variance, mean over the masks
    """
    uniforms = rng.random((MASKS, 1, hidden.shape[1]))
    weights, bias = read_out
    errors = []
    for share in SILENCED:
        left, _ = inverted_dropout_train(hidden, keep_mask(uniforms, share), share)
        errors.append(unexplained(left @ weights + bias, x).mean())
    return np.array(errors)


def error_by_held(
    hidden: Array, read_out: tuple[Array, ...], x: Array, rng: np.random.Generator
) -> Array:
    """Give the error when a random half of the units stay at their means.

    So what a unit gives to all digits alike is not lost; the others are not turned up.

    Parameters
    ----------
    hidden : (N, units) with all units on
    read_out : weights (units, pixels) and bias (pixels,)
    x : (N, pixels) what should come out
    rng : where the masks come from

    Returns
    -------
    error : () as a share of the variance, mean over the masks
    """
    kept = keep_mask(rng.random((MASKS, 1, hidden.shape[1])), 0.5)
    left = np.where(kept, hidden, hidden.mean(axis=0))
    weights, bias = read_out
    return np.asarray(unexplained(left @ weights + bias, x).mean())


def rise_without_each(hidden: Array, read_out: tuple[Array, ...], x: Array) -> Array:
    """Give how much the error rises when one unit alone is silent, for every unit.

    Without unit u the gap g becomes g - h_u w_u, so ‖·‖² rises by
    h_u² ‖w_u‖² - 2 h_u (g · w_u).

    Parameters
    ----------
    hidden : (N, units) with all units on
    read_out : weights (units, pixels) and bias (pixels,)
    x : (N, pixels) what should come out

    Returns
    -------
    rise : (units,) as a share of the digits' variance
    """
    weights, bias = read_out
    gap = hidden @ weights + bias - x  # (N, pixels)
    own = (hidden**2).sum(axis=0) * (weights**2).sum(axis=1)
    shared = (hidden * (gap @ weights.T)).sum(axis=0)
    return np.asarray((own - 2 * shared) / ((x - x.mean(axis=0)) ** 2).sum())


def smoothness(features: Array) -> Array:
    """Give the correlation of the weights of pixels that touch along a side.

    Each feature's mean is taken off; pairs of all features are pooled. Weights drawn
    at random have about -0.02, spots and strokes more than zero.

    Parameters
    ----------
    features : (units, rows, columns)

    Returns
    -------
    correlation : in [-1, 1], (); 0 where no weight differs from its feature's mean
    """
    w = features - features.mean(axis=(1, 2), keepdims=True)
    pairs = (w[:, 1:], w[:, :-1]), (w[:, :, 1:], w[:, :, :-1])
    product = sum((a * b).sum() for a, b in pairs)
    size = sum((a * a + b * b).sum() / 2 for a, b in pairs)
    return np.asarray(product / size if size else 0.0)
