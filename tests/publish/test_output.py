"""A site is put in place whole, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from ht_sim.publish import output
from ht_sim.publish.output import MARKER, finish, publish

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


class Stopped(Exception):
    """Stands for the moment at which a build is killed."""


@pytest.mark.parametrize("after", range(14))
def test_a_build_stopped_anywhere_is_the_old_site_or_becomes_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    publish(OLD, tmp_path)
    operations = 0

    def stopping(real):
        def operation(*arguments, **options):
            nonlocal operations
            if operations == after:
                raise Stopped
            operations += 1
            return real(*arguments, **options)

        return operation

    with monkeypatch.context() as patch:
        patch.setattr(output, "write_whole", stopping(output.write_whole))
        patch.setattr(Path, "replace", stopping(Path.replace))
        patch.setattr(Path, "unlink", stopping(Path.unlink))
        try:
            publish(NEW, tmp_path)
        except Stopped:
            page = (tmp_path / "index.html").read_bytes()
            assert page in (OLD["index.html"], NEW["index.html"])
            if page == NEW["index.html"]:
                assert (tmp_path / "assets/b.css").read_bytes() == b"b"
            else:
                assert (tmp_path / "assets/a.css").read_bytes() == b"a"
    finish(tmp_path)
    assert tree(tmp_path) in (OLD, NEW)
    publish(NEW, tmp_path)
    assert tree(tmp_path) == NEW
