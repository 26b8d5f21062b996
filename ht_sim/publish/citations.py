"""The bibliography: read with pybtex, set as short labels and full entries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from unicodedata import normalize

import pybtex.errors
from pybtex.database import BibliographyData, Entry, Person
from pybtex.database.input.bibtex import Parser, UndefinedMacro
from pybtex.exceptions import PybtexError
from pybtex.richtext import Text
from pybtex.scanner import PrematureEOF, PybtexSyntaxError

from ht_sim.problems import Problem
from ht_sim.publish.prose import Mention, Page, mentions
from ht_sim.publish.source import Source, source

_ENTRY = re.compile(r"@\s*(\w+)\s*([{(])\s*(?P<key>[^\s,{}()]+)\s*(?P<comma>,?)")
_NAMED = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,{}()=]+)")
_PLAIN = re.compile(r"(?:[^\W_]|[.,:;()/?!+]|[ -](?![ -]))*")  # means itself in TeX
_REQUIRED = ("title", "year")


@dataclass(frozen=True)
class Reference:
    """One source, ready to be set."""

    key: str
    label: str  # "Ioffe & Szegedy 2015"
    html: str  # authors, year, title, venue, links
    bibtex: str  # its entry, to be downloaded
    order: tuple[str, ...]  # what the list is sorted by


Bibliography = Mapping[str, Reference]


def read_bibliography(label: str, text: str) -> tuple[Bibliography, list[Problem]]:
    """Read a BibTeX file; the references are in the order of the list.

    A source that cannot be read is one too, without words, so that who cites it is
    not blamed.
    """
    whole = source(label, text)
    problems: list[Problem] = []
    data = _parse(whole, problems)
    unreadable = bool(problems)
    written = reversed(list(_ENTRY.finditer(whole.text)))
    places = {one["key"]: one for one in written}
    entries: dict[str, Entry] = {}
    for key, entry in data.entries.items():
        missing = [name for name in _REQUIRED if not entry.fields.get(name)]
        missing += [] if entry.persons.get("author") else ["author"]
        if key in places and not missing:
            entries[key] = entry
        elif key in places and not unreadable:
            at, listed = places[key].start("key"), " and no ".join(missing)
            problems.append(whole.problem(at, f"the source {key!r} has no {listed}"))
        if key in places and not places[key]["comma"] and not unreadable:
            what = f"no comma after the key {key!r}"
            problems.append(whole.problem(places[key].end("key"), what))
    labels = _labels(entries)
    references = [
        Reference(
            key,
            labels[key],
            _html(entry, labels[key]),
            _bibtex(places[key]),
            _order(entry),
        )
        for key, entry in entries.items()
    ]
    references.sort(key=lambda one: (one.order, one.key))
    found = {one.key: one for one in references}
    if problems:
        named = (one[1] for one in _NAMED.finditer(whole.text))
        found = {key: Reference(key, key, "", "", ()) for key in named} | found
    return found, problems


def _parse(whole: Source, problems: list[Problem]) -> BibliographyData:
    parser = Parser()
    with pybtex.errors.capture() as errors:
        try:
            parser.parse_string(whole.text)
        except PybtexError as error:
            errors.append(error)
    problems += [_problem(whole, one) for one in errors]
    data: BibliographyData = parser.data
    return data


def _problem(whole: Source, error: PybtexError) -> Problem:
    """Say where a BibTeX file is wrong."""
    if isinstance(error, PybtexSyntaxError):
        return _syntax(whole, error)
    said = str(error)
    keyed = re.match(r"repeated bibliography entry: (\S+)|entry with key (\S+)", said)
    if keyed is None:
        named = re.search("'(.+)'", said)
        at = max(whole.text.find(named[1]), 0) if named else 0
        return whole.problem(at, f"cannot read the BibTeX: {said}")
    key = keyed[1] or keyed[2]
    places = [
        one.start("key")
        for one in _ENTRY.finditer(whole.text)
        if one["key"].lower() == key.lower()
    ]
    what = f"the source {key!r} stands twice" if keyed[1] else said
    return whole.problem(places[-1] if places else 0, what)


def _syntax(whole: Source, error: PybtexSyntaxError) -> Problem:
    start, _, at = error.error_context_info
    what, said = "cannot read the BibTeX", str(error).partition(": ")[2]
    if isinstance(error, PrematureEOF):
        return whole.problem(start, f"{what}: an entry that is not closed")
    if isinstance(error, UndefinedMacro):
        said = f"undefined string: {said}"
        return whole.problem(at - len(str(error).rpartition(" ")[2]), f"{what}: {said}")
    wanted = said.removesuffix(" expected")
    if wanted != said:
        return whole.problem(at, what, wanted)
    return whole.problem(at, f"{what}: {said}")


@cache
def _plain(tex: str) -> str:
    """Return the text that TeX writes; pybtex is slow, and most is plain already."""
    if _PLAIN.fullmatch(tex):
        return tex
    return str(Text.from_latex(tex)).replace("~", "\N{NO-BREAK SPACE}")


def _family(person: Person) -> str:
    return _plain(" ".join([*person.prelast_names, *person.last_names]))


def _name(person: Person) -> str:
    """Write ``S. Ioffe``, initials first."""
    given = [_plain(name) for name in [*person.first_names, *person.middle_names]]
    initials = " ".join(
        "-".join(f"{part[0]}." for part in name.split("-") if part) for name in given
    )
    return f"{initials} {_family(person)}".strip().replace(". ", ".\N{NO-BREAK SPACE}")


def _short(entry: Entry) -> str:
    """Write ``Ioffe & Szegedy 2015``; three authors and more are "et al."."""
    people = [_family(person) for person in entry.persons["author"]]
    many = len(people) > 2 or people[-1] == "others"
    names = f"{people[0]} et al." if many else " & ".join(people)
    return f"{names} {entry.fields['year']}"


def _labels(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the labels; those that would be the same get a, b, … by title."""
    shared: dict[str, list[str]] = {}
    for key in sorted(entries, key=lambda key: (entries[key].fields["title"], key)):
        shared.setdefault(_short(entries[key]), []).append(key)
    return {
        key: label + ("" if len(keys) == 1 else chr(ord("a") + place))
        for label, keys in shared.items()
        for place, key in enumerate(keys)
    }


