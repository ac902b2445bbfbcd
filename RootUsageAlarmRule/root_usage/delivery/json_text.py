"""JSON that a customer wrote: read without surprises, or not at all."""

from __future__ import annotations

import json
from typing import Any

from .ternary import Doubt


class WrittenFloat(float):
    """A number with a fraction or an exponent, and how the customer wrote it."""

    text: str

    def __new__(cls, text: str) -> WrittenFloat:
        number = super().__new__(cls, text)
        number.text = text
        return number


def written(number: float) -> str:
    """How the number stands, or would stand, in JSON."""
    return number.text if isinstance(number, WrittenFloat) else repr(number)


def read_json_object(text: str) -> dict[str, Any] | Doubt:
    """The object in `text`; a doubt when it is none, or holds one key twice."""
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates, parse_float=WrittenFloat)
    except (ValueError, RecursionError):  # RecursionError: nested deeper than Python reads
        return Doubt("it is not valid JSON")
    if not isinstance(value, dict):
        return Doubt("it is not a JSON object")
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Which of two equal keys counts is up to the reader, and AWS doesn't say which it takes.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key occurs twice")
    return members
