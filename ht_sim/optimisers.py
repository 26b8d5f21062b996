"""How a gradient becomes a step: gradient descent with momentum, and Adam.

An optimiser is a value. It works in place on arrays that hold all parameters of one
or more networks, so that a step is a few passes over one array.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Momentum:
    """Gradient descent with momentum.

    velocity = momentum * velocity - learning_rate * gradient
    values = values + velocity

    Parameters
    ----------
    learning_rate : the length of a step, per unit of gradient
    momentum : the share of the last step that is kept, in [0, 1); 0 is plain descent

    Source
    ------
    srivastava2014, App. A
    """

    learning_rate: float
    momentum: float = 0.9

    def start(self, values: Array) -> tuple[Array, ...]:
        """Return the state before the first step: a velocity of zero."""
        return (np.zeros_like(values),)

    def step(
        self, values: Array, gradient: Array, state: tuple[Array, ...], number: int
    ) -> None:
        """Move ``values`` by step ``number``, from 1 on; all arrays have one shape.

        ``values`` and ``state`` change in place, and ``gradient`` is used up.
        """
        (velocity,) = state
        velocity *= float(self.momentum)
        gradient *= float(self.learning_rate)
        velocity -= gradient
        values += velocity


@dataclass(frozen=True)
class Adam:
    """Adam: each parameter's step is divided by the size of its own gradients.

    mean = beta1 * mean + (1 - beta1) * gradient
    square = beta2 * square + (1 - beta2) * gradient²
    values = values - learning_rate * m / (√s + eps), where
    m = mean / (1 - beta1^t) and s = square / (1 - beta2^t) at step t

    Parameters
    ----------
    learning_rate : about the length of each parameter's step
    beta1, beta2 : the shares of the old averages that are kept, in [0, 1)
    eps : added to the root, in the unit of the gradient

    Source
    ------
    kingma2015, Alg. 1
    """

    learning_rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def start(self, values: Array) -> tuple[Array, ...]:
        """Return the state before the first step: both averages zero, and room."""
        return np.zeros_like(values), np.zeros_like(values), np.empty_like(values)

    def step(
        self, values: Array, gradient: Array, state: tuple[Array, ...], number: int
    ) -> None:
        """Move ``values`` by step ``number``, from 1 on; all arrays have one shape.

        ``values`` and ``state`` change in place, and ``gradient`` is used up.
        """
        mean, square, room = state
        mean *= self.beta1
        mean += np.multiply(gradient, 1 - self.beta1, out=room)
        square *= self.beta2
        gradient *= gradient
        gradient *= 1 - self.beta2
        square += gradient
        correction = math.sqrt(1 - self.beta2**number)
        np.sqrt(square, out=room)
        room /= correction
        room += self.eps
        np.divide(mean, room, out=room)
        room *= float(self.learning_rate) / (1 - self.beta1**number)
        values -= room


Optimiser = Momentum | Adam
