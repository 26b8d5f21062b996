from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from ht_sim import colours
from ht_sim.publish.explorable import encode
from tests.publish.drawings import Shown, document, write_page

RATES = ["0", "0.15", "0.3", "0.5"]
PASSES = ["1", "2", "3"]
CONTROLS = [
    ("slider", "rate", RATES),
    ("button", "pass", PASSES),
    ("toggle", "bn", ["off", "on"]),
]
CHOICE = [CONTROLS[0], ("choice", "pass", PASSES), CONTROLS[2]]
TICK = '<g id="xtick_{0}"><text y="9">{0}</text></g>'


def frame(rate: int, number: int, norm: int) -> str:
    """Draw a state that shows every kind of change."""
    ring = "stroke-dasharray: 2,2;" if norm else ""
    ticks = "".join(TICK.format(i) for i in range(1, rate + 2))
    return document(
        f'<path d="M 0 {rate} L 9 {rate + 1} L 12 3" id="line"/>'.replace(
            "/>", ' style="fill: none; stroke: #1257b0"/>'
        )
        + f'<rect class="x" y="{number}" width="2" height="2" '
        f'style="fill: #1d2433; {ring}"/>'
        f'<text x="1">rate {RATES[rate]}</text><g id="axis_1">{ticks}</g>'
        "<text>always</text>"
    )


STEPS = ["rate=0.3&pass=2&bn=off", "rate=0.3&pass=1&bn=off", "rate=0&pass=1&bn=on"]


def shown(
    slug: str = "net",
    lazy: bool = False,
    before: str = "",
    controls: list[tuple[str, str, list[str]]] = CONTROLS,
    **more: Any,
) -> Shown:
    states = [
        (rate, number, norm)
        for rate in range(len(RATES))
        for number in range(len(PASSES))
        for norm in range(2)
    ]
    encoded = encode(
        [frame(*state) for state in states],
        slug=slug,
        default=states.index((2, 1, 0)),
        tokens=colours.NAMES,
    )
    spoken = [f"rate {RATES[r]}, pass {PASSES[p]}, norm {n}." for r, p, n in states]
    return Shown(slug, encoded, controls, [2, 1, 0], spoken, lazy, before, **more)


@pytest.fixture
def visit(page: Page, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open a page of figures from disk; nothing may fail and nothing be sent."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith("file:") else wrong.append(request.url)
        ),
    )

    def go(*figures: Shown, hash: str = "") -> Page:
        address = write_page(tmp_path, figures or [shown()])
        page.goto("about:blank")
        page.goto(address + hash)
        return page

    yield go
    assert wrong == []


def settle(page: Page, milliseconds: int = 0) -> None:
    page.evaluate(
        """wait => new Promise(done => setTimeout(() =>
        requestAnimationFrame(() => requestAnimationFrame(done)), wait))""",
        milliseconds,
    )


CALM = 400


def picture(page: Page, slug: str = "net") -> dict[str, object]:
    """Say what the drawing shows."""
    settle(page)
    return page.evaluate(
        """slug => {
            const svg = document.querySelector(`#${slug} svg`);
            const rect = svg.querySelector("rect");
            return {
                d: svg.querySelector("path").getAttribute("d").replace(/0[.]/g, "."),
                y: rect.getAttribute("y"),
                dash: rect.getAttribute("stroke-dasharray"),
                texts: [...svg.querySelectorAll("text")].map(t => t.textContent),
                foreign: [...svg.querySelectorAll("*")].filter(
                    e => e.namespaceURI !== "http://www.w3.org/2000/svg").length,
                drawn: [...svg.querySelectorAll("text")].filter(
                    t => t.getBBox().width > 0).length,
            };
        }""",
        slug,
    )


def expected(rate: int, number: int, norm: int) -> dict[str, object]:
    texts = [f"rate {RATES[rate]}", *map(str, range(1, rate + 2)), "always"]
    return {
        "d": f"M0 {rate}l9 1 3 {2 - rate}",
        "y": str(number),
        "dash": "2 2" if norm else None,
        "texts": texts,
        "foreign": 0,
        "drawn": len(texts),
    }


def slide(page: Page, index: int, slug: str = "net") -> None:
    page.locator(f"#{slug}-rate").fill(str(index))


