"""Numbers with their 95 % intervals over repeats, and the words that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval, low to high: as a rule a mean over repeats.

    ``paired`` says that it is a difference a - b, taken repeat by repeat.
    """

    value: float
    low: float
    high: float
    repeats: int
    paired: bool = False

    def swapped(self) -> Estimate:
        """Give the difference b - a in place of a - b."""
        return replace(self, value=-self.value, low=-self.high, high=-self.low)


def exact(value: float) -> Estimate:
    """Give a number that stands without an interval: its own has no width.

    That is what chance does not enter, and what is said of the runs made, not of
    others: the largest of their misses, how many did not train. Nothing follows from
    it for another seed.
    """
    return Estimate(float(value), float(value), float(value), repeats=1)


def mean_interval(samples: ArrayLike) -> Estimate:
    """Give the mean over repeats and its 95 % interval.

    mean ± t √(variance / n), variance with ddof=1, t with n - 1 degrees of freedom

    Parameters
    ----------
    samples : (n,) one number a repeat, n >= 2

    Returns
    -------
    estimate : in the unit of the samples

    Raises
    ------
    ValueError : if there are fewer than two samples, if they are not in one row, or
        if one is infinite or NaN (a run that did not train has no part in a mean)
    """
    row = _row(samples)
    mean = float(row.mean())
    standard_error = float(row.std(ddof=1)) / math.sqrt(row.size)
    half = student_t_quantile(row.size - 1) * standard_error
    return Estimate(mean, mean - half, mean + half, repeats=row.size)


def geometric_interval(samples: ArrayLike) -> Estimate:
    """Give the geometric mean over repeats and its 95 % interval: that of factors.

    exp of the interval of the logarithms

    Parameters
    ----------
    samples : (n,) positive numbers, one a repeat, n >= 2

    Returns
    -------
    estimate : in the unit of the samples

    Raises
    ------
    ValueError : as ``mean_interval``, and if a sample is zero or negative
    """
    row = _row(samples)
    if (row <= 0).any():
        raise ValueError(f"a geometric mean needs positive numbers, got {row.min()}")
    logs = mean_interval(np.log(row))
    value, low, high = (math.exp(one) for one in (logs.value, logs.low, logs.high))
    return Estimate(value, low, high, logs.repeats)


def paired_difference(a: ArrayLike, b: ArrayLike) -> Estimate:
    """Give the mean of a - b, taken repeat by repeat, and its 95 % interval.

    Parameters
    ----------
    a, b : (n,) one number a repeat, n >= 2, the same repeat at the same place

    Returns
    -------
    estimate : of a - b, with ``paired`` set

    Raises
    ------
    ValueError : as for ``mean_interval``, or if there are not as many a as b
    """
    first, second = _row(a), _row(b)
    if first.size != second.size:
        raise ValueError(
            f"pairs need as many of one as of the other, got {first.size} and "
            f"{second.size}"
        )
    return replace(mean_interval(first - second), paired=True)


