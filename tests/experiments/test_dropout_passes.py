"""The masked network: units only vanish, survivors heat up, the test stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ht_sim.experiments.dropout_passes import RATES, simulate
from ht_sim.streams import streams_of_repeats

DIGITS = Path(__file__).resolve().parents[2] / "content" / "data" / "digits.csv"


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    """One network of another seed than the site's."""
    return dict(simulate({}, streams_of_repeats(99, 1), DIGITS.read_bytes()))


def test_units_only_vanish_as_the_rate_grows(arrays: dict[str, np.ndarray]) -> None:
    kept = arrays["kept"].astype(int)
    assert kept[0].all()
    assert (np.diff(kept, axis=0) <= 0).all()


def test_without_dropout_every_pass_is_the_test(arrays: dict[str, np.ndarray]) -> None:
    np.testing.assert_allclose(arrays["probability"][0], arrays["test_probability"])
    np.testing.assert_allclose(
        arrays["scaled"][0], np.broadcast_to(arrays["test_activation"], (8, 4, 16))
    )


def test_survivors_of_the_first_layer_are_scaled(arrays: dict[str, np.ndarray]) -> None:
    np.testing.assert_allclose(arrays["heat"], [1 / (1 - rate) for rate in RATES])


def test_the_network_has_learned_and_a_pass_is_worse(
    arrays: dict[str, np.ndarray],
) -> None:
    assert arrays["test_accuracy"].mean() > 0.85
    half = RATES.index(0.5)
    assert arrays["pass_accuracy"][:, half].mean() < arrays["test_accuracy"].mean()
