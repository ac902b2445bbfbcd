"""Event patterns: tree -> text. Parsing the text gives the same tree again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, assert_never

from .syntax import (
    Alternative,
    AnythingBut,
    Cidr,
    EqualsIgnoreCase,
    EventPattern,
    Exact,
    Exists,
    Matcher,
    Number,
    Numeric,
    Prefix,
    Suffix,
    TextMatcher,
    Wildcard,
)


def format_event_pattern(pattern: EventPattern) -> str:
    """The pattern on one line; several alternatives as one `$or` at the top."""
    alternatives = [_fields(each) for each in pattern.alternatives]
    return _json(alternatives[0] if len(alternatives) == 1 else {"$or": alternatives})


def _json(value: Any) -> str:
    """JSON with the numbers as they were written, which Python's own writer can't."""
    match value:
        case Number(text):
            return text
        case dict():
            members = (
                f"{json.dumps(name, ensure_ascii=False)}: {_json(below)}" for name, below in value.items()
            )
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(_json, value)) + "]"
        case scalar:
            return json.dumps(scalar, ensure_ascii=False)


def _fields(alternative: Alternative) -> dict[str, Any]:
    top: dict[str, Any] = {}
    for field in alternative.fields:
        *parents, name = field.path
        below = top
        for each in parents:
            below = below.setdefault(each, {})
        below[name] = [_matcher(each) for each in field.matchers]
    return top


def _matcher(matcher: Matcher) -> Any:
    match matcher:
        case Exact(value):
            return value
        case AnythingBut(excluded):
            return {"anything-but": _excluded(excluded)}
        case Numeric(bounds):
            return {"numeric": [part for each in bounds for part in (each.comparison.value, each.number)]}
        case Exists(exists):
            return {"exists": exists}
        case Cidr(network):
            return {"cidr": network}
        case _:
            return _text_matcher(matcher)


def _text_matcher(matcher: TextMatcher) -> dict[str, Any]:
    match matcher:
        case Prefix(text, ignores_case):
            return {"prefix": {"equals-ignore-case": text} if ignores_case else text}
        case Suffix(text, ignores_case):
            return {"suffix": {"equals-ignore-case": text} if ignores_case else text}
        case EqualsIgnoreCase(text):
            return {"equals-ignore-case": text}
        case Wildcard(pieces):
            return {"wildcard": "*".join(each.replace("\\", r"\\").replace("*", r"\*") for each in pieces)}
        case other:
            assert_never(other)


def _excluded(excluded: Iterable[Exact | TextMatcher]) -> Any:
    values = [_matcher(each) for each in excluded]
    if not isinstance(values[0], dict):
        return values
    (name,) = values[0]
    return {name: [each[name] for each in values]}
