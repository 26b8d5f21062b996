"""Batch norm and layer norm behind one face, so that a network can hold either.

``Running`` is what a norm carries from one batch to the next: the running statistics
of batch norm; layer norm carries nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ht_sim.layers.batch_norm import (
    RunningStatistics,
    batch_norm_backward,
    batch_norm_eval,
    batch_norm_train,
    start_statistics,
)
from ht_sim.layers.layer_norm import layer_norm_backward, layer_norm_forward

Array = NDArray[np.floating]
Running = RunningStatistics | None


class Normed(NamedTuple):
    """The output (..., N, D), what is carried to the next batch, and the cache."""

    y: Array
    running: Running
    cache: Any


class Norm(Protocol):
    """A norm of x, (..., N, D); ``affine`` is its scale and shift, (..., D) each."""

    def train(self, x: Array, affine: Sequence[Array], running: Running) -> Normed:
        """Normalise a batch as in training; ``running`` is None before the first."""
        ...

    def eval(self, x: Array, affine: Sequence[Array], running: Running) -> Array:
        """Normalise as in evaluation; ``running`` is None before any batch."""
        ...

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Array, Array]:
        """Return dLoss/dx, dLoss/dscale and dLoss/dshift of a training pass."""
        ...


@dataclass(frozen=True)
class BatchNorm:
    """Batch norm; see ``layers.batch_norm`` for decay and eps."""

    decay: float = 0.9
    eps: float = 1e-5

    def train(self, x: Array, affine: Sequence[Array], running: Running) -> Normed:
        """Normalise over the batch, and move the running statistics."""
        gamma, beta = affine
        before = running or start_statistics(gamma)
        return Normed(
            *batch_norm_train(x, gamma, beta, before, decay=self.decay, eps=self.eps)
        )

    def eval(self, x: Array, affine: Sequence[Array], running: Running) -> Array:
        """Normalise with the running statistics: mean 0, variance 1 at first."""
        gamma, beta = affine
        before = running or start_statistics(gamma)
        return batch_norm_eval(x, gamma, beta, before, eps=self.eps)

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Array, Array]:
        """Send the gradient back through the batch's statistics."""
        return batch_norm_backward(dy, cache)


@dataclass(frozen=True)
class LayerNorm:
    """Layer norm; see ``layers.layer_norm`` for eps."""

    eps: float = 1e-5

    def train(self, x: Array, affine: Sequence[Array], running: Running) -> Normed:
        """Normalise each example over its features; nothing is carried on."""
        gain, bias = affine
        y, cache = layer_norm_forward(x, gain, bias, eps=self.eps)
        return Normed(y, running, cache)

    def eval(self, x: Array, affine: Sequence[Array], running: Running) -> Array:
        """Do as in training."""
        return self.train(x, affine, running).y

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Array, Array]:
        """Send the gradient back through each example's statistics."""
        return layer_norm_backward(dy, cache)
