"""Judges a topic's subscriptions: who is confirmed, and hears what is published?

Goes by the list of subscriptions, not by the topic's counters, which AWS doesn't describe as exact:
https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..aws.arn import Arn
from ..aws.asking import Evidence, Unreadable
from ..aws.sns import AttributesOfSubscription, Subscription, SubscriptionAttributes
from ..verdict.findings import Code, Finding, quote, unreadable
from .filter_policy import passes
from .publisher import Publisher
from .reader import place_to_ask, remedy_for
from .settings import BY_MAIL, ON_A_DEVICE, DeliverySettings, by_protocol
from .ternary import Doubt, Ternary

# How many more subscriptions to look at once those that had to suffice don't: SNS answers
# GetSubscriptionAttributes 30 times a second in its smaller regions, and the account needs some too.
# https://docs.aws.amazon.com/general/latest/gr/sns.html
BATCH = 20


@dataclass(frozen=True, slots=True)
class Heard:
    """Enough confirmed subscribers get the publisher's message."""

    subscribers: int
    protocols: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Gone:
    """The subscription ended, or turned out to be unconfirmed, since it was listed."""


_Outcome = Ternary | Unreadable | _Gone


def judge_subscriptions(
    evidence: Evidence,
    topic_arn: Arn,
    subscriptions: tuple[Subscription, ...],
    publisher: Publisher,
    settings: DeliverySettings,
) -> Heard | Finding:
    """Whether as many subscribers as the settings ask for hear the publisher; else why not."""
    # A list that grows while AWS pages through it may show one subscription twice.
    confirmed = [each for each in dict.fromkeys(subscriptions) if each.is_confirmed]
    pending = [each for each in subscriptions if each.arn == "PendingConfirmation"]
    accepted = sorted(
        (each for each in confirmed if each.protocol in settings.person_protocols),
        key=lambda each: by_protocol(each.protocol),
    )
    if not confirmed:
        return _pending(topic_arn, pending) if pending else _none(topic_arn, "no subscription")
    if not accepted:
        return _not_accepted(topic_arn, confirmed, settings)
    if (count := _subscribers(accepted)) < settings.min_confirmed_subscribers:
        return _too_few(topic_arn, count, settings)
    return _hearing(evidence, topic_arn, accepted, publisher, settings)


def _hearing(
    evidence: Evidence,
    topic_arn: Arn,
    accepted: list[Subscription],
    publisher: Publisher,
    settings: DeliverySettings,
) -> Heard | Finding:
    outcomes: dict[Subscription, _Outcome] = {}
    size = settings.min_confirmed_subscribers
    place = place_to_ask(evidence, publisher.arn, topic_arn, settings)
    while len(outcomes) < len(accepted):
        batch = accepted[len(outcomes) : len(outcomes) + size]
        evidence.need(*(AttributesOfSubscription(place, each.arn) for each in batch))
        for each in batch:
            attributes = evidence.answer(AttributesOfSubscription(place, each.arn))
            outcomes[each] = _outcome(attributes, publisher)
        hearing = [each for each, outcome in outcomes.items() if outcome is True]
        if _subscribers(hearing) >= settings.min_confirmed_subscribers:
            counted = [each for each in accepted if outcomes.get(each, True) is True]
            return Heard(_subscribers(counted), _protocols(counted), _notes(hearing))
        size = BATCH
    if hearing:
        return _too_few(topic_arn, _subscribers(hearing), settings)
    for outcome in outcomes.values():
        if isinstance(outcome, Unreadable):
            return subscriptions_unreadable(
                topic_arn, outcome, remedy_for(outcome, evidence, publisher.arn, topic_arn, settings)
            )
    return _unheard(publisher, topic_arn, outcomes)


def _outcome(attributes: SubscriptionAttributes | Unreadable | None, publisher: Publisher) -> _Outcome:
    if isinstance(attributes, Unreadable):
        return attributes
    if attributes is None or attributes.pending_confirmation:
        return _Gone()
    if attributes.filter_policy is None:
        return True
    match attributes.filter_policy_scope:
        case "MessageAttributes":
            return passes(attributes.filter_policy, publisher.attributes)
        case "MessageBody":
            return passes(attributes.filter_policy, publisher.body)
        case scope:
            return Doubt(f"filter policy scope {quote(scope)}")


