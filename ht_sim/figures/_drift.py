"""Names, words and thresholds that the figures of the signal by depth share."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ht_sim import look
from ht_sim.experiments import Arrays
from ht_sim.experiments._signal import fates
from ht_sim.figures import Control, State, choice
from ht_sim.figures._rows import number
from ht_sim.numerals import superscript
from ht_sim.theory.propagation import HE_GAIN, XAVIER_GAIN

NONLINEARITIES: Final = ("linear", "ReLU", "tanh", "sigmoid")
NORMS: Final = ("no norm", "batch norm", "layer norm")
STYLES: Final[tuple[dict[str, Any], ...]] = tuple(
    dict(look.LINES[name]) for name in ("without", "batch-norm", "layer-norm")
)


def nonlinearity_control() -> Control:
    """Return the choice among the four nonlinearities."""
    return choice("nonlinearity", "nonlinearity", range(4), NONLINEARITIES)


def norm_control() -> Control:
    """Return the choice among no norm, batch norm and layer norm."""
    return choice("norm", "norm", range(3), NORMS)


def places(state: State) -> tuple[int, int]:
    """Return the places of a state's nonlinearity and norm."""
    return int(state["nonlinearity"]), int(state["norm"])


def gain_text(gain: float) -> str:
    """Write a gain, with its name if it has one."""
    names = {XAVIER_GAIN: " (Xavier)", HE_GAIN: " (He)"}
    return f"{format(round(gain, 2), 'g')}{names.get(gain, '')}"


def power(exponent: float) -> str:
    """Write 10^exponent: with two digits near one, else as 1.2 × 10⁻¹⁶."""
    if -2 <= exponent < 3:
        decimals = 1 - math.floor(math.log10(float(format(10**exponent, ".2g"))))
        return number(10**exponent, f".{max(0, decimals)}f")
    whole = math.floor(exponent)
    factor = format(10 ** (exponent - whole), ".1f")
    if factor == "10.0":
        whole, factor = whole + 1, "1.0"
    return f"{factor} × 10{superscript(whole)}"


def fates_of(arrays: Arrays, state: State, residual: int) -> np.ndarray:
    """Return what became of the signal, by gain and measured layer, as of ``fates``.

    Medians over networks count.
    """
    at = *places(state), residual
    return fates(arrays["size"][at][..., 1], arrays["alike"][at])
