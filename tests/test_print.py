"""The real site on paper: every page is a handout, on A4 and on Letter."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from ht_sim import chromium
from ht_sim.figures import discover
from ht_sim.publish.assets import Assets
from ht_sim.style import TEXT_SIZE

LIMITS = {"index": 5, "dropout": 24, "drift": 14, "method": 3, "references": 3}
CONTENT = {"A4": 718, "Letter": 740}  # CSS pixels between margins of 10 mm
DOTS = 36  # an inch, in the pictures of pages
MARGIN = 14 / 25.4 * DOTS  # dots; a millimetre less than what is set
SIDE = 9 / 25.4 * DOTS
SCREEN_ONLY = (
    *("Skip to the text", "On this page", "Cite this site", "Data, pictures and code"),
    "Numbers at this state",
    *("reset", "another pass ·", "The answer", "more to the right"),
)
PAPERS = [("A4", "light"), ("A4", "dark"), ("Letter", "light")]
KINDS = [(slug, *kind) for slug in LIMITS for kind in PAPERS]
each_paper = pytest.mark.parametrize(("slug", "size", "theme"), KINDS)
each_dropout = pytest.mark.parametrize(("size", "theme"), PAPERS)
CAPTION = """figure => ['Figure', figure.querySelector('.number').innerText
  .match(/\\d+/)[0] + '.', figure.querySelector('strong').innerText.split(' ')[0]]"""
# What must come in this order on paper as well.
QUESTIONS_AND_FIGURES = f"""[...document.querySelectorAll('.predict, figure')]
  .map(each => each.matches('figure') ? ({CAPTION})(each) : ['PREDICT', 'FIRST'])"""
WHOLE = """[...document.querySelectorAll(
  '.strip li, figcaption > p:not(.address), .predict, .takeaway, .aside')]"""
# Puts small words at the top and the bottom of each; returns how many there are.
MARKED = """() => {
  const all = WHOLE;
  const mark = (element, side, word) => {
    const span = document.createElement('span');
    span.textContent = word;
    Object.assign(span.style, {
      position: 'absolute', left: 0, [side]: 0, margin: 0, font: '4px monospace' });
    element.style.position = 'relative';
    element.append(span);
  };
  all.forEach((element, i) => {
    mark(element, 'top', `TOP${i}Q`);
    mark(element, 'bottom', `END${i}Q`);
  });
  return all.length;
}""".replace("WHOLE", WHOLE)
# By figure, the numbers of those marks that are at its caption and its first state.
FIRST_STATES = """(() => {
  const all = WHOLE;
  return [...document.querySelectorAll('figure[data-explorable]')].map(figure =>
    ['figcaption > p', '.strip li'].map(one => all.indexOf(figure.querySelector(one))));
})()""".replace("WHOLE", WHOLE)


@dataclass(frozen=True)
class Paper:
    """A printed page of the site."""

    pages: list[list[tuple[str, float]]]  # of each sheet the words and how far down
    texts: list[str]  # of each sheet
    pictures: list[np.ndarray]  # of each sheet (rows, columns), 0 black to 255 white

    def places(self, *words: str) -> list[tuple[int, float]]:
        """Return where words follow each other: sheets and how far down."""
        return [
            (number, page[at][1])
            for number, page in enumerate(self.pages)
            for at in range(len(page))
            if tuple(word for word, _ in page[at : at + len(words)]) == words
        ]


def tool(name: str, *arguments: str | Path) -> str:
    """Run one of poppler's tools; return what it prints."""
    command = [name, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_paper(pdf: Path) -> Paper:
    """Read a PDF through poppler."""
    boxes = tool("pdftotext", "-bbox", pdf, "-").split("<page ")[1:]
    word = re.compile(r'yMin="([\d.]+)".*?>(.*)</word>')
    pages = [[(text, float(y)) for y, text in word.findall(page)] for page in boxes]
    texts = [" ".join(one.split()) for one in tool("pdftotext", pdf, "-").split("\f")]
    tool("pdftoppm", "-gray", "-r", str(DOTS), pdf, pdf.with_suffix(""))
    stem = pdf.with_suffix("").name
    found = sorted(pdf.parent.glob(f"{stem}-*.pgm"))
    pictures = [np.array(Image.open(one)) for one in found]
    return Paper(pages, texts[: len(pages)], pictures)


@pytest.fixture(scope="session")
def printed(
    site: Path, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Paper]:
    """Return what prints a page of the site, each kind once."""
    if shutil.which("pdftotext") is None or shutil.which("pdftoppm") is None:
        missing = "poppler's pdftotext and pdftoppm are not installed (poppler-utils)"
        (pytest.fail if chromium.must_be_there() else pytest.skip)(missing)
    folder = tmp_path_factory.mktemp("paper")

    @cache
    def paper(slug: str, size: str, theme: Any, *, scripts: bool = True) -> Paper:
        context = browser.new_context(color_scheme=theme, java_script_enabled=scripts)
        page = context.new_page()
        page.goto((site / f"{slug}.html").as_uri())
        pdf = folder / f"{slug}-{size}-{theme}-{scripts}.pdf"
        page.pdf(path=pdf, format=size)
        context.close()
        return read_paper(pdf)

    return paper


@pytest.fixture
def sheet(site: Path, page: Page) -> Page:
    """The dropout chapter as paper lays it out, as wide as A4 lets it be."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": CONTENT["A4"], "height": 1000})
    page.goto((site / "dropout.html").as_uri())
    return page


@each_paper
def test_no_page_is_blank_or_without_end(
    printed: Callable[..., Paper], slug: str, size: str, theme: str
) -> None:
    paper = printed(slug, size, theme)
    assert len(paper.pages) == len(paper.pictures) <= LIMITS[slug]
    for picture in paper.pictures:
        inside = picture[: -int(MARGIN)]  # without the page number
        assert (inside < 200).mean() > 0.002


@each_dropout
def test_pages_are_well_filled(
    printed: Callable[..., Paper], size: str, theme: str
) -> None:
    filled = [
        np.flatnonzero((picture[: -int(MARGIN)] < 200).any(axis=1)).max() / len(picture)
        for picture in printed("dropout", size, theme).pictures[:-1]
    ]
    assert np.mean(filled) > 0.75
    assert min(filled[:-2]) > 0.4  # a sheet may end early before the answers


@each_paper
def test_nothing_leaves_the_margins_and_the_ground_is_white(
    printed: Callable[..., Paper], slug: str, size: str, theme: str
) -> None:
    edge, side = int(MARGIN), int(SIDE)
    for picture in printed(slug, size, theme).pictures:
        assert picture[:edge].min() == 255
        assert picture[:, :side].min() == picture[:, -side:].min() == 255
        assert picture[-edge:, : -8 * edge].min() == 255  # beside the page number
        assert np.median(picture) == 255


@pytest.mark.parametrize("slug", LIMITS)
def test_a_dark_screen_prints_as_a_light_one(
    printed: Callable[..., Paper], slug: str
) -> None:
    light, dark = printed(slug, "A4", "light"), printed(slug, "A4", "dark")
    assert light.texts == dark.texts
    for one, other in zip(light.pictures, dark.pictures, strict=True):
        assert np.array_equal(one, other)


def test_a_page_that_was_set_to_dark_prints_black_on_white(sheet: Page) -> None:
    sheet.evaluate("document.documentElement.dataset.theme = 'dark'")
    seen = "(({ backgroundColor, color }) => [backgroundColor, color])"
    ground, ink = sheet.evaluate(f"{seen}(getComputedStyle(document.body))")
    assert ground in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    assert max(map(int, re.findall(r"\d+", ink))) < 64
    assert sheet.locator(".by-day:visible").count() >= 20
    assert sheet.locator(".by-night:visible").count() == 0


@pytest.mark.parametrize("size", CONTENT)
@pytest.mark.parametrize("slug", LIMITS)
def test_nothing_is_wider_than_the_paper(
    site: Path, page: Page, slug: str, size: str
) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": CONTENT[size], "height": 1000})
    page.goto((site / f"{slug}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= CONTENT[size]


@each_paper
def test_no_control_and_no_navigation_is_printed(
    printed: Callable[..., Paper], slug: str, size: str, theme: str
) -> None:
    text = " ".join(printed(slug, size, theme).texts)
    assert [words for words in SCREEN_ONLY if words in text] == []


@pytest.mark.parametrize("slug", LIMITS)
def test_a_page_ends_with_its_name_or_address(
    printed: Callable[..., Paper], slug: str
) -> None:
    last = printed(slug, "A4", "light").texts[-1]
    assert re.search(r"SIL OFL 1.1. .*Holding it Together", last)


@pytest.mark.parametrize("size", CONTENT)
@pytest.mark.parametrize("slug", ["index", "dropout", "drift"])
def test_no_state_caption_or_box_is_split(
    site: Path, page: Page, tmp_path: Path, slug: str, size: Any
) -> None:
    page.goto((site / f"{slug}.html").as_uri())
    count: int = page.evaluate(MARKED)
    assert count >= 9
    page.pdf(path=tmp_path / "marked.pdf", format=size)
    sheets = tool("pdftotext", "-raw", tmp_path / "marked.pdf", "-").split("\f")
    found = [re.findall(r"(TOP|END)(\d+)Q", sheet) for sheet in sheets]
    place = {mark: number for number, marks in enumerate(found) for mark in marks}
    for one in map(str, range(count)):
        assert place["TOP", one] == place["END", one]
    for caption, state in page.evaluate(FIRST_STATES):
        assert place["END", str(caption)] == place["TOP", str(state)]


def test_only_steps_whose_state_is_printed_are_printed(sheet: Page) -> None:
    exhibits = discover()
    for figure in sheet.locator("figure[data-explorable]").all():
        exhibit = exhibits[str(figure.get_attribute("id"))]
        shown = [step.state in exhibit.printed for step in exhibit.steps]
        steps = figure.locator(".steps li").all()
        assert [step.is_visible() for step in steps] == shown


def test_the_first_sheet_says_what_shown_means_and_headings_do_not_have_it(
    printed: Callable[..., Paper], sheet: Page
) -> None:
    assert "“shown”" in printed("dropout", "A4", "light").texts[0]
    marks = "each => getComputedStyle(each, '::after').content"
    headings = sheet.locator(":is(h2, h3).claim.shown").all()
    assert len(headings) > 5
    assert {heading.evaluate(marks) for heading in headings} == {"none"}


def test_every_sheet_says_where_the_figures_move(page: Page, tmp_path: Path) -> None:
    for url in ("https://example.org/site/", None):
        assets = Assets()
        css = assets.files[assets.add_static(url)["site.css"]].decode()
        page.set_content(f"<style>{css}</style><p>One.<p class='answers'>Two.")
        page.pdf(path=tmp_path / "two.pdf", format="A4")
        said = tool("pdftotext", tmp_path / "two.pdf", "-").split("\f")[:2]
        assert [f"move at {url}" in one for one in said] == [url is not None] * 2


@each_dropout
def test_questions_come_before_the_figures_that_answer_them(
    printed: Callable[..., Paper], sheet: Page, size: str, theme: str
) -> None:
    paper = printed("dropout", size, theme)
    places, questions = [], iter(paper.places("PREDICT", "FIRST"))
    for words in sheet.evaluate(QUESTIONS_AND_FIGURES):
        question = words[0] == "PREDICT"
        places.append(next(questions) if question else paper.places(*words)[0])
    assert len(places) >= 18
    assert places == sorted(places)


@each_dropout
def test_answers_stand_behind_all_else_but_the_sources(
    printed: Callable[..., Paper], sheet: Page, size: str, theme: str
) -> None:
    paper = printed("dropout", size, theme)
    [answers], [sources] = paper.places("Answers"), paper.places("Sources", "of")
    assert answers[1] == min(at for _, at in paper.pages[answers[0]])
    assert max(paper.places("PREDICT", "FIRST")) < answers < sources
    count = sheet.locator("details.answer").count()
    assert sheet.locator(".answers > ol > li").count() == count >= 9
    for number in range(1, count + 1):
        assert any(answers < at < sources for at in paper.places(f"{number}."))


def test_without_scripts_the_same_is_printed(printed: Callable[..., Paper]) -> None:
    plain = printed("dropout", "A4", "light", scripts=False)
    assert plain.texts == printed("dropout", "A4", "light").texts


def test_maths_is_text_and_pictures_are_drawings(
    printed: Callable[..., Paper], site: Path, tmp_path: Path, page: Page
) -> None:
    assert "𝔼[max(0, 𝑆)]" in " ".join(printed("dropout", "A4", "light").texts)
    page.goto((site / "dropout.html").as_uri())
    page.pdf(path=tmp_path / "dropout.pdf", format="A4")
    images = tool("pdfimages", "-list", tmp_path / "dropout.pdf").splitlines()
    assert len(images) == 2  # the head of an empty table


@pytest.mark.parametrize(("width", "least"), [("text", 6), ("wide", 7)])
def test_printed_figures_can_be_read(sheet: Page, width: str, least: float) -> None:
    """On paper, the text of a figure has so many points at least."""
    scales: Sequence[float] = sheet.evaluate(
        f"""[...document.querySelectorAll('.{width} > .strip img.by-day')].map(image =>
        image.getBoundingClientRect().width / image.getAttribute('width'))"""
    )
    assert len(scales) >= 6
    assert min(scales) * TEXT_SIZE * 0.75 >= least
