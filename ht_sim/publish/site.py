"""The whole site as files: every page read, checked, and set in its template."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ht_sim.discovery import file_of, place_of
from ht_sim.engine.store import Kept, Store
from ht_sim.experiments import Experiment
from ht_sim.figures import Exhibit
from ht_sim.problems import BuildFailed, Problem
from ht_sim.project import Project
from ht_sim.publish import views
from ht_sim.publish.assets import TEMPLATES, Assets
from ht_sim.publish.checks import Known, check
from ht_sim.publish.citations import Bibliography, cited_on, read_bibliography
from ht_sim.publish.claims import ClaimError, parse
from ht_sim.publish.directives import Claim, Figure, Heading, Quote
from ht_sim.publish.figure_views import FigureFiles, Words, size
from ht_sim.publish.prose import Mention, Page, read_page, read_text
from ht_sim.publish.rendering import Context, Rendered, render
from ht_sim.results import Result, all_facts

Report = Callable[[str, int, int], None]
TITLE = "Holding it Together"
TAGLINE = "dropout, batch norm and layer norm, taken apart"
LICENCE = "Prose and figures CC BY 4.0, code MIT, fonts SIL OFL 1.1."
_LAST_CHAPTER = 49  # the order from which a page is no chapter


@dataclass(frozen=True)
class Caption:
    """The two parts of a figure's caption, each read as prose."""

    module: str
    finding: Page
    rest: Page

    @property
    def parts(self) -> tuple[Page, Page]:
        """Both, in order."""
        return self.finding, self.rest


@dataclass(frozen=True)
class Site:
    """All that is read before anything runs, and what is wrong with it so far."""

    project: Project
    experiments: Mapping[str, Experiment]
    exhibits: Mapping[str, Exhibit]
    pages: Mapping[str, Page]
    captions: Mapping[str, Caption]
    bibliography: Bibliography
    brief: frozenset[str]
    site_url: str | None
    problems: tuple[Problem, ...]
    faults: tuple[Problem, ...]  # those that leave nothing to draw

    def concerns(self, slug: str, pattern: str) -> bool:
        """Say whether a page, or a figure or experiment it shows, matches."""
        shown = self.pages[slug].figures
        behind = {name for one in shown for name in self._behind(one)}
        return any(fnmatchcase(name, pattern) for name in {slug, *shown, *behind})

    def names(self) -> list[str]:
        """Return everything that a pattern may name."""
        return sorted({*self.pages, *self.exhibits, *self.experiments})

    def figures_of(self, chosen: Sequence[str]) -> list[str]:
        """Return the known figures that some pages show."""
        shown = {one for slug in chosen for one in self.pages[slug].figures}
        return sorted(shown & self.exhibits.keys())

    def experiments_of(self, chosen: Sequence[str]) -> list[str]:
        """Return the known experiments that some pages draw or quote."""
        if len(chosen) == len(self.pages):
            return sorted(self.experiments)
        return self._used(chosen)

    def _used(self, chosen: Sequence[str]) -> list[str]:
        figures = self.figures_of(chosen)
        texts = [self.pages[slug] for slug in chosen]
        texts += [part for one in figures for part in self.captions[one].parts]
        used = {fact.partition(".")[0] for text in texts for fact in _facts_of(text)}
        used |= {name for one in figures for name in self._behind(one)}
        return sorted(used & self.experiments.keys())

    def _behind(self, figure: str) -> tuple[str, ...]:
        exhibit = self.exhibits.get(figure)
        return exhibit.experiments if exhibit else ()

    def files(
        self,
        chosen: Sequence[str],
        results: Mapping[str, Result],
        drawn: Mapping[str, Kept],
        store: Store,
        report: Report,
    ) -> dict[str, bytes]:
        """Return the files of the chosen pages; BuildFailed tells all that is wrong."""
        widths = {
            slug: size(store.read(k, "default.svg"))[0] for slug, k in drawn.items()
        }
        self._check(chosen, results, widths)
        return _Press(self, results, drawn, store).print(chosen, report)

    def _check(
        self,
        chosen: Sequence[str],
        results: Mapping[str, Result],
        drawn: Mapping[str, int],
    ) -> None:
        """Raise BuildFailed with all that is wrong; ``drawn`` gives figures' widths."""
        figures = {
            slug: file_of(exhibit.draw.__module__)
            for slug, exhibit in self.exhibits.items()
        }
        known = Known(all_facts(results), figures, self.bibliography, self.brief)
        texts = [part for one in self.captions.values() for part in one.parts]
        found = check(list(self.pages.values()), known, texts)
        for caption in self.captions.values():
            found = _moved(found, caption)
        if len(chosen) < len(self.pages):
            mine = {self.pages[slug].source.label for slug in chosen}
            mine |= {figures[slug] for slug in self.figures_of(chosen)}
            found = [problem for problem in found if problem.file in mine]
        else:
            found += [*self._unused(), *self._same_order()]
        found += self._too_wide(chosen, drawn)
        if found or self.problems:
            raise BuildFailed([*found, *self.problems])

    def _too_wide(
        self, chosen: Sequence[str], drawn: Mapping[str, int]
    ) -> Iterator[Problem]:
        """Give a problem for each figure that is wider than its place on a page."""
        for slug in chosen:
            page = self.pages[slug]
            for one in page.directives:
                if not isinstance(one, Figure) or one.slug not in drawn:
                    continue
                name = dict(one.options).get("width", "text")
                room, wide = views.WIDTHS.get(name, 0), drawn[one.slug]
                if wide > room:
                    what = (
                        f"the figure {one.slug!r} is {wide} px wide, {name} is {room}"
                    )
                    yield page.source.problem(one.at, what, "a wider :width:")

    def _same_order(self) -> Iterator[Problem]:
        """Give a problem for each page whose order is another's."""
        first: dict[int, Page] = {}
        for page in self.pages.values():
            if page.front and "order" in page.front.at:
                other = first.setdefault(page.front.order, page)
                if other is not page:
                    at, what = page.front.at["order"][0], "two pages of the same order"
                    have = other.source.label
                    yield page.source.problem(at, what, "another", have)

    def _unused(self) -> list[Problem]:
        """Return a problem for each experiment that no page draws or quotes."""
        used = self._used(list(self.pages))
        found = []
        for slug in sorted(self.experiments.keys() - set(used)):
            file = file_of(self.experiments[slug].simulate.__module__)
            what = f"no figure and no page uses the experiment {slug!r}"
            found.append(Problem(file, 1, 1, what))
        return found


