"""Metric math, text -> tree.

    expression := comparison ( ("AND" | "&&") comparison )* | comparison ( ("OR" | "||") comparison )*
    comparison := sum ( ("<=" | ">=" | "==" | "!=" | "<" | ">") sum )?
    sum        := product ( ("+" | "-") product )*
    product    := unit ( ("*" | "/") unit )*
    unit       := "-" unit | number | id | "(" expression ")" | call | "[" expression ("," expression)* "]"
    call       := NAME "(" ( expression ("," expression)* )? ")"

What this rule doesn't decide at all (SELECT ..., anomaly detection bands ...) raises MathUnproven here
already; which functions it does decide is `math`'s business. AWS's page doesn't say which of AND and OR
binds closer.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from ..text.syntax_error import TextSyntaxError
from ..text.tokenizer import Tokenizer
from ..verdict.findings import quote

_RULES = {
    name: re.compile(rule)
    for name, rule in {
        "end": r"\Z",
        "number": r"[0-9]+(\.[0-9]*)?|\.[0-9]+",
        "name": r"[A-Za-z][A-Za-z0-9_]*",
        "comparison": r"<=|>=|==|!=|<|>",
        "logical": r"(?:AND|OR)\b|&&|\|\|",
        "additive": r"[-+]",
        "multiplicative": r"[*/]",
        "minus": r"-",
        "unknown": r"[^\w\s.()\[\],<>=!+*/-]",
        **{sign: re.escape(sign) for sign in "()[],"},
    }.items()
}
COMPARISON_SIGNS = ("<=", ">=", "==", "!=", "<", ">")
LOGICAL_SIGNS = ("AND", "OR", "&&", "||")
_KNOWN_BY_NAME = {
    "ANOMALY_DETECTION_BAND": "an anomaly detection band",
    "INSIGHT_RULE": "a Contributor Insights rule",
    "SEARCH": "a SEARCH expression",
}
_MOST_CHARACTERS = 2_048  # AWS's limit
_DEEPEST = 50  # no honest expression nests deeper


class MathUnproven(Exception):
    """The expression holds something whose outcome isn't computed here; says what."""


class MathSyntaxError(TextSyntaxError, MathUnproven):
    """Not an expression of the grammar above."""


@dataclass(frozen=True, slots=True)
class Scalar:
    value: float


@dataclass(frozen=True, slots=True)
class Reference:
    query_id: str


@dataclass(frozen=True, slots=True)
class Negated:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    """`first`, to which each sign joins one more, from left to right; all signs bind alike.

    In one piece, as an expression of AWS's greatest length has more signs than Python's stack frames.
    """

    first: Expression
    more: tuple[tuple[str, Expression], ...]

    @property
    def signs(self) -> frozenset[str]:
        return frozenset(sign for sign, _ in self.more)


@dataclass(frozen=True, slots=True)
class Series:
    """`[m1, m2]`: several time series."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    function: str
    arguments: tuple[Expression, ...]


Expression = Scalar | Reference | Negated | Operation | Series | FunctionCall


def parse_expression(text: str) -> Expression:
    """Raises MathUnproven for what isn't decided, MathSyntaxError for what isn't understood."""
    if len(text) > _MOST_CHARACTERS:
        raise MathUnproven(f"an expression of more than {_MOST_CHARACTERS} characters")
    if re.match(r"\s*SELECT\b", text, re.IGNORECASE):
        raise MathUnproven("a Metrics Insights query")
    for name, what in _KNOWN_BY_NAME.items():
        if re.search(rf"\b{name}\b", text):
            raise MathUnproven(what)
    parser = _Parser(text)
    expression = parser.expression()
    if sign := parser.tokens.accept("unknown"):
        parser.tokens.fail(f"unknown sign {quote(sign.text)}", sign.span)
    parser.tokens.expect("end", "the expression should end here")
    return expression


def calls(expression: Expression) -> frozenset[str]:
    """The names of the functions that the expression calls."""
    return frozenset(part.function for part in _parts(expression) if isinstance(part, FunctionCall))


def references(expression: Expression) -> frozenset[str]:
    """The ids that the expression names, and what else looks like one (FILL's REPEAT)."""
    return frozenset(part.query_id for part in _parts(expression) if isinstance(part, Reference))


def _parts(expression: Expression) -> Iterator[Expression]:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case Scalar() | Reference():
                pass
            case Negated(operand):
                waiting.append(operand)
            case Operation(first, more):
                waiting += [first, *(operand for _, operand in more)]
            case Series(parts) | FunctionCall(_, parts):
                waiting += parts
            case other:
                assert_never(other)


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens = Tokenizer(source, _RULES, MathSyntaxError)
        self.depth = 0

    def expression(self) -> Expression:
        """expression := comparison ( logical comparison )*"""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise MathUnproven("an expression nested that deeply")
        whole = self._joined(self._comparison, "logical")
        if isinstance(whole, Operation) and {"AND", "&&"} & (signs := whole.signs) and {"OR", "||"} & signs:
            raise MathUnproven("AND beside OR without parentheses")
        self.depth -= 1
        return whole

    def _comparison(self) -> Expression:
        """comparison := sum ( comparison sum )?"""
        left = self._sum()
        if sign := self.tokens.accept("comparison"):
            return Operation(left, ((sign.text, self._sum()),))
        return left

    def _sum(self) -> Expression:
        """sum := product ( ("+" | "-") product )*"""
        return self._joined(self._product, "additive")

    def _product(self) -> Expression:
        """product := unit ( ("*" | "/") unit )*"""
        return self._joined(self._unit, "multiplicative")

    def _joined(self, operand: Callable[[], Expression], signs: str) -> Expression:
        first = operand()
        more: list[tuple[str, Expression]] = []
        while sign := self.tokens.accept(signs):
            more.append((sign.text, operand()))
        return Operation(first, tuple(more)) if more else first

    def _unit(self) -> Expression:
        """unit := "-" unit | number | id | "(" expression ")" | call | "[" ... "]" """
        if self.tokens.sees("minus"):
            return self._negated()
        if number := self.tokens.accept("number"):
            return Scalar(float(number.text))
        if self.tokens.accept("("):
            inside = self.expression()
            self.tokens.expect(")", "expected `)`")
            return inside
        if self.tokens.accept("["):
            return Series(self._list("]"))
        return self._named(self.tokens.expect("name", "expected a number, an id or a function").text)

    def _negated(self) -> Expression:
        signs = 0
        while self.tokens.accept("minus"):
            signs += 1
        operand = self._unit()
        return Negated(operand) if signs % 2 else operand

    def _named(self, name: str) -> Expression:
        """call := NAME "(" list ")"; REPEAT and LINEAR stay names, for FILL to see"""
        if not self.tokens.accept("("):
            return Reference(name)
        return FunctionCall(name, () if self.tokens.accept(")") else self._list(")"))

    def _list(self, closing: str) -> tuple[Expression, ...]:
        items = [self.expression()]
        while self.tokens.accept(","):
            items.append(self.expression())
        self.tokens.expect(closing, f"expected `{closing}`")
        return tuple(items)
