"""The codes of what AWS refuses to show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pytest

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import RULE_NAME, acting_in, invoke, scheduled_event
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.local_aws.corrections.config import result_token_of
from tests.handler.evaluation import ACCOUNT_ID, Build, Refusal, answering, leading

FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT_ID}:function:page"

REFUSED = [
    pytest.param(
        build_working_chain,
        {"AssumeRoleMode": "True"},
        "sts:AssumeRole",
        "CANNOT_ASSUME_ROLE",
        "cannot verify account 111122223333: sts:AssumeRole answered AccessDeniedException. "
        "Let the rule's Lambda role assume the evaluation role, or set ExecutionRoleName",
        id="role",
    ),
    pytest.param(
        build_working_chain,
        {},
        "cloudtrail:DescribeTrails",
        "TRAIL_UNREADABLE",
        "cannot verify account 111122223333: cloudtrail:DescribeTrails answered AccessDeniedException. "
        "Allow cloudtrail:DescribeTrails to the role that the rule reads with",
        id="trails",
    ),
    pytest.param(
        partial(build_working_chain, trail=None),
        {},
        "cloudtrail:ListChannels",
        "NO_TRAIL",
        "account 111122223333 has no trail, and whether a channel records its events can't be seen "
        "(cloudtrail:ListChannels answered AccessDeniedException), so no alarm is proven to hear root. "
        "Create a multi-region trail that delivers to a log group",
        id="channels",
    ),
    pytest.param(
        build_working_chain,
        {},
        "observabilityadmin:ListTelemetryPipelines",
        "LOG_GROUP_UNREADABLE",
        "cannot verify the pipelines of log group `cloudtrail`: "
        "observabilityadmin:ListTelemetryPipelines answered AccessDeniedException. "
        "Allow that call to the role that the rule reads with",
        id="pipelines",
    ),
    pytest.param(
        build_working_chain,
        {},
        "logs:DescribeLogGroups",
        "LOG_GROUP_UNREADABLE",
        "cannot verify log group `cloudtrail`: logs:DescribeLogGroups answered AccessDeniedException. "
        "Allow logs:DescribeLogGroups to the role that the rule reads with",
        id="log-group",
    ),
    pytest.param(
        build_working_chain,
        {},
        "logs:DescribeMetricFilters",
        "METRIC_FILTERS_UNREADABLE",
        "cannot verify the metric filters of log group `cloudtrail`: "
        "logs:DescribeMetricFilters answered AccessDeniedException. "
        "Allow logs:DescribeMetricFilters to the role that the rule reads with",
        id="metric-filters",
    ),
    pytest.param(
        build_working_chain,
        {},
        "cloudwatch:ListAlarmMuteRules",
        "ALARMS_UNREADABLE",
        "cannot verify alarm `RootAccountUsageCountAlarm`: "
        "cloudwatch:ListAlarmMuteRules answered AccessDeniedException. "
        "Allow cloudwatch:ListAlarmMuteRules to the role that the rule reads with",
        id="mute-rules",
    ),
    pytest.param(
        partial(build_working_chain, alarm={"AlarmActions": [FUNCTION_ARN]}),
        {"AcceptedActions": "lambda"},
        "lambda:GetPolicy",
        "ACTION_UNREADABLE",
        "cannot verify action `arn:aws:lambda:eu-west-1:111122223333:function:page`: "
        "lambda:GetPolicy answered AccessDeniedException. "
        "Allow lambda:GetPolicy to the role that the rule reads with",
        id="function",
    ),
    pytest.param(
        partial(build_working_chain, topic={"KmsMasterKeyId": "alias/alerts"}),
        {},
        "kms:DescribeKey",
        "TOPIC_KEY_UNREADABLE",
        "cannot verify key `alias/alerts` of topic `security-alerts`: "
        "kms:DescribeKey answered AccessDeniedException. "
        "Allow kms:DescribeKey to the role that the rule reads with",
        id="key",
    ),
    pytest.param(
        build_working_chain,
        {},
        "sns:ListSubscriptionsByTopic",
        "SUBSCRIPTIONS_UNREADABLE",
        "cannot verify subscribers of topic `security-alerts` of account 111122223333: "
        "sns:ListSubscriptionsByTopic answered AccessDeniedException. "
        "Allow sns:ListSubscriptionsByTopic to the role that the rule reads with",
        id="subscriptions",
    ),
    pytest.param(
        build_working_chain,
        {"OnRecentRootUse": "fail"},
        "iam:GetCredentialReport",
        "ROOT_USE_UNVERIFIED",
        "cannot verify when root was last used: iam:GetCredentialReport answered AccessDeniedException. "
        "Allow iam:GetCredentialReport and iam:GenerateCredentialReport to the role that the rule reads with",
        id="credential-report",
    ),
    pytest.param(
        build_working_chain,
        {"RequireNoRootAccessKeys": "true"},
        "iam:GetAccountSummary",
        "ROOT_CREDENTIALS_UNVERIFIED",
        "cannot verify the access keys of root of account 111122223333: "
        "iam:GetAccountSummary answered AccessDeniedException. "
        "Allow iam:GetAccountSummary to the role that the rule reads with",
        id="account-summary",
    ),
]


@pytest.mark.parametrize(("build", "parameters", "call", "code", "annotation"), REFUSED)
def test_4_refused_call_is_named(
    aws: LocalAws,
    account: Account,
    build: Build,
    parameters: Mapping[str, str],
    call: str,
    code: str,
    annotation: str,
) -> None:
    build(account)

    with answering({call: Refusal("AccessDeniedException")}):
        invocation = invoke(aws, account, parameters)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


def test_4_report_reaches_config_without_the_role(aws: LocalAws, account: Account) -> None:
    """By the function's own role, as no other can be assumed; AWS Config keeps it."""
    event = {**scheduled_event(account, {}), "resultToken": result_token_of(RULE_NAME)}

    with answering({"sts:AssumeRole": Refusal("AccessDenied")}), acting_in(aws, account):
        RootUsageAlarmRule.lambda_handler(event, None)

    config = account.client("config")
    (kept,) = config.get_compliance_details_by_config_rule(ConfigRuleName=RULE_NAME)["EvaluationResults"]
    assert (kept["ComplianceType"], kept["Annotation"]) == (
        "NON_COMPLIANT",
        (
            "cannot verify account 111122223333: sts:AssumeRole answered AccessDenied. "
            "Let the rule's Lambda role assume the evaluation role, or set ExecutionRoleName "
            "[CANNOT_ASSUME_ROLE]"
        ),
    )
