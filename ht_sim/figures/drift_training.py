"""What every layer gets as a deep network trains, with batch norm and without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.drift_training import (
    ARMS,
    BATCH,
    BINS,
    LAYERS,
    MOMENTUM,
    PARTS,
    SHOWN_LAYERS,
    SHOWN_STEPS,
)
from ht_sim.figures import (
    Control,
    Exhibit,
    Results,
    Rows,
    State,
    Step,
    Sweep,
    slider,
)
from ht_sim.figures._rows import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 508
TOP, BOX = 38, 268
RIDGE_LEFT, RIDGE_WIDTH = 72, 350
SIZE_LEFT, SIZE_WIDTH = 508, 268
LOSS_TOP, LOSS_BOX, LOSS_WIDTH = 389, 64, 350
SIZES = (1e-4, 60)  # of the axis of deviations
UPPER = 2.9  # of the axis of losses, in nats
CUT = 0.8  # density at which a ridge is cut, at 1.45 of its row
ALL_VALUES = 400 * 64  # of a layer: digits and units
LEAST_BEYOND = 0.005  # the share of values beyond the ridges that is said
LINES = {"without": look.LINES["without"], "bn": look.LINES["batch-norm"]}
NAMES = {"without": "without batch norm", "bn": "with batch norm"}
SETTINGS = ("gain 1, rate 0.03", "He gain, rate 0.01", "He gain, rate 0.1")
SLOW = {"setting": 2.0, "batch_norm": 0.0, "step": 400.0}
FAST = {**SLOW, "setting": 3.0}


def draw(results: Results, state: State) -> Figure:
    """Draw what layers get at a step, its deviation in all of them, and the losses."""
    arrays = results["drift-training"]
    figure = look.new_figure(WIDTH, HEIGHT)
    _draw_ridges(figure, arrays, state)
    _draw_sizes(figure, arrays, state)
    _draw_losses(figure, arrays, state)
    return figure


def _arm(state: State) -> str:
    return "bn" if state["batch_norm"] else "without"


def _place(arrays: Arrays, state: State, arm: str) -> tuple[int, int]:
    """Return the grid place of the state's setting, with batch norm or without."""
    return (
        index_of(arrays["setting"], state["setting"]),
        index_of(arrays["batch_norm"], ARMS[arm]),
    )


def _now(state: State) -> int:
    return SHOWN_STEPS.index(int(state["step"]))


def _of_finite(arrays: Arrays, state: State, name: str, now: int) -> np.ndarray:
    """Return an array of the runs of a state that are finite at record ``now``."""
    place = _place(arrays, state, _arm(state))
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
    colour = LINES[_arm(state)]["color"]
    figure.text(
        14 / WIDTH, 1 - 14 / HEIGHT, f"{NAMES[_arm(state)]}, {_when(state)}",
        va="center", weight="semibold", color=colour,
    )  # fmt: skip
    counts = _of_finite(arrays, state, "counts", _now(state))  # (runs, shown, bins)
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


def _when(state: State) -> str:
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
    start = _of_finite(arrays, state, "deviation", 0)  # (runs, layers)
    sizes = _of_finite(arrays, state, "deviation", _now(state))
    line: dict[str, Any] = dict(LINES[_arm(state)])
    first = np.exp(np.log(start).mean(axis=0))
    axes.plot(first, rows, color=look.INK, linewidth=0.9, zorder=3)
    figure.text(
        (SIZE_LEFT + SIZE_WIDTH) / WIDTH, 1 - 14 / HEIGHT, _strays(arrays, state),
        ha="right", va="center", color=line["color"], weight="semibold",
    )  # fmt: skip
    if len(sizes):
        low, high = sizes.min(axis=0), sizes.max(axis=0)
        with look.style():
            axes.fill_betweenx(
                rows, np.clip(low, *SIZES), np.clip(high, *SIZES),
                color=line["color"], alpha=0.2, linewidth=0,
            )  # fmt: skip
        axes.plot(_middle(sizes), rows, **line, linewidth=2.2, zorder=2)
    _name_start(axes, first)


