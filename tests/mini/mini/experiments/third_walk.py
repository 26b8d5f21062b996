"""Two arms that share their chance differ by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.estimates import Estimate, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.streams import Streams


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Draw one number a repeat and add the arm."""
    noise = np.array([one.batches.normal() for one in streams])
    return {"value": noise + point["arm"]}


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the difference of the arms."""
    return {"gap": paired_difference(arrays["value"][1], arrays["value"][0])}


EXPERIMENT = Experiment(
    grid=(Axis("arm", "arm", "none", (0.0, 1.0)),),
    dims={"value": ("repeat",)},
    repeats=4,
    seed=3,
    simulate=simulate,
    facts=facts,
)
