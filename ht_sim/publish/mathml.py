"""MathML as browsers draw it: the core elements, Unicode letters, right spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import unescape
from xml.etree.ElementTree import Element

from ht_sim.publish.tex import TexError

_OPERATOR = (
    *("form", "fence", "separator", "lspace", "rspace", "stretchy", "symmetric"),
    *("minsize", "maxsize", "largeop", "movablelimits"),
)
ALLOWED: dict[str, tuple[str, ...]] = {
    "math": ("display", "alttext"),
    "mrow": (),
    "mi": ("mathvariant",),
    "mn": (),
    "mo": _OPERATOR,
    "mtext": (),
    "mspace": ("width", "height", "depth"),
    "mfrac": ("linethickness",),
    "msqrt": (),
    "mroot": (),
    "mstyle": (),
    "mpadded": ("width", "height", "depth", "lspace", "voffset"),
    "mphantom": (),
    "msub": (),
    "msup": (),
    "msubsup": (),
    "munder": ("accentunder",),
    "mover": ("accent",),
    "munderover": ("accent", "accentunder"),
    "mtable": (),
    "mtr": (),
    "mtd": (),
}
_EVERYWHERE = ("class", "displaystyle", "scriptlevel")
_DROPPED = ("accent", "columnspacing", "rowspacing", "xmlns")
_SCRIPTS = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
_PARTS = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_ACCENTS = {
    "^": "\N{MODIFIER LETTER CIRCUMFLEX ACCENT}",
    "~": "\N{SMALL TILDE}",
    "\N{HORIZONTAL BAR}": "\N{OVERLINE}",
    **{sign: sign for sign in "¯˙¨ˇ˘´`→"},
}
_SPACES = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "thinmathspace": "0.167em",
    "thickmathspace": "0.278em",
}
_LETTERS: dict[str, str | None] = {
    **dict.fromkeys("∂∞∅⊤⊥"),
    "∇": "normal",
}
_BARS = ("|", "\N{DOUBLE VERTICAL LINE}", "\N{DIVIDES}", "\N{PARALLEL TO}")
_MATHRM = re.compile(r"&#x0*([46][1-9A-F]|[57][0-9A]);")
_PLUS_MINUS = tuple("+−±∓")
_THIN = "0.167em"


def clean(element: Element) -> None:
    """Bring a tree of the translator to MathML Core, in place.

    Raises
    ------
    TexError : if it holds an element or attribute that is not allowed, or a command
    """
    if len(element) != _PARTS.get(element.tag, len(element)):
        raise TexError(0, "a command without all of its parts", "braces around them")
    for child in element:
        clean(child)
    _clean_text(element)
    _clean_attributes(element)
    if element.tag in _SCRIPTS:
        _clean_script(element)
    elif element.tag not in ("mfrac", "mroot", "mtable", "mtr"):
        _clean_row(list(element), alone=element.tag == "mrow")


def _clean_text(element: Element) -> None:
    text = element.text or ""
    if element.tag == "mi" and _MATHRM.fullmatch(text):
        element.set("mathvariant", "normal")
    text = unescape(text)
    if "\\" in text:
        raise TexError(0, f"unknown TeX command {text}")
    variant = element.get("mathvariant")
    if variant not in (None, "normal"):
        del element.attrib["mathvariant"]
        text = "".join(_styled(letter, variant or "") for letter in text)
    elif variant and element.tag != "mi":
        del element.attrib["mathvariant"]
    if element.tag in ("mi", "mo") and text in _LETTERS:
        element.tag, element.attrib = "mi", {}
        if style := _LETTERS[text]:
            element.set("mathvariant", style)
    elif element.tag == "mi" and text == "~":
        element.tag, text = "mo", "\N{TILDE OPERATOR}"
    elif element.tag == "mi" and _is_sign(text):
        element.tag, element.attrib = "mo", {"stretchy": "false"}
    element.text = text or None


def _is_sign(text: str) -> bool:
    return len(text) == 1 and unicodedata.category(text) in ("Sm", "Ps", "Pe")


def _styled(letter: str, variant: str) -> str:
    """Return the mathematical letter, or the letter where there is none."""
    name = unicodedata.name(letter, "")
    kind = variant.replace("-", " ").upper().replace("DOUBLE STRUCK", "DOUBLE-STRUCK")
    for start in ("LATIN ", "GREEK "):
        name = name.removeprefix(start).replace("LETTER ", "")
    for full in (f"MATHEMATICAL {kind} {name}", f"{kind} {name}"):
        try:
            return unicodedata.lookup(full)
        except KeyError:
            continue
    return "\N{PLANCK CONSTANT}" if (letter, variant) == ("h", "italic") else letter


def _clean_attributes(element: Element) -> None:
    if element.tag not in ALLOWED:
        raise TexError(0, f"TeX that needs <{element.tag}>, which browsers lack")
    if align := element.attrib.pop("columnalign", None):
        element.set("class", f"align-{align}")
    if element.get("columnspacing") == "0em":
        element.set("class", "aligned")
    for name, value in list(element.attrib.items()):
        if name in (*ALLOWED[element.tag], *_EVERYWHERE):
            element.set(name, _SPACES.get(value, value))
        elif name in _DROPPED:
            del element.attrib[name]
        else:
            raise TexError(0, f"TeX that needs the attribute {name}")


def _clean_script(element: Element) -> None:
    """Set limits above and below big operators, and accents close to their letter."""
    base, second = element[0], element[1]
    if base.tag == "mo" and base.text and _takes_limits(base):
        base.set("movablelimits", "true")
        element.tag = _LIMITS.get(element.tag, element.tag)
    elif element.tag == "mover" and second.tag == "mo" and second.text in _ACCENTS:
        element.set("accent", "true")
        second.text = _ACCENTS[second.text or ""]
        if second.text not in "¯\N{OVERLINE}":
            second.set("stretchy", "false")


def _takes_limits(operator: Element) -> bool:
    text = operator.text or ""
    return (
        text in "∑∏⋃⋂"
        or operator.get("movablelimits") == "true"
        or text in ("lim", "max", "min", "sup", "inf")
    )


def _clean_row(row: Sequence[Element], alone: bool) -> None:
    cores = [_core(child) for child in row]
    if alone and len(row) == 1 and row[0].tag == "mo" and not row[0].get("stretchy"):
        row[0].set("lspace", "0")
        row[0].set("rspace", "0")
    before: Element | None = None
    for place, core in enumerate(cores):
        after = cores[place + 1] if place + 1 < len(cores) else None
        if _is_name(core):
            _space_name(core, before, after, last=place + 1 == len(cores))
        elif core.tag == "mo" and core.text in _PLUS_MINUS and _opens(before):
            core.set("form", "prefix")
        elif core.tag == "mo" and not core.text:  # the dot of \left.
            core.attrib = {"lspace": "0", "rspace": "0"}
        before = core
    _pair_bars(cores)


def _core(element: Element) -> Element:
    """Return what a script or accent stands on."""
    while element.tag in _SCRIPTS and len(element):
        element = element[0]
    return element


def _is_name(element: Element) -> bool:
    text = (element.text or "").replace(" ", "").replace("\N{THIN SPACE}", "")
    return element.tag in ("mi", "mo") and len(text) > 1 and text.isalpha()


def _space_name(
    name: Element, before: Element | None, after: Element | None, *, last: bool
) -> None:
    """Give the name of a function the thin spaces that TeX gives it."""
    limits = name.get("movablelimits")
    name.tag, name.attrib = "mo", {"movablelimits": limits} if limits else {}
    open_left = before is None or before.tag == "mo"
    closed_right = last or (
        after is not None and after.tag == "mo" and (after.text or "") in "([{,=)]}"
    )
    name.set("lspace", "0" if open_left else _THIN)
    name.set("rspace", "0" if closed_right else _THIN)


def _opens(before: Element | None) -> bool:
    """Say whether a sign after this is a sign of its number, not between two."""
    if before is None:
        return True
    return before.tag == "mo" and (before.text or "") not in ")]}⟩⌋⌉|‖!′"


def _pair_bars(cores: Sequence[Element]) -> None:
    """Take an even number of bars in a row as pairs of fences."""
    for bar in _BARS:
        found = [
            core
            for core in cores
            if core.tag == "mo" and core.text == bar and core.get("fence") != "true"
        ]
        if len(found) % 2 == 0:
            for place, core in enumerate(found):
                core.set("form", "postfix" if place % 2 else "prefix")
                core.set("stretchy", "false")
        elif bar == "|":
            for core in found:
                core.set("lspace", "0")
                core.set("rspace", "0")
