"""A site is put in place whole, whatever happens in between."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ht_sim.engine.fingerprint import digest
from ht_sim.publish import output
from ht_sim.publish.output import MARKER, finish, publish, unfinished

OLD = {"index.html": b"old page", "assets/a.css": b"a", "gone/page.html": b"gone"}
NEW = {"index.html": b"new page", "assets/b.css": b"b", "assets/a.css": b"a"}


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder, without the marker."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }


def test_the_folder_holds_the_new_files_and_no_old_ones(tmp_path: Path) -> None:
    assert publish(OLD, tmp_path) == 3
    assert publish(NEW, tmp_path) == 2
    assert tree(tmp_path) == NEW
    assert not (tmp_path / "gone").exists()


def test_what_is_equal_is_not_touched(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    before = (tmp_path / "assets/a.css").stat().st_mtime_ns
    publish(NEW, tmp_path)
    assert (tmp_path / "assets/a.css").stat().st_mtime_ns == before


def test_the_list_has_the_digest_of_every_file(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    publish(NEW, tmp_path)
    listed = json.loads((tmp_path / MARKER).read_text())
    assert listed == {path: digest(data) for path, data in NEW.items()}


def test_files_that_are_not_ours_stay(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    (tmp_path / "CNAME").write_bytes(b"example.org")
    publish(NEW, tmp_path)
    assert (tmp_path / "CNAME").read_bytes() == b"example.org"


def test_a_partial_build_leaves_the_rest(tmp_path: Path) -> None:
    publish(OLD, tmp_path)
    publish({"index.html": b"new page"}, tmp_path, partial=True)
    assert tree(tmp_path) == OLD | {"index.html": b"new page"}
    publish(NEW, tmp_path)
    assert tree(tmp_path) == NEW


class Failed(OSError):
    """Stands for a disk that is full, or taken away."""


@pytest.mark.parametrize("done", [False, True])
def test_a_failed_build_leaves_the_old_site_or_says_that_it_is_unfinished(
    tmp_path: Path, done: bool
) -> None:
    for after in range(100):
        out = tmp_path / str(after)
        publish(OLD, out)
        marker = (out / MARKER).read_bytes()
        try:
            with pytest.MonkeyPatch.context() as patch:
                fail_at(patch, after, done)
                publish(NEW, out)
        except Failed:
            if not unfinished(out) and not (done and tree(out) == NEW):
                assert tree(out) == OLD
                assert (out / MARKER).read_bytes() == marker
            finish(out)
            assert tree(out) in (OLD, NEW)
            publish(NEW, out)
            assert tree(out) == NEW
            assert not unfinished(out)
        else:
            assert after > 15
            return
    pytest.fail("publishing never ends")


def fail_at(patch: pytest.MonkeyPatch, after: int, done: bool) -> None:
    """Let so many operations on files be done and fail at the next, done or not."""
    operations = iter(range(after))

    def failing(real):
        def operation(*arguments, **options):
            fails = next(operations, None) is None
            outcome = real(*arguments, **options) if done or not fails else None
            if fails:
                raise Failed
            return outcome

        return operation

    for name in ("mkdir", "touch", "replace", "unlink"):
        patch.setattr(Path, name, failing(getattr(Path, name)))
    patch.setattr(output, "write_whole", failing(output.write_whole))


@pytest.mark.parametrize("name", [MARKER, ".journal"])
@pytest.mark.parametrize("damage", ["", '{"place": [', "[]", "null"])
def test_a_damaged_list_is_written_again(
    tmp_path: Path, name: str, damage: str
) -> None:
    publish(NEW, tmp_path)
    marker = (tmp_path / MARKER).read_bytes()
    (tmp_path / name).write_text(damage)
    (tmp_path / "index.html").write_bytes(b"half a page")
    publish(NEW, tmp_path)
    assert tree(tmp_path) == NEW
    assert (tmp_path / MARKER).read_bytes() == marker


def test_pages_move_after_what_they_load_and_nothing_goes_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(OLD, tmp_path)
    moved: list[str] = []

    def told(real, name):
        def operation(path: Path, *arguments, **options):
            target = arguments[0] if arguments else path
            moved.append(f"{name} {target.relative_to(tmp_path).as_posix()}")
            return real(path, *arguments, **options)

        return operation

    for name in ("replace", "unlink"):
        monkeypatch.setattr(Path, name, told(getattr(Path, name), name))
    publish(NEW, tmp_path)
    outside = [line for line in moved if ".staged" not in line]
    assert outside == [
        "unlink .journal",
        "replace .journal",
        "replace assets/b.css",
        "replace index.html",
        f"replace {MARKER}",
        "unlink gone/page.html",
        "unlink .journal",
    ]
