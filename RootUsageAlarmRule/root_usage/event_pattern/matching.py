"""Event patterns on events: does this one match, under this reading?

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
"""

from __future__ import annotations

import ipaddress
import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, assert_never

from ..text.pieces import matches_pieces
from .reading import Reading
from .syntax import (
    Alternative,
    AnythingBut,
    Bound,
    Cidr,
    Comparison,
    EqualsIgnoreCase,
    EventPattern,
    Exact,
    Exists,
    Field,
    Matcher,
    Number,
    Numeric,
    Prefix,
    Suffix,
    TextMatcher,
    Wildcard,
)

Event = Mapping[str, Any]
"""An event with its envelope, as `json.loads` reads it."""


def matches(pattern: EventPattern, event: Event, reading: Reading | None = None) -> bool:
    reading = reading or Reading()
    return any(_all_match(each, event, reading) for each in pattern.alternatives)


def _all_match(alternative: Alternative, event: Event, reading: Reading) -> bool:
    asked = [each for each in alternative.fields if not _matches_by_absence(each, event, reading)]
    return _fields_match(asked, 0, event, reading)


def _matches_by_absence(field: Field, event: Event, reading: Reading) -> bool:
    if Exists(exists=False) not in field.matchers:
        return False
    found = list(_found(event, field.path))
    if reading.not_exists_matches_containers:
        return not any(_scalars(each) for each in found)
    return not found


def _found(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """All that stands at the path, in whichever element of an array on the way."""
    if isinstance(value, list) and path:
        for each in value:
            yield from _found(each, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _found(value[path[0]], path[1:])


def _scalars(value: Any) -> list[Any]:
    """The values that a field holds: itself, or an array's elements; an object is none."""
    if isinstance(value, list):
        return [scalar for each in value for scalar in _scalars(each)]
    return [] if isinstance(value, Mapping) else [value]


def _fields_match(fields: list[Field], depth: int, value: Any, reading: Reading) -> bool:
    """Whether all fields, whose paths agree down to that depth, match within the value there.

    Of an array one element has to match them all.
    """
    if not fields:
        return True
    if len(fields[0].path) == depth:
        # No path is the start of another, so this is the only field.
        return _any_matches(fields[0].matchers, _scalars(value), reading)
    if isinstance(value, list):
        return any(_fields_match(fields, depth, each, reading) for each in value)
    if not isinstance(value, Mapping):
        return False
    names = {each.path[depth] for each in fields}
    return all(
        name in value
        and _fields_match(
            [each for each in fields if each.path[depth] == name], depth + 1, value[name], reading
        )
        for name in names
    )


def _any_matches(matchers: tuple[Matcher, ...], values: list[Any], reading: Reading) -> bool:
    return any(_matches(each, values, reading) for each in matchers)


def _matches(matcher: Matcher, values: list[Any], reading: Reading) -> bool:
    match matcher:
        case Exists(exists):
            return exists and bool(values)
        case AnythingBut(excluded):
            is_other = [
                not any(_is(one, each, reading) for one in excluded)
                and (each is not None or reading.anything_but_matches_null)
                for each in values
            ]
            return (all if reading.anything_but_needs_every_element else any)(is_other) and bool(values)
        case _:
            return any(_is(matcher, each, reading) for each in values)


def _is(matcher: Exact | TextMatcher | Numeric | Cidr, value: Any, reading: Reading) -> bool:
    match matcher:
        case Exact(Number() as number):
            return _is_number(value) and _is_equal(number, value, reading)
        case Exact(wanted):
            return type(value) is type(wanted) and bool(value == wanted)
        case Numeric(bounds):
            return _is_number(value) and all(_holds(each, value) for each in bounds)
        case Cidr(network):
            return isinstance(value, str) and _is_within(value, network)
        case _:
            return isinstance(value, str) and _text_is(matcher, value)


def _text_is(matcher: TextMatcher, value: str) -> bool:
    match matcher:
        case Prefix(text, ignores_case):
            return value.lower().startswith(text.lower()) if ignores_case else value.startswith(text)
        case Suffix(text, ignores_case):
            return value.lower().endswith(text.lower()) if ignores_case else value.endswith(text)
        case EqualsIgnoreCase(text):
            return value.lower() == text.lower()
        case Wildcard(pieces):
            return matches_pieces(pieces, value)
        case other:
            assert_never(other)


def _is_number(value: Any) -> bool:
    # Booleans are numbers to Python, and not to JSON.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_equal(wanted: Number, value: float, reading: Reading) -> bool:
    return wanted.value == Decimal(repr(value)) if reading.numbers_by_value else wanted.text == repr(value)


_COMPARED: Mapping[Comparison, Callable[[Decimal, Decimal], bool]] = {
    Comparison.EQUAL: operator.eq,
    Comparison.LESS: operator.lt,
    Comparison.LESS_OR_EQUAL: operator.le,
    Comparison.GREATER: operator.gt,
    Comparison.GREATER_OR_EQUAL: operator.ge,
}


def _holds(bound: Bound, value: float) -> bool:
    return _COMPARED[bound.comparison](Decimal(repr(value)), bound.number.value)


def _is_within(value: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False  # `AWS Internal` and the name of a service are no addresses
