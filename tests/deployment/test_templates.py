"""The templates: as built, within AWS's limits, clean for the linters, and closed to everybody else."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from deployment import names
from deployment.build import TEMPLATES, text_of
from deployment.stacks import body_of
from tests.deployment.filled_in import inline_policies

cfnlint = pytest.importorskip("cfnlint.api")

# parliament 1.6.4's list of IAM actions is older than alarm mute rules.
YOUNGER_THAN_PARLIAMENT = "cloudwatch:ListAlarmMuteRules"

# What parliament says of these, and why it stands.
KNOWN = {
    # Composite alarms are shown to those only who may describe every alarm (API_DescribeAlarms).
    "RESOURCE_STAR: ['cloudwatch:DescribeAlarms']",
    # IAM checks it against `log-group::log-stream:`, which `log-group:*` covers; parliament's list is older.
    "RESOURCE_MISMATCH: [{'action': 'logs:DescribeLogGroups', 'required_format': '*'}]",
    # The remediation makes the bucket of a new trail, and its policy for CloudTrail; it holds nothing else.
    *(
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION: Possible resource policy privilege escalation on "
        f"arn:aws:s3:::root-usage-alarm-111122223333-* due to s3:{action}Object not being allowed, "
        "but does allow s3:PutBucketPolicy"
        for action in ("Get", "Put", "Delete")
    ),
}

ALL = sorted(TEMPLATES)


def template_of(name: str) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(path_of(name).read_text(encoding="utf-8"))
    return template


def path_of(name: str) -> Path:
    return names.TEMPLATES / f"{name}.template.json"


def resources_of(name: str, kind: str) -> list[tuple[str, dict[str, Any]]]:
    resources = template_of(name)["Resources"]
    return [(each, resources[each]["Properties"]) for each in resources if resources[each]["Type"] == kind]


@pytest.mark.parametrize("name", ALL)
def test_committed_template_is_what_its_source_says(name: str) -> None:
    assert path_of(name).read_text(encoding="utf-8") == text_of(TEMPLATES[name]())


@pytest.mark.parametrize("name", ALL)
def test_template_fits_into_one_call(name: str) -> None:
    assert len(body_of(template_of(name)).encode("utf-8")) <= 51_200


@pytest.mark.parametrize("name", ALL)
def test_cfn_lint_finds_nothing(name: str) -> None:
    config = cfnlint.ManualArgs(regions=["us-east-1", "eu-west-1", "ap-south-1"])

    assert [
        str(each) for each in cfnlint.lint(path_of(name).read_text(encoding="utf-8"), config=config)
    ] == []


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


@pytest.mark.parametrize("role", roles())
def test_parliament_finds_nothing_new(role: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports pkg_resources, which is deprecated
        parliament = pytest.importorskip("parliament")
    policies = [json.dumps(_known_to_parliament(policy)) for policy in inline_policies(role)]

    findings = [each for text in policies for each in parliament.analyze_policy_string(text).findings]

    assert {f"{each.issue}: {each.detail}" for each in findings} - KNOWN == set()


def _is_closed(statement: dict[str, Any]) -> bool:
    conditions = statement.get("Condition", {})
    match statement["Principal"]:
        case {"Service": service}:
            # AWS documents no source ARN for AWS Config itself.
            source = conditions.get("ArnLike", {}).get("aws:SourceArn", {}).get("Fn::Sub", "")
            return conditions["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}} and (
                "${AWS::AccountId}" in source or service == "config.amazonaws.com"
            )
        case {"AWS": "*"}:
            roles = [each["Fn::Sub"] for each in conditions["ArnLike"]["aws:PrincipalArn"]]
            return conditions["StringEquals"] == {"aws:PrincipalOrgID": {"Ref": "OrganizationId"}} and all(
                ":role/RootUsageAlarmRule-" in each for each in roles
            )
        case {"AWS": {"Ref": parameter}}:
            return parameter in {"FunctionRoleArn", "TrustedRoleArn"}
    return False


def _known_to_parliament(policy: dict[str, Any]) -> dict[str, Any]:
    statements = [
        each | {"Action": [action for action in each["Action"] if action != YOUNGER_THAN_PARLIAMENT]}
        for each in policy["Statement"]
    ]
    return policy | {"Statement": statements}
