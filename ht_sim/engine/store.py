"""Results on disk, addressed by content: bundles of named bytes, checked when read."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ht_sim.engine.fingerprint import digest

Bundle = Mapping[str, bytes]
_DAY = 24 * 3600  # seconds


@dataclass(frozen=True)
class Kept:
    """A bundle in the store: the digest of each of its files, and of them all.

    ``seconds`` of work made it; its files have ``size`` bytes together.
    """

    files: Mapping[str, str]
    seconds: float
    size: int

    @property
    def digest(self) -> str:
        """One digest for the whole bundle."""
        return digest(json.dumps(dict(self.files), sort_keys=True))


class Store:
    """Keeps bundles below a folder: ``results/<key>.json`` names ``objects/``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[str] = []
        self._whole: set[str] = set()  # the addresses of bytes that were checked

    def find(self, key: str) -> Kept | None:
        """Return what is kept under a key; None if nothing whole is."""
        try:
            record = json.loads(self._record(key).read_text(encoding="utf-8"))
            os.utime(self._record(key))  # it is in use
            sizes = [len(self._read(one)) for one in record["files"].values()]
            return Kept(record["files"], record["seconds"], sum(sizes))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError):
            self.damaged += [key] if key not in self.damaged else []
            return None

    def read(self, kept: Kept, name: str) -> bytes:
        """Return one file of a bundle; ValueError if its bytes were altered."""
        return self._read(kept.files[name])

    def bundle(self, kept: Kept) -> dict[str, bytes]:
        """Return all files of a bundle."""
        return {name: self.read(kept, name) for name in kept.files}

    def keep(self, key: str, bundle: Bundle, seconds: float) -> Kept:
        """Write a bundle, then the record that makes it known."""
        files = {name: digest(bundle[name]) for name in sorted(bundle)}
        kept = Kept(files, seconds, sum(map(len, bundle.values())))
        for name, address in kept.files.items():
            write_whole(self._object(address), bundle[name])
        record = {"files": dict(kept.files), "seconds": round(seconds, 3)}
        write_whole(self._record(key), json.dumps(record).encode())
        return kept

    def once(
        self, depends: Mapping[str, Any], make: Callable[[], Bundle]
    ) -> dict[str, bytes]:
        """Return the bundle that depends on so much, made where it is not known."""
        key = digest(json.dumps(depends, sort_keys=True))
        return self.bundle(self.find(key) or self.keep(key, make(), 0.0))

    def prune(self, days: float) -> int:
        """Forget what no build has used for so many days; return how many results.

        Once a day is enough: to look through all takes longer than a small build.
        """
        limit, stamp = time.time() - days * _DAY, self.folder / "pruned"
        if stamp.exists() and 0 <= time.time() - stamp.stat().st_mtime < _DAY:
            return 0
        stamp.touch()
        records = list((self.folder / "results").glob("*.json"))
        old = [path for path in records if path.stat().st_mtime < limit]
        for path in old:
            path.unlink()
        used = {address for path in set(records) - set(old) for address in _files(path)}
        for path in (self.folder / "objects").glob("*/*"):
            unused = path.parent.name + path.name not in used
            if unused and path.stat().st_mtime < limit:
                path.unlink()
        return len(old)

    def _read(self, address: str) -> bytes:
        data = self._object(address).read_bytes()
        if address not in self._whole and digest(data) != address:
            raise ValueError(f"the stored bytes of {address} were altered")
        self._whole.add(address)
        return data

    def _object(self, address: str) -> Path:
        return self.folder / "objects" / address[:2] / address[2:]

    def _record(self, key: str) -> Path:
        return self.folder / "results" / f"{key}.json"


def _files(record: Path) -> list[str]:
    """Return the addresses that a record names; none if it is damaged."""
    try:
        files: dict[str, str] = json.loads(record.read_text(encoding="utf-8"))["files"]
        return list(files.values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".partial-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a write that fails names no file
        raise
