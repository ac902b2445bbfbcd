"""The templates: as built, within AWS's limits, clean for the linters, and closed to everybody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from root_usage_alarm.build import NOT_COMMITTED, TEMPLATES, template_path, text_of
from root_usage_alarm.deployment import names
from tests.deployment.filled_in import inline_policies

cfnlint = pytest.importorskip("cfnlint.api")

# AWS documents no source ARN that these send when they assume such a role.
WITHOUT_SOURCE_ARN = {"config.amazonaws.com", "lambda.amazonaws.com"}

ALL = sorted(TEMPLATES)


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
def test_template_fits_into_one_call_as_it_is_built(name: str) -> None:
    assert len(text_of(TEMPLATES[name]()).encode()) <= 51_200


@pytest.mark.parametrize("name", ALL)
def test_cfn_lint_finds_nothing(name: str) -> None:
    config = cfnlint.ManualArgs(regions=["us-east-1", "eu-west-1", "ap-south-1"])

    assert [str(each) for each in cfnlint.lint(text_of(TEMPLATES[name]()), config=config)] == []


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
        case {"Service": "cloudtrail.amazonaws.com"}:
            # AWS documents no condition for this trust, and deliveries are reported to fail with one.
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
        case {"AWS": {"Ref": parameter}}:
            return parameter in {"FunctionRoleArn", "TrustedRoleArn"}
    return False
