from __future__ import annotations

import math

import numpy as np

from ht_sim.parameters import flattened, initialise, stacked, with_norms

SIZES = (5, 7, 6, 3)


def test_initial_weights_have_the_variance_of_he(rng: np.random.Generator) -> None:
    (weights, bias), (last, _) = initialise((200, 300, 50), rng)
    for drawn, variance in ((weights, 2 / 200), (last, 2 / 300)):
        standard_error = variance * math.sqrt(2 / drawn.size)
        assert abs(drawn.var(ddof=0) - variance) < 5 * standard_error
    np.testing.assert_array_equal(bias, np.zeros(300))


def test_the_gain_scales_the_same_draws() -> None:
    he = initialise(SIZES, np.random.default_rng(1))
    doubled = initialise(SIZES, np.random.default_rng(1), gain=2 * math.sqrt(2))
    for (weights, _), (twice, _) in zip(he, doubled, strict=True):
        np.testing.assert_allclose(twice, 2 * weights, rtol=1e-15)


def test_a_flat_array_holds_each_network_in_a_row(rng: np.random.Generator) -> None:
    networks = [initialise(SIZES, rng) for _ in range(3)]
    flat, views = flattened(stacked(networks))
    assert flat.shape == (3, 5 * 7 + 7 + 7 * 6 + 6 + 6 * 3 + 3)
    for i, network in enumerate(networks):
        row = np.concatenate([value.ravel() for layer in network for value in layer])
        np.testing.assert_array_equal(flat[i], row)
    flat[1] += 1
    for layer, one, other in zip(views, networks[1], networks[2], strict=True):
        for view, moved, still in zip(layer, one, other, strict=True):
            np.testing.assert_array_equal(view[1], moved + 1)
            np.testing.assert_array_equal(view[2], still)


def test_flattening_copies(rng: np.random.Generator) -> None:
    parameters = stacked([initialise(SIZES, rng)])
    flat, _ = flattened(parameters)
    flat[:] = 0
    assert (parameters[0][0] != 0).all()


def test_a_stack_takes_its_type(rng: np.random.Generator) -> None:
    for weights, bias in stacked([initialise(SIZES, rng)], np.float32):
        assert weights.dtype == bias.dtype == np.float32


def test_norms_start_as_they_leave_things(rng: np.random.Generator) -> None:
    parameters = with_norms(initialise(SIZES, rng))
    assert [len(layer) for layer in parameters] == [4, 4, 2]
    for _, bias, scale, shift in parameters[:-1]:
        np.testing.assert_array_equal(scale, np.ones_like(bias))
        np.testing.assert_array_equal(shift, np.zeros_like(bias))


def test_norms_are_stacked_and_flattened_with_their_layers(
    rng: np.random.Generator,
) -> None:
    networks = [with_norms(initialise(SIZES, rng)) for _ in range(2)]
    flat, views = flattened(stacked(networks, np.float32))
    assert flat.dtype == np.float32
    assert flat.shape == (2, 5 * 7 + 3 * 7 + 7 * 6 + 3 * 6 + 6 * 3 + 3)
    flat[1] = 7
    assert [value.shape for value in views[0]] == [(2, 5, 7), (2, 7), (2, 7), (2, 7)]
    assert all((value[1] == 7).all() for layer in views for value in layer)
    assert (views[0][2][0] == 1).all()
