"""The arrays behind figures as files that readers take along: CSV and NPZ."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterator

from ht_sim.arrays import npz
from ht_sim.engine.fingerprint import code_of, digest
from ht_sim.engine.store import Store
from ht_sim.results import Result, versions


def tables(slug: str, result: Result, store: Store) -> dict[str, bytes]:
    """Return the arrays of an experiment as ``slug.csv`` and ``slug.npz``.

    They are made once for the same arrays, and kept.
    """
    depends = {
        "name": slug,
        "data": result_entry(result),
        "code": code_of(tidy_csv) | code_of(npz),
        "versions": versions("numpy"),
    }

    def make() -> dict[str, bytes]:
        return {f"{slug}.csv": tidy_csv(result), f"{slug}.npz": npz(result.arrays)}

    return store.once(depends, make)


def result_entry(result: Result) -> str:
    """Return one digest of a result's arrays and of the names of their axes."""
    dims = [[name, *axes] for name, axes in result.experiment.dims.items()]
    return digest(json.dumps([result.digest, dims]))


def tidy_csv(result: Result) -> bytes:
    """Return all arrays of a result as one table: a row a number, six digits.

    Columns are the array's name, its place on each axis (a grid axis by its value,
    another by a number from 0), and the value.
    """
    grid = [axis.name for axis in result.experiment.grid]
    dims = result.experiment.dims
    others = dict.fromkeys(itertools.chain.from_iterable(dims.values()))
    columns = [*grid, *others]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["array", *columns, "value"])
    for name in dims:
        table.writerows(_rows(result, name, grid, columns))
    return text.getvalue().encode()


def _rows(
    result: Result, name: str, grid: list[str], columns: list[str]
) -> Iterator[list[str]]:
    """Give the rows of one array in C order."""
    array = result.arrays[name]
    axes = [*grid, *result.experiment.dims[name]]
    names = [[str(number) for number in range(length)] for length in array.shape]
    for place, axis in enumerate(grid):
        names[place] = [f"{one:g}" for one in result.arrays[axis]]
    numbered = [axes.index(one) if one in axes else None for one in columns]
    values = (f"{one:.6g}" for one in array.ravel().tolist())
    for row, value in zip(itertools.product(*names), values, strict=True):
        shown = ("" if one is None else row[one] for one in numbered)
        yield [name, *shown, value]
