"""How long an alarm was in ALARM by its recorded transitions, and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from root_usage.aws.asking import Evidence, NotOffered
from root_usage.aws.cloudwatch import AlarmState, StateChange, StateHistory, StateHistoryOf
from root_usage.chain.noise import LOOKED_AT, Noise, judge_noise, time_in_alarm
from root_usage.coverage import CatchesOthers
from root_usage.verdict.findings import Code, Finding

from tests.builders import ACCOUNT, ALARM, FILTER, NOW, REGION

SINCE = NOW - timedelta(hours=10)
CAUGHT = CatchesOthers("also matches sign-ins of others")


def change(hour: int, before: str | None, after: str | None) -> StateChange:
    """So many hours after the beginning."""
    return StateChange(SINCE + timedelta(hours=hour), before, after)


@pytest.mark.parametrize(
    ("changes", "present", "hours"),
    [
        pytest.param([], "OK", 0, id="never"),
        pytest.param([], "INSUFFICIENT_DATA", 0, id="without-data"),
        pytest.param([], "ALARM", 10, id="always"),
        pytest.param([change(2, "OK", "ALARM"), change(5, "ALARM", "OK")], "OK", 3, id="once"),
        pytest.param([change(5, "ALARM", "OK"), change(2, "OK", "ALARM")], "OK", 3, id="newest-first"),
        pytest.param([change(4, "ALARM", "OK")], "OK", 4, id="from-the-beginning"),
        pytest.param([change(7, "OK", "ALARM")], "ALARM", 3, id="to-the-end"),
        pytest.param([change(-4, "OK", "ALARM"), change(-1, "ALARM", "OK")], "OK", 0, id="before"),
        pytest.param([change(-4, "OK", "ALARM"), change(1, "ALARM", "OK")], "OK", 1, id="reaches-in"),
        pytest.param([change(-4, "OK", "ALARM")], "ALARM", 10, id="since-before"),
        pytest.param([change(2, "OK", None), change(5, None, "OK")], "OK", 3, id="unread-state"),
        pytest.param([change(2, "OK", "BROKEN"), change(5, "BROKEN", "OK")], "OK", 3, id="new-state"),
        pytest.param([change(6, None, None)], "OK", 10, id="unread-change"),
    ],
)
def test_time_in_alarm(changes: list[StateChange], present: str, hours: int) -> None:
    history = StateHistory(tuple(changes), is_whole=True)

    assert time_in_alarm(history, present, SINCE, NOW) == timedelta(hours=hours)


def test_an_emulator_without_histories_is_told_of() -> None:
    question = StateHistoryOf(ALARM.place, ALARM.name, NOW - LOOKED_AT)
    answer = NotOffered("cloudwatch:DescribeAlarmHistory")
    evidence = Evidence(ACCOUNT, REGION, NOW, {question: answer})

    assert judge_noise(evidence, ALARM, [Noise(FILTER, CAUGHT)]) == (
        "`root-usage-filter` also matches sign-ins of others",
        "whether others keep its alarm in ALARM is not seen: no cloudwatch:DescribeAlarmHistory here",
    )


def test_alarm_that_others_may_have_put_in_alarm_just_now_tells_no_one_of_root() -> None:
    since = NOW - timedelta(minutes=3)
    alarm = replace(ALARM, state=AlarmState("ALARM", "", since, since))

    finding = judge_noise(Evidence(ACCOUNT, REGION, NOW), alarm, [Noise(FILTER, CAUGHT)])

    assert isinstance(finding, Finding)
    assert (finding.code, finding.message) == (
        Code.ALARM_RUNG_BY_OTHERS,
        (
            "alarm `root-usage` is in ALARM now: metric filter `root-usage-filter` also matches sign-ins of "
            "others, so a root event may change nothing"
        ),
    )


def test_nothing_is_asked_of_an_alarm_that_only_root_rings() -> None:
    assert judge_noise(Evidence(ACCOUNT, REGION, NOW), ALARM, []) == ()
