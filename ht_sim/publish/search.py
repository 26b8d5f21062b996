"""What readers can search: pages, sections, figures, claims and references.

A page's entries are read off its HTML when it is set, and kept with it. All of them
together are one script, which is loaded when search is first used. Its name stays the
same, for every page would change with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from ht_sim.publish import views

INDEX: Final = "search-index.js"
ENTRIES: Final = ".entries.json"  # among the files of a page, and not put in place
_UNREAD = re.compile(r"<(svg|script|nav|button)\b.*?</\1>", re.DOTALL)
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_BESIDE = frozenset({"strip", "controls", "made", "numbers", "sources", "places"})
_WORD = re.compile(r"[^\W_]+")


@dataclass
class Entry:
    """Something to be found: what it says, and the other words it is found by."""

    kind: str
    anchor: str
    title: str = ""
    text: str = ""

    def row(self) -> list[str]:
        """Return it as the script holds it, each other word once."""
        title = " ".join(self.title.split())
        said = set(_WORD.findall(title.casefold()))
        others = dict.fromkeys(_WORD.findall(self.text.casefold()))
        words = [one for one in others if one not in said and len(one) > 2]
        return [self.kind, self.anchor, title, " ".join(words)]


def page_entries(page: views.PageView, html: bytes) -> bytes:
    """Return the entries of a page as JSON: the page, then all in it, in order."""
    text = html.decode()
    reader = _Reader(page.title)
    reader.feed(_UNREAD.sub("", text[text.index("<main") : text.index("</main>")]))
    rows = [one.row() for one in reader.entries]
    name = "first page" if page.slug == "index" else page.label
    data = {"href": page.href, "name": name, "entries": rows}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def index(pages: Sequence[bytes]) -> bytes:
    """Return the script that holds what ``page_entries`` gave for every page."""
    return b"holdingTogether.index = [\n" + b",\n".join(pages) + b"\n];\n"


class _Reader(HTMLParser):
    """Gathers entries; text goes to the titles that are open, or to the last entry."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.section = Entry("page", "", title)
        self.entries = [self.section]
        self.inside: list[
            Entry | None
        ] = []  # of each open element, the entry it titles
        self.figure: Entry | None = None
        self.beside = 0  # how deep in what is not read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_data(" ")
            return
        named = {name: value or "" for name, value in attrs}
        classes = set(named.get("class", "").split())
        self.beside += bool(self.beside or classes & _BESIDE)
        titled = None if self.beside else self._titled(tag, named, classes)
        self.inside.append(titled)
        if tag == "math" and not self.beside:
            self._last().text += f" {named.get('alttext', '')} "

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        self.inside.pop()
        self.beside = max(self.beside - 1, 0)
        if tag == "figure":
            self.figure = None
        if tag in ("p", "li", "td", "th", "h1", "h2", "h3"):
            self.handle_data(" ")

    def handle_data(self, data: str) -> None:
        if self.beside:
            return
        titles = [one for one in self.inside if one]
        for one in titles:
            one.title += data
        if not titles or titles[-1].kind.startswith("claim"):
            self._last().text += data

    def _last(self) -> Entry:
        return self.figure or self.section

    def _titled(
        self, tag: str, named: Mapping[str, str], classes: set[str]
    ) -> Entry | None:
        """Return the entry whose title an element holds, if it holds one."""
        anchor = named.get("id", "")
        if tag in ("h2", "h3") and anchor:
            self.section = self._new("section", anchor)
            return self.section
        if tag == "figure" and anchor:
            self.figure = self._new("figure", anchor)
        if self.figure:
            if tag == "strong" and len(self.figure.title.split()) == 2:
                self.figure.title += " "  # its number is there, its finding follows
                return self.figure
            return self.figure if "number" in classes else None
        if tag == "li" and anchor.startswith("ref-"):
            return self._new("reference", anchor)
        if tag == "span" and "claim" in classes:
            kinds = ("shown", "cited", "disputed")
            kind = next(one for one in kinds if one in classes)
            return self._new(f"claim, {kind}", anchor)
        return None

    def _new(self, kind: str, anchor: str) -> Entry:
        self.entries.append(Entry(kind, anchor))
        return self.entries[-1]
