"""What stands around every page: the site's name, its links, its counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from ht_sim.publish import views
from ht_sim.publish.directives import Claim, Heading
from ht_sim.publish.prose import Page
from ht_sim.publish.site import Site

TITLE = "Holding it Together"
TAGLINE = "dropout, batch norm and layer norm, taken apart"
LICENCE = "Prose and figures CC BY 4.0, code MIT, fonts SIL OFL 1.1."
_WORDS_A_MINUTE = 220
_APART = re.compile(r"```.*?```|\$\$.*?\$\$|\{[^}]*\}|`[^`]*`", re.DOTALL)
_LAST_CHAPTER = 49  # the order from which a page is no chapter


def links_of(site: Site) -> dict[str, views.PageLink]:
    """Return each page as others point to it, by its slug."""
    chapters = [one.slug for one in site.pages.values() if _is_chapter(one)]
    return {
        slug: views.PageLink(
            slug,
            f"{slug}.html",
            chapters.index(slug) + 1 if slug in chapters else None,
            slug.replace("-", " "),
            escape(page.title),
            page.front.summary if page.front else "",
        )
        for slug, page in site.pages.items()
    }


def site_view(
    site: Site, links: Mapping[str, views.PageLink], static: Mapping[str, str]
) -> views.SiteView:
    """Return what templates are told of the site; ``static`` has paths by name."""
    texts = [*site.pages.values()]
    texts += [part for one in site.captions.values() for part in one.parts]
    kinds = [kind for text in texts for kind in _claims_of(text)]
    counts = views.Counts(
        len(site.experiments),
        len(site.exhibits),
        *(kinds.count(kind) for kind in ("shown", "cited", "disputed")),
    )
    return views.SiteView(
        title=TITLE,
        tagline=TAGLINE,
        pages=[link for slug, link in links.items() if slug != "index"],
        counts=counts,
        stylesheet=static["site.css"],
        faces=static["typefaces.css"],
        script=static["site.js"],
        search=static["search.js"],
        icon=static["icon.svg"],
        licence=LICENCE,
        bibtex=_bibtex(site.site_url),
        quick=site.quick,
    )


def lost_page(site_url: str | None) -> views.PageView:
    """Return the page that a server gives where there is none."""
    summary = "The address may be old, or mistyped. Everything is on the first page."
    return views.PageView(
        slug="404",
        href="404.html",
        title="There is no page here",
        title_html=Markup("There is no page here"),
        number=None,
        label="404",
        summary=summary,
        description=summary,
        body=Markup(""),
        root=site_url or "",
    )


def address(site_url: str | None, slug: str) -> str | None:
    """Return where a page will be, if the site's address is known."""
    if site_url is None:
        return None
    return site_url if slug == "index" else f"{site_url}{slug}.html"


def sitemap(site_url: str, slugs: Sequence[str]) -> bytes:
    """Return the list of pages for search engines."""
    rows = "".join(
        f"  <url><loc>{escape(address(site_url, slug))}</loc></url>\n" for slug in slugs
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{rows}</urlset>\n"
    ).encode()


def reading_minutes(page: Page) -> int:
    """Return about how long the words of a page take, figures not counted."""
    words = re.findall(r"[^\W\d]+", _APART.sub(" ", page.source.text[page.start :]))
    return max(1, round(len(words) / _WORDS_A_MINUTE))


def _claims_of(text: Page) -> list[str]:
    return [
        one.evidence.kind
        for one in text.directives
        if isinstance(one, Claim | Heading) and one.evidence
    ]


def _is_chapter(page: Page) -> bool:
    front = page.front
    return bool(front and front.template == "page" and front.order <= _LAST_CHAPTER)


def _bibtex(site_url: str | None) -> str:
    where = f"  url = {{{site_url}}},\n" if site_url else ""
    return (
        "@misc{holding-it-together,\n"
        "  author = {{The Holding it Together authors}},\n"
        f"  title = {{{TITLE}: {TAGLINE}}},\n"
        f"{where}}}"
    )
