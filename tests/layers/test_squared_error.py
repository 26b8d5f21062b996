from __future__ import annotations

import numpy as np
import pytest

from ht_sim.layers.squared_error import squared_error_backward, squared_error_forward
from tests.gradcheck import check_gradient


def test_by_hand() -> None:
    loss, cache = squared_error_forward(
        np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    )
    assert loss == (4 + 9 + 16) / 2 / 2
    np.testing.assert_array_equal(
        squared_error_backward(np.ones_like(loss), cache), [[0, 1], [1.5, 2]]
    )


def test_gradient(rng: np.random.Generator) -> None:
    outputs, targets = rng.standard_normal((4, 3)), rng.standard_normal((4, 3))
    loss, cache = squared_error_forward(outputs, targets)
    check_gradient(
        lambda moved: float(squared_error_forward(moved, targets)[0]),
        [outputs],
        [squared_error_backward(np.ones_like(loss), cache)],
        rng,
    )


def test_each_network_of_a_stack_has_its_loss(rng: np.random.Generator) -> None:
    outputs, targets = rng.standard_normal((2, 5, 4, 3)), rng.standard_normal((4, 3))
    losses, cache = squared_error_forward(outputs, targets)
    assert losses.shape == (2, 5)
    alone, _ = squared_error_forward(outputs[1, 2], targets)
    np.testing.assert_allclose(losses[1, 2], alone, rtol=1e-14)
    doutputs = squared_error_backward(np.ones_like(losses), cache)
    assert doutputs.shape == outputs.shape


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"targets must be \(..., 4, 3\) for outputs"):
        squared_error_forward(np.zeros((4, 3)), np.zeros((4, 1)))
