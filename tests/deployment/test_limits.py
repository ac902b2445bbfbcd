"""AWS's limits on what is deployed, each held against what we deploy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from root_usage_alarm.build import TEMPLATES
from root_usage_alarm.deployment import member, names, rule_folder

RULE: dict[str, Any] = json.loads(rule_folder.PARAMETERS.read_text())["Parameters"]
REMEDIATION: dict[str, Any] = RULE["Remediation"]
TAGS: list[dict[str, str]] = json.loads(json.loads(rule_folder.PARAMETERS.read_text())["Tags"])


def test_every_default_of_the_rule_fits_into_input_parameters() -> None:
    """With each parameter at its longest sensible value."""
    longest = {
        "SnsTopicArn": "arn:aws:sns:ap-southeast-2:111122223333:" + "x" * 64,
        "MinConfirmedSubscribers": "100",
        "AllowAssumeRootExclusion": "false",
        "AllowedExcludedEventSources": "kms.amazonaws.com,rdsdata.amazonaws.com",
        "MaxDetectionMinutes": "10080",
        "AcceptedWays": "alarm,eventbridge",
        "AcceptedActions": "incident,investigation,lambda,opsitem,sns",
        "PersonProtocols": "application,email,email-json,firehose,http,https,lambda,sms,sqs",
        "ReportingRegion": "ap-southeast-2",
        "ReadingRoleName": "x" * 64,
        "RootUsageLookbackDays": "365",
        "OnRecentRootUse": "report",
        "RequireNoRootAccessKeys": "true",
        "RequireRootMfa": "true",
        "RootChangesReviewedUntil": "2026-11-20T12:00:00Z",
        "ExecutionRoleName": "x" * 64,
        "ExecutionRoleRegion": "ap-southeast-2",
        "AssumeRoleMode": "false",
    }
    rule = json.loads(rule_folder.PARAMETERS.read_text())["Parameters"]

    assert set(longest) == set(json.loads(rule["OptionalParameters"]))
    assert len(json.dumps(longest)) <= 1_024


# https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html
@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param(RULE["RuleName"], 128, id="rule-name"),
        pytest.param(RULE["Description"], 256, id="rule-description"),
        pytest.param(names.FUNCTION, 64, id="function-name"),
        pytest.param(names.ORGANIZATION_FUNCTION, 64, id="organization-function-name"),
    ],
)
def test_text_fits(text: str, most: int) -> None:
    assert 0 < len(text) <= most


@pytest.mark.parametrize("role", ["FUNCTION", "AUTOMATION", "ORGANIZATION_FUNCTION", "EVALUATION"])
def test_role_name_fits_with_the_longest_region(role: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    name: str = getattr(names, f"{role}_ROLE")

    assert len(name.replace("${AWS::Region}", "ap-southeast-2")) <= 64


def test_remediation_configuration_fits() -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_RemediationConfiguration.html"""
    parameters = member.template()["Resources"]["Remediation"]["Properties"]["Parameters"]

    assert len(parameters) <= 25
    assert 1 <= REMEDIATION["MaximumAutomaticAttempts"] <= 25
    assert 1 <= REMEDIATION["RetryAttemptSeconds"] <= 2_678_000
    # A static value takes 256 characters: a role's ARN at its longest, an e-mail address by its MaxLength.
    assert len("arn:aws-us-gov:iam::111122223333:role/" + "x" * 64) <= 256
    assert member.ENDPOINT["MaxLength"] == 256


def test_tags_fit() -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_Tag.html"""
    assert len(TAGS) <= 50
    assert [each for each in TAGS if len(each["Key"]) > 128 or len(each["Value"]) > 256] == []


@pytest.mark.parametrize("name", ["root-usage-alarm.json", "root-credentials.json"])
def test_document_fits_into_systems_managers_limit(name: str) -> None:
    document = json.loads((names.ROOT / "root_usage_alarm" / "remediation" / name).read_text())

    assert len(json.dumps(document, separators=(",", ":")).encode()) <= names.MOST_DOCUMENT_BYTES


def test_document_is_made_in_each_account_so_no_limit_on_sharing_applies() -> None:
    """A shared document reaches 1,000 accounts at the most, and is named by its ARN."""
    resources = member.template()["Resources"]

    assert resources["Remediation"]["Properties"]["TargetId"] == {"Ref": "RemediationDocument"}
    assert resources["RemediationDocument"]["Type"] == "AWS::SSM::Document"


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_template_has_no_more_parameters_than_cloudformation_takes(name: str) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
    assert len(TEMPLATES[name]().get("Parameters", {})) <= 200


def test_conformance_pack_fits() -> None:
    """https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html"""
    pack = member.conformance_pack()

    assert len(pack["Parameters"]) <= 60
    assert [each["Type"] for each in pack["Resources"].values()] == [
        "AWS::Config::ConfigRule",
        "AWS::Config::RemediationConfiguration",
    ]
