"""Pixels of the sample file have a mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.estimates import Estimate, exact
from ht_sim.experiments import Arrays, Experiment, Point
from ht_sim.streams import Streams


def simulate(point: Point, streams: Sequence[Streams], sample: bytes) -> Arrays:
    """Count."""
    return {"mean": np.array(np.mean([float(x) for x in sample.split()]))}


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the mean."""
    return {"mean": exact(float(arrays["mean"]))}


EXPERIMENT = Experiment(
    grid=(),
    dims={"mean": ()},
    repeats=1,
    seed=1,
    simulate=simulate,
    facts=facts,
    inputs={"sample": "content/data/sample.txt"},
)
