"""How a wide network at initialisation passes on its signal and its gradient.

Weights have the variance gain² / D for a layer with D inputs, and zero mean; biases
are zero. As the width grows, the pre-activations become normal numbers of variance q,
and every layer maps one q to the next.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Nonlinearity = Literal["linear", "relu", "tanh", "sigmoid"]

HE_GAIN = math.sqrt(2)
"""The gain at which ReLU layers keep the second moment (he2015delving, §2.2)."""

XAVIER_GAIN = 1.0
"""The gain of layers as wide as their inputs in Glorot and Bengio's initialisation
(glorot2010, eq. 12): right for linear units, and near zero for tanh."""

# Even steps: for functions as smooth as these, Gauss's nodes are worse at large √q.
_NODES = np.linspace(-10, 10, 4001)
_SHARES = np.exp(-_NODES * _NODES / 2) / np.exp(-_NODES * _NODES / 2).sum()


def next_variance(nonlinearity: Nonlinearity, gain: float, variance: float) -> float:
    """Give the variance of the pre-activations of the next layer.

    q' = gain² E[f(√q Z)²], Z standard normal; for a ReLU q' = gain² q / 2

    Parameters
    ----------
    nonlinearity : f
    gain : of the weights of the next layer
    variance : q of this layer's pre-activations, at least 0

    Returns
    -------
    variance : q'

    Source
    ------
    poole2016, §2; he2015delving, §2.2
    """
    squares, _ = _moments(nonlinearity, variance)
    return gain * gain * squares


def variances(
    nonlinearity: Nonlinearity, gain: float, layers: int, first: float
) -> NDArray[np.float64]:
    """Give the variance of the pre-activations layer by layer.

    Parameters
    ----------
    nonlinearity : of every layer
    gain : of every layer from the second on
    layers : how many
    first : the variance in the first layer

    Returns
    -------
    variances : (layers,), beginning with ``first``

    Source
    ------
    poole2016, §2
    """
    found = [first]
    while len(found) < layers:
        found.append(next_variance(nonlinearity, gain, found[-1]))
    return np.array(found)


def gradient_factor(nonlinearity: Nonlinearity, gain: float, variance: float) -> float:
    """Give the factor of the mean squared gradient from one layer to the one before.

    χ = gain² E[f'(√q Z)²]; for a ReLU χ = gain² / 2

    Parameters
    ----------
    nonlinearity : f
    gain : of the weights that the gradient comes back through
    variance : q of the pre-activations of the layer that it comes to

    Returns
    -------
    factor : χ, of squares

    Source
    ------
    schoenholz2017, §3
    """
    _, slopes = _moments(nonlinearity, variance)
    return gain * gain * slopes


def batch_norm_gradient_factor(
    batch_size: int, nonlinearity: Literal["linear", "relu"] = "relu"
) -> float:
    """Give the factor of the squared gradient from one layer with BN to the one before.

    For ReLU, with c = -1 / (B - 1):
    λ = (J'(c) + (B - 1)) / ((B - 3) (1 - J(c))) - 1 / (B - 3)
    J(c) = (√(1 - c²) + (π - arccos c) c) / π,  J'(c) = (π - arccos c) / π
    which falls to π / (π - 1) as B grows; for linear layers λ = (B - 2) / (B - 3).

    Parameters
    ----------
    batch_size : B, at least 4
    nonlinearity : behind the norm

    Returns
    -------
    factor : λ, of squares; the norm grows by its root

    Raises
    ------
    ValueError : if the batch is smaller than 4, where the mean is infinite

    Source
    ------
    yang2019, Thm. 3.10
    """
    B = batch_size
    if B < 4:
        raise ValueError(f"batch_size must be at least 4, got {B}")
    if nonlinearity == "linear":
        return (B - 2) / (B - 3)
    c = -1 / (B - 1)
    slope = (math.pi - math.acos(c)) / math.pi
    value = math.sqrt(1 - c * c) / math.pi + slope * c
    return (slope + B - 1) / ((B - 3) * (1 - value)) - 1 / (B - 3)


def _moments(nonlinearity: Nonlinearity, variance: float) -> tuple[float, float]:
    """Give E[f(√q Z)²] and E[f'(√q Z)²]; by the sum of small steps."""
    if nonlinearity == "linear":
        return variance, 1.0
    if nonlinearity == "relu":
        return variance / 2, 0.5
    x = math.sqrt(variance) * _NODES
    if nonlinearity == "tanh":
        values = np.tanh(x)
        slopes = 1 - values * values
    else:
        values = (1 + np.tanh(x / 2)) / 2
        slopes = values * (1 - values)
    return float(_SHARES @ values**2), float(_SHARES @ slopes**2)
