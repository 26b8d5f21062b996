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


@pytest.mark.parametrize("name", ["Regular", "Semibold"])
def test_the_drawn_fonts_cover_what_is_written(name: str) -> None:
    with TTFont(style.FONTS / f"SourceSans3-{name}.ttf") as font:
        missing = {sign for sign in COMMON if ord(sign) not in font.getBestCmap()}
    assert not missing
