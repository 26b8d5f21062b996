"""Classic and inverted dropout keep the same promise at different scales.

Set-up: one layer of six units with activations chosen to be read at sight; the next
unit hears their sum, so all of its weights are one. No real data, no training. A pass
draws one mask, and both forms use it. Means and variances are over all 2⁶ masks, each
with its probability, so they carry no chance. A unit is kept where its uniform number
reaches the rate, so as the rate grows units only vanish. The eight passes that can be
shown are drawn once; no fact depends on them.

Source
------
srivastava2014, §4, §10
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, exact
from ht_sim.experiments import Arrays, Axis, Experiment, Point
from ht_sim.layers.dropout import (
    classic_dropout_eval,
    classic_dropout_train,
    inverted_dropout_eval,
    inverted_dropout_train,
    keep_mask,
)
from ht_sim.streams import Streams
from ht_sim.theory.dropout import inverted_dropout_readout_variance

ACTIVATIONS = np.array([2.0, 1.0, 3.0, 0.5, 1.5, 2.0])  # their sum is 10
PASSES = 8
FORMS = ("classic", "inverted")


def simulate(point: Point, streams: Sequence[Streams]) -> Arrays:
    """Send the layer through both forms, under eight masks, all masks, and at test."""
    rate = point["p_drop"]
    masks, chance = all_masks(ACTIVATIONS.size, rate)
    uniforms = streams[0].masks.random((PASSES, ACTIVATIONS.size))
    drawn = keep_mask(uniforms, rate)
    everywhere = {
        "classic": classic_dropout_train(ACTIVATIONS, masks)[0],
        "inverted": inverted_dropout_train(ACTIVATIONS, masks, rate)[0],
    }  # (masks, units)
    found = {
        "kept": drawn,
        "chance": chance,
        "classic_pass": classic_dropout_train(ACTIVATIONS, drawn)[0],
        "inverted_pass": inverted_dropout_train(ACTIVATIONS, drawn, rate)[0],
        "classic_test": classic_dropout_eval(ACTIVATIONS, rate),
        "inverted_test": inverted_dropout_eval(ACTIVATIONS),
    }
    for form, sent in everywhere.items():
        sums = sent.sum(axis=1)
        found[f"{form}_sums"] = sums
        found[f"{form}_mean"] = chance @ sent
        found[f"{form}_variance"] = chance @ (sums - chance @ sums) ** 2
    return found


def all_masks(
    units: int, p_drop: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """List every mask of a layer with its probability.

    P(mask) = (1 - p_drop)^kept p_drop^dropped

    Parameters
    ----------
    units : how many the layer has
    p_drop : the probability of dropping a unit, in [0, 1)

    Returns
    -------
    masks : (2^units, units), true where kept
    chance : (2^units,), of sum 1
    """
    masks = np.array(list(itertools.product((True, False), repeat=units)))
    return masks, np.where(masks, 1 - p_drop, p_drop).prod(axis=1)


def facts(arrays: Arrays) -> dict[str, Estimate]:
    """Give sums at rate 0.5, and how far means and variances are from theory at most.

    ``worst_mean_gap`` is between the mean over masks of what a unit sends in training
    and what it sends at test; ``worst_ratio_gap`` between what the two forms send, and
    the factor 1 - p_drop; ``worst_variance_gap`` between the variances of the sums, and
    their closed form. All are over every rate.
    """
    rates = arrays["p_drop"]
    keep = 1 - rates
    half = index_of(rates, 0.5)
    theory = np.array(
        [inverted_dropout_readout_variance(1, ACTIVATIONS, rate) for rate in rates]
    )
    mean = {form: arrays[f"{form}_mean"] for form in FORMS}
    test = {form: arrays[f"{form}_test"] for form in FORMS}
    variance = {form: arrays[f"{form}_variance"] for form in FORMS}
    gaps = {
        "mean": np.stack([mean[form] - test[form] for form in FORMS]),
        "ratio": mean["classic"] - keep[:, np.newaxis] * mean["inverted"],
        "variance": np.stack(
            [variance["inverted"] - theory, variance["classic"] - keep**2 * theory]
        ),
    }
    found = {
        f"worst_{name}_gap": exact(np.abs(gap).max()) for name, gap in gaps.items()
    }
    for form in FORMS:
        found[f"{form}_mean_50"] = exact(mean[form][half].sum())
        found[f"{form}_test_50"] = exact(test[form][half].sum())
        found[f"{form}_spread_50"] = exact(np.sqrt(variance[form][half]))
    return found | {"masks": exact(arrays["chance"].shape[1])}


EXPERIMENT = Experiment(
    grid=(
        Axis(
            "p_drop",
            "drop rate",
            "probability",
            tuple(round(0.1 * step, 1) for step in range(10)),
        ),
    ),
    dims={
        "kept": ("pass", "unit"),
        "chance": ("mask",),
        **{f"{form}_pass": ("pass", "unit") for form in FORMS},
        **{f"{form}_test": ("unit",) for form in FORMS},
        **{f"{form}_mean": ("unit",) for form in FORMS},
        **{f"{form}_sums": ("mask",) for form in FORMS},
        **{f"{form}_variance": () for form in FORMS},
    },
    repeats=1,
    seed=2012,
    simulate=simulate,
    facts=facts,
    meets=("test-time-scaling",),
)
