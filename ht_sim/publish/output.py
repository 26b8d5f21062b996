"""Puts a whole site in place: staged, journalled, moved file by file.

Inside the output folder, ``.staged/`` holds the new files, ``.journal`` says what
moves where, and ``.holding-it-together`` lists the files that are ours with their
digests. A build that is stopped at any point leaves every page whole: before the
journal is there nothing has moved, and from then on the next start finishes it.
Every single operation leaves a folder that the next build knows as ours.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ht_sim.engine.fingerprint import digest
from ht_sim.engine.store import write_whole

MARKER = ".holding-it-together"
_JOURNAL = ".journal"
_STAGED = ".staged"


def publish(files: Mapping[str, bytes], out: Path, *, partial: bool = False) -> int:
    """Make ``out`` hold these files; return how many of them changed.

    Parameters
    ----------
    files : path below ``out``, with forward slashes -> bytes
    partial : leave the files of earlier builds that are not named here

    Raises OSError; where ``unfinished`` then says no, ``out`` is as it was.
    """
    finish(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / MARKER).touch()  # in one operation: from here on the folder is ours
    ours = _read(out / MARKER)
    changed = [path for path in sorted(files) if _differs(out / path, files[path])]
    same = {path: ours[path] for path in ours.keys() & files.keys() - set(changed)}
    wanted = {path: same.get(path) or digest(data) for path, data in files.items()}
    kept = ours | wanted if partial else wanted
    journal = {
        "place": [*sorted(changed, key=_assets_first), MARKER],
        "delete": sorted(set(ours) - set(kept)),
    }
    staged = {path: files[path] for path in changed}
    staged[MARKER] = json.dumps(kept, sort_keys=True).encode()
    staged[_JOURNAL] = json.dumps(journal).encode()
    _stage(staged, out)
    finish(out)
    return len(changed)


def unfinished(out: Path) -> bool:
    """Say whether a build has begun to put files in place and has not ended."""
    return (out / _JOURNAL).exists()


def finish(out: Path) -> None:
    """Finish what an earlier build began to put in place; drop what it only staged."""
    journal = _read(out / _JOURNAL)
    for path in journal.get("place", ()):
        staged = out / _STAGED / path
        if staged.exists():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            staged.replace(out / path)
    for path in journal.get("delete", ()):
        (out / path).unlink(missing_ok=True)
        _remove_empty_parents(out / path, out)
    (out / _JOURNAL).unlink(missing_ok=True)
    shutil.rmtree(out / _STAGED, ignore_errors=True)


def _stage(files: Mapping[str, bytes], out: Path) -> None:
    """Write files, then let the journal take effect; or leave none of them."""
    try:
        for path, data in files.items():
            write_whole(out / _STAGED / path, data)
        (out / _STAGED / _JOURNAL).replace(out / _JOURNAL)
    except BaseException:
        if not unfinished(out):
            shutil.rmtree(out / _STAGED, ignore_errors=True)
        raise


def _read(path: Path) -> dict[str, Any]:
    """Return the marker or the journal; one that is missing or damaged says nothing.

    The pages do not suffer: every file is compared byte for byte before it is kept.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _differs(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() != data
    except FileNotFoundError:
        return True


def _assets_first(path: str) -> tuple[bool, str]:
    return path.endswith(".html"), path


def _remove_empty_parents(path: Path, out: Path) -> None:
    for parent in path.parents:
        if parent == out or (parent.exists() and any(parent.iterdir())):
            return
        if parent.exists():
            parent.rmdir()
