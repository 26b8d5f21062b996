"""Named arrays as bytes and back, and places on their axes; a leaf of the package."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np


def npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return arrays as the bytes of an npz file, the same for the same arrays."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)}
    )
    return buffer.getvalue()


def arrays_of(data: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an npz file's bytes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def index_of(values: np.ndarray, value: float) -> int:
    """Return where a value stands on an axis, whose values are compared exactly.

    ``values`` is (places,). Raises LookupError unless the value stands there once: a
    near one never stands in for it.
    """
    found = np.flatnonzero(values == value)
    if found.size != 1:
        listed = ", ".join(str(float(one)) for one in values)
        times = "twice or more" if found.size else "not"
        raise LookupError(f"{float(value)} is {times} on the axis; it has {listed}")
    return int(found[0])
