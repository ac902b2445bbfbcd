"""Accounts under an organization trail: what is read where, and with whose credentials.

M is the management account, which the trail's ARN names; D is CloudTrail's delegated administrator,
which may have the log group.
"""

from __future__ import annotations

import pytest

from tests.handler.evaluation import leading
from tests.handler.organization import (
    ROLE,
    delegated,
    management,
    under_a_delegated_administrators_trail,
    under_an_organization_trail,
)
from workstation.invocation import invoke
from workstation.local_aws import Account, LocalAws
from workstation.local_aws.accounts import build_working_chain

NO_ROLE: dict[str, str] = {}


def broken(code: str, annotation: str) -> tuple[str, str, str]:
    return "NON_COMPLIANT", code, f"{annotation} [{code}]"


IN_THE_DELEGATED_ACCOUNT = broken(
    "TRAIL_OF_ANOTHER_ACCOUNT",
    "cannot verify: trail `account-trail` delivers to a log group of account 777788889999, where its alarm "
    "and topic are. Name a role there that may read them in parameter LogArchiveRoleName",
)


@pytest.mark.parametrize("has_namesake", [False, True])
def test_4_management_account_never_takes_its_own_namesakes_for_those_of_the_log_groups_account(
    aws: LocalAws, account: Account, *, has_namesake: bool
) -> None:
    """D's log group has no filter; M's own group of that name has a chain that works."""
    under_a_delegated_administrators_trail(account, metric_filter=None, alarm=None)
    if has_namesake:
        build_working_chain(management(account), trail=None)

    assert leading(invoke(aws, management(account), NO_ROLE)) == IN_THE_DELEGATED_ACCOUNT


def test_4_member_without_a_role_is_told_the_log_groups_account(aws: LocalAws, account: Account) -> None:
    under_a_delegated_administrators_trail(account)

    assert leading(invoke(aws, account, NO_ROLE)) == IN_THE_DELEGATED_ACCOUNT


def test_1_whole_chain_of_the_management_account(aws: LocalAws, account: Account) -> None:
    under_an_organization_trail(account)

    assert invoke(aws, account, ROLE).evaluation["ComplianceType"] == "COMPLIANT"


@pytest.mark.parametrize("has_role", [False, True])
def test_1_delegated_administrator_sees_its_own_chain(
    aws: LocalAws, account: Account, *, has_role: bool
) -> None:
    under_a_delegated_administrators_trail(account)
    delegated(account).client("iam").generate_credential_report()

    invocation = invoke(aws, delegated(account), ROLE if has_role else NO_ROLE)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert "sts:AssumeRole" not in invocation.log["calls"]
