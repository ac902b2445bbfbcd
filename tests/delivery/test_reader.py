"""As which account a topic or key is read, and whom a refusal sends people to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from root_usage.aws.arn import Place
from root_usage.aws.asking import Unreadable
from root_usage.aws.cloudtrail import Trails
from root_usage.delivery.reader import place_to_ask, remedy_for
from root_usage.delivery.subscriptions import subscriptions_unreadable
from root_usage.verdict.annotation import LIMIT, annotation_of
from root_usage.verdict.outcome import NotTold

from tests import builders
from tests.builders import ACCOUNT, OTHER_ACCOUNT, PLACE, REGION, TOPIC_ARN, TRAIL

THIRD_ACCOUNT = "777788889999"
ALARM_ARN = builders.ALARM.arn
SHARED_TRAIL = replace(
    TRAIL,
    arn=replace(TRAIL.arn, account_id=OTHER_ACCOUNT),
    is_organization_trail=True,
    log_group_arn=f"arn:aws:logs:{REGION}:{OTHER_ACCOUNT}:log-group:trail-logs:*",
)
EVIDENCE = builders.evidence({Trails(PLACE): (SHARED_TRAIL,)})
ALONE = builders.evidence()
GET_TOPIC = Unreadable("sns:GetTopicAttributes", "AuthorizationError")


@pytest.mark.parametrize(
    ("alarm_account", "topic_account", "reader"),
    [
        pytest.param(ACCOUNT, ACCOUNT, ACCOUNT, id="all-in-one"),
        pytest.param(ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT, id="topic-of-the-trails-owner"),
        pytest.param(ACCOUNT, THIRD_ACCOUNT, ACCOUNT, id="topic-of-a-third-account"),
        pytest.param(OTHER_ACCOUNT, ACCOUNT, ACCOUNT, id="topic-of-the-evaluated-account"),
        pytest.param(OTHER_ACCOUNT, OTHER_ACCOUNT, OTHER_ACCOUNT, id="alarm-and-topic-of-the-trails-owner"),
        pytest.param(OTHER_ACCOUNT, THIRD_ACCOUNT, OTHER_ACCOUNT, id="owners-alarm-third-accounts-topic"),
    ],
)
def test_topic_is_read_as_its_own_account_or_the_alarms(
    alarm_account: str, topic_account: str, reader: str
) -> None:
    alarm_arn = replace(ALARM_ARN, account_id=alarm_account)
    topic_arn = replace(TOPIC_ARN, account_id=topic_account)

    assert place_to_ask(EVIDENCE, alarm_arn, topic_arn) == Place(reader, REGION)


def test_another_account_without_a_trail_here_is_a_third_one() -> None:
    topic_arn = replace(TOPIC_ARN, account_id=OTHER_ACCOUNT)

    assert place_to_ask(ALONE, ALARM_ARN, topic_arn) == PLACE


@pytest.mark.parametrize(
    ("alarm_account", "topic_account", "refusal", "remedy"),
    [
        pytest.param(
            ACCOUNT,
            ACCOUNT,
            GET_TOPIC,
            "allow sns:GetTopicAttributes to the role that the rule reads with",
            id="all-in-one",
        ),
        pytest.param(
            ACCOUNT,
            ACCOUNT,
            Unreadable("sns:GetSubscriptionAttributes", "AuthorizationError"),
            "allow sns:GetSubscriptionAttributes to the role that the rule reads with",
            id="subscription-in-the-same-account",
        ),
        pytest.param(
            OTHER_ACCOUNT,
            OTHER_ACCOUNT,
            Unreadable("sts:AssumeRole", "AccessDenied"),
            "let the rule's role assume LogArchiveRoleName in account 444455556666",
            id="no-way-into-the-alarms-account",
        ),
        pytest.param(
            OTHER_ACCOUNT,
            ACCOUNT,
            GET_TOPIC,
            "allow sns:GetTopicAttributes to the role that the rule reads with",
            id="topic-of-the-evaluated-account",
        ),
    ],
)
def test_remedy_names_who_was_refused(
    alarm_account: str, topic_account: str, refusal: Unreadable, remedy: str
) -> None:
    alarm_arn = replace(ALARM_ARN, account_id=alarm_account)
    topic_arn = replace(TOPIC_ARN, account_id=topic_account)

    assert remedy_for(refusal, EVIDENCE, alarm_arn, topic_arn) == remedy


@pytest.mark.parametrize("call", ["sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes"])
@pytest.mark.parametrize("alarm_account", [ACCOUNT, OTHER_ACCOUNT])
@pytest.mark.parametrize("topic_account", [ACCOUNT, OTHER_ACCOUNT, THIRD_ACCOUNT])
def test_remedy_stays_whole_with_the_longest_name(call: str, alarm_account: str, topic_account: str) -> None:
    refusal = Unreadable(call, "AuthorizationError")
    alarm_arn = replace(ALARM_ARN, account_id=alarm_account)
    topic_arn = replace(TOPIC_ARN, account_id=topic_account, resource="t" * 256)
    remedy = remedy_for(refusal, EVIDENCE, alarm_arn, topic_arn)

    annotation = annotation_of(NotTold((subscriptions_unreadable(topic_arn, refusal, remedy),)))

    assert len(annotation) <= LIMIT
    assert remedy[1:] in annotation
