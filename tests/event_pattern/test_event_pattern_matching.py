"""What an event pattern matches: AWS's examples, and what holds for all patterns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from root_usage.event_pattern import Event, EventPattern, Reading, matches, parse_event_pattern
from root_usage.event_pattern.syntax import Alternative

from tests.event_pattern.strategies import ALTERNATIVES, EVENTS, PATTERNS

ABSENT: dict[str, Any] = {"b": 1}


def a(value: Any) -> dict[str, Any]:
    return {"a": value}


@pytest.mark.parametrize(
    ("matchers", "matched", "not_matched"),
    [
        pytest.param('"Root"', [a("Root"), a(["x", "Root"])], [a("root"), a(["x"]), ABSENT], id="string"),
        pytest.param('"*"', [a("*")], [a("x")], id="star-is-a-star"),
        pytest.param('"x", "y"', [a("x"), a("y")], [a("z")], id="any-of-the-values"),
        pytest.param("1", [a(1)], [a("1"), a(True), a(2)], id="number"),
        pytest.param("false", [a(False)], [a("false"), a(0), a(None)], id="boolean"),
        pytest.param("null", [a(None), a([None])], [a(""), a(0), a([]), ABSENT], id="null"),
        pytest.param('""', [a("")], [a(None), a([]), ABSENT], id="empty-string"),
        pytest.param(
            '{"prefix": "us-"}', [a("us-east-1")], [a("Us-east-1"), a("eu-us-"), ABSENT], id="prefix"
        ),
        pytest.param('{"suffix": ".png"}', [a("x.png")], [a("x.PNG"), a(1), ABSENT], id="suffix"),
        pytest.param(
            '{"prefix": {"equals-ignore-case": "EventB"}}', [a("eventbridge")], [a("event")], id="PREFIX"
        ),
        pytest.param('{"suffix": {"equals-ignore-case": ".png"}}', [a("x.PNG")], [a("x.jpg")], id="SUFFIX"),
        pytest.param(
            '{"equals-ignore-case": "alice"}', [a("AlIcE")], [a("bob"), ABSENT], id="equals-ignore-case"
        ),
        pytest.param(
            '{"wildcard": "dir/*.png"}',
            [a("dir/.png"), a("dir/x/y.png")],
            [a("dir/x.jpg"), a("xdir/.png")],
            id="*",
        ),
        pytest.param(r'{"wildcard": "a\\*"}', [a("a*")], [a("ab")], id="escaped-star"),
        pytest.param(
            '{"anything-but": "x"}',
            [a("y"), a(1), a(True), a(["x", "y"])],
            [a("x"), a(["x"]), a([]), a({}), a({"c": 1}), ABSENT],
            id="anything-but",
        ),
        pytest.param(
            '{"anything-but": [1, 2]}', [a(3), a("1")], [a(1), a(2), ABSENT], id="anything-but-numbers"
        ),
        pytest.param(
            '{"anything-but": {"prefix": ["i", "b"]}}',
            [a("x"), a(7)],
            [a("init"), a("boot")],
            id="but-prefix",
        ),
        pytest.param(
            '{"anything-but": {"wildcard": "*/lib/*"}}', [a("src")], [a("x/lib/y"), ABSENT], id="but-wildcard"
        ),
        pytest.param(
            '{"anything-but": {"equals-ignore-case": "x"}}', [a("y")], [a("X"), a("x")], id="but-in-any-case"
        ),
        pytest.param(
            '{"numeric": [">", 0, "<=", 5]}', [a(5), a(0.1), a([9, 1])], [a(0), a(6), a("1")], id="range"
        ),
        pytest.param('{"numeric": ["=", 300]}', [a(300), a(300.0)], [a(301), a("300")], id="equal-number"),
        pytest.param('{"numeric": ["<", 1]}', [a(0), a(-5)], [a(1), a(True), ABSENT], id="less"),
        pytest.param('{"numeric": [">=", 1]}', [a(1)], [a(0.9)], id="greater-or-equal"),
        pytest.param(
            '{"exists": true}', [a(None), a(""), a([1])], [a({}), a([]), a({"c": 1}), ABSENT], id="exists"
        ),
        pytest.param(
            '{"exists": false}',
            [ABSENT, a({}), a([]), a({"c": 1})],
            [a(None), a(""), a([1])],
            id="exists-not",
        ),
        pytest.param('"x", {"exists": false}', [a("x"), ABSENT], [a("y")], id="value-or-absent"),
        pytest.param(
            '{"cidr": "10.0.0.0/24"}',
            [a("10.0.0.0"), a("10.0.0.255")],
            [a("10.0.1.0"), a("AWS Internal"), a("2001:db8::1"), ABSENT],
            id="cidr",
        ),
        pytest.param('{"cidr": "2001:db8::/32"}', [a("2001:db8::1")], [a("2001:db9::1")], id="cidr-of-six"),
    ],
)
def test_matchers(matchers: str, matched: list[Event], not_matched: list[Event]) -> None:
    pattern = parse_event_pattern('{"a": [' + matchers + "]}")

    assert [each for each in matched if not matches(pattern, each)] == []
    assert [each for each in not_matched if matches(pattern, each)] == []


@pytest.mark.parametrize(
    ("text", "event", "expected"),
    [
        pytest.param('{"a": ["x"], "b": ["y"]}', {"a": "x", "b": "y", "c": "z"}, True, id="other-fields"),
        pytest.param('{"a": ["x"], "b": ["y"]}', {"a": "x"}, False, id="one-field-lacks"),
        pytest.param('{"a": {"b": ["x"]}}', {"a": {"b": "x"}}, True, id="nested"),
        pytest.param('{"a": {"b": ["x"]}}', {"a": "x"}, False, id="parent-is-no-object"),
        pytest.param('{"a": {"b": [{"exists": false}]}}', {}, True, id="parent-is-absent"),
        pytest.param('{"a": {"b": [{"exists": false}]}}', {"a": None}, True, id="parent-is-null"),
        pytest.param('{"a": {"b": ["x"]}}', {"a": [{"b": "y"}, {"b": "x"}]}, True, id="some-element"),
        pytest.param(
            '{"a": {"b": ["x"], "c": ["y"]}}', {"a": [{"b": "x", "c": "y"}]}, True, id="both-in-one-element"
        ),
        pytest.param(
            '{"a": {"b": ["x"], "c": ["y"]}}', {"a": [{"b": "x"}, {"c": "y"}]}, False, id="in-two-elements"
        ),
        pytest.param(
            '{"a": {"b": [{"exists": false}]}}',
            {"a": [{"b": "x"}, {"c": "y"}]},
            False,
            id="absent-in-one-only",
        ),
        pytest.param('{"$or": [{"a": ["x"]}, {"b": ["y"]}]}', {"b": "y"}, True, id="second-of-or"),
        pytest.param('{"$or": [{"a": ["x"]}, {"b": ["y"]}]}', {"a": "y", "b": "x"}, False, id="none-of-or"),
    ],
)
def test_fields(text: str, event: Event, expected: bool) -> None:
    assert matches(parse_event_pattern(text), event) is expected


@pytest.mark.parametrize(
    ("matcher", "event", "reading"),
    [
        pytest.param("300", a(300.0), Reading(numbers_by_value=True), id="numbers-by-value"),
        pytest.param(
            '{"exists": false}', a({}), Reading(not_exists_matches_containers=False), id="exists-on-an-object"
        ),
        pytest.param(
            '{"anything-but": "x"}', a(None), Reading(anything_but_matches_null=False), id="anything-but-null"
        ),
        pytest.param(
            '{"anything-but": "x"}',
            a(["x", "y"]),
            Reading(anything_but_needs_every_element=True),
            id="anything-but-in-an-array",
        ),
    ],
)
def test_each_reading_is_another_answer(matcher: str, event: Event, reading: Reading) -> None:
    pattern = parse_event_pattern('{"a": [' + matcher + "]}")

    assert matches(pattern, event) is not matches(pattern, event, reading)


@given(PATTERNS, PATTERNS, EVENTS)
def test_alternatives_are_a_union(one: EventPattern, other: EventPattern, event: Event) -> None:
    both = EventPattern(one.alternatives + other.alternatives)

    assert matches(both, event) is (matches(one, event) or matches(other, event))


@given(ALTERNATIVES, EVENTS)
def test_field_more_matches_nothing_more(alternative: Alternative, event: Event) -> None:
    narrow = EventPattern((alternative,))
    wide = EventPattern((Alternative(alternative.fields[:-1]),))

    assert matches(wide, event) or not matches(narrow, event)


@given(PATTERNS, EVENTS)
def test_event_s_text_says_all(pattern: EventPattern, event: Event) -> None:
    assert matches(pattern, json.loads(json.dumps(event))) is matches(pattern, event)
