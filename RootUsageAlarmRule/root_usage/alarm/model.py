"""From the alarm's quiet life: does one root event cause ALARM, and another a day later again?

The alarm's life is made of periods that are quiet (missing while the log group is idle, not breaching
while it is busy and the filter has a default value) and, now and then, one that holds a root event.
Three windows decide, each with nothing but missing and with nothing but quiet values around the event:

1. quiet: must not be ALARM, or the event changes nothing;
2. the event in the newest period: must be ALARM, whatever the state was; or, where there are no
   datapoints but root's and the alarm needs several, once the event is as many periods old;
3. quiet again, once the event has left the evaluation range: must not be ALARM any more, and the
   event must leave the range within a day.

Mixtures lie between these two: replacing a missing datapoint by a quiet one never adds a breach, and
replacing a quiet one by a missing one never takes one away (tests/alarm/test_alarm_properties.py). They
hold for every evaluation range that AWS may use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..aws.cloudwatch import MetricAlarm
from ..aws.logs import MetricFilter
from ..verdict.findings import Finding, quote
from ..work import judged, spend
from . import faults, identity
from .evaluation import (
    COMPARISONS,
    MOST_EXTRA_PERIODS,
    Condition,
    Point,
    Settings,
    StateValue,
    Treatment,
    evaluation_ranges,
    next_states,
)
from .input import AlarmInput, Sources, input_of
from .standing import judge_present_state, judge_readiness
from .timing import worst_minutes

_DAY = 24 * 60

# An alarm looks back seven days at the most, and its periods that long have a minute at least; shorter
# ones it may look at for one day (`EvaluationPeriods`):
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
MOST_PERIODS = 7 * _DAY
_BEFORE = (StateValue.OK, StateValue.INSUFFICIENT_DATA)


MAX_STEPS_OF_WINDOWS = 50_000
"""Steps of work on the windows of one kind; the longest of them take less than half of that."""

_POINTS_IN_A_STEP = 20


@dataclass(frozen=True, slots=True)
class Rings:
    """One root event at any moment, and another a day later, each cause a transition into ALARM.

    `worst_minutes`: from the event's arrival in the log group to ALARM, by the alarm's own settings.
    """

    worst_minutes: int
    notes: tuple[str, ...]


def judge_metric_alarm(
    alarm: MetricAlarm,
    sources: Sources,
    now: datetime,
) -> Rings | Finding:
    """Whether root events that the feed matches ring the alarm.

    The companions' matches count as quiet (that they aren't drowned by everyday events is the caller's
    to prove, see `filters_heard_by`).
    """
    condition = _condition(alarm)
    settings = _settings(alarm)
    if isinstance(condition, Finding):
        return condition
    if isinstance(settings, Finding):
        return settings
    reading = input_of(alarm, sources)
    if isinstance(reading, Finding):
        return reading
    fault = (
        _judge_datapoints(alarm, sources.feed, reading, condition)
        or _judge_windows(alarm, reading, settings)
        or judge_readiness(alarm, now)
    )
    if fault:
        return fault
    stays = _stays_minutes(reading, settings)
    if stays >= _DAY:
        return faults.stays_a_day(alarm.name, stays)
    present = judge_present_state(alarm, stays, now)
    return present or Rings(
        worst_minutes(alarm), (*_notes(alarm, reading, settings), *_notes_on_dimensions(alarm, sources.feed))
    )


def settles_within_a_day(alarm: MetricAlarm, sources: Sources) -> bool:
    """Whether the alarm, which needn't ring at all, is surely not in ALARM a day after a root event.

    As in `judge_metric_alarm`, the companions' matches count as quiet.
    """
    condition = _condition(alarm)
    settings = _settings(alarm)
    reading = input_of(alarm, sources)
    if isinstance(condition, Finding) or isinstance(settings, Finding) or isinstance(reading, Finding):
        return False
    return (
        not reading.datapoints.quiet.may_breach(condition)
        and StateValue.ALARM not in _states(_quiet_points(reading), (), settings, tuple(StateValue))
        and _stays_minutes(reading, settings) < _DAY
    )


def _condition(alarm: MetricAlarm) -> Condition | Finding:
    if alarm.unknown:
        return faults.not_proven(alarm.name, alarm.unknown)
    if alarm.promql is not None:
        return faults.not_proven(alarm.name, "a PromQL query")
    if alarm.threshold_metric_id is not None:
        return faults.not_proven(alarm.name, "an anomaly detection band")
    comparison = COMPARISONS.get(alarm.comparison_operator or "")
    if comparison is None or alarm.threshold is None:
        return faults.not_proven(alarm.name, f"comparison {alarm.comparison_operator}")
    return Condition(comparison, alarm.threshold)


def _settings(alarm: MetricAlarm) -> Settings | Finding:
    periods = alarm.evaluation_periods
    wanted = alarm.datapoints_to_alarm or periods
    if not periods or not wanted or not 1 <= wanted <= periods <= MOST_PERIODS:
        return faults.not_proven(alarm.name, f"{wanted} datapoints out of {periods}")
    try:
        treatment = Treatment(alarm.treat_missing_data)
    except ValueError:
        return faults.not_proven(alarm.name, f"missing data as {alarm.treat_missing_data}")
    return Settings(periods, wanted, treatment)


def _judge_datapoints(
    alarm: MetricAlarm, feed: MetricFilter, reading: AlarmInput, condition: Condition
) -> Finding | None:
    """Each quiet datapoint must not breach, each with a root event in it must."""
    points = reading.datapoints
    if reading.period % 60:
        return faults.short_period(alarm.name, reading.period)
    if reading.doubt and (points.quiet.may_breach(condition) or points.event.may_be_missing):
        return faults.not_documented(alarm.name, reading.doubt)
    if points.quiet.may_breach(condition):
        return faults.breaching_quiet(alarm.name, reading.label, condition, points.quiet)
    if points.event.surely_breaches(condition):
        return None
    alone = points.alone.spread
    if alone is None or points.event.may_be_missing:
        return faults.gap(alarm.name, reading.label)
    if not alone.all_breach(condition):
        publishes_zero = identity.value_of_match(alarm.name, feed) == 0
        if alone.low == alone.high == 0 and condition.comparison.is_upward and publishes_zero:
            return faults.value_zero(alarm.name, feed)
        return faults.threshold_not_reached(alarm.name, reading.label, condition, alone)
    if condition.comparison.is_upward:
        return faults.diluted(alarm.name, reading.label, condition)
    return faults.crowded(alarm.name, reading.label, condition)


def _judge_windows(alarm: MetricAlarm, reading: AlarmInput, settings: Settings) -> Finding | None:
    """The three windows of the module's docstring, for every evaluation range."""
    quiet = _quiet_points(reading)
    minutes = settings.evaluation_periods * reading.period // 60
    if reading.fills and minutes == 1:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
        # warns that FILL in an alarm may replace the newest datapoint, which is late, again and again.
        return faults.fills_too_soon(alarm.name)
    if StateValue.ALARM in _states(quiet, (), settings, _BEFORE):
        return _of_missing_data(alarm, reading, faults.breaching_missing)
    # By AWS's tables one breaching datapoint among missing ones is ALARM once it is M periods old; other
    # datapoints in between may prevent that.
    ageing = (Point.MISSING,) * (settings.datapoints_to_alarm - 1) if reading.is_roots_alone else ()
    heard = _states(quiet, (Point.BREACHING, *ageing), settings, _BEFORE)
    if settings.datapoints_to_alarm > 1 and heard != {StateValue.ALARM}:
        return faults.needs_more(alarm.name, settings)
    if StateValue.ALARM in _states(quiet, (), settings, (StateValue.ALARM,)):
        return _of_missing_data(alarm, reading, faults.latches)
    return None if heard == {StateValue.ALARM} else faults.needs_more(alarm.name, settings)


