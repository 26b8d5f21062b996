"""The mean of many steps shrinks as their number grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.estimates import Estimate, mean_interval
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.streams import Streams
from mini.shared import scaled


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Walk."""
    steps = [one.masks.normal(size=int(point["steps"])) for one in streams]
    return {"mean": scaled(1.0) * np.array([abs(one.mean()) for one in steps])}


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the mean at both ends."""
    return {
        "few": mean_interval(arrays["mean"][0]),
        "many": mean_interval(arrays["mean"][-1]),
    }


EXPERIMENT = Experiment(
    grid=(Axis("steps", "steps", "steps", (10, 100, 1000), quick=(10, 100)),),
    dims={"mean": ("repeat",)},
    repeats=6,
    seed=1,
    simulate=simulate,
    facts=facts,
)
