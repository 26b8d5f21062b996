"""What both figures of the drop rate share: their scale, and runs that leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ht_sim import look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X_RANGE = (-0.03, 0.95)
UPPER = 35  # per cent, the top of the scale
RUN: dict[str, Any] = {"marker": "o", "markersize": 6, "markeredgecolor": look.INK}
LABELS = ("all labels right", "20 % of labels redrawn")


def draw_runs_above(
    axes: Axes, rates: np.ndarray, errors: np.ndarray, failed: np.ndarray, width: float
) -> None:
    """Draw, in a strip, a dot for each run above the scale: hollow if not trained.

    ``errors`` and ``failed`` are (rates, repeats), ``width`` that of the strip in
    pixels. The strip's middle is 0.
    """
    axes.set(xlim=X_RANGE, ylim=(-1, 1))
    look.bare(axes)
    pixel = (X_RANGE[1] - X_RANGE[0]) / width
    for rate, above, lost in zip(rates, 100 * errors > UPPER, failed, strict=True):
        for number, hollow in enumerate(np.sort(lost[above])):
            row, column = divmod(number, 4)
            place = [rate + 9 * pixel * (column - 1.5)], [0.3 - 0.6 * row]
            colour = look.PAPER if hollow else look.INK
            axes.plot(*place, **RUN, color=colour, clip_on=False)


def draw_key(axes: Axes, width: float, left: float) -> None:
    """Say beside the dots of a strip, from ``left`` pixels on, what they are."""
    pixel = (X_RANGE[1] - X_RANGE[0]) / width
    start = X_RANGE[0] + left * pixel
    said: dict[str, Any] = {"va": "center", "color": look.MUTED}
    axes.text(start, 0.5, f"runs above {UPPER} %:", **said)
    for words, colour, column in (
        ("trained badly", look.INK, 0),
        ("did not train", look.PAPER, 108),
    ):
        dot = [start + (4 + column) * pixel], [-0.5]
        axes.plot(*dot, **RUN, color=colour, clip_on=False)
        axes.text(start + (14 + column) * pixel, -0.5, words, **said)


def signed(value: float) -> str:
    """Write a number of points with its sign, a minus as long as a plus."""
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text[1:] == "0.0" else text
