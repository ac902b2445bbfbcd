"""Alarms that notify a topic of another account: what is read there, and with whose credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import EMAIL, build_working_chain
from tests.handler.evaluation import ACCOUNT_ID, OTHER_ACCOUNT_ID, REGION, Refusal, answering, leading

THIRD_ACCOUNT_ID = "777788889999"
ROLE = {"LogArchiveRoleName": "RootUsageAlarmRule-log-archive"}
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


def under_an_organization_trail(member: Account, actions: Sequence[str] = (), **links: Any) -> Account:
    """The chain is the management account's; `actions` in place of its topic."""
    management = Account(OTHER_ACCOUNT_ID, REGION, member.endpoint_url)
    if actions:
        links["alarm"] = {"AlarmActions": [*actions]}
    chain = build_working_chain(management, trail={"IsOrganizationTrail": True}, **links)
    hooks.show_organization_trail(chain.trail_arn, member.account_id)
    return management


def unverified(code: str, annotation: str) -> tuple[str, str, str]:
    return "NON_COMPLIANT", code, f"{annotation} [{code}]"


def test_1_topic_of_a_third_account_is_read_as_the_account_whose_alarm_notifies_it(
    aws: LocalAws, account: Account
) -> None:
    with_topic_of_a_third_account(account, [OTHER_ACCOUNT_ID])
    under_an_organization_trail(account, [TOPIC_ARN])

    with answering(NO_FILTER_POLICY):
        invocation = invoke(aws, account, ROLE)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def test_1_topic_of_the_evaluated_account_is_read_there(aws: LocalAws, account: Account) -> None:
    own = build_working_chain(account, trail=None, log_group=None, alarm=None)
    account.client("sns").set_topic_attributes(
        TopicArn=own.topic_arn,
        AttributeName="Policy",
        AttributeValue=policy(statement(CLOUDWATCH, "sns:Publish")),
    )
    under_an_organization_trail(account, [own.topic_arn], topic=None)

    assert invoke(aws, account, ROLE).evaluation["ComplianceType"] == "COMPLIANT"


def test_4_topic_of_a_third_account_that_lets_in_the_wrong_reader(aws: LocalAws, account: Account) -> None:
    with_topic_of_a_third_account(account, [ACCOUNT_ID])
    under_an_organization_trail(account, [TOPIC_ARN])

    assert leading(invoke(aws, account, ROLE)) == unverified(
        "TOPIC_UNREADABLE",
        "cannot verify topic `security` of account 777788889999: "
        "sns:GetTopicAttributes answered AuthorizationError. "
        "Allow sns:GetTopicAttributes to role LogArchiveRoleName of account 444455556666",
    )


OF_THE_ALARMS_ACCOUNT = [
    pytest.param(
        "sns:GetTopicAttributes",
        "TOPIC_UNREADABLE",
        "cannot verify topic `security-alerts` of account 444455556666: "
        "sns:GetTopicAttributes answered AuthorizationError. "
        "Allow sns:GetTopicAttributes to role LogArchiveRoleName of account 444455556666",
        id="topic",
    ),
    pytest.param(
        "sns:ListSubscriptionsByTopic",
        "SUBSCRIPTIONS_UNREADABLE",
        "cannot verify subscribers of topic `security-alerts` of account 444455556666: "
        "sns:ListSubscriptionsByTopic answered AuthorizationError. "
        "Allow sns:ListSubscriptionsByTopic to role LogArchiveRoleName of account 444455556666",
        id="subscriptions",
    ),
    pytest.param(
        "kms:DescribeKey",
        "TOPIC_KEY_UNREADABLE",
        "in account 444455556666: cannot verify key `alias/alerts` of topic `security-alerts`: "
        "kms:DescribeKey answered AuthorizationError. "
        "Allow kms:DescribeKey to role LogArchiveRoleName of account 444455556666",
        id="key",
    ),
    pytest.param(
        "kms:GetKeyPolicy",
        "TOPIC_KEY_UNREADABLE",
        "in account 444455556666: cannot verify key `alias/alerts` of topic `security-alerts`: "
        "kms:GetKeyPolicy answered AuthorizationError. "
        "Allow kms:GetKeyPolicy to role LogArchiveRoleName of account 444455556666",
        id="key-policy",
    ),
]


