"""The typefaces of pages: what they cover, which file has what, and how heavy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from ht_sim import style
from ht_sim.publish.assets import FIRST_SCREEN, STATIC

TEXT = ("serif-regular", "serif-italic", "sans-regular", "sans-italic", "sans-semibold")
MATHS = ("maths", "maths-letters", "maths-signs")
GREEK = "σμγβεληΔΣ"
ORDINARY = "Aaz09 −×±≤≥≈√←→·…–—‘’“”§⁻¹²\u00a0\u202f"
RARE = GREEK + "éöüŁ∞∑₁$#@~"
LETTERS = re.compile(r"[A-Za-z]|[Α-Ωα-ω]")


@cache
def signs(name: str) -> frozenset[str]:
    """The characters of a file."""
    with TTFont(style.FONTS / f"{name}.woff2") as font:
        return frozenset(map(chr, font.getBestCmap()))


@pytest.mark.parametrize("name", TEXT)
def test_a_face_covers_what_is_written_and_the_rest_is_apart(name: str) -> None:
    assert set(ORDINARY) <= signs(name)
    assert set(RARE) <= signs(name) | signs(f"{name}-more")
    assert not signs(name) & signs(f"{name}-more")


def test_maths_is_covered_and_stretches() -> None:
    with TTFont(style.FONTS / "maths.woff2") as font:
        stretched = font["MATH"].table.MathVariants.VertGlyphCoverage.glyphs
        brackets = {font.getBestCmap()[ord(sign)] for sign in "()[]{}|√∑∏‖"}
    assert brackets <= set(stretched)
    assert set("𝑥𝛾𝛽𝜎𝔼γβΣ∂∑∏‖+−=×·0 (x)") <= signs("maths")
    assert set("𝐱𝒙𝒩ℒ𝝁𝟏") <= signs("maths-letters")
    assert set("∇⊙∥⌈⌋⏟∫⟨⟩") <= signs("maths-signs")
    assert not signs("maths") & (signs("maths-letters") | signs("maths-signs"))


# -- the stylesheets


def faces() -> list[dict[str, str]]:
    """The declared faces, as descriptors by name."""
    css = "".join((STATIC / name).read_text() for name in ("site.css", "typefaces.css"))
    blocks = re.findall(r"@font-face \{([^}]*)\}", css)
    pairs = [re.findall(r"([\w-]+): ([^;]+);", block) for block in blocks]
    return [dict(one) for one in pairs]


def file_of(face: Mapping[str, str]) -> str:
    return re.findall(r"fonts/([\w-]+)\.woff2", face["src"])[0]


def test_every_file_is_one_face_and_the_first_screens_are_not_late() -> None:
    files = [file_of(face) for face in faces()]
    assert sorted(files) == sorted(path.stem for path in style.FONTS.glob("*.woff2"))
    early = re.findall(r"fonts/([\w-]+)", (STATIC / "site.css").read_text())
    assert tuple(early) == FIRST_SCREEN


def test_a_range_names_what_its_file_has_and_no_other_of_the_face_has() -> None:
    ranged = [face for face in faces() if "unicode-range" in face]
    assert len(ranged) == 8
    for face in ranged:
        inside = set(characters(face["unicode-range"]))
        assert signs(file_of(face)) <= inside
        for other in faces():
            same = ("font-family", "font-style", "font-weight")
            if other != face and all(other.get(key) == face.get(key) for key in same):
                assert not inside & signs(file_of(other))


def characters(ranges: str) -> Iterator[str]:
    for start, end in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", ranges):
        yield from map(chr, range(int(start, 16), int(end or start, 16) + 1))


def test_type_is_light() -> None:
    def size(*names: str) -> int:
        return sum((style.FONTS / f"{name}.woff2").stat().st_size for name in names)

    assert size(*FIRST_SCREEN) <= 38_000
    assert size("serif-italic", "sans-italic", "maths") <= 48_000


# -- the real site


class Words(HTMLParser):
    """Gathers the characters of a page by the kind of face that they are set in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        kinds = ("title", "text", "figure", "maths")
        self.found: dict[str, set[str]] = {kind: set() for kind in kinds}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in ("meta", "link", "img", "input", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if {"head", "script", "code", "pre", "kbd"} & set(self.open):
            return
        kinds = {"math": "maths", "figure": "figure", "h1": "title", "h2": "title"}
        kind = next((kinds[tag] for tag in reversed(self.open) if tag in kinds), "text")
        if self.open and self.open[-1] == "mi" and LETTERS.fullmatch(data):
            data += slanted(data)
        self.found[kind] |= set(data) - {"\n"}


def slanted(letter: str) -> str:
    """What browsers write for a letter that is a name in a formula."""
    for first, start in (("A", 0x1D434), ("Α", 0x1D6E2), ("α", 0x1D6FC)):
        place = ord(letter) - ord(first)
        if 0 <= place < (25 if first != "A" else 26):
            return chr(start + place)
    code = 0x1D44E + ord(letter) - ord("a")
    return "ℎ" if letter == "h" else chr(code)


def rare(path: Path) -> set[str]:
    """The characters of a file beyond ASCII."""
    return set(re.sub(r"[\x00-\x7f]", "", path.read_text(encoding="utf-8")))


def test_no_character_of_the_site_falls_back_to_another_typeface(site: Path) -> None:
    pages = [Words(one.read_text("utf-8")).found for one in site.glob("*.html")]
    text, titles, maths, figures = (
        set.union(*(page[kind] for page in pages))
        for kind in ("text", "title", "maths", "figure")
    )
    shown = set.union(*map(rare, (site / "assets").glob("*-*.js")))
    sans = text | figures | shown | rare(STATIC / "site.css")
    for wanted, name in (
        (text, "serif-regular"),
        (sans, "sans-regular"),
        (sans, "sans-semibold"),
    ):
        assert wanted - signs(name) - signs(f"{name}-more") == set()
    assert titles - signs("serif-display") == set()
    assert maths - frozenset.union(*map(signs, MATHS)) == set()
    assert min(map(len, (text, figures, maths))) > 40


def test_few_pages_need_more_than_the_common_files(site: Path) -> None:
    for name in ("index.html", "dropout.html"):
        found = Words((site / name).read_text(encoding="utf-8")).found
        assert found["text"] <= signs("serif-regular")
        assert found["figure"] <= signs("sans-regular")
        assert found["maths"] <= signs("maths")
