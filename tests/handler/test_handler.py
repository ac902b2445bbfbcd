"""The Lambda handler, driven as AWS Config drives it, against the local AWS: the whole way through.

The numbers are those of the scenarios in RootUsageAlarmRule.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from root_usage.aws.gathering import PassingFault

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import acting_in, invoke, scheduled_event
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import (
    ALARM,
    CIS_PATTERN,
    METRIC_NAME,
    METRIC_NAMESPACE,
    UNSET,
    Chain,
    build_working_chain,
    put_alarm,
)

ACCOUNT_ID = "111122223333"
OTHER_ACCOUNT_ID = "444455556666"
REGION = "eu-west-1"
RULE_FOLDER = Path(RootUsageAlarmRule.__file__).parent
SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'

Build = Callable[[Account], Any]


def test_1_whole_chain_is_compliant(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)

    invocation = invoke(aws, account)

    assert invocation.evaluation == {
        "ComplianceResourceId": ACCOUNT_ID,
        "ComplianceResourceType": "AWS::::Account",
        "ComplianceType": "COMPLIANT",
        "OrderingTimestamp": "2026-11-20T12:00:00.370Z",
        "Annotation": (
            "root use is told: alarm `RootAccountUsageCountAlarm` -> topic `security-alerts` -> "
            "1 confirmed subscriber (email); root not used for 90 days"
        ),
    }


def test_1_log_holds_the_whole_verdict_and_every_call(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)

    log = invoke(aws, account).log

    assert [step["name"] for step in log["chains"][0]["steps"]] == [
        "account-trail",
        "cloudtrail",
        "RootAccountUsageCount",
        "RootAccountUsageCountAlarm",
        "security-alerts",
        "1",
    ]
    assert log["calls"][0] == "cloudtrail:DescribeTrails"
    assert (log["accountId"], log["region"], log["complianceType"]) == (ACCOUNT_ID, REGION, "COMPLIANT")


def test_1_no_rule_parameters_at_all(aws: LocalAws, account: Account) -> None:
    """rdklib then assumes `executionRoleArn`, at the endpoint of the environment in the end."""
    build_working_chain(account)
    event = scheduled_event(account, {})
    del event["ruleParameters"]

    with acting_in(aws, account):
        (evaluation,) = RootUsageAlarmRule.lambda_handler(event, None)

    assert evaluation["ComplianceType"] == "COMPLIANT"


def with_second_filter(account: Account) -> None:
    chain = build_working_chain(account, metric_filter={"filterPattern": SIGN_INS})
    account.client("logs").put_metric_filter(
        logGroupName=chain.log_group_name,
        filterName="the-rest",
        filterPattern='{ $.userIdentity.type = "Root" && $.eventName != "ConsoleLogin" }',
        metricTransformations=[
            {"metricName": "Rest", "metricNamespace": METRIC_NAMESPACE, "metricValue": "1"}
        ],
    )
    put_alarm(account, chain, {"AlarmName": "rest", "MetricName": "Rest"})


def with_math(account: Account) -> None:
    chain = build_working_chain(account, alarm=None)
    metric = {"Namespace": METRIC_NAMESPACE, "MetricName": METRIC_NAME}
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="math",
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[chain.topic_arn],
        Metrics=[
            {
                "Id": "m1",
                "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"},
                "ReturnData": False,
            },
            {"Id": "e1", "Expression": "FILL(m1, 0)", "ReturnData": True},
        ],
    )


def with_composite(account: Account, rule: str = f'ALARM("{ALARM}")') -> None:
    chain = build_working_chain(account, alarm={"AlarmActions": []})
    account.client("cloudwatch").put_composite_alarm(
        AlarmName="page-security", AlarmRule=rule, AlarmActions=[chain.topic_arn]
    )


def with_composite_on_not_ok(account: Account) -> None:
    with_composite(account, rule=f'NOT OK("{ALARM}")')
    account.client("cloudwatch").set_alarm_state(AlarmName=ALARM, StateValue="OK", StateReason="evaluated")


def with_two_filters_that_add_up(account: Account) -> None:
    chain = build_working_chain(account, alarm={"ComparisonOperator": "GreaterThanThreshold"})
    account.client("logs").put_metric_filter(
        logGroupName=chain.log_group_name,
        filterName="again",
        filterPattern=CIS_PATTERN,
        metricTransformations=[
            {"metricName": METRIC_NAME, "metricNamespace": METRIC_NAMESPACE, "metricValue": "1"}
        ],
    )


@pytest.mark.parametrize(
    ("build", "alarm"),
    [
        pytest.param(
            partial(build_working_chain, metric_filter={"filterPattern": CIS_PATTERN.replace('"', "")}),
            ALARM,
            id="unquoted-pattern",
        ),
        pytest.param(
            partial(
                build_working_chain, metric_filter={"filterPattern": '{ $.userIdentity.arn = "*:root" }'}
            ),
            ALARM,
            id="pattern-on-the-arn",
        ),
        pytest.param(with_second_filter, f"{ALARM}` (1 of 2 alarms that cover root use together)", id="two"),
        pytest.param(with_math, "math", id="metric-math"),
        pytest.param(with_composite, "page-security", id="composite"),
        pytest.param(with_composite_on_not_ok, "page-security", id="composite-on-not-ok"),
        pytest.param(with_two_filters_that_add_up, ALARM, id="above-1-and-two-filters-add-1-each"),
        pytest.param(
            partial(
                build_working_chain,
                transformation={"defaultValue": UNSET},
                alarm={"EvaluationPeriods": 3, "DatapointsToAlarm": 3, "TreatMissingData": "missing"},
            ),
            ALARM,
            id="three-of-three-once-the-only-datapoint-is-as-old",
        ),
        pytest.param(
            partial(build_working_chain, alarm={"TreatMissingData": "missing"}), ALARM, id="cis-alarm"
        ),
        pytest.param(
            partial(build_working_chain, event_selectors=[{"ReadWriteType": "All"}]), ALARM, id="selectors"
        ),
    ],
)
def test_1_chain_that_looks_odd_is_compliant(
    aws: LocalAws, account: Account, build: Build, alarm: str
) -> None:
    build(account)

    annotation = invoke(aws, account).evaluation["Annotation"]

    assert annotation.startswith(f"root use is told: alarm `{alarm}")


def with_stale_delivery(account: Account) -> None:
    chain = build_working_chain(account)
    hooks.last_log_delivery(chain.trail_arn, datetime(2026, 1, 2, 3, 4, tzinfo=UTC))


def with_delivery_error(account: Account) -> None:
    chain = build_working_chain(account)
    hooks.fail_log_delivery(chain.trail_arn, "Access denied")


def with_deleted_log_group(account: Account) -> None:
    chain = build_working_chain(account)
    account.client("logs").delete_log_group(logGroupName=chain.log_group_name)


def with_chain_next_door(account: Account) -> None:
    """What an upgraded landing zone leaves: the trail's log group is new, the filter's the old one."""
    build_working_chain(account, metric_filter=None)
    logs = account.client("logs")
    logs.create_log_group(logGroupName="old")
    for name, pattern in (("denied", '{ $.errorCode = "AccessDenied" }'), ("root-usage", CIS_PATTERN)):
        logs.put_metric_filter(
            logGroupName="old",
            filterName=name,
            filterPattern=pattern,
            metricTransformations=[
                {"metricNamespace": "CloudTrailMetrics", "metricName": name, "metricValue": "1"}
            ],
        )


def with_deleted_topic(account: Account) -> None:
    chain = build_working_chain(account)
    account.client("sns").delete_topic(TopicArn=chain.topic_arn)


def with_closed_topic(account: Account) -> None:
    chain = build_working_chain(account)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
                "Action": "sns:Publish",
                "Resource": chain.topic_arn,
            }
        ],
    }
    account.client("sns").set_topic_attributes(
        TopicArn=chain.topic_arn, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )


def with_mute_rule(account: Account) -> None:
    build_working_chain(account)
    start = datetime.now(UTC) - timedelta(hours=1)
    account.client("cloudwatch").put_alarm_mute_rule(
        Name="quiet-migration",
        Rule={
            "Schedule": {"Expression": f"at({start:%Y-%m-%dT%H:%M})", "Duration": "P2D", "Timezone": "UTC"}
        },
        MuteTargets={"AlarmNames": [ALARM]},
    )


BROKEN = [
    pytest.param(
        partial(build_working_chain, trail=None),
        "NO_TRAIL",
        "account 111122223333 has no trail, and no channel in eu-west-1 records its management events, "
        "so no metric filter there sees root. "
        "Create a multi-region trail that delivers to a log group",
        id="no-trail",
    ),
    pytest.param(
        partial(build_working_chain, trail={"IsMultiRegionTrail": False}),
        "TRAIL_SINGLE_REGION",
        "trail `account-trail` records eu-west-1 only, so root's use of other regions goes unseen. "
        "Make it a multi-region trail",
        id="single-region-trail",
    ),
    pytest.param(
        partial(build_working_chain, logging=False),
        "TRAIL_NOT_LOGGING",
        "trail `account-trail` doesn't log, so nothing is recorded. Start its logging",
        id="stopped-trail",
    ),
    pytest.param(
        partial(build_working_chain, event_selectors=[{"ReadWriteType": "WriteOnly"}]),
        "TRAIL_WITHOUT_READ_EVENTS",
        "trail `account-trail` records write events only, so root's List, Get and Describe calls go unseen. "
        "Record read management events too",
        id="write-only-trail",
    ),
    pytest.param(
        partial(
            build_working_chain,
            event_selectors=[{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}],
        ),
        "TRAIL_EXCLUDES_EVENT_SOURCE",
        "trail `account-trail` leaves out kms.amazonaws.com, so root's calls there go unseen. "
        "Record them, or accept it by parameter AllowedExcludedEventSources",
        id="trail-without-kms",
    ),
    pytest.param(
        partial(
            build_working_chain,
            advanced_event_selectors=[
                {
                    "FieldSelectors": [
                        {"Field": "eventCategory", "Equals": ["Data"]},
                        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
                    ]
                }
            ],
        ),
        "TRAIL_WITHOUT_MANAGEMENT_EVENTS",
        "trail `account-trail` records no management events, so root's calls go unseen. "
        "Record all management events, read and write",
        id="data-events-only",
    ),
    pytest.param(
        with_stale_delivery,
        "TRAIL_DELIVERY_STALE",
        "trail `account-trail` delivered nothing to CloudWatch Logs since 2026-01-02 03:04 UTC, "
        "so root events may not arrive. Check its log group and role",
        id="stale-delivery",
    ),
    pytest.param(
        with_delivery_error,
        "TRAIL_DELIVERY_FAILS",
        "trail `account-trail` can't deliver to CloudWatch Logs (`Access denied`), "
        "so no filter sees root events. Let its role write to the log group",
        id="delivery-error",
    ),
    pytest.param(
        with_deleted_log_group,
        "LOG_GROUP_MISSING",
        "the trail's log group `cloudtrail` doesn't exist in eu-west-1, so root events are lost. "
        "Create it again, or join the trail to another",
        id="deleted-log-group",
    ),
    pytest.param(
        partial(build_working_chain, log_group={"logGroupClass": "INFREQUENT_ACCESS"}),
        "LOG_GROUP_CLASS",
        "log group `cloudtrail` is of class INFREQUENT_ACCESS, which runs no metric filters, "
        "so no alarm can ring. Join the trail to a log group of class STANDARD",
        id="infrequent-access",
    ),
    pytest.param(
        partial(build_working_chain, metric_filter=None),
        "NO_METRIC_FILTER",
        "log group `cloudtrail` has no metric filter, so no alarm on it sees root events "
        "(EventBridge rules don't count, by AcceptedWays). "
        "Add the CIS root usage filter and an alarm, or press Remediate",
        id="no-metric-filter",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"Threshold": 5.0}),
        "ALARM_THRESHOLD_TOO_HIGH",
        "alarm `RootAccountUsageCountAlarm`: rings at Sum >= 5, but one root event gives 1, "
        "so no one is told. Lower the threshold to 1",
        id="alarm-wants-five",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"Statistic": "Average"}),
        "ALARM_DILUTED",
        "alarm `RootAccountUsageCountAlarm`: other values of its metric, default values among them, dilute "
        "Average, so one root event may not reach >= 1. Use statistic Sum",
        id="average",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"TreatMissingData": "ignore"}),
        "ALARM_LATCHES",
        "alarm `RootAccountUsageCountAlarm`: treats missing data as ignore, so it stays in ALARM after the "
        "first root event and later ones are silent. Treat missing data as notBreaching",
        id="ignore",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"Unit": "Count"}),
        "ALARM_UNIT",
        "alarm `RootAccountUsageCountAlarm`: watches unit Count, but metric filter `RootAccountUsageCount` "
        "publishes unit None, so it sees no root event. Remove the alarm's unit",
        id="unit",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"Dimensions": [{"Name": "Account", "Value": "prod"}]}),
        "ALARM_DIMENSIONS",
        "alarm `RootAccountUsageCountAlarm`: watches dimension `Account`, which metric filter "
        "`RootAccountUsageCount` doesn't publish, so it sees no root event. "
        "Remove the dimension from the alarm",
        id="dimension",
    ),
    pytest.param(
        partial(build_working_chain, alarm=None),
        "NO_ALARM",
        "no alarm watches metric `CloudTrailMetrics/RootAccountUsageCount` of metric filter "
        "`RootAccountUsageCount`, so no one is told. Create an alarm on it (Sum >= 1), or press Remediate",
        id="no-alarm",
    ),
    pytest.param(
        with_mute_rule,
        "ALARM_MUTED",
        "alarm `RootAccountUsageCountAlarm`: mute rule `quiet-migration` silences it now, so no one is told "
        "of a root event meanwhile. Take the alarm out of the mute rule",
        id="muted",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"AlarmActions": []}),
        "NO_ALARM_ACTION",
        "alarm `RootAccountUsageCountAlarm` has no action for the ALARM state, so no one is told. "
        "Add an SNS topic to its AlarmActions",
        id="no-action",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"ActionsEnabled": False}),
        "ALARM_ACTIONS_DISABLED",
        "alarm `RootAccountUsageCountAlarm` has its actions disabled, so no one is told. "
        "Enable its actions (EnableAlarmActions)",
        id="actions-disabled",
    ),
    pytest.param(
        with_deleted_topic,
        "TOPIC_MISSING",
        "topic `security-alerts` of alarm `RootAccountUsageCountAlarm` doesn't exist, so no one is told. "
        "Create the topic and subscribe a person, or let the alarm notify another",
        id="deleted-topic",
    ),
    pytest.param(
        with_closed_topic,
        "TOPIC_POLICY_DENIES",
        "the policy of topic `security-alerts` doesn't let CloudWatch publish, so no one is told. "
        "Allow sns:Publish to cloudwatch.amazonaws.com in the topic's policy",
        id="closed-topic",
    ),
    pytest.param(
        partial(build_working_chain, topic={"KmsMasterKeyId": "alias/aws/sns"}),
        "TOPIC_KEY_AWS_MANAGED",
        "topic `security-alerts` is encrypted with AWS's own key, which CloudWatch may not use, so no one is "
        "told. Encrypt the topic with a customer managed key that cloudwatch.amazonaws.com may use",
        id="aws-managed-key",
    ),
    pytest.param(
        partial(build_working_chain, subscriptions=[]),
        "NO_SUBSCRIPTION",
        "topic `security-alerts` has no subscription, so no one is told. Subscribe a person by e-mail, "
        "and click the link in the confirmation mail",
        id="nobody-subscribed",
    ),
    pytest.param(
        partial(build_working_chain, confirmed=False),
        "SUBSCRIPTION_PENDING",
        "topic `security-alerts` has 1 pending subscription (email `security@example.com`) and none "
        "confirmed, so no one is told. Click the link in the confirmation mail within two days, "
        "or subscribe again",
        id="pending",
    ),
    pytest.param(
        partial(build_working_chain, subscription={"FilterPolicy": '{"severity": ["high"]}'}),
        "SUBSCRIPTION_FILTERED",
        "topic `security-alerts`: the filter policy of email `security@example.com` drops every alarm "
        "message, so no one is told. Remove the subscription's filter policy",
        id="filtered",
    ),
]


@pytest.mark.parametrize(("build", "code", "annotation"), BROKEN)
def test_3_broken_link_is_named(
    aws: LocalAws, account: Account, build: Build, code: str, annotation: str
) -> None:
    build(account)

    invocation = invoke(aws, account)

    assert invocation.evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert (invocation.codes[0], invocation.evaluation["Annotation"]) == (code, f"{annotation} [{code}]")


def test_3_filter_on_another_log_group_is_named(aws: LocalAws, account: Account) -> None:
    with_chain_next_door(account)

    invocation = invoke(aws, account)

    assert invocation.evaluation["Annotation"] == (
        "log group `cloudtrail` has no metric filter, so no alarm on it sees root events; "
        "filter `root-usage` is on log group `old` instead. "
        "Add the CIS root usage filter and an alarm, or press Remediate [NO_METRIC_FILTER]"
    )
    assert invocation.log["calls"].count("logs:DescribeMetricFilters") == 2


def test_3_every_broken_link_has_a_finding_of_its_own() -> None:
    codes = [each.values[1] for each in BROKEN]

    assert len(set(codes)) == len(codes)


def test_5_bad_parameter_is_reported(aws: LocalAws, account: Account) -> None:
    invocation = invoke(aws, account, {"MinConfirmedSubscribers": "0"})

    assert invocation.codes == ["INVALID_PARAMETER"]
    assert invocation.log["calls"] == []


def test_5_parameter_is_honoured(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)

    assert invoke(aws, account, {"MinConfirmedSubscribers": "2"}).codes == ["TOO_FEW_SUBSCRIBERS"]


def test_6_other_region_reports(aws: LocalAws, account: Account) -> None:
    evaluation = invoke(aws, account, {"ReportingRegion": "us-east-1"}).evaluation

    assert evaluation["ComplianceType"] == "NOT_APPLICABLE"
    assert evaluation["Annotation"] == (
        "root usage alarm: this account is reported in us-east-1 (ReportingRegion)"
    )


def unrelated(account: Account, chain: Chain) -> None:
    for number in range(500):
        put_alarm(account, chain, {"AlarmName": f"other-{number}", "MetricName": f"Other{number}"})
    account.client("logs").create_log_group(logGroupName="elsewhere")
    for number in range(100):
        account.client("logs").put_metric_filter(
            logGroupName="elsewhere",
            filterName=f"other-{number}",
            filterPattern=CIS_PATTERN,
            metricTransformations=[
                {"metricName": f"Elsewhere{number}", "metricNamespace": "N", "metricValue": "1"}
            ],
        )


@pytest.mark.parametrize(
    "build", [pytest.param(lambda *_: None, id="alone"), pytest.param(unrelated, id="crowded")]
)
def test_1_compliant_account_costs_the_same_calls_among_unrelated_resources(
    aws: LocalAws, account: Account, build: Callable[[Account, Chain], None]
) -> None:
    build(account, build_working_chain(account))

    # On an endpoint of AWS's own GetEventSelectors and DescribeLogGroups are spared as well
    # (tests/test_gather.py), which makes eleven calls with PutEvaluations. Looking for root's last use
    # takes one more.
    assert sorted(invoke(aws, account, {"RootUsageLookbackDays": "0"}).log["calls"]) == [
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
        "cloudwatch:DescribeAlarmsForMetric",
        "cloudwatch:ListAlarmMuteRules",
        "logs:DescribeLogGroups",
        "logs:DescribeMetricFilters",
        "logs:DescribeMetricFilters",
        "observabilityadmin:ListTelemetryPipelines",
        "sns:GetSubscriptionAttributes",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"accountId": None}, "event: member `accountId` is missing or isn't a text", id="account"
        ),
        pytest.param(
            {"invokingEvent": "{"},
            "event: member `invokingEvent` isn't JSON: "
            "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            id="no-json",
        ),
        pytest.param(
            {"invokingEvent": '{"messageType": "ConfigurationItemChangeNotification"}'},
            "event: invokingEvent.messageType is `ConfigurationItemChangeNotification`, "
            "but this rule is periodic: `ScheduledNotification`",
            id="change-triggered",
        ),
        pytest.param(
            {"configRuleArn": ["arn"]}, "event: member `configRuleArn` isn't a text", id="arn-that-is-no-text"
        ),
        pytest.param(
            {"ruleParameters": "[" * 100_000},
            "event: member `ruleParameters` is nested too deeply",
            id="nested-too-deeply",
        ),
        pytest.param(
            {"ruleParameters": "[]"}, "event: member `ruleParameters` isn't a JSON object", id="list"
        ),
    ],
)
def test_malformed_event_names_what_and_where(account: Account, change: dict[str, Any], message: str) -> None:
    event = {**scheduled_event(account, {}), **change}

    with pytest.raises(RootUsageAlarmRule.MalformedEvent) as error:
        RootUsageAlarmRule.lambda_handler(event, None)

    assert str(error.value) == message


def test_8_result_token_that_config_refuses_fails_the_lambda(aws: LocalAws, account: Account) -> None:
    """rdklib would return an error that Lambda takes for success."""
    event = {**scheduled_event(account, {"AssumeRoleMode": "False"}), "resultToken": "made up"}

    with (
        acting_in(aws, account),
        pytest.raises(RootUsageAlarmRule.EvaluationNotReported, match="InvalidResultTokenException"),
    ):
        RootUsageAlarmRule.lambda_handler(event, None)


def test_8_evaluation_that_config_did_not_keep_fails_the_lambda(aws: LocalAws, account: Account) -> None:
    """PutEvaluations may succeed and list evaluations that failed; rdklib doesn't look."""
    failed = {"FailedEvaluations": [{"ComplianceResourceId": ACCOUNT_ID}]}
    answer = aws_response(200, json.dumps(failed))

    with acting_in(aws, account):
        answer_with("before-send.config-service.PutEvaluations", answer)
        with pytest.raises(RootUsageAlarmRule.EvaluationNotReported, match=ACCOUNT_ID):
            RootUsageAlarmRule.lambda_handler(scheduled_event(account, {"AssumeRoleMode": "False"}), None)


