"""Activation functions, applied to each number by itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def linear_forward(x: NDArray[np.floating]) -> tuple[NDArray[np.floating], None]:
    """Pass every number as it is: for networks without a nonlinearity.

    y = x

    Parameters
    ----------
    x : (..., N, D) pre-activations

    Returns
    -------
    y : (..., N, D)
    cache : nothing
    """
    return x, None


def linear_backward(dy: NDArray[np.floating], cache: None) -> NDArray[np.floating]:
    """Send the gradient back as it is.

    dx = dy

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``linear_forward``

    Returns
    -------
    dx : (..., N, D)
    """
    return dy


def relu_forward(
    x: NDArray[np.floating],
) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Pass what is positive, and put zero in place of the rest.

    y = max(0, x)

    Parameters
    ----------
    x : (..., N, D) pre-activations

    Returns
    -------
    y : (..., N, D)
    cache : (..., N, D) true where ``x`` is positive
    """
    return np.maximum(x, 0), x > 0


def relu_backward(
    dy: NDArray[np.floating], cache: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """Send the gradient back where ``x`` was positive; at x = 0 it is taken as 0.

    dx = dy where x > 0, else 0

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``relu_forward``

    Returns
    -------
    dx : (..., N, D)
    """
    return np.where(cache, dy, 0)


def tanh_forward(
    x: NDArray[np.floating],
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Squash each number into (-1, 1).

    y = tanh(x)

    Parameters
    ----------
    x : (..., N, D) pre-activations

    Returns
    -------
    y : (..., N, D)
    cache : ``y``, all that the backward pass needs
    """
    y = np.tanh(x)
    return y, y


def tanh_backward(
    dy: NDArray[np.floating], cache: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Send the gradient back through tanh.

    dx = dy (1 - y²)

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``tanh_forward``

    Returns
    -------
    dx : (..., N, D)
    """
    y = cache
    return dy * (1 - y * y)


def sigmoid_forward(
    x: NDArray[np.floating],
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Squash each number into (0, 1).

    y = 1 / (1 + exp(-x))

    Parameters
    ----------
    x : (..., N, D) pre-activations

    Returns
    -------
    y : (..., N, D)
    cache : ``y``, all that the backward pass needs
    """
    small = np.exp(-np.abs(x))  # of -|x|, so that it cannot overflow
    y = np.where(x >= 0, 1, small) / (1 + small)
    return y, y


def sigmoid_backward(
    dy: NDArray[np.floating], cache: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Send the gradient back through the sigmoid.

    dx = dy y (1 - y)

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``sigmoid_forward``

    Returns
    -------
    dx : (..., N, D)
    """
    y = cache
    return dy * y * (1 - y)
