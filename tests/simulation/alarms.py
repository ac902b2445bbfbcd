"""Alarms, minute by minute: from datapoints to states, to composite alarms, to the actions they perform.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
Actions are performed on a change into ALARM only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt

from root_usage.aws.cloudwatch import CompositeAlarm, MetricAlarm

from tests.simulation.days import DAY
from tests.simulation.metrics import Reader, TooFewSamples, minutes_of_period
from tests.simulation.readings import Reading

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
Timeline = list[tuple[int, str]]
"""The states of an alarm, each with the minute in which it began; the first began before minute 0."""

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": ge,
    "GreaterThanThreshold": gt,
    "LessThanThreshold": lt,
    "LessThanOrEqualToThreshold": le,
}
_BREACHING, _NOT_BREACHING, _MISSING, _TOO_FEW = b"X0-?"


def timeline_of(alarm: MetricAlarm, read: Reader, length: int, reading: Reading) -> Timeline:
    """What the alarm's states are if it is evaluated at the end of each minute."""
    state = alarm.state.value
    timeline = [(-1, state)]
    windows = _windows(alarm, read, length, reading)
    known: dict[tuple[bytes, str], str] = {}
    spans_days = (alarm.evaluation_periods or 1) * minutes_of_period(alarm) > DAY
    for minute, window in enumerate(windows):
        if spans_days and minute % 60 != 59:  # a multi-day alarm is evaluated once an hour
            continue
        if (window, state) not in known:
            known[window, state] = next_state(window, alarm, state, reading)
        if known[window, state] != state:
            state = known[window, state]
            timeline.append((minute, state))
    return timeline


def _windows(alarm: MetricAlarm, read: Reader, length: int, reading: Reading) -> Iterable[bytes]:
    """The evaluation range at the end of each minute, oldest period first.

    Sliding windows end with the minute, wall clock windows with the period that was completed last.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
    """
    step = minutes_of_period(alarm)
    size = (alarm.evaluation_periods or 1) + reading.extra_periods
    before = size * step
    idle = _point(alarm, read, -before, -before)
    whole = bytes([idle] * before + [_point(alarm, read, each, each) for each in range(length)])

    for minute in range(length):
        end = minute if alarm.wall_clock_timezone is None else (minute + 1) // step * step - 1
        window = whole[end + before - (size - 1) * step : end + before + 1 : step]
        if reading.is_late and end == minute:  # its data has not all come
            window = window[:-1] + bytes([_point(alarm, read, end, minute - 1)])
        yield window


def _point(alarm: MetricAlarm, read: Reader, end: int, seen: int) -> int:
    try:
        value = read(end, seen)
    except TooFewSamples:
        return _TOO_FEW
    if value is None:
        return _MISSING
    assert alarm.threshold is not None
    breaches = _COMPARISONS[str(alarm.comparison_operator)](value, alarm.threshold)
    return _BREACHING if breaches else _NOT_BREACHING


def next_state(window: bytes, alarm: MetricAlarm, state: str, reading: Reading) -> str:
    """The tables of `Configuring how CloudWatch alarms treat missing data`, row by row."""
    wanted_from = alarm.evaluation_periods or 1
    wanted = alarm.datapoints_to_alarm or wanted_from
    if window[-1] == _TOO_FEW:
        return state  # EvaluateLowSampleCountPercentile: ignore
    real = bytes(each for each in window if each in (_BREACHING, _NOT_BREACHING))
    if len(real) >= wanted_from:
        return ALARM if real[-wanted_from:].count(_BREACHING) >= wanted else OK
    breaching = real.count(_BREACHING)
    match alarm.treat_missing_data:
        case "breaching":
            return ALARM if breaching + wanted_from - len(real) >= wanted else OK
        case "notBreaching":
            return ALARM if breaching >= wanted else OK
        case "ignore":
            if breaching >= wanted:
                return state if reading.keeps_when_ignoring else ALARM
            return state if breaching == len(real) else OK
    if not real:
        return INSUFFICIENT_DATA
    if breaching >= wanted:
        return ALARM
    if breaching < len(real):
        return OK
    # Avoiding premature transitions: only breaching and missing datapoints, too few of the former.
    looked_at = window if reading.ages_in_range else window[-wanted_from:]
    found = looked_at.find(_BREACHING)
    if found >= 0 and len(looked_at) - found >= wanted:
        return ALARM
    return state if reading.young == "keep" else reading.young


