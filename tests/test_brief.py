"""The lines with which the project was asked for, and what meets them by now."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

from ht_sim import experiments, figures

CONTENT = Path(__file__).resolve().parents[1] / "content"

# Shrinks as chapters come; a row that is met must leave the list.
NOT_YET_MET = {
    "alexnet",
    "batch-norm-recipe",
    "dial-to-routine",
    "today",
    "resnet-152",
    "transformer-blocks",
    "both-backfire",
    "four-papers",
}


def rows() -> set[str]:
    """Return the keys of the brief."""
    text = (CONTENT / "data" / "brief.toml").read_text(encoding="utf-8")
    return set(tomllib.loads(text))


def met() -> dict[str, set[str]]:
    """Return the rows that pages, experiments and figures say they meet."""
    found: dict[str, set[str]] = {}
    for path in CONTENT.glob("*.md"):
        front = path.read_text(encoding="utf-8").split("---\n")[1]
        found[path.name] = set(yaml.safe_load(front).get("meets", ()))
    for slug, experiment in experiments.discover().items():
        found[f"experiment {slug}"] = set(experiment.meets)
    for slug, exhibit in figures.discover().items():
        found[f"figure {slug}"] = set(exhibit.meets)
    return found


def test_every_row_that_is_met_exists() -> None:
    known = rows()
    assert {where: keys - known for where, keys in met().items() if keys - known} == {}


def test_the_rows_that_nothing_meets_are_the_expected_ones() -> None:
    assert rows() - set().union(*met().values()) == NOT_YET_MET
