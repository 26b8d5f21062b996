"""Pages set in their templates: the last step from prose to files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property, partial
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from ht_sim.engine.executors import executor
from ht_sim.engine.jobs import Job, JobsFailed, run
from ht_sim.engine.store import Kept, Store
from ht_sim.problems import BuildFailed, Problem, Refused
from ht_sim.publish import source_lists, views
from ht_sim.publish.assets import TEMPLATES, Assets
from ht_sim.publish.citations import cited_on
from ht_sim.publish.directives import Figure
from ht_sim.publish.figure_views import FigureFiles, Words
from ht_sim.publish.page_frame import (
    address,
    links_of,
    lost_page,
    site_view,
    sitemap,
)
from ht_sim.publish.page_keys import (
    Depends,
    list_depends,
    page_depends,
    setting_depends,
)
from ht_sim.publish.page_templates import template_problem
from ht_sim.publish.prose import Page
from ht_sim.publish.rendering import Context, Rendered, render
from ht_sim.publish.site import Report, Site
from ht_sim.results import Result, all_facts

_FIGURE = '{% from "_figure.html" import figure %}{{ figure(view) }}'


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
        self.assets = Assets()
        self.templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.links = links_of(site)
        rests = {slug: one.rest for slug, one in site.captions.items()}
        self.mentions = cited_on(site.pages.values(), rests)
        self.view = site_view(site, self.links, self.assets.add_static())
        self.problems: list[Problem] = []

    def jobs(self, chosen: Sequence[str]) -> list[Job]:
        """Return the job of each page: the page itself and all the files it brings."""
        jobs = []
        for slug in chosen:
            page = self.site.pages[slug]
            own = page_depends(self.site, page, self.facts, self.results, self.drawn)
            if page.front and page.front.template == "references":
                own |= list_depends(self.site, self.mentions)
            part = partial(self._page_files, slug)
            jobs.append(Job(slug, self._shared | own, [part]))
        return jobs

    def print(
        self, chosen: Sequence[str], report: Report, **how: Any
    ) -> dict[str, bytes]:
        """Return all files that the chosen pages need; ``how`` goes on to ``run``.

        Raises BuildFailed when a template is at fault.
        """
        here = executor(jobs=1)
        lost = Job("404", self._shared, [self._lost_files])
        files: dict[str, bytes] = {".nojekyll": b""} | self.assets.files
        try:
            known = run(self.jobs(chosen), self.store, here, report, **how)
            known |= run([lost], self.store, here, lambda *_: None)
        except JobsFailed:
            if self.problems:
                raise BuildFailed(self.problems) from None
            raise
        for kept in known.values():
            files |= self.store.bundle(kept)
        if self.site.site_url:
            files["sitemap.xml"] = sitemap(self.site.site_url, list(self.site.pages))
        return files

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
            self.store,
            assets,
            self.site.site_url,
        )
        view = self._page_view(slug, self._render(page, figures))
        template = page.front.template if page.front else "page"
        html = self._set(f"{template}.html", view)
        return {f"{slug}.html": html} | assets.files | figures.files

    def _lost_files(self) -> dict[str, bytes]:
        return {"404.html": self._set("404.html", lost_page(self.site.site_url))}

    def _set(self, template: str, page: views.PageView) -> bytes:
        with self._at_fault(template):
            text = self.templates.get_template(template).render(
                site=self.view, page=page
            )
        return text.encode()

    @contextmanager
    def _at_fault(self, template: str) -> Iterator[None]:
        """Say of an error in a template where it is, and stop the page."""
        try:
            yield
        except TemplateError as error:
            problem = template_problem(error, template)
            self.problems.append(problem)
            raise Refused(str(problem)) from None

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
        finding, rest = (
            _inline(render(part, self._context({}), page).html)
            for part in self.site.captions[slug].parts
        )
        view = figures.view(
            slug,
            Words(finding, rest),
            page=page.slug,
            number=page.figures.index(slug) + 1,
            width=options.get("width", "text"),  # type: ignore[arg-type]
        )
        with self._at_fault("_figure.html"):
            return Markup(self.templates.from_string(_FIGURE).render(view=view))

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
            canonical=address(url, slug),
            og_image=f"{url}files/{page.figures[0]}.png"
            if url and page.figures
            else None,
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
