"""Drawings with what is hard to encode, and a page like the site's around them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from ht_sim import colours, look
from ht_sim.publish.explorable import Explorable, with_drawing, with_spoken

STATIC = Path(__file__).parents[2] / "templates" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'"
)
STYLE = """
@font-face { font-family: "Source Sans 3"; src: url("sans.ttf"); }
body { margin: 0; background: var(--paper); }
[hidden] { display: none; }
svg { display: block; }
svg text { font-family: "Source Sans 3"; }
.frame { overflow: auto; }
.narrow { width: 200px; }
"""


def network(p_drop: float, seed: int, units: int = 16) -> Figure:
    """Draw 4 layers of units, of which the masks of one seed drop some."""
    rng = np.random.default_rng(seed)
    uniform = rng.random((4, units))
    weight = np.random.default_rng(0).random((3, units, units))
    kept = (uniform >= p_drop) | (np.arange(4) == 3)[:, None]
    y = np.linspace(15, 295, units)
    with look.style():
        figure = look.new_figure(480, 310)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, 480), ylim=(0, 310))
        look.bare(axes)
        for layer in range(3):
            x = 60 + 120 * layer
            pairs = [(i, j) for i in range(units) for j in range(units)]
            edges = LineCollection(
                [((x, y[i]), (x + 120, y[j])) for i, j in pairs],
                colors=look.INK,
                linewidths=0.6,
                alpha=[
                    0.6 * weight[layer, i, j] * kept[layer, i] * kept[layer + 1, j]
                    for i, j in pairs
                ],
            )
            edges.set_gid("edges")
            axes.add_collection(edges)
        for layer, i in np.ndindex(4, units):
            on = kept[layer, i]
            unit = Circle(
                (60 + 120 * layer, y[i]),
                6,
                facecolor=look.HEAT[int(7 * uniform[layer, i])] if on else "none",
                edgecolor=look.INK if on else look.DROPPED,
                linestyle="-" if on else (0, (2, 2)),
                zorder=3,
            )
            unit.set_gid("unit")
            axes.add_patch(unit)
        axes.text(5, 300, f"drop rate {p_drop:.2f}")
    return figure


def curve(k: int) -> Figure:
    """Draw a line, its band and markers; ticks, a note and a fill come and go."""
    x = np.linspace(0, 10, 80)
    y = (1 + k / 3) * np.sin(x + k / 7) + k / 2
    with look.style():
        figure = look.new_figure(430, 250)
        axes = look.axes_at(figure, 50, 20, 360, 180)
        look.band(axes, x, y - 0.3 - 0.02 * k, y + 0.3, look.BATCH_NORM)
        axes.plot(x, y, color=look.BATCH_NORM)
        axes.plot(x[::8], y[::8], "o", color=look.LAYER_NORM)
        axes.set(xlabel="step", ylabel="loss – a & b")
        if k % 3 == 2:
            axes.text(2, y.max(), f"hot at {k}", color=look.MUTED)
        if k % 4 == 3:
            look.heat_cells(
                axes.inset_axes((0.8, 0.1, 0.15, 0.2)), np.eye(3), np.arange(6) / 6
            )
    return figure


def document(body: str, size: str = "100 50") -> str:
    """Return a small drawing in the way that matplotlib writes one."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE svg PUBLIC "a" "b">'
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="100pt" '
        f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" version="1.1">'
        "<metadata><rdf:RDF xmlns:rdf='r'/></metadata>"
        f'<g id="figure_1">{body}</g></svg>'
    )


@dataclass
class Shown:
    """One figure of a page; controls are (kind, name, texts)."""

    slug: str
    encoded: Explorable
    controls: Sequence[tuple[str, str, Sequence[str]]]
    default: Sequence[int]
    spoken: Sequence[str]
    lazy: bool = False
    before: str = ""
    steps: Sequence[str] = ()  # the addresses of their states
    shared: Mapping[str, Sequence[float]] = field(default_factory=dict)
    numbers: Sequence[Sequence[str]] = ()  # a caption and cells, by state


