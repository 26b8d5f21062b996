"""Every exhibit keeps the contract."""

from __future__ import annotations

import pytest

from ht_sim import experiments, figures

ALL = figures.discover()


@pytest.mark.parametrize("slug", ALL)
def test_its_experiments_exist(slug: str) -> None:
    assert set(ALL[slug].experiments) <= set(experiments.discover())


@pytest.mark.parametrize("slug", ALL)
def test_its_states_exist(slug: str) -> None:
    exhibit = ALL[slug]
    for state in (exhibit.default, *exhibit.printed, *exhibit.sweep_states()):
        assert exhibit.states()[exhibit.number_of(state)] == dict(state)
    assert exhibit.printed


@pytest.mark.parametrize("slug", ALL)
def test_its_controls_are_whole(slug: str) -> None:
    for control in ALL[slug].controls:
        assert control.kind in {"slider", "button", "toggle"}
        assert control.label
        assert len(control.values) == len(control.texts) == len(set(control.texts))
        assert control.kind != "toggle" or len(control.values) == 2


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(KeyError, match="is no state"):
        ALL["dropout-passes"].number_of({"rate": 0.31, "pass": 1.0})


def test_a_sweep_runs_along_its_control_alone() -> None:
    states = ALL["dropout-passes"].sweep_states()
    assert [state["rate"] for state in states] == sorted({s["rate"] for s in states})
    assert {state["pass"] for state in states} == {3.0}
