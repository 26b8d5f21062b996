"""The figures of the real site in use: their guides, their words, their controls."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ht_sim import figures
from ht_sim.figures import Step
from ht_sim.publish.state_words import address_of
from tests.real_site import figures_by_page

ALL = figures.discover()
GUIDED = [slug for slug, one in ALL.items() if one.steps]
BY_PAGE = figures_by_page()
PAGE_OF = {slug: page for page, slugs in BY_PAGE.items() for slug in slugs}
AFTER = 450  # milliseconds until what was done is spoken


@pytest.fixture
def chapter(site: Path, page: Page, name: str) -> Page:
    """The chapter of that name."""
    page.goto((site / f"{name}.html").as_uri())
    return page


def on_their_pages(slugs: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test for each figure, on a page that shows it."""
    return pytest.mark.parametrize(
        ("name", "slug"), [(PAGE_OF[slug], slug) for slug in slugs]
    )


on_each_page = pytest.mark.parametrize("name", BY_PAGE)
on_dropout = pytest.mark.parametrize("name", ["dropout"])


def near(page: Page, slug: str) -> None:
    """Bring a figure into view and wait for its states."""
    page.locator(f"#{slug}").scroll_into_view_if_needed()
    page.wait_for_function(
        "slug => document.querySelector(`#${slug} .spoken`).textContent", arg=slug
    )


def table(page: Page, slug: str) -> list[str]:
    """Return what the table of a figure says, its caption first."""
    return page.locator(f"#{slug} .numbers :is(caption, td)").all_text_contents()


def reached(page: Page, slug: str, step: Step) -> None:
    """Wait until the state of a step is shown and in the address."""
    page.wait_for_function(
        "end => location.hash === end",
        arg=f"#{slug}:{address_of(ALL[slug], step.state)}",
        timeout=5000,
    )


def picture(page: Page, slug: str) -> str:
    return page.locator(f"#{slug} .frame svg").inner_html()


def test_every_figure_stands_on_a_page() -> None:
    assert PAGE_OF.keys() == ALL.keys()


@on_their_pages(ALL)
def test_every_control_changes_what_is_said_and_what_the_table_holds(
    chapter: Page, slug: str
) -> None:
    near(chapter, slug)
    said = chapter.locator(f"#{slug} .spoken")
    for control in ALL[slug].controls:
        chapter.locator(f"#{slug} [data-reset]").click()
        chapter.wait_for_timeout(AFTER)
        element = chapter.locator(f"#{slug} [data-control={control.name}]")
        before = said.text_content(), table(chapter, slug), picture(chapter, slug)
        if control.kind == "slider":
            at_start = element.input_value() == "0"
            element.press("End" if at_start else "Home")
        elif control.kind == "choice":
            element.locator("input:not(:checked)").first.check()
        else:
            element.click()
        chapter.wait_for_function(
            "([slug, said]) => "
            "document.querySelector(`#${slug} .spoken`).textContent !== said",
            arg=[slug, before[0]],
        )
        chapter.evaluate("() => new Promise(done => requestAnimationFrame(done))")
        after = said.text_content(), table(chapter, slug), picture(chapter, slug)
        same = [a for a, b in zip(before, after, strict=True) if a == b]
        assert same == [], control.name
        if control.kind == "slider":
            text = control.texts[-1 if at_start else 0]
            value = control.values[-1 if at_start else 0]
            if text.replace(",", "").replace(".", "").isdigit():
                said_now = after[0].replace(",", "")
                assert f"{value:g}" in said_now or text in said_now
            assert element.get_attribute("aria-valuetext") == after[0]


@on_their_pages(GUIDED)
def test_every_step_leads_to_its_state_and_leaves_the_controls_free(
    chapter: Page, slug: str
) -> None:
    near(chapter, slug)
    for number, step in enumerate(ALL[slug].steps):
        button = chapter.locator(f"#{slug} [data-step]").nth(number)
        button.click()
        reached(chapter, slug, step)
        assert button.get_attribute("aria-current") == "step"
    shown = table(chapter, slug)
    chapter.locator(f"#{slug} [data-reset]").click()
    chapter.wait_for_timeout(AFTER)
    assert table(chapter, slug) != shown


