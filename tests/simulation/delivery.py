"""Topics and subscriptions to choose from, each with the answer, derived by hand, whether a person is told.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import Any

from root_usage.aws.arn import Arn
from root_usage.aws.sns import Subscription, SubscriptionAttributes, Topic

from tests.builders import ACCOUNT, OTHER_ACCOUNT, REGION


def _allow(arn: str, principal: Any = None, condition: Any = None) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal or {"Service": "cloudwatch.amazonaws.com"},
        "Action": "SNS:Publish",
        "Resource": arn,
        **({"Condition": condition} if condition else {}),
    }


def _policies(arn: str) -> tuple[tuple[bool, list[dict[str, Any]]], ...]:
    """Whether CloudWatch may publish for an alarm of this account, and the statements."""
    alarms = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "SNS:Publish", "Resource": arn}
    return (
        (True, [_allow(arn)]),
        # SNS's default policy.
        (True, [_allow(arn, {"AWS": "*"}, {"StringEquals": {"AWS:SourceOwner": ACCOUNT}})]),
        (True, [_allow(arn, None, {"StringEquals": {"aws:SourceAccount": ACCOUNT}})]),
        (True, [_allow(arn, None, {"ArnLike": {"aws:SourceArn": f"{alarms}:*"}})]),
        (True, [_allow(arn), {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]),
        (False, [_allow(arn, None, {"ArnLike": {"aws:SourceArn": f"{alarms}:billing-*"}})]),
        (False, [_allow(arn, None, {"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}})]),
        (False, [_allow(arn, {"Service": "events.amazonaws.com"})]),
        (False, [_allow(arn), deny]),
    )


_SUBSCRIBERS: tuple[tuple[bool, bool, str | None, str], ...] = (
    # Told, confirmed, filter policy, its scope. An alarm's message has no attributes.
    (True, True, None, "MessageAttributes"),
    (True, True, '{"NewStateValue": ["ALARM"]}', "MessageBody"),
    (True, True, '{"AlarmName": [{"exists": true}]}', "MessageBody"),
    (False, False, None, "MessageAttributes"),
    (False, True, '{"NewStateValue": ["ALARM"]}', "MessageAttributes"),
    (False, True, '{"NewStateValue": ["OK"]}', "MessageBody"),
    (False, True, '{"AlarmName": [{"prefix": "billing-"}]}', "MessageBody"),
)


@dataclass(frozen=True, slots=True)
class TopicSetup:
    topic: Topic
    subscriptions: tuple[tuple[Subscription, SubscriptionAttributes], ...]
    tells: bool


def random_topic(random: Random, name: str) -> TopicSetup:
    arn = str(Arn("aws", "sns", REGION, ACCOUNT, name))
    policies = _policies(arn)
    may_publish, statements = policies[0] if random.random() < 0.8 else random.choice(policies)
    subscribers = [
        _SUBSCRIBERS[0] if random.random() < 0.8 else random.choice(_SUBSCRIBERS)
        for _ in range(random.choice((1, 1, 1, 1, 2, 2, 0)))
    ]
    return TopicSetup(
        Topic(arn, ACCOUNT, json.dumps({"Version": "2012-10-17", "Statement": statements}), None, False),
        tuple(_subscription(arn, number, *each[1:]) for number, each in enumerate(subscribers)),
        tells=may_publish and any(each[0] for each in subscribers),
    )


def _subscription(
    topic_arn: str, number: int, is_confirmed: bool, policy: str | None, scope: str
) -> tuple[Subscription, SubscriptionAttributes]:
    arn = f"{topic_arn}:{number}" if is_confirmed else "PendingConfirmation"
    return (
        Subscription(arn, ACCOUNT, "email", f"person-{number}@example.com"),
        SubscriptionAttributes(not is_confirmed, policy, scope),
    )
