"""What CloudWatch recorded of an action, and whether there is anything to look up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.aws.asking import NotOffered, Unreadable
from root_usage.aws.cloudwatch import ActionRecord, AlarmState
from root_usage.delivery import judge_history, needs_history
from root_usage.verdict.findings import Code, Finding

from tests.delivery.builders import ALARM, COMPOSITE, NOW, TOPIC_ARN

TOPIC = str(TOPIC_ARN)
KEY_ERROR = "CloudWatch Alarms is not authorized to access the SNS topic encryption key."


def _record(
    state: str, days_ago: float = 1, *, resource: str = TOPIC, error: str | None = None
) -> ActionRecord:
    """As CloudWatch writes them."""
    success = f"Successfully executed action {resource}"
    failure = f'Failed to execute action {resource}. Received error: "{error}"'
    data = {
        "error": error,
        "actionState": state,
        "notificationResource": resource,
        "stateUpdateTimestamp": 1534368002381,
        "publishedMessage": '{"default":"{}"}',
    }
    return ActionRecord(
        NOW - timedelta(days=days_ago), failure if state == "Failed" else success, json.dumps(data)
    )


def _text(summary: str, data: Any = "", days_ago: float = 1) -> ActionRecord:
    return ActionRecord(NOW - timedelta(days=days_ago), summary, data)


FAILED = _record("Failed", error=KEY_ERROR)


def _failure(error: str, day: str = "2026-11-19") -> Finding:
    return Finding(
        Code.ACTION_FAILED_BEFORE,
        TOPIC,
        f"alarm `root-usage` failed to notify `root-usage-topic` on {day} (`{error}`), so no one was told",
        "remove the cause, then try the alarm once (SetAlarmState)",
    )


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((), id="nothing-recorded"),
        pytest.param((_record("Succeeded"),), id="succeeded"),
        pytest.param((_record("Succeeded", 1), _record("Failed", 2, error="x")), id="succeeded-since"),
        pytest.param(
            (_record("Failed", 2, error="x"), _record("Succeeded", 1)), id="succeeded-since-unsorted"
        ),
        pytest.param((_record("Failed", resource=f"{TOPIC}-2", error="x"),), id="another-action-failed"),
        pytest.param((_record("Failed", 31, error="x"),), id="older-than-what-is-kept"),
        pytest.param((_record("InProgress"),), id="neither-failed-nor-succeeded-by-data-but-by-summary"),
        pytest.param((_text(f"Failed to execute action {TOPIC}-2. Received error: x"),), id="longer-name"),
        pytest.param((_text(f"Failed to execute action {TOPIC}.fifo. Received error: x"),), id="fifo-name"),
        pytest.param((_text(f"Failed to execute action {TOPIC}:7. Received error: x"),), id="longer-arn"),
        pytest.param((_text(f"Postponed action {TOPIC}"),), id="unclear"),
    ],
)
def test_action_without_a_standing_failure_has_nothing_against_it(records: tuple[ActionRecord, ...]) -> None:
    assert judge_history("root-usage", TOPIC, records, NOW) == ()


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param((FAILED,), _failure(KEY_ERROR), id="failed"),
        pytest.param(
            (_record("Failed", 1, error="b"), _record("Failed", 2, error="a")),
            _failure("b"),
            id="newest-counts",
        ),
        pytest.param(
            (_record("Failed", 30, error="a"),), _failure("a", "2026-10-21"), id="thirty-days-are-kept"
        ),
        pytest.param((_record("Succeeded", 2), FAILED), _failure(KEY_ERROR), id="failed-after-a-success"),
        pytest.param(
            (_record("Succeeded", 0.5, resource=f"{TOPIC}-2"), FAILED),
            _failure(KEY_ERROR),
            id="another-action's-success-is-no-excuse",
        ),
        pytest.param(
            (_text(f"Postponed action {TOPIC}", days_ago=0.5), FAILED),
            _failure(KEY_ERROR),
            id="unclear-record-is-no-excuse",
        ),
        pytest.param(
            (_text(f'Failed to execute action {TOPIC}. Received error: "no\n  access"'),),
            _failure("no access"),
            id="summary-alone",
        ),
        pytest.param(
            (_text(f"Failed to execute action {TOPIC}", "{broken"),),
            _failure(f"Failed to execute action {TOPIC}"),
            id="summary-without-reason-and-broken-data",
        ),
        pytest.param(
            (_text("", json.dumps({"actionState": "Failed", "notificationResource": TOPIC})),),
            _failure("no reason recorded"),
            id="data-alone-without-reason",
        ),
        pytest.param(
            (replace(_record("Succeeded"), summary=f"Failed to execute action {TOPIC}: x"),),
            _failure(f"Failed to execute action {TOPIC}: x"),
            id="summary-and-data-disagree",
        ),
    ],
)
def test_failure_counts_until_a_later_success(records: tuple[ActionRecord, ...], expected: Finding) -> None:
    assert judge_history("root-usage", TOPIC, records, NOW) == expected


def test_failed_action_other_than_a_topic_goes_by_its_arn() -> None:
    function = "arn:aws:lambda:us-east-1:111122223333:function:page-someone"

    finding = judge_history("root-usage", function, (_record("Failed", resource=function, error="x"),), NOW)

    assert finding == Finding(
        Code.ACTION_FAILED_BEFORE,
        function,
        f"alarm `root-usage` failed to notify `{function}` on 2026-11-19 (`x`), so no one was told",
        "remove the cause, then try the alarm once (SetAlarmState)",
    )


def test_history_that_is_not_offered_is_a_note() -> None:
    notes = judge_history("root-usage", TOPIC, NotOffered("cloudwatch:DescribeAlarmHistory"), NOW)

    assert notes == (
        "whether its actions worked before is not seen: no cloudwatch:DescribeAlarmHistory here",
    )


def test_history_that_is_refused_is_a_finding() -> None:
    refusal = Unreadable("cloudwatch:DescribeAlarmHistory", "AccessDenied")

    assert judge_history("root-usage", TOPIC, refusal, NOW) == Finding(
        Code.ACTION_UNREADABLE,
        "root-usage",
        "cannot verify whether alarm `root-usage` failed to act before: "
        "cloudwatch:DescribeAlarmHistory answered AccessDenied",
        "allow cloudwatch:DescribeAlarmHistory to the role that the rule reads with",
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_junk_in_a_record_never_crashes(summary: str, data: str) -> None:
    assert judge_history("root-usage", TOPIC, (_text(summary, data),), NOW) == ()


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "reason", "updated", "transitioned", "expected"),
    [
        pytest.param("OK", "Threshold Crossed", NOW - DAY, NOW - DAY, True, id="moved-yesterday"),
        pytest.param("OK", "Threshold Crossed", NOW - DAY, NOW - 31 * DAY, False, id="moved-a-month-ago"),
        pytest.param("OK", "Threshold Crossed", NOW - DAY, NOW - 30 * DAY, True, id="moved-30-days-ago"),
        pytest.param("OK", "Threshold Crossed", NOW - 31 * DAY, None, False, id="updated-a-month-ago"),
        pytest.param("OK", "Threshold Crossed", NOW - DAY, None, True, id="updated-yesterday"),
        pytest.param("OK", "", None, None, True, id="nothing-known"),
        pytest.param(
            "INSUFFICIENT_DATA", "Unchecked: Initial alarm creation", NOW, NOW, False, id="never-evaluated"
        ),
        pytest.param("OK", "Unchecked: Initial alarm creation", NOW, NOW, True, id="moved-in-spite-of-it"),
        pytest.param("INSUFFICIENT_DATA", "Insufficient Data: 1 datapoint", NOW, NOW, True, id="evaluated"),
    ],
)
def test_history_is_needed_only_of_an_alarm_that_may_have_acted(
    value: str, reason: str, updated: datetime | None, transitioned: datetime | None, expected: bool
) -> None:
    state = AlarmState(value, reason, updated, transitioned)

    assert needs_history(replace(ALARM, state=state), NOW) is expected
    assert needs_history(replace(COMPOSITE, state=state), NOW) is expected
