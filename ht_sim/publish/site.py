"""What a site is before it is set: its pages and captions, read and checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from ht_sim.discovery import (
    file_of,
    module_of,
    place_of,
    problem_in,
    problem_raised,
)
from ht_sim.experiments import Experiment
from ht_sim.figures import Exhibit
from ht_sim.problems import BuildFailed, Problem, did_you_mean
from ht_sim.project import Project
from ht_sim.publish import views
from ht_sim.publish.checks import Known, check
from ht_sim.publish.citations import Bibliography, read_bibliography
from ht_sim.publish.claims import ClaimError, parse
from ht_sim.publish.directives import Claim, Figure, Heading, Quote
from ht_sim.publish.prose import Page, read_page, read_text, unreadable_page
from ht_sim.publish.source import decoded
from ht_sim.results import Result, all_facts

Report = Callable[[str, int, int], None]
_PAGE_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Caption:
    """The two parts of a figure's caption, each read as prose."""

    module: str
    claim: str  # the words of the finding
    finding: Page
    rest: Page

    @property
    def parts(self) -> tuple[Page, Page]:
        """Both, in order."""
        return self.finding, self.rest

    def placed(self, problems: Sequence[Problem]) -> list[Problem]:
        """Give problems of the caption the place of its text in the module."""
        moved = []
        for one in problems:
            if one.file in {part.source.label for part in self.parts}:
                line, column = place_of(self.module, "EXHIBIT", self._argument(one))
                file = file_of(self.module)
                one = replace(one, file=file, line=line, column=column)
            moved.append(one)
        return moved

    def _argument(self, problem: Problem) -> str:
        """Return the argument of the exhibit in whose text a problem is."""
        if problem.file == self.rest.source.label:
            return "caption"
        place, end = (problem.line, problem.column), len(self.claim) + 1
        return "finding" if place < self.finding.source.place(end) else "shown"


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
        """Raise BuildFailed when anything is wrong with the chosen pages."""
        if found := self.wrong(chosen, results, drawn):
            raise BuildFailed(found)

    def wrong(
        self,
        chosen: Sequence[str],
        results: Mapping[str, Result],
        drawn: Mapping[str, int],
    ) -> list[Problem]:
        """Return all that is wrong with the chosen pages.

        ``drawn`` gives the widths of figures in CSS pixels. What rests on experiments
        without a result, or on figures that are not drawn, is not judged.
        """
        figures = {
            slug: file_of(exhibit.draw.__module__)
            for slug, exhibit in self.exhibits.items()
        }
        missing = self.experiments.keys() - results.keys()
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
                found += self._wordless(slug, results)
        return [*found, *self.problems]

    def _wordless(self, slug: str, results: Mapping[str, Result]) -> Iterator[Problem]:
        """Give the first state of a figure without alt text, and without a sentence."""
        exhibit = self.exhibits[slug]
        arrays = {name: results[name].arrays for name in exhibit.experiments}
        for function in (exhibit.alt, exhibit.spoken):
            for state in exhibit.states():
                values = [f"{name} {value:g}" for name, value in state.items()]
                when = f" at {', '.join(values)}" if values else ""
                try:
                    words = function(arrays, state)
                except Exception as error:
                    yield problem_raised(function, error, when)
                    break
                if not isinstance(words, str) or not words.strip():
                    what = f"{function.__name__}() gives {words!r}{when}"
                    yield problem_in(function, what, "a sentence")
                    break

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

        None while a page names a figure or an experiment that there is not, or has
        a stretch that names the experiment and cannot be read.
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


