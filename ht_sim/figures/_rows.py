"""Numbers for the tables under figures, written as the prose writes them."""

from __future__ import annotations

import numpy as np

from ht_sim.estimates import Estimate, mean_interval
from ht_sim.numerals import NARROW_SPACE, formatted, with_true_minus


def number(value: float, shape: str, unit: str = "") -> str:
    """Write a number in a shape of ``format``, with a true minus, and its unit.

    Significant digits, ".2g", are written without a power: "180", never "1.8e+02".
    """
    text = formatted(value, shape)
    text = format(float(text), ".12g") if shape.endswith("g") else text
    return with_true_minus(text) + (f"{NARROW_SPACE}{unit}" if unit else "")


def interval(estimate: Estimate, shape: str, unit: str = "") -> str:
    """Write an estimate and its 95 % interval: "8.0 (7.6 to 8.4) %"."""
    low, high = number(estimate.low, shape), number(estimate.high, shape)
    behind = f"{NARROW_SPACE}{unit}" if unit else ""
    return f"{number(estimate.value, shape)} ({low} to {high}){behind}"


def mean(samples: np.ndarray, shape: str, unit: str = "") -> str:
    """Write the mean over repeats, (repeats,), and its 95 % interval."""
    return interval(mean_interval(samples), shape, unit)
