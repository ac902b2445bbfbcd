"""The walk: trail -> log group -> metric filter -> metric -> alarm -> alarm action -> subscriber.

Decides which link to look at next and puts the verdict together; what makes a link hold is decided
in `trail`, `trail_copy`, `channel`, `log_group`, `next_door`, `pipeline`, `metric_filter`, `alarms` and
`delivery`. It goes from the cheap and likely to the costly:

1. trail by trail, a metric filter that covers all root activity by itself, its plain alarms;
2. the same filters' metric math, composite and log alarms, which need every alarm of the region;
3. all filters and trails together, each speaking for the part whose alarm reaches somebody;
4. where AcceptedWays has `eventbridge`, EventBridge's rules, region by region, beside those alarms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..aws.arn import Place
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudtrail import Trail, Trails
from ..aws.logs import LogGroupId
from ..coverage import Coverage, Covered, Missed, Undecided
from ..parameters import ALARM, EVENTBRIDGE, InvalidParameters, Parameters
from ..verdict.findings import Code, Finding, not_decided
from ..verdict.outcome import Chain, NotTold, ReportedElsewhere, Told, Verdict, not_told
from ..work import OutOfWork
from . import alarms as reach
from .channel import beside_trails, without_trail
from .event_rules import through_event_rules
from .log_group import metric_filters_of
from .metric_filter import (
    Candidate,
    candidates_among,
    coverage_of,
    delivery_steps,
    hole,
    matches_no_root_event,
    recording_all,
)
from .next_door import OTHER_WAYS, look_next_door
from .pipeline import judge_pipelines
from .placing import placed, placed_chain
from .trail import (
    TrailDelivery,
    judge_by_description,
    judge_delivery,
    trail_of_another_account,
    trail_of_no_organization,
    trails_unreadable,
)
from .trail_copy import judge_copy

# What a log group may lack and yet be watched by a log alarm.
_LOG_ALARMS_MAY_WATCH = (Code.LOG_GROUP_CLASS, Code.NO_METRIC_FILTER, Code.PATTERN_MISSES_ROOT_EVENT)


def decide(evidence: Evidence, parameters: Parameters | InvalidParameters) -> Verdict:
    """The verdict on the account, or Unanswered while the evidence doesn't reach."""
    if isinstance(parameters, InvalidParameters):
        return NotTold(parameters.findings)
    if parameters.reporting_region not in (None, evidence.region):
        return ReportedElsewhere(str(parameters.reporting_region))
    trails = evidence.answer(Trails(Place(evidence.account_id, evidence.region)))
    if isinstance(trails, Unreadable):
        return NotTold((trails_unreadable(evidence.account_id, trails),))
    if not trails:
        return without_trail(evidence)
    walk = _Walk(evidence, parameters)
    try:
        verdict = look_next_door(evidence, walk.through(_most_promising_first(trails, evidence.account_id)))
        return beside_trails(evidence, trails, judge_pipelines(evidence, verdict))
    except OutOfWork as stop:
        broken = not_told(tuple(walk.broken))
        return NotTold((not_decided(stop, evidence.account_id), *broken.findings), broken.chains)


