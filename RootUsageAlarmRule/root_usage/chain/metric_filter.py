"""Judges the metric filters of a log group: which of them see root events, and do they cover all?

What a pattern covers is decided in `coverage`; here its answers become candidates and findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from ..aws.asking import Evidence
from ..aws.logs import HasTransformer, LogGroupId, MetricFilter
from ..coverage import (
    Coverage,
    Drowned,
    MaybeDrowned,
    Missed,
    Recorded,
    Undecided,
    Watch,
    decide_coverage,
    drowned_by,
    matches_some_root_event,
)
from ..filter_pattern import PatternSyntaxError, parse_filter_pattern
from ..filter_pattern.syntax import And, Comparison, JsonPattern, Member, Operator, Selector, Text
from ..verdict.findings import IN_THE_LOG, PRESS_REMEDIATE, Code, Finding, Link, quote
from ..verdict.outcome import Station
from .trail import TrailDelivery

_USER_TYPE = Selector((Member("userIdentity"), Member("type")))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A metric filter on a log group that a trail feeds; it matches some root events at least."""

    delivery: TrailDelivery
    metric_filter: MetricFilter
    companions: tuple[MetricFilter, ...]  # the group's other filters
    watch: Watch
    drowned: Finding | None
    noisy: tuple[MetricFilter, ...] = ()  # the group's filters that match everyday events of others
    # Those that match everyday events which this account may not have: its alarm's record can tell.
    drowned_unless_quiet: Mapping[MetricFilter, Finding] = field(default_factory=dict, compare=False)
    unforeseeable: tuple[MetricFilter, ...] = ()  # the group's other filters of which nobody can tell
    siblings: tuple[MetricFilter, ...] = ()  # the group's other filters that match some root events
    watches: Mapping[MetricFilter, Watch] = field(default_factory=dict, compare=False)  # of all its filters

    @property
    def steps(self) -> tuple[Station, ...]:
        return (
            *delivery_steps(self.delivery),
            Station(Link.METRIC_FILTER, self.metric_filter.name, record=self.metric_filter),
        )


def delivery_steps(delivery: TrailDelivery) -> tuple[Station, ...]:
    """The links that hold before any metric filter is looked at."""
    trail, log_group = delivery.trail, delivery.log_group
    return (
        Station(Link.TRAIL, trail.name, record=trail),
        Station(Link.LOG_GROUP, log_group.name, record=log_group),
    )


def candidates_among(
    evidence: Evidence, filters: tuple[MetricFilter, ...], delivery: TrailDelivery
) -> tuple[Candidate, ...]:
    """The filters that match at least one root event."""
    account_id, partition = evidence.account_id, delivery.trail.arn.partition
    watches = {each: _watch(evidence, each, delivery) for each in filters}
    noise = {each: drowned_by(watch, account_id, partition) for each, watch in watches.items()}
    drowned = {each: found for each, found in noise.items() if isinstance(found, Drowned)}
    noisy = tuple(each for each, found in drowned.items() if not found.may_never_come)
    unforeseeable = tuple(each for each, found in noise.items() if found is not None and each not in drowned)
    matching = [
        each for each, watch in watches.items() if matches_some_root_event(watch, account_id, partition)
    ]
    return tuple(
        Candidate(
            delivery=delivery,
            metric_filter=metric_filter,
            companions=tuple(each for each in filters if each is not metric_filter),
            watch=watches[metric_filter],
            drowned=_drowned_among(metric_filter, noise),
            noisy=noisy,
            drowned_unless_quiet={
                each: _drowned(metric_filter, each, found)
                for each, found in drowned.items()
                if found.may_never_come
            },
            unforeseeable=tuple(each for each in unforeseeable if each is not metric_filter),
            siblings=tuple(each for each in matching if each is not metric_filter),
            watches=watches,
        )
        for metric_filter in matching
    )


def coverage_of(
    candidates: Sequence[Candidate], account_id: str, *, allow_assume_root_exclusion: bool
) -> Coverage:
    """Whether the candidates together match every root event."""
    return decide_coverage(
        [each.watch for each in candidates],
        account_id,
        candidates[0].delivery.trail.arn.partition,
        allow_assume_root_exclusion=allow_assume_root_exclusion,
    )


def asks_for_root(pattern: str) -> bool:
    """Whether the pattern says, in so many words, that an event has to be the root user's."""
    try:
        parsed = parse_filter_pattern(pattern)
    except PatternSyntaxError:
        return False
    if not isinstance(parsed, JsonPattern):
        return False
    expression = parsed.expression
    parts = expression.parts if isinstance(expression, And) else (expression,)
    return any(
        isinstance(part, Comparison)
        and part.selector == _USER_TYPE
        and part.operator is Operator.EQUAL
        and isinstance(part.operand, Text)
        and part.operand.content == "Root"
        for part in parts
    )


def recording_all(candidate: Candidate) -> Candidate:
    """The candidate as it would be if its trail recorded all management events."""
    return replace(candidate, watch=replace(candidate.watch, recorded=Recorded()))


def _watch(evidence: Evidence, metric_filter: MetricFilter, delivery: TrailDelivery) -> Watch:
    return Watch(
        pattern=metric_filter.pattern,
        name=metric_filter.name,
        log_group_place=delivery.log_group.place,
        field_selection_criteria=metric_filter.field_selection_criteria,
        is_transformed=metric_filter.apply_on_transformed_logs
        and _has_transformer(evidence, delivery.log_group),
        recorded=delivery.recorded,
        other_accounts=_other_accounts(evidence, delivery),
    )


