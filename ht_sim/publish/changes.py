"""The changes of an explorable as JSON: small after gzip, readable before.

Slots that take the same values share one list of them, and slots that change in the
same states share one column; lines of numbers are written as steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ht_sim.publish.svg import NUMBER

Value = str | None


@dataclass
class Slot:
    """An attribute that changes: of which element, and its value in each state."""

    element: int
    attribute: str
    values: list[Value]


def changes_text(slots: Sequence[Slot], states: int, default: int) -> str:
    """Return the JSON text that ``templates/static/site.js`` plays."""
    columns: dict[tuple[int, ...], int] = {}
    alike: dict[tuple[str, tuple[Value, ...]], tuple[list[int], list[int]]] = {}
    for slot in slots:
        distinct = {value: i for i, value in enumerate(dict.fromkeys(slot.values))}
        column = tuple(distinct[value] for value in slot.values)
        elements, used = alike.setdefault((slot.attribute, tuple(distinct)), ([], []))
        elements.append(slot.element)
        used.append(columns.setdefault(column, len(columns)))
    stride, runs = _runs(np.array(list(columns), dtype=np.int64).reshape(-1, states))
    return json_text(
        {
            "states": states,
            "default": default,
            "stride": stride,
            "columns": runs,
            "slots": [
                [attribute, _packed(attribute, values), _steps(elements), _steps(used)]
                for (attribute, values), (elements, used) in alike.items()
            ],
        }
    )


def _steps(numbers: Sequence[int]) -> list[int]:
    """Return the first number and then the difference of each from the one before."""
    return [b - a for a, b in zip([0, *numbers], numbers, strict=False)]


def _packed(attribute: str, values: Sequence[Value]) -> object:
    """Write path data that differs in numbers only as the numbers that differ.

    The numbers are hundredths. ``sums`` says how often the rows are to be summed along
    themselves and how often down the list to have them back; the shortest text wins.
    """
    paths = [value for value in values if attribute == "d" and value]
    shapes = {NUMBER.sub("", path) for path in paths}
    if len(shapes) != 1 or len(paths) < len(values):
        return values
    numbers = np.array([NUMBER.findall(path) for path in paths], dtype=np.float64)
    table = np.rint(100 * numbers).astype(np.int64)
    varies = (table != table[0]).any(axis=0)
    packed = (
        {"pieces": _pieces(paths[0], varies)} | rows for rows in _rows(table[:, varies])
    )
    return min([values, *packed], key=lambda choice: len(json.dumps(choice)))


def _pieces(path: str, varies: NDArray[np.bool_]) -> list[str]:
    """Return the path's text before, between and after the numbers that vary."""
    texts, numbers = NUMBER.split(path), NUMBER.findall(path)
    pieces = [texts[0]]
    for text, number, out in zip(texts[1:], numbers, varies, strict=True):
        if out:
            pieces.append(text)
        else:
            pieces[-1] += number + text
    return pieces


def _rows(table: NDArray[np.int64]) -> Iterator[dict[str, object]]:
    """Yield the rows as differences along themselves and down the list."""
    for down in range(2):
        rows = table if down == 0 else np.diff(table, axis=0, prepend=0)
        for along in range(3):
            yield {"sums": [along, down], "rows": rows.tolist()}
            rows = np.diff(rows, axis=1, prepend=0)


def _runs(columns: NDArray[np.int64]) -> tuple[int, list[Any]]:
    """Write the columns as runs, states taken in the stride of fewest runs.

    A stride of 8 takes states 0, 8, 16, …, then 1, 9, …: where the last control has 8
    values, the first control then runs fastest.
    """
    states = columns.shape[1]

    def taken(stride: int) -> NDArray[np.int64]:
        grid = columns.reshape(-1, states // stride, stride)
        return grid.transpose(0, 2, 1).reshape(-1, states)

    strides = [stride for stride in range(1, states + 1) if states % stride == 0]
    stride = min(strides, key=lambda each: np.count_nonzero(np.diff(taken(each))))
    either = _either(columns)
    return stride, [
        either.get(number) or _column(row, states // stride)
        for number, row in enumerate(taken(stride))
    ]


def _column(uses: NDArray[np.int64], length: int) -> list[Any]:
    """Write which value each state uses as runs; of two values, only the switches."""
    if uses.max() > 1:
        groups = ((value, len(list(run))) for value, run in groupby(uses.tolist()))
        return list(chain.from_iterable(groups))
    rows = np.diff(uses.reshape(-1, length), axis=1, prepend=0)
    return [np.flatnonzero(row).tolist() for row in rows]


def _either(columns: NDArray[np.int64]) -> dict[int, str]:
    """Find columns of 0 and 1 that are 1 where either of two others is: "3|41".

    So does an edge go when a mask drops the unit at either end. The others are not
    found so themselves.
    """
    sets = {
        number: int("".join(map(str, column)), 2)
        for number, column in enumerate(columns.tolist())
        if max(column) == 1
    }
    found: dict[int, str] = {}
    written: dict[int, int] = {}
    for number in sorted(sets, key=lambda each: (sets[each].bit_count(), each)):
        inside = [one for one in written if not written[one] & ~sets[number]]
        for one, other in combinations(sorted(inside), 2):
            if written[one] | written[other] == sets[number]:
                found[number] = f"{one}|{other}"
                break
        else:
            written[number] = sets[number]
    return found


def json_text(data: Mapping[str, object]) -> str:
    """Write JSON, one key a line, that may stand inside a ``<script>``."""
    lines = (
        f"{json.dumps(key)}:"
        + json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for key, value in data.items()
    )
    text = "{\n" + ",\n".join(lines) + "\n}"
    return text.replace("</", "<\\/").replace("<!--", "\\u003c!--")
