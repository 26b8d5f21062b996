r"""What TeX the site takes, checked before it is translated.

The translator lets unknown commands, missing arguments and stray braces through; here
they are found, with their place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from latex2mathml import commands
from latex2mathml.symbols_parser import convert_symbol

from ht_sim.problems import did_you_mean

_ONE = (
    "acute bar bm boldsymbol breve check dot ddot grave hat mathbb mathbf mathcal "
    "mathfrak mathit mathrm mathscr mathsf mathtt overbrace overline phantom sqrt "
    "tilde underbrace underline vec widehat widetilde "
    "big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr"
)
_TWO = "frac dfrac tfrac binom overset underset stackrel"
_NONE = "displaystyle textstyle quad qquad lbrace rbrace , : ; ! > { } | % $ # & _"
ARGUMENTS = {
    **{rf"\{name}": 0 for name in _NONE.split()},
    **{rf"\{name}": 1 for name in _ONE.split()},
    **{rf"\{name}": 2 for name in _TWO.split()},
    "\\ ": 0,
    **dict.fromkeys(commands.FUNCTIONS, 0),
    **dict.fromkeys(commands.LIMIT, 0),
}
_LETTERS = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu "
    "xi pi rho sigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi "
    "Pi Sigma Phi Psi Omega sum prod int partial nabla infty cdot times approx leq geq "
    "neq odot sim in left right begin end"
)
TEXTS = (r"\text", r"\textbf", r"\textit", r"\textrm", r"\operatorname")
ENVIRONMENTS = (
    *("aligned", "cases", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix"),
    "Vmatrix",
)
LONGEST, DEEPEST = 5_000, 40  # characters of a formula, groups within groups
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_OPENED = re.compile(r"\\begin\{\w+\}|\\left|.")
_NAMED = re.compile(r"\*?\s*\{([^{}\\$]*)\}")


class TexError(ValueError):
    """TeX that cannot be set; ``offset`` counts in the formula."""

    def __init__(self, offset: int, what: str, expected: str = "") -> None:
        super().__init__(what)
        self.offset, self.what, self.expected = offset, what, expected


def check_tex(tex: str) -> None:
    """Raise TexError at the first thing in a formula that cannot be set."""
    if not tex.strip():
        raise TexError(0, "empty maths", r"TeX between the dollar signs, or \$")
    if len(tex) > LONGEST:
        raise TexError(0, f"a formula of over {LONGEST} characters")
    _Reader(tex).row()


@dataclass
class _Reader:
    """A place in a formula that moves forward."""

    tex: str
    at: int = 0
    depth: int = 0

    def row(self, end: str = "", opened: int = 0, cells: bool = False) -> None:
        """Read up to ``end``, which closes what was opened at ``opened``."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise TexError(opened, f"groups more than {DEEPEST} deep")
        while self.at < len(self.tex):
            start, token = self.at, self._next()
            if token == end:
                self.depth -= 1
                return
            self._item(token, start, cells)
        if end:
            begin = _OPENED.match(self.tex, opened)
            shown = begin.group() if begin else ""
            raise TexError(opened, f"{shown} is not closed", end)
        self.depth -= 1

    def _next(self) -> str:
        token = _TOKEN.match(self.tex, self.at)
        if token is None:
            return ""
        self.at = token.end()
        return token.group()

    def _item(self, token: str, start: int, cells: bool) -> None:
        if token == "{":
            self.row("}", start)
        elif token in ("^", "_"):
            self._argument(token, start, 0, 1)
        elif token in TEXTS:
            self._name(token, start)
        elif token == r"\begin":
            self._environment(start)
        elif token == r"\left":
            self._delimiter(token, start)
            self.row(r"\right", start, cells=False)
            self._delimiter(r"\right", start)
        elif token in ("}", r"\right", r"\end"):
            raise TexError(start, f"{token} closes nothing")
        elif token in ("&", r"\\") and not cells:
            raise TexError(start, f"{token} outside a table", r"\begin{aligned} …")
        elif token in ("%", "#", "$"):
            raise TexError(start, f"a bare {token} in TeX", rf"\{token}")
        elif token.startswith("\\") and token != r"\\":
            self._command(token, start)

    def _command(self, token: str, start: int) -> None:
        wanted = ARGUMENTS.get(token)
        if token == r"\not" or (wanted is None and convert_symbol(token) is None):
            letters = (rf"\{name}" for name in _LETTERS.split())
            near = did_you_mean(token, [*ARGUMENTS, *TEXTS, *letters])
            raise TexError(start, f"unknown TeX command {token}{near}")
        if token == r"\sqrt" and self.tex[self.at :].lstrip().startswith("["):
            self.at = self.tex.index("[", self.at) + 1
            self.row("]", self.at - 1)
        for given in range(wanted or 0):
            self._argument(token, start, given, wanted or 0)

    def _argument(self, token: str, start: int, given: int, wanted: int) -> None:
        at, inner = self.at, self._next()
        if inner.isspace():
            at, inner = self.at, self._next()
        if inner in ("", "}", "&", r"\\", "^", "_", r"\right", r"\end"):
            plural = "s" if wanted > 1 else ""
            raise TexError(
                start, f"{token} has {given} of its {wanted} argument{plural}"
            )
        self._item(inner, at, cells=False)

    def _name(self, token: str, start: int) -> str:
        """Read braces that hold plain words."""
        words = _NAMED.match(self.tex, self.at)
        if words is None:
            raise TexError(start, f"{token} needs plain words", rf"{token}{{words}}")
        self.at = words.end()
        return words[1]

    def _delimiter(self, token: str, start: int) -> None:
        delimiter = self._next()
        known = delimiter in (*"()[]|./<>", r"\{", r"\}", r"\|") or (
            delimiter.startswith("\\") and convert_symbol(delimiter) is not None
        )
        if not known:
            raise TexError(
                start, f"{token} needs a delimiter", rf"{token}( or {token}."
            )

    def _environment(self, start: int) -> None:
        name = self._name(r"\begin", start)
        if name not in ENVIRONMENTS:
            near = did_you_mean(name, ENVIRONMENTS)
            listed = ", ".join(ENVIRONMENTS)
            raise TexError(start, f"unknown environment {name!r}{near}", listed)
        self.row(r"\end", start, cells=True)
        at = self.at
        ended = self._name(r"\end", at)
        if ended != name:
            raise TexError(at, f"\\end{{{ended}}} closes \\begin{{{name}}}")