def slope_interval(x: ArrayLike, samples: ArrayLike) -> Estimate:
    """Give the mean, over repeats, of the least squares slope, with its interval.

    slope = Σ (x - mean x) y / Σ (x - mean x)², one a repeat

    For the exponent of a power law, give the logarithms of both.

    Parameters
    ----------
    x : (points,) at least two different values
    samples : (repeats, points)

    Returns
    -------
    estimate : in the unit of the samples per unit of ``x``

    Raises
    ------
    ValueError : as for ``mean_interval``, or if the shapes do not fit, or all x are
        the same
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(samples, dtype=np.float64)
    if x.ndim != 1 or y.ndim != 2 or y.shape[1] != x.size:
        raise ValueError(
            "a slope needs x (points,) and samples (repeats, points), "
            f"got {x.shape} and {y.shape}"
        )
    centred = x - x.mean()
    spread = centred @ centred
    if spread == 0:
        raise ValueError("a slope needs at least two different values of x")
    return mean_interval(y @ centred / spread)


def verdict(
    difference: Estimate, margin: float, *, smaller_is_better: bool = True
) -> str:
    """Say what a paired difference a - b lets us say of a.

    "no difference" where the whole interval lies within the margin of zero; else
    "better" or "worse" where the interval leaves out zero; else "cannot tell".

    Parameters
    ----------
    difference : a - b from ``paired_difference``
    margin : the largest difference that does not matter, in the same unit, >= 0
    smaller_is_better : true for errors and losses, false for accuracies

    Returns
    -------
    word : "better", "worse", "no difference" or "cannot tell"

    Raises
    ------
    ValueError : if the estimate is not a paired difference, or the margin is negative
    """
    if not difference.paired:
        raise ValueError("a verdict needs a paired difference, got a single estimate")
    if not margin >= 0:
        raise ValueError(f"margin must not be negative, got {margin}")
    if -margin <= difference.low and difference.high <= margin:
        return "no difference"
    if difference.low <= 0 <= difference.high:
        return "cannot tell"
    return "better" if (difference.high < 0) == smaller_is_better else "worse"


@lru_cache
def student_t_quantile(degrees_of_freedom: int, coverage: float = 0.95) -> float:
    """Give the t for which P(|T| <= t) is the coverage, T Student-distributed.

    The probability is a finite sum in θ = arctan(t / √degrees of freedom) and grows
    with θ, so halving the range of θ until nothing is left of it finds t.

    Parameters
    ----------
    degrees_of_freedom : a whole number from 1 on
    coverage : in (0, 1)

    Returns
    -------
    t : 2.262… for 9 degrees of freedom and coverage 0.95

    Raises
    ------
    ValueError : if an argument is out of range
    """
    if degrees_of_freedom < 1:
        raise ValueError(
            f"degrees_of_freedom must be at least 1, got {degrees_of_freedom}"
        )
    if not 0 < coverage < 1:
        raise ValueError(f"coverage must be in (0, 1), got {coverage}")
    low, high = 0.0, math.pi / 2
    middle = (low + high) / 2
    while low < middle < high:
        if _central_probability(middle, degrees_of_freedom) < coverage:
            low = middle
        else:
            high = middle
        middle = (low + high) / 2
    return math.sqrt(degrees_of_freedom) * math.tan(middle)


def _central_probability(theta: float, degrees_of_freedom: int) -> float:
    """Give P(|T| <= √ν tan θ) for ν degrees of freedom.

    ν even: sin θ (1 + 1/2 cos²θ + (1·3)/(2·4) cos⁴θ + … up to cos^(ν-2) θ)
    ν odd:  2/π (θ + sin θ (cos θ + 2/3 cos³θ + … up to cos^(ν-2) θ))
    """
    odd = degrees_of_freedom % 2
    k = np.arange(1, (degrees_of_freedom - odd) // 2)
    ratios = (2 * k - 1 + odd) / (2 * k + odd) * math.cos(theta) ** 2
    terms = 1 + np.cumprod(ratios).sum()
    if not odd:
        return float(math.sin(theta) * terms)
    if degrees_of_freedom == 1:
        return 2 / math.pi * theta
    return float(2 / math.pi * (theta + math.sin(theta) * math.cos(theta) * terms))


def _row(samples: ArrayLike) -> NDArray[np.float64]:
    """Check that samples are at least two finite numbers in one row."""
    row = np.asarray(samples, dtype=np.float64)
    if row.ndim != 1 or row.size < 2:
        raise ValueError(
            f"an interval needs a row of at least two repeats, got shape {row.shape}"
        )
    if not np.isfinite(row).all():
        raise ValueError(
            "an interval needs finite numbers, got "
            f"{row.size - np.isfinite(row).sum()} infinite or NaN of {row.size}"
        )
    return row
