"""`explain`: what a filter pattern means for root usage, on one screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text
from root_usage.aws.arn import Place
from root_usage.coverage import (
    CatchesOthers,
    Coverage,
    Covered,
    Drowned,
    MaybeDrowned,
    Missed,
    Undecided,
    Watch,
    decide_coverage,
    drowned_by,
    others_caught_by,
)
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, ROOT_FILTER_PATTERN
from root_usage.coverage.root_events import root_events
from root_usage.filter_pattern import (
    FilterPattern,
    PatternSyntaxError,
    format_indented,
    matches,
    parse_filter_pattern,
)
from root_usage.filter_pattern.syntax import SpaceDelimitedPattern

from .event_files import Event, NotEvents, read_events
from .event_pattern_view import (
    ask_test_event_pattern,
    draw_event_pattern,
    event_pattern_in,
    is_event_pattern,
)
from .events_view import (
    Difference,
    draw_answer,
    draw_differences,
    draw_matched,
    draw_notes,
    draw_remedies,
)

EXAMPLE_ACCOUNT = "111122223333"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pattern, what it covers, whether everyday events drown it, and what else others can cause."""

    pattern: FilterPattern
    coverage: Coverage
    drowned_by: Drowned | MaybeDrowned | Undecided | None
    others: CatchesOthers | None


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pattern")
@click.option(
    "--event",
    "event_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CloudTrail JSON to try the pattern on: an event, a list, or a Records file, gzipped or not.",
)
@click.option(
    "--aws",
    "asks_aws",
    is_flag=True,
    help="Ask AWS's own test of patterns too, and show where it differs.",
)
@click.option(
    "--account-id", default=EXAMPLE_ACCOUNT, show_default=True, help="The account that root is root of."
)
@click.option("--profile", help="Named profile for --aws.")
@click.option("--region", help="AWS region for --aws.")
def explain(  # noqa: PLR0913, PLR0917 - one parameter for each option
    pattern: str,
    event_file: Path | None,
    asks_aws: bool,
    account_id: str,
    profile: str | None,
    region: str | None,
) -> None:
    """Does the filter PATTERN catch every event that the root user can cause?

    An EventBridge event pattern is known by its JSON.
    """
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 110)
    session = boto3.session.Session(profile_name=profile, region_name=region) if asks_aws else None
    if is_event_pattern(pattern):
        event_pattern = event_pattern_in(pattern)
        draw_event_pattern(console, event_pattern, account_id, _events_in(event_file) if event_file else [])
        if session:
            events = list(root_events(account_id).values())
            with _asking_aws():
                differences = ask_test_event_pattern(session.client("events"), pattern, event_pattern, events)
            draw_differences(console, "TestEventPattern", differences, len(events))
        return
    try:
        explanation = explanation_of(pattern, account_id)
    except PatternSyntaxError as error:
        raise click.ClickException(f"not a filter pattern: {error}") from None
    draw(console, explanation)
    if event_file:
        _draw_events(console, explanation.pattern, _events_in(event_file))
    if session:
        events = events_worth_asking(explanation.coverage, account_id)
        with _asking_aws():
            differences = ask_aws(session.client("logs"), pattern, explanation.pattern, events)
        draw_differences(console, "TestMetricFilter", differences, len(events))


@contextmanager
def _asking_aws() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(f"could not ask AWS: {error}") from None


def explanation_of(pattern: str, account_id: str) -> Explanation:
    """What the pattern, as the only filter, does for root usage; raises PatternSyntaxError."""
    tree = parse_filter_pattern(pattern)
    watch = Watch(pattern, "this pattern", Place(account_id, "us-east-1"))
    return Explanation(
        tree,
        decide_coverage([watch], account_id),
        drowned_by(watch, account_id),
        others_caught_by(watch, account_id),
    )


def events_worth_asking(coverage: Coverage, account_id: str) -> list[Event]:
    """The counterexample, if there is one, and a plain root event of each kind."""
    counterexamples = [coverage.example] if isinstance(coverage, Missed) else []
    return [*counterexamples, *root_events(account_id).values()]


def ask_aws(client: Any, pattern: str, tree: FilterPattern, events: Sequence[Event]) -> list[Difference]:
    """The events on which AWS's TestMetricFilter differs from this project's evaluator."""
    # Compact, as CloudTrail writes them.
    messages = [json.dumps(event, separators=(",", ":")) for event in events]
    answer = client.test_metric_filter(filterPattern=pattern, logEventMessages=messages)
    numbers = {match["eventNumber"] for match in answer["matches"]}
    return [
        Difference(event, number in numbers)
        for number, event in enumerate(events, start=1)
        if isinstance(tree, SpaceDelimitedPattern) or (number in numbers) != matches(tree, event)
    ]


# -- drawing


def draw(console: Console, explanation: Explanation) -> None:
    """Prints the pattern, the answer and, where there is a hole, the event and the fix."""
    console.print(Text(format_indented(explanation.pattern) or "(empty: matches everything)", style="bold"))
    console.print()
    match explanation.coverage:
        case Covered(notes):
            draw_answer(console, "Covered", "green", "every event that root can cause matches")
            draw_notes(console, notes)
        case Missed(example, phrase):
            draw_answer(console, "Missed", "red", phrase)
            _draw_event(console, "this root event goes unseen:", example)
        case Undecided(reason):
            draw_answer(console, "Undecided", "yellow", reason)
        case other:
            assert_never(other)
    _draw_noise(console, explanation.drowned_by)
    if explanation.others and not explanation.drowned_by:
        draw_notes(console, [f"`this pattern` {explanation.others.phrase}: its alarm has to be quiet"])
    if explanation.drowned_by or not isinstance(explanation.coverage, Covered):
        draw_remedies(
            console,
            ("use the CIS pattern instead", ROOT_FILTER_PATTERN),
            ("or, in EventBridge rules (explain it to see what they take)", ROOT_EVENT_PATTERN),
        )


def _draw_noise(console: Console, noise: Drowned | MaybeDrowned | Undecided | None) -> None:
    match noise:
        case Drowned(example):
            draw_answer(console, "Drowned", "red", f"an everyday event of {_whose(noise)}, so the alarm")
            console.print(Text("  rings all day and a root event changes nothing:"))
            _draw_event(console, "", example)
        case Undecided(reason):
            draw_answer(console, "Undecided", "yellow", f"everyday events of other accounts: {reason}")
        case MaybeDrowned() | None:
            pass  # what is opaque is Undecided above
        case other:
            assert_never(other)


def _whose(drowned: Drowned) -> str:
    if drowned.is_elsewhere:
        return "another account matches too, if it comes to the log group"
    matches_too = "matches too" if drowned.is_certain else "may match too, as AWS can be read"
    return f"somebody else {matches_too}"


def _draw_event(console: Console, title: str, event: Event) -> None:
    """A line for each field, so that a whole event takes half a screen."""
    if title:
        console.print(Text(f"  {title}"))
    for name, value in event.items():
        console.print(Text(f"    {name}: {json.dumps(value)}", style="dim"))


def _draw_events(console: Console, pattern: FilterPattern, events: Sequence[Event]) -> None:
    if isinstance(pattern, SpaceDelimitedPattern):
        raise click.ClickException("a space-delimited pattern can't be tried on JSON here")
    matched = [(number, event) for number, event in enumerate(events, start=1) if matches(pattern, event)]
    draw_matched(console, matched, len(events))


def _events_in(path: Path) -> list[Event]:
    try:
        return read_events(path)
    except NotEvents as fault:
        raise click.ClickException(f"{path.name} {fault}") from None
