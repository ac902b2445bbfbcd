"""Alarms, mute rules and alarm history, as CloudWatch's API shows them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricAlarm.html and siblings.
Times are aware datetimes, periods are seconds unless a name says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .arn import Arn, Place
from .asking import NotOffered, Question, Reader, Readers, whole

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's whole identity but its place: an alarm watches exactly one set of dimensions."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Metric:
        dimensions = member.get("Dimensions", ())
        return cls(
            namespace=member["Namespace"],
            name=member["MetricName"],
            dimensions=frozenset((each["Name"], each["Value"]) for each in dimensions),
        )


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One member of a metric math alarm's `Metrics`: a metric with its statistic, or an expression."""

    query_id: str
    metric: Metric | None
    period: int | None
    statistic: str | None
    unit: str | None
    expression: str | None
    returns_data: bool
    account_id: str | None

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> MetricQuery:
        stat = member.get("MetricStat")
        return cls(
            query_id=member["Id"],
            metric=Metric.from_api(stat["Metric"]) if stat else None,
            period=whole(stat["Period"] if stat else member.get("Period")),
            statistic=stat["Stat"] if stat else None,
            unit=stat.get("Unit") if stat else None,
            expression=member.get("Expression"),
            returns_data=member.get("ReturnData", True),
            account_id=member.get("AccountId"),
        )


@dataclass(frozen=True, slots=True)
class AlarmState:
    """The state an alarm is in now, and since when."""

    value: str
    reason: str
    updated: datetime | None
    transitioned: datetime | None

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> AlarmState:
        return cls(
            value=member["StateValue"],
            reason=member.get("StateReason", ""),
            updated=member.get("StateUpdatedTimestamp"),
            transitioned=member.get("StateTransitionedTimestamp"),
        )


@dataclass(frozen=True, slots=True)
class MetricAlarm:
    """An alarm on one metric, on metric math, or on a PromQL query."""

    name: str
    arn: Arn
    actions_enabled: bool
    alarm_actions: tuple[str, ...]
    state: AlarmState
    metric: Metric | None  # None: metric math or PromQL
    statistic: str | None  # "Sum" ..., or an extended statistic such as "p99"
    period: int | None
    unit: str | None
    evaluation_periods: int | None
    datapoints_to_alarm: int | None
    threshold: float | None
    comparison_operator: str | None
    treat_missing_data: str
    evaluate_low_sample_count_percentile: str | None
    queries: tuple[MetricQuery, ...]
    threshold_metric_id: str | None
    evaluation_state: str | None
    wall_clock_timezone: str | None  # None: a sliding window
    warm_up_minutes: int | None
    promql: str | None
    configuration_updated: datetime | None = None
    description: str = ""
    other_actions: tuple[str, ...] = ()  # of the states OK and INSUFFICIENT_DATA
    sends_tags: bool = False  # with its notifications
    unknown: str = ""  # something that AWS says of it and this rule doesn't know

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> MetricAlarm:
        wall_clock = member.get("EvaluationWindow", {}).get("WallClockWindow")
        promql = member.get("EvaluationCriteria", {}).get("PromQLCriteria")
        return cls(
            name=member["AlarmName"],
            arn=Arn.parse(member["AlarmArn"]),
            actions_enabled=member["ActionsEnabled"],
            alarm_actions=tuple(member.get("AlarmActions", ())),
            state=AlarmState.from_api(member),
            metric=Metric.from_api(member) if member.get("MetricName") else None,
            statistic=member.get("Statistic") or member.get("ExtendedStatistic"),
            period=whole(member.get("Period")),
            unit=member.get("Unit"),
            evaluation_periods=whole(member.get("EvaluationPeriods")),
            datapoints_to_alarm=whole(member.get("DatapointsToAlarm")),
            threshold=member.get("Threshold"),
            comparison_operator=member.get("ComparisonOperator"),
            treat_missing_data=member.get("TreatMissingData") or "missing",
            evaluate_low_sample_count_percentile=member.get("EvaluateLowSampleCountPercentile"),
            queries=tuple(MetricQuery.from_api(each) for each in member.get("Metrics", ())),
            threshold_metric_id=member.get("ThresholdMetricId"),
            evaluation_state=member.get("EvaluationState"),
            wall_clock_timezone=wall_clock.get("Timezone", "UTC") if wall_clock is not None else None,
            warm_up_minutes=member.get("WarmUpConfiguration", {}).get("WarmUpPeriodDurationInMinutes"),
            promql=promql.get("Query", "") if promql is not None else None,
            configuration_updated=member.get("AlarmConfigurationUpdatedTimestamp"),
            description=member.get("AlarmDescription", ""),
            other_actions=_other_actions(member),
            sends_tags=_sends_tags(member),
            unknown=next(_unknown(member), ""),
        )

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every metric that the alarm reads, its own or its queries'."""
        return tuple(each for each in (self.metric, *(query.metric for query in self.queries)) if each)

    @property
    def reads_more(self) -> bool:
        """Whether it may read metrics that `metrics` doesn't name, or another account's.

        A PromQL or Metrics Insights query names its metrics by itself, custom ones too, and texts in an
        expression stand for a search, or a rule of Contributor Insights.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
        """
        return not self.metrics or any(
            _NAMES_BY_ITSELF.search(query.expression or "")
            or query.account_id not in (None, self.arn.account_id)
            for query in self.queries
        )

    @property
    def is_ok_when_quiet(self) -> bool:
        """Whether it is surely OK, not INSUFFICIENT_DATA, while nothing breaches.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        """
        return self.treat_missing_data == "notBreaching" and self.state.value != "INSUFFICIENT_DATA"

    @property
    def place(self) -> Place:
        return self.arn.place