JAPANESE = "ルート利用の監視"


def test_3_name_in_japanese_is_named_as_it_is(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm={"AlarmName": JAPANESE, "ActionsEnabled": False})

    assert invoke(aws, account).evaluation["Annotation"] == (
        f"alarm `{JAPANESE}` has its actions disabled, so no one is told. Enable its actions "
        "(EnableAlarmActions) [ALARM_ACTIONS_DISABLED]"
    )


def test_8_annotation_that_config_would_not_take_is_reported_in_ascii(
    aws: LocalAws, account: Account
) -> None:
    """AWS documents no such refusal; the last result would stand if there were one."""
    build_working_chain(account, alarm={"AlarmName": JAPANESE, "ActionsEnabled": False})

    def refuse(request: Any, **_: Any) -> AWSResponse | None:
        refused = json.dumps({"__type": "ValidationException", "message": "annotation"})
        return aws_response(400, refused) if "\\u" in request.body.decode() else None

    with acting_in(aws, account):
        session: Any = boto3.DEFAULT_SESSION
        session.events.register("before-send.config-service.PutEvaluations", refuse)
        event = scheduled_event(account, {"AssumeRoleMode": "False"})
        (evaluation,) = RootUsageAlarmRule.lambda_handler(event, None)

    assert evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert evaluation["Annotation"] == (
        "alarm `????????` has its actions disabled, so no one is told. Enable its actions "
        "(EnableAlarmActions) [ALARM_ACTIONS_DISABLED]"
    )


