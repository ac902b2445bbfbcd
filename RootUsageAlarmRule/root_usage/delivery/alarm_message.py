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
class OneOf:
    """A member that the message has, with one of these values, nobody knows which."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Members by name: a text, a number, Present, OneOf, or Content again.

    `is_complete` says that there are no members but these, `is_capitalized` that any others have names
    that begin with a capital letter.
    """

    members: Mapping[str, Any]
    is_complete: bool = False
    is_capitalized: bool = False

    def may_hold(self, name: str) -> bool:
        """Whether there may be a member of this name that isn't among those that are known."""
        return not self.is_complete and not (self.is_capitalized and name[:1].islower())


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

# 50 tags of 128 and 256 characters, of up to four bytes.
_MOST_TAG_BYTES = 50 * (128 + 256) * 4


def attributes_of(alarm: MetricAlarm | CompositeAlarm) -> Content:
    """The message attributes: none, but where the alarm's tags are sent nobody says in what form."""
    return Content({}, is_complete=not alarm.sends_tags)


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
        "OldStateValue": _old_state(alarm),
    }
    if isinstance(alarm, MetricAlarm) and alarm.metric is not None:
        members["Trigger"] = _trigger(alarm)
    # All members in AWS's examples begin with a capital letter; a tag may have any name.
    return Content(members, is_capitalized=not alarm.sends_tags)


def _old_state(alarm: MetricAlarm | CompositeAlarm) -> str | OneOf:
    is_ok = isinstance(alarm, MetricAlarm) and alarm.is_ok_when_quiet
    return "OK" if is_ok else OneOf(("OK", "INSUFFICIENT_DATA"))


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
    tags = _MOST_TAG_BYTES if alarm.sends_tags else 0
    return _FRAME_BYTES + _MOST_REASON_BYTES + own + parts * _PART_BYTES + tags


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
