"""From a day's events to the datapoints that an alarm reads.

What a metric filter publishes, and its default value:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
Statistics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
Metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import accumulate
from typing import Any

from root_usage.aws.cloudwatch import Metric, MetricAlarm, MetricQuery
from root_usage.aws.logs import MetricFilter

from tests.simulation.days import EVENTS, Day, matched_by
from tests.simulation.readings import Reading

Values = list[tuple[float, int]]
"""Values and how many of each there are."""


class TooFewSamples(Exception):
    """A percentile that the alarm shall not take of so few."""


class Published:
    """The values of one metric in one unit, or in several together, by minute."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._counts: dict[float, list[int]] = {}
        self._sums: dict[float, list[int]] | None = None
        self._totals: list[int] = []

    def add(self, minute: int, value: float, count: int) -> None:
        self._counts.setdefault(value, [0] * self._length)[minute] += count

    def between(self, first: int, last: int) -> Values:
        if self._sums is None:
            self._sums = {value: [0, *accumulate(counts)] for value, counts in self._counts.items()}
            self._totals = [sum(each) for each in zip(*self._sums.values(), strict=True)]
        first, end = max(first, 0), min(last + 1, self._length)
        if not self._totals or end <= first or self._totals[end] == self._totals[first]:
            return []
        return [(value, n) for value, sums in self._sums.items() if (n := sums[end] - sums[first])]


Metrics = Mapping[tuple[Metric, str | None], Published]
"""By metric and unit; unit None is all of them together."""


def publish(filters: Iterable[MetricFilter], day: Day, reading: Reading) -> Metrics:
    metrics: dict[tuple[Metric, str | None], Published] = {}

    def put(each: MetricFilter, dimensions: frozenset[tuple[str, str]], value: float, n: int) -> None:
        metric = Metric(each.metric_namespace, each.metric_name, dimensions)
        for unit in (None, each.unit):
            metrics.setdefault((metric, unit), Published(day.length)).add(minute, value, n)

    for each in filters:
        hits = matched_by(each.pattern)
        for minute, kinds in day.minutes.items():
            if not 0 <= minute < day.length:
                continue
            matched = {kind: n for kind, n in kinds.items() if hits[kind]}
            for kind, n in matched.items():
                dimensions = _dimensions(each, EVENTS[kind])
                if dimensions is not None or not reading.absent_dimension_drops:
                    put(each, dimensions or frozenset(), float(each.metric_value), n)
            others = sum(kinds.values()) - sum(matched.values())
            if each.default_value is not None and others and (reading.default_per_event or not matched):
                put(each, frozenset(), each.default_value, others if reading.default_per_event else 1)
    return metrics


def _dimensions(metric_filter: MetricFilter, event: Mapping[str, Any]) -> frozenset[tuple[str, str]] | None:
    """None where the event lacks one of the fields."""
    found = []
    for name, selector in metric_filter.dimensions:
        value: Any = event
        for step in selector.removeprefix("$.").split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is None:
            return None
        found.append((name, str(value)))
    return frozenset(found)


# -- statistics --------------------------------------------------------------------------------------


def statistic_of(name: str, values: Values, reading: Reading) -> float:
    count = sum(n for _, n in values)
    match name:
        case "Sum":
            return sum(value * n for value, n in values)
        case "SampleCount":
            return count
        case "Average":
            return sum(value * n for value, n in values) / count
        case "Minimum":
            return min(value for value, _ in values)
        case "Maximum":
            return max(value for value, _ in values)
        case _:
            return _percentile(float(name.removeprefix("p")) / 100, sorted(values), count, reading)


