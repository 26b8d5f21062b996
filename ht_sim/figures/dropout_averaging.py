"""Averages over masks held against weight scaling, by number and exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.estimates import Estimate, paired_difference, verdict
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_averaging import MARGIN
from ht_sim.figures import Exhibit, Results, Rows, State, choice, slider
from ht_sim.figures._rows import interval, mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 832, 388
TOP, BOX = 34, 286
LEFTS, BOX_WIDTH = (50, 324), 200
BARS_LEFT, BARS_WIDTH = 600, 222
BARS_TOP, BAR_HEIGHT, BAR_STEP = 84, 38, 66
AVERAGED, SCALED = look.HEAT[5], look.INK
MEANS = "geometric", "arithmetic"
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200)
TRAININGS = ("2,000 training steps", "400 training steps")


def draw(results: Results, state: State) -> Figure:
    """Draw error and cross-entropy by masks, and one digit's probabilities."""
    arrays = results["dropout-averaging"]
    steps, count = _place(arrays, state)
    figure = look.new_figure(WIDTH, HEIGHT)
    level = 100 * arrays["error_scaled"][steps].mean()
    axes = _chart(figure, LEFTS[0], "test error", f"{level:.1f} %", (-1, 9))
    axes.set_yticks([0, 2, 4, 6, 8], ["0", "+2", "+4", "+6", "+8"])
    axes.set_ylabel("difference in percentage points")
    _draw_differences(axes, arrays, 100 * _differences(arrays, "error", steps), count)
    level = arrays["loss_scaled"][steps].mean()
    axes = _chart(figure, LEFTS[1], "cross-entropy", f"{level:.2f} nats", (-0.06, 0.3))
    axes.set_yticks([0, 0.1, 0.2, 0.3], ["0", "+0.1", "+0.2", "+0.3"])
    axes.set_ylabel("difference in nats")
    _draw_differences(axes, arrays, _differences(arrays, "loss", steps), count)
    _draw_listed(figure, arrays, steps, count)
    return figure


def _place(arrays: Arrays, state: State) -> tuple[int, int]:
    steps = index_of(arrays["steps"], 400.0 if state["short"] else 2000.0)
    return steps, index_of(arrays["mask_counts"][0], state["masks"])


def _differences(arrays: Arrays, name: str, steps: int) -> np.ndarray:
    """Return averages over masks minus weight scaling, (repeats, counts)."""
    scaled = arrays[f"{name}_scaled"][steps]
    difference: np.ndarray = arrays[f"{name}_averaged"][steps] - scaled[:, np.newaxis]
    return difference


def _chart(
    figure: Figure, left: float, what: str, level: str, limits: tuple[float, float]
) -> Axes:
    """Add axes of differences; the line of no difference is weight scaling."""
    axes = look.axes_at(figure, left, TOP, BOX_WIDTH, BOX)
    axes.set(xscale="log", xlim=(0.85, 240), ylim=limits)
    axes.set_xticks([1, 10, 50, 200], ["1", "10", "50", "200"])
    axes.minorticks_off()
    axes.set_title(f"{what} of the average")
    axes.set_xlabel("masks averaged (log scale)")
    axes.axhline(0, color=SCALED, linewidth=2)
    axes.text(
        240, limits[1], f"0 is weight scaling: {level}", ha="right", va="top",
        color=SCALED,
    )  # fmt: skip
    return axes


def _draw_differences(
    axes: Axes, arrays: Arrays, values: np.ndarray, count: int
) -> None:
    """Draw (repeats, counts): their mean, all of them as a band, and one count."""
    counts = arrays["mask_counts"][0]
    look.band(axes, counts, values.min(axis=0), values.max(axis=0), AVERAGED)
    axes.plot(counts, values.mean(axis=0), color=AVERAGED)
    here = values[:, count]
    axes.scatter(
        [counts[count]] * here.size, here, s=22, color=look.HEAT[3],
        edgecolor=look.INK, linewidth=0.6, zorder=4, gid="pass", clip_on=False,
    )  # fmt: skip


