"""How the site is found and passed on: cards, structured data, files to take along."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from textwrap import fill
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from ht_sim import look, style
from ht_sim.engine.fingerprint import code_of, digest
from ht_sim.engine.jobs import Job
from ht_sim.publish import views
from ht_sim.publish.page_frame import sitemap
from ht_sim.publish.site import Site
from ht_sim.results import versions

if TYPE_CHECKING:  # matplotlib is loaded when something is drawn
    from matplotlib.figure import Figure

CARD: Final = (1200, 630)  # pixels, as those who show cards ask for
SOURCES: Final = "references.bib"
OWN_ENTRY: Final = "holding-it-together.bib"
AUTHORS: Final = "The Holding it Together authors"
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def shared(page: views.PageView, site: views.SiteView, site_url: str) -> views.PageView:
    """Return a page that has an address with its card and its structured data."""
    carded = replace(page, og_image=f"{site_url}{_card_path(page.slug)}")
    return replace(carded, json_ld=_structured_data(carded, site, site_url))


def _structured_data(
    page: views.PageView, site: views.SiteView, site_url: str
) -> Markup:
    """Say what a page is in the words of schema.org, fit for a script element."""
    whole = {"@type": "WebSite", "name": site.title, "url": site_url}
    kind = {"@type": "Article" if page.number is not None else "WebPage"}
    own = {"headline": page.title, "url": page.canonical, "isPartOf": whole}
    data = {
        "@context": "https://schema.org",
        **(whole if page.slug == "index" else kind | own),
        "description": page.description,
        "image": page.og_image,
        "inLanguage": "en-GB",
        "license": _LICENCE,
        "author": {"@type": "Organization", "name": AUTHORS},
    }
    text = json.dumps(data, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c"))


def site_files(
    site: Site, view: views.SiteView, cited: Iterable[str]
) -> dict[str, bytes]:
    """Return the files for hosts, search engines and reference managers.

    ``cited`` are the keys of the sources. Search engines read ``robots.txt`` where the
    site has a host of its own, and ask for the sitemap by its address elsewhere.
    """
    keys = set(cited)
    entries = [one.bibtex for key, one in site.bibliography.items() if key in keys]
    files = {
        ".nojekyll": b"",  # or GitHub Pages would leave files out
        SOURCES: "\n".join(entries).encode(),
        OWN_ENTRY: f"{view.bibtex}\n".encode(),
    }
    if site.site_url:
        files["sitemap.xml"] = sitemap(site.site_url, list(site.pages))
        rules = f"User-agent: *\nAllow: /\nSitemap: {site.site_url}sitemap.xml\n"
        files["robots.txt"] = rules.encode()
    return files


def card_job(slug: str, title: str, below: str, still: bytes | None) -> Job:
    """Return the job of a page's card; ``still`` is the PNG of its first figure."""
    fonts = style.FONTS.glob("*.ttf")
    depends = {
        "words": [title, below],
        "still": still and digest(still),
        "code": code_of(_card_file)
        | {path.name: digest(path.read_bytes()) for path in fonts},
        "versions": versions("numpy", "matplotlib", "pillow"),
    }
    part = partial(_card_file, _card_path(slug), title, below, still)
    return Job(f"card {slug}", depends, [part])


def _card_path(slug: str) -> str:
    return f"files/card-{slug}.png"


def _card_file(
    path: str, title: str, below: str, still: bytes | None
) -> dict[str, bytes]:
    return {path: look.png(card(title, below, still), scale=1)}


def card(title: str, below: str, still: bytes | None) -> Figure:
    """Draw a page's card, CARD pixels large: its title, a line below, its picture.

    ``still`` is a PNG; without one the title has the card to itself.
    """
    width, height = CARD
    line, size = (21, 47) if still else (26, 76)  # letters, pixels
    with look.style():
        figure = look.new_figure(width, height)
        words = look.axes_at(figure, 0, 0, width, height)
        look.bare(words)
        words.set(xlim=(0, width), ylim=(height, 0))
        heading = words.text(64, 64, fill(title, line), size=size, parse_math=False)
        heading.set(weight="semibold", va="top", linespacing=0.92)
        words.text(64, 556, below, size=27, color=look.MUTED, parse_math=False)
        step = width / len(look.HEAT)
        for place, colour in enumerate(look.HEAT):
            words.fill_between(
                [place * step, (place + 1) * step], height - 14, height, color=colour
            )
        if still:
            _picture(figure, still, 560, 64, 576, 460)
    return figure


def _picture(
    figure: Figure, still: bytes, left: float, top: float, width: float, height: float
) -> None:
    """Set a PNG into a box in pixels, as large as fits, at its right and centred."""
    from matplotlib.image import imread

    pixels = imread(io.BytesIO(still))  # (rows, columns, 4)
    rows, columns = pixels.shape[:2]
    scale = min(width / columns, height / rows)
    wide, high = columns * scale, rows * scale
    place = left + width - wide, top + (height - high) / 2, wide, high
    axes = look.axes_at(figure, *place)
    look.bare(axes)
    axes.imshow(pixels, aspect="auto", interpolation="lanczos")
