"""Names of lines touch no line, no band and not each other."""

from __future__ import annotations

import numpy as np
import pytest

from ht_sim.figures._dropout_names import GAP, HALF, Curve, places

BOX = 316.0, 246.0
WIDTHS = {"test": 80.0, "train": 104.0}


def curve(rng: np.random.Generator, start: float, end: float, half: float) -> Curve:
    """A wavy line with a band, from one height to another."""
    middle = np.linspace(start, end, 10) + rng.normal(size=10) * 3
    return Curve(np.linspace(0, 300, 10), middle - half, middle, middle + half)


@pytest.mark.parametrize("ends", [(60, 60), (180, 40), (30, 200), (120, 900)])
def test_names_are_clear_of_bands_and_of_each_other(
    rng: np.random.Generator, ends: tuple[float, float]
) -> None:
    curves = {"test": curve(rng, 120, 100, 20), "train": curve(rng, *ends, 10)}
    found = places(curves, WIDTHS, BOX)
    for name, (left, middle) in found.items():
        x = np.linspace(left, left + WIDTHS[name])
        for one in curves.values():
            clear = np.abs(middle - one.at("middle", x))
            assert (clear > HALF + (one.high - one.middle)[0]).all()
        assert left > 0
        assert left + WIDTHS[name] < BOX[0]
    (left, middle), (other, below) = found["test"], found["train"]
    apart = left + 80 + GAP < other or other + 104 + GAP < left
    assert apart or abs(middle - below) >= 2 * HALF


def test_a_name_stands_beside_its_own_line(rng: np.random.Generator) -> None:
    curves = {"test": curve(rng, 60, 60, 10), "train": curve(rng, 160, 160, 10)}
    for pair in (curves, dict(zip(curves, reversed(curves.values()), strict=True))):
        for name, (left, middle) in places(pair, WIDTHS, BOX).items():
            centre = np.array([left + WIDTHS[name] / 2])
            gaps = {
                other: float(abs(middle - one.at("middle", centre)[0]))
                for other, one in pair.items()
            }
            assert min(gaps, key=lambda other: gaps[other]) == name


def test_without_room_between_two_lines_a_name_stands_beyond(
    rng: np.random.Generator,
) -> None:
    curves = {"test": curve(rng, 30, 30, 5), "train": curve(rng, 8, 8, 2)}
    found = places(curves, WIDTHS, BOX)
    assert found["train"][1] > 30
    assert found["test"][1] > 30