def test_the_page_opens_in_the_default_state_with_its_controls(visit) -> None:
    page = visit()
    assert picture(page) == expected(2, 1, 0)
    assert page.locator("html").get_attribute("class") == "js"
    assert page.locator(".controls").is_visible()
    assert page.url.endswith("page.html")


def test_each_control_changes_the_drawing(visit) -> None:
    page = visit()
    slide(page, 3)
    assert picture(page) == expected(3, 1, 0)
    page.get_by_role("checkbox").check()
    assert picture(page) == expected(3, 1, 1)
    page.get_by_role("button", name="another pass").click()
    assert picture(page) == expected(3, 2, 1)
    page.get_by_role("checkbox").uncheck()
    slide(page, 0)
    assert picture(page) == expected(0, 2, 0)


def test_all_states_one_after_another(visit) -> None:
    page = visit()
    for norm in (0, 1):
        page.get_by_role("checkbox").set_checked(norm == 1)
        for number in (2, 0, 1):
            page.get_by_role("button", name="another pass").click()
            for rate in (3, 1, 0, 2):
                slide(page, rate)
                assert picture(page) == expected(rate, number, norm)


def test_read_outs_follow(visit) -> None:
    page = visit()
    slide(page, 1)
    settle(page)
    slider = page.locator("#net-rate")
    assert page.locator("output").text_content() == "0.15"
    assert slider.get_attribute("aria-valuetext") == "rate 0.15, pass 2, norm 0."
    button = page.get_by_role("button", name="another pass")
    assert button.text_content() == "another pass · 2 of 3"
    button.click()
    assert button.text_content() == "another pass · 3 of 3"
    button.click()
    settle(page)
    assert button.text_content() == "another pass · 1 of 3"
    assert slider.get_attribute("aria-valuetext") == "rate 0.15, pass 1, norm 0."


def test_the_keyboard_is_the_browsers_own(visit) -> None:
    page = visit()
    settle(page, 50)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "net-rate"
    page.keyboard.press("ArrowRight")
    assert picture(page) == expected(3, 1, 0)
    page.keyboard.press("Home")
    assert picture(page) == expected(0, 1, 0)
    page.keyboard.press("ArrowUp")
    assert picture(page) == expected(1, 1, 0)
    page.keyboard.press("End")
    assert picture(page) == expected(3, 1, 0)
    page.keyboard.press("PageDown")  # lowers, whatever else scrolls
    assert picture(page) == expected(2, 1, 0)
    page.keyboard.press("PageUp")
    assert picture(page) == expected(3, 1, 0)
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert picture(page) == expected(0, 2, 0)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert picture(page) == expected(0, 2, 1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert picture(page) == expected(2, 1, 0)


def test_what_is_spoken_waits_for_calm(visit) -> None:
    page = visit()
    page.evaluate(
        """() => {
            window.heard = [];
            const said = document.querySelector(".spoken");
            new MutationObserver(() => heard.push(
                [said.getAttribute("aria-live"), said.textContent]
            )).observe(said, { childList: true });
        }"""
    )
    button = page.get_by_role("button", name="another pass")
    button.click()
    button.click()
    settle(page, CALM)
    assert page.evaluate("heard") == [["polite", "rate 0.3, pass 1, norm 0."]]
    for rate in (0, 1, 3):
        slide(page, rate)
    settle(page, CALM)
    # a slider's value is spoken by itself: twice would be once too often
    assert page.evaluate("heard.slice(1)") == [["off", "rate 0.5, pass 1, norm 0."]]


def test_the_drawing_is_named_and_described(visit) -> None:
    page = visit()
    drawing = page.get_by_role("img", name="alt")
    described = drawing.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").text_content() == "rate 0.3, pass 2, norm 0."


def test_reset_goes_back(visit) -> None:
    page = visit()
    slide(page, 0)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="another pass").click()
    page.get_by_role("button", name="reset").click()
    assert picture(page) == expected(2, 1, 0)
    assert not page.get_by_role("checkbox").is_checked()
    assert page.locator("output").text_content() == "0.3"


# -- a choice among names


