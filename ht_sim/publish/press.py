"""Pages set in their templates: the last step from prose to files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property, partial
from typing import Any

from markupsafe import Markup, escape

from ht_sim.engine.executors import executor
from ht_sim.engine.jobs import Job, JobsFailed, run
from ht_sim.engine.store import Kept, Store
from ht_sim.problems import BuildFailed
from ht_sim.publish import code_pages, search, sharing, source_lists, views
from ht_sim.publish.assets import TEMPLATES, Assets
from ht_sim.publish.budgets import Weights, first_view
from ht_sim.publish.citations import cited_on
from ht_sim.publish.directives import Figure
from ht_sim.publish.figure_views import FigureFiles, Words
from ht_sim.publish.page_frame import (
    address,
    links_of,
    lost_page,
    reading_minutes,
    site_view,
)
from ht_sim.publish.page_keys import (
    Depends,
    list_depends,
    page_depends,
    setting_depends,
)
from ht_sim.publish.page_templates import Templates
from ht_sim.publish.prose import Page
from ht_sim.publish.rendering import Context, Rendered, render
from ht_sim.publish.said import said
from ht_sim.publish.site import Report, Site
from ht_sim.results import Result, all_facts

_WEIGHTS = ".weights.json"  # among the files of a page, and not put in place


class Press:
    """Sets pages in their templates, where they are not known yet."""

    def __init__(
        self,
        site: Site,
        results: Mapping[str, Result],
        drawn: Mapping[str, Kept],
        store: Store,
    ) -> None:
        self.site, self.results, self.drawn, self.store = site, results, drawn, store
        self.facts = all_facts(results)
        self.said = {
            name: said(site.project, name, site.exhibits[name], results, store)
            for name in drawn
        }
        self.assets = Assets()
        self.links = links_of(site)
        rests = {slug: one.rest for slug, one in site.captions.items()}
        self.mentions = cited_on(site.pages.values(), rests)
        self.view = site_view(site, self.links, self.assets.add_static(site.site_url))
        self.templates = Templates(self.view)
        self.weights = Weights()  # of what was printed

    def jobs(self, chosen: Sequence[str]) -> list[Job]:
        """Return the job of each page: the page itself and all the files it brings."""
        jobs = []
        for slug in chosen:
            page = self.site.pages[slug]
            own = page_depends(
                self.site, page, self.facts, self.results, self.drawn, self.said
            )
            if page.front and page.front.template == "references":
                own |= list_depends(self.site, self.mentions)
            part = partial(self._page_files, slug)
            jobs.append(Job(slug, self._shared | own, [part]))
        return jobs

    def print(
        self, chosen: Sequence[str], report: Report, **how: Any
    ) -> dict[str, bytes]:
        """Return all files that the chosen pages need; ``how`` goes on to ``run``.

        Raises BuildFailed when a template is at fault, and when what is printed is too
        heavy; ``weights`` then has how heavy it is.
        """
        here = executor(jobs=1)
        files = sharing.site_files(self.site, self.view, self.mentions)
        files |= self.assets.files
        entries = []
        try:
            known = run(self.jobs(chosen), self.store, here, report, **how)
            known |= run(self._more(chosen), self.store, here, lambda *_: None)
        except JobsFailed:
            if self.templates.problems:
                raise BuildFailed(self.templates.problems) from None
            raise
        for name, kept in known.items():
            files |= self.store.bundle(kept)
            if name in chosen:
                self.weights.add(name, **json.loads(files.pop(_WEIGHTS)))
                entries.append(files.pop(search.ENTRIES))
        if heavy := list(self.weights.problems(self.site)):
            raise BuildFailed(heavy)
        if len(chosen) == len(self.site.pages):
            files[search.INDEX] = search.index(entries)
        return files

    def _more(self, chosen: Sequence[str]) -> list[Job]:
        """Return the jobs beside the chosen pages: 404, figures' code, cards."""
        lost = partial(lost_page, self.site.site_url)
        jobs = [Job("404", self._shared, [partial(self._plain, "404.html", lost)])]
        for slug in self.site.figures_of(chosen):
            view = partial(code_pages.code_page, self.site, slug)
            depends = self._shared | code_pages.depends(self.site, slug)
            part = partial(self._plain, "code.html", view)
            jobs.append(Job(code_pages.address(slug), depends, [part]))
        if self.site.site_url:
            jobs += [self._card(self.site.pages[slug]) for slug in chosen]
        return jobs

    def _card(self, page: Page) -> Job:
        """Return the job of a page's card, with its first figure if it has one."""
        lead = next(iter(page.figures), None)
        still = lead and self.store.read(self.drawn[lead], "default.png")
        below = self.view.tagline if page.slug == "index" else self.view.title
        return sharing.card_job(page.slug, page.title, below, still or None)

    def _plain(
        self, template: str, view: Callable[[], views.PageView]
    ) -> dict[str, bytes]:
        """Return the file of a page without figures."""
        page = view()
        return {page.href: self.templates.page(template, page)}

    @cached_property
    def _shared(self) -> Depends:
        """Return what every page depends on."""
        return setting_depends(TEMPLATES) | {
            "site": asdict(self.view)
            | {
                "pages": [repr(link) for link in self.links.values()],
                "address": self.site.site_url,
            },
        }

    def _page_files(self, slug: str) -> dict[str, bytes]:
        page, assets = self.site.pages[slug], Assets()
        figures = FigureFiles(
            self.site.project,
            self.site.exhibits,
            self.results,
            self.drawn,
            self.said,
            self.store,
            assets,
            self.site.site_url,
        )
        view = self._page_view(slug, self._render(page, figures))
        if self.site.site_url:
            view = sharing.shared(view, self.view, self.site.site_url)
        template = page.front.template if page.front else "page"
        html = self.templates.page(f"{template}.html", view)
        page_weight = first_view(html, self.assets.files)
        weights = {"page": page_weight, "figures": figures.weights}
        files = {f"{slug}.html": html, _WEIGHTS: json.dumps(weights).encode()}
        files[search.ENTRIES] = search.page_entries(view, html)
        return files | assets.files | figures.files

    def _render(
        self, page: Page, figures: FigureFiles
    ) -> tuple[Rendered, Markup | None]:
        """Return a page's HTML, and the figure that stands before its first words."""
        lead = _lead(page)
        front: list[Markup] = []

        def figure(name: str) -> Callable[[Mapping[str, str]], str]:
            def html(options: Mapping[str, str]) -> str:
                drawn = self._figure(figures, page, name, options)
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

    def _figure(
        self, figures: FigureFiles, page: Page, slug: str, options: Mapping[str, str]
    ) -> Markup:
        captions = self.site.captions[slug]
        finding, rest, *steps = (
            _inline(render(part, self._context({}), page).html)
            for part in captions.parts
        )
        view = figures.view(
            slug,
            Words(finding, rest, dict(zip(captions.steps, steps, strict=True))),
            page=page.slug,
            number=page.figures.index(slug) + 1,
            width=options.get("width", "text"),  # type: ignore[arg-type]
        )
        return self.templates.figure(view)

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
            minutes=reading_minutes(page) if link.number else None,
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
            canonical=address(url, slug),
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
