"""With whose credentials a question is asked."""

from __future__ import annotations

from typing import Any

import pytest
from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Question, Unreadable
from root_usage.aws.clients import RoleClientFactory
from root_usage.aws.cloudtrail import ChannelsToCloudWatch, EventSelectorsOfTrail, StatusOfTrail, Trails
from root_usage.aws.cloudwatch import (
    ActionHistoryOf,
    AlarmsForMetric,
    EveryAlarm,
    MuteRulesOf,
    StateHistoryOf,
)
from root_usage.aws.event_history import RootEventsSince
from root_usage.aws.events import EnabledRegions, EventBusNamed, RulesOfBus, TargetsOfRule
from root_usage.aws.functions import PolicyOfFunction
from root_usage.aws.gathering import READERS, Gatherer
from root_usage.aws.iam import AccountSummaryOf, CredentialReport
from root_usage.aws.kms import KeyAt, PolicyOfKey
from root_usage.aws.logs import (
    FiltersOfMetric,
    FiltersOfPlace,
    HasTransformer,
    LogGroupId,
    LogGroupNamed,
    MetricFiltersOf,
)
from root_usage.aws.observability import Pipelines
from root_usage.aws.roles import OrganizationOf, RightsOf, TrustPolicyOf
from root_usage.aws.sns import AttributesOfSubscription, SubscriptionsOf, TopicAt
from root_usage.examine import Account, factory_of
from root_usage.parameters import Parameters

from tests.builders import ACCOUNT, NOW, OTHER_ACCOUNT, REGION, TRAIL

THERE = Place(OTHER_ACCOUNT, REGION)
TOPIC_ARN = Arn("aws", "sns", REGION, OTHER_ACCOUNT, "security")
ROLE_ARN = Arn("aws", "iam", "", OTHER_ACCOUNT, "role/forward")
KEY_ARN = Arn("aws", "kms", REGION, OTHER_ACCOUNT, "key/0")

BY_ARN: list[Question[Any]] = [
    TopicAt(THERE, TOPIC_ARN),
    SubscriptionsOf(THERE, TOPIC_ARN),
    AttributesOfSubscription(THERE, f"{TOPIC_ARN}:0"),
    KeyAt(THERE, str(KEY_ARN)),
    PolicyOfKey(THERE, KEY_ARN),
    PolicyOfFunction(THERE, Arn("aws", "lambda", REGION, OTHER_ACCOUNT, "function:page")),
]
# The trail's ARN is the same in every member, and so the answer would be about the caller's copy.
BY_NAME: list[Question[Any]] = [
    Trails(THERE),
    ChannelsToCloudWatch(THERE),
    Pipelines(THERE),
    StatusOfTrail(THERE, TRAIL),
    EventSelectorsOfTrail(THERE, TRAIL),
    LogGroupNamed(THERE, "trail-logs"),
    MetricFiltersOf(THERE, LogGroupId(THERE, "trail-logs")),
    FiltersOfMetric(THERE, "CloudTrailMetrics", "RootAccountUsageCount"),
    FiltersOfPlace(THERE),
    HasTransformer(THERE, LogGroupId(THERE, "trail-logs")),
    AlarmsForMetric(THERE, "CloudTrailMetrics", "RootAccountUsageCount"),
    EveryAlarm(THERE),
    MuteRulesOf(THERE, "root-usage"),
    ActionHistoryOf(THERE, "root-usage"),
    StateHistoryOf(THERE, "root-usage", NOW),
    KeyAt(THERE, "alias/alerts"),
    KeyAt(THERE, "0"),
    EnabledRegions(THERE),
    EventBusNamed(THERE, "central"),
    RulesOfBus(THERE),
    TargetsOfRule(THERE, "root-usage"),
    TrustPolicyOf(THERE, ROLE_ARN),
    RightsOf(THERE, ROLE_ARN, "events:PutEvents", Arn("aws", "events", REGION, ACCOUNT, "event-bus/central")),
    OrganizationOf(THERE),
    CredentialReport(THERE, NOW, is_required=True),
    AccountSummaryOf(THERE, is_required=True),
    RootEventsSince(THERE, NOW),
]


class Own:
    """The rule's own credentials, which must not be used."""

    def build_client(self, service: str, region: str | None = None) -> Any:
        raise AssertionError(service, region)


OWN = Own()


def factory_for(question: Question[Any], *, role: str | None = None) -> Any:
    return factory_of(Account(ACCOUNT, REGION), Parameters(reading_role_name=role), OWN)(question)


def test_every_kind_of_question_is_in_one_of_the_lists() -> None:
    assert {type(each) for each in (*BY_ARN, *BY_NAME)} == set(READERS)


@pytest.mark.parametrize("question", BY_ARN, ids=lambda each: type(each).__name__)
def test_what_has_an_arn_is_asked_with_own_credentials(question: Question[Any]) -> None:
    assert factory_for(question) is OWN


@pytest.mark.parametrize("question", BY_NAME, ids=lambda each: type(each).__name__)
def test_what_has_a_name_is_never_asked_with_own_credentials(question: Question[Any]) -> None:
    """A namesake of this account would answer."""
    assert factory_for(question) is None


@pytest.mark.parametrize("question", [*BY_ARN, *BY_NAME], ids=lambda each: type(each).__name__)
def test_every_other_account_is_asked_by_role(question: Question[Any]) -> None:
    assert isinstance(factory_for(question, role="reader"), RoleClientFactory)


def test_own_account_needs_no_role() -> None:
    question = EveryAlarm(Place(ACCOUNT, REGION))

    assert factory_for(question, role="reader") is OWN


def test_question_that_nobody_can_ask_is_unreadable() -> None:
    question = EveryAlarm(THERE)

    assert Gatherer(factory_for).ask([question]) == {
        question: Unreadable("cloudwatch:DescribeAlarms", "NoRoleThere")
    }
