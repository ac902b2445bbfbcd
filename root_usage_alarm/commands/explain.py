"""`explain`: what a filter pattern means for root usage, on one screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
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

from .event_files import STDIN, Event, NotEvents, read_events, record_of
from .event_pattern_view import (
    ask_test_event_pattern,
    draw_event_pattern,
    draw_events_on_a_bus,
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
from .exit_status import CouldNotRun, Ending

EXAMPLE_ACCOUNT = "111122223333"

MAX_PATTERN_FILE = 65_536
"""Bytes; AWS takes no pattern of more than some thousand."""

ClientOf = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A pattern, what it covers, whether everyday events drown it, and what else others can cause."""

    pattern: FilterPattern
    coverage: Coverage
    drowned_by: Drowned | MaybeDrowned | Undecided | None
    others: CatchesOthers | None

    @property
    def ending(self) -> Ending:
        if isinstance(self.coverage, Missed) or isinstance(self.drowned_by, Drowned):
            return Ending.MISSED
        is_decided = isinstance(self.coverage, Covered) and self.drowned_by is None
        return Ending.COVERED if is_decided else Ending.UNDECIDED


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pattern", metavar="PATTERN|@FILE|-")
@click.option(
    "--event",
    "event_file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="CloudTrail events to try the pattern on, `-` for stdin: a record, CloudTrail's log file, what "
    "`aws cloudtrail lookup-events` or `aws logs filter-log-events` prints, JSON Lines; gzipped or not.",
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
@click.option("--profile", help="Named profile of the AWS configuration, for --aws; AWS_PROFILE by default.")
@click.option(
    "--region",
    envvar="AWS_REGION",
    help="AWS region for --aws; AWS_REGION, then the profile's, then us-east-1, by default.",
)
@click.pass_context
def explain(  # noqa: PLR0913, PLR0917 - one parameter for each option
    context: click.Context,
    pattern: str,
    event_file: Path | None,
    asks_aws: bool,
    account_id: str,
    profile: str | None,
    region: str | None,
) -> None:
    """Does the filter PATTERN catch every event that the root user can cause?

    An EventBridge event pattern is known by its JSON. `@FILE` reads the pattern from a file, `-` from stdin.

    Exit status: 0 covered; 1 missed, or drowned in everyday events; 2 could not run, bad use, or the pattern
    is none (syntax); 3 undecided, or AWS's own test differs.
    """
    if pattern == "-" and event_file == STDIN:
        raise click.UsageError("the pattern and the events can't both come from stdin")
    console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 110)
    client_of = _clients(profile, region) if asks_aws else None
    pattern = _given(pattern)
    of_pattern = _explain_event_pattern if is_event_pattern(pattern) else _explain_filter_pattern
    context.exit(of_pattern(console, pattern, account_id, event_file, client_of))


def _explain_event_pattern(
    console: Console, pattern: str, account_id: str, event_file: Path | None, client_of: ClientOf | None
) -> Ending:
    event_pattern = event_pattern_in(pattern)
    ending = draw_event_pattern(console, event_pattern, account_id)
    if event_file:
        draw_events_on_a_bus(console, event_pattern, _events_in(event_file))
    if client_of is None:
        return ending
    events = list(root_events(account_id).values())
    with _asking_aws():
        differences = ask_test_event_pattern(client_of("events"), pattern, event_pattern, events)
    draw_differences(console, "TestEventPattern", differences, len(events))
    return _unless_aws_differs(ending, differences)


def _explain_filter_pattern(
    console: Console, pattern: str, account_id: str, event_file: Path | None, client_of: ClientOf | None
) -> Ending:
    try:
        explanation = explanation_of(pattern, account_id)
    except PatternSyntaxError as error:
        raise CouldNotRun(f"not a filter pattern: {error}") from None
    draw(console, explanation)
    if event_file:
        _draw_events(console, explanation.pattern, _events_in(event_file))
    if client_of is None:
        return explanation.ending
    events = events_worth_asking(explanation.coverage, account_id)
    with _asking_aws():
        differences = ask_aws(client_of("logs"), pattern, explanation.pattern, events)
    draw_differences(console, "TestMetricFilter", differences, len(events))
    return _unless_aws_differs(explanation.ending, differences)


def _unless_aws_differs(ending: Ending, differences: Sequence[Difference]) -> Ending:
    """What AWS contradicts is no proof."""
    return Ending.UNDECIDED if differences and ending is Ending.COVERED else ending


def _given(pattern: str) -> str:
    """The pattern itself, or what the file or stdin has; raises ClickException."""
    if pattern != "-" and not pattern.startswith("@"):
        return pattern
    name = "stdin" if pattern == "-" else pattern[1:]
    try:
        with click.open_file("-" if pattern == "-" else name, "rb") as file:
            content: bytes = file.read(MAX_PATTERN_FILE + 1)
        if len(content) > MAX_PATTERN_FILE:
            raise CouldNotRun(f"{name}: longer than any pattern may be")
        return content.decode("utf-8-sig").strip()
    except OSError as error:
        raise CouldNotRun(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CouldNotRun(f"{name}: no UTF-8") from None


def _clients(profile: str | None, region: str | None) -> ClientOf:
    """Clients of the session that `check` would have, in us-east-1 where no region is set."""
    with _asking_aws():
        session = boto3.session.Session(profile_name=profile, region_name=region)
        if session.region_name is None:
            session = boto3.session.Session(profile_name=profile, region_name="us-east-1")
    return session.client


@contextmanager
def _asking_aws() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, ValueError) as error:  # ValueError: an endpoint that is no URL
        raise CouldNotRun(f"could not ask AWS: {error}") from None


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


def _draw_events(console: Console, pattern: FilterPattern, events: Iterable[Event]) -> None:
    if isinstance(pattern, SpaceDelimitedPattern):
        raise CouldNotRun("a space-delimited pattern can't be tried on JSON here")
    records = map(record_of, events)
    draw_matched(console, ((each, matches(pattern, each)) for each in records))


def _events_in(path: Path) -> Iterator[Event]:
    try:
        yield from read_events(path)
    except NotEvents as fault:
        raise CouldNotRun(str(fault)) from None
