"""Whether CloudWatch gets through a topic's encryption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.asking import Question, Unanswered, Unreadable
from root_usage.aws.kms import Key, KeyAt, PolicyOfKey
from root_usage.delivery import DeliverySettings
from root_usage.delivery.encryption import judge_encryption
from root_usage.delivery.publisher import publisher_of
from root_usage.verdict.findings import Code, Finding

from tests.delivery.builders import ACCOUNT, ALARM, ALARM_ARN, PLACE, TOPIC_ARN, evidence, policy

KEY_ARN = Arn("aws", "kms", "us-east-1", ACCOUNT, "key/0a1b")
SYMMETRIC = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
KEY = Key(KEY_ARN, "CUSTOMER", "Enabled", *SYMMETRIC)
FOREIGN_ARN = Arn("aws", "kms", "us-east-1", "444455556666", "key/2c3d")
ASKS_KEY = KeyAt(PLACE, f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/alarms")
ASKS_POLICY = PolicyOfKey(PLACE, KEY_ARN)

OF_THE_ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
ADMITS = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
}
OPEN_KEY = "allow cloudwatch.amazonaws.com kms:Decrypt, kms:GenerateDataKey* in the key's policy"
OTHER_KEY = "encrypt the topic with a customer managed key that cloudwatch.amazonaws.com may use"
WORKING: Mapping[Question[Any], Any] = {ASKS_KEY: KEY, ASKS_POLICY: policy(OF_THE_ACCOUNT, ADMITS)}


def _judge(answers: Mapping[Question[Any], Any], kms_key: str | None = "alias/alarms") -> Finding | None:
    return judge_encryption(evidence(answers), TOPIC_ARN, kms_key, publisher_of(ALARM), DeliverySettings())


def _finding(code: Code, message: str, remedy: str) -> Finding:
    return Finding(code, "root-usage-topic", message, remedy)


def test_topic_without_encryption_needs_no_question() -> None:
    assert _judge({}, kms_key=None) is None


@pytest.mark.parametrize(
    "key_policy",
    [
        pytest.param(policy(OF_THE_ACCOUNT, ADMITS), id="as-aws-documents-it"),
        pytest.param(policy({**ADMITS, "Action": "kms:*"}), id="every-action"),
        pytest.param(
            policy({**ADMITS, "Action": ["kms:Decrypt", "kms:GenerateDataKey"]}), id="the-two-that-are-called"
        ),
        pytest.param(
            policy({**ADMITS, "Action": "kms:Decrypt"}, {**ADMITS, "Action": "kms:GenerateDataKey*"}),
            id="in-two-statements",
        ),
        pytest.param(
            policy({**ADMITS, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),
            id="for-the-alarm's-account",
        ),
        pytest.param(
            policy({**ADMITS, "Condition": {"ArnLike": {"aws:SourceArn": str(ALARM_ARN)}}}),
            id="for-the-alarm",
        ),
    ],
)
def test_key_that_lets_cloudwatch_in_is_fine(key_policy: str) -> None:
    assert _judge({**WORKING, ASKS_POLICY: key_policy}) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"usage": ""}, "isn't known to be a symmetric encryption key", id="use-not-said"),
        pytest.param({"usage": "TELEPATHY"}, "isn't a symmetric encryption key", id="unknown-use"),
        pytest.param(
            {"manager": "PARTNER"}, "is managed by PARTNER, which isn't known", id="unknown-manager"
        ),
    ],
)
def test_key_that_this_rule_does_not_know_proves_nothing(change: dict[str, Any], fault: str) -> None:
    judged = _judge({**WORKING, ASKS_KEY: replace(KEY, **change)})

    assert isinstance(judged, Finding)
    assert (judged.code, fault in judged.message) == (Code.TOPIC_KEY_UNUSABLE, True), judged.message


def test_key_and_its_policy_are_asked_for_where_the_key_is() -> None:
    """An alarm of the account that keeps the logs, its topic and the key behind that."""
    alarm_arn, topic_arn = (
        replace(each, account_id=FOREIGN_ARN.account_id) for each in (ALARM_ARN, TOPIC_ARN)
    )
    publisher = publisher_of(replace(ALARM, arn=alarm_arn))
    asks_key = KeyAt(FOREIGN_ARN.place, str(FOREIGN_ARN))
    key = Key(FOREIGN_ARN, "CUSTOMER", "Enabled", *SYMMETRIC)

    with pytest.raises(Unanswered) as first:
        judge_encryption(evidence({}), topic_arn, "2c3d", publisher, DeliverySettings())
    with pytest.raises(Unanswered) as second:
        judge_encryption(evidence({asks_key: key}), topic_arn, "2c3d", publisher, DeliverySettings())

    assert first.value.questions == (asks_key,)
    assert second.value.questions == (PolicyOfKey(FOREIGN_ARN.place, FOREIGN_ARN),)


@pytest.mark.parametrize(
    ("kms_key", "key_id"),
    [
        pytest.param("alias/alarms", "arn:aws:kms:us-east-1:444455556666:alias/alarms", id="alias"),
        pytest.param("0a1b", "arn:aws:kms:us-east-1:444455556666:key/0a1b", id="id"),
        pytest.param("mrk-2c3d", "arn:aws:kms:us-east-1:444455556666:key/mrk-2c3d", id="multi-region-id"),
        pytest.param(str(KEY_ARN), str(KEY_ARN), id="arn"),
    ],
)
def test_key_is_looked_up_in_the_topics_account_whoever_asks(kms_key: str, key_id: str) -> None:
    topic_arn = replace(TOPIC_ARN, account_id="444455556666")

    with pytest.raises(Unanswered) as asked:
        judge_encryption(evidence({}), topic_arn, kms_key, publisher_of(ALARM), DeliverySettings())

    assert asked.value.questions == (KeyAt(PLACE, key_id),)


@pytest.mark.parametrize(
    "kms_key",
    [
        pytest.param("alias/aws/sns", id="name"),
        pytest.param("Alias/AWS/sns", id="name-in-capitals"),
        pytest.param(f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/sns", id="arn"),
        pytest.param("alias/aws/s3", id="another-service's"),
    ],
)
def test_alias_of_aws_never_delivers_and_needs_no_question(kms_key: str) -> None:
    assert _judge({}, kms_key) == _finding(
        Code.TOPIC_KEY_AWS_MANAGED,
        "topic `root-usage-topic` is encrypted with AWS's own key, which CloudWatch may not use, "
        "so no one is told",
        OTHER_KEY,
    )


@pytest.mark.parametrize(
    ("key_arn", "where"),
    [
        pytest.param(replace(KEY_ARN, region="eu-west-1"), "us-east-1", id="another-region"),
        pytest.param(replace(KEY_ARN, region="nowhere-1"), "us-east-1", id="no-such-region"),
        pytest.param(replace(KEY_ARN, region="`x [NO_ALARM]"), "us-east-1", id="no-region's-name"),
        pytest.param(replace(KEY_ARN, region=""), "us-east-1", id="no-region"),
        pytest.param(replace(KEY_ARN, partition="aws-cn"), "partition aws", id="another-partition"),
    ],
)
def test_key_that_isnt_where_the_topic_is_needs_no_question(key_arn: Arn, where: str) -> None:
    shown = str(key_arn).replace("`", "'")

    assert _judge({}, str(key_arn)) == _finding(
        Code.TOPIC_KEY_UNUSABLE,
        f"key `{shown}` of topic `root-usage-topic` isn't in {where}, so no one is told",
        "encrypt the topic with a customer managed key in us-east-1 that cloudwatch.amazonaws.com may use",
    )


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(
            {ASKS_KEY: Key(KEY_ARN, "AWS", "Enabled", *SYMMETRIC)},
            _finding(
                Code.TOPIC_KEY_AWS_MANAGED,
                "topic `root-usage-topic` is encrypted with AWS's own key, which CloudWatch may not use, "
                "so no one is told",
                OTHER_KEY,
            ),
            id="key-id-of-aws's-own-key",
        ),
        pytest.param(
            {ASKS_KEY: None},
            _finding(
                Code.TOPIC_KEY_UNUSABLE,
                "key `alias/alarms` of topic `root-usage-topic` doesn't exist, so no one is told",
                OTHER_KEY,
            ),
            id="no-such-key",
        ),
        pytest.param(
            {ASKS_KEY: Key(KEY_ARN, "CUSTOMER", "PendingDeletion", *SYMMETRIC)},
            _finding(
                Code.TOPIC_KEY_UNUSABLE,
                "key `alias/alarms` of topic `root-usage-topic` is PendingDeletion, so no one is told",
                f"enable the key, or {OTHER_KEY}",
            ),
            id="pending-deletion",
        ),
        pytest.param(
            {ASKS_KEY: Key(KEY_ARN, "CUSTOMER", "", *SYMMETRIC)},
            _finding(
                Code.TOPIC_KEY_UNUSABLE,
                "key `alias/alarms` of topic `root-usage-topic` is in an unknown state, so no one is told",
                f"enable the key, or {OTHER_KEY}",
            ),
            id="state-not-shown",
        ),
        pytest.param(
            {ASKS_KEY: replace(KEY, spec="RSA_2048")},
            _finding(
                Code.TOPIC_KEY_UNUSABLE,
                "key `alias/alarms` of topic `root-usage-topic` isn't a symmetric encryption key, "
                "so no one is told",
                OTHER_KEY,
            ),
            id="rsa-key",
        ),
        pytest.param(
            {ASKS_KEY: replace(KEY, usage="GENERATE_VERIFY_MAC")},
            _finding(
                Code.TOPIC_KEY_UNUSABLE,
                "key `alias/alarms` of topic `root-usage-topic` isn't a symmetric encryption key, "
                "so no one is told",
                OTHER_KEY,
            ),
            id="key-for-something-else",
        ),
        pytest.param(
            {ASKS_KEY: replace(KEY, spec="")},
            _finding(
                Code.TOPIC_KEY_UNUSABLE,
                "key `alias/alarms` of topic `root-usage-topic` isn't known to be a symmetric encryption "
                "key, so no one is told",
                OTHER_KEY,
            ),
            id="spec-not-shown",
        ),
        pytest.param(
            {ASKS_KEY: Unreadable("kms:DescribeKey", "AccessDeniedException")},
            _finding(
                Code.TOPIC_KEY_UNREADABLE,
                "cannot verify key `alias/alarms` of topic `root-usage-topic`: "
                "kms:DescribeKey answered AccessDeniedException",
                "allow kms:DescribeKey to the role that the rule reads with",
            ),
            id="key-unreadable",
        ),
        pytest.param(
            {ASKS_POLICY: Unreadable("kms:GetKeyPolicy", "AccessDeniedException")},
            _finding(
                Code.TOPIC_KEY_UNREADABLE,
                "cannot verify key `alias/alarms` of topic `root-usage-topic`: "
                "kms:GetKeyPolicy answered AccessDeniedException",
                "allow kms:GetKeyPolicy to the role that the rule reads with",
            ),
            id="policy-unreadable",
        ),
        pytest.param(
            {ASKS_POLICY: policy(OF_THE_ACCOUNT)},
            _finding(
                Code.TOPIC_KEY_DENIES,
                "key `alias/alarms` of topic `root-usage-topic` doesn't let CloudWatch call kms:Decrypt, "
                "so no one is told",
                OPEN_KEY,
            ),
            id="a-new-key's-policy",
        ),
        pytest.param(
            {ASKS_POLICY: policy({**ADMITS, "Action": "kms:Decrypt"})},
            _finding(
                Code.TOPIC_KEY_DENIES,
                "key `alias/alarms` of topic `root-usage-topic` doesn't let CloudWatch call "
                "kms:GenerateDataKey, so no one is told",
                OPEN_KEY,
            ),
            id="decrypt-only",
        ),
        pytest.param(
            {
                ASKS_POLICY: policy(
                    ADMITS, {**ADMITS, "Sid": "Stop", "Effect": "Deny", "Action": "kms:GenerateDataKey"}
                )
            },
            _finding(
                Code.TOPIC_KEY_DENIES,
                "statement `Stop` of key `alias/alarms` of topic `root-usage-topic` denies CloudWatch "
                "kms:GenerateDataKey, so no one is told",
                OPEN_KEY,
            ),
            id="deny",
        ),
        pytest.param(
            {ASKS_POLICY: policy({**ADMITS, "Condition": {"StringEquals": {"kms:ViaService": "x"}}})},
            _finding(
                Code.TOPIC_KEY_UNDECIDED,
                "can't decide whether key `alias/alarms` of topic `root-usage-topic` lets CloudWatch in: "
                "statement `1`: condition StringEquals kms:ViaService",
                OPEN_KEY,
            ),
            id="unknown-condition",
        ),
    ],
)
def test_key_that_keeps_cloudwatch_out_is_a_finding(
    changed: Mapping[Question[Any], Any], expected: Finding
) -> None:
    assert _judge({**WORKING, **changed}) == expected
