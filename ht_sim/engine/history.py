"""What each node depended on when it was last built, and what has changed since."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ht_sim.engine.fingerprint import digest
from ht_sim.engine.store import write_whole

Depends = Mapping[str, Any]


class History:
    """Remembers, in one file a stage, the dependencies of every node by its name.

    Dictionaries that many nodes share, such as the code of a grid's points, are
    written once. A file that is lost or damaged means that nothing is remembered.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def recall(self, stage: str) -> dict[str, Depends]:
        """Return what the nodes of a stage depended on when last built."""
        try:
            kept = json.loads(self._file(stage).read_text(encoding="utf-8"))
            shared: dict[str, Any] = kept["shared"]
            return {
                name: {key: _unpacked(value, shared) for key, value in depends.items()}
                for name, depends in kept["nodes"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def remember(self, stage: str, nodes: Mapping[str, Depends]) -> None:
        """Write what the nodes of a stage depend on now, beside those not named."""
        before = self.recall(stage)
        known = before | json.loads(json.dumps(dict(nodes)))
        if known == before:
            return
        shared: dict[str, Any] = {}
        packed = {
            name: {key: _packed(value, shared) for key, value in depends.items()}
            for name, depends in known.items()
        }
        text = json.dumps({"shared": shared, "nodes": packed}, sort_keys=True)
        write_whole(self._file(stage), text.encode())

    def _file(self, stage: str) -> Path:
        return self.folder / f"{stage}.json"


def _packed(value: Any, shared: dict[str, Any]) -> Any:
    if not isinstance(value, dict):
        return [value]
    address = digest(json.dumps(value, sort_keys=True))
    shared[address] = value
    return address


def _unpacked(value: Any, shared: Mapping[str, Any]) -> Any:
    return shared[value] if isinstance(value, str) else value[0]


def changes(old: Depends | None, new: Depends) -> list[str]:
    """Say what differs between two sets of dependencies, an entry each.

    A digest only "changed"; a value is told with its old and its new one.
    """
    if old is None:
        return ["never built here"]
    now = json.loads(json.dumps(new))  # as it was when written
    return sorted(
        change
        for entry in old.keys() | now.keys()
        for change in _entry_changes(entry, old.get(entry), now.get(entry))
    )


def _entry_changes(entry: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            if name not in new:
                yield f"{entry} {name} is gone"
            elif name not in old:
                yield f"{entry} {name} is new"
            elif old[name] != new[name]:
                yield f"{entry} {name} {_values(old[name], new[name])}"
    else:
        yield f"{entry} {_values(old, new)}"


def _values(old: Any, new: Any) -> str:
    simple = all(isinstance(one, int | float | str | None) for one in (old, new))
    hashed = any(isinstance(one, str) and len(one) == 32 for one in (old, new))
    return f"{old} -> {new}" if simple and not hashed else "changed"


def told(name: str, reasons: Iterable[str]) -> str:
    """Return the line of one node: that it is fresh, or why it is not."""
    why = "; ".join(reasons)
    return f"stale  {name}: {why}" if why else f"fresh  {name}"
