"""The drawing of a training: ridges and deviations by layer, losses by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.drift_training import (
    ARMS,
    BINS,
    LAYERS,
    SHOWN_LAYERS,
    SHOWN_STEPS,
)
from ht_sim.figures import Results, State

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 508
TOP, BOX = 38, 268
RIDGE_LEFT, RIDGE_WIDTH = 72, 350
SIZE_LEFT, SIZE_WIDTH = 508, 268
LOSS_TOP, LOSS_BOX, LOSS_WIDTH = 389, 64, 350
SIZES = (1e-4, 60)  # of the axis of deviations
TOGETHER = 0.05  # powers of ten: two CSS pixels
UPPER = 2.9  # of the axis of losses, in nats
CUT = 0.8  # density at which a ridge is cut, at 1.45 of its row
ALL_VALUES = 400 * 64  # of a layer: digits and units
LEAST_BEYOND = 0.005  # the share of values beyond the ridges that is said
LINES = {"without": look.LINES["without"], "bn": look.LINES["batch-norm"]}
NAMES = {"without": "without batch norm", "bn": "with batch norm"}


def draw(results: Results, state: State) -> Figure:
    """Draw what layers get at a step, its deviation in all of them, and the losses."""
    arrays = results["drift-training"]
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_ridges(figure, arrays, state)
    _draw_sizes(figure, arrays, state)
    _draw_losses(figure, arrays, state)
    return figure


def arm_of(state: State) -> str:
    """Return which network a state shows, a key of ``NAMES``."""
    return "bn" if state["batch_norm"] else "without"


def place_of(arrays: Arrays, state: State, arm: str) -> tuple[int, int]:
    """Return the grid place of the state's setting, with batch norm or without."""
    return (
        index_of(arrays["setting"], state["setting"]),
        index_of(arrays["batch_norm"], ARMS[arm]),
    )


def record_of(state: State) -> int:
    """Return the place of a state's step among the recorded ones."""
    return SHOWN_STEPS.index(int(state["step"]))


def of_finite(arrays: Arrays, state: State, name: str, now: int) -> np.ndarray:
    """Return an array of the runs of a state that are finite at record ``now``."""
    place = place_of(arrays, state, arm_of(state))
    return np.asarray(arrays[name][place][arrays["finite"][place][:, now], now])


