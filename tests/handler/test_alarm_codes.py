"""The codes of alarms that tests/test_handler.py doesn't lead to."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import (
    ALARM,
    METRIC_NAME,
    METRIC_NAMESPACE,
    UNSET,
    Chain,
    build_working_chain,
)
from tests.handler.evaluation import Build, answering, leading

ROOT_METRIC = {"Namespace": METRIC_NAMESPACE, "MetricName": METRIC_NAME}


def put_math_alarm(account: Account, chain: Chain, period: int, members: dict[str, Any]) -> None:
    """`members` holds the query `e1`, with whatever else it needs of the alarm."""
    working = {
        "AlarmName": "root-math",
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [chain.topic_arn],
    }
    stat = {"Metric": ROOT_METRIC, "Period": period, "Stat": "Sum"}
    metrics = [{"Id": "m1", "MetricStat": stat, "ReturnData": "ThresholdMetricId" in members}, members["e1"]]
    rest = {name: value for name, value in members.items() if name != "e1"}
    account.client("cloudwatch").put_metric_alarm(**working, **rest, Metrics=metrics)


def with_fill_each_minute(account: Account) -> None:
    chain = build_working_chain(account, alarm=None)
    put_math_alarm(
        account,
        chain,
        60,
        {
            "e1": {"Id": "e1", "Expression": "FILL(m1, 0)", "ReturnData": True},
            "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    )


def with_anomaly_detection(account: Account) -> None:
    chain = build_working_chain(account, alarm=None)
    put_math_alarm(
        account,
        chain,
        300,
        {
            "e1": {"Id": "e1", "Expression": "ANOMALY_DETECTION_BAND(m1, 2)", "ReturnData": True},
            "ThresholdMetricId": "e1",
            "ComparisonOperator": "GreaterThanUpperThreshold",
        },
    )


def with_math(
    account: Account, *queries: dict[str, Any], threshold: float = 1.0, missing: str = "notBreaching"
) -> None:
    """The last of the queries is what the alarm watches."""
    chain = build_working_chain(account, alarm=None)
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="root-math",
        EvaluationPeriods=1,
        TreatMissingData=missing,
        Threshold=threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[chain.topic_arn],
        Metrics=[*queries[:-1], {**queries[-1], "ReturnData": True}],
    )


def root_metric(query_id: str, **members: Any) -> dict[str, Any]:
    stat = {"Metric": ROOT_METRIC, "Period": 300, "Stat": "Sum"}
    return {"Id": query_id, "MetricStat": stat, "ReturnData": False, **members}


def with_expression(account: Account, expression: str, **alarm: Any) -> None:
    with_math(account, root_metric("m1"), {"Id": "e1", "Expression": expression}, **alarm)


def with_failing_evaluation(account: Account) -> None:
    chain = build_working_chain(account)
    hooks.fail_evaluation(chain.alarm_arn, "EVALUATION_ERROR")


def with_shared_metric(account: Account) -> None:
    chain = build_working_chain(account)
    account.client("logs").put_metric_filter(
        logGroupName=chain.log_group_name,
        filterName="big-requests",
        filterPattern='{ $.userIdentity.type = "IAMUser" && $.eventName = "PutBucketPolicy" }',
        metricTransformations=[
            {
                "metricName": METRIC_NAME,
                "metricNamespace": METRIC_NAMESPACE,
                "metricValue": "$.requestParameters.size",
            }
        ],
    )


def with_log_alarm_only(account: Account) -> None:
    """A query in the place of the metric filter, which the log group has not."""
    chain = build_working_chain(account, metric_filter=None, alarm=None)
    account.client("cloudwatch").put_log_alarm(
        AlarmName="root-by-query",
        ScheduledQueryConfiguration={
            "QueryString": 'filter userIdentity.type = "Root"',
            "LogGroupIdentifiers": [chain.log_group_name],
            "ScheduledQueryRoleARN": f"arn:aws:iam::{account.account_id}:role/query",
            "ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 600},
            "AggregationExpression": "count(*)",
        },
        QueryResultsToEvaluate=1,
        QueryResultsToAlarm=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[chain.topic_arn],
    )


BROKEN = [
    pytest.param(
        partial(build_working_chain, alarm={"Period": 10}),
        "ALARM_PERIOD",
        "alarm `RootAccountUsageCountAlarm`: its period of 10 s is finer than the minutes of its metric, "
        "so it may not see a root event. Set the period to 60 or 300",
        id="ten-seconds",
    ),
    pytest.param(
        partial(
            build_working_chain,
            alarm={
                "Statistic": UNSET,
                "ExtendedStatistic": "p99",
                "EvaluateLowSampleCountPercentile": "ignore",
            },
        ),
        "ALARM_STATISTIC",
        "alarm `RootAccountUsageCountAlarm`: ignores p99 while there are few samples, and one root event is "
        "few, so no one is told. Evaluate low sample counts, or use Sum",
        id="percentile-of-few",
    ),
    pytest.param(
        partial(
            build_working_chain,
            transformation={"defaultValue": UNSET},
            alarm={"ComparisonOperator": "LessThanThreshold"},
        ),
        "ALARM_COMPARISON",
        "alarm `RootAccountUsageCountAlarm`: rings at Sum < 1, but root events raise the metric, "
        "so no one is told. Let it ring at >= 1",
        id="rings-at-low-values",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"EvaluationPeriods": 3, "DatapointsToAlarm": 3}),
        "ALARM_NEEDS_MORE_PERIODS",
        "alarm `RootAccountUsageCountAlarm`: needs 3 breaching datapoints of 3, but one root event gives 1, "
        "so it may tell no one. Set datapoints to alarm to 1",
        id="three-of-three",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"TreatMissingData": "breaching"}),
        "ALARM_ALWAYS_IN_ALARM",
        "alarm `RootAccountUsageCountAlarm`: treats missing data as breaching, so it is in ALARM while "
        "nothing happens and tells no one of a root event. Treat missing data as notBreaching",
        id="missing-data-breach",
    ),
    pytest.param(
        with_fill_each_minute,
        "ALARM_FILLS_TOO_SOON",
        "alarm `root-math`: FILL may put its number where the newest minute's data is late, "
        "so it may never see a root event. Set the period to 300",
        id="fill-each-minute",
    ),
    pytest.param(
        with_anomaly_detection,
        "ALARM_NOT_PROVEN",
        "can't prove that alarm `root-math` rings: this rule doesn't decide an anomaly detection band. "
        "Use a plain alarm on the metric (Sum >= 1)",
        id="anomaly-detection",
    ),
    pytest.param(
        partial(with_expression, expression="m1 <= FILL(m1, 0)", threshold=0.0),
        "ALARM_ALWAYS_IN_ALARM",
        "alarm `root-math`: `m1 <= FILL(m1, 0)` of quiet data may reach >= 0, so it may be in ALARM and "
        "tell no one of a root event. Set default value 0 and ring at Sum >= 1",
        id="missing-data-as-0-in-a-comparison",
    ),
    pytest.param(
        partial(with_expression, expression="IF(m1 > 0, 1, 0)"),
        "ALARM_NOT_PROVEN",
        "can't prove that alarm `root-math` rings: AWS doesn't document what IF makes of a missing "
        "condition. Use a plain alarm on the metric (Sum >= 1)",
        id="if-on-missing-data",
    ),
    pytest.param(
        partial(with_expression, expression="IF(m1 > 0, m1, 0)", missing="breaching"),
        "ALARM_NOT_PROVEN",
        "can't prove that alarm `root-math` rings: AWS doesn't document what IF makes of a missing "
        "condition. Use a plain alarm on the metric (Sum >= 1)",
        id="if-on-missing-data-that-is-breaching",
    ),
    pytest.param(
        with_failing_evaluation,
        "ALARM_EVALUATION_ERROR",
        "alarm `RootAccountUsageCountAlarm`: CloudWatch reports EVALUATION_ERROR on evaluating it, "
        "so it may not ring. Correct what the alarm's state reason names",
        id="evaluation-error",
    ),
    pytest.param(
        partial(build_working_chain, transformation={"metricValue": "0"}),
        "METRIC_VALUE_ZERO",
        "alarm `RootAccountUsageCountAlarm`: metric filter `RootAccountUsageCount` publishes 0 for a root "
        "event, so no one is told. Set its metric value to 1",
        id="value-zero",
    ),
    pytest.param(
        partial(build_working_chain, transformation={"metricValue": "$.eventVersion"}),
        "METRIC_VALUE_UNDECIDED",
        "alarm `RootAccountUsageCountAlarm`: metric filter `RootAccountUsageCount` publishes "
        "`$.eventVersion`, which isn't a number in every root event, so it may not ring. "
        "Set the metric value to 1",
        id="value-from-a-field",
    ),
    pytest.param(
        with_shared_metric,
        "METRIC_SHARED",
        "alarm `RootAccountUsageCountAlarm`: metric filter `big-requests` publishes "
        "`$.requestParameters.size` to its metric too, so what one root event changes can't be proven. "
        "Give root usage a metric of its own",
        id="shared-metric",
    ),
    pytest.param(
        partial(
            build_working_chain,
            transformation={"defaultValue": UNSET, "dimensions": {"Region": "$.awsRegion"}},
            alarm={"Dimensions": [{"Name": "Region", "Value": "eu-west-1"}]},
        ),
        "FILTER_DIMENSIONS",
        "alarm `RootAccountUsageCountAlarm`: watches one value of dimension `Region` of metric filter "
        "`RootAccountUsageCount`, but root events may carry others, so it misses them. "
        "Remove the dimension from both",
        id="one-region-of-many",
    ),
    pytest.param(
        with_log_alarm_only,
        "LOG_ALARM_UNDECIDED",
        "log alarm `root-by-query` watches log group `cloudtrail`, but its query is not decided by this "
        "rule, so nothing is proven. Add a metric filter with the CIS pattern and an alarm (1 more finding)",
        id="log-alarm-without-a-metric-filter",
    ),
]


LONG_ID = "m" + "x" * 254
# What the customer wrote is quoted: it may be shortened, and poses as nothing else.
CUSTOMERS_TEXTS = [
    pytest.param(
        (root_metric("m1"), root_metric(LONG_ID), {"Id": "e1", "Expression": f"FILL(m1, {LONG_ID})"}),
        f"FILL with `m{'x' * 55}..{'x' * 56}`",
        id="fill-with-a-long-id",
    ),
    pytest.param(
        (root_metric("m1"), {"Id": LONG_ID, "Expression": f"{LONG_ID} + m1"}),
        f"the expression `m{'x' * 40}..{'x' * 42}`, which refers to itself",
        id="expression-of-a-long-id",
    ),
    pytest.param(
        (root_metric("m1"), {"Id": "e1", "Expression": f"{LONG_ID} + m1"}),
        f"the name `m{'x' * 47}..{'x' * 48}` in an expression",
        id="long-name",
    ),
    pytest.param(
        (root_metric("m1"), {"Id": "e1", "Expression": f"{LONG_ID.upper()}(m1)"}),
        f"the function `M{'X' * 53}..{'X' * 55}`",
        id="long-function",
    ),
    pytest.param(
        (root_metric("m1", AccountId="x [NO_ALARM]"),),
        "metrics of account `x [NO_ALARM]`",
        id="account-that-poses-as-a-code",
    ),
    pytest.param(
        (root_metric("m1"), {"Id": "e1", "Expression": "m1 ` [NO_ALARM]"}),
        "`m1 ' [NO_ALARM]` (unknown sign `'`)",
        id="backtick-in-an-expression",
    ),
]


@pytest.mark.parametrize(("queries", "what"), CUSTOMERS_TEXTS)
def test_3_customers_text_in_metric_math_is_quoted(
    aws: LocalAws, account: Account, queries: tuple[dict[str, Any], ...], what: str
) -> None:
    with_math(account, *queries)
    annotation = (
        f"can't prove that alarm `root-math` rings: this rule doesn't decide {what}. "
        "Use a plain alarm on the metric (Sum >= 1) [ALARM_NOT_PROVEN]"
    )

    assert leading(invoke(aws, account)) == ("NON_COMPLIANT", "ALARM_NOT_PROVEN", annotation)


@pytest.mark.parametrize(("build", "code", "annotation"), BROKEN)
def test_3_broken_alarm_is_named(
    aws: LocalAws, account: Account, build: Build, code: str, annotation: str
) -> None:
    build(account)

    assert leading(invoke(aws, account)) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


def under_a_composite(account: Account, rule: str, composite: dict[str, Any], state: str = "OK") -> None:
    """The root alarm tells no one itself, but for a composite alarm; beside it alarm `disk`, in `state`."""
    chain = build_working_chain(account, alarm={"AlarmActions": []})
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="disk",
        Namespace="AWS/EBS",
        MetricName="VolumeQueueLength",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="disk", StateValue=state, StateReason="drill")
    cloudwatch.put_composite_alarm(
        AlarmName="page-security", AlarmRule=rule, AlarmActions=[chain.topic_arn], **composite
    )


# Of a composite and its child without actions the child gets further: what is missing there is whom it
# tells. So the composite's finding is the second.
COMPOSITES = [
    pytest.param(
        partial(under_a_composite, rule=f'ALARM("{ALARM}") WITHOUT ALARM("disk")', composite={}),
        "COMPOSITE_NOT_UNDERSTOOD",
        "composite alarm `page-security`: its rule can't be read at character 37 "
        "(expected AND, OR or the end of the rule), so nothing is proven",
        "let the root alarm itself notify",
        id="no-such-word",
    ),
    pytest.param(
        partial(under_a_composite, rule=f'ALARM("{ALARM}") OR ALARM("deleted")', composite={}),
        "COMPOSITE_NOT_PROVEN",
        "composite alarm `page-security`: its rule names `deleted`, which is no metric or composite alarm "
        "here, so nothing is proven",
        "remove it from the rule",
        id="child-that-is-not-there",
    ),
    pytest.param(
        partial(under_a_composite, rule=f'ALARM("{ALARM}") AND ALARM("disk")', composite={}),
        "COMPOSITE_NEEDS_OTHERS",
        "composite alarm `page-security`: needs more than alarm `RootAccountUsageCountAlarm` in ALARM, "
        "so a root event alone may tell no one",
        "join the root alarm with OR, not with AND",
        id="and",
    ),
    pytest.param(
        partial(under_a_composite, rule=f'ALARM("{ALARM}") OR NOT ALARM("disk")', composite={}),
        "COMPOSITE_ALWAYS_IN_ALARM",
        "composite alarm `page-security`: its rule may hold while all its alarms are quiet, "
        "so a root event may change nothing",
        "ring on ALARM(...) of the root alarm only",
        id="or-not",
    ),
    pytest.param(
        partial(under_a_composite, rule=f'ALARM("{ALARM}") OR ALARM("disk")', composite={}, state="ALARM"),
        "COMPOSITE_HELD",
        "composite alarm `page-security`: `disk` is in ALARM now, so `RootAccountUsageCountAlarm` changes "
        "nothing and no one is told",
        "let the root alarm itself notify",
        id="held-by-another",
    ),
    pytest.param(
        partial(
            under_a_composite,
            rule=f'ALARM("{ALARM}")',
            composite={
                "ActionsSuppressor": "disk",
                "ActionsSuppressorWaitPeriod": 60,
                "ActionsSuppressorExtensionPeriod": 60,
            },
            state="ALARM",
        ),
        "COMPOSITE_SUPPRESSED",
        "composite alarm `page-security`: its actions suppressor `disk` suppresses its actions now, "
        "so no one is told",
        "remove the actions suppressor",
        id="suppressed",
    ),
]


@pytest.mark.parametrize(("build", "code", "message", "remedy"), COMPOSITES)
def test_3_broken_composite_is_named_before_the_child_that_leaves_telling_to_it(
    aws: LocalAws, account: Account, build: Build, code: str, message: str, remedy: str
) -> None:
    build(account)

    invocation = invoke(aws, account)

    orders = f"{remedy[:1].upper()}{remedy[1:]} (1 more finding)"
    assert leading(invocation) == ("NON_COMPLIANT", code, f"{message}. {orders} [{code}]")
    assert [each["code"] for each in invocation.log["findings"]] == [code, "NO_ALARM_ACTION"]


def test_3_alarm_on_another_metric_is_named(aws: LocalAws, account: Account) -> None:
    """AWS returns no such alarm for the metric, so this one comes from an endpoint that isn't AWS's."""
    build_working_chain(account)
    (alarm,) = account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    answer = {"MetricAlarms": [alarm | {"MetricName": "ConsoleSignIns"}]}

    with answering({"cloudwatch:DescribeAlarmsForMetric": answer}):
        invocation = invoke(aws, account)

    assert leading(invocation) == (
        "NON_COMPLIANT",
        "ALARM_OTHER_METRIC",
        (
            "alarm `RootAccountUsageCountAlarm`: watches another metric than metric filter "
            "`RootAccountUsageCount` feeds, so it sees no root event. Let it watch "
            "`CloudTrailMetrics/RootAccountUsageCount` [ALARM_OTHER_METRIC]"
        ),
    )
