"""Numbers as text, with true minuses; a leaf of the package."""

from __future__ import annotations

MINUS, NARROW_SPACE = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def formatted(value: float, shape: str) -> str:
    """Write a number in a shape of ``format``: ``-0`` is ``0``, ``-`` stays ASCII."""
    sign = "+" if shape.startswith("+") else ""
    return format(float(value), f"{sign}z{shape.removeprefix('+')}")


def with_true_minus(text: str) -> str:
    """Write the minuses of a number as readers know them."""
    return text.replace("-", MINUS)


def superscript(whole: int) -> str:
    """Write a whole number as an exponent: -3 is ``⁻³``."""
    return str(whole).translate(_SUPERSCRIPTS)