def test_a_choice_changes_the_drawing_and_is_announced(visit) -> None:
    page = visit(shown(controls=CHOICE))
    assert page.get_by_role("radio", name="2").is_checked()
    group = page.get_by_role("group", name="pass")
    group.get_by_text("3").click()
    assert picture(page) == expected(2, 2, 0)
    assert group.locator(":checked").count() == 1
    settle(page, CALM)
    said = page.locator(".spoken")
    assert said.text_content() == "rate 0.3, pass 3, norm 0."
    assert said.get_attribute("aria-live") == "polite"
    text = page.locator("#net-rate").get_attribute("aria-valuetext")
    assert text == "rate 0.3, pass 3, norm 0."


def test_the_keyboard_moves_a_choice_as_browsers_do(visit) -> None:
    page = visit(shown(controls=CHOICE))
    settle(page, 50)
    page.locator("#net-rate").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert picture(page) == expected(2, 2, 0)
    page.keyboard.press("ArrowDown")  # round
    assert picture(page) == expected(2, 0, 0)
    page.keyboard.press("Tab")  # one stop for all of them
    page.keyboard.press("Space")
    assert picture(page) == expected(2, 0, 1)


def test_a_choice_is_in_the_address_and_is_reset(visit) -> None:
    page = visit(shown(controls=CHOICE))
    page.get_by_role("radio", name="1").check()
    settle(page, CALM)
    assert page.url.endswith("#net:rate=0.3&pass=1&bn=off")
    page.reload()
    assert picture(page) == expected(2, 0, 0)
    assert page.get_by_role("radio", name="1").is_checked()
    page.get_by_role("button", name="reset").click()
    assert picture(page) == expected(2, 1, 0)
    assert page.get_by_role("radio", name="2").is_checked()


def test_a_step_takes_a_choice_straight_to_its_end(visit) -> None:
    page = visit(shown(controls=CHOICE, steps=STEPS), hash="#net:rate=0.3&pass=3")
    page.evaluate(PASSED)
    step(page, 2)
    settle(page, 1100)
    assert page.evaluate("passed") == ["220", "200"]
    assert picture(page) == expected(2, 0, 0)


def test_figures_share_a_choice_and_keep_their_own_options(visit) -> None:
    share = {"pass": [1, 2, 3]}
    page = visit(
        *(shown(one, controls=CHOICE, shared=share) for one in ("net", "other")),
        shown("alone", controls=CHOICE),
    )
    page.locator("#net").get_by_role("radio", name="3").check()
    assert picture(page, "net") == expected(2, 2, 0)
    assert picture(page, "other") == expected(2, 2, 0)
    assert page.locator("#other").get_by_role("radio", name="3").is_checked()
    assert picture(page, "alone") == expected(2, 1, 0)
    assert page.locator("#alone").get_by_role("radio", name="2").is_checked()


# -- the address


def test_the_state_is_in_the_address_and_comes_back(visit) -> None:
    page = visit()
    slide(page, 1)
    page.get_by_role("checkbox").check()
    settle(page, CALM)
    assert page.url.endswith("#net:rate=0.15&pass=2&bn=on")
    page.reload()
    assert picture(page) == expected(1, 1, 1)
    assert page.get_by_role("checkbox").is_checked()


def test_an_address_need_not_name_all_and_may_name_nonsense(visit) -> None:
    page = visit(hash="#net:pass=3&rate=0.31&colour=red&%E0%A4%A")
    assert picture(page) == expected(2, 2, 0)


@pytest.mark.parametrize("hash", ["#other:rate=0", "#net", "#:", "#a%20b", "#net-rate"])
def test_other_hashes_are_left_alone(visit, hash: str) -> None:
    page = visit(hash=hash)
    assert picture(page) == expected(2, 1, 0)
    assert page.url.endswith(hash)


def test_a_link_to_a_state_shows_it_and_brings_it_into_view(visit) -> None:
    tall = '<a href="#net:rate=0&amp;bn=on">at rate 0</a><p>text</p>' * 100
    page = visit(shown(before=tall))
    assert not in_view(page)
    page.get_by_role("link").first.click()
    assert picture(page) == expected(0, 1, 1)
    assert in_view(page)
    page = visit(shown(before=tall), hash="#net:rate=0.5")
    assert picture(page) == expected(3, 1, 0)
    assert in_view(page)


