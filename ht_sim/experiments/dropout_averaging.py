"""Weight scaling reads as many digits right as an average over many masks.

Set-up: the 8×8 digits, 400 for training, 400 for validation and 997 for testing, anew
in each of 8 repeats; a network 64 - 128 - 128 - 10 of ReLU units with dropout 0.5 on
both hidden layers, batches of 50, momentum 0.9, rate 0.02, in float32. 2,000 steps,
after which the validation error falls little further; 400, where all but a few of the
training digits are right already, are kept as a second case. The comparison named
beforehand is the average over 50 masks, and over 200, against weight scaling. An
average is the arithmetic mean of the probabilities, every digit with its own masks.

Exact case: a network 64 - 10 - 10, trained in the same way. Its ten hidden units feed
one softmax layer, so that all 1,024 masks can be listed and weighted by their
probability; 50 test digits a repeat, in float64, the same weights at every rate. The
picture is the one of the first repeat's 50 digits on which the arithmetic mean and
weight scaling differ most at rate 0.5.

All runs of a repeat share split, start, batches and masks.

Sources
-------
srivastava2014, §7.5, Fig. 11; baldi2013
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ht_sim.arrays import index_of
from ht_sim.data import CLASSES, PIXELS, digits, stratified_split
from ht_sim.estimates import Estimate, exact, mean_interval, paired_difference
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.fast_training import fast_training_steps
from ht_sim.layers.dropout import inverted_dropout_train, keep_mask
from ht_sim.layers.softmax_cross_entropy import log_softmax
from ht_sim.networks import forward_eval, forward_train
from ht_sim.optimisers import Momentum
from ht_sim.parameters import Parameters, initialise, stacked
from ht_sim.streams import Streams
from ht_sim.theory.dropout import every_mask, normalised_geometric_mean
from ht_sim.training import finish

Array = NDArray[np.floating]
Labels = NDArray[np.int64]

PARTS = 400, 400, 997  # training, validation, test
HIDDEN = (128, 128)
P_DROP = 0.5
MASK_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200)
INPUTS, LISTED = 10, 50  # of the softmax layer; digits whose masks are all listed
LISTED_RATES = (0.1, 0.3, 0.5, 0.7, 0.9)
MARGIN = 0.005  # a difference in error that does not matter: 5 of 997 digits


def simulate(point: Point, streams: Sequence[Streams], digits_file: bytes) -> Arrays:
    """Train for some steps; predict by scaled weights and by averages over masks."""
    data = digits(digits_file)
    parts = [stratified_split(data.labels, PARTS, one.split) for one in streams]
    training, _, test = (np.stack(part) for part in zip(*parts, strict=True))
    x, labels = data.images[training].astype(np.float32), data.labels[training]
    own = [Streams(*(generator.spawn(1)[0] for generator in one)) for one in streams]
    later = [one.masks.spawn(2) for one in streams]  # whatever the steps draw
    steps = int(point["steps"])
    deep = _train((PIXELS, *HIDDEN, CLASSES), x, labels, streams, steps)
    small = _train((PIXELS, INPUTS, CLASSES), x, labels, own, steps)
    repeats = [
        _averages(_one(deep, r), data.images[of], data.labels[of], later[r][0])
        | _listed(_one(small, r), data.images[of[:LISTED]], later[r][1])
        for r, of in enumerate(test)
    ]
    found = {name: np.stack([one[name] for one in repeats]) for name in repeats[0]}
    return (
        found
        | {name: found[name][0] for name in PICTURE}
        | {
            "label": data.labels[test[0, found["chosen"][0]]],
            "mask_counts": np.array(MASK_COUNTS),
            "listed_rates": np.array(LISTED_RATES),
        }
    )


def _train(
    sizes: Sequence[int],
    x: Array,
    labels: Labels,
    streams: Sequence[Streams],
    steps: int,
) -> Parameters:
    """Train one network of these sizes in each repeat, (S, N, pixels), as a stack."""
    starts = [initialise(sizes, one.initialisation) for one in streams]
    batches = fast_training_steps(
        stacked(starts, np.float32),
        x,
        labels,
        streams,
        steps=steps,
        batch_size=50,
        optimiser=Momentum(0.02, 0.9),
        p_drop=P_DROP,
    )
    return finish(batches).parameters


def _one(stack: Parameters, place: int) -> Parameters:
    """Take one network out of a stack, in float64."""
    return [
        (weights[place].astype(np.float64), bias[place].astype(np.float64))
        for weights, bias in stack
    ]


def _averages(
    parameters: Parameters, x: Array, labels: Labels, rng: np.random.Generator
) -> dict[str, Array]:
    """Measure scaled weights, and the mean over more and more masks, on ``x``."""
    scaled = np.exp(log_softmax(forward_eval(parameters, x).logits))
    error, loss = error_and_loss(scaled, labels)
    means = running_means(parameters, x, rng)
    measured = [error_and_loss(one, labels) for one in means]
    return {
        "error_scaled": error,
        "loss_scaled": loss,
        "error_averaged": np.array([one for one, _ in measured]),
        "loss_averaged": np.array([one for _, one in measured]),
    }


def running_means(
    parameters: Parameters, x: Array, rng: np.random.Generator
) -> list[Array]:
    """Average the probabilities over 1, 2, 5 … masks, each set part of the next.

    Parameters
    ----------
    parameters : of one network
    x : (N, D) inputs; every one has its own masks
    rng : where the masks come from

    Returns
    -------
    means : for each of MASK_COUNTS, (N, K)
    """
    widths = [bias.size for _, bias in parameters[:-1]]
    total, means = np.zeros(()), []
    for number in range(1, MASK_COUNTS[-1] + 1):
        uniforms = (rng.random((len(x), width), np.float32) for width in widths)
        masks = [keep_mask(one, P_DROP) for one in uniforms]
        run = forward_train(parameters, x, masks, P_DROP)
        total = total + np.exp(log_softmax(run.logits))
        if number in MASK_COUNTS:
            means.append(total / number)
    return means


def error_and_loss(probabilities: Array, labels: Labels) -> tuple[Array, Array]:
    """Give the share of examples read wrongly, and the mean cross-entropy in nats.

    Parameters
    ----------
    probabilities : (N, K)
    labels : (N,) classes

    Returns
    -------
    error, loss : ()
    """
    right = probabilities[np.arange(len(labels)), labels]
    error = (probabilities.argmax(axis=-1) != labels).mean()
    return np.asarray(error), np.asarray(-np.log(right).mean())


def _listed(
    parameters: Parameters, x: Array, rng: np.random.Generator
) -> dict[str, Array]:
    """Hold the means over all masks against scaled weights, at every rate.

    The picture is the one digit on which the arithmetic mean differs most.
    """
    run = forward_eval(parameters, x)
    hidden, read_out = run.hidden[0], parameters[1]
    scaled = np.exp(log_softmax(run.logits))  # (N, K)
    geometric_gap, arithmetic_gap, means = [], [], {}
    for rate in LISTED_RATES:
        arithmetic, geometric = means_over_all_masks(hidden, read_out, rate)
        means[rate] = arithmetic, geometric
        geometric_gap.append(abs(geometric - scaled).max())
        arithmetic_gap.append(abs(arithmetic - scaled).sum(axis=-1).mean() / 2)
    arithmetic, geometric = means[P_DROP]
    chosen = abs(arithmetic - scaled).sum(axis=-1).argmax()
    sampled = running_means(parameters, x[[chosen]], rng)
    return {
        "geometric_gap": np.array(geometric_gap),
        "arithmetic_gap": np.array(arithmetic_gap),
        "chosen": np.asarray(chosen),
        "scaled": scaled[chosen],
        "arithmetic": arithmetic[chosen],
        "geometric": geometric[chosen],
        "sampled": np.concatenate(sampled),
    }


def means_over_all_masks(
    x: Array, layer: tuple[Array, ...], p_drop: float
) -> tuple[Array, Array]:
    """Average the predictions of a softmax layer over all masks of its inputs.

    Parameters
    ----------
    x : (N, D) inputs of the layer, D small
    layer : weights (D, K) and bias (K,)
    p_drop : the probability of dropping an input

    Returns
    -------
    arithmetic, geometric : (N, K), the geometric mean normalised
    """
    masks, shares = every_mask(x.shape[1], p_drop)
    dropped, _ = inverted_dropout_train(x, masks[:, np.newaxis], p_drop)
    weights, bias = layer
    predictions = log_softmax(dropped @ weights + bias)  # (masks, N, K)
    arithmetic = np.tensordot(shares, np.exp(predictions), axes=1)
    return arithmetic, normalised_geometric_mean(predictions, shares)


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give both predictions and how they differ, after few steps and after many."""
    found = {}
    for steps in (400, 2000):
        place = index_of(arrays["steps"], steps)
        for name in ("error", "loss"):
            scaled = arrays[f"{name}_scaled"][place]
            found[f"{name}_scaled_{steps}"] = mean_interval(scaled)
            for count in (1, 50, 200):
                averaged = arrays[f"{name}_averaged"][place]
                averaged = averaged[:, MASK_COUNTS.index(count)]
                found[f"{name}_{count}_{steps}"] = mean_interval(averaged)
                difference = paired_difference(averaged, scaled)
                found[f"{name}_{count}_minus_scaled_{steps}"] = difference
                if name == "error":
                    found[f"error_{count}_gap_{steps}"] = widest(difference)
        spread = arrays["error_scaled"][place].std(ddof=1)
        found[f"error_spread_{steps}"] = exact(spread)  # between repeats
    last = index_of(arrays["steps"], 2000)
    found["margin"] = exact(MARGIN)
    found["geometric_gap"] = exact(arrays["geometric_gap"].max())
    for name, rate in {"10": 0.1, "50": 0.5, "90": 0.9}.items():
        gaps = arrays["arithmetic_gap"][last, :, LISTED_RATES.index(rate)]
        found[f"arithmetic_gap_{name}"] = mean_interval(gaps)
    return found


def widest(difference: Estimate) -> Estimate:
    """Give the largest difference, of either sign, that an interval leaves open."""
    most = max(abs(difference.low), abs(difference.high))
    return Estimate(most, most, most, difference.repeats)


PICTURE = ("scaled", "arithmetic", "geometric", "sampled")
EXPERIMENT = Experiment(
    grid=(Axis("steps", "training", "steps", (400, 2000)),),
    dims={
        "error_scaled": ("repeat",),
        "loss_scaled": ("repeat",),
        "error_averaged": ("repeat", "count"),
        "loss_averaged": ("repeat", "count"),
        "geometric_gap": ("repeat", "rate"),
        "arithmetic_gap": ("repeat", "rate"),
        "chosen": ("repeat",),
        "label": (),
        "scaled": ("class",),
        "arithmetic": ("class",),
        "geometric": ("class",),
        "sampled": ("count", "class"),
        "mask_counts": ("count",),
        "listed_rates": ("rate",),
    },
    repeats=8,
    seed=7500,
    simulate=simulate,
    facts=facts,
    inputs={"digits_file": "content/data/digits.csv"},
)
