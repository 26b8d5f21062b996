"""The real site, built once, as its readers meet it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from playwright.sync_api import Browser, Page

from ht_sim.style import TEXT_SIZE

PAGES = ["index", "dropout", "method", "references"]
FIRST = "dropout-passes"


@pytest.fixture
def opened(page: Page) -> Iterator[Page]:
    """A page of which nothing may fail and nothing may be sent anywhere."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith("file:") else wrong.append(request.url)
        ),
    )
    page.on("requestfailed", lambda request: wrong.append(request.url))
    yield page
    assert wrong == []


def address(site: Path, slug: str, place: str = "") -> str:
    """Return the address of a page on disk."""
    return (site / f"{slug}.html").as_uri() + place


def settled(page: Page) -> None:
    """Wait until the script has drawn and spoken."""
    page.wait_for_timeout(450)


@pytest.mark.parametrize("slug", [*PAGES, "404"])
def test_pages_are_valid_html_without_inline_code(site: Path, slug: str) -> None:
    text = (site / f"{slug}.html").read_text(encoding="utf-8")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(text)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert "style" not in element.attrib, element.tag
        assert not [name for name in element.attrib if str(name).startswith("on")]
        assert element.tag != "style"
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert sorted(set(ids)) == sorted(ids)
    assert re.findall(r'(?:src|srcset)="https?:', text) == []


@pytest.mark.parametrize("slug", PAGES)
def test_every_link_and_file_is_there(site: Path, slug: str) -> None:
    text = (site / f"{slug}.html").read_text(encoding="utf-8")
    links = re.findall(r'(?:href|src|srcset|data-src|data-gif)="([^"]*)"', text)
    for link in links:
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = site / (path or f"{slug}.html")
        assert target.is_file(), link
        if anchor and target.suffix == ".html":
            assert f' id="{anchor}"' in target.read_text(encoding="utf-8"), link


@pytest.mark.parametrize("slug", [*PAGES, "404"])
def test_from_disk_nothing_fails_and_nothing_is_sent(
    site: Path, opened: Page, slug: str
) -> None:
    opened.goto(address(site, slug))
    opened.evaluate("scrollTo(0, document.body.scrollHeight)")
    settled(opened)
    assert opened.title()
    assert opened.evaluate("document.fonts.size") > 0
    assert opened.evaluate("document.documentElement.classList.contains('js')")


def kept(page: Page) -> int:
    """Count the edges of the first figure that can be seen."""
    return page.evaluate(
        f"""document.querySelectorAll(
        '#{FIRST} .frame path[stroke][stroke-opacity]').length"""
    )


def test_the_slider_the_button_and_the_keyboard_move_the_figure(
    site: Path, opened: Page
) -> None:
    opened.goto(address(site, "index"))
    slider = opened.locator(f"#{FIRST}-rate")
    button = opened.locator(f"#{FIRST} [data-control=pass]")
    edges = kept(opened)
    slider.focus()
    opened.keyboard.press("End")
    settled(opened)
    assert kept(opened) < edges / 4
    assert opened.locator(f"output[for={FIRST}-rate]").inner_text() == "0.90"
    assert "drop rate 0.9, pass 3" in (slider.get_attribute("aria-valuetext") or "")
    opened.keyboard.press("Home")
    settled(opened)
    assert kept(opened) > 1.5 * edges
    assert "another pass · 3 of 8" in button.inner_text()
    button.click()
    settled(opened)
    assert "another pass · 4 of 8" in button.inner_text()
    assert opened.url.endswith(f"#{FIRST}:rate=0.00&pass=4")
    opened.locator(f"#{FIRST} [data-reset]").click()
    settled(opened)
    assert kept(opened) == edges


