from __future__ import annotations

from datetime import timedelta

import pytest
from root_usage.alarm import judge_mutes
from root_usage.aws.asking import NotOffered
from root_usage.aws.cloudwatch import MuteRule
from root_usage.verdict.findings import Code, Finding

from tests.alarm.working_alarm import NOW

ARN = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm-mute-rule:nights"


def rule(status: str, mute_type: str = "RECURRING", expires_in: timedelta | None = None) -> MuteRule:
    return MuteRule(ARN, status, mute_type, None if expires_in is None else NOW + expires_in)


def muted(how: str) -> Finding:
    return Finding(
        Code.ALARM_MUTED,
        "root-usage",
        f"alarm `root-usage`: mute rule `nights` {how}, so no one is told of a root event meanwhile",
        "take the alarm out of the mute rule",
    )


@pytest.mark.parametrize(
    ("mute_rule", "how"),
    [
        pytest.param(rule("ACTIVE"), "silences it now", id="active"),
        pytest.param(
            rule("ACTIVE", expires_in=timedelta(hours=2)),
            "silences it now until 2026-11-20 14:00 UTC",
            id="active-with-an-end",
        ),
        pytest.param(rule("SCHEDULED"), "silences it again and again", id="recurring"),
        pytest.param(
            rule("SCHEDULED", expires_in=timedelta(days=11)),
            "silences it again and again until 2026-12-01 12:00 UTC",
            id="recurring-with-an-end",
        ),
        pytest.param(rule("SCHEDULED", "ONE_TIME"), "will silence it once", id="once-in-the-future"),
        pytest.param(
            rule("SCHEDULED", "ONE_TIME", timedelta(days=1)),
            "will silence it once until 2026-11-21 12:00 UTC",
            id="once-with-an-end",
        ),
        pytest.param(rule("PAUSED"), "is in state PAUSED", id="state-that-this-rule-does-not-know"),
        pytest.param(rule(""), "is in state unknown", id="no-state"),
    ],
)
def test_a_mute_rule_that_is_not_over_is_a_finding(mute_rule: MuteRule, how: str) -> None:
    assert judge_mutes("root-usage", (mute_rule,), NOW) == muted(how)


@pytest.mark.parametrize(
    "mute_rules",
    [
        pytest.param((), id="no-rule"),
        pytest.param(NotOffered("cloudwatch:ListAlarmMuteRules"), id="endpoint-without-mute-rules"),
        pytest.param((rule("EXPIRED"),), id="expired"),
        pytest.param((rule("SCHEDULED", expires_in=timedelta(0)),), id="scheduled-and-at-its-end"),
    ],
)
def test_an_alarm_that_no_mute_rule_silences_is_fine(mute_rules: tuple[MuteRule, ...] | NotOffered) -> None:
    assert judge_mutes("root-usage", mute_rules, NOW) == ()


def test_the_active_rule_is_named_before_a_scheduled_one() -> None:
    finding = judge_mutes("root-usage", (rule("SCHEDULED"), rule("ACTIVE")), NOW)

    assert finding == muted("silences it now")
