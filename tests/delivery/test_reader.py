"""As which account a topic or key is read, and whom a refusal sends people to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from root_usage.aws.arn import Place
from root_usage.aws.asking import ASSUME_ROLE, Evidence, Unreadable
from root_usage.aws.sns import TopicAt
from root_usage.delivery import DeliverySettings
from root_usage.delivery.reader import place_to_ask, remedy_for
from root_usage.delivery.subscriptions import subscriptions_unreadable
from root_usage.verdict.annotation import LIMIT, annotation_of
from root_usage.verdict.outcome import NotTold

from tests import builders
from tests.builders import ACCOUNT, OTHER_ACCOUNT, REGION, TOPIC_ARN

THIRD_ACCOUNT = "777788889999"
ALARM_ARN = builders.ALARM.arn
EVIDENCE = builders.evidence()
GET_TOPIC = Unreadable("sns:GetTopicAttributes", "AuthorizationError")
NO_ROLE = Unreadable(ASSUME_ROLE, "AccessDenied")
WITHOUT, WITH = DeliverySettings(), DeliverySettings(has_reading_role=True)
# No role could be assumed in the third account.
CLOSED = builders.evidence(
    {TopicAt(Place(THIRD_ACCOUNT, REGION), replace(TOPIC_ARN, account_id=THIRD_ACCOUNT)): NO_ROLE}
)


@pytest.mark.parametrize(
    ("evidence", "settings", "alarm_account", "topic_account", "reader"),
    [
        pytest.param(EVIDENCE, WITHOUT, ACCOUNT, ACCOUNT, ACCOUNT, id="all-in-one"),
        pytest.param(EVIDENCE, WITHOUT, ACCOUNT, THIRD_ACCOUNT, ACCOUNT, id="third-accounts-topic"),
        pytest.param(EVIDENCE, WITH, ACCOUNT, ACCOUNT, ACCOUNT, id="a-role-that-is-not-needed"),
        pytest.param(EVIDENCE, WITH, ACCOUNT, THIRD_ACCOUNT, THIRD_ACCOUNT, id="role-in-the-third-account"),
        pytest.param(CLOSED, WITH, ACCOUNT, THIRD_ACCOUNT, ACCOUNT, id="no-role-in-the-third-account"),
        pytest.param(
            CLOSED, WITH, OTHER_ACCOUNT, THIRD_ACCOUNT, OTHER_ACCOUNT, id="no-role-there-and-anothers-alarm"
        ),
        pytest.param(CLOSED, WITH, THIRD_ACCOUNT, THIRD_ACCOUNT, THIRD_ACCOUNT, id="no-role-at-the-alarm"),
        pytest.param(EVIDENCE, WITH, OTHER_ACCOUNT, ACCOUNT, ACCOUNT, id="topic-of-the-evaluated-account"),
        pytest.param(EVIDENCE, WITH, OTHER_ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT, id="of-the-trails-owner"),
    ],
)
def test_topic_is_read_as_its_own_account_or_the_alarms(
    evidence: Evidence, settings: DeliverySettings, alarm_account: str, topic_account: str, reader: str
) -> None:
    alarm_arn = replace(ALARM_ARN, account_id=alarm_account)
    topic_arn = replace(TOPIC_ARN, account_id=topic_account)

    assert place_to_ask(evidence, alarm_arn, topic_arn, settings) == Place(reader, REGION)


@pytest.mark.parametrize(
    ("evidence", "settings", "alarm_account", "topic_account", "refusal", "remedy"),
    [
        pytest.param(
            EVIDENCE,
            WITHOUT,
            ACCOUNT,
            ACCOUNT,
            GET_TOPIC,
            "allow sns:GetTopicAttributes to the role that the rule reads with",
            id="all-in-one",
        ),
        pytest.param(
            EVIDENCE,
            WITH,
            OTHER_ACCOUNT,
            OTHER_ACCOUNT,
            NO_ROLE,
            "create role ReadingRoleName in account 444455556666, or let it trust the rule's role",
            id="no-way-into-the-alarms-account",
        ),
        pytest.param(
            EVIDENCE,
            WITH,
            OTHER_ACCOUNT,
            ACCOUNT,
            GET_TOPIC,
            "allow sns:GetTopicAttributes to the role that the rule reads with",
            id="topic-of-the-evaluated-account",
        ),
        pytest.param(
            EVIDENCE,
            WITHOUT,
            ACCOUNT,
            THIRD_ACCOUNT,
            GET_TOPIC,
            "name a role of account 777788889999 that may read it in parameter ReadingRoleName",
            id="no-role-is-named",
        ),
        pytest.param(
            CLOSED,
            WITH,
            ACCOUNT,
            THIRD_ACCOUNT,
            GET_TOPIC,
            "create role ReadingRoleName in account 777788889999, or let it trust the rule's role",
            id="no-role-in-the-third-account",
        ),
        pytest.param(
            EVIDENCE,
            WITH,
            ACCOUNT,
            THIRD_ACCOUNT,
            GET_TOPIC,
            "allow sns:GetTopicAttributes to role ReadingRoleName of account 777788889999",
            id="role-that-may-not-read",
        ),
    ],
)
def test_remedy_names_who_was_refused(
    evidence: Evidence,
    settings: DeliverySettings,
    alarm_account: str,
    topic_account: str,
    refusal: Unreadable,
    remedy: str,
) -> None:
    alarm_arn = replace(ALARM_ARN, account_id=alarm_account)
    topic_arn = replace(TOPIC_ARN, account_id=topic_account)

    assert remedy_for(refusal, evidence, alarm_arn, topic_arn, settings) == remedy


@pytest.mark.parametrize("call", ["sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes"])
@pytest.mark.parametrize("settings", [WITHOUT, WITH])
@pytest.mark.parametrize("alarm_account", [ACCOUNT, OTHER_ACCOUNT])
@pytest.mark.parametrize("topic_account", [ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT])
def test_remedy_stays_whole_with_the_longest_name(
    call: str, settings: DeliverySettings, alarm_account: str, topic_account: str
) -> None:
    refusal = Unreadable(call, "AuthorizationError")
    alarm_arn = replace(ALARM_ARN, account_id=alarm_account)
    topic_arn = replace(TOPIC_ARN, account_id=topic_account, resource="t" * 256)
    remedy = remedy_for(refusal, CLOSED, alarm_arn, topic_arn, settings)

    annotation = annotation_of(NotTold((subscriptions_unreadable(topic_arn, refusal, remedy),)))

    assert len(annotation) <= LIMIT
    assert remedy[1:] in annotation
