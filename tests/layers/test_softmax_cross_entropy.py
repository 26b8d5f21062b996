from __future__ import annotations

import math

import numpy as np
import pytest

from ht_sim.layers.softmax_cross_entropy import (
    log_softmax,
    softmax_cross_entropy_backward,
    softmax_cross_entropy_forward,
)
from tests.gradcheck import check_gradient


def test_loss_and_gradient_by_hand() -> None:
    logits = np.array([[0.0, math.log(3)], [0.0, 0.0]])  # 1/4, 3/4; 1/2, 1/2
    loss, cache = softmax_cross_entropy_forward(logits, np.array([0, 1]))
    assert loss == pytest.approx((math.log(4) + math.log(2)) / 2)
    dlogits = softmax_cross_entropy_backward(np.ones_like(loss), cache)
    np.testing.assert_allclose(dlogits, [[-0.375, 0.375], [0.25, -0.25]], rtol=1e-15)


def test_equal_logits_cost_the_logarithm_of_the_classes() -> None:
    loss, _ = softmax_cross_entropy_forward(np.zeros((3, 10)), np.array([0, 4, 9]))
    assert loss == pytest.approx(math.log(10), rel=1e-15)


def test_a_number_added_to_all_logits_changes_nothing(
    rng: np.random.Generator,
) -> None:
    logits = rng.standard_normal((5, 4))
    np.testing.assert_allclose(
        log_softmax(logits + 100), log_softmax(logits), rtol=1e-12
    )


def test_probabilities_sum_to_one(rng: np.random.Generator) -> None:
    sums = np.exp(log_softmax(rng.standard_normal((2, 5, 4)))).sum(axis=-1)
    np.testing.assert_allclose(sums, 1, rtol=1e-14)


def test_extreme_logits_do_not_overflow() -> None:
    logits = np.array([[1e4, -1e4]])
    loss, cache = softmax_cross_entropy_forward(logits, np.array([1]))
    assert loss == 2e4
    np.testing.assert_array_equal(
        softmax_cross_entropy_backward(np.ones_like(loss), cache), [[1, -1]]
    )


def test_gradient(rng: np.random.Generator) -> None:
    logits, labels = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    loss, cache = softmax_cross_entropy_forward(logits, labels)
    check_gradient(
        lambda moved: float(softmax_cross_entropy_forward(moved, labels)[0]),
        [logits],
        [softmax_cross_entropy_backward(np.ones_like(loss), cache)],
        rng,
    )


def test_a_stack_equals_its_networks_one_by_one(rng: np.random.Generator) -> None:
    logits, labels = rng.standard_normal((3, 6, 4)), rng.integers(0, 4, 6)
    loss, cache = softmax_cross_entropy_forward(logits, labels)
    dloss = np.array([1.0, 2.0, 3.0])
    dlogits = softmax_cross_entropy_backward(dloss, cache)
    for i in range(3):
        alone, cache_alone = softmax_cross_entropy_forward(logits[i], labels)
        np.testing.assert_allclose(loss[i], alone, rtol=1e-14)
        np.testing.assert_allclose(
            dlogits[i],
            softmax_cross_entropy_backward(dloss[i], cache_alone),
            rtol=1e-13,
        )


def test_float32_stays_float32() -> None:
    loss, cache = softmax_cross_entropy_forward(
        np.zeros((2, 3), dtype=np.float32), np.array([0, 1])
    )
    assert loss.dtype == np.float32
    dlogits = softmax_cross_entropy_backward(np.ones_like(loss), cache)
    assert dlogits.dtype == np.float32


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_is_no_class_is_refused(label: int) -> None:
    with pytest.raises(ValueError, match=f"labels must be from 0 to 2, got .*{label}"):
        softmax_cross_entropy_forward(np.zeros((2, 3)), np.array([label, label]))


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"labels must be \(..., 2\).*got \(1,\)"):
        softmax_cross_entropy_forward(np.zeros((2, 3)), np.array([0]))
