"""The codes of alarm actions, topics and subscriptions that tests/test_handler.py doesn't lead to."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import EMAIL, build_working_chain
from tests.handler.evaluation import ACCOUNT_ID, OTHER_ACCOUNT_ID, REGION, Build, answering, leading

KEY = "alias/alerts"
FOR_CLOUDWATCH = {
    "Sid": "alarms",
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
}
PUBLISH = {
    "Sid": "alarms",
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": "sns:Publish",
}
# Nobody knows which endpoint CloudWatch's requests come through, if through any.
FROM_AN_ENDPOINT = {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}}


def with_fifo_topic(account: Account) -> None:
    arn = account.arn("sns", "security-alerts.fifo")
    account.client("sns").create_topic(Name="security-alerts.fifo", Attributes={"FifoTopic": "true"})
    build_working_chain(account, topic=None, alarm={"AlarmActions": [arn]})


def with_topic_of_another_account(account: Account) -> None:
    """Its policy lets that account in, and CloudWatch, as a topic's first policy does."""
    other = Account(OTHER_ACCOUNT_ID, REGION, account.endpoint_url)
    arn = other.client("sns").create_topic(Name="central-alerts")["TopicArn"]
    build_working_chain(account, topic=None, alarm={"AlarmActions": [arn]})


def with_topic_policy(account: Account, statement: dict[str, Any]) -> None:
    chain = build_working_chain(account)
    policy = {"Version": "2012-10-17", "Statement": [{"Resource": chain.topic_arn, **statement}]}
    account.client("sns").set_topic_attributes(
        TopicArn=chain.topic_arn, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )


def with_key(account: Account, statement: dict[str, Any] | None = None, **kind: str) -> str:
    """The topic is encrypted with a customer managed key; None: with the policy that KMS gives a key."""
    kms = account.client("kms")
    policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})} if statement else {}
    key_id: str = kms.create_key(**policy, **kind)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=KEY, TargetKeyId=key_id)
    build_working_chain(account, topic={"KmsMasterKeyId": KEY})
    return key_id


def with_key_of_another_region(account: Account) -> None:
    """It lets CloudWatch in, but no key is used outside of its region."""
    elsewhere = Account(account.account_id, "us-west-2", account.endpoint_url)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [FOR_CLOUDWATCH]})
    elsewhere.client("kms").create_alias(
        AliasName=KEY,
        TargetKeyId=elsewhere.client("kms").create_key(Policy=policy)["KeyMetadata"]["KeyId"],
    )
    build_working_chain(account, topic={"KmsMasterKeyId": elsewhere.arn("kms", KEY)})


def with_disabled_key(account: Account) -> None:
    account.client("kms").disable_key(KeyId=with_key(account, FOR_CLOUDWATCH))


