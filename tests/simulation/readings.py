"""What AWS's pages leave open, each with the answers that they allow; a life is led under one of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer to each open question.

    - `default_per_event`: a default value for each event that doesn't match, or one for each minute in
      which none matches (`Creating metric filters` says "for both log records").
    - `absent_dimension_drops`: whether a match without the dimension's field is published, without it.
    - `unit`: which of several units an alarm without unit sees; None for all of them together.
    - `interpolates`: how a percentile of few values is taken.
    - `missing_in_math`: what arithmetic and SUM, MAX make of a missing operand: "zero" (`Using metric
      math`), "drop" the datapoint, or "leave out" the operand where the function can.
    - `extra_periods`: the evaluation range beyond N (`Configuring how alarms treat missing data`).
    - `is_late`: the newest minute's data comes after the evaluation; only where the range has room for it.
    - `keeps_when_ignoring`: treated as ignore, enough breaching datapoints, yet fewer than N real ones.
    - `young`: the state while only breaching and missing ones are there, too few and too young.
    - `ages_in_range`: "oldest breaching datapoint" of the evaluation range, or of N periods only.
    - `order`: in which the alarms that change within one minute reach the composites above them.
    - `and_first`: AND binds before OR in composite rules, or all from left to right.
    - `acts_after_leaving`: a composite that waited for its suppressor acts though it is out of ALARM.
    """

    default_per_event: bool
    absent_dimension_drops: bool
    unit: str | None
    interpolates: bool
    missing_in_math: str
    extra_periods: int
    is_late: bool
    keeps_when_ignoring: bool
    young: str
    ages_in_range: bool
    order: str
    and_first: bool
    acts_after_leaving: bool


def random_reading(random: Random) -> Reading:
    extra = random.choice((0, 1, 2, 5, 3, 4))

    def either() -> bool:
        return random.random() < 0.5

    return Reading(
        default_per_event=either(),
        absent_dimension_drops=either(),
        unit=random.choice((None, "None", "Count")),
        interpolates=either(),
        missing_in_math=random.choice(("zero", "drop", "leave out")),
        extra_periods=extra,
        is_late=extra > 0 and either(),
        keeps_when_ignoring=either(),
        young=random.choice(("OK", "INSUFFICIENT_DATA", "keep")),
        ages_in_range=either(),
        order=random.choice(("together", "forward", "backward")),
        and_first=either(),
        acts_after_leaving=either(),
    )
