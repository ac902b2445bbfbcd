"""The message that an alarm publishes, as far as it is known before it is sent.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..aws.cloudwatch import CompositeAlarm, MetricAlarm


@dataclass(frozen=True, slots=True)
class Present:
    """A member that the message has, with a value that nobody knows in advance."""


@dataclass(frozen=True, slots=True)
class Content:
    """Members by name: a text, a number, Present, or Content again.

    `is_complete` says that there are no members but these.
    """

    members: Mapping[str, Any]
    is_complete: bool = False


# The members' names, times and numbers that every message has, about 600 bytes in AWS's examples, and as
# much again for what AWS may add.
_FRAME_BYTES = 1_200
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html (`StateReason`)
_MOST_REASON_BYTES = 1_023
# What stands around each metric of a metric math alarm, and each child that a composite alarm names.
_PART_BYTES = 512
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html: so many
# children are named as those that set the alarm off.
_MOST_CHILDREN = 10

# An alarm's messages carry no message attributes.
NO_ATTRIBUTES = Content({}, is_complete=True)


def body_of(alarm: MetricAlarm | CompositeAlarm) -> Content:
    """The JSON message of the alarm's transition into ALARM."""
    members: dict[str, Any] = {
        "AlarmName": alarm.name,
        "AlarmArn": str(alarm.arn),
        "AWSAccountId": alarm.arn.account_id,
        "NewStateValue": "ALARM",
        "NewStateReason": Present(),
        "StateChangeTime": Present(),
        "Region": Present(),
        "OldStateValue": Present(),
    }
    if isinstance(alarm, MetricAlarm) and alarm.metric is not None:
        members["Trigger"] = _trigger(alarm)
    return Content(members)


def _trigger(alarm: MetricAlarm) -> Content:
    assert alarm.metric is not None  # noqa: S101
    members = {
        "MetricName": alarm.metric.name,
        "Namespace": alarm.metric.namespace,
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        # A double, unlike the others; in recorded messages it has a fraction always:
        # https://github.com/aws/aws-lambda-go/blob/main/events/testdata/cloudwatch-alarm-sns-payload-single-metric.json
        "Threshold": None if alarm.threshold is None else float(alarm.threshold),
    }
    return Content({name: value for name, value in members.items() if value is not None})


def most_bytes(alarm: MetricAlarm | CompositeAlarm) -> int:
    """The bytes that the alarm's message has at the most, with room for what isn't foreseen."""
    # ASCII with escapes is never shorter than the UTF-8 that is sent.
    own = sum(len(json.dumps(text)) for text in _texts(alarm))
    parts = len(alarm.queries) if isinstance(alarm, MetricAlarm) else _MOST_CHILDREN
    return _FRAME_BYTES + _MOST_REASON_BYTES + own + parts * _PART_BYTES


def _texts(alarm: MetricAlarm | CompositeAlarm) -> Iterator[str]:
    """What the customer wrote, as far as the message repeats it."""
    yield from (alarm.name, alarm.description, str(alarm.arn), *alarm.alarm_actions, *alarm.other_actions)
    if isinstance(alarm, CompositeAlarm):
        yield alarm.rule
        yield alarm.actions_suppressor or ""
        return
    yield from (query.expression for query in alarm.queries if query.expression)
    for metric in alarm.metrics:
        yield from (metric.namespace, metric.name)
        yield from (text for dimension in metric.dimensions for text in dimension)
