"""Decides whether a subscription's filter policy lets an alarm's message through.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
An operator that isn't decided here, or a member whose value isn't known, is a doubt.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .alarm_message import Content, OneOf, Present
from .json_text import read_json_object, written
from .ternary import Doubt, Ternary, every, negation, some

# `$or` is a plain member's name as soon as one of these is a key below it:
# https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
RESERVED = frozenset(
    {"prefix", "suffix", "anything-but", "exists", "numeric", "equals-ignore-case", "cidr", "wildcard"}
)

# Lists and objects within each other. No honest filter policy nests deeper, and Python's stack ends.
DEEPEST = 50


def passes(policy_text: str, content: Content) -> Ternary:
    """Whether a message with this content passes the filter policy."""
    policy = read_json_object(policy_text)
    if isinstance(policy, Doubt):
        return policy
    return Doubt("it is nested too deeply") if _is_too_deep(policy) else _all_pass(policy, content)


def _is_too_deep(policy: Mapping[str, Any]) -> bool:
    layer: list[Any] = [policy]
    for _ in range(DEEPEST):
        layer = [each for outer in layer for each in _values_of(outer) if isinstance(each, dict | list)]
    return bool(layer)


def _values_of(outer: Mapping[str, Any] | list[Any]) -> Iterable[Any]:
    return outer if isinstance(outer, list) else outer.values()


def _all_pass(policy: Mapping[str, Any], content: Content) -> Ternary:
    return every(_member_passes(name, wanted, content) for name, wanted in policy.items())


def _member_passes(name: str, wanted: Any, content: Content) -> Ternary:
    doubt = Doubt(f"filter on `{name.replace('`', chr(39))}`")
    if name == "$or":
        return _either(wanted, content)
    if isinstance(wanted, dict):
        below = content.members.get(name)
        return _all_pass(wanted, below) if isinstance(below, Content) else doubt
    if not isinstance(wanted, list) or not wanted:
        return doubt
    if name not in content.members and content.may_hold(name):
        return doubt
    value = content.members.get(name, _Absent(from_nothing=not content.members))
    values = value.values if isinstance(value, OneOf) else (value,)
    passed = {some(_value_passes(each, one) for each in wanted) for one in values}
    return doubt if len(passed) > 1 or any(isinstance(each, Doubt) for each in passed) else passed.pop()


def _either(wanted: Any, content: Content) -> Ternary:
    is_or = (
        isinstance(wanted, list)
        and len(wanted) >= 2
        and all(isinstance(each, dict) and each and not each.keys() & RESERVED for each in wanted)
    )
    return some(_all_pass(each, content) for each in wanted) if is_or else Doubt("filter on `$or`")


@dataclass(frozen=True, slots=True)
class _Absent:
    """Stands for the value of a member that the message hasn't.

    Where it has no members at all, `exists: false` doesn't match either:
    https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
    """

    from_nothing: bool


def _value_passes(wanted: Any, value: Any) -> Ternary:
    """One alternative of a filter against one value."""
    match wanted:
        case {"exists": bool(exists)} if len(wanted) == 1 and not isinstance(value, Content):
            is_absent = isinstance(value, _Absent)
            return exists is not is_absent and value != _Absent(from_nothing=True)
        case {"exists": _}:
            return Doubt("exists")
    if isinstance(value, _Absent):
        # Whatever else a filter asks of a member, it asks for the member.
        return False if _is_understood(wanted) else Doubt("operator")
    if isinstance(value, Present | Content):
        return Doubt("value")
    if not isinstance(wanted, dict):
        return _is_equal(value, wanted)
    if len(wanted) != 1:
        return Doubt("operator")
    ((name, operand),) = wanted.items()
    decide = _OPERATORS.get(name)
    return decide(value, operand) if decide else Doubt("operator")


def _is_understood(wanted: Any) -> bool:
    return not isinstance(wanted, dict) or (len(wanted) == 1 and wanted.keys() <= _OPERATORS.keys())


def _is_equal(value: str | float, wanted: Any) -> Ternary:
    if isinstance(wanted, str) or isinstance(value, str):
        return isinstance(wanted, str) and value == wanted
    # Booleans are numbers to Python, and not to JSON.
    if not isinstance(wanted, int | float) or isinstance(wanted, bool) or value != wanted:
        return False
    # By `numeric` SNS compares values. It is silent on a number by itself; EventBridge compares what is
    # written, so that 300 isn't 300.0: https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html
    return True if written(value) == written(wanted) else Doubt("number")


def _begins(value: str | float, operand: Any) -> Ternary:
    if not isinstance(operand, str):
        return Doubt("prefix")
    return isinstance(value, str) and value.startswith(operand)


def _ends(value: str | float, operand: Any) -> Ternary:
    if not isinstance(operand, str):
        return Doubt("suffix")
    return isinstance(value, str) and value.endswith(operand)


def _equals_ignoring_case(value: str | float, operand: Any) -> Ternary:
    if not isinstance(operand, str):
        return Doubt("equals-ignore-case")
    return isinstance(value, str) and value.lower() == operand.lower()


def _is_anything_but(value: str | float, operand: Any) -> Ternary:
    if isinstance(operand, dict):
        match tuple(operand.items()):
            case ((("prefix", str(text))),):
                return negation(_begins(value, text))
            case ((("suffix", str(text))),):
                return negation(_ends(value, text))
            case _:
                return Doubt("anything-but")
    listed = operand if isinstance(operand, list) else [operand]
    if not listed or not all(isinstance(each, str | int | float) for each in listed):
        return Doubt("anything-but")
    return negation(some(_is_equal(value, each) for each in listed))


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _is_in_range(value: str | float, operand: Any) -> Ternary:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return Doubt("numeric")
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for sign, bound in pairs:
        if not isinstance(sign, str) or sign not in _COMPARISONS:
            return Doubt("numeric")
        if not isinstance(bound, int | float) or isinstance(bound, bool):
            return Doubt("numeric")
    if isinstance(value, str):
        return False
    return all(_COMPARISONS[sign](value, bound) for sign, bound in pairs)


_OPERATORS: Mapping[str, Callable[[Any, Any], Ternary]] = {
    "prefix": _begins,
    "suffix": _ends,
    "equals-ignore-case": _equals_ignoring_case,
    "anything-but": _is_anything_but,
    "numeric": _is_in_range,
}