def _draw_ridges(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw the distribution in some layers, of all finite runs together."""
    axes = look.axes_at(figure, RIDGE_LEFT, TOP, RIDGE_WIDTH, BOX)
    rows = range(len(SHOWN_LAYERS))
    axes.set(xlim=(BINS[0], BINS[-1]), ylim=(len(SHOWN_LAYERS) - 0.8, -1.5))
    axes.set_yticks(rows, [f"layer {SHOWN_LAYERS[0]}", *map(str, SHOWN_LAYERS[1:])])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xticks([-6, -3, 0, 3, 6], ["−6", "−3", "0", "3", "6"])
    axes.set_xlabel("what the nonlinearity gets")
    colour = LINES[arm_of(state)]["color"]
    figure.text(
        14 / WIDTH, 1 - 14 / HEIGHT, f"{NAMES[arm_of(state)]}, {when(state)}",
        va="center", weight="semibold", color=colour,
    )  # fmt: skip
    counts = of_finite(arrays, state, "counts", record_of(state))  # (runs, shown, bins)
    values = max(len(counts), 1) * ALL_VALUES
    shares = counts.sum(axis=0) / values
    for row, share in zip(rows, shares, strict=True):
        _draw_ridge(axes, row, share / np.diff(BINS), colour)
        beyond = 1 - share.sum()
        if len(counts) and beyond > LEAST_BEYOND:
            words = f"{100 * beyond:.0f} % beyond →"
            axes.text(
                BINS[-1], row - 0.05, words, va="bottom", ha="right", color=colour
            )
            axes.text(BINS[0], row - 0.05, "←", va="bottom", color=colour)


def when(state: State) -> str:
    """Say how many steps have been taken."""
    steps = "step" if state["step"] == 1 else "steps"
    return f"after {state['step']:.0f} {steps}"


def _draw_ridge(axes: Axes, row: int, density: np.ndarray, colour: str) -> None:
    """Draw one layer's distribution above its row, cut where it is too high."""
    from matplotlib.colors import to_rgba

    middles = (BINS[:-1] + BINS[1:]) / 2
    height = 1.45 * np.minimum(density, CUT) / CUT
    drawn = np.flatnonzero(height > 0.004)
    axes.axhline(row, color=look.RULE, linewidth=0.8, zorder=1)
    if not drawn.size:
        return
    span = slice(max(drawn[0] - 1, 0), drawn[-1] + 2)
    top = np.round(row - height[span], 3)
    axes.fill_between(
        middles[span], row, top, facecolor=to_rgba(colour, 0.2), edgecolor=colour,
        linewidth=1.3, zorder=2,
    )  # fmt: skip


def _draw_sizes(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw the deviation by layer at the step and, as a hairline, before the first."""
    axes = look.axes_at(figure, SIZE_LEFT, TOP, SIZE_WIDTH, BOX)
    rows = np.arange(1, LAYERS + 1)
    axes.set(xscale="log", xlim=SIZES, ylim=(LAYERS + 0.4, 0.6))
    axes.set_xticks(
        [0.001, 0.01, 0.1, 1, 10], ["0.001", "0.01", "0.1", "1", "10"]
    )  # fmt: skip
    axes.minorticks_off()
    axes.set_yticks([1, 5, 10, 15, 20], ["layer 1", "5", "10", "15", "20"])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("its standard deviation (logarithmic scale)")
    start = of_finite(arrays, state, "deviation", 0)  # (runs, layers)
    sizes = of_finite(arrays, state, "deviation", record_of(state))
    line: dict[str, Any] = dict(LINES[arm_of(state)])
    first = np.exp(np.log(start).mean(axis=0))
    axes.plot(first, rows, color=look.INK, linewidth=0.9, zorder=3)
    figure.text(
        (SIZE_LEFT + SIZE_WIDTH) / WIDTH, 1 - 14 / HEIGHT, strays(arrays, state),
        ha="right", va="center", color=line["color"], weight="semibold",
    )  # fmt: skip
    words = "step 0"
    if len(sizes):
        low, high = sizes.min(axis=0), sizes.max(axis=0)
        with look.style():
            axes.fill_betweenx(
                rows, np.clip(low, *SIZES), np.clip(high, *SIZES),
                color=line["color"], alpha=0.2, linewidth=0,
            )  # fmt: skip
        middle = geometric_mean(sizes)
        axes.plot(middle, rows, **line, linewidth=2.2, zorder=2)
        if state["step"] and together(first, middle):
            words = f"step 0 and step {state['step']:.0f}"
    _name_start(axes, first, words)


def strays(arrays: Arrays, state: State) -> str:
    """Say how many runs overflowed, and how many are wider than the axis shows."""
    start = of_finite(arrays, state, "deviation", 0)
    sizes = of_finite(arrays, state, "deviation", record_of(state))  # (runs, layers)
    runs, far = len(start), sizes > SIZES[1]
    parts = []
    if len(sizes) < runs:
        parts.append(f"{runs - len(sizes)} of {runs} runs overflowed")
    if far.any():
        layers = np.flatnonzero(far.any(axis=0)) + 1
        parts.append(
            f"{far.any(axis=1).sum()} of {runs} runs left the picture in layers "
            f"{layers[0]} to {layers[-1]}"
        )
    return ", ".join(parts)


def geometric_mean(sizes: np.ndarray) -> np.ndarray:
    """Return the geometric mean over runs, (layers,)."""
    return np.asarray(np.exp(np.log(np.maximum(sizes, SIZES[0])).mean(axis=0)))


def together(first: np.ndarray, now: np.ndarray) -> bool:
    """Say whether two lines lie on each other in the middle layers."""
    apart = np.abs(np.log10(now / first))[2:-2]
    return bool(apart.max() < TOGETHER)


def _name_start(axes: Axes, first: np.ndarray, words: str) -> None:
    """Name the hairline at the height of layer 7, on its left."""
    axes.annotate(
        words, (first[6], 7), xytext=(-7, -3), textcoords="offset points",
        ha="right", va="top", color=look.INK,
    )  # fmt: skip


def _draw_losses(figure: Figure, arrays: Arrays, state: State) -> None:
    """Draw the training loss of both arms, the step as a dot on the chosen one."""
    axes = look.axes_at(figure, RIDGE_LEFT, LOSS_TOP, LOSS_WIDTH, LOSS_BOX)
    x = np.log10(1 + np.array(SHOWN_STEPS))
    axes.set(xlim=(0, x[-1]), ylim=(0, UPPER))
    axes.set_yticks([0, 1, 2], ["0", "1", "2 nats"])
    ticks = (0, 1, 3, 10, 30, 100, 400)
    axes.set_xticks(np.log10(1 + np.array(ticks)), [str(one) for one in ticks])
    axes.set_xlabel("training steps (logarithmic scale)")
    axes.set_title("training loss", loc="left")
    axes.axvline(x[record_of(state)], color=look.RULE, linewidth=1, zorder=0)
    ends = {}
    for arm, line in LINES.items():
        place = place_of(arrays, state, arm)
        mean = _mean_loss(arrays["loss"][place], arrays["finite"][place])
        chosen = arm == arm_of(state)
        axes.plot(x[: len(mean)], mean, **line, linewidth=2.2 if chosen else 1.3)
        ends[arm] = float(min(mean[-1], UPPER))
        if chosen and record_of(state) < len(mean):
            value = min(mean[record_of(state)], UPPER)
            axes.plot(
                [x[record_of(state)]], [value], marker="o", markersize=8,
                color=line["color"], markeredgecolor=look.PAPER, zorder=4,
                clip_on=False, gid="pass",
            )  # fmt: skip
    for arm, height in _apart(ends).items():
        words = f"{NAMES[arm]}: {outcome(arrays, state, arm)}"
        look.label_line(axes, x[-1], height, words, LINES[arm]["color"], (10, 0))


def _mean_loss(loss: np.ndarray, finite: np.ndarray) -> np.ndarray:
    """Return the mean loss of the runs that are finite, up to where none is."""
    alive = finite.sum(axis=0)
    ends = np.flatnonzero(alive == 0)
    last = ends[0] if ends.size else len(alive)
    return np.asarray((loss * finite).sum(axis=0)[:last] / alive[:last])


def _apart(ends: dict[str, float]) -> dict[str, float]:
    """Return where the two names stand: at their lines' ends, 18 pixels apart."""
    least = 18 / LOSS_BOX * UPPER
    upper, lower = sorted(ends, key=ends.__getitem__, reverse=True)
    if ends[upper] - ends[lower] >= least:
        return ends
    middle = max((ends[upper] + ends[lower]) / 2, least / 2)
    return {upper: middle + least / 2, lower: middle - least / 2}


def outcome(arrays: Arrays, state: State, arm: str) -> str:
    """Say how the training of an arm ended."""
    place = place_of(arrays, state, arm)
    failed = arrays["did_not_train"][place]
    if failed.all():
        return f"{failed.size} of {failed.size} did not train"
    error = 100 * arrays["test_error"][place][:, -1].mean()
    words = f"{error:.0f} % test error"
    if failed.any():
        words += f", {failed.sum()} of {failed.size} did not train"
    return words
