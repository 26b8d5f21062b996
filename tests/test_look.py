"""The look: token colours alone, lengths in CSS pixels, equal bytes."""

from __future__ import annotations

import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from ht_sim import colours, look


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


def test_named_lines_differ_in_dash_as_well() -> None:
    lines = ("batch-norm", "layer-norm", "without")
    assert len({str(look.LINES[name]["linestyle"]) for name in lines}) == 3


def test_a_colour_is_the_one_that_matplotlib_makes_of_it() -> None:
    for light in colours.NAMES:
        assert look.rgba(light).tolist() == list(to_rgba(light))


def test_a_unit_of_the_drawing_is_a_css_pixel() -> None:
    figure = example()
    assert 'viewBox="0 0 592 300"' in look.svg(figure)
    assert look.rgb(figure).shape == (300, 592, 3)
    assert look.rgb(figure, 1.5).shape == (450, 888, 3)
    box = figure.axes[0].get_window_extent()
    assert (box.x0, box.y1) == pytest.approx((60, 280))
    assert (box.width, box.height) == pytest.approx((300, 220))


def test_drawings_use_token_colours_alone() -> None:
    assert set(re.findall(r"#[0-9a-f]{6}\b", look.svg(example()))) <= set(colours.NAMES)


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


def test_a_picture_stands_on_paper() -> None:
    corner = look.rgb(look.new_figure(10, 10))[0, 0]
    assert "#" + bytes(corner).hex() == look.PAPER


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
