"""RMSNorm: layer norm without the mean, dividing each example by its own size."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers.broadcasting import sum_to


class RMSNormCache(NamedTuple):
    """What the backward pass of RMSNorm needs."""

    scaled: NDArray[np.floating]
    root: NDArray[np.floating]
    gain: NDArray[np.floating]


class RMSNormGradients(NamedTuple):
    """The gradients of RMSNorm, each of the shape of its value."""

    dx: NDArray[np.floating]
    dgain: NDArray[np.floating]


def rms_norm_forward(
    x: NDArray[np.floating], gain: NDArray[np.floating], *, eps: float
) -> tuple[NDArray[np.floating], RMSNormCache]:
    """Divide each example by the root of its mean square, and rescale every feature.

    y = gain x / √(mean(x²) + eps), the mean over the features

    Parameters
    ----------
    x : (..., N, D) pre-activations
    gain : (..., D) learned, for each feature; leading axes broadcast against those of
        ``x``
    eps : added to the mean square, in its unit

    Returns
    -------
    y : (..., N, D)
    cache : for the backward pass

    Source
    ------
    zhang2019rms, §3
    """
    root = np.sqrt((x * x).mean(axis=-1, keepdims=True) + float(eps))  # (..., N, 1)
    scaled = x / root
    return gain[..., None, :] * scaled, RMSNormCache(scaled, root, gain)


def rms_norm_backward(
    dy: NDArray[np.floating], cache: RMSNormCache
) -> RMSNormGradients:
    """Send the gradient back, through each example's root mean square too.

    dx = (g - x̂ mean(g x̂)) / √(mean(x²) + eps), g = gain dy, over the features
    dgain = Σ dy x̂, over the examples

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``rms_norm_forward``

    Returns
    -------
    dx, dgain : of the shapes of ``x`` and ``gain``; a value that several networks of
        a stack share gets the sum of their gradients
    """
    scaled, root, gain = cache
    g = dy * gain[..., None, :]
    along = (g * scaled).mean(axis=-1, keepdims=True)  # (..., N, 1)
    return RMSNormGradients(
        sum_to((g - scaled * along) / root, scaled.shape),
        sum_to((dy * scaled).sum(axis=-2), gain.shape),
    )
