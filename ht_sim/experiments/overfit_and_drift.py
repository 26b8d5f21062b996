"""Dropout is for overfitting and batch norm for drift; neither does the other's work.

Set-up: 400 of the 8×8 digits, a fifth of their labels redrawn at random, in each
repeat split anew, by class, with 297 for validation and 400 for testing, both clean. A
network of 8 hidden layers of 100 ReLU units, 1,200 steps of 50 examples, momentum 0.9
with learning rate 0.02, in float32; dropout and batch norm on all hidden layers, or one
of the two, or neither. All four have the same split, first weights and batches.

The settings were fixed by a principle, not by the result: the network with neither must
train, overfit, and pass on a signal that shrinks with depth. So the weights have gain
1, the size of Xavier's initialisation. Samples, labels, batches and learning rate are
those of ``dropout_rate``. The drop rate is 0.2, not the paper's 0.5, for in a first
look a network this deep did not learn at 0.5. Training goes on until the network with
dropout, which learns most slowly, is past its best step in most repeats.

Drift is measured on the test digits as one batch, as in ``drift_training``. Overfitting
is measured as the share of the wrong labels that a network has learnt, and as the test
error at the end beside that at the best step: the first at which the validation error
is at its lowest of all. The comparisons named beforehand are paired by repeat.

Source
------
srivastava2014, §7.4; ioffe2015, §1
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.data import CLASSES, digits
from ht_sim.estimates import (
    Estimate,
    exact,
    geometric_interval,
    mean_interval,
    paired_difference,
)
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._digit_reader import Split, draw_split
from ht_sim.experiments._training_drift import (
    architecture_of,
    change,
    last_finite,
    measured_inputs,
    start,
    steps_from_start,
)
from ht_sim.networks import Architecture, forward_eval
from ht_sim.optimisers import Momentum
from ht_sim.streams import Streams
from ht_sim.theory.propagation import XAVIER_GAIN
from ht_sim.training import Step, did_not_train, error_rate

EXAMPLES, REDRAWN = 400, 0.2
LAYERS, WIDTH, BATCH = 8, 100, 50
LEARNING_RATE, RATE = 0.02, 0.2
SHOWN_STEPS = (0, 10, 20, 30, 50, 75, 100, 150, *range(200, 1201, 100))
BINS = np.linspace(-4, 4, 65)  # edges; what lies beyond is in no bin
ARMS = {"neither": (0.0, 0.0), "dropout": (RATE, 0.0), "bn": (0.0, 1.0)}
ARMS |= {"both": (RATE, 1.0)}


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train all repeats with or without dropout and batch norm, and measure."""
    data, architecture = digits(digits_file), architecture_of(point["batch_norm"])
    splits = [draw_split(data, EXAMPLES, REDRAWN, one.split) for one in streams]
    every = Split(*(np.stack(part) for part in zip(*splits, strict=True)))
    every = every._replace(
        training=every.training.astype(np.float32),
        validation=every.validation.astype(np.float32),
        test=every.test.astype(np.float32),
    )
    steps = steps_from_start(
        start(streams, [WIDTH] * LAYERS, XAVIER_GAIN, point["batch_norm"]),
        every.training,
        every.given,
        streams,
        steps=SHOWN_STEPS[-1],
        batch_size=BATCH,
        optimiser=Momentum(LEARNING_RATE, 0.9),
        p_drop=point["p_drop"],
        architecture=architecture,
    )
    records = [
        _measured(step, every, architecture)
        for number, step in enumerate(steps)
        if number in SHOWN_STEPS
    ]
    arrays = {name: np.stack([one[name] for one in records], 1) for name in records[0]}
    failed = did_not_train(arrays["training_error"][:, -1], CLASSES)
    arrays["counts"] = arrays["counts"][:, [0, -1]]
    return {**arrays, "did_not_train": failed}


