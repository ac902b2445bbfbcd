"""The alarms that a composite depends on, through other composites too, and what they have together."""

from __future__ import annotations

from collections.abc import Mapping

from ..aws.arn import Arn
from ..aws.cloudwatch import CompositeAlarm, MetricAlarm
from ..work import spend
from .composite_rule import Rule, RuleSyntaxError, alarms_of, parse_rule
from .timing import datapoints_needed, worst_minutes

Alarm = MetricAlarm | CompositeAlarm

_CHARACTERS_IN_A_STEP = 16


def alarms_below(alarm: Alarm, known: Mapping[str, Alarm]) -> tuple[Alarm, ...]:
    """The alarm and all alarms that it depends on, through composites, each once."""
    found: dict[Arn, Alarm] = {}
    waiting = [alarm]
    while waiting:
        each = waiting.pop()
        if each.arn not in found:
            found[each.arn] = each
            waiting += [known[name] for name in _children(each) if name in known]
    return tuple(found.values())


def _children(alarm: Alarm) -> tuple[str, ...]:
    # Not judged here: a rule that isn't understood names nothing.
    return tuple(name for rule in (readings_of(alarm) or ())[:1] for name in alarms_of(rule))


def _metric_alarms(alarm: Alarm, known: Mapping[str, Alarm]) -> tuple[MetricAlarm, ...]:
    return tuple(each for each in alarms_below(alarm, known) if isinstance(each, MetricAlarm))


def metrics_of(alarm: Alarm, known: Mapping[str, Alarm]) -> frozenset[tuple[str, str]]:
    return frozenset().union(*(own_metrics(each) for each in _metric_alarms(alarm, known)))


def own_metrics(alarm: MetricAlarm) -> frozenset[tuple[str, str]]:
    return frozenset((metric.namespace, metric.name) for metric in alarm.metrics)


def slowest_minutes(alarm: Alarm, known: Mapping[str, Alarm]) -> int:
    """The slowest of the metric alarms below, and the waiting of the composites between."""
    between = alarms_below(alarm, known)
    waits = sum(
        -(-each.actions_suppressor_wait_seconds // 60)
        for each in between
        if isinstance(each, CompositeAlarm) and each.actions_suppressor
    )
    slowest = [worst_minutes(each) for each in between if isinstance(each, MetricAlarm)]
    return max(slowest, default=0) + waits


def least_seconds(alarm: Alarm, known: Mapping[str, Alarm]) -> int:
    """How long the alarm surely stays in ALARM: as long as the quickest of the metric alarms below.

    A minute less than the event is looked at, as its data may come after the first evaluation:
    https://repost.aws/knowledge-center/cloudwatch-trigger-metric
    """
    quickest = (
        ((each.evaluation_periods or 1) - datapoints_needed(each) + 1) * period
        for each in _metric_alarms(alarm, known)
        for period in (each.period, *(query.period for query in each.queries))
        if period
    )
    return max(min(quickest, default=0) - 60, 0)


def readings_of(alarm: Alarm) -> tuple[Rule, ...] | None:
    """Both readings of a composite's rule, none of a metric alarm; None for a rule not understood."""
    if isinstance(alarm, MetricAlarm):
        return ()
    spend(1 + len(alarm.rule) // _CHARACTERS_IN_A_STEP)
    try:
        return parse_rule(alarm.rule), parse_rule(alarm.rule, left_to_right=True)
    except RuleSyntaxError:
        return None
