"""Places on an axis are exact, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.arrays import index_of

RATES = np.array([0.1, 0.3, 0.5])


def test_a_value_is_found_where_it_stands() -> None:
    assert [index_of(RATES, value) for value in (0.1, 0.3, 0.5)] == [0, 1, 2]
    assert index_of(np.array([32, 512]), 512.0) == 1


@pytest.mark.parametrize("value", [0.4, 0.1 + 0.2, -0.1, np.nan])
def test_a_near_value_never_stands_in(value: float) -> None:
    said = rf"^{float(value)} is not on the axis; it has 0\.1, 0\.3, 0\.5$"
    with pytest.raises(LookupError, match=said):
        index_of(RATES, value)


def test_a_value_that_stands_twice_has_no_place() -> None:
    with pytest.raises(LookupError, match="twice or more on the axis"):
        index_of(np.array([1.0, 2.0, 1.0]), 1.0)
