"""Do these EventBridge event patterns together match every root event? Covered, Missed or Undecided.

They are asked in the language of filter patterns, which the search knows. What is translated matches no
more than the event pattern does under any reading (INVARIANT, a property test holds it), so that a proof
holds for both. A counterexample counts once the event patterns' own evaluator rejects it.

What a rule's state and the trails keep from its bus is part of the question, and so may be the metric filters
that root's events reach beside it; whom its targets tell is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import product
from string import ascii_letters, digits
from typing import Any

from ..aws.arn import Place
from ..event_pattern import format_event_pattern
from ..event_pattern.envelope import DETAIL_TYPES, delivered
from ..event_pattern.matching import matches
from ..event_pattern.reading import Reading as EventReading
from ..event_pattern.syntax import (
    Alternative,
    AnythingBut,
    EqualsIgnoreCase,
    EventPattern,
    Exact,
    Exists,
    Matcher,
    Number,
    Prefix,
    Suffix,
    Wildcard,
)
from ..event_pattern.syntax import Field as PatternField
from ..filter_pattern.field_selection import parse_field_selection
from ..filter_pattern.reading import Reading
from ..filter_pattern.syntax import (
    And,
    Comparison,
    Condition,
    Constant,
    Expression,
    Is,
    JsonPattern,
    Member,
    NotExists,
    Operator,
    Or,
    Regex,
    Selector,
    Text,
)
from ..work import judged, spend
from .budget import MAX_STEPS_OF_PROOF, Budget, CapReached
from .decision import AS_OBSERVED, WITHOUT_ASSUME_ROOT
from .doubt import doubtful_fields
from .everyday import everyday_events, everyday_notices, rare_events, root_for_services
from .goals import Problem
from .nodes import Stance
from .outcome import Coverage, Covered, Missed, Recorded, Undecided, Watch
from .root_activity import is_root_activity, root_activity
from .root_events import Event, EventKind, copy_of, root_events, root_events_of_region
from .search import is_possible
from .views import Opaque, View, truth_of_recording, view_of
from .witness import Tailor, is_surely_unheard

# What stands for itself in a filter pattern's regular expression.
_PLAIN = frozenset(f"{ascii_letters}{digits}:/_-")

# Each of a reading's points is a yes or a no.
EVENT_READINGS = tuple(
    EventReading(*each) for each in product((False, True), repeat=len(fields(EventReading)))
)

# Of filter patterns: the one under which the translation holds.
READING = Reading(not_equal_matches_null=False, not_exists_under_unfit_parent=False)

_MATCHERS_IN_A_STEP = 8  # mostly an event fails at the first field
_STEPS_OF_A_TRANSLATION = 10  # of one matcher, with all that the search makes of it

# None stands for what is never matched, or not known to be.
ALWAYS = And(())


# What state ENABLED keeps from a rule, by the guide; whether by name or by `readOnly`, it leaves open.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail-management.html
_READ_NAMES = ("Describe", "Get", "List")


@dataclass(frozen=True, slots=True)
class RuleWatch:
    """One rule's view of the events of its region.

    `recorded`: what the trails record of them. `gets_reads`: the rule's state lets read-only events through.
    `forwarded`: the pattern of the rule that forwards them to this one's bus; as they come, both see them.
    """

    name: str
    pattern: EventPattern
    recorded: Recorded = field(default_factory=Recorded)
    gets_reads: bool = True
    forwarded: EventPattern | None = None

    @property
    def patterns(self) -> tuple[EventPattern, ...]:
        """What an event has to match, all of them."""
        return (self.pattern,) if self.forwarded is None else (self.forwarded, self.pattern)

    def may_catch(self, record: Event) -> bool:
        """Whether CloudTrail's record comes to the rule and matches, under some reading."""
        return self._may_get(record) and not any(
            is_surely_unmatched([each], record) for each in self.patterns
        )

    def _may_get(self, record: Event) -> bool:
        is_kept_back = not self.gets_reads and bool(record.get("readOnly")) and _is_read_by_name(record)
        return not is_kept_back and truth_of_recording(self.recorded, record).possibly


def _is_read_by_name(record: Event) -> bool:
    return str(record["eventName"]).startswith(_READ_NAMES)


