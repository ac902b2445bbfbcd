"""The rule expression of a composite alarm: text -> tree, and what a tree may come to.

    rule := both ( "OR" both )*
    both := unit ( "AND" unit )*
    unit := "NOT" unit | "(" rule ")" | "TRUE" | "FALSE"
          | state "(" alarm ")"
          | "AT_LEAST" "(" number [ "%" ] "," [ "NOT" ] state "," "(" alarm ( "," alarm )* ")" ")"
    state := "ALARM" | "OK" | "INSUFFICIENT_DATA"

An alarm is a name or an ARN, with or without double quotes; within them a quote has a backslash ahead.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import assert_never

from .evaluation import State

_STATE = r"ALARM|OK|INSUFFICIENT_DATA"
_QUOTED = r"\"(?:\\\"|[^\"])*\""
_TOKEN = re.compile(
    rf"\s*(?:(?P<state>{_STATE})\s*\(\s*(?P<alarm>{_QUOTED}|[^\")(\s](?:[^\")(]*[^\")(\s])?)\s*\)"
    rf"|AT_LEAST\s*\(\s*(?P<least>[0-9]{{1,9}})\s*(?P<percent>%?)\s*,\s*(?P<negation>NOT\s+)?(?P<each>{_STATE})"
    rf"\s*,\s*\((?P<alarms>(?:{_QUOTED}|[^\")(])+)\)\s*\)"
    r"|(?P<word>AND|OR|NOT|TRUE|FALSE)\b|(?P<sign>[()]))",
    re.IGNORECASE,
)
_LISTED = re.compile(rf"\s*(?P<alarm>{_QUOTED}|[^\",\s](?:[^\",]*[^\",\s])?)\s*(?:,|$)")
_MOST_CHARACTERS = 10_240  # AWS's limit
_DEEPEST = 100  # AWS allows 100 alarms in a rule; one nested deeper than that is no honest one
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


@dataclass(frozen=True, slots=True)
class AtLeast:
    """True where so many of the operands are, or more."""

    least: int
    operands: tuple[Rule, ...]


Rule = InState | Constant | Not | And | Or | AtLeast


def parse_rule(text: str, *, left_to_right: bool = False) -> Rule:
    """Raises RuleSyntaxError.

    AWS doesn't say whether AND binds before OR; `left_to_right` is the reading in which it doesn't.
    """
    if len(text) > _MOST_CHARACTERS:
        raise RuleSyntaxError("longer than AWS allows", text, (_MOST_CHARACTERS, _MOST_CHARACTERS + 1))
    parser = _Parser(text, left_to_right=left_to_right)
    rule = parser.rule()
    parser.expect_end()
    return rule


def alarms_of(rule: Rule) -> tuple[str, ...]:
    """The alarms that the rule names, as it spells them, each once."""
    return tuple(dict.fromkeys(part.alarm for part in _parts_first(rule) if isinstance(part, InState)))


def possible_values(rule: Rule, states: Mapping[str, frozenset[State]]) -> frozenset[bool]:
    """What the rule may come to when each alarm is in any of the states given.

    Exact for rules of few alarms; for others it may hold a value more than can happen.
    """
    names = alarms_of(rule)
    parts = _parts_first(rule)
    values = _independent(parts, states)
    if len(values) == 1 or prod(len(states[name]) for name in names) > _MOST_COMBINATIONS:
        return values
    combinations = product(*(states[name] for name in names))
    return frozenset().union(*(_independent(parts, _certain(names, chosen)) for chosen in combinations))


def _certain(names: tuple[str, ...], chosen: tuple[State, ...]) -> dict[str, frozenset[State]]:
    return {name: frozenset({state}) for name, state in zip(names, chosen, strict=True)}


def _independent(parts: list[Rule], states: Mapping[str, frozenset[State]]) -> frozenset[bool]:
    """As if the parts of the rule had nothing to do with each other; exact for states that are certain."""
    values: dict[int, frozenset[bool]] = {}
    for part in parts:
        match part:
            case InState(state, alarm):
                value = frozenset(each is state for each in states[alarm])
            case Constant(constant):
                value = frozenset({constant})
            case Not(operand):
                value = frozenset(not each for each in values[id(operand)])
            case And(operands):
                value = _joined([values[id(each)] for each in operands], neutral=True)
            case Or(operands):
                value = _joined([values[id(each)] for each in operands], neutral=False)
            case AtLeast(least, operands):
                parts_values = [values[id(each)] for each in operands]
                surely = sum(each == {True} for each in parts_values)
                possibly = sum(True in each for each in parts_values)
                value = frozenset({surely >= least, possibly >= least})
            case other:
                assert_never(other)
        values[id(part)] = value
    return values[id(parts[-1])]


def _joined(parts: list[frozenset[bool]], *, neutral: bool) -> frozenset[bool]:
    values = set()
    if all(neutral in part for part in parts):
        values.add(neutral)
    if any((not neutral) in part for part in parts):
        values.add(not neutral)
    return frozenset(values)


def _parts_first(rule: Rule) -> list[Rule]:
    """The rule's parts from left to right, each before the one that it is a part of.

    By a stack of its own: read from left to right, a long rule is deeper than Python's.
    """
    found: list[Rule] = []
    waiting = [rule]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting += _operands(part)
    return found[::-1]


def _operands(rule: Rule) -> tuple[Rule, ...]:
    match rule:
        case InState() | Constant():
            return ()
        case Not(operand):
            return (operand,)
        case And(operands) | Or(operands) | AtLeast(_, operands):
            return operands
        case other:
            assert_never(other)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    span: tuple[int, int]
    leaf: InState | AtLeast | None = None


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
        """unit := "NOT" unit | "(" rule ")" | "TRUE" | "FALSE" | state "(" alarm ")" | "AT_LEAST" ..."""
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
            yield _Token("state", span, InState(State(found["state"].upper()), _name(found["alarm"])))
        elif found["least"]:
            yield _Token("state", span, _at_least(found, source, span))
        else:
            yield _Token((found["word"] or found["sign"]).upper(), span)
        position = found.end()
    yield _Token("", (len(source), len(source) + 1))


def _at_least(found: re.Match[str], source: str, span: tuple[int, int]) -> AtLeast:
    """A percentage is of the alarms listed; a NOT ahead of the state is of each alarm's."""
    names: list[str] = []
    position = 0
    while position < len(found["alarms"]):
        listed = _LISTED.match(found["alarms"], position)
        if not listed:
            raise RuleSyntaxError("expected names of alarms with commas between them", source, span)
        names.append(_name(listed["alarm"]))
        position = listed.end()
    state = State(found["each"].upper())
    operands: list[Rule] = [InState(state, name) for name in names]
    if found["negation"]:
        operands = [Not(each) for each in operands]
    least = int(found["least"])
    return AtLeast(-(-least * len(names) // 100) if found["percent"] else least, tuple(operands))


def _name(text: str) -> str:
    return text[1:-1].replace('\\"', '"') if text.startswith('"') else text
