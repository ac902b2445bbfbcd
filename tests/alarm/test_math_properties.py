"""What metric math is computed to holds every value that AWS's page, or practice, may make of it.

The evaluation below knows nothing of the package: it works on numbers, and on every reading of a missing
one. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from root_usage.alarm.math import evaluate
from root_usage.alarm.math_syntax import parse_expression
from root_usage.alarm.spread import MISSING, Possible, Spread, either

Value = float | None  # None: no datapoint
Datapoints = Mapping[str, Value]

ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
TRUTHS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "AND": lambda left, right: left != 0 and right != 0,
    "||": lambda left, right: left != 0 or right != 0,
}
OF_EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
OF_SEVERAL: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "MAX": max,
    "MIN": min,
    "AVG": lambda values: sum(values) / len(values),
}


@dataclass(frozen=True)
class Formula:
    text: str
    values: Callable[[Datapoints], set[Value]]


def joined(left: Formula, sign: str, right: Formula) -> Formula:
    """A missing operand is 0 by AWS's page, or there is no datapoint."""

    def values(data: Datapoints) -> set[Value]:
        operate = ARITHMETIC.get(sign) or TRUTHS[sign]
        found: set[Value] = set()
        for one, other in product(left.values(data), right.values(data)):
            found.add(float(operate(one or 0.0, other or 0.0)))
            if one is None or other is None:
                found.add(None)
        return found

    return Formula(f"({left.text} {sign} {right.text})", values)


def divided(formula: Formula, divisor: float) -> Formula:
    def values(data: Datapoints) -> set[Value]:
        quotients: set[Value] = {(each or 0.0) / divisor for each in formula.values(data)}
        return quotients | ({None} & formula.values(data))

    return Formula(f"({formula.text} / {divisor})", values)


def filled(formula: Formula, filling: float) -> Formula:
    return Formula(
        f"FILL({formula.text}, {filling})",
        lambda data: {filling if each is None else each for each in formula.values(data)},
    )


def chosen(condition: Formula, yes: Formula, no: Formula | None) -> Formula:
    """Where the condition holds, AWS's page has a missing value as 0; of a missing one anything comes."""

    def values(data: Datapoints) -> set[Value]:
        if_true, if_false = yes.values(data), no.values(data) if no else {None}
        found: set[Value] = set()
        for each in condition.values(data):
            if each is None:
                found |= {None} | if_true | if_false
            elif each == 0:
                found |= if_false
            else:
                found |= if_true | ({0.0} if None in if_true else set())
        return found

    return Formula(f"IF({', '.join(each.text for each in (condition, yes, no) if each)})", values)


def of_each(function: str, formula: Formula) -> Formula:
    return Formula(
        f"{function}({formula.text})",
        lambda data: {
            None if each is None else float(OF_EACH[function](each)) for each in formula.values(data)
        },
    )


def of_several(function: str, parts: list[Formula]) -> Formula:
    """One that is missing is left out, or there is no datapoint; for AVG it is 0 by AWS's page."""

    def values(data: Datapoints) -> set[Value]:
        found: set[Value] = set()
        for each in product(*(part.values(data) for part in parts)):
            present = [value for value in each if value is not None]
            if present:
                found.add(float(OF_SEVERAL[function](present)))
            if len(present) < len(each):
                found.add(None)
            if present and function == "AVG":
                found.add(sum(present) / len(each))
        return found

    return Formula(f"{function}([{', '.join(part.text for part in parts)}])", values)


def constant(value: float) -> Formula:
    return Formula(str(value), lambda _: {value})


def metric(name: str) -> Formula:
    return Formula(name, lambda data: {data[name]})


# All are sums of powers of 2, so that nothing is rounded.
NUMBERS = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 4.0])
METRICS = ("m1", "m2")
FORMULAS = st.recursive(
    st.sampled_from(METRICS).map(metric) | NUMBERS.filter(lambda each: each >= 0).map(constant),
    lambda below: (
        st.builds(joined, below, st.sampled_from([*ARITHMETIC, *TRUTHS]), below)
        | st.builds(divided, below, st.sampled_from([0.5, 2.0]))
        | st.builds(filled, below, NUMBERS)
        | st.builds(chosen, below, below, st.none() | below)
        | st.builds(of_each, st.sampled_from(sorted(OF_EACH)), below)
        | st.builds(of_several, st.sampled_from(sorted(OF_SEVERAL)), st.lists(below, min_size=2, max_size=2))
    ),
    max_leaves=5,
)
POSSIBLE_VALUES = st.dictionaries(
    st.sampled_from(METRICS), st.lists(NUMBERS | st.none(), min_size=1, max_size=2), min_size=2, max_size=2
)


def possible(values: list[Value]) -> Possible:
    return either(MISSING if each is None else Possible.at(each) for each in values)


@given(FORMULAS, POSSIBLE_VALUES, st.data())
def test_every_value_is_among_the_outcomes(
    formula: Formula, values: dict[str, list[Value]], data: st.DataObject
) -> None:
    known = {name: possible(values[name]) for name in METRICS}
    happened = {name: data.draw(st.sampled_from(values[name])) for name in METRICS}

    outcome = evaluate(parse_expression(formula.text), known.__getitem__, METRICS, 300, set())

    for each in formula.values(happened):
        if each is None:
            assert outcome.may_be_missing
        else:
            assert outcome.spread is not None
            assert holds(outcome.spread, each)


def holds(spread: Spread, value: float) -> bool:
    above = value > spread.low or (value == spread.low and not spread.low_open)
    below = value < spread.high or (value == spread.high and not spread.high_open)
    return above and below