def _order(entry: Entry) -> tuple[str, ...]:
    people = "; ".join(_family(person) for person in entry.persons["author"])
    parts = (people, entry.fields["year"], _plain(entry.fields["title"]))
    plain = (normalize("NFKD", part.casefold().replace("ł", "l")) for part in parts)
    return tuple(re.sub("[\u0300-\u036f]", "", part) for part in plain)


def _html(entry: Entry, label: str) -> str:
    """Set one entry: who (year). Title. Where. Links."""
    people = [_name(person) for person in entry.persons["author"]]
    if people[-1] == "others":
        who = f"{', '.join(people[:-1])} et al."
    elif len(people) == 1:
        who = people[0]
    else:
        who = f"{', '.join(people[:-1])} and {people[-1]}"
    year = label.rsplit(" ", 1)[-1]
    title = _plain(entry.fields["title"])
    stop = "" if title.endswith(("?", "!")) else "."
    parts = [f"{escape(who)} ({escape(year)}).", f"<cite>{escape(title)}</cite>{stop}"]
    if where := _venue(entry):
        parts.append(f"{where}.")
    parts += _links(entry)
    return " ".join(parts)


def _venue(entry: Entry) -> str:
    """Write where it came out: ``Journal 15(56), 1929–1958``."""
    fields = {key.lower(): _plain(value) for key, value in entry.fields.items()}
    names = ("journal", "booktitle", "institution", "howpublished")
    where = next((fields[name] for name in names if name in fields), "")
    volume = fields.get("volume", "")
    if volume and "number" in fields:
        volume += f"({fields['number']})"
    if "series" in fields:
        volume = f"{fields['series']} {volume}".strip()
        where += ","
    pages = fields.get("pages", "").replace("--", "\N{EN DASH}")
    joined = ", ".join(part for part in (f"{where} {volume}".strip(), pages) if part)
    note = (
        f". {fields['note']}".replace("--", "\N{EN DASH}") if "note" in fields else ""
    )
    return escape(f"{joined}{note}")


def _links(entry: Entry) -> list[str]:
    fields = entry.fields
    links = []
    if doi := fields.get("doi"):
        links.append((f"https://doi.org/{doi}", f"doi:{doi}"))
    if number := fields.get("eprint"):
        links.append((f"https://arxiv.org/abs/{number}", f"arXiv:{number}"))
    if (url := fields.get("url")) and not links:
        links.append((url, re.sub(r"^https?://(www\.)?", "", url)))
    return [
        f'<a href="{escape(target)}" rel="noopener">{escape(words)}</a>'
        for target, words in links
    ]


def _bibtex(entry: re.Match[str]) -> str:
    """Return one entry as it stands in the file."""
    text, opening = entry.string, entry[2]
    closing = "}" if opening == "{" else ")"
    depth = 0
    for at in range(entry.start(2), len(text)):
        depth += (text[at] == opening) - (text[at] == closing)
        if not depth:
            return text[entry.start() : at + 1] + "\n"
    return text[entry.start() :].strip() + "\n"


def cited_on(
    pages: Iterable[Page], captions: Mapping[str, Page] | None = None
) -> dict[str, list[Mention]]:
    """Return, for each key, where it is cited, in the order of the pages.

    Parameters
    ----------
    pages : in the order of the site
    captions : slug of a figure -> its caption, which is on the pages that show it
    """
    texts = captions or {}
    found: dict[str, list[Mention]] = {}
    for page in pages:
        shown = [texts[slug] for slug in page.figures if slug in texts]
        for text in (page, *shown):
            for mention in mentions(text):
                here = replace(mention, page=page.slug)
                found.setdefault(mention.source.key, []).append(here)
    return found
