"""matplotlib's SVG, read into a small tree that looks the same wherever it is drawn.

Metadata, comments, style sheets and automatic ids go; style declarations become
presentation attributes; lengths are rounded to 0.01 of the drawing's unit, opacities
to 0.001 (finer than eight bits can show); every colour is looked up in the caller's
table, so that no colour outside it reaches a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import escape

NAMESPACE = "{http://www.w3.org/2000/svg}"
COLOURED = {"fill", "stroke", "stop-color", "flood-color", "lighting-color", "color"}
PAINTED = {"path", "rect", "circle", "ellipse", "polygon", "polyline", "text", "use"}
BY_REFERENCE = {"defs", "clipPath", "mask", "pattern"}  # not painted where they stand
DROPPED = {"metadata", "style", "title", "desc"}
DROPPED_ATTRIBUTES = {"style", "id", "version", "font-family", "type"}
INITIAL = {("text-anchor", "start"), ("stroke-dashoffset", "0")}
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
LENGTHS = re.compile(rf"(?:{NUMBER.pattern}(?:px|pt)?[\s,]*)+")
PATH_COMMAND = re.compile(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)")  # e: an exponent
TRANSFORM = re.compile(r"(\w+)\(([^)]*)\)")
AUTOMATIC_ID = re.compile(r"([A-Za-z][\w.]*)_\d+")
URL = re.compile(r"url\(#([^)]+)\)")


@dataclass
class Element:
    """One SVG element; ``kind`` names the sort of artist that drew it ("xtick")."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)
    kind: str = ""

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def read(document: str, colours: Mapping[str, str], ink: str | None = None) -> Element:
    """Read one SVG document written by matplotlib and clean it.

    ``colours`` maps each allowed lower-case hex colour to what replaces it; empty, all
    colours stay. Text in SVG's initial black, which matplotlib leaves unsaid, gets
    ``ink`` where given.

    Raises ValueError for a picture in the drawing and for a colour not in ``colours``.
    """
    source = ElementTree.fromstring(document)
    referenced = {
        reference(*said) for node in source.iter() for said in _said(node).items()
    }
    root = _cleaned(source, colours, referenced)
    if root.tag != "svg" or "viewBox" not in root.attributes:
        raise ValueError("this is not an SVG drawing with a viewBox")
    _say_fill(root, colours, ink)
    _, _, width, height = root.attributes["viewBox"].split()
    root.attributes = {
        "viewBox": root.attributes["viewBox"],
        "width": width,
        "height": height,
        "stroke-linejoin": "round",  # said in the style sheet that is dropped
    }
    return root


def reference(name: str, value: str) -> str:
    """Return the id that an attribute refers to, or ""."""
    if name == "href":
        return value.removeprefix("#") if value.startswith("#") else ""
    match = URL.fullmatch(value)
    return match[1] if match else ""


def markup(element: Element) -> str:
    """Write an element as text that HTML and XML parsers read alike."""
    attributes = "".join(
        f' {name}="{escape(value, {chr(34): "&quot;"})}"'
        for name, value in sorted(element.attributes.items())
    )
    inner = escape(element.text) + "".join(map(markup, element.children))
    if not inner:
        return f"<{element.tag}{attributes}/>"
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"


