"""As a deep network trains, what its layers get drifts; with batch norm it stays.

Set-up: the 8×8 digits, in each repeat split anew, by class, into 1,000 for training,
297 that stay unused and 400 for testing. A network of 20 hidden layers of 64 ReLU
units, trained for 400 steps of 64 examples with momentum 0.9, in float32, with batch
norm on all hidden layers and without it. Both have the same split, batches and first
weights.

Three settings of gain and learning rate, fixed beforehand from a first look: the
Xavier gain 1 at a rate of 0.03; the He gain √2 at 0.01, at which the network without
batch norm trains too, though it may do as well or better at a smaller rate; and the He
gain at 0.1, which batch norm allows.

At some steps the 400 test digits pass as one batch, and what each nonlinearity gets,
behind the norm's scale and shift, is measured over digits and units. Batch norm then
takes the statistics of this batch, as in training; beside that the same is measured
with its running statistics, as in evaluation. Standardised values have a deviation of
one by construction; what can still move them is scale and shift. A change is the
largest factor, over layers, between the deviation before the first step and the last
finite one. Test errors are those of evaluation. A run whose numbers overflow counts as
guessing.

Source
------
ioffe2015, §1, §4.1
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.data import CLASSES, Digits, digits, stratified_split
from ht_sim.estimates import (
    Estimate,
    exact,
    geometric_interval,
    mean_interval,
    paired_difference,
)
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.experiments._training_drift import (
    architecture_of,
    change,
    last_finite,
    measured_inputs,
    start,
    steps_from_start,
)
from ht_sim.layers.softmax_cross_entropy import softmax_cross_entropy_forward
from ht_sim.networks import Architecture, forward_train
from ht_sim.optimisers import Momentum
from ht_sim.streams import Streams
from ht_sim.theory.propagation import HE_GAIN, XAVIER_GAIN
from ht_sim.training import Step, did_not_train, error_rate

PARTS = (1000, 297, 400)
LAYERS, WIDTH, BATCH, MOMENTUM = 20, 64, 64, 0.9
SHOWN_STEPS = (0, 1, 3, 10, 20, 30, 50, 100, 200, 400)
SHOWN_LAYERS = (1, 3, 6, 9, 12, 15, 18, 20)
BINS = np.linspace(-6, 6, 49)  # edges; what lies beyond is in no bin


class Setting(NamedTuple):
    """How the weights are drawn, and how long a step is."""

    name: str
    gain: float
    learning_rate: float


SETTINGS = {
    1.0: Setting("xavier", XAVIER_GAIN, 0.03),
    2.0: Setting("he_slow", HE_GAIN, 0.01),
    3.0: Setting("he_fast", HE_GAIN, 0.1),
}
ARMS = {"without": 0.0, "bn": 1.0}


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train all repeats of one setting, with or without batch norm, and measure."""
    setting, architecture = (
        SETTINGS[point["setting"]],
        architecture_of(point["batch_norm"]),
    )
    data = digits(digits_file)
    parts = [stratified_split(data.labels, PARTS, one.split) for one in streams]
    x, labels = _examples(data, [training for training, _, _ in parts])
    test = _examples(data, [test for _, _, test in parts])
    records = []
    steps = steps_from_start(
        start(streams, [WIDTH] * LAYERS, setting.gain, point["batch_norm"]),
        x,
        labels,
        streams,
        steps=SHOWN_STEPS[-1],
        batch_size=BATCH,
        optimiser=Momentum(setting.learning_rate, MOMENTUM),
        p_drop=0.0,
        architecture=architecture,
    )
    for number, step in enumerate(steps):
        if number in SHOWN_STEPS:
            record = dict(
                measured_inputs(step, test[0], architecture, SHOWN_LAYERS, BINS)
            )
            record["loss"] = _loss(step, x, labels, architecture)
            record["test_error"] = _error(step, *test, architecture)
            records.append(record)
    arrays = {
        name: np.stack([one[name] for one in records], axis=1) for name in records[0]
    }
    arrays["finite"] &= np.isfinite(arrays["loss"])
    arrays["loss"] = np.where(arrays["finite"], arrays["loss"], 0)
    training_error = _error(step, x, labels, architecture)
    return {**arrays, "did_not_train": did_not_train(training_error, CLASSES)}


