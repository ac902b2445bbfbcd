"""An event bus's rules that may tell of root: which ones there are, and what they leave open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..aws.arn import Arn, Place
from ..aws.events import DEFAULT_BUS, Rule
from ..coverage import Missed, Recorded, Undecided
from ..coverage.event_patterns import Bus, RuleWatch, matches_some_root_event_of
from ..delivery import name_of_bus
from ..event_pattern import EventPatternSyntaxError, NotUnderstood, parse_event_pattern
from ..verdict.findings import IN_THE_LOG, Code, Finding, quote
from .placing import placed

ENABLED = "ENABLED"
WITH_READS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html"""

_EVERY_REGION = "put such a rule, its topic and subscription into every enabled region"
_THE_PATTERN = "let its pattern ask for userIdentity.type Root only"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that may tell of a root event."""

    rule: Rule
    watch: RuleWatch


@dataclass(frozen=True, slots=True)
class BusRules:
    """On an event bus: rules for root, those that are off, and one that nobody can read.

    `bus` is where the events happened. `hub` is the bus that they were forwarded to, of which these rules
    are then.
    """

    bus: Bus
    candidates: tuple[Candidate, ...]
    disabled: tuple[Candidate, ...] = ()
    not_understood: Rule | None = None
    hub: Arn | None = None

    @property
    def place(self) -> Place:
        return self.hub.place if self.hub else Place(self.bus.account_id, str(self.bus.region))

    @property
    def bus_name(self) -> str:
        return name_of_bus(self.hub) if self.hub else DEFAULT_BUS


def rules_for_root(
    bus: Bus,
    rules: Iterable[Rule],
    recorded: Recorded,
    forwarded: RuleWatch | None = None,
    hub: Arn | None = None,
) -> BusRules:
    """Sorts the rules of the default bus, or those of a hub for what comes there through `forwarded`."""
    candidates: list[Candidate] = []
    disabled: list[Candidate] = []
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
        gets_reads = rule.state == WITH_READS and (forwarded is None or forwarded.gets_reads)
        watch = RuleWatch(rule.name, pattern, recorded, gets_reads, forwarded.pattern if forwarded else None)
        if matches_some_root_event_of(bus, watch):
            is_on = rule.state in (ENABLED, WITH_READS)
            (candidates if is_on else disabled).append(Candidate(rule, watch))
    return BusRules(bus, tuple(candidates), tuple(disabled), not_understood, hub)


def at_rule(finding: Finding, rule: Rule, evaluated_id: str) -> Finding:
    """The finding about the rule or what is behind it, unless it says already where that is."""
    there = placed(finding, rule.arn.account_id, evaluated_id)
    return replace(there, region=finding.region or rule.arn.region)


def hole_in(
    rules: BusRules, coverage: Missed | Undecided, elsewhere: Sequence[BusRules] = (), more: int = 0
) -> Finding:
    """What the bus's rules leave open; `elsewhere` are other regions' rules, `more` regions have holes."""
    rule, finding = _hole_of(rules, coverage, elsewhere, more)
    if rule is not None:
        return at_rule(finding, rule, rules.bus.account_id)
    there = placed(finding, rules.place.account_id, rules.bus.account_id)
    return replace(there, region=rules.place.region)


def _hole_of(
    rules: BusRules, coverage: Missed | Undecided, elsewhere: Sequence[BusRules], more: int
) -> tuple[Rule | None, Finding]:
    """With the rule that is to blame; None where there is none."""
    candidates = rules.candidates
    if isinstance(coverage, Missed):
        for each in rules.disabled:
            if replace(each.watch, gets_reads=True).may_catch(coverage.example):
                return each.rule, _disabled(each.rule, coverage)
    if not candidates and rules.not_understood:
        reason = "its event pattern has what AWS doesn't document"
        return rules.not_understood, _undecided(rules.not_understood.name, reason)
    if isinstance(coverage, Undecided):
        rule = candidates[0].rule if candidates else None
        return rule, _undecided(rule.name if rule else str(rules.bus.region), coverage.reason)
    if rules.hub and not candidates:
        return None, _no_rule_there(coverage, rules.hub, rules.bus)
    if not candidates:
        return None, _forgotten(coverage, elsewhere, more) if elsewhere else _no_rule(coverage, more)
    for each in candidates:
        if replace(each.watch, gets_reads=True).may_catch(coverage.example):
            return each.rule, _keeps_reads_back(each.rule, coverage)
    return candidates[0].rule, _misses(candidates[0].rule, coverage, len(candidates) - 1)


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


def _no_rule_there(missed: Missed, hub: Arn, bus: Bus) -> Finding:
    account = f" of account {hub.account_id}" if hub.account_id != bus.account_id else ""
    there = f"event bus {quote(name_of_bus(hub))}{account} in {hub.region}"
    return Finding(
        Code.EVENT_PATTERN_MISSES_ROOT_EVENT,
        str(hub),
        f"{_goes_unseen(missed)}: no rule of {there} matches it",
        "make a rule for userIdentity.type Root on that bus",
        missed.example,
    )


def _forgotten(missed: Missed, elsewhere: Sequence[BusRules], more: int) -> Finding:
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


def drowned(rule: Rule, event: dict[str, object]) -> Finding:
    return Finding(
        Code.EVENT_PATTERN_DROWNED,
        rule.name,
        f"EventBridge rule {quote(rule.name)} drowns root: it also tells of everyday events of others "
        f"({event['eventName']}), so a root event is one message of many",
        "give root usage a rule and topic of its own",
        event,
    )


def key_of_customer(rule: Rule) -> Finding:
    # The bus's key encrypts patterns and targets, and EventBridge matches nothing without it. CloudTrail's
    # events have AWS's key: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
    return Finding(
        Code.EVENT_PATTERN_UNDECIDED,
        rule.name,
        f"cannot verify that EventBridge can read rule {quote(rule.name)}: a key of the customer's encrypts "
        "its event bus",
        "let the bus use the key that EventBridge owns",
    )


def other_topic(rule: Rule, topic_arn: str) -> Finding:
    return Finding(
        Code.REQUIRED_TOPIC_NOT_NOTIFIED,
        rule.name,
        f"EventBridge rule {quote(rule.name)} doesn't notify topic {quote(topic_arn)}, which parameter "
        "SnsTopicArn requires, so the right people are not told",
        # A target has to be of the rule's region.
        "add the topic to its targets, or take SnsTopicArn away"
        if topic_arn.split(":")[3] == rule.arn.region
        else "take SnsTopicArn away: it is of another region",
    )
