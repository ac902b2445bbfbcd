"""Which status stands for what: the table, by hand."""

from __future__ import annotations

import pytest
from root_usage.verdict.findings import Code, Finding
from root_usage.verdict.outcome import NotTold, ReportedElsewhere, Told, Verdict

from root_usage_alarm.desk.exit_status import ExitStatus, worst
from root_usage_alarm.desk.verdict_status import status_of

UNVERIFIED = {
    "INVALID_PARAMETER CANNOT_ASSUME_ROLE NOT_DECIDED_IN_TIME",
    "TRAIL_UNREADABLE CHANNEL_UNDECIDED TRAIL_SELECTORS_UNDECIDED TRAIL_OF_ANOTHER_ACCOUNT",
    "LOG_GROUP_UNREADABLE METRIC_FILTERS_UNREADABLE PATTERN_UNDECIDED",
    "ALARMS_UNREADABLE ALARM_NOT_PROVEN METRIC_VALUE_UNDECIDED COMPOSITE_NOT_UNDERSTOOD COMPOSITE_NOT_PROVEN",
    "LOG_ALARM_UNDECIDED REGIONS_UNREADABLE EVENT_BUS_UNREADABLE EVENT_RULES_UNREADABLE",
    "EVENT_PATTERN_UNDECIDED",
    "TARGETS_UNREADABLE TARGET_UNDECIDED ACTION_UNDECIDED ACTION_UNREADABLE TOPIC_UNREADABLE",
    "TOPIC_POLICY_UNDECIDED TOPIC_KEY_UNDECIDED TOPIC_KEY_UNREADABLE SUBSCRIPTIONS_UNREADABLE",
    "SUBSCRIPTION_FILTER_UNDECIDED ROOT_USE_UNVERIFIED ROOT_CREDENTIALS_UNVERIFIED ROOT_CHANGES_UNVERIFIED",
}


def finding(code: Code) -> Finding:
    return Finding(code, "resource", "is broken", "mend it")


def test_unverified_are_those_codes_and_no_others() -> None:
    assert {each.name for each in Code if each.is_unverified} == {
        name for line in UNVERIFIED for name in line.split()
    }


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        pytest.param(Told(()), 0, id="told"),
        pytest.param(NotTold((finding(Code.NO_ALARM), finding(Code.TRAIL_UNREADABLE))), 1, id="broken"),
        pytest.param(NotTold((finding(Code.TOPIC_UNREADABLE), finding(Code.NO_ALARM))), 3, id="unverified"),
        pytest.param(ReportedElsewhere("eu-west-1"), 4, id="elsewhere"),
    ],
)
def test_leading_finding_decides(verdict: Verdict, status: int) -> None:
    assert status_of(verdict) == status


def test_worst_of_several_is_the_one_that_most_needs_a_person() -> None:
    ascending = [ExitStatus(each) for each in (0, 4, 3, 1, 70)]

    assert [worst(ascending[: end + 1]) for end in range(5)] == ascending


def test_of_no_account_nothing_is_verified() -> None:
    assert worst([]) is ExitStatus.CANNOT_VERIFY
