"""Which of an alarm's actions tells a person, and why the others don't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.asking import Question, Unanswered, Unreadable
from root_usage.aws.cloudwatch import CompositeAlarm, MetricAlarm
from root_usage.aws.functions import PolicyOfFunction
from root_usage.aws.sns import SubscriptionsOf, TopicAt
from root_usage.delivery import Delivered, DeliverySettings, judge_actions
from root_usage.delivery.actions import ActionKind, kind_of
from root_usage.verdict.findings import Code, Finding

from tests.delivery.builders import (
    ACCOUNT,
    ALARM,
    ASKS_SUBSCRIPTIONS,
    ASKS_TOPIC,
    COMPOSITE,
    PLACE,
    TOPIC,
    TOPIC_ARN,
    WORKING,
    asks_attributes,
    attributes,
    evidence,
    policy,
    subscription,
)

DEFAULT = DeliverySettings()
EVERY_KIND = DeliverySettings(
    accepted_actions=frozenset({"sns", "lambda", "opsitem", "incident", "investigation"})
)
FUNCTION_ARN = Arn("aws", "lambda", "us-east-1", ACCOUNT, "function:page-someone")
FUNCTION = str(FUNCTION_ARN)
ASKS_FUNCTION = PolicyOfFunction(PLACE, FUNCTION_ARN)
INVOKES = {
    "Sid": "alarms",
    "Effect": "Allow",
    "Principal": {"Service": "lambda.alarms.cloudwatch.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Resource": FUNCTION,
    "Condition": {"StringEquals": {"AWS:SourceAccount": ACCOUNT}},
}
EC2 = "arn:aws:automate:us-east-1:ec2:stop"
FOREIGN_ARN = Arn("aws", "sns", "us-east-1", "444455556666", "alerts")

TOLD = Delivered(str(TOPIC_ARN), "root-usage-topic", 1, ("email",), ())


def _judge(
    *actions: str,
    changed: Mapping[Question[Any], Any] | None = None,
    alarm: MetricAlarm | CompositeAlarm = ALARM,
    settings: DeliverySettings = DEFAULT,
) -> Delivered | tuple[Finding, ...]:
    alarm = replace(alarm, alarm_actions=actions) if actions else alarm
    return judge_actions(evidence({**WORKING, **(changed or {})}), alarm, settings)


def _of_topic(code: Code, message: str, remedy: str) -> Finding:
    return Finding(code, "root-usage-topic", message, remedy)


def test_alarm_with_a_topic_and_a_confirmed_subscriber_tells_a_person() -> None:
    assert _judge() == TOLD


def test_composite_alarm_delivers_like_any_other() -> None:
    assert _judge(alarm=COMPOSITE) == TOLD


def test_topic_and_subscriptions_are_asked_side_by_side_then_one_subscription() -> None:
    with pytest.raises(Unanswered) as first:
        judge_actions(evidence({}), ALARM, DEFAULT)
    with pytest.raises(Unanswered) as second:
        judge_actions(evidence({ASKS_TOPIC: TOPIC, ASKS_SUBSCRIPTIONS: (subscription(1),)}), ALARM, DEFAULT)

    assert first.value.questions == (ASKS_TOPIC, ASKS_SUBSCRIPTIONS)
    assert second.value.questions == (asks_attributes(1),)


@pytest.mark.parametrize(
    ("actions", "settings", "changed", "expected"),
    [
        pytest.param((EC2, str(TOPIC_ARN)), DEFAULT, {}, TOLD, id="topic-after-another-action"),
        pytest.param(
            (str(TOPIC_ARN), FUNCTION), EVERY_KIND, {}, TOLD, id="first-proven-action-ends-the-questions"
        ),
        pytest.param(
            (str(FOREIGN_ARN),),
            DEFAULT,
            {
                TopicAt(PLACE, FOREIGN_ARN): replace(
                    TOPIC,
                    policy=policy(
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "cloudwatch.amazonaws.com"},
                            "Action": "sns:Publish",
                            "Resource": str(FOREIGN_ARN),
                            "Condition": {
                                "ArnLike": {
                                    "aws:SourceArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"
                                }
                            },
                        }
                    ),
                ),
                SubscriptionsOf(PLACE, FOREIGN_ARN): (subscription(1),),
                asks_attributes(1): attributes(),
            },
            Delivered(str(FOREIGN_ARN), "alerts", 1, ("email",), ()),
            id="another-account's-topic-that-admits-the-alarm",
        ),
        pytest.param(
            (FUNCTION,),
            EVERY_KIND,
            {ASKS_FUNCTION: policy(INVOKES)},
            Delivered(
                FUNCTION,
                None,
                0,
                (),
                ("lambda action accepted by AcceptedActions; whom it tells is not seen",),
            ),
            id="accepted-function",
        ),
        pytest.param(
            (f"arn:aws:ssm:us-east-1:{ACCOUNT}:opsitem:1#CATEGORY=Security",),
            EVERY_KIND,
            {},
            Delivered(
                f"arn:aws:ssm:us-east-1:{ACCOUNT}:opsitem:1#CATEGORY=Security",
                None,
                0,
                (),
                ("opsitem action accepted by AcceptedActions; whom it tells is not seen",),
            ),
            id="accepted-opsitem",
        ),
        pytest.param(
            (f"arn:aws:ssm-incidents::{ACCOUNT}:responseplan/root",),
            EVERY_KIND,
            {},
            Delivered(
                f"arn:aws:ssm-incidents::{ACCOUNT}:responseplan/root",
                None,
                0,
                (),
                ("incident action accepted by AcceptedActions; whom it tells is not seen",),
            ),
            id="accepted-incident",
        ),
        pytest.param(
            (f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/root",),
            EVERY_KIND,
            {},
            Delivered(
                f"arn:aws:ssm-incidents::{ACCOUNT}:response-plan/root",
                None,
                0,
                (),
                ("incident action accepted by AcceptedActions; whom it tells is not seen",),
            ),
            id="accepted-incident-as-incident-manager-spells-it",
        ),
    ],
)
def test_action_that_is_proven_delivers(
    actions: tuple[str, ...],
    settings: DeliverySettings,
    changed: Mapping[Question[Any], Any],
    expected: Delivered,
) -> None:
    assert _judge(*actions, settings=settings, changed=changed) == expected


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        pytest.param(
            replace(ALARM, actions_enabled=False),
            Finding(
                Code.ALARM_ACTIONS_DISABLED,
                "root-usage",
                "alarm `root-usage` has its actions disabled, so no one is told",
                "enable its actions (EnableAlarmActions)",
            ),
            id="disabled",
        ),
        pytest.param(
            replace(COMPOSITE, alarm_actions=()),
            Finding(
                Code.NO_ALARM_ACTION,
                "root-usage",
                "alarm `root-usage` has no action for the ALARM state, so no one is told",
                "add an SNS topic to its AlarmActions",
            ),
            id="none",
        ),
    ],
)
def test_alarm_without_live_actions_is_a_finding(
    alarm: MetricAlarm | CompositeAlarm, expected: Finding
) -> None:
    assert judge_actions(evidence({}), alarm, DEFAULT) == (expected,)


ADD_TOPIC = "add an SNS topic to its AlarmActions"
GIVE_TOPIC = "give the alarm the ARN of a topic in us-east-1"
ADD_PERMISSION = "allow lambda:InvokeFunction to lambda.alarms.cloudwatch.amazonaws.com (AddPermission)"


@pytest.mark.parametrize(
    ("action", "changed", "settings", "code", "message", "remedy"),
    [
        pytest.param(
            FUNCTION,
            {},
            DEFAULT,
            Code.ACTION_NOT_ACCEPTED,
            f"action `{FUNCTION}` of alarm `root-usage` is of kind lambda, "
            "which AcceptedActions doesn't accept, so no one counts as told",
            "add an SNS topic to its AlarmActions, or lambda to AcceptedActions",
            id="function-not-accepted",
        ),
        pytest.param(
            str(TOPIC_ARN),
            {},
            DeliverySettings(accepted_actions=frozenset({"incident"})),
            Code.ACTION_NOT_ACCEPTED,
            f"action `{TOPIC_ARN}` of alarm `root-usage` is of kind sns, "
            "which AcceptedActions doesn't accept, so no one counts as told",
            "add an SNS topic to its AlarmActions, or sns to AcceptedActions",
            id="topic-not-accepted",
        ),
        pytest.param(
            EC2,
            {},
            EVERY_KIND,
            Code.ACTION_NOT_ACCEPTED,
            f"action `{EC2}` of alarm `root-usage` is of kind ec2, so no one is told by it",
            ADD_TOPIC,
            id="stops-an-instance",
        ),
        pytest.param(
            "arn:aws:new:us-east-1:111122223333:thing",
            {},
            EVERY_KIND,
            Code.ACTION_NOT_ACCEPTED,
            "action `arn:aws:new:us-east-1:111122223333:thing` of alarm `root-usage` is of a kind unknown "
            "to this rule, so no one is told by it",
            ADD_TOPIC,
            id="unknown-kind",
        ),
        pytest.param(
            "root-usage-topic",
            {},
            DEFAULT,
            Code.ACTION_BROKEN,
            "action `root-usage-topic` of alarm `root-usage` is not an ARN, so no one is told by it",
            GIVE_TOPIC,
            id="no-arn",
        ),
        pytest.param(
            f"{TOPIC_ARN}:0a1b",
            {},
            DEFAULT,
            Code.ACTION_BROKEN,
            f"action `{TOPIC_ARN}:0a1b` of alarm `root-usage` is not the ARN of a topic, "
            "so no one is told by it",
            GIVE_TOPIC,
            id="a-subscription's-arn",
        ),
        pytest.param(
            f"arn:aws:ssm:eu-west-1:{ACCOUNT}:opsitem:1",
            {},
            EVERY_KIND,
            Code.ACTION_BROKEN,
            f"action `arn:aws:ssm:eu-west-1:{ACCOUNT}:opsitem:1` of alarm `root-usage` is not in us-east-1, "
            "so no one is told by it",
            GIVE_TOPIC,
            id="opsitem-in-another-region",
        ),
        pytest.param(
            "arn:aws:ssm:us-east-1:444455556666:opsitem:1",
            {},
            EVERY_KIND,
            Code.ACTION_BROKEN,
            "action `arn:aws:ssm:us-east-1:444455556666:opsitem:1` of alarm `root-usage` "
            "is not in account 111122223333, so no one is told by it",
            GIVE_TOPIC,
            id="opsitem-of-another-account",
        ),
        pytest.param(
            f"arn:aws-cn:ssm:us-east-1:{ACCOUNT}:opsitem:1",
            {},
            EVERY_KIND,
            Code.ACTION_BROKEN,
            f"action `arn:aws-cn:ssm:us-east-1:{ACCOUNT}:opsitem:1` of alarm `root-usage` "
            "is not in partition aws, so no one is told by it",
            GIVE_TOPIC,
            id="opsitem-of-another-partition",
        ),
        pytest.param(
            f"arn:aws-cn:ssm-incidents::{ACCOUNT}:response-plan/root",
            {},
            EVERY_KIND,
            Code.ACTION_BROKEN,
            f"action `arn:aws-cn:ssm-incidents::{ACCOUNT}:response-plan/root` of alarm `root-usage` "
            "is not in partition aws, so no one is told by it",
            GIVE_TOPIC,
            id="response-plan-of-another-partition",
        ),
        pytest.param(
            "arn:aws:lambda:eu-west-1:111122223333:function:f",
            {},
            EVERY_KIND,
            Code.ACTION_BROKEN,
            "action `arn:aws:lambda:eu-west-1:111122223333:function:f` of alarm `root-usage` "
            "is not in us-east-1, so no one is told by it",
            GIVE_TOPIC,
            id="function-in-another-region",
        ),
        pytest.param(
            FUNCTION,
            {ASKS_FUNCTION: None},
            EVERY_KIND,
            Code.ACTION_BROKEN,
            f"function `{FUNCTION}` doesn't let alarm `root-usage` invoke it, so no one is told",
            ADD_PERMISSION,
            id="function-without-policy",
        ),
        pytest.param(
            FUNCTION,
            {ASKS_FUNCTION: policy({**INVOKES, "Principal": {"Service": "cloudwatch.amazonaws.com"}})},
            EVERY_KIND,
            Code.ACTION_BROKEN,
            f"function `{FUNCTION}` doesn't let alarm `root-usage` invoke it, so no one is told",
            ADD_PERMISSION,
            id="function-for-the-wrong-principal",
        ),
        pytest.param(
            FUNCTION,
            {ASKS_FUNCTION: policy({**INVOKES, "Condition": {"StringEquals": {"x:y": "z"}}})},
            EVERY_KIND,
            Code.ACTION_UNDECIDED,
            f"can't decide whether alarms may invoke function `{FUNCTION}`: "
            "statement `alarms`: condition StringEquals x:y",
            ADD_PERMISSION,
            id="function-with-unknown-condition",
        ),
        pytest.param(
            FUNCTION,
            {ASKS_FUNCTION: Unreadable("lambda:GetPolicy", "AccessDeniedException")},
            EVERY_KIND,
            Code.ACTION_UNREADABLE,
            f"cannot verify action `{FUNCTION}`: lambda:GetPolicy answered AccessDeniedException",
            "allow lambda:GetPolicy to the role that the rule reads with",
            id="function-unreadable",
        ),
    ],
)
def test_action_that_tells_no_one_is_a_finding(
    action: str,
    changed: Mapping[Question[Any], Any],
    settings: DeliverySettings,
    code: Code,
    message: str,
    remedy: str,
) -> None:
    judged = _judge(action, changed=changed, settings=settings)

    assert judged == (Finding(code, action, message, remedy),)


TO_ROLE = "to the role that the rule reads with"
ADMIT = "allow sns:Publish to cloudwatch.amazonaws.com in the topic's policy"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(
            {ASKS_TOPIC: None, ASKS_SUBSCRIPTIONS: None},
            _of_topic(
                Code.TOPIC_MISSING,
                "topic `root-usage-topic` of alarm `root-usage` doesn't exist, so no one is told",
                "create the topic and subscribe a person, or let the alarm notify another",
            ),
            id="missing",
        ),
        pytest.param(
            {ASKS_SUBSCRIPTIONS: None},
            _of_topic(
                Code.TOPIC_MISSING,
                "topic `root-usage-topic` of alarm `root-usage` doesn't exist, so no one is told",
                "create the topic and subscribe a person, or let the alarm notify another",
            ),
            id="deleted-between-two-calls",
        ),
        pytest.param(
            {ASKS_TOPIC: Unreadable("sns:GetTopicAttributes", "AuthorizationError")},
            _of_topic(
                Code.TOPIC_UNREADABLE,
                "cannot verify topic `root-usage-topic` of account 111122223333: "
                "sns:GetTopicAttributes answered AuthorizationError",
                f"allow sns:GetTopicAttributes {TO_ROLE}",
            ),
            id="unreadable",
        ),
        pytest.param(
            {ASKS_SUBSCRIPTIONS: Unreadable("sns:ListSubscriptionsByTopic", "AuthorizationError")},
            _of_topic(
                Code.SUBSCRIPTIONS_UNREADABLE,
                "cannot verify subscribers of topic `root-usage-topic` of account 111122223333: "
                "sns:ListSubscriptionsByTopic answered AuthorizationError",
                f"allow sns:ListSubscriptionsByTopic {TO_ROLE}",
            ),
            id="subscriptions-unreadable",
        ),
        pytest.param(
            {ASKS_TOPIC: replace(TOPIC, is_fifo=True)},
            _of_topic(
                Code.TOPIC_FIFO,
                "topic `root-usage-topic` is a FIFO topic, which delivers to SQS queues only, "
                "so no one is told by it",
                "let the alarm notify a standard topic",
            ),
            id="fifo",
        ),
        pytest.param(
            {ASKS_TOPIC: replace(TOPIC, policy=policy())},
            _of_topic(
                Code.TOPIC_POLICY_DENIES,
                "the policy of topic `root-usage-topic` doesn't let CloudWatch publish, so no one is told",
                ADMIT,
            ),
            id="policy-admits-nobody",
        ),
        pytest.param(
            {
                ASKS_TOPIC: replace(
                    TOPIC,
                    policy=policy(
                        {
                            "Sid": "Stop",
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "sns:*",
                            "Resource": "*",
                        }
                    ),
                )
            },
            _of_topic(
                Code.TOPIC_POLICY_DENIES,
                "statement `Stop` in the policy of topic `root-usage-topic` forbids CloudWatch to publish, "
                "so no one is told",
                "except cloudwatch.amazonaws.com from that statement",
            ),
            id="policy-forbids",
        ),
        pytest.param(
            {ASKS_TOPIC: replace(TOPIC, policy="{")},
            _of_topic(
                Code.TOPIC_POLICY_UNDECIDED,
                "can't decide whether topic `root-usage-topic` lets CloudWatch publish: it is not valid JSON",
                f"{ADMIT}, and forbid it nowhere",
            ),
            id="policy-undecided",
        ),
        pytest.param(
            {ASKS_TOPIC: replace(TOPIC, policy="")},
            _of_topic(
                Code.TOPIC_POLICY_UNDECIDED,
                "can't decide whether topic `root-usage-topic` lets CloudWatch publish: "
                "AWS doesn't show its policy",
                f"{ADMIT}, and forbid it nowhere",
            ),
            id="policy-not-shown",
        ),
        pytest.param(
            {ASKS_TOPIC: replace(TOPIC, kms_key="alias/aws/sns")},
            _of_topic(
                Code.TOPIC_KEY_AWS_MANAGED,
                "topic `root-usage-topic` is encrypted with AWS's own key, which CloudWatch may not use, "
                "so no one is told",
                "encrypt the topic with a customer managed key that cloudwatch.amazonaws.com may use",
            ),
            id="encrypted-with-aws's-key",
        ),
        pytest.param(
            {ASKS_SUBSCRIPTIONS: ()},
            _of_topic(
                Code.NO_SUBSCRIPTION,
                "topic `root-usage-topic` has no subscription, so no one is told",
                "subscribe a person by e-mail, and click the link in the confirmation mail",
            ),
            id="no-subscription",
        ),
    ],
)
def test_topic_that_tells_no_one_is_a_finding(
    changed: Mapping[Question[Any], Any], expected: Finding
) -> None:
    assert _judge(changed=changed) == (expected,)


def test_topic_of_another_region_is_a_finding_without_a_question() -> None:
    alarm = replace(ALARM, alarm_actions=(f"arn:aws:sns:eu-west-1:{ACCOUNT}:alerts",))

    assert judge_actions(evidence({}), alarm, DEFAULT) == (
        Finding(
            Code.TOPIC_ELSEWHERE,
            "alerts",
            "topic `alerts` is in eu-west-1 and alarm `root-usage` in us-east-1, so no one is told",
            "let the alarm notify a topic in us-east-1",
        ),
    )


def test_another_account_s_unreadable_topic_is_named_with_account_and_call() -> None:
    refusal = Unreadable("sns:GetTopicAttributes", "AuthorizationError")
    changed: Mapping[Question[Any], Any] = {
        TopicAt(PLACE, FOREIGN_ARN): refusal,
        SubscriptionsOf(PLACE, FOREIGN_ARN): refusal,
    }

    assert _judge(str(FOREIGN_ARN), changed=changed) == (
        Finding(
            Code.TOPIC_UNREADABLE,
            "alerts",
            "cannot verify topic `alerts` of account 444455556666: "
            "sns:GetTopicAttributes answered AuthorizationError",
            "name a role of account 444455556666 that may read it in parameter ReadingRoleName",
            account_id="444455556666",
        ),
    )


def test_default_policy_of_another_account_s_topic_keeps_the_alarm_out() -> None:
    """It asks for a source in the topic's own account."""
    theirs = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "SNS:Publish",
            "Resource": str(FOREIGN_ARN),
            "Condition": {"StringEquals": {"AWS:SourceOwner": "444455556666"}},
        }
    )
    changed: Mapping[Question[Any], Any] = {
        TopicAt(PLACE, FOREIGN_ARN): replace(TOPIC, policy=theirs),
        SubscriptionsOf(PLACE, FOREIGN_ARN): (subscription(1),),
    }

    judged = _judge(str(FOREIGN_ARN), changed=changed)

    assert judged == (
        Finding(
            Code.TOPIC_POLICY_DENIES,
            "alerts",
            "the policy of topic `alerts` doesn't let CloudWatch publish, so no one is told",
            ADMIT,
            account_id="444455556666",
        ),
    )


