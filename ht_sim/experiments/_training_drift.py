"""How what layers get drifts while a stack of deep networks trains: shared pieces.

A pass measures what each nonlinearity gets, behind the norm's scale and shift, from
digits that are not trained on, taken as one batch: with batch norm in training mode,
which takes the statistics of this batch, and beside it in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ht_sim.data import CLASSES, PIXELS
from ht_sim.experiments import Arrays
from ht_sim.fast_training import fast_training_steps
from ht_sim.networks import Architecture, forward_eval, forward_train
from ht_sim.norms import BatchNorm
from ht_sim.optimisers import Optimiser
from ht_sim.parameters import Parameters, initialise, stacked, with_norms
from ht_sim.streams import Streams
from ht_sim.training import Step, training_steps


def architecture_of(batch_norm: float) -> Architecture:
    """Return that of a plain ReLU network, with batch norm where it is not 0."""
    return Architecture("relu", BatchNorm() if batch_norm else None)


def start(
    streams: Sequence[Streams], hidden: Sequence[int], gain: float, batch_norm: float
) -> Parameters:
    """Draw each repeat's network of hidden widths: the same with norms and without."""
    sizes = (PIXELS, *hidden, CLASSES)
    networks = [initialise(sizes, one.initialisation, gain) for one in streams]
    if batch_norm:
        networks = [with_norms(one) for one in networks]
    return stacked(networks, np.float32)


def steps_from_start(
    parameters: Parameters,
    x: np.ndarray,
    labels: np.ndarray,
    streams: Sequence[Streams],
    *,
    steps: int,
    batch_size: int,
    optimiser: Optimiser,
    p_drop: float,
    architecture: Architecture,
) -> Iterator[Step]:
    """Give the start as a step, then every step; for the arguments ``training_steps``.

    Without norms the faster form of the same steps is taken.
    """
    yield Step(parameters, np.zeros(len(streams)))
    if architecture.norm is None:
        yield from fast_training_steps(
            parameters, x, labels, streams, steps=steps, batch_size=batch_size,
            optimiser=optimiser, p_drop=p_drop,
        )  # fmt: skip
        return
    yield from training_steps(
        parameters, x, labels, streams, steps=steps, batch_size=batch_size,
        optimiser=optimiser, p_drop=p_drop, architecture=architecture,
    )  # fmt: skip


def measured_inputs(
    step: Step,
    x: np.ndarray,
    architecture: Architecture,
    shown: Sequence[int],
    bins: np.ndarray,
) -> Arrays:
    """Measure what each nonlinearity gets from digits ``x``, (S, N, 64), as one batch.

    Parameters
    ----------
    step : a stack of S networks
    shown : the layers, from 1 on, whose values are counted
    bins : the edges between which they are

    Returns
    -------
    arrays : for each network, the standard deviation over digits and units with the
        statistics of the batch, ``deviation`` (S, layers), and with the running ones,
        ``eval_deviation``; ``counts`` (S, shown, bins); the ``largest`` absolute value
        (S,); and whether all is ``finite`` (S,): where it is not, the rest is zero
    """
    with np.errstate(all="ignore"):
        inputs = forward_train(step.parameters, x, architecture=architecture).inputs
        later = forward_eval(step.parameters, x, architecture, step.running).inputs
    together, evaluated = (
        np.stack(one, axis=1).astype(np.float64) for one in (inputs, later)
    )  # (S, layers, N, width)
    finite = np.asarray(np.isfinite(together).all(axis=(1, 2, 3)))
    finite &= np.asarray(np.isfinite(evaluated).all(axis=(1, 2, 3)))
    together[~finite], evaluated[~finite] = 0, 0
    chosen = together[:, [layer - 1 for layer in shown]]
    counts = [[np.histogram(one, bins)[0] for one in network] for network in chosen]
    return {
        "deviation": together.std(axis=(2, 3), ddof=0),
        "eval_deviation": evaluated.std(axis=(2, 3), ddof=0),
        "counts": np.array(counts) * finite[:, np.newaxis, np.newaxis],
        "largest": np.abs(together).max(axis=(1, 2, 3)),
        "finite": finite,
    }


def last_finite(finite: np.ndarray) -> np.ndarray:
    """Return the place of each run's last record before one that is not finite.

    ``finite`` is (repeats, records), and true at record 0.
    """
    return np.asarray(np.cumprod(finite, axis=1).sum(axis=1) - 1)


def change(deviation: np.ndarray, finite: np.ndarray) -> np.ndarray:
    """Give the largest factor, up or down, between a layer's last deviation and first.

    Parameters
    ----------
    deviation : (repeats, records, layers), positive where finite
    finite : (repeats, records)

    Returns
    -------
    factor : (repeats,), 1 where nothing has changed
    """
    last = last_finite(finite)
    end = deviation[np.arange(len(last)), last]  # (repeats, layers)
    ratios = np.log(end / deviation[:, 0])
    return np.asarray(np.exp(np.abs(ratios).max(axis=1)))