def read_site(
    project: Project,
    experiments: Mapping[str, Experiment],
    exhibits: Mapping[str, Exhibit],
    site_url: str | None,
) -> Site:
    """Read the pages, the captions and the references; find no fault yet fatal."""
    pages, problems = _pages(project)
    captions: dict[str, Caption] = {}
    faults = [
        one
        for slug, experiment in experiments.items()
        for one in _experiment_faults(project, slug, experiment)
    ]
    for slug, exhibit in exhibits.items():
        captions[slug], wrong = _caption(project, slug, exhibit)
        problems += captions[slug].placed(wrong)
        module, found = captions[slug].module, exhibit.faults(experiments)
        faults += _placed(module, "EXHIBIT", found)
    references = project.content / "references.bib"
    label = project.label(references)
    text, unreadable = decoded(label, references.read_bytes())
    bibliography, wrong = read_bibliography(label, text)
    brief, more = _brief(project)
    problems += [*(unreadable or wrong), *more]
    return Site(
        project,
        experiments,
        exhibits,
        {page.slug: page for page in sorted(pages, key=_order)},
        captions,
        bibliography,
        brief,
        site_url,
        tuple(problems),
        tuple(faults),
    )


def _pages(project: Project) -> tuple[list[Page], list[Problem]]:
    """Read the pages as far as they can be read."""
    pages: list[Page] = []
    problems: list[Problem] = []
    for path in sorted(project.content.glob("*.md")):
        label = project.label(path)
        text, wrong = decoded(label, path.read_bytes())
        page = unreadable_page(label, text)
        if not wrong:
            page, wrong = read_page(label, text)
        if not _PAGE_NAME.fullmatch(page.slug) or page.slug == "404":
            what = f"a page cannot be called {page.slug!r}"
            expected = "small letters and digits, with hyphens between words"
            wrong = [*wrong, Problem(label, 1, 1, what, expected)]
        pages.append(page)
        problems += wrong
    if "index" not in {page.slug for page in pages}:
        label = project.label(project.content / "index.md")
        problems.append(Problem(label, 1, 1, "no such page", "a first page"))
    return pages, problems


def _caption(
    project: Project, slug: str, exhibit: Exhibit
) -> tuple[Caption, list[Problem]]:
    """Read a caption; its parts are labelled by the argument that they come from."""
    claim = f'[{exhibit.finding}]{{shown="{exhibit.shown}"}}'
    finding, wrong = read_text(f"{slug} finding", slug, claim)
    rest, more = read_text(f"{slug} caption", f"{slug}-caption", exhibit.caption)
    module = f"{project.figures}.{module_of(slug)}"
    return Caption(module, exhibit.finding, finding, rest), wrong + more


def _placed(
    module: str, name: str, faults: Iterable[tuple[str, str]]
) -> Iterator[Problem]:
    """Give each fault of ``name = …(…)`` the place of the argument that has it."""
    for argument, what in faults:
        place = place_of(module, name, argument)
        yield Problem(file_of(module), *place, f"{argument}: {what}")


def _experiment_faults(
    project: Project, slug: str, experiment: Experiment
) -> Iterator[Problem]:
    module = f"{project.experiments}.{module_of(slug)}"
    yield from _placed(module, "EXPERIMENT", experiment.faults())
    yield from _placed(module, "EXPERIMENT", _inputs(project, experiment))


def _inputs(project: Project, experiment: Experiment) -> Iterator[tuple[str, str]]:
    """Give a fault for each file that is handed to a simulation and is not there."""
    for path in experiment.inputs.values():
        if not (project.root / path).is_file():
            data = (project.content / "data").rglob("*")
            files = [project.label(one) for one in data if one.is_file()]
            yield "inputs", f"no file {path!r}{did_you_mean(path, files)}"


def _order(page: Page) -> tuple[int, str]:
    return (page.front.order if page.front else 0, page.slug)


def _brief(project: Project) -> tuple[frozenset[str], list[Problem]]:
    """Return what ``meets`` may name; nothing where there is no such list."""
    path = project.content / "data" / "brief.toml"
    if not path.exists():
        return frozenset(), []
    label = project.label(path)
    text, problems = decoded(label, path.read_bytes())
    try:
        return frozenset(tomllib.loads(text)), problems
    except tomllib.TOMLDecodeError as error:
        said = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error))
        place = (int(said[2]), int(said[3])) if said else (1, 1)
        what = f"cannot read the TOML: {said[1] if said else error}"
        return frozenset(), problems or [Problem(label, *place, what)]


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