# -- composite alarms ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """`sign` is a state and `name` an alarm's, or it is NOT, AND, OR with `parts`."""

    sign: str
    name: str = ""
    parts: tuple[Rule, ...] = ()

    def holds(self, states: Mapping[str, str]) -> bool:
        match self.sign:
            case "AND":
                return all(each.holds(states) for each in self.parts)
            case "OR":
                return any(each.holds(states) for each in self.parts)
            case "NOT":
                return not self.parts[0].holds(states)
            case _:
                return states[self.name] == self.sign

    def __str__(self) -> str:
        if not self.parts:
            return f'{self.sign}("{self.name}")'
        parts = [f"({each})" if each.sign in ("AND", "OR") else str(each) for each in self.parts]
        return f"NOT {parts[0]}" if self.sign == "NOT" else f" {self.sign} ".join(parts)


def with_composites(
    rules: Mapping[str, Rule], timelines: Mapping[str, Timeline], reading: Reading
) -> dict[str, Timeline]:
    """The timelines of the composites beside the others; a rule names only composites before it."""
    states = {name: timeline[0][1] for name, timeline in timelines.items()}
    composites: dict[str, Timeline] = {name: [] for name in rules}

    def settle(minute: int) -> None:
        for name, rule in rules.items():
            state = ALARM if rule.holds(states) else OK
            if states.get(name) != state:
                states[name] = state
                composites[name].append((minute, state))

    settle(-1)
    changes = [(minute, name, state) for name, of in timelines.items() for minute, state in of[1:]]
    if reading.order == "backward":
        changes.reverse()
    changes.sort(key=lambda each: each[0])
    for index, (minute, name, state) in enumerate(changes):
        states[name] = state
        is_last = index + 1 == len(changes) or changes[index + 1][0] != minute
        if is_last or reading.order != "together":
            settle(minute)
    return {**timelines, **composites}


# -- actions -------------------------------------------------------------------------------------------


def acts_at(
    alarm: MetricAlarm | CompositeAlarm, timelines: Mapping[str, Timeline], reading: Reading
) -> list[int]:
    """The minutes in which the alarm's actions for ALARM are performed."""
    if not alarm.actions_enabled:
        return []
    entries = [(begin, end) for begin, end, state in _spans(timelines[alarm.name]) if state == ALARM]
    entries = [(begin, end) for begin, end in entries if begin >= 0]
    if isinstance(alarm, MetricAlarm) or not alarm.actions_suppressor:
        return [begin for begin, _ in entries]
    suppressor = timelines[alarm.actions_suppressor]
    wait = -(-alarm.actions_suppressor_wait_seconds // 60)
    moments = (_after_suppressor(begin, end, wait, suppressor, reading) for begin, end in entries)
    return [each for each in moments if each is not None]


def _after_suppressor(
    begin: int, end: int, wait: int, suppressor: Sequence[tuple[int, str]], reading: Reading
) -> int | None:
    """When a composite that is in ALARM from `begin` to `end` acts, if it does.

    It waits for the suppressor to go into ALARM; once that is out of ALARM again, it acts if it still is.
    """
    for from_minute, to_minute, state in _spans(list(suppressor)):
        if state == ALARM and from_minute <= begin + wait and to_minute > begin:
            return to_minute if to_minute < end else None
    if begin + wait < end or wait == 0 or reading.acts_after_leaving:
        return begin + wait
    return None


_EVER = 10**9


def _spans(timeline: Timeline) -> list[tuple[int, int, str]]:
    ends = [*timeline[1:], (_EVER, "")]
    return [(begin, end, state) for ((begin, state), (end, _)) in zip(timeline, ends, strict=True)]
