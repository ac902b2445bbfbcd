"""Judges the metric filters of a log group: which of them see root events, and do they cover all?

What a pattern covers is decided in `coverage`; here its answers become candidates and findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from ..aws.asking import Evidence
from ..aws.logs import HasTransformer, LogGroupId, MetricFilter
from ..coverage import (
    CatchesOthers,
    Coverage,
    Covered,
    Drowned,
    MaybeDrowned,
    Missed,
    Recorded,
    Undecided,
    Watch,
    decide_coverage,
    drowned_by,
    matches_some_root_event,
    others_caught_by,
)
from ..filter_pattern import PatternSyntaxError, parse_filter_pattern
from ..filter_pattern.syntax import And, Comparison, JsonPattern, Member, Operator, Selector, Text
from ..verdict.findings import IN_THE_LOG, PRESS_REMEDIATE, Code, Finding, Link, quote
from ..verdict.outcome import Station
from .trail import TrailDelivery

_USER_TYPE = Selector((Member("userIdentity"), Member("type")))


# Of the patterns that people write for root, the longest has 223 characters.
_ORDINARY_LENGTH = 256

EverydayNoise = Drowned | MaybeDrowned | Undecided | None


@dataclass(frozen=True, slots=True)
class FilterGroup:
    """The metric filters of a log group. What each matches is decided where a chain depends on it."""

    watches: Mapping[MetricFilter, Watch]
    account_id: str
    partition: str

    def noise(self, metric_filter: MetricFilter) -> EverydayNoise:
        return drowned_by(self.watches[metric_filter], self.account_id, self.partition)

    def is_noisy(self, metric_filter: MetricFilter) -> bool:
        """Whether it surely matches everyday events of others, which every account has."""
        noise = self.noise(metric_filter)
        return isinstance(noise, Drowned) and not noise.may_never_come

    def may_drown(self, metric_filter: MetricFilter) -> bool:
        return isinstance(self.noise(metric_filter), Drowned)

    def drowned_unless_quiet(self, metric_filter: MetricFilter, heard: MetricFilter) -> Finding | None:
        """That the other's everyday events drown the filter's alarm, if they come: the record tells."""
        noise = self.noise(heard)
        if isinstance(noise, Drowned) and noise.may_never_come:
            return _drowned(metric_filter, heard, noise)
        return None

    def is_unforeseeable(self, metric_filter: MetricFilter) -> bool:
        return isinstance(self.noise(metric_filter), MaybeDrowned | Undecided)

    def caught_of_others(self, metric_filter: MetricFilter) -> CatchesOthers | None:
        """What it matches that others than root can cause; None if it surely matches nothing of theirs."""
        return others_caught_by(self.watches[metric_filter], self.account_id, self.partition)

    def matches_root(self, metric_filter: MetricFilter) -> bool:
        """Whether it may match a root event."""
        return matches_some_root_event(self.watches[metric_filter], self.account_id, self.partition)

    def catches_all_of(self, other: MetricFilter, metric_filter: MetricFilter) -> bool:
        """Whether the other surely matches every root event that the filter does."""
        watch, of_filter = self.watches[other], self.watches[metric_filter]
        if replace(watch, name=of_filter.name) == of_filter:
            return True
        coverage = decide_coverage([watch], self.account_id, self.partition)
        return isinstance(coverage, Covered) and not coverage.notes


@dataclass(frozen=True, slots=True)
class Candidate:
    """A metric filter on a log group that a trail feeds; it matches some root events at least."""

    delivery: TrailDelivery
    metric_filter: MetricFilter
    companions: tuple[MetricFilter, ...]  # the group's other filters
    watch: Watch
    group: FilterGroup = field(compare=False)

    @property
    def steps(self) -> tuple[Station, ...]:
        return (
            *delivery_steps(self.delivery),
            Station(Link.METRIC_FILTER, self.metric_filter.name, record=self.metric_filter),
        )

    @property
    def drowned(self) -> Finding | None:
        """All filters of the group that publish to the filter's metric make its alarm ring."""
        sharing = [each for each in self.group.watches if _share_metric(each, self.metric_filter)]
        for each in sorted(sharing, key=lambda other: other is not self.metric_filter):
            finding = _drowned_by(each, self.metric_filter, self.group.noise(each))
            if finding:
                return finding
        return None


def delivery_steps(delivery: TrailDelivery) -> tuple[Station, ...]:
    """The links that hold before any metric filter is looked at."""
    trail, log_group = delivery.trail, delivery.log_group
    return (
        Station(Link.TRAIL, trail.name, record=trail),
        Station(Link.LOG_GROUP, log_group.name, record=log_group),
    )


def candidates_among(
    evidence: Evidence, filters: tuple[MetricFilter, ...], delivery: TrailDelivery
) -> Iterator[Candidate]:
    """The filters that match at least one root event, each decided when its turn comes.

    Whoever may add a filter may add a hundred that take long to decide: those come last.
    """
    watches = {each: _watch(evidence, each, delivery) for each in filters}
    group = FilterGroup(watches, evidence.account_id, delivery.trail.arn.partition)
    for metric_filter in sorted(filters, key=lambda each: len(each.pattern) > _ORDINARY_LENGTH):
        if group.matches_root(metric_filter):
            companions = tuple(each for each in filters if each is not metric_filter)
            yield Candidate(delivery, metric_filter, companions, watches[metric_filter], group)


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


def _drowned_by(
    noisy_filter: MetricFilter, metric_filter: MetricFilter, noise: EverydayNoise
) -> Finding | None:
    match noise:
        case Drowned() as drowned:
            return None if drowned.may_never_come else _drowned(metric_filter, noisy_filter, drowned)
        case Undecided(reason) if noisy_filter is metric_filter:
            return _maybe_noisy(metric_filter, reason)
        case MaybeDrowned() | Undecided():
            # Of the filter's own pattern the coverage says that it is undecided.
            return None if noisy_filter is metric_filter else _unforeseeable(metric_filter, noisy_filter.name)
        case None:
            return None
        case other:
            assert_never(other)


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