@dataclass(frozen=True, slots=True)
class CompositeAlarm:
    """An alarm on the states of other alarms."""

    name: str
    arn: Arn
    rule: str
    actions_enabled: bool
    alarm_actions: tuple[str, ...]
    state: AlarmState
    actions_suppressor: str | None
    actions_suppressed_by: str | None
    configuration_updated: datetime | None = None
    actions_suppressor_wait_seconds: int = 0
    description: str = ""
    other_actions: tuple[str, ...] = ()  # of the states OK and INSUFFICIENT_DATA
    sends_tags: bool = False  # with its notifications
    unknown: str = ""  # something that AWS says of it and this rule doesn't know

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> CompositeAlarm:
        return cls(
            name=member["AlarmName"],
            arn=Arn.parse(member["AlarmArn"]),
            rule=member["AlarmRule"],
            actions_enabled=member["ActionsEnabled"],
            alarm_actions=tuple(member.get("AlarmActions", ())),
            state=AlarmState.from_api(member),
            actions_suppressor=member.get("ActionsSuppressor"),
            actions_suppressed_by=member.get("ActionsSuppressedBy"),
            configuration_updated=member.get("AlarmConfigurationUpdatedTimestamp"),
            actions_suppressor_wait_seconds=whole(member.get("ActionsSuppressorWaitPeriod")) or 0,
            description=member.get("AlarmDescription", ""),
            other_actions=_other_actions(member),
            sends_tags=_sends_tags(member),
            unknown=next(_unknown(member), ""),
        )

    @property
    def place(self) -> Place:
        return self.arn.place


_NAMES_BY_ITSELF = re.compile(r"\bSELECT\b|[\"']", re.IGNORECASE)

# The values that this rule tells apart, by member. How it evaluates is a union: boto3 puts
# SDK_UNKNOWN_MEMBER where AWS sends a kind that came after it.
_KNOWN_VALUES = {
    "StateValue": {"OK", "ALARM", "INSUFFICIENT_DATA"},
    "EvaluateLowSampleCountPercentile": {"evaluate", "ignore"},
    "ActionsSuppressedBy": {"WaitPeriod", "ExtensionPeriod", "Alarm"},
}
_KNOWN_KINDS = {
    "EvaluationWindow": {"WallClockWindow", "SlidingWindow"},
    "EvaluationCriteria": {"PromQLCriteria"},
    "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes", "OnlyStartEvaluatingAfterWarmUpPeriodEnds"},
}