def _measured(step: Step, every: Split, architecture: Architecture) -> Arrays:
    """Measure the S networks of a step: drift, errors, and wrong labels learnt.

    All but ``deviation`` (S, layers) and ``counts`` (S, layers, bins) are (S,).
    """
    drift = measured_inputs(step, every.test, architecture, range(1, LAYERS + 1), BINS)
    trained = forward_eval(
        step.parameters, every.training, architecture, step.running
    ).logits.argmax(axis=-1)  # (S, N)
    wrong = every.given != every.true
    tested = {
        "validation": (every.validation, every.validation_labels),
        "test": (every.test, every.test_labels),
    }
    return {
        **{name: drift[name] for name in ("deviation", "counts", "finite")},
        "training_error": (trained != every.given).mean(axis=-1),
        "learnt": (wrong & (trained == every.given)).sum(-1) / wrong.sum(-1),
        **{
            f"{name}_error": error_rate(
                step.parameters, x, labels, architecture, step.running
            )
            for name, (x, labels) in tested.items()
        },
    }


def place_of(arrays: Arrays, arm: str) -> tuple[int, int]:
    """Return the grid place of an arm."""
    p_drop, batch_norm = ARMS[arm]
    return (
        index_of(arrays["p_drop"], p_drop),
        index_of(arrays["batch_norm"], batch_norm),
    )


def at_best(validation: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Give each repeat's value where its validation error is first at its lowest.

    Both are (repeats, records); returns (repeats,).
    """
    return np.asarray(values[np.arange(len(values)), validation.argmin(axis=1)])


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give errors in percentage points and drift for each arm, and the differences."""
    found: dict[str, Estimate] = {}
    test, best, changes = {}, {}, {}
    for arm in ARMS:
        place = place_of(arrays, arm)
        errors = 100 * arrays["test_error"][place]  # (repeats, records)
        test[arm] = errors[:, -1]
        best[arm] = at_best(arrays["validation_error"][place], errors)
        changes[arm] = change(arrays["deviation"][place], arrays["finite"][place])
        found |= _facts_of_arm(arrays, place, arm)
        found[f"change_{arm}"] = geometric_interval(changes[arm])
    for first, second in (
        *(("dropout", "neither"), ("both", "bn")),
        *(("bn", "neither"), ("both", "dropout"), ("both", "neither")),
    ):
        name = f"{first}_against_{second}"
        found[f"test_{name}"] = paired_difference(test[first], test[second])
        found[f"best_{name}"] = paired_difference(best[first], best[second])
        logs = np.log10(changes[first]), np.log10(changes[second])
        found[f"drift_{name}"] = paired_difference(*logs)
    found["gain_of_dropout"] = paired_difference(test["neither"], test["dropout"])
    return found


def _facts_of_arm(
    arrays: Arrays, place: tuple[int, int], arm: str
) -> dict[str, Estimate]:
    """Give the facts of one arm."""
    training, validation, test = (
        100 * arrays[f"{name}_error"][place]  # (repeats, records)
        for name in ("training", "validation", "test")
    )
    best = at_best(validation, test)
    steps = np.broadcast_to(SHOWN_STEPS, test.shape)
    early, deviation = SHOWN_STEPS.index(100), arrays["deviation"][place]
    last = last_finite(arrays["finite"][place])
    end = deviation[np.arange(len(last)), last, -1]
    return {
        f"training_error_{arm}": mean_interval(training[:, -1]),
        f"training_error_100_{arm}": mean_interval(training[:, early]),
        f"learnt_{arm}": mean_interval(arrays["learnt"][place][:, -1]),
        f"test_error_{arm}": mean_interval(test[:, -1]),
        f"test_error_best_{arm}": mean_interval(best),
        f"best_step_{arm}": mean_interval(at_best(validation, steps)),
        f"rise_{arm}": paired_difference(test[:, -1], best),
        f"widening_{arm}": geometric_interval(end / deviation[:, 0, -1]),
        f"not_trained_{arm}": exact(float(arrays["did_not_train"][place].sum())),
    }


EXPERIMENT = Experiment(
    grid=(
        Axis("p_drop", "drop rate", "probability", (0.0, RATE)),
        Axis("batch_norm", "batch norm", "0 or 1", (0.0, 1.0)),
    ),
    dims={
        "deviation": ("repeat", "step", "layer"),
        "counts": ("repeat", "start_and_end", "layer", "bin"),
        "finite": ("repeat", "step"),
        "training_error": ("repeat", "step"),
        "learnt": ("repeat", "step"),
        "validation_error": ("repeat", "step"),
        "test_error": ("repeat", "step"),
        "did_not_train": ("repeat",),
    },
    repeats=8,
    seed=2014,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
    meets=("overfit-and-drift",),
)
