from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ht_sim.publish.search import page_entries
from tests.test_build import copied, edit, run, tree
from tests.test_templates import PAGE

HTML = """<head><title>No</title></head><nav>no</nav><main id="main">
<h1>A <em>title</em></h1><p class="summary">Its summary, its Summary.</p>
<nav><a href="#x">no</a></nav>
<figure id="net"><p id="net-alt">Four layers.</p>
<div class="frame"><svg><text>no</text><g><text>no</text></g></svg></div>
<div class="strip"><ol><li><img alt="no"><span>no</span></li></ol></div>
<div class="controls" hidden><button>no</button><a>no</a></div>
<script type="application/json">{"no": "<p>"}</script>
<figcaption><p><a class="number" href="#net">Figure 1.</a> <strong><span
class="claim shown" id="claim-net-1">It moves.</span></strong> In <strong>bold</strong>
words.</p><details class="made"><summary>no</summary><p>no</p></details></figcaption>
</figure>
<h2 id="first" class="claim shown">First &amp; <span class="hot">hot</span></h2>
<p>Before. <span class="claim cited" id="claim-a-1">It <b>holds</b> <span
class="citation">(A 2014)</span>.</span> After it<br>comes
<math alttext="\\gamma"><mi>γ</mi></math>.</p>
<section class="sources"><h2 id="sources">no</h2><ul><li id="source-a">no</li></ul>
</section>
<ul><li id="ref-a">A. Author (1999). <cite>On x</cite>. <span class="places">no</span>
</li></ul>
</main><footer>no</footer>"""


def rows(html: str = HTML) -> list[list[str]]:
    read = json.loads(page_entries(replace(PAGE, title="A title"), html.encode()))
    assert (read["href"], read["name"]) == ("dropout.html", "dropout")
    found: list[list[str]] = read["entries"]
    return found


def test_a_page_gives_an_entry_of_each_kind_with_its_words() -> None:
    assert [row[:3] for row in rows()] == [
        ["page", "", "A title"],
        ["figure", "net", "Figure 1. It moves."],
        ["section", "first", "First & hot"],
        ["claim, cited", "claim-a-1", "It holds (A 2014)."],
        ["reference", "ref-a", "A. Author (1999). On x."],
    ]