def test_7_throttling_fails_the_lambda(aws: LocalAws, account: Account) -> None:
    throttled = aws_response(400, json.dumps({"__type": "ThrottlingException", "message": "slow down"}))

    with acting_in(aws, account):
        os.environ["AWS_MAX_ATTEMPTS"] = "1"
        answer_with("before-send.cloudtrail.DescribeTrails", throttled)
        with pytest.raises(PassingFault, match="cloudtrail:DescribeTrails answered ThrottlingException"):
            RootUsageAlarmRule.lambda_handler(scheduled_event(account, {"AssumeRoleMode": "False"}), None)


def test_4_refused_call_is_reported(aws: LocalAws, account: Account) -> None:
    build_working_chain(account)
    refused = aws_response(400, json.dumps({"__type": "AccessDeniedException", "message": "no"}))

    with acting_in(aws, account):
        answer_with("before-send.logs.DescribeLogGroups", refused)
        event = scheduled_event(account, {"AssumeRoleMode": "False"})
        (evaluation,) = RootUsageAlarmRule.lambda_handler(event, None)

    assert evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert evaluation["Annotation"] == (
        "cannot verify log group `cloudtrail`: logs:DescribeLogGroups answered AccessDeniedException. "
        "Allow logs:DescribeLogGroups to the role that the rule reads with [LOG_GROUP_UNREADABLE]"
    )


def test_lambda_needs_nothing_but_rdklib_and_boto3() -> None:
    """The rule folder alone on the path, and which packages its import brings in."""
    script = (
        "import sys, RootUsageAlarmRule, root_usage.aws.gathering\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(RULE_FOLDER)}
    process = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )

    loaded = set(eval(process.stdout))  # noqa: S307 a list that this test printed
    allowed = {
        "boto3",
        "botocore",
        "certifi",
        "dateutil",
        "jmespath",
        "rdklib",
        "s3transfer",
        "six",
        "urllib3",
    }
    assert {name for name in loaded if not name.startswith("_")} <= allowed | {
        "RootUsageAlarmRule",
        "root_usage",
    }


def aws_response(status: int, body: str) -> AWSResponse:
    response: Any = AWSResponse("", status, HTTPHeaders.from_dict({"x-amzn-requestid": "0"}), None)
    response._content = body.encode()
    return cast("AWSResponse", response)


def answer_with(event: str, response: AWSResponse) -> None:
    session: Any = boto3.DEFAULT_SESSION
    session.events.register(event, lambda **_: response)
