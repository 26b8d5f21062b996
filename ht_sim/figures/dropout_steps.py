"""A film of training, without dropout and with it, and the price in steps."""

from __future__ import annotations

from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_steps import LEVELS, reaching
from ht_sim.figures import (
    Exhibit,
    Results,
    Rows,
    State,
    Step,
    Sweep,
    choice,
    slider,
)
from ht_sim.figures._dropout_steps_picture import (
    draw,
    errors_of,
    places_of,
    rate_of,
)
from ht_sim.figures._rows import number

SHOWN = (10, 20, 30, 50, 70, 100, 150, 200, 300, 400, 500, 600, 700, 800, 1000, 1200)
LABELS = ("all labels right", "a fifth of labels redrawn")


def _numbers(results: Results, state: State) -> dict[str, tuple[float, float]]:
    """Return training and test error, in per cent, without dropout and with it."""
    arrays = results["dropout-steps"]
    found = {}
    for part in ("training", "test"):
        none, some = (
            _mean_error(arrays, place, part, state["step"])
            for place in places_of(arrays, state)
        )
        found[part] = none, some
    return found


def _mean_error(
    arrays: Arrays, place: tuple[int, int], part: str, step: float
) -> float:
    now = index_of(arrays["steps"][place], step)
    return float(errors_of(arrays, place, part)[:, now].mean())


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["dropout-steps"]
    ratios = [
        f"{level:g}: {_ratio(arrays, 'all', state, level)}" for level in LEVELS.values()
    ]
    labels = "a fifth of the training labels redrawn" if state["redrawn"] else "clean"
    return (
        f"Error by training step, labels {labels}, without dropout on the left and at "
        f"rate {rate_of(state):g} on the right. {_errors_in_words(results, state)} "
        "Below, the steps to three levels of training loss with all units active, with "
        f"dropout over without: {'; '.join(ratios)}."
    )


def _ratio(arrays: Arrays, measure: str, state: State, level: float) -> str:
    none, some = places_of(arrays, state)
    plain, _ = reaching(arrays, measure, none, level)
    slow, reached = reaching(arrays, measure, some, level)
    if not reached.all():
        return f"reached by {int(reached.sum())} of {reached.size} runs"
    return f"{(slow / plain).mean():.1f} times as many"


def _errors_in_words(results: Results, state: State) -> str:
    found = _numbers(results, state)
    return (
        f"After {int(state['step']):,} steps the training error is "
        f"{found['training'][0]:.1f} per cent without dropout and "
        f"{found['training'][1]:.1f} with it; the test error is "
        f"{found['test'][0]:.1f} and {found['test'][1]:.1f}."
    )


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    return _errors_in_words(results, state)


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    found = _numbers(results, state)
    return [
        (f"{part} error, {name}", number(value, ".1f", "%"))
        for part, pair in found.items()
        for name, value in zip(("without dropout", "with it"), pair, strict=True)
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-steps",),
    controls=(
        choice("redrawn", "training labels", (0, 1), LABELS),
        choice("mild", "drop rate", (0, 1), ("drop rate 0.5", "drop rate 0.2")),
        slider(
            "step", "training steps", SHOWN, ",.0f", quick=(20.0, 100.0, 400.0, 1200.0)
        ),
    ),
    default={"redrawn": 1.0, "mild": 0.0, "step": 100.0},
    printed=(
        {"redrawn": 1.0, "mild": 0.0, "step": 100.0},
        {"redrawn": 1.0, "mild": 0.0, "step": 1200.0},
        {"redrawn": 0.0, "mild": 0.0, "step": 1200.0},
    ),
    draw=draw,
    finding="Without dropout the network learns its wrong labels by heart; with "
    "dropout it has not by the same step, and errs less on unseen digits.",
    shown="dropout-steps.training_error_redrawn_0.high < 0.02 "
    "and dropout-steps.training_error_redrawn_50.low > 0.05 "
    "and dropout-steps.difference_redrawn.high < 0",
    caption="Training error (dashed) and test error (solid) of eight repeats, with all "
    "units active; bands hold all repeats. Below: the steps to three levels of the "
    "loss on the training set, ring without dropout, dot with it, a stroke for each "
    "repeat; a hollow dot is not reached by all.",
    alt=alt,
    spoken=spoken,
    sweep=Sweep("step", 400),
    steps=(
        Step(
            "Here are 100 steps, a fifth of the training labels redrawn. What comes "
            "is still hidden: which line will rise?",
            {"redrawn": 1.0, "mild": 0.0, "step": 100.0},
        ),
        Step(
            "Train on. [Without dropout the network learns the wrong labels too, and "
            "its test error rises by "
            "{interval}`dropout-steps.rise_redrawn_0:.1%` of all test digits.]"
            '{shown="dropout-steps.training_error_redrawn_0.high < 0.02 '
            'and dropout-steps.rise_redrawn_0.low > 0"}',
            {"redrawn": 1.0, "mild": 0.0, "step": 1200.0},
        ),
        Step(
            "Now make all labels right. [With dropout the lowest level of the loss "
            "takes {fact}`dropout-steps.ratio_clean_all_10:.1f` times the "
            'steps.]{shown="dropout-steps.ratio_clean_all_10.low > 1.5"}',
            {"redrawn": 0.0, "mild": 0.0, "step": 1200.0},
        ),
    ),
    numbers=numbers,
)
