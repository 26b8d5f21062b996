"""Inequalities on facts: the part of a claim that a machine can check.

An expression is a comparison or several joined by ``and``::

    dropout-ridge.slope_at_half.high < -0.4 and 0 < dropout-ridge.slope.repeats

A name is ``experiment.fact`` with ``.value`` (assumed), ``.low``, ``.high`` or
``.repeats``. A hyphen that stands between letters before a dot is part of the name.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ht_sim.estimates import Estimate

FIELDS = ("value", "low", "high", "repeats")
NAME = (
    r"(?P<fact>[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*\.[A-Za-z_]\w*)"
    r"(?:\.(?P<field>\w+))?"
)
_TOKEN = re.compile(
    rf"(?P<name>{NAME})|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))"
    r"|(?P<word>[^\W\d]\w*)|(?P<operator><=|>=|[-+*/()<>])|(?P<space>\s+)",
    re.ASCII,
)
_COMPARE: Mapping[type[ast.cmpop], tuple[str, Callable[[float, float], bool]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
_ARITHMETIC: Mapping[
    type[ast.operator], tuple[str, Callable[[float, float], float]]
] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
}
LONGEST = 500  # characters of an expression
_GRAMMAR = "comparisons of facts and numbers with < <= > >= and + - * / abs()"


class ClaimError(ValueError):
    """An expression that cannot be read; ``offset`` counts in the expression."""

    def __init__(self, offset: int, what: str, expected: str = _GRAMMAR) -> None:
        super().__init__(what)
        self.offset, self.what, self.expected = offset, what, expected


@dataclass(frozen=True)
class Name:
    """A fact and the one number of it that is meant, at an offset."""

    fact: str
    field: str
    offset: int

    def of(self, facts: Mapping[str, Estimate]) -> float:
        """Return the number, a KeyError if there is no such fact."""
        return float(getattr(facts[self.fact], self.field))


@dataclass(frozen=True)
class Inequality:
    """A parsed expression: its comparisons, and the names in the order written."""

    comparisons: tuple[ast.Compare, ...]
    names: Mapping[str, Name]

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts it rests on, once each, in order."""
        return tuple(dict.fromkeys(name.fact for name in self.names.values()))

    def holds(self, facts: Mapping[str, Estimate]) -> bool:
        """Say whether every comparison is true; dividing by zero makes it false."""
        values = {key: name.of(facts) for key, name in self.names.items()}
        try:
            return all(_compare(node, values) for node in self.comparisons)
        except ZeroDivisionError:
            return False

    def comparative(self, facts: Mapping[str, Estimate]) -> tuple[str, ...]:
        """Return those of its facts that are paired differences."""
        return tuple(name for name in self.facts if facts[name].paired)

    def with_values(self, facts: Mapping[str, Estimate]) -> str:
        """Write the expression with its values in it, as ``-0.37 < -0.4``."""
        values = {key: name.of(facts) for key, name in self.names.items()}
        return " and ".join(_write(node, values) for node in self.comparisons)


def parse(expression: str) -> Inequality:
    """Read an expression; raises ClaimError with an offset."""
    names: dict[str, Name] = {}
    start = len(expression) - len(expression.lstrip())
    expression = expression.strip()
    if len(expression) > LONGEST:
        raise ClaimError(start, f"an inequality of over {LONGEST} characters")
    try:
        return _parse(expression, names)
    except ClaimError as error:
        error.offset += start
        raise


def _parse(expression: str, names: dict[str, Name]) -> Inequality:
    plain = _plain_names(expression, names)
    try:
        tree = ast.parse(plain, mode="eval").body
    except SyntaxError as error:
        last = max(len(plain) - 1, 0)
        at = min(error.offset - 1, last) if error.offset else last
        raise ClaimError(at, f"cannot read the inequality {expression!r}") from None
    whole = isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
    parts = tree.values if whole and isinstance(tree, ast.BoolOp) else [tree]
    return Inequality(tuple(_comparison(part, names) for part in parts), names)


