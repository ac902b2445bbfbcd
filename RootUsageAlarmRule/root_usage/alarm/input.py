"""What an alarm reads in a quiet period, and in one in which root acted.

A plain alarm reads one statistic of one metric, a metric math alarm an expression over several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..aws.cloudwatch import Metric, MetricAlarm, MetricQuery
from ..aws.logs import MetricFilter
from ..verdict.findings import Finding, quote
from . import faults, identity
from .math import evaluate
from .math_syntax import Expression, MathSyntaxError, MathUnproven, calls, parse_expression, references
from .spread import Possible, either
from .statistics import Samples, StatisticUnproven, datapoint, datapoint_of_one, is_extended


@dataclass(frozen=True, slots=True)
class Datapoints:
    """One period's datapoint in three situations.

    `quiet`: root did nothing, and the log group was busy or idle. `alone`: one root event and no
    other value. `event`: at least one root event, among any number of other values.
    """

    quiet: Possible
    alone: Possible
    event: Possible


@dataclass(frozen=True, slots=True)
class AlarmInput:
    """`doubt`: what AWS's page leaves open on the way to the datapoints, which hold every reading of it."""

    label: str
    period: int
    fills: bool
    datapoints: Datapoints
    is_roots_alone: bool = False  # no datapoint but those of the feed's own root events can be there
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """The filter whose root events count, and the others of its log group.

    `account_id` is the account whose root is meant; without it no dimension may hold an account id.
    `certain` are those of the others that match every root event which the feed matches.
    """

    feed: MetricFilter
    companions: tuple[MetricFilter, ...] = ()
    account_id: str | None = None
    certain: tuple[MetricFilter, ...] = ()


