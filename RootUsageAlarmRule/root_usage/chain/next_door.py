"""Tells of a root usage filter on another log group than the trail's, as an upgraded landing zone leaves it.

The trail has got a new log group then, and filter, alarm and topic wait at the old one.
"""

from __future__ import annotations

from dataclasses import replace

from ..aws.asking import Evidence
from ..aws.logs import FiltersOfPlace, LogGroupId, PlacedFilter
from ..coverage import Covered, Watch, decide_coverage
from ..verdict.findings import Code, Finding, Link, quote
from ..verdict.outcome import NotTold, Verdict
from ..work import OutOfWork

OTHER_WAYS = " (EventBridge rules don't count, by AcceptedWays)"
"""Behind the message on a log group without metric filter, where nobody has asked for rules."""


def look_next_door(evidence: Evidence, verdict: Verdict) -> Verdict:
    """The verdict; its words name the other log group, if one has a filter that matches all root events.

    One call, and only where a log group without metric filter is what the account is NON_COMPLIANT for.
    """
    if not isinstance(verdict, NotTold) or verdict.findings[0].code is not Code.NO_METRIC_FILTER:
        return verdict
    lead = verdict.findings[0]
    log_group = next((each.record(Link.LOG_GROUP) for each in verdict.chains if each.broken == lead), None)
    if not isinstance(log_group, LogGroupId):
        return verdict
    found = evidence.answer(FiltersOfPlace(log_group.place))
    if not isinstance(found, tuple):
        return verdict  # it would be an addition only
    try:
        other = next((each for each in found if _matches_all(each, log_group, evidence.account_id)), None)
    except OutOfWork:
        return verdict
    if other is None:
        return verdict
    told = _told(lead, other)
    chains = tuple(replace(each, broken=told) if each.broken == lead else each for each in verdict.chains)
    return NotTold((told, *verdict.findings[1:]), chains)


def _matches_all(placed: PlacedFilter, log_group: LogGroupId, account_id: str) -> bool:
    metric_filter = placed.metric_filter
    if metric_filter.apply_on_transformed_logs or "Root" not in metric_filter.pattern:
        return False
    watch = Watch(
        metric_filter.pattern, metric_filter.name, log_group.place, metric_filter.field_selection_criteria
    )
    return isinstance(decide_coverage([watch], account_id), Covered)


def _told(lead: Finding, other: PlacedFilter) -> Finding:
    name, group = quote(other.metric_filter.name), quote(other.log_group_name)
    instead = f"; filter {name} is on log group {group} instead"
    return replace(
        lead,
        message=f"{lead.message}{instead}",
        short_message=f"{lead.message.removesuffix(OTHER_WAYS)}{instead}",
    )
