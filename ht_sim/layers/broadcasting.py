"""Values that several networks of a stack share: their gradients are summed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sum_to(
    gradient: NDArray[np.floating], shape: tuple[int, ...]
) -> NDArray[np.floating]:
    """Sum a gradient over the axes along which broadcasting repeated its value.

    Parameters
    ----------
    gradient : (...) of the shape that the value was broadcast to
    shape : of the value

    Returns
    -------
    summed : of the shape of the value
    """
    extra = gradient.ndim - len(shape)
    summed = gradient.sum(axis=tuple(range(extra))) if extra else gradient
    repeated = tuple(
        axis for axis, length in enumerate(shape) if summed.shape[axis] != length
    )
    return summed.sum(axis=repeated, keepdims=True) if repeated else summed
