"""The colours can be told apart, and words in them can be read."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import numpy as np
import pytest

from ht_sim import colours

THEMES = ("light", "dark", "print")
TEXT = ("ink", "muted", "batch-norm", "layer-norm-text", "without", "control")
GRAPHICS = ("dropped", "layer-norm", *TEXT)
LINES = ("batch-norm", "layer-norm", "without")

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
COLOUR_BLIND = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
XYZ = np.array(
    (
        (0.4124564, 0.3575761, 0.1804375),
        (0.2126729, 0.7151522, 0.0721750),
        (0.0193339, 0.1191920, 0.9503041),
    )
)


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a hex colour."""
    sample = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(
        sample <= 0.04045, sample / 12.92, ((sample + 0.055) / 1.055) ** 2.4
    )


def luminance(colour: str) -> float:
    return float(XYZ[1] @ linear(colour))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    ratio = XYZ @ np.clip(rgb, 0, 1) / XYZ.sum(axis=1)
    f = np.where(
        ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29
    )
    return np.array((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


def in_theme(name: str, theme: str) -> str:
    return getattr(colours.TOKENS[name], theme)


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_six_digits(theme: str) -> None:
    for name in colours.TOKENS:
        assert re.fullmatch(r"#[0-9a-f]{6}", in_theme(name, theme)), name


def test_no_two_tokens_share_a_light_colour() -> None:
    assert len(colours.NAMES) == len(colours.TOKENS)
    assert colours.NAMES[colours.BATCH_NORM] == "batch-norm"
    assert colours.DARK[colours.BATCH_NORM] == colours.TOKENS["batch-norm"].dark


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "surface"])
@pytest.mark.parametrize("name", TEXT)
def test_words_can_be_read(name: str, ground: str, theme: str) -> None:
    assert contrast(in_theme(name, theme), in_theme(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", GRAPHICS)
def test_lines_can_be_seen(name: str, theme: str) -> None:
    assert contrast(in_theme(name, theme), in_theme("paper", theme)) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_heat_moves_steadily_away_from_paper(theme: str) -> None:
    paper = in_theme("paper", theme)
    steps = [contrast(in_theme(f"heat-{step}", theme), paper) for step in range(7)]
    assert all(hot > 1.15 * cool for cool, hot in pairwise(steps))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", COLOUR_BLIND)
def test_named_lines_stay_apart_for_the_colour_blind(kind: str, theme: str) -> None:
    matrix = np.array(COLOUR_BLIND[kind])
    for one, other in combinations(LINES, 2):
        seen = [lab(matrix @ linear(in_theme(name, theme))) for name in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) >= 24, (one, other)


def test_css_says_every_token_in_every_theme_with_print_last() -> None:
    css = colours.css_tokens()
    for name, token in colours.TOKENS.items():
        found = re.findall(rf"--{name}: (\S+);", css)
        assert found == [token.light, token.dark, token.dark, token.print]
    dark, paper = css.index("prefers-color-scheme: dark"), css.index("@media print")
    assert dark < paper
    assert css.count("{") == css.count("}")
