"""What is written behind a sentence: ``{#id shown="…" cited="…" disputed="…"}``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ht_sim.problems import did_you_mean
from ht_sim.publish.directives import Cited, Evidence
from ht_sim.publish.source import Reader

CLAIMS = ("shown", "cited", "disputed")
KEY = r"[A-Za-z][\w-]*"
_ATTRIBUTE = re.compile(
    r"\s*(?:#(?P<id>[\w-]+)|\.(?P<name>[\w-]+)|(?P<key>\w+)=\"(?P<value>[^\"]*)\")"
)
_ITEM = re.compile(rf"\s*@(?P<key>{KEY})\s*(?:,(?P<place>[^;]*))?")


@dataclass(frozen=True)
class Attribute:
    """``#id``, ``.class`` (kind ``#`` or ``.``) or ``key="value"`` (kind ``key``)."""

    kind: str
    value: str
    at: int


def read_attributes(reader: Reader, at: int, end: int) -> tuple[list[Attribute], int]:
    """Read ``{…}`` at an offset; return what is in it and where it ends, or 0."""
    text, here = reader.text, at + 1
    found: list[Attribute] = []
    while one := _ATTRIBUTE.match(text, here, end):
        kind = "#" if one["id"] else "." if one["name"] else one["key"]
        value = one["id"] or one["name"] or one["value"] or ""
        place = one.start("value") if one["key"] else one.start() + 1
        found.append(Attribute(kind, value, place))
        here = one.end()
    while here < end and text[here].isspace():
        here += 1
    if here < end and text[here] == "}" and found:
        return found, here + 1
    expected = '{shown="…"}, {cited="…"}, {disputed="…"}, {.class} or {#id}'
    reader.problem(at, "cannot read these attributes", expected)
    return [], 0


def read_evidence(
    reader: Reader, attributes: list[Attribute], at: int
) -> Evidence | None:
    """Return what a claim rests on, if these are the attributes of one."""
    keyed = [one for one in attributes if one.kind not in "#."]
    for one in keyed:
        if one.kind not in CLAIMS:
            near, listed = did_you_mean(one.kind, CLAIMS), ", ".join(CLAIMS)
            reader.problem(one.at, f"unknown attribute {one.kind!r}{near}", listed)
    claims = [one for one in keyed if one.kind in CLAIMS]
    if len(claims) > 1:
        reader.problem(at, "a claim of more than one kind", " or ".join(CLAIMS))
    if len(claims) != 1 or len(keyed) > 1:
        return None
    claim = claims[0]
    if claim.kind == "shown":
        return Evidence(claim.kind, claim.value, claim.at)
    known = len(reader.problems)
    sources = read_sources(reader, claim.at, claim.at + len(claim.value))
    unread = len(reader.problems) > known
    if claim.kind == "disputed" and len(sources) < 2 and not unread:
        reader.problem(claim.at, "a dispute with one side", "two sources or more")
    return Evidence(claim.kind, claim.value, claim.at, sources)


def read_sources(reader: Reader, start: int, end: int) -> tuple[Cited, ...]:
    """Read ``@a, §1; @b``; what cannot be read is a problem."""
    items: list[Cited] = []
    at = start
    for part in reader.text[start:end].split(";"):
        if found := _ITEM.fullmatch(part):
            place = " ".join((found["place"] or "").split())
            items.append(Cited(found["key"], place, at + found.start("key")))
        else:
            what = f"cannot read the source {part.strip()!r}"
            reader.problem(at, what, "@key, its place; @key")
        at += len(part) + 1
    return tuple(items)


def read_heading_tail(reader: Reader, at: int, end: int) -> tuple[str, Evidence | None]:
    """Read ``{#id shown="…"}`` after a heading; return the id and the evidence."""
    attributes, _ = read_attributes(reader, at, end)
    names = [one.value for one in attributes if one.kind == "#"]
    if len(names) > 1 or any(one.kind == "." for one in attributes):
        expected = '{#id}, {#id shown="…"}, …'
        reader.problem(at, "cannot read these attributes", expected)
    return (names[0] if names else ""), read_evidence(reader, attributes, at)
