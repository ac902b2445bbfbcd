"""What holds for all alarms, among it that the answer agrees with a simulation, minute by minute.

The simulation below knows nothing of the package: it publishes values, aggregates periods, and
evaluates once a minute as AWS describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import assert_never

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from root_usage.alarm import Rings, Sources, judge_metric_alarm
from root_usage.alarm.composite_rule import Always, And, AtLeast, InState, Not, Or, Rule, possible_values
from root_usage.alarm.evaluation import Point, Settings, StateValue, Treatment, evaluation_ranges, next_states
from root_usage.alarm.spread import Spread
from root_usage.alarm.statistics import Samples, datapoint
from root_usage.aws.cloudwatch import MetricAlarm, MetricQuery
from root_usage.aws.logs import MetricFilter
from root_usage.verdict.findings import Finding

from tests.alarm.working_alarm import ALARM, FILTER, NOW

DAY = 1440
FIRST = 2 * DAY  # the minute of the first root event; far enough from the start to be quiet before
UPWARD = ("GreaterThanOrEqualToThreshold", "GreaterThanThreshold")
OPERATORS = (*UPWARD, "LessThanThreshold", "LessThanOrEqualToThreshold")
STATISTICS = ("Sum", "SampleCount", "Average", "Minimum", "Maximum")


# -- the simulation ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setup:
    statistic: str
    operator: str
    threshold: float
    period: int  # minutes
    evaluation_periods: int
    datapoints_to_alarm: int
    treatment: str
    value: float
    default: float | None
    fill: bool


@dataclass(frozen=True)
class Life:
    """How many events without a match arrive in each minute (repeated), and how many root events."""

    pattern: tuple[int, ...]
    root_events: int


IDLE, BUSY, VERY_BUSY = Life((0,), 1), Life((1,), 1), Life((200,), 1)
PLAIN_LIVES = (
    IDLE,
    BUSY,
    VERY_BUSY,
    replace(IDLE, root_events=50),
    replace(VERY_BUSY, root_events=50),
)


def simulated_delays(setup: Setup, life: Life, size: int) -> list[int | None]:
    """Minutes from each of two root events, a day apart, to the ALARM it causes; None: no transition."""
    defaults, roots = published(setup, life)
    begin = FIRST - (size + 1) * setup.period
    state, before = "OK", {}
    after: dict[int, str] = {}
    for minute in range(begin, FIRST + DAY + size * setup.period + 1):
        before[minute] = state
        points = [
            aggregated(
                setup,
                defaults[end] - defaults[end - setup.period],
                roots[end] - roots[end - setup.period],
            )
            for end in range(minute, minute - size * setup.period, -setup.period)
        ]
        state = after[minute] = evaluated(setup, points, state)
    delays: list[int | None] = []
    for event in (FIRST, FIRST + DAY):
        minutes = range(event + 1, event + size * setup.period + 1)
        rising = [each for each in minutes if after[each] == "ALARM" and before[each] != "ALARM"]
        delays.append(rising[0] - event if rising else None)
    return delays


def published(setup: Setup, life: Life) -> tuple[list[int], list[int]]:
    """Running counts of default values and of root values, up to each minute."""
    end = FIRST + DAY + 12 * setup.period
    quiet = [
        life.pattern[minute % len(life.pattern)] if setup.default is not None else 0 for minute in range(end)
    ]
    roots = [life.root_events if minute in (FIRST, FIRST + DAY) else 0 for minute in range(end)]
    return [0, *accumulate(quiet)], [0, *accumulate(roots)]


def aggregated(setup: Setup, defaults: int, roots: int) -> float | None:
    values = {value for value, count in ((setup.default, defaults), (setup.value, roots)) if count}
    present = [value for value in values if value is not None]
    if not present:
        return 0.0 if setup.fill else None
    total = (setup.default or 0) * defaults + setup.value * roots
    return {
        "Sum": total,
        "SampleCount": float(defaults + roots),
        "Average": total / (defaults + roots),
        "Minimum": min(present),
        "Maximum": max(present),
    }[setup.statistic]


def breaches(setup: Setup, value: float) -> bool:
    return {
        "GreaterThanOrEqualToThreshold": value >= setup.threshold,
        "GreaterThanThreshold": value > setup.threshold,
        "LessThanThreshold": value < setup.threshold,
        "LessThanOrEqualToThreshold": value <= setup.threshold,
    }[setup.operator]


def evaluated(setup: Setup, newest_first: list[float | None], state: str) -> str:
    wanted, periods = setup.datapoints_to_alarm, setup.evaluation_periods
    real = [breaches(setup, point) for point in newest_first if point is not None]
    if len(real) >= periods:
        return "ALARM" if sum(real[:periods]) >= wanted else "OK"
    count = sum(real)
    if setup.treatment == "breaching":
        return "ALARM" if count + periods - len(real) >= wanted else "OK"
    if count >= wanted:
        return "ALARM"
    if setup.treatment == "notBreaching" or count < len(real):
        return "OK"
    if setup.treatment == "ignore":
        return state
    if not real:
        return "INSUFFICIENT_DATA"
    oldest = max(age for age, point in enumerate(newest_first, 1) if point is not None)
    return "ALARM" if wanted <= oldest <= periods else "INSUFFICIENT_DATA"


# -- the same set-up as records ----------------------------------------------------------------------


def answer(setup: Setup) -> Rings | Finding:
    return judge_metric_alarm(alarm_of(setup), Sources(feed_of(setup)), NOW)


def feed_of(setup: Setup) -> MetricFilter:
    return replace(FILTER, metric_value=f"{setup.value:g}", default_value=setup.default)


def alarm_of(setup: Setup) -> MetricAlarm:
    alarm = replace(
        ALARM,
        statistic=setup.statistic,
        period=setup.period * 60,
        evaluation_periods=setup.evaluation_periods,
        datapoints_to_alarm=setup.datapoints_to_alarm,
        threshold=setup.threshold,
        comparison_operator=setup.operator,
        treat_missing_data=setup.treatment,
    )
    if not setup.fill:
        return alarm
    metric = MetricQuery("m1", alarm.metric, alarm.period, alarm.statistic, None, None, False, None)
    filled = MetricQuery("e1", None, None, None, None, "FILL(m1, 0)", True, None)
    return replace(alarm, metric=None, statistic=None, period=None, queries=(metric, filled))


@st.composite
def setups(draw: st.DrawFn, *, one_datapoint: bool = False) -> Setup:
    periods = draw(st.integers(1, 3))
    return Setup(
        statistic=draw(st.sampled_from(STATISTICS)),
        operator=draw(st.sampled_from(OPERATORS)),
        threshold=draw(st.sampled_from([0.0, 0.5, 1.0, 1.0, 2.0, -1.0])),
        period=draw(st.sampled_from([1, 5, 5, 60, 180, 240])),
        evaluation_periods=periods,
        datapoints_to_alarm=1 if one_datapoint else draw(st.integers(1, periods)),
        treatment=draw(st.sampled_from(["missing", "notBreaching", "ignore", "breaching"])),
        value=draw(st.sampled_from([1.0, 1.0, 2.0, 0.0, -1.0])),
        default=draw(st.sampled_from([None, None, 0.0, 0.0, 1.0, -1.0])),
        fill=draw(st.booleans()),
    )


LIVES = st.builds(
    Life,
    pattern=st.lists(st.tuples(st.sampled_from([0, 1, 7]), st.integers(1, 400)), min_size=1, max_size=6).map(
        lambda blocks: tuple(count for count, length in blocks for _ in range(length))
    ),
    root_events=st.sampled_from([1, 3]),
)


# -- the answer --------------------------------------------------------------------------------------


# Of all alarms that can be set up few are proven to ring, and those are what is asked here.
MOST_RING_NOT = [HealthCheck.filter_too_much]


@settings(max_examples=100, suppress_health_check=MOST_RING_NOT)
@given(setups(one_datapoint=True), LIVES, st.integers(0, 5))
def test_alarm_that_rings_does_so_at_the_next_evaluation_in_every_life(
    setup: Setup, life: Life, extra: int
) -> None:
    assume(isinstance(answer(setup), Rings))

    assert simulated_delays(setup, life, setup.evaluation_periods + extra) == [1, 1]


@settings(max_examples=60)
@given(setups(one_datapoint=True))
def test_answer_agrees_with_the_simulation_of_idle_and_busy_lives(setup: Setup) -> None:
    """One datapoint to alarm: the answer is exact, but for FILL in the newest minute, which may be late."""
    assume(not (setup.fill and setup.period * setup.evaluation_periods == 1))
    sizes = (setup.evaluation_periods, setup.evaluation_periods + 5)

    heard_always = all(
        simulated_delays(setup, life, size) == [1, 1] for life in PLAIN_LIVES for size in sizes
    )

    assert isinstance(answer(setup), Rings) == heard_always


@settings(max_examples=60, suppress_health_check=MOST_RING_NOT)
@given(setups(), LIVES, st.integers(0, 5))
def test_alarm_that_rings_does_so_in_time_in_every_life(setup: Setup, life: Life, extra: int) -> None:
    judged = answer(setup)
    assume(isinstance(judged, Rings))
    assert isinstance(judged, Rings)

    for delay in simulated_delays(setup, life, setup.evaluation_periods + extra):
        assert delay is not None
        assert delay <= judged.worst_minutes


@given(setups(), st.sampled_from(UPWARD), st.floats(0, 1000))
def test_raising_the_threshold_never_makes_a_silent_alarm_ring(
    setup: Setup, operator: str, more: float
) -> None:
    """Where quiet data can't breach; elsewhere a higher threshold is what gets it out of ALARM."""
    sparse = replace(setup, operator=operator, default=None, fill=False)
    higher = replace(sparse, threshold=sparse.threshold + more)

    assert isinstance(answer(sparse), Rings) or isinstance(answer(higher), Finding)


