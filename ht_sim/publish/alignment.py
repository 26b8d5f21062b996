"""The drawings of all states, walked together into one tree.

Children are paired from both ends, by tag and by the sort of artist that drew them;
what is left between differs in structure and stays apart, state by state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from ht_sim.publish.svg import Element

INHERITED = {
    *("clip-path", "fill", "fill-opacity", "font-size", "font-weight", "stroke"),
    *("stroke-dasharray", "stroke-linecap", "stroke-linejoin", "stroke-opacity"),
    *("stroke-width", "text-anchor"),
}


@dataclass
class Node:
    """One place in the drawing: its element in every state, and what lies inside.

    ``inside`` holds, for each state, children that the states do not share; a node has
    either ``inside`` or ``children``.
    """

    states: list[Element]
    children: list[Node] = field(default_factory=list)
    inside: list[list[Node]] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield this node and the shared ones below it in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def aligned(states: list[Element]) -> Node:
    """Return the tidied tree of one drawing per state."""
    (tree,) = _tidied(_aligned(states))
    return tree


def _aligned(states: list[Element]) -> Node:
    """Pair the states' children from both ends; what is left between is ``inside``."""
    rows = [state.children for state in states]
    least = min(map(len, rows))
    before = _shared(rows, least)
    if all(len(row) == before for row in rows):
        return Node(
            states, [_aligned(list(column)) for column in zip(*rows, strict=True)]
        )
    if states[0].tag not in ("svg", "g", "defs"):  # no place for a group of its own
        return Node(states, inside=[_alone(row) for row in rows])
    after = _shared([row[::-1] for row in rows], least - before)
    first = [_aligned([row[i] for row in rows]) for i in range(before)]
    last = [_aligned([row[-i] for row in rows]) for i in range(after, 0, -1)]
    middle = [_alone(row[before : len(row) - after]) for row in rows]
    group = Node([Element("g") for _ in states], inside=middle)
    return Node(states, [*first, group, *last])


def _alone(row: list[Element]) -> list[Node]:
    return [_aligned([element]) for element in row]


def _shared(rows: list[list[Element]], most: int) -> int:
    """Count the leading children, up to ``most``, that are of one sort in all rows."""
    for i in range(most):
        if len({(row[i].tag, row[i].kind) for row in rows}) > 1:
            return i
    return most


def _tidied(node: Node) -> list[Node]:
    """Return what stands for a node without its empty and its needless groups."""
    _settle(node.states)
    node.children = _all_tidied(node.children)
    node.inside = [_all_tidied(row) for row in node.inside]
    tag = node.states[0].tag
    filled = node.children or node.inside
    if (tag in ("g", "defs") and not filled) or all(map(_invisible, node.states)):
        return []
    if tag == "g":
        _hoist(node)
        if not node.inside and not any(state.attributes for state in node.states):
            return node.children
    return [node]


def _settle(states: list[Element]) -> None:
    """Let a path without a stroke keep the dash and width of a state that has one."""
    stroked = [s.attributes.get("stroke", "none") != "none" for s in states]
    if states[0].tag != "path" or not any(stroked):
        return
    model = states[stroked.index(True)]
    for state, has_stroke in zip(states, stroked, strict=True):
        if has_stroke:
            model = state
        else:
            kept = {n: v for n, v in state.attributes.items() if n[:7] != "stroke-"}
            like = {n: v for n, v in model.attributes.items() if n[:7] == "stroke-"}
            state.attributes = kept | like


def _hoist(group: Node) -> None:
    """Write on the group what all its children say alike in all states."""
    if len(group.children) < 2:
        return
    said = [s.attributes for child in group.children for s in child.states]
    moved = any("transform" in attributes for attributes in said)
    taken = {name for state in group.states for name in state.attributes}
    for name in INHERITED - taken - ({"clip-path"} if moved else set()):
        if len(values := {attributes.get(name) for attributes in said}) == 1:
            value = values.pop()
            if value is not None:
                for attributes in said:
                    del attributes[name]
                for state in group.states:
                    state.attributes[name] = value


def _all_tidied(nodes: list[Node]) -> list[Node]:
    return list(chain.from_iterable(map(_tidied, nodes)))


def _invisible(element: Element) -> bool:
    said = element.attributes
    unpainted = said.get("fill") == "none" and said.get("stroke", "none") == "none"
    drawn_here = element.tag == "path" and "id" not in said
    return drawn_here and (unpainted or said.get("opacity") == "0")
