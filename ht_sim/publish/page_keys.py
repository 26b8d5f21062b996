"""What the bytes of a page depend on, entry by entry, so that a key can be made of it.

Finding this out costs a few milliseconds a page; nothing is rendered for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ht_sim.engine.fingerprint import digest
from ht_sim.engine.store import Kept
from ht_sim.estimates import Estimate
from ht_sim.figures import Exhibit
from ht_sim.publish import claims
from ht_sim.publish.citations import Reference
from ht_sim.publish.code_pages import source_names
from ht_sim.publish.directives import (
    Claim,
    FigureReference,
    Heading,
    Quote,
)
from ht_sim.publish.numbers import interval, written
from ht_sim.publish.page_tables import result_entry
from ht_sim.publish.prose import Mention, Page, mentions
from ht_sim.publish.said import Said
from ht_sim.publish.site import Site
from ht_sim.publish.state_words import columns
from ht_sim.results import Result

Depends = dict[str, Any]

PACKAGES = (
    *("jinja2", "latex2mathml", "markdown", "markupsafe", "pybtex"),
    *("pygments", "pyyaml"),
)
_HERE = Path(__file__).resolve().parent
_LEAVES = (
    *("arrays", "colours", "discovery", "estimates", "look", "numerals", "problems"),
    *("project", "results", "style", "experiments/__init__", "figures/__init__"),
)


def setting_depends(templates: Path) -> dict[str, Depends]:
    """Return what every page depends on: the code, the templates, the packages.

    The modules that set pages count by their bytes, for to parse them takes longer
    than to set a page: a comment there sets the same pages again.
    """
    modules = [*_HERE.glob("*.py"), *(_HERE.parent / f"{one}.py" for one in _LEAVES)]
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return {
        "code": {
            path.relative_to(_HERE.parent).as_posix(): digest(path.read_bytes())
            for path in sorted(modules)
        },
        "templates": {
            path.name: digest(path.read_bytes())
            for path in sorted(templates.glob("*.html"))
        },
        "versions": {"python": python} | {name: version(name) for name in PACKAGES},
    }


def page_depends(
    site: Site,
    page: Page,
    facts: Mapping[str, Estimate],
    results: Mapping[str, Result],
    drawn: Mapping[str, Kept],
    words: Mapping[str, Said],
) -> Depends:
    """Return what a checked page has of its own: words, facts, figures, sources."""
    captions = [part for slug in page.figures for part in site.captions[slug].parts]
    texts = [page, *captions]
    figures: Depends = {"order": list(page.figures)}
    for slug in page.figures:
        exhibit = site.exhibits[slug]
        mine = {name: results[name] for name in exhibit.experiments}
        own = _figure(exhibit, mine, drawn[slug], words[slug]) | {
            "caption": [part.source.text for part in site.captions[slug].parts]
        }
        figures |= {f"{slug} {name}": value for name, value in own.items()}
    return {
        "text": {page.slug: digest(page.source.text)},
        "facts": dict(one for text in texts for one in _facts(text, facts)),
        "figures": figures,
        "files": _files(site, page),
        "places": _places(site, texts),
        "sources": _sources(site, texts),
    }


def list_depends(site: Site, cited: Mapping[str, Sequence[Mention]]) -> Depends:
    """Return what the list of all sources has besides: each source and its places."""
    return {
        "all sources": {
            key: _reference(site.bibliography[key])
            for key in cited
            if key in site.bibliography
        },
        "cited": {
            key: [[one.page, one.anchor, one.source.place] for one in places]
            for key, places in cited.items()
        },
    }


def _facts(text: Page, facts: Mapping[str, Estimate]) -> Iterator[tuple[str, str]]:
    """Give each fact and each shown claim with its values as they are written."""
    for one in text.directives:
        if isinstance(one, Quote):
            estimate = facts[one.fact]
            value = written(float(getattr(estimate, one.field)), one.format)
            spread = interval(estimate, one.format)
            yield f"{one.fact}.{one.field}:{one.format}", f"{value} {spread}".strip()
        evidence = one.evidence if isinstance(one, Claim | Heading) else None
        if evidence and evidence.kind == "shown":
            claim = claims.parse(evidence.text)
            false = "" if claim.holds(facts) else ", which is false"
            yield evidence.text, claim.with_values(facts) + false


def _figure(
    exhibit: Exhibit, results: Mapping[str, Result], drawn: Kept, words: Said
) -> Depends:
    """Return what a figure brings: its pictures, its words, its data, its controls."""
    shown = [exhibit.default, *exhibit.printed]
    return {
        "pictures": drawn.digest,
        "alt": [words.alt[exhibit.number_of(state)] for state in shown],
        "spoken": digest("\n".join(words.spoken)),
        "numbers": digest(json.dumps(columns(exhibit, words.numbers))),
        "rows": [name for rows in words.numbers[:1] for name, _ in rows],
        "controls": [asdict(control) for control in exhibit.controls],
        "shares": list(exhibit.shares),
        "steps": [dict(step.state) for step in exhibit.steps],
        "states": [dict(state) for state in [exhibit.default, *exhibit.printed]],
        "data": {name: result_entry(one) for name, one in results.items()},
        "seeds": {
            name: [one.experiment.seed, one.experiment.repeats]
            for name, one in results.items()
        },
    }


def _files(site: Site, page: Page) -> Depends:
    """Return the sources shown under figures, each with the digest of its bytes."""
    root, exhibits = site.project.root, site.exhibits
    names = [
        name
        for slug in page.figures
        for name in source_names(site.project, exhibits[slug])
    ]
    return {name: digest((root / name).read_bytes()) for name in names}


def _places(site: Site, texts: Sequence[Page]) -> Depends:
    """Return, for each figure that is referred to, the page and its number there."""
    slugs = {
        one.slug
        for text in texts
        for one in text.directives
        if isinstance(one, FigureReference)
    }
    first: Depends = {}
    for page in site.pages.values():
        for number, slug in enumerate(page.figures, start=1):
            if slug in slugs:
                first.setdefault(slug, f"{number} of {page.slug}: {page.title}")
    return first


def _sources(site: Site, texts: Sequence[Page]) -> Depends:
    keys = {mention.source.key for text in texts for mention in mentions(text)}
    return {key: _reference(site.bibliography[key]) for key in sorted(keys)}


def _reference(one: Reference) -> str:
    """Return one digest of all that a page shows of a source, and of its order."""
    return digest("\n".join([one.label, one.html, *one.order]))
