"""What a site is before it is set: its pages and captions, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ht_sim.discovery import file_of, place_of
from ht_sim.experiments import Experiment
from ht_sim.figures import Exhibit
from ht_sim.problems import BuildFailed, Problem
from ht_sim.project import Project
from ht_sim.publish import views
from ht_sim.publish.checks import Known, check
from ht_sim.publish.citations import Bibliography, read_bibliography
from ht_sim.publish.claims import ClaimError, parse
from ht_sim.publish.directives import Claim, Figure, Heading, Quote
from ht_sim.publish.prose import Page, read_page, read_text
from ht_sim.results import Result, all_facts

Report = Callable[[str, int, int], None]


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

    def check(
        self,
        chosen: Sequence[str],
        results: Mapping[str, Result],
        drawn: Mapping[str, int],
    ) -> None:
        """Raise BuildFailed with all that is wrong with the chosen pages.

        ``drawn`` gives the widths of figures in CSS pixels.
        """
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
