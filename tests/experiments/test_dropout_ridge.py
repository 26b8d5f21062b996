"""Masks walk onto ridge at the rate that averaging has."""

from __future__ import annotations

import numpy as np

from ht_sim.experiments.dropout_ridge import EXPERIMENT, simulate
from ht_sim.streams import streams_of_repeats


def test_more_masks_come_nearer_by_the_root_of_their_number() -> None:
    arrays = simulate({"p_drop": 0.5}, streams_of_repeats(77, 12))
    logs = np.log10(arrays["relative_error"])
    slope = np.polyfit(np.log10(arrays["mask_counts"]), logs.mean(axis=0), 1)[0]
    assert -0.58 < slope < -0.42


def test_no_dropout_is_least_squares() -> None:
    arrays = simulate({"p_drop": 0.0}, streams_of_repeats(77, 2))
    np.testing.assert_allclose(arrays["ridge"], arrays["least_squares"], rtol=1e-9)
    np.testing.assert_allclose(arrays["relative_error"], 0, atol=1e-9)


def test_rates_share_their_tables() -> None:
    low, high = (
        simulate({"p_drop": p}, streams_of_repeats(EXPERIMENT.seed, 2))
        for p in (0.1, 0.9)
    )
    np.testing.assert_array_equal(low["least_squares"], high["least_squares"])
