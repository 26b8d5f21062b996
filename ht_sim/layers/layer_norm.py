"""Layer norm: standardise each example over its own features, then rescale.

There is one forward function: training and evaluation do the same, and no example
sees another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers.broadcasting import sum_to


class LayerNormCache(NamedTuple):
    """What the backward pass of layer norm needs."""

    standardised: NDArray[np.floating]
    deviation: NDArray[np.floating]
    gain: NDArray[np.floating]
    bias: NDArray[np.floating]


class LayerNormGradients(NamedTuple):
    """The gradients of layer norm, each of the shape of its value."""

    dx: NDArray[np.floating]
    dgain: NDArray[np.floating]
    dbias: NDArray[np.floating]


def layer_norm_forward(
    x: NDArray[np.floating],
    gain: NDArray[np.floating],
    bias: NDArray[np.floating],
    *,
    eps: float,
) -> tuple[NDArray[np.floating], LayerNormCache]:
    """Standardise each example over its features, and rescale every feature.

    μ, σ² = mean and variance over the features (ddof=0)
    y = gain (x - μ) / √(σ² + eps) + bias

    Parameters
    ----------
    x : (..., N, D) pre-activations
    gain, bias : (..., D) learned, for each feature; leading axes broadcast against
        those of ``x``
    eps : added to the variance, in its unit; the paper has none

    Returns
    -------
    y : (..., N, D)
    cache : for the backward pass

    Source
    ------
    ba2016, §3
    """
    mean = x.mean(axis=-1, keepdims=True)  # (..., N, 1)
    deviation = np.sqrt(x.var(axis=-1, ddof=0, keepdims=True) + float(eps))
    standardised = (x - mean) / deviation
    y = gain[..., None, :] * standardised + bias[..., None, :]
    return y, LayerNormCache(standardised, deviation, gain, bias)


def layer_norm_backward(
    dy: NDArray[np.floating], cache: LayerNormCache
) -> LayerNormGradients:
    """Send the gradient back, through each example's mean and variance too.

    dx = (g - mean(g) - x̂ mean(g x̂)) / √(σ² + eps), g = gain dy, over the features
    dgain = Σ dy x̂,  dbias = Σ dy, over the examples

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``layer_norm_forward``

    Returns
    -------
    dx, dgain, dbias : of the shapes of ``x``, ``gain`` and ``bias``; a value that
        several networks of a stack share gets the sum of their gradients
    """
    standardised, deviation, gain, bias = cache
    g = dy * gain[..., None, :]
    along = (g * standardised).mean(axis=-1, keepdims=True)  # (..., N, 1)
    dx = (g - g.mean(axis=-1, keepdims=True) - standardised * along) / deviation
    return LayerNormGradients(
        sum_to(dx, standardised.shape),
        sum_to((dy * standardised).sum(axis=-2), gain.shape),
        sum_to(dy.sum(axis=-2), bias.shape),
    )
