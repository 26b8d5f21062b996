from __future__ import annotations

import numpy as np
import pytest

pytest_plugins = ["tests.browser", "tests.real_site"]


@pytest.fixture
def rng() -> np.random.Generator:
    """The same random numbers for every test, whatever ran before it."""
    return np.random.default_rng(2014)
