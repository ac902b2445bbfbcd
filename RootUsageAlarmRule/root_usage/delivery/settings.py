"""What the rule's owner accepts as telling a person, and what telling means."""

from __future__ import annotations

from dataclasses import dataclass

# From a person's own inbox to software that may or may not tell one: the order in which
# subscriptions are looked at, and in which protocols are named.
PROTOCOLS = ("email", "email-json", "sms", "application", "https", "http", "lambda", "sqs", "firehose")

# https://docs.aws.amazon.com/sns/latest/dg/sns-user-notifications.html
BY_MAIL = frozenset({"email", "email-json"})

# A number that opted out, an account that spent its month's limit, and a device whose token ran out get
# nothing, and no call that the rule makes shows it.
# https://docs.aws.amazon.com/sns/latest/api/API_GetEndpointAttributes.html (`Enabled`)
ON_A_DEVICE = {
    "sms": "whether the phone takes messages (opt-out, spending limit) is not seen",
    "application": "whether the app's endpoint is enabled is not seen",
}


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """The rule's parameters AcceptedActions, PersonProtocols, MinConfirmedSubscribers, ReadingRoleName."""

    accepted_actions: frozenset[str] = frozenset({"sns"})
    person_protocols: frozenset[str] = frozenset(PROTOCOLS)
    min_confirmed_subscribers: int = 1
    has_reading_role: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """A person hears of the alarm through `action`.

    `confirmed_subscribers` are those whose protocol is accepted and whose filter policy, where it had
    to be looked at, lets the alarm through; an action other than a topic has none.
    """

    action: str
    topic_name: str | None
    confirmed_subscribers: int
    protocols: tuple[str, ...]
    notes: tuple[str, ...]


def by_protocol(protocol: str) -> int:
    """Sorts what people read before what software reads."""
    return PROTOCOLS.index(protocol) if protocol in PROTOCOLS else len(PROTOCOLS)
