"""What exists, and so may be named in prose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ht_sim.estimates import Estimate
from ht_sim.publish.citations import Reference

_MANY = 8  # names that a message lists


@dataclass(frozen=True)
class Known:
    """What exists, and so may be named in prose."""

    facts: Mapping[str, Estimate]
    figures: Mapping[str, str]  # slug -> the file that makes it, as messages name it
    bibliography: Mapping[str, Reference]
    brief: Collection[str] = ()  # what ``meets`` may name
    missing: Collection[str] = ()  # experiments that failed, so without their facts

    def unknown(self, fact: str) -> bool:
        """Say whether there is no such fact, nor an experiment that may have it."""
        return fact not in self.facts and fact.split(".")[0] not in self.missing


def listed(names: Iterable[str]) -> str:
    """List some names, in order."""
    ordered = sorted(names)
    more = f" and {len(ordered) - _MANY} more" if len(ordered) > _MANY else ""
    return (", ".join(map(repr, ordered[:_MANY])) or "none") + more
