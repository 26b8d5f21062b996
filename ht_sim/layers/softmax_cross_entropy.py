"""Softmax and the cross-entropy loss, in one layer because together they are stable."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class CrossEntropyCache(NamedTuple):
    """What the backward pass of the loss needs."""

    log_probabilities: NDArray[np.floating]
    labels: NDArray[np.integer]


def log_softmax(logits: NDArray[np.floating]) -> NDArray[np.floating]:
    """Turn K logits into the logarithms of K probabilities.

    log p_k = z_k - log Σ_j exp(z_j)

    Parameters
    ----------
    logits : (..., N, K)

    Returns
    -------
    log_probabilities : (..., N, K)
    """
    shifted = logits - logits.max(axis=-1, keepdims=True)  # so exp cannot overflow
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def softmax_cross_entropy_forward(
    logits: NDArray[np.floating], labels: NDArray[np.integer]
) -> tuple[NDArray[np.floating], CrossEntropyCache]:
    """Average, over examples, minus the log probability given to the right class.

    loss = -(1/N) Σ_n log p(label_n)

    Parameters
    ----------
    logits : (..., N, K)
    labels : (N,) or (..., N) classes, whole numbers from 0 to K - 1

    Returns
    -------
    loss : (...) in nats, one number for each network of a stack
    cache : for the backward pass

    Raises
    ------
    ValueError : if a label is no class, or the shapes do not fit
    """
    N, K = logits.shape[-2:]
    if labels.shape[-1:] != (N,):
        raise ValueError(
            f"labels must be (..., {N}) for logits {logits.shape}, got {labels.shape}"
        )
    if labels.min() < 0 or labels.max() >= K:
        raise ValueError(
            f"labels must be from 0 to {K - 1}, got {labels.min()} to {labels.max()}"
        )
    log_probabilities = log_softmax(logits)
    each = np.broadcast_to(labels, logits.shape[:-1])[..., np.newaxis]  # (..., N, 1)
    picked = np.take_along_axis(log_probabilities, each, axis=-1)
    loss = np.asarray(-picked.mean(axis=(-2, -1)))
    return loss, CrossEntropyCache(log_probabilities, each)


def softmax_cross_entropy_backward(
    dloss: NDArray[np.floating], cache: CrossEntropyCache
) -> NDArray[np.floating]:
    """Send the gradient back: probability minus truth, over the number of examples.

    dz_k = dloss (p_k - [k is the label]) / N

    Parameters
    ----------
    dloss : (...) of the shape of the loss; ones for the gradient of the loss itself
    cache : from ``softmax_cross_entropy_forward``

    Returns
    -------
    dlogits : (..., N, K)
    """
    log_probabilities, labels = cache
    N, K = log_probabilities.shape[-2:]
    truth = labels == np.arange(K)  # (..., N, K)
    return (np.exp(log_probabilities) - truth) * (dloss[..., None, None] / N)