def in_view(page: Page) -> bool:
    return page.evaluate(
        "document.querySelector('svg').getBoundingClientRect().top < innerHeight"
    )


def test_the_link_to_this_state_is_kept_current(visit) -> None:
    page = visit()
    link = page.get_by_role("link")
    assert link.get_attribute("href") == "#net:rate=0.3&pass=2&bn=off"
    slide(page, 0)
    page.get_by_role("checkbox").check()
    settle(page)
    address = link.get_attribute("href")
    assert address == "#net:rate=0&pass=2&bn=on"
    page = visit(hash=address)
    assert picture(page) == expected(0, 1, 1)


# -- steps


PASSED = """() => {
    window.passed = [];
    const controls = [...document.querySelectorAll("[data-control]")];
    const places = () => controls.map(one => one.type === "range" ? +one.value
        : one.type === "checkbox" ? +one.checked
        : one.elements ? [...one.elements].findIndex(each => each.checked)
        : +one.dataset.value).join("");
    const watch = () => {
        if (passed.at(-1) !== places()) passed.push(places());
        requestAnimationFrame(watch);
    };
    watch();
}"""


def step(page: Page, number: int) -> None:
    page.locator(f'[data-step="{STEPS[number - 1]}"]').click()


def test_a_step_moves_one_control_after_another_value_by_value(visit) -> None:
    page = visit(shown(steps=STEPS))
    page.evaluate(PASSED)
    step(page, 3)
    settle(page, 1100)
    # rate 0.3, 0.15, 0; then the button on and round; then the toggle
    assert page.evaluate("passed") == ["210", "110", "010", "020", "000", "001"]
    assert picture(page) == expected(0, 0, 1)
    settle(page, CALM)
    assert page.url.endswith(f"#net:{STEPS[2]}")
    said = page.locator(".spoken")
    assert said.text_content() == "rate 0, pass 1, norm 1."
    assert said.get_attribute("aria-live") == "polite"


def test_the_step_of_the_state_shown_is_marked(visit) -> None:
    page = visit(shown(steps=STEPS))
    marked = (
        "[...document.querySelectorAll('[aria-current=step]')].map(e => e.textContent)"
    )
    assert page.evaluate(marked) == ["1"]
    step(page, 2)
    settle(page, 500)
    assert page.evaluate(marked) == ["2"]
    slide(page, 0)
    settle(page)
    assert page.evaluate(marked) == []


def test_a_step_has_its_sentence_and_works_by_keyboard(visit) -> None:
    page = visit(shown(steps=STEPS))
    button = page.get_by_role("button", name="2", exact=True)
    assert button.is_visible()
    described = button.get_attribute("aria-describedby")
    assert page.locator(f"#{described}").text_content() == f"to {STEPS[1]}"
    button.focus()
    page.keyboard.press("Enter")
    settle(page, 500)
    assert picture(page) == expected(2, 0, 0)


def test_who_takes_a_control_stops_the_step(visit) -> None:
    page = visit(shown(steps=STEPS))
    step(page, 3)
    slide(page, 3)
    settle(page, 1100)
    assert picture(page) == expected(3, 1, 0)
    step(page, 3)
    page.get_by_role("button", name="reset").click()
    settle(page, 1100)
    assert picture(page) == expected(2, 1, 0)


def test_a_step_goes_at_once_where_less_motion_is_asked_for(visit, page) -> None:
    page.emulate_media(reduced_motion="reduce")
    visit(shown(steps=STEPS))
    page.evaluate(PASSED)
    step(page, 3)
    settle(page, 60)
    assert picture(page) == expected(0, 0, 1)
    places = page.evaluate("passed")
    assert len(places) <= 4, "no value is passed on the way"


# -- controls that figures share


def three() -> list[Shown]:
    """Two figures that share their rate with other values, and one that does not."""
    return [
        shown("net", shared={"rate": [0, 0.15, 0.3, 0.5]}),
        shown("other", shared={"rate": [0, 0.1, 0.7, 0.9]}, steps=STEPS),
        shown("alone"),
    ]