def write_page(folder: Path, figures: Sequence[Shown]) -> str:
    """Write a page of figures with all that it needs; return its address."""
    shutil.copy(STATIC / "site.js", folder / "site.js")
    shutil.copy(STATIC / "fonts" / "SourceSans3-Regular.ttf", folder / "sans.ttf")
    (folder / "page.css").write_text(colours.css_tokens() + STYLE)
    body = "".join(_figure(folder, figure) for figure in figures)
    (folder / "page.html").write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<title>t</title><link rel="stylesheet" href="page.css">'
        f'<script src="site.js"></script></head><body>{body}</body></html>',
        encoding="utf-8",
    )
    return (folder / "page.html").as_uri()


def _figure(folder: Path, figure: Shown) -> str:
    changes = with_spoken(figure.encoded.changes, figure.spoken, figure.numbers)
    base, source, inline = figure.encoded.base, "", ""
    if figure.lazy:
        base, changes = with_drawing(changes, base)
        source = f' data-src="{figure.slug}.js"'
        (folder / f"{figure.slug}.js").write_text(
            f'holdingTogether.states["{figure.slug}"] = {changes};', encoding="utf-8"
        )
    else:
        inline = f'<script type="application/json" class="changes">{changes}</script>'
    controls = "".join(
        _control(figure.slug, *control, start, figure.shared.get(control[1]))
        for control, start in zip(figure.controls, figure.default, strict=True)
    )
    return (
        f'{figure.before}<figure id="{figure.slug}" '
        f'data-explorable="{figure.slug}"{source}><p id="{figure.slug}-alt">alt</p>'
        f'<div class="frame" role="group" aria-label="Figure" tabindex="0">'
        f'{base}</div><div class="controls" hidden>{controls}'
        '<button type="button" data-reset>reset</button>'
        f'<a class="here" href="#{figure.slug}">link</a></div>'
        f'<p class="spoken" aria-live="polite"></p>{inline}'
        f"{_steps(figure)}{_numbers(figure)}</figure>"
    )


def _steps(figure: Shown) -> str:
    rows = "".join(
        f'<li><button type="button" data-step="{escape(step)}" hidden '
        f'aria-describedby="{figure.slug}-step-{number}">{number}</button>'
        f'<span id="{figure.slug}-step-{number}">to {escape(step)}</span></li>'
        for number, step in enumerate(figure.steps, start=1)
    )
    return f'<ol class="steps">{rows}</ol>' if rows else ""


def _numbers(figure: Shown) -> str:
    if not figure.numbers:
        return ""
    cells = "".join(
        f"<tr><th>a</th><td>{one[0]}</td></tr>" for one in figure.numbers[1:]
    )
    caption = f"<caption>{figure.numbers[0][0]}</caption>"
    return f'<details class="numbers"><table>{caption}{cells}</table></details>'


def _control(
    slug: str,
    kind: str,
    name: str,
    texts: Sequence[str],
    start: int,
    shared: Sequence[float] | None,
) -> str:
    data = f'data-control="{name}" data-texts="{escape(json.dumps(list(texts)))}"'
    data += f' data-shared="{json.dumps(list(shared))}"' if shared else ""
    if kind == "slider":
        return (
            f'<label for="{slug}-{name}">{name}</label><input type="range" '
            f'id="{slug}-{name}" {data} min="0" max="{len(texts) - 1}" step="1" '
            f'value="{start}" aria-valuetext="x"><span>'
            f'<output for="{slug}-{name}">{texts[start]}</output></span>'
        )
    if kind == "button":
        return (
            f'<button type="button" {data} data-value="{start}">another {name} '
            f"<span>· {start + 1} of {len(texts)}</span></button>"
        )
    if kind == "choice":
        options = "".join(
            f'<label><input type="radio" name="{slug}-{name}"'
            f"{' checked' if place == start else ''}> {text}</label>"
            for place, text in enumerate(texts)
        )
        return f"<fieldset {data}><legend>{name}</legend>{options}</fieldset>"
    checked = " checked" if start else ""
    return f'<label><input type="checkbox" {data}{checked}> {name}</label>'
