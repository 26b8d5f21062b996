"""The look: colours that can be told apart and read, fonts that cover, equal bytes."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.figure import Figure

from ht_sim import look

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
    return getattr(look.TOKENS[name], theme)


def example() -> Figure:
    figure = look.new_figure(592, 300)
    with look.style():
        axes = look.axes_at(figure, 60, 20, 300, 220)
        rate = np.linspace(0, 0.9, 10)
        axes.plot(rate, rate**2, **look.LINES["layer-norm"])
        look.band(axes, rate, rate**2 - 0.1, rate**2 + 0.1, look.LAYER_NORM)
        look.label_line(axes, 0.9, 0.81, "layer norm", look.LAYER_NORM)
        axes.set(xlabel="drop rate", ylabel="test error, %")
        look.heat_cells(
            look.axes_at(figure, 420, 20, 120, 90),
            np.arange(12).reshape(3, 4),
            (1, 2, 3, 5, 7, 9),
        )
    return figure


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_six_digits(theme: str) -> None:
    for name in look.TOKENS:
        assert re.fullmatch(r"#[0-9a-f]{6}", in_theme(name, theme)), name


def test_no_two_tokens_share_a_light_colour() -> None:
    assert len(look.NAMES) == len(look.TOKENS)
    assert look.NAMES[look.BATCH_NORM] == "batch-norm"
    assert look.DARK[look.BATCH_NORM] == look.TOKENS["batch-norm"].dark


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


def test_named_lines_differ_in_dash_as_well() -> None:
    assert len({str(look.LINES[name]["linestyle"]) for name in LINES}) == 3


def test_css_says_every_token_in_every_theme_with_print_last() -> None:
    css = look.css_tokens()
    for name, token in look.TOKENS.items():
        assert re.findall(rf"--{name}: (\S+);", css) == list(token)
    dark, paper = css.index("prefers-color-scheme: dark"), css.index("@media print")
    assert dark < paper
    assert css.count("{") == css.count("}")


def test_a_unit_of_the_drawing_is_a_css_pixel() -> None:
    figure = example()
    assert 'viewBox="0 0 592 300"' in look.svg(figure)
    assert look.rgb(figure).shape == (300, 592, 3)
    assert look.rgb(figure, 1.5).shape == (450, 888, 3)
    box = figure.axes[0].get_window_extent()
    assert (box.x0, box.y1) == pytest.approx((60, 280))
    assert (box.width, box.height) == pytest.approx((300, 220))


def test_drawings_use_token_colours_alone() -> None:
    assert set(re.findall(r"#[0-9a-f]{6}\b", look.svg(example()))) <= set(look.NAMES)


def test_text_stays_text_or_becomes_outlines() -> None:
    assert ">drop rate</text>" in look.svg(example())
    assert "<text" not in look.svg_paths(example())


def test_equal_figures_are_equal_bytes() -> None:
    for draw in (look.svg, look.svg_paths, look.png):
        assert draw(example()) == draw(example())
    assert np.array_equal(look.rgb(example()), look.rgb(example()))


def test_files_name_no_version_and_no_date() -> None:
    assert not re.search(r"<dc:(date|creator)|Created with", look.svg(example()))
    assert b"Software" not in look.png(example())
    assert mpl.__version__.encode() not in look.png(example())


def test_the_users_settings_do_not_matter() -> None:
    ours = look.svg(example())
    theirs = {"lines.linewidth": 9, "axes.grid": True, "font.size": 30, "svg.id": "x"}
    with mpl.rc_context(theirs):
        assert look.svg(example()) == ours
        assert mpl.rcParams["lines.linewidth"] == 9


def test_a_picture_stands_on_paper() -> None:
    corner = look.rgb(look.new_figure(10, 10))[0, 0]
    assert "#" + bytes(corner).hex() == look.PAPER


def test_the_fonts_are_the_sites_own() -> None:
    for weight, name in (("normal", "Regular"), ("semibold", "Semibold")):
        asked = font_manager.FontProperties(family=look.FAMILY, weight=weight)
        found = font_manager.findfont(asked, fallback_to_default=False)
        assert found == str(look.FONTS / f"SourceSans3-{name}.ttf")


def test_heat_takes_the_hotter_step_on_an_edge() -> None:
    edges = (1, 2, 3, 4, 5, 6)
    assert look.heat([0, 1, 5.9, 6, 99], edges).tolist() == [
        look.HEAT[step] for step in (0, 1, 5, 6, 6)
    ]
    assert look.heat(np.zeros((2, 3)), edges).shape == (2, 3)


@pytest.mark.parametrize("edges", [(1, 2, 3), (1, 2, 3, 4, 6, 5), (1, 1, 2, 3, 4, 5)])
def test_heat_wants_six_rising_edges(edges: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="six rising edges"):
        look.heat([1], edges)


GREEK = "σμγβεληΔΣ"
COMMON = GREEK + "Aaz09 −×±≤≥≈∞√→←·…–—‘’“”§éöü\u00a0\u202f²₁"
PAGE_ONLY = "∇★∝∈"


@pytest.mark.parametrize(
    "name",
    [
        "SourceSans3-Regular.ttf",
        "SourceSans3-Semibold.ttf",
        "sans-regular.woff2",
        "sans-italic.woff2",
        "sans-semibold.woff2",
        "serif-regular.woff2",
        "serif-italic.woff2",
        "serif-semibold.woff2",
    ],
)
def test_text_fonts_cover_what_is_written(name: str) -> None:
    with TTFont(look.FONTS / name) as font:
        missing = {sign for sign in COMMON if ord(sign) not in font.getBestCmap()}
    assert not missing


def test_the_maths_font_covers_and_stretches() -> None:
    with TTFont(look.FONTS / "maths.woff2") as font:
        letters = set(font.getBestCmap())
        stretched = font["MATH"].table.MathVariants.VertGlyphCoverage.glyphs
        brackets = {font.getBestCmap()[ord(sign)] for sign in "()[]{}|√∑∫‖⟨⟩"}
    wanted = GREEK + PAGE_ONLY + "𝑥𝐱𝒙𝔼ℝ𝒩ℒ𝛾𝛽𝜎𝝁𝟏" + "∂∑∏∫‖⊙∥⌈⌋⏟"
    assert {sign for sign in wanted if ord(sign) not in letters} == set()
    assert brackets <= set(stretched)


def test_the_first_view_asks_for_little_type() -> None:
    names = ("serif-display", "serif-regular", "sans-regular", "sans-semibold")
    sizes = [(look.FONTS / f"{name}.woff2").stat().st_size for name in names]
    assert sum(sizes) <= 75_000