def read_site(
    project: Project,
    experiments: Mapping[str, Experiment],
    exhibits: Mapping[str, Exhibit],
    site_url: str | None,
) -> Site:
    """Read the pages, the captions and the references; find no fault yet fatal."""
    problems: list[Problem] = []
    pages: list[Page] = []
    for path in sorted(project.content.glob("*.md")):
        page, wrong = read_page(project.label(path), path.read_text(encoding="utf-8"))
        pages.append(page)
        problems += wrong
    captions: dict[str, Caption] = {}
    faults: list[Problem] = []
    for slug, exhibit in exhibits.items():
        captions[slug], wrong = _caption(slug, exhibit)
        problems += _moved(wrong, captions[slug])
        faults += _faults(exhibit, experiments)
    references = project.content / "references.bib"
    bibliography, wrong = read_bibliography(
        project.label(references), references.read_text(encoding="utf-8")
    )
    problems += wrong
    return Site(
        project,
        experiments,
        exhibits,
        {page.slug: page for page in sorted(pages, key=_order)},
        captions,
        bibliography,
        frozenset(_brief(project)),
        site_url,
        tuple(problems),
        tuple(faults),
    )


def _caption(slug: str, exhibit: Exhibit) -> tuple[Caption, list[Problem]]:
    """Read a caption; its parts are labelled by the argument that they come from."""
    claim = f'[{exhibit.finding}]{{shown="{exhibit.shown}"}}'
    finding, wrong = read_text(f"{slug} finding", slug, claim)
    rest, more = read_text(f"{slug} caption", f"{slug}-caption", exhibit.caption)
    return Caption(exhibit.draw.__module__, finding, rest), wrong + more


def _moved(problems: Sequence[Problem], caption: Caption) -> list[Problem]:
    """Give problems of a caption the place of its text in the module."""
    moved = []
    for one in problems:
        if one.file in {part.source.label for part in caption.parts}:
            place = place_of(caption.module, "EXHIBIT", one.file.rpartition(" ")[2])
            file, (line, column) = file_of(caption.module), place
            one = replace(one, file=file, line=line, column=column)
        moved.append(one)
    return moved


def _faults(exhibit: Exhibit, experiments: Collection[str]) -> list[Problem]:
    module = exhibit.draw.__module__
    return [
        Problem(
            file_of(module),
            *place_of(module, "EXHIBIT", argument),
            f"{argument}: {what}",
        )
        for argument, what in exhibit.faults(experiments)
    ]


def _order(page: Page) -> tuple[int, str]:
    return (page.front.order if page.front else 0, page.slug)


def _brief(project: Project) -> set[str]:
    path = project.content / "data" / "brief.toml"
    return (
        set(tomllib.loads(path.read_text(encoding="utf-8"))) if path.exists() else set()
    )


def _facts_of(text: Page) -> set[str]:
    """Return the facts that a text quotes or rests a claim on."""
    found = {one.fact for one in text.directives if isinstance(one, Quote)}
    for one in text.directives:
        evidence = one.evidence if isinstance(one, Claim | Heading) else None
        if evidence and evidence.kind == "shown":
            try:
                found |= set(parse(evidence.text).facts)
            except ClaimError:
                continue
    return found


class _Press:
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
        front = page.front
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
                self._all_references()
                if front.template == "references"
                else self._references(slug)
            ),
            first_figure=first_figure,
            canonical=_address(url, slug),
            og_image=f"{url}files/{page.figures[0]}.png"
            if url and page.figures
            else None,
        )

    def _references(self, slug: str) -> list[views.Reference]:
        """Return the sources of one page, with the places it cites."""
        return [
            views.Reference(f"source-{key}", Markup(one.html) + _places(mine))
            for key, one in self.site.bibliography.items()
            if (mine := [m for m in self.mentions.get(key, []) if m.page == slug])
        ]

    def _all_references(self) -> list[views.Reference]:
        """Return every cited source, with links to where it is cited."""
        return [
            views.Reference(f"ref-{key}", Markup(one.html) + self._cited_on(key))
            for key, one in self.site.bibliography.items()
            if key in self.mentions
        ]

    def _cited_on(self, key: str) -> Markup:
        links = [
            Markup('<a href="{}.html#{}">{}</a>{}').format(
                one.page, one.anchor, self._words(one), _comma(one)
            )
            for one in self.mentions[key]
        ]
        return Markup(' <span class="places">Cited on {}.</span>').format(
            Markup("; ").join(links)
        )

    def _words(self, mention: Mention) -> str:
        home = mention.page == "index"
        return "the first page" if home else self.links[mention.page].label

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


def _places(mentions: Sequence[Mention]) -> Markup:
    places = [one.source.place for one in mentions if one.source.place]
    if not places:
        return Markup("")
    listed = "; ".join(dict.fromkeys(places))
    return Markup(' <span class="places">Here for {}.</span>').format(listed)


def _comma(mention: Mention) -> str:
    return f", {mention.source.place}" if mention.source.place else ""


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
