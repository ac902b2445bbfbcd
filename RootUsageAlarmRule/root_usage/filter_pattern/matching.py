"""Whether a filter pattern matches a log event: AWS's truth rules, under one reading of the open ones.

Nothing here recurses: neither a deeply nested event nor a deeply nested pattern can exhaust the stack.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum, auto
from functools import lru_cache
from typing import Any, assert_never

from ..text.pieces import matches_pieces
from . import regex
from .junctions import Junction, evaluate_junctions
from .reading import Reading, WildcardNotEqual
from .syntax import (
    And,
    AnyElement,
    AnyMember,
    Comparison,
    Condition,
    Constant,
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
from .wildcard import is_number_wildcard, wildcard_pieces

LogEvent = Mapping[str, Any]
"""A JSON object, as `json.loads` makes them (floats may be Decimals)."""

_DEFAULT = Reading()


class SpaceDelimitedPatternNotEvaluated(Exception):
    """Space-delimited patterns are recognised and not taken apart: nobody knows whether they match."""


def matches(pattern: FilterPattern, event: LogEvent | str, reading: Reading = _DEFAULT) -> bool:
    """Whether the pattern matches the event, which is a parsed JSON object or a raw message.

    A raw message that is no JSON object matches no JSON pattern. The text of a parsed object, for the
    patterns that search in text, is its compact JSON, which is what CloudTrail writes.
    """
    match pattern:
        case JsonPattern(expression):
            parsed = _parsed(event) if isinstance(event, str) else event
            return parsed is not None and _matches_expression(expression, parsed, reading)
        case UnstructuredPattern():
            return _matches_terms(pattern, event if isinstance(event, str) else _text_of_event(event))
        case RegexPattern(Regex(source)):
            return _search(source, event if isinstance(event, str) else _text_of_event(event))
        case SpaceDelimitedPattern(source):
            raise SpaceDelimitedPatternNotEvaluated(source)
        case other:
            assert_never(other)


def conditions(expression: Expression) -> Iterator[Condition]:
    """All conditions of the expression, in the order in which they are written."""
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, And | Or):
            pending.extend(reversed(node.parts))
        else:
            yield node


# -- events --------------------------------------------------------------------------------------


def _parsed(message: str) -> LogEvent | None:
    try:
        # Decimal keeps numbers as they are written. Of duplicate keys the last counts: AWS is silent.
        event = json.loads(message, parse_int=Decimal, parse_float=Decimal, parse_constant=_reject)
    except (ValueError, InvalidOperation, RecursionError):
        # RecursionError: nested deeper than Python's parser goes, and surely no CloudTrail event.
        return None
    return event if isinstance(event, dict) else None


def _reject(constant: str) -> Any:
    raise ValueError(constant)  # NaN and Infinity are not JSON


def _text_of_event(event: LogEvent) -> str:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False, default=_as_json)


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else float(value)


def _matches_terms(pattern: UnstructuredPattern, text: str) -> bool:
    if not (pattern.required or pattern.excluded) and pattern.optional:
        return any(term in text for term in pattern.optional)
    return all(term in text for term in pattern.required) and not any(
        term in text for term in pattern.excluded
    )


# -- expressions ---------------------------------------------------------------------------------


def _matches_expression(expression: Expression, event: LogEvent, reading: Reading) -> bool:
    if reading.container_rejects_event and any(
        _compares_container(condition, event) for condition in conditions(expression)
    ):
        return False

    def judge(node: Expression) -> Junction[Expression] | bool:
        match node:
            case And(parts):
                return Junction(settled_by=False, parts=parts)
            case Or(parts):
                return Junction(settled_by=True, parts=parts)
            case _:
                return _holds(node, _pick(node.selector, event), reading)

    return evaluate_junctions(expression, judge)


def _holds(condition: Condition, picked: _Picked, reading: Reading) -> bool:
    match condition:
        case NotExists():
            return _not_exists(picked, reading)
        case Is(_, constant):
            return any(value is _CONSTANTS[constant] for value in picked.values)
        case Comparison():
            return _holds_comparison(condition, picked, reading)
        case other:
            assert_never(other)


_CONSTANTS = {Constant.NULL: None, Constant.TRUE: True, Constant.FALSE: False}


def _compares_container(condition: Condition, event: LogEvent) -> bool:
    if not isinstance(condition, Comparison) or _has_wildcard(condition.selector):
        return False
    return any(_is_container(value) for value in _pick(condition.selector, event).values)


# -- selectors -----------------------------------------------------------------------------------


class _Absence(Enum):
    """Why a selector finds nothing."""

    NO_CHILD = auto()  # the last step's parent is there and has no such child
    NO_PARENT = auto()  # an earlier step found nothing
    UNFIT_PARENT = auto()  # a step by name met no object, or a step by index no array


@dataclass(frozen=True, slots=True)
class _Picked:
    """What a selector finds: a value or an absence, or with a wildcard any number of each."""

    values: tuple[Any, ...]
    absences: tuple[_Absence, ...]


def _pick(selector: Selector, event: LogEvent) -> _Picked:
    values: list[Any] = [event]
    absences: list[_Absence] = []
    for position, step in enumerate(selector.steps, 1):
        missing = _Absence.NO_CHILD if position == len(selector.steps) else _Absence.NO_PARENT
        parents, values = values, []
        for parent in parents:
            children = _children(parent, step)
            values.extend(children or ())
            if not children:
                absences.append(_Absence.UNFIT_PARENT if children is None else missing)
    return _Picked(tuple(values), tuple(absences))


def _children(parent: Any, step: SelectorStep) -> Sequence[Any] | None:
    """The children that the step picks; None if it doesn't fit the parent's kind."""
    match step:
        case Member(name):
            return ([parent[name]] if name in parent else []) if isinstance(parent, Mapping) else None
        case AnyMember():
            return list(parent.values()) if isinstance(parent, Mapping) else None
        case Element(index):
            return parent[index : index + 1] if _is_array(parent) else None
        case AnyElement():
            return list(parent) if _is_array(parent) else None
        case other:
            assert_never(other)


def _has_wildcard(selector: Selector) -> bool:
    return any(isinstance(step, AnyElement | AnyMember) for step in selector.steps)


def _is_array(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_container(value: Any) -> bool:
    return _is_array(value) or isinstance(value, Mapping)


def _not_exists(picked: _Picked, reading: Reading) -> bool:
    answers = [_is_as_good_as_absent(value, reading) for value in picked.values]
    answers += [_counts_as_absent(absence, reading) for absence in picked.absences]
    return any(answers) if reading.not_exists_on_wildcard_needs_one else all(answers)


def _is_as_good_as_absent(value: Any, reading: Reading) -> bool:
    if value is None:
        return reading.not_exists_matches_null
    return _is_container(value) and reading.not_exists_matches_containers


def _counts_as_absent(absence: _Absence, reading: Reading) -> bool:
    match absence:
        case _Absence.NO_CHILD:
            return True
        case _Absence.NO_PARENT:
            return reading.not_exists_under_absent_parent
        case _Absence.UNFIT_PARENT:
            return reading.not_exists_under_unfit_parent
        case other:
            assert_never(other)


# -- comparisons ---------------------------------------------------------------------------------


def _holds_comparison(comparison: Comparison, picked: _Picked, reading: Reading) -> bool:
    if comparison.operator is not Operator.NOT_EQUAL:
        return any(_holds_for(comparison, value, reading) for value in picked.values)
    if not _has_wildcard(comparison.selector):
        return _differs_somewhere(comparison, picked, reading)
    match reading.not_equal_on_wildcard:
        case WildcardNotEqual.ANY:
            return _differs_somewhere(comparison, picked, reading)
        case WildcardNotEqual.EVERY:
            return (not picked.absences or reading.not_equal_matches_absent) and all(
                _differs(comparison.operand, value, reading) for value in picked.values
            )
        case WildcardNotEqual.NONE_EQUAL:
            scalars = [value for value in picked.values if not _is_container(value)]
            if not scalars:
                return reading.not_equal_matches_absent
            return not any(_equals(comparison.operand, value, reading) for value in scalars)
        case other:
            assert_never(other)


def _differs_somewhere(comparison: Comparison, picked: _Picked, reading: Reading) -> bool:
    if picked.absences and reading.not_equal_matches_absent:
        return True
    return any(_differs(comparison.operand, value, reading) for value in picked.values)


def _differs(operand: Operand, value: Any, reading: Reading) -> bool:
    if _is_container(value):
        return False
    equal = _equals(operand, value, reading)
    if equal is None:
        return reading.not_equal_matches_null if value is None else reading.not_equal_matches_other_type
    return not equal


def _holds_for(comparison: Comparison, value: Any, reading: Reading) -> bool:
    if comparison.operator is Operator.EQUAL:
        return _equals(comparison.operand, value, reading) is True
    number = _number(value, reading)
    if number is None or not isinstance(comparison.operand, Number):
        return False
    return _ORDERS[comparison.operator](number, comparison.operand.value)


_ORDERS: dict[Operator, Callable[[Decimal, Decimal], bool]] = {
    Operator.LESS: operator.lt,
    Operator.LESS_OR_EQUAL: operator.le,
    Operator.GREATER: operator.gt,
    Operator.GREATER_OR_EQUAL: operator.ge,
}


def _equals(operand: Operand, value: Any, reading: Reading) -> bool | None:
    """Whether the value equals the operand; None if it isn't of a kind that can."""
    if isinstance(operand, Number):
        number = _number(value, reading)
        return None if number is None else number == operand.value
    if isinstance(operand, Text) and operand.content in ("*", "**"):
        return _is_something(value, reading) or None
    text = _text(operand, value, reading)
    if text is None:
        return None
    if isinstance(operand, Regex):
        return _search(operand.source, text)
    return matches_pieces(wildcard_pieces(operand.content, reading), text)


def _is_something(value: Any, reading: Reading) -> bool:
    """Whether `= *`, "the field exists", holds for this value."""
    if value is None:
        return reading.asterisk_matches_null
    if isinstance(value, bool):
        return reading.asterisk_matches_booleans
    return reading.asterisk_matches_containers or not _is_container(value)


def _number(value: Any, reading: Reading) -> Decimal | None:
    if isinstance(value, str) and reading.number_matches_strings and _NUMBER_IN_STRING.fullmatch(value):
        return Decimal(value)
    if not _is_number(value):
        return None
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


# A longer exponent makes a number that no Decimal holds; nobody compares with such a string.
_NUMBER_IN_STRING = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")


def _text(operand: Text | IpGlob | Regex, value: Any, reading: Reading) -> str | None:
    """The text of the value that the operand looks at; None if it looks at no such value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return json.dumps(value) if reading.text_matches_booleans else None
    if _is_number(value) and (reading.text_matches_numbers or is_number_wildcard(operand)):
        return str(value)
    return None


def _search(source: str, text: str) -> bool:
    return regex.search(_parse_regex(source), text)


# A filter's few regexes are searched in every event of a file.
_parse_regex = lru_cache(maxsize=64)(regex.parse_regex)
