"""Every exhibit keeps the contract."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from ht_sim import experiments, figures
from ht_sim.figures import Step, Sweep

ALL = figures.discover()


KNOWN = tuple(experiments.discover())
GOOD = ALL["dropout-passes"]
RATE, PASS = GOOD.controls
SIXTY_ONE = {
    "values": tuple(map(float, range(1, 62))),
    "texts": tuple(map(str, range(61))),
}


@pytest.mark.parametrize("slug", ALL)
def test_it_is_without_fault(slug: str) -> None:
    assert list(ALL[slug].faults(KNOWN)) == []


@pytest.mark.parametrize(
    ("change", "argument", "words"),
    [
        (
            {"experiments": ("dropout-pases",)},
            "experiments",
            "did you mean 'dropout-pa",
        ),
        ({"experiments": "dropout-passes"}, "experiments", "with a comma"),
        (
            {"default": {"rate": 0.31, "pass": 3.0}},
            "default",
            "is no state; the controls",
        ),
        ({"printed": ({"rate": 0.3},)}, "printed", "is no state"),
        ({"printed": ()}, "printed", "no state for paper"),
        ({"sweep": Sweep("rat", 100)}, "sweep", "no control is called 'rat'"),
        ({"shares": ("rat",)}, "shares", "'rat' (did you mean 'rate'?)"),
        ({"shares": "rate"}, "shares", "with a comma"),
        ({"steps": Step("Set it.", GOOD.default)}, "steps", "with a comma"),
        ({"steps": (Step("Set it.", {"rate": 0.31, "pass": 3.0}),)}, "steps", "is no"),
        (
            {"controls": (RATE, replace(PASS, **SIXTY_ONE)), "sweep": Sweep("pass", 9)},
            "sweep",
            "a GIF of 61 frames; expected 60 at most",
        ),
        ({"controls": (replace(RATE, kind="slidr"), PASS)}, "controls", "'slider'?"),
        (
            {"controls": (RATE, replace(PASS, texts=("1",)))},
            "controls",
            "8 values and 1",
        ),
        ({"controls": (RATE, replace(PASS, kind="toggle"))}, "controls", "not two"),
        ({"controls": (RATE, replace(PASS, kind="chioce"))}, "controls", "'choice'?"),
    ],
)
def test_a_fault_is_told_with_its_argument(
    change: dict[str, Any], argument: str, words: str
) -> None:
    (found,) = replace(GOOD, **change).faults(KNOWN)
    assert found[0] == argument
    assert words in found[1]


def test_matplotlib_is_imported_only_where_something_is_drawn() -> None:
    script = (
        "import sys\n"
        "from ht_sim import figures, stages\n"
        "figures.discover()\n"
        "print('matplotlib' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n", "a figure imports matplotlib at its top"


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(KeyError, match="is no state"):
        ALL["dropout-passes"].number_of({"rate": 0.31, "pass": 1.0})


def test_a_sweep_runs_along_its_control_alone() -> None:
    states = ALL["dropout-passes"].sweep_states()
    assert [state["rate"] for state in states] == sorted({s["rate"] for s in states})
    assert {state["pass"] for state in states} == {3.0}


@pytest.mark.parametrize("slug", ALL)
def test_the_options_of_a_choice_stand_without_its_label(slug: str) -> None:
    for control in ALL[slug].controls:
        if control.kind == "choice":
            assert len(set(control.texts)) == len(control.texts) > 1
            for text in control.texts:
                assert any(map(str.isalpha, text)), f"{text!r}: a number of what?"
                assert text not in ("on", "off", "yes", "no"), control.name
