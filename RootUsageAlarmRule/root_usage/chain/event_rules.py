"""The other way of being told: trail -> EventBridge rule -> target -> subscriber, region by region.

CloudTrail sends an event to the default bus of the region where it happened, wherever its trail is at home.
So the account is told when every region is: by its own rules, or by alarms, which hear all regions. A rule
may forward to another event bus, whose rules then tell; once, as EventBridge forwards nothing again.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ..aws.arn import Arn, MalformedArn, Place
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudtrail import Trail
from ..aws.events import DEFAULT_BUS, EnabledRegions, EventBusNamed, RulesOfBus, Target, TargetsOfRule
from ..coverage import Coverage, Covered, Recorded, Watch
from ..coverage.event_patterns import (
    Bus,
    RuleWatch,
    decide_coverage_of_bus,
    everyday_event_told_by,
    others_told_by,
)
from ..coverage.root_activity import has_sign_ins
from ..coverage.root_events import Event
from ..delivery import (
    DeliverySettings,
    event_bus_unreadable,
    is_event_bus,
    judge_forwarding,
    judge_targets,
    name_of_bus,
    notes_on,
)
from ..parameters import Parameters
from ..verdict.findings import Code, Finding, Link, quote, unreadable
from ..verdict.outcome import Chain, Station
from .bus_rules import (
    BusRules,
    Candidate,
    at_rule,
    drowned,
    hole_in,
    key_of_customer,
    other_topic,
    rules_for_root,
)
from .placing import placed_steps, stations_of
from .side_by_side import all_at_once
from .trail import Recording, judge_recording, union_of


@dataclass(frozen=True, slots=True)
class _Led:
    """A rule, and the chain that it has become: of what the rule's watch catches."""

    candidate: Candidate
    chain: Chain


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
        self.evidence.need(*(RulesOfBus(Place(self.evidence.account_id, region)) for region in regions))
        of_regions = [self._rules(bus) for bus in buses]
        if findings := [each for each in of_regions if isinstance(each, Finding)]:
            return [self.broken(each) for each in findings]
        rules = [each for each in of_regions if isinstance(each, BusRules)]
        if hole := self._hole(rules):
            return [self.broken(hole)]
        chains = [chain for found in all_at_once(rules, self._of_region) for chain in found]
        # What is whole of an account that isn't told would only be in the way.
        return [each for each in chains if each.broken] or chains

    # -- rules and their patterns ------------------------------------------------------------------

    def _rules(self, bus: Bus) -> BusRules | Finding:
        region = str(bus.region)
        rules = self.evidence.answer(RulesOfBus(Place(bus.account_id, region)))
        if isinstance(rules, Unreadable):
            return unreadable(
                Code.EVENT_RULES_UNREADABLE, region, f"the EventBridge rules of {region}", rules
            )
        return rules_for_root(bus, rules or (), self.recorded)

    def _coverage(self, bus: Bus, watches: Iterable[RuleWatch]) -> Coverage:
        return decide_coverage_of_bus(
            tuple(watches),
            self.filters,
            bus,
            allow_assume_root_exclusion=self.parameters.allow_assume_root_exclusion,
        )

    def _covers(self, bus: Bus, *candidates: Candidate) -> bool:
        return isinstance(self._coverage(bus, (each.watch for each in candidates)), Covered)

    def _hole(self, of_regions: Sequence[BusRules]) -> Finding | None:
        """What the patterns leave open, whomever the rules tell: of the first such region."""
        holes = []
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
        return hole_in(rules, hole, elsewhere, len(holes) - 1)

    def _would_cover(self, rules: BusRules) -> bool:
        """Whether its rules would be enough if the trails recorded everything."""
        whole = (replace(each.watch, recorded=Recorded()) for each in rules.candidates)
        return isinstance(self._coverage(rules.bus, whole), Covered)

    # -- targets and whom they tell ----------------------------------------------------------------

    def _of_region(self, rules: BusRules) -> list[Chain]:
        """The chains that tell of all that the region records; else broken ones. None where alarms do."""
        if self._covers(rules.bus):
            return []
        led: list[_Led] = []
        alone = [each for each in rules.candidates if self._covers(rules.bus, each)]
        for candidate in alone:
            found = self._follow(rules, candidate)
            if chains := self._told(rules.bus, found):
                return chains
            led += found
        others = [each for each in rules.candidates if each not in alone]
        led += [each for found in all_at_once(others, partial(self._follow, rules)) for each in found]
        if chains := self._told(rules.bus, led):
            return chains
        if broken := [each.chain for each in led if each.chain.broken]:
            return broken
        reaching = tuple(each.candidate for each in led)
        coverage = self._coverage(rules.bus, (each.watch for each in reaching))
        assert not isinstance(coverage, Covered)  # noqa: S101 all of them tell, and that isn't enough
        return [self.broken(hole_in(replace(rules, candidates=reaching), coverage))]

    def _told(self, bus: Bus, led: Sequence[_Led]) -> list[Chain]:
        """The chains that reach somebody, if they tell of everything together."""
        reaching = [each for each in led if each.chain.broken is None]
        coverage = self._coverage(bus, (each.candidate.watch for each in reaching))
        if not reaching or not isinstance(coverage, Covered):
            return []
        first, *more = (each.chain for each in reaching)
        of_trails = (note for each in self.recordings for note in each.notes)
        notes = tuple(dict.fromkeys((*of_trails, *coverage.notes, *first.notes)))
        return [replace(first, notes=notes), *more]

    def _follow(self, rules: BusRules, candidate: Candidate, *before: Station) -> list[_Led]:
        """Through the rule's own targets; else through the buses that it forwards to."""
        rule = candidate.rule
        step = Station(Link.EVENT_RULE, rule.name, rule.arn.account_id, record=rule, region=rule.arn.region)
        steps = (*before, *placed_steps((step,), self.evidence.account_id))
        of_rule = TargetsOfRule(rules.place, rule.name, rules.bus_name)
        if not rules.hub and (obstacle := self._judge_own_bus(rules, candidate, of_rule)):
            return [self._broken_at(candidate, obstacle, steps)]
        targets = self.evidence.answer(of_rule)
        if isinstance(targets, Unreadable):
            subject = f"the targets of EventBridge rule {quote(rule.name)}"
            finding = unreadable(Code.TARGETS_UNREADABLE, rule.name, subject, targets)
            if rules.hub:
                finding = event_bus_unreadable(self.evidence, rule, rules.hub, targets, self.settings)
            return [self._broken_at(candidate, finding, steps)]
        # What was forwarded isn't forwarded again, so such a target of a hub's rule is one like any other.
        buses = {} if rules.hub else {each: bus for each in targets or () if (bus := _bus_of(each))}
        own = tuple(each for each in targets or () if each not in buses)
        led = [] if buses and not own else [self._through_targets(rules, candidate, own, steps)]
        if led and led[0].chain.broken is None:
            return led
        forward = partial(self._through_bus, rules, candidate, steps)
        return [*led, *(each for found in all_at_once([*buses.items()], forward) for each in found)]

    def _judge_own_bus(self, rules: BusRules, candidate: Candidate, beside: TargetsOfRule) -> Finding | None:
        """Why EventBridge may not be able to read the rule and its targets, which the bus's key encrypts."""
        question = EventBusNamed(rules.place, DEFAULT_BUS)
        self.evidence.need(question, beside)
        bus = self.evidence.answer(question)
        if isinstance(bus, Unreadable):
            subject = f"the default event bus of {rules.place.region}"
            return unreadable(Code.EVENT_BUS_UNREADABLE, DEFAULT_BUS, subject, bus)
        return key_of_customer(candidate.rule) if bus and bus.kms_key else None

    def _through_targets(
        self,
        rules: BusRules,
        candidate: Candidate,
        targets: tuple[Target, ...],
        steps: tuple[Station, ...],
    ) -> _Led:
        rule, bus = candidate.rule, rules.bus
        if (event := self._drowning_event(rules, candidate)) is not None:
            return self._broken_at(candidate, drowned(rule, event), steps[:-1])
        required = self.parameters.sns_topic_arn
        wanted = tuple(each for each in targets if required in (None, each.arn))
        if required and not wanted:
            return self._broken_at(candidate, other_topic(rule, required), steps)
        origin = Place(bus.account_id, str(bus.region))
        delivered = judge_targets(self.evidence, rule, wanted, self.settings, origin)
        if isinstance(delivered, Finding):
            return self._broken_at(candidate, delivered, steps)
        others = (
            f"EventBridge rule {quote(rule.name)} also tells of {what}"
            for what in others_told_by(candidate.watch, bus)
        )
        stations = placed_steps(stations_of(delivered, rule.arn.region), self.evidence.account_id)
        chain = Chain(
            (*self.steps, *steps, *stations),
            protocols=delivered.protocols,
            notes=(*delivered.notes, *others),
        )
        return _Led(candidate, chain)

    def _through_bus(
        self, rules: BusRules, candidate: Candidate, steps: tuple[Station, ...], target: tuple[Target, Arn]
    ) -> list[_Led]:
        """What the rules of the bus make of it; together with the other rules here they have to be enough."""
        forwarding, hub = target
        rule, settings = candidate.rule, self.settings
        if obstacle := judge_forwarding(self.evidence, rule, forwarding, hub, settings):
            return [self._broken_at(candidate, obstacle, steps)]
        listed = self.evidence.answer(RulesOfBus(hub.place, name_of_bus(hub)))
        if isinstance(listed, Unreadable):
            finding = event_bus_unreadable(self.evidence, rule, hub, listed, settings)
            return [self._broken_at(candidate, finding, steps)]
        there = rules_for_root(rules.bus, listed or (), self.recorded, candidate.watch, hub)
        beside = [each for each in rules.candidates if each is not candidate]
        beside = [] if self._covers(rules.bus, candidate) else beside
        coverage = self._coverage(rules.bus, (each.watch for each in (*beside, *there.candidates)))
        if not isinstance(coverage, Covered):
            return [self._broken_at(candidate, hole_in(there, coverage), steps)]
        led = all_at_once(there.candidates, lambda each: self._follow(there, each, *steps))
        notes = notes_on(rule, forwarding)
        return [
            replace(each, chain=replace(each.chain, notes=(*notes, *each.chain.notes)))
            for found in led
            for each in found
        ]

    def _drowning_event(self, rules: BusRules, candidate: Candidate) -> Event | None:
        """An everyday event of this account that the rule tells of, or of the account that the bus is of."""
        watch = candidate.watch
        event = everyday_event_told_by(watch, rules.bus)
        if event is None and rules.hub and rules.bus_name == DEFAULT_BUS:
            home = Bus(rules.hub.account_id, rules.hub.region, rules.hub.partition)
            event = everyday_event_told_by(replace(watch, forwarded=None, recorded=Recorded()), home)
        return event

    def _broken_at(self, candidate: Candidate, finding: Finding, steps: Iterable[Station]) -> _Led:
        there = at_rule(finding, candidate.rule, self.evidence.account_id)
        return _Led(candidate, self.broken(there, *steps))


def _bus_of(target: Target) -> Arn | None:
    """The event bus that the target is; None where it is something else."""
    try:
        arn = Arn.parse(target.arn)
    except MalformedArn:
        return None
    return arn if is_event_bus(arn) else None
