"""Puts a whole site in place: staged, journalled, moved file by file.

Inside the output folder, ``.staged/`` holds the new files, ``.journal`` says what
moves where, and ``.holding-it-together`` lists the files that are ours with their
digests. A build that is stopped at any point leaves every page whole: before the
journal is there nothing has moved, and from then on the next start finishes it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

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
    """
    finish(out)
    ours = _manifest(out)
    if not ours:
        write_whole(out / MARKER, b"{}")  # from here on the folder is ours
    wanted = {path: digest(data) for path, data in files.items()}
    kept = ours | wanted if partial else wanted
    changed = [path for path in sorted(files) if _differs(out / path, files[path])]
    for path in changed:
        write_whole(out / _STAGED / path, files[path])
    write_whole(out / _STAGED / MARKER, json.dumps(kept, sort_keys=True).encode())
    journal = {
        "place": [*sorted(changed, key=_assets_first), MARKER],
        "delete": sorted(set(ours) - set(kept)),
    }
    write_whole(out / _STAGED / _JOURNAL, json.dumps(journal).encode())
    (out / _STAGED / _JOURNAL).replace(out / _JOURNAL)
    finish(out)
    return len(changed)


def finish(out: Path) -> None:
    """Finish what an earlier build began to put in place; drop what it only staged."""
    try:
        journal = json.loads((out / _JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        shutil.rmtree(out / _STAGED, ignore_errors=True)
        return
    for path in journal["place"]:
        staged = out / _STAGED / path
        if staged.exists():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            staged.replace(out / path)
    for path in journal["delete"]:
        (out / path).unlink(missing_ok=True)
        _remove_empty_parents(out / path, out)
    (out / _JOURNAL).unlink()
    shutil.rmtree(out / _STAGED, ignore_errors=True)


def _manifest(out: Path) -> dict[str, str]:
    try:
        ours: dict[str, str] = json.loads((out / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return ours


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