def test_a_shared_control_moves_the_nearest_value_of_the_others(visit) -> None:
    page = visit(*three())
    assert picture(page, "other") == expected(2, 1, 0)
    slide(page, 3)  # 0.5 is nearer to 0.7 than to 0.1
    assert picture(page, "other") == expected(2, 1, 0)
    slide(page, 1)
    assert picture(page, "net") == expected(1, 1, 0)
    assert picture(page, "other") == expected(1, 1, 0)
    assert page.locator("#other output").text_content() == "0.15"
    assert picture(page, "alone") == expected(2, 1, 0)
    slide(page, 3, "other")  # 0.9
    assert picture(page, "net") == expected(3, 1, 0)


def test_only_the_figure_that_is_moved_is_announced_and_in_the_address(visit) -> None:
    page = visit(*three())
    slide(page, 1)
    settle(page, CALM)
    assert page.url.endswith("#net:rate=0.15&pass=2&bn=off")
    said = page.locator("#other .spoken")
    assert said.text_content() == "rate 0.15, pass 2, norm 0."
    assert said.get_attribute("aria-live") == "off"
    link = page.locator("#other .here")
    assert link.get_attribute("href") == "#other:rate=0.15&pass=2&bn=off"


def test_the_rest_of_a_figure_and_reset_are_its_own(visit) -> None:
    page = visit(*three())
    page.locator("#net [data-control=pass]").click()
    slide(page, 0)
    page.locator("#net [data-reset]").click()
    assert picture(page, "net") == expected(2, 1, 0)
    assert picture(page, "other") == expected(0, 1, 0)


def test_a_step_moves_what_is_shared(visit) -> None:
    page = visit(*three())
    step(page, 3)
    settle(page, 1100)
    assert picture(page, "other") == expected(0, 0, 1)
    assert picture(page, "net") == expected(0, 1, 0)


# -- the numbers of a state


def test_the_table_shows_the_numbers_of_the_state(visit) -> None:
    states = [(r, p, n) for r in range(4) for p in range(3) for n in range(2)]
    numbers = [
        [f"rate {RATES[r]}, pass {PASSES[p]}" for r, p, _ in states],
        [f"{r}.{p}.{n}" for r, p, n in states],
        [f"{n} of 2" for _, _, n in states],
    ]
    page = visit(shown(numbers=numbers))
    cells = (
        "[...document.querySelectorAll('.numbers caption, .numbers td')]"
        ".map(cell => cell.textContent)"
    )
    assert page.evaluate(cells) == ["rate 0.3, pass 2", "2.1.0", "0 of 2"]
    slide(page, 0)
    page.get_by_role("checkbox").check()
    settle(page)
    assert page.evaluate(cells) == ["rate 0, pass 2", "0.1.1", "1 of 2"]


# -- little work


def test_only_what_changes_is_written_once_a_frame(visit) -> None:
    page = visit()
    page.evaluate(
        """() => {
            window.writes = [];
            new MutationObserver(records => writes.push(...records.map(
                record => record.attributeName || record.type
            ))).observe(document.querySelector("svg"), {
                attributes: true, childList: true, subtree: true, characterData: true
            });
        }"""
    )
    page.get_by_role("button", name="another pass").click()
    settle(page)
    assert page.evaluate("writes") == ["y"]
    page.evaluate(
        """() => {
            writes.length = 0;
            const slider = document.querySelector("input");
            for (const value of [0, 1, 0, 3]) {
                slider.value = value;
                slider.dispatchEvent(new Event("input"));
            }
        }"""
    )
    settle(page)
    assert sorted(page.evaluate("writes")) == ["childList", "childList", "d"]


def test_two_figures_do_not_touch_each_other(visit) -> None:
    page = visit(shown(), shown("other"))
    slide(page, 0, "other")
    assert picture(page) == expected(2, 1, 0)
    assert picture(page, "other") == expected(0, 1, 0)


# -- later figures

FAR = "<p>far</p>" * 300


def loaded(page: Page) -> bool:
    return page.evaluate("'late' in holdingTogether.states")


def wait_for_late(page: Page) -> None:
    for _ in range(100):
        if loaded(page):
            return
        settle(page, 20)
    pytest.fail("the changes did not load")


