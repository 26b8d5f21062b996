"""The words under a figure, which its module holds: read as the prose of pages is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ht_sim.discovery import file_of, module_of, place_of
from ht_sim.figures import Exhibit
from ht_sim.problems import Problem
from ht_sim.project import Project
from ht_sim.publish.prose import Page, read_text


@dataclass(frozen=True)
class Caption:
    """The two parts of a figure's caption and its steps, each read as prose."""

    module: str
    claim: str  # the words of the finding
    finding: Page
    rest: Page
    steps: Mapping[str, Page]  # by their text: a quick build has fewer

    @property
    def parts(self) -> tuple[Page, ...]:
        """All of them, in order."""
        return self.finding, self.rest, *self.steps.values()

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
        if problem.file != self.finding.source.label:
            return "steps"
        place, end = (problem.line, problem.column), len(self.claim) + 1
        return "finding" if place < self.finding.source.place(end) else "shown"


def read_caption(
    project: Project, slug: str, exhibit: Exhibit
) -> tuple[Caption, list[Problem]]:
    """Read a caption; its parts are labelled by the argument that they come from."""
    claim = f'[{exhibit.finding}]{{shown="{exhibit.shown}"}}'
    finding, wrong = read_text(f"{slug} finding", slug, claim)
    rest, more = read_text(f"{slug} caption", f"{slug}-caption", exhibit.caption)
    steps: dict[str, Page] = {}
    given = exhibit.steps if isinstance(exhibit.steps, tuple | list) else ()
    for number, step in enumerate(given, start=1):
        label = f"{slug} step {number}"
        steps[step.text], some = read_text(label, f"{slug}-step-{number}", step.text)
        more += some
    module = f"{project.figures}.{module_of(slug)}"
    return Caption(module, exhibit.finding, finding, rest, steps), wrong + more
