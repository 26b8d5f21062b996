"""A state in words, for captions, addresses and tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ht_sim.figures import Control, button, choice, slider
from ht_sim.publish.state_words import address_of, columns, name_of
from tests.mini.mini.figures.walk import EXHIBIT

CONTROLS = (
    slider("rate", "drop rate", (0.0, 0.5), ".2f"),
    button("pass", "another pass", 2),
    Control("norm", "toggle", "batch norm", "", (0.0, 1.0), ("20 % & off", "1,000")),
    choice("unit", "nonlinearity", (0, 1), ("ReLU", "tanh")),
)
THREE = replace(EXHIBIT, controls=CONTROLS)


@pytest.mark.parametrize(
    ("norm", "name", "address"),
    [
        (0.0, "drop rate 0.50, pass 1, 20 % & off, tanh", "norm=20+%25+%26+off"),
        (1.0, "drop rate 0.50, pass 1, 1,000, tanh", "norm=1%2C000"),
    ],
)
def test_a_state_has_a_name_and_an_address(
    norm: float, name: str, address: str
) -> None:
    state = {"rate": 0.5, "pass": 1.0, "norm": norm, "unit": 1.0}
    assert name_of(THREE, state) == name
    assert address_of(THREE, state) == f"rate=0.50&pass=1&{address}&unit=tanh"


def test_only_numbers_have_the_name_of_their_slider_before_them() -> None:
    norm = Control("norm", "slider", "norm", "", (0.0, 1.0), ("no norm", "layer norm"))
    gain = Control("gain", "slider", "gain", "", (0.0, 1.0), ("1 (Xavier)", "2"))
    exhibit = replace(EXHIBIT, controls=(norm, gain))
    assert name_of(exhibit, {"norm": 1.0, "gain": 0.0}) == "layer norm, gain 1 (Xavier)"


def test_a_table_has_a_column_of_names_and_one_for_each_row() -> None:
    assert EXHIBIT.numbers is not None
    rows = [EXHIBIT.numbers({}, state) for state in EXHIBIT.states()]
    assert columns(EXHIBIT, rows) == [
        ["steps 10", "steps 100", "steps 1,000"],
        ["10", "100", "1000"],
    ]
    assert columns(EXHIBIT, []) == []
