"""Test error by drop rate, and for six cases what the rate changes against none."""

from __future__ import annotations

from ht_sim.arrays import index_of
from ht_sim.experiments import Arrays
from ht_sim.experiments.dropout_rate import EXAMPLES, QUICK_RATES, RATES, REDRAWN
from ht_sim.figures import Exhibit, Results, Rows, State, Step, choice, slider
from ht_sim.figures._dropout_rate_picture import (
    case_errors,
    difference_of,
    difference_words,
    draw,
    labels_of,
    readings,
)
from ht_sim.figures._rate import LABELS
from ht_sim.figures._rows import interval, mean


def alt(results: Results, state: State) -> str:
    """Say what the picture shows at a state."""
    arrays = results["dropout-rate"]
    cases = [
        f"{examples:,} digits, {labels}: "
        + _words(arrays, {**state, "examples": float(examples), "redrawn": redrawn})
        for redrawn, labels in zip(REDRAWN.values(), LABELS, strict=True)
        for examples in EXAMPLES
    ]
    first, second = readings(arrays, state)
    return (
        f"Error by drop rate with {state['examples']:,.0f} training digits, "
        f"{labels_of(state)}. {first[0].upper()}{first[1:]}; {second}. Beside it, the "
        f"change of test error at rate {state['rate']:.1f} against rate 0, in points, "
        f"for six cases. {'; '.join(cases)}."
    )


def _words(arrays: Arrays, state: State) -> str:
    """Say what a rate changes in one case."""
    return " ".join(difference_words(arrays, state)[:2]).strip() or "0"


def spoken(results: Results, state: State) -> str:
    """Say the finding at a state."""
    first, second = readings(results["dropout-rate"], state)
    words = f"{state['examples']:,.0f} digits, {first}; {second}"
    return words.replace("%", "per cent")


def numbers(results: Results, state: State) -> Rows:
    """Give the numbers of a state for its table."""
    arrays = results["dropout-rate"]
    place = index_of(arrays["p_drop"], state["rate"])
    errors = {
        name: 100 * case_errors(arrays, f"{name}_error", state)[place]  # (repeats,)
        for name in ("test", "training")
    }
    difference = difference_of(arrays, state)
    lost = case_errors(arrays, "did_not_train", state)[place]
    return [
        *((f"{name} error", mean(one, ".1f", "%")) for name, one in errors.items()),
        ("test error against rate 0", interval(difference, "+.1f", "points")),
        ("runs that did not train", f"{int(lost.sum())} of {lost.size}"),
    ]


EXHIBIT = Exhibit(
    experiments=("dropout-rate",),
    controls=(
        choice("redrawn", "training labels", REDRAWN.values(), LABELS),
        slider("examples", "training digits", EXAMPLES, ",.0f"),
        slider("rate", "drop rate", RATES, ".1f", quick=QUICK_RATES),
    ),
    default={"redrawn": 0.2, "examples": 400.0, "rate": 0.5},
    printed=(
        {"redrawn": 0.2, "examples": 400.0, "rate": 0.5},
        {"redrawn": 0.0, "examples": 400.0, "rate": 0.5},
        {"redrawn": 0.0, "examples": 1000.0, "rate": 0.8},
    ),
    draw=draw,
    finding="With 400 digits, $d = 0.5$ helps where some labels are wrong, and "
    "$d = 0.8$ hurts either way.",
    shown="dropout-rate.half_redrawn_400.high < 0 "
    "and dropout-rate.redrawn_minus_clean_400.high < 0 "
    "and dropout-rate.high_clean_400.low > 0 "
    "and dropout-rate.high_redrawn_400.low > 0",
    caption="Lines are means of 8 repeats, bands hold all of them; each repeat has its "
    "own split, weights and masks. Right: every rate against rate 0, paired by repeat, "
    "in percentage points, with the interval of the mean; $d = 0.5$ was the comparison "
    "named beforehand. The words follow from the interval: *no difference* where it "
    "stays within half a point, *cannot tell* where it holds zero.",
    alt=alt,
    spoken=spoken,
    steps=(
        Step(
            "Begin with 100 digits, a fifth of the labels redrawn. Against none, "
            "$d = 0.5$ changes the test error by "
            "{interval}`dropout-rate.half_redrawn_100:.1f` points.",
            {"redrawn": 0.2, "examples": 100.0, "rate": 0.5},
        ),
        Step(
            "Give it 1,000 digits: {interval}`dropout-rate.half_redrawn_1000:.1f` "
            "points.",
            {"redrawn": 0.2, "examples": 1000.0, "rate": 0.5},
        ),
        Step(
            "Make the labels right: {interval}`dropout-rate.half_clean_1000:.1f` "
            "points.",
            {"redrawn": 0.0, "examples": 1000.0, "rate": 0.5},
        ),
        Step(
            "Now push the rate to $0.8$. [It hurts: "
            "{interval}`dropout-rate.high_clean_1000:.1f` "
            'points.]{shown="dropout-rate.high_clean_1000.low > 0"}',
            {"redrawn": 0.0, "examples": 1000.0, "rate": 0.8},
        ),
    ),
    numbers=numbers,
)
