"""Make the WOFF2 subsets beside this file from the packages named in README.md.

    python subset.py SANS_TTF_FOLDER SERIF_TTF_FOLDER STIX_TWO_MATH_FILE

Needs fonttools and brotli. The subsets are renamed, because the licence of Source
reserves its name for unmodified files; the two TTFs, for matplotlib, are unmodified.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent

ASCII = {chr(code) for code in range(0x20, 0x7F)}
PUNCTUATION = set("\u00a0\u2009\u2011\u202f–—‘’“”…·")
LATIN = {chr(code) for code in range(0xA0, 0x100)} | set(
    "ąćčďęěğıłńňőřśšşťůűźżžĄĆČĎĘĚĞİŁŃŇŐŘŚŠŞŤŮŰŹŻŽ"
)
GREEK = set("αβγδεηθλμνπρστφωΓΔΘΛΣΦΩ")
SIGNS = set("′″•†‡‖−×±≤≥≈≠∞√∂∑∏∫←→↑↓↔⇒€■□▲△▶▼◆◇○●★∇∝∈₀₁₂₃₄⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
TEXT = ASCII | PUNCTUATION | LATIN | GREEK | SIGNS
TITLES = ASCII | PUNCTUATION | set("−×éöüłŁ")


def mathematical(start: int, count: int) -> set[str]:
    """Give a run of mathematical letters; the few holes in it are in MATHS."""
    return {chr(code) for code in range(start, start + count)}


MATHS = (
    ASCII
    | PUNCTUATION
    | GREEK
    | SIGNS
    | mathematical(0x1D400, 52 * 3)  # bold, italic, bold italic Latin
    | mathematical(0x1D49C, 26)  # script capitals
    | mathematical(0x1D538, 26)  # blackboard capitals
    | mathematical(0x1D6A8, 58 * 3)  # bold, italic, bold italic Greek
    | mathematical(0x1D7CE, 20)  # bold and blackboard digits
    | set("ℎℬℰℱℋℐℒℳℛℂℍℕℙℚℝℤℓ")  # the holes
    | {chr(code) for code in range(0x391, 0x3CA) if code != 0x3A2}
    | set("ϵϑϕϱϖ¬¯°´¸×÷±^~ˆˇ˘˙˜\u0302\u0303\u0304\u0305\u0307\u0308\u0338")
    | set("∀∃∅∉∋∓∗∘∙∣∥∧∨∩∪∬∼≃≅≡≪≫≺≻⊂⊃⊆⊇⊕⊖⊗⊙⊤⊥⊢⋀⋁⋂⋃⋅⋆⋮⋯⋱≔≜∆∖⊘⊚⊛⊞⊡")
    | set("⇐⇔↦⟵⟶⟷⟸⟹⟺⟨⟩⟦⟧⌈⌉⌊⌋⎛⎜⎝⎞⎟⎠⎡⎢⎣⎤⎥⎦⎧⎨⎩⎪⎫⎬⎭⏞⏟⏠⏡‾_\u2061\u2062\u2063\u2064")
)


def write(
    source: Path, target: str, family: str, characters: set[str], features: list[str]
) -> None:
    """Subset one font file and write it as WOFF2 under its new name."""
    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(flavor="woff2", layout_features=features)
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["DSIG"]
    tool = subset.Subsetter(options)
    tool.populate(unicodes={ord(character) for character in characters})
    tool.subset(font)
    for name in font["name"].names:
        if name.nameID in (1, 3, 4, 6):
            name.string = family if name.nameID != 6 else family.replace(" ", "")
    subset.save_font(font, HERE / target, options)


def main(sans: Path, serif: Path, maths: Path) -> None:
    """Write every subset."""
    text = ["kern", "liga", "ccmp", "locl", "tnum", "pnum", "lnum", "mark"]
    for target, source, family, characters in (
        ("serif-display.woff2", "SourceSerif4Display-Regular", "Holding Title", TITLES),
        (
            "serif-display-italic.woff2",
            "SourceSerif4Display-It",
            "Holding Title Italic",
            TITLES,
        ),
        ("serif-regular.woff2", "SourceSerif4-Regular", "Holding Serif", TEXT),
        ("serif-italic.woff2", "SourceSerif4-It", "Holding Serif Italic", TEXT),
        ("serif-semibold.woff2", "SourceSerif4-Semibold", "Holding Serif Bold", TEXT),
        ("sans-regular.woff2", "SourceSans3-Regular", "Holding Sans", TEXT),
        ("sans-italic.woff2", "SourceSans3-It", "Holding Sans Italic", TEXT),
        ("sans-semibold.woff2", "SourceSans3-Semibold", "Holding Sans Bold", TEXT),
    ):
        folder = sans if "Sans3" in source else serif
        write(folder / f"{source}.ttf", target, family, characters, text)
    write(maths, "maths.woff2", "Holding Maths", MATHS, ["ssty", "ccmp"])


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
