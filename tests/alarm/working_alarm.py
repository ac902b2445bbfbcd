"""One working alarm on one working metric filter; each test changes one thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from root_usage.aws.arn import Arn
from root_usage.aws.cloudwatch import AlarmState, Metric, MetricAlarm
from root_usage.aws.logs import MetricFilter

ACCOUNT = "111122223333"
REGION = "eu-west-1"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=200)
FILTER = MetricFilter(
    name="root-usage-filter",
    pattern='{ $.userIdentity.type = "Root" }',
    metric_namespace="CloudTrailMetrics",
    metric_name="RootAccountUsageCount",
    metric_value="1",
    default_value=None,
    dimensions=(),
    unit="None",
    apply_on_transformed_logs=False,
    field_selection_criteria=None,
    emit_system_field_dimensions=(),
)
ALARM = MetricAlarm(
    name="root-usage",
    arn=Arn("aws", "cloudwatch", REGION, ACCOUNT, "alarm:root-usage"),
    actions_enabled=True,
    alarm_actions=(f"arn:aws:sns:{REGION}:{ACCOUNT}:security",),
    state=AlarmState("OK", "no datapoints", LONG_AGO, LONG_AGO),
    metric=Metric("CloudTrailMetrics", "RootAccountUsageCount"),
    statistic="Sum",
    period=300,
    unit=None,
    evaluation_periods=1,
    datapoints_to_alarm=1,
    threshold=1.0,
    comparison_operator="GreaterThanOrEqualToThreshold",
    treat_missing_data="notBreaching",
    evaluate_low_sample_count_percentile=None,
    queries=(),
    threshold_metric_id=None,
    evaluation_state=None,
    wall_clock_timezone=None,
    warm_up_minutes=None,
    promql=None,
)
