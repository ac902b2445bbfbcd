"""Judges the trail's log group: is it there, can it run metric filters, and which are on it?

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html
"""

from __future__ import annotations

from ..aws.asking import Evidence, Unreadable
from ..aws.logs import LogGroupId, LogGroupNamed, MetricFilter, MetricFiltersOf
from ..verdict.findings import PRESS_REMEDIATE, Code, Finding, quote, unreadable


def metric_filters_of(evidence: Evidence, log_group: LogGroupId) -> tuple[MetricFilter, ...] | Finding:
    """The metric filters on exactly this log group, at least one; else why there can't be an alarm."""
    filters = evidence.answer(MetricFiltersOf(log_group.place, log_group))
    has_filters = isinstance(filters, tuple) and bool(filters)
    group = evidence.answer(LogGroupNamed(log_group.place, log_group.name, has_filters))
    if isinstance(group, Unreadable):
        return unreadable(
            Code.LOG_GROUP_UNREADABLE, log_group.name, f"log group {quote(log_group.name)}", group
        )
    if group is None:
        return _missing(log_group)
    if group.log_group_class != "STANDARD":
        return _wrong_class(log_group, group.log_group_class)
    if isinstance(filters, Unreadable):
        subject = f"the metric filters of log group {quote(log_group.name)}"
        return unreadable(Code.METRIC_FILTERS_UNREADABLE, log_group.name, subject, filters)
    return filters or _no_metric_filter(log_group)


def _missing(log_group: LogGroupId) -> Finding:
    return Finding(
        Code.LOG_GROUP_MISSING,
        log_group.name,
        f"the trail's log group {quote(log_group.name)} doesn't exist in {log_group.place.region}, "
        "so root events are lost",
        "create it again, or join the trail to another",
    )


def _wrong_class(log_group: LogGroupId, log_group_class: str) -> Finding:
    return Finding(
        Code.LOG_GROUP_CLASS,
        log_group.name,
        f"log group {quote(log_group.name)} is of class {log_group_class}, which runs no metric filters, "
        "so no alarm can ring",
        "join the trail to a log group of class STANDARD",
    )


def _no_metric_filter(log_group: LogGroupId) -> Finding:
    return Finding(
        Code.NO_METRIC_FILTER,
        log_group.name,
        f"log group {quote(log_group.name)} has no metric filter, so no alarm on it sees root events",
        f"add the CIS root usage filter and an alarm{PRESS_REMEDIATE}",
    )
