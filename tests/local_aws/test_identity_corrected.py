"""Accounts of the local AWS are apart, and ordinary clients pick theirs by access key."""

from __future__ import annotations

import pytest

from root_usage_alarm.local_aws import Account, apply_corrections

OWNER = "111122223333"
MEMBER = "444455556666"


def test_an_access_key_belongs_to_its_account(account: Account) -> None:
    identities = [each.client("sts").get_caller_identity() for each in (account, Account(MEMBER))]

    assert [identity["Account"] for identity in identities] == [OWNER, MEMBER]


@pytest.mark.usefixtures("chain")
def test_accounts_do_not_see_each_other(account: Account) -> None:
    assert account.client("cloudtrail").describe_trails()["trailList"] != []
    assert Account(MEMBER).client("cloudtrail").describe_trails()["trailList"] == []


@pytest.mark.usefixtures("chain")
def test_applying_the_corrections_twice_changes_nothing(account: Account) -> None:
    apply_corrections()

    assert len(account.client("logs").describe_metric_filters()["metricFilters"]) == 1
