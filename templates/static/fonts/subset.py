"""Make the WOFF2 subsets beside this file from the packages named in README.md.

    python subset.py SANS_TTF_FOLDER SERIF_TTF_FOLDER STIX_TWO_MATH_FILE

Needs fonttools and brotli. The subsets are renamed, because the licence of Source
reserves its name for unmodified files; the two TTFs, for matplotlib, are unmodified.

A face is cut up: what running text is made of, and the rest in files of their own,
which browsers ask for where a page has one of their characters. Printed is the
``unicode-range`` of those files, for site.css.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent

ASCII = {chr(code) for code in range(0x20, 0x7F)}
PUNCTUATION = set("\u00a0\u2009\u2011\u202f–—‘’“”…·")
LATIN = {chr(code) for code in range(0xA0, 0x100)} | set(
    "ąćčďęěğıłńňőřśşšťůűźżžĄĆČĎĘĚĞİŁŃŇŐŘŚŠŞŤŮŰŹŻŽ"
)
GREEK = set("αβγδεηθλμνπρστφωΓΔΘΛΣΦΩ")
RAISED_MINUS = "⁻"
POWERS = set("⁰¹²³⁴⁵⁶⁷⁸⁹") | {RAISED_MINUS}
SIGNS = set("′″•†‡‖−×±≤≥≈≠∞√∂∑∏∫←→↑↓↔⇒€■□▲△▶▼◆◇○●★∇∝∈₀₁₂₃₄")
TEXT = ASCII | PUNCTUATION | LATIN | GREEK | POWERS | SIGNS
CORE = (ASCII - set("#$@\\^`{}~")) | PUNCTUATION | POWERS | set("−×±÷½√‖≈≤≥←→°§")
NAMES = CORE | set("ŁąçéöøüşšÇÖÜ")  # of those who are cited
TITLES = {one for one in ASCII if one.isalnum()} | PUNCTUATION | set(" !%&'(),-./:;?")


def mathematical(start: int, count: int) -> set[str]:
    """Give a run of mathematical letters; the few holes in it stand apart."""
    return {chr(code) for code in range(start, start + count)}


BOLD = (
    mathematical(0x1D400, 52)  # Latin
    | mathematical(0x1D468, 52)  # italic Latin
    | mathematical(0x1D6A8, 58)  # Greek
    | mathematical(0x1D71C, 58)  # italic Greek
    | mathematical(0x1D7CE, 10)  # digits
)
MATHS = (
    (ASCII - set('"#$&?@\\^_`~'))
    | mathematical(0x1D434, 52)  # italic Latin
    | mathematical(0x1D6E2, 58)  # italic Greek
    | {chr(code) for code in range(0x3B1, 0x3CA)}  # browsers ask for these first
    | set("ϵϕΓΔΘΛΣΦΩℎ𝔼ℝ−×·±≤≥≈∞√∂∑∏→∈∝⋅…‖′¯ˆ˜\u00a0\u2061\u2062")
)
MATHS_LETTERS = (
    BOLD
    | mathematical(0x1D49C, 26)  # script capitals
    | mathematical(0x1D538, 26)  # blackboard capitals
    | mathematical(0x1D7D8, 10)  # blackboard digits
    | set("ℬℰℱℋℐℒℳℛℂℍℕℙℚℤℓ")  # the holes
) - MATHS
MATHS_SIGNS = (
    ASCII
    | PUNCTUATION
    | GREEK
    | POWERS
    | SIGNS
    | {chr(code) for code in range(0x391, 0x3CA) if code != 0x3A2}
    | set("ϵϑϕϱϖ¬¯°´¸×÷±^~ˆˇ˘˙˜\u0302\u0303\u0304\u0305\u0307\u0308\u0338")
    | set("∀∃∅∉∋∓∗∘∙∣∥∧∨∩∪∬∼≃≅≡≪≫≺≻⊂⊃⊆⊇⊕⊖⊗⊙⊤⊥⊢⋀⋁⋂⋃⋅⋆⋮⋯⋱≔≜∆∖⊘⊚⊛⊞⊡")
    | set("⇐⇔↦⟵⟶⟷⟸⟹⟺⟨⟩⟦⟧⌈⌉⌊⌋⎛⎜⎝⎞⎟⎠⎡⎢⎣⎤⎥⎦⎧⎨⎩⎪⎫⎬⎭⏞⏟⏠⏡‾_\u2061\u2062\u2063\u2064")
) - MATHS


def raise_minus(font: TTFont) -> None:
    """Make the minus of powers, which Source Serif lacks, out of the large one."""
    glyphs, size = font["glyf"], 0.6
    large, four = (glyphs[font.getBestCmap()[ord(one)]] for one in "−⁴")
    middle, wanted = (one.yMin + one.yMax for one in (large, four))  # twice
    pen = TTGlyphPen(font.getGlyphSet())
    pen.addComponent("minus", (size, 0, 0, size, 0, (wanted - size * middle) / 2))
    glyphs["minus.raised"] = pen.glyph()
    wide, left = font["hmtx"]["minus"]
    font["hmtx"]["minus.raised"] = round(size * wide), round(size * left)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(RAISED_MINUS)] = "minus.raised"


def level_radicals(font: TTFont) -> None:
    """Give larger root signs the width of the smallest; they reach out to the left.

    Chromium leaves room behind a root for the widest sign, whichever it draws.
    """
    variants = font["MATH"].table.MathVariants
    radical = font.getBestCmap().get(ord("√"))
    if radical not in variants.VertGlyphCoverage.glyphs:
        return
    place = variants.VertGlyphCoverage.glyphs.index(radical)
    forms = variants.VertGlyphConstruction[place]
    forms.GlyphAssembly = None  # no root of these pages is as tall as that
    widths = font["hmtx"]
    for form in forms.MathGlyphVariantRecord[1:]:
        name = form.VariantGlyph
        shift = widths[radical][0] - widths[name][0]
        font["glyf"][name].coordinates.translate((shift, 0))
        font["glyf"][name].recalcBounds(font["glyf"])
        widths[name] = widths[radical][0], widths[name][1] + shift


def write(
    source: Path, name: str, family: str, wanted: set[str], *features: str
) -> None:
    """Subset one font file and write it as WOFF2 under its new name."""
    font = TTFont(source, recalcTimestamp=False)
    if RAISED_MINUS in wanted and ord(RAISED_MINUS) not in font.getBestCmap():
        raise_minus(font)
    options = subset.Options(flavor="woff2", layout_features=["kern", *features])
    options.hinting = False
    options.glyph_names = False
    options.bidi_closure = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["DSIG"]
    tool = subset.Subsetter(options)
    tool.populate(unicodes={ord(character) for character in wanted})
    tool.subset(font)
    if "MATH" in font:
        level_radicals(font)
    for entry in font["name"].names:
        if entry.nameID in (1, 3, 4, 6):
            entry.string = family if entry.nameID != 6 else family.replace(" ", "")
    subset.save_font(font, HERE / f"{name}.woff2", options)


def ranges(wanted: set[str], apart: set[str]) -> str:
    """Write characters as ranges, as few as leave out those that stand apart."""
    runs: list[list[int]] = []
    others = sorted(map(ord, apart))
    for code in sorted(map(ord, wanted)):
        if runs and not any(runs[-1][1] < one < code for one in others):
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ", ".join(
        f"U+{start:X}" + (f"-{end:X}" if end > start else "") for start, end in runs
    )


def say(name: str, wanted: set[str], apart: set[str]) -> None:
    """Tell the range of a file."""
    sys.stdout.write(f"{name}: {ranges(wanted, apart)}\n")


def main(sans: Path, serif: Path, maths: Path) -> None:
    """Write every subset."""
    for source, name, family in (
        ("SourceSerif4Display-Regular", "serif-display", "Holding Title"),
        ("SourceSerif4Display-It", "serif-display-italic", "Holding Title Italic"),
    ):
        write(serif / f"{source}.ttf", name, family, TITLES, "liga")
    for source, name, family, core in (
        (serif / "SourceSerif4-Regular.ttf", "serif-regular", "Holding Serif", NAMES),
        (serif / "SourceSerif4-It.ttf", "serif-italic", "Holding Serif Italic", NAMES),
        (sans / "SourceSans3-Regular.ttf", "sans-regular", "Holding Sans", CORE),
        (sans / "SourceSans3-It.ttf", "sans-italic", "Holding Sans Italic", CORE),
        (sans / "SourceSans3-Semibold.ttf", "sans-semibold", "Holding Sans Bold", CORE),
    ):
        features = "liga", "ccmp", "tnum", "pnum", "lnum", "mark"
        write(source, name, family, core, *features)
        write(source, f"{name}-more", f"{family} More", TEXT - core, *features)
        say(f"{name}-more", TEXT - core, core)
    for name, wanted in (
        ("maths", MATHS),
        ("maths-letters", MATHS_LETTERS),
        ("maths-signs", MATHS_SIGNS),
    ):
        apart = (MATHS | MATHS_LETTERS | MATHS_SIGNS) - wanted
        write(maths, name, "Holding Maths", wanted, "ccmp")
        say(name, wanted, apart)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