def _other_accounts(evidence: Evidence, delivery: TrailDelivery) -> frozenset[str]:
    """An organization trail logs the account that owns it too; who the other members are isn't asked."""
    if not delivery.trail.is_organization_trail:
        return frozenset()
    return frozenset({delivery.trail.arn.account_id, delivery.log_group.place.account_id}) - {
        evidence.account_id
    }


def _has_transformer(evidence: Evidence, log_group: LogGroupId) -> bool:
    # Unreadable counts as transformed: the pattern may then see events of another shape.
    return evidence.answer(HasTransformer(log_group.place, log_group)) is not False


def _drowned_among(
    metric_filter: MetricFilter, noise: dict[MetricFilter, Drowned | MaybeDrowned | Undecided | None]
) -> Finding | None:
    """All filters of the group that publish to the filter's metric make its alarm ring."""
    sharing = [each for each in noise if _share_metric(each, metric_filter)]
    for each in sorted(sharing, key=lambda other: other is not metric_filter):
        match noise[each]:
            case Drowned() as drowned:
                if not drowned.may_never_come:
                    return _drowned(metric_filter, each, drowned)
            case Undecided(reason) if each is metric_filter:
                return _maybe_noisy(metric_filter, reason)
            case MaybeDrowned() | Undecided():
                if each is not metric_filter:  # of its own pattern the coverage says that it is undecided
                    return _unforeseeable(metric_filter, each.name)
            case None:
                pass
            case other:
                assert_never(other)
    return None


def _share_metric(one: MetricFilter, other: MetricFilter) -> bool:
    return (one.metric_namespace, one.metric_name) == (other.metric_namespace, other.metric_name)


def matches_no_root_event(log_group: LogGroupId, filters: tuple[MetricFilter, ...]) -> Finding:
    """The finding for a log group none of whose filters is a candidate."""
    count = "the metric filter" if len(filters) == 1 else f"none of the {len(filters)} metric filters"
    verb = "doesn't match" if len(filters) == 1 else "matches"
    return Finding(
        Code.PATTERN_MISSES_ROOT_EVENT,
        log_group.name,
        f"{count} of log group {quote(log_group.name)} {verb} any root event, so no one is told",
        f"add the CIS root usage filter and an alarm{PRESS_REMEDIATE}",
    )


def hole(candidates: Sequence[Candidate], coverage: Missed | Undecided) -> Finding:
    """The finding for what the candidates' patterns leave open together."""
    names = [each.metric_filter.name for each in candidates]
    subject = f"metric filter {quote(names[0])}"
    if len(set(names)) > 1:
        subject = f"metric filters {quote(names[0])} and {len(set(names)) - 1} more"
    if isinstance(coverage, Missed):
        return Finding(
            Code.PATTERN_MISSES_ROOT_EVENT,
            names[0],
            f"{subject}: {coverage.phrase}, so no one is told of it",
            "use the CIS root usage pattern",
            coverage.example,
            short_message=f"{subject}: misses root events that the log shows, so no one is told of them",
        )
    unproven, follows = f"cannot verify that {subject} matches all root events", "so one may go unheard"
    return Finding(
        Code.PATTERN_UNDECIDED,
        names[0],
        f"{unproven} ({coverage.reason}), {follows}",
        _remedy_for_undecided(candidates),
        short_message=f"{unproven} ({IN_THE_LOG}), {follows}",
    )


def _remedy_for_undecided(candidates: Sequence[Candidate]) -> str:
    if any(each.watch.is_transformed for each in candidates):
        return "let the filter read the original events (applyOnTransformedLogs)"
    if any(each.watch.field_selection_criteria for each in candidates):
        return "use the CIS root usage pattern, without fieldSelectionCriteria"
    return "use the CIS root usage pattern"


def _drowned(metric_filter: MetricFilter, noisy: MetricFilter, drowned: Drowned) -> Finding:
    where = "on its metric" if _share_metric(noisy, metric_filter) else "that its alarm reads"
    source = "it" if noisy is metric_filter else f"filter {quote(noisy.name)} {where}"
    is_drowned, also_matches, changes = (
        ("is drowned", "also matches", "changes")
        if drowned.is_certain
        else ("may be drowned", "may also match", "may change")
    )
    whose = "of other accounts" if drowned.is_elsewhere else f"({drowned.example['eventName']} by others)"
    return Finding(
        Code.PATTERN_DROWNED,
        metric_filter.name,
        f"metric filter {quote(metric_filter.name)} {is_drowned}: {source} {also_matches} everyday events "
        f"{whose}, so a root event {changes} nothing",
        "give root usage a filter and metric of its own",
        drowned.example,
    )


def _maybe_noisy(metric_filter: MetricFilter, reason: str) -> Finding:
    subject = f"metric filter {quote(metric_filter.name)}"
    unproven = f"cannot verify that {subject} matches no everyday events of other accounts"
    return Finding(
        Code.PATTERN_UNDECIDED,
        metric_filter.name,
        f"{unproven} ({reason}), so a root event may change nothing",
        "use the CIS root usage pattern",
        short_message=f"{unproven} ({IN_THE_LOG}), so a root event may change nothing",
    )


def _unforeseeable(metric_filter: MetricFilter, other_filter: str) -> Finding:
    return Finding(
        Code.METRIC_SHARED,
        metric_filter.name,
        f"metric filter {quote(metric_filter.name)} shares its metric with {quote(other_filter)}, whose "
        "matches can't be foreseen, so a root event may change nothing",
        "give root usage a filter and metric of its own",
    )
