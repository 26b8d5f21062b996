"""A network that keeps as many units at every rate bears high rates better.

Set-up: as in ``dropout_rate``, with 400 training examples. The hidden layers have
either 128 units at every rate, or 64 / (1 - rate), rounded, so that 64 are kept on
average: 64 units at rate 0, 128 at 0.5, 320 at 0.8, 640 at 0.9. The comparison is the
second against the first at the same rate, paired by repeat; at 0.5 they are one.

Source
------
srivastava2014, §7.3
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.data import digits
from ht_sim.estimates import Estimate, exact, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._digit_reader import UNITS, draw_split, train_and_test
from ht_sim.experiments.dropout_rate import ARRAYS, RATES, REDRAWN, points_against_none
from ht_sim.streams import Streams

EXAMPLES = 400
KEPT_UNITS = 64
FACT_RATES = (0.0, 0.5, 0.8, 0.9)


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train all repeats of one rate, with a fixed width or with fixed kept units."""
    data = digits(digits_file)
    splits = [
        draw_split(data, EXAMPLES, point["redrawn"], one.split) for one in streams
    ]
    units = hidden_units(point["p_drop"]) if point["kept"] else UNITS
    return train_and_test(splits, streams, point["p_drop"], units)


def hidden_units(p_drop: float) -> int:
    """Return how many units a layer needs to keep 64 on average; 0 <= p_drop < 1."""
    return round(KEPT_UNITS / (1 - p_drop))


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give both networks' test errors in [0, 1], differences in percentage points."""
    found: dict[str, Estimate] = {}
    for labels, redrawn in REDRAWN.items():
        case = index_of(arrays["redrawn"], redrawn)
        fixed, kept = np.moveaxis(arrays["test_error"][:, :, case], 1, 0)
        failed = arrays["did_not_train"][:, 1, case].sum(axis=-1)
        for rate in FACT_RATES:
            place, name = index_of(arrays["p_drop"], rate), round(100 * rate)
            found |= {
                f"fixed_{name:02d}_{labels}": mean_interval(fixed[place]),
                f"kept_{name:02d}_{labels}": mean_interval(kept[place]),
                f"change_{name:02d}_{labels}": paired_difference(
                    100 * kept[place], 100 * fixed[place]
                ),
                f"did_not_train_{name:02d}_{labels}": exact(float(failed[place])),
            }
        found[f"high_{labels}"] = points_against_none(kept, arrays["p_drop"], 0.8)
    return found


EXPERIMENT = Experiment(
    grid=(
        Axis("p_drop", "drop rate", "probability", RATES, quick=FACT_RATES),
        Axis("kept", "kept units fixed", "1 yes, 0 no: width fixed", (0.0, 1.0)),
        Axis("redrawn", "labels redrawn", "probability", tuple(REDRAWN.values())),
    ),
    dims={name: ("repeat",) for name in ARRAYS},
    repeats=8,
    seed=2015,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
)
