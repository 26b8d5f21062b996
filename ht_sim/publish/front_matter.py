"""The lines above a page: what it is called and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from ht_sim.problems import Problem, did_you_mean
from ht_sim.publish.source import Source

TEMPLATES = ("page", "home", "references")
_FENCE = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_KINDS = {
    "title": "text",
    "order": "a whole number",
    "summary": "text",
    "able": "a list of texts",
    "meets": "a list of texts",
    "template": "text",
}
_REQUIRED = ("title", "order", "summary")
_TEXT, _WHOLE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int"


@dataclass(frozen=True)
class FrontMatter:
    """What a page says of itself; ``at`` gives the offsets of each value that holds."""

    title: str = ""
    order: int = 0
    summary: str = ""
    able: tuple[str, ...] = ()
    meets: tuple[str, ...] = ()
    template: str = "page"
    at: dict[str, tuple[int, int]] = field(default_factory=dict, compare=False)


def read_front_matter(source: Source) -> tuple[FrontMatter, int, list[Problem]]:
    """Return the front matter, the offset where the body starts, and problems."""
    fence = _FENCE.match(source.text)
    if fence is None:
        what = "a page starts with front matter"
        expected = "a line ---, YAML, a line ---"
        start = source.text.find("\n\n") + 1 or len(source.text)
        return FrontMatter(), start, [source.problem(0, what, expected)]
    problems: list[Problem] = []
    try:
        root = yaml.compose(fence[1], Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        problems.append(_syntax(source, fence.start(1), error))
        return FrontMatter(), fence.end(), problems
    reader = _Reader(source, fence.start(1), problems)
    return reader.read(root), fence.end(), problems


def _syntax(source: Source, start: int, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "?"
    at = start + (mark.index if mark else 0)
    return source.problem(min(at, len(source.text)), f"cannot read the YAML: {said}")


@dataclass
class _Reader:
    source: Source
    start: int
    problems: list[Problem]

    def read(self, root: yaml.Node | None) -> FrontMatter:
        if root is not None and not isinstance(root, yaml.MappingNode):
            self._wrong(root, "front matter is not a list of keys", "title: …")
            return FrontMatter()
        values: dict[str, str | int | tuple[str, ...]] = {}
        places: dict[str, tuple[int, int]] = {}
        named: set[str] = set()
        for key, node in root.value if root else []:
            name = str(key.value)
            if name not in _KINDS:
                near, listed = did_you_mean(name, _KINDS), ", ".join(_KINDS)
                self._wrong(key, f"unknown key {name!r}{near}", listed)
                named |= {one for one in _KINDS if f"'{one}'" in near}
            elif name in named:
                self._wrong(key, f"the key {name!r} stands twice")
            else:
                named.add(name)
                problems = len(self.problems)
                values.update((name, value) for value in self._value(name, node))
                if len(self.problems) == problems:
                    places[name] = self._span(node)
        for name in _REQUIRED:
            if name not in named:
                what = f"front matter without {name!r}"
                self.problems.append(self.source.problem(0, what, _KINDS[name]))
        return FrontMatter(**values, at=places)  # type: ignore[arg-type]

    def _value(
        self, name: str, node: yaml.Node
    ) -> Iterator[str | int | tuple[str, ...]]:
        """Give the value of a key, or nothing and a problem."""
        kind = _KINDS[name]
        if kind == "text" and self._is(node, _TEXT):
            yield str(node.value)
            if name == "template" and node.value not in TEMPLATES:
                near = did_you_mean(node.value, TEMPLATES)
                what = f"unknown template {node.value!r}{near}"
                self._wrong(node, what, ", ".join(TEMPLATES))
        elif kind == "a whole number" and self._is(node, _WHOLE):
            yield int(yaml.safe_load(node.value))
        elif kind == "a list of texts" and isinstance(node, yaml.SequenceNode):
            wrong = [item for item in node.value if not self._is(item, _TEXT)]
            for item in wrong:
                self._wrong(item, f"{name!r} holds something else", "text")
            yield tuple(str(item.value) for item in node.value if item not in wrong)
        else:
            self._wrong(node, f"{name!r} is of the wrong kind", kind)

    def _is(self, node: yaml.Node, tag: str) -> bool:
        blank = isinstance(node, yaml.ScalarNode) and not node.value.strip()
        return isinstance(node, yaml.ScalarNode) and node.tag == tag and not blank

    def _span(self, node: yaml.Node) -> tuple[int, int]:
        first, last = node.start_mark.index, node.end_mark.index
        return self.start + first, self.start + last

    def _wrong(self, node: yaml.Node, what: str, expected: str = "") -> None:
        at = self._span(node)[0]
        self.problems.append(self.source.problem(at, what, expected))
