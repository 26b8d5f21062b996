"""Batch norm: standardise each feature over the batch, then rescale it.

Training uses the statistics of the batch, so an example's output depends on its
batch-mates, and keeps running statistics beside; evaluation uses those. ``decay`` is
the weight of the old running value: PyTorch's ``momentum`` is 1 - decay, that of
Keras and Flax is decay. The variance of the batch is taken with ddof=0 to normalise
and with ddof=1 for the running statistics, as in the paper and in PyTorch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers.broadcasting import sum_to


class RunningStatistics(NamedTuple):
    """What evaluation normalises with: mean and variance of each feature, (..., D)."""

    mean: NDArray[np.floating]
    variance: NDArray[np.floating]


class BatchNormCache(NamedTuple):
    """What the backward pass of batch norm needs."""

    standardised: NDArray[np.floating]
    deviation: NDArray[np.floating]
    gamma: NDArray[np.floating]
    beta: NDArray[np.floating]


class BatchNormTrained(NamedTuple):
    """The output, the running statistics after this batch, and the cache."""

    y: NDArray[np.floating]
    running: RunningStatistics
    cache: BatchNormCache


class BatchNormGradients(NamedTuple):
    """The gradients of batch norm, each of the shape of its value."""

    dx: NDArray[np.floating]
    dgamma: NDArray[np.floating]
    dbeta: NDArray[np.floating]


def start_statistics(gamma: NDArray[np.floating]) -> RunningStatistics:
    """Return the running statistics before any batch: mean 0, variance 1.

    Parameters
    ----------
    gamma : (..., D), for the shape and the type

    Returns
    -------
    running : (..., D) each
    """
    return RunningStatistics(np.zeros_like(gamma), np.ones_like(gamma))


def batch_norm_train(
    x: NDArray[np.floating],
    gamma: NDArray[np.floating],
    beta: NDArray[np.floating],
    running: RunningStatistics,
    *,
    decay: float,
    eps: float,
) -> BatchNormTrained:
    """Standardise each feature with the statistics of this batch, and rescale it.

    μ, σ² = mean and variance over the batch (ddof=0)
    y = γ (x - μ) / √(σ² + eps) + β
    running = decay · running + (1 - decay) · (μ, variance with ddof=1)

    Parameters
    ----------
    x : (..., N, D) pre-activations, N at least 2
    gamma, beta : (..., D) the learned scale and shift; leading axes broadcast against
        those of ``x``
    running : the statistics before this batch
    decay : the weight of the old running value, in [0, 1)
    eps : added to the variance, in its unit

    Returns
    -------
    y : (..., N, D)
    running : the statistics after this batch, (..., D) each
    cache : for the backward pass

    Raises
    ------
    ValueError : if the batch has fewer than two examples, whose variance says nothing

    Source
    ------
    ioffe2015, Alg. 1, §3.1
    """
    N = x.shape[-2]
    if N < 2:
        raise ValueError(f"batch norm needs a batch of at least 2 to train, got {N}")
    mean = x.mean(axis=-2)  # (..., D)
    variance = x.var(axis=-2, ddof=0)
    deviation = np.sqrt(variance + float(eps))
    standardised = (x - mean[..., None, :]) / deviation[..., None, :]
    y = gamma[..., None, :] * standardised + beta[..., None, :]
    old, new = float(decay), 1 - float(decay)
    after = RunningStatistics(
        old * running.mean + new * mean,
        old * running.variance + new * (N / (N - 1)) * variance,
    )
    cache = BatchNormCache(standardised, deviation, gamma, beta)
    return BatchNormTrained(y, after, cache)


def batch_norm_eval(
    x: NDArray[np.floating],
    gamma: NDArray[np.floating],
    beta: NDArray[np.floating],
    running: RunningStatistics,
    *,
    eps: float,
) -> NDArray[np.floating]:
    """Standardise each feature with the running statistics, and rescale it.

    y = γ (x - running mean) / √(running variance + eps) + β

    Each example is treated by itself: a batch of one will do.

    Parameters
    ----------
    x : (..., N, D) pre-activations
    gamma, beta : (..., D) the learned scale and shift
    running : from training
    eps : as in training

    Returns
    -------
    y : (..., N, D)

    Source
    ------
    ioffe2015, Alg. 2
    """
    scale = gamma / np.sqrt(running.variance + float(eps))
    return scale[..., None, :] * (x - running.mean[..., None, :]) + beta[..., None, :]


def batch_norm_backward(
    dy: NDArray[np.floating], cache: BatchNormCache
) -> BatchNormGradients:
    """Send the gradient back, through the batch's mean and variance too.

    dx = γ / √(σ² + eps) (dy - mean(dy) - x̂ mean(dy x̂)), means over the batch
    dγ = Σ dy x̂,  dβ = Σ dy, over the batch

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``batch_norm_train``

    Returns
    -------
    dx, dgamma, dbeta : of the shapes of ``x``, ``gamma`` and ``beta``; a value that
        several networks of a stack share gets the sum of their gradients

    Source
    ------
    ioffe2015, §3
    """
    standardised, deviation, gamma, beta = cache
    N = dy.shape[-2]
    dgamma = (dy * standardised).sum(axis=-2)  # (..., D)
    dbeta = dy.sum(axis=-2)
    centred = dy - dbeta[..., None, :] / N - standardised * dgamma[..., None, :] / N
    dx = (gamma / deviation)[..., None, :] * centred
    return BatchNormGradients(
        sum_to(dx, standardised.shape),
        sum_to(dgamma, gamma.shape),
        sum_to(dbeta, beta.shape),
    )
