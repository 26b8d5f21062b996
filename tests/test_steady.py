"""Nothing moves by itself: what scripts bring out has its place from the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

PLACES = """() => ["main", "h1", ".tools", ".seek", ".theme", ".masthead nav",
  ".figure", ".frame svg", ".controls", ".controls > *", "figcaption"].map((name) => {
    const element = document.querySelector(name);
    const { x, y, width } = element ? element.getBoundingClientRect() : {};
    return [name, x, y, width];
  })"""
FIRST = f"""addEventListener("DOMContentLoaded", () => {{
  window.first = ({PLACES})();
}}, true)"""  # before the site's own script has heard of it
HINTS = """() => [...document.querySelectorAll(".frame")].map((frame) => [
  frame.scrollWidth > frame.clientWidth,
  getComputedStyle(frame, "::before").content !== "none"])"""


@pytest.mark.parametrize("width", [320, 412, 768, 1280])
@pytest.mark.parametrize("name", ["index.html", "dropout.html", "drift.html"])
def test_nothing_moves_when_the_script_comes_alive(
    site: Path, page: Page, name: str, width: int
) -> None:
    page.add_init_script(FIRST)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((site / name).as_uri())
    page.wait_for_selector(".seek:not([hidden])")
    page.wait_for_timeout(300)
    first: list[Any] = page.evaluate("window.first")
    assert page.evaluate(PLACES) == first
    assert len([place for place in first if place[1] is not None]) > 8


@pytest.mark.parametrize("width", [320, 470, 700, 1280])
def test_a_frame_says_that_it_scrolls_exactly_when_it_does(
    site: Path, page: Page, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((site / "dropout.html").as_uri())
    hints = page.evaluate(HINTS)
    assert len(hints) == 10
    assert [scrolls for scrolls, _ in hints] == [says for _, says in hints]


def test_the_first_screens_type_is_there_before_anything_is_drawn(
    site: Path, page: Page
) -> None:
    page.route("**/*.woff2", lambda route: route.abort())
    page.goto((site / "index.html").as_uri())
    ready = page.evaluate(
        """["Holding Title", "Holding Serif", "Holding Sans", "600 1em 'Holding Sans'"]
        .map((name) => document.fonts.check(name.includes("1em") ? name
          : `1em "${name}"`))"""
    )
    assert ready == [True] * 4