def _strays(arrays: Arrays, state: State) -> str:
    """Say how many runs overflowed, and how many are wider than the axis shows."""
    start = _of_finite(arrays, state, "deviation", 0)
    sizes = _of_finite(arrays, state, "deviation", _now(state))  # (runs, layers)
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


def _middle(sizes: np.ndarray) -> np.ndarray:
    """Return the geometric mean over runs, (layers,)."""
    return np.asarray(np.exp(np.log(np.maximum(sizes, SIZES[0])).mean(axis=0)))


def _name_start(axes: Axes, first: np.ndarray) -> None:
    """Name the hairline at the height of layer 7, on its left."""
    words = "step 0"
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
    axes.axvline(x[_now(state)], color=look.RULE, linewidth=1, zorder=0)
    ends = {}
    for arm, line in LINES.items():
        place = _place(arrays, state, arm)
        mean = _mean_loss(arrays["loss"][place], arrays["finite"][place])
        chosen = arm == _arm(state)
        axes.plot(x[: len(mean)], mean, **line, linewidth=2.2 if chosen else 1.3)
        ends[arm] = float(min(mean[-1], UPPER))
        if chosen and _now(state) < len(mean):
            value = min(mean[_now(state)], UPPER)
            axes.plot(
                [x[_now(state)]], [value], marker="o", markersize=8,
                color=line["color"], markeredgecolor=look.PAPER, zorder=4,
                clip_on=False, gid="pass",
            )  # fmt: skip
    for arm, height in _apart(ends).items():
        words = f"{NAMES[arm]}: {_outcome(arrays, state, arm)}"
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


def _outcome(arrays: Arrays, state: State, arm: str) -> str:
    """Say how the training of an arm ended."""
    place = _place(arrays, state, arm)
    failed = arrays["did_not_train"][place]
    if failed.all():
        return f"{failed.size} of {failed.size} did not train"
    error = 100 * arrays["test_error"][place][:, -1].mean()
    words = f"{error:.0f} % test error"
    if failed.any():
        words += f", {failed.sum()} of {failed.size} did not train"
    return words


