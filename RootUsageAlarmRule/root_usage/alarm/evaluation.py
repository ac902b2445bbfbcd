"""How CloudWatch gets from the datapoints of an alarm's evaluation range to the alarm's next state.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
AWS's two tables on the second page are test vectors, in tests/alarm/test_evaluation.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

# CloudWatch looks at more periods than the alarm names; how many more isn't published. AWS's own
# tables show 5 for 3, and alarms with 1 were seen to look at 3 or 4. An answer has to hold for all
# ranges from N to N + 5.
MOST_EXTRA_PERIODS = 5


class StateValue(Enum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Point(Enum):
    """What one datapoint says to the alarm."""

    BREACHING = "X"
    NOT_BREACHING = "0"
    MISSING = "-"


class Treatment(Enum):
    """`TreatMissingData`."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


class ComparisonOperator(Enum):
    """The comparison operators of a static threshold, by the sign that people read."""

    GREATER_OR_EQUAL = ">="
    GREATER = ">"
    LESS = "<"
    LESS_OR_EQUAL = "<="

    @property
    def is_upward(self) -> bool:
        return self in {ComparisonOperator.GREATER_OR_EQUAL, ComparisonOperator.GREATER}

    @property
    def allows_equal(self) -> bool:
        return self in {ComparisonOperator.GREATER_OR_EQUAL, ComparisonOperator.LESS_OR_EQUAL}


# The others (`LessThanLowerThreshold` ...) belong to anomaly detection bands.
COMPARISONS = {
    "GreaterThanOrEqualToThreshold": ComparisonOperator.GREATER_OR_EQUAL,
    "GreaterThanThreshold": ComparisonOperator.GREATER,
    "LessThanThreshold": ComparisonOperator.LESS,
    "LessThanOrEqualToThreshold": ComparisonOperator.LESS_OR_EQUAL,
}


@dataclass(frozen=True, slots=True)
class Condition:
    comparison: ComparisonOperator
    threshold: float

    def point_of(self, datapoint: float | None) -> Point:
        """What a datapoint, None for a missing one, says to the alarm."""
        if datapoint is None:
            return Point.MISSING
        return Point.BREACHING if self.breached_by(datapoint) else Point.NOT_BREACHING

    def breached_by(self, value: float) -> bool:
        match self.comparison:
            case ComparisonOperator.GREATER_OR_EQUAL:
                return value >= self.threshold
            case ComparisonOperator.GREATER:
                return value > self.threshold
            case ComparisonOperator.LESS:
                return value < self.threshold
            case ComparisonOperator.LESS_OR_EQUAL:
                return value <= self.threshold
            case other:
                assert_never(other)


@dataclass(frozen=True, slots=True)
class Settings:
    """M (`datapoints_to_alarm`) out of N (`evaluation_periods`), and what a missing datapoint counts."""

    evaluation_periods: int
    datapoints_to_alarm: int
    treatment: Treatment


def evaluation_ranges(settings: Settings) -> range:
    """The numbers of periods that CloudWatch may look at."""
    least = settings.evaluation_periods
    return range(least, least + MOST_EXTRA_PERIODS + 1)


def next_states(window: Sequence[Point], settings: Settings, previous: StateValue) -> frozenset[StateValue]:
    """The alarm's state after it has seen an evaluation range, oldest period first.

    Several states where AWS doesn't say which of them it is.
    """
    real: list[Point] = [point for point in window if point is not Point.MISSING]
    if len(real) >= settings.evaluation_periods:
        return _decided(real[-settings.evaluation_periods :].count(Point.BREACHING), settings)
    breaching = real.count(Point.BREACHING)
    match settings.treatment:
        case Treatment.BREACHING:
            filled = settings.evaluation_periods - len(real)
            return _decided(breaching + filled, settings)
        case Treatment.NOT_BREACHING:
            return _decided(breaching, settings)
        case Treatment.IGNORE:
            return _ignoring(real, settings, previous)
        case Treatment.MISSING:
            return _as_missing(window, real, settings, previous)
        case other:
            assert_never(other)


def _decided(breaching: int, settings: Settings) -> frozenset[StateValue]:
    return frozenset({StateValue.ALARM if breaching >= settings.datapoints_to_alarm else StateValue.OK})


def _ignoring(real: list[Point], settings: Settings, previous: StateValue) -> frozenset[StateValue]:
    breaching = real.count(Point.BREACHING)
    if breaching >= settings.datapoints_to_alarm:
        # No row of the tables: enough breaching datapoints, yet fewer datapoints than periods.
        return frozenset({StateValue.ALARM, previous})
    return frozenset({previous if breaching == len(real) else StateValue.OK})


def _as_missing(
    window: Sequence[Point], real: list[Point], settings: Settings, previous: StateValue
) -> frozenset[StateValue]:
    if not real:
        return frozenset({StateValue.INSUFFICIENT_DATA})
    breaching = real.count(Point.BREACHING)
    if breaching >= settings.datapoints_to_alarm:
        return frozenset({StateValue.ALARM})
    if breaching < len(real):
        return frozenset({StateValue.OK})
    return _premature(window, settings, previous)


def _premature(window: Sequence[Point], settings: Settings, previous: StateValue) -> frozenset[StateValue]:
    """Only breaching and missing datapoints, too few of the former: their age decides.

    The alarm rings when the oldest of them is at least as old as datapoints to alarm. AWS words it
    once for the evaluation periods and once for the evaluation range.
    """
    age = len(window) - list(window).index(Point.BREACHING)
    if age < settings.datapoints_to_alarm:
        return frozenset({StateValue.OK, StateValue.INSUFFICIENT_DATA, previous})
    if age <= settings.evaluation_periods:
        return frozenset({StateValue.ALARM})
    return frozenset(StateValue)
