"""Remediate with one topic for many accounts, another account's, which the rule reads by a role there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from root_usage.aws.arn import Arn

from root_usage_alarm.deployment.central_topic import CentralTopic
from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.remediation.conftest import ACCOUNT_ID, REGION, evaluate, give_the_rule
from tests.remediation.runner import StepFailed
from tests.remediation.scenarios import refusal, remediate
from tests.remediation.state import state_of

AUDIT = "777788889999"
TOPIC = f"arn:aws:sns:{REGION}:{AUDIT}:root-use"
ROLE = {"ReadingRoleName": "RootUsageAlarmRule-reading"}


def central_topic(account: Account, statements: slice = slice(None), *, is_encrypted: bool = True) -> None:
    """The audit account's topic with a subscriber; its policy, and its key's, have what is to be pasted."""
    made = account.client("organizations").create_organization(FeatureSet="ALL")["Organization"]
    topic = CentralTopic(Arn.parse(TOPIC), made["Id"], [ACCOUNT_ID])
    audit = Account(AUDIT, REGION)
    attributes = {"Policy": document(*topic.statements[statements])}
    if is_encrypted:
        kms = audit.client("kms")
        key = kms.create_key(Policy=document(topic.key_statement))["KeyMetadata"]
        kms.create_alias(AliasName="alias/root-use", TargetKeyId=key["KeyId"])
        attributes["KmsMasterKeyId"] = "alias/root-use"
    sns = audit.client("sns")
    sns.create_topic(Name="root-use", Attributes=attributes)
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="security@example.com")
    hooks.confirm_subscriptions(TOPIC)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_account_is_compliant_by_the_topic_of_another_account(account: Account) -> None:
    central_topic(account)
    give_the_rule(account, **ROLE)
    build_working_chain(account, alarm=None, topic=None)

    execution = remediate(account, TopicArn=TOPIC)

    alarm = state_of(account)["alarms"]["RootAccountUsageCountAlarm"]
    assert (execution.steps[-1], alarm["AlarmActions"]) == ("Prove", [TOPIC])
    compliance, annotation = evaluate(account, **ROLE)
    assert compliance == "COMPLIANT"
    assert annotation == (
        "root use is told: alarm `RootAccountUsageCountAlarm` -> topic `root-use` of account 777788889999 -> "
        "1 confirmed subscriber (email)"
    )


def test_without_a_reading_role_the_run_ends_with_what_is_missing(account: Account) -> None:
    central_topic(account, is_encrypted=False)
    build_working_chain(account, alarm=None, topic=None)

    with pytest.raises(StepFailed) as failure:
        remediate(account, TopicArn=TOPIC)

    assert failure.value.step == "Prove"
    assert str(failure.value).endswith(
        "Name a role of account 777788889999 that may read it in parameter ReadingRoleName "
        "[SUBSCRIPTIONS_UNREADABLE]"
    )


def test_topic_that_keeps_this_accounts_alarms_out_is_refused_with_the_statement_to_paste(
    account: Account,
) -> None:
    central_topic(account, slice(1, None))
    build_working_chain(account, alarm=None, topic=None)

    assert refusal(account, TopicArn=TOPIC) == (
        f"Look: topic `{TOPIC}` doesn't let CloudWatch publish: its policy needs "
        '{"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, '
        f'"Action": ["sns:Publish"], "Resource": "{TOPIC}", '
        '"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}'
    )


def test_topic_that_may_not_be_looked_at_is_refused(account: Account) -> None:
    central_topic(account, slice(1))
    build_working_chain(account, alarm=None, topic=None)

    assert refusal(account, TopicArn=TOPIC).startswith(
        f"Look: topic `{TOPIC}` can't be verified: "
        "An error occurred (AuthorizationError) when calling the GetTopicAttributes operation"
    )


def test_key_alias_of_the_other_account_is_not_taken_for_ones_own(account: Account) -> None:
    """A key of this name here, which lets nobody in, says nothing of the topic's."""
    central_topic(account)
    give_the_rule(account, **ROLE)
    build_working_chain(account, alarm=None, topic=None)
    kms = account.client("kms")
    key = kms.create_key(Policy=document())["KeyMetadata"]
    kms.create_alias(AliasName="alias/root-use", TargetKeyId=key["KeyId"])

    assert remediate(account, TopicArn=TOPIC).steps[-1] == "Prove"
