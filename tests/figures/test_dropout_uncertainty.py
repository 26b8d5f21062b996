"""Labels beside lines keep apart and in order."""

from __future__ import annotations

import numpy as np

from ht_sim.figures.dropout_uncertainty import _apart


def test_labels_that_are_apart_stay() -> None:
    assert _apart([0.3, 0.1, 0.2], 0.05) == [0.3, 0.1, 0.2]


def test_labels_that_touch_move_up_in_their_order() -> None:
    np.testing.assert_allclose(_apart([0.11, 0.1, 0.12], 0.05), [0.15, 0.1, 0.2])
