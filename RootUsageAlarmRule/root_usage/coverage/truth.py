"""What a pattern says about an event under every reading of what AWS leaves open, at once.

Filter patterns have no negation: their truth can only grow with their conditions'. So the least (and
the greatest) truth of each condition gives bounds for the whole pattern that no reading leaves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum, auto
from functools import lru_cache
from itertools import product
from typing import Any, assert_never

from ..filter_pattern.junctions import Junction, evaluate_junctions
from ..filter_pattern.matching import conditions, matches
from ..filter_pattern.reading import Reading, WildcardNotEqual
from ..filter_pattern.syntax import (
    And,
    AnyElement,
    AnyMember,
    Comparison,
    Condition,
    Element,
    Expression,
    FilterPattern,
    IpGlob,
    Is,
    JsonPattern,
    Member,
    NotExists,
    Number,
    Operand,
    Operator,
    Or,
    Regex,
    RegexPattern,
    Selector,
    SelectorStep,
    SpaceDelimitedPattern,
    Text,
    UnstructuredPattern,
)
from ..work import spend
from .budget import STEPS_OF_AN_EVALUATION
from .root_activity import ABSENT

DEFAULT = Reading()

# What it takes to search an event's text, and of an expression to search it for.
_STEPS_OF_A_TEXT, _CHARACTERS_IN_A_STEP = 10, 5


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether something holds under every reading, and whether it does under at least one."""

    surely: bool
    possibly: bool


_TRUE, _FALSE = Truth(surely=True, possibly=True), Truth(surely=False, possibly=False)


class ValueKind(Enum):
    """The kinds of values that AWS's rules tell apart."""

    ABSENT = auto()
    NULL = auto()
    BOOLEAN = auto()
    NUMBER = auto()
    STRING = auto()
    CONTAINER = auto()


def kind_of(value: Any) -> ValueKind:
    if value is ABSENT:
        return ValueKind.ABSENT
    if value is None:
        return ValueKind.NULL
    if isinstance(value, bool):
        return ValueKind.BOOLEAN
    if isinstance(value, str):
        return ValueKind.STRING
    return ValueKind.CONTAINER if isinstance(value, Mapping | list | tuple) else ValueKind.NUMBER