@on_dropout
def test_a_link_to_a_state_shows_its_numbers(chapter: Page) -> None:
    slug = "dropout-rate"
    near(chapter, slug)
    chapter.locator(f"#{slug} [data-step]").last.click()
    reached(chapter, slug, ALL[slug].steps[-1])
    link = chapter.locator(f"#{slug} .here")
    shown, here = table(chapter, slug), chapter.url.partition("#")[0]
    state = link.get_attribute("href")
    chapter.goto("about:blank")
    chapter.goto(f"{here}{state}")
    near(chapter, slug)
    assert table(chapter, slug) == shown


@on_dropout
def test_the_picture_is_named_by_what_it_shows_now(chapter: Page) -> None:
    slug = "dropout-ridge"
    near(chapter, slug)
    svg = chapter.locator(f"#{slug} .frame svg")
    at_first = svg.get_attribute("aria-labelledby")
    assert at_first == f"{slug}-alt"
    chapter.locator(f"#{slug}-masks").press("End")
    chapter.wait_for_timeout(AFTER)
    name = svg.get_attribute("aria-labelledby")
    assert chapter.locator(f"#{name}").text_content() == chapter.locator(
        f"#{slug}-masks"
    ).get_attribute("aria-valuetext")
    chapter.locator(f"#{slug} [data-reset]").click()
    chapter.wait_for_timeout(AFTER)
    assert svg.get_attribute("aria-labelledby") == at_first


@on_dropout
def test_two_figures_share_the_drop_rate(chapter: Page) -> None:
    near(chapter, "dropout-spread")
    chapter.locator("#dropout-passes-rate").press("Home")
    chapter.wait_for_timeout(AFTER)
    assert chapter.locator("output[for=dropout-spread-rate]").inner_text() == "0.00"
    assert table(chapter, "dropout-spread")[0] == "512 units, drop rate 0.00"
    alone = f"{ALL['dropout-forms'].default['rate']:.1f}"
    assert chapter.locator("output[for=dropout-forms-rate]").inner_text() == alone


USED = "button, input, summary, .here"


@on_each_page
def test_what_is_used_is_named_large_enough_and_shows_its_focus(
    chapter: Page, name: str
) -> None:
    for slug in BY_PAGE[name]:
        near(chapter, slug)
        for element in chapter.locator(f"#{slug} :is({USED})").all():
            if not element.is_visible():
                continue
            words = element.evaluate(
                "e => (e.labels?.length ? e.labels[0] : e).textContent.trim()"
            )
            box = element.bounding_box()
            assert words, slug
            kind = element.get_attribute("type")
            is_box = kind in ("checkbox", "radio")  # its label is used
            target = element.locator("xpath=..").bounding_box() if is_box else box
            assert target is not None
            assert min(target["width"], target["height"]) >= 24, (slug, words)
            if kind == "radio" and not element.is_checked():
                continue  # the keyboard comes to the one that is checked
            element.focus()
            chapter.keyboard.press("Shift+Tab")
            chapter.keyboard.press("Tab")
            ring = element.evaluate(
                """e => parseFloat(getComputedStyle(e, e.type === "range"
                    ? "::-webkit-slider-thumb" : null).outlineWidth)"""
            )
            assert ring >= 2, (slug, words)


@on_dropout
def test_the_keyboard_goes_through_a_figure_and_out_of_it(chapter: Page) -> None:
    chapter.locator("#dropout-passes-rate").focus()
    seen = []
    while len(seen) < 20:
        seen.append(
            chapter.evaluate("document.activeElement.closest('figure')?.id || 'out'")
        )
        chapter.keyboard.press("Tab")
    inside = len(ALL["dropout-passes"].steps) + 4  # slider, button, reset, link
    assert seen[:inside] == ["dropout-passes"] * inside
    assert "out" in seen


@on_each_page
@pytest.mark.parametrize("media", ["screen", "print"])
def test_without_scripts_the_steps_are_sentences_and_the_table_stands(
    site: Path, browser: Browser, media: str, name: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.emulate_media(media=media)  # type: ignore[arg-type]
    page.goto((site / f"{name}.html").as_uri())
    for slug in BY_PAGE[name]:
        figure = page.locator(f"#{slug}")
        assert not figure.locator("button:visible, input:visible").count()
        states = [step.state for step in ALL[slug].steps]
        shown = [one for one in states if media == "screen" or one in ALL[slug].printed]
        assert figure.locator(".steps li:visible").count() == len(shown)
        assert figure.locator(".numbers").is_visible() == (media == "screen")
        assert all(len(value) > 0 for value in table(page, slug))
    context.close()
