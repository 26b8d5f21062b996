"""Figures that are hard to encode, each over a grid of states."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ht_sim import colours, look
from ht_sim.publish.explorable import Explorable, encode
from tests.publish.drawings import Shown, curve, network

Place = tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    """A figure over a grid: how many values each control has, and how to draw."""

    name: str
    sizes: Place
    draw: Callable[[Place], Figure]
    kinds: tuple[str, ...] = ("slider", "button", "toggle")

    def places(self) -> list[Place]:
        """Return all places of the grid, the last control fastest."""
        return list(itertools.product(*map(range, self.sizes)))

    def sampled(self, most: int = 9) -> list[int]:
        """Return states all over the grid: its corners, and others; none is next."""
        count = len(self.places())
        spread = np.linspace(0, count - 1, min(most, count)).round().astype(int)
        return [*spread[::2].tolist(), *spread[1::2].tolist()]

    def __str__(self) -> str:
        return self.name

    def shown(self, encoded: Explorable | None = None) -> Shown:
        """Return the figure for a page; ``encoded`` stands for the true one."""
        names = [str(place) for place in self.places()]
        controls = [
            (kind, f"c{axis}", [str(value) for value in range(size)])
            for axis, (kind, size) in enumerate(
                zip(self.kinds[: len(self.sizes)], self.sizes, strict=True)
            )
        ]
        default = self.places()[len(names) // 2]
        return Shown("a", encoded or encoded_once(self), controls, default, names)

    def hash(self, state: int) -> str:
        """Return the address of a state."""
        values = enumerate(self.places()[state])
        return "#a:" + "&".join(f"c{axis}={value}" for axis, value in values)


@cache
def frames(piece: Piece) -> list[str]:
    """Return matplotlib's own drawing of each state."""
    with look.style():
        return [look.svg(piece.draw(place)) for place in piece.places()]


@cache
def encoded_once(piece: Piece) -> Explorable:
    """Return the explorable, which opens in a state in the middle."""
    default = len(piece.places()) // 2
    return encode(frames(piece), slug="a", default=default, tokens=colours.NAMES)


def _axes(width: int = 430, height: int = 250) -> tuple[Figure, Axes]:
    figure = look.new_figure(width, height)
    return figure, look.axes_at(figure, 50, 20, width - 70, height - 70)


def lines(place: Place) -> Figure:
    """Draw lines of every dash, on axes whose scale and ticks change."""
    figure, axes = _axes()
    x = np.linspace(0.1, 10, 120)
    for number, (name, style) in enumerate(look.LINES.items()):
        y = np.exp(-x / (1 + place[0] + number)) * (1 + number)
        axes.plot(x[: 20 + 12 * place[0]], y[: 20 + 12 * place[0]], label=name, **style)
    if place[0] % 3 == 2:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.yaxis.set_minor_formatter(lambda value, _: "")
    if place[0] != 4:
        axes.axvline(place[0], color=look.CONTROL, linewidth=1)
    return figure


def scatter(place: Place) -> Figure:
    """Draw more and more dots of every size, shape and heat."""
    rng = np.random.default_rng(3)
    figure, axes = _axes()
    count = 5 + 20 * place[0]
    x, y, sizes = rng.normal(size=(3, 200))[:, :count]
    heat = np.array(look.HEAT)[rng.integers(0, 7, 200)[:count]]
    axes.scatter(x, y, s=20 + 60 * sizes**2, c=heat, edgecolor=look.INK, alpha=0.8)
    axes.scatter(x[::4], y[::4] + place[0] / 9, marker="s", color=look.BATCH_NORM)
    axes.plot(x[::5], y[::5], "^", mfc="none", mec=look.LAYER_NORM)
    axes.set(xlim=(-3, 3), ylim=(-3, 3.5))
    return figure


def histogram(place: Place) -> Figure:
    """Draw counts in more and narrower bins, stepped and filled."""
    rng = np.random.default_rng(4)
    figure, axes = _axes()
    bins, values = 4 + 7 * place[0], rng.normal(place[1], 1 + place[1], 800)
    axes.hist(values, bins, color=look.HEAT[2], edgecolor=look.PAPER)
    axes.hist(values / 2, bins, histtype="step", color=look.BATCH_NORM)
    axes.set(xlabel="value", ylabel="count", xlim=(-8, 10))
    return figure


def heat_map(place: Place) -> Figure:
    """Draw squares in heat, of which more come and each changes."""
    figure = look.new_figure(360, 260)
    axes = look.axes_at(figure, 30, 20, 300, 200)
    rng = np.random.default_rng(5)
    size = (6, 8) if place[1] == 0 else (9 + place[0], 12)
    values = rng.random(size) * (1 + place[0] / 3)
    look.heat_cells(axes, values, np.linspace(0.1, 1.4, 6))
    for row, column in np.argwhere(values > 1.1):
        axes.text(
            column + 0.5, row + 0.5, "×", ha="center", va="center", color=look.INK
        )
    return figure


def ridges(place: Place) -> Figure:
    """Draw hills that stand one before the other."""
    figure, axes = _axes()
    x = np.linspace(-4, 4, 90)
    for row in range(9):
        width = 0.3 + 0.12 * row * (1 + place[0] / 4)
        y = np.exp(-((x - place[0] / 3) ** 2) / (2 * width**2)) / width
        axes.fill_between(x, -row, y - row, color=look.PAPER, linewidth=0)
        axes.fill_between(
            x, -row, y - row, color=look.HEAT[row % 7], alpha=0.5, linewidth=0
        )
        axes.plot(x, y - row, color=look.INK, linewidth=1)
    axes.set(yticks=range(-8, 1), yticklabels=[f"layer {9 - i}" for i in range(9)])
    return figure


