"""An alarm that others can ring too counts by evidence: was it quiet of late?

What its filters catch beside root's events is decided in `coverage`. While such an alarm is in ALARM, a
root event changes nothing; so what CloudWatch recorded of its states decides. Asked for only then.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..aws.asking import Evidence, NotOffered, Unreadable
from ..aws.cloudwatch import MAX_STATE_CHANGES, CompositeAlarm, MetricAlarm, StateHistory, StateHistoryOf
from ..aws.logs import MetricFilter
from ..coverage import CatchesOthers
from ..verdict.findings import IN_THE_LOG, Code, Finding, quote, unreadable

LOOKED_AT = timedelta(days=14)
"""How far back the alarm's states are looked at, but not beyond the alarm's last change."""

MAX_SHARE = 0.01
"""Of that time an alarm may have been in ALARM: 3 hours and 21 minutes in 14 days."""

LEAST = timedelta(days=1)
"""An alarm that was changed later has shown nothing yet: not even a night, or a working day."""

_NOT_IN_ALARM = ("OK", "INSUFFICIENT_DATA")


@dataclass(frozen=True, slots=True)
class Noise:
    """A filter that an alarm reads, and what others can cause there."""

    metric_filter: MetricFilter
    caught: CatchesOthers

    @property
    def sentence(self) -> str:
        return f"{quote(self.metric_filter.name)} {self.caught.phrase}"


def judge_noise(
    evidence: Evidence,
    alarm: MetricAlarm | CompositeAlarm,
    noise: Sequence[Noise],
    drowned: Finding | None = None,
) -> Finding | tuple[str, ...]:
    """Notes that tell what else rings the alarm, which was quiet; or the finding that it wasn't.

    `drowned` is the finding about everyday events: only the whole time of quiet refutes that they come.
    """
    if not noise:
        return drowned or ()
    if alarm.state.value not in _NOT_IN_ALARM:
        # Root may have put it there, but then so may anybody.
        return drowned or _rung_by_others(alarm, noise[0], "is in ALARM now")
    start = evidence.now - LOOKED_AT
    since = max(start, alarm.configuration_updated or start)
    if drowned and (since > start or alarm.configuration_updated is None):
        return drowned
    age = evidence.now - since
    if age < LEAST:
        ago = _span(max(age, timedelta()))
        return _rung_by_others(alarm, noise[0], f"was changed {ago} ago and shows no day of quiet yet")
    history = evidence.answer(StateHistoryOf(alarm.place, alarm.name, start))
    if isinstance(history, Unreadable):
        subject = f"that alarm {quote(alarm.name)} is quiet, as others can ring it too"
        finding = unreadable(Code.ALARMS_UNREADABLE, alarm.name, subject, history)
        return replace(finding, example=noise[0].caught.example)
    sentences = tuple(each.sentence for each in noise)
    if isinstance(history, NotOffered):
        unseen = f"whether others keep its alarm in ALARM is not seen: no {history.call} here"
        return drowned or (*sentences, unseen)
    if not history.is_whole:
        what = f"changed its state more than {MAX_STATE_CHANGES} times"
        return drowned or _rung_by_others(alarm, noise[0], what)
    in_alarm = time_in_alarm(history, alarm.state.value, since, evidence.now)
    span = _span(age) + (" since its last change" if since > start else "")
    what = f"was in ALARM for {_span(in_alarm)} of {span}"
    if in_alarm > age * MAX_SHARE:
        return drowned or _rung_by_others(alarm, noise[0], what)
    return (*sentences, f"alarm {quote(alarm.name)} {what}")


def time_in_alarm(history: StateHistory, present: str, since: datetime, now: datetime) -> timedelta:
    """How long the alarm was in ALARM, or in a state that isn't known."""
    changes = sorted(history.changes, key=lambda each: each.timestamp)
    state = changes[0].before if changes else present
    total, at = timedelta(), since
    for change in changes:
        until = min(max(change.timestamp, at), now)
        total += timedelta() if state in _NOT_IN_ALARM else until - at
        at, state = until, change.after
    return total if state in _NOT_IN_ALARM else total + (now - at)


def _span(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    for size, unit in ((24 * 60, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    return f"{minutes} minutes"


def _rung_by_others(alarm: MetricAlarm | CompositeAlarm, noise: Noise, what: str) -> Finding:
    follows = "so a root event may change nothing"
    return Finding(
        Code.ALARM_RUNG_BY_OTHERS,
        alarm.name,
        f"alarm {quote(alarm.name)} {what}: metric filter {noise.sentence}, {follows}",
        "give root usage a filter and metric of its own",
        noise.caught.example,
        short_message=f"alarm {quote(alarm.name)} {what}, as others can ring it ({IN_THE_LOG}), {follows}",
    )
