"""The normal distribution, and what a ReLU makes of it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

_erfc = np.frompyfunc(math.erfc, 1, 1)


def normal_pdf(z: ArrayLike) -> NDArray[np.float64]:
    """Give the density of the standard normal distribution.

    φ(z) = exp(-z²/2) / √(2π)

    Parameters
    ----------
    z : of any shape

    Returns
    -------
    density : of the shape of ``z``
    """
    z = np.asarray(z, dtype=np.float64)
    return np.asarray(np.exp(-z * z / 2) / math.sqrt(2 * math.pi))


def normal_cdf(z: ArrayLike) -> NDArray[np.float64]:
    """Give the probability that a standard normal number is at most z.

    Φ(z) = erfc(-z/√2) / 2

    Parameters
    ----------
    z : of any shape

    Returns
    -------
    probability : of the shape of ``z``
    """
    z = np.asarray(z, dtype=np.float64)
    return np.asarray(_erfc(-z / math.sqrt(2)), dtype=np.float64) / 2


def rectified_normal_mean(
    mean: ArrayLike, standard_deviation: ArrayLike
) -> NDArray[np.float64]:
    """Give the mean of ReLU(S) for a normal S: never below ReLU of the mean.

    E[max(0, S)] = μ Φ(μ/s) + s φ(μ/s),  S ~ N(μ, s²)

    A sum over many dropped units is nearly normal, with the mean and variance of
    ``inverted_dropout_readout_mean`` and ``inverted_dropout_readout_variance``.

    Parameters
    ----------
    mean, standard_deviation : μ and s ≥ 0, of shapes that broadcast

    Returns
    -------
    mean : of the broadcast shape

    Raises
    ------
    ValueError : if a standard deviation is negative

    Source
    ------
    wang2013
    """
    mu, s = np.broadcast_arrays(
        np.asarray(mean, dtype=np.float64),
        np.asarray(standard_deviation, dtype=np.float64),
    )
    if (s < 0).any():
        raise ValueError(f"standard_deviation must not be negative, got {s.min()}")
    z = np.divide(mu, s, out=np.zeros_like(mu), where=s > 0)
    noisy = mu * normal_cdf(z) + s * normal_pdf(z)
    return np.where(s > 0, noisy, np.maximum(mu, 0))
