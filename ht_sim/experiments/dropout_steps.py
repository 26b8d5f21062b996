"""Dropout slows training, and closes the gap between training and test.

Set-up: the 8×8 digits, split anew in each repeat into 400 for training, 297 for
validation and 1,100 for testing, each class with its share. 64-128-128-10 ReLU units,
dropout on both hidden layers, momentum 0.9, learning rate 0.02, batches of 50, 1,200
steps, in float32; the same settings at every rate, taken over from the study of the
rate, so none is chosen for this question. Where labels are redrawn, a fifth of the
training labels take a class at random, the right one included; validation and test
keep theirs. The digits, the labels, the start and the batches of a repeat are the same
at all rates. The comparison is rate 0.5 against none.

Two losses are followed in the training set. One has all units active and is measured
every 10 steps. The other is that of the batches, masks on: what a training log shows,
averaged over 10 steps and placed at their middle. Levels of 0.5, 0.2 and 0.1 nats were
named beforehand; between measurements the logarithm of the loss is taken as straight.
A run that does not reach a level counts with the last step, so its ratio is too small,
and is counted. With redrawn labels only the counts are facts.

Source
------
srivastava2014, §11; krizhevsky2012, §4.2
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ht_sim.arrays import index_of
from ht_sim.data import (
    CLASSES,
    PIXELS,
    Digits,
    digits,
    redrawn,
    stratified_split,
)
from ht_sim.estimates import Estimate, exact, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.fast_training import fast_training_steps
from ht_sim.layers.softmax_cross_entropy import softmax_cross_entropy_forward
from ht_sim.networks import forward_eval
from ht_sim.optimisers import Momentum
from ht_sim.parameters import Parameters, initialise, stacked
from ht_sim.streams import Streams
from ht_sim.training import did_not_train

PARTS = {"training": 400, "validation": 297, "test": 1100}
HIDDEN = (128, 128)
STEPS, EVERY, EARLY = 1200, 10, 100
LEVELS = {"50": 0.5, "20": 0.2, "10": 0.1}  # nats
LABELS = {"clean": 0.0, "redrawn": 0.2}

Sets = dict[str, tuple[NDArray[np.float32], NDArray[np.int64]]]


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train a network in each repeat, and measure it along the way."""
    sets = _sets(digits(digits_file), streams, point["redrawn"])
    sizes = (PIXELS, *HIDDEN, CLASSES)
    start = [initialise(sizes, one.initialisation) for one in streams]
    measured = [_measure(stacked(start, np.float32), sets)]
    losses = []
    training = fast_training_steps(
        stacked(start, np.float32),
        *sets["training"],
        streams,
        steps=STEPS,
        batch_size=50,
        optimiser=Momentum(0.02, 0.9),
        p_drop=point["p_drop"],
    )
    for number, step in enumerate(training, 1):
        losses.append(step.losses)
        if number % EVERY == 0:
            measured.append(_measure(step.parameters, sets))
    found = {
        name: np.stack([one[name] for one in measured], axis=-1) for name in measured[0]
    }
    windows = np.reshape(losses, (-1, EVERY, len(streams))).mean(axis=1)
    return found | {
        "steps": np.arange(0, STEPS + 1, EVERY),
        "batch_loss": windows.T,
        "batch_steps": np.arange(0, STEPS, EVERY) + (EVERY - 1) / 2,
        "failed": did_not_train(found["training_error"][:, -1], CLASSES),
    }


def _sets(data: Digits, streams: Sequence[Streams], share: float) -> Sets:
    """Return images (repeats, N, 64) and labels (repeats, N) of each part."""
    sizes = tuple(PARTS.values())
    splits = [stratified_split(data.labels, sizes, one.split) for one in streams]
    sets = {}
    for part, rows in zip(PARTS, zip(*splits, strict=True), strict=True):
        index = np.stack(rows)
        sets[part] = data.images[index].astype(np.float32), data.labels[index]
    images, labels = sets["training"]
    noisy = [
        redrawn(one, share, stream.split)
        for one, stream in zip(labels, streams, strict=True)
    ]
    return sets | {"training": (images, np.stack(noisy))}


def _measure(parameters: Parameters, sets: Sets) -> dict[str, np.ndarray]:
    """Return error and loss of each part, (repeats,), with all units active."""
    found = {}
    for part, (images, labels) in sets.items():
        logits = forward_eval(parameters, images).logits
        found[f"{part}_error"] = (logits.argmax(axis=-1) != labels).mean(axis=-1)
        found[f"{part}_loss"], _ = softmax_cross_entropy_forward(logits, labels)
    return found


