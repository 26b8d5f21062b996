"""Holding all pages against what exists, and against each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ht_sim.problems import Problem, did_you_mean
from ht_sim.publish.directives import Figure, Heading
from ht_sim.publish.known import Known
from ht_sim.publish.numbers import typed_numbers_between
from ht_sim.publish.page_checks import PageCheck
from ht_sim.publish.prose import Page, heading_ids


def check(
    pages: Sequence[Page], known: Known, captions: Sequence[Page] = ()
) -> list[Problem]:
    """Return everything that is wrong with the pages, sorted.

    Parameters
    ----------
    pages : from ``read_page``, all pages of the site
    known : what exists
    captions : from ``read_text``, the captions of the figures
    """
    problems: list[Problem] = []
    for page in (*pages, *captions):
        problems += PageCheck(page, pages, known).problems()
    for page in pages:
        problems += _structure(page)
        problems += _front(page, known)
    problems += _across(pages, known)
    return sorted(set(problems))


def _structure(page: Page) -> Iterator[Problem]:
    """Check the order of headings, and that no id or figure stands twice."""
    ids = heading_ids(page)
    seen: set[str] = set()
    before = 1
    for one in page.directives:
        if isinstance(one, Heading):
            if one.level == 1:
                what = "a page's title stands in its front matter"
                yield page.source.problem(one.start, what, "##")
            elif one.level > before + 1:
                have, expected = "#" * one.level, "#" * (before + 1)
                what = "a heading that skips a level"
                yield page.source.problem(one.start, what, expected, have)
            before = max(one.level, 1)
            name, at, words = ids[one.start], one.start, "another {#id}"
        elif isinstance(one, Figure):
            name, at, words = one.slug, one.at, "each figure once on a page"
        else:
            continue
        if name in seen:
            yield page.source.problem(at, f"the id {name!r} stands twice", words)
        seen.add(name)


def _front(page: Page, known: Known) -> Iterator[Problem]:
    """Check what the front matter says."""
    front = page.front
    if front is None:
        return
    for key in ("title", "summary", "able"):
        if key in front.at:
            yield from typed_numbers_between(page.source, *front.at[key])
    for name in front.meets:
        if name not in known.brief:
            start, end = front.at["meets"]
            at = page.source.text.find(name, start, end)
            near = did_you_mean(name, known.brief)
            what = f"'meets' names an unknown line {name!r}{near}"
            expected = "keys of content/data/brief.toml"
            yield page.source.problem(max(at, start), what, expected)


def _across(pages: Sequence[Page], known: Known) -> Iterator[Problem]:
    """Check what no page can know: slugs that collide, figures that none shows."""
    first: dict[str, Page] = {}
    for page in pages:
        other = first.setdefault(page.slug, page)
        if other is not page:
            what = f"the page {page.slug!r} stands twice"
            yield page.source.problem(0, what, "one file a page", other.source.label)
    shown = {slug for page in pages for slug in page.figures}
    unread = "".join(page.unread for page in pages)
    if not shown <= known.figures.keys():
        return  # one that is misspelt may be any of those that are not shown
    for slug, label in known.figures.items():
        if slug not in shown and slug not in unread:
            what = f"no page shows the figure {slug!r}"
            yield Problem(label, 1, 1, what, f":::{{figure}} {slug} on a page")