@dataclass(frozen=True, slots=True)
class Bus:
    """The default event bus of one region, which gets the root events that are recorded there.

    Without a region it stands for the buses of all of them.
    """

    account_id: str
    region: str | None
    partition: str = "aws"

    def plain_events(self, *, with_assume_root: bool = True) -> Mapping[EventKind, Event]:
        """A plain root event of each kind that comes to the bus. Callers must not change them."""
        if self.region is None:
            events = root_events(self.account_id, self.partition)
        else:
            events = root_events_of_region(self.account_id, self.region, self.partition)
        if with_assume_root:
            return events
        return {kind: event for kind, event in events.items() if kind is not EventKind.ASSUME_ROOT}


def decide_event_coverage(
    patterns: Sequence[EventPattern], account_id: str, partition: str = "aws"
) -> Coverage:
    """Whether each root event of this account, once it is on an event bus, matches one of the patterns."""
    rules = [RuleWatch(str(number), each) for number, each in enumerate(patterns, 1)]
    return _decide_for(Bus(account_id, None, partition), rules, ())


@judged(lambda _rules, _filters, bus: f"event patterns of {bus.region}", MAX_STEPS_OF_PROOF, Undecided)
def decide_coverage_of_bus(
    rules: tuple[RuleWatch, ...],
    filters: tuple[Watch, ...],
    bus: Bus,
    *,
    allow_assume_root_exclusion: bool = True,
) -> Coverage:
    """Whether each root event that comes to the bus is caught by one of its rules, or by a metric filter.

    With `allow_assume_root_exclusion` they may leave out the sessions of AssumeRoot.
    """
    coverage = _decide_for(bus, rules, filters)
    patterns = [pattern for each in rules for pattern in each.patterns]
    texts = [*map(format_event_pattern, patterns), *(each.pattern for each in filters)]
    speaks_of_it = any("assumedRoot" in text for text in texts)
    if isinstance(coverage, Covered) or not (allow_assume_root_exclusion and speaks_of_it):
        return coverage
    exclusive = _decide_for(bus, rules, filters, with_assume_root=False)
    if isinstance(exclusive, Covered):
        return Covered((WITHOUT_ASSUME_ROOT, *exclusive.notes))
    return exclusive


def _decide_for(
    bus: Bus, rules: Sequence[RuleWatch], filters: Sequence[Watch], *, with_assume_root: bool = True
) -> Coverage:
    views = [view_of(each, bus.account_id) for each in filters]
    plain_events = bus.plain_events(with_assume_root=with_assume_root)
    for event in plain_events.values():
        if _is_surely_untold(rules, views, event):
            return _missed(copy_of(event))

    def decide(*, as_observed: bool) -> Coverage:
        activity = root_activity(
            bus.account_id,
            bus.partition,
            bus.region,
            with_assume_root=with_assume_root,
            as_observed=as_observed,
        )
        # A filter pattern has to hold under all of its readings, and with it what is translated.
        problem = Problem(activity, Stance.POSSIBLY if views else READING, Budget())
        return _decide(problem, bus, rules, views)

    documented = decide(as_observed=False)
    if not isinstance(documented, Undecided):
        return documented
    return Covered((AS_OBSERVED,)) if isinstance(decide(as_observed=True), Covered) else documented


def _missed(event: Event) -> Missed:
    call = f"{event['eventName']} of {event['eventSource']} in {event['awsRegion']}"
    return Missed(event, f"misses, for example, root {call}")


def _is_surely_untold(rules: Sequence[RuleWatch], views: Sequence[View | Opaque], event: Event) -> bool:
    return is_surely_unheard(views, event) and not any(each.may_catch(event) for each in rules)


def is_surely_unmatched(patterns: Sequence[EventPattern], record: Event) -> bool:
    """Whether CloudTrail's record, as it comes to an event bus, matches none of them under any reading."""
    event = delivered(record)
    return not any(_may_match(each, event) for each in patterns)


