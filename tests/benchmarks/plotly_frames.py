"""Matplotlib's figures as frames of a Plotly figure, for the benchmark of figures.

It needs Plotly, which is no dependency: ``pip install plotly==7.1.0``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from plotly.offline import get_plotlyjs


def library() -> bytes:
    """Return plotly.js."""
    return get_plotlyjs().encode()


def rounded(values: Any) -> list[float]:
    """Return numbers in two decimals."""
    return np.round(np.asarray(values, dtype=float), 2).tolist()


def colour(value: Any) -> str:
    """Return a colour with its opacity."""
    return to_hex(value, keep_alpha=True)


def lines(paths: Sequence[Any], styles: Sequence[tuple[str, float]]) -> list[Any]:
    """Return a trace for each style, the lines of one style with gaps between."""
    traces: dict[tuple[str, float], tuple[list[Any], list[Any]]] = {}
    for path, style in zip(paths, styles, strict=True):
        x, y = traces.setdefault(style, ([], []))
        x += [*rounded(path[:, 0]), None]
        y += [*rounded(path[:, 1]), None]
    return [
        go.Scatter(x=x, y=y, mode="lines", line={"color": style[0], "width": style[1]})
        for style, (x, y) in traces.items()
    ]


def area(path: Any, face: str) -> Any:
    """Return a filled outline as a trace."""
    x, y = rounded(path[:, 0]), rounded(path[:, 1])
    return go.Scatter(x=x, y=y, fill="toself", fillcolor=face, mode="none")


def traces_of(axes: Any) -> Iterator[Any]:
    """Give what matplotlib's axes hold as Plotly's traces."""
    for line in axes.lines:
        style = (colour(line.get_color()), line.get_linewidth())
        yield from lines([np.array(line.get_xydata())], [style])
    for one in axes.collections:
        colours = one.get_edgecolor() if isinstance(one, LineCollection) else None
        if colours is not None:
            paths = [path.vertices for path in one.get_paths()]
            widths = np.resize(one.get_linewidth(), len(paths))
            every = np.resize(np.ravel(colours), (len(paths), 4))
            styles = [
                (colour(each), float(w)) for each, w in zip(every, widths, strict=True)
            ]
            yield from lines(paths, styles)
        elif isinstance(one, PathCollection):
            x, y = np.asarray(one.get_offsets()).T
            faces = [colour(each) for each in one.get_facecolor()]
            marker = {"color": faces, "size": rounded(np.sqrt(one.get_sizes()))}
            yield go.Scatter(x=rounded(x), y=rounded(y), mode="markers", marker=marker)
        elif isinstance(one, PolyCollection):
            for path, face in zip(one.get_paths(), one.get_facecolor(), strict=False):
                yield area(path.vertices, colour(face))
    for patch in axes.patches:
        path = patch.get_patch_transform().transform_path(patch.get_path())
        yield area(path.to_polygons()[0], colour(patch.get_facecolor()))
    texts = [text for text in axes.texts if text.get_text()]
    if texts:
        x, y = np.array([text.get_position() for text in texts], dtype=float).T
        said = [text.get_text() for text in texts]
        yield go.Scatter(x=rounded(x), y=rounded(y), text=said, mode="text")


def frames(figures: Iterable[Figure]) -> bytes:
    """Return the JSON of a Plotly figure with a frame a state."""
    drawn = [list(map(list, map(traces_of, one.axes))) for one in figures]
    frames = [
        go.Frame(data=[trace for axes in one for trace in axes], name=str(number))
        for number, one in enumerate(drawn)
    ]
    return go.Figure(data=frames[0].data, frames=frames).to_json().encode()
