"""Runs that end anywhere, and runs at the same time: the chain is made whole, once."""

from __future__ import annotations

import pytest

from root_usage_alarm.local_aws import Account
from tests.remediation.recording import Calls, Interrupted, interrupt
from tests.remediation.runner import Execution, StepFailed, iterate
from tests.remediation.scenarios import (
    DOCUMENT,
    EMAIL,
    EVERY_STEP,
    NO_WORK,
    TOPIC,
    WRITES,
    arguments,
    from_nothing,
)
from tests.remediation.state import state_of


@pytest.mark.parametrize("operation", [*WRITES, "StartConfigRulesEvaluation"])
def test_run_that_was_interrupted_before_a_call_is_completed_by_the_next(
    account: Account, operation: str
) -> None:
    calls = Calls()
    calls.before(operation, interrupt)
    with pytest.raises(StepFailed) as failure:
        from_nothing(account)

    from_nothing(account)

    assert isinstance(failure.value.cause, Interrupted)
    assert_complete(account)


@pytest.mark.parametrize("operation", [*WRITES, "StartConfigRulesEvaluation"])
def test_run_that_was_interrupted_after_a_call_is_completed_by_the_next(
    account: Account, operation: str
) -> None:
    calls = Calls()
    calls.after(operation, interrupt)
    with pytest.raises(StepFailed) as failure:
        from_nothing(account)

    from_nothing(account)

    assert isinstance(failure.value.cause, Interrupted)
    assert_complete(account)


@pytest.mark.parametrize("operation", [*WRITES, "StartConfigRulesEvaluation"])
def test_whole_run_in_the_middle_of_another_makes_no_duplicates(account: Account, operation: str) -> None:
    calls = Calls()
    calls.before(operation, lambda: from_nothing(account))

    from_nothing(account)

    assert_complete(account)


def test_two_runs_step_by_step_make_no_duplicates(account: Account) -> None:
    parameters = arguments(account, SubscriptionEndpoint=EMAIL, CreateTrail=True)
    one = iterate(DOCUMENT, account.region, Execution(), **parameters)
    other = iterate(DOCUMENT, account.region, Execution(), **parameters)

    assert [(a, b) for a, b in zip(one, other, strict=True)] == [(step, step) for step in EVERY_STEP]

    assert_complete(account)


def assert_complete(account: Account) -> None:
    """The account has exactly what a single undisturbed run makes, and needs no more."""
    made = state_of(account)
    assert {kind: list(resources) for kind, resources in made.items()} == {
        "trails": ["root-usage-alarm"],
        "log groups": ["root-usage-alarm/cloudtrail"],
        "metric filters": ["root-usage-alarm/cloudtrail/RootAccountUsageCount"],
        "alarms": ["RootAccountUsageCountAlarm"],
        "topics": [TOPIC],
        "roles": [],
        "buckets": ["root-usage-alarm-111122223333-eu-west-1"],
    }
    assert made["trails"]["root-usage-alarm"]["IsLogging"]
    assert made["log groups"]["root-usage-alarm/cloudtrail"]["retentionInDays"] == 365
    assert [each["Endpoint"] for each in made["topics"][TOPIC]["subscriptions"]] == [EMAIL]
    assert len(made["buckets"]["root-usage-alarm-111122223333-eu-west-1"]["policy"]["Statement"]) == 3
    assert from_nothing(account).steps == NO_WORK