def _unknown(member: Mapping[str, Any]) -> Iterator[str]:
    for name, values in _KNOWN_VALUES.items():
        if member.get(name) and member[name] not in values:
            yield f"{name} {member[name]}"
    for name, kinds in _KNOWN_KINDS.items():
        yield from (f"{name}.{each}" for each in member.get(name, {}) if each not in kinds)
    if (
        "WarmUpConfiguration" in member
        and "WarmUpPeriodDurationInMinutes" not in member["WarmUpConfiguration"]
    ):
        yield "a WarmUpConfiguration without its minutes"
    if "EvaluationCriteria" in member and (member.get("MetricName") or member.get("Metrics")):
        yield "EvaluationCriteria beside a metric"


def _sends_tags(member: Mapping[str, Any]) -> bool:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ActionConfiguration.html"""
    propagation = member.get("ActionConfiguration", {}).get("AlarmTagsPropagation")
    return propagation is not None and propagation.get("Enabled") is not False


def _other_actions(member: Mapping[str, Any]) -> tuple[str, ...]:
    return (*member.get("OKActions", ()), *member.get("InsufficientDataActions", ()))


@dataclass(frozen=True, slots=True)
class LogAlarm:
    """An alarm on a scheduled Logs Insights query, without any metric filter."""

    name: str
    arn: Arn
    log_groups: tuple[str, ...]  # names or ARNs, as configured
    actions_enabled: bool
    alarm_actions: tuple[str, ...]

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> LogAlarm:
        configuration = member.get("ScheduledQueryConfiguration", {})
        return cls(
            name=member["AlarmName"],
            arn=Arn.parse(member["AlarmArn"]),
            log_groups=tuple(configuration.get("LogGroupIdentifiers", ())),
            actions_enabled=member["ActionsEnabled"],
            alarm_actions=tuple(member.get("AlarmActions", ())),
        )


@dataclass(frozen=True, slots=True)
class Alarms:
    """Every alarm of one region of one account."""

    metric_alarms: tuple[MetricAlarm, ...]
    composite_alarms: tuple[CompositeAlarm, ...]
    log_alarms: tuple[LogAlarm, ...]


@dataclass(frozen=True, slots=True)
class MuteRule:
    """An alarm mute rule that targets the alarm it was asked for.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmMuteRuleSummary.html
    """

    arn: str
    status: str  # SCHEDULED, ACTIVE or EXPIRED
    mute_type: str  # ONE_TIME or RECURRING
    expires: datetime | None

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> MuteRule:
        return cls(
            arn=member["AlarmMuteRuleArn"],
            status=member.get("Status", ""),
            mute_type=member.get("MuteType", ""),
            expires=member.get("ExpireDate"),
        )


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One item of an alarm's history: an action that CloudWatch executed, or failed to."""

    timestamp: datetime
    summary: str
    data: str  # JSON, as CloudWatch wrote it

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> ActionRecord:
        return cls(
            timestamp=member["Timestamp"],
            summary=member.get("HistorySummary", ""),
            data=member.get("HistoryData", ""),
        )


@dataclass(frozen=True, slots=True)
class StateChange:
    """One item of an alarm's history: a transition. A state that can't be read is None."""

    timestamp: datetime
    before: str | None
    after: str | None

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> StateChange:
        words = _TRANSITION.search(member.get("HistorySummary", ""))
        return cls(member["Timestamp"], *(words.groups() if words else (None, None)))


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
_TRANSITION = re.compile(r"updated from (\w+) to (\w+)")


@dataclass(frozen=True, slots=True)
class StateHistory:
    """The newest of an alarm's transitions; `is_whole`: there are no more of them in the asked time."""

    changes: tuple[StateChange, ...]
    is_whole: bool


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AlarmsForMetric(Question[tuple[MetricAlarm, ...]]):
    """The plain metric alarms on a metric; no metric math and no composite alarms among them.

    `dimensions` have to be the metric's own: AWS returns nothing otherwise.
    """

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class EveryAlarm(Question[Alarms]):
    """All alarms of the place, page after page: only asked where no plain alarm completes a chain."""