def steps_to(
    steps: np.ndarray, losses: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Say when each run's loss first reaches a level.

    Parameters
    ----------
    steps : (measurements,) rising
    losses : (repeats, measurements) in nats
    level : in nats

    Returns
    -------
    where : (repeats,) steps; the last step where the level is not reached
    reached : (repeats,)
    """
    below = losses <= level
    reached: np.ndarray = np.asarray(below.any(axis=1))
    after = np.where(reached, below.argmax(axis=1), 1).clip(1)
    rows = np.arange(len(losses))
    high, low = np.log(losses[rows, after - 1]), np.log(losses[rows, after])
    share = np.clip((high - np.log(level)) / np.where(reached, high - low, 1), 0, 1)
    where = steps[after - 1] + share * (steps[after] - steps[after - 1])
    return np.where(reached, where, steps[-1]), reached


def reaching(
    arrays: Arrays, measure: str, place: tuple[int, int], level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Say when the runs of a grid place reach a level; ``measure`` all or batch."""
    names = {
        "all": ("steps", "training_loss"),
        "batch": ("batch_steps", "batch_loss"),
    }
    steps, losses = (arrays[name][place] for name in names[measure])
    return steps_to(steps, losses, level)


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give the ratios of steps, and errors at the end and where validation is best."""
    found = {"did_not_train": exact(float(arrays["failed"].sum()))}
    for labels, share in LABELS.items():
        row = index_of(arrays["redrawn"], share)
        for measure in ("all", "batch"):
            found |= _ratios(arrays, measure, row, labels)
        found |= _errors(arrays, row, labels)
    return found


def _ratios(arrays: Arrays, measure: str, row: int, labels: str) -> dict[str, Estimate]:
    """Give steps at rate 0.5 over steps without dropout, and how many runs got there.

    Redrawn labels have no ratio: most of their levels are never reached.
    """
    none, half = (index_of(arrays["p_drop"], rate) for rate in (0.0, 0.5))
    found = {}
    for name, level in LEVELS.items():
        plain, _ = reaching(arrays, measure, (row, none), level)
        slow, reached = reaching(arrays, measure, (row, half), level)
        key = f"{labels}_{measure}_{name}"
        found[f"reached_{key}"] = exact(float(reached.sum()))
        if labels == "clean":
            found[f"ratio_{key}"] = mean_interval(slow / plain)
    return found


def _errors(arrays: Arrays, row: int, labels: str) -> dict[str, Estimate]:
    """Give errors without dropout and at rate 0.5, and their paired difference."""
    found: dict[str, Estimate] = {}
    early = index_of(arrays["steps"][row, 0], EARLY)
    ends, stops = {}, {}
    for name, rate in {"0": 0.0, "50": 0.5}.items():
        place = row, index_of(arrays["p_drop"], rate)
        test, training = arrays["test_error"][place], arrays["training_error"][place]
        ends[name], stops[name] = test[:, -1], stopped(arrays, place)
        found[f"training_error_{labels}_{name}"] = mean_interval(training[:, -1])
        found[f"test_error_{labels}_{name}"] = mean_interval(ends[name])
        found[f"stopped_error_{labels}_{name}"] = mean_interval(stops[name])
        found[f"rise_{labels}_{name}"] = paired_difference(test[:, -1], test[:, early])
    found[f"difference_{labels}"] = paired_difference(ends["50"], ends["0"])
    found[f"stopped_difference_{labels}"] = paired_difference(stops["50"], stops["0"])
    return found


def stopped(arrays: Arrays, place: tuple[int, int]) -> np.ndarray:
    """Return the test error where validation error is first lowest, (repeats,)."""
    best = arrays["validation_error"][place].argmin(axis=1)
    chosen: np.ndarray = arrays["test_error"][place][np.arange(len(best)), best]
    return chosen


EXPERIMENT = Experiment(
    grid=(
        Axis("redrawn", "training labels redrawn", "share", tuple(LABELS.values())),
        Axis("p_drop", "drop rate", "probability", (0.0, 0.2, 0.5)),
    ),
    dims={
        **{f"{part}_error": ("repeat", "step") for part in PARTS},
        **{f"{part}_loss": ("repeat", "step") for part in PARTS},
        "steps": ("step",),
        "batch_loss": ("repeat", "window"),
        "batch_steps": ("window",),
        "failed": ("repeat",),
    },
    repeats=8,
    seed=11,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
)
