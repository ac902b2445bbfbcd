"""The codes whose messages hold a date: all seen at noon on 20 November 2026."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

import pytest

from root_usage_alarm.demo.invocation import invoke
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import ALARM, CIS_PATTERN, Chain, build_working_chain
from tests.handler.evaluation import ACCOUNT_ID, Build, Refusal, answering, leading

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST_OF_NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)


class Clock:
    """In the place of `datetime`, of which the handler asks nothing but the time."""

    @staticmethod
    def now(zone: tzinfo) -> datetime:
        return NOON.astimezone(zone)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("RootUsageAlarmRule.datetime", Clock)


def chain_since(account: Account, at: datetime, **links: Any) -> Chain:
    chain = build_working_chain(account, **links)
    hooks.last_log_delivery(chain.trail_arn, NOON)
    hooks.stands_since(chain.trail_arn, chain.alarm_arn, at)
    return chain


def with_warm_up(account: Account) -> None:
    saved = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)
    chain_since(account, saved, alarm={"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 60}})


def with_failed_action(account: Account) -> None:
    chain = chain_since(account, FIRST_OF_NOVEMBER, alarm={"ActionsEnabled": False})
    cloudwatch = account.client("cloudwatch")
    # An alarm that has changed its state lately has a history that is worth a look.
    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue=state, StateReason="drill")
    cloudwatch.enable_alarm_actions(AlarmNames=[ALARM])
    failure = f"Failed to execute action {chain.topic_arn}. Received error: not authorized"
    hooks.record_action(chain.alarm_arn, failure, datetime(2026, 11, 2, tzinfo=UTC))


def with_use_in_september(account: Account) -> None:
    chain_since(account, FIRST_OF_NOVEMBER)
    hooks.sign_in_as_root(ACCOUNT_ID, datetime(2026, 9, 21, 8, 15, tzinfo=UTC))


def with_use_in_november(account: Account) -> None:
    chain_since(account, FIRST_OF_NOVEMBER)
    hooks.sign_in_as_root(ACCOUNT_ID, datetime(2026, 11, 17, 7, 1, tzinfo=UTC))


def that_users_keep_in_alarm(account: Account) -> None:
    """From 10 November, midnight, to 12 November, noon."""
    pattern = f'{{ ({CIS_PATTERN[1:-1]}) || $.userAgent = "aws-cli*" }}'
    chain = chain_since(account, FIRST_OF_NOVEMBER, metric_filter={"filterPattern": pattern})
    hooks.record_transition(chain.alarm_arn, "OK", "ALARM", datetime(2026, 11, 10, tzinfo=UTC))
    hooks.record_transition(chain.alarm_arn, "ALARM", "OK", datetime(2026, 11, 12, 12, tzinfo=UTC))


DATED = [
    pytest.param(
        that_users_keep_in_alarm,
        {},
        "ALARM_RUNG_BY_OTHERS",
        "alarm `RootAcc..untAlarm` was in ALARM for 2 days of 14 days: metric filter "
        "`RootAcc..ageCount` also matches events of others (userAgent `aws-cli/2`), so a root event may "
        "change nothing. Give root usage a filter and metric of its own",
        id="in-alarm-for-others",
    ),
    pytest.param(
        with_warm_up,
        {},
        "ALARM_WARMING_UP",
        "alarm `RootAccountUsageCountAlarm`: may warm up until 2026-11-20 12:30 UTC and performs no actions "
        "meanwhile, so no one is told. Remove its warm-up period, or wait",
        id="warming-up",
    ),
    pytest.param(
        with_failed_action,
        {},
        "ACTION_FAILED_BEFORE",
        "alarm `RootAccountUsageCountAlarm` failed to notify `security-alerts` on 2026-11-02 "
        "(`not authorized`), so no one was told. "
        "Remove the cause, then try the alarm once (SetAlarmState)",
        id="failed-action",
    ),
    pytest.param(
        with_use_in_september,
        {"OnRecentRootUse": "fail"},
        "ROOT_USED_RECENTLY",
        "root was used on 2026-09-21 (console): sign-in from an address that CloudTrail doesn't show, "
        "though no use is allowed for 90 days. "
        "Work through IAM Identity Center or a role; accept this use with a remediation exception",
        id="use-within-90-days",
    ),
    pytest.param(
        with_use_in_november,
        {},
        "ROOT_USE_WENT_UNHEARD",
        "root was used on 2026-11-17 (`ConsoleLogin`), but alarm `RootAccountUsageCountAlarm` has no action "
        "recorded for it, so no one was told. "
        "Find out which link failed; if that is repaired by now, save the alarm anew",
        id="use-without-an-action",
    ),
]


@pytest.mark.parametrize(("build", "parameters", "code", "annotation"), DATED)
def test_3_what_happened_is_named_with_its_date(
    aws: LocalAws,
    account: Account,
    build: Build,
    parameters: Mapping[str, str],
    code: str,
    annotation: str,
) -> None:
    build(account)

    # The local AWS has no event history.
    with answering({"cloudtrail:LookupEvents": {"Events": []}}):
        invocation = invoke(aws, account, parameters)

    assert leading(invocation) == ("NON_COMPLIANT", code, f"{annotation} [{code}]")


def test_3_refused_history_of_an_alarm_that_should_have_acted(aws: LocalAws, account: Account) -> None:
    with_use_in_november(account)

    history = {"cloudwatch:DescribeAlarmHistory": Refusal("AccessDenied")}
    with answering({"cloudtrail:LookupEvents": {"Events": []}, **history}):
        invocation = invoke(aws, account)

    assert leading(invocation) == (
        "NON_COMPLIANT",
        "ALARMS_UNREADABLE",
        (
            "cannot verify that alarm `RootAccountUsageCountAlarm` acted when root was used: "
            "cloudwatch:DescribeAlarmHistory answered AccessDenied. "
            "Allow cloudwatch:DescribeAlarmHistory to the role that the rule reads with [ALARMS_UNREADABLE]"
        ),
    )
