"""Named arrays as bytes and back; a leaf of the package."""

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
