"""Sets of numbers that a datapoint may take: an interval, and whether the datapoint may be missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .evaluation import ComparisonOperator, Condition

INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Spread:
    """All values from `low` to `high`; an open end comes as close as one likes, and isn't reached.

    INVARIANT: a spread may hold more than can happen, never less.
    """

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def at(cls, value: float) -> Spread:
        return cls(value, value)

    def all_breach(self, condition: Condition) -> bool:
        if not condition.comparison.is_upward:
            return (-self).all_breach(_mirrored(condition))
        if self.low == condition.threshold:
            return condition.comparison.allows_equal or self.low_open
        return self.low > condition.threshold

    def any_breaches(self, condition: Condition) -> bool:
        if not condition.comparison.is_upward:
            return (-self).any_breaches(_mirrored(condition))
        if self.high == condition.threshold:
            return condition.comparison.allows_equal and not self.high_open
        return self.high > condition.threshold

    def holds_zero(self) -> bool:
        return self.low <= 0 <= self.high

    def __neg__(self) -> Spread:
        return Spread(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Spread) -> Spread:
        return Spread(
            self.low + other.low,
            self.high + other.high,
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def __mul__(self, other: Spread) -> Spread:
        corners = [_product(one, two) for one in (self.low, self.high) for two in (other.low, other.high)]
        return Spread(min(corners), max(corners))

    def scaled(self, factor: float) -> Spread:
        """Keeps open ends, which `*` closes; `factor` isn't 0."""
        if factor < 0:
            return (-self).scaled(-factor)
        return Spread(self.low * factor, self.high * factor, self.low_open, self.high_open)

    def divided(self, divisor: float) -> Spread:
        if divisor < 0:
            return (-self).divided(-divisor)
        return Spread(self.low / divisor, self.high / divisor, self.low_open, self.high_open)

    def hull(self, other: Spread) -> Spread:
        low = min(self.low, other.low)
        high = max(self.high, other.high)
        return Spread(
            low,
            high,
            low_open=all(each.low_open for each in (self, other) if each.low == low),
            high_open=all(each.high_open for each in (self, other) if each.high == high),
        )


@dataclass(frozen=True, slots=True)
class Possible:
    """What one datapoint may be: any value of `spread` (None: no value), or missing."""

    spread: Spread | None
    may_be_missing: bool

    @classmethod
    def at(cls, value: float) -> Possible:
        return cls(Spread.at(value), may_be_missing=False)

    def surely_breaches(self, condition: Condition) -> bool:
        return not self.may_be_missing and self.spread is not None and self.spread.all_breach(condition)

    def may_breach(self, condition: Condition) -> bool:
        return self.spread is not None and self.spread.any_breaches(condition)


MISSING = Possible(None, may_be_missing=True)


def either(outcomes: Iterable[Possible]) -> Possible:
    """What may be when one of the outcomes, nobody knows which, comes true."""
    whole: Spread | None = None
    may_be_missing = False
    for each in outcomes:
        may_be_missing |= each.may_be_missing
        if each.spread is not None:
            whole = each.spread if whole is None else whole.hull(each.spread)
    return Possible(whole, may_be_missing)


def _mirrored(condition: Condition) -> Condition:
    upward = (
        ComparisonOperator.GREATER_OR_EQUAL
        if condition.comparison.allows_equal
        else ComparisonOperator.GREATER
    )
    return Condition(upward, -condition.threshold)


def _product(one: float, two: float) -> float:
    return 0.0 if 0 in (one, two) else one * two