def shortest(value: float, decimals: int = 2) -> str:
    """Write a number in as few characters as its rounding allows: 0.50 is ".5"."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", ""):
        return "0"
    return re.sub(r"^(-?)0\.", r"\1.", text)


def _said(node: ElementTree.Element) -> dict[str, str]:
    """Return an element's attributes, those in its style among them."""
    said = {
        name.removeprefix("{http://www.w3.org/1999/xlink}"): value
        for name, value in node.attrib.items()
    }
    for declaration in said.get("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if value:
            said[name.strip()] = value.strip()
    return said


def _cleaned(
    node: ElementTree.Element, colours: Mapping[str, str], referenced: set[str]
) -> Element:
    tag = node.tag.removeprefix(NAMESPACE)
    if tag == "image":
        raise ValueError(
            "the drawing holds an <image>: draw heat maps with pcolormesh, not imshow, "
            "and rasterise nothing"
        )
    said = _said(node)
    element = Element(tag, text=(node.text or "") if tag == "text" else "")
    for name, value in said.items():
        if name in DROPPED_ATTRIBUTES or name.startswith("{"):
            continue
        clean = _clean_value(name, value, colours)
        if clean and (name, clean) not in INITIAL:
            element.attributes[name] = clean
    automatic = AUTOMATIC_ID.fullmatch(said.get("id", ""))
    if said.get("id") in referenced:
        element.attributes["id"] = said["id"]
    elif automatic:
        element.kind = automatic[1]
    elif "id" in said:
        element.kind = element.attributes["class"] = said["id"]
    element.children = [
        _cleaned(child, colours, referenced)
        for child in node
        if child.tag.removeprefix(NAMESPACE) not in DROPPED
    ]
    return element


def _clean_value(name: str, value: str, colours: Mapping[str, str]) -> str:
    if name in COLOURED:
        return _colour(value, colours)
    if name == "d":
        return _path(value)
    if name.endswith("ransform"):  # gradientTransform, patternTransform
        return _transform(value)
    if name.endswith("opacity"):
        return shortest(float(value), 3)
    if LENGTHS.fullmatch(value):
        return " ".join(shortest(float(number)) for number in NUMBER.findall(value))
    return value


def _colour(value: str, colours: Mapping[str, str]) -> str:
    if value == "none" or not colours or URL.fullmatch(value):
        return value
    try:
        return colours[value.lower()]
    except KeyError:
        raise ValueError(
            f"the colour {value} is no token{_nearest(value, colours)}"
        ) from None


def _nearest(value: str, colours: Mapping[str, str]) -> str:
    """Name the allowed colour next to this one in red, green and blue."""
    if not re.fullmatch("#[0-9a-f]{6}", value.lower()) or not colours:
        return ""

    def distance(other: str) -> int:
        pairs = (
            (int(value[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)
        )
        return sum((mine - theirs) ** 2 for mine, theirs in pairs)

    near = min(sorted(colours), key=distance)
    return f"; the nearest is {colours[near]} ({near})"


def _path(value: str) -> str:
    """Write path data in steps between points that are rounded where they stand.

    Nothing drifts, and like shapes in different places read alike. A line back to
    where its outline began goes when ``z``, which draws that line, follows: matplotlib
    writes it round some outlines and not round others.
    """
    segments: list[tuple[str, list[int]]] = []
    start: list[int] = []
    for command, arguments in PATH_COMMAND.findall(value):
        places = [round(100 * float(number)) for number in NUMBER.findall(arguments)]
        if command not in "MLCQz":
            raise ValueError(f"path data with the command {command}")
        if command == "M":
            start = places
        elif command == "z" and segments and segments[-1] == ("L", start):
            segments.pop()
        segments.append((command, places))
    return _stepped(segments)


def _stepped(segments: list[tuple[str, list[int]]]) -> str:
    """Write segments with points in hundredths; only ``M`` stays a place."""
    written, previous = "", ""
    here = start = [0, 0]
    for command, places in segments:
        origin = [0, 0] if command == "M" else here
        steps = [place - origin[i % 2] for i, place in enumerate(places)]
        same = command == previous and places
        numbers = " ".join(shortest(step / 100) for step in steps)
        letter = command if command == "M" else command.lower()
        written += (" " if same and command != "M" else letter) + numbers
        here = places[-2:] if places else start
        start = here if command == "M" else start
        previous = command
    return written


def _transform(value: str) -> str:
    """Round a transform: places to 0.01, angles and factors to a millionth."""
    written = []
    for name, arguments in TRANSFORM.findall(value):
        numbers = [float(number) for number in NUMBER.findall(arguments)]
        if name == "rotate" and numbers[0] == 0:
            continue
        # how many arguments come before those that are places
        factors = {"translate": 0, "rotate": 1, "matrix": 4}.get(name, len(numbers))
        texts = [
            shortest(number, 6 if i < factors else 2)
            for i, number in enumerate(numbers)
        ]
        written.append(f"{name}({' '.join(texts)})")
    return " ".join(written)


def _say_fill(element: Element, colours: Mapping[str, str], ink: str | None) -> None:
    """Write the fill that matplotlib leaves unsaid where it is SVG's initial black."""
    if element.tag in BY_REFERENCE or "fill" in element.attributes:
        return
    if element.attributes.get("fill-opacity") == "0":
        element.attributes["fill"] = "none"  # a hollow marker
    elif element.tag in PAINTED:
        text_ink = ink if element.tag == "text" else None
        element.attributes["fill"] = text_ink or _colour("#000000", colours)
    for child in element.children:
        _say_fill(child, colours, ink)
