"""CloudTrail in the local AWS does what AWS documents, where moto does something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import UNSET, Chain, build_working_chain

MEMBER = "444455556666"
LONG_AGO = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def test_trail_that_logs_delivered_to_its_log_group_just_now(account: Account, chain: Chain) -> None:
    status = account.client("cloudtrail").get_trail_status(Name=chain.trail_arn)

    assert abs(status["LatestCloudWatchLogsDeliveryTime"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert abs(status["StartLoggingTime"] - datetime.now(UTC)) < timedelta(minutes=1)
    assert "LatestCloudWatchLogsDeliveryError" not in status


def test_trail_without_log_group_has_no_delivery_time(account: Account) -> None:
    chain = build_working_chain(
        account, trail={"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
    )

    status = account.client("cloudtrail").get_trail_status(Name=chain.trail_arn)

    assert "LatestCloudWatchLogsDeliveryTime" not in status


def test_log_delivery_can_have_failed_long_ago(account: Account, chain: Chain) -> None:
    hooks.fail_log_delivery(chain.trail_arn, "Access denied.")
    hooks.last_log_delivery(chain.trail_arn, LONG_AGO)

    status = account.client("cloudtrail").get_trail_status(Name=chain.trail_arn)

    assert status["LatestCloudWatchLogsDeliveryError"] == "Access denied."
    assert status["LatestCloudWatchLogsDeliveryTime"] == LONG_AGO


def test_trail_that_never_delivered_has_no_delivery_time(account: Account, chain: Chain) -> None:
    hooks.last_log_delivery(chain.trail_arn, None)

    status = account.client("cloudtrail").get_trail_status(Name=chain.trail_arn)

    assert "LatestCloudWatchLogsDeliveryTime" not in status


def test_trail_that_was_given_no_selectors_logs_all_management_events(account: Account, chain: Chain) -> None:
    cloudtrail = account.client("cloudtrail")

    selectors = cloudtrail.get_event_selectors(TrailName=chain.trail_arn)

    assert selectors["EventSelectors"] == [
        {
            "ReadWriteType": "All",
            "IncludeManagementEvents": True,
            "DataResources": [],
            "ExcludeManagementEventSources": [],
        }
    ]
    assert "AdvancedEventSelectors" not in selectors
    assert cloudtrail.describe_trails()["trailList"][0]["HasCustomEventSelectors"] is False


def test_basic_selectors_take_the_place_of_advanced_ones(account: Account) -> None:
    advanced = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
    chain = build_working_chain(account, advanced_event_selectors=advanced)
    cloudtrail = account.client("cloudtrail")
    before = cloudtrail.get_event_selectors(TrailName=chain.trail_arn)

    cloudtrail.put_event_selectors(TrailName=chain.trail_arn, EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    after = cloudtrail.get_event_selectors(TrailName=chain.trail_arn)

    assert "EventSelectors" not in before
    assert before["AdvancedEventSelectors"] == advanced
    assert "AdvancedEventSelectors" not in after
    assert after["EventSelectors"][0]["ReadWriteType"] == "WriteOnly"
    assert after["EventSelectors"][0]["IncludeManagementEvents"] is True
    assert cloudtrail.describe_trails()["trailList"][0]["HasCustomEventSelectors"] is True


def test_update_of_a_trail_keeps_its_log_group(account: Account, chain: Chain) -> None:
    cloudtrail = account.client("cloudtrail")

    cloudtrail.update_trail(Name=chain.trail_arn, IsMultiRegionTrail=False)

    (trail,) = cloudtrail.describe_trails()["trailList"]
    assert trail["CloudWatchLogsLogGroupArn"] == chain.log_group_arn
    assert trail["IsMultiRegionTrail"] is False


def test_second_trail_of_one_name_is_refused(account: Account, chain: Chain) -> None:
    with pytest.raises(ClientError, match=r"\(TrailAlreadyExistsException\)"):
        account.client("cloudtrail").create_trail(Name="account-trail", S3BucketName=chain.bucket)


def test_list_of_trail_names_is_honoured(account: Account, chain: Chain) -> None:
    cloudtrail = account.client("cloudtrail")

    assert cloudtrail.describe_trails(trailNameList=["another-trail"])["trailList"] == []
    assert len(cloudtrail.describe_trails(trailNameList=[chain.trail_arn])["trailList"]) == 1


def test_member_sees_the_organization_trail_under_its_owners_arn(account: Account) -> None:
    chain = build_working_chain(account, trail={"IsOrganizationTrail": True})
    hooks.show_organization_trail(chain.trail_arn, MEMBER)
    member = Account(MEMBER).client("cloudtrail")

    (trail,) = member.describe_trails()["trailList"]

    assert trail["TrailARN"] == chain.trail_arn
    assert member.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert member.get_trail_status(Name=chain.trail_arn)["IsLogging"] is True


def test_member_needs_the_arn_for_the_organization_trails_status(account: Account) -> None:
    chain = build_working_chain(account, trail={"IsOrganizationTrail": True})
    hooks.show_organization_trail(chain.trail_arn, MEMBER)

    with pytest.raises(ClientError, match=r"\(TrailNotFoundException\)"):
        Account(MEMBER).client("cloudtrail").get_trail_status(Name="account-trail")


def test_member_is_refused_the_organization_trails_selectors(account: Account) -> None:
    chain = build_working_chain(account, trail={"IsOrganizationTrail": True})
    hooks.show_organization_trail(chain.trail_arn, MEMBER)

    with pytest.raises(ClientError, match=r"\(CloudTrailARNInvalidException\)"):
        Account(MEMBER).client("cloudtrail").get_event_selectors(TrailName=chain.trail_arn)


def test_channels_are_shown_page_by_page_and_one_by_one(account: Account) -> None:
    cloudtrail = account.client("cloudtrail")
    for name in ("a", "b", "c"):
        hooks.open_channel(account.account_id, account.region, name, {"ApplyToAllRegions": name == "c"})

    first = cloudtrail.list_channels()
    second = cloudtrail.list_channels(NextToken=first["NextToken"])
    listed = [*first["Channels"], *second["Channels"]]

    assert "NextToken" not in second
    assert [each["Name"] for each in listed] == ["a", "b", "c"]
    arn = account.arn("cloudtrail", "channel/c")
    assert listed[2]["ChannelArn"] == arn
    assert cloudtrail.get_channel(Channel=arn)["SourceConfig"] == {"ApplyToAllRegions": True}


def test_channel_that_is_not_there_is_not_found(account: Account) -> None:
    with pytest.raises(ClientError) as error:
        account.client("cloudtrail").get_channel(Channel=account.arn("cloudtrail", "channel/none"))

    assert error.value.response["Error"]["Code"] == "ChannelNotFoundException"
