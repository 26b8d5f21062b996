"""Pages set in their templates: the last step from prose to files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ht_sim.engine.store import Kept, Store
from ht_sim.publish import source_lists, views
from ht_sim.publish.assets import TEMPLATES, Assets
from ht_sim.publish.citations import cited_on
from ht_sim.publish.directives import Claim, Figure, Heading
from ht_sim.publish.figure_views import FigureFiles, Words
from ht_sim.publish.prose import Page
from ht_sim.publish.rendering import Context, Rendered, render
from ht_sim.publish.site import Report, Site
from ht_sim.results import Result, all_facts

TITLE = "Holding it Together"
TAGLINE = "dropout, batch norm and layer norm, taken apart"
LICENCE = "Prose and figures CC BY 4.0, code MIT, fonts SIL OFL 1.1."
_LAST_CHAPTER = 49  # the order from which a page is no chapter


class Press:
    """Sets pages in their templates."""

    def __init__(
        self,
        site: Site,
        results: Mapping[str, Result],
        drawn: Mapping[str, Kept],
        store: Store,
    ) -> None:
        self.site = site
        self.facts = all_facts(results)
        self.assets = Assets()
        self.static = self.assets.add_static()
        self.figures = FigureFiles(
            site.project,
            site.exhibits,
            results,
            drawn,
            store,
            self.assets,
            site.site_url,
        )
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.links = {slug: self._link(page) for slug, page in site.pages.items()}
        rests = {slug: one.rest for slug, one in site.captions.items()}
        self.mentions = cited_on(site.pages.values(), rests)

    def print(self, chosen: Sequence[str], report: Report) -> dict[str, bytes]:
        """Return all files that the chosen pages need."""
        files: dict[str, bytes] = {".nojekyll": b""}
        rendered = {slug: self._render(slug) for slug in chosen}
        view = self._site_view()
        for done, slug in enumerate(chosen, start=1):
            page = self._page_view(slug, rendered[slug])
            template = self.site.pages[slug].front.template  # type: ignore[union-attr]
            files[f"{slug}.html"] = self._set(f"{template}.html", view, page)
            report(slug, done, len(chosen))
        files["404.html"] = self._set("404.html", view, self._lost())
        if self.site.site_url:
            files["sitemap.xml"] = _sitemap(self.site.site_url, list(self.site.pages))
        return files | self.assets.files | self.figures.files

    def _set(self, template: str, site: views.SiteView, page: views.PageView) -> bytes:
        text = self.templates.get_template(template).render(site=site, page=page)
        return text.encode()

    def _render(self, slug: str) -> tuple[Rendered, Markup | None]:
        """Return a page's HTML, and the figure that stands before its first words."""
        page = self.site.pages[slug]
        lead = _lead(page)
        front: list[Markup] = []

        def figure(name: str) -> Callable[[Mapping[str, str]], str]:
            def html(options: Mapping[str, str]) -> str:
                drawn = self._figure(page, name, options)
                if name != lead:
                    return drawn
                front.append(drawn)
                return ""

            return html

        rendered = render(
            page, self._context({one: figure(one) for one in page.figures})
        )
        return rendered, front[0] if front else None

    def _context(
        self, figures: Mapping[str, Callable[[Mapping[str, str]], str]]
    ) -> Context:
        pages = list(self.site.pages.values())
        return Context(pages, self.facts, self.site.bibliography, figures)

    def _figure(self, page: Page, slug: str, options: Mapping[str, str]) -> Markup:
        finding, rest = (
            _inline(render(part, self._context({}), page).html)
            for part in self.site.captions[slug].parts
        )
        view = self.figures.view(
            slug,
            Words(finding, rest),
            page=page.slug,
            number=page.figures.index(slug) + 1,
            width=options.get("width", "text"),  # type: ignore[arg-type]
        )
        module = self.templates.get_template("_figure.html").module
        return Markup(module.figure(view))  # type: ignore[attr-defined]

    def _site_view(self) -> views.SiteView:
        texts = [*self.site.pages.values()]
        texts += [part for one in self.site.captions.values() for part in one.parts]
        kinds = [kind for text in texts for kind in _claims_of(text)]
        counts = views.Counts(
            len(self.site.experiments),
            len(self.site.exhibits),
            *(kinds.count(kind) for kind in ("shown", "cited", "disputed")),
        )
        return views.SiteView(
            title=TITLE,
            tagline=TAGLINE,
            pages=[link for slug, link in self.links.items() if slug != "index"],
            counts=counts,
            stylesheet=self.static["site.css"],
            script=self.static["site.js"],
            icon=self.static["icon.svg"],
            licence=LICENCE,
            bibtex=_bibtex(self.site.site_url),
        )

    def _link(self, page: Page) -> views.PageLink:
        chapters = [one.slug for one in self.site.pages.values() if _is_chapter(one)]
        known = page.slug in chapters
        return views.PageLink(
            page.slug,
            f"{page.slug}.html",
            chapters.index(page.slug) + 1 if known else None,
            page.slug.replace("-", " "),
            escape(page.title),
            page.front.summary if page.front else "",
        )

    def _page_view(
        self, slug: str, rendered: tuple[Rendered, Markup | None]
    ) -> views.PageView:
        page, link = self.site.pages[slug], self.links[slug]
        body, first_figure = rendered
        chapters = [one for one in self.links.values() if one.number is not None]
        place = chapters.index(link) if link in chapters else None
        url = self.site.site_url
        front, sources = page.front, self.site.bibliography
        assert front is not None  # a page without front matter was refused
        return views.PageView(
            slug=slug,
            href=link.href,
            title=page.title,
            title_html=escape(page.title),
            number=link.number,
            label=link.label,
            summary=front.summary,
            description=front.summary,
            body=Markup(body.html),
            able=front.able,
            contents=[
                views.Heading(one.id, Markup(one.html), one.level)
                for one in body.headings
            ],
            previous=chapters[place - 1] if place else None,
            next=None if place is None else next(iter(chapters[place + 1 :]), None),
            references=(
                source_lists.of_site(sources, self.mentions, self.links)
                if front.template == "references"
                else source_lists.of_page(sources, self.mentions, slug)
            ),
            first_figure=first_figure,
            canonical=_address(url, slug),
            og_image=f"{url}files/{page.figures[0]}.png"
            if url and page.figures
            else None,
        )

    def _lost(self) -> views.PageView:
        summary = (
            "The address may be old, or mistyped. Everything is on the first page."
        )
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
            root=self.site.site_url or "",
        )


