"""Colours with meanings, each in the light theme, the dark theme and print.

Figures are drawn in the light theme; on the page every light colour becomes the custom
property of its name, which the dark theme and print redefine. So no two tokens share a
light colour, and no figure uses another colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Token(NamedTuple):
    """One colour with a meaning, in the three ways it is shown."""

    light: str
    dark: str
    print: str


TOKENS: Final[Mapping[str, Token]] = {
    "paper": Token("#fbf8f2", "#12161f", "#ffffff"),
    "surface": Token("#f4efe4", "#1a202c", "#f5f5f5"),
    "ink": Token("#1d2433", "#e9e6df", "#000000"),
    "muted": Token("#5b6272", "#a4abb8", "#4a4a4a"),
    "rule": Token("#d9d3c7", "#333a48", "#bbbbbb"),
    "heat-0": Token("#f6e7c8", "#352d20", "#f2f2f2"),
    "heat-1": Token("#f3d089", "#5c4419", "#d9d9d9"),
    "heat-2": Token("#eeb24b", "#8a5f17", "#bcbcbc"),
    "heat-3": Token("#e38f1f", "#b8781c", "#999999"),
    "heat-4": Token("#d4641a", "#e5792f", "#737373"),
    "heat-5": Token("#c03d1c", "#ff7d5c", "#4d4d4d"),
    "heat-6": Token("#9b1c1c", "#ffb9a3", "#262626"),
    "dropped": Token("#8a8f9a", "#6d7482", "#777777"),
    "batch-norm": Token("#1257b0", "#5b93ff", "#1257b0"),
    "layer-norm": Token("#2a9d6f", "#6fdc9f", "#2a9d6f"),
    "layer-norm-text": Token("#1a7a55", "#6fdc9f", "#1a7a55"),
    "without": Token("#b8430f", "#f58a4b", "#b8430f"),
    "control": Token("#c23a1b", "#ff6a4d", "#000000"),
}

PAPER: Final = TOKENS["paper"].light
SURFACE: Final = TOKENS["surface"].light
INK: Final = TOKENS["ink"].light
MUTED: Final = TOKENS["muted"].light
RULE: Final = TOKENS["rule"].light
HEAT: Final = tuple(TOKENS[f"heat-{step}"].light for step in range(7))
DROPPED: Final = TOKENS["dropped"].light
BATCH_NORM: Final = TOKENS["batch-norm"].light
LAYER_NORM: Final = TOKENS["layer-norm"].light
LAYER_NORM_TEXT: Final = TOKENS["layer-norm-text"].light
WITHOUT: Final = TOKENS["without"].light
CONTROL: Final = TOKENS["control"].light

NAMES: Final[Mapping[str, str]] = {token.light: name for name, token in TOKENS.items()}
DARK: Final[Mapping[str, str]] = {token.light: token.dark for token in TOKENS.values()}


def css_tokens() -> str:
    """Give the custom properties of the light theme, the dark theme and print.

    The theme is the system's, unless ``data-theme`` of the root names one.
    """

    def block(selector: str, theme: str, scheme: str) -> str:
        values = [f"--{name}: {getattr(one, theme)};" for name, one in TOKENS.items()]
        lines = "\n  ".join([f"color-scheme: {scheme};", *values])
        return f"{selector} {{\n  {lines}\n}}"

    by_system = block(':root:not([data-theme="light"])', "dark", "dark")
    chosen = block(':root[data-theme="dark"]', "dark", "dark")
    return (
        f"{block(':root', 'light', 'light')}\n"
        f"@media (prefers-color-scheme: dark) {{\n{by_system}\n}}\n"
        f"{chosen}\n"
        f"@media print {{\n{block(':root:root', 'print', 'light')}\n}}\n"
    )
