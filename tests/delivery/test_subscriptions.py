"""Who of a topic's subscribers is confirmed, and hears the alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from root_usage.aws.asking import Question, Unanswered, Unreadable
from root_usage.aws.sns import Subscription, SubscriptionAttributes
from root_usage.delivery.publisher import publisher_of
from root_usage.delivery.settings import DeliverySettings
from root_usage.delivery.subscriptions import Heard, judge_subscriptions
from root_usage.verdict.findings import Code, Finding

from tests.delivery.builders import (
    ALARM,
    TOPIC_ARN,
    asks_attributes,
    attributes,
    evidence,
    pending,
    subscription,
)

DEFAULT = DeliverySettings()
TWO = DeliverySettings(min_confirmed_subscribers=2)
PEOPLE = DeliverySettings(person_protocols=frozenset({"email", "sms"}))
PLAIN = attributes()
DROPS = attributes({"team": ["security"]})
REFUSED = Unreadable("sns:GetSubscriptionAttributes", "AuthorizationError")


def _judge(
    subscriptions: tuple[Subscription, ...],
    answers: tuple[SubscriptionAttributes | Unreadable | None, ...] = (PLAIN,) * 30,
    settings: DeliverySettings = DEFAULT,
) -> Heard | Finding:
    """`answers` are the attributes of subscriptions 1, 2, 3 ..."""
    known: Mapping[Question[Any], Any] = {
        asks_attributes(number): answer for number, answer in enumerate(answers, 1)
    }
    return judge_subscriptions(evidence(known), TOPIC_ARN, subscriptions, publisher_of(ALARM), settings)


def _finding(code: Code, message: str, remedy: str) -> Finding:
    return Finding(code, "root-usage-topic", message, remedy)


@pytest.mark.parametrize(
    ("subscriptions", "settings", "expected"),
    [
        pytest.param((subscription(1),), DEFAULT, Heard(1, ("email",), ()), id="one-email"),
        pytest.param(
            (subscription(1), subscription(2, "sms", "+15550100")),
            DEFAULT,
            Heard(2, ("email", "sms"), ()),
            id="email-and-sms",
        ),
        pytest.param(
            (subscription(1), subscription(2)), TWO, Heard(2, ("email",), ()), id="two-wanted-two-there"
        ),
        pytest.param(
            (pending(2), subscription(1)), DEFAULT, Heard(1, ("email",), ()), id="one-of-two-pending"
        ),
        pytest.param(
            (subscription(1, "sqs"), subscription(2)), PEOPLE, Heard(1, ("email",), ()), id="one-not-accepted"
        ),
        pytest.param(
            (subscription(1, "sqs"), subscription(2, "https")),
            DEFAULT,
            Heard(2, ("https", "sqs"), ("what becomes of the message behind https is not seen",)),
            id="software-only-is-noted",
        ),
        pytest.param(
            (subscription(1, "sms", "+15550100"),),
            DEFAULT,
            Heard(1, ("sms",), ("whether the phone takes messages (opt-out, spending limit) is not seen",)),
            id="phone-only-is-noted",
        ),
        pytest.param(
            (subscription(1, "application"), subscription(2, "sqs")),
            DEFAULT,
            Heard(2, ("application", "sqs"), ("whether the app's endpoint is enabled is not seen",)),
            id="app-only-is-noted",
        ),
        pytest.param(
            (subscription(1), subscription(1)),
            DEFAULT,
            Heard(1, ("email",), ()),
            id="listed-twice-counts-once",
        ),
        pytest.param(
            (subscription(1), subscription(2, "email-json", "person1@example.com")),
            DEFAULT,
            Heard(1, ("email", "email-json"), ()),
            id="one-mailbox-in-two-forms-counts-once",
        ),
    ],
)
def test_confirmed_subscribers_hear_the_alarm(
    subscriptions: tuple[Subscription, ...], settings: DeliverySettings, expected: Heard
) -> None:
    assert _judge(subscriptions, settings=settings) == expected


@pytest.mark.parametrize(
    ("subscriptions", "settings", "expected"),
    [
        pytest.param(
            (),
            DEFAULT,
            _finding(
                Code.NO_SUBSCRIPTION,
                "topic `root-usage-topic` has no subscription, so no one is told",
                "subscribe a person by e-mail, and click the link in the confirmation mail",
            ),
            id="none",
        ),
        pytest.param(
            (replace(subscription(1), arn="Deleted"),),
            DEFAULT,
            _finding(
                Code.NO_SUBSCRIPTION,
                "topic `root-usage-topic` has no subscription, so no one is told",
                "subscribe a person by e-mail, and click the link in the confirmation mail",
            ),
            id="deleted",
        ),
        pytest.param(
            (pending(1),),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_PENDING,
                "topic `root-usage-topic` has 1 pending subscription (email `person1@example.com`) "
                "and none confirmed, so no one is told",
                "click the link in the confirmation mail within two days, or subscribe again",
            ),
            id="pending",
        ),
        pytest.param(
            (replace(pending(1), endpoint=""), pending(2)),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_PENDING,
                "topic `root-usage-topic` has 2 pending subscriptions (first email) and none confirmed, "
                "so no one is told",
                "click the link in the confirmation mail within two days, or subscribe again",
            ),
            id="two-pending-without-endpoint",
        ),
        pytest.param(
            (replace(pending(1, "https"), endpoint="https://example.com/hook"),),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_PENDING,
                "topic `root-usage-topic` has 1 pending subscription (https `https://example.com/hook`) "
                "and none confirmed, so no one is told",
                "let the endpoint confirm within two days, or subscribe again",
            ),
            id="pending-endpoint",
        ),
        pytest.param(
            (subscription(1, "sqs"), subscription(2, "lambda"), pending(3)),
            PEOPLE,
            _finding(
                Code.SUBSCRIPTION_PROTOCOL,
                "topic `root-usage-topic` has only lambda, sqs subscribers, "
                "which PersonProtocols doesn't accept, so no one is told",
                "subscribe a person by email, or accept lambda, sqs in PersonProtocols",
            ),
            id="no-accepted-protocol",
        ),
        pytest.param(
            (subscription(1), pending(2)),
            TWO,
            _finding(
                Code.TOO_FEW_SUBSCRIBERS,
                "topic `root-usage-topic` has 1 of 2 confirmed subscribers that MinConfirmedSubscribers "
                "asks for, so too few are told",
                "subscribe more people and confirm, or lower MinConfirmedSubscribers",
            ),
            id="too-few",
        ),
        pytest.param(
            (subscription(1), subscription(1)),
            TWO,
            _finding(
                Code.TOO_FEW_SUBSCRIBERS,
                "topic `root-usage-topic` has 1 of 2 confirmed subscribers that MinConfirmedSubscribers "
                "asks for, so too few are told",
                "subscribe more people and confirm, or lower MinConfirmedSubscribers",
            ),
            id="one-listed-twice-is-too-few",
        ),
    ],
)
def test_list_that_tells_no_one_is_a_finding_without_another_call(
    subscriptions: tuple[Subscription, ...], settings: DeliverySettings, expected: Finding
) -> None:
    assert _judge(subscriptions, answers=(), settings=settings) == expected


REMOVE = "remove the subscription's filter policy"


@pytest.mark.parametrize(
    ("answers", "settings", "expected"),
    [
        pytest.param((DROPS, PLAIN), DEFAULT, Heard(1, ("email",), ()), id="second-hears"),
        pytest.param((None, PLAIN), DEFAULT, Heard(1, ("email",), ()), id="first-is-gone"),
        pytest.param((REFUSED, PLAIN), DEFAULT, Heard(1, ("email",), ()), id="first-is-unreadable"),
        pytest.param(
            (attributes({"team": [{"exists": False}]}), DROPS),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_FILTERED,
                "topic `root-usage-topic`: 2 filter policies (first that of email `person1@example.com`) "
                "drop every alarm message, so no one is told",
                REMOVE,
            ),
            id="filter-that-demands-absence",
        ),
        pytest.param(
            (attributes({"NewStateValue": ["ALARM"]}, "MessageBody"), DROPS),
            DEFAULT,
            Heard(2, ("email",), ()),
            id="filter-on-the-alarm-state",
        ),
        pytest.param(
            (DROPS, DROPS),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_FILTERED,
                "topic `root-usage-topic`: 2 filter policies (first that of email `person1@example.com`) "
                "drop every alarm message, so no one is told",
                REMOVE,
            ),
            id="both-filtered",
        ),
        pytest.param(
            (None, attributes({"NewStateValue": ["OK"]}, "MessageBody")),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_FILTERED,
                "topic `root-usage-topic`: the filter policy of email `person2@example.com` "
                "drops every alarm message, so no one is told",
                REMOVE,
            ),
            id="one-gone-one-filtered",
        ),
        pytest.param(
            (DROPS, attributes({"AlarmDescription": ["x"]}, "MessageBody")),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_FILTER_UNDECIDED,
                "can't decide whether email `person2@example.com` of topic `root-usage-topic` "
                "gets alarm messages: filter on `AlarmDescription`",
                REMOVE,
            ),
            id="one-undecided",
        ),
        pytest.param(
            (attributes({}, "MessageMood"), DROPS),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTION_FILTER_UNDECIDED,
                "can't decide whether email `person1@example.com` of topic `root-usage-topic` "
                "gets alarm messages: filter policy scope `MessageMood`",
                REMOVE,
            ),
            id="unknown-scope",
        ),
        pytest.param(
            (DROPS, REFUSED),
            DEFAULT,
            _finding(
                Code.SUBSCRIPTIONS_UNREADABLE,
                "cannot verify subscribers of topic `root-usage-topic` of account 111122223333: "
                "sns:GetSubscriptionAttributes answered AuthorizationError",
                "allow sns:GetSubscriptionAttributes to the role that the rule reads with",
            ),
            id="one-unreadable",
        ),
        pytest.param(
            (None, attributes(is_pending=True)),
            DEFAULT,
            _finding(
                Code.NO_SUBSCRIPTION,
                "topic `root-usage-topic` has no live subscription, so no one is told",
                "subscribe a person by e-mail, and click the link in the confirmation mail",
            ),
            id="gone-and-unconfirmed",
        ),
        pytest.param(
            (PLAIN, DROPS),
            TWO,
            _finding(
                Code.TOO_FEW_SUBSCRIBERS,
                "topic `root-usage-topic` has 1 of 2 confirmed subscribers that MinConfirmedSubscribers "
                "asks for, so too few are told",
                "subscribe more people and confirm, or lower MinConfirmedSubscribers",
            ),
            id="one-of-two-wanted-is-filtered",
        ),
    ],
)
def test_attributes_of_two_confirmed_subscriptions_decide(
    answers: tuple[SubscriptionAttributes | Unreadable | None, ...],
    settings: DeliverySettings,
    expected: Heard | Finding,
) -> None:
    assert _judge((subscription(1), subscription(2)), answers, settings) == expected


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param((PLAIN, PLAIN, DROPS), id="third-is-filtered"),
        pytest.param((PLAIN, PLAIN, None), id="third-is-gone"),
    ],
)
def test_one_mailbox_in_two_forms_is_one_of_two_wanted(
    answers: tuple[SubscriptionAttributes | None, ...],
) -> None:
    """SNS takes an address once for each protocol."""
    subscriptions = (
        subscription(1),
        subscription(2, "email-json", "person1@example.com"),
        subscription(3, "email-json"),
    )

    finding = _judge(subscriptions, answers, TWO)

    assert isinstance(finding, Finding)
    assert finding.message == (
        "topic `root-usage-topic` has 1 of 2 confirmed subscribers that MinConfirmedSubscribers asks for, "
        "so too few are told"
    )


@pytest.mark.parametrize(
    ("count", "answers", "settings", "asked"),
    [
        pytest.param(3, (), DEFAULT, [1], id="one-call-in-the-plain-case"),
        pytest.param(3, (), TWO, [1, 2], id="as-many-as-are-wanted"),
        pytest.param(3, (DROPS,), DEFAULT, [2, 3], id="the-rest-when-the-first-fails"),
        pytest.param(30, (DROPS,), DEFAULT, list(range(2, 22)), id="twenty-at-a-time"),
    ],
)
def test_attributes_are_asked_side_by_side_and_no_more_than_needed(
    count: int, answers: tuple[SubscriptionAttributes, ...], settings: DeliverySettings, asked: list[int]
) -> None:
    subscriptions = tuple(subscription(number) for number in range(1, count + 1))

    with pytest.raises(Unanswered) as need:
        _judge(subscriptions, answers, settings)

    assert need.value.questions == tuple(asks_attributes(number) for number in asked)


def test_what_a_person_reads_is_looked_at_first() -> None:
    subscriptions = (
        subscription(1, "sqs"),
        subscription(2, "https"),
        subscription(3, "sms"),
        subscription(4),
    )

    with pytest.raises(Unanswered) as need:
        _judge(subscriptions, answers=())

    assert need.value.questions == (asks_attributes(4),)
