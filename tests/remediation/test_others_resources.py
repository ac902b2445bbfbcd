"""What belongs to others stays as it is; what is ours is mended."""

from __future__ import annotations

import json
from typing import Any

import pytest

from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.remediation.conftest import evaluate, give_the_rule
from tests.remediation.runner import StepFailed, run
from tests.remediation.scenarios import (
    ALARM_SETTINGS,
    DOCUMENT,
    EMAIL,
    NO_WORK,
    TOPIC,
    arguments,
    from_nothing,
    refusal,
    remediate,
)
from tests.remediation.state import state_of


def test_name_of_a_trail_that_will_not_do_is_not_taken(account: Account) -> None:
    build_working_chain(
        account, trail={"Name": "root-usage-alarm", "IsMultiRegionTrail": False}, logging=False
    )

    assert refusal(account, CreateTrail=True) == (
        "Look: trail `root-usage-alarm` records one region only; or set CreateTrail true, and TrailName to "
        "a free name"
    )


def test_work_is_done_in_the_trails_home_region(account: Account) -> None:
    build_working_chain(account, alarm=None, topic=None)

    give_the_rule(Account(account.account_id, "us-east-1"))

    execution = run(DOCUMENT, "us-east-1", **arguments(account, SubscriptionEndpoint=EMAIL))

    assert execution["Look.Chain"]["Region"] == "eu-west-1"
    assert list(state_of(account)["alarms"]) == ["RootAccountUsageCountAlarm"]
    assert state_of(Account(account.account_id, "us-east-1"))["alarms"] == {}


def test_own_topic_lets_a_second_alarm_publish(account: Account) -> None:
    from_nothing(account)

    execution = remediate(account, EventCountAlarm=True)

    assert execution["TopicAndSubscription.Done"] == ["set its Policy"]
    _, alarms = json.loads(state_of(account)["topics"][TOPIC]["Policy"])["Statement"]
    assert alarms["Condition"]["ArnEquals"]["aws:SourceArn"] == [
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:RootAccountUsageCountAlarm",
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:RootAccountUsageEventCountAlarm",
    ]


def test_statements_of_others_in_our_topics_policy_stay(account: Account) -> None:
    from_nothing(account)
    sns = account.client("sns")
    policy = json.loads(state_of(account)["topics"][TOPIC]["Policy"])
    other = {
        "Sid": "Other",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sns:Subscribe",
        "Resource": TOPIC,
    }
    edited = json.dumps(policy | {"Statement": [other]})
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=edited)

    from_nothing(account)

    statements = json.loads(state_of(account)["topics"][TOPIC]["Policy"])["Statement"]
    assert statements == [*policy["Statement"], other]


def test_topic_is_encrypted_with_a_key_that_cloudwatch_may_use(account: Account) -> None:
    build_working_chain(account, alarm=None, topic=None)
    key = key_for(account, "cloudwatch.amazonaws.com")

    remediate(account, TopicKmsKeyArn=key, SubscriptionEndpoint=EMAIL)

    assert state_of(account)["topics"][TOPIC]["KmsMasterKeyId"] == key
    assert remediate(account, TopicKmsKeyArn=key).steps == NO_WORK


def test_key_that_cloudwatch_may_not_use_is_refused(account: Account) -> None:
    build_working_chain(account, alarm=None, topic=None)
    key = key_for(account, "events.amazonaws.com")

    assert refusal(account, TopicKmsKeyArn=key) == (
        f"Look: topic `{TOPIC}` has key `{key}`, which CloudWatch can't use: its policy needs "
        '{"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, '
        '"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*", '
        '"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}'
    )


