"""What an alarm does on a change of its state: publish to SNS, and write its history."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.sns.models import sns_backends

from .mute_rules import is_muted
from .patching import kept

_ACTIONS_OF = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
_NOT_ALLOWED_TO_USE_KEY = (
    "CloudWatch Alarms is not authorized to access the SNS topic encryption key. "
    "Check the key policy, or use a customer managed key"
)


@dataclass(frozen=True, slots=True)
class AlarmChange:
    """A transition of moto's `alarm` from the state `before` into the one that it is in now."""

    alarm: Any
    before: str


def history(backend: Any) -> list[dict[str, Any]]:
    """The items that DescribeAlarmHistory returns, oldest first; AWS keeps those of deleted alarms too."""
    return kept(backend, "alarm_history", list)


def record(
    backend: Any, alarm: Any, item_type: str, summary: str, data: dict[str, Any] | None = None
) -> None:
    history(backend).append(
        {
            "AlarmName": alarm.name,
            "AlarmType": alarm.kind,
            "Timestamp": datetime.now(UTC),
            "HistoryItemType": item_type,
            "HistorySummary": summary,
            "HistoryData": json.dumps({"version": "1.0", **(data or {})}),
        }
    )


def carry_out(backend: Any, change: AlarmChange) -> None:
    """Carries out the SNS actions of the new state. Other kinds of actions are left alone, unrecorded.

    Actions that are disabled or muted leave no trace. The topic's policy is not evaluated here.
    """
    alarm = change.alarm
    if not alarm.actions_enabled or is_muted(backend, alarm.name):
        return
    for arn in alarm.members[_ACTIONS_OF[alarm.state_value]]:
        if arn.split(":")[2] == "sns":
            _notify(backend, change, arn)


def _notify(backend: Any, change: AlarmChange, topic_arn: str) -> None:
    """CloudWatch records every attempt:

    https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
    """
    _, _, _, region, account_id, name = topic_arn.split(":", 5)
    topic: Any = sns_backends[account_id][region].topics.get(topic_arn)
    message = _message(backend, change)
    reason = _why_it_fails(topic, backend.region_name, region)
    if reason is None:
        topic.publish(
            json.dumps(message), subject=_subject(change, region), group_id=name if topic.fifo_topic else None
        )
        summary, outcome = f"Successfully executed action {topic_arn}", {"actionState": "Succeeded"}
    else:
        summary = f"Failed to execute action {topic_arn}. Received error: {reason}"
        outcome = {"actionState": "Failed", "error": reason}
    data = outcome | {"notificationResource": topic_arn, "publishedMessage": json.dumps(message)}
    record(backend, change.alarm, "Action", summary, data)


def _why_it_fails(topic: Any, alarm_region: str, topic_region: str) -> str | None:
    if topic_region != alarm_region:
        return "Invalid parameter: TopicArn"
    if topic is None:
        return "Resource not found"
    if str(topic.kms_master_key_id or "").endswith("alias/aws/sns"):
        return _NOT_ALLOWED_TO_USE_KEY
    return None


def _subject(change: AlarmChange, region: str) -> str:
    return f'{change.alarm.state_value}: "{change.alarm.name}" in {region}'[:100]


def _message(backend: Any, change: AlarmChange) -> dict[str, Any]:
    """The message as CloudWatch publishes it, but for the region, which AWS spells out.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    """
    alarm = change.alarm
    members = alarm.members
    message = {
        "AlarmName": alarm.name,
        "AlarmDescription": members.get("AlarmDescription"),
        "AWSAccountId": backend.account_id,
        "AlarmConfigurationUpdatedTimestamp": _text(alarm.configuration_updated_timestamp),
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": _text(alarm.state_updated_timestamp),
        "Region": backend.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": change.before,
        "OKActions": members["OKActions"],
        "AlarmActions": members["AlarmActions"],
        "InsufficientDataActions": members["InsufficientDataActions"],
        "ActionExecutedAfterMuteWindow": False,
    }
    if alarm.kind == "CompositeAlarm":
        return message | {"AlarmRule": members["AlarmRule"], "TriggeringChildren": []}
    return message | {"Trigger": _trigger(members)}


def _trigger(members: dict[str, Any]) -> dict[str, Any]:
    return {
        "MetricName": members.get("MetricName"),
        "Namespace": members.get("Namespace"),
        "StatisticType": "Statistic",
        "Statistic": str(members.get("Statistic", "")).upper(),
        "Unit": members.get("Unit"),
        "Dimensions": [
            {"value": each["Value"], "name": each["Name"]} for each in members.get("Dimensions", [])
        ],
        "Period": members.get("Period"),
        "EvaluationPeriods": members.get("EvaluationPeriods"),
        "DatapointsToAlarm": members.get("DatapointsToAlarm"),
        "ComparisonOperator": members.get("ComparisonOperator"),
        "Threshold": members.get("Threshold"),
        "TreatMissingData": members.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": members.get("EvaluateLowSampleCountPercentile", ""),
    }


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"