def _last_layers(arrays: Arrays, state: State) -> tuple[float, float, float, int]:
    """Return the deviation of layers 1 and 20 now, of 20 at first, and runs lost."""
    start = _of_finite(arrays, state, "deviation", 0)
    sizes = _of_finite(arrays, state, "deviation", _now(state))
    middle = _middle(sizes) if len(sizes) else np.zeros(LAYERS)
    first = float(_middle(start)[-1])
    return float(middle[0]), float(middle[-1]), first, len(start) - len(sizes)


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    arrays = results["drift-training"]
    top, bottom, first, lost = _last_layers(arrays, state)
    runs = arrays["finite"].shape[2]
    over = f" Left out, for they overflowed: {lost} of {runs} runs." if lost else ""
    return (
        f"{SETTINGS[int(state['setting']) - 1]}, {NAMES[_arm(state)]}, "
        f"{_when(state)}: the standard deviation is {top:.2g} in layer 1 "
        f"and {bottom:.2g} in layer 20, where it began at {first:.2g}.{over}"
    )


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["drift-training"]
    ends = "; ".join(f"{NAMES[arm]} {_outcome(arrays, state, arm)}" for arm in LINES)
    return (
        "Distributions of what the nonlinearities get in 8 of 20 layers, the standard "
        f"deviation in all of them, and the training loss by step. "
        f"{spoken(results, state)} {_strays(arrays, state)}".rstrip(" .")
        + f". After 400 steps: {ends.replace('%', 'per cent')}."
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["drift-training"]
    top, bottom, first, lost = _last_layers(arrays, state)
    now, place = _now(state), _place(arrays, state, _arm(state))
    error = 100 * arrays["test_error"][place][:, now].mean()
    return [
        ("standard deviation in layer 1", number(top, ".2g")),
        ("standard deviation in layer 20", number(bottom, ".2g")),
        ("the same before the first step", number(first, ".2g")),
        ("test error in evaluation mode", number(error, ".1f", "%")),
        ("runs that overflowed", str(lost)),
    ]


EXHIBIT = Exhibit(
    experiments=("drift-training",),
    controls=(
        Control(
            "setting", "slider", "setting", "", (1.0, 2.0, 3.0), SETTINGS, quick=(2.0,),
        ),
        Control(
            "batch_norm", "toggle", "batch norm", "", (0.0, 1.0),
            ("without batch norm", "with batch norm"),
        ),
        slider("step", "training steps", SHOWN_STEPS, ".0f", quick=(0.0, 30.0, 400.0)),
    ),
    default=SLOW,
    printed=(
        {**SLOW, "step": 0.0},
        SLOW,
        {**SLOW, "batch_norm": 1.0},
    ),
    draw=draw,
    finding="Even where this network trains without batch norm, what its layers get "
    "drifts; with batch norm, at the same rate, it hardly moves.",
    shown="drift-training.change_he_slow_without.low > 3 "
    "and drift-training.change_he_slow_bn.high < 1.1 "
    "and drift-training.not_trained_he_slow_without < 4 "
    "and drift-training.gap_he_slow.low > 0",
    caption=f"20 hidden layers of 64 ReLU units learn {PARTS[0]:,} digits, in batches "
    f"of {BATCH} with momentum ${MOMENTUM}$. The settings are the gain of the first "
    "weights (He's is $\\sqrt{2}$) and the learning rate; at He's gain, $0.01$ is a "
    "rate at which the network without a norm trains too. Then 400 unseen digits pass "
    "in training mode: batch norm takes the statistics of these digits. Left: all "
    "digits, units and eight repeats together; a peak that is too high is cut, and "
    "*beyond* is the share of values off the axis. Right: the standard deviation of "
    "each layer, geometric mean and range of the repeats, and as a hairline the mean "
    "before the first step. Below: the loss on the training digits, and the end of the "
    "training. Runs that have overflowed are left out of all but the counts.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("step", 700),
    steps=(
        Step(
            "Begin before the first step, with He's gain. Without batch norm the "
            "standard deviation of the last layer is "
            "{fact}`drift-training.last_layer_start_he_slow_without:.2f`.",
            {**SLOW, "step": 0.0},
        ),
        Step(
            "Take 400 steps. [It is "
            "{fact}`drift-training.last_layer_end_he_slow_without:.1f` now.]"
            '{shown="drift-training.last_layer_end_he_slow_without.low '
            '> drift-training.last_layer_start_he_slow_without.high"}',
            SLOW,
        ),
        Step(
            "Switch batch norm on. [The layer that has moved most is at "
            "{fact}`drift-training.change_he_slow_bn:.2f` times where it began.]"
            '{shown="drift-training.change_he_slow_bn.high < 1.1"}',
            {**SLOW, "batch_norm": 1.0},
        ),
        Step(
            "Switch it off again and raise the rate to $0.1$: "
            "[{fact}`drift-training.not_trained_he_fast_without:.0f` of 8 runs do not "
            'train.]{shown="drift-training.not_trained_he_fast_without > 6"}',
            FAST,
        ),
        Step(
            "Switch it on at this rate: [the test error is "
            "{fact}`drift-training.test_error_he_fast_bn:.0f`&nbsp;%, and the layer "
            "that moves most changes by a factor of "
            "{fact}`drift-training.change_he_fast_bn:.2f`.]"
            '{shown="drift-training.test_error_he_fast_bn.high < 20 '
            'and drift-training.change_he_fast_bn.high < 2"}',
            {**FAST, "batch_norm": 1.0},
        ),
    ),
    numbers=numbers,
    meets=("no-drift-in-training",),
)  # fmt: skip
