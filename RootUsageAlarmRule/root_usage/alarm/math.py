"""Metric math: what an expression comes to, as far as that can be computed without guessing.

Decided are numbers, ids, arithmetic, comparisons, AND and OR, FILL with a number, IF, ABS, CEIL, FLOOR,
PERIOD, METRICS(), and SUM, MAX, MIN and AVG of several series. Anything else raises MathUnproven, which
names it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html

The page treats missing values as 0 in arithmetic, AVG and comparisons between series. It doesn't say
when the datapoint is dropped instead (one series, none with a value), and both are seen in practice: the
outcomes hold both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..verdict.findings import quote
from .evaluation import ComparisonOperator, Condition
from .math_syntax import (
    COMPARISON_SIGNS,
    LOGICAL_SIGNS,
    Expression,
    FunctionCall,
    MathUnproven,
    Negated,
    Operation,
    Reference,
    Scalar,
    Series,
)
from .spread import INFINITY, MISSING, Possible, Spread, either


def evaluate(
    expression: Expression,
    datapoint_of: Callable[[str], Possible],
    metric_ids: tuple[str, ...],
    period: int,
    doubts: set[str],
) -> Possible:
    """What the expression's datapoint may be, given those of the ids in it; raises MathUnproven.

    `metric_ids` are what METRICS() stands for, and `period` is that of each of them. `doubts` gathers what
    AWS's page leaves open on the way; the outcome holds every reading of it.
    """
    outcome = _Evaluator(datapoint_of, metric_ids, period, doubts).value(expression)
    if isinstance(outcome, tuple):
        raise MathUnproven("an expression of several time series")
    return outcome


@dataclass(frozen=True, slots=True)
class _Evaluator:
    datapoint_of: Callable[[str], Possible]
    metric_ids: tuple[str, ...]
    period: int
    doubts: set[str]
    functions: Mapping[str, Callable[[tuple[Possible, ...]], Possible]] = field(
        default_factory=lambda: {"SUM": _sum_of, "MAX": _maximum_of, "MIN": _minimum_of, "AVG": _average_of}
    )

    def value(self, expression: Expression) -> Possible | tuple[Possible, ...]:
        match expression:
            case Scalar(value):
                return Possible.at(value)
            case Reference(query_id):
                return self.datapoint_of(query_id)
            case Negated(operand):
                return _operation("*", Possible.at(-1.0), self._single(operand))
            case Operation(first, more):
                outcome = self._single(first)
                for sign, operand in more:
                    outcome = _operation(sign, outcome, self._single(operand))
                return outcome
            case Series(items):
                return tuple(self._single(item) for item in items)
            case FunctionCall(function, arguments):
                return self._call(function, arguments)

    def _single(self, expression: Expression) -> Possible:
        outcome = self.value(expression)
        if isinstance(outcome, tuple):
            raise MathUnproven("arithmetic with several time series at once")
        return outcome

    def _call(self, function: str, arguments: tuple[Expression, ...]) -> Possible | tuple[Possible, ...]:
        if function == "METRICS" and not arguments:
            return tuple(self.datapoint_of(each) for each in self.metric_ids)
        if function == "FILL" and len(arguments) == 2:
            return self._fill(*arguments)
        if function == "IF" and len(arguments) in (2, 3):
            condition, yes, *no = (self._single(each) for each in arguments)
            return self._choice(condition, yes, no[0] if no else MISSING)
        if function == "PERIOD" and arguments in {(Reference(each),) for each in self.metric_ids}:
            return Possible.at(self.period)
        if function in _OF_EACH and len(arguments) == 1:
            return self._of_each(_OF_EACH[function], arguments[0])
        if function in self.functions and len(arguments) == 1:
            series = self.value(arguments[0])
            if isinstance(series, tuple) and series:
                return self.functions[function](series)
            # Of one time series, SUM and the like make a single number over all its periods.
            raise MathUnproven(f"{function} of a single time series")
        raise MathUnproven(f"the function {quote(function)}")

    def _fill(self, filled: Expression, filling: Expression) -> Possible | tuple[Possible, ...]:
        if isinstance(filling, Reference):
            raise MathUnproven(f"FILL with {quote(filling.query_id)}")
        instead = self._single(filling)
        outcome = self.value(filled)
        if isinstance(outcome, tuple):
            return tuple(_filled(each, instead) for each in outcome)
        return _filled(outcome, instead)

    def _of_each(
        self, change: Callable[[Spread], Spread], argument: Expression
    ) -> Possible | tuple[Possible, ...]:
        outcome = self.value(argument)
        if isinstance(outcome, tuple):
            return tuple(Possible(change(_zeroed(each)), each.may_be_missing) for each in outcome)
        return Possible(change(_zeroed(outcome)), outcome.may_be_missing)

    def _choice(self, condition: Possible, yes: Possible, no: Possible) -> Possible:
        """Where `yes` is missing and the condition holds, the page has 0; where `no` is, no datapoint."""
        yes = Possible(_zeroed(yes), yes.may_be_missing)
        if condition.spread is None or condition.may_be_missing:
            self.doubts.add("what IF makes of a missing condition")
            return either((MISSING, yes, no))
        if not condition.spread.holds_zero():
            return yes
        return no if condition.spread == Spread.at(0.0) else either((yes, no))


def _filled(outcome: Possible, instead: Possible) -> Possible:
    if not outcome.may_be_missing:
        return outcome
    return either((Possible(outcome.spread, may_be_missing=False), instead))


def _zeroed(operand: Possible) -> Spread:
    """The values of an operand whose missing ones are treated as 0."""
    if operand.spread is None:
        return Spread.at(0.0)
    return operand.spread.hull(Spread.at(0.0)) if operand.may_be_missing else operand.spread


def _operation(sign: str, left: Possible, right: Possible) -> Possible:
    operate = _comparison if sign in COMPARISON_SIGNS else _arithmetic
    operate = _logical if sign in LOGICAL_SIGNS else operate
    return operate(sign, _zeroed(left), _zeroed(right), left.may_be_missing or right.may_be_missing)


def _arithmetic(sign: str, left: Spread, right: Spread, may_be_missing: bool) -> Possible:
    match sign:
        case "+":
            return Possible(left + right, may_be_missing)
        case "-":
            return Possible(left + -right, may_be_missing)
        case "*":
            return Possible(_product(left, right), may_be_missing)
        case _:
            return _quotient(left, right, may_be_missing)


def _product(left: Spread, right: Spread) -> Spread:
    for one, other in ((left, right), (right, left)):
        if one.low == one.high != 0:
            return other.scaled(one.low)
    return left * right


def _quotient(left: Spread, right: Spread, may_be_missing: bool) -> Possible:
    """A division by 0 drops the datapoint."""
    if right == Spread.at(0.0):
        return MISSING
    if right.holds_zero():
        return Possible(Spread(-INFINITY, INFINITY), may_be_missing=True)
    if right.low != right.high:
        raise MathUnproven("a division by something that isn't a number")
    return Possible(left.divided(right.low), may_be_missing)


def _comparison(sign: str, left: Spread, right: Spread, may_be_missing: bool) -> Possible:
    """1 where it holds, 0 where it doesn't."""
    difference = left + -right
    if sign in ("==", "!="):
        equal = difference.low == difference.high == 0
        unequal = not difference.holds_zero()
        surely, never = (equal, unequal) if sign == "==" else (unequal, equal)
    else:
        condition = Condition(ComparisonOperator(sign), 0.0)
        surely, never = difference.all_breach(condition), not difference.any_breaches(condition)
    return Possible(Spread(1.0 if surely else 0.0, 0.0 if never else 1.0), may_be_missing)


