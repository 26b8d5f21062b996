from __future__ import annotations

import pytest

from ht_sim.estimates import Estimate, exact
from ht_sim.publish.claims import ClaimError, comparative_facts, holds, parse

FACTS = {
    "dropout-ridge.slope_at_half": Estimate(-0.49, -0.51, -0.47, repeats=20),
    "bn.gain": Estimate(-0.2, -0.3, -0.1, repeats=5, paired=True),
    "one.n": exact(1),
}


@pytest.mark.parametrize(
    ("expression", "true"),
    [
        ("dropout-ridge.slope_at_half < -0.4", True),
        ("dropout-ridge.slope_at_half.high < -0.4", True),
        ("dropout-ridge.slope_at_half.high < -0.48", False),
        ("dropout-ridge.slope_at_half.low > -0.5", False),
        ("dropout-ridge.slope_at_half.repeats >= 20", True),
        ("dropout-ridge.slope_at_half.repeats > 20", False),
        ("-1 < bn.gain.low < bn.gain < bn.gain.high < 0", True),
        ("-1 < bn.gain.low < -0.35", False),
        ("bn.gain < 0 and one.n <= 1", True),
        ("bn.gain < 0 and one.n < 1", False),
        ("abs(bn.gain - -0.2) < 1e-9", True),
        ("2 * one.n + 1 >= 3 / one.n", True),
        ("(one.n + 1) * 2 <= 3", False),
        ("one.n / 0 > 0", False),
        ("  one.n\n<\t2  ", True),
        ("+one.n > .5", True),
    ],
)
def test_an_expression_is_true_or_false(expression: str, true: bool) -> None:
    assert holds(expression, FACTS) is true


def test_a_hyphen_in_a_name_is_no_minus() -> None:
    assert parse("a-b.c - 1 < 2").facts == ("a-b.c",)
    assert parse("1-a.b < 2").facts == ("a.b",)


def test_a_fact_that_is_missing_is_not_false_but_an_error() -> None:
    with pytest.raises(KeyError, match=r"no\.fact"):
        holds("no.fact < 1", FACTS)


def test_names_have_their_place_and_facts_come_once() -> None:
    parsed = parse(" bn.gain.high < 0 and one.n < bn.gain")
    assert parsed.facts == ("bn.gain", "one.n")
    assert [name.offset for name in parsed.names.values()] == [0, 21, 29]


def test_values_are_shown_in_the_expression() -> None:
    text = "abs(bn.gain.low) - 2 * one.n <= 0 < -bn.gain and one.n < 2"
    said = "(abs(-0.3) - (2 * 1)) <= 0 < -(-0.2) and 1 < 2"
    assert parse(text).with_values(FACTS) == said


def test_swapping_the_arms_breaks_a_comparison() -> None:
    expression = "bn.gain.high < 0 and one.n < 2"
    assert comparative_facts(expression, FACTS) == ("bn.gain",)
    swapped = {name: FACTS[name].swapped() for name in ("bn.gain",)}
    assert holds(expression, FACTS)
    assert not holds(expression, FACTS | swapped)


@pytest.mark.parametrize(
    ("expression", "offset", "what"),
    [
        ("", 0, "cannot read the inequality ''"),
        ("3 < 4", 0, "a claim must rest on a fact"),
        ("one.n < 2 and 3 < 4", 14, "a claim must rest on a fact"),
        ("one.n", 0, "not a comparison"),
        ("one.n < 2 and one.n", 14, "not a comparison"),
        ("one.n == 1", 6, "unknown sign '=' in an inequality"),
        ("one.n != 1", 6, "unknown sign '!' in an inequality"),
        ("one.n ≤ 1", 6, "unknown sign '≤' in an inequality"),
        ("one.n < 2 or one.n > 3", 10, "unknown word 'or' in an inequality"),
        ("not one.n < 2", 0, "unknown word 'not' in an inequality"),
        ("__import__('os') < one.n", 0, "unknown word '__import__' in an inequality"),
        ("one.n < 2 if one.n else 3", 10, "unknown word 'if' in an inequality"),
        ("one.n.middle < 2", 6, "unknown part .middle"),
        ("one.n.low.low < 2", 9, "unknown sign '.' in an inequality"),
        ("one.n ** 2 < 2", 0, "not allowed in an inequality"),
        ("2 < one.n // 2", 4, "not allowed in an inequality"),
        ("one.n(2) < 2", 0, "not allowed in an inequality"),
        ("abs(one.n, 2) < 2", 9, "unknown sign ',' in an inequality"),
        ("abs < one.n", 0, "not allowed in an inequality"),
        ("(one.n < 2) < 3", 1, "not allowed in an inequality"),
        ("one.n < (1, 2)", 10, "unknown sign ',' in an inequality"),
        ("one.n <", 6, "cannot read the inequality 'one.n <'"),
        ("  (one.n < 2", 2, "cannot read the inequality '(one.n < 2'"),
        ("one.n < 2) and (3 < one.n", 9, "cannot read the inequality"),
        ("one.n < 1and one.n > 0", 8, "unknown sign '1' in an inequality"),
        (" " + "(" * 501, 1, "an inequality of over 500 characters"),
        ("-" * 300 + "(" * 190 + "one.n", 0, "cannot read the inequality"),
    ],
)
def test_what_is_not_an_inequality_is_refused(
    expression: str, offset: int, what: str
) -> None:
    with pytest.raises(ClaimError) as error:
        parse(expression)
    assert error.value.what.startswith(what)
    if expression[:1] != "-":
        assert error.value.offset == offset
