"""Where the names of lines stand: close to their own line, clear of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SAMPLE, GAP = 20, 6  # of a line, before its name; and between the two, in pixels
HALF, MARGIN = 7, 3  # of a name's height; and from it to a band
STEP = 4


@dataclass(frozen=True)
class Curve:
    """A line with its band in pixels from the lower left corner of its axes."""

    x: np.ndarray
    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray

    def at(self, name: str, x: np.ndarray) -> np.ndarray:
        """Return one of its three heights at some x."""
        return np.interp(x, self.x, getattr(self, name))


def places(
    curves: Mapping[str, Curve], widths: Mapping[str, float], box: tuple[float, float]
) -> dict[str, tuple[float, float]]:
    """Return the left end and the middle of each name, in the order of the widths.

    Where no place beside its own line is free, a name stands beyond the other line.
    """
    found: dict[str, tuple[float, float]] = {}
    for name, width in widths.items():
        others = [curve for other, curve in curves.items() if other != name]
        taken = [(*found[other], widths[other]) for other in found]
        lefts = np.arange(STEP, box[0] - width, STEP)
        heights = np.arange(HALF + MARGIN, box[1] - HALF, STEP / 2)
        costs = np.array(
            [_costs(left, heights, width, curves[name], others) for left in lefts]
        )  # (lefts, heights)
        for left, middle, wide in taken:
            beside = (lefts + width + GAP < left) | (left + wide + GAP < lefts)
            level = np.abs(heights - middle) < 2 * HALF
            costs[~beside[:, np.newaxis] & level] = np.inf
        row, column = np.unravel_index(costs.argmin(), costs.shape)
        found[name] = float(lefts[row]), float(heights[column])
    return found


def _costs(
    left: float,
    heights: np.ndarray,
    width: float,
    own: Curve,
    others: Sequence[Curve],
) -> np.ndarray:
    """Return how far from its line a name is at each height; infinite on a band."""
    x = np.linspace(left, left + width, 16)
    centre = np.array([left + width / 2])
    level = own.at("middle", centre)
    costs = np.abs(heights - level)
    for curve in (own, *others):
        above = heights[:, np.newaxis] - HALF - MARGIN >= curve.at("high", x)
        below = heights[:, np.newaxis] + HALF + MARGIN <= curve.at("low", x)
        costs[~(above | below).all(axis=1)] = np.inf
    for curve in others:
        between = curve.at("middle", centre)
        costs[(between - heights) * (between - level) < 0] += 1000
    return costs
