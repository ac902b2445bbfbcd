"""A life of an account: a day and a half of events under one reading, and whether a person was told."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from root_usage.aws.cloudwatch import CompositeAlarm, MetricAlarm
from root_usage.aws.logs import MetricFilter

from tests.simulation.accounts import Account
from tests.simulation.alarms import INSUFFICIENT_DATA, OK, Timeline, acts_at, timeline_of, with_composites
from tests.simulation.days import ROOT_EVENTS, Day, matched_by, random_day
from tests.simulation.metrics import Metrics, minutes_of_period, publish, reader_of
from tests.simulation.readings import Reading, random_reading


@dataclass(frozen=True, slots=True)
class Life:
    day: Day
    reading: Reading
    told_at: tuple[int, ...]

    def unheard(self, within_minutes: int) -> tuple[int, ...]:
        """The due root events after which nobody is told in that time."""
        return tuple(
            due
            for due in self.day.due
            if not any(due <= told <= due + within_minutes for told in self.told_at)
        )

    def __str__(self) -> str:
        root = {
            minute: {kind: n for kind, n in kinds.items() if kind < len(ROOT_EVENTS)}
            for minute, kinds in sorted(self.day.minutes.items())
        }
        root = {minute: kinds for minute, kinds in root.items() if kinds}
        return f"root acts: {root}\ndue: {self.day.due}\ntold at: {self.told_at}\n{self.reading}"


def random_life(account: Account, random: Random) -> Life:
    periods = [minutes_of_period(each) for each in account.metric_alarms]
    longest = max(
        minutes_of_period(each) * (each.datapoints_to_alarm or each.evaluation_periods or 1)
        for each in account.metric_alarms
    )
    day, reading = random_day(random, periods, longest), random_reading(random)
    read = {(each.namespace, each.name) for alarm in account.metric_alarms for each in alarm.metrics}
    filters = [each for each in account.filters if (each.metric_namespace, each.metric_name) in read]
    metrics = publish(filters, day, reading)
    timelines = {
        each.name: _timeline(each, account, metrics, day, reading, random) for each in account.metric_alarms
    }
    rules = {name: pair[0 if reading.and_first else 1] for name, pair in account.rules.items()}
    timelines = with_composites(rules, timelines, reading)
    return Life(day, reading, tuple(sorted(_told_at(account, timelines, reading))))


def _told_at(account: Account, timelines: dict[str, Timeline], reading: Reading) -> set[int]:
    told: set[int] = set()
    alarms: list[MetricAlarm | CompositeAlarm] = [*account.metric_alarms, *account.composites]
    for alarm in alarms:
        topics = (account.topics.get(action) for action in alarm.alarm_actions)
        if any(topic.tells for topic in topics if topic):
            told |= set(acts_at(alarm, timelines, reading))
    return told


def _timeline(
    alarm: MetricAlarm, account: Account, metrics: Metrics, day: Day, reading: Reading, random: Random
) -> Timeline:
    """An alarm that no root event moves is quiet: the rule says of it that it may keep another silent."""
    if any(_hears_root(alarm, each) for each in account.filters):
        return timeline_of(alarm, reader_of(alarm, metrics, reading), day.length, reading)
    moments = sorted(random.sample(range(day.length), random.choice((0, 0, 3))))
    first, second = random.sample((OK, INSUFFICIENT_DATA), 2)
    return [(at, (first, second)[number % 2]) for number, at in enumerate((-1, *moments))]


def _hears_root(alarm: MetricAlarm, metric_filter: MetricFilter) -> bool:
    hears = any(each.name == metric_filter.metric_name for each in alarm.metrics)
    return hears and any(matched_by(metric_filter.pattern)[: len(ROOT_EVENTS)])
