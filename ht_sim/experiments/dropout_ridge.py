"""Linear regression with dropped inputs settles on a ridge regression.

Set-up: 200 examples of 10 correlated features with different scales, a linear
response with noise, no real data. Inputs are dropped in the inverted form. K masks
of the whole table make one least squares problem: its K tables, below each other.
Its solution is compared with the closed form that an endless row of masks leads to.

Each repeat draws its own table, response and masks; all rates share them.

Source
------
srivastava2014, §9.1
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, mean_interval, slope_interval
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.layers.dropout import inverted_dropout_train, keep_mask
from ht_sim.streams import Streams
from ht_sim.theory.dropout import dropout_ridge_solution

EXAMPLES, FEATURES = 200, 10
SCALES = np.geomspace(0.3, 3.0, FEATURES)
NOISE = 1.0
MASK_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Fit one rate: by masks, by the closed form, and without dropout."""
    repeats = [_one_repeat(point["p_drop"], one) for one in streams]
    return {name: np.stack([r[name] for r in repeats]) for name in repeats[0]} | {
        "mask_counts": np.array(MASK_COUNTS)
    }


def _one_repeat(p_drop: float, streams: Streams) -> dict[str, np.ndarray]:
    x, y = _table(streams.initialisation)
    by_masks = _fits_by_masks(x, y, p_drop, streams.masks)  # (counts, features)
    ridge = dropout_ridge_solution(x, y, p_drop)
    gaps = np.linalg.norm(by_masks - ridge, axis=1)
    return {
        "by_masks": by_masks,
        "ridge": ridge,
        "least_squares": dropout_ridge_solution(x, y, 0.0),
        "relative_error": gaps / np.linalg.norm(ridge),
        "scale": np.sqrt((x**2).mean(axis=0)),
    }


def _table(generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw correlated features of different scales and a noisy linear response."""
    mixing = np.eye(FEATURES) + generator.normal(size=(FEATURES, FEATURES)) / 4
    x = generator.normal(size=(EXAMPLES, FEATURES)) @ mixing * SCALES
    weights = generator.normal(size=FEATURES) / SCALES
    return x, x @ weights + NOISE * generator.normal(size=EXAMPLES)


def _fits_by_masks(
    x: np.ndarray, y: np.ndarray, p_drop: float, generator: np.random.Generator
) -> np.ndarray:
    """Return the least squares weights after each number of masks."""
    moments = np.zeros((FEATURES, FEATURES))
    products = np.zeros(FEATURES)
    fits, drawn = [], 0
    for count in MASK_COUNTS:
        shape = (count - drawn, *x.shape)
        mask = keep_mask(generator.random(shape), p_drop)
        dropped, _ = inverted_dropout_train(x, mask, p_drop)
        moments += np.einsum("knd,kne->de", dropped, dropped, optimize=True)
        products += np.einsum("knd,n->d", dropped, y, optimize=True)
        drawn = count
        fits.append(np.linalg.solve(moments, products))
    return np.array(fits)


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the slope of the error over the masks, and the error at both ends."""
    counts = np.log10(arrays["mask_counts"][0])
    error = arrays["relative_error"]  # (rates, repeats, counts)
    half = index_of(arrays["p_drop"], 0.5)
    norms = {
        name: np.linalg.norm(arrays[name][half], axis=-1)
        for name in ("ridge", "least_squares")
    }
    return {
        "slope_at_half": slope_interval(counts, np.log10(error[half])),
        "slope": slope_interval(counts, np.log10(error).mean(axis=0)),
        "error_one_mask": mean_interval(error[half, :, 0]),
        "error_all_masks": mean_interval(error[half, :, -1]),
        "shrinkage": mean_interval(norms["ridge"] / norms["least_squares"]),
    }


EXPERIMENT = Experiment(
    grid=(
        Axis(
            "p_drop",
            "drop rate",
            "probability",
            tuple(round(0.1 * step, 1) for step in range(1, 10)),
            quick=(0.1, 0.5, 0.9),
        ),
    ),
    dims={
        "by_masks": ("repeat", "count", "feature"),
        "ridge": ("repeat", "feature"),
        "least_squares": ("repeat", "feature"),
        "relative_error": ("repeat", "count"),
        "scale": ("repeat", "feature"),
        "mask_counts": ("count",),
    },
    repeats=20,
    seed=2014,
    simulate=simulate,
    facts=facts,
)
