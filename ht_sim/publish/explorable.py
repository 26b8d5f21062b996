"""One drawing per state becomes one inline SVG and the few attributes that change.

``encode`` walks the drawings of all states together. Elements that all states share
are written once, as in the default state; an attribute or a text that differs between
states is a *slot*. Where states differ in structure (another number of ticks, a legend
that comes and goes) the run of children that differs is a slot as a whole.

The JSON text, played by ``templates/static/site.js``:

``states``    how many there are, counted with the last control running fastest
``default``   the state that the SVG shows
``stride``    the order of states in ``columns``: 0, stride, 2 stride, …, then 1,
              1 + stride, … (chosen so that runs are long)
``columns``   which value each state uses, in runs: [value, count, value, count, …]; of
              two values, for every ``states`` / ``stride`` states the places where the
              use switches between 0, with which it starts, and 1; "3|41" is 1 where
              column 3 or column 41 is
``slots``     [attribute, values, elements, columns], …: what changes alike. Each of the
              elements takes, by the column beside it, one of the values; null means
              that the attribute is not there. Elements and columns are numbers given
              as steps from the one before. Element 0 is the ``<svg>``, element i the
              i-th of its ``querySelectorAll("*")`` as the page came. The attribute
              "#text" is the element's text, "#markup" the markup inside it.
``spoken``    one sentence a state, put in by ``with_spoken``, as is
``numbers``   for each cell of the figure's table its text in each state
``drawing``   what the ``<svg>`` holds in the default state, put in by ``with_drawing``
              where the page has it empty

Path data that differs in numbers only comes as {"pieces", "sums", "rows"}: rows of
hundredths to stand between the pieces, after being summed along themselves and down
the list as often as the two ``sums`` say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from ht_sim.publish.alignment import Node, aligned
from ht_sim.publish.changes import Slot, Value, changes_text, json_text
from ht_sim.publish.svg import Element, markup, read, reference

Names = list[dict[str, str]]  # per state: id as drawn -> id as published


@dataclass(frozen=True)
class Explorable:
    """One figure ready for a page: an ``<svg>`` element and its changes as JSON."""

    base: str
    changes: str


def encode(
    frames: Sequence[str],
    *,
    slug: str,
    default: int,
    tokens: Mapping[str, str],
) -> Explorable:
    """Encode one matplotlib SVG document per state.

    ``tokens`` maps lower-case hex colours to names of CSS custom properties. The page
    labels the drawing by an element with the id ``<slug>-alt``.

    Raises ValueError, with the state, for a colour that is no token, an ``<image>``,
    and mathematics or text drawn as outlines.
    """
    roots = [
        _read_state(f"{slug}, state {state}", frame, tokens)
        for state, frame in enumerate(frames)
    ]
    for root in roots:
        root.attributes |= {"role": "img", "aria-labelledby": f"{slug}-alt"}
    tree = aligned(roots)
    names = _named(tree, slug)
    slots = _slots(tree, names, default)
    base = markup(_published(tree, default, names))
    return Explorable(base, changes_text(slots, len(frames), default))


def with_spoken(
    changes: str, spoken: Sequence[str], numbers: Sequence[Sequence[str]] = ()
) -> str:
    """Return the JSON text with one spoken sentence a state put in.

    ``numbers`` has, for each cell of the figure's table, its text in each state. The
    text may stand inside a ``<script>``. Raises ValueError for a wrong number of
    sentences.
    """
    data = json.loads(changes)
    if len(spoken) != data["states"]:
        raise ValueError(f"{len(spoken)} sentences for {data['states']} states")
    return json_text({**data, "spoken": list(spoken), "numbers": numbers})


def with_drawing(changes: str, base: str) -> tuple[str, str]:
    """Move what an ``<svg>`` element holds into the JSON text.

    Returns the empty element, which keeps its size and its name, and the text.
    """
    opening, _, rest = base.partition(">")
    drawing = rest.removesuffix("</svg>")
    return f"{opening}></svg>", json_text({**json.loads(changes), "drawing": drawing})


def still(frame: str, *, slug: str, colours: Mapping[str, str]) -> str:
    """Return one drawing, its text already outlines, as an SVG document for ``<img>``.

    ``colours`` maps each hex colour of the drawing to the theme's; empty, the colours
    stay. Raises ValueError for a colour it does not name, for an ``<image>`` and for
    text left as text.
    """
    try:
        root = read(frame, colours)
    except ValueError as problem:
        raise ValueError(f"{slug}: {problem}") from None
    if any(element.tag == "text" for element in root.walk()):
        raise ValueError(f"{slug}: a still's text must be outlines (svg.fonttype path)")
    root.attributes["xmlns"] = "http://www.w3.org/2000/svg"
    tree = aligned([root])
    return markup(_published(tree, 0, _named(tree, slug))) + "\n"


def _read_state(place: str, frame: str, tokens: Mapping[str, str]) -> Element:
    variables = {colour: f"var(--{name})" for colour, name in tokens.items()}
    try:
        root = read(frame, variables, ink="var(--ink)")
    except ValueError as problem:
        raise ValueError(f"{place}: {problem}") from None
    for element in root.walk():
        if element.tag == "tspan" or "scale(.015625)" in element.attributes.values():
            raise ValueError(
                f"{place}: text must stay text: no mathtext (write Unicode), and "
                "svg.fonttype 'none'"
            )
    return root


# -- ids, values and slots -----------------------------------------------------------


def _named(tree: Node, slug: str) -> Names:
    """Give each id that is referred to a name that no other figure has.

    Names follow the places of the elements, so that a hash that differs between states
    changes nothing. The full stop keeps them apart from the ids of pages.
    """
    names: Names = [{} for _ in tree.states]

    def visit(nodes: list[Node], members: Sequence[int], prefix: str) -> None:
        shared = chain.from_iterable(node.walk() for node in nodes)
        for number, node in enumerate(shared, start=1):
            name = f"{prefix}.{number}"
            for member, state in zip(members, node.states, strict=True):
                if "id" in state.attributes:
                    names[member][state.attributes["id"]] = name
            for member, row in enumerate(node.inside):
                visit(row, [member], name)

    visit([tree], range(len(names)), slug)
    return names


def _value(element: Element, attribute: str, names: Mapping[str, str]) -> Value:
    value = element.attributes.get(attribute)
    if value is None:
        return None
    if attribute == "id":
        return names[value]
    target = reference(attribute, value)
    return value.replace(target, names[target]) if target else value


def _published(node: Node, state: int, names: Names) -> Element:
    """Return a node's element as one state shows it."""
    element = node.states[state if len(node.states) > 1 else 0]
    children = node.inside[state] if node.inside else node.children
    return Element(
        element.tag,
        {
            name: _value(element, name, names[state]) or ""
            for name in element.attributes
        },
        element.text,
        [_published(child, state, names) for child in children],
    )


def _slots(tree: Node, names: Names, default: int) -> list[Slot]:
    """List what differs between states; elements are counted in the default state."""
    slots: list[Slot] = []
    index = 0
    for node in tree.walk():
        for attribute in sorted({name for s in node.states for name in s.attributes}):
            values = [
                _value(s, attribute, n) for s, n in zip(node.states, names, strict=True)
            ]
            slots.append(Slot(index, attribute, values))
        slots.append(Slot(index, "#text", [state.text for state in node.states]))
        index += 1
        if node.inside:
            states = range(len(node.states))
            rows = [[_published(n, s, names) for n in node.inside[s]] for s in states]
            slots.append(
                Slot(index - 1, "#markup", ["".join(map(markup, r)) for r in rows])
            )
            index += sum(1 for element in rows[default] for _ in element.walk())
    return [slot for slot in slots if len(set(slot.values)) > 1]
