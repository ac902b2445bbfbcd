"""Do these EventBridge event patterns together match every root event? Covered, Missed or Undecided.

They are asked in the language of filter patterns, which the search knows. What is translated matches no
more than the event pattern does under any reading (INVARIANT, a property test holds it), so that a proof
holds for both. A counterexample counts once the event patterns' own evaluator rejects it.

The rules' regions, states and targets are left aside: the question is what the patterns match of what
comes to an event bus.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import product
from string import ascii_letters, digits
from typing import Any

from ..aws.arn import Place
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
from .budget import Budget, CapReached
from .decision import AS_OBSERVED
from .doubt import doubtful_fields
from .goals import Problem
from .outcome import Coverage, Covered, Missed, Undecided, Watch
from .root_activity import is_root_activity, root_activity
from .root_events import Event, EventKind, copy_of, root_events
from .search import is_possible
from .views import View
from .witness import Tailor

# What stands for itself in a filter pattern's regular expression.
_PLAIN = frozenset(f"{ascii_letters}{digits}:/_-")

# Each of a reading's points is a yes or a no.
EVENT_READINGS = tuple(
    EventReading(*each) for each in product((False, True), repeat=len(fields(EventReading)))
)

# Of filter patterns: the one under which the translation holds.
READING = Reading(not_equal_matches_null=False, not_exists_under_unfit_parent=False)

# None stands for what is never matched, or not known to be.
ALWAYS = And(())


def decide_event_coverage(
    patterns: Sequence[EventPattern], account_id: str, partition: str = "aws"
) -> Coverage:
    """Whether each root event of this account, once it is on an event bus, matches one of the patterns."""
    for event in root_events(account_id, partition).values():
        if is_surely_unmatched(patterns, event):
            return _missed(copy_of(event))
    translated = any_of([translation_of(each, account_id) for each in patterns])
    if translated is None:
        return Undecided("what the event pattern asks for can't be weighed")
    if translated == ALWAYS:
        return Covered()
    documented = _decide(patterns, translated, account_id, partition, as_observed=False)
    if not isinstance(documented, Undecided):
        return documented
    observed = _decide(patterns, translated, account_id, partition, as_observed=True)
    return Covered((AS_OBSERVED,)) if isinstance(observed, Covered) else documented


def _missed(event: Event) -> Missed:
    call = f"{event['eventName']} of {event['eventSource']} in {event['awsRegion']}"
    return Missed(event, f"misses, for example, root {call}")


def is_surely_unmatched(patterns: Sequence[EventPattern], record: Event) -> bool:
    """Whether CloudTrail's record, as it comes to an event bus, matches none of them under any reading."""
    event = delivered(record)
    return not any(matches(each, event, reading) for each in patterns for reading in EVENT_READINGS)


def _decide(
    patterns: Sequence[EventPattern],
    translated: Expression,
    account_id: str,
    partition: str,
    *,
    as_observed: bool,
) -> Coverage:
    activity = root_activity(account_id, partition, as_observed=as_observed)
    watch = Watch("", "event patterns", Place(account_id, "us-east-1"))
    view = View(watch, JsonPattern(translated), parse_field_selection(""), account_id)
    problem = Problem(activity, READING, Budget())
    try:
        held = is_possible(problem, problem.all_unheard([view]))
    except CapReached as cap:
        return Undecided(str(cap))
    if held is None:
        in_doubt = problem.is_unknown or problem.open_question
        return Undecided("its strings can't be told apart well enough") if in_doubt else Covered()
    event = Tailor(problem, root_events(account_id, partition)[EventKind.API_CALL]).event(held)
    if not is_root_activity(event, account_id, partition):
        return Undecided("what was found is no root event as a whole")
    if doubtful := tuple(doubtful_fields(activity, event)):
        return Undecided(f"depends on {' and '.join(doubtful)}")
    if not is_surely_unmatched(patterns, event):
        return Undecided("uses an operator that isn't weighed here, or depends on how AWS reads it")
    return _missed(event)


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
