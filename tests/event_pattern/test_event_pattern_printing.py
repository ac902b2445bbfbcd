"""A pattern's text, and back."""

from __future__ import annotations

from hypothesis import given
from root_usage.event_pattern import EventPattern, format_event_pattern, parse_event_pattern

from tests.event_pattern.strategies import PATTERNS


def test_pattern_is_printed_on_one_line() -> None:
    text = (
        '{"detail.eventType": [{"anything-but": "x"}],\n "source": [{"numeric": [">", 0, "<=", 5.0]}, null]}'
    )

    assert format_event_pattern(parse_event_pattern(text)) == (
        '{"detail": {"eventType": [{"anything-but": ["x"]}]}, '
        '"source": [{"numeric": [">", 0, "<=", 5.0]}, null]}'
    )


def test_alternatives_are_printed_as_one_or() -> None:
    text = '{"a": ["1"], "b": {"$or": [{"c": ["2"]}, {"d": ["3"]}]}}'

    assert format_event_pattern(parse_event_pattern(text)) == (
        '{"$or": [{"a": ["1"], "b": {"c": ["2"]}}, {"a": ["1"], "b": {"d": ["3"]}}]}'
    )


@given(PATTERNS)
def test_printed_pattern_is_the_same_pattern(pattern: EventPattern) -> None:
    assert parse_event_pattern(format_event_pattern(pattern)) == pattern
