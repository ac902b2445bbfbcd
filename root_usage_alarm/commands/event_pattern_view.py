"""What an EventBridge event pattern means for root usage, on one screen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, assert_never

from rich.console import Console
from rich.text import Text
from root_usage.coverage import Covered, Missed, Undecided
from root_usage.coverage.event_patterns import decide_event_coverage, is_surely_unmatched
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, ROOT_FILTER_PATTERN
from root_usage.coverage.root_events import root_events
from root_usage.event_pattern import (
    EventPattern,
    EventPatternSyntaxError,
    NotUnderstood,
    format_event_pattern,
    matches,
    parse_event_pattern,
)
from root_usage.event_pattern.envelope import DETAIL_TYPES, delivered

from .event_files import Event, record_of
from .events_view import Difference, draw_answer, draw_matched, draw_notes, draw_remedies, summary
from .exit_status import CannotBeDecided, CouldNotRun, Ending

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
WHAT_RULES_TAKE = """
it takes a rule in each enabled region (sign-ins: us-east-1, us-east-2, us-west-2; IAM: us-east-1):
  on the default bus, where a trail logs the region's management events
  in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS: ENABLED leaves read-only calls out
  with a topic of the region as target, whose policy lets events.amazonaws.com publish unconditionally"""


def is_event_pattern(text: str) -> bool:
    """Whether it is meant as one: a filter pattern's brace is followed by `$` or `(`."""
    return re.match(r'\s*\{\s*["}]', text) is not None


def missed_events(pattern: EventPattern, account_id: str) -> list[Event]:
    """Of a plain root event of each kind, those that match under no reading."""
    return [each for each in root_events(account_id).values() if is_surely_unmatched([pattern], each)]


def event_pattern_in(text: str) -> EventPattern:
    """Raises ClickException."""
    try:
        return parse_event_pattern(text)
    except NotUnderstood as error:
        raise CannotBeDecided(f"this event pattern can't be decided: {error}") from None
    except EventPatternSyntaxError as error:
        raise CouldNotRun(f"AWS refuses this event pattern: {error}") from None


def ask_test_event_pattern(
    client: Any, text: str, pattern: EventPattern, records: Sequence[Event]
) -> list[Difference]:
    """The records on which AWS's TestEventPattern differs from this project's evaluator.

    It knows neither a rule's state nor its region.
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
    """
    differences = []
    for record in records:
        event = delivered(record)
        matches_at_aws = client.test_event_pattern(EventPattern=text, Event=json.dumps(event))["Result"]
        if matches_at_aws != matches(pattern, event):
            differences.append(Difference(record, matches_at_aws))
    return differences


def draw_event_pattern(console: Console, pattern: EventPattern, account_id: str) -> Ending:
    """Prints the pattern and what it misses."""
    console.print(Text(format_event_pattern(pattern), style="bold"))
    console.print()
    match decide_event_coverage([pattern], account_id):
        case Covered(notes):
            ending = Ending.COVERED
            draw_answer(console, "Covered", "green", "every event that root can cause matches")
            draw_notes(console, notes)
        case Missed(example, phrase):
            ending = Ending.MISSED
            draw_answer(console, "Missed", "red", phrase)
            for event in (example, *(each for each in missed_events(pattern, account_id) if each != example)):
                console.print(Text(f"  unseen: {summary(event)}", style="dim"))
            draw_remedies(
                console,
                ("use this pattern instead", ROOT_EVENT_PATTERN),
                ("or, in a metric filter", ROOT_FILTER_PATTERN),
            )
        case Undecided(reason):
            ending = Ending.UNDECIDED
            draw_answer(console, "Undecided", "yellow", reason)
        case other:
            assert_never(other)
    console.print(Text(WHAT_RULES_TAKE))
    return ending


def draw_events_on_a_bus(console: Console, pattern: EventPattern, events: Iterable[Event]) -> None:
    """Prints which of the events the pattern matches; raises ClickException."""

    def outcomes() -> Iterator[tuple[Event, bool]]:
        for number, event in enumerate(events, start=1):
            try:
                whole = event if "detail" in event else _on_a_bus(event)
            except (KeyError, AttributeError) as error:
                raise CouldNotRun(f"event {number} is none that EventBridge gets: {error}") from None
            yield record_of(event), whole is not None and matches(pattern, whole)

    draw_matched(console, outcomes())


def _on_a_bus(record: Event) -> Event | None:
    """None where no bus gets records of its type, such as CloudTrail Insights'."""
    event_type = record.get("eventType")
    if isinstance(event_type, str) and event_type not in DETAIL_TYPES:
        return None
    return delivered(record)
