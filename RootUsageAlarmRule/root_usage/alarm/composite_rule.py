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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import assert_never

from ..text.syntax_error import TextSyntaxError
from ..text.tokenizer import Token, Tokenizer
from ..work import spend
from .evaluation import StateValue

_STATE = r"ALARM|OK|INSUFFICIENT_DATA"
_QUOTED = r"\"(?:\\\"|[^\"])*\""
_RULES = {
    name: re.compile(rule, re.IGNORECASE)
    for name, rule in {
        "end": r"\Z",
        "and": r"AND\b",
        "or": r"OR\b",
        "not": r"NOT\b",
        "constant": r"(TRUE|FALSE)\b",
        "open": r"\(",
        "close": r"\)",
        "state": rf"(?P<state>{_STATE})\s*\(\s*(?P<alarm>{_QUOTED}|[^\")(\s](?:[^\")(]*[^\")(\s])?)\s*\)",
        "at least": r"AT_LEAST\s*\(\s*(?P<least>[0-9]{1,9})\s*(?P<percent>%?)\s*,"
        rf"\s*(?P<negation>NOT\s+)?(?P<state>{_STATE})\s*,\s*\((?P<alarms>(?:{_QUOTED}|[^\")(])+)\)\s*\)",
    }.items()
}
_LISTED = re.compile(rf"\s*(?P<alarm>{_QUOTED}|[^\",\s](?:[^\",]*[^\",\s])?)\s*(?:,|$)")
_MOST_CHARACTERS = 10_240  # AWS's limit
_DEEPEST = 100  # AWS allows 100 alarms in a rule; one nested deeper than that is no honest one
_MOST_COMBINATIONS = 256

_PARTS_IN_A_STEP = 2


class RuleSyntaxError(TextSyntaxError):
    """Not a rule expression."""


@dataclass(frozen=True, slots=True)
class InState:
    state: StateValue
    alarm: str


@dataclass(frozen=True, slots=True)
class Always:
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


Rule = InState | Always | Not | And | Or | AtLeast


@lru_cache(maxsize=256)
def parse_rule(text: str, *, left_to_right: bool = False) -> Rule:
    """Raises RuleSyntaxError.

    AWS doesn't say whether AND binds before OR; `left_to_right` is the reading in which it doesn't.
    """
    if len(text) > _MOST_CHARACTERS:
        raise RuleSyntaxError("longer than AWS allows", text, (_MOST_CHARACTERS, _MOST_CHARACTERS + 1))
    parser = _Parser(text, left_to_right=left_to_right)
    rule = parser.rule()
    parser.tokens.expect("end", "expected AND, OR or the end of the rule")
    return rule


def alarms_of(rule: Rule) -> tuple[str, ...]:
    """The alarms that the rule names, as it spells them, each once."""
    return _alarms_in(_parts_first(rule))


def _alarms_in(parts: list[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.alarm for part in parts if isinstance(part, InState)))


def possible_values(rule: Rule, states: Mapping[str, frozenset[StateValue]]) -> frozenset[bool]:
    """What the rule may come to when each alarm is in any of the states given.

    Exact for rules of few alarms; for others it may hold a value more than can happen.
    """
    parts = _parts_first(rule)
    names = _alarms_in(parts)
    values = _independent(parts, states)
    if len(values) == 1 or prod(len(states[name]) for name in names) > _MOST_COMBINATIONS:
        return values
    combinations = product(*(states[name] for name in names))
    return frozenset().union(*(_independent(parts, _certain(names, chosen)) for chosen in combinations))


def _certain(names: tuple[str, ...], chosen: tuple[StateValue, ...]) -> dict[str, frozenset[StateValue]]:
    return {name: frozenset({state}) for name, state in zip(names, chosen, strict=True)}


def _independent(parts: list[Rule], states: Mapping[str, frozenset[StateValue]]) -> frozenset[bool]:
    """As if the parts of the rule had nothing to do with each other; exact for states that are certain."""
    spend(1 + len(parts) // _PARTS_IN_A_STEP)
    values: dict[int, frozenset[bool]] = {}
    for part in parts:
        match part:
            case InState(state, alarm):
                value = frozenset(each is state for each in states[alarm])
            case Always(constant):
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
        case InState() | Always():
            return ()
        case Not(operand):
            return (operand,)
        case And(operands) | Or(operands) | AtLeast(_, operands):
            return operands
        case other:
            assert_never(other)


class _Parser:
    def __init__(self, source: str, *, left_to_right: bool) -> None:
        self.tokens = Tokenizer(source, _RULES, RuleSyntaxError)
        self.left_to_right = left_to_right
        self.depth = 0

    def rule(self) -> Rule:
        """rule := both ( "OR" both )*"""
        if self.left_to_right:
            return self._chain()
        operands = [self._both()]
        while self.tokens.accept("or"):
            operands.append(self._both())
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _chain(self) -> Rule:
        """rule := unit ( ( "AND" | "OR" ) unit )*"""
        left = self._unit()
        while True:
            if self.tokens.accept("and"):
                left = And((left, self._unit()))
            elif self.tokens.accept("or"):
                left = Or((left, self._unit()))
            else:
                return left

    def _both(self) -> Rule:
        """both := unit ( "AND" unit )*"""
        operands = [self._unit()]
        while self.tokens.accept("and"):
            operands.append(self._unit())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _unit(self) -> Rule:
        """unit := "NOT" unit | "(" rule ")" | "TRUE" | "FALSE" | state "(" alarm ")" | "AT_LEAST" ..."""
        if state := self.tokens.accept("state"):
            return InState(StateValue(state.parts["state"].upper()), _name(state.parts["alarm"]))
        if at_least := self.tokens.accept("at least"):
            return self._at_least(at_least)
        if constant := self.tokens.accept("constant"):
            return Always(constant.text.upper() == "TRUE")
        if negation := self.tokens.accept("not"):
            return Not(self._nested(negation, self._unit))
        opening = self.tokens.expect("open", "expected the state of an alarm")
        inside = self._nested(opening, self.rule)
        self.tokens.expect("close", "expected `)`")
        return inside

    def _nested(self, opening: Token, read: Callable[[], Rule]) -> Rule:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.tokens.fail("nested too deeply", opening.span)
        inside = read()
        self.depth -= 1
        return inside

    def _at_least(self, token: Token) -> AtLeast:
        """A percentage is of the alarms listed; a NOT ahead of the state is of each alarm's."""
        names: list[str] = []
        position = 0
        while position < len(token.parts["alarms"]):
            listed = _LISTED.match(token.parts["alarms"], position)
            if not listed:
                self.tokens.fail("expected names of alarms with commas between them", token.span)
            names.append(_name(listed["alarm"]))
            position = listed.end()
        state = StateValue(token.parts["state"].upper())
        operands: list[Rule] = [InState(state, name) for name in names]
        if token.parts["negation"]:
            operands = [Not(each) for each in operands]
        least = int(token.parts["least"])
        return AtLeast(-(-least * len(names) // 100) if token.parts["percent"] else least, tuple(operands))


def _name(text: str) -> str:
    return text[1:-1].replace('\\"', '"') if text.startswith('"') else text
