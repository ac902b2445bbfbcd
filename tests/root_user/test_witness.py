"""Root was used: does the alarm's history show that it acted?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.asking import NotOffered, Question, Unanswered, Unreadable
from root_usage.aws.cloudwatch import ActionRecord, AlarmState, CompositeAlarm, MetricAlarm
from root_usage.aws.event_history import RootEvent, Way
from root_usage.parameters import Parameters
from root_usage.root_user.credentials import Held
from root_usage.root_user.judging import RootUser
from root_usage.root_user.last_use import LastRootUse, NotUsed, Used
from root_usage.root_user.witness import Expectation, judge_silence, judge_silent_use
from root_usage.verdict.findings import Code, Finding, Link
from root_usage.verdict.outcome import Chain, Station, Told

from tests.builders import ALARM, HISTORY, NOW, STATUS, STATUS_OF_TRAIL
from tests.builders import evidence as working_account

USED_AT = NOW - timedelta(days=3)  # 2026-11-17 12:00
EVENT = RootEvent(
    time=USED_AT,
    name="ConsoleLogin",
    source="signin.amazonaws.com",
    region="us-east-1",
    source_ip_address="198.51.100.7",
    way=Way.CONSOLE,
    is_failed=False,
    is_by_root_itself=True,
    event_id="1",
)
UNHEARD = Finding(
    Code.ROOT_USE_WENT_UNHEARD,
    "root-usage",
    "root was used on 2026-11-17 (`ConsoleLogin`), but alarm `root-usage` has no action recorded for it, "
    "so no one was told",
    "find out which link failed; if that is repaired by now, save the alarm anew",
)


def told_by(alarm: MetricAlarm | CompositeAlarm) -> Told:
    trail = STATUS_OF_TRAIL.trail
    steps = (Station(Link.TRAIL, trail.name, record=trail), Station(Link.ALARM, alarm.name, record=alarm))
    return Told((Chain(steps, worst_minutes=6),))


TOLD = told_by(ALARM)


def action(after: timedelta, summary: str = "Successfully executed action", data: str = "") -> ActionRecord:
    return ActionRecord(USED_AT + after, summary, data)


def at(before_now: timedelta) -> RootEvent:
    return replace(EVENT, time=NOW - before_now)


# -- the judgement -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((), id="no-record"),
        pytest.param((action(timedelta(minutes=67)),), id="later-than-delivery-and-alarm-take"),
        pytest.param((action(timedelta(days=-1, seconds=-1)),), id="more-than-a-day-earlier"),
        pytest.param(
            (action(timedelta(minutes=7), "Failed to execute action arn:aws:sns:eu-west-1:1:t"),),
            id="action-that-failed",
        ),
        pytest.param(
            (action(timedelta(minutes=7), data='{"default":"{\\"NewStateValue\\":\\"OK\\"}"}'),),
            id="action-of-the-ok-state",
        ),
        pytest.param(
            (action(timedelta(minutes=7), data='{\\"NewStateValue\\": \\"INSUFFICIENT_DATA\\"}'),),
            id="action-of-the-insufficient-data-state",
        ),
    ],
)
def test_use_without_an_action_is_a_finding(records: tuple[ActionRecord, ...]) -> None:
    assert judge_silent_use((EVENT,), records, Expectation("root-usage", 6), NOW) == UNHEARD


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((action(timedelta(minutes=7)),), id="minutes-later"),
        pytest.param((action(timedelta(minutes=66)),), id="at-the-last-moment"),
        pytest.param((action(timedelta(days=-1)),), id="a-day-earlier-the-alarm-may-still-ring"),
        pytest.param(
            (action(timedelta(minutes=7), data='{"default":"{\\"NewStateValue\\":\\"ALARM\\"}"}'),),
            id="action-of-the-alarm-state",
        ),
    ],
)
def test_use_with_an_action_is_no_finding(records: tuple[ActionRecord, ...]) -> None:
    assert judge_silent_use((EVENT,), records, Expectation("root-usage", 6), NOW) is None


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(at(timedelta(minutes=65)), id="delivery-may-still-take-place"),
        pytest.param(at(timedelta(days=29, seconds=1)), id="history-may-not-reach-back"),
        pytest.param(replace(EVENT, is_by_root_itself=False), id="service-with-a-forwarded-session"),
        pytest.param(replace(EVENT, way=Way.ASSUME_ROOT), id="session-opened-centrally"),
    ],
)
def test_event_that_need_not_have_rung_is_no_finding(event: RootEvent) -> None:
    assert judge_silent_use((event,), (), Expectation("root-usage", 6), NOW) is None


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(at(timedelta(minutes=66)), id="just-after-the-alarm-has-had-its-time"),
        pytest.param(at(timedelta(days=29)), id="as-far-as-the-history-reaches"),
        pytest.param(replace(EVENT, is_failed=True), id="sign-in-that-failed"),
        pytest.param(replace(EVENT, way=Way.TEMPORARY), id="session-that-is-not-marked"),
    ],
)
def test_event_that_should_have_rung_is_a_finding(event: RootEvent) -> None:
    finding = judge_silent_use((event,), (), Expectation("root-usage", 6), NOW)

    assert finding is not None
    assert finding.code is Code.ROOT_USE_WENT_UNHEARD


def test_slow_alarm_gets_its_time() -> None:
    assert judge_silent_use((at(timedelta(hours=10)),), (), Expectation("root-usage", 24 * 60), NOW) is None


def test_use_from_before_the_alarm_stood_as_it_does_is_no_finding() -> None:
    watch = Expectation("root-usage", 6, in_place_since=USED_AT + timedelta(seconds=1))

    assert judge_silent_use((EVENT,), (), watch, NOW) is None


def test_later_use_that_was_heard_proves_the_chain_against_an_older_one() -> None:
    older = at(timedelta(days=20))

    assert judge_silent_use((EVENT, older), (action(timedelta(minutes=7)),), Expectation("a", 6), NOW) is None


def test_later_use_that_was_not_heard_speaks_against_an_older_one_that_was() -> None:
    older = at(timedelta(days=20))
    heard = ActionRecord(older.time + timedelta(minutes=7), "Successfully executed action", "")

    assert judge_silent_use((older, EVENT), (heard,), Expectation("root-usage", 6), NOW) == UNHEARD


LATE = replace(EVENT, is_late=True)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((action(timedelta(hours=5)),), id="rang-hours-later"),
        pytest.param((action(timedelta(days=2, hours=23)),), id="rang-days-later"),
        pytest.param((action(timedelta(days=-1)),), id="a-day-earlier-the-alarm-may-still-ring"),
        pytest.param((), id="may-ring-tomorrow"),
    ],
)
def test_event_that_was_delivered_late_is_no_silence(records: tuple[ActionRecord, ...]) -> None:
    assert judge_silent_use((LATE,), records, Expectation("root-usage", 6), NOW) is None


def test_late_event_that_rang_proves_the_chain_against_an_older_one() -> None:
    older, rang = at(timedelta(days=20)), (action(timedelta(hours=5)),)

    assert judge_silent_use((older, LATE), rang, Expectation("root-usage", 6), NOW) is None


def test_silent_late_event_excuses_no_older_one_that_came_in_time() -> None:
    late = replace(LATE, time=USED_AT + timedelta(hours=1))

    assert judge_silent_use((late, EVENT), (), Expectation("root-usage", 6), NOW) == UNHEARD


# -- on the evidence ---------------------------------------------------------------------------------


def root_user(*events: RootEvent, last_use: LastRootUse | None = None) -> RootUser:
    return RootUser(
        account_id="111122223333",
        last_use=last_use or Used(USED_AT, "console"),
        recent_events=events,
        access_keys=Held.NONE,
        credentials=Held.SOME,
        has_mfa=True,
        notes=(),
        unverified=(),
        findings=(),
        sentence="root last used 2026-11-17 (console)",
    )


def silence(
    changes: Mapping[Question[Any], Any] | None = None,
    of: RootUser | None = None,
    parameters: Parameters | None = None,
    told: Told = TOLD,
) -> Finding | None:
    return judge_silence(working_account(changes), parameters or Parameters(), told, of or root_user(EVENT))


def test_whole_chain_that_kept_silent_is_a_finding() -> None:
    assert silence() == UNHEARD


def test_chain_that_was_heard_is_none() -> None:
    assert silence({HISTORY: (action(timedelta(minutes=7)),)}) is None


def test_sign_in_of_the_credential_report_counts_where_cloudtrail_shows_nothing() -> None:
    assert silence(of=root_user()) == UNHEARD


def test_sign_in_of_the_credential_report_counts_where_no_event_lies_near_it() -> None:
    earlier = replace(EVENT, time=USED_AT - timedelta(days=3))
    heard = action(timedelta(days=-3, minutes=7))

    assert silence({HISTORY: (heard,)}, of=root_user(earlier)) == UNHEARD


def test_key_of_the_credential_report_alone_does_not_count() -> None:
    """It may have been a data event (s3:GetObject), which no trail has to record."""
    assert silence(of=root_user(last_use=Used(USED_AT, "access key 1"))) is None


def test_history_is_not_asked_where_root_rested() -> None:
    evidence = working_account()
    without_history = replace(
        evidence, answers={key: each for key, each in evidence.answers.items() if key != HISTORY}
    )

    assert judge_silence(without_history, Parameters(), TOLD, root_user(last_use=NotUsed(90))) is None


def test_history_is_asked_where_root_was_used() -> None:
    evidence = working_account()
    without_history = replace(
        evidence, answers={key: each for key, each in evidence.answers.items() if key != HISTORY}
    )

    with pytest.raises(Unanswered) as raised:
        judge_silence(without_history, Parameters(), TOLD, root_user(EVENT))

    assert raised.value.questions == (HISTORY,)


def test_history_that_an_emulator_lacks_is_no_witness() -> None:
    assert silence({HISTORY: NotOffered("cloudwatch:DescribeAlarmHistory")}) is None


def test_history_that_is_refused_never_makes_the_verdict_greener() -> None:
    finding = silence({HISTORY: Unreadable("cloudwatch:DescribeAlarmHistory", "AccessDenied")})

    assert finding == Finding(
        Code.ALARMS_UNREADABLE,
        ALARM.name,
        f"cannot verify that alarm `{ALARM.name}` acted when root was used: "
        "cloudwatch:DescribeAlarmHistory answered AccessDenied",
        "allow cloudwatch:DescribeAlarmHistory to the role that the rule reads with",
    )


def test_alarm_changed_since_is_not_held_to_what_was_before() -> None:
    changed = replace(ALARM, configuration_updated=USED_AT + timedelta(hours=1))

    assert silence(told=told_by(changed)) is None


def test_trail_started_since_is_not_held_to_what_was_before() -> None:
    started = replace(STATUS, started_logging=USED_AT + timedelta(hours=1))

    assert silence({STATUS_OF_TRAIL: started}) is None


def test_another_trail_started_since_changes_nothing() -> None:
    started = replace(STATUS, started_logging=USED_AT + timedelta(hours=1))
    other = replace(STATUS_OF_TRAIL, trail=replace(STATUS_OF_TRAIL.trail, name="data"))

    assert silence({other: started}) == UNHEARD


def test_event_of_a_source_that_the_trail_may_leave_out_does_not_count() -> None:
    of_kms = replace(EVENT, source="kms.amazonaws.com")
    parameters = Parameters(allowed_excluded_event_sources=frozenset({"kms.amazonaws.com"}))

    assert silence(of=root_user(of_kms), parameters=parameters) is None


def test_composite_alarm_is_held_to_its_own_history() -> None:
    composite = CompositeAlarm(
        name="both",
        arn=Arn("aws", "cloudwatch", "eu-west-1", "111122223333", "alarm:both"),
        rule="ALARM(root-usage)",
        actions_enabled=True,
        alarm_actions=(),
        state=AlarmState("OK", "", None, None),
        actions_suppressor=None,
        actions_suppressed_by=None,
    )
    changes: dict[Question[Any], Any] = {replace(HISTORY, alarm_name="both"): (action(timedelta(minutes=7)),)}

    assert silence(changes, told=told_by(composite)) is None
