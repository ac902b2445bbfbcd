"""Which patterns are meant for root, and what they cover.

A pattern is meant for root if it matches some root event and surely nothing of others, or if it covers all of
root without drowning in everyday events. One that says root, and matches nothing of anybody, is a slip of the
pen. All others are about something else, and are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, assert_never

from root_usage.aws.arn import Place as AwsPlace
from root_usage.chain.bus_rules import ENABLED, WITH_READS
from root_usage.coverage import (
    Coverage,
    Covered,
    Drowned,
    Missed,
    Undecided,
    Watch,
    decide_coverage,
    drowned_by,
    matches_some_root_event,
    others_caught_by,
)
from root_usage.coverage.event_patterns import (
    Bus,
    RuleWatch,
    decide_coverage_of_bus,
    everyday_event_told_by,
    matches_some_root_event_of,
    others_told_by,
    translation_of,
)
from root_usage.event_pattern import NotUnderstood, parse_event_pattern
from root_usage.filter_pattern import format_filter_pattern, parse_filter_pattern
from root_usage.filter_pattern.syntax import JsonPattern
from root_usage.text.syntax_error import TextSyntaxError
from root_usage.verdict.findings import Code, quote

from ..events_view import summary
from ..exit_status import Ending
from .found import Found, FoundFilter, FoundRule, Place, Written

COVERED = "COVERED"
PATTERN_SYNTAX = "PATTERN_SYNTAX"
FILE_UNREADABLE = "FILE_UNREADABLE"

MEANINGS = {
    COVERED: "every event that root can cause matches",
    **{
        code.name: code.meaning
        for code in (
            Code.PATTERN_MISSES_ROOT_EVENT,
            Code.PATTERN_UNDECIDED,
            Code.EVENT_PATTERN_MISSES_ROOT_EVENT,
            Code.EVENT_PATTERN_UNDECIDED,
            Code.EVENT_RULE_DISABLED,
            Code.EVENT_RULE_WITHOUT_READS,
        )
    },
    PATTERN_SYNTAX: "a pattern for root that AWS refuses",
    FILE_UNREADABLE: "the file can't be read",
}
"""What may be said of a place, by its code; the rule's findings have the same codes."""

