"""The rule expression of a composite alarm: text -> tree, and what a tree may come to.

    rule := both ( "OR" both )*
    both := unit ( "AND" unit )*
    unit := "NOT" unit | "(" rule ")" | "TRUE" | "FALSE"
          | ( "ALARM" | "OK" | "INSUFFICIENT_DATA" ) "(" alarm ")"

An alarm is a name or an ARN, with or without double quotes.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import assert_never

from .evaluation import State

_TOKEN = re.compile(
    r"\s*(?:(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\")(]+?))\s*\)"
    r"|(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<sign>[()]))",
    re.IGNORECASE,
)
_DEEPEST = 200  # AWS allows 500 elements; a rule nested deeper than this is no honest one
_MOST_COMBINATIONS = 256


class RuleSyntaxError(Exception):
    """Not a rule expression; printed with the place under the text."""

    def __init__(self, message: str, source: str, span: tuple[int, int]) -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.span = span

    def __str__(self) -> str:
        start, end = self.span
        return f"{self.message}\n    {self.source}\n    {' ' * start}^{'~' * (end - start - 1)}"


@dataclass(frozen=True, slots=True)
class InState:
    state: State
    alarm: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    operand: Rule


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Rule, ...]


Rule = InState | Constant | Not | And | Or


def parse_rule(text: str, *, left_to_right: bool = False) -> Rule:
    """Raises RuleSyntaxError.

    AWS doesn't say whether AND binds before OR; `left_to_right` is the reading in which it doesn't.
    """
    parser = _Parser(text, left_to_right=left_to_right)
    rule = parser.rule()
    parser.expect_end()
    return rule


def alarms_of(rule: Rule) -> tuple[str, ...]:
    """The alarms that the rule names, as it spells them, each once."""
    return tuple(dict.fromkeys(_names(rule)))


def possible_values(rule: Rule, states: Mapping[str, frozenset[State]]) -> frozenset[bool]:
    """What the rule may come to when each alarm is in any of the states given.

    Exact for rules of few alarms; for others it may hold a value more than can happen.
    """
    names = alarms_of(rule)
    combinations = 1
    for name in names:
        combinations *= len(states[name])
    if combinations > _MOST_COMBINATIONS:
        return _independent(rule, states)
    values = (
        holds(rule, dict(zip(names, chosen, strict=True)))
        for chosen in product(*(states[name] for name in names))
    )
    return frozenset(values)


def holds(rule: Rule, states: Mapping[str, State]) -> bool:
    match rule:
        case InState(state, alarm):
            return states[alarm] is state
        case Constant(value):
            return value
        case Not(operand):
            return not holds(operand, states)
        case And(operands):
            return all(holds(each, states) for each in operands)
        case Or(operands):
            return any(holds(each, states) for each in operands)
        case other:
            assert_never(other)


def _independent(rule: Rule, states: Mapping[str, frozenset[State]]) -> frozenset[bool]:
    """As if the parts of the rule had nothing to do with each other."""
    match rule:
        case InState(state, alarm):
            return frozenset(each is state for each in states[alarm])
        case Constant(value):
            return frozenset({value})
        case Not(operand):
            return frozenset(not value for value in _independent(operand, states))
        case And(operands):
            return _joined([_independent(each, states) for each in operands], neutral=True)
        case Or(operands):
            return _joined([_independent(each, states) for each in operands], neutral=False)
        case other:
            assert_never(other)


def _joined(parts: list[frozenset[bool]], *, neutral: bool) -> frozenset[bool]:
    values = set()
    if all(neutral in part for part in parts):
        values.add(neutral)
    if any((not neutral) in part for part in parts):
        values.add(not neutral)
    return frozenset(values)


def _names(rule: Rule) -> Iterator[str]:
    match rule:
        case InState(_, alarm):
            yield alarm
        case Constant():
            return
        case Not(operand):
            yield from _names(operand)
        case And(operands) | Or(operands):
            for each in operands:
                yield from _names(each)
        case other:
            assert_never(other)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    span: tuple[int, int]
    leaf: InState | None = None


class _Parser:
    def __init__(self, source: str, *, left_to_right: bool) -> None:
        self.source = source
        self.left_to_right = left_to_right
        self.tokens = list(_tokens(source))
        self.position = 0
        self.depth = 0

    def rule(self) -> Rule:
        """rule := both ( "OR" both )*"""
        if self.left_to_right:
            return self._chain()
        operands = [self._both()]
        while self._peek().text == "OR":
            self._take()
            operands.append(self._both())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _chain(self) -> Rule:
        """rule := unit ( ( "AND" | "OR" ) unit )*"""
        left = self._unit()
        while (word := self._peek().text) in ("AND", "OR"):
            self._take()
            operands = (left, self._unit())
            left = And(operands) if word == "AND" else Or(operands)
        return left

    def expect_end(self) -> None:
        if self._peek().text:
            raise self._error("expected AND, OR or the end of the rule")

    def _both(self) -> Rule:
        """both := unit ( "AND" unit )*"""
        operands = [self._unit()]
        while self._peek().text == "AND":
            self._take()
            operands.append(self._unit())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _unit(self) -> Rule:
        """unit := "NOT" unit | "(" rule ")" | "TRUE" | "FALSE" | state "(" alarm ")" """
        token = self._peek()
        if token.leaf:
            self._take()
            return token.leaf
        if token.text in ("TRUE", "FALSE"):
            self._take()
            return Constant(token.text == "TRUE")
        if token.text not in ("NOT", "("):
            raise self._error("expected the state of an alarm")
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self._error("nested too deeply")
        self._take()
        inside: Rule = Not(self._unit()) if token.text == "NOT" else self._parenthesized()
        self.depth -= 1
        return inside

    def _parenthesized(self) -> Rule:
        inside = self.rule()
        if self._peek().text != ")":
            raise self._error("expected `)`")
        self._take()
        return inside

    def _peek(self) -> _Token:
        return self.tokens[self.position]

    def _take(self) -> None:
        self.position += 1

    def _error(self, message: str) -> RuleSyntaxError:
        return RuleSyntaxError(message, self.source, self._peek().span)


def _tokens(source: str) -> Iterator[_Token]:
    position = 0
    while source[position:].strip():
        start = len(source) - len(source[position:].lstrip())
        found = _TOKEN.match(source, position)
        if not found:
            raise RuleSyntaxError("expected the state of an alarm", source, (start, start + 1))
        span = (start, found.end())
        if found["state"]:
            name = found["quoted"] if found["quoted"] is not None else found["bare"]
            yield _Token("state", span, InState(State(found["state"].upper()), name))
        else:
            yield _Token((found["word"] or found["sign"]).upper(), span)
        position = found.end()
    yield _Token("", (len(source), len(source) + 1))
