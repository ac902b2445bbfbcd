"""Does the alarm watch the very metric that the filter publishes a root event to?

A metric is namespace, name and the exact set of dimensions; CloudWatch doesn't add up custom metrics
over dimensions, and keeps units apart.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..aws.cloudwatch import Metric
from ..aws.logs import MetricFilter
from ..verdict.findings import Finding
from . import faults

_OPTIONAL = ("$.userIdentity.accountId", "$.recipientAccountId")

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")


def is_named(metric: Metric, metric_filter: MetricFilter) -> bool:
    """Whether the filter publishes to a metric of this name, whatever its dimensions."""
    return (metric.namespace, metric.name) == (metric_filter.metric_namespace, metric_filter.metric_name)


def publishes_to(metric: Metric, metric_filter: MetricFilter) -> bool:
    """Whether matches of the filter may be values of the metric."""
    names = {name for name, _ in metric.dimensions}
    return is_named(metric, metric_filter) and names == {name for name, _ in _dimensions(metric_filter)}


def judge_dimensions(
    alarm_name: str, watched: Metric, feed: MetricFilter, account_id: str | None
) -> Finding | None:
    """The fault that keeps root events out of the watched metric, if there is one."""
    published = dict(_dimensions(feed))
    wanted = dict(watched.dimensions)
    for name in sorted(wanted.keys() - published.keys()):
        return faults.dimension_not_published(alarm_name, name, feed)
    for name in sorted(published.keys() - wanted.keys()):
        return faults.dimension_not_watched(alarm_name, name, feed)
    for name, value in sorted(wanted.items()):
        constant = _constant_of_root_events(published[name], account_id)
        if constant is None:
            return faults.dimension_varies(alarm_name, name, feed)
        if constant != value:
            return faults.dimension_value(alarm_name, name, value, constant)
    return None


def judge_unit(alarm_name: str, unit: str | None, filters: tuple[MetricFilter, ...]) -> Finding | None:
    """`filters` publish to the watched metric, the one in question first."""
    units = sorted({each.unit for each in filters})
    if unit is None and len(units) > 1:
        return faults.several_units(alarm_name, units)
    if unit is not None and unit != filters[0].unit:
        return faults.other_unit(alarm_name, unit, filters[0])
    return None


def value_of_match(alarm_name: str, metric_filter: MetricFilter) -> float | Finding:
    """The number that the filter publishes for each event it matches."""
    text = metric_filter.metric_value.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    if text.startswith("$"):
        # No field of CloudTrail's record is a JSON number in every root event.
        return faults.value_from_field(alarm_name, metric_filter)
    return faults.value_not_a_number(alarm_name, metric_filter)


def _dimensions(metric_filter: MetricFilter) -> tuple[tuple[str, str], ...]:
    """Name and selector of each dimension; system fields are their own selectors."""
    system_fields = tuple((each, each) for each in metric_filter.emit_system_field_dimensions)
    return (*metric_filter.dimensions, *system_fields)


def optional_fields(metrics: Iterable[Metric], feed: MetricFilter) -> tuple[str, ...]:
    """The fields behind the metrics' dimensions that CloudTrail marks as optional: only observed everywhere.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    is_read = any(is_named(metric, feed) for metric in metrics)
    selectors = (selector.strip() for _, selector in _dimensions(feed))
    return tuple(each for each in selectors if is_read and each in _OPTIONAL)


def _constant_of_root_events(selector: str, account_id: str | None) -> str | None:
    """The value that every root event of the account carries in a field; None when it varies.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    match selector.strip():
        case "$.userIdentity.type":
            return "Root"
        case field if field in _OPTIONAL:
            return account_id
        case _:
            return None
