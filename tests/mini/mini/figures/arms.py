"""Two arms, without controls."""

from __future__ import annotations

from typing import Any

from ht_sim import look
from ht_sim.figures import Exhibit, Results, State


def draw(results: Results, state: State) -> Any:
    """Draw both arms."""
    figure = look.new_figure(300, 120)
    axes = look.axes_at(figure, 40, 20, 240, 60)
    for row, values in enumerate(results["third-walk"]["value"]):
        axes.plot(values, [row] * values.size, "s", color=look.BATCH_NORM)
    return figure


def alt(results: Results, state: State) -> str:
    """Describe."""
    return "Two rows of squares, the second shifted to the right by one."


EXHIBIT = Exhibit(
    experiments=("third-walk",),
    controls=(),
    default={},
    printed=({},),
    draw=draw,
    finding="The second arm is one higher.",
    shown="third-walk.gap.low > 0",
    caption="Squares are repeats.",
    alt=alt,
    spoken=alt,
)
