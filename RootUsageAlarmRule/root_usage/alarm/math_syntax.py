"""Metric math, text -> tree.

    expression := sum ( ("<=" | ">=" | "==" | "!=" | "<" | ">") sum )?
    sum        := product ( ("+" | "-") product )*
    product    := unit ( ("*" | "/") unit )*
    unit       := "-" unit | number | id | "(" expression ")" | call | "[" expression ("," expression)* "]"
    call       := NAME "(" ( expression ("," expression)* )? ")"

What this rule doesn't decide at all (SELECT ..., anomaly detection bands ...) raises MathUnproven here
already; which functions it does decide is `math`'s business.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import assert_never

from ..verdict.findings import quote

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/()\[\],<>]))"
)
COMPARISON_SIGNS = ("<=", ">=", "==", "!=", "<", ">")
_KNOWN_BY_NAME = {
    "ANOMALY_DETECTION_BAND": "an anomaly detection band",
    "INSIGHT_RULE": "a Contributor Insights rule",
    "SEARCH": "a SEARCH expression",
}
_MOST_CHARACTERS = 2_048  # AWS's limit
_DEEPEST = 50  # no honest expression nests deeper


class MathUnproven(Exception):
    """The expression holds something whose outcome isn't computed here; says what."""


class MathSyntaxError(MathUnproven):
    """Not an expression of the grammar above."""

    def __init__(self, message: str, source: str, span: tuple[int, int]) -> None:
        super().__init__(message)
        self.source = source
        self.span = span


@dataclass(frozen=True, slots=True)
class Number:
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


@dataclass(frozen=True, slots=True)
class Series:
    """`[m1, m2]`: several time series."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Expression, ...]


Expression = Number | Reference | Negated | Operation | Series | Call


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
    parser.expect_end()
    return expression


def calls(expression: Expression) -> frozenset[str]:
    """The names of the functions that the expression calls."""
    return frozenset(part.function for part in _parts(expression) if isinstance(part, Call))


def references(expression: Expression) -> frozenset[str]:
    """The ids that the expression names, and what else looks like one (FILL's REPEAT)."""
    return frozenset(part.query_id for part in _parts(expression) if isinstance(part, Reference))


def _parts(expression: Expression) -> Iterator[Expression]:
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case Number() | Reference():
                pass
            case Negated(operand):
                waiting.append(operand)
            case Operation(first, more):
                waiting += [first, *(operand for _, operand in more)]
            case Series(parts) | Call(_, parts):
                waiting += parts
            case other:
                assert_never(other)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    span: tuple[int, int]


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(_tokens(source))
        self.position = 0
        self.depth = 0

    def expression(self) -> Expression:
        """expression := sum ( comparison sum )?"""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise MathUnproven("an expression nested that deeply")
        left = self._sum()
        if self._peek().text in COMPARISON_SIGNS:
            sign = self._take().text
            left = Operation(left, ((sign, self._sum()),))
        self.depth -= 1
        return left

    def expect_end(self) -> None:
        if self._peek().kind != "end":
            raise self._error("the expression should end here")

    def _sum(self) -> Expression:
        """sum := product ( ("+" | "-") product )*"""
        return self._joined(self._product, ("+", "-"))

    def _product(self) -> Expression:
        """product := unit ( ("*" | "/") unit )*"""
        return self._joined(self._unit, ("*", "/"))

    def _joined(self, operand: Callable[[], Expression], signs: tuple[str, ...]) -> Expression:
        first = operand()
        more: list[tuple[str, Expression]] = []
        while self._peek().text in signs:
            sign = self._take().text
            more.append((sign, operand()))
        return Operation(first, tuple(more)) if more else first

    def _unit(self) -> Expression:
        """unit := "-" unit | number | id | "(" expression ")" | call | "[" ... "]" """
        token = self._peek()
        if token.text == "-":
            return self._negated()
        if token.kind == "number":
            return Number(float(self._take().text))
        if token.text == "(":
            self._take()
            inside = self.expression()
            self._expect(")")
            return inside
        if token.text == "[":
            self._take()
            return Series(self._list("]"))
        if token.kind == "name":
            return self._named()
        raise self._error("expected a number, an id or a function")

    def _negated(self) -> Expression:
        signs = 0
        while self._peek().text == "-":
            self._take()
            signs += 1
        operand = self._unit()
        return Negated(operand) if signs % 2 else operand

    def _named(self) -> Expression:
        """call := NAME "(" list ")"; REPEAT and LINEAR stay names, for FILL to see"""
        name = self._take().text
        if self._peek().text != "(":
            return Reference(name)
        self._take()
        if self._peek().text == ")":
            self._take()
            return Call(name, ())
        return Call(name, self._list(")"))

    def _list(self, closing: str) -> tuple[Expression, ...]:
        items = [self.expression()]
        while self._peek().text == ",":
            self._take()
            items.append(self.expression())
        self._expect(closing)
        return tuple(items)

    def _expect(self, text: str) -> None:
        if self._peek().text != text:
            raise self._error(f"expected `{text}`")
        self._take()

    def _peek(self) -> _Token:
        return self.tokens[self.position]

    def _take(self) -> _Token:
        self.position += 1
        return self.tokens[self.position - 1]

    def _error(self, message: str) -> MathSyntaxError:
        return MathSyntaxError(message, self.source, self._peek().span)


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while source[position:].strip():
        found = _TOKEN.match(source, position)
        if not found:
            place = len(source) - len(source[position:].lstrip())
            raise MathSyntaxError(f"unknown sign {quote(source[place])}", source, (place, place + 1))
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found[kind], found.span(kind)))
        position = found.end()
    return [*tokens, _Token("end", "", (len(source), len(source)))]