def _subscribers(subscriptions: Iterable[Subscription]) -> int:
    """An endpoint may subscribe once for each protocol, as a mailbox by email and email-json."""
    return len({each.endpoint or each.arn for each in subscriptions})


def _protocols(subscriptions: Iterable[Subscription]) -> tuple[str, ...]:
    return tuple(sorted({each.protocol for each in subscriptions}, key=by_protocol))


def _notes(hearing: list[Subscription]) -> tuple[str, ...]:
    protocols = _protocols(hearing)
    if BY_MAIL.intersection(protocols):
        return ()
    if on_devices := [ON_A_DEVICE[each] for each in protocols if each in ON_A_DEVICE]:
        return tuple(on_devices)
    return (f"what becomes of the message behind {', '.join(protocols)} is not seen",)


# -- findings ----------------------------------------------------------------------------------------


def _unheard(publisher: Publisher, topic_arn: Arn, outcomes: dict[Subscription, _Outcome]) -> Finding:
    for subscription, outcome in outcomes.items():
        if isinstance(outcome, Doubt):
            return Finding(
                Code.SUBSCRIPTION_FILTER_UNDECIDED,
                topic_arn.resource,
                f"can't decide whether {_named(subscription)} of topic {quote(topic_arn.resource)} "
                f"gets {publisher.service.message}s: {outcome.reason}",
                "remove the subscription's filter policy",
            )
    filtered = [each for each, outcome in outcomes.items() if outcome is False]
    return _filtered(publisher, topic_arn, filtered) if filtered else _none(topic_arn, "no live subscription")


def _none(topic_arn: Arn, lacks: str) -> Finding:
    return Finding(
        Code.NO_SUBSCRIPTION,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} has {lacks}, so no one is told",
        "subscribe a person by e-mail, and click the link in the confirmation mail",
    )


def _pending(topic_arn: Arn, pending: list[Subscription]) -> Finding:
    first = _named(pending[0])
    which = f"1 pending subscription ({first})"
    if len(pending) > 1:
        which = f"{len(pending)} pending subscriptions (first {first})"
    confirm = "let the endpoint confirm within two days"
    if pending[0].protocol in ("email", "email-json"):
        confirm = "click the link in the confirmation mail within two days"
    return Finding(
        Code.SUBSCRIPTION_PENDING,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} has {which} and none confirmed, so no one is told",
        f"{confirm}, or subscribe again",
    )


def _not_accepted(topic_arn: Arn, confirmed: list[Subscription], settings: DeliverySettings) -> Finding:
    protocols = ", ".join(_protocols(confirmed))
    wanted = min(settings.person_protocols, key=by_protocol)
    return Finding(
        Code.SUBSCRIPTION_PROTOCOL,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} has only {protocols} subscribers, "
        "which PersonProtocols doesn't accept, so no one is told",
        f"subscribe a person by {wanted}, or accept {protocols} in PersonProtocols",
    )


def _too_few(topic_arn: Arn, hearing: int, settings: DeliverySettings) -> Finding:
    wanted = settings.min_confirmed_subscribers
    return Finding(
        Code.TOO_FEW_SUBSCRIBERS,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} has {hearing} of {wanted} confirmed subscribers "
        "that MinConfirmedSubscribers asks for, so too few are told",
        "subscribe more people and confirm, or lower MinConfirmedSubscribers",
    )


def _filtered(publisher: Publisher, topic_arn: Arn, filtered: list[Subscription]) -> Finding:
    first = _named(filtered[0])
    which = f"the filter policy of {first} drops"
    if len(filtered) > 1:
        which = f"{len(filtered)} filter policies (first that of {first}) drop"
    return Finding(
        Code.SUBSCRIPTION_FILTERED,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)}: {which} every {publisher.service.message}, so no one is told",
        "remove the subscription's filter policy",
    )


def subscriptions_unreadable(topic_arn: Arn, refusal: Unreadable, remedy: str) -> Finding:
    """The finding that the topic's subscriptions, or one of them, can't be seen."""
    subject = f"subscribers of topic {quote(topic_arn.resource)} of account {topic_arn.account_id}"
    return unreadable(Code.SUBSCRIPTIONS_UNREADABLE, topic_arn.resource, subject, refusal, remedy)


def _named(subscription: Subscription) -> str:
    endpoint = f" {quote(subscription.endpoint)}" if subscription.endpoint else ""
    return f"{subscription.protocol}{endpoint}"
