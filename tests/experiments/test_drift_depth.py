"""Sizes and spreads are what hand and theory say, and norms hold them."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.experiments import Arrays
from ht_sim.experiments._signal import (
    ALIKE,
    ALIKE_FLOOR,
    ALIVE,
    BIN,
    BINS,
    EXPLODED,
    VANISHED,
    at_gain,
    counted,
    drawn,
    fates,
    measured,
    size_and_spread,
    spread_of_directions,
)
from ht_sim.experiments.drift_depth import (
    BATCH,
    GAINS,
    LAYER,
    MEASURED,
    NONLINEARITIES,
    OFF,
    PLAIN,
    RIDGES,
    SHOWN_GAINS,
    simulate,
)
from ht_sim.networks import Architecture, forward_train
from ht_sim.norms import BatchNorm
from ht_sim.parameters import with_norms
from ht_sim.streams import streams_of_repeats
from ht_sim.theory.propagation import HE_GAIN, XAVIER_GAIN

ONE = GAINS.index(XAVIER_GAIN)


def run(name: str) -> Arrays:
    """Run two networks of a nonlinearity."""
    place = [*NONLINEARITIES].index(name)  # type: ignore[arg-type]
    return simulate({"nonlinearity": float(place)}, streams_of_repeats(5, 2))


@pytest.fixture(scope="module")
def relu() -> Arrays:
    return run("relu")


def test_size_and_spread_by_hand() -> None:
    size, spread = size_and_spread(np.array([[[1.0, 3.0], [3.0, 3.0]]]))
    np.testing.assert_allclose(size, np.sqrt(28 / 4))
    np.testing.assert_allclose(spread, np.sqrt(2 / 4))


def test_lengths_are_no_spread_of_directions() -> None:
    along = np.array([[[1.0, 3.0], [2.0, 6.0], [0.5, 1.5]]])
    np.testing.assert_allclose(spread_of_directions(along), 0, atol=1e-12)
    across = np.array([[[2.0, 0.0], [0.0, 0.1]]])  # scaled: (√2, 0) and (0, √2)
    np.testing.assert_allclose(spread_of_directions(across), np.sqrt(1 / 2))


def test_fates_are_told_from_the_first_layer() -> None:
    size = np.array([[1.0, 0.0, -1.1, 1.0], [1.0, 2.9, 3.1, 3.1], [0.0, 0.0, 0.0, -3]])
    alike = np.array([[0, 0, 0, -2.1], [0, 0, 0, -3], [0, -1.9, -2.1, -3]])
    expected = [
        [ALIVE, ALIVE, VANISHED, ALIKE],
        [ALIVE, ALIVE, EXPLODED, EXPLODED],
        [ALIVE, ALIVE, ALIKE, VANISHED],
    ]
    np.testing.assert_array_equal(fates(size, alike), expected)


def test_values_beyond_the_bins_are_counted_in_none() -> None:
    x, weights = drawn(streams_of_repeats(5, 1), 8, 16, 3)
    far = forward_train(at_gain(weights, 100.0), x)
    near = forward_train(at_gain(weights, 1e-6), x)
    assert counted(far, [3]).sum() < 8
    middle = counted(near, [3])[0]
    assert middle[BINS // 2] == middle.sum() == 8 * 16


def test_the_stream_is_that_of_the_layers_asked_for() -> None:
    x, weights = drawn(streams_of_repeats(5, 2), 8, 16, 5)
    forward = forward_train(weights, x, architecture=Architecture("linear"))
    found = measured(forward, (2, 5))
    np.testing.assert_allclose(found.stream, found.size[:, [1, 4]])


def test_batch_norm_leaves_nothing_but_spread() -> None:
    x, weights = drawn(streams_of_repeats(5, 2), 8, 16, 5)
    norm = Architecture("sigmoid", BatchNorm())
    found = measured(forward_train(with_norms(weights), x, architecture=norm), (5,))
    np.testing.assert_allclose(found.alike, 0, atol=1e-12)
    np.testing.assert_allclose(found.size, 0, atol=1e-3)


def test_xavier_and_he_are_gains_exactly() -> None:
    assert {XAVIER_GAIN, HE_GAIN} <= {*SHOWN_GAINS} <= {*GAINS}
    np.testing.assert_allclose(np.diff(np.log2(GAINS)), 1 / 6)


def test_a_gain_multiplies_the_signal_once_a_layer(relu: Arrays) -> None:
    size = relu["size"][OFF, PLAIN]  # (gains, layers, levels)
    for place, gain in enumerate(GAINS):
        expected = size[ONE] + np.array(MEASURED)[:, None] * np.log10(gain)
        np.testing.assert_allclose(size[place], expected, atol=1e-9)


def test_with_norms_the_size_is_one_at_every_gain(relu: Arrays) -> None:
    np.testing.assert_allclose(10 ** relu["size"][[BATCH, LAYER]], 1, atol=2e-3)
    assert not np.allclose(10 ** relu["size"][OFF], 1, atol=0.1)


def test_relu_layers_differ_by_length_alone_unless_a_norm_ends_that(
    relu: Arrays,
) -> None:
    he = SHOWN_GAINS.index(HE_GAIN)
    spread = 10 ** relu["alike_at"][:, PLAIN, he, :, -1]  # (norms, n)
    directions = 10 ** relu["directions_at"][:, PLAIN, he, :, -1]
    assert (directions[OFF] < spread[OFF] / 2).all()
    np.testing.assert_allclose(directions[LAYER], spread[LAYER], rtol=1e-3)


def test_densities_hold_all_values_that_are_near(relu: Arrays) -> None:
    shares = relu["density"].sum(axis=-1) * BIN  # (norms, shown, ridges)
    assert shares[BATCH].min() > 0.999
    assert shares[OFF, SHOWN_GAINS.index(2.0), RIDGES.index(50)] < 0.01
    spike = relu["density"][OFF, SHOWN_GAINS.index(1.0), -1]
    np.testing.assert_allclose(spike[BINS // 2] * BIN, 1)


def test_levels_lie_in_order_around_the_networks(relu: Arrays) -> None:
    low, middle, high = np.moveaxis(relu["size"], -1, 0)
    assert (low <= middle).all()
    assert (middle <= high).all()
    single = relu["size_at"][OFF, PLAIN, :, :, -1]  # (shown, repeats)
    shown = [GAINS.index(gain) for gain in SHOWN_GAINS]
    np.testing.assert_allclose(low[OFF, PLAIN][shown, -1], single.min(axis=-1))


def test_a_sigmoid_keeps_its_size_and_loses_its_spread() -> None:
    arrays = run("sigmoid")
    deep = arrays["size"][OFF, PLAIN, ONE, -1, 1]
    assert 10**deep == pytest.approx(0.53, abs=0.08)
    np.testing.assert_allclose(
        arrays["alike"][OFF, PLAIN, ONE, -1], np.log10(ALIKE_FLOOR)
    )
    assert arrays["alike"][BATCH].min() > -1e-6
