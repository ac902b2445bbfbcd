"""The built document, run against a local AWS from every broken state that it can mend."""

from __future__ import annotations

import json
from typing import Any

import pytest

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.remediation.recording import Calls
from tests.remediation.scenarios import (
    ALARM_SETTINGS,
    DELIVERY_ROLE,
    EMAIL,
    EVERY_STEP,
    NO_WORK,
    OWN_TAGS,
    TOPIC,
    WITHOUT_LOG_GROUP,
    WRITES,
    from_nothing,
    refusal,
    remediate,
)
from tests.remediation.state import state_of


def test_account_whose_chain_works_is_left_alone(account: Account) -> None:
    build_working_chain(account)
    calls = Calls()

    execution = remediate(account)

    assert execution.steps == NO_WORK
    assert calls.writes == []
    assert execution["Look.Summary"] == (
        "Nothing to do. The rule says: root use is told: alarm `RootAccountUsageCountAlarm` -> topic "
        "`security-alerts` -> 1 confirmed subscriber (email)"
    )


@pytest.mark.parametrize(
    ("broken", "summary"),
    [
        pytest.param(
            {"trail": WITHOUT_LOG_GROUP, "log_group": None, "topic": None, "alarm": None},
            "To do: join trail `account-trail` to log group `root-usage-alarm/cloudtrail` (charged per GB); "
            "create metric "
            "filter `RootAccountUsageCount`; put alarm `RootAccountUsageCountAlarm`; create or mend topic "
            f"`{TOPIC}`; subscribe {EMAIL}",
            id="trail-without-log-group",
        ),
        pytest.param(
            {"log_group": None, "topic": None, "alarm": None},
            "To do: create log group `cloudtrail`; create metric filter `RootAccountUsageCount`; put alarm "
            f"`RootAccountUsageCountAlarm`; create or mend topic `{TOPIC}`; subscribe {EMAIL}",
            id="log-group-deleted",
        ),
        pytest.param(
            {"metric_filter": None, "alarm": None, "topic": None},
            "To do: create metric filter `RootAccountUsageCount`; put alarm `RootAccountUsageCountAlarm`; "
            f"create or mend topic `{TOPIC}`; subscribe {EMAIL}",
            id="no-metric-filter",
        ),
        pytest.param(
            {"metric_filter": {"filterPattern": '{ $.userIdentity.type = "root" }'}},
            "To do: create metric filter `RootAccountUsageCount-2`; put alarm "
            f"`RootAccountUsageCountAlarm-2`; create or mend topic `{TOPIC}`; subscribe {EMAIL}",
            id="pattern-of-another",
        ),
        pytest.param(
            {"transformation": {"metricValue": "0"}},
            "To do: create metric filter `RootAccountUsageCount-2`; put alarm "
            f"`RootAccountUsageCountAlarm-2`; create or mend topic `{TOPIC}`; subscribe {EMAIL}",
            id="filter-that-counts-nothing",
        ),
        pytest.param(
            {"alarm": None, "topic": None},
            f"To do: put alarm `RootAccountUsageCountAlarm`; create or mend topic `{TOPIC}`; "
            f"subscribe {EMAIL}",
            id="no-alarm",
        ),
        pytest.param(
            {"alarm": {"ActionsEnabled": False}},
            f"To do: put alarm `RootAccountUsageCountAlarm-2`; create or mend topic `{TOPIC}`; "
            f"subscribe {EMAIL}",
            id="alarm-with-actions-disabled",
        ),
        pytest.param(
            {"alarm": {"Threshold": 5}},
            f"To do: put alarm `RootAccountUsageCountAlarm-2`; create or mend topic `{TOPIC}`; "
            f"subscribe {EMAIL}",
            id="alarm-with-a-high-threshold",
        ),
        pytest.param(
            {"topic": {"KmsMasterKeyId": "alias/aws/sns"}},
            f"To do: put alarm `RootAccountUsageCountAlarm-2`; create or mend topic `{TOPIC}`; "
            f"subscribe {EMAIL}",
            id="topic-with-a-key-of-aws",
        ),
        pytest.param(
            {"subscriptions": ()},
            f"To do: subscribe {EMAIL}",
            id="nobody-subscribed",
        ),
    ],
)
def test_what_is_missing_is_made_and_then_nothing_is(
    account: Account, broken: dict[str, Any], summary: str
) -> None:
    build_working_chain(account, **broken)

    first = remediate(account, SubscriptionEndpoint=EMAIL)
    after_first = state_of(account)
    second = remediate(account, SubscriptionEndpoint=EMAIL)

    assert first["Look.Summary"] == summary
    assert first.steps == EVERY_STEP
    assert second.steps == NO_WORK
    assert state_of(account) == after_first