def test_a_later_figure_loads_when_it_comes_near(visit) -> None:
    page = visit(shown(), shown("late", lazy=True, before=FAR))
    settle(page, 100)
    assert not loaded(page)
    page.locator("#late").scroll_into_view_if_needed()
    wait_for_late(page)
    slide(page, 0, "late")
    assert picture(page, "late") == expected(0, 1, 0)
    assert page.locator('script[src="late.js"]').count() == 1


def test_a_later_figure_loads_when_it_is_used(visit) -> None:
    page = visit(shown(), shown("late", lazy=True, before=FAR))
    page.evaluate(
        """() => {
            const slider = document.querySelector("#late-rate");
            slider.value = 3;
            slider.dispatchEvent(new Event("input"));
        }"""
    )
    wait_for_late(page)
    assert picture(page, "late") == expected(3, 1, 0)


def test_a_later_figure_loads_when_the_address_names_it(visit) -> None:
    late = shown("late", lazy=True, before=FAR)
    page = visit(shown(), late, hash="#late:rate=0&bn=on")
    wait_for_late(page)
    assert picture(page, "late") == expected(0, 1, 1)
    slider = page.locator("#late-rate")
    assert slider.get_attribute("aria-valuetext") == "rate 0, pass 2, norm 1."


# -- the rest of the page


def test_frames_take_focus_only_while_they_scroll(visit) -> None:
    page = visit()
    settle(page, 50)
    frame = page.locator(".frame")
    assert frame.get_attribute("tabindex") is None
    page.set_viewport_size({"width": 120, "height": 500})
    settle(page, 50)
    assert frame.get_attribute("tabindex") == "0"
    page.set_viewport_size({"width": 800, "height": 500})
    settle(page, 50)
    assert frame.get_attribute("tabindex") is None


def test_what_scrolls_knows_when_it_is_at_its_end(visit) -> None:
    page = visit()
    page.set_viewport_size({"width": 120, "height": 500})
    settle(page, 50)
    frame = page.locator(".frame")
    for left, is_end in [(0, False), (1, False), (9999, True), (0, False)]:
        frame.evaluate("(frame, left) => { frame.scrollLeft = left; }", left)
        settle(page, 50)
        assert frame.evaluate("frame => frame.matches('.scrolls.ended')") == is_end


def test_details_are_open_in_print_and_as_before_after(visit) -> None:
    details = "<details open><p>a</p></details><details><p>b</p></details>"
    page = visit(shown(before=details))
    opened = "[...document.querySelectorAll('details')].map(each => each.open)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(opened) == [True, True]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(opened) == [True, False]


def test_nothing_moves_before_play_is_pressed(visit, tmp_path: Path) -> None:
    for name in ("still.svg", "moving.svg"):
        (tmp_path / name).write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    moving = (
        '<div><img src="still.svg" data-gif="moving.svg" alt="">'
        '<button type="button" data-play hidden>play</button></div>'
    )
    page = visit(shown(before=moving))
    image, button = page.locator("img"), page.locator("[data-play]")
    assert (image.get_attribute("src"), button.text_content()) == ("still.svg", "play")
    button.click()
    assert (image.get_attribute("src"), button.text_content()) == ("moving.svg", "stop")
    button.click()
    assert (image.get_attribute("src"), button.text_content()) == ("still.svg", "play")


def test_a_still_stays_where_less_motion_is_asked_for(visit, page, tmp_path) -> None:
    (tmp_path / "still.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    moving = (
        '<div><img src="still.svg" data-gif="moving.svg" alt="">'
        '<button type="button" data-play hidden>play</button></div>'
    )
    page.emulate_media(reduced_motion="reduce")
    visit(shown(before=moving))
    assert not page.locator("[data-play]").is_visible()
    assert page.locator("img").get_attribute("src") == "still.svg"


def test_a_page_without_figures_is_left_alone(visit, tmp_path: Path) -> None:
    visit()
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    bare = text[: text.index("<body>")] + "<body><p>text</p></body></html>"
    (tmp_path / "bare.html").write_text(bare, encoding="utf-8")
    page = visit()
    page.goto((tmp_path / "bare.html").as_uri() + "#net:rate=0")
    assert page.locator("html").get_attribute("class") == "js"


def test_without_the_script_no_control_is_shown(browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(write_page(tmp_path, [shown()]))
    assert not page.locator(".controls").is_visible()
    context.close()
