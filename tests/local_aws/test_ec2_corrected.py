"""EC2 in the local AWS shows the regions that are enabled in an account."""

from __future__ import annotations

from typing import Any

from root_usage_alarm.local_aws import Account, hooks

OWNER = "111122223333"


def regions(account: Account, **arguments: Any) -> dict[str, str]:
    listed = account.client("ec2").describe_regions(**arguments)["Regions"]
    return {each["RegionName"]: each["OptInStatus"] for each in listed}


def test_regions_that_need_opting_in_are_not_enabled(account: Account) -> None:
    shown = regions(account)

    assert len(shown) == 17
    assert set(shown.values()) == {"opt-in-not-required"}
    assert not shown.keys() & {"af-south-1", "eu-south-1", "me-central-1", "cn-north-1", "us-gov-west-1"}


def test_all_regions_are_shown_to_whom_asks_for_them(account: Account) -> None:
    shown = regions(account, AllRegions=True)

    assert shown["eu-south-1"] == "not-opted-in"
    assert shown["us-east-1"] == "opt-in-not-required"
    assert "cn-north-1" not in shown


def test_enabled_regions_are_the_account_s_own(account: Account) -> None:
    hooks.enable_regions(OWNER, "us-east-1", "eu-south-1")

    expected = {"us-east-1": "opt-in-not-required", "eu-south-1": "opted-in"}
    assert regions(account) == expected
    assert regions(Account(OWNER, "eu-west-1")) == expected
    assert len(regions(Account("444455556666"))) == 17


def test_other_partitions_have_their_own_regions(account: Account) -> None:
    shown = regions(Account(account.account_id, "us-gov-west-1"))

    assert shown.keys() == {"us-gov-east-1", "us-gov-west-1"}


def test_regions_are_filtered(account: Account) -> None:
    hooks.enable_regions(OWNER, "us-east-1", "eu-west-1", "eu-south-1")

    assert regions(account, RegionNames=["eu-west-1", "eu-west-2"]).keys() == {"eu-west-1"}
    opted_in = [{"Name": "opt-in-status", "Values": ["opted-in"]}]
    assert regions(account, Filters=opted_in).keys() == {"eu-south-1"}