BROKEN = [
    pytest.param(
        partial(build_working_chain, alarm={"AlarmActions": ["arn:aws:automate:eu-west-1:ec2:stop"]}),
        "ACTION_NOT_ACCEPTED",
        "action `arn:aws:automate:eu-west-1:ec2:stop` of alarm `RootAccountUsageCountAlarm` is of kind ec2, "
        "so no one is told by it. Add an SNS topic to its AlarmActions",
        id="action-that-stops-an-instance",
    ),
    pytest.param(
        partial(
            build_working_chain,
            alarm={"AlarmActions": [f"arn:aws:sns:eu-west-1:{ACCOUNT_ID}:security-alerts:6f1b7c9e"]},
        ),
        "ACTION_BROKEN",
        "action `arn:aws:sns:eu-west-1:111122223333:security-alerts:6f1b7c9e` of alarm "
        "`RootAccountUsageCountAlarm` is not the ARN of a topic, so no one is told by it. "
        "Give the alarm the ARN of a topic in eu-west-1",
        id="subscription-for-a-topic",
    ),
    pytest.param(
        partial(
            build_working_chain,
            alarm={"AlarmActions": [f"arn:aws:sns:us-west-2:{ACCOUNT_ID}:security-alerts"]},
        ),
        "TOPIC_ELSEWHERE",
        "topic `security-alerts` is in us-west-2 and alarm `RootAccountUsageCountAlarm` in eu-west-1, "
        "so no one is told. Let the alarm notify a topic in eu-west-1",
        id="topic-of-another-region",
    ),
    pytest.param(
        with_topic_of_another_account,
        "TOPIC_UNREADABLE",
        "cannot verify topic `central-alerts` of account 444455556666: "
        "sns:GetTopicAttributes answered AuthorizationError. "
        "Name a role of account 444455556666 that may read it in parameter ReadingRoleName",
        id="topic-of-another-account",
    ),
    pytest.param(
        with_fifo_topic,
        "TOPIC_FIFO",
        "topic `security-alerts.fifo` is a FIFO topic, which delivers to SQS queues only, "
        "so no one is told by it. Let the alarm notify a standard topic",
        id="fifo-topic",
    ),
    pytest.param(
        partial(build_working_chain, topic={"MaximumMessageSize": "1024"}),
        "TOPIC_MESSAGE_SIZE",
        "topic `security-alerts` refuses messages over 1024 bytes (MaximumMessageSize), and alarm "
        "`RootAccountUsageCountAlarm` may send 2423, so no one may be told. "
        "Set its MaximumMessageSize to 262144, the default",
        id="topic-for-short-messages",
    ),
    pytest.param(
        partial(with_topic_policy, statement=PUBLISH | FROM_AN_ENDPOINT),
        "TOPIC_POLICY_UNDECIDED",
        "can't decide whether topic `security-alerts` lets CloudWatch publish: "
        "statement `alarms`: condition StringEquals aws:SourceVpce. "
        "Allow sns:Publish to cloudwatch.amazonaws.com in the topic's policy, and forbid it nowhere",
        id="topic-policy-with-an-odd-condition",
    ),
    pytest.param(
        partial(with_topic_policy, statement=PUBLISH | {"Resource": "arn:aws:sns:${aws:region}:*:*"}),
        "TOPIC_POLICY_UNDECIDED",
        "can't decide whether topic `security-alerts` lets CloudWatch publish: "
        "statement `alarms`: policy variable in `arn:aws:sns:$..s:region}:*:*`. "
        "Allow sns:Publish to cloudwatch.amazonaws.com in the topic's policy, and forbid it nowhere",
        id="topic-policy-with-a-variable",
    ),
    pytest.param(
        with_disabled_key,
        "TOPIC_KEY_UNUSABLE",
        "key `alias/alerts` of topic `security-alerts` is Disabled, so no one is told. Enable the key, "
        "or encrypt the topic with a customer managed key that cloudwatch.amazonaws.com may use",
        id="disabled-key",
    ),
    pytest.param(
        partial(with_key, statement=FOR_CLOUDWATCH, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT"),
        "TOPIC_KEY_UNUSABLE",
        "key `alias/alerts` of topic `security-alerts` isn't a symmetric encryption key, so no one is told. "
        "Encrypt the topic with a customer managed key that cloudwatch.amazonaws.com may use",
        id="asymmetric-key",
    ),
    pytest.param(
        partial(with_key, statement=FOR_CLOUDWATCH, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
        "TOPIC_KEY_UNUSABLE",
        "key `alias/alerts` of topic `security-alerts` isn't a symmetric encryption key, so no one is told. "
        "Encrypt the topic with a customer managed key that cloudwatch.amazonaws.com may use",
        id="hmac-key",
    ),
    pytest.param(
        with_key_of_another_region,
        "TOPIC_KEY_UNUSABLE",
        "key `arn:aws:kms:us-west-2:111122223333:alias/alerts` of topic `security-alerts` "
        "isn't in eu-west-1, so no one is told. "
        "Encrypt the topic with a customer managed key in eu-west-1 that cloudwatch.amazonaws.com may use",
        id="key-of-another-region",
    ),
    pytest.param(
        with_key,
        "TOPIC_KEY_DENIES",
        "key `alias/alerts` of topic `security-alerts` doesn't let CloudWatch call kms:Decrypt, "
        "so no one is told. "
        "Allow cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey* in the key's policy",
        id="key-with-its-first-policy",
    ),
    pytest.param(
        partial(with_key, statement=FOR_CLOUDWATCH | FROM_AN_ENDPOINT),
        "TOPIC_KEY_UNDECIDED",
        "can't decide whether key `alias/alerts` of topic `security-alerts` lets CloudWatch in: "
        "statement `alarms`: condition StringEquals aws:SourceVpce. "
        "Allow cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey* in the key's policy",
        id="key-policy-with-an-odd-condition",
    ),
    pytest.param(
        partial(with_key, statement=FOR_CLOUDWATCH | {"Resource": "arn:aws:kms:*:${aws:account}:key/*"}),
        "TOPIC_KEY_UNDECIDED",
        "can't decide whether key `alias/alerts` of topic `security-alerts` lets CloudWatch in: "
        "statement `alarms`: policy variable in `arn:aws:k..nt}:key/*`. "
        "Allow cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey* in the key's policy",
        id="key-policy-with-a-variable",
    ),
    pytest.param(
        partial(
            build_working_chain,
            subscription={
                "FilterPolicyScope": "MessageBody",
                "FilterPolicy": '{"NewStateReason": [{"prefix": "Threshold Crossed"}]}',
            },
        ),
        "SUBSCRIPTION_FILTER_UNDECIDED",
        f"can't decide whether email `{EMAIL}` of topic `security-alerts` gets alarm messages: "
        "filter on `NewStateReason`. Remove the subscription's filter policy",
        id="filter-on-the-reason",
    ),
    pytest.param(
        partial(
            build_working_chain,
            subscription={
                "FilterPolicyScope": "MessageBody",
                "FilterPolicy": '{"Trigger": {"Threshold": [1]}}',
            },
        ),
        "SUBSCRIPTION_FILTER_UNDECIDED",
        f"can't decide whether email `{EMAIL}` of topic `security-alerts` gets alarm messages: "
        "filter on `Threshold`. Remove the subscription's filter policy",
        id="filter-on-a-number-that-the-message-writes-otherwise",
    ),
]


@pytest.mark.parametrize(("build", "code", "annotation"), BROKEN)
def test_3_broken_delivery_is_named(
    aws: LocalAws, account: Account, build: Build, code: str, annotation: str
) -> None:
    build(account)

    assert leading(invoke(aws, account)) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


@pytest.mark.parametrize(
    ("size", "description", "compliance"),
    [
        pytest.param("4096", "", "COMPLIANT", id="room-for-the-message"),
        pytest.param("3000", "", "COMPLIANT", id="just-room"),
        pytest.param("3000", "x" * 1024, "NON_COMPLIANT", id="no-room-for-a-long-description"),
    ],
)
def test_3_topic_has_to_take_the_alarms_whole_message(
    aws: LocalAws, account: Account, size: str, description: str, compliance: str
) -> None:
    build_working_chain(account, topic={"MaximumMessageSize": size}, alarm={"AlarmDescription": description})

    assert invoke(aws, account).evaluation["ComplianceType"] == compliance


def test_3_filter_policy_nested_too_deeply_is_undecided(aws: LocalAws, account: Account) -> None:
    """SNS's answer stands in for it, as moto takes no such policy."""
    build_working_chain(account)
    policy = '{"$or":[{"b":["x"]},' * 149 + '{"c":["x"]}' + "]}" * 149
    attributes = {"FilterPolicy": policy, "FilterPolicyScope": "MessageBody", "PendingConfirmation": "false"}

    with answering({"sns:GetSubscriptionAttributes": {"Attributes": attributes}}):
        invocation = invoke(aws, account)

    code, annotation = leading(invocation)[1:]
    assert code == "SUBSCRIPTION_FILTER_UNDECIDED"
    assert annotation == (
        f"can't decide whether email `{EMAIL}` of topic `security-alerts` gets alarm messages: "
        f"it is nested too deeply. Remove the subscription's filter policy [{code}]"
    )


VOUCHED_IN_VAIN = [
    pytest.param(
        f"arn:aws:ssm:eu-west-1:{OTHER_ACCOUNT_ID}:opsitem:1",
        "action `arn:aws:ssm:eu-west-1:444455556666:opsitem:1` of alarm `RootAccountUsageCountAlarm` "
        "is not in account 111122223333, so no one is told by it. "
        "Give the alarm the ARN of a topic in eu-west-1",
        id="opsitem-of-another-account",
    ),
    pytest.param(
        f"arn:aws-cn:ssm:eu-west-1:{ACCOUNT_ID}:opsitem:1",
        "action `arn:aws-cn:ssm:eu-west-1:111122223333:opsitem:1` of alarm `RootAccountUsageCountAlarm` "
        "is not in partition aws, so no one is told by it. "
        "Give the alarm the ARN of a topic in eu-west-1",
        id="opsitem-of-another-partition",
    ),
    pytest.param(
        f"arn:aws:ssm:us-west-2:{ACCOUNT_ID}:opsitem:1",
        "action `arn:aws:ssm:us-west-2:111122223333:opsitem:1` of alarm `RootAccountUsageCountAlarm` "
        "is not in eu-west-1, so no one is told by it. "
        "Give the alarm the ARN of a topic in eu-west-1",
        id="opsitem-of-another-region",
    ),
]


@pytest.mark.parametrize(("action", "annotation"), VOUCHED_IN_VAIN)
def test_3_accepted_action_that_is_elsewhere_is_named(
    aws: LocalAws, account: Account, action: str, annotation: str
) -> None:
    build_working_chain(account, alarm={"AlarmActions": [action]})

    invocation = invoke(aws, account, {"AcceptedActions": "opsitem"})

    assert leading(invocation) == ("NON_COMPLIANT", "ACTION_BROKEN", f"{annotation} [ACTION_BROKEN]")


ACCEPTED = [
    pytest.param(
        f"arn:aws:ssm:eu-west-1:{ACCOUNT_ID}:opsitem:1#CATEGORY=Security",
        "opsitem",
        "root use is told: alarm `RootAccountUsageCountAlarm` -> "
        "action `arn:aws:ssm:eu-west-1:111122223333:opsitem:1#CATEGORY=Security`; "
        "note: opsitem action accepted by AcceptedActions; whom it tells is not seen",
        id="opsitem",
    ),
    pytest.param(
        f"arn:aws:ssm-incidents::{ACCOUNT_ID}:response-plan/root",
        "incident",
        "root use is told: alarm `RootAccountUsageCountAlarm` -> "
        "action `arn:aws:ssm-incidents::111122223333:response-plan/root`; "
        "note: incident action accepted by AcceptedActions; whom it tells is not seen",
        id="response-plan",
    ),
]


@pytest.mark.parametrize(("action", "kind", "annotation"), ACCEPTED)
def test_1_action_that_the_rules_owner_vouches_for(
    aws: LocalAws, account: Account, action: str, kind: str, annotation: str
) -> None:
    build_working_chain(account, alarm={"AlarmActions": [action]})

    invocation = invoke(aws, account, {"AcceptedActions": kind, "RootUsageLookbackDays": "0"})

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert invocation.evaluation["Annotation"] == annotation
