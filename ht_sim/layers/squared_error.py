"""The squared error, the loss of regression and of autoencoders."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def squared_error_forward(
    outputs: NDArray[np.floating], targets: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Average, over examples, half the squared distance from the target.

    loss = (1/N) Σ_n ½ ‖output_n - target_n‖²

    Parameters
    ----------
    outputs : (..., N, K)
    targets : (..., N, K)

    Returns
    -------
    loss : (...) in the squared unit of the outputs, one number for each network
    cache : outputs - targets, for the backward pass

    Raises
    ------
    ValueError : if the shapes do not fit
    """
    if outputs.shape[-2:] != targets.shape[-2:]:
        raise ValueError(
            f"targets must be (..., {outputs.shape[-2]}, {outputs.shape[-1]}) for "
            f"outputs {outputs.shape}, got {targets.shape}"
        )
    gap = outputs - targets
    return np.asarray((gap * gap).sum(axis=-1).mean(axis=-1) / 2), gap


def squared_error_backward(
    dloss: NDArray[np.floating], cache: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Send the gradient back: the gap, over the number of examples.

    doutput = dloss (output - target) / N

    Parameters
    ----------
    dloss : (...) of the shape of the loss; ones for the gradient of the loss itself
    cache : from ``squared_error_forward``

    Returns
    -------
    doutputs : (..., N, K)
    """
    return cache * (dloss[..., None, None] / cache.shape[-2])
