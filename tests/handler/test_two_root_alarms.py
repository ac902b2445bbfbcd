"""Two metrics that root events feed, an alarm on each, and a composite over both: do all events ring it?"""

from __future__ import annotations

from typing import Any

import pytest
from root_usage.coverage.root_activity import ROOT_FILTER_PATTERN

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import ALARM, METRIC_NAMESPACE, build_working_chain

OTHER = "root-b"


def with_two_root_alarms(
    account: Account, rule: str, other: dict[str, Any], composite: dict[str, Any], pattern: str
) -> None:
    """Neither alarm tells anybody, the composite does; `other` are members of the second alarm."""
    chain = build_working_chain(account, alarm={"AlarmActions": []})
    account.client("logs").put_metric_filter(
        logGroupName=chain.log_group_name,
        filterName="RootB",
        filterPattern=pattern,
        metricTransformations=[
            {"metricName": "RootB", "metricNamespace": METRIC_NAMESPACE, "metricValue": "1"}
        ],
    )
    cloudwatch = account.client("cloudwatch")
    working = {
        "AlarmName": OTHER,
        "Namespace": METRIC_NAMESPACE,
        "MetricName": "RootB",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    members = working | other
    cloudwatch.put_metric_alarm(**{name: each for name, each in members.items() if each is not None})
    cloudwatch.set_alarm_state(AlarmName=OTHER, StateValue="OK", StateReason="quiet")
    cloudwatch.put_composite_alarm(
        AlarmName="page", AlarmRule=rule, AlarmActions=[chain.topic_arn], **composite
    )


def composite_code(aws: LocalAws, account: Account) -> tuple[str, str | None]:
    """The compliance, and the code of the finding about the composite."""
    invocation = invoke(aws, account)
    of_composite = [each["code"] for each in invocation.log["findings"] if each["resource"] == "page"]
    return invocation.evaluation["ComplianceType"], of_composite[0] if of_composite else None


SUPPRESSED = {
    "ActionsSuppressor": OTHER,
    "ActionsSuppressorWaitPeriod": 60,
    "ActionsSuppressorExtensionPeriod": 60,
}


@pytest.mark.parametrize(
    ("rule", "other", "composite", "expected"),
    [
        pytest.param(
            f"ALARM({ALARM}) OR ALARM({OTHER})",
            {},
            {},
            ("COMPLIANT", None),
            id="both-quiet-again-within-a-day",
        ),
        pytest.param(
            f"ALARM({ALARM}) OR ALARM({OTHER})",
            {"TreatMissingData": "ignore"},
            {},
            ("NON_COMPLIANT", "COMPOSITE_HELD"),
            id="the-other-latches",
        ),
        pytest.param(
            f"ALARM({ALARM}) OR ALARM({OTHER})",
            {"TreatMissingData": "breaching"},
            {},
            ("NON_COMPLIANT", "COMPOSITE_HELD"),
            id="the-other-rings-while-the-group-is-idle",
        ),
        pytest.param(
            f"ALARM({ALARM}) AND NOT ALARM({OTHER})",
            {},
            {},
            ("NON_COMPLIANT", "COMPOSITE_NEEDS_OTHERS"),
            id="never-both",
        ),
        pytest.param(
            f"ALARM({ALARM})",
            {},
            SUPPRESSED,
            ("NON_COMPLIANT", "COMPOSITE_SUPPRESSED"),
            id="the-other-suppresses",
        ),
    ],
)
def test_composite_over_two_alarms_that_one_root_event_moves(
    aws: LocalAws,
    account: Account,
    rule: str,
    other: dict[str, Any],
    composite: dict[str, Any],
    expected: tuple[str, str | None],
) -> None:
    with_two_root_alarms(account, rule, other, composite, ROOT_FILTER_PATTERN)

    assert composite_code(aws, account) == expected


def test_alarm_on_a_metric_that_root_events_never_feed_is_only_noted(aws: LocalAws, account: Account) -> None:
    rule, pattern = f"ALARM({ALARM}) OR ALARM({OTHER})", '{ $.userIdentity.type = "IAMUser" }'
    with_two_root_alarms(account, rule, {"TreatMissingData": "ignore"}, {}, pattern)

    assert composite_code(aws, account) == ("COMPLIANT", None)


BUSY = {
    "Namespace": "AWS/Logs",
    "MetricName": "IncomingLogEvents",
    "Dimensions": [{"Name": "LogGroupName", "Value": "cloudtrail"}],
}


@pytest.mark.parametrize(
    ("rule", "composite", "code"),
    [
        pytest.param(f"ALARM({ALARM}) AND NOT ALARM({OTHER})", {}, "COMPOSITE_NEEDS_OTHERS", id="and-not"),
        pytest.param(f"ALARM({ALARM})", SUPPRESSED, "COMPOSITE_SUPPRESSED", id="suppressor"),
    ],
)
def test_1_root_event_moves_the_log_groups_own_metric(
    aws: LocalAws, account: Account, rule: str, composite: dict[str, Any], code: str
) -> None:
    """Where it arrives, IncomingLogEvents of the log group counts it too."""
    with_two_root_alarms(account, rule, BUSY, composite, "nothing")

    assert composite_code(aws, account) == ("NON_COMPLIANT", code)


def reading(expression: str) -> dict[str, Any]:
    """An alarm on an expression that finds its metrics by itself."""
    query = {"Id": "q1", "Expression": expression, "Period": 300, "ReturnData": True}
    return dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period")) | {"Metrics": [query]}


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("SELECT SUM(RootB) FROM CloudTrailMetrics", id="metrics-insights"),
        pytest.param('INSIGHT_RULE_METRIC("root", "Sum")', id="contributor-insights"),
    ],
)
@pytest.mark.parametrize(
    ("rule", "composite", "code"),
    [
        pytest.param(f"ALARM({ALARM}) AND NOT ALARM({OTHER})", {}, "COMPOSITE_NEEDS_OTHERS", id="and-not"),
        pytest.param(f"ALARM({ALARM}) OR ALARM({OTHER})", {}, "COMPOSITE_HELD", id="or"),
        pytest.param(f"ALARM({ALARM})", SUPPRESSED, "COMPOSITE_SUPPRESSED", id="suppressor"),
    ],
)
def test_1_root_event_may_move_an_alarm_that_names_no_metric(
    aws: LocalAws, account: Account, expression: str, rule: str, composite: dict[str, Any], code: str
) -> None:
    with_two_root_alarms(account, rule, reading(expression), composite, ROOT_FILTER_PATTERN)

    assert composite_code(aws, account) == ("NON_COMPLIANT", code)
