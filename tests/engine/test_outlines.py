"""Outlines of sources are remembered between builds, and never trusted when damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ht_sim.engine import fingerprint
from ht_sim.engine.fingerprint import Outline, outline_of
from ht_sim.engine.outlines import recall, remember
from ht_sim.engine.store import Store

SOURCE = "from .deep import one as two\nimport re\n\n\ndef f(x):\n    return two(x)\n"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Outline]]:
    """The outlines that are known: one that is used, and one of an older source."""
    known = {"used": outline_of(SOURCE), "older": outline_of("x = 1\n")}
    before = dict(fingerprint.outlines), set(fingerprint.used)
    for held, now in ((fingerprint.outlines, known), (fingerprint.used, {"used"})):
        held.clear()
        held.update(now)  # type: ignore[arg-type]
    yield known
    for held, then in zip(
        (fingerprint.outlines, fingerprint.used), before, strict=True
    ):
        held.clear()
        held.update(then)  # type: ignore[arg-type]


def objects(folder: Path) -> list[Path]:
    return sorted((folder / "objects").glob("*/*"))


def test_an_outline_has_what_keys_need() -> None:
    outline = outline_of(SOURCE)
    assert outline.keys() == {"", "two", "re", "f"}
    assert outline["two"] == ("", [], [(1, "deep", "one")])
    assert outline["re"] == ("", [], [(0, "re", "")])
    assert outline["f"].names == ["two", "x"]
    assert outline[""].imports == [(0, "re", ""), (1, "deep", "one")]


def test_what_was_used_is_known_again(
    tmp_path: Path, known: dict[str, Outline]
) -> None:
    remember(Store(tmp_path), set())
    fingerprint.outlines.clear()
    assert recall(Store(tmp_path)) == {"used"}
    assert list(fingerprint.outlines) == ["used"]
    for name, statement in known["used"].items():
        again = fingerprint.outlines["used"][name]
        assert again[:2] == statement[:2]
        assert [tuple(one) for one in again.imports] == statement.imports


def test_it_is_written_when_there_is_more(
    tmp_path: Path, known: dict[str, Outline]
) -> None:
    remember(Store(tmp_path), {"used", "older"})
    assert objects(tmp_path) == []
    fingerprint.used.add("older")
    remember(Store(tmp_path), {"used"})
    fingerprint.outlines.clear()
    assert recall(Store(tmp_path)) == {"used", "older"}


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"used": {}}'])
def test_damage_is_told_and_mended(
    tmp_path: Path, known: dict[str, Outline], damage: bytes
) -> None:
    remember(Store(tmp_path), set())
    (file,) = objects(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage)
    fingerprint.outlines.clear()
    store = Store(tmp_path)
    recalled = recall(store)
    assert not recalled
    assert fingerprint.outlines == {}
    fingerprint.outlines.update(known)
    remember(store, recalled)
    assert len(store.damaged) == 1
    assert file.read_bytes() == whole


def test_a_source_is_parsed_once_for_the_same_text(
    known: dict[str, Outline], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, parsed = "ht_sim.streams", list[str]()

    def counted(text: str) -> Outline:
        parsed.append(text)
        return outline_of(text)

    monkeypatch.setattr(fingerprint, "outline_of", counted)
    codes = []
    for maker in ("one", "one", "another"):
        fingerprint._outline.cache_clear()
        monkeypatch.setattr(fingerprint, "_maker", lambda maker=maker: maker)
        codes.append(fingerprint.modules_code({module}))
    fingerprint._outline.cache_clear()
    assert codes[0] == codes[1] == codes[2]
    assert len(parsed) == 2
