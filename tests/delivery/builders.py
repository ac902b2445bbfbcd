"""One working alarm, topic and subscription, to change one thing of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Evidence, Question
from root_usage.aws.cloudwatch import AlarmState, CompositeAlarm, Metric, MetricAlarm
from root_usage.aws.sns import (
    AttributesOfSubscription,
    Subscription,
    SubscriptionAttributes,
    SubscriptionsOf,
    Topic,
    TopicAt,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ACCOUNT = "111122223333"
PLACE = Place(ACCOUNT, "us-east-1")
TOPIC_ARN = Arn("aws", "sns", "us-east-1", ACCOUNT, "root-usage-topic")
ALARM_ARN = Arn("aws", "cloudwatch", "us-east-1", ACCOUNT, "alarm:root-usage")

DEFAULT_POLICY = json.dumps(
    {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["SNS:GetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
                "Resource": str(TOPIC_ARN),
                "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
            }
        ],
    }
)

ALARM = MetricAlarm(
    name="root-usage",
    arn=ALARM_ARN,
    actions_enabled=True,
    alarm_actions=(str(TOPIC_ARN),),
    state=AlarmState("OK", "Threshold Crossed", datetime(2026, 11, 10, tzinfo=UTC), None),
    metric=Metric("Security", "RootUsage"),
    statistic="Sum",
    period=300,
    unit=None,
    evaluation_periods=1,
    datapoints_to_alarm=None,
    threshold=1.0,
    comparison_operator="GreaterThanOrEqualToThreshold",
    treat_missing_data="notBreaching",
    evaluate_low_sample_count_percentile=None,
    queries=(),
    threshold_metric_id=None,
    evaluation_state=None,
    wall_clock_timezone=None,
    warm_up_minutes=None,
    promql=None,
)

COMPOSITE = CompositeAlarm(
    name="root-usage",
    arn=ALARM_ARN,
    rule='ALARM("root")',
    actions_enabled=True,
    alarm_actions=(str(TOPIC_ARN),),
    state=ALARM.state,
    actions_suppressor=None,
    actions_suppressed_by=None,
)

TOPIC = Topic(str(TOPIC_ARN), ACCOUNT, DEFAULT_POLICY, None, is_fifo=False)


def subscription(number: int, protocol: str = "email", endpoint: str = "") -> Subscription:
    """A confirmed one."""
    endpoint = endpoint or f"person{number}@example.com"
    return Subscription(f"{TOPIC_ARN}:{number}", ACCOUNT, protocol, endpoint)


def pending(number: int, protocol: str = "email") -> Subscription:
    return Subscription("PendingConfirmation", ACCOUNT, protocol, f"person{number}@example.com")


def attributes(
    filter_policy: Any = None, scope: str = "MessageAttributes", *, is_pending: bool = False
) -> SubscriptionAttributes:
    text = None if filter_policy is None else json.dumps(filter_policy)
    return SubscriptionAttributes(is_pending, text, scope)


def asks_attributes(number: int) -> AttributesOfSubscription:
    return AttributesOfSubscription(PLACE, f"{TOPIC_ARN}:{number}")


ASKS_TOPIC = TopicAt(PLACE, TOPIC_ARN)
ASKS_SUBSCRIPTIONS = SubscriptionsOf(PLACE, TOPIC_ARN)

WORKING: Mapping[Question[Any], Any] = {
    ASKS_TOPIC: TOPIC,
    ASKS_SUBSCRIPTIONS: (subscription(1),),
    asks_attributes(1): attributes(),
}


def evidence(answers: Mapping[Question[Any], Any] = WORKING) -> Evidence:
    return Evidence(ACCOUNT, "us-east-1", NOW, answers)


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
