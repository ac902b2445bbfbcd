"""Which targets of an EventBridge rule are proven to tell somebody, and what is in the way of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.events import Rule, Target
from root_usage.aws.functions import PolicyOfFunction
from root_usage.aws.kms import Key, KeyAt, PolicyOfKey
from root_usage.delivery import Delivered, DeliverySettings, judge_targets
from root_usage.verdict.findings import Code, Finding

from tests.delivery.builders import (
    ACCOUNT,
    ASKS_TOPIC,
    PLACE,
    TOPIC,
    TOPIC_ARN,
    WORKING,
    asks_attributes,
    attributes,
    evidence,
    policy,
)

RULE = Rule(
    "root-usage",
    Arn("aws", "events", "us-east-1", ACCOUNT, "rule/root-usage"),
    "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
    "{}",
)
KEY_ARN = Arn("aws", "kms", "us-east-1", ACCOUNT, "key/0a1b")
FUNCTION_ARN = Arn("aws", "lambda", "us-east-1", ACCOUNT, "function:page")
KEY = Key(KEY_ARN, "CUSTOMER", "Enabled", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
SNS_TARGET = Target(str(TOPIC_ARN))


def admitting(*actions: str, **more: Any) -> dict[str, Any]:
    service = {"Service": "events.amazonaws.com"}
    return {"Effect": "Allow", "Principal": service, "Action": list(actions), "Resource": "*", **more}


OPEN_TOPIC = replace(TOPIC, policy=policy(admitting("sns:Publish")))
FROM_OWN_ACCOUNT = {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
FROM_OWN_RULE = {"Condition": {"ArnEquals": {"aws:SourceArn": str(RULE.arn)}}}
OVER_TLS = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
ONLY_OVER_TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sns:Publish",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def judged(
    *targets: Target, rule: Rule = RULE, answers: Mapping[Any, Any] | None = None, **settings: Any
) -> Delivered | Finding:
    known = {**WORKING, ASKS_TOPIC: OPEN_TOPIC, **(answers or {})}
    return judge_targets(evidence(known), rule, targets, DeliverySettings(**settings), PLACE)


def code_of(judgement: Delivered | Finding) -> Code | None:
    return judgement.code if isinstance(judgement, Finding) else None


@pytest.mark.parametrize(
    ("target", "notes"),
    [
        pytest.param(SNS_TARGET, (), id="whole-event"),
        pytest.param(replace(SNS_TARGET, input_path="$.detail"), (), id="record"),
        pytest.param(replace(SNS_TARGET, input_paths=("$.detail.eventName", "$.time")), (), id="transformed"),
        pytest.param(replace(SNS_TARGET, input_paths=()), (), id="template-without-paths"),
        pytest.param(
            replace(SNS_TARGET, input='"root"'),
            ("EventBridge rule `root-usage` sends a text that doesn't say what root did",),
            id="constant",
        ),
        pytest.param(replace(SNS_TARGET, retries=185, retry_seconds=86_400), (), id="retries-of-aws"),
        pytest.param(
            replace(SNS_TARGET, retry_seconds=60),
            ("EventBridge rule `root-usage` tries again 185 times at most, within 1 min",),
            id="a-minute",
        ),
    ],
)
def test_topic_is_told(target: Target, notes: tuple[str, ...]) -> None:
    assert judged(target) == Delivered(str(TOPIC_ARN), TOPIC_ARN.resource, 1, ("email",), notes)


def test_first_target_that_tells_is_enough() -> None:
    queue = Target(f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue")

    assert code_of(judged(queue, SNS_TARGET)) is None


def test_target_that_gets_furthest_is_named() -> None:
    queue = Target(f"arn:aws:sqs:us-east-1:{ACCOUNT}:queue")
    dropped = {asks_attributes(1): attributes({"severity": ["high"]})}

    assert code_of(judged(queue, SNS_TARGET, answers=dropped)) is Code.SUBSCRIPTION_FILTERED


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        pytest.param(admitting("sns:Publish"), None, id="admitted"),
        pytest.param(admitting("sns:Publish", **FROM_OWN_ACCOUNT), Code.TOPIC_POLICY_UNDECIDED, id="account"),
        pytest.param(admitting("sns:Publish", **FROM_OWN_RULE), Code.TOPIC_POLICY_UNDECIDED, id="rule"),
        pytest.param(admitting("sns:Publish", **OVER_TLS), Code.TOPIC_POLICY_UNDECIDED, id="tls"),
        pytest.param(admitting("sns:Subscribe"), Code.TOPIC_POLICY_DENIES, id="not-to-publish"),
    ],
)
def test_topics_policy_has_to_admit_without_a_condition(statement: dict[str, Any], code: Code | None) -> None:
    topic = replace(TOPIC, policy=policy(statement))

    judgement = judged(SNS_TARGET, answers={ASKS_TOPIC: topic})

    assert code_of(judgement) is code
    if isinstance(judgement, Finding):
        assert judgement.statement == {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": ["sns:Publish"],
            "Resource": str(TOPIC_ARN),
        }


def test_topic_may_refuse_what_comes_without_tls() -> None:
    topic = replace(TOPIC, policy=policy(admitting("sns:Publish"), ONLY_OVER_TLS))

    assert code_of(judged(SNS_TARGET, answers={ASKS_TOPIC: topic})) is None


def test_topics_first_policy_is_no_proof() -> None:
    assert code_of(judged(SNS_TARGET, answers={ASKS_TOPIC: TOPIC})) is Code.TOPIC_POLICY_UNDECIDED


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        pytest.param(admitting("kms:Decrypt", "kms:GenerateDataKey*"), None, id="admitted"),
        pytest.param(admitting("kms:Decrypt"), Code.TOPIC_KEY_DENIES, id="half"),
        pytest.param(admitting("kms:*", **FROM_OWN_ACCOUNT), Code.TOPIC_KEY_UNDECIDED, id="condition"),
        pytest.param(admitting("kms:*", **OVER_TLS), Code.TOPIC_KEY_UNDECIDED, id="tls"),
    ],
)
def test_topics_key_has_to_admit_without_a_condition(statement: dict[str, Any], code: Code | None) -> None:
    answers = {
        ASKS_TOPIC: replace(OPEN_TOPIC, kms_key="0a1b"),
        KeyAt(PLACE, str(KEY_ARN)): KEY,
        PolicyOfKey(PLACE, KEY_ARN): policy(statement),
    }

    assert code_of(judged(SNS_TARGET, answers=answers)) is code


def test_topic_has_to_take_an_event_as_large_as_they_come() -> None:
    answers = {ASKS_TOPIC: replace(OPEN_TOPIC, maximum_message_size=262_143)}

    assert code_of(judged(SNS_TARGET, answers=answers)) is Code.TOPIC_MESSAGE_SIZE


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        pytest.param(admitting("lambda:InvokeFunction"), None, id="admitted"),
        pytest.param(admitting("lambda:InvokeFunction", **FROM_OWN_RULE), None, id="rule"),
        pytest.param(
            admitting("lambda:InvokeFunction", **FROM_OWN_ACCOUNT), Code.ACTION_BROKEN, id="account"
        ),
    ],
)
def test_function_that_is_accepted_has_to_admit_the_rule(
    statement: dict[str, Any], code: Code | None
) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
    answers = {PolicyOfFunction(PLACE, FUNCTION_ARN): policy(statement)}

    judgement = judged(
        Target(str(FUNCTION_ARN)), answers=answers, accepted_actions=frozenset({"sns", "lambda"})
    )

    assert code_of(judgement) is code


@pytest.mark.parametrize(
    ("filter_policy", "target", "code"),
    [
        pytest.param({"account": [ACCOUNT]}, SNS_TARGET, None, id="account"),
        pytest.param({"detail": {"userIdentity": {"type": ["Root"]}}}, SNS_TARGET, None, id="root"),
        pytest.param(
            {"detail": {"userIdentity": {"type": ["IAMUser"]}}},
            SNS_TARGET,
            Code.SUBSCRIPTION_FILTERED,
            id="users",
        ),
        pytest.param(
            {"detail-type": ["AWS API Call via CloudTrail"]},
            SNS_TARGET,
            Code.SUBSCRIPTION_FILTER_UNDECIDED,
            id="some-events",
        ),
        pytest.param(
            {"account": [ACCOUNT]},
            replace(SNS_TARGET, input_path="$.detail"),
            Code.SUBSCRIPTION_FILTER_UNDECIDED,
            id="part-of-the-event",
        ),
        pytest.param(
            {"account": [ACCOUNT]},
            replace(SNS_TARGET, input_paths=()),
            Code.SUBSCRIPTION_FILTER_UNDECIDED,
            id="template-without-paths",
        ),
    ],
)
def test_filter_policy_is_tried_on_the_event(
    filter_policy: dict[str, Any], target: Target, code: Code | None
) -> None:
    answers = {asks_attributes(1): attributes(filter_policy, "MessageBody")}

    assert code_of(judged(target, answers=answers)) is code


@pytest.mark.parametrize(
    ("target", "code"),
    [
        pytest.param(Target("not-an-arn"), Code.ACTION_BROKEN, id="no-arn"),
        pytest.param(replace(SNS_TARGET, role_arn="arn:aws:iam::1:role/x"), Code.TARGET_UNDECIDED, id="role"),
        pytest.param(
            replace(SNS_TARGET, input_paths=("$.detail.eventName", "$.detail.errorCode")),
            Code.TARGET_UNDECIDED,
            id="path-that-an-event-may-lack",
        ),
        pytest.param(
            Target(f"arn:aws:sns:us-east-1:{ACCOUNT}:root-usage-topic:0"),
            Code.ACTION_BROKEN,
            id="subscription",
        ),
    ],
)
def test_target_that_proves_nothing(target: Target, code: Code) -> None:
    assert code_of(judged(target)) is code


def test_rule_without_targets_tells_nobody() -> None:
    assert code_of(judged()) is Code.NO_TARGET


def test_rule_that_runs_by_a_schedule_too_drowns_root() -> None:
    assert code_of(judged(SNS_TARGET, rule=replace(RULE, schedule="rate(1 minute)"))) is (
        Code.EVENT_PATTERN_DROWNED
    )
