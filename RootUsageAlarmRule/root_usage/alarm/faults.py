"""The findings on a metric alarm: what is wrong, what follows, what to do.

Kept apart from the judging, so that the sentences can be read and compared side by side.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ..aws.logs import MetricFilter
from ..verdict.findings import Code, Finding, quote
from .evaluation import Condition, Settings
from .spread import Possible, Spread


def number(value: float) -> str:
    """A threshold as people write it: `1`, not `1.0`."""
    return f"{value:g}"


def moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def condition_text(condition: Condition) -> str:
    return f"{condition.comparison.value} {number(condition.threshold)}"


def alarm_fault(code: Code, alarm_name: str, fault: str, remedy: str) -> Finding:
    return Finding(code, alarm_name, f"alarm {quote(alarm_name)}: {fault}", remedy)


def not_proven(alarm_name: str, what: str, *, why: str = "this rule doesn't decide") -> Finding:
    return Finding(
        Code.ALARM_NOT_PROVEN,
        alarm_name,
        f"can't prove that alarm {quote(alarm_name)} rings: {why} {what}",
        "use a plain alarm on the metric (Sum >= 1)",
    )


def not_documented(alarm_name: str, what: str) -> Finding:
    return not_proven(alarm_name, what, why="AWS doesn't document")


# -- which metric ------------------------------------------------------------------------------------


def other_metric(alarm_name: str, feed: MetricFilter) -> Finding:
    return alarm_fault(
        Code.ALARM_OTHER_METRIC,
        alarm_name,
        f"watches another metric than metric filter {quote(feed.name)} feeds, so it sees no root event",
        f"let it watch {quote(f'{feed.metric_namespace}/{feed.metric_name}')}",
    )


def other_unit(alarm_name: str, unit: str, metric_filter: MetricFilter) -> Finding:
    return alarm_fault(
        Code.ALARM_UNIT,
        alarm_name,
        f"watches unit {unit}, but metric filter {quote(metric_filter.name)} publishes unit "
        f"{metric_filter.unit}, so it sees no root event",
        "remove the alarm's unit",
    )


def several_units(alarm_name: str, units: list[str]) -> Finding:
    return alarm_fault(
        Code.ALARM_UNIT,
        alarm_name,
        f"its metric has the units {' and '.join(units)}, which AWS doesn't define, so it may not ring",
        "give root usage a metric of its own",
    )


def dimension_not_published(alarm_name: str, dimension: str, feed: MetricFilter) -> Finding:
    return alarm_fault(
        Code.ALARM_DIMENSIONS,
        alarm_name,
        f"watches dimension {quote(dimension)}, which metric filter {quote(feed.name)} doesn't publish, "
        "so it sees no root event",
        "remove the dimension from the alarm",
    )


def dimension_not_watched(alarm_name: str, dimension: str, feed: MetricFilter) -> Finding:
    return alarm_fault(
        Code.ALARM_DIMENSIONS,
        alarm_name,
        f"doesn't name dimension {quote(dimension)} of metric filter {quote(feed.name)}, "
        "so it sees no root event",
        "remove the dimension from the metric filter",
    )


def dimension_value(alarm_name: str, dimension: str, value: str, published: str) -> Finding:
    return alarm_fault(
        Code.ALARM_DIMENSIONS,
        alarm_name,
        f"watches {quote(dimension)} = {quote(value)}, but root events carry {quote(published)}, "
        "so it sees none",
        "remove the dimension from filter and alarm",
    )


def dimension_varies(alarm_name: str, dimension: str, feed: MetricFilter) -> Finding:
    return alarm_fault(
        Code.FILTER_DIMENSIONS,
        alarm_name,
        f"watches one value of dimension {quote(dimension)} of metric filter {quote(feed.name)}, "
        "but root events may carry others, so it misses them",
        "remove the dimension from both",
    )


# -- which value -------------------------------------------------------------------------------------


def value_from_field(alarm_name: str, metric_filter: MetricFilter) -> Finding:
    return alarm_fault(
        Code.METRIC_VALUE_UNDECIDED,
        alarm_name,
        f"metric filter {quote(metric_filter.name)} publishes {quote(metric_filter.metric_value)}, "
        "which isn't a number in every root event, so it may not ring",
        "set the metric value to 1",
    )


def value_not_a_number(alarm_name: str, metric_filter: MetricFilter) -> Finding:
    return alarm_fault(
        Code.METRIC_VALUE_UNDECIDED,
        alarm_name,
        f"metric filter {quote(metric_filter.name)} publishes {quote(metric_filter.metric_value)}, "
        "which isn't a number, so no one is told",
        "set the metric value to 1",
    )


def value_zero(alarm_name: str, feed: MetricFilter) -> Finding:
    return alarm_fault(
        Code.METRIC_VALUE_ZERO,
        alarm_name,
        f"metric filter {quote(feed.name)} publishes 0 for a root event, so no one is told",
        "set its metric value to 1",
    )


def shared_metric(alarm_name: str, metric_filter: MetricFilter) -> Finding:
    return alarm_fault(
        Code.METRIC_SHARED,
        alarm_name,
        f"metric filter {quote(metric_filter.name)} publishes {quote(metric_filter.metric_value)} to its "
        "metric too, so what one root event changes can't be proven",
        "give root usage a metric of its own",
    )


def statistic_unproven(alarm_name: str, what: str) -> Finding:
    return alarm_fault(
        Code.ALARM_STATISTIC,
        alarm_name,
        f"AWS doesn't document {what}, so it may not ring",
        "use statistic Sum",
    )


def percentile_of_few(alarm_name: str, statistic: str) -> Finding:
    return alarm_fault(
        Code.ALARM_STATISTIC,
        alarm_name,
        f"ignores {statistic} while there are few samples, and one root event is few, so no one is told",
        "evaluate low sample counts, or use Sum",
    )


# -- what it does with the value ---------------------------------------------------------------------


def threshold_not_reached(alarm_name: str, label: str, condition: Condition, alone: Spread) -> Finding:
    is_upward = condition.comparison.is_upward
    value = alone.low if is_upward else alone.high
    if not is_upward and value > 0:
        return wrong_comparison(alarm_name, label, condition)
    gives, tells = (
        ("gives", "no one is told") if alone.low == alone.high else ("may give", "it may tell no one")
    )
    order = "lower the threshold to" if condition.comparison.allows_equal else "ring at >="
    return alarm_fault(
        Code.ALARM_THRESHOLD_TOO_HIGH,
        alarm_name,
        f"rings at {label} {condition_text(condition)}, but one root event {gives} {number(value)}, "
        f"so {tells}",
        f"{order} {number(value)}" if value > 0 else "use Sum >= 1 with metric value 1",
    )


def wrong_comparison(alarm_name: str, label: str, condition: Condition) -> Finding:
    return alarm_fault(
        Code.ALARM_COMPARISON,
        alarm_name,
        f"rings at {label} {condition_text(condition)}, but root events raise the metric, so no one is told",
        "let it ring at >= 1",
    )


def crowded(alarm_name: str, label: str, condition: Condition) -> Finding:
    return alarm_fault(
        Code.ALARM_COMPARISON,
        alarm_name,
        f"rings at {label} {condition_text(condition)}, which one root event reaches but several in one "
        "period may not, so it may tell no one",
        "let it ring at >= 1",
    )


def diluted(alarm_name: str, label: str, condition: Condition) -> Finding:
    return alarm_fault(
        Code.ALARM_DILUTED,
        alarm_name,
        f"other values of its metric, default values among them, dilute {label}, so one root event may "
        f"not reach {condition_text(condition)}",
        "use statistic Sum",
    )


def gap(alarm_name: str, label: str) -> Finding:
    return alarm_fault(
        Code.ALARM_NOT_PROVEN,
        alarm_name,
        f"{label} may have no datapoint when root acts, as another metric in it may be missing, "
        "so it may not ring",
        "wrap each metric in FILL(..., 0)",
    )


def breaching_quiet(alarm_name: str, label: str, condition: Condition, quiet: Possible) -> Finding:
    always = quiet.spread is not None and quiet.spread.all_breach(condition) and not quiet.may_be_missing
    reaches, tells = (
        ("reaches", "it lives in ALARM and tells") if always else ("may reach", "it may be in ALARM and tell")
    )
    return alarm_fault(
        Code.ALARM_ALWAYS_IN_ALARM,
        alarm_name,
        f"{label} of quiet data {reaches} {condition_text(condition)}, so {tells} no one of a root event",
        "set default value 0 and ring at Sum >= 1",
    )


def breaching_missing(alarm_name: str) -> Finding:
    return alarm_fault(
        Code.ALARM_ALWAYS_IN_ALARM,
        alarm_name,
        "treats missing data as breaching, so it is in ALARM while nothing happens and tells no one of "
        "a root event",
        "treat missing data as notBreaching",
    )


def latches(alarm_name: str) -> Finding:
    return alarm_fault(
        Code.ALARM_LATCHES,
        alarm_name,
        "treats missing data as ignore, so it stays in ALARM after the first root event and later ones "
        "are silent",
        "treat missing data as notBreaching",
    )


def stays_a_day(alarm_name: str, minutes: int) -> Finding:
    return alarm_fault(
        Code.ALARM_LATCHES,
        alarm_name,
        f"one root event may keep it in ALARM for {minutes // 60} hours, so another a day later is silent",
        "set period 300 and 1 evaluation period",
    )


def needs_more(alarm_name: str, settings: Settings) -> Finding:
    wanted, of = settings.datapoints_to_alarm, settings.evaluation_periods
    return alarm_fault(
        Code.ALARM_NEEDS_MORE_PERIODS,
        alarm_name,
        f"needs {wanted} breaching datapoints of {of}, but one root event gives 1, so it may tell no one",
        "set datapoints to alarm to 1",
    )


def short_period(alarm_name: str, period: int) -> Finding:
    return alarm_fault(
        Code.ALARM_PERIOD,
        alarm_name,
        f"its period of {period} s is finer than the minutes of its metric, so it may not see a root event",
        "set the period to 60 or 300",
    )


def fills_too_soon(alarm_name: str) -> Finding:
    return alarm_fault(
        Code.ALARM_FILLS_TOO_SOON,
        alarm_name,
        "FILL may put its number where the newest minute's data is late, so it may never see a root event",
        "set the period to 300",
    )


# -- how it stands now -------------------------------------------------------------------------------


def evaluation_state(alarm_name: str, state: str) -> Finding:
    return alarm_fault(
        Code.ALARM_EVALUATION_ERROR,
        alarm_name,
        f"CloudWatch reports {state} on evaluating it, so it may not ring",
        "correct what the alarm's state reason names",
    )


def warming_up(alarm_name: str, until: datetime | None) -> Finding:
    state = f"may warm up until {moment(until)}" if until else "may still warm up"
    return alarm_fault(
        Code.ALARM_WARMING_UP,
        alarm_name,
        f"{state} and performs no actions meanwhile, so no one is told",
        "remove its warm-up period, or wait",
    )


def in_alarm_too_long(alarm_name: str, since: datetime | None) -> Finding:
    when = f"since {moment(since)}" if since else "since a moment unknown"
    return alarm_fault(
        Code.ALARM_ALWAYS_IN_ALARM,
        alarm_name,
        f"in ALARM {when}, longer than one root event explains, so a further one tells no one",
        "find what keeps it in ALARM",
    )
