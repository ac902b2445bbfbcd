"""What `explain` shows of every language: answer, notes, remedies, and CloudTrail events, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from .event_files import Event

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """An event on which AWS and this project's evaluator don't agree."""

    event: Event
    matches_at_aws: bool


def draw_answer(console: Console, answer: str, style: str, words: str) -> None:
    console.print(Text.assemble((answer, f"bold {style}"), f"  {words}"))


def draw_notes(console: Console, notes: Sequence[str]) -> None:
    for note in notes:
        console.print(Text(f"  note: {note}"))


def draw_remedies(console: Console, *remedies: tuple[str, str]) -> None:
    """What to do, and the pattern that does it; one remedy after the other."""
    console.print()
    for words, pattern in remedies:
        console.print(Text.assemble(f"{words}:\n  ", (pattern, "green")))


def draw_differences(console: Console, oracle: str, differences: Sequence[Difference], asked: int) -> None:
    """The oracle is AWS's own operation."""
    if not differences:
        console.print(Text(f"\n{oracle} agrees on all {asked} events that it was asked about"))
        return
    console.print(Text(f"\n{oracle} differs on {len(differences)} of {asked} events:"))
    for difference in differences:
        verb = "matches" if difference.matches_at_aws else "doesn't match"
        console.print(Text(f"  AWS: {verb}  {summary(difference.event)}"))


def draw_matched(console: Console, outcomes: Iterable[tuple[Event, bool]]) -> None:
    """Which of the CloudTrail events matched, by their numbers among those that were tried."""
    tried, matched, listed = 0, 0, []
    for event, is_match in outcomes:
        tried, matched = tried + 1, matched + is_match
        if is_match and matched <= MOST_LISTED:
            listed.append(f"  {tried:>4}  {summary(event)}")
    console.print(Text(f"\n{matched} of {tried} events match"))
    for line in listed:
        console.print(Text(line))
    if matched > MOST_LISTED:
        console.print(Text(f"        and {matched - MOST_LISTED} more"))


def summary(event: Event) -> str:
    """Time, region, name and who, of a CloudTrail event that may lack any of them."""
    identity = event.get("userIdentity")
    who = identity.get("type", "?") if isinstance(identity, dict) else "?"
    return (
        "  ".join(str(event.get(name, "?")) for name in ("eventTime", "awsRegion", "eventName"))
        + f"  by {who}"
    )
