"""What dropout does on average, and how much it scatters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def inverted_dropout_mean(x: ArrayLike) -> NDArray[np.float64]:
    """Give the mean, over masks, of a unit under inverted dropout: the unit itself.

    E[m x / (1 - p_drop)] = x, at every rate

    Parameters
    ----------
    x : activations of any shape

    Returns
    -------
    mean : of the shape of ``x``

    Source
    ------
    srivastava2014, §10
    """
    return np.asarray(x, dtype=np.float64)


def inverted_dropout_variance(x: ArrayLike, p_drop: float) -> NDArray[np.float64]:
    """Give the variance, over masks, of a unit under inverted dropout.

    Var[m x / (1 - p_drop)] = x² p_drop / (1 - p_drop)

    Parameters
    ----------
    x : activations of any shape
    p_drop : the probability of dropping a unit, in [0, 1)

    Returns
    -------
    variance : of the shape of ``x``

    Raises
    ------
    ValueError : if ``p_drop`` is outside [0, 1)

    Source
    ------
    srivastava2014, §10
    """
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(x * x * _noise(p_drop))


def inverted_dropout_readout_mean(
    weights: ArrayLike, x: ArrayLike
) -> NDArray[np.float64]:
    """Give the mean, over masks, of a linear read-out: what evaluation gives.

    E[Σ w_i m_i x_i / (1 - p_drop)] = Σ w_i x_i, at every rate

    Parameters
    ----------
    weights, x : (..., D)

    Returns
    -------
    mean : (...)

    Source
    ------
    srivastava2014, §10
    """
    return np.asarray((np.asarray(weights) * np.asarray(x)).sum(axis=-1))


def inverted_dropout_readout_variance(
    weights: ArrayLike, x: ArrayLike, p_drop: float
) -> NDArray[np.float64]:
    """Give the variance, over masks, of a linear read-out under inverted dropout.

    Var[Σ w_i m_i x_i / (1 - p_drop)] = p_drop / (1 - p_drop) Σ w_i² x_i²

    Parameters
    ----------
    weights, x : (..., D); each unit has its own mask
    p_drop : the probability of dropping a unit, in [0, 1)

    Returns
    -------
    variance : (...)

    Raises
    ------
    ValueError : if ``p_drop`` is outside [0, 1)

    Source
    ------
    srivastava2014, §10
    """
    terms = np.asarray(weights) * np.asarray(x)
    return np.asarray((terms * terms).sum(axis=-1) * _noise(p_drop))


def dropout_ridge_solution(
    x: NDArray[np.float64], y: NDArray[np.float64], p_drop: float
) -> NDArray[np.float64]:
    """Give the weights at which linear regression with dropped inputs settles.

    w = (XᵀX + p_drop / (1 - p_drop) diag(XᵀX))⁻¹ Xᵀy

    The weights are those of the inverted form, used as they are at evaluation. In
    the paper's notation they are p w, with p the probability of keeping.

    Parameters
    ----------
    x : (N, D) inputs
    y : (N,) targets
    p_drop : the probability of dropping an input, in [0, 1)

    Returns
    -------
    weights : (D,)

    Raises
    ------
    ValueError : if ``p_drop`` is outside [0, 1)
    numpy.linalg.LinAlgError : if p_drop is 0 and the columns are not independent

    Source
    ------
    srivastava2014, §9.1
    """
    gram = x.T @ x  # (D, D)
    ridge = _noise(p_drop) * np.diag(np.diag(gram))
    return np.asarray(np.linalg.solve(gram + ridge, x.T @ y), dtype=np.float64)


def dropout_ridge_loss(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weights: NDArray[np.float64],
    p_drop: float,
) -> float:
    """Give the mean, over masks, of the squared error with dropped inputs.

    E‖y - (M∘X) w / (1 - p_drop)‖²
        = ‖y - Xw‖² + p_drop / (1 - p_drop) Σ_j w_j² Σ_n x_nj²

    Parameters
    ----------
    x : (N, D) inputs
    y : (N,) targets
    weights : (D,) of the inverted form
    p_drop : the probability of dropping an input, in [0, 1)

    Returns
    -------
    loss : the sum over examples, in the unit of y²

    Raises
    ------
    ValueError : if ``p_drop`` is outside [0, 1)

    Source
    ------
    srivastava2014, §9.1; wager2013
    """
    residual = y - x @ weights  # (N,)
    penalty = (weights**2 * (x**2).sum(axis=0)).sum()
    return float(residual @ residual + _noise(p_drop) * penalty)


def every_mask(
    units: int, p_drop: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Give all masks of some units, and how probable each is.

    P(mask) = (1 - p_drop)^kept p_drop^(units - kept)

    Parameters
    ----------
    units : how many there are, from 0 to 20
    p_drop : the probability of dropping a unit, in [0, 1)

    Returns
    -------
    masks : (2^units, units), true where a unit is kept
    probabilities : (2^units,), together 1

    Raises
    ------
    ValueError : if ``units`` or ``p_drop`` is out of range
    """
    if not 0 <= units <= 20:
        raise ValueError(f"units must be from 0 to 20, got {units}")
    _noise(p_drop)
    masks = (np.arange(2**units)[:, np.newaxis] >> np.arange(units)) % 2 == 1
    kept = masks.sum(axis=1)
    return masks, (1 - p_drop) ** kept * p_drop ** (units - kept)


def normalised_geometric_mean(
    log_probabilities: NDArray[np.floating], shares: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Give the geometric mean of predictions, made to sum to 1 again.

    G_k = exp(Σ_m share_m log P_mk) / Σ_j exp(Σ_m share_m log P_mj)

    Over all masks of the inputs of one softmax layer, this is exactly what the layer
    gives with all of them present: the normalisers of the masked predictions are
    the same for all classes and fall out, and the mean of the logits stays.

    Parameters
    ----------
    log_probabilities : (M, ..., K) of M predictions of K classes
    shares : (M,) their weights, together 1

    Returns
    -------
    probabilities : (..., K), together 1 along the last axis

    Source
    ------
    baldi2013
    """
    mean = np.tensordot(shares, log_probabilities, axes=1)  # (..., K)
    powers = np.exp(mean - mean.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float64)


def mask_mean_standard_error(standard_deviation: float, masks: int) -> float:
    """Give the standard error of a prediction averaged over k random masks.

    σ / √k

    Parameters
    ----------
    standard_deviation : σ of the prediction from one mask to another
    masks : k, how many masks are averaged, at least 1

    Returns
    -------
    standard_error : in the unit of the prediction

    Raises
    ------
    ValueError : if there is no mask

    Source
    ------
    srivastava2014, §7.5
    """
    if masks < 1:
        raise ValueError(f"masks must be at least 1, got {masks}")
    return standard_deviation / math.sqrt(masks)


def _noise(p_drop: float) -> float:
    """Give p_drop / (1 - p_drop), the variance of one scaled mask."""
    if not 0 <= p_drop < 1:
        raise ValueError(f"p_drop must be in [0, 1), got {p_drop}")
    return p_drop / (1 - p_drop)
