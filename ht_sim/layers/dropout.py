"""Dropout in its two conventions, which differ in where the scaling sits.

Classic (2012 to 2014): training only silences units; evaluation multiplies every
unit by the keep probability 1 - p_drop.
Inverted (today's libraries): training silences units and divides the kept ones by
1 - p_drop; evaluation does nothing.

``p_drop`` is the probability of dropping a unit. The 2014 paper's p is the
probability of keeping it, 1 - p_drop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class InvertedDropoutCache(NamedTuple):
    """What the backward pass of inverted dropout needs."""

    mask: NDArray[np.bool_]
    p_keep: float


def keep_mask(uniforms: NDArray[np.floating], p_drop: float) -> NDArray[np.bool_]:
    """Say which units are kept: those whose uniform number reaches the rate.

    kept where u >= p_drop

    The same uniforms at a higher rate keep a part of the same units, so masks at
    different rates are coupled: as the rate grows, units only vanish.

    Parameters
    ----------
    uniforms : of any shape, uniform in [0, 1)
    p_drop : the probability of dropping a unit, in [0, 1)

    Returns
    -------
    mask : of the shape of ``uniforms``, true where the unit is kept

    Raises
    ------
    ValueError : if ``p_drop`` is outside [0, 1)
    """
    return uniforms >= _checked(p_drop)


def inverted_dropout_train(
    x: NDArray[np.floating], mask: NDArray[np.bool_], p_drop: float
) -> tuple[NDArray[np.floating], InvertedDropoutCache]:
    """Silence the dropped units and turn the kept ones up, so that the mean stays.

    y = m x / (1 - p_drop)

    Parameters
    ----------
    x : (..., N, D) activations
    mask : from ``keep_mask``; a mask with more leading axes than ``x`` gives one
        ``y`` for each mask
    p_drop : the rate that the mask was made with, in [0, 1)

    Returns
    -------
    y : (..., N, D)
    cache : for the backward pass

    Raises
    ------
    ValueError : if ``p_drop`` is outside [0, 1)

    Source
    ------
    srivastava2014, §10
    """
    p_keep = 1 - _checked(p_drop)
    return np.where(mask, x, 0) / p_keep, InvertedDropoutCache(mask, p_keep)


def inverted_dropout_backward(
    dy: NDArray[np.floating], cache: InvertedDropoutCache
) -> NDArray[np.floating]:
    """Send the gradient back through the kept units, scaled as they were.

    dx = m dy / (1 - p_drop)

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``inverted_dropout_train``

    Returns
    -------
    dx : of the shape of ``dy``, one gradient for each mask
    """
    return np.where(cache.mask, dy, 0) / cache.p_keep


def inverted_dropout_eval(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Do nothing: all units are active, and training already did the scaling.

    y = x

    Parameters
    ----------
    x : (..., N, D) activations

    Returns
    -------
    y : ``x`` itself

    Source
    ------
    srivastava2014, §10
    """
    return x


def classic_dropout_train(
    x: NDArray[np.floating], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Silence the dropped units and leave the kept ones as they are.

    y = m x

    Parameters
    ----------
    x : (..., N, D) activations
    mask : from ``keep_mask``; a mask with more leading axes than ``x`` gives one
        ``y`` for each mask

    Returns
    -------
    y : (..., N, D)
    cache : the mask, for the backward pass

    Source
    ------
    srivastava2014, §4
    """
    return np.where(mask, x, 0), mask


def classic_dropout_backward(
    dy: NDArray[np.floating], cache: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """Send the gradient back through the kept units alone.

    dx = m dy

    Parameters
    ----------
    dy : (..., N, D) dLoss/dy
    cache : from ``classic_dropout_train``

    Returns
    -------
    dx : of the shape of ``dy``, one gradient for each mask
    """
    return np.where(cache, dy, 0)


def classic_dropout_eval(
    x: NDArray[np.floating], p_drop: float
) -> NDArray[np.floating]:
    """Turn every unit down to its mean over masks.

    y = (1 - p_drop) x

    Scaling a unit's output is the same as scaling its outgoing weights, which is
    how the paper puts it.

    Parameters
    ----------
    x : (..., N, D) activations
    p_drop : the rate used in training, in [0, 1)

    Returns
    -------
    y : (..., N, D)

    Raises
    ------
    ValueError : if ``p_drop`` is outside [0, 1)

    Source
    ------
    srivastava2014, §4; krizhevsky2012, §4.2
    """
    return x * (1 - _checked(p_drop))


def _checked(p_drop: float) -> float:
    """Give the rate as a Python float, which leaves an array's float32 alone."""
    if not 0 <= p_drop < 1:
        raise ValueError(f"p_drop must be in [0, 1), got {p_drop}")
    return float(p_drop)