def words(place: Place) -> Figure:
    """Write texts that change in every way."""
    figure = look.new_figure(420, 200)
    said = ("a < b & c", "−1.5 µ", "“σ² → 0”", "", "x ≥ ¾ · ∂", "office fit", "12.50 %")
    turn, side = 30 * (place[0] % 3), ("left", "center", "right")[place[0] % 3]
    first = {"size": 10 + place[0], "weight": "semibold" if place[0] % 2 else "normal"}
    figure.text(0.1, 0.8, said[place[0]], color=look.INK, **first)
    figure.text(0.5, 0.5, f"rate {place[0] / 10:.2f}", rotation=turn, ha=side)
    figure.text(0.9, 0.1, "\n".join(said[: place[0] + 1]), ha="right", va="bottom")
    if place[0] in (1, 5):
        figure.text(0.1, 0.2, "now and then", color=look.CONTROL, alpha=0.6)
    return figure


def ticks_and_legend(place: Place) -> Figure:
    """Draw what comes and goes around lines: ticks, a grid, a legend, a note."""
    figure, axes = _axes()
    x = np.linspace(0, 1, 50)
    for number in range(1 + place[0] % 4):
        colour = (look.INK, look.BATCH_NORM, look.WITHOUT, look.CONTROL)[number]
        axes.plot(
            x, x ** (number + 1) * 7 ** place[0], color=colour, label=f"x^{number}"
        )
    if place[1]:
        axes.legend(facecolor=look.PAPER, edgecolor=look.RULE)
        axes.grid(color=look.RULE)
    axes.set_xticks(np.linspace(0, 1, 2 + place[0]))
    if place[0] == 3:
        axes.annotate(
            *("here", (0.5, 10), (0.2, 200)),
            arrowprops={"arrowstyle": "->", "color": look.CONTROL},
        )
    return figure


def bands(place: Place) -> Figure:
    """Draw means with their bands and with error bars."""
    rng = np.random.default_rng(6 + place[0])
    figure, axes = _axes()
    x = np.arange(0, 20, 2 if place[1] else 1)
    mean = np.cumsum(rng.normal(size=len(x)))
    half = rng.random(len(x)) * (1 + place[0] / 5)
    look.band(axes, x, mean - half, mean + half, look.BATCH_NORM)
    axes.plot(x, mean, color=look.BATCH_NORM)
    axes.errorbar(x, -mean, half, fmt="o", color=look.WITHOUT, capsize=3)
    axes.bar(x, half, width=0.4, color=look.HEAT[4], edgecolor="none", bottom=-9)
    return figure


def dense(place: Place) -> Figure:
    """Draw 800 edges and 40 units, of which a rate, a pass and a switch drop some."""
    rng = np.random.default_rng(place[1])
    weight = np.random.default_rng(0).random((20, 20))
    kept = rng.random((2, 20)) >= place[0] / 8
    figure = look.new_figure(400, 330)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 400), ylim=(0, 330))
    look.bare(axes)
    y = np.linspace(15, 315, 20)
    for half in range(2):
        pairs = list(np.ndindex(20, 20))
        edges = [((30 + 170 * half, y[i]), (200 + 170 * half, y[j])) for i, j in pairs]
        alpha = [0.7 * weight[i, j] * kept[half, i] for i, j in pairs]
        width = 0.4 + 1.2 * place[2] * weight.ravel()
        lines = LineCollection(edges, colors=look.INK, linewidths=width, alpha=alpha)
        axes.add_collection(lines)
        heat = np.array(look.HEAT)[(7 * weight[half]).astype(int)]
        face = np.where(kept[half], heat, look.PAPER)
        edge = np.where(kept[half], look.INK, look.DROPPED)
        x = np.full(20, 30 + 170 * half)
        axes.scatter(x, y, s=60, c=face, edgecolors=edge, zorder=3)
    return figure


def three_ways(place: Place) -> Figure:
    """Draw bars and a line over a grid of three controls."""
    rate, number, norm = place
    figure, axes = _axes()
    heights = np.random.default_rng(number).random(6) * (6 - rate)
    face = look.BATCH_NORM if norm else look.HEAT[rate]
    axes.bar(range(6), heights, color=face, hatch="//" if number == 2 else "")
    axes.step(range(6), heights[::-1], color=look.INK, where="mid")
    axes.set(ylim=(0, 6) if norm else None, title=f"rate {rate}, pass {number}")
    return figure


def masked(place: Place) -> Figure:
    """Draw the network of which masks drop units."""
    return network((0.0, 0.15, 0.3, 0.5, 0.6, 0.75, 0.9)[place[0]], place[1])


PIECES = [
    Piece("lines", (8,), lines),
    Piece("scatter", (8,), scatter),
    Piece("histogram", (6, 3), histogram),
    Piece("heat map", (5, 2), heat_map, ("slider", "toggle")),
    Piece("ridges", (9,), ridges),
    Piece("words", (7,), words, ("button",)),
    Piece("ticks and legend", (6, 2), ticks_and_legend, ("slider", "toggle")),
    Piece("bands", (6, 2), bands, ("slider", "choice")),
    Piece("800 edges", (5, 3, 2), dense),
    Piece("three ways", (5, 3, 2), three_ways),
    Piece("masked network", (7, 3), masked),
    Piece("curve", (12,), lambda place: curve(place[0])),
]
