"""Alarms that notify a topic of another account: what is read there, and with whose credentials."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import EMAIL, build_working_chain
from tests.handler.evaluation import ACCOUNT_ID, OTHER_ACCOUNT_ID, REGION, Refusal, answering, closed, leading

THIRD_ACCOUNT_ID = "777788889999"
ROLE = {"ReadingRoleName": "RootUsageAlarmRule-reading"}
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
    member: Account, readers: Sequence[str] = (), attributes: dict[str, str] | None = None
) -> Account:
    """CloudWatch may publish to it, these accounts may read it, and a person is subscribed."""
    third = Account(THIRD_ACCOUNT_ID, REGION, member.endpoint_url)
    statements = [statement(CLOUDWATCH, "sns:Publish")]
    if readers:
        statements.append(
            statement(root_of(*readers), "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic")
        )
    sns = third.client("sns")
    sns.create_topic(Name="security", Attributes={"Policy": policy(*statements), **(attributes or {})})
    sns.subscribe(TopicArn=TOPIC_ARN, Protocol="email", Endpoint=EMAIL)
    hooks.confirm_subscriptions(TOPIC_ARN)
    return third


def set_policy(third: Account, *statements: dict[str, Any]) -> None:
    third.client("sns").set_topic_attributes(
        TopicArn=TOPIC_ARN, AttributeName="Policy", AttributeValue=policy(*statements)
    )


def assert_mends(aws: LocalAws, member: Account, pasted: dict[str, Any], action: str) -> None:
    """The finding's statement, pasted into the third account's policy, makes the member compliant."""
    third = Account(THIRD_ACCOUNT_ID, REGION, member.endpoint_url)
    assert action in pasted["Action"]
    if action == "sns:Publish":
        set_policy(third, pasted)
    else:
        kms = third.client("kms")
        key_id = kms.describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"]
        kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=policy(pasted))
    assert invoke(aws, member, ROLE).evaluation["ComplianceType"] == "COMPLIANT"


def telling_the_third_account(member: Account) -> None:
    build_working_chain(member, topic=None, alarm={"AlarmActions": [TOPIC_ARN]})


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


def test_1_topic_key_and_subscribers_of_a_third_account_are_read_by_its_role(
    aws: LocalAws, account: Account
) -> None:
    """Their policies let in CloudWatch alone."""
    third = with_topic_of_a_third_account(account, attributes={"KmsMasterKeyId": KEY})
    with_key(third, policy(statement(CLOUDWATCH, "kms:Decrypt", "kms:GenerateDataKey*")))
    telling_the_third_account(account)

    invocation = invoke(aws, account, ROLE)

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"
    assert invocation.evaluation["Annotation"] == (
        "root use is told: alarm `RootAccountUsageCountAlarm` -> topic `security` of account 777788889999 -> "
        "1 confirmed subscriber (email); root not used for 90 days"
    )


def test_1_older_name_of_the_parameter_names_the_role_too(aws: LocalAws, account: Account) -> None:
    with_topic_of_a_third_account(account)
    telling_the_third_account(account)

    invocation = invoke(aws, account, {"LogArchiveRoleName": "RootUsageAlarmRule-reading"})

    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def test_1_owner_of_the_trail_has_the_alarm_and_a_third_account_the_topic(
    aws: LocalAws, account: Account
) -> None:
    with_topic_of_a_third_account(account)
    under_an_organization_trail(account, [TOPIC_ARN])

    assert invoke(aws, account, ROLE).evaluation["ComplianceType"] == "COMPLIANT"


@pytest.mark.parametrize("reader", [ACCOUNT_ID, OTHER_ACCOUNT_ID])
def test_1_topic_of_a_third_account_without_a_role_is_read_as_the_account_whose_alarm_notifies_it(
    aws: LocalAws, account: Account, reader: str
) -> None:
    with_topic_of_a_third_account(account, [reader])
    if reader == ACCOUNT_ID:
        telling_the_third_account(account)
    else:
        under_an_organization_trail(account, [TOPIC_ARN])

    with answering(NO_FILTER_POLICY), closed(THIRD_ACCOUNT_ID):
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


NO_ROLE_THERE = unverified(
    "TOPIC_UNREADABLE",
    "cannot verify topic `security` of account 777788889999: "
    "sns:GetTopicAttributes answered AuthorizationError. "
    "Create role ReadingRoleName in account 777788889999, or let it trust the rule's role",
)


def test_4_topic_of_a_third_account_that_lets_in_the_wrong_reader(aws: LocalAws, account: Account) -> None:
    with_topic_of_a_third_account(account, [ACCOUNT_ID])
    under_an_organization_trail(account, [TOPIC_ARN])

    with closed(THIRD_ACCOUNT_ID):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == NO_ROLE_THERE


def test_4_own_alarm_and_no_role_in_the_topics_account(aws: LocalAws, account: Account) -> None:
    with_topic_of_a_third_account(account)
    telling_the_third_account(account)

    with closed(THIRD_ACCOUNT_ID):
        invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == NO_ROLE_THERE


def test_3_topic_of_a_third_account_keeps_this_accounts_alarms_out(aws: LocalAws, account: Account) -> None:
    """What lets in one member lets in no other."""
    third = with_topic_of_a_third_account(account)
    admitted = statement(CLOUDWATCH, "sns:Publish") | {
        "Condition": {"StringEquals": {"aws:SourceAccount": [OTHER_ACCOUNT_ID]}}
    }
    set_policy(third, admitted)
    telling_the_third_account(account)

    invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == unverified(
        "TOPIC_POLICY_DENIES",
        "in account 777788889999: the policy of topic `security` doesn't let CloudWatch publish, "
        "so no one is told. Allow sns:Publish to cloudwatch.amazonaws.com in the topic's policy",
    )
    assert_mends(aws, account, invocation.log["findings"][0]["statement"], "sns:Publish")


OF_THE_ALARMS_ACCOUNT = [
    pytest.param(
        "sns:GetTopicAttributes",
        "TOPIC_UNREADABLE",
        "cannot verify topic `security-alerts` of account 444455556666: "
        "sns:GetTopicAttributes answered AuthorizationError. "
        "Allow sns:GetTopicAttributes to role ReadingRoleName of account 444455556666",
        id="topic",
    ),
    pytest.param(
        "sns:ListSubscriptionsByTopic",
        "SUBSCRIPTIONS_UNREADABLE",
        "cannot verify subscribers of topic `security-alerts` of account 444455556666: "
        "sns:ListSubscriptionsByTopic answered AuthorizationError. "
        "Allow sns:ListSubscriptionsByTopic to role ReadingRoleName of account 444455556666",
        id="subscriptions",
    ),
    pytest.param(
        "kms:DescribeKey",
        "TOPIC_KEY_UNREADABLE",
        "in account 444455556666: cannot verify key `alias/alerts` of topic `security-alerts`: "
        "kms:DescribeKey answered AuthorizationError. "
        "Allow kms:DescribeKey to role ReadingRoleName of account 444455556666",
        id="key",
    ),
    pytest.param(
        "kms:GetKeyPolicy",
        "TOPIC_KEY_UNREADABLE",
        "in account 444455556666: cannot verify key `alias/alerts` of topic `security-alerts`: "
        "kms:GetKeyPolicy answered AuthorizationError. "
        "Allow kms:GetKeyPolicy to role ReadingRoleName of account 444455556666",
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


def test_4_own_alarm_that_notifies_another_accounts_topic_without_a_role(
    aws: LocalAws, account: Account
) -> None:
    with_topic_of_a_third_account(account)
    telling_the_third_account(account)

    assert leading(invoke(aws, account)) == unverified(
        "TOPIC_UNREADABLE",
        "cannot verify topic `security` of account 777788889999: "
        "sns:GetTopicAttributes answered AuthorizationError. "
        "Name a role of account 777788889999 that may read it in parameter ReadingRoleName",
    )


def test_4_subscription_to_another_accounts_topic_without_a_role(aws: LocalAws, account: Account) -> None:
    """No policy of a topic can grant it."""
    with_topic_of_a_third_account(account, [ACCOUNT_ID])
    telling_the_third_account(account)

    assert leading(invoke(aws, account)) == unverified(
        "SUBSCRIPTIONS_UNREADABLE",
        "cannot verify subscribers of topic `security` of account 777788889999: "
        "sns:GetSubscriptionAttributes answered AuthorizationError. "
        "Name a role of account 777788889999 that may read it in parameter ReadingRoleName",
    )


@pytest.mark.parametrize(
    ("described_to", "call"),
    [
        pytest.param((THIRD_ACCOUNT_ID,), "kms:DescribeKey", id="nobody-else-may-describe-it"),
        pytest.param((THIRD_ACCOUNT_ID, ACCOUNT_ID), "kms:GetKeyPolicy", id="its-policy-is-for-its-own"),
    ],
)
def test_4_alias_of_a_topic_is_never_the_evaluated_accounts_own(
    aws: LocalAws, account: Account, described_to: tuple[str, ...], call: str
) -> None:
    """Both accounts have a key behind the alias, and only the wrong one lets CloudWatch in."""
    third = with_topic_of_a_third_account(account, [ACCOUNT_ID], {"KmsMasterKeyId": KEY})
    with_key(third, policy(statement(root_of(*described_to), "kms:*")))
    with_key(account, policy(statement(CLOUDWATCH, "kms:Decrypt", "kms:GenerateDataKey*")))
    telling_the_third_account(account)

    with answering(NO_FILTER_POLICY):
        invocation = invoke(aws, account)

    assert leading(invocation) == unverified(
        "TOPIC_KEY_UNREADABLE",
        "in account 777788889999: cannot verify key `alias/alerts` of topic `security`: "
        f"{call} answered AccessDeniedException. "
        "Name a role of account 777788889999 that may read it in parameter ReadingRoleName",
    )


def test_3_key_of_a_third_account_that_keeps_cloudwatch_out(aws: LocalAws, account: Account) -> None:
    third = with_topic_of_a_third_account(account, attributes={"KmsMasterKeyId": KEY})
    with_key(third, policy(statement(root_of(THIRD_ACCOUNT_ID), "kms:*")))
    telling_the_third_account(account)

    invocation = invoke(aws, account, ROLE)

    assert leading(invocation) == unverified(
        "TOPIC_KEY_DENIES",
        "in account 777788889999: key `alias/alerts` of topic `security` doesn't let CloudWatch call "
        "kms:Decrypt, so no one is told. "
        "Allow cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey* in the key's policy",
    )
    assert_mends(aws, account, invocation.log["findings"][0]["statement"], "kms:Decrypt")


def test_3_nothing_is_to_be_pasted_where_a_statement_denies(aws: LocalAws, account: Account) -> None:
    third = with_topic_of_a_third_account(account)
    denial = statement({"AWS": "*"}, "sns:Publish") | {"Effect": "Deny"}
    set_policy(third, statement(CLOUDWATCH, "sns:Publish"), denial)
    telling_the_third_account(account)

    (finding,) = invoke(aws, account, ROLE).log["findings"]

    assert (finding["code"], finding["statement"]) == ("TOPIC_POLICY_DENIES", None)
