"""One trained network, silenced at random: every pass is another network.

Set-up: the 8×8 digits, 1,000 for training and 797 for testing, split anew in each
repeat; four hidden layers of 16 ReLU units, trained for 1,500 steps with momentum
and inverted dropout at rate 0.1, enough to have met masks and mild enough for
layers this small. The trained network is then run at every rate with the same
weights, so a rate here changes the passes and never the weights. A unit is kept
where its uniform number reaches the rate, so as the rate grows units only vanish.

The pictures show the first repeat's network and the first test digit that it gets
right; the facts are over all repeats and their whole test sets.

Source
------
srivastava2014, §4, §10
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ht_sim.arrays import index_of
from ht_sim.data import Digits, digits, stratified_split
from ht_sim.estimates import Estimate, exact, mean_interval
from ht_sim.experiments import Arrays, Experiment, Point
from ht_sim.fast_training import fast_training_steps
from ht_sim.layers.dropout import keep_mask
from ht_sim.layers.softmax_cross_entropy import log_softmax
from ht_sim.networks import forward_eval, forward_train
from ht_sim.optimisers import Momentum
from ht_sim.parameters import Parameters, initialise, stacked
from ht_sim.streams import Streams
from ht_sim.training import finish

RATES = tuple(round(0.05 * step, 2) for step in range(19))
PASSES = 8
LAYERS, UNITS, CLASSES = 4, 16, 10
TRAINING_RATE = 0.1
TRAINING_EXAMPLES = 1000


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train a network in each repeat and run it at every rate."""
    data = digits(digits_file)
    sizes = (TRAINING_EXAMPLES, len(data.labels) - TRAINING_EXAMPLES)
    splits = [stratified_split(data.labels, sizes, one.split) for one in streams]
    training, test = (np.stack(part) for part in zip(*splits, strict=True))
    stack = _train(data, training, streams)
    repeats = [
        _test_passes(
            [(weights[place], bias[place]) for weights, bias in stack],
            data.images[test[place]],
            data.labels[test[place]],
            one.masks,
        )
        for place, one in enumerate(streams)
    ]
    accuracy = {
        name: np.array([repeat[name] for repeat in repeats])
        for name in ("test_accuracy", "pass_accuracy")
    }
    return accuracy | _picture(repeats[0])


def _train(
    data: Digits, training: np.ndarray, streams: Sequence[Streams]
) -> Parameters:
    """Train a network on each row of indices, (repeats, examples)."""
    sizes = (64, *[UNITS] * LAYERS, CLASSES)
    return finish(
        fast_training_steps(
            stacked([initialise(sizes, one.initialisation) for one in streams]),
            data.images[training],
            data.labels[training],
            streams,
            steps=1500,
            batch_size=50,
            optimiser=Momentum(0.02, 0.9),
            p_drop=TRAINING_RATE,
        )
    ).parameters


def _test_passes(
    parameters: Parameters,
    images: np.ndarray,
    labels: np.ndarray,
    generator: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Run one network on its test set: with all units, and masked at every rate.

    All examples of a pass share the pass's mask, so that a pass is one network.
    """
    uniforms = generator.random((LAYERS, PASSES, 1, UNITS))
    plain = forward_eval(parameters, images)
    right = plain.logits.argmax(axis=-1) == labels
    chosen = int(np.flatnonzero(right)[0])
    found: dict[str, list[np.ndarray]] = {
        name: []
        for name in (
            "kept",
            "scaled",
            "reading",
            "probability",
            "pass_accuracy",
            "heat",
        )
    }
    for rate in RATES:
        masks = [keep_mask(one, rate) for one in uniforms]  # each (passes, 1, units)
        run = forward_train(parameters, images, masks, rate)
        share = np.exp(log_softmax(run.logits))[:, chosen, labels[chosen]]
        correct = run.logits.argmax(axis=-1) == labels
        scaled = np.stack([layer[:, chosen] for layer in run.onward], axis=1)
        found["kept"].append(np.stack([mask[:, 0] for mask in masks], axis=1))
        found["scaled"].append(scaled)
        found["reading"].append(run.logits[:, chosen].argmax(axis=-1))
        found["probability"].append(share)
        found["pass_accuracy"].append(correct.mean(axis=-1))
        found["heat"].append(_heat(run.onward[0], plain.hidden[0]))
    return {name: np.array(values) for name, values in found.items()} | {
        "test_accuracy": right.mean(),
        "image": images[chosen].reshape(8, 8),
        "label": np.asarray(labels[chosen]),
        "test_activation": np.stack([layer[chosen] for layer in plain.hidden]),
        "test_probability": np.exp(log_softmax(plain.logits))[chosen, labels[chosen]],
        "weights": np.stack([weights for weights, _ in parameters[1:LAYERS]]),
    }


def _heat(dropped: np.ndarray, plain: np.ndarray) -> np.ndarray:
    """Return how much hotter than at test the first layer's survivors are on average.

    ``dropped`` is (passes, examples, units) after the mask, ``plain`` the same
    examples at test.
    """
    alive = dropped > 0
    ratio: np.ndarray = (
        dropped[alive] / np.broadcast_to(plain, alive.shape)[alive]
    ).mean()
    return ratio


def _picture(first: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    accuracies = ("test_accuracy", "pass_accuracy")
    shown = {name: array for name, array in first.items() if name not in accuracies}
    return shown | {"p_drop": np.array(RATES)}


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give how often a pass and the whole network are right, and the heat at 0.9."""
    accuracy = arrays["pass_accuracy"]  # (repeats, rates, passes)
    found = {
        "test_accuracy": mean_interval(arrays["test_accuracy"]),
        "test_probability": exact(float(arrays["test_probability"])),
    }
    for name, rate in {"10": 0.1, "30": 0.3, "50": 0.5, "70": 0.7, "90": 0.9}.items():
        place = index_of(arrays["p_drop"], rate)
        found[f"pass_accuracy_{name}"] = mean_interval(accuracy[:, place].mean(axis=1))
        empty = (arrays["kept"][place].sum(axis=-1) == 0).sum()  # layers of all passes
        found[f"empty_layers_{name}"] = exact(float(empty))
        found[f"units_kept_{name}"] = exact(float(arrays["kept"][place].sum(-1).mean()))
        found[f"lowest_pass_{name}"] = exact(float(arrays["probability"][place].min()))
        found[f"heat_{name}"] = exact(float(arrays["heat"][place]))
    return found


EXPERIMENT = Experiment(
    grid=(),
    dims={
        "p_drop": ("rate",),
        "kept": ("rate", "pass", "layer", "unit"),
        "scaled": ("rate", "pass", "layer", "unit"),
        "reading": ("rate", "pass"),
        "probability": ("rate", "pass"),
        "pass_accuracy": ("repeat", "rate", "pass"),
        "heat": ("rate",),
        "test_accuracy": ("repeat",),
        "image": ("row", "column"),
        "label": (),
        "test_activation": ("layer", "unit"),
        "test_probability": (),
        "weights": ("between", "unit", "next unit"),
    },
    repeats=8,
    seed=2012,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
    meets=("masked-network", "drag-the-rate", "push-to-point-nine"),
)
