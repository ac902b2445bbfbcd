"""How the alarm stands now: warming up, failing to be evaluated, or in ALARM for too long already."""

from __future__ import annotations

from datetime import datetime, timedelta

from ..aws.cloudwatch import MetricAlarm
from ..verdict.findings import Finding
from . import faults

# Beyond the minutes that one root event explains: late data, and evaluation ranges that AWS may
# make longer than this model thinks.
_GRACE = timedelta(hours=1)


def judge_readiness(alarm: MetricAlarm, now: datetime) -> Finding | None:
    """Whether CloudWatch evaluates the alarm at all."""
    if alarm.evaluation_state:
        return faults.evaluation_state(alarm.name, alarm.evaluation_state)
    if alarm.warm_up_minutes is None:
        return None
    if alarm.configuration_updated is None:
        return faults.warming_up(alarm.name, None)
    until = alarm.configuration_updated + timedelta(minutes=alarm.warm_up_minutes)
    return faults.warming_up(alarm.name, until) if until > now else None


def judge_present_state(alarm: MetricAlarm, stays_minutes: int, now: datetime) -> Finding | None:
    """An alarm that has been in ALARM for longer than one root event keeps it there tells nobody."""
    if alarm.state.value != "ALARM":
        return None
    since = alarm.state.transitioned or alarm.state.updated
    if since is not None and now - since <= timedelta(minutes=stays_minutes) + _GRACE:
        return None
    return faults.in_alarm_too_long(alarm.name, since)
