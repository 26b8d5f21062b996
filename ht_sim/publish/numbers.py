"""Numbers in prose: facts written out, and the search for numbers typed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from ht_sim.estimates import Estimate
from ht_sim.numerals import NARROW_SPACE, formatted, with_true_minus
from ht_sim.problems import Problem
from ht_sim.publish.directives import (
    SPANS,
    Claim,
    Directive,
    Heading,
    Link,
    Quote,
    Styled,
)
from ht_sim.publish.source import Source

_WHOLE = r"\d[\d,]{0,30}"
_DIGITS = rf"{_WHOLE}(?:\.\d{{1,30}}){{0,9}}"
_WORDS = (
    r"\b(?:(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?|(?:thir|four|fif|six|"
    r"seven|eigh|nine)teen|zero|two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve|dozen|hundred|thousand|million|billion)"
)
_GAP = r"(?:[\s*_]|&\w+;)"
TYPED = re.compile(
    rf"(?<![\w.])(?:{_DIGITS}|{_WORDS}){_GAP}*(?:%|‰|per\s?cent\b|percentage\b)"
    rf"|(?<![\w.])(?:{_DIGITS}|{_WORDS})(?:{_GAP}|-)+times\b"
    rf"|{_WORDS}-?fold\b"
    rf"|(?<![\w.]){_DIGITS}\s?×(?!\s?\d)|(?<!\d)(?<!\d\s)×\s?{_DIGITS}"
    rf"|(?<![\w.§]){_DIGITS}e[-+−]?\d+"
    rf"|(?<![\w.§]){_WHOLE}\.\d+(?:\.\d+)*|(?<![\w.])\.\d+",
    re.IGNORECASE,
)
_HINT = "a fact, a citation, or TeX where it belongs to the set-up"
_NOTHING = "\0"


def typed_numbers(
    source: Source, directives: Iterable[Directive], start: int = 0
) -> list[Problem]:
    """Return each percentage, decimal or "n times" that nothing stands behind."""
    text = _only_prose(source.text, directives)
    return [_problem(source, found) for found in TYPED.finditer(text, start)]


def typed_numbers_between(source: Source, start: int, end: int) -> list[Problem]:
    """Do the same for a stretch of plain text, such as a value of the front matter."""
    found = TYPED.finditer(source.text, start, end)
    return [_problem(source, one) for one in found]


def _problem(source: Source, found: re.Match[str]) -> Problem:
    what = f"number typed in prose: {' '.join(found.group().split())!r}"
    return source.problem(found.start(), what, _HINT)


def _only_prose(text: str, directives: Iterable[Directive]) -> str:
    """Blank what is not prose, or is a claim with sources; offsets stay."""
    signs = list(text)

    def blank(start: int, end: int, sign: str) -> None:
        signs[start:end] = sign * (end - start)

    for one in directives:
        sourced = (
            isinstance(one, Claim | Heading)
            and one.evidence is not None
            and one.evidence.kind != "shown"
        )
        if isinstance(one, Heading) and not sourced:
            blank(one.inner_end, one.end, " ")
        elif sourced or not isinstance(one, SPANS) or text[one.start] == "<":
            blank(one.start, one.end, _NOTHING)
        elif isinstance(one, Claim | Styled | Link):
            blank(one.start, one.start + 1, " ")
            blank(one.inner_end, one.end, " ")
    return "".join(signs)


def written(value: float, shape: str) -> str:
    """Write a number: ``-0.49`` with a true minus, ``7.9 %``, ``1.2 × 10⁻⁵``."""
    text = formatted(value, shape)
    if "e" in text:
        digits, power = text.split("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{digits} × 10{raised}"
    return with_true_minus(text).replace("%", f"{NARROW_SPACE}%")


def interval(estimate: Estimate, shape: str) -> str:
    """Write the interval and the repeats, or nothing for an exact number."""
    if estimate.low == estimate.high:
        return ""
    low, high = written(estimate.low, shape), written(estimate.high, shape)
    repeats = f"{estimate.repeats} repeat{'' if estimate.repeats == 1 else 's'}"
    return f"95{NARROW_SPACE}% interval {low} to {high}, {repeats}"


def quoted(quote: Quote, estimate: Estimate) -> str:
    """Return the HTML of a fact in the text: ``7.9 % (7.6 to 8.2 %)``."""
    shape = quote.format
    value = written(float(getattr(estimate, quote.field)), shape)
    spread = interval(estimate, shape) if quote.field == "value" else ""
    title = f' title="{escape(spread)}"' if spread else ""
    if quote.interval and spread:
        low, high = written(estimate.low, shape), written(estimate.high, shape)
        low = low.removesuffix(f"{NARROW_SPACE}%")
        value += f' <span class="spread">({low} to {high})</span>'
    return f'<span class="fact"{title}>{value}</span>'