def _of_missing_data(alarm: MetricAlarm, reading: AlarmInput, fault: Callable[[str], Finding]) -> Finding:
    """The fault of missing data, if it is known that quiet data is missing."""
    return faults.not_documented(alarm.name, reading.doubt) if reading.doubt else fault(alarm.name)


def _quiet_points(reading: AlarmInput) -> tuple[Point, ...]:
    quiet = reading.datapoints.quiet
    missing = (Point.MISSING,) if quiet.may_be_missing else ()
    return (*missing, Point.NOT_BREACHING) if quiet.spread is not None else missing


@judged(
    lambda _quiet, _newest, settings, _previous: f"alarms of {settings.evaluation_periods:,} periods",
    MAX_STEPS_OF_WINDOWS,
    lambda _: set(StateValue),
)
def _states(
    quiet: tuple[Point, ...], newest: tuple[Point, ...], settings: Settings, previous: tuple[StateValue, ...]
) -> set[StateValue]:
    """All states that may follow on windows of one kind of quiet point, with `newest` at the end."""
    states: set[StateValue] = set()
    for size in evaluation_ranges(settings):
        for point in quiet:
            spend(1 + size // _POINTS_IN_A_STEP)
            window = (point,) * (size - len(newest)) + newest
            states.update(*(next_states(window, settings, state) for state in previous))
    return states


def _stays_minutes(reading: AlarmInput, settings: Settings) -> int:
    """How long one root event may keep the alarm in ALARM.

    While the log group is idle it stays among the newest real datapoints for the whole range.
    """
    periods = settings.evaluation_periods
    if reading.datapoints.quiet.may_be_missing:
        periods += MOST_EXTRA_PERIODS
    return periods * reading.period // 60


def _notes(alarm: MetricAlarm, reading: AlarmInput, settings: Settings) -> tuple[str, ...]:
    least = (settings.evaluation_periods - settings.datapoints_to_alarm + 1) * reading.period // 60
    if least < 60:
        return ()
    note = (
        f"alarm {quote(alarm.name)} stays in ALARM for {least} minutes or more after a root event "
        "and tells no one of further ones meanwhile"
    )
    return (note,)


def _notes_on_dimensions(alarm: MetricAlarm, feed: MetricFilter) -> tuple[str, ...]:
    return tuple(
        f"alarm {quote(alarm.name)} reads a dimension of field {quote(field)}, which every recorded root "
        "event has and CloudTrail's page doesn't promise"
        for field in identity.optional_fields(alarm.metrics, feed)
    )
