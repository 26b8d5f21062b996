"""The sources as pages list them: those of one page, or all, with their places."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from ht_sim.publish.citations import Bibliography
from ht_sim.publish.prose import Mention
from ht_sim.publish.views import PageLink, Reference

Mentions = Mapping[str, Sequence[Mention]]  # key -> where it is cited


def of_page(
    bibliography: Bibliography, mentions: Mentions, slug: str
) -> list[Reference]:
    """Return the sources of one page, with the places in them that it cites."""
    return [
        Reference(f"source-{key}", Markup(one.html) + _places(mine))
        for key, one in bibliography.items()
        if (mine := [m for m in mentions.get(key, []) if m.page == slug])
    ]


def of_site(
    bibliography: Bibliography, mentions: Mentions, links: Mapping[str, PageLink]
) -> list[Reference]:
    """Return every cited source, with links to where it is cited."""
    return [
        Reference(f"ref-{key}", Markup(one.html) + _cited_on(mentions[key], links))
        for key, one in bibliography.items()
        if key in mentions
    ]


def _places(mentions: Sequence[Mention]) -> Markup:
    places = [one.source.place for one in mentions if one.source.place]
    if not places:
        return Markup("")
    listed = "; ".join(dict.fromkeys(places))
    return Markup(' <span class="places">Here for {}.</span>').format(listed)


def _cited_on(mentions: Sequence[Mention], links: Mapping[str, PageLink]) -> Markup:
    """Name each page that cites a source, with a link for each place it cites."""
    pages = []
    for slug, mine in itertools.groupby(mentions, key=lambda one: one.page):
        places = Markup(", ").join(
            Markup('<a href="{}#{}">{}</a>').format(
                links[slug].href, one.anchor, one.source.place or "as a whole"
            )
            for one in mine
        )
        words = "the first page" if slug == "index" else links[slug].label
        pages.append(Markup("{} ({})").format(words, places))
    listed = Markup("; ").join(pages)
    return Markup(' <span class="places">Cited on {}.</span>').format(listed)
