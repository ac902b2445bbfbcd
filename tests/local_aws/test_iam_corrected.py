"""IAM as the local AWS corrects it."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from root_usage_alarm.local_aws import Account, hooks


def root_row(account: Account) -> dict[str, str]:
    iam = account.client("iam")
    iam.generate_credential_report()
    content = iam.get_credential_report()["Content"].decode()
    return next(csv.DictReader(content.splitlines()))


def test_root_user_is_the_first_row_of_the_credential_report(account: Account) -> None:
    row = root_row(account)

    assert (row["user"], row["arn"]) == ("<root_account>", "arn:aws:iam::111122223333:root")
    assert row["password_last_used"] == "no_information"


def test_sign_in_of_root_is_in_the_credential_report(account: Account) -> None:
    hooks.sign_in_as_root("111122223333", datetime(2026, 11, 20, 9, 30, tzinfo=UTC))

    assert root_row(account)["password_last_used"] == "2026-11-20T09:30:00+00:00"


def test_credential_report_is_of_now(account: Account) -> None:
    iam = account.client("iam")
    before = datetime.now(UTC).replace(microsecond=0)
    iam.generate_credential_report()

    assert iam.get_credential_report()["GeneratedTime"] >= before


def test_summary_and_credential_report_agree_on_root(account: Account) -> None:
    hooks.give_root("111122223333", access_key=True, mfa=False)

    row, summary = root_row(account), account.client("iam").get_account_summary()["SummaryMap"]

    assert (row["access_key_1_active"], row["mfa_active"]) == ("TRUE", "FALSE")
    assert (summary["AccountAccessKeysPresent"], summary["AccountMFAEnabled"]) == (1, 0)


def test_root_has_a_password_and_mfa_and_no_key_to_begin_with(account: Account) -> None:
    row, summary = root_row(account), account.client("iam").get_account_summary()["SummaryMap"]

    assert (row["password_enabled"], row["mfa_active"], row["access_key_1_active"]) == (
        "TRUE",
        "TRUE",
        "FALSE",
    )
    assert (
        summary["AccountPasswordPresent"],
        summary["AccountMFAEnabled"],
        summary["AccountAccessKeysPresent"],
    ) == (1, 1, 0)


OWN_BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/central"
OTHERS_BUS = "arn:aws:events:eu-west-1:444455556666:event-bus/central"
ALLOW = {"Effect": "Allow", "Action": "events:Put*", "Resource": "*"}
DENY = {**ALLOW, "Effect": "Deny", "Resource": OWN_BUS}
ON_A_KEY = {**ALLOW, "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}


@pytest.mark.parametrize(
    ("statements", "bus", "decision", "by_type", "missing"),
    [
        pytest.param([ALLOW], OWN_BUS, "allowed", {}, [], id="allowed"),
        pytest.param([], OWN_BUS, "implicitDeny", {}, [], id="nothing-says-so"),
        pytest.param([ALLOW, DENY], OWN_BUS, "explicitDeny", {}, [], id="denied"),
        pytest.param([ON_A_KEY], OWN_BUS, "implicitDeny", {}, ["aws:RequestedRegion"], id="on-a-condition"),
        pytest.param(
            [ALLOW, DENY],
            OTHERS_BUS,
            "implicitDeny",
            {"IAM Policy": "allowed", "Resource Policy": "implicitDeny"},
            [],
            id="another-accounts",
        ),
    ],
)
def test_simulator_knows_a_roles_policies(
    account: Account,
    statements: list[dict[str, Any]],
    bus: str,
    decision: str,
    by_type: dict[str, str],
    missing: list[str],
) -> None:
    """The first statement is in a policy of the role's own, the others in managed ones."""
    iam = account.client("iam")
    arn = iam.create_role(RoleName="forward", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    for number, statement in enumerate(statements):
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        if number:
            managed = iam.create_policy(PolicyName=f"more-{number}", PolicyDocument=document)["Policy"]["Arn"]
            iam.attach_role_policy(RoleName="forward", PolicyArn=managed)
        else:
            iam.put_role_policy(RoleName="forward", PolicyName="own", PolicyDocument=document)

    (result,) = iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["events:PutEvents"], ResourceArns=[bus]
    )["EvaluationResults"]

    (of_the_bus,) = result["ResourceSpecificResults"]
    assert result["EvalDecision"] == of_the_bus["EvalResourceDecision"] == decision
    assert (result["EvalDecisionDetails"], of_the_bus["MissingContextValues"]) == (by_type, missing)
