"""Where the rule says COMPLIANT, a person is told after each root event of each simulated life.

The simulator steps through CloudWatch's published rules and shares no decision with the rule. A failure
prints the account's seed: `SEED=<it> pytest tests/simulation` replays it; `ACCOUNTS=<n>` tries more.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pprint import pformat
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from root_usage.aws.cloudwatch import MetricAlarm
from root_usage.aws.logs import MetricFilter
from root_usage.verdict.outcome import Told

from tests.builders import ALARM, FILTER, SUBSCRIPTION, SUBSCRIPTION_ATTRIBUTES, TOPIC
from tests.simulation.accounts import Account, Dice, random_account, verdict_on
from tests.simulation.alarms import next_state
from tests.simulation.delivery import TopicSetup
from tests.simulation.lives import random_life
from tests.simulation.readings import random_reading

_LIVES = 6
_LATE_MINUTES = 1  # the newest minute's data may come after an evaluation


def _seeds() -> range:
    if "SEED" in os.environ:
        return range(int(os.environ["SEED"]), int(os.environ["SEED"]) + 1)
    return range(int(os.environ.get("ACCOUNTS", "300")))


def _check(seed: int, lives: int = _LIVES) -> bool:
    """Whether the rule says COMPLIANT of the seed's account; fails where it's wrong to."""
    random = Dice(seed)
    account = random_account(random)
    verdict = verdict_on(account)
    if not isinstance(verdict, Told):
        return False
    within = max(each.worst_minutes or 0 for each in verdict.chains) + _LATE_MINUTES
    for _ in range(lives):
        life = random_life(account, random)
        if unheard := life.unheard(within):
            pytest.fail(f"SEED={seed}\n{pformat(account)}\nunheard: {unheard}\n{life}\n{verdict}")
    return True


def test_compliant_accounts_tell_a_person() -> None:
    compliant = [seed for seed in _seeds() if _check(seed)]

    assert compliant or "SEED" in os.environ


# An account takes ten times as long as another property's example; and a seed doesn't shrink.
@settings(max_examples=settings().max_examples // 10, phases=[Phase.explicit, Phase.generate])
@given(st.integers(1_000_000, 2**40))
def test_fresh_compliant_accounts_tell_a_person(seed: int) -> None:
    _check(seed)


# The simulator itself, against AWS's two tables: alarms-and-missing-data.
_TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@pytest.mark.parametrize("before", ["OK", "ALARM", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize(
    ("wanted", "window", "states"),
    [
        (3, b"0-X-X", "OK OK OK OK"),
        (3, b"0----", "OK OK OK OK"),
        (3, b"-----", "INSUFFICIENT_DATA keep ALARM OK"),
        (3, b"0XX-X", "ALARM ALARM ALARM ALARM"),
        (3, b"--X--", "ALARM keep ALARM OK"),
        (2, b"0-X-X", "ALARM ALARM ALARM ALARM"),
        (2, b"00X0X", "ALARM ALARM ALARM ALARM"),
        (2, b"0-X--", "OK OK ALARM OK"),
        (2, b"----0", "OK OK ALARM OK"),
        (2, b"---X-", "ALARM keep ALARM OK"),
    ],
)
def test_simulator_follows_the_tables_of_aws(wanted: int, window: bytes, states: str, before: str) -> None:
    alarm = replace(ALARM, evaluation_periods=3, datapoints_to_alarm=wanted)
    for treatment, expected in zip(_TREATMENTS, states.split(), strict=True):
        one = replace(alarm, treat_missing_data=treatment)
        for seed in range(20):
            state = next_state(window, one, before, random_reading(Dice(seed)))
            assert state == (before if expected == "keep" else expected), treatment


def _account(alarm: MetricAlarm, metric_filter: MetricFilter = FILTER) -> Account:
    topic = TopicSetup(TOPIC, ((SUBSCRIPTION, SUBSCRIPTION_ATTRIBUTES),), tells=True)
    return Account((metric_filter,), (alarm,), (), {}, {TOPIC.arn: topic})


def _is_always_heard(account: Account) -> bool:
    random = Dice(1)
    return not any(random_life(account, random).unheard(within_minutes=130) for _ in range(40))


@pytest.mark.parametrize(
    "changes",
    [{}, {"treat_missing_data": "missing"}, {"evaluation_periods": 12}, {"wall_clock_timezone": "UTC"}],
    ids=str,
)
def test_simulator_hears_a_working_alarm(changes: dict[str, Any]) -> None:
    assert _is_always_heard(_account(replace(ALARM, **changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"treat_missing_data": "ignore"},
        {"treat_missing_data": "breaching"},
        {"threshold": 3.0},
        {"comparison_operator": "LessThanThreshold"},
        {"evaluation_periods": 3, "datapoints_to_alarm": 2},
        {"evaluation_periods": 287},
        {"actions_enabled": False},
        {"unit": "Count"},
    ],
    ids=str,
)
def test_simulator_hears_that_an_alarm_is_silent(changes: dict[str, Any]) -> None:
    assert not _is_always_heard(_account(replace(ALARM, **changes)))


def test_simulator_hears_that_default_values_dilute_an_average() -> None:
    average = replace(ALARM, statistic="Average")

    assert _is_always_heard(_account(average))
    assert not _is_always_heard(_account(average, replace(FILTER, default_value=0.0)))
