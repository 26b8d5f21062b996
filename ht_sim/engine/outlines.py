"""The outlines of sources kept in the store between builds, so that few are parsed."""

from __future__ import annotations

import json

from ht_sim.engine.fingerprint import Statement, digest, outlines, used
from ht_sim.engine.store import Store

_KEY, _FILE = digest("the outlines of sources"), "outlines.json"


def recall(store: Store) -> set[str]:
    """Make known again what was remembered; return the digests of the sources.

    They are none if it is lost or damaged.
    """
    kept = store.find(_KEY)
    found = json.loads(store.read(kept, _FILE)) if kept else {}
    for source, outline in found.items():
        known = {name: Statement(*one) for name, one in outline.items()}
        outlines.setdefault(source, known)
    return set(found)


def remember(store: Store, recalled: set[str]) -> None:
    """Keep the outlines that were used, if one of them was not recalled."""
    if not used <= recalled:
        known = {source: outlines[source] for source in sorted(used)}
        store.keep(_KEY, {_FILE: json.dumps(known).encode()}, 0.0)