class _Broken(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def input_of(alarm: MetricAlarm, sources: Sources) -> AlarmInput | Finding:
    """What the alarm reads, or why it reads nothing that can be foreseen."""
    try:
        return _math(alarm, sources) if alarm.metric is None else _plain(alarm, alarm.metric, sources)
    except _Broken as broken:
        return broken.finding
    except StatisticUnproven as unproven:
        return faults.statistic_unproven(alarm.name, str(unproven))
    except MathUnproven as unproven:
        return faults.not_proven(alarm.name, str(unproven))


def filters_heard_by(alarm: MetricAlarm, filters: Iterable[MetricFilter]) -> tuple[MetricFilter, ...]:
    """Those of the filters whose matches may reach the alarm, through any metric that it names."""
    return tuple(each for each in filters if any(identity.is_named(metric, each) for metric in alarm.metrics))


# -- plain alarms ------------------------------------------------------------------------------------


def _plain(alarm: MetricAlarm, metric: Metric, sources: Sources) -> AlarmInput:
    if not identity.is_named(metric, sources.feed):
        raise _Broken(faults.other_metric(alarm.name, sources.feed))
    if alarm.statistic is None or alarm.period is None:
        raise _Broken(faults.not_proven(alarm.name, "an alarm without statistic or period"))
    datapoints = _of_feed(alarm, metric, alarm.unit, alarm.statistic, sources)
    is_shared = any(identity.publishes_to(metric, each) for each in sources.companions)
    return AlarmInput(
        label=alarm.statistic,
        period=alarm.period,
        fills=False,
        datapoints=datapoints,
        is_roots_alone=datapoints.quiet.spread is None and not is_shared,
    )


def _of_feed(
    alarm: MetricAlarm, metric: Metric, unit: str | None, statistic: str, sources: Sources
) -> Datapoints:
    """The datapoints of the metric that root events are published to."""
    name = alarm.name
    _raise_if(identity.judge_dimensions(name, metric, sources.feed, sources.account_id))
    sharing = tuple(each for each in sources.companions if identity.publishes_to(metric, each))
    _raise_if(identity.judge_unit(name, unit, (sources.feed, *sharing)))
    if alarm.evaluate_low_sample_count_percentile == "ignore" and is_extended(statistic):
        raise _Broken(faults.percentile_of_few(name, statistic))
    own = identity.value_of_match(name, sources.feed)
    if isinstance(own, Finding):
        raise _Broken(own)
    if unit is not None:
        sharing = tuple(each for each in sharing if each.unit == unit)
    defaults = _defaults((sources.feed, *sharing))
    # A companion may match the root event as well, and publish its own value beside the feed's.
    others = (*defaults, *_values_of_matches(name, sharing))
    certain = () if metric.dimensions else tuple(each for each in sharing if each in sources.certain)
    root = (own, *_values_of_matches(name, certain))
    return Datapoints(
        quiet=datapoint(statistic, Samples((), defaults)),
        alone=datapoint_of_one(statistic, root),
        event=datapoint(statistic, Samples(root, others)),
    )


def _defaults(filters: tuple[MetricFilter, ...]) -> tuple[float, ...]:
    return tuple(sorted({each.default_value for each in filters if each.default_value is not None}))


def _values_of_matches(alarm_name: str, filters: tuple[MetricFilter, ...]) -> tuple[float, ...]:
    values: list[float] = []
    for each in filters:
        value = identity.value_of_match(alarm_name, each)
        if isinstance(value, Finding):
            raise _Broken(faults.shared_metric(alarm_name, each))
        values.append(value)
    return tuple(values)


# -- metric math -------------------------------------------------------------------------------------


def _math(alarm: MetricAlarm, sources: Sources) -> AlarmInput:
    returned = [query for query in alarm.queries if query.returns_data]
    if len(returned) != 1:
        raise MathUnproven("an alarm that returns several time series")
    queries = {query.query_id: query for query in alarm.queries}
    periods = {query.period for query in alarm.queries if query.metric}
    if len(periods) != 1 or (period := periods.pop()) is None:
        raise MathUnproven("metrics of different periods")
    _raise_if(_without_feed(alarm, sources))
    formula = _Formula(alarm, queries, sources, period)
    datapoints = Datapoints(
        quiet=formula.outcome(returned[0].query_id, "quiet"),
        alone=formula.outcome(returned[0].query_id, "alone"),
        event=formula.outcome(returned[0].query_id, "event"),
    )
    return AlarmInput(
        label=_label(returned[0]),
        period=period,
        fills=formula.calls_fill(),
        datapoints=datapoints,
        doubt=min(formula.doubts, default=None),
    )


def _without_feed(alarm: MetricAlarm, sources: Sources) -> Finding | None:
    if any(identity.is_named(metric, sources.feed) for metric in alarm.metrics):
        return None
    return faults.other_metric(alarm.name, sources.feed)


def _label(query: MetricQuery) -> str:
    return quote(query.expression) if query.expression else str(query.statistic)


class _Formula:
    """A metric math alarm's queries, evaluated in one of the three situations of `Datapoints`."""

    def __init__(
        self, alarm: MetricAlarm, queries: dict[str, MetricQuery], sources: Sources, period: int
    ) -> None:
        self.alarm = alarm
        self.queries = queries
        self.sources = sources
        self.period = period
        self.metric_ids = tuple(each for each, query in queries.items() if query.metric)
        self.expressions = {each: _parse(query) for each, query in queries.items() if query.expression}
        self.doubts: set[str] = set()

    def calls_fill(self) -> bool:
        return any("FILL" in calls(expression) for expression in self.expressions.values())

    def outcome(self, query_id: str, situation: str) -> Possible:
        """Each expression once, after those that it refers to, as they may name each other many times."""
        known: dict[str, Possible] = {}
        waiting = self._needed_by(query_id)
        while waiting:
            ready = [each for each in waiting if not self._referred_by(each) & waiting.keys()]
            if not ready:
                raise MathUnproven(f"the expression {quote(next(iter(waiting)))}, which refers to itself")
            for each in ready:
                known[each] = self._of_query(each, situation, known)
                del waiting[each]
        return known[query_id]

    def _needed_by(self, query_id: str) -> dict[str, None]:
        """The queries that the outcome of one is made of, itself included; in an order that stays."""
        needed: dict[str, None] = {}
        waiting = [query_id]
        while waiting:
            each = waiting.pop()
            if each not in needed:
                needed[each] = None
                waiting += sorted(self._referred_by(each))
        return needed

    def _referred_by(self, query_id: str) -> frozenset[str]:
        expression = self.expressions.get(query_id)
        if expression is None:
            return frozenset()
        metrics = self.metric_ids if "METRICS" in calls(expression) else ()
        return references(expression).union(metrics) & self.queries.keys()

    def _of_query(self, query_id: str, situation: str, known: Mapping[str, Possible]) -> Possible:
        query = self.queries[query_id]
        if query.account_id not in (None, self.alarm.arn.account_id):
            raise MathUnproven(f"metrics of account {quote(query.account_id)}")
        if query.metric:
            datapoints = self._of_metric(query, query.metric)
            return {"quiet": datapoints.quiet, "alone": datapoints.alone, "event": datapoints.event}[
                situation
            ]
        if query_id not in self.expressions:
            raise MathUnproven(f"query {quote(query_id)}, which has neither metric nor expression")
        return evaluate(
            self.expressions[query_id], _look_up(known), self.metric_ids, self.period, self.doubts
        )

    def _of_metric(self, query: MetricQuery, metric: Metric) -> Datapoints:
        statistic = query.statistic or "Sum"
        if identity.is_named(metric, self.sources.feed):
            return _of_feed(self.alarm, metric, query.unit, statistic, self.sources)
        filters = tuple(each for each in self.sources.companions if identity.publishes_to(metric, each))
        if not filters or metric.dimensions:
            raise MathUnproven(f"metric {quote(f'{metric.namespace}/{metric.name}')}")
        certain = tuple(each for each in filters if each in self.sources.certain)
        return _of_companions(self.alarm.name, query.unit, statistic, filters, certain)


def _of_companions(
    alarm_name: str,
    unit: str | None,
    statistic: str,
    filters: tuple[MetricFilter, ...],
    certain: tuple[MetricFilter, ...],
) -> Datapoints:
    """Other filters of the log group: quiet by themselves, and maybe matching the root event too.

    Those that are `certain` do match it.
    """
    _raise_if(identity.judge_unit(alarm_name, unit, filters))
    defaults = _defaults(filters)
    quiet = datapoint(statistic, Samples((), defaults))
    others = (*defaults, *_values_of_matches(alarm_name, filters))
    root = _values_of_matches(alarm_name, certain)
    matched = datapoint(statistic, Samples(root, others))
    if root:
        return Datapoints(quiet=quiet, alone=datapoint_of_one(statistic, root), event=matched)
    maybe = either((quiet, matched))
    return Datapoints(quiet=quiet, alone=maybe, event=maybe)


def _look_up(known: Mapping[str, Possible]) -> Callable[[str], Possible]:
    def datapoint_of(query_id: str) -> Possible:
        if query_id not in known:
            raise MathUnproven(f"the name {quote(query_id)} in an expression")
        return known[query_id]

    return datapoint_of


def _parse(query: MetricQuery) -> Expression:
    try:
        return parse_expression(query.expression or "")
    except MathSyntaxError as error:
        raise MathUnproven(f"{quote(error.source)} ({error.message})") from error


def _raise_if(finding: Finding | None) -> None:
    if finding:
        raise _Broken(finding)
