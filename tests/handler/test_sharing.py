"""Members that read one account share its answers for some minutes: which, how long, and that it is said."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import RootUsageAlarmRule
from root_usage_alarm.demo.invocation import Invocation, invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from tests.handler.evaluation import Refusal, answering
from tests.handler.organization import ROLE, management, under_an_organization_trail

# Reads of the account with the log group, the alarm and the topic.
THERE = frozenset(
    {
        "cloudtrail:GetEventSelectors",
        "logs:DescribeMetricFilters",
        "logs:DescribeLogGroups",
        "cloudwatch:DescribeAlarmsForMetric",
        "cloudwatch:ListAlarmMuteRules",
        "observabilityadmin:ListTelemetryPipelines",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:GetSubscriptionAttributes",
    }
)
SAID = "other accounts' answers up to 5 minutes old"


@pytest.fixture(autouse=True)
def warm_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One environment of the organization's function, for as long as a test."""
    monkeypatch.setattr(RootUsageAlarmRule, "KEPT", {})
    monkeypatch.setenv("SHARED_MINUTES", "5")


@pytest.fixture
def other(account: Account) -> Account:
    """A second member under the same organization trail."""
    chain = under_an_organization_trail(account)
    other = Account("555566667777", account.region, account.endpoint_url)
    hooks.show_organization_trail(chain.trail_arn, other.account_id)
    other.client("iam").generate_credential_report()
    return other


def asked_there(invocation: Invocation) -> Counter[str]:
    return Counter(each for each in invocation.log["calls"] if each in THERE)


def says_so(invocation: Invocation) -> bool:
    return invocation.log["oldestAnswer"] is not None and SAID in invocation.log["notes"]


def age_by(minutes: float) -> None:
    for key, each in RootUsageAlarmRule.KEPT.items():
        older = each.asked_at - timedelta(minutes=minutes)
        RootUsageAlarmRule.KEPT[key] = replace(each, asked_at=older)


def test_second_member_asks_nothing_there_and_says_how_old_the_answers_may_be(
    aws: LocalAws, account: Account, other: Account
) -> None:
    first = invoke(aws, account, ROLE)
    second = invoke(aws, other, ROLE)

    assert first.log["oldestAnswer"] is None
    assert set(asked_there(first)) == THERE
    assert asked_there(second) == Counter()
    assert second.evaluation["ComplianceType"] == "COMPLIANT"
    assert second.evaluation["Annotation"] == (
        "root use is told: alarm `RootAccountUsageCountAlarm` of account 444455556666 -> topic "
        "`security-alerts` -> 1 confirmed subscriber (email); root not used for 90 days; "
        "other accounts' answers up to 5 minutes old"
    )
    assert second.log["notes"] == [SAID]
    assert datetime.fromisoformat(second.log["oldestAnswer"]).tzinfo is not None


def test_what_broke_meanwhile_is_seen_once_the_answers_are_too_old(
    aws: LocalAws, account: Account, other: Account
) -> None:
    invoke(aws, account, ROLE)
    management(account).client("cloudwatch").delete_alarms(AlarmNames=["RootAccountUsageCountAlarm"])

    age_by(minutes=4)
    within = invoke(aws, other, ROLE)
    age_by(minutes=2)
    third = Account("888899990000", account.region, account.endpoint_url)
    trail_arn = f"arn:aws:cloudtrail:{account.region}:444455556666:trail/account-trail"
    hooks.show_organization_trail(trail_arn, third.account_id)
    beyond = invoke(aws, third, ROLE)

    assert (within.evaluation["ComplianceType"], says_so(within)) == ("COMPLIANT", True)
    assert (beyond.evaluation["ComplianceType"], says_so(beyond)) == ("NON_COMPLIANT", False)
    assert beyond.codes[0] == "NO_ALARM"


def test_answers_from_the_future_are_asked_again(aws: LocalAws, account: Account, other: Account) -> None:
    """The function's clock may have been set back."""
    invoke(aws, account, ROLE)
    age_by(minutes=-60)

    second = invoke(aws, other, ROLE)

    assert set(asked_there(second)) == THERE


def test_account_that_asks_again_is_answered_by_aws(aws: LocalAws, account: Account, other: Account) -> None:
    """After a repair somebody presses Re-evaluate, and is not shown what was broken before."""
    invoke(aws, account, ROLE)
    invoke(aws, other, ROLE)
    management(account).client("cloudwatch").delete_alarms(AlarmNames=["RootAccountUsageCountAlarm"])

    again = invoke(aws, other, ROLE)

    assert again.codes[0] == "NO_ALARM"
    assert not says_so(again)


def test_another_role_is_shown_nothing_of_this_ones(aws: LocalAws, account: Account, other: Account) -> None:
    invoke(aws, account, ROLE)

    second = invoke(aws, other, {"ReadingRoleName": "another-role"})

    assert set(asked_there(second)) == THERE
    assert not says_so(second)


def test_member_that_may_not_assume_the_role_is_shown_nothing(
    aws: LocalAws, account: Account, other: Account
) -> None:
    invoke(aws, account, ROLE)

    with answering({"sts:AssumeRole": Refusal("AccessDenied")}):
        second = invoke(aws, other, ROLE)

    assert second.evaluation["ComplianceType"] == "NON_COMPLIANT"
    assert second.codes[0] == "TRAIL_UNREADABLE"
    assert not says_so(second)


@pytest.mark.parametrize("call", sorted(THERE))
def test_refused_answer_is_not_shared(aws: LocalAws, account: Account, other: Account, call: str) -> None:
    with answering({call: Refusal("AccessDeniedException")}):
        invoke(aws, account, ROLE)

    second = invoke(aws, other, ROLE)

    assert second.evaluation["ComplianceType"] == "COMPLIANT"
    assert asked_there(second)[call] >= 1


def test_function_of_one_account_shares_nothing(
    aws: LocalAws, account: Account, other: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHARED_MINUTES")
    invoke(aws, account, ROLE)

    second = invoke(aws, other, ROLE)

    assert set(asked_there(second)) == THERE
    assert RootUsageAlarmRule.KEPT == {}
