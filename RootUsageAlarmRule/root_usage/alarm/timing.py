"""How long from a root event's arrival in the log group to ALARM, by the alarm's own settings.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
"""

from __future__ import annotations

from ..aws.cloudwatch import MetricAlarm
from ..verdict.findings import Code, Finding, quote

# Values of a metric filter are put together minute by minute, and alarms are evaluated each minute.
_MINUTES_TO_DATAPOINT = 1
_MINUTES_TO_EVALUATION = 1


def judge_detection_time(alarm_name: str, worst: int, max_minutes: int | None) -> Finding | None:
    """The finding that the alarm is slower than parameter MaxDetectionMinutes allows."""
    if max_minutes is None or worst <= max_minutes:
        return None
    return Finding(
        Code.ALARM_TOO_SLOW,
        alarm_name,
        f"alarm {quote(alarm_name)} may ring {worst} minutes after a root event, "
        f"later than MaxDetectionMinutes {max_minutes} allows",
        "use a sliding window, or raise MaxDetectionMinutes",
    )


def worst_minutes(alarm: MetricAlarm) -> int:
    """A sliding window shows an event at the next evaluation, a wall-clock one when its period is over.

    An alarm that needs M datapoints rings on one event once that is M periods old, if at all.
    """
    ageing = (datapoints_needed(alarm) - 1) * period_minutes(alarm)
    if alarm.wall_clock_timezone is None:
        return _MINUTES_TO_DATAPOINT + _MINUTES_TO_EVALUATION + ageing
    return period_minutes(alarm) + _MINUTES_TO_EVALUATION + ageing


def datapoints_needed(alarm: MetricAlarm) -> int:
    return alarm.datapoints_to_alarm or alarm.evaluation_periods or 1


def period_minutes(alarm: MetricAlarm) -> int:
    """The longest period that the alarm reads; rounded up to minutes."""
    periods = [alarm.period, *(query.period for query in alarm.queries)]
    return max(-(-period // 60) for period in (*periods, 60) if period is not None)