def _logical(sign: str, left: Spread, right: Spread, may_be_missing: bool) -> Possible:
    """1 or 0, as a comparison; any value but 0 is true."""
    together = min if sign in {"AND", "&&"} else max
    surely = together(not left.holds_zero(), not right.holds_zero())
    maybe = together(left != Spread.at(0.0), right != Spread.at(0.0))
    return Possible(Spread(float(surely), float(maybe)), may_be_missing)


def _absolute(spread: Spread) -> Spread:
    if spread.low >= 0:
        return spread
    return -spread if spread.high <= 0 else Spread(0.0, max(-spread.low, spread.high))


def _ceiling(spread: Spread) -> Spread:
    low, high = (each if math.isinf(each) else float(math.ceil(each)) for each in (spread.low, spread.high))
    return Spread(low, high)


def _floor(spread: Spread) -> Spread:
    return -_ceiling(-spread)


_OF_EACH: Mapping[str, Callable[[Spread], Spread]] = {"ABS": _absolute, "CEIL": _ceiling, "FLOOR": _floor}


# Whether a function of several series leaves out one that is missing, or drops the datapoint, isn't
# said: both are among the outcomes.


def _sum_of(series: tuple[Possible, ...]) -> Possible:
    nothing = Possible.at(0.0)
    parts = [each if not each.may_be_missing else either((each, nothing)) for each in series]
    spreads = [part.spread for part in parts if part.spread is not None]
    total = Spread.at(0.0)
    for spread in spreads:
        total = total + spread
    return _of_present(series, total)


def _maximum_of(series: tuple[Possible, ...]) -> Possible:
    spreads = [each.spread for each in series if each.spread is not None]
    if not spreads:
        return MISSING
    sure = [each.spread.low for each in series if each.spread and not each.may_be_missing]
    low = max(sure) if sure else min(each.low for each in spreads)
    return _of_present(series, Spread(low, max(each.high for each in spreads)))


def _minimum_of(series: tuple[Possible, ...]) -> Possible:
    mirrored = _maximum_of(tuple(Possible(_mirror(each.spread), each.may_be_missing) for each in series))
    return Possible(_mirror(mirrored.spread), mirrored.may_be_missing)


def _average_of(series: tuple[Possible, ...]) -> Possible:
    whole = either(Possible(_zeroed(each), each.may_be_missing) for each in series).spread
    return MISSING if whole is None else _of_present(series, Spread(whole.low, whole.high))


def _of_present(series: tuple[Possible, ...], spread: Spread) -> Possible:
    if all(each.spread is None for each in series):
        return MISSING
    return Possible(spread, any(each.may_be_missing for each in series))


def _mirror(spread: Spread | None) -> Spread | None:
    return None if spread is None else -spread