def test_chain_made_from_nothing(account: Account) -> None:
    calls = Calls()

    execution = from_nothing(account)

    assert calls.writes == WRITES
    made = state_of(account)
    assert {kind: list(resources) for kind, resources in made.items()} == {
        "trails": ["root-usage-alarm"],
        "log groups": ["root-usage-alarm/cloudtrail"],
        "metric filters": ["root-usage-alarm/cloudtrail/RootAccountUsageCount"],
        "alarms": ["RootAccountUsageCountAlarm"],
        "topics": [TOPIC],
        "roles": [],
        "buckets": ["root-usage-alarm-111122223333-eu-west-1"],
    }
    assert execution["TopicAndSubscription.Waiting"] == (
        f"{EMAIL}: confirm the subscription by the link in AWS's message, then press Re-evaluate"
    )
    assert execution["Prove.Outcome"] == (
        "Not told yet. Press Re-evaluate once a person has confirmed: topic `root-usage-alarm` has 1 "
        "pending subscription (email `oncall@example.com`) and none confirmed, so no one is told. Click the "
        "link in the confirmation mail within two days, or subscribe again [SUBSCRIPTION_PENDING]"
    )


def test_alarm_rings_for_one_event_and_again_for_the_next(account: Account) -> None:
    from_nothing(account)

    alarm = state_of(account)["alarms"]["RootAccountUsageCountAlarm"]

    assert {name: alarm.get(name) for name in ALARM_SETTINGS} == ALARM_SETTINGS


def test_topic_lets_this_alarm_of_this_account_publish(account: Account) -> None:
    from_nothing(account)

    topic = state_of(account)["topics"][TOPIC]

    owner, alarms = json.loads(topic["Policy"])["Statement"]
    assert owner["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert alarms == {
        "Sid": "Alarms",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "111122223333"},
            "ArnEquals": {
                "aws:SourceArn": [
                    "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:RootAccountUsageCountAlarm"
                ]
            },
        },
    }
    assert "KmsMasterKeyId" not in topic


def test_new_trail_delivers_by_the_role_that_is_given(account: Account) -> None:
    from_nothing(account)

    assert state_of(account)["trails"]["root-usage-alarm"]["CloudWatchLogsRoleArn"] == DELIVERY_ROLE


def test_without_a_role_no_trail_is_joined_or_made(account: Account) -> None:
    needs = "needs a role to deliver by: set DeliveryRoleArn"

    assert refusal(account, CreateTrail=True, DeliveryRoleArn="") == f"Look: {needs}"

    build_working_chain(account, trail=WITHOUT_LOG_GROUP)

    assert refusal(account, DeliveryRoleArn="").startswith(f"Look: trail `account-trail` {needs}")


FIRST_ROLE = "arn:aws:iam::111122223333:role/root-usage-alarm-eu-west-1"


def test_trail_that_our_first_role_fails_delivers_by_another(account: Account) -> None:
    """Its trust has conditions, and CloudTrail may send no such keys."""
    group = "root-usage-alarm/cloudtrail"
    joined = {
        "CloudWatchLogsLogGroupArn": account.arn("logs", f"log-group:{group}:*"),
        "CloudWatchLogsRoleArn": FIRST_ROLE,
    }
    named = {"logGroupName": group}
    chain = build_working_chain(account, trail=joined, log_group=named, metric_filter=named)
    hooks.fail_log_delivery(chain.trail_arn, "AccessDenied")

    execution = remediate(account)

    assert execution["TrailAndLogGroup.Done"] == ["has trail `account-trail` deliver to the log group"]
    assert execution["Prove.Outcome"].startswith("Not told yet. Press Re-evaluate in 15 minutes: trail")
    assert state_of(account)["trails"]["account-trail"]["CloudWatchLogsRoleArn"] == DELIVERY_ROLE


@pytest.mark.parametrize("role", ["theirs", "RootUsageAlarmRule-delivery-eu-west-1"])
def test_delivery_that_fails_by_another_role_is_said(account: Account, role: str) -> None:
    chain = build_working_chain(
        account, trail={"CloudWatchLogsRoleArn": f"arn:aws:iam::111122223333:role/{role}"}
    )
    hooks.fail_log_delivery(chain.trail_arn, "AccessDenied")

    assert "can't deliver to `cloudtrail`: AccessDenied" in refusal(account)


def test_trail_of_our_first_role_needs_another_that_may_write_to_its_log_group(account: Account) -> None:
    """The stack's own role writes to the log groups that this makes, and to no other."""
    chain = build_working_chain(account, trail={"CloudWatchLogsRoleArn": FIRST_ROLE})
    hooks.fail_log_delivery(chain.trail_arn, "AccessDenied")
    role = "arn:aws:iam::111122223333:role/delivery"

    assert refusal(account).startswith(
        "Look: trail `account-trail` can't deliver to `cloudtrail`: AccessDenied; "
        "set DeliveryRoleArn to a role that may write there"
    )
    remediate(account, DeliveryRoleArn=role)
    assert state_of(account)["trails"]["account-trail"]["CloudWatchLogsRoleArn"] == role


