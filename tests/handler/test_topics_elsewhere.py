"""Alarms that notify a topic of another account: what is read there, and with whose credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.handler.evaluation import ACCOUNT_ID, REGION, answering, leading
from workstation.invocation import invoke
from workstation.local_aws import Account, LocalAws, hooks
from workstation.local_aws.accounts import EMAIL, build_working_chain

THIRD_ACCOUNT_ID = "777788889999"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{THIRD_ACCOUNT_ID}:security"
KEY = "alias/alerts"
# A subscription's attributes can't be read from another account; they aren't what these tests are about.
NO_FILTER_POLICY = {"sns:GetSubscriptionAttributes": {"Attributes": {"PendingConfirmation": "false"}}}


def statement(principal: dict[str, Any], *actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def root_of(*account_ids: str) -> dict[str, Any]:
    return {"AWS": [f"arn:aws:iam::{each}:root" for each in account_ids]}


CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}


def with_key(account: Account, key_policy: str) -> None:
    kms = account.client("kms")
    key_id = kms.create_key(Policy=key_policy)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=KEY, TargetKeyId=key_id)


def with_topic_of_a_third_account(
    member: Account, readers: Sequence[str], attributes: dict[str, str] | None = None
) -> Account:
    """CloudWatch may publish to it, these accounts may read it, and a person is subscribed."""
    third = Account(THIRD_ACCOUNT_ID, REGION, member.endpoint_url)
    topic_policy = policy(
        statement(CLOUDWATCH, "sns:Publish"),
        statement(root_of(*readers), "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"),
    )
    sns = third.client("sns")
    sns.create_topic(Name="security", Attributes={"Policy": topic_policy, **(attributes or {})})
    sns.subscribe(TopicArn=TOPIC_ARN, Protocol="email", Endpoint=EMAIL)
    hooks.confirm_subscriptions(TOPIC_ARN)
    return third


def test_4_topics_alias_is_never_taken_for_the_evaluated_accounts_own(
    aws: LocalAws, account: Account
) -> None:
    """Both accounts have a key behind the alias, and only the wrong one lets CloudWatch in."""
    third = with_topic_of_a_third_account(account, [ACCOUNT_ID], {"KmsMasterKeyId": KEY})
    with_key(third, policy(statement(root_of(THIRD_ACCOUNT_ID), "kms:*")))
    with_key(account, policy(statement(CLOUDWATCH, "kms:Decrypt", "kms:GenerateDataKey*")))
    build_working_chain(account, topic=None, alarm={"AlarmActions": [TOPIC_ARN]})

    with answering(NO_FILTER_POLICY):
        invocation = invoke(aws, account)

    assert leading(invocation) == (
        "NON_COMPLIANT",
        "TOPIC_KEY_UNREADABLE",
        (
            "cannot verify key `alias/alerts` of topic `security`: kms:DescribeKey answered "
            "AccessDeniedException. Allow kms:DescribeKey to the role that the rule reads with "
            "[TOPIC_KEY_UNREADABLE]"
        ),
    )