def _may_match(pattern: EventPattern, event: Mapping[str, Any]) -> bool:
    matchers = _matchers_of(pattern)
    readings = EVENT_READINGS if any(map(_has_readings, matchers)) else EVENT_READINGS[:1]
    spend((len(pattern.alternatives) + len(matchers) // _MATCHERS_IN_A_STEP) * len(readings))
    return any(matches(pattern, event, each) for each in readings)


def _matchers_of(pattern: EventPattern) -> list[Matcher]:
    return [each for one in pattern.alternatives for field in one.fields for each in field.matchers]


def _has_readings(matcher: Matcher) -> bool:
    """Whether AWS's sources differ on what it matches."""
    match matcher:
        case AnythingBut() | Exists() | Exact(Number()):
            return True
        case _:
            return False


def _decide(
    problem: Problem, bus: Bus, rules: Sequence[RuleWatch], views: Sequence[View | Opaque]
) -> Coverage:
    of_rules = _views_of(rules, bus.account_id)
    if not of_rules and not views:
        return Undecided("what the event pattern asks for can't be weighed")
    try:
        held = is_possible(problem, problem.all_unheard([*views, *of_rules]))
    except CapReached as cap:
        return Undecided(str(cap))
    if held is None:
        in_doubt = problem.is_unknown or problem.open_question
        return Undecided("its strings can't be told apart well enough") if in_doubt else Covered()
    event = Tailor(problem, bus.plain_events()[EventKind.API_CALL]).event(held)
    if not is_root_activity(event, bus.account_id, bus.partition):
        return Undecided("what was found is no root event as a whole")
    if doubtful := tuple(doubtful_fields(problem.activity, event)):
        return Undecided(f"depends on {' and '.join(doubtful)}")
    if not _is_surely_untold(rules, views, event):
        return Undecided("uses an operator that isn't weighed here, or depends on how AWS reads it")
    return _missed(event)


def _views_of(rules: Sequence[RuleWatch], account_id: str) -> list[View]:
    """The rules, as metric filters that match no more than they do; one for all that get the same events."""
    together: dict[tuple[Recorded, bool], list[Expression | None]] = {}
    for each in rules:
        spend(_STEPS_OF_A_TRANSLATION * sum(len(_matchers_of(pattern)) for pattern in each.patterns))
        translated = all_of(translation_of(pattern, account_id) for pattern in each.patterns)
        together.setdefault((each.recorded, each.gets_reads), []).append(translated)
    views = []
    for (recorded, gets_reads), parts in together.items():
        translated = any_of(parts)
        if translated is None:
            continue
        if not gets_reads:
            names = [_equals(_selector("eventName"), f"{each}*", Operator.NOT_EQUAL) for each in _READ_NAMES]
            translated = all_of([translated, *names])
        assert translated is not None  # noqa: S101
        seen = replace(recorded, reads=recorded.reads and gets_reads)
        watch = Watch("", "event patterns", Place(account_id, "us-east-1"), recorded=seen)
        views.append(View(watch, JsonPattern(translated), parse_field_selection(""), account_id))
    return views


@judged(lambda bus, _: f"EventBridge rules of {bus.region}", MAX_STEPS_OF_PROOF, lambda _: True)
def matches_some_root_event_of(bus: Bus, rule: RuleWatch) -> bool:
    """Whether the rule may catch a root event of the bus at all; in doubt it does."""
    if any(map(rule.may_catch, bus.plain_events().values())):
        return True
    problem = Problem(root_activity(bus.account_id, bus.partition, bus.region), READING, Budget())
    views = _views_of([rule], bus.account_id)
    try:
        return any(is_possible(problem, problem.heard(view)) is not None for view in views)
    except CapReached:
        return True


@judged(
    lambda rule, _: f"EventBridge rule {rule.name}", MAX_STEPS_OF_PROOF, lambda reason: {"eventName": reason}
)
def everyday_event_told_by(rule: RuleWatch, bus: Bus) -> Event | None:
    """An event of others, such as every account has at any hour, of which the rule may tell as well."""
    place = bus.account_id, bus.region or "us-east-1"
    for event in everyday_events(*place, bus.partition):
        if rule.may_catch(event):
            return copy_of(event)
    for notice in everyday_notices(*place):
        if all(_may_match(each, notice) for each in rule.patterns):
            return {"eventName": notice["detail-type"], **copy_of(notice)}
    return None


def others_told_by(rule: RuleWatch, bus: Bus) -> tuple[str, ...]:
    """Of which rarer events, of others or in root's name, the rule may tell beside root's own, in words."""
    events = rare_events(bus.account_id, bus.partition) | root_for_services(bus.account_id, bus.partition)
    return tuple(what for what, event in events.items() if rule.may_catch({**event, "awsRegion": bus.region}))


# -- translation


def translation_of(pattern: EventPattern, account_id: str) -> Expression | None:
    """A condition on CloudTrail's record which, under READING, holds of no record that doesn't match."""
    return any_of([_all_fields(each, account_id) for each in pattern.alternatives])


def all_of(parts: Iterable[Expression | None]) -> Expression | None:
    found: list[Expression] = []
    for each in parts:
        if each is None:
            return None
        found.extend(each.parts if isinstance(each, And) else [each])
    return found[0] if len(found) == 1 else And(tuple(found))


def any_of(parts: Iterable[Expression | None]) -> Expression | None:
    found: list[Expression] = []
    for each in parts:
        if each == ALWAYS:
            return ALWAYS
        if each is not None:
            found.extend(each.parts if isinstance(each, Or) else [each])
    if len(found) < 2:
        return found[0] if found else None
    return Or(tuple(found))


def _all_fields(alternative: Alternative, account_id: str) -> Expression | None:
    return all_of(_field(each, account_id) for each in alternative.fields)


def _field(field: PatternField, account_id: str) -> Expression | None:
    match field.path:
        case ("detail", *names) if names:
            return any_of(_on_record(_selector(*names), each) for each in field.matchers)
        case ("region",):
            return any_of(_on_record(_selector("awsRegion"), each) for each in field.matchers)
        case ("detail-type",):
            types = [name for name, words in DETAIL_TYPES.items() if _surely_matches(field, words)]
            return any_of(_equals(_selector("eventType"), each) for each in types)
        case ("account",):
            return ALWAYS if _surely_matches(field, account_id) else None
        case ("source",):
            return any_of(map(_on_source, field.matchers))
        case _:
            return None  # nobody tells root by an event's id or time


def _surely_matches(field: PatternField, value: str) -> bool:
    pattern = EventPattern((Alternative((PatternField(("value",), field.matchers),)),))
    return all(matches(pattern, {"value": value}, each) for each in EVENT_READINGS)


def _selector(*names: str) -> Selector:
    return Selector(tuple(map(Member, names)))


def _equals(selector: Selector, text: str, operator: Operator = Operator.EQUAL) -> Condition:
    return Comparison(selector, operator, Text(text, is_quoted=True))


def _on_source(matcher: Matcher) -> Expression | None:
    """`source` is `aws.` and the first part of the record's `eventSource`."""
    selector = _selector("eventSource")
    match matcher:
        case Exact(str(text)) if _is_service(text):
            return _equals(selector, f"{text.removeprefix('aws.')}.*")
        case Prefix(text, False) if "aws.".startswith(text):
            return ALWAYS
        case Prefix(text, False) if _is_service(text):
            return _equals(selector, f"{text.removeprefix('aws.')}*")
        case AnythingBut(excluded):
            return all_of(_on_other_source(selector, each) for each in excluded)
        case _:
            return None


def _on_other_source(selector: Selector, excluded: Any) -> Expression | None:
    match excluded:
        case Exact(str(text)) if _is_service(text):
            return _equals(selector, f"{text.removeprefix('aws.')}.*", Operator.NOT_EQUAL)
        case Prefix(text, False) if _is_service(text):
            return _equals(selector, f"{text.removeprefix('aws.')}*", Operator.NOT_EQUAL)
        case _:
            return None


def _is_service(text: str) -> bool:
    """Whether the text is `aws.` and a name, or the beginning of one."""
    name = text.removeprefix("aws.")
    return text.startswith("aws.") and name != "" and not set(name) & {".", "*"}


def _on_record(selector: Selector, matcher: Matcher) -> Expression | None:
    match matcher:
        case Exact(bool(value)):
            return Is(selector, Constant.TRUE if value else Constant.FALSE)
        case Exact(None):
            return Is(selector, Constant.NULL)
        case Exists(exists):
            present = Comparison(selector, Operator.EQUAL, Text("*", is_quoted=False))
            return present if exists else NotExists(selector)
        case EqualsIgnoreCase(text):
            # Fewer than AWS takes, and all that CloudTrail writes.
            spellings = dict.fromkeys((text, text.lower(), text.upper(), text.capitalize()))
            return any_of(_on_record(selector, Exact(each)) for each in spellings)
        case AnythingBut(excluded):
            return all_of(_compared(selector, each, Operator.NOT_EQUAL) for each in excluded)
        case _:
            return _compared(selector, matcher, Operator.EQUAL)


def _compared(selector: Selector, matcher: Any, operator: Operator) -> Expression | None:
    """What `*` can say at the start or the end of a text, and a regular expression within it."""
    match matcher:
        case Exact(str(text)) | Wildcard((text,)) if "*" not in text:
            return _equals(selector, text, operator)
        case Prefix(text, False) | Wildcard((text, "")) if text and "*" not in text:
            return _equals(selector, f"{text}*", operator)
        case Suffix(text, False) | Wildcard(("", text)) if text and "*" not in text:
            return _equals(selector, f"*{text}", operator)
        case Wildcard(("", text, "")) if "*" not in text:
            return _equals(selector, f"*{text}*", operator)
        case Wildcard(pieces) if set("".join(pieces)) <= _PLAIN:
            return Comparison(selector, operator, Regex(f"^{'.*'.join(pieces)}$"))
        case _:
            return None
