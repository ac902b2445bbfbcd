"""Judges what CloudWatch recorded of an alarm's actions: did this very one fail the last time?

CloudWatch keeps 30 days of it:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from ..aws.arn import Arn, MalformedArn
from ..aws.asking import NotOffered, Unreadable
from ..aws.cloudwatch import ActionRecord, CompositeAlarm, MetricAlarm
from ..verdict.findings import Code, Finding, quote, unreadable
from .json_text import read_json_object
from .ternary import Doubt

HISTORY_KEPT = timedelta(days=30)

# The reason that CloudWatch gives for the state of an alarm that it has not evaluated yet.
NEVER_EVALUATED = "Unchecked: Initial alarm creation"


class Outcome(Enum):
    """How an action ended; UNCLEAR where CloudWatch records something else of it, or in other words."""

    SUCCEEDED = auto()
    FAILED = auto()
    UNCLEAR = auto()


def needs_history(alarm: MetricAlarm | CompositeAlarm, now: datetime) -> bool:
    """Whether the alarm may have acted within the time for which CloudWatch keeps its history."""
    state = alarm.state
    if state.value == "INSUFFICIENT_DATA" and state.reason.startswith(NEVER_EVALUATED):
        return False
    # Actions follow a transition. An update is never earlier than the transition before it.
    since = state.transitioned or state.updated
    return since is None or now - since <= HISTORY_KEPT


def judge_history(
    alarm_name: str,
    action_arn: str,
    records: tuple[ActionRecord, ...] | NotOffered | Unreadable,
    now: datetime,
) -> Finding | tuple[str, ...]:
    """The action's last recorded failure, unless it succeeded since; else notes."""
    if isinstance(records, Unreadable):
        subject = f"whether alarm {quote(alarm_name)} failed to act before"
        return unreadable(Code.ACTION_UNREADABLE, alarm_name, subject, records)
    if isinstance(records, NotOffered):
        return (f"whether its actions worked before is not seen: no {records.call} here",)
    newest_first = sorted(records, key=lambda each: each.timestamp, reverse=True)
    for record in newest_first:
        if now - record.timestamp > HISTORY_KEPT or not is_about(record, action_arn):
            continue
        match outcome_of(record):
            case Outcome.SUCCEEDED:
                return ()
            case Outcome.FAILED:
                return _failed(alarm_name, action_arn, record)
            case Outcome.UNCLEAR:
                continue
    return ()


def is_about(record: ActionRecord, action_arn: str) -> bool:
    """Whether it is that action which CloudWatch executed, or failed to."""
    resource = _data(record).get("notificationResource")
    if isinstance(resource, str):
        return resource == action_arn
    # The ARN as a whole: `...:root` is the beginning of `...:root-usage` and of `...:root.fifo`.
    return re.search(re.escape(action_arn) + r"(?![\w-]|[.:/#]\w)", record.summary) is not None


def outcome_of(record: ActionRecord) -> Outcome:
    """Whether the action was carried out."""
    state = str(_data(record).get("actionState")).lower()
    if state == "failed" or record.summary.startswith("Failed to execute action"):
        return Outcome.FAILED
    if state == "succeeded" or record.summary.startswith("Successfully executed action"):
        return Outcome.SUCCEEDED
    return Outcome.UNCLEAR


def _data(record: ActionRecord) -> dict[str, Any]:
    data = read_json_object(record.data)
    return {} if isinstance(data, Doubt) else data


def error_of(record: ActionRecord) -> str:
    """AWS's words: the record's error, else what its summary says after `Received error:`."""
    error = _data(record).get("error")
    if not isinstance(error, str) or not error.strip():
        error = record.summary.rpartition("Received error:")[2]
    return " ".join(error.split()).strip('"') or "no reason recorded"


def _failed(alarm_name: str, action_arn: str, record: ActionRecord) -> Finding:
    return Finding(
        Code.ACTION_FAILED_BEFORE,
        action_arn,
        f"alarm {quote(alarm_name)} failed to notify {quote(_short(action_arn))} on "
        f"{record.timestamp:%Y-%m-%d} ({quote(error_of(record))}), so no one was told",
        "remove the cause, then try the alarm once (SetAlarmState)",
    )


def _short(action_arn: str) -> str:
    """A topic's name, which people know it by; other actions by their ARN."""
    try:
        arn = Arn.parse(action_arn)
    except MalformedArn:
        return action_arn
    return arn.resource if arn.service == "sns" else action_arn