@given(setups())
def test_more_datapoints_to_alarm_never_make_a_silent_alarm_ring(setup: Setup) -> None:
    fewer = replace(setup, evaluation_periods=setup.evaluation_periods + 1)
    more = replace(fewer, datapoints_to_alarm=fewer.datapoints_to_alarm + 1)

    assert isinstance(answer(fewer), Rings) or isinstance(answer(more), Finding)


# -- the argument behind it --------------------------------------------------------------------------


@st.composite
def settings_of_alarms(draw: st.DrawFn) -> Settings:
    periods = draw(st.integers(1, 4))
    return Settings(periods, draw(st.integers(1, periods)), draw(st.sampled_from(Treatment)))


@given(settings_of_alarms(), st.data())
def test_mixed_windows_lie_between_all_missing_and_all_quiet(alarm: Settings, data: st.DataObject) -> None:
    """The model looks at windows of one kind of quiet point only."""
    size = data.draw(st.sampled_from(evaluation_ranges(alarm)))
    quiet = data.draw(
        st.lists(st.sampled_from([Point.MISSING, Point.NOT_BREACHING]), min_size=size, max_size=size)
    )
    newest = data.draw(st.sampled_from([(), (Point.BREACHING,)]))
    state = data.draw(st.sampled_from(StateValue))
    mixed = (*quiet[len(newest) :], *newest)
    extremes = [
        next_states((point,) * (size - len(newest)) + newest, alarm, state)
        for point in (Point.MISSING, Point.NOT_BREACHING)
    ]

    reached = next_states(mixed, alarm, state)

    if all(states == {StateValue.ALARM} for states in extremes):
        assert reached == {StateValue.ALARM}
    if all(StateValue.ALARM not in states for states in extremes):
        assert StateValue.ALARM not in reached