def test_second_trail_leaves_the_bucket_to_the_first(account: Account) -> None:
    for name in ("root-usage-alarm-1", "root-usage-alarm-2"):
        remediate(account, TrailName=name, CreateTrail=True, SubscriptionEndpoint=EMAIL)

    _, write, _ = state_of(account)["buckets"]["root-usage-alarm-111122223333-eu-west-1"]["policy"][
        "Statement"
    ]
    assert write["Condition"]["StringEquals"]["aws:SourceArn"] == [
        "arn:aws:cloudtrail:eu-west-1:111122223333:trail/root-usage-alarm-1",
        "arn:aws:cloudtrail:eu-west-1:111122223333:trail/root-usage-alarm-2",
    ]


def test_new_trail_records_everything_into_a_private_bucket(account: Account) -> None:
    from_nothing(account)

    made = state_of(account)
    trail = made["trails"]["root-usage-alarm"]
    bucket = made["buckets"]["root-usage-alarm-111122223333-eu-west-1"]

    assert trail["IsMultiRegionTrail"]
    assert trail["LogFileValidationEnabled"]
    assert trail["IsLogging"]
    assert set(bucket["block"].values()) == {True}
    acl, write, tls = bucket["policy"]["Statement"]
    assert (acl["Action"], write["Action"], tls["Effect"]) == ("s3:GetBucketAcl", "s3:PutObject", "Deny")
    assert write["Resource"].endswith("-eu-west-1/AWSLogs/111122223333/*")


def test_everything_created_is_tagged(account: Account) -> None:
    from_nothing(account)

    group = "arn:aws:logs:eu-west-1:111122223333:log-group:root-usage-alarm/cloudtrail"
    alarm = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:RootAccountUsageCountAlarm"
    trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/root-usage-alarm"
    bucket = "root-usage-alarm-111122223333-eu-west-1"
    tags = {
        "log group": account.client("logs").list_tags_for_resource(resourceArn=group)["tags"],
        "alarm": account.client("cloudwatch").list_tags_for_resource(ResourceARN=alarm)["Tags"],
        "topic": account.client("sns").list_tags_for_resource(ResourceArn=TOPIC)["Tags"],
        "trail": account.client("cloudtrail").list_tags(ResourceIdList=[trail])["ResourceTagList"][0][
            "TagsList"
        ],
        "bucket": account.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"],
    }

    assert tags == {
        "log group": {"CreatedBy": "root-usage-alarm"},
        "alarm": OWN_TAGS,
        "topic": OWN_TAGS,
        "trail": OWN_TAGS,
        "bucket": OWN_TAGS,
    }


def test_second_pair_counts_api_calls_alone(account: Account) -> None:
    build_working_chain(account)

    execution = remediate(account, EventCountAlarm=True)

    assert execution["Look.Summary"] == (
        "To do: create metric filter `RootAccountUsageEventCount`; put alarm "
        "`RootAccountUsageEventCountAlarm`"
    )
    assert execution["Prove.Outcome"].startswith("COMPLIANT: root use is told")
    assert remediate(account, EventCountAlarm=True).steps == NO_WORK


def test_policy_of_a_single_statement_is_read(account: Account) -> None:
    """IAM takes one object for a list of one."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "arn:aws:sns:eu-west-1:111122223333:security-alerts",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    chain = build_working_chain(account, topic={"Policy": policy}, alarm=None)

    remediate(account, TopicArn=chain.topic_arn)

    assert state_of(account)["alarms"]["RootAccountUsageCountAlarm"]["AlarmActions"] == [chain.topic_arn]


def test_alarms_message_names_the_account_and_links_to_what_root_did(account: Account) -> None:
    account.client("iam").create_account_alias(AccountAlias="payments-production")

    remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True, AlarmDetails=True)

    (alarm,) = account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    described = alarm["AlarmDescription"]
    assert described.startswith("The AWS root user of this account did something. ")
    named, _, link = described.partition("Account ")[2].partition(". What it did: ")
    assert named == "111122223333 payments-production"
    assert link == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        "#logsV2:logs-insights$3FqueryDetail$3D$257E$2528end$257E0$257Estart$257E-10800$257EtimeType$257E$2527"
        "RELATIVE$257Eunit$257E$2527seconds$257EeditorString$257E$2527fields*20*40timestamp*2c*20eventName*2c"
        "*20awsRegion*2c*20sourceIPAddress*2c*20userAgent*0a*7c*20filter*20userIdentity.type*20*3d*20*27Root"
        "*27*20*7c*20sort*20*40timestamp*20desc$257Esource$257E$2528$257E$2527root-usage-alarm*2fcloudtrail"
        "$2529$2529"
    )
    assert len(described) <= 1024
