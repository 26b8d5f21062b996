"""The walk, with a slider."""

from __future__ import annotations

from typing import Any

from ht_sim import look
from ht_sim.arrays import index_of
from ht_sim.figures import Control, Exhibit, Results, State, Step, Sweep

STEPS, QUICK = (10.0, 100.0, 1000.0), (10.0, 100.0)


def draw(results: Results, state: State) -> Any:
    """Draw the means of all repeats at one number of steps."""
    arrays = results["first-walk"]
    figure = look.new_figure(300, 160)
    axes = look.axes_at(figure, 40, 20, 240, 100)
    means = arrays["mean"][index_of(arrays["steps"], state["steps"])]
    axes.set(xlim=(0, 1), ylim=(0, 1), yticks=[])
    axes.plot(means, [0.5] * means.size, "o", color=look.HEAT[3])
    axes.set_title(f"{state['steps']:g} steps")
    return figure


def alt(results: Results, state: State) -> str:
    """Describe."""
    return f"Dots on a line: the mean of {state['steps']:g} steps in six repeats."


def spoken(results: Results, state: State) -> str:
    """Speak."""
    arrays = results["first-walk"]
    mean = arrays["mean"][index_of(arrays["steps"], state["steps"])].mean()
    return f"{state['steps']:g} steps: mean {mean:.2f}"


EXHIBIT = Exhibit(
    experiments=("first-walk",),
    controls=(
        Control("steps", "slider", "steps", "", STEPS, ("10", "100", "1,000"), QUICK),
    ),
    default={"steps": 100.0},
    printed=({"steps": 10.0}, {"steps": 1000.0}),
    draw=draw,
    finding="The mean shrinks.",
    shown="first-walk.many < first-walk.few",
    caption="Six repeats, $n$ steps each.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("steps", 200),
    steps=(
        Step("Few: {fact}`first-walk.few:.2f`.", {"steps": STEPS[0]}),
        Step("Now *many*, [@knuth1974, §1].", {"steps": STEPS[-1]}),
    ),
    shares=("steps",),
    numbers=lambda results, state: [("steps walked", f"{state['steps']:g}")],
)
