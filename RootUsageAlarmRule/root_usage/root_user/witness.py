"""A witness from practice: root was used, so the alarm must have acted. Did it?

A chain that looks whole and yet recorded nothing has failed, whatever its configuration says.
CloudWatch keeps an alarm's history for 30 days, and CloudTrail delivers within minutes, mostly:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..aws.asking import Evidence, NotOffered, Unreadable
from ..aws.cloudtrail import StatusOfTrail, TrailStatus
from ..aws.cloudwatch import (
    ActionHistoryOf,
    ActionRecord,
    CompositeAlarm,
    MetricAlarm,
)
from ..aws.event_history import RootEvent, RootEventsSince, Way
from ..delivery import HISTORY_KEPT
from ..parameters import Parameters
from ..verdict.findings import Finding, Link
from ..verdict.outcome import Told
from .findings import hearing_unverified, went_unheard
from .judging import RootUser
from .last_use import Used, event_of

# CloudTrail takes five minutes on average and promises nothing; an hour accuses nobody wrongly.
DELIVERY_ALLOWANCE = timedelta(hours=1)

# An alarm acts on entering ALARM only. One action may speak for a day's work: the alarm model makes
# sure that the alarm is quiet again after a day.
ONE_ACTION_SPEAKS_FOR = timedelta(days=1)

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html: the message that an
# action sends, JSON within JSON, so the quotes may carry backslashes. OK actions aren't the alarm ringing.
_OTHER_STATE = re.compile(r'NewStateValue[\\"]*\s*:\s*[\\"]*(?:OK|INSUFFICIENT_DATA)')


def judge_silence(
    evidence: Evidence, parameters: Parameters, told: Told, root_user: RootUser
) -> Finding | None:
    """The finding that the chains in `told` kept silent on root's last use, or may have; or None.

    A history that AWS refuses to show never makes the verdict greener than one that it shows. Asks for the
    alarms' histories, and only where root was used within the time they are kept. EventBridge keeps no
    history of its rules: where one speaks for a part of root's events, an alarm's silence proves nothing.
    """
    if any(chain.region for chain in told.chains):
        return None
    alarms = _alarms_of(told)
    refusal = _refused_events(evidence, root_user)
    if refusal and alarms:
        return hearing_unverified(alarms[0].name, refusal, told.chains[0].account_id(Link.ALARM))
    events = tuple(
        each
        for each in _events_of(root_user)
        if each.source not in parameters.allowed_excluded_event_sources
        and evidence.now - each.time < HISTORY_KEPT
    )
    if not events or not alarms:
        return None
    questions = dict.fromkeys(ActionHistoryOf(each.place, each.name) for each in alarms)
    evidence.need(*questions)
    records: list[ActionRecord] = []
    for question in questions:
        answer = evidence.answer(question)
        if isinstance(answer, NotOffered):
            return None  # an emulator; whether the actions work is judged in `delivery`
        if isinstance(answer, Unreadable):
            refusal = answer
        else:
            records += answer
    watch = Expectation(
        alarm_name=alarms[0].name,
        worst_minutes=max(chain.worst_minutes or 0 for chain in told.chains),
        in_place_since=max(_beginnings(evidence, told, alarms), default=None),
        account_id=told.chains[0].account_id(Link.ALARM),
    )
    silence = judge_silent_use(events, tuple(records), watch, evidence.now)
    return hearing_unverified(watch.alarm_name, refusal, watch.account_id) if silence and refusal else silence


def _alarms_of(told: Told) -> list[MetricAlarm | CompositeAlarm]:
    of_chains = [chain.record(Link.ALARM) for chain in told.chains]
    return [each for each in of_chains if isinstance(each, MetricAlarm | CompositeAlarm)]


def _refused_events(evidence: Evidence, root_user: RootUser) -> Unreadable | None:
    """AWS's refusal to show what root did while the alarms' histories last, if it did anything then."""
    last_use = root_user.last_use
    if not isinstance(last_use, Used) or evidence.now - last_use.at >= HISTORY_KEPT:
        return None
    answers = (answer for question, answer in evidence if isinstance(question, RootEventsSince))
    return next((each for each in answers if isinstance(each, Unreadable)), None)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The alarm that should have acted, how long it may take, and since when it stands as it is."""

    alarm_name: str
    worst_minutes: int
    in_place_since: datetime | None = None
    account_id: str | None = None  # the alarm's, where that isn't the one whose root was used


def judge_silent_use(
    root_events: tuple[RootEvent, ...],
    action_records: tuple[ActionRecord, ...],
    watch: Expectation,
    now: datetime,
) -> Finding | None:
    """The finding that the last root event that should have made the alarm act went without an action.

    An event counts once CloudTrail and the alarm have had their time, while the history reaches back
    to it, and if the chain was in place. One that was heard proves the chain against older ones. One that
    CloudTrail delivered late, nobody knows when, may have been heard at any time since, and no silence proves
    that it wasn't.
    """
    allowance = DELIVERY_ALLOWANCE + timedelta(minutes=watch.worst_minutes)
    earliest = now - HISTORY_KEPT + ONE_ACTION_SPEAKS_FOR
    if watch.in_place_since:
        earliest = max(earliest, watch.in_place_since)
    events = [each for each in root_events if _should_ring(each) and earliest <= each.time <= now - allowance]
    for event in sorted(events, key=lambda each: each.time, reverse=True):
        first, last = event.time - ONE_ACTION_SPEAKS_FOR, now if event.is_late else event.time + allowance
        if any(_is_alarm_acting(each) and first <= each.timestamp <= last for each in action_records):
            return None
        if not event.is_late:
            return went_unheard(watch.alarm_name, event, watch.account_id)
    return None


def _should_ring(event: RootEvent) -> bool:
    # Sessions opened centrally may be left out by the pattern (AllowAssumeRootExclusion).
    return event.is_by_root_itself and not event.is_assume_root_session


def _is_alarm_acting(record: ActionRecord) -> bool:
    """A record that can't be told from an ALARM action's counts as one."""
    return not record.summary.startswith("Failed to execute action") and not _OTHER_STATE.search(record.data)


def _events_of(root_user: RootUser) -> tuple[RootEvent, ...]:
    """CloudTrail's events, and the credential report's word for a sign-in that has none near it."""
    last_use, events = root_user.last_use, root_user.recent_events
    if not isinstance(last_use, Used) or last_use.way != Way.CONSOLE.value or event_of(last_use, events):
        return events
    sign_in = RootEvent(
        time=last_use.at,
        name="ConsoleLogin",
        source="signin.amazonaws.com",
        region="",
        source_ip_address="",
        way=Way.CONSOLE,
        is_failed=False,
        is_by_root_itself=True,
    )
    return (sign_in, *events)


def _beginnings(
    evidence: Evidence, told: Told, alarms: list[MetricAlarm | CompositeAlarm]
) -> Iterator[datetime]:
    """Since when the chains are as they are now, link by link, as far as AWS tells."""
    trails = [chain.record(Link.TRAIL) for chain in told.chains]
    yield from (each.configuration_updated for each in alarms if each.configuration_updated)
    for question, answer in evidence:
        if not isinstance(question, StatusOfTrail) or question.trail not in trails:
            continue
        if isinstance(answer, TrailStatus) and answer.started_logging:
            yield answer.started_logging
