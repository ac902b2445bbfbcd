"""Alarms in the local AWS are returned as they were put, and found as AWS finds them."""

from __future__ import annotations

from typing import Any

import pytest

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import UNSET, Chain, build_working_chain

OWNER = "111122223333"


def alarm_of(account: Account, chain: Chain) -> dict[str, Any]:
    alarms = account.client("cloudwatch").describe_alarms(AlarmNames=[chain.alarm_name])["MetricAlarms"]
    (alarm,) = alarms
    return dict(alarm)


def ring(account: Account, chain: Chain, state: str = "ALARM") -> None:
    account.client("cloudwatch").set_alarm_state(
        AlarmName=chain.alarm_name, StateValue=state, StateReason="a drill"
    )


def test_new_alarm_has_insufficient_data(account: Account, chain: Chain) -> None:
    alarm = alarm_of(account, chain)

    assert alarm["StateValue"] == "INSUFFICIENT_DATA"
    assert alarm["StateReason"] == "Unchecked: Initial alarm creation"


def test_update_of_an_alarm_keeps_its_state(account: Account, chain: Chain) -> None:
    ring(account, chain)
    account.client("cloudwatch").put_metric_alarm(
        AlarmName=chain.alarm_name,
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=2,
        Threshold=5.0,
        ComparisonOperator="GreaterThanThreshold",
    )

    alarm = alarm_of(account, chain)

    assert (alarm["StateValue"], alarm["StateReason"]) == ("ALARM", "a drill")
    assert alarm["Threshold"] == 5.0


def test_members_that_were_not_put_are_absent(account: Account) -> None:
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="minimal",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
    )

    (alarm,) = account.client("cloudwatch").describe_alarms()["MetricAlarms"]

    assert set(alarm) == {
        "AlarmName",
        "AlarmArn",
        "AlarmConfigurationUpdatedTimestamp",
        "ActionsEnabled",
        "OKActions",
        "AlarmActions",
        "InsufficientDataActions",
        "StateValue",
        "StateReason",
        "StateUpdatedTimestamp",
        "StateTransitionedTimestamp",
        "MetricName",
        "Namespace",
        "Statistic",
        "Dimensions",
        "Period",
        "EvaluationPeriods",
        "Threshold",
        "ComparisonOperator",
    }
    assert alarm["ActionsEnabled"] is True
    assert alarm["Dimensions"] == []


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"DatapointsToAlarm": 1, "EvaluationPeriods": 12}, id="one-of-twelve"),
        pytest.param({"TreatMissingData": "ignore"}, id="missing-data"),
        pytest.param({"Unit": "Count"}, id="unit"),
        pytest.param({"Statistic": UNSET, "ExtendedStatistic": "p99"}, id="percentile"),
        pytest.param({"Statistic": UNSET, "ExtendedStatistic": "tm95"}, id="trimmed-mean"),
        pytest.param({"EvaluateLowSampleCountPercentile": "ignore"}, id="low-sample-count"),
        pytest.param({"EvaluationWindow": {"WallClockWindow": {"Timezone": "Asia/Tokyo"}}}, id="wall-clock"),
        pytest.param({"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 30}}, id="warm-up"),
        pytest.param({"Dimensions": [{"Name": "a", "Value": "b"}]}, id="dimensions"),
        pytest.param({"AlarmDescription": "root was here"}, id="description"),
        pytest.param({"ActionsEnabled": False}, id="actions-disabled"),
    ],
)
def test_alarm_is_returned_as_put(account: Account, members: dict[str, Any]) -> None:
    alarm = alarm_of(account, build_working_chain(account, alarm=members))

    assert {name: alarm.get(name, UNSET) for name in members} == members


def test_math_alarm_is_returned_as_put(account: Account) -> None:
    metric = {"Namespace": "CloudTrailMetrics", "MetricName": "RootAccountUsageCount"}
    metrics = [
        {"Id": "m1", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "e1", "Expression": "FILL(m1, 0)", "Label": "root", "ReturnData": True},
    ]
    plain = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"), UNSET)

    alarm = alarm_of(account, build_working_chain(account, alarm={**plain, "Metrics": metrics}))

    assert alarm["Metrics"] == metrics
    assert {"Namespace", "MetricName", "Statistic", "Period"}.isdisjoint(alarm)