@dataclass(frozen=True, slots=True)
class MuteRulesOf(Question[tuple[MuteRule, ...] | NotOffered]):
    """The mute rules, active or scheduled, that target an alarm."""

    alarm_name: str


@dataclass(frozen=True, slots=True)
class ActionHistoryOf(Question[tuple[ActionRecord, ...] | NotOffered]):
    """What CloudWatch recorded of an alarm's actions, newest first; it keeps 30 days."""

    alarm_name: str


@dataclass(frozen=True, slots=True)
class StateHistoryOf(Question[StateHistory | NotOffered]):
    """An alarm's newest transitions since then: asked only where others can ring it too."""

    alarm_name: str
    since: datetime


MAX_STATE_CHANGES = 100
"""An alarm that changes its state more often in two weeks rings several times a day."""


def _alarms_for_metric(client: CloudWatchClient, question: AlarmsForMetric) -> tuple[MetricAlarm, ...]:
    dimensions: list[DimensionTypeDef] = [
        {"Name": name, "Value": value} for name, value in sorted(question.dimensions)
    ]
    answer = client.describe_alarms_for_metric(
        MetricName=question.name, Namespace=question.namespace, Dimensions=dimensions
    )
    return tuple(MetricAlarm.from_api(each) for each in answer["MetricAlarms"])


def _every_alarm(client: CloudWatchClient, _: EveryAlarm) -> Alarms:
    pages = list(
        client.get_paginator("describe_alarms").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm", "LogAlarm"]
        )
    )
    return Alarms(
        tuple(MetricAlarm.from_api(each) for page in pages for each in page["MetricAlarms"]),
        tuple(CompositeAlarm.from_api(each) for page in pages for each in page["CompositeAlarms"]),
        tuple(LogAlarm.from_api(each) for page in pages for each in page.get("LogAlarms", ())),
    )


def _mute_rules(client: CloudWatchClient, question: MuteRulesOf) -> tuple[MuteRule, ...]:
    pages = client.get_paginator("list_alarm_mute_rules").paginate(
        AlarmName=question.alarm_name, Statuses=["ACTIVE", "SCHEDULED"]
    )
    return tuple(MuteRule.from_api(each) for page in pages for each in page["AlarmMuteRuleSummaries"])


def _action_history(client: CloudWatchClient, question: ActionHistoryOf) -> tuple[ActionRecord, ...]:
    pages = client.get_paginator("describe_alarm_history").paginate(
        AlarmName=question.alarm_name,
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        HistoryItemType="Action",
        ScanBy="TimestampDescending",
    )
    return tuple(ActionRecord.from_api(each) for page in pages for each in page["AlarmHistoryItems"])


def _state_history(client: Any, question: StateHistoryOf) -> StateHistory:
    pages = client.get_paginator("describe_alarm_history").paginate(
        AlarmName=question.alarm_name,
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        HistoryItemType="StateUpdate",
        StartDate=question.since,
        ScanBy="TimestampDescending",
        PaginationConfig={"MaxItems": MAX_STATE_CHANGES},
    )
    found = pages.build_full_result()
    changes = tuple(StateChange.from_api(each) for each in found["AlarmHistoryItems"])
    return StateHistory(changes, is_whole="NextToken" not in found)


READERS: Readers = {
    AlarmsForMetric: Reader("cloudwatch", ("cloudwatch:DescribeAlarmsForMetric",), _alarms_for_metric),
    EveryAlarm: Reader("cloudwatch", ("cloudwatch:DescribeAlarms",), _every_alarm),
    MuteRulesOf: Reader(
        "cloudwatch", ("cloudwatch:ListAlarmMuteRules",), _mute_rules, may_not_be_offered=True
    ),
    ActionHistoryOf: Reader(
        "cloudwatch", ("cloudwatch:DescribeAlarmHistory",), _action_history, may_not_be_offered=True
    ),
    StateHistoryOf: Reader(
        "cloudwatch", ("cloudwatch:DescribeAlarmHistory",), _state_history, may_not_be_offered=True
    ),
}