@given(settings_of_alarms(), st.data())
def test_a_breaching_point_instead_of_a_quiet_one_never_ends_an_alarm(
    alarm: Settings, data: st.DataObject
) -> None:
    size = data.draw(st.sampled_from(evaluation_ranges(alarm)))
    window = data.draw(st.lists(st.sampled_from(Point), min_size=size, max_size=size))
    place = data.draw(st.integers(0, size - 1))
    quiet = [*window[:place], Point.NOT_BREACHING, *window[place + 1 :]]
    worse = [*window[:place], Point.BREACHING, *window[place + 1 :]]

    if next_states(quiet, alarm, StateValue.OK) == {StateValue.ALARM}:
        assert next_states(worse, alarm, StateValue.OK) == {StateValue.ALARM}


VALUES = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 3.0])
AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "Sum": sum,
    "SampleCount": lambda values: float(len(values)),
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}


@pytest.mark.parametrize("statistic", STATISTICS)
@given(root=st.none() | VALUES, others=st.lists(VALUES, max_size=3, unique=True), data=st.data())
def test_every_datapoint_lies_in_the_spread(
    statistic: str, root: float | None, others: list[float], data: st.DataObject
) -> None:
    assume(root is not None or others)
    pool = others if root is None else [*others, root]
    more = data.draw(st.lists(st.sampled_from(pool), min_size=1 if root is None else 0, max_size=8))
    values = more if root is None else [root, *more]

    spread = datapoint(statistic, Samples(() if root is None else (root,), tuple(others))).spread

    assert spread is not None
    assert holds_value(spread, float(AGGREGATES[statistic](values)))


def holds_value(spread: Spread, value: float) -> bool:
    above = value > spread.low or (value == spread.low and not spread.low_open)
    below = value < spread.high or (value == spread.high and not spread.high_open)
    return above and below


LEAVES = st.builds(InState, st.sampled_from(StateValue), st.sampled_from("abcdefghi")) | st.builds(
    Always, st.booleans()
)
RULES: st.SearchStrategy[Rule] = st.recursive(
    LEAVES,
    lambda rules: (
        st.builds(Not, rules)
        | st.builds(And, st.lists(rules, min_size=2, max_size=4).map(tuple))
        | st.builds(Or, st.lists(rules, min_size=2, max_size=4).map(tuple))
        | st.builds(AtLeast, st.integers(0, 4), st.lists(rules, min_size=1, max_size=4).map(tuple))
    ),
    max_leaves=12,
)


@given(RULES, st.data())
def test_a_rule_comes_to_one_of_its_possible_values(rule: Rule, data: st.DataObject) -> None:
    some = st.frozensets(st.sampled_from(StateValue), min_size=1)
    states = {name: data.draw(some) for name in "abcdefghi"}
    chosen = {name: data.draw(st.sampled_from(sorted(states[name], key=str))) for name in states}

    assert holds(rule, chosen) in possible_values(rule, states)


def holds(rule: Rule, states: Mapping[str, StateValue]) -> bool:
    match rule:
        case InState(state, alarm):
            return states[alarm] is state
        case Always(value):
            return value
        case Not(operand):
            return not holds(operand, states)
        case And(operands):
            return all(holds(each, states) for each in operands)
        case Or(operands):
            return any(holds(each, states) for each in operands)
        case AtLeast(least, operands):
            return [holds(each, states) for each in operands].count(True) >= least
        case other:
            assert_never(other)
