"""The automation roles may do what the documents do, where they do it, and nothing else.

Every call that the scripts make in a few runs is noted, with its resource, and held against the
policies as IAM would: each has to be allowed, and each allowed action has to be needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.remediation.policies import Place, remediation_policy, root_credentials_policy
from tests.remediation.recording import Call, Calls
from tests.remediation.scenarios import EMAIL, WITHOUT_LOG_GROUP, remediate
from tests.remediation.test_root_credentials import delete_everything, record_member

HERE = Place("aws", "111122223333")

Needs = list[tuple[str, str]]


def group_arn(call: Call) -> str:
    # DescribeLogGroups, and DescribeMetricFilters by metric, are about all of the account's log groups.
    name = call.parameters.get("logGroupName", "")
    return f"arn:aws:logs:{call.region}:111122223333:log-group:{name}"


def group_of_tags(call: Call) -> str:
    return str(call.parameters["resourceArn"])


def trail_arn(call: Call) -> str:
    named = call.parameters.get("TrailName") or call.parameters.get("Name")
    named = named or call.parameters["ResourceIdList"][0]
    return (
        named if named.startswith("arn:") else f"arn:aws:cloudtrail:{call.region}:111122223333:trail/{named}"
    )


def topic_arn(call: Call) -> str:
    given = call.parameters.get("TopicArn") or call.parameters.get("ResourceArn")
    return given or f"arn:aws:sns:{call.region}:111122223333:{call.parameters['Name']}"


def alarm_arn(call: Call) -> str:
    given = call.parameters.get("ResourceARN")
    return given or f"arn:aws:cloudwatch:{call.region}:111122223333:alarm:{call.parameters['AlarmName']}"


def key_arn(call: Call) -> str:
    key = call.parameters["KeyId"]
    return key if key.startswith("arn:") else f"arn:aws:kms:{call.region}:111122223333:key/{key}"


def bucket_arn(call: Call) -> str:
    return f"arn:aws:s3:::{call.parameters['Bucket']}"


def rule_arn(call: Call) -> str:
    return f"arn:aws:config:{call.region}:111122223333:config-rule/config-rule-abc123"


def anything(call: Call) -> str:
    del call
    return "*"


def root_arn(call: Call) -> str:
    return f"arn:aws:iam::{call.parameters['TargetPrincipal']}:root"


# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
OPERATIONS: dict[str, tuple[Callable[[Call], str], tuple[str, ...]]] = {
    "GetCallerIdentity": (anything, ()),  # needs no permission
    "AssumeRoot": (root_arn, ("sts:AssumeRoot",)),
    "DescribeOrganization": (anything, ("organizations:DescribeOrganization",)),
    "DescribeTrails": (anything, ("cloudtrail:DescribeTrails",)),
    "GetEventSelectors": (trail_arn, ("cloudtrail:GetEventSelectors",)),
    "GetTrailStatus": (trail_arn, ("cloudtrail:GetTrailStatus",)),
    "ListTags": (trail_arn, ("cloudtrail:ListTags",)),
    "CreateTrail": (trail_arn, ("cloudtrail:CreateTrail", "cloudtrail:AddTags")),
    "UpdateTrail": (trail_arn, ("cloudtrail:UpdateTrail",)),
    "StartLogging": (trail_arn, ("cloudtrail:StartLogging",)),
    "DescribeLogGroups": (group_arn, ("logs:DescribeLogGroups",)),
    "DescribeMetricFilters": (group_arn, ("logs:DescribeMetricFilters",)),
    "CreateLogGroup": (group_arn, ("logs:CreateLogGroup", "logs:TagResource")),
    "PutRetentionPolicy": (group_arn, ("logs:PutRetentionPolicy",)),
    "PutMetricFilter": (group_arn, ("logs:PutMetricFilter",)),
    "DescribeAlarms": (anything, ("cloudwatch:DescribeAlarms",)),
    "DescribeAlarmsForMetric": (anything, ("cloudwatch:DescribeAlarmsForMetric",)),
    "ListAccountAliases": (anything, ("iam:ListAccountAliases",)),
    "PutMetricAlarm": (alarm_arn, ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource")),
    "GetTopicAttributes": (topic_arn, ("sns:GetTopicAttributes",)),
    "ListSubscriptionsByTopic": (topic_arn, ("sns:ListSubscriptionsByTopic",)),
    "CreateTopic": (topic_arn, ("sns:CreateTopic", "sns:TagResource")),
    "SetTopicAttributes": (topic_arn, ("sns:SetTopicAttributes",)),
    "Subscribe": (topic_arn, ("sns:Subscribe",)),
    "DescribeKey": (key_arn, ("kms:DescribeKey",)),
    "GetKeyPolicy": (key_arn, ("kms:GetKeyPolicy",)),
    "HeadBucket": (bucket_arn, ("s3:ListBucket",)),
    "ListObjectsV2": (bucket_arn, ("s3:ListBucket",)),
    "CreateBucket": (bucket_arn, ("s3:CreateBucket",)),
    "GetBucketTagging": (bucket_arn, ("s3:GetBucketTagging",)),
    "PutBucketTagging": (bucket_arn, ("s3:PutBucketTagging",)),
    "PutBucketPolicy": (bucket_arn, ("s3:PutBucketPolicy",)),
    "PutBucketEncryption": (bucket_arn, ("s3:PutEncryptionConfiguration",)),
    "PutPublicAccessBlock": (bucket_arn, ("s3:PutBucketPublicAccessBlock",)),
    "DescribeConfigRules": (anything, ("config:DescribeConfigRules",)),
    "GetComplianceDetailsByConfigRule": (rule_arn, ("config:GetComplianceDetailsByConfigRule",)),
    "StartConfigRulesEvaluation": (rule_arn, ("config:StartConfigRulesEvaluation",)),
}
# One name, several services.
TAGS_OF = {"logs": group_of_tags, "cloudwatch": alarm_arn, "sns": topic_arn}


def needs_of(calls: list[Call]) -> set[tuple[str, str]]:
    """Action and resource of everything that was called."""
    needs: set[tuple[str, str]] = set()
    for call in calls:
        if call.operation == "ListTagsForResource":
            needs.add((f"{call.service}:ListTagsForResource", TAGS_OF[call.service](call)))
            continue
        resource_of, actions = OPERATIONS[call.operation]
        needs |= {(action, resource_of(call)) for action in actions}
        if "CloudWatchLogsRoleArn" in call.parameters:
            needs.add(("iam:PassRole", call.parameters["CloudWatchLogsRoleArn"]))
    return needs


def is_allowed(policy: dict[str, Any], action: str, resource: str) -> bool:
    return any(
        action in statement["Action"] and any(fnmatchcase(resource, each) for each in statement["Resource"])
        for statement in policy["Statement"]
    )


def calls_of_every_kind_of_run(account: Account) -> list[Call]:
    """A trail joined, an encrypted topic read, a second alarm let in, and everything made from nothing."""
    calls = Calls()
    build_working_chain(account, name="A", trail=WITHOUT_LOG_GROUP, log_group=None, alarm=None)
    remediate(account, TrailName="account-trailA", SubscriptionEndpoint=EMAIL)
    remediate(account, TrailName="account-trailA", EventCountAlarm=True)
    key = account.client("kms").create_key(Policy=json.dumps(OPEN_TO_CLOUDWATCH))["KeyMetadata"]["Arn"]
    remediate(account, TrailName="account-trailA", TopicKmsKeyArn=key)
    from_nothing_with_a_trail_of_its_own(account)
    remediate(account, TrailName="root-usage-alarm-2", CreateTrail=True, AlarmDetails=True)
    build_working_chain(account, name="B", metric_filter={"filterPattern": "ERROR"})
    remediate(account, TrailName="account-trailB", SubscriptionEndpoint=EMAIL)
    return calls.made


def from_nothing_with_a_trail_of_its_own(account: Account) -> None:
    remediate(
        account, TrailName="root-usage-alarm-own", CreateTrail=True, LogGroupName="root-usage-alarm/own"
    )


OPEN_TO_CLOUDWATCH = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        }
    ],
}


def test_everything_that_the_remediation_does_is_allowed(account: Account) -> None:
    policy = remediation_policy(HERE)

    denied = {need for need in needs_of(calls_of_every_kind_of_run(account)) if not is_allowed(policy, *need)}

    assert denied == set()


def test_everything_that_the_remediation_may_do_is_needed(account: Account) -> None:
    allowed = {each for statement in remediation_policy(HERE)["Statement"] for each in statement["Action"]}

    needed = {action for action, _ in needs_of(calls_of_every_kind_of_run(account))}

    assert allowed - needed == set()


def test_only_the_delivery_role_can_be_passed_and_only_to_cloudtrail() -> None:
    (statement,) = [
        each for each in remediation_policy(HERE)["Statement"] if "iam:PassRole" in each["Action"]
    ]

    assert statement == {
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": ["arn:aws:iam::111122223333:role/RootUsageAlarmRule-delivery-*"],
        "Condition": {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}},
    }


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param("iam:PassRole", "arn:aws:iam::111122223333:role/admin", id="passing-another-role"),
        pytest.param(
            "cloudwatch:PutMetricAlarm",
            "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Billing",
            id="another-alarm",
        ),
        pytest.param(
            "sns:SetTopicAttributes", "arn:aws:sns:eu-west-1:111122223333:alerts", id="another-topic"
        ),
        pytest.param("s3:PutBucketPolicy", "arn:aws:s3:::data", id="another-bucket"),
        pytest.param(
            "logs:CreateLogGroup",
            "arn:aws:logs:eu-west-1:111122223333:log-group:other",
            id="another-log-group",
        ),
        pytest.param(
            "logs:PutMetricFilter", "arn:aws:logs:eu-west-1:444455556666:log-group:x", id="another-account"
        ),
    ],
)
def test_what_is_not_the_remediations_is_denied(action: str, resource: str) -> None:
    assert not is_allowed(remediation_policy(HERE), action, resource)


def test_the_remediation_writes_nothing_in_iam() -> None:
    """Whoever may start an automation that makes roles owns the account."""
    allowed = [each for statement in remediation_policy(HERE)["Statement"] for each in statement["Action"]]

    assert [each for each in allowed if each.startswith("iam:")] == ["iam:ListAccountAliases", "iam:PassRole"]


@pytest.mark.parametrize(
    "verb", [pytest.param(verb, id=verb) for verb in ("Delete", "Stop", "Remove", "Disable", "Detach")]
)
def test_the_remediation_may_delete_nothing(verb: str) -> None:
    allowed = [each for statement in remediation_policy(HERE)["Statement"] for each in statement["Action"]]

    assert [each for each in allowed if each.partition(":")[2].startswith(verb)] == []


def test_placeholders_are_cloudformations() -> None:
    text = json.dumps([remediation_policy(), root_credentials_policy()])

    assert "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/RootUsageAlarmRule-delivery-*" in text
    assert "arn:aws:" not in text


def test_root_credentials_need_exactly_their_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = record_member(monkeypatch, delete_everything)
    in_this_account = [call for call in calls if call.service != "iam"]
    policy = root_credentials_policy(HERE)

    needs = needs_of(in_this_account)

    assert {need for need in needs if not is_allowed(policy, *need)} == set()
    assert {each for statement in policy["Statement"] for each in statement["Action"]} == {
        action for action, _ in needs
    }


def test_assume_root_is_for_the_two_tasks_only() -> None:
    (statement,) = [
        each for each in root_credentials_policy(HERE)["Statement"] if "sts:AssumeRoot" in each["Action"]
    ]

    assert statement["Condition"] == {
        "StringEquals": {
            "sts:TaskPolicyArn": [
                "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials",
                "arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials",
            ]
        }
    }
