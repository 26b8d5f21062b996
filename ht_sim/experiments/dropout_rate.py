"""Dropout helps most where labels are wrong, little where all are right.

Set-up: the 8×8 digits, in each repeat split anew, by class, into up to 1,000 for
training, 297 for validation and 400 for testing; a smaller training set is the first
part of the large one, so that all sizes share their test. Labels are clean, or each
training label is redrawn with probability 0.2, uniformly over the ten classes, so that
about 18 % are wrong; validation and test stay clean. A network 64-128-128-10 of ReLU
units, dropout on both hidden layers, momentum 0.9 with learning rate 0.02, 400 steps
of 50 examples, in float32.

These settings were fixed beforehand, from a first look, to train in seconds. They are
the same at all rates, so a high rate has to learn in the same number of steps and at
the same learning rate. The paper trained wider networks on MNIST.

The comparison named beforehand is rate 0.5 against 0, paired by repeat. A difference
whose interval stays within half a percentage point, two of the 400 test digits, is
called no difference. All runs count in all numbers, also those that did not train.
Intervals are over repeats of the split and of chance, on this one set of digits.

Source
------
srivastava2014, §7.3, §7.4
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.data import digits
from ht_sim.estimates import Estimate, exact, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._digit_reader import UNITS, draw_split, train_and_test
from ht_sim.streams import Streams

RATES = tuple(round(0.1 * step, 1) for step in range(10))
QUICK_RATES = (0.0, 0.2, 0.5, 0.6, 0.8, 0.9)  # those that the facts need
EXAMPLES = (100, 400, 1000)
REDRAWN = {"clean": 0.0, "redrawn": 0.2}
MARGIN = 0.5  # percentage points
ARRAYS = (
    *("training_error", "validation_error", "test_error", "did_not_train"),
    *("wrong", "learnt", "dead"),
)


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train all repeats of one rate, training-set size and share of redrawn labels."""
    data, examples = digits(digits_file), int(point["examples"])
    splits = [
        draw_split(data, examples, point["redrawn"], one.split) for one in streams
    ]
    return train_and_test(splits, streams, point["p_drop"], UNITS)


def points_against_none(errors: np.ndarray, rates: np.ndarray, rate: float) -> Estimate:
    """Give the error at a rate minus that at rate 0, in percentage points, paired.

    ``errors`` is (rates, repeats), in [0, 1].
    """
    at_rate, at_none = errors[index_of(rates, rate)], errors[index_of(rates, 0.0)]
    return paired_difference(100 * at_rate, 100 * at_none)


def chosen_places(validation_error: np.ndarray) -> np.ndarray:
    """Say which rate each repeat chooses: that of least error, the lowest of equals.

    ``validation_error`` is (rates, repeats); returns places (repeats,) along the rates.
    """
    return validation_error.argmin(axis=0)


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the errors and differences of each case, and what differs between cases.

    Errors and shares are in [0, 1], differences in percentage points.
    """
    found: dict[str, Estimate] = {}
    for labels, redrawn in REDRAWN.items():
        for examples in EXAMPLES:
            place = _case(arrays, examples, redrawn)
            one = {name: arrays[name][:, *place] for name in ARRAYS}
            found |= {
                f"{name}_{labels}_{examples}": fact
                for name, fact in _case_facts(one, arrays["p_drop"]).items()
            }
    return found | _facts_across(arrays) | _learnt_facts(arrays)


def _case(arrays: Arrays, examples: float, redrawn: float) -> tuple[int, int]:
    return (
        index_of(arrays["examples"], examples),
        index_of(arrays["redrawn"], redrawn),
    )


def _case_facts(one: Arrays, rates: np.ndarray) -> dict[str, Estimate]:
    """Give the facts of one case, whose arrays are (rates, repeats)."""
    test = one["test_error"]
    chosen = chosen_places(one["validation_error"])
    at_chosen = np.take_along_axis(test, chosen[np.newaxis], axis=0)[0]
    places = {f"{round(100 * rate):02d}": index_of(rates, rate) for rate in QUICK_RATES}
    found = {f"test_{name}": mean_interval(test[at]) for name, at in places.items()}
    for name in ("00", "50", "90"):
        training_error, dead = one["training_error"], one["dead"]
        found[f"training_{name}"] = mean_interval(training_error[places[name]])
        found[f"dead_{name}"] = mean_interval(dead[places[name]])
    failed = one["did_not_train"].sum(axis=1)
    return found | {
        "half": points_against_none(test, rates, 0.5),
        "high": points_against_none(test, rates, 0.8),
        "flat": paired_difference(100 * test[places["60"]], 100 * test[places["20"]]),
        "chosen": paired_difference(100 * at_chosen, 100 * test[places["00"]]),
        "chosen_rate": mean_interval(rates[chosen]),
        "did_not_train_to_80": exact(float(failed[rates <= 0.8].sum())),
        "did_not_train_90": exact(float(failed[places["90"]])),
    }


def _facts_across(arrays: Arrays) -> dict[str, Estimate]:
    """Give what redrawn labels and fewer examples add to the effect of rate 0.5."""
    none, half = (index_of(arrays["p_drop"], rate) for rate in (0.0, 0.5))
    test = 100 * arrays["test_error"]
    change = test[half] - test[none]  # (sizes, labels, repeats)
    by_case = {
        (labels, examples): change[_case(arrays, examples, redrawn)]
        for labels, redrawn in REDRAWN.items()
        for examples in EXAMPLES
    }
    found = {
        f"redrawn_minus_clean_{examples}": paired_difference(
            by_case["redrawn", examples], by_case["clean", examples]
        )
        for examples in EXAMPLES
    }
    return found | {
        f"small_minus_large_{labels}": paired_difference(
            by_case[labels, min(EXAMPLES)], by_case[labels, max(EXAMPLES)]
        )
        for labels in REDRAWN
    }


def _learnt_facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the share of the wrong labels that were learnt, in [0, 1]."""
    found = {}
    none, half = (index_of(arrays["p_drop"], rate) for rate in (0.0, 0.5))
    for examples in EXAMPLES:
        place = _case(arrays, examples, REDRAWN["redrawn"])
        share = arrays["learnt"][:, *place] / arrays["wrong"][:, *place]
        found[f"learnt_00_{examples}"] = mean_interval(share[none])
        found[f"learnt_50_{examples}"] = mean_interval(share[half])
        found[f"learnt_change_{examples}"] = paired_difference(
            100 * share[half], 100 * share[none]
        )
    return found


EXPERIMENT = Experiment(
    grid=(
        Axis("p_drop", "drop rate", "probability", RATES, quick=QUICK_RATES),
        Axis("examples", "training examples", "digits", EXAMPLES),
        Axis("redrawn", "labels redrawn", "probability", tuple(REDRAWN.values())),
    ),
    dims={name: ("repeat",) for name in ARRAYS},
    repeats=8,
    seed=2015,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
)