def test_evaluation_can_have_failed(account: Account, chain: Chain) -> None:
    hooks.fail_evaluation(chain.alarm_arn, "EVALUATION_ERROR")

    assert alarm_of(account, chain)["EvaluationState"] == "EVALUATION_ERROR"


@pytest.mark.parametrize(
    ("alarm", "asked", "found"),
    [
        pytest.param({}, {}, 1, id="metric-without-dimensions"),
        pytest.param({"Dimensions": [{"Name": "a", "Value": "b"}]}, {}, 0, id="dimensions-not-asked-for"),
        pytest.param(
            {"Dimensions": [{"Name": "a", "Value": "b"}]},
            {"Dimensions": [{"Name": "a", "Value": "b"}]},
            1,
            id="dimensions-asked-for",
        ),
        pytest.param({}, {"Dimensions": [{"Name": "a", "Value": "b"}]}, 0, id="other-dimensions"),
        pytest.param({}, {"Statistic": "Average"}, 0, id="other-statistic"),
    ],
)
def test_alarms_for_a_metric_watch_exactly_that_metric(
    account: Account, alarm: dict[str, Any], asked: dict[str, Any], found: int
) -> None:
    build_working_chain(account, alarm=alarm)

    alarms = account.client("cloudwatch").describe_alarms_for_metric(
        Namespace="CloudTrailMetrics", MetricName="RootAccountUsageCount", **asked
    )["MetricAlarms"]

    assert len(alarms) == found


def test_alarms_come_in_pages_of_a_hundred(account: Account) -> None:
    cloudwatch = account.client("cloudwatch")
    for number in range(101):
        cloudwatch.put_composite_alarm(AlarmName=f"a{number:03}", AlarmRule="FALSE")

    pages = list(cloudwatch.get_paginator("describe_alarms").paginate(AlarmTypes=["CompositeAlarm"]))

    assert [len(page["CompositeAlarms"]) for page in pages] == [100, 1]


def test_metric_alarms_only_are_described_unless_asked(account: Account, chain: Chain) -> None:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="composite", AlarmRule=f'ALARM("{chain.alarm_name}")')
    query = {"QueryString": "fields @message", "LogGroupIdentifiers": ["cloudtrail"]}
    cloudwatch.put_log_alarm(
        AlarmName="log",
        ScheduledQueryConfiguration={
            **query,
            "ScheduledQueryRoleARN": f"arn:aws:iam::{OWNER}:role/query",
            "ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 600},
            "AggregationExpression": "count(*)",
        },
        QueryResultsToEvaluate=1,
        QueryResultsToAlarm=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )

    plain = cloudwatch.describe_alarms()
    every = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm", "LogAlarm"])

    assert [alarm["AlarmName"] for alarm in plain["MetricAlarms"]] == [chain.alarm_name]
    assert plain["CompositeAlarms"] == []
    assert [alarm["AlarmName"] for alarm in every["MetricAlarms"]] == [chain.alarm_name]
    assert [alarm["AlarmRule"] for alarm in every["CompositeAlarms"]] == [f'ALARM("{chain.alarm_name}")']
    assert every["LogAlarms"][0]["ScheduledQueryConfiguration"]["QueryString"] == "fields @message"


def test_parents_of_an_alarm_are_found(account: Account, chain: Chain) -> None:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="parent", AlarmRule=f"ALARM({chain.alarm_name})")
    cloudwatch.put_composite_alarm(AlarmName="stranger", AlarmRule="ALARM(another)")

    parents = cloudwatch.describe_alarms(ParentsOfAlarmName=chain.alarm_name)["CompositeAlarms"]

    assert [alarm["AlarmName"] for alarm in parents] == ["parent"]