def test_other_words_are_listed_once_and_what_is_no_prose_is_left_out() -> None:
    page, figure, section, claim, reference = (row[3].split() for row in rows())
    assert page == ["its", "summary"]
    assert figure == ["four", "layers", "bold", "words"]
    assert section == ["before", "holds", "2014", "after", "comes", "gamma"]
    assert claim == reference == []
    assert "no" not in json.dumps(rows()).replace('"', " ").split()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature site."""
    root = copied(tmp_path_factory.mktemp("searched") / "mini")
    done = run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def visit(built: Path, page: Page) -> Iterator[Callable[[str], Page]]:
    """Open a page from disk; nothing may fail and nothing be sent."""
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith("file:") else wrong.append(request.url)
        ),
    )

    def opened(name: str) -> Page:
        page.goto((built / "out" / name).as_uri())
        return page

    yield opened
    assert wrong == []


def ask(page: Page, words: str) -> list[str]:
    """Type into the search, and return the results as they read."""
    if not page.locator("dialog").is_visible():
        page.get_by_role("button", name="search").press("Enter")
    page.wait_for_selector("dialog ol:not([aria-busy])", state="attached")
    page.locator("dialog input").fill(words)
    return page.locator("dialog li").all_inner_texts()


def leave(page: Page) -> None:
    """Close the search by the keyboard."""
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")


def test_all_entries_are_in_one_script_of_one_name(built: Path) -> None:
    text = tree(built)["search-index.js"].decode()
    pages = json.loads(text.removeprefix("holdingTogether.index = ").rstrip(";\n"))
    assert [one["href"] for one in pages] == [
        *("index.html", "other.html", "references.html"),
    ]
    kinds = {row[0].split(",")[0] for one in pages for row in one["entries"]}
    assert kinds == {"page", "section", "figure", "claim", "reference"}


def test_an_edit_changes_the_index_and_only_leaves_it(
    built: Path, tmp_path: Path
) -> None:
    root = shutil.copytree(built, tmp_path / "mini")
    before = tree(root)
    assert ".entries.json" not in before
    edit(root / "content/other.md", "A gap.", "A chasm.")
    assert run(root, only="other").returncode == 0
    assert tree(root)["search-index.js"] == before["search-index.js"]
    assert run(root).returncode == 0
    assert b"chasm" in tree(root)["search-index.js"]
    assert tree(root)["index.html"] == before["index.html"]


def test_nothing_of_it_is_loaded_before_it_is_asked_for(
    visit: Callable[[str], Page], page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    visit("index.html")
    page.wait_for_timeout(300)
    assert not [name for name in asked if name.startswith("search")]
    ask(page, "mean")
    loaded = [name for name in asked if name.startswith("search")]
    assert len(loaded) == 2
    leave(page)
    ask(page, "gap")
    assert [name for name in asked if name.startswith("search")] == loaded


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("shrinks", "section · first page\nThe mean shrinks"),
        ("MEAN shr", "section · first page\nThe mean shrinks"),
        ("shirnks", "section · first page\nThe mean shrinks"),
        ("miniatuer", "page\nA miniature"),
        ("knuth", "reference\n"),
        ("other", "page\nThe other page"),
        ("it is", "claim, shown · other\nIt is 1.0."),
    ],
)
def test_each_kind_is_found_as_what_it_is(
    visit: Callable[[str], Page], words: str, first: str
) -> None:
    assert ask(visit("other.html"), words)[0].startswith(first)


def test_every_word_must_be_there_and_short_ones_as_they_are(
    visit: Callable[[str], Page],
) -> None:
    page = visit("index.html")
    assert ask(page, "gap") != []
    assert page.locator("dialog p").inner_text().endswith("results")
    assert ask(page, "gap zebra") == []
    assert page.locator("dialog p").inner_text() == "0 results"
    assert ask(page, "gpa") == []
    assert ask(page, " . ") == []
    assert page.locator("dialog p").inner_text() == ""


def test_a_slip_is_forgiven_only_where_nothing_starts_so(
    built: Path, page: Page, tmp_path: Path
) -> None:
    out = shutil.copytree(built / "out", tmp_path / "out")
    titles = ["The rate", "The rare", "Normalisation", "Mądry"]
    entries = [["section", "a", title, ""] for title in titles]
    pages = [{"href": "index.html", "name": "first page", "entries": entries}]
    script = f"holdingTogether.index = {json.dumps(pages)};"
    (out / "search-index.js").write_text(script, encoding="utf-8")
    page.goto((out / "index.html").as_uri())

    def found(words: str) -> list[str]:
        return [one.partition("\n")[2] for one in ask(page, words)]

    assert found("rate") == ["The rate"]
    assert found("rafe") == ["The rate", "The rare"]
    assert found("nomralizat") == ["Normalisation"]  # two slips in a long word
    assert found("rxxe") == []
    assert found("madry") == found("MĄDRY") == ["Mądry"]


def test_the_keyboard_does_it_all(visit: Callable[[str], Page]) -> None:
    page = visit("other.html")
    ask(page, "mean")
    field, links = page.locator("dialog input"), page.locator("dialog li a")
    assert links.count() >= 3

    def focused(place: int) -> bool:
        return bool(links.nth(place).evaluate("it => it === document.activeElement"))

    page.keyboard.press("ArrowUp")
    assert field.evaluate("it => it === document.activeElement")
    page.keyboard.press("ArrowDown")
    assert focused(0)
    page.keyboard.press("ArrowDown")
    assert focused(1)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert field.evaluate("it => it === document.activeElement")
    leave(page)
    ask(page, "shrinks")
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html#shrinks")


def test_a_result_on_the_same_page_closes_the_search(
    visit: Callable[[str], Page],
) -> None:
    page = visit("index.html")
    ask(page, "shrinks")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html#shrinks")
    assert not page.locator("dialog").is_visible()


def test_no_single_key_opens_it(visit: Callable[[str], Page]) -> None:
    page = visit("index.html")
    ask(page, "a")
    leave(page)
    for key in ("/", "s", "?", "k"):
        page.keyboard.press(key)
        assert not page.locator("dialog").is_visible()


def test_its_button_opens_it_and_gets_the_focus_back(
    visit: Callable[[str], Page],
) -> None:
    page = visit("other.html")
    button = page.get_by_role("button", name="search")
    button.click()
    page.wait_for_selector("dialog[open]")
    leave(page)
    assert button.evaluate("it => it === document.activeElement")
    button.click()
    page.get_by_role("button", name="close").click()
    page.wait_for_selector("dialog", state="hidden")


def test_it_leads_to_the_right_place_from_a_deeper_page(
    visit: Callable[[str], Page],
) -> None:
    page = visit("code/walk.html")
    ask(page, "shrinks")
    page.keyboard.press("Enter")
    page.wait_for_url("**/out/index.html#shrinks")


def test_without_an_index_it_says_so(built: Path, page: Page, tmp_path: Path) -> None:
    out = shutil.copytree(built / "out", tmp_path / "out")
    (out / "search-index.js").unlink()
    page.goto((out / "index.html").as_uri())
    page.get_by_role("button", name="search").press("Enter")
    page.wait_for_selector("dialog p:has-text('There is no index here')")


@pytest.mark.parametrize("name", ["index.html", "other.html", "code/walk.html"])
def test_without_scripts_there_is_no_dead_control(
    built: Path, browser: Browser, name: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((built / "out" / name).as_uri())
    assert page.locator("[data-search]").count() == 1
    assert not page.locator("[data-search]").is_visible()
    assert page.locator("#chapters a").first.is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_fits_a_small_screen(
    built: Path, page: Page, scheme: str
) -> None:
    page.goto((built / "out" / "other.html").as_uri())
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 320, "height": 500})
    assert len(ask(page, "a")) > 5
    box = page.locator("dialog").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert box["height"] <= 500
    found = Axe().run(page, context="dialog")
    assert found.response["violations"] == []
