"""The store gives back what it was given, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ht_sim.engine.store import Store, write_whole

BUNDLE = {"a.txt": b"first", "b.bin": bytes(1000)}


def test_a_bundle_comes_back_as_it_was(tmp_path: Path) -> None:
    Store(tmp_path).keep("key", BUNDLE, 1.5)
    store = Store(tmp_path)
    kept = store.find("key")
    assert kept is not None
    assert store.bundle(kept) == BUNDLE
    assert kept.seconds == 1.5


def test_the_digest_follows_the_bytes_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = store.keep("one", BUNDLE, 1.0)
    assert store.keep("two", dict(reversed(BUNDLE.items())), 9.0).digest == first.digest
    other = store.keep("three", BUNDLE | {"a.txt": b"other"}, 1.0)
    assert other.digest != first.digest


def test_an_unknown_key_is_not_found(tmp_path: Path) -> None:
    assert Store(tmp_path).find("nothing") is None


@pytest.mark.parametrize("damage", [b"", b"fir", b"firsT"])
def test_damage_is_noticed(tmp_path: Path, damage: bytes) -> None:
    store = Store(tmp_path)
    kept = store.keep("key", BUNDLE, 1.0)
    address = kept.files["a.txt"]
    (tmp_path / "objects" / address[:2] / address[2:]).write_bytes(damage)
    assert store.find("key") is None
    assert store.find("key") is None
    assert store.damaged == ["key"]


@pytest.mark.parametrize("record", ["", "{", "[]", '{"files": {}}'])
def test_a_damaged_record_is_noticed(tmp_path: Path, record: str) -> None:
    store = Store(tmp_path)
    store.keep("key", BUNDLE, 1.0)
    (tmp_path / "results" / "key.json").write_text(record)
    assert store.find("key") is None
    assert store.damaged == ["key"]


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_whole(target, b"old")
    with pytest.raises(TypeError):
        write_whole(target, "not bytes")  # type: ignore[arg-type]
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def age(path: Path, days: float) -> None:
    """Make files look as if they were last used so many days ago."""
    for file in path.rglob("*"):
        if file.is_file():
            then = file.stat().st_mtime - days * 24 * 3600
            os.utime(file, (then, then))


def test_what_no_build_uses_is_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep("used", {"shared": b"both", "own": b"used"}, 1.0)
    store.keep("unused", {"shared": b"both", "own": b"unused"}, 1.0)
    (tmp_path / "objects" / "ab").mkdir(exist_ok=True)
    (tmp_path / "objects" / "ab" / ".partial-x").write_bytes(b"of a killed build")
    age(tmp_path, 31)
    kept = store.find("used")
    assert store.prune(30) == 1
    assert kept is not None
    assert store.bundle(kept) == {"shared": b"both", "own": b"used"}
    assert store.find("unused") is None
    objects = [p for p in (tmp_path / "objects").rglob("*") if p.is_file()]
    assert len(objects) == 2


def test_forgetting_waits_for_another_day(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep("key", BUNDLE, 1.0)
    assert store.prune(30) == 0
    stamp = tmp_path / "pruned"
    now = stamp.stat().st_mtime
    age(tmp_path, 31)
    os.utime(stamp, (now, now))
    assert store.prune(30) == 0
    for then in (now - 25 * 3600, now + 3600):  # yesterday; a clock that was wrong
        store.keep(f"at {then}", BUNDLE, 1.0)
        age(tmp_path, 31)
        os.utime(stamp, (then, then))
        assert store.prune(30) > 0


def test_what_depends_on_the_same_is_made_once(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> dict[str, bytes]:
        made.append(1)
        return BUNDLE

    for depends in ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1, "b": 3}):
        assert Store(tmp_path).once(depends, make) == BUNDLE
    assert len(made) == 2


def test_nothing_recent_is_forgotten(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep("key", BUNDLE, 1.0)
    assert store.prune(30) == 0
    assert store.find("key") is not None
