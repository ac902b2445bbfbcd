"""Topics and subscriptions, as SNS's API shows them.

https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html and siblings. All attribute
values are strings there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
    raw_message_delivery: bool

    @classmethod
    def from_api(cls, attributes: Mapping[str, str]) -> SubscriptionAttributes:
        return cls(
            pending_confirmation=attributes.get("PendingConfirmation", "false").lower() == "true",
            filter_policy=attributes.get("FilterPolicy") or None,
            filter_policy_scope=attributes.get("FilterPolicyScope") or "MessageAttributes",
            raw_message_delivery=attributes.get("RawMessageDelivery", "false").lower() == "true",
        )


def _bytes(value: str | None) -> int | None:
    return int(value) if value else None
