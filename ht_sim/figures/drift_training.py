"""What every layer gets as a deep network trains, with batch norm and without it."""

from __future__ import annotations

import numpy as np

from ht_sim.experiments import Arrays
from ht_sim.experiments.drift_training import (
    BATCH,
    LAYERS,
    MOMENTUM,
    PARTS,
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
    choice,
    slider,
)
from ht_sim.figures._drift_training_picture import (
    LINES,
    NAMES,
    arm_of,
    draw,
    geometric_mean,
    of_finite,
    outcome,
    place_of,
    record_of,
    strays,
    when,
)
from ht_sim.figures._rows import number

SETTINGS = ("gain 1, rate 0.03", "He gain, rate 0.01", "He gain, rate 0.1")
SLOW = {"setting": 2.0, "batch_norm": 0.0, "step": 400.0}
FAST = {**SLOW, "setting": 3.0}


def _last_layers(arrays: Arrays, state: State) -> tuple[float, float, float, int]:
    """Return the deviation of layers 1 and 20 now, of 20 at first, and runs lost."""
    start = of_finite(arrays, state, "deviation", 0)
    sizes = of_finite(arrays, state, "deviation", record_of(state))
    middle = geometric_mean(sizes) if len(sizes) else np.zeros(LAYERS)
    first = float(geometric_mean(start)[-1])
    return float(middle[0]), float(middle[-1]), first, len(start) - len(sizes)


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    arrays = results["drift-training"]
    top, bottom, first, lost = _last_layers(arrays, state)
    runs = arrays["finite"].shape[2]
    over = f" Left out, for they overflowed: {lost} of {runs} runs." if lost else ""
    return (
        f"{SETTINGS[int(state['setting']) - 1]}, {NAMES[arm_of(state)]}, "
        f"{when(state)}: the standard deviation is {top:.2g} in layer 1 "
        f"and {bottom:.2g} in layer 20, where it began at {first:.2g}.{over}"
    )


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["drift-training"]
    ends = "; ".join(f"{NAMES[arm]} {outcome(arrays, state, arm)}" for arm in LINES)
    return (
        "Distributions of what the nonlinearities get in 8 of 20 layers, the standard "
        f"deviation in all of them, and the training loss by step. "
        f"{spoken(results, state)} {strays(arrays, state)}".rstrip(" .")
        + f". After 400 steps: {ends.replace('%', 'per cent')}."
    )


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["drift-training"]
    top, bottom, first, lost = _last_layers(arrays, state)
    now, place = record_of(state), place_of(arrays, state, arm_of(state))
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
        choice("setting", "gain and learning rate", (1, 2, 3), SETTINGS, quick=(2.0,)),
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
    finding="Even at a rate at which most runs train without batch norm, what the "
    "layers get drifts; with batch norm, at the same rate, it hardly moves.",
    shown="drift-training.change_he_slow_without.low > 3 "
    "and drift-training.change_he_slow_bn.high < 1.1 "
    "and drift-training.not_trained_he_slow_without < 4 "
    "and drift-training.gap_he_slow.low > 0",
    caption=f"20 hidden layers of 64 ReLU units learn {PARTS[0]:,} digits, in batches "
    f"of {BATCH} with momentum ${MOMENTUM}$. The settings are the gain of the first "
    "weights (He's is $\\sqrt{2}$) and the learning rate; at He's gain, $0.01$ is a "
    "rate at which most runs without a norm train too. Then 400 unseen digits pass "
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
            "Switch batch norm on. [The layer that has moved most has changed by a "
            "factor of {fact}`drift-training.change_he_slow_bn:.2f`.]"
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
