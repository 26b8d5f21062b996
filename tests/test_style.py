"""The settings are the site's own, and its typefaces cover what is written."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from ht_sim import look, style


def drawn() -> str:
    figure = look.new_figure(200, 100)
    with style.style():
        axes = look.axes_at(figure, 40, 20, 140, 50)
        axes.plot([0, 1], [0, 1])
        axes.set_xlabel("drop rate")
    return look.svg(figure)


def test_the_users_settings_do_not_matter() -> None:
    ours = drawn()
    theirs = {"lines.linewidth": 9, "axes.grid": True, "font.size": 30, "svg.id": "x"}
    with mpl.rc_context(theirs):
        assert drawn() == ours
        assert mpl.rcParams["lines.linewidth"] == 9


def test_the_fonts_are_the_sites_own() -> None:
    for weight, name in (("normal", "Regular"), ("semibold", "Semibold")):
        asked = font_manager.FontProperties(family=style.FAMILY, weight=weight)
        with style.style():
            found = font_manager.findfont(asked, fallback_to_default=False)
        assert found == str(style.FONTS / f"SourceSans3-{name}.ttf")


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
    with TTFont(style.FONTS / name) as font:
        missing = {sign for sign in COMMON if ord(sign) not in font.getBestCmap()}
    assert not missing


def test_the_maths_font_covers_and_stretches() -> None:
    with TTFont(style.FONTS / "maths.woff2") as font:
        letters = set(font.getBestCmap())
        stretched = font["MATH"].table.MathVariants.VertGlyphCoverage.glyphs
        brackets = {font.getBestCmap()[ord(sign)] for sign in "()[]{}|√∑∫‖⟨⟩"}
    wanted = GREEK + PAGE_ONLY + "𝑥𝐱𝒙𝔼ℝ𝒩ℒ𝛾𝛽𝜎𝝁𝟏" + "∂∑∏∫‖⊙∥⌈⌋⏟"
    assert {sign for sign in wanted if ord(sign) not in letters} == set()
    assert brackets <= set(stretched)


def test_the_first_view_asks_for_little_type() -> None:
    names = ("serif-display", "serif-regular", "sans-regular", "sans-semibold")
    sizes = [(style.FONTS / f"{name}.woff2").stat().st_size for name in names]
    assert sum(sizes) <= 75_000