def test_policies_that_are_mended_by_hand_as_said_are_taken(account: Account) -> None:
    """Pasted as they stand, first for the topic, then for its key."""
    chain = build_working_chain(account, alarm=None, topic={"Policy": '{"Statement": []}'})
    sns, kms = account.client("sns"), account.client("kms")
    statement = statement_in(refusal(account, TopicArn=chain.topic_arn))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sns.set_topic_attributes(TopicArn=chain.topic_arn, AttributeName="Policy", AttributeValue=policy)
    key = key_for(account, "events.amazonaws.com")
    sns.set_topic_attributes(TopicArn=chain.topic_arn, AttributeName="KmsMasterKeyId", AttributeValue=key)
    statement = statement_in(refusal(account, TopicArn=chain.topic_arn))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)

    execution = remediate(account, TopicArn=chain.topic_arn)

    assert execution["Prove.Outcome"].startswith("COMPLIANT: ")


@pytest.mark.parametrize("part", ["Policy", "KmsMasterKeyId"])
def test_policy_of_somebody_else_is_said_to_be_mendable_by_hand(account: Account, part: str) -> None:
    """What is made is a topic of our own; whoever would rather keep theirs has the statement to paste."""
    value = {"Policy": '{"Statement": []}', "KmsMasterKeyId": key_for(account, "events.amazonaws.com")}[part]
    chain = build_working_chain(account, topic={part: value})
    sns, kms = account.client("sns"), account.client("kms")

    summary = remediate(account, SubscriptionEndpoint=EMAIL, DryRun=True)["Look.Summary"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement_in(summary)]})
    if part == "Policy":
        sns.set_topic_attributes(TopicArn=chain.topic_arn, AttributeName="Policy", AttributeValue=policy)
    else:
        kms.put_key_policy(KeyId=value, PolicyName="default", Policy=policy)

    assert f"; or by hand, in the policy of {'' if part == 'Policy' else 'key of '}topic " in summary
    assert evaluate(account)[0] == "COMPLIANT"


def statement_in(text: str) -> dict[str, Any]:
    """What begins with the text's first brace."""
    statement: dict[str, Any]
    statement, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
    return statement


def key_for(account: Account, service: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn: str = account.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"]
    return arn


def test_foreign_metric_filter_of_the_same_name_stays(account: Account) -> None:
    build_working_chain(account, metric_filter={"filterPattern": "ERROR"}, alarm=None)
    before = state_of(account)["metric filters"]
    remediate(account, SubscriptionEndpoint=EMAIL)

    filters = state_of(account)["metric filters"]

    assert list(filters) == ["cloudtrail/RootAccountUsageCount", "cloudtrail/RootAccountUsageCount-2"]
    assert before.items() <= filters.items()
    (metric,) = filters["cloudtrail/RootAccountUsageCount-2"]["metricTransformations"]
    assert metric == {
        "metricName": "RootAccountUsageCount-2",
        "metricNamespace": "CloudTrailMetrics",
        "metricValue": "1",
    }


def test_foreign_alarm_of_the_same_name_stays(account: Account) -> None:
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="RootAccountUsageCountAlarm",
        Namespace="Billing",
        MetricName="Cost",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    before = state_of(account)["alarms"]["RootAccountUsageCountAlarm"]
    from_nothing(account)

    alarms = state_of(account)["alarms"]

    assert alarms["RootAccountUsageCountAlarm"] == before
    assert alarms["RootAccountUsageCountAlarm-2"]["AlarmActions"] == [TOPIC]


def test_foreign_composite_alarm_of_the_same_name_stays(account: Account) -> None:
    account.client("cloudwatch").put_composite_alarm(
        AlarmName="RootAccountUsageCountAlarm", AlarmRule="FALSE"
    )

    assert from_nothing(account)["Look.Signals"][0]["Alarm"] == "RootAccountUsageCountAlarm-2"


def test_foreign_topic_of_the_same_name_stays(account: Account) -> None:
    account.client("sns").create_topic(Name="root-usage-alarm")
    before = state_of(account)["topics"][TOPIC]
    from_nothing(account)

    topics = state_of(account)["topics"]

    assert topics[TOPIC] == before
    assert list(topics) == [TOPIC, TOPIC + "-2"]


def test_foreign_log_group_of_the_same_name_is_not_used(account: Account) -> None:
    account.client("logs").create_log_group(logGroupName="root-usage-alarm/cloudtrail")

    said = "Look: log group `root-usage-alarm/cloudtrail` is someone else's: set LogGroupName to a free name"
    assert refusal(account, SubscriptionEndpoint=EMAIL, CreateTrail=True) == said


def test_foreign_bucket_of_the_same_name_is_not_used(account: Account) -> None:
    s3 = account.client("s3")
    bucket = "root-usage-alarm-111122223333-eu-west-1"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key="other", Body=b"data")

    with pytest.raises(StepFailed) as failure:
        from_nothing(account)

    assert str(failure.value) == (
        f"TrailAndLogGroup: bucket `{bucket}` is someone else's: make a trail yourself"
    )
    assert state_of(account)["buckets"] == {bucket: {"without": "NoSuchBucketPolicy"}}


