"""CloudWatch: which alarms a question finds, in pages, and their history."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from .alarm_actions import history
from .patching import Corrections

CORRECTIONS = Corrections()

_PER_PAGE = 100
_LIST_OF = {"MetricAlarm": "MetricAlarms", "CompositeAlarm": "CompositeAlarms", "LogAlarm": "LogAlarms"}
_CHILD = re.compile(r"\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*\"?([^\")]+?)\"?\s*\)")

Item = TypeVar("Item")


@CORRECTIONS.replaces(CloudWatchResponse, "describe_alarms")
def metric_alarms_only_unless_asked_in_pages(_: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto returns every kind of alarm on one page, and takes one condition of several.

    AWS returns metric alarms only unless AlarmTypes says otherwise, parents or children of whatever type
    (AlarmTypes can't be asked with them), and at most 100 at a time:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    kinds = self._get_param("AlarmTypes") or ["MetricAlarm"]
    if self._get_param("ParentsOfAlarmName") or self._get_param("ChildrenOfAlarmName"):
        if self._get_param("AlarmTypes"):
            raise ValidationError("Nothing else can be asked together with parents or children of an alarm.")
        kinds = list(_LIST_OF)
    alarms = [alarm for alarm in _alarms(self) if alarm.kind in kinds and _is_asked_for(self, alarm)]
    page, token = _page(self, alarms)
    answer: dict[str, Any] = {"MetricAlarms": [], "CompositeAlarms": []}
    for alarm in page:
        answer.setdefault(_LIST_OF[alarm.kind], []).append(_description(alarm))
    return ActionResult(answer | token)


def _is_asked_for(response: Any, alarm: Any) -> bool:
    names = response._get_param("AlarmNames")
    prefix = response._get_param("AlarmNamePrefix") or ""
    state = response._get_param("StateValue")
    action_prefix = response._get_param("ActionPrefix") or ""
    return (
        (not names or alarm.name in names)
        and alarm.name.startswith(prefix)
        and state in (None, alarm.state_value)
        and (not action_prefix or any(arn.startswith(action_prefix) for arn in alarm.members["AlarmActions"]))
        and _is_related(response, alarm)
    )


def _is_related(response: Any, alarm: Any) -> bool:
    """Whether the alarm is a child or a parent of the one that the request names."""
    parent_name, child_name = (
        response._get_param("ChildrenOfAlarmName"),
        response._get_param("ParentsOfAlarmName"),
    )
    alarms = response.cloudwatch_backend.alarms
    if parent_name is not None:
        return parent_name in alarms and _is_child(alarm, alarms[parent_name])
    if child_name is not None:
        return child_name in alarms and _is_child(alarms[child_name], alarm)
    return True


def _is_child(alarm: Any, parent: Any) -> bool:
    named = _CHILD.findall(parent.members.get("AlarmRule", ""))
    return alarm.name in named or alarm.alarm_arn in named


@CORRECTIONS.replaces(CloudWatchResponse, "describe_alarms_for_metric")
def alarms_of_exactly_one_metric(_: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto compares the metric's name and namespace only.

    A metric is its dimensions too; without them in the request AWS returns the alarms on the metric
    that has none. Math and composite alarms are not returned:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html
    """
    asked = {
        name: self._get_param(name)
        for name in ("Namespace", "MetricName", "Statistic", "ExtendedStatistic", "Period", "Unit")
        if self._get_param(name) is not None
    }
    dimensions = _dimensions(self._get_param("Dimensions") or [])
    alarms = [
        _description(alarm)
        for alarm in _alarms(self)
        if alarm.kind == "MetricAlarm"
        and asked.items() <= {key: value for key, value in alarm.members.items() if key in asked}.items()
        and _dimensions(alarm.members["Dimensions"]) == dimensions
    ]
    return ActionResult({"MetricAlarms": alarms})


def _dimensions(members: Iterable[dict[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset((each["Name"], each["Value"]) for each in members)


def _alarms(response: Any) -> list[Any]:
    return sorted(response.cloudwatch_backend.alarms.values(), key=lambda alarm: str(alarm.name))


def _description(alarm: Any) -> dict[str, Any]:
    state = {
        "AlarmArn": alarm.alarm_arn,
        "AlarmConfigurationUpdatedTimestamp": alarm.configuration_updated_timestamp,
        "ActionsEnabled": alarm.actions_enabled,
        "StateValue": alarm.state_value,
        "StateReason": alarm.state_reason,
        "StateReasonData": alarm.state_reason_data,
        "StateUpdatedTimestamp": alarm.state_updated_timestamp,
        "StateTransitionedTimestamp": alarm.state_transitioned,
        "EvaluationState": alarm.evaluation_state,
    }
    members: dict[str, Any] = alarm.members
    return members | {name: value for name, value in state.items() if value is not None}


@CORRECTIONS.adds(CloudWatchResponse)
def describe_alarm_history(self: Any) -> ActionResult:
    """moto has no such action.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
    """
    start, end = self._get_param("StartDate"), self._get_param("EndDate")
    items = [
        item
        for item in history(self.cloudwatch_backend)
        if item["AlarmType"] in (self._get_param("AlarmTypes") or ["MetricAlarm"])
        and self._get_param("AlarmName") in (None, item["AlarmName"])
        and self._get_param("HistoryItemType") in (None, item["HistoryItemType"])
        and (start is None or _aware(start) <= item["Timestamp"])
        and (end is None or item["Timestamp"] <= _aware(end))
    ]
    items.sort(key=lambda item: item["Timestamp"])
    if self._get_param("ScanBy") != "TimestampAscending":
        items.reverse()
    page, token = _page(self, items)
    return ActionResult({"AlarmHistoryItems": page} | token)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _page(response: Any, items: list[Item]) -> tuple[list[Item], dict[str, str]]:
    start = int(response._get_param("NextToken") or 0)
    end = start + int(response._get_param("MaxRecords") or _PER_PAGE)
    return items[start:end], ({"NextToken": str(end)} if end < len(items) else {})
