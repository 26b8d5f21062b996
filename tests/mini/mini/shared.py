"""What two of the miniature experiments share."""

from __future__ import annotations


def scaled(value: float) -> float:
    """Return the value times two."""
    return 2.0 * value