def _draw_listed(figure: Figure, arrays: Arrays, steps: int, count: int) -> None:
    """Draw one digit's class probabilities in four ways, a row each."""
    masks = int(arrays["mask_counts"][0][count])
    rows = (
        (f"mean of {masks} mask{'s' * (masks > 1)}", arrays["sampled"][steps, count]),
        ("mean of all 1,024 masks", arrays["arithmetic"][steps]),
        ("their geometric mean", arrays["geometric"][steps]),
        ("weight scaling", arrays["scaled"][steps]),
    )
    for row, (title, probabilities) in enumerate(rows):
        axes = look.axes_at(
            figure, BARS_LEFT, BARS_TOP + row * BAR_STEP, BARS_WIDTH, BAR_HEIGHT
        )
        axes.set(xlim=(-0.6, 9.6), ylim=(0, 1), xticks=[])
        axes.set_yticks([0, 1], ["0", "1"])
        colour = SCALED if title == "weight scaling" else AVERAGED
        axes.text(-0.6, 1.02, title, va="bottom", color=colour)
        axes.bar(range(10), probabilities, 0.8, color=colour, linewidth=0)
    axes.set_xticks(range(10), [str(one) for one in range(10)])
    axes.tick_params(length=0)
    axes.set_xlabel(f"probability by class; the digit is a {arrays['label'][steps]}")
    head = look.axes_at(figure, BARS_LEFT, TOP, BARS_WIDTH, 20)
    look.bare(head)
    head.set_title("one softmax layer, one digit")


def _difference(results: Results, state: State, name: str) -> Estimate:
    arrays = results["dropout-averaging"]
    steps, count = _place(arrays, state)
    averaged = arrays[f"{name}_averaged"][steps][:, count]
    return paired_difference(averaged, arrays[f"{name}_scaled"][steps])


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["dropout-averaging"]
    steps, count = _place(arrays, state)
    errors = 100 * _differences(arrays, "error", steps).mean(axis=0)
    losses = _differences(arrays, "loss", steps).mean(axis=0)
    scaled = arrays["scaled"][steps]
    gaps = [abs(arrays[one][steps] - scaled).max() for one in MEANS]
    return _signs(
        f"By number of masks averaged, after {int(arrays['steps'][steps])} training "
        f"steps: the test error falls from {errors[0]:+.1f} percentage points against "
        f"weight scaling with one mask to {errors[count]:+.1f} with "
        f"{int(state['masks'])} and {errors[-1]:+.1f} with 200; the cross-entropy "
        f"from {losses[0]:+.2f} to {losses[count]:+.2f} and {losses[-1]:+.2f} nats. "
        "Beside it the class probabilities of one digit: the geometric mean over all "
        f"1,024 masks differs from weight scaling by at most {gaps[0]:.0e}, the "
        f"arithmetic mean, which is flatter, by up to {gaps[1]:.2f}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    error = _difference(results, state, "error")
    loss = _difference(results, state, "loss")
    masks = f"{state['masks']:g} mask{'s' * (state['masks'] > 1)}"
    return _signs(
        f"{masks} against weight scaling: error {100 * error.value:+.1f} points, "
        f"{verdict(error, MARGIN)}; cross-entropy {loss.value:+.3f} nats, "
        f"{verdict(loss, 0)}"
    )


def _signs(text: str) -> str:
    """Put minus signs for the hyphens before numbers."""
    return text.replace(" -", " −")


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["dropout-averaging"]
    steps, count = _place(arrays, state)
    rows = []
    for name, words, shape, unit, factor in (
        ("error", "test error", ".1f", "%", 100),
        ("loss", "cross-entropy", ".3f", "nats", 1),
    ):
        averaged = factor * arrays[f"{name}_averaged"][steps][:, count]  # (repeats,)
        scaled = factor * arrays[f"{name}_scaled"][steps]
        difference = paired_difference(averaged, scaled)
        points = unit.replace("%", "points")
        rows += [
            (f"{words}, average over masks", mean(averaged, shape, unit)),
            (f"{words}, weight scaling", mean(scaled, shape, unit)),
            (f"{words}, difference", interval(difference, f"+{shape}", points)),
        ]
    return rows


EXHIBIT = Exhibit(
    experiments=("dropout-averaging",),
    controls=(
        choice("short", "training", (0, 1), TRAININGS),
        slider("masks", "masks", COUNTS, "g", quick=(1.0, 5.0, 50.0, 200.0)),
    ),
    default={"short": 0.0, "masks": 50.0},
    printed=({"short": 0.0, "masks": 1.0}, {"short": 0.0, "masks": 50.0}),
    draw=draw,
    finding="Fifty masks read as many digits right as weight scaling does in one pass.",
    shown="dropout-averaging.error_50_gap_2000 < 0.005",
    caption="Differences from weight scaling, on test digits: dots are the eight "
    "repeats, the band spans them, the line is their mean. Right: a small network "
    "whose ten units before the softmax have 1,024 masks, all listed, on the digit, "
    "of 50, on which their mean differs most from weight scaling.",
    alt=alt,
    spoken=spoken,
    numbers=numbers,
)
