"""A site read from its folders: pages, captions, references and the brief."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping

from ht_sim.discovery import file_of, module_of, place_of
from ht_sim.experiments import Experiment
from ht_sim.figures import Exhibit
from ht_sim.problems import Problem, did_you_mean
from ht_sim.project import Project
from ht_sim.publish.captions import Caption, read_caption
from ht_sim.publish.citations import read_bibliography
from ht_sim.publish.prose import Page, read_page, unreadable_page
from ht_sim.publish.site import Site
from ht_sim.publish.source import decoded

_PAGE_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def read_site(
    project: Project,
    experiments: Mapping[str, Experiment],
    exhibits: Mapping[str, Exhibit],
    site_url: str | None,
    broken_experiments: Collection[str] = (),
    broken_figures: Collection[str] = (),
) -> Site:
    """Read the pages, the captions and the references; find no fault yet fatal.

    What is broken has a module, which cannot be loaded.
    """
    pages, problems = _pages(project)
    captions: dict[str, Caption] = {}
    faults = [
        one
        for slug, experiment in experiments.items()
        for one in _experiment_faults(project, slug, experiment)
    ]
    for slug, exhibit in exhibits.items():
        captions[slug], wrong = read_caption(project, slug, exhibit)
        problems += captions[slug].placed(wrong)
        module, found = (
            captions[slug].module,
            exhibit.faults({*experiments, *broken_experiments}),
        )
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
        frozenset(broken_experiments),
        frozenset(broken_figures),
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
