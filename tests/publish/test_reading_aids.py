"""What helps while reading: sources beside their citations, the place on the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from ht_sim import colours

STATIC = Path(__file__).resolve().parents[2] / "templates" / "static"
SECTION = '<h2 id="{0}">{0}</h2><div class="room">text of {0}</div>'
PAGE = """<!doctype html>
<title>aids</title>
<link rel="stylesheet" href="page.css">
<script src="site.js"></script>
<nav class="contents"><a href="#one">one</a> <a href="#two">two</a></nav>
<p>Said <span class="citation">(<a href="references.html#ref-ba2016">Ba 2016</a>)</span>
and <span class="citation">(<a href="references.html#ref-lost">Lost</a>)</span>.</p>
{sections}
<ul class="references"><li id="source-ba2016">J. L. Ba (2016). <a href="x">A link</a>
<span class="places">Here for §3.</span></li></ul>
"""
STYLE = ".room { height: 1500px } .preview { position: absolute }"


@pytest.fixture
def opened(tmp_path: Path, browser: Browser) -> Iterator[Page]:
    """A page with two citations and two long sections."""
    sections = SECTION.format("one") + SECTION.format("two")
    (tmp_path / "page.html").write_text(PAGE.replace("{sections}", sections))
    (tmp_path / "page.css").write_text(colours.css_tokens() + STYLE)
    (tmp_path / "site.js").write_bytes((STATIC / "site.js").read_bytes())
    context = browser.new_context(viewport={"width": 600, "height": 600})
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    yield page
    context.close()


def test_a_citation_shows_its_source_when_pointed_at(opened: Page) -> None:
    note = opened.get_by_role("tooltip")
    opened.get_by_text("Ba 2016").hover()
    expect(note).to_contain_text("J. L. Ba (2016)")
    expect(note).to_contain_text("Here for §3")
    note.get_by_text("A link").hover()
    opened.wait_for_timeout(500)
    expect(note).to_be_visible()  # it may be pointed at
    opened.mouse.move(590, 590)
    expect(note).to_have_count(0)


def test_a_citation_shows_its_source_to_the_keyboard(opened: Page) -> None:
    link, note = opened.get_by_text("Ba 2016"), opened.get_by_role("tooltip")
    link.focus()
    expect(note).to_contain_text("J. L. Ba (2016)")
    assert link.get_attribute("aria-describedby") == note.get_attribute("id")
    opened.keyboard.press("Escape")
    expect(note).to_have_count(0)
    link.blur()
    opened.get_by_text("Lost").focus()
    expect(note).to_have_count(0)  # the page's list does not have it


def test_the_source_stays_within_a_narrow_window(opened: Page) -> None:
    opened.set_viewport_size({"width": 320, "height": 600})
    opened.get_by_text("Ba 2016").focus()
    box = opened.get_by_role("tooltip").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320


def test_the_contents_mark_the_section_that_is_read(opened: Page) -> None:
    current = opened.locator(".contents [aria-current]")
    opened.get_by_role("heading", name="one").scroll_into_view_if_needed()
    opened.evaluate("document.getElementById('one').scrollIntoView()")
    expect(current).to_have_text("one")
    opened.evaluate("document.getElementById('two').scrollIntoView()")
    expect(current).to_have_text("two")
    opened.evaluate("document.getElementById('one').scrollIntoView()")
    expect(current).to_have_text("one")