def test_a_value_may_be_named_by_its_number(site: Path, opened: Page) -> None:
    opened.goto(address(site, "index", f"#{FIRST}:rate=0.9&pass=4"))
    settled(opened)
    assert opened.locator(f"output[for={FIRST}-rate]").inner_text() == "0.90"
    opened.goto(address(site, "index", f"#{FIRST}:rate=&pass=none"))
    settled(opened)
    assert opened.locator(f"output[for={FIRST}-rate]").inner_text() == "0.30"


def test_a_link_leads_to_its_state(site: Path, opened: Page) -> None:
    opened.goto(address(site, "dropout", "#dropout-ridge:rate=0.9&masks=1,000"))
    settled(opened)
    shown = opened.locator("output[for=dropout-ridge-masks]").inner_text()
    assert shown == "1,000"
    box = opened.locator("#dropout-ridge").bounding_box()
    assert box is not None
    assert box["y"] < 700


@pytest.mark.parametrize("slug", ["index", "dropout", "drift"])
def test_without_scripts_strips_stand_and_no_control_is_dead(
    site: Path, browser: Browser, slug: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address(site, slug))
    for figure in page.locator("figure[data-explorable]").all():
        stills = figure.locator(".strip img:visible")
        assert stills.count() >= 2
        assert not figure.locator(".controls").is_visible()
        assert not figure.locator(".frame").is_visible()
    context.close()


@pytest.mark.parametrize("slug", ["index", "dropout", "drift"])
def test_paper_shows_strips_and_no_control(site: Path, opened: Page, slug: str) -> None:
    opened.emulate_media(media="print", color_scheme="dark")
    opened.goto(address(site, slug))
    settled(opened)
    for figure in opened.locator("figure[data-explorable]").all():
        assert figure.locator(".strip img:visible").count() >= 2
        assert not figure.locator(".controls").is_visible()
    paper = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert opened.pdf(format="A4")[:5] == b"%PDF-"


@pytest.mark.parametrize("width", [320, 768, 1280, 1440])
@pytest.mark.parametrize("slug", PAGES)
def test_no_page_scrolls_sideways(
    site: Path, opened: Page, slug: str, width: int
) -> None:
    opened.set_viewport_size({"width": width, "height": 800})
    opened.goto(address(site, slug))
    settled(opened)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize(
    ("slug", "least"), [("index", 2), ("dropout", 10), ("drift", 4)]
)
def test_figure_text_is_legible_on_every_screen(
    site: Path, opened: Page, slug: str, least: int, width: int
) -> None:
    opened.set_viewport_size({"width": width, "height": 800})
    opened.goto(address(site, slug))
    for figure in opened.locator("figure").all():
        figure.scroll_into_view_if_needed()  # which is when it comes
        figure.locator("svg text").first.wait_for(state="attached")
    settled(opened)
    figures = opened.evaluate(
        """[...document.querySelectorAll('.frame')].map(frame => [
        frame.scrollWidth > frame.clientWidth, frame.tabIndex === 0,
        frame.getAttribute('role'), frame.getAttribute('aria-label'),
        Math.min(...[...frame.querySelectorAll('svg text')].map(text =>
          parseFloat(getComputedStyle(text).fontSize)
          * text.ownerSVGElement.getScreenCTM().a))])"""
    )
    assert len(figures) >= least
    for number, (scrolls, takes_focus, role, label, smallest) in enumerate(figures, 1):
        assert smallest >= 10, label
        assert takes_focus == scrolls, label
        assert (role, label) == ("group", f"Figure {number}")


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize(
    ("slug", "least"), [("index", 4), ("dropout", 20), ("drift", 8)]
)
def test_strips_are_legible_without_scripts(
    site: Path, browser: Browser, slug: str, least: int, width: int
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": width, "height": 800}
    )
    page = context.new_page()
    page.goto(address(site, slug))
    stills = page.locator(".strip img:visible").all()
    assert len(stills) >= least
    for still in stills:
        box, native = still.bounding_box(), still.get_attribute("width")
        assert box is not None
        assert native is not None
        assert TEXT_SIZE * box["width"] / float(native) >= 10
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
