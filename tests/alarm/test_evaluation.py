"""AWS's published tables, row by row, and what they leave open.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import pytest
from root_usage.alarm.evaluation import (
    ComparisonOperator,
    Condition,
    Point,
    Settings,
    StateValue,
    Treatment,
    evaluation_ranges,
    next_states,
)

OK, ALARM, INSUFFICIENT = StateValue.OK, StateValue.ALARM, StateValue.INSUFFICIENT_DATA
KEPT = None

# Datapoints to alarm, points (newest on the right), then the states for treatments missing, ignore,
# breaching and notBreaching; KEPT is the previous state.
AWS_TABLES: list[
    tuple[int, str, StateValue | None, StateValue | None, StateValue | None, StateValue | None]
] = [
    (3, "0-X-X", OK, OK, OK, OK),
    (3, "0----", OK, OK, OK, OK),
    (3, "-----", INSUFFICIENT, KEPT, ALARM, OK),
    (3, "0XX-X", ALARM, ALARM, ALARM, ALARM),
    (3, "--X--", ALARM, KEPT, ALARM, OK),
    (2, "0-X-X", ALARM, ALARM, ALARM, ALARM),
    (2, "00X0X", ALARM, ALARM, ALARM, ALARM),
    (2, "0-X--", OK, OK, ALARM, OK),
    (2, "----0", OK, OK, ALARM, OK),
    (2, "---X-", ALARM, KEPT, ALARM, OK),
]
TREATMENTS = (Treatment.MISSING, Treatment.IGNORE, Treatment.BREACHING, Treatment.NOT_BREACHING)


def window(text: str) -> tuple[Point, ...]:
    return tuple(Point(sign) for sign in text)


@pytest.mark.parametrize("previous", [OK, ALARM, INSUFFICIENT], ids=lambda state: f"from-{state.value}")
@pytest.mark.parametrize(
    ("wanted", "points", "treatment", "expected"),
    [
        pytest.param(row[0], row[1], treatment, state, id=f"{row[0]}-of-3 {row[1]} {treatment.value}")
        for row in AWS_TABLES
        for treatment, state in zip(TREATMENTS, row[2:], strict=True)
    ],
)
def test_aws_tables_hold(
    wanted: int, points: str, treatment: Treatment, expected: StateValue | None, previous: StateValue
) -> None:
    settings = Settings(3, wanted, treatment)

    assert next_states(window(points), settings, previous) == {expected or previous}


@pytest.mark.parametrize(
    "points", [pytest.param("----X", id="one-period-old"), pytest.param("---X-", id="two-periods-old")]
)
def test_three_of_three_does_not_alarm_before_the_point_is_three_periods_old(points: str) -> None:
    states = next_states(window(points), Settings(3, 3, Treatment.MISSING), OK)

    assert ALARM not in states


def test_a_breaching_point_older_than_the_evaluation_periods_leaves_the_state_open() -> None:
    """AWS words the premature-alarm rule once for the periods and once for the range."""
    states = next_states(window("-X---"), Settings(3, 3, Treatment.MISSING), OK)

    assert states == {OK, ALARM, INSUFFICIENT}


def test_ignore_with_enough_breaching_points_and_too_few_points_is_left_open() -> None:
    states = next_states(window("-X-X-"), Settings(3, 2, Treatment.IGNORE), OK)

    assert states == {OK, ALARM}


def test_a_single_point_decides_one_of_one_for_the_whole_range() -> None:
    states = next_states(window("X----"), Settings(1, 1, Treatment.NOT_BREACHING), ALARM)

    assert states == {ALARM}


def test_the_evaluation_range_is_open_from_n_to_n_plus_five() -> None:
    assert list(evaluation_ranges(Settings(3, 2, Treatment.MISSING))) == [3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("comparison", "datapoint", "expected"),
    [
        pytest.param(
            ComparisonOperator.GREATER_OR_EQUAL, 1.0, Point.BREACHING, id="equal-breaches-greater-or-equal"
        ),
        pytest.param(
            ComparisonOperator.GREATER, 1.0, Point.NOT_BREACHING, id="equal-does-not-breach-greater"
        ),
        pytest.param(ComparisonOperator.LESS, 1.0, Point.NOT_BREACHING, id="equal-does-not-breach-less"),
        pytest.param(
            ComparisonOperator.LESS_OR_EQUAL, 1.0, Point.BREACHING, id="equal-breaches-less-or-equal"
        ),
        pytest.param(ComparisonOperator.GREATER, 1.5, Point.BREACHING, id="more-breaches-greater"),
        pytest.param(ComparisonOperator.LESS, 0.5, Point.BREACHING, id="less-breaches-less"),
        pytest.param(ComparisonOperator.GREATER, None, Point.MISSING, id="nothing-is-missing"),
    ],
)
def test_a_datapoint_is_breaching_not_breaching_or_missing(
    comparison: ComparisonOperator, datapoint: float | None, expected: Point
) -> None:
    assert Condition(comparison, 1.0).point_of(datapoint) is expected
