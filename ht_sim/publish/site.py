"""What a site is before it is set: its pages and captions, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ht_sim.discovery import file_of, module_of
from ht_sim.engine.store import Store
from ht_sim.experiments import Experiment
from ht_sim.figures import Exhibit
from ht_sim.problems import BuildFailed, Problem
from ht_sim.project import Project
from ht_sim.publish import views
from ht_sim.publish.captions import Caption
from ht_sim.publish.checks import check
from ht_sim.publish.citations import Bibliography
from ht_sim.publish.claims import ClaimError, parse
from ht_sim.publish.directives import Claim, Figure, Heading, Quote
from ht_sim.publish.known import Known
from ht_sim.publish.prose import Page
from ht_sim.publish.said import said
from ht_sim.results import Result, all_facts

Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Site:
    """All that is read before anything runs, and what is wrong with it so far.

    ``broken_experiments`` and ``broken_figures`` are those whose modules are there and
    cannot be loaded: nothing that rests on them is judged.
    """

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
    broken_experiments: frozenset[str] = frozenset()
    broken_figures: frozenset[str] = frozenset()
    quick: bool = False  # with fewer repeats and points, and marked so

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

    def wrong(
        self,
        chosen: Sequence[str],
        results: Mapping[str, Result],
        drawn: Mapping[str, int],
        store: Store,
    ) -> list[Problem]:
        """Return all that is wrong with the chosen pages.

        ``drawn`` gives the widths of figures in CSS pixels. What rests on experiments
        without a result, or on figures that are not drawn, is not judged.
        """
        figures = {
            slug: file_of(f"{self.project.figures}.{module_of(slug)}")
            for slug in (*self.exhibits, *self.broken_figures)
        }
        missing = self.experiments.keys() - results.keys() | self.broken_experiments
        facts = all_facts(results)
        known = Known(facts, figures, self.bibliography, self.brief, missing)
        texts = [part for one in self.captions.values() for part in one.parts]
        found = check(list(self.pages.values()), known, texts)
        for caption in self.captions.values():
            found = caption.placed(found)
        if len(chosen) < len(self.pages):
            mine = {self.pages[slug].source.label for slug in chosen}
            mine |= {figures[slug] for slug in self.figures_of(chosen)}
            found = [problem for problem in found if problem.file in mine]
        else:
            found += [*self._unused(), *self._same_order()]
        found += self._too_wide(chosen, drawn)
        for slug in self.figures_of(chosen):
            if not self.faults and set(self._behind(slug)) <= results.keys():
                try:
                    said(self.project, slug, self.exhibits[slug], results, store)
                except BuildFailed as failed:
                    found += failed.problems
        return [*found, *self.problems]

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
        """Return a problem for each experiment that no page draws or quotes.

        None while a page names a figure or an experiment that there is not or that is
        broken, or has a stretch that names the experiment and cannot be read; nor
        while any figure is broken.
        """
        pages = list(self.pages.values())
        texts = [
            *pages,
            *(part for one in self.captions.values() for part in one.parts),
        ]
        facts = {fact.partition(".")[0] for text in texts for fact in _facts_of(text)}
        shown = {slug for page in pages for slug in page.figures}
        named = facts | {name for slug in self.exhibits for name in self._behind(slug)}
        if not (named <= self.experiments.keys() and shown <= self.exhibits.keys()):
            return []
        if self.broken_figures:
            return []
        unread = "\n".join(text.unread for text in texts)
        unused = self.experiments.keys() - set(self._used(list(self.pages)))
        return [
            Problem(
                file_of(f"{self.project.experiments}.{module_of(slug)}"),
                *(1, 1, f"no figure and no page uses the experiment {slug!r}"),
            )
            for slug in sorted(unused)
            if slug not in unread
        ]


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