def holds(expression: str, facts: Mapping[str, Estimate]) -> bool:
    """Say whether an expression is true of the facts.

    Raises
    ------
    ClaimError : if it cannot be read
    KeyError : if a fact does not exist
    """
    return parse(expression).holds(facts)


def comparative_facts(
    expression: str, facts: Mapping[str, Estimate]
) -> tuple[str, ...]:
    """Return the paired differences that an expression rests on.

    With their arms swapped (``Estimate.swapped``) the expression must not hold.
    """
    return parse(expression).comparative(facts)


def _plain_names(expression: str, names: dict[str, Name]) -> str:
    """Put an identifier of the same length for each name, so that offsets stay."""
    pieces: list[str] = []
    at = 0
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        if token is None:
            raise ClaimError(at, f"unknown sign {expression[at]!r} in an inequality")
        text = token.group()
        if token["name"]:
            field = token["field"] or "value"
            if field not in FIELDS:
                listed = ", ".join(f".{known}" for known in FIELDS)
                raise ClaimError(token.start("field"), f"unknown part .{field}", listed)
            text = f"f{len(names)}".ljust(len(text), "_")
            names[text] = Name(token["fact"], field, token.start("fact"))
        elif token["word"] and text not in ("and", "abs"):
            raise ClaimError(at, f"unknown word {text!r} in an inequality")
        pieces.append(text if not token["space"] else " " * len(text))
        at = token.end()
    return "".join(pieces)


def _comparison(node: ast.expr, names: Mapping[str, Name]) -> ast.Compare:
    """Check one comparison against what is allowed."""
    if not isinstance(node, ast.Compare):
        raise ClaimError(node.col_offset, "not a comparison")
    for part in (node.left, *node.comparators):
        _check(part)
    used = (part for part in ast.walk(node) if isinstance(part, ast.Name))
    if not any(part.id in names for part in used):
        raise ClaimError(node.col_offset, "a claim must rest on a fact", "a fact in it")
    return node


def _check(node: ast.expr) -> None:
    match node:
        case ast.Constant(value=int() | float()):
            return
        case ast.Name(id=name) if name != "abs":
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _check(inner)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            _check(left)
            _check(node.right)
        case ast.Call(func=ast.Name(id="abs"), args=[inner], keywords=[]):
            _check(inner)
        case _:
            raise ClaimError(node.col_offset, "not allowed in an inequality")


def _number(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=sign, operand=inner):
            number = _number(inner, values)
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right):
            act = _ARITHMETIC[type(op)][1]
            return act(_number(left, values), _number(right, values))
        case ast.Call(args=[inner]):
            return abs(_number(inner, values))
    raise AssertionError(ast.dump(node))


def _compare(node: ast.Compare, values: Mapping[str, float]) -> bool:
    numbers = [_number(part, values) for part in (node.left, *node.comparators)]
    pairs = zip(node.ops, numbers, numbers[1:], strict=False)
    return all(_COMPARE[type(op)][1](left, right) for op, left, right in pairs)


def _write(node: ast.expr, values: Mapping[str, float]) -> str:
    """Write an expression with values in place of names."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            signs = [_COMPARE[type(op)][0] for op in ops]
            rest = (
                f" {sign} {_write(other, values)}"
                for sign, other in zip(signs, others, strict=True)
            )
            return _write(left, values) + "".join(rest)
        case ast.BinOp(left=left, op=op, right=right):
            sign = _ARITHMETIC[type(op)][0]
            return f"({_write(left, values)} {sign} {_write(right, values)})"
        case ast.Call(args=[inner]):
            return f"abs({_write(inner, values)})"
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            text = _write(inner, values)
            return f"-({text})" if text.startswith("-") else f"-{text}"
    return f"{_number(node, values):.6g}"
