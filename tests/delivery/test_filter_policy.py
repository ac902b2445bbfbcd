"""Whether a subscription's filter policy lets the alarm's message through."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.delivery.alarm_message import Content, attributes_of, body_of
from root_usage.delivery.filter_policy import passes
from root_usage.delivery.ternary import Doubt, Ternary

from tests.delivery.builders import ACCOUNT, ALARM, ALARM_ARN, COMPOSITE

BODY = body_of(ALARM)
TAGGED = replace(ALARM, sends_tags=True)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param({}, True, id="no-condition"),
        pytest.param({"team": [{"exists": False}]}, False, id="absence-demands-another-attribute"),
        pytest.param({"team": ["security", {"exists": False}]}, False, id="or-absence"),
        pytest.param(
            {"$or": [{"team": ["security"]}, {"team": [{"exists": False}]}]},
            False,
            id="or-of-two-with-absence",
        ),
        pytest.param({"team": ["security"]}, False, id="demands-a-value"),
        pytest.param({"team": [{"exists": True}]}, False, id="demands-presence"),
        pytest.param({"team": [{"anything-but": ["dev"]}]}, False, id="anything-but-demands-presence"),
        pytest.param({"team": [{"exists": False}], "level": [1]}, False, id="one-of-two-fails"),
        pytest.param({"team": [{"cidr": "10.0.0.0/8"}]}, Doubt("filter on `team`"), id="unknown-operator"),
        pytest.param({"team": [{"exists": "false"}]}, Doubt("filter on `team`"), id="exists-of-a-string"),
        pytest.param({"team": "security"}, Doubt("filter on `team`"), id="value-without-list"),
        pytest.param({"team": []}, Doubt("filter on `team`"), id="empty-list"),
        pytest.param({"team": {"name": ["x"]}}, Doubt("filter on `team`"), id="nested"),
        pytest.param({"$or": [{"team": ["x"]}]}, Doubt("filter on `$or`"), id="or-of-one"),
        pytest.param({"$or": ["x", "y"]}, Doubt("filter on `$or`"), id="or-of-strings"),
        pytest.param(
            {"$or": [{"prefix": "x"}, {"team": ["x"]}]}, Doubt("filter on `$or`"), id="or-is-a-name"
        ),
    ],
)
def test_filter_on_message_attributes_of_a_message_that_has_none(policy: Any, expected: Ternary) -> None:
    assert passes(json.dumps(policy), attributes_of(ALARM)) == expected


@pytest.mark.parametrize(
    "policy", [{"team": [{"exists": False}]}, {"team": ["security"]}, {"team": [{"exists": True}]}]
)
@pytest.mark.parametrize("content", [attributes_of(TAGGED), body_of(TAGGED)], ids=["attributes", "body"])
def test_filter_beside_tags_that_the_alarm_sends_is_a_doubt(policy: Any, content: Content) -> None:
    """AWS says that one may filter by them, and not in which form they are sent."""
    assert passes(json.dumps(policy), content) == Doubt("filter on `team`")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param({"NewStateValue": ["ALARM"]}, True, id="alarm-state"),
        pytest.param({"NewStateValue": ["OK", "ALARM"]}, True, id="one-of-two-states"),
        pytest.param({"NewStateValue": ["OK"]}, False, id="ok-state"),
        pytest.param({"NewStateValue": ["alarm"]}, False, id="case-counts"),
        pytest.param({"NewStateValue": [{"equals-ignore-case": "alarm"}]}, True, id="equals-ignore-case"),
        pytest.param({"AWSAccountId": [ACCOUNT]}, True, id="account"),
        pytest.param({"AWSAccountId": [int(ACCOUNT)]}, False, id="account-is-a-string"),
        pytest.param({"AlarmArn": [str(ALARM_ARN)]}, True, id="alarm-arn"),
        pytest.param({"AlarmName": [{"prefix": "root-"}]}, True, id="prefix"),
        pytest.param({"AlarmName": [{"prefix": "prod-"}]}, False, id="wrong-prefix"),
        pytest.param({"AlarmName": [{"suffix": "-usage"}]}, True, id="suffix"),
        pytest.param({"AlarmName": [{"suffix": "-cpu"}]}, False, id="wrong-suffix"),
        pytest.param({"AlarmName": [{"anything-but": "test"}]}, True, id="anything-but"),
        pytest.param({"AlarmName": [{"anything-but": ["root-usage", "x"]}]}, False, id="anything-but-this"),
        pytest.param({"AlarmName": [{"anything-but": {"prefix": "test-"}}]}, True, id="anything-but-prefix"),
        pytest.param({"AlarmName": [{"anything-but": {"suffix": "usage"}}]}, False, id="anything-but-suffix"),
        pytest.param({"AlarmName": [{"exists": True}]}, True, id="exists"),
        pytest.param({"AlarmName": [{"exists": False}]}, False, id="exists-not"),
        pytest.param({"OldStateValue": [{"exists": True}]}, True, id="exists-with-unknown-value"),
        pytest.param({"Trigger": {"Namespace": ["Security"]}}, True, id="nested"),
        pytest.param({"Trigger": {"MetricName": ["CPUUtilization"]}}, False, id="nested-and-wrong"),
        pytest.param({"Trigger": {"Period": [300]}}, True, id="number"),
        pytest.param({"Trigger": {"Period": ["300"]}}, False, id="number-is-no-string"),
        pytest.param({"Trigger": {"EvaluationPeriods": [True]}}, False, id="one-is-not-true"),
        pytest.param({"Trigger": {"Threshold": [{"numeric": ["=", 1]}]}}, True, id="numeric-equal"),
        pytest.param({"Trigger": {"Period": [{"numeric": [">", 0, "<=", 300]}]}}, True, id="numeric-range"),
        pytest.param({"Trigger": {"Period": [{"numeric": ["<", 300]}]}}, False, id="numeric-below"),
        pytest.param({"AlarmName": [{"numeric": [">", 0]}]}, False, id="numeric-on-a-string"),
        pytest.param(
            {"$or": [{"NewStateValue": ["OK"]}, {"AlarmName": [{"prefix": "root"}]}]}, True, id="or-second"
        ),
        pytest.param({"$or": [{"NewStateValue": ["OK"]}, {"AlarmName": ["x"]}]}, False, id="or-neither"),
        pytest.param(
            {"NewStateValue": ["OK"], "AlarmDescription": ["x"]}, False, id="one-fails-another-is-unknown"
        ),
        pytest.param({"OldStateValue": ["OK"]}, True, id="old-state-of-an-alarm-that-never-lacks-data"),
        pytest.param({"OldStateValue": ["INSUFFICIENT_DATA"]}, False, id="old-state-that-never-was"),
        pytest.param({"StateChangeTime": ["x"]}, Doubt("filter on `StateChangeTime`"), id="unknown-value"),
        pytest.param({"AlarmDescription": ["x"]}, Doubt("filter on `AlarmDescription`"), id="unknown-member"),
        pytest.param({"severity": [{"exists": False}]}, True, id="absence-of-what-aws-names-otherwise"),
        pytest.param({"severity": ["high"]}, False, id="value-of-what-aws-names-otherwise"),
        pytest.param({"Severity": [{"exists": False}]}, Doubt("filter on `Severity`"), id="unknown-absence"),
        pytest.param(
            {"Trigger": {"unit": [{"exists": False}]}}, Doubt("filter on `unit`"), id="unknown-nested-absence"
        ),
        pytest.param({"Trigger": {"Unit": ["None"]}}, Doubt("filter on `Unit`"), id="unknown-nested-member"),
        pytest.param({"Trigger": ["x"]}, Doubt("filter on `Trigger`"), id="value-for-an-object"),
        pytest.param({"Trigger": [{"exists": True}]}, Doubt("filter on `Trigger`"), id="exists-of-an-object"),
        pytest.param({"AlarmName": {"x": ["y"]}}, Doubt("filter on `AlarmName`"), id="object-for-a-value"),
        pytest.param({"AlarmName": [{"wildcard": "root*"}]}, Doubt("filter on `AlarmName`"), id="wildcard"),
        pytest.param({"AlarmName": [{"prefix": 1}]}, Doubt("filter on `AlarmName`"), id="prefix-of-a-number"),
        pytest.param({"AlarmName": [{"suffix": []}]}, Doubt("filter on `AlarmName`"), id="suffix-of-a-list"),
        pytest.param(
            {"AlarmName": [{"equals-ignore-case": []}]}, Doubt("filter on `AlarmName`"), id="case-of-a-list"
        ),
        pytest.param(
            {"AlarmName": [{"prefix": "root", "suffix": "x"}]},
            Doubt("filter on `AlarmName`"),
            id="two-at-once",
        ),
        pytest.param(
            {"AlarmName": [{"anything-but": {"wildcard": "x"}}]},
            Doubt("filter on `AlarmName`"),
            id="anything-but-wildcard",
        ),
        pytest.param(
            {"AlarmName": [{"anything-but": []}]}, Doubt("filter on `AlarmName`"), id="anything-but-nothing"
        ),
        pytest.param(
            {"AlarmName": [{"numeric": ["~", 1]}]}, Doubt("filter on `AlarmName`"), id="unknown-comparison"
        ),
        pytest.param(
            {"AlarmName": [{"numeric": ["=", "1"]}]}, Doubt("filter on `AlarmName`"), id="numeric-of-a-string"
        ),
        pytest.param({"AlarmName": [{"numeric": 1}]}, Doubt("filter on `AlarmName`"), id="numeric-no-list"),
    ],
)
def test_filter_on_the_alarm_s_message(policy: Any, expected: Ternary) -> None:
    assert passes(json.dumps(policy), BODY) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(["OK", "INSUFFICIENT_DATA"], True, id="either"),
        pytest.param([{"anything-but": "ALARM"}], True, id="anything-but-alarm"),
        pytest.param([{"exists": True}], True, id="exists"),
        pytest.param([{"exists": False}], False, id="exists-not"),
        pytest.param(["ALARM"], False, id="alarm"),
        pytest.param(["OK"], Doubt("filter on `OldStateValue`"), id="one-of-two"),
        pytest.param([{"prefix": "I"}], Doubt("filter on `OldStateValue`"), id="prefix-of-one-of-two"),
        pytest.param([{"wildcard": "*"}], Doubt("filter on `OldStateValue`"), id="wildcard"),
    ],
)
def test_state_before_the_alarm_is_ok_or_insufficient_data(wanted: Any, expected: Ternary) -> None:
    sparse = replace(ALARM, treat_missing_data="missing")

    for alarm in (sparse, COMPOSITE, replace(ALARM, state=replace(ALARM.state, value="INSUFFICIENT_DATA"))):
        assert passes(json.dumps({"OldStateValue": wanted}), body_of(alarm)) == expected


def test_composite_alarm_s_message_has_no_known_trigger() -> None:
    policy = json.dumps({"Trigger": {"MetricName": ["RootUsage"]}})

    assert passes(policy, body_of(COMPOSITE)) == Doubt("filter on `Trigger`")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", Doubt("it is not valid JSON"), id="empty"),
        pytest.param("[]", Doubt("it is not a JSON object"), id="list"),
        pytest.param('{"a":["x"],"a":["y"]}', Doubt("it is not valid JSON"), id="a-name-twice"),
    ],
)
def test_filter_policy_that_is_no_object_is_a_doubt(text: str, expected: Ternary) -> None:
    assert passes(text, BODY) == expected


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param("[1.0]", True, id="as-the-message-has-it"),
        pytest.param("[1]", Doubt("filter on `Threshold`"), id="without-fraction"),
        pytest.param("[1.00]", Doubt("filter on `Threshold`"), id="with-more-zeros"),
        pytest.param("[1e0]", Doubt("filter on `Threshold`"), id="with-exponent"),
        pytest.param("[2, 1.0]", True, id="one-of-two"),
        pytest.param("[2]", False, id="another"),
        pytest.param('[{"anything-but": [1]}]', Doubt("filter on `Threshold`"), id="anything-but-one"),
        pytest.param('[{"anything-but": [1.0]}]', False, id="anything-but-as-the-message-has-it"),
        pytest.param('[{"anything-but": [2]}]', True, id="anything-but-another"),
        pytest.param('[{"numeric": ["=", 1]}]', True, id="numeric-compares-values"),
        pytest.param('[{"numeric": ["=", 1e0]}]', True, id="numeric-compares-values-however-written"),
    ],
)
def test_equal_numbers_that_are_written_differently_are_a_doubt(numbers: str, expected: Ternary) -> None:
    assert passes(f'{{"Trigger": {{"Threshold": {numbers}}}}}', BODY) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("300", True, id="as-the-message-has-it"),
        pytest.param("300.0", Doubt("filter on `Period`"), id="with-fraction"),
        pytest.param("3.0e2", Doubt("filter on `Period`"), id="with-exponent"),
    ],
)
def test_whole_number_of_the_message_is_compared_as_it_is_written(number: str, expected: Ternary) -> None:
    assert passes(f'{{"Trigger": {{"Period": [{number}]}}}}', BODY) == expected


def test_threshold_is_written_with_a_fraction_whatever_the_call_answered() -> None:
    body = body_of(replace(ALARM, threshold=1))

    assert passes('{"Trigger": {"Threshold": [1.0]}}', body) is True


def nested_or(times: int) -> str:
    return '{"$or":[{"AlarmName":["x"]},' * times + '{"AlarmName":["root-usage"]}' + "]}" * times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(nested_or(20), True, id="as-deep-as-anybody-goes"),
        pytest.param(nested_or(149), Doubt("it is nested too deeply"), id="too-deep-to-decide"),
        pytest.param(nested_or(10_000), Doubt("it is not valid JSON"), id="too-deep-to-read"),
        pytest.param('{"a":' * 60 + '["x"]' + "}" * 60, Doubt("it is nested too deeply"), id="names"),
        pytest.param(
            '{"AlarmName":' + "[" * 60 + '"x"' + "]" * 60 + "}", Doubt("it is nested too deeply"), id="lists"
        ),
    ],
)
def test_filter_policy_that_is_nested_too_deeply_is_a_doubt(text: str, expected: Ternary) -> None:
    assert passes(text, BODY) == expected


_NAMES = st.sampled_from(
    ["AlarmName", "Trigger", "Period", "$or", "exists", "prefix", "numeric", "anything-but"]
)
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_NAMES, below, max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(_NAMES, _JUNK, max_size=3))
def test_junk_never_crashes(policy: dict[str, Any]) -> None:
    assert isinstance(passes(json.dumps(policy), BODY), bool | Doubt)


@given(st.dictionaries(_NAMES, _JUNK, max_size=3))
def test_junk_beside_a_failing_filter_never_passes(policy: dict[str, Any]) -> None:
    assert passes(json.dumps({**policy, "NewStateValue": ["OK"]}), BODY) is False
