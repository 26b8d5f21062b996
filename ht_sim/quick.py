"""What a quick build makes of experiments and exhibits: fewer repeats, fewer points."""

from __future__ import annotations

from dataclasses import replace

from ht_sim.experiments import Axis, Experiment
from ht_sim.figures import Control, Exhibit

_SHARE = 4  # a quarter of the repeats: intervals about twice as wide
_FEWEST = 4  # below, Student's t makes an interval too wide to look at


def quick_experiment(experiment: Experiment) -> Experiment:
    """Return an experiment without fault with fewer repeats and grid values.

    One rule for all: a quarter of the repeats, at least four, never more than there
    are. The first repeats are the same ones as in a full build.
    """
    fewer = max(_FEWEST, experiment.repeats // _SHARE)
    return replace(
        experiment,
        grid=tuple(_quick_axis(axis) for axis in experiment.grid),
        repeats=min(experiment.repeats, fewer),
    )


def quick_exhibit(exhibit: Exhibit) -> Exhibit:
    """Return an exhibit without fault with the states that a quick build keeps."""
    return replace(
        exhibit,
        controls=tuple(_quick_control(one) for one in exhibit.controls),
        printed=tuple(filter(exhibit.in_quick, exhibit.printed)),
        steps=tuple(one for one in exhibit.steps if exhibit.in_quick(one.state)),
    )


def _quick_axis(axis: Axis) -> Axis:
    return replace(axis, values=axis.quick or axis.values, quick=())


def _quick_control(control: Control) -> Control:
    values = control.quick or control.values
    texts = dict(zip(control.values, control.texts, strict=True))
    kept = tuple(texts[value] for value in values)
    return replace(control, values=values, texts=kept, quick=())