_REGION = "us-east-1"
_ROOT = re.compile(r"\broot\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is said of one place."""

    place: Place
    resource: str
    code: str
    ending: Ending
    message: str
    example: dict[str, Any] | None = None


def judge(found: Found, account_id: str) -> Judgement | None:
    """What the pattern does for root usage; None if it isn't meant for it."""
    if found.pattern.depends_on:
        return _undecided(found, _depends(found.pattern)) if _says_root(found) else None
    coverage: Coverage | Judgement | None
    try:
        match found:
            case FoundFilter():
                coverage = _of_filter(found, account_id)
            case FoundRule():
                coverage = _of_rule(found, account_id)
            case other:
                assert_never(other)
    except NotUnderstood as error:
        return _undecided(found, _said(error)) if _says_root(found) else None
    except TextSyntaxError as error:
        if not _says_root(found):
            return None
        message = f"{_named(found)}: AWS refuses the pattern: {_said(error)}"
        return Judgement(found.place, found.resource, PATTERN_SYNTAX, Ending.COULD_NOT_RUN, message)
    return coverage if coverage is None or isinstance(coverage, Judgement) else _judged(found, coverage)


def _says_root(found: Found) -> bool:
    return "userIdentity" in found.pattern.text and _ROOT.search(found.pattern.text) is not None


def _said(error: TextSyntaxError) -> str:
    return f"{error.message}, at {error.source[error.span[0] :][:20]!r}"


# -- metric filters


def _of_filter(found: FoundFilter, account_id: str) -> Coverage | None:
    parse_filter_pattern(found.pattern.text)
    watch = Watch(
        found.pattern.text,
        found.resource,
        AwsPlace(account_id, _REGION),
        found.field_selection_criteria.text or None,
    )
    coverage = decide_coverage([watch], account_id)
    if not _is_filter_for_root(found, watch, coverage, account_id):
        return None
    if found.apply_on_transformed_logs.text != "false":
        return Undecided("it reads transformed events, whose shape isn't known")
    if found.field_selection_criteria.depends_on and isinstance(coverage, Covered):
        return Undecided(_depends(found.field_selection_criteria))
    return coverage


def _is_filter_for_root(found: FoundFilter, watch: Watch, coverage: Coverage, account_id: str) -> bool:
    others = others_caught_by(watch, account_id)
    if not matches_some_root_event(watch, account_id):
        return others is None and _says_root(found)
    if others is None:
        return True
    is_all_or_unknown = isinstance(coverage, Covered) or (
        isinstance(coverage, Undecided) and _says_root(found)
    )
    return is_all_or_unknown and not isinstance(drowned_by(watch, account_id), Drowned)


# -- event rules


def _of_rule(found: FoundRule, account_id: str) -> Coverage | Judgement | None:
    pattern = parse_event_pattern(found.pattern.text)
    with_reads = RuleWatch(found.resource, pattern)
    bus = Bus(account_id, None)
    coverage = decide_coverage_of_bus((with_reads,), (), bus)
    if not _is_rule_for_root(found, with_reads, coverage, bus):
        return None
    if isinstance(coverage, Missed):
        return coverage
    if found.event_bus.text.rpartition("/")[2] != "default":
        named = _depends(found.event_bus) if found.event_bus.depends_on else quote(found.event_bus.text)
        return Undecided(f"CloudTrail's events come to the default event bus, not to {named}")
    match found.state:
        case Written(_, (_, *_)):
            return Undecided(_depends(found.state))
        case Written(str(state)) if state == WITH_READS:
            return coverage
        case Written(str(state)) if state == ENABLED:
            return _without_reads(found, RuleWatch(found.resource, pattern, gets_reads=False), bus)
        case Written(state):
            message = f"{_named(found)} is in state {state}, so no root event comes to it"
            return Judgement(
                found.place, found.resource, Code.EVENT_RULE_DISABLED.name, Ending.MISSED, message
            )


def _without_reads(found: FoundRule, watch: RuleWatch, bus: Bus) -> Coverage | Judgement:
    coverage = decide_coverage_of_bus((watch,), (), bus)
    if not isinstance(coverage, Missed):
        return coverage
    return Judgement(
        found.place,
        found.resource,
        Code.EVENT_RULE_WITHOUT_READS.name,
        Ending.MISSED,
        f"{_named(found)} is in state {ENABLED}, which keeps read-only calls back, such as "
        f"{summary(coverage.example)}: set {WITH_READS}",
        coverage.example,
    )


def _is_rule_for_root(found: FoundRule, watch: RuleWatch, coverage: Coverage, bus: Bus) -> bool:
    if everyday_event_told_by(watch, bus):
        return False
    if not matches_some_root_event_of(bus, watch):
        return not others_told_by(watch, bus) and _says_root(found)
    return isinstance(coverage, Covered) or _is_of_root_alone(found, watch, bus)


def _is_of_root_alone(found: FoundRule, watch: RuleWatch, bus: Bus) -> bool:
    """The pattern's translation matches no more than it does, so whom that tells of, it tells of too."""
    translation = translation_of(watch.pattern, bus.account_id)
    if translation is None:
        return _says_root(found)
    text = format_filter_pattern(JsonPattern(translation))
    as_filter = Watch(text, watch.name, AwsPlace(bus.account_id, _REGION))
    return others_caught_by(as_filter, bus.account_id) is None


# -- what is said


def _judged(found: Found, coverage: Coverage) -> Judgement:
    match coverage:
        case Covered(notes):
            message = f"{_named(found)}: {MEANINGS[COVERED]}{''.join(f'; {each}' for each in notes)}"
            return Judgement(found.place, found.resource, COVERED, Ending.COVERED, message)
        case Missed(example, phrase):
            code = (
                Code.PATTERN_MISSES_ROOT_EVENT
                if isinstance(found, FoundFilter)
                else Code.EVENT_PATTERN_MISSES_ROOT_EVENT
            )
            message = f"{_named(found)} {phrase}; unseen: {summary(example)}"
            return Judgement(found.place, found.resource, code.name, Ending.MISSED, message, example)
        case Undecided(reason):
            return _undecided(found, reason)
        case other:
            assert_never(other)


def _undecided(found: Found, reason: str) -> Judgement:
    code = Code.PATTERN_UNDECIDED if isinstance(found, FoundFilter) else Code.EVENT_PATTERN_UNDECIDED
    message = f"{_named(found)}: not decided: {reason}"
    return Judgement(found.place, found.resource, code.name, Ending.UNDECIDED, message)


def _depends(written: Written) -> str:
    return f"depends on {', '.join(map(quote, written.depends_on))}"


def _named(found: Found) -> str:
    kind = "metric filter" if isinstance(found, FoundFilter) else "EventBridge rule"
    return f"{kind} {quote(found.resource)}"