def _lead(page: Page) -> str | None:
    """Return the figure that stands before a page's first words, if any."""
    for one in page.directives:
        before = page.source.text[page.start : one.start].strip()
        return one.slug if isinstance(one, Figure) and not before else None
    return None


def _inline(html: str) -> Markup:
    """Return the HTML of a text of one paragraph without the paragraph."""
    return Markup(re.sub(r"^<p>|</p>$", "", html.strip()))


def _claims_of(text: Page) -> list[str]:
    return [
        one.evidence.kind
        for one in text.directives
        if isinstance(one, Claim | Heading) and one.evidence
    ]


def _is_chapter(page: Page) -> bool:
    front = page.front
    return bool(front and front.template == "page" and front.order <= _LAST_CHAPTER)


def _address(site_url: str | None, slug: str) -> str | None:
    if site_url is None:
        return None
    return site_url if slug == "index" else f"{site_url}{slug}.html"


def _sitemap(site_url: str, slugs: Sequence[str]) -> bytes:
    rows = "".join(
        f"  <url><loc>{escape(_address(site_url, slug))}</loc></url>\n"
        for slug in slugs
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{rows}</urlset>\n"
    ).encode()


def _bibtex(site_url: str | None) -> str:
    where = f"  url = {{{site_url}}},\n" if site_url else ""
    return (
        "@misc{holding-it-together,\n"
        "  author = {{The Holding it Together authors}},\n"
        f"  title = {{{TITLE}: {TAGLINE}}},\n"
        f"{where}}}"
    )
