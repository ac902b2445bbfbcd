"""Decides a policy statement's conditions against what is known of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..verdict.findings import quote
from .ternary import Doubt, Ternary, every, negation, some
from .wildcards import matches_wildcards


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The request's condition keys, in lower case.

    `absent` are keys that AWS says a service's request has not. An Allow that needs the absence is a doubt
    all the same, as nobody has seen how alarms fare there. Of any key in neither set nothing is known.
    Where `conditions_prove` is false, no condition of an Allow is sure to hold.
    """

    values: Mapping[str, str] = field(hash=False)
    absent: frozenset[str] = frozenset()
    conditions_prove: bool = True
    has_variables: bool = True  # not so in policies of 2008, where `${...}` is a text like any other


def conditions_hold(condition: Any, context: RequestContext, *, allows: bool) -> Ternary:
    """Whether all conditions hold; `allows` says whether the statement is an Allow or a Deny."""
    if not isinstance(condition, dict) or not all(isinstance(each, dict) for each in condition.values()):
        return Doubt("its condition")
    parts = [
        _holds(operator, key, wanted, context, allows=allows)
        for operator, entries in condition.items()
        for key, wanted in entries.items()
    ]
    doubts = [each for each in parts if isinstance(each, Doubt)]
    if len(doubts) > 1 and False not in parts:
        return Doubt(f"{doubts[0].reason} and {len(doubts) - 1} more")
    return every(parts)


def _holds(operator: str, key: str, wanted: Any, context: RequestContext, *, allows: bool) -> Ternary:
    doubt = Doubt(f"condition {_shown(operator)} {_shown(key)}")
    name, quantifier, if_exists = _parts(operator)
    texts = _texts(wanted)
    if texts and context.has_variables and any("${" in each for each in texts):
        return doubt  # it stands for a value that isn't known here
    known = name in _OPERATORS or operator == "Null"
    if not known or quantifier is None or texts is None:
        return doubt
    if key.lower() in context.values:
        actual = context.values[key.lower()]
        holds = _null(texts, is_absent=False) if name == "Null" else _OPERATORS[name](actual, texts)
        is_unsure = allows and holds is True and not context.conditions_prove
        return doubt if is_unsure or isinstance(holds, Doubt) else holds
    if key.lower() in context.absent:
        if name == "Null":
            absent = _null(texts, is_absent=True)
        else:
            absent = _holds_of_absent_key(name, quantifier, if_exists=if_exists)
        return doubt if allows and absent is not False else absent
    return doubt


def _shown(word: str) -> str:
    """IAM's own words stand as they are, whole; whatever else somebody wrote there is quoted."""
    return word if re.fullmatch(r"[A-Za-z0-9:/_.-]{1,64}", word) else quote(word)


def _parts(operator: str) -> tuple[str, str | None, bool]:
    """The operator's name, its set prefix ("" for none, None for an unknown one), and IfExists."""
    quantifier, colon, rest = operator.rpartition(":")
    if colon and quantifier not in ("ForAnyValue", "ForAllValues"):
        return rest, None, False
    return rest.removesuffix("IfExists"), quantifier, rest.endswith("IfExists")


def _texts(wanted: Any) -> tuple[str, ...] | None:
    """The values to compare with, as texts; None when one can't be compared."""
    listed = wanted if isinstance(wanted, list) else [wanted]
    if not listed or not all(isinstance(each, str | bool | int) for each in listed):
        return None
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in listed)


def _null(texts: tuple[str, ...], *, is_absent: bool) -> Ternary:
    match tuple(each.lower() for each in texts):
        case ("true",):
            return is_absent
        case ("false",):
            return not is_absent
        case _:
            return Doubt("Null")


def _holds_of_absent_key(name: str, quantifier: str, *, if_exists: bool) -> bool:
    if quantifier == "ForAnyValue":
        return if_exists
    return if_exists or quantifier == "ForAllValues" or "Not" in name


# -- one value of the request against the policy's values -------------------------------------------

_Compare = Callable[[str, str], Ternary]


def _equal(actual: str, wanted: str) -> Ternary:
    return actual == wanted


def _equal_ignoring_case(actual: str, wanted: str) -> Ternary:
    return actual.lower() == wanted.lower()


def _like(actual: str, wanted: str) -> Ternary:
    return matches_wildcards(wanted, actual)


def _arn_like(actual: str, wanted: str) -> Ternary:
    """Each of an ARN's six parts by itself; ArnEquals and ArnLike do the same."""
    parts, patterns = actual.split(":", 5), wanted.split(":", 5)
    if len(patterns) != 6 or len(parts) != 6:
        return Doubt("not an ARN")
    return all(matches_wildcards(pattern, part) for pattern, part in zip(patterns, parts, strict=True))


def _same_boolean(actual: str, wanted: str) -> Ternary:
    if {actual.lower(), wanted.lower()} <= {"true", "false"}:
        return actual.lower() == wanted.lower()
    return Doubt("not a boolean")


def _any_of(compare: _Compare) -> Callable[[str, tuple[str, ...]], Ternary]:
    return lambda actual, wanted: some(compare(actual, each) for each in wanted)


def _none_of(compare: _Compare) -> Callable[[str, tuple[str, ...]], Ternary]:
    return lambda actual, wanted: negation(some(compare(actual, each) for each in wanted))


_OPERATORS: Mapping[str, Callable[[str, tuple[str, ...]], Ternary]] = {
    "StringEquals": _any_of(_equal),
    "StringNotEquals": _none_of(_equal),
    "StringEqualsIgnoreCase": _any_of(_equal_ignoring_case),
    "StringNotEqualsIgnoreCase": _none_of(_equal_ignoring_case),
    "StringLike": _any_of(_like),
    "StringNotLike": _none_of(_like),
    "ArnEquals": _any_of(_arn_like),
    "ArnLike": _any_of(_arn_like),
    "ArnNotEquals": _none_of(_arn_like),
    "ArnNotLike": _none_of(_arn_like),
    "Bool": _any_of(_same_boolean),
}
