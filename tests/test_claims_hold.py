"""Every shown claim holds, and a comparison fails with its arms swapped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ht_sim import experiments, figures
from ht_sim.engine.executors import executor
from ht_sim.engine.store import Store
from ht_sim.estimates import Estimate
from ht_sim.project import Project
from ht_sim.publish.claims import comparative_facts, holds
from ht_sim.publish.directives import Claim, Heading
from ht_sim.publish.reading import read_site
from ht_sim.results import all_facts
from tests.simulations import simulate_all

ROOT = Path(__file__).resolve().parents[1]
PROJECTS = {
    "real": Project(ROOT),
    "miniature": Project(ROOT / "tests" / "mini", "mini"),
}


@pytest.fixture(scope="module", params=PROJECTS)
def project(request: pytest.FixtureRequest) -> Project:
    """A project with claims."""
    return PROJECTS[request.param]


@pytest.fixture(scope="module")
def facts(project: Project) -> Mapping[str, Estimate]:
    """All facts of the project; what is known already is used."""
    found = experiments.discover(project.experiments)
    store = Store(ROOT / ".cache" / "store")
    with executor(1) as workers:
        return all_facts(simulate_all(project, found, store, workers))


@pytest.fixture(scope="module")
def shown(project: Project) -> list[str]:
    """The inequalities of all pages and captions."""
    found = experiments.discover(project.experiments)
    site = read_site(project, found, figures.discover(project.figures), None)
    texts = [*site.pages.values()]
    texts += [part for one in site.captions.values() for part in one.parts]
    return [
        one.evidence.text
        for text in texts
        for one in text.directives
        if isinstance(one, Claim | Heading)
        and one.evidence
        and one.evidence.kind == "shown"
    ]


def test_shown_claims_hold(shown: list[str], facts: Mapping[str, Estimate]) -> None:
    assert len(shown) >= 5
    assert [claim for claim in shown if not holds(claim, facts)] == []


def test_swapping_the_arms_of_a_comparison_breaks_it(
    project: Project, shown: list[str], facts: Mapping[str, Estimate]
) -> None:
    compared = [claim for claim in shown if comparative_facts(claim, facts)]
    if project is PROJECTS["miniature"]:
        assert compared
    for claim in compared:
        arms = comparative_facts(claim, facts)
        swapped = {**facts, **{name: facts[name].swapped() for name in arms}}
        assert not holds(claim, swapped), claim