class _Walk:
    """One evaluation; collects the chains that break, and the candidates, as it goes."""

    def __init__(self, evidence: Evidence, parameters: Parameters) -> None:
        self.evidence = evidence
        self.parameters = parameters
        self.broken: list[Chain] = []
        self.candidates: list[Candidate] = []
        self.followed: dict[tuple[Candidate, reach.Look], Chain | None] = {}

    def through(self, trails: tuple[Trail, ...]) -> Verdict:
        ways = self.parameters.accepted_ways
        verdict = self._by_alarms(trails) if ALARM in ways else NotTold(())
        if isinstance(verdict, NotTold) and EVENTBRIDGE in ways:
            return self._by_event_rules(trails, verdict)
        return verdict

    def _by_event_rules(self, trails: tuple[Trail, ...], by_alarms: NotTold) -> Verdict:
        """Rules and alarms that reach somebody have to cover root activity together, in every region."""
        told = self._reaching()
        chains = through_event_rules(
            self.evidence,
            self.parameters,
            trails,
            tuple(candidate.watch for _, candidate in told),
            reach.settings_of(self.parameters),
        )
        if all(each.broken is None for each in chains):
            return self._told([*(chain for chain, _ in told), *chains], [candidate for _, candidate in told])
        verdict = not_told((*by_alarms.chains, *chains), *by_alarms.findings)
        # Who tells by alarms alone has no need of a rule.
        last = {Code.NO_EVENT_RULE} if by_alarms.findings else set()
        return replace(verdict, findings=tuple(sorted(verdict.findings, key=lambda each: each.code in last)))

    def _reaching(self) -> list[tuple[Chain, Candidate]]:
        """The candidates whose alarm tells somebody, each with its chain."""
        told: list[tuple[Chain, Candidate]] = []
        for candidate in self.candidates:
            chain = self._follow(candidate, reach.through_plain_alarms) or self._follow(
                candidate, reach.through_other_alarms
            )
            if chain:
                told.append((chain, candidate))
        return told

    def _by_alarms(self, trails: tuple[Trail, ...]) -> Verdict:
        for trail in trails:
            covering: list[Candidate] = []
            for candidate in self._candidates_of(trail):  # whose others aren't decided if this one is enough
                if self._covers(candidate):
                    covering.append(candidate)
                    if told := self._follow(candidate, reach.through_plain_alarms):
                        return self._told([told], [candidate])
            for candidate in covering:
                if told := self._follow(candidate, reach.through_other_alarms):
                    return self._told([told], [candidate])
        return self._together()

    # -- trail, log group, metric filters ---------------------------------------------------------

    def _candidates_of(self, trail: Trail) -> Iterator[Candidate]:
        delivery = self._delivery_of(trail)
        if isinstance(delivery, Finding):
            self.broken.append(Chain((), placed(delivery, trail.arn.account_id, self.evidence.account_id)))
            return
        filters = metric_filters_of(self.evidence, delivery.log_group)
        if isinstance(filters, Finding):
            self._note_without_filter(delivery, self._beside_other_ways(filters))
            return
        before = len(self.candidates)
        for candidate in candidates_among(self.evidence, filters, delivery):
            self.candidates.append(candidate)
            yield candidate
        if len(self.candidates) == before:
            self._note_without_filter(delivery, matches_no_root_event(delivery.log_group, filters))

    def _beside_other_ways(self, finding: Finding) -> Finding:
        """Whether somebody is told by EventBridge nobody has asked: the finding says so."""
        if finding.code is not Code.NO_METRIC_FILTER or EVENTBRIDGE in self.parameters.accepted_ways:
            return finding
        return replace(finding, message=f"{finding.message}{OTHER_WAYS}")

    def _note_without_filter(self, delivery: TrailDelivery, finding: Finding) -> None:
        """Keeps what the log group lacks, and the log alarms, which need no metric filter."""
        steps = delivery_steps(delivery)
        self._break(Chain(steps, finding), delivery)
        if finding.code in _LOG_ALARMS_MAY_WATCH:
            log_alarms = reach.through_log_alarms(self.evidence, delivery.log_group)
            for each in log_alarms:
                self._break(replace(each, steps=steps), delivery)

    def _break(self, chain: Chain, delivery: TrailDelivery) -> None:
        self.broken.append(self._placed(chain, delivery))

    def _placed(self, chain: Chain, delivery: TrailDelivery) -> Chain:
        return placed_chain(chain, delivery, self.evidence.account_id)

    def _delivery_of(self, trail: Trail) -> TrailDelivery | Finding:
        if trail.arn.account_id != self.evidence.account_id and not trail.is_organization_trail:
            return trail_of_no_organization(trail)
        log_group = judge_by_description(trail, self.evidence.account_id)
        reads_in = log_group.place.account_id if isinstance(log_group, LogGroupId) else trail.arn.account_id
        if reads_in != self.evidence.account_id and self.parameters.reading_role_name is None:
            return trail_of_another_account(trail, reads_in)
        if isinstance(log_group, Finding):
            return log_group
        notes = judge_copy(self.evidence, trail, log_group)
        if isinstance(notes, Finding):
            return notes
        delivery = judge_delivery(self.evidence, trail, log_group, self.parameters)
        if isinstance(delivery, Finding):
            return delivery
        return replace(delivery, notes=(*notes, *delivery.notes))

    def _covers(self, candidate: Candidate) -> bool:
        return isinstance(self._coverage([candidate]), Covered)

    def _coverage(self, candidates: Sequence[Candidate]) -> Coverage:
        return coverage_of(
            candidates,
            self.evidence.account_id,
            allow_assume_root_exclusion=self.parameters.allow_assume_root_exclusion,
        )

    # -- alarms and whom they tell ---------------------------------------------------------------

    def _follow(self, candidate: Candidate, look: reach.Look) -> Chain | None:
        """The first chain of the candidate that reaches somebody; those that break are kept."""
        if (candidate, look) not in self.followed:
            self.followed[candidate, look] = self._follow_anew(candidate, look)
        return self.followed[candidate, look]

    def _follow_anew(self, candidate: Candidate, look: reach.Look) -> Chain | None:
        if candidate.drowned:
            self._break(Chain(candidate.steps, candidate.drowned), candidate.delivery)
            return None
        place = candidate.delivery.log_group.place
        feed = reach.Feed(
            metric_filter=candidate.metric_filter,
            companions=candidate.companions,
            group=candidate.group,
            log_group=candidate.delivery.log_group,
        )
        for chain in look(self.evidence, self.parameters, place, feed):
            whole = self._placed(replace(chain, steps=(*candidate.steps, *chain.steps)), candidate.delivery)
            if whole.broken is None:
                return whole
            self.broken.append(whole)
        return None

    def _together(self) -> Verdict:
        """All candidates at once: those that reach somebody have to cover root activity together."""
        if not self.candidates:
            return not_told(tuple(self.broken))
        union = self._coverage([each for each in self.candidates if not each.drowned] or self.candidates)
        if not isinstance(union, Covered):
            return not_told(tuple(self.broken), *self._causes(union))
        self.evidence.need(
            *(
                question
                for each in self.candidates
                if not each.drowned
                for question in reach.first_questions(each.delivery.log_group.place, each.metric_filter)
            )
        )
        told = self._reaching()
        if not told:
            return not_told(tuple(self.broken))
        reaching = [candidate for _, candidate in told]
        coverage = self._coverage(reaching)
        if isinstance(coverage, Covered):
            return self._told([chain for chain, _ in told], reaching)
        return not_told(tuple(self.broken), self._hole(reaching, coverage))

    def _causes(self, union: Missed | Undecided) -> tuple[Finding, ...]:
        """What the trails leave out, where that alone is the reason; else what the filters miss."""
        shortfalls = tuple(
            placed(each.delivery.shortfall, each.delivery.trail.arn.account_id, self.evidence.account_id)
            for each in self.candidates
            if each.delivery.shortfall
        )
        if shortfalls and isinstance(
            self._coverage([recording_all(each) for each in self.candidates]), Covered
        ):
            return shortfalls
        return (*shortfalls, self._hole(self.candidates, union))

    def _hole(self, candidates: Sequence[Candidate], coverage: Missed | Undecided) -> Finding:
        first = candidates[0].delivery.log_group.place  # whose filter the finding names
        return placed(hole(candidates, coverage), first.account_id, self.evidence.account_id)

    def _told(self, chains: list[Chain], candidates: list[Candidate]) -> Told:
        coverage = self._coverage(candidates) if candidates else None
        notes = coverage.notes if isinstance(coverage, Covered) else ()
        of_trails = [note for each in candidates for note in each.delivery.notes]
        of_chains = [note for each in chains for note in each.notes]
        return Told(tuple(chains), tuple(dict.fromkeys([*notes, *of_trails, *of_chains])))


def _most_promising_first(trails: tuple[Trail, ...], account_id: str) -> tuple[Trail, ...]:
    return tuple(
        sorted(
            trails,
            key=lambda each: (
                not each.is_multi_region,
                each.log_group_arn is None,
                each.arn.account_id != account_id,
            ),
        )
    )