def _examples(
    data: Digits, parts: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return each repeat's images (S, N, 64) and labels (S, N)."""
    return data.images[np.stack(parts)].astype(np.float32), data.labels[np.stack(parts)]


def _error(
    step: Step, x: np.ndarray, labels: np.ndarray, architecture: Architecture
) -> np.ndarray:
    """Give each network's error in evaluation: (S,)."""
    with np.errstate(all="ignore"):
        return error_rate(step.parameters, x, labels, architecture, step.running)


def _loss(
    step: Step, x: np.ndarray, labels: np.ndarray, architecture: Architecture
) -> np.ndarray:
    """Give each network's loss on its training set, taken as one batch: (S,)."""
    with np.errstate(all="ignore"):
        logits = forward_train(step.parameters, x, architecture=architecture).logits
        return np.asarray(softmax_cross_entropy_forward(logits, labels)[0])


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give what drifts at each setting with and without batch norm, and what it costs.

    ``gap`` is the difference of the logarithms, to base 10, of the two changes, without
    batch norm minus with it; ``error_gap`` that of the test errors, with it minus
    without, in percentage points, and ``error_gap_width`` the width of its interval.
    """
    found: dict[str, Estimate] = {}
    for value, setting in SETTINGS.items():
        row, name = index_of(arrays["setting"], value), setting.name
        changes, errors = {}, {}
        for arm, column in ARMS.items():
            place = row, index_of(arrays["batch_norm"], column)
            found |= _facts_of_arm(arrays, place, f"{name}_{arm}")
            changes[arm] = change(arrays["deviation"][place], arrays["finite"][place])
            errors[arm] = 100 * arrays["test_error"][place][:, -1]
        logs = {arm: np.log10(one) for arm, one in changes.items()}
        found[f"gap_{name}"] = paired_difference(logs["without"], logs["bn"])
        gap = paired_difference(errors["bn"], errors["without"])
        found[f"error_gap_{name}"] = gap
        found[f"error_gap_width_{name}"] = exact(gap.high - gap.low)
    return found | _facts_of_batch_norm(arrays)


def _facts_of_arm(
    arrays: Arrays, place: tuple[int, int], name: str
) -> dict[str, Estimate]:
    """Give the facts of one setting, with or without batch norm."""
    finite, deviation = arrays["finite"][place], arrays["deviation"][place]
    runs, last = np.arange(len(finite)), last_finite(finite)
    return {
        f"change_{name}": geometric_interval(change(deviation, finite)),
        f"first_layer_start_{name}": geometric_interval(deviation[:, 0, 0]),
        f"last_layer_start_{name}": geometric_interval(deviation[:, 0, -1]),
        f"start_ratio_{name}": exact(ratio_at_start(deviation)),
        f"last_layer_end_{name}": geometric_interval(deviation[runs, last, -1]),
        f"largest_{name}": geometric_interval(arrays["largest"][place][runs, last]),
        f"test_error_{name}": mean_interval(100 * arrays["test_error"][place][:, -1]),
        f"not_trained_{name}": exact(float(arrays["did_not_train"][place].sum())),
        f"overflowed_{name}": exact(float((~finite[:, -1]).sum())),
    }


def ratio_at_start(deviation: np.ndarray) -> float:
    """Return the largest over the least deviation of layers before the first step.

    ``deviation`` is (repeats, steps, layers); of a layer the geometric mean counts.
    """
    layers = np.exp(np.log(deviation[:, 0]).mean(axis=0))
    return float(layers.max() / layers.min())


def _facts_of_batch_norm(arrays: Arrays) -> dict[str, Estimate]:
    """Give the range of deviations with batch norm, and where evaluation lags."""
    norm = index_of(arrays["batch_norm"], ARMS["bn"])
    finite = arrays["finite"][:, norm]  # (settings, repeats, steps)
    deviation = arrays["deviation"][:, norm][finite]  # (all of these, layers)
    row, step = index_of(arrays["setting"], 3.0), SHOWN_STEPS.index(10)
    lagging = arrays["eval_deviation"][row, norm]  # (repeats, steps, layers)
    return {
        "bn_least": exact(float(deviation.min())),
        "bn_most": exact(float(deviation.max())),
        "lagging_he_fast_10": geometric_interval(lagging[:, step, -1]),
        "lagging_he_fast_end": geometric_interval(lagging[:, -1, -1]),
    }


EXPERIMENT = Experiment(
    grid=(
        Axis("setting", "gain and learning rate", "number", tuple(SETTINGS)),
        Axis("batch_norm", "batch norm", "0 or 1", tuple(ARMS.values())),
    ),
    dims={
        "deviation": ("repeat", "step", "layer"),
        "eval_deviation": ("repeat", "step", "layer"),
        "counts": ("repeat", "step", "shown", "bin"),
        "largest": ("repeat", "step"),
        "finite": ("repeat", "step"),
        "loss": ("repeat", "step"),
        "test_error": ("repeat", "step"),
        "did_not_train": ("repeat",),
    },
    repeats=8,
    seed=2015,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
    meets=("no-drift-in-training",),
)