@pytest.mark.parametrize(("call", "code", "annotation"), OF_THE_ALARMS_ACCOUNT)
def test_4_role_that_is_refused_in_the_alarms_account_is_named(
    aws: LocalAws, account: Account, call: str, code: str, annotation: str
) -> None:
    management = under_an_organization_trail(account, topic={"KmsMasterKeyId": KEY})
    with_key(management, policy(statement(CLOUDWATCH, "kms:Decrypt", "kms:GenerateDataKey*")))

    with answering({call: Refusal("AuthorizationError")}):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == unverified(code, annotation)


def test_4_own_alarm_that_notifies_the_topic_of_the_trails_owner(aws: LocalAws, account: Account) -> None:
    """Whether the rule has a role there is the parameter's to say."""
    under_an_organization_trail(account, alarm=None)
    build_working_chain(
        account,
        topic=None,
        alarm={"AlarmActions": [f"arn:aws:sns:{REGION}:{OTHER_ACCOUNT_ID}:security-alerts"]},
    )

    assert leading(invoke(aws, account)) == unverified(
        "TOPIC_UNREADABLE",
        "cannot verify topic `security-alerts` of account 444455556666: "
        "sns:GetTopicAttributes answered AuthorizationError. "
        "Allow sns:GetTopicAttributes to account 111122223333 or, if set, role LogArchiveRoleName "
        "(1 more finding)",
    )


def test_4_subscription_to_the_topic_of_a_third_account(aws: LocalAws, account: Account) -> None:
    with_topic_of_a_third_account(account, [OTHER_ACCOUNT_ID])
    under_an_organization_trail(account, [TOPIC_ARN])

    with answering({"sns:GetSubscriptionAttributes": Refusal("AuthorizationError")}):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == unverified(
        "SUBSCRIPTIONS_UNREADABLE",
        "cannot verify subscribers of topic `security` of account 777788889999: "
        "sns:GetSubscriptionAttributes answered AuthorizationError. "
        "Subscribe from account 444455556666, as SNS shows subscriptions to their owner",
    )


def test_4_alias_of_a_topic_is_never_the_evaluated_accounts_own(aws: LocalAws, account: Account) -> None:
    """Both accounts have a key behind the alias, and only the wrong one lets CloudWatch in."""
    third = with_topic_of_a_third_account(account, [ACCOUNT_ID], {"KmsMasterKeyId": KEY})
    with_key(third, policy(statement(root_of(THIRD_ACCOUNT_ID), "kms:*")))
    with_key(account, policy(statement(CLOUDWATCH, "kms:Decrypt", "kms:GenerateDataKey*")))
    build_working_chain(account, topic=None, alarm={"AlarmActions": [TOPIC_ARN]})

    with answering(NO_FILTER_POLICY):
        invocation = invoke(aws, account)

    assert leading(invocation) == unverified(
        "TOPIC_KEY_UNREADABLE",
        "in account 777788889999: cannot verify key `alias/alerts` of topic `security`: "
        "kms:DescribeKey answered AccessDeniedException. Use a key of account 111122223333, "
        "as KMS shows key policies to their own account only",
    )


def test_4_key_of_a_third_account_that_may_be_described(aws: LocalAws, account: Account) -> None:
    third = with_topic_of_a_third_account(account, [OTHER_ACCOUNT_ID], {"KmsMasterKeyId": KEY})
    with_key(third, policy(statement(root_of(THIRD_ACCOUNT_ID, OTHER_ACCOUNT_ID), "kms:*")))
    under_an_organization_trail(account, [TOPIC_ARN])

    assert leading(invoke(aws, account, ROLE)) == unverified(
        "TOPIC_KEY_UNREADABLE",
        "in account 777788889999: cannot verify key `alias/alerts` of topic `security`: "
        "kms:GetKeyPolicy answered AccessDeniedException. Use a key of account 444455556666, "
        "as KMS shows key policies to their own account only",
    )
