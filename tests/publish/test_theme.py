"""The theme is the system's, unless the reader has chosen; paper is always white."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ht_sim import colours

STATIC = Path(__file__).resolve().parents[2] / "templates" / "static"
PAGE = """<!doctype html>
<title>theme</title>
<link rel="stylesheet" href="page.css">
<script src="site.js"></script>
<button class="theme" type="button" hidden>theme</button>
"""
PAPER = colours.TOKENS["paper"]


@pytest.fixture
def opened(tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """A page with nothing but the switch, where the system is dark."""
    (tmp_path / "page.html").write_text(PAGE)
    style = "body { background: var(--paper); }"
    (tmp_path / "page.css").write_text(colours.css_tokens() + style)
    (tmp_path / "site.js").write_bytes((STATIC / "site.js").read_bytes())
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    yield page
    context.close()


def paper(page: Page) -> str:
    """The colour of the ground, as the browser sees it."""
    red, green, blue = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)"
    )
    return f"#{red:02x}{green:02x}{blue:02x}"


def test_the_switch_goes_round_and_is_remembered(opened: Page) -> None:
    switch = opened.locator(".theme")
    seen = []
    for _ in range(4):
        seen.append((switch.inner_text(), paper(opened)))
        switch.click()
    assert seen == [
        ("theme: system", PAPER.dark),
        ("theme: light", PAPER.light),
        ("theme: dark", PAPER.dark),
        ("theme: system", PAPER.dark),
    ]
    opened.reload()
    assert (switch.inner_text(), paper(opened)) == ("theme: light", PAPER.light)


def test_dark_may_be_chosen_by_day(opened: Page) -> None:
    opened.emulate_media(color_scheme="light")
    assert paper(opened) == PAPER.light
    for _ in range(2):
        opened.locator(".theme").click()
    assert paper(opened) == PAPER.dark
    opened.reload()
    assert paper(opened) == PAPER.dark


def test_a_theme_is_there_before_anything_is_drawn(opened: Page) -> None:
    opened.locator(".theme").click()
    opened.evaluate("window.stop()")
    opened.add_init_script(
        "document.addEventListener('readystatechange', () => {"
        "window.early ??= document.documentElement.dataset.theme + ' '"
        " + (document.body ? document.readyState : 'no body'); });"
    )
    opened.reload()
    assert opened.evaluate("window.early") == "light interactive"


@pytest.mark.parametrize("clicks", [0, 1, 2])
def test_paper_is_white_whatever_was_chosen(opened: Page, clicks: int) -> None:
    for _ in range(clicks):
        opened.locator(".theme").click()
    opened.emulate_media(media="print", color_scheme="dark")
    assert paper(opened) == PAPER.print


def test_without_scripts_there_is_no_switch(opened: Page, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(opened.url)
    assert not page.locator(".theme").is_visible()
    context.close()
