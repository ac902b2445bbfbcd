"""The templates: as built, within AWS's limits, clean for the linters, and closed to everybody else."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from root_usage_alarm.build import NOT_COMMITTED, TEMPLATES, template_path, text_of
from root_usage_alarm.deployment import names
from tests.deployment.filled_in import inline_policies

cfnlint = pytest.importorskip("cfnlint.api")

# AWS documents no source ARN that it sends when it assumes such a role.
WITHOUT_SOURCE_ARN = {"lambda.amazonaws.com"}

ALL = sorted(TEMPLATES)
REMEDIATION = "AWS::Config::RemediationConfiguration"


def template_of(name: str) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(text_of(TEMPLATES[name]()))
    return template


def resources_of(name: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    resources = template_of(name)["Resources"]
    return [(each, resources[each]["Properties"]) for each in resources if resources[each]["Type"] == kind]


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - NOT_COMMITTED))
def test_committed_template_is_what_its_source_says(name: str) -> None:
    assert template_path(name).read_text(encoding="utf-8") == text_of(TEMPLATES[name]())


def test_nothing_else_is_committed() -> None:
    committed = {path.name.removesuffix(".template.json") for path in names.TEMPLATES.iterdir()}

    assert committed == set(TEMPLATES) - NOT_COMMITTED


@pytest.mark.parametrize("name", ALL)
def test_template_fits_into_one_call_or_into_a_bucket(name: str) -> None:
    """Those that are committed are handed over by their path, and two come before there is a bucket."""
    most = 1024 * 1024 if name in NOT_COMMITTED else names.MOST_TEMPLATE_BYTES

    assert len(text_of(TEMPLATES[name]()).encode()) <= most


@pytest.mark.parametrize("name", ALL)
def test_cfn_lint_finds_nothing(name: str) -> None:
    config = cfnlint.ManualArgs(regions=["us-east-1", "eu-west-1", "ap-south-1"])

    assert [str(each) for each in cfnlint.lint(text_of(TEMPLATES[name]()), config=config)] == []


@pytest.mark.parametrize("name", ["remediation", "member"])
def test_another_document_has_another_name(name: str) -> None:
    """The button runs version 1, which is what the name says, whatever is made of the document later."""
    ((_, document),) = resources_of(name, "AWS::SSM::Document")

    content = json.dumps(document["Content"], sort_keys=True).encode()
    assert document["Name"] == f"root-usage-alarm-{hashlib.sha256(content).hexdigest()[:8]}"
    assert [each["TargetVersion"] for _, each in resources_of(name, REMEDIATION)] in (["1"], [])


def roles() -> list[Any]:
    return [
        pytest.param(properties, id=f"{name}-{role}")
        for name in ALL
        for role, properties in resources_of(name, "AWS::IAM::Role")
    ]


@pytest.mark.parametrize("role", roles())
def test_roles_policies_fit_into_iams_quota(role: dict[str, Any]) -> None:
    text = json.dumps(inline_policies(role), separators=(",", ":"))

    assert len(text) <= names.MOST_ROLE_POLICY_CHARACTERS


@pytest.mark.parametrize("role", roles())
def test_trust_is_for_one_account_and_one_kind_of_source(role: dict[str, Any]) -> None:
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]

    assert _is_closed(statement), statement


@pytest.mark.parametrize("role", roles())
def test_no_role_has_a_managed_policy_or_a_wildcard_action(role: dict[str, Any]) -> None:
    actions = [
        action
        for policy in inline_policies(role)
        for each in policy["Statement"]
        for action in each["Action"]
    ]

    assert "ManagedPolicyArns" not in role
    assert [each for each in actions if "*" in each] == []


def _is_closed(statement: dict[str, Any]) -> bool:
    conditions = statement.get("Condition", {})
    match statement["Principal"]:
        case {"Service": "cloudtrail.amazonaws.com" | "config.amazonaws.com"}:
            # AWS documents no condition for the trusts of a delivery role and an aggregator's.
            return not conditions
        case {"Service": service}:
            source = conditions.get("ArnLike", {}).get("aws:SourceArn", {}).get("Fn::Sub", "")
            return conditions["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}} and (
                "${AWS::AccountId}" in source or service in WITHOUT_SOURCE_ARN
            )
        case {"AWS": "*"}:
            roles = [each["Fn::Sub"] for each in conditions["ArnLike"]["aws:PrincipalArn"]]
            return conditions["StringEquals"] == {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}} and all(
                ":role/RootUsageAlarmRule-" in each for each in roles
            )
        case {"AWS": {"Fn::Select": [4, {"Fn::Split": [":", {"Ref": parameter}]}]}}:
            named = {"ArnEquals": {"aws:PrincipalArn": {"Ref": parameter}}}
            return parameter in {"FunctionRoleArn", "TrustedRoleArn"} and conditions == named
    return False
