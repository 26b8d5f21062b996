"""One check for every gradient: a central difference along a random direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

STEP = 1e-5
TOLERANCE = 1e-6


def check_gradient(
    loss: Callable[..., float],
    values: Sequence[NDArray[np.float64]],
    gradients: Sequence[NDArray[np.float64]],
    rng: np.random.Generator,
) -> None:
    """Compare (loss(v + h d) - loss(v - h d)) / 2h with the sum of gradient times d.

    All values move at once, each along its own random direction d. A layer's output
    becomes a loss through a sum with fixed weights, which are then its ``dy``.
    """
    for value, gradient in zip(values, gradients, strict=True):
        assert value.dtype == np.float64
        assert gradient.shape == value.shape
    directions = [rng.standard_normal(value.shape) for value in values]
    ahead = loss(*(v + STEP * d for v, d in zip(values, directions, strict=True)))
    behind = loss(*(v - STEP * d for v, d in zip(values, directions, strict=True)))
    numeric = (ahead - behind) / (2 * STEP)
    exact = sum(
        float((g * d).sum()) for g, d in zip(gradients, directions, strict=True)
    )
    error = abs(numeric - exact) / max(abs(numeric), abs(exact))
    assert error < TOLERANCE, f"numeric {numeric}, from the gradients {exact}"
