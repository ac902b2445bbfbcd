"""How large an alarm's message may be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from root_usage.aws.cloudwatch import CompositeAlarm, Metric, MetricAlarm, MetricQuery
from root_usage.delivery.alarm_message import most_bytes

from tests.delivery.builders import ALARM, COMPOSITE, TOPIC_ARN

# The members of AWS's example, with the longest reason that CloudWatch keeps and this alarm's names.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
MESSAGE: dict[str, Any] = {
    "AlarmName": "root-usage",
    "AlarmDescription": None,
    "AWSAccountId": "111122223333",
    "AlarmConfigurationUpdatedTimestamp": "2026-11-10T12:00:00.000+0000",
    "NewStateValue": "ALARM",
    "NewStateReason": "x" * 1023,
    "StateChangeTime": "2026-11-20T12:00:00.000+0000",
    "Region": "US East (N. Virginia)",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:root-usage",
    "OldStateValue": "INSUFFICIENT_DATA",
    "OKActions": [],
    "AlarmActions": [str(TOPIC_ARN)],
    "InsufficientDataActions": [],
    "Trigger": {
        "MetricName": "RootUsage",
        "Namespace": "Security",
        "StatisticType": "Statistic",
        "Statistic": "SUM",
        "Unit": None,
        "Dimensions": [],
        "Period": 300,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1.0,
        "TreatMissingData": "notBreaching",
        "EvaluateLowSampleCountPercentile": "",
    },
}


def test_message_of_awss_example_is_never_larger_than_the_bound() -> None:
    assert len(json.dumps(MESSAGE)) <= most_bytes(ALARM)


TEXT = "é" * 100  # two bytes each at least
METRIC = Metric(TEXT, TEXT, frozenset({(TEXT, TEXT)}))
QUERY = MetricQuery("m1", METRIC, 60, "Sum", None, TEXT, returns_data=True, account_id=None)


@pytest.mark.parametrize(
    ("longer", "alarm"),
    [
        pytest.param(replace(ALARM, description=TEXT), ALARM, id="description"),
        pytest.param(replace(ALARM, other_actions=(TEXT,)), ALARM, id="ok-action"),
        pytest.param(replace(ALARM, metric=METRIC), ALARM, id="metric"),
        pytest.param(replace(ALARM, queries=(QUERY,)), ALARM, id="metric-math"),
        pytest.param(replace(COMPOSITE, rule=TEXT), COMPOSITE, id="composite-rule"),
        pytest.param(replace(ALARM, sends_tags=True), ALARM, id="tags"),
    ],
)
def test_everything_that_the_customer_wrote_counts(
    longer: MetricAlarm | CompositeAlarm, alarm: MetricAlarm | CompositeAlarm
) -> None:
    assert most_bytes(longer) >= most_bytes(alarm) + 180
