"""What an alarm's statistic makes of the values that a metric filter publishes in one period.

A period holds any number of quiet values (the default value, once a minute or once per event: AWS's
text allows both), and at least one value of a root event if root acted in it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .spread import INFINITY, Possible, Spread

BASIC = ("Sum", "SampleCount", "Average", "Minimum", "Maximum")

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PERCENTILE = re.compile(rf"p({_NUMBER})")
_TRIMMED = re.compile(rf"(tm|tc|ts|wm)({_NUMBER})")
_TRIMMED_BETWEEN = re.compile(rf"(TM|TC|TS|WM)\(({_NUMBER}%?)?:({_NUMBER}%?)?\)")
_RANK = re.compile(rf"PR\(({_NUMBER})?:({_NUMBER})?\)")
_UNTRIMMED = {"tm": "Average", "wm": "Average", "tc": "SampleCount", "ts": "Sum"}


class StatisticUnproven(Exception):
    """The datapoint can't be foreseen; says what of it isn't known."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The values that one period of a metric may hold.

    `root` are the values of one root event, one for each filter that surely publishes it (empty: root did
    nothing); all of them are there at least once. Of `others` any number may be there.
    """

    root: tuple[float, ...]
    others: tuple[float, ...] = ()


def datapoint(statistic: str, samples: Samples) -> Possible:
    """What the period's datapoint may be; raises StatisticUnproven."""
    if not samples.root:
        # The log group may have been idle: nothing at all is published then.
        quiet = _spread(statistic, (), samples.others) if samples.others else None
        return Possible(quiet, may_be_missing=True)
    return Possible(_spread(statistic, samples.root, samples.others), may_be_missing=False)


def datapoint_of_one(statistic: str, values: tuple[float, ...]) -> Possible:
    """The datapoint of a period that holds one event's values and no others; raises StatisticUnproven."""
    if statistic == "SampleCount":
        return Possible.at(float(len(values)))
    if statistic == "Sum":
        return Possible.at(sum(values))
    return datapoint(statistic, Samples(values))


def is_extended(statistic: str) -> bool:
    return statistic not in BASIC


def _spread(statistic: str, root: tuple[float, ...], others: tuple[float, ...]) -> Spread:
    match statistic:
        case "Sum":
            return _sum(root, others)
        case "SampleCount":
            return Spread(float(max(1, len(root))), INFINITY)
        case "Minimum":
            return Spread(min((*root, *others)), min(root) if root else max(others))
        case "Maximum":
            return Spread(max(root) if root else min(others), max((*root, *others)))
        case "Average":
            return _average(root, others)
        case _:
            return _extended(statistic, root, others)


def _sum(root: tuple[float, ...], others: tuple[float, ...]) -> Spread:
    # One value at least; any number of further ones, of root events too.
    first = (sum(root),) if root else others
    more = (*root, *others)
    return Spread(
        min(first) if min(more) >= 0 else -INFINITY,
        max(first) if max(more) <= 0 else INFINITY,
    )


def _average(root: tuple[float, ...], others: tuple[float, ...]) -> Spread:
    low, high = min((*root, *others)), max((*root, *others))
    if not root:
        return Spread(low, high)
    # A root event's values weigh something, however many others there are.
    return Spread(low, high, low_open=low < max(root), high_open=high > min(root))


def _extended(statistic: str, root: tuple[float, ...], others: tuple[float, ...]) -> Spread:
    if found := _PERCENTILE.fullmatch(statistic):
        return _percentile(float(found[1]), root, others)
    if found := _RANK.fullmatch(statistic):
        return _rank(statistic, found, root, others)
    kind, untrimmed = _trimming(statistic)
    if untrimmed:
        return _spread(_UNTRIMMED[kind], root, others)
    if kind == "wm":
        # Winsorizing pulls values in and leaves none out, so the mean stays among them.
        return Spread(min((*root, *others)), max((*root, *others)))
    raise StatisticUnproven(f"what {statistic} makes of a single value")


def _trimming(statistic: str) -> tuple[str, bool]:
    """The kind of trimmed statistic, and whether it trims nothing."""
    if found := _TRIMMED.fullmatch(statistic):
        return found[1], float(found[2]) == 100
    if found := _TRIMMED_BETWEEN.fullmatch(statistic):
        low, high = found[2], found[3]
        untrimmed_low = low is None or (low.endswith("%") and float(low[:-1]) == 0)
        untrimmed_high = high is None or (high.endswith("%") and float(high[:-1]) == 100)
        return found[1].lower(), untrimmed_low and untrimmed_high
    return "", False


def _percentile(percent: float, root: tuple[float, ...], others: tuple[float, ...]) -> Spread:
    values = (*root, *others)
    if min(values) < 0:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
        raise StatisticUnproven("a percentile of negative values")
    if percent == 0:
        return _spread("Minimum", root, others)
    if percent == 100:
        return _spread("Maximum", root, others)
    return Spread(min(values), max(values))


def _rank(statistic: str, found: re.Match[str], root: tuple[float, ...], others: tuple[float, ...]) -> Spread:
    """The share of values, in percent, that lie in the range; whether its bounds do isn't documented."""
    low = float(found[1]) if found[1] else -INFINITY
    high = float(found[2]) if found[2] else INFINITY
    values = (*root, *others)
    if any(value in (low, high) for value in values):
        raise StatisticUnproven(f"whether the bounds of {statistic} belong to it")
    shares = {value: 100.0 if low < value < high else 0.0 for value in values}
    return _average(tuple(shares[each] for each in root), tuple(shares[each] for each in others))
