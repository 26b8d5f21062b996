"""A network reads digits: the task that several experiments vary.

A repeat's training, validation and test part are the same for every setting that is
compared, and so are its redrawn labels. The network is 64-units-units-10 with ReLU,
trained in float32 for 400 steps of 50 examples by gradient descent with momentum
0.9 at a learning rate of 0.02; dropout is on both hidden layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ht_sim.data import CLASSES, Digits, redrawn, stratified_split
from ht_sim.experiments import Arrays
from ht_sim.fast_training import fast_training_steps
from ht_sim.networks import forward_eval
from ht_sim.optimisers import Momentum
from ht_sim.parameters import initialise, stacked
from ht_sim.streams import Streams
from ht_sim.training import did_not_train, error_rate, finish

MOST, VALIDATION, TEST = 1000, 297, 400
UNITS = 128


class Split(NamedTuple):
    """One repeat's examples: images (N, 64) and labels (N,) of the three parts.

    ``given`` are the training labels as the network sees them, ``true`` as they are.
    """

    training: np.ndarray
    true: np.ndarray
    given: np.ndarray
    validation: np.ndarray
    validation_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray


def draw_split(
    data: Digits, examples: int, share: float, generator: np.random.Generator
) -> Split:
    """Draw one repeat's parts, and its training labels, some of them redrawn.

    What is drawn depends on neither ``examples``, at most 1,000, nor ``share``, the
    probability in [0, 1] that a training label is drawn again.
    """
    training, validation, test = stratified_split(
        data.labels, (MOST, VALIDATION, TEST), generator
    )
    given = redrawn(data.labels[training], share, generator)
    training = training[:examples]
    return Split(
        data.images[training],
        data.labels[training],
        given[:examples],
        data.images[validation],
        data.labels[validation],
        data.images[test],
        data.labels[test],
    )


def train_and_test(
    splits: Sequence[Split], streams: Sequence[Streams], p_drop: float, units: int
) -> Arrays:
    """Train one network a repeat, all S in one stack, with ``units`` a hidden layer.

    Returns
    -------
    arrays : (S,) each: the error on the given training labels, on validation and on
        test, in [0, 1]; whether the network did not train; how many training labels
        are ``wrong``, and of how many of these it has ``learnt`` the wrong answer; the
        share of first-layer units that are ``dead``: zero on every training example
    """
    every = Split(*(np.stack(part) for part in zip(*splits, strict=True)))
    sizes = (every.training.shape[-1], units, units, CLASSES)
    start = [initialise(sizes, one.initialisation) for one in streams]
    x = every.training.astype(np.float32)
    parameters = finish(
        fast_training_steps(
            stacked(start, np.float32),
            x,
            every.given,
            streams,
            steps=400,
            batch_size=50,
            optimiser=Momentum(0.02, 0.9),
            p_drop=p_drop,
        )
    ).parameters
    forward = forward_eval(parameters, x)
    answers = forward.logits.argmax(axis=-1)  # (S, N)
    wrong = every.given != every.true
    training_error = (answers != every.given).mean(axis=-1)
    return {
        "training_error": training_error,
        "validation_error": error_rate(
            parameters, every.validation.astype(np.float32), every.validation_labels
        ),
        "test_error": error_rate(
            parameters, every.test.astype(np.float32), every.test_labels
        ),
        "did_not_train": did_not_train(training_error, CLASSES),
        "wrong": wrong.sum(axis=-1),
        "learnt": (wrong & (answers == every.given)).sum(axis=-1),
        "dead": (forward.hidden[0].max(axis=1) <= 0).mean(axis=-1),
    }
