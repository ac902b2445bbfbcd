"""The other way of being told: trail -> EventBridge rule -> target -> subscriber, region by region.

CloudTrail sends an event to the default bus of the region where it happened, wherever its trail is at home.
So the account is told when every region is: by its own rules, or by alarms, which hear all regions.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ..aws.arn import Place
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudtrail import Trail
from ..aws.events import EnabledRegions, Rule, RulesOfDefaultBus, TargetsOfRule
from ..coverage import Coverage, Covered, Missed, Recorded, Undecided, Watch
from ..coverage.event_patterns import (
    Bus,
    RuleWatch,
    decide_coverage_of_bus,
    everyday_event_told_by,
    matches_some_root_event_of,
    others_told_by,
)
from ..coverage.root_activity import has_sign_ins
from ..delivery import DeliverySettings, judge_targets
from ..event_pattern import EventPatternSyntaxError, NotUnderstood, parse_event_pattern
from ..parameters import Parameters
from ..verdict.findings import IN_THE_LOG, Code, Finding, Link, quote, unreadable
from ..verdict.outcome import Chain, Station
from .placing import placed_steps, stations_of
from .side_by_side import all_at_once
from .trail import Recording, judge_recording, union_of

ENABLED = "ENABLED"
WITH_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html"""

_EVERY_REGION = "put such a rule, its topic and subscription into every enabled region"
_THE_PATTERN = "let its pattern ask for userIdentity.type Root only"


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A rule that may tell of a root event."""

    rule: Rule
    watch: RuleWatch


@dataclass(frozen=True, slots=True)
class _Rules:
    """On the default bus of a region: rules for root, those that are off, and one that nobody can read."""

    bus: Bus
    candidates: tuple[_Candidate, ...]
    disabled: tuple[_Candidate, ...] = ()
    not_understood: Rule | None = None

    @property
    def place(self) -> Place:
        return Place(self.bus.account_id, str(self.bus.region))


def through_event_rules(
    evidence: Evidence,
    parameters: Parameters,
    trails: Sequence[Trail],
    filters: tuple[Watch, ...],
    settings: DeliverySettings,
) -> list[Chain]:
    """A whole chain for each region that `filters` leave open, or several together; else broken ones.

    `filters` are metric filters whose alarms tell somebody.
    """
    recordings = _recordings(evidence, parameters, trails)
    if isinstance(recordings, Finding):
        return [Chain((), recordings)]
    way = _Way(evidence, parameters, recordings, filters, settings)
    asked = EnabledRegions(Place(evidence.account_id, evidence.region))
    regions = evidence.answer(asked)
    if isinstance(regions, Unreadable):
        subject = f"which regions account {evidence.account_id} can use"
        return [way.broken(unreadable(Code.REGIONS_UNREADABLE, evidence.account_id, subject, regions))]
    return way.through(sorted(regions, key=lambda each: (not has_sign_ins(each, way.partition), each)))


def _recordings(
    evidence: Evidence, parameters: Parameters, trails: Sequence[Trail]
) -> tuple[Recording, ...] | Finding:
    """The first trail that records all, or all that record something; else why none does."""
    found: list[Recording] = []
    findings: list[Finding] = []
    for trail in trails:
        judged = judge_recording(evidence, trail, parameters)
        if isinstance(judged, Finding):
            findings.append(judged)
        elif judged.shortfall is None:
            return (judged,)
        else:
            found.append(judged)
    return tuple(found) or findings[0]


@dataclass(frozen=True, slots=True)
class _Way:
    """One evaluation of this way; its recordings are at least one."""

    evidence: Evidence
    parameters: Parameters
    recordings: tuple[Recording, ...]
    filters: tuple[Watch, ...]
    settings: DeliverySettings

    @property
    def partition(self) -> str:
        return self.recordings[0].trail.arn.partition

    @property
    def recorded(self) -> Recorded:
        return union_of([each.recorded for each in self.recordings])

    @property
    def steps(self) -> tuple[Station, ...]:
        trail = self.recordings[0].trail
        step = Station(Link.TRAIL, trail.name, trail.arn.account_id, record=trail)
        return placed_steps((step,), self.evidence.account_id)

    def broken(self, finding: Finding, *steps: Station) -> Chain:
        return Chain((*self.steps, *steps), finding)

    def through(self, regions: Sequence[str]) -> list[Chain]:
        buses = [Bus(self.evidence.account_id, region, self.partition) for region in regions]
        self.evidence.need(
            *(RulesOfDefaultBus(Place(self.evidence.account_id, region)) for region in regions)
        )
        of_regions = [self._rules(bus) for bus in buses]
        if findings := [each for each in of_regions if isinstance(each, Finding)]:
            return [self.broken(each) for each in findings]
        rules = [each for each in of_regions if isinstance(each, _Rules)]
        if hole := self._hole(rules):
            return [self.broken(hole)]
        chains = [chain for found in all_at_once(rules, self._of_region) for chain in found]
        # What is whole of an account that isn't told would only be in the way.
        return [each for each in chains if each.broken] or chains

    # -- rules and their patterns ------------------------------------------------------------------

    def _rules(self, bus: Bus) -> _Rules | Finding:
        region = str(bus.region)
        rules = self.evidence.answer(RulesOfDefaultBus(Place(bus.account_id, region)))
        if isinstance(rules, Unreadable):
            return unreadable(
                Code.EVENT_RULES_UNREADABLE, region, f"the EventBridge rules of {region}", rules
            )
        candidates: list[_Candidate] = []
        disabled: list[_Candidate] = []
        not_understood = None
        for rule in rules:
            # What a service has made for itself, it may take away; and its targets are the service's own.
            if rule.event_pattern is None or rule.manager:
                continue
            try:
                pattern = parse_event_pattern(rule.event_pattern)
            except NotUnderstood:
                not_understood = rule
                continue
            except EventPatternSyntaxError:
                continue  # AWS takes none such, so it matches nothing
            watch = RuleWatch(rule.name, pattern, self.recorded, rule.state == WITH_READS)
            if matches_some_root_event_of(bus, watch):
                is_on = rule.state in (ENABLED, WITH_READS)
                (candidates if is_on else disabled).append(_Candidate(rule, watch))
        return _Rules(bus, tuple(candidates), tuple(disabled), not_understood)

    def _coverage(self, bus: Bus, watches: Iterable[RuleWatch]) -> Coverage:
        return decide_coverage_of_bus(
            tuple(watches),
            self.filters,
            bus,
            allow_assume_root_exclusion=self.parameters.allow_assume_root_exclusion,
        )

    def _hole(self, of_regions: Sequence[_Rules]) -> Finding | None:
        """What the patterns leave open, whomever the rules tell: of the first such region."""
        holes: list[tuple[_Rules, Missed | Undecided]] = []
        for each in of_regions:
            coverage = self._coverage(each.bus, (one.watch for one in each.candidates))
            if not isinstance(coverage, Covered):
                holes.append((each, coverage))
        if not holes:
            return None
        rules, hole = holes[0]
        if (shortfall := self.recordings[0].shortfall) and self._would_cover(rules):
            return shortfall
        elsewhere = [each for each in of_regions if each.candidates and each is not rules]
        return replace(_hole_in(rules, hole, elsewhere, len(holes) - 1), region=rules.bus.region)

    def _would_cover(self, rules: _Rules) -> bool:
        """Whether its rules would be enough if the trails recorded everything."""
        whole = (replace(each.watch, recorded=Recorded()) for each in rules.candidates)
        return isinstance(self._coverage(rules.bus, whole), Covered)

    # -- targets and whom they tell ----------------------------------------------------------------

    def _of_region(self, rules: _Rules) -> list[Chain]:
        """The chains that tell of all that the region records; else broken ones. None where alarms do."""
        if isinstance(self._coverage(rules.bus, ()), Covered):
            return []
        broken: list[Chain] = []
        alone = [
            each for each in rules.candidates if isinstance(self._coverage(rules.bus, (each.watch,)), Covered)
        ]
        for candidate in alone:
            chain = self._follow(rules, candidate)
            if chain.broken is None:
                return [self._noted(rules.bus, chain, [candidate])]
            broken.append(chain)
        others = [each for each in rules.candidates if each not in alone]
        followed = list(zip(others, all_at_once(others, partial(self._follow, rules)), strict=True))
        reaching = [each for each, chain in followed if chain.broken is None]
        coverage = self._coverage(rules.bus, (each.watch for each in reaching))
        if isinstance(coverage, Covered):
            whole = [chain for _, chain in followed if chain.broken is None]
            return [self._noted(rules.bus, whole[0], reaching), *whole[1:]]
        broken += [chain for _, chain in followed if chain.broken]
        return broken or [self._hole_of_reaching(rules, reaching, coverage)]

    def _hole_of_reaching(
        self, rules: _Rules, reaching: Sequence[_Candidate], coverage: Missed | Undecided
    ) -> Chain:
        found = replace(rules, candidates=tuple(reaching))
        return self.broken(replace(_hole_in(found, coverage, (), 0), region=rules.bus.region))

    def _noted(self, bus: Bus, chain: Chain, candidates: Sequence[_Candidate]) -> Chain:
        coverage = self._coverage(bus, (each.watch for each in candidates))
        of_coverage = coverage.notes if isinstance(coverage, Covered) else ()
        of_trails = (note for each in self.recordings for note in each.notes)
        return replace(chain, notes=tuple(dict.fromkeys((*of_trails, *of_coverage, *chain.notes))))

    def _follow(self, rules: _Rules, candidate: _Candidate) -> Chain:
        rule, bus = candidate.rule, rules.bus
        if (event := everyday_event_told_by(candidate.watch, bus)) is not None:
            return self.broken(replace(_drowned(rule, event), region=bus.region))
        step = Station(Link.EVENT_RULE, rule.name, record=rule, region=bus.region)
        targets = self.evidence.answer(TargetsOfRule(rules.place, rule.name))
        if isinstance(targets, Unreadable):
            subject = f"the targets of EventBridge rule {quote(rule.name)}"
            finding = unreadable(Code.TARGETS_UNREADABLE, rule.name, subject, targets)
            return self.broken(replace(finding, region=bus.region), step)
        required = self.parameters.sns_topic_arn
        if required and required not in (each.arn for each in targets or ()):
            return self.broken(replace(_other_topic(rule, required), region=bus.region), step)
        wanted = tuple(each for each in targets or () if required in (None, each.arn))
        delivered = judge_targets(self.evidence, rule, wanted, self.settings)
        if isinstance(delivered, Finding):
            return self.broken(replace(delivered, region=bus.region), step)
        notes = tuple(
            f"EventBridge rule {quote(rule.name)} also tells of {what}"
            for what in others_told_by(candidate.watch, bus)
        )
        stations = placed_steps(stations_of(delivered, str(bus.region)), self.evidence.account_id)
        return Chain(
            (*self.steps, step, *stations), protocols=delivered.protocols, notes=(*delivered.notes, *notes)
        )


def _hole_in(rules: _Rules, coverage: Missed | Undecided, elsewhere: Sequence[_Rules], more: int) -> Finding:
    """What the region's rules leave open; `elsewhere` are other regions' rules, `more` regions have holes."""
    candidates = rules.candidates
    if isinstance(coverage, Missed):
        for each in rules.disabled:
            if replace(each.watch, gets_reads=True).may_catch(coverage.example):
                return _disabled(each.rule, coverage)
    if not candidates and rules.not_understood:
        return _undecided(rules.not_understood.name, "its event pattern has what AWS doesn't document")
    if isinstance(coverage, Undecided):
        named = candidates[0].rule.name if candidates else str(rules.bus.region)
        return _undecided(named, coverage.reason)
    if not candidates:
        return _forgotten(coverage, elsewhere, more) if elsewhere else _no_rule(coverage, more)
    for each in candidates:
        if replace(each.watch, gets_reads=True).may_catch(coverage.example):
            return _keeps_reads_back(each.rule, coverage)
    return _misses(candidates[0].rule, coverage, len(candidates) - 1)


# -- findings ----------------------------------------------------------------------------------------


def _goes_unseen(missed: Missed) -> str:
    return f"no one is told of root {missed.example['eventName']} in {missed.example['awsRegion']}"


def _and_more(more: int) -> str:
    return f", nor of root in {more} more region{'s' * (more > 1)}" if more else ""


def _no_rule(missed: Missed, more: int) -> Finding:
    return Finding(
        Code.NO_EVENT_RULE,
        missed.example["awsRegion"],
        f"{_goes_unseen(missed)}{_and_more(more)}: no EventBridge rule matches it",
        "make a rule for userIdentity.type Root in every enabled region, with a topic there",
        missed.example,
    )


def _forgotten(missed: Missed, elsewhere: Sequence[_Rules], more: int) -> Finding:
    rule, first = elsewhere[0].candidates[0].rule, elsewhere[0].bus.region
    where = f"is in {first} only" if len(elsewhere) == 1 else f"is in {len(elsewhere)} other regions only"
    return Finding(
        Code.REGION_WITHOUT_EVENT_RULE,
        str(missed.example["awsRegion"]),
        f"{_goes_unseen(missed)}{_and_more(more)}: EventBridge rule {quote(rule.name)} {where}",
        _EVERY_REGION,
        missed.example,
    )


def _disabled(rule: Rule, missed: Missed) -> Finding:
    return Finding(
        Code.EVENT_RULE_DISABLED,
        rule.name,
        f"{_goes_unseen(missed)}: EventBridge rule {quote(rule.name)} is in state {rule.state}",
        f"set its state to {WITH_READS}",
        missed.example,
    )


def _keeps_reads_back(rule: Rule, missed: Missed) -> Finding:
    return Finding(
        Code.EVENT_RULE_WITHOUT_READS,
        rule.name,
        f"{_goes_unseen(missed)}: EventBridge rule {quote(rule.name)} in state {rule.state} gets no reads",
        f"set its state to {WITH_READS}",
        missed.example,
    )


def _misses(rule: Rule, missed: Missed, others: int) -> Finding:
    which = f"EventBridge rule {quote(rule.name)} doesn't match it"
    if others:
        which = f"EventBridge rule {quote(rule.name)} and {others} more don't match it"
    return Finding(
        Code.EVENT_PATTERN_MISSES_ROOT_EVENT,
        rule.name,
        f"{_goes_unseen(missed)}: {which}",
        _THE_PATTERN,
        missed.example,
    )


def _undecided(rule_name: str, reason: str) -> Finding:
    unproven = f"cannot verify that EventBridge rule {quote(rule_name)} matches all root events"
    return Finding(
        Code.EVENT_PATTERN_UNDECIDED,
        rule_name,
        f"{unproven} ({reason}), so one may go unheard",
        _THE_PATTERN,
        short_message=f"{unproven} ({IN_THE_LOG}), so one may go unheard",
    )


def _drowned(rule: Rule, event: dict[str, object]) -> Finding:
    return Finding(
        Code.EVENT_PATTERN_DROWNED,
        rule.name,
        f"EventBridge rule {quote(rule.name)} drowns root: it also tells of everyday events of others "
        f"({event['eventName']}), so a root event is one message of many",
        "give root usage a rule and topic of its own",
        event,
    )


def _other_topic(rule: Rule, topic_arn: str) -> Finding:
    return Finding(
        Code.REQUIRED_TOPIC_NOT_NOTIFIED,
        rule.name,
        f"EventBridge rule {quote(rule.name)} doesn't notify topic {quote(topic_arn)}, which parameter "
        "SnsTopicArn requires, so the right people are not told",
        "add the topic to its targets, or take SnsTopicArn away",
    )
