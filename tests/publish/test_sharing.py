from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Page
from pybtex.database import parse_string

from ht_sim import look
from ht_sim.publish import sharing
from ht_sim.publish.prose import read_page
from tests.test_build import ROOT, copied, run, tree
from tests.test_templates import PAGE, SITE, render

URL = "https://example.org/deep/"
PAGES = ("index", "other", "references")
PAPER = look.rgba(look.PAPER)[:3]
STILL = look.png(look.new_figure(592, 330))
TITLES = [
    read_page(path.name, path.read_text(encoding="utf-8"))[0].title
    for path in sorted((ROOT / "content").glob("*.md"))
]


@pytest.fixture(scope="module")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature site, built for an address."""
    root = copied(tmp_path_factory.mktemp("addressed") / "mini")
    done = run(root, url=URL)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture(scope="module")
def files(addressed: Path) -> dict[str, bytes]:
    """Its files."""
    return tree(addressed)


def head(files: dict[str, bytes], slug: str) -> dict[str, str]:
    """Return what the head of a page says, by property or name."""
    html = files[f"{slug}.html"].decode()
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', html)
    return dict(found)


def data(html: str) -> dict[str, object]:
    """Return the structured data of a page."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found is not None
    read: dict[str, object] = json.loads(found[1])
    return read


def test_every_page_says_what_is_shown_where_it_is_shared(
    files: dict[str, bytes],
) -> None:
    for slug in PAGES:
        said = head(files, slug)
        assert said["og:title"]
        assert said["og:description"] == said["description"]
        assert said["og:image"] == f"{URL}files/card-{slug}.png"
        assert said["twitter:card"] == "summary_large_image"
        sides = said["og:image:width"], said["og:image:height"]
        picture = imread(io.BytesIO(files[f"files/card-{slug}.png"]))
        assert picture.shape[:2] == (630, 1200)
        assert sides == ("1200", "630")
    assert head(files, "index")["og:type"] == "website"
    assert head(files, "other")["og:type"] == "article"
    cards = {files[f"files/card-{slug}.png"] for slug in PAGES}
    assert len(cards) == len(PAGES)


def test_structured_data_says_what_each_page_is(files: dict[str, bytes]) -> None:
    home, chapter, list_ = (data(files[f"{slug}.html"].decode()) for slug in PAGES)
    assert [home["@type"], chapter["@type"], list_["@type"]] == [
        *("WebSite", "Article", "WebPage"),
    ]
    assert home["url"] == URL
    assert chapter["headline"] == "The other page"
    assert chapter["url"] == f"{URL}other.html"
    assert chapter["description"] == "A gap."
    assert chapter["image"] == f"{URL}files/card-other.png"
    assert chapter["isPartOf"] == {k: home[k] for k in ("@type", "name", "url")}


def test_no_title_can_end_the_script_that_holds_it() -> None:
    title = 'A </script><b> & "quotes"'
    page = replace(PAGE, title=title, canonical=f"{URL}a.html")
    html = render("page.html", sharing.shared(page, SITE, URL))
    assert data(html)["headline"] == title


def test_the_policy_lets_structured_data_be(addressed: Path, page: Page) -> None:
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.goto((addressed / "out" / "other.html").as_uri())
    assert page.locator("script[type='application/ld+json']").count() == 1
    assert wrong == []


def test_search_engines_are_told_every_page(files: dict[str, bytes]) -> None:
    told = re.findall("<loc>(.*?)</loc>", files["sitemap.xml"].decode())
    assert told == [URL, f"{URL}other.html", f"{URL}references.html"]
    assert f"Sitemap: {URL}sitemap.xml" in files["robots.txt"].decode().splitlines()
    for slug in PAGES:
        canonical = URL if slug == "index" else f"{URL}{slug}.html"
        link = f'<link rel="canonical" href="{canonical}">'
        assert link in files[f"{slug}.html"].decode()


def test_without_an_address_nothing_is_said_of_one(addressed: Path) -> None:
    assert run(addressed).returncode == 0
    files = tree(addressed)
    assert ".nojekyll" in files
    for name in ("sitemap.xml", "robots.txt", "files/card-index.png"):
        assert name not in files
    for slug in PAGES:
        html = files[f"{slug}.html"].decode()
        assert not re.search("og:|canonical|ld.json|schema", html)
        assert head(files, slug)["description"]


def test_sources_and_the_site_itself_can_be_taken_along(
    files: dict[str, bytes],
) -> None:
    sources = parse_string(files["references.bib"].decode(), "bibtex").entries
    assert list(sources) == ["knuth1974"]
    own = parse_string(files["holding-it-together.bib"].decode(), "bibtex").entries
    assert own["holding-it-together"].fields["url"] == URL
    assert 'href="references.bib" download' in files["references.html"].decode()
    for slug in PAGES:
        assert 'href="holding-it-together.bib"' in files[f"{slug}.html"].decode()


def test_a_source_that_no_page_cites_is_not_taken_along(addressed: Path) -> None:
    bib = addressed / "content" / "references.bib"
    more = "@book{more, author = {A. Author}, title = {T}, year = {1999}}\n"
    before = bib.read_text()
    bib.write_text(before + more)
    try:
        assert run(addressed, url=URL).returncode == 0
        assert "more" not in tree(addressed)["references.bib"].decode()
    finally:
        bib.write_text(before)


def test_a_card_has_the_same_bytes_whenever_it_is_drawn() -> None:
    first, second = (
        look.png(sharing.card("A title", "below", STILL), scale=1) for _ in range(2)
    )
    assert first == second
    assert b"Software" not in first
    assert b"tIME" not in first


def test_a_card_is_known_by_what_it_shows() -> None:
    key = sharing.card_job("a", "A title", "below", STILL).key
    assert key == sharing.card_job("a", "A title", "below", STILL).key
    other = look.png(look.new_figure(592, 331))
    for words in [("B", "below", STILL), ("A title", "b", STILL)]:
        assert sharing.card_job("a", *words).key != key
    assert sharing.card_job("a", "A title", "below", other).key != key
    assert sharing.card_job("a", "A title", "below", None).key != key


@pytest.mark.parametrize("still", [STILL, None], ids=["picture", "words"])
@pytest.mark.parametrize("title", [*TITLES, "Six long words, and none over"])
def test_the_words_of_a_card_fit(title: str, still: bytes | None) -> None:
    figure = sharing.card(title, "below", still)
    heading, below = figure.axes[0].texts
    with look.style():
        box, low = heading.get_window_extent(), below.get_window_extent()
    assert box.x0 >= 60
    assert box.x1 <= (556 if still else 1140)
    assert box.y1 <= 630 - 50
    assert box.y0 > low.y1 + 20  # pixels from the bottom


def test_a_card_stands_on_paper_and_shows_the_figure_whole() -> None:
    with look.style():
        tall = look.new_figure(300, 600)
        look.axes_at(tall, 0, 0, 300, 600).set_facecolor(look.CONTROL)
    pixels = look.rgb(sharing.card("T", "b", look.png(tall)))
    assert np.allclose(pixels[20, 20] / 255, PAPER)
    red = np.argwhere((pixels == (look.rgba(look.CONTROL)[:3] * 255)).all(axis=2))
    red = red[red[:, 0] < 600]  # above the strip of colours
    (top, left), (bottom, right) = red.min(axis=0), red.max(axis=0)
    assert abs((bottom - top) - 460) < 8
    assert abs((right - left) - 230) < 8
    assert right < 1140
