"""AWS's truth rules, on AWS's own example events, and every open point under each of its readings."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.filter_pattern import FilterPattern, Reading, matches, parse_filter_pattern
from root_usage.filter_pattern.matching import SpaceDelimitedPatternNotEvaluated, conditions
from root_usage.filter_pattern.reading import WildcardNotEqual
from root_usage.filter_pattern.syntax import (
    And,
    Comparison,
    Expression,
    JsonPattern,
    Member,
    Number,
    Operator,
    Or,
    Selector,
)

from tests.filter_pattern.stack import with_little_stack_left
from tests.filter_pattern.strategies import events, json_patterns, readings

# The two example events of AWS's page, shortened.
TRAIL = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "cluster.name": "c",
}
USERS = {
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
    "actions": ["GET", "PUT", "DELETE"],
    "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
}


DEFAULT = Reading()


def holds(condition: str, event: dict[str, Any], reading: Reading = DEFAULT) -> bool:
    return matches(parse_filter_pattern(f"{{ {condition} }}"), event, reading)


@pytest.mark.parametrize(
    ("condition", "event", "is_true"),
    [
        pytest.param('$.eventType = "UpdateTrail"', TRAIL, True, id="string"),
        pytest.param("$.sourceIPAddress != 123.123.*", TRAIL, True, id="ip-glob"),
        pytest.param('$.arrayKey[0] = "value"', TRAIL, True, id="array-element"),
        pytest.param("$.eventType = %Trail%", TRAIL, True, id="regex"),
        pytest.param("$.arrayKey[*] = %val.{2}%", TRAIL, True, id="regex-on-any-element"),
        pytest.param(r"$.* = %111\.111\.111\.1[0-9]{1,2}%", TRAIL, True, id="regex-on-any-member"),
        pytest.param("$.['cluster.name'] = \"c\"", TRAIL, True, id="key-with-a-period"),
        pytest.param("$.SomeObject IS NULL", TRAIL, True, id="is-null"),
        pytest.param("$.SomeOtherObject NOT EXISTS", TRAIL, True, id="not-exists"),
        pytest.param('($.user.id = 1) && ($.users[0].email = "John.Doe@example.com")', USERS, True, id="and"),
        pytest.param(
            '$.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch"'
            ' && $.actions[2] = "nonmatch"',
            USERS,
            True,
            id="or-binds-looser",
        ),
        pytest.param(
            '($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch")'
            ' && $.actions[2] = "nonmatch"',
            USERS,
            False,
            id="parentheses-bind-tightest",
        ),
        pytest.param(
            '($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET"',
            USERS,
            False,
            id="or-of-two-lies",
        ),
        pytest.param("$.bandwidth > 75", {"bandwidth": 76}, True, id="greater"),
        pytest.param("$.latency < 50", {"latency": 50}, False, id="less"),
        pytest.param("$.refreshRate >= 60", {"refreshRate": 60}, True, id="greater-or-equal"),
        pytest.param("$.responseTime <= 5", {"responseTime": 5.5}, False, id="less-or-equal"),
        pytest.param("$.errorCode = 400", {"errorCode": 400}, True, id="equal"),
        pytest.param("$.errorCode != 500", {"errorCode": 500}, False, id="not-equal"),
        pytest.param("$.number[0] = 1e+3", {"number": [1000]}, True, id="exponent-with-plus"),
        pytest.param("$.number[0] != 1e-3", {"number": [0.001]}, False, id="exponent-with-minus"),
    ],
)
def test_aws_examples(condition: str, event: dict[str, Any], is_true: bool) -> None:
    assert is_true == holds(condition, event)


@pytest.mark.parametrize(
    ("condition", "event", "is_true"),
    [
        # != and absence
        pytest.param('$.a != "x"', {}, False, id="not-equal-on-an-absent-field"),
        pytest.param('$.a.b != "x"', {}, False, id="not-equal-under-an-absent-parent"),
        pytest.param('$.a.b != "x"', {"a": None}, False, id="not-equal-under-null"),
        pytest.param("$.a != *", {}, False, id="not-asterisk-on-an-absent-field"),
        pytest.param('$.a != "x"', {"a": "y"}, True, id="not-equal-on-another-string"),
        pytest.param('$.a != "x"', {"a": "x"}, False, id="not-equal-on-the-string"),
        # arrays and objects
        pytest.param('$.a = "x"', {"a": ["x"]}, False, id="equal-on-an-array"),
        pytest.param('$.a != "x"', {"a": ["y"]}, False, id="not-equal-on-an-array"),
        pytest.param('$.a = "x"', {"a": {}}, False, id="equal-on-an-object"),
        pytest.param('$.a != "x"', {"a": {}}, False, id="not-equal-on-an-object"),
        pytest.param("$.a != 1", {"a": []}, False, id="number-not-equal-on-an-array"),
        pytest.param("$.a = *", {"a": {}}, False, id="asterisk-on-an-object"),
        pytest.param('$.a[0] = "x"', {"a": "x"}, False, id="index-of-a-string"),
        pytest.param('$.a[0] = "x"', {"a": {"0": "x"}}, False, id="index-of-an-object"),
        pytest.param('$.a[1] != "x"', {"a": ["y"]}, False, id="index-beyond-the-end"),
        pytest.param('$.a[0].b != "x"', {"a": ["y"]}, False, id="name-in-a-string"),
        pytest.param(
            '$.a[*].b = "x"', {"a": ["y", {"b": "z"}, {"b": "x"}]}, True, id="any-element-and-its-member"
        ),
        pytest.param('$.* = "x"', {"a": {"b": "x"}}, False, id="any-member-is-one-level"),
        # strings
        pytest.param('$.a = "root"', {"a": "Root"}, False, id="values-are-case-sensitive"),
        pytest.param('$.A = "x"', {"a": "x"}, False, id="names-are-case-sensitive"),
        pytest.param("$.a = Root", {"a": "Root"}, True, id="unquoted"),
        pytest.param('$.a = ""', {"a": ""}, True, id="empty-string"),
        pytest.param('$.a = "Get*"', {"a": "GetUser"}, True, id="prefix"),
        pytest.param('$.a = "Get*"', {"a": "Get"}, True, id="prefix-alone"),
        pytest.param('$.a = "Get*"', {"a": "ForGetUser"}, False, id="prefix-elsewhere"),
        pytest.param("$.a = *Operation", {"a": "Client.UnauthorizedOperation"}, True, id="suffix"),
        pytest.param("$.a = *Operation", {"a": "Operations"}, False, id="suffix-elsewhere"),
        pytest.param("$.a = *html*", {"a": "x.html?y"}, True, id="infix"),
        pytest.param('$.a = "*aa*"', {"a": "a"}, False, id="infix-too-short"),
        pytest.param('$.a = "a*a"', {"a": "aba"}, False, id="asterisk-in-the-middle-is-literal"),
        pytest.param('$.a = "a*a"', {"a": "a*a"}, True, id="literal-asterisk"),
        pytest.param('$.a = "*a*a*"', {"a": "xa*ax"}, True, id="literal-asterisk-between-wildcards"),
        pytest.param("$.a = 123.123.*", {"a": "123.123.0.9"}, True, id="ip-glob"),
        pytest.param("$.a = 123.123.*", {"a": "123.1230.0.9"}, False, id="ip-glob-ends-at-its-period"),
        pytest.param("$.a = 192.0.2.1", {"a": "192.0.2.1"}, True, id="ip-address"),
        pytest.param('$.a = "%x%"', {"a": "x"}, False, id="a-quoted-regex-is-text"),
        pytest.param("$.a != %^Ro%", {"a": "Root"}, False, id="not-equal-to-a-regex"),
        # asterisk: the field exists
        pytest.param("$.a = *", {"a": "x"}, True, id="asterisk-on-a-string"),
        pytest.param('$.a = "*"', {"a": ""}, True, id="quoted-asterisk-on-an-empty-string"),
        pytest.param("$.a = *", {"a": 0}, True, id="asterisk-on-a-number"),
        pytest.param("$.a = *", {}, False, id="asterisk-on-an-absent-field"),
        pytest.param("$.a != *", {"a": "x"}, False, id="not-asterisk-on-a-string"),
        # numbers and booleans
        pytest.param("$.a = 1", {"a": 1.0}, True, id="one-and-one-point-zero"),
        pytest.param("$.a = 0.1", {"a": 0.1}, True, id="decimal-fraction"),
        pytest.param("$.a = 1", {"a": True}, False, id="a-boolean-is-no-number"),
        pytest.param("$.a > 0", {"a": True}, False, id="a-boolean-is-no-larger-number"),
        pytest.param("$.a = 9007199254740993", {"a": 9007199254740992}, False, id="beyond-double-precision"),
        pytest.param("$.a = 4*", {"a": 404}, True, id="number-wildcard"),
        pytest.param("$.a != 4*", {"a": 404}, False, id="not-equal-to-a-number-wildcard"),
        pytest.param("$.a > 1", {"a": float("nan")}, False, id="not-a-number"),
        pytest.param("$.a > 1", {"a": "b"}, False, id="order-of-a-string"),
        # IS
        pytest.param("$.a IS NULL", {}, False, id="absent-is-not-null"),
        pytest.param("$.a IS NULL", {"a": "null"}, False, id="text-is-not-null"),
        pytest.param("$.a IS TRUE", {"a": True}, True, id="true"),
        pytest.param("$.a IS TRUE", {"a": 1}, False, id="one-is-not-true"),
        pytest.param("$.a IS FALSE", {"a": False}, True, id="false"),
        pytest.param("$.a IS FALSE", {"a": 0}, False, id="zero-is-not-false"),
        # NOT EXISTS
        pytest.param("$.a NOT EXISTS", {"a": "x"}, False, id="exists"),
        pytest.param("$.a.b NOT EXISTS", {"a": {}}, True, id="child-not-there"),
        pytest.param("$.a[1] NOT EXISTS", {"a": ["x"]}, True, id="element-not-there"),
        pytest.param("$.a[*] NOT EXISTS", {"a": []}, True, id="any-element-of-an-empty-array"),
    ],
)
def test_truth_rules(condition: str, event: dict[str, Any], is_true: bool) -> None:
    assert is_true == holds(condition, event)


ABC = {"a": ["x", "y", {}]}


@pytest.mark.parametrize(
    ("field", "value", "condition", "event", "is_true"),
    [
        pytest.param("not_equal_matches_absent", False, '$.a.b != "x"', {}, False, id="absent-no"),
        pytest.param("not_equal_matches_absent", True, '$.a.b != "x"', {}, True, id="absent-yes"),
        pytest.param("not_equal_matches_null", True, '$.a != "x"', {"a": None}, True, id="null-yes"),
        pytest.param("not_equal_matches_null", False, '$.a != "x"', {"a": None}, False, id="null-no"),
        pytest.param(
            "not_equal_matches_other_type", True, '$.a != "x"', {"a": 1}, True, id="text-and-number-yes"
        ),
        pytest.param(
            "not_equal_matches_other_type", False, '$.a != "x"', {"a": 1}, False, id="text-and-number-no"
        ),
        pytest.param(
            "not_equal_matches_other_type", True, "$.a != 1", {"a": "x"}, True, id="number-and-text-yes"
        ),
        pytest.param(
            "not_equal_matches_other_type", False, "$.a != 1", {"a": "x"}, False, id="number-and-text-no"
        ),
        pytest.param(
            "not_equal_on_wildcard", WildcardNotEqual.ANY, '$.a[*] != "x"', ABC, True, id="any-differs"
        ),
        pytest.param(
            "not_equal_on_wildcard",
            WildcardNotEqual.ANY,
            '$.a[*] != "x"',
            {"a": ["x"]},
            False,
            id="none-differs",
        ),
        pytest.param(
            "not_equal_on_wildcard", WildcardNotEqual.NONE_EQUAL, '$.a[*] != "x"', ABC, False, id="one-equals"
        ),
        pytest.param(
            "not_equal_on_wildcard", WildcardNotEqual.NONE_EQUAL, '$.a[*] != "z"', ABC, True, id="none-equals"
        ),
        pytest.param(
            "not_equal_on_wildcard",
            WildcardNotEqual.NONE_EQUAL,
            '$.a[*] != "z"',
            {"a": []},
            False,
            id="none-there",
        ),
        pytest.param(
            "not_equal_on_wildcard",
            WildcardNotEqual.EVERY,
            '$.a[*] != "z"',
            ABC,
            False,
            id="an-object-spoils-it",
        ),
        pytest.param(
            "not_equal_on_wildcard",
            WildcardNotEqual.EVERY,
            '$.a[*] != "z"',
            {"a": ["x"]},
            True,
            id="every-one-differs",
        ),
        pytest.param(
            "not_equal_on_wildcard",
            WildcardNotEqual.EVERY,
            '$.a[*] != "z"',
            {"a": []},
            False,
            id="nothing-to-differ",
        ),
        pytest.param("number_matches_strings", False, "$.a = 1", {"a": "1"}, False, id="number-no-string"),
        pytest.param("number_matches_strings", True, "$.a = 1", {"a": "1.0"}, True, id="number-in-a-string"),
        pytest.param(
            "number_matches_strings", True, "$.a != 1", {"a": "1"}, False, id="number-not-in-a-string"
        ),
        pytest.param(
            "number_matches_strings", True, "$.a >= 1", {"a": "2"}, True, id="order-of-numbers-in-strings"
        ),
        pytest.param(
            "number_matches_strings", True, "$.a = 1", {"a": "x"}, False, id="no-number-in-the-string"
        ),
        pytest.param(
            "number_matches_strings", True, "$.a < 1", {"a": "1e99999"}, False, id="monster-in-a-string"
        ),
        pytest.param("text_matches_numbers", False, '$.a = "1"', {"a": 1}, False, id="text-no-number"),
        pytest.param("text_matches_numbers", True, '$.a = "1"', {"a": 1}, True, id="text-of-a-number"),
        pytest.param("text_matches_numbers", True, "$.a = %^1%", {"a": 1.5}, True, id="regex-on-a-number"),
        pytest.param(
            "text_matches_booleans", False, '$.a = "true"', {"a": True}, False, id="text-no-boolean"
        ),
        pytest.param("text_matches_booleans", True, "$.a = true", {"a": True}, True, id="text-of-true"),
        pytest.param("text_matches_booleans", True, "$.a != false", {"a": False}, False, id="text-of-false"),
        pytest.param(
            "inner_asterisk_is_wildcard", False, '$.a = "G*Role"', {"a": "GetRole"}, False, id="inner-no"
        ),
        pytest.param(
            "inner_asterisk_is_wildcard", True, '$.a = "G*Role"', {"a": "GetRole"}, True, id="inner-yes"
        ),
        pytest.param(
            "inner_asterisk_is_wildcard", True, '$.a = "a*a"', {"a": "a"}, False, id="inner-too-short"
        ),
        pytest.param(
            "inner_asterisk_is_wildcard", True, '$.a = "*b*b*"', {"a": "abcb"}, True, id="inner-in-order"
        ),
        pytest.param("asterisk_matches_null", True, "$.a = *", {"a": None}, True, id="asterisk-null-yes"),
        pytest.param("asterisk_matches_null", False, "$.a = *", {"a": None}, False, id="asterisk-null-no"),
        pytest.param(
            "asterisk_matches_booleans", True, "$.a = *", {"a": False}, True, id="asterisk-boolean-yes"
        ),
        pytest.param(
            "asterisk_matches_booleans", False, "$.a = *", {"a": False}, False, id="asterisk-boolean-no"
        ),
        pytest.param(
            "asterisk_matches_containers", False, "$.a = *", {"a": {}}, False, id="asterisk-object-no"
        ),
        pytest.param(
            "asterisk_matches_containers", True, "$.a = *", {"a": []}, True, id="asterisk-array-yes"
        ),
        pytest.param(
            "container_rejects_event",
            False,
            "$.a = 1 || $.b = 1",
            {"a": [], "b": 1},
            True,
            id="array-spoils-itself",
        ),
        pytest.param(
            "container_rejects_event",
            True,
            "$.a = 1 || $.b = 1",
            {"a": [], "b": 1},
            False,
            id="array-spoils-all",
        ),
        pytest.param(
            "container_rejects_event",
            True,
            "$.a NOT EXISTS || $.b = 1",
            {"a": [], "b": 1},
            True,
            id="only-in-comparisons",
        ),
        pytest.param(
            "container_rejects_event", True, "$.* = 1", {"a": [], "b": 1}, True, id="but-not-with-a-wildcard"
        ),
        pytest.param(
            "not_exists_matches_null", False, "$.a NOT EXISTS", {"a": None}, False, id="null-exists"
        ),
        pytest.param(
            "not_exists_matches_null", True, "$.a NOT EXISTS", {"a": None}, True, id="null-counts-as-absent"
        ),
        pytest.param(
            "not_exists_matches_containers", False, "$.a NOT EXISTS", {"a": {}}, False, id="object-exists"
        ),
        pytest.param(
            "not_exists_matches_containers", True, "$.a NOT EXISTS", {"a": {}}, True, id="object-is-absent"
        ),
        pytest.param(
            "not_exists_under_absent_parent", True, "$.a.b NOT EXISTS", {}, True, id="parent-absent-yes"
        ),
        pytest.param(
            "not_exists_under_absent_parent", False, "$.a.b NOT EXISTS", {}, False, id="parent-absent-no"
        ),
        pytest.param(
            "not_exists_under_absent_parent", False, "$.a.b NOT EXISTS", {"a": {}}, True, id="parent-is-there"
        ),
        pytest.param(
            "not_exists_under_unfit_parent", True, "$.a.b NOT EXISTS", {"a": None}, True, id="parent-null-yes"
        ),
        pytest.param(
            "not_exists_under_unfit_parent",
            False,
            "$.a.b NOT EXISTS",
            {"a": None},
            False,
            id="parent-null-no",
        ),
        pytest.param(
            "not_exists_under_unfit_parent",
            False,
            "$.a[0] NOT EXISTS",
            {"a": {}},
            False,
            id="parent-no-array",
        ),
        pytest.param(
            "not_exists_on_wildcard_needs_one",
            False,
            "$.a[*].b NOT EXISTS",
            {"a": [{"b": 1}, {}]},
            False,
            id="one-element-has-it",
        ),
        pytest.param(
            "not_exists_on_wildcard_needs_one",
            True,
            "$.a[*].b NOT EXISTS",
            {"a": [{"b": 1}, {}]},
            True,
            id="one-element-lacks-it",
        ),
    ],
)
def test_open_points_follow_the_reading(
    field: str, value: Any, condition: str, event: dict[str, Any], is_true: bool
) -> None:
    assert is_true == holds(condition, event, replace(DEFAULT, **{field: value}))


@pytest.mark.parametrize(
    ("pattern", "message", "is_match"),
    [
        pytest.param("{ $.a = 1 }", '{"a":1}', True, id="json-object"),
        pytest.param("{ $.a = 1 }", ' {"a": 1.0}\n', True, id="json-with-white-space"),
        pytest.param("{ $.a NOT EXISTS }", "plain text", False, id="no-json"),
        pytest.param("{ $.a NOT EXISTS }", "", False, id="nothing"),
        pytest.param("{ $.a NOT EXISTS }", '[{"b":1}]', False, id="json-array"),
        pytest.param("{ $.a NOT EXISTS }", '"text"', False, id="json-string"),
        pytest.param("{ $.a NOT EXISTS }", '{"b":NaN}', False, id="not-quite-json"),
        pytest.param("{ $.a NOT EXISTS }", '{"b":1e99999999999999999999}', False, id="monstrous-number"),
        pytest.param("{ $.a NOT EXISTS }", '{"b":' * 100_000, False, id="nested-beyond-reason"),
        pytest.param(
            "{ $.a = 12345678901234567890.5 }", '{"a":12345678901234567890.5}', True, id="exact-number"
        ),
        pytest.param("{ $.a = 1.* }", '{"a":1.50}', True, id="number-as-written"),
        pytest.param("", "anything", True, id="empty-pattern"),
        pytest.param('" "', "no-blank-here", True, id="quoted-blank"),
        pytest.param("ERROR", "[SUBERRORS]", True, id="substring"),
        pytest.param("ERROR", "Error", False, id="case-counts"),
        pytest.param("ERROR ARGUMENTS", "ARGUMENTS ERROR", True, id="both-terms"),
        pytest.param("ERROR ARGUMENTS", "ERROR", False, id="one-of-two-terms"),
        pytest.param("?ERROR ?WARN", "WARN", True, id="either-term"),
        pytest.param("?ERROR ?WARN", "INFO", False, id="neither-term"),
        pytest.param(
            "?ERROR ?ARGUMENTS REQUEST", "[INFO] REQUEST FAILED", True, id="optional-terms-are-ignored"
        ),
        pytest.param("?ERROR -DEBUG", "INFO", True, id="optional-terms-are-ignored-beside-exclusions"),
        pytest.param("ERROR -ARGUMENTS", "ERROR", True, id="without-the-excluded"),
        pytest.param("ERROR -ARGUMENTS", "ERROR ARGUMENTS", False, id="with-the-excluded"),
        pytest.param("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True, id="regex-alone"),
    ],
)
def test_raw_messages(pattern: str, message: str, is_match: bool) -> None:
    assert is_match == matches(parse_filter_pattern(pattern), message)


@pytest.mark.parametrize(
    ("pattern", "is_match"),
    [
        pytest.param('Root "eventType"', True, id="terms"),
        pytest.param("-AwsServiceEvent", True, id="excluded-term"),
        pytest.param(r"%type\x22:\x22Root\x22%", True, id="regex-on-compact-json"),
        pytest.param("%Root%", True, id="regex"),
    ],
)
def test_a_parsed_event_is_searched_as_compact_json(pattern: str, is_match: bool) -> None:
    event = {"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall", "count": Decimal(3)}

    assert is_match == matches(parse_filter_pattern(pattern.replace('"eventType"', "eventType")), event)


def test_space_delimited_patterns_are_not_evaluated() -> None:
    with pytest.raises(SpaceDelimitedPatternNotEvaluated):
        matches(parse_filter_pattern("[a, b]"), "one two")


@given(json_patterns(), events(), readings())
def test_a_parsed_event_and_its_message_agree(
    pattern: FilterPattern, event: dict[str, Any], reading: Reading
) -> None:
    assert matches(pattern, event, reading) == matches(pattern, json.dumps(event), reading)


@given(
    json_patterns(),
    json_patterns(),
    events(),
    readings().map(lambda r: replace(r, container_rejects_event=False)),
)
def test_and_or_are_those_of_logic(
    left: JsonPattern, right: JsonPattern, event: dict[str, Any], reading: Reading
) -> None:
    both = JsonPattern(And((left.expression, right.expression)))
    either = JsonPattern(Or((left.expression, right.expression)))
    truths = matches(left, event, reading), matches(right, event, reading)

    assert all(truths) == matches(both, event, reading)
    assert any(truths) == matches(either, event, reading)


@given(events(), st.sampled_from(["$.a", "$.a.b", "$.userIdentity.type", "$.a[0]"]))
def test_nothing_both_exists_and_does_not(event: dict[str, Any], selector: str) -> None:
    exists, not_exists = holds(f"{selector} = *", event), holds(f"{selector} NOT EXISTS", event)

    assert not (exists and not_exists)


def test_a_deep_pattern_and_a_deep_event_need_no_deep_stack() -> None:
    condition = Comparison(Selector((Member("a"),)), Operator.EQUAL, Number("1"))
    expression: Expression = condition
    for _ in range(1500):
        expression = And((Or((expression, condition)), condition))
    event: dict[str, Any] = {"a": 1, "b": {}}
    innermost = event["b"]
    for _ in range(1500):
        innermost["b"] = {}
        innermost = innermost["b"]

    pattern = JsonPattern(expression)

    assert with_little_stack_left(lambda: matches(pattern, event))


def test_conditions_come_in_the_order_in_which_they_are_written() -> None:
    pattern = parse_filter_pattern("{ $.a = 1 && ($.b = 2 || $.c = 3) && $.d = 4 }")
    assert isinstance(pattern, JsonPattern)

    names = [condition.selector.steps[0] for condition in conditions(pattern.expression)]

    assert names == [Member("a"), Member("b"), Member("c"), Member("d")]
