"""The random streams of one repeat; a leaf of the package."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Streams(NamedTuple):
    """Four independent generators, one for each thing that chance decides."""

    split: np.random.Generator
    initialisation: np.random.Generator
    batches: np.random.Generator
    masks: np.random.Generator


def streams_of_repeats(seed: int, repeats: int) -> list[Streams]:
    """Return the streams of repeats 0 … ``repeats - 1``.

    Repeat r depends on (seed, r) alone, so all grid points share their
    randomness and a further repeat or grid value changes no other.
    """
    return [
        Streams(
            *(
                np.random.Generator(np.random.SFC64(child))
                for child in np.random.SeedSequence([seed, repeat]).spawn(4)
            )
        )
        for repeat in range(repeats)
    ]