def _percentile(share: float, values: Values, count: int, reading: Reading) -> float:
    def at(rank: int) -> float:
        ends = accumulate(n for _, n in values)
        return next(value for (value, _), end in zip(values, ends, strict=True) if end > rank)

    if not reading.interpolates:
        return at(max(0, -int(-share * count // 1) - 1))
    place = share * (count - 1)
    low, high = at(int(place)), at(min(int(place) + 1, count - 1))
    return low + (high - low) * (place % 1)


# -- what an alarm reads -------------------------------------------------------------------------------

Operands = Sequence[float | None]
Formula = Callable[[Operands, Reading], float | None]
Reader = Callable[[int, int], float | None]
"""The datapoint of the period that ends with a minute, when data up to another minute has come."""


def _filled(operands: Operands) -> list[float]:
    return [each or 0.0 for each in operands]


def _lifted(combine: Callable[[float, float], float], *, is_function: bool = False) -> Formula:
    def formula(operands: Operands, reading: Reading) -> float | None:
        present = [each for each in operands if each is not None]
        if not present:
            return None
        if len(present) < len(operands):
            if reading.missing_in_math == "drop" or (
                reading.missing_in_math == "leave out" and not is_function
            ):
                return None
            if reading.missing_in_math == "zero":
                present = _filled(operands)
        return reduce(combine, present)

    return formula


FORMULAS: Mapping[str, Formula] = {
    "m1": lambda of, _: of[0],
    "m1 * 2": lambda of, _: None if of[0] is None else of[0] * 2,
    "FILL(m1, 0)": lambda of, _: of[0] or 0.0,
    "m1 + m2": _lifted(lambda a, b: a + b),
    "m1 - m2": _lifted(lambda a, b: a - b),
    "FILL(m1, 0) + FILL(m2, 0)": lambda of, _: sum(_filled(of)),
    "SUM(METRICS())": _lifted(lambda a, b: a + b, is_function=True),
    "MAX(METRICS())": _lifted(max, is_function=True),
    "MIN([FILL(m1, 0), FILL(m2, 0)])": lambda of, _: min(_filled(of)),
    "IF(FILL(m1, 0) > 0, 1, 0)": lambda of, _: float((of[0] or 0.0) > 0),
    "FILL(m1, 1)": lambda of, _: 1.0 if of[0] is None else of[0],
}


def reader_of(alarm: MetricAlarm, metrics: Metrics, reading: Reading) -> Reader:
    if alarm.metric is not None:
        return _reader(alarm, alarm.metric, str(alarm.statistic), alarm.unit, metrics, reading)
    expression = next(each.expression for each in alarm.queries if each.expression)
    formula = FORMULAS[expression]
    operands = [_reader_of_query(alarm, each, metrics, reading) for each in alarm.queries if each.metric]
    return lambda end, seen: formula([each(end, seen) for each in operands], reading)


def _reader_of_query(alarm: MetricAlarm, query: MetricQuery, metrics: Metrics, reading: Reading) -> Reader:
    assert query.metric
    return _reader(alarm, query.metric, str(query.statistic), query.unit, metrics, reading)


def _reader(
    alarm: MetricAlarm, metric: Metric, statistic: str, unit: str | None, metrics: Metrics, reading: Reading
) -> Reader:
    units = {each for of, each in metrics if of == metric and each is not None}
    if unit is None and len(units) > 1:
        unit = reading.unit  # "If you omit Unit and the metric has several, the result is undefined"
    published = metrics.get((metric, unit), Published(0))
    minutes = minutes_of_period(alarm)

    def datapoint(end: int, seen: int) -> float | None:
        values = published.between(end - minutes + 1, min(end, seen))
        if not values:
            return None
        if alarm.evaluate_low_sample_count_percentile == "ignore" and statistic.startswith("p"):
            share = float(statistic[1:]) / 100
            if sum(n for _, n in values) * min(share, 1 - share) < 10:
                raise TooFewSamples
        return statistic_of(statistic, values, reading)

    return datapoint


def minutes_of_period(alarm: MetricAlarm) -> int:
    return max(each for each in (alarm.period, *(one.period for one in alarm.queries)) if each) // 60