def test_metric_that_another_filter_feeds_is_not_used(account: Account) -> None:
    build_working_chain(account, alarm=None)
    account.client("logs").create_log_group(logGroupName="application")
    account.client("logs").put_metric_filter(
        logGroupName="application",
        filterName="errors",
        filterPattern="ERROR",
        metricTransformations=[
            {
                "metricName": "RootAccountUsageCount",
                "metricNamespace": "CloudTrailMetrics",
                "metricValue": "1",
            }
        ],
    )

    made = remediate(account, SubscriptionEndpoint=EMAIL)
    assert made["Look.Signals"][0]["Metric"] == "RootAccountUsageCount-2"


def test_topic_of_the_parameter_is_used_as_it_is(account: Account) -> None:
    chain = build_working_chain(account, alarm=None)
    before = state_of(account)["topics"]

    remediate(account, TopicArn=chain.topic_arn)

    after = state_of(account)
    assert after["topics"] == before
    assert after["alarms"]["RootAccountUsageCountAlarm"]["AlarmActions"] == [chain.topic_arn]


CLOSED = (
    "doesn't let CloudWatch publish: its policy needs "
    '{"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": ["sns:Publish"], '
    '"Resource": "arn:aws:sns:eu-west-1:111122223333:security-alerts", '
    '"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}'
)


@pytest.mark.parametrize(
    ("topic", "flaw"),
    [
        pytest.param(
            {"KmsMasterKeyId": "alias/aws/sns"},
            "has key `alias/aws/sns`, which CloudWatch can't use: give another",
            id="key-of-aws",
        ),
        pytest.param({"Policy": '{"Statement": []}'}, CLOSED, id="closed-to-cloudwatch"),
        pytest.param(
            {
                "Policy": json.dumps(
                    {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                                "Action": "sns:Publish",
                                "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}},
                            }
                        ]
                    }
                )
            },
            CLOSED,
            id="open-to-another-account",
        ),
        pytest.param(
            {
                "Policy": json.dumps(
                    {
                        "Statement": [
                            {"Effect": "Allow", "Principal": "*", "Action": "sns:*"},
                            {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish"},
                        ]
                    }
                )
            },
            CLOSED,
            id="denied",
        ),
    ],
)
def test_topic_of_the_parameter_that_is_mute_is_refused(
    account: Account, topic: dict[str, str], flaw: str
) -> None:
    chain = build_working_chain(account, alarm=None, topic=topic)

    said = f"Look: topic `{chain.topic_arn}` {flaw}"
    assert refusal(account, TopicArn=chain.topic_arn).startswith(said)


def test_own_alarm_that_was_bent_is_put_right_with_its_other_actions(account: Account) -> None:
    from_nothing(account)
    other = "arn:aws:sns:eu-west-1:111122223333:other"
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="RootAccountUsageCountAlarm",
        **ALARM_SETTINGS | {"Threshold": 9, "AlarmActions": [other], "Unit": "Count"},
    )

    execution = from_nothing(account)

    assert execution["Alarm.Done"] == ["put alarm `RootAccountUsageCountAlarm`"]
    alarm = state_of(account)["alarms"]["RootAccountUsageCountAlarm"]
    assert (alarm["Threshold"], alarm["AlarmActions"]) == (1.0, [TOPIC, other])
