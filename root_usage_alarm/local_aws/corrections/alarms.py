"""CloudWatch alarms: what is put is what is returned, a state to start from, and actions that act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from .alarm_actions import AlarmChange, carry_out, record
from .patching import Corrections

CORRECTIONS = Corrections()

_RETURNED_THOUGH_UNSET: dict[str, Any] = {
    "ActionsEnabled": True,
    "OKActions": [],
    "AlarmActions": [],
    "InsufficientDataActions": [],
}


@CORRECTIONS.replaces(CloudWatchResponse, "put_metric_alarm")
def metric_alarm_is_returned_as_put(_: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto knows some of the members only, and returns unset ones as null or with a default.

    AWS returns what was put; a member that wasn't put is absent, but for the lists of actions, the
    dimensions and ActionsEnabled:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html
    """
    members = {"Dimensions": []} | self._get_params()
    if ("Statistic" in members) and ("ExtendedStatistic" in members):
        raise ValidationError("Both Statistic and ExtendedStatistic are set; you must use only one of them.")
    _put(self, "MetricAlarm", members)
    return EmptyResult()


@CORRECTIONS.adds(CloudWatchResponse)
def put_composite_alarm(self: Any) -> ActionResult:
    """moto has no such action. The rule is kept, not evaluated: use SetAlarmState.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
    """
    _put(self, "CompositeAlarm", dict(self._get_params()))
    return EmptyResult()


@CORRECTIONS.adds(CloudWatchResponse)
def put_log_alarm(self: Any) -> ActionResult:
    """moto has no log alarms. Kept as put; its query is never run.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutLogAlarm.html
    """
    _put(self, "LogAlarm", dict(self._get_params()))
    return EmptyResult()


def _put(response: Any, kind: str, members: dict[str, Any]) -> None:
    """Keeps an alarm's members on moto's own alarm, which holds its name, ARN, tags and state."""
    backend = response.cloudwatch_backend
    tags = members.pop("Tags", [])
    members = _RETURNED_THOUGH_UNSET | members
    before = backend.alarms.get(members["AlarmName"])
    alarm = backend.put_metric_alarm(
        name=members["AlarmName"],
        namespace=members.get("Namespace"),
        metric_name=members.get("MetricName"),
        comparison_operator=members.get("ComparisonOperator"),
        evaluation_periods=members.get("EvaluationPeriods"),
        period=members.get("Period"),
        threshold=members.get("Threshold"),
        statistic=members.get("Statistic"),
        description=members.get("AlarmDescription"),
        dimensions=members.get("Dimensions", []),
        alarm_actions=members["AlarmActions"],
        actions_enabled=members["ActionsEnabled"],
        tags=[] if before else tags,
    )
    alarm.kind = kind
    alarm.members = members
    _start_state(alarm, before)
    record(
        backend, alarm, "ConfigurationUpdate", f'Alarm "{alarm.name}" {"updated" if before else "created"}'
    )


def _start_state(alarm: Any, before: Any) -> None:
    """moto starts an alarm, and every update of it, in `OK`.

    On AWS a new alarm is INSUFFICIENT_DATA (a PromQL one OK), and an update leaves the state alone:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    if before is None:
        alarm.state_value = "OK" if "EvaluationCriteria" in alarm.members else "INSUFFICIENT_DATA"
        alarm.state_reason = "Unchecked: Initial alarm creation"
        alarm.state_reason_data = None
        alarm.state_updated_timestamp = datetime.now(UTC)
        alarm.state_transitioned = alarm.state_updated_timestamp
        alarm.evaluation_state = None
        return
    for name in (
        "state_value",
        "state_reason",
        "state_reason_data",
        "state_updated_timestamp",
        "state_transitioned",
        "evaluation_state",
    ):
        setattr(alarm, name, getattr(before, name))


@CORRECTIONS.replaces(CloudWatchResponse, "set_alarm_state")
def change_of_state_carries_out_the_actions(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto changes the state and does nothing else.

    AWS carries out the actions of the new state, on a transition only, and writes both into the
    alarm's history:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
    """
    backend = self.cloudwatch_backend
    alarm = backend.alarms.get(self._get_param("AlarmName"))
    before = alarm.state_value if alarm else None
    answer = original(self)
    alarm.state_updated_timestamp = datetime.now(UTC)
    if alarm.state_value != before:
        alarm.state_transitioned = alarm.state_updated_timestamp
        record(backend, alarm, "StateUpdate", f"Alarm updated from {before} to {alarm.state_value}")
        carry_out(backend, AlarmChange(alarm, str(before)))
    return answer
