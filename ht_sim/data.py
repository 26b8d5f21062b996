"""The real data that the experiments use: 1,797 handwritten digits, 8 by 8 pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXAMPLES, PIXELS, INK, CLASSES = 1797, 64, 16, 10


@dataclass(frozen=True, eq=False)
class Digits:
    """Images (1797, 64), from 0 for paper to 1 for ink, and labels (1797,), 0 to 9."""

    images: NDArray[np.float64]
    labels: NDArray[np.int64]


def digits(raw: bytes) -> Digits:
    """Read the digits from the bytes of ``content/data/digits.csv``.

    Parameters
    ----------
    raw : 1,797 lines of 64 pixels from 0 to 16, row by row, and a label from 0 to 9

    Returns
    -------
    digits : pixels divided by 16

    Raises
    ------
    ValueError : if the bytes are anything else, saying what
    """
    lines = raw.decode("ascii", errors="replace").splitlines()
    if len(lines) != EXAMPLES:
        raise ValueError(f"the digits have {EXAMPLES} lines, got {len(lines)}")
    table = np.array(
        [_numbers(line, number) for number, line in enumerate(lines, 1)]
    )  # (1797, 65)
    pixels, labels = table[:, :PIXELS], table[:, PIXELS]
    _check_range("pixels", pixels, INK)
    _check_range("labels", labels, CLASSES - 1)
    return Digits(pixels / INK, labels)


def stratified_split(
    labels: NDArray[np.integer], sizes: Sequence[int], generator: np.random.Generator
) -> tuple[NDArray[np.int64], ...]:
    """Divide examples into parts at random, each with nearly the same class shares.

    Each class is shuffled and spread evenly along a line, with a random start; the
    parts are cut off that line one after the other. So a leading piece of a part
    has nearly the same class shares too.

    Parameters
    ----------
    labels : (N,) classes
    sizes : how many examples each part gets, at most N together
    generator : where the order comes from

    Returns
    -------
    parts : for each size, that many indices into ``labels``; no index twice

    Raises
    ------
    ValueError : if a size is negative, or the sizes are more than there are examples
    """
    if min(sizes) < 0 or sum(sizes) > len(labels):
        raise ValueError(
            f"sizes must be at most {len(labels)} together and none negative, "
            f"got {tuple(sizes)}"
        )
    position = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        ranks = generator.permutation(len(members)) + generator.random()
        position[members] = ranks / len(members)
    order = np.argsort(position, kind="stable")
    ends = np.cumsum(sizes)
    return tuple(np.split(order[: ends[-1]], ends[:-1]))


def redrawn(
    labels: NDArray[np.int64], share: float, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Give each label, with a probability of ``share``, a class at random.

    As much is drawn at every share, and a larger share redraws the same labels, to
    the same classes, and more. A tenth of the redrawn labels stay right by chance.

    Parameters
    ----------
    labels : (N,) classes
    share : the probability that a label is drawn again, in [0, 1]
    generator : where the chance comes from

    Returns
    -------
    labels : (N,), some of them wrong
    """
    chosen = generator.random(labels.size) < share
    return np.where(chosen, generator.integers(0, CLASSES, labels.size), labels)


def _numbers(line: str, number: int) -> list[int]:
    """Read one line: 65 whole numbers."""
    try:
        values = [int(cell) for cell in line.split(",")]
    except ValueError as error:
        raise ValueError(f"line {number} of the digits: {error}") from None
    if len(values) != PIXELS + 1:
        raise ValueError(
            f"line {number} of the digits has {len(values)} numbers, "
            f"expected {PIXELS} pixels and a label"
        )
    return values


def _check_range(what: str, values: NDArray[np.int64], largest: int) -> None:
    """Check that values lie from 0 to the largest."""
    if values.min() < 0 or values.max() > largest:
        raise ValueError(
            f"the {what} of the digits are from 0 to {largest}, "
            f"got {values.min()} to {values.max()}"
        )