def test_findings_lead_with_the_action_that_gets_furthest() -> None:
    judged = _judge(EC2, str(TOPIC_ARN), changed={ASKS_SUBSCRIPTIONS: ()})

    assert isinstance(judged, tuple)
    assert [each.code for each in judged] == [Code.NO_SUBSCRIPTION, Code.ACTION_NOT_ACCEPTED]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("arn:aws:sns:us-east-1:111122223333:t", ActionKind.SNS, id="topic"),
        pytest.param("arn:aws-cn:sns:cn-north-1:111122223333:t", ActionKind.SNS, id="topic-in-china"),
        pytest.param(
            "arn:aws:lambda:us-east-1:111122223333:function:f:live", ActionKind.LAMBDA, id="function"
        ),
        pytest.param("arn:aws:lambda:us-east-1:111122223333:layer:l", ActionKind.UNKNOWN, id="layer"),
        pytest.param("arn:aws:ssm:us-east-1:111122223333:opsitem:3", ActionKind.OPSITEM, id="opsitem"),
        pytest.param("arn:aws:ssm:us-east-1:111122223333:document/d", ActionKind.UNKNOWN, id="document"),
        pytest.param(
            "arn:aws:ssm-incidents::111122223333:responseplan/p", ActionKind.INCIDENT, id="incident"
        ),
        pytest.param(
            "arn:aws:ssm-incidents::111122223333:response-plan/p", ActionKind.INCIDENT, id="response-plan"
        ),
        pytest.param(
            "arn:aws:aiops:us-east-1:111122223333:investigation-group:i", ActionKind.INVESTIGATION, id="ai"
        ),
        pytest.param("arn:aws:automate:us-east-1:ec2:recover", ActionKind.EC2, id="ec2"),
        pytest.param(
            "arn:aws:swf:us-east-1:111122223333:action/actions/AWS_EC2.InstanceId.Stop/1.0",
            ActionKind.EC2,
            id="ec2-by-swf",
        ),
        pytest.param(
            "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:u:autoScalingGroupName/g:policyName/p",
            ActionKind.AUTOSCALING,
            id="autoscaling",
        ),
        pytest.param("arn:aws:events:us-east-1:111122223333:rule/r", ActionKind.UNKNOWN, id="something-else"),
    ],
)
def test_kind_of_action(text: str, kind: ActionKind) -> None:
    assert kind_of(Arn.parse(text)) is kind
