"""The message that an alarm publishes, as far as it is known before it is sent.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
"""

from __future__ import annotations

from collections.abc import Mapping
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