def truth_of_pattern(pattern: FilterPattern, event: dict[str, Any]) -> Truth:
    """The bounds of the pattern's truth."""
    match pattern:
        case JsonPattern(expression):
            return _truth_of_expression(expression, event)
        case UnstructuredPattern() | RegexPattern():
            # CloudTrail writes compact JSON today; nobody promised that it stays so.
            length = len(pattern.regex.source) if isinstance(pattern, RegexPattern) else 0
            spend(_STEPS_OF_A_TEXT + length // _CHARACTERS_IN_A_STEP)
            texts = (json.dumps(event, separators=(",", ":")), json.dumps(event))
            answers = {matches(pattern, text) for text in texts}
            return Truth(answers == {True}, True in answers)
        case SpaceDelimitedPattern():
            return Truth(surely=False, possibly=True)
        case other:
            assert_never(other)


def may_match(pattern: FilterPattern, event: dict[str, Any]) -> bool:
    """Whether the pattern is possibly true: without a look at conditions that don't matter any more."""
    if isinstance(pattern, JsonPattern):
        return _holds(pattern.expression, lambda condition: truth_of_condition(condition, event).possibly)
    return truth_of_pattern(pattern, event).possibly


def truth_of_condition(condition: Condition, event: dict[str, Any]) -> Truth:
    """The bounds of one condition's truth."""
    points = open_points_of(condition, kinds_picked(condition.selector, event))
    spend(STEPS_OF_AN_EVALUATION * len(readings_over(points)))
    return truth_over(points, JsonPattern(condition), event)


def truth_over(open_points: tuple[str, ...], pattern: JsonPattern, event: dict[str, Any]) -> Truth:
    """The bounds of the truth over all readings that differ in these points."""
    if not open_points:
        return _TRUE if matches(pattern, event) else _FALSE
    answers = {matches(pattern, event, reading) for reading in readings_over(open_points)}
    return Truth(answers == {True}, True in answers)


def open_points_of(condition: Condition, kinds: frozenset[ValueKind]) -> tuple[str, ...]:
    """The fields of Reading that this condition's truth can depend on, for values of these kinds."""
    table = points_by_kind(condition)
    found = [point for kind in kinds for point in table.get(kind, ())]
    if wildcard := _open_for_wildcard(condition):
        found.append(wildcard)
    return tuple(sorted(set(found)))


def points_by_kind(condition: Condition) -> Points:
    """The open points for a single value of each kind; a kind that isn't there has none."""
    match condition:
        case Is():
            return {}
        case NotExists(selector):
            return _NOT_EXISTS if len(selector.steps) > 1 else _NOT_EXISTS_AT_TOP
        case Comparison(_, operator, operand):
            return _COMPARISONS[_comparand(operand)][operator is Operator.NOT_EQUAL]
        case other:
            assert_never(other)


@lru_cache(maxsize=256)
def readings_over(open_points: tuple[str, ...]) -> tuple[Reading, ...]:
    """Every reading that differs from the default one in these points only; the default is the first."""
    choices = [ALTERNATIVES[point] for point in open_points]
    return tuple(
        replace(DEFAULT, **dict(zip(open_points, chosen, strict=True))) for chosen in product(*choices)
    )


def _alternatives(default: Any) -> tuple[Any, ...]:
    return tuple(WildcardNotEqual) if isinstance(default, WildcardNotEqual) else (default, not default)


ALTERNATIVES: dict[str, tuple[Any, ...]] = {
    field.name: _alternatives(getattr(DEFAULT, field.name)) for field in fields(Reading)
}

Points = Mapping[ValueKind, tuple[str, ...]]


class _Comparand(Enum):
    """What a comparison compares with, as far as open points go."""

    NUMBER = auto()
    TEXT = auto()
    TEXT_WITH_INNER_ASTERISK = auto()
    ASTERISK = auto()


def _comparand(operand: Operand) -> _Comparand:
    match operand:
        case Number():
            return _Comparand.NUMBER
        case Regex():
            return _Comparand.TEXT
        case Text(content) | IpGlob(content):
            if content in ("*", "**"):
                return _Comparand.ASTERISK
            return _Comparand.TEXT_WITH_INNER_ASTERISK if "*" in content[1:-1] else _Comparand.TEXT
        case other:
            assert_never(other)


_NOT_EXISTS_AT_TOP: Points = {
    ValueKind.NULL: ("not_exists_matches_null",),
    ValueKind.CONTAINER: ("not_exists_matches_containers",),
}
_NOT_EXISTS: Points = {
    **_NOT_EXISTS_AT_TOP,
    # Where the parent is absent so is the child, and "true if the field is absent" is all that AWS ever
    # said about NOT EXISTS: `not_exists_under_absent_parent` isn't open here. Covered says so in a note.
    ValueKind.ABSENT: ("not_exists_under_unfit_parent",),
}
_EQUAL: Mapping[_Comparand, Points] = {
    _Comparand.NUMBER: {ValueKind.STRING: ("number_matches_strings",)},
    _Comparand.TEXT: {
        ValueKind.BOOLEAN: ("text_matches_booleans",),
        ValueKind.NUMBER: ("text_matches_numbers",),
    },
    _Comparand.TEXT_WITH_INNER_ASTERISK: {
        ValueKind.BOOLEAN: ("text_matches_booleans", "inner_asterisk_is_wildcard"),
        ValueKind.NUMBER: ("text_matches_numbers", "inner_asterisk_is_wildcard"),
        ValueKind.STRING: ("inner_asterisk_is_wildcard",),
    },
    _Comparand.ASTERISK: {
        ValueKind.NULL: ("asterisk_matches_null",),
        ValueKind.BOOLEAN: ("asterisk_matches_booleans",),
        ValueKind.CONTAINER: ("asterisk_matches_containers",),
    },
}
_NOT_EQUAL: Points = {
    ValueKind.ABSENT: ("not_equal_matches_absent",),
    ValueKind.NULL: ("not_equal_matches_null",),
    ValueKind.BOOLEAN: ("not_equal_matches_other_type",),
    ValueKind.NUMBER: ("not_equal_matches_other_type",),
    ValueKind.STRING: ("not_equal_matches_other_type",),
}


def _for_not_equal(comparand: _Comparand) -> Points:
    same_type = ValueKind.NUMBER if comparand is _Comparand.NUMBER else ValueKind.STRING
    return {
        kind: (*_EQUAL[comparand].get(kind, ()), *(() if kind is same_type else _NOT_EQUAL.get(kind, ())))
        for kind in ValueKind
    }


# For `=` and the orders, and for `!=`
_COMPARISONS = {comparand: (_EQUAL[comparand], _for_not_equal(comparand)) for comparand in _Comparand}


def _open_for_wildcard(condition: Condition) -> str | None:
    if not has_wildcard(condition.selector):
        return None
    match condition:
        case NotExists():
            return "not_exists_on_wildcard_needs_one"
        case Comparison(_, Operator.NOT_EQUAL, _):
            return "not_equal_on_wildcard"
        case _:
            return None


def has_wildcard(selector: Selector) -> bool:
    return any(isinstance(step, AnyElement | AnyMember) for step in selector.steps)


def _truth_of_expression(expression: Expression, event: dict[str, Any]) -> Truth:
    truths = {condition: truth_of_condition(condition, event) for condition in conditions(expression)}
    rejected = any(_compares_container(condition, event) for condition in truths)
    return Truth(
        surely=not rejected and _holds(expression, lambda condition: truths[condition].surely),
        possibly=_holds(expression, lambda condition: truths[condition].possibly),
    )


def _holds(expression: Expression, holds: Callable[[Condition], bool]) -> bool:
    def judge(node: Expression) -> Junction[Expression] | bool:
        match node:
            case And(parts):
                return Junction(settled_by=False, parts=parts)
            case Or(parts):
                return Junction(settled_by=True, parts=parts)
            case _:
                return holds(node)

    return evaluate_junctions(expression, judge)


def _compares_container(condition: Condition, event: dict[str, Any]) -> bool:
    """Whether `Reading.container_rejects_event` applies."""
    return (
        isinstance(condition, Comparison)
        and not has_wildcard(condition.selector)
        and ValueKind.CONTAINER in kinds_picked(condition.selector, event)
    )


def kinds_picked(selector: Selector, event: dict[str, Any]) -> frozenset[ValueKind]:
    """The kinds of all values that the selector picks; several only if it has a wildcard."""
    values: list[Any] = [event]
    for step in selector.steps:
        values = [child for value in values for child in _children(value, step)]
    return frozenset(map(kind_of, values))


def _children(value: Any, step: SelectorStep) -> Sequence[Any]:
    match step:
        case Member(name):
            return (value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT,)
        case Element(index):
            return (value[index] if isinstance(value, list | tuple) and index < len(value) else ABSENT,)
        case AnyMember():
            return (isinstance(value, Mapping) and tuple(value.values())) or (ABSENT,)
        case AnyElement():
            return (isinstance(value, list | tuple) and value) or (ABSENT,)
        case other:
            assert_never(other)
