"""Every kind of figure in Chromium, each state as matplotlib draws it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from ht_sim.publish.changes import json_text
from tests.publish.gallery import PIECES, Piece, encoded_once
from tests.publish.pictures import assert_as_drawn

DARK = ("heat map", "ridges", "ticks and legend")  # where papers and inks meet


def piece(name: str) -> Piece:
    return next(one for one in PIECES if one.name == name)


@pytest.mark.parametrize("one", PIECES, ids=str)
def test_each_state_is_shown_as_matplotlib_drew_it(
    page: Page, tmp_path: Path, one: Piece
) -> None:
    assert_as_drawn(page, tmp_path, one)


@pytest.mark.parametrize("name", DARK)
def test_the_dark_theme_changes_the_colours_and_nothing_else(
    page: Page, tmp_path: Path, name: str
) -> None:
    assert_as_drawn(page, tmp_path, piece(name), dark=True)


def first(data: dict[str, Any], attribute: str) -> list[Any]:
    """Return the first slot of an attribute."""
    return next(slot for slot in data["slots"] if slot[0] == attribute)


def wrong_element(data: dict[str, Any], attribute: str) -> None:
    """Let a change go to the element after the one that it is for."""
    first(data, attribute)[2][-1] += 1


def stale_attribute(data: dict[str, Any], attribute: str) -> None:
    """Let an attribute keep what it had."""
    data["slots"].remove(first(data, attribute))


def wrong_column(data: dict[str, Any], attribute: str) -> None:
    """Let an attribute change when another does."""
    slot = first(data, attribute)
    slot[3][0] += 1 if slot[3][0] + 1 < len(data["columns"]) else -1


def wrong_order(data: dict[str, Any], attribute: str) -> None:
    """Let the last control seem to be the first."""
    data["stride"] = data["states"] // data["stride"]


@pytest.mark.parametrize(
    ("name", "fault", "attribute"),
    [
        ("words", wrong_element, "#text"),
        ("words", stale_attribute, "font-weight"),
        ("masked network", stale_attribute, "fill"),
        ("masked network", wrong_column, "stroke"),
        ("800 edges", wrong_element, "fill"),
        ("800 edges", wrong_order, "fill"),
        ("heat map", stale_attribute, "#markup"),
        ("bands", wrong_element, "d"),
        ("histogram", wrong_column, "#markup"),
    ],
)
def test_a_planted_fault_is_seen(
    page: Page,
    tmp_path: Path,
    name: str,
    fault: Callable[[dict[str, Any], str], None],
    attribute: str,
) -> None:
    one = piece(name)
    data = json.loads(encoded_once(one).changes)
    fault(data, attribute)
    planted = replace(encoded_once(one), changes=json_text(data))
    with pytest.raises(AssertionError):
        assert_as_drawn(page, tmp_path, one, encoded=planted)
