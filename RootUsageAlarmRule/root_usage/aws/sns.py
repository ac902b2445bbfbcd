"""Topics and subscriptions, as SNS's API shows them.

https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html and siblings. All attribute
values are strings there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arn import Arn
from .asking import Question, Reader, Readers

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True, slots=True)
class Topic:
    arn: str
    owner: str
    policy: str  # JSON text; empty when AWS doesn't show it
    kms_key: str | None  # alias, key id or ARN; None: not encrypted
    is_fifo: bool
    maximum_message_size: int | None = None  # bytes; None: AWS's default, which no alarm's message reaches

    @classmethod
    def from_api(cls, topic_arn: str, attributes: Mapping[str, str]) -> Topic:
        return cls(
            arn=topic_arn,
            owner=attributes.get("Owner", ""),
            policy=attributes.get("Policy", ""),
            kms_key=attributes.get("KmsMasterKeyId") or None,
            is_fifo=attributes.get("FifoTopic", "false").lower() == "true",
            maximum_message_size=_bytes(attributes.get("MaximumMessageSize")),
        )


@dataclass(frozen=True, slots=True)
class Subscription:
    """`arn` is the literal `PendingConfirmation` or `Deleted` when the subscription isn't live."""

    arn: str
    owner: str
    protocol: str
    endpoint: str

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Subscription:
        return cls(
            arn=member["SubscriptionArn"],
            owner=member.get("Owner", ""),
            protocol=member["Protocol"],
            endpoint=member.get("Endpoint", ""),
        )

    @property
    def is_confirmed(self) -> bool:
        return self.arn.startswith("arn:")


@dataclass(frozen=True, slots=True)
class SubscriptionAttributes:
    pending_confirmation: bool
    filter_policy: str | None  # JSON text
    filter_policy_scope: str  # MessageAttributes or MessageBody

    @classmethod
    def from_api(cls, attributes: Mapping[str, str]) -> SubscriptionAttributes:
        return cls(
            pending_confirmation=attributes["PendingConfirmation"].lower() != "false",
            filter_policy=attributes.get("FilterPolicy") or None,
            filter_policy_scope=attributes.get("FilterPolicyScope") or "MessageAttributes",
        )


def _bytes(value: str | None) -> int | None:
    return int(value) if value else None


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TopicAt(Question[Topic | None]):
    """None when there is no such topic."""

    arn: Arn


@dataclass(frozen=True, slots=True)
class SubscriptionsOf(Question[tuple[Subscription, ...] | None]):
    """None when there is no such topic."""

    topic_arn: Arn


@dataclass(frozen=True, slots=True)
class AttributesOfSubscription(Question[SubscriptionAttributes | None]):
    """None when there is no such subscription (any more)."""

    subscription_arn: str


def _topic(client: SNSClient, question: TopicAt) -> Topic | None:
    try:
        answer = client.get_topic_attributes(TopicArn=str(question.arn))
    except client.exceptions.NotFoundException:
        return None
    return Topic.from_api(str(question.arn), answer["Attributes"])


def _subscriptions(client: SNSClient, question: SubscriptionsOf) -> tuple[Subscription, ...] | None:
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=str(question.topic_arn))
    try:
        return tuple(Subscription.from_api(each) for page in pages for each in page["Subscriptions"])
    except client.exceptions.NotFoundException:
        return None


def _subscription_attributes(
    client: SNSClient, question: AttributesOfSubscription
) -> SubscriptionAttributes | None:
    try:
        answer = client.get_subscription_attributes(SubscriptionArn=question.subscription_arn)
    except client.exceptions.NotFoundException:
        return None
    return SubscriptionAttributes.from_api(answer["Attributes"])


READERS: Readers = {
    TopicAt: Reader("sns", ("sns:GetTopicAttributes",), _topic),
    SubscriptionsOf: Reader("sns", ("sns:ListSubscriptionsByTopic",), _subscriptions),
    AttributesOfSubscription: Reader("sns", ("sns:GetSubscriptionAttributes",), _subscription_attributes),
}
