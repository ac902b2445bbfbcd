"""`explain` of an EventBridge event pattern."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN

from root_usage_alarm.commands.explain import explain
from tests.event_pattern.root_events import EVENTS

SIGN_INS = (
    '{"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": {"userIdentity": {"type": ["Root"]}}}'
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(explain, arguments)


def test_kinds_of_root_events_that_go_unseen_are_named() -> None:
    result = run(SIGN_INS)

    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert lines[0] == (
        '{"detail": {"userIdentity": {"type": ["Root"]}}, '
        '"detail-type": ["AWS Console Sign In via CloudTrail"]}'
    )
    assert lines[2] == "Missed  misses, for example, root CreateAccessKey of iam.amazonaws.com in us-east-1"
    assert [each.split("  ")[3] for each in lines[3:10]] == [
        "CreateAccessKey",
        "GetAccountSummary",
        "RunInstances",
        "RunInstances",
        "RunInstances",
        "GetPaymentInformation",
        "DeleteLoginProfile",
    ]
    assert lines[11:13] == ["use this pattern instead:", f"  {ROOT_EVENT_PATTERN}"]


def test_pattern_that_covers_needs_no_other_and_the_right_state() -> None:
    result = run(ROOT_EVENT_PATTERN)

    assert result.exit_code == 0
    assert "Covered  every event that root can cause matches\n" in result.output
    assert "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" in result.output
    assert "instead" not in result.output


def test_event_that_matches_under_one_reading_only_is_not_called_missed() -> None:
    """`requestParameters` is null in most records, an object in `CreateAccessKey`'s."""
    result = run('{"detail": {"requestParameters": [{"exists": false}, null]}}')

    assert "Undecided  " in result.output
    assert "Missed" not in result.output


def test_pattern_is_tried_on_records_and_on_whole_events(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(
        json.dumps([EVENTS["sign-in"]["detail"], EVENTS["IAM write"]["detail"], EVENTS["sign-in"]])
    )

    result = run(SIGN_INS, "--event", str(file))

    assert result.output.splitlines()[-3:] == [
        "2 of 3 events match",
        "     1  2026-11-20T09:30:00Z  us-east-1  ConsoleLogin  by Root",
        "     3  2026-11-20T09:30:00Z  us-east-1  ConsoleLogin  by Root",
    ]


def test_event_that_never_comes_to_a_bus_is_named(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([EVENTS["sign-in"]["detail"], {"eventName": "x"}]))

    result = run(SIGN_INS, "--event", str(file))

    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "Error: event 2 is none that EventBridge gets: 'eventSource'"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        pytest.param(
            '{"detail": {"userIdentity": {"type": "Root"}}}',
            "AWS refuses this event pattern: a field's value is an array of what it may be: put it into [ ]",
            id="scalar",
        ),
        pytest.param(
            '{"source": [{"regex": "x"}]}',
            "this event pattern can't be decided: `regex` is no operator that AWS documents",
            id="unknown-operator",
        ),
    ],
)
def test_pattern_that_is_none_is_explained_with_its_place(pattern: str, words: str) -> None:
    result = run(pattern)

    assert result.exit_code == 1
    assert result.output.splitlines()[0] == f"Error: {words}"
    assert "^" in result.output


def test_aws_is_not_asked_about_event_patterns() -> None:
    result = run(ROOT_EVENT_PATTERN, "--aws")

    assert result.exit_code == 2
    assert "asks about filter patterns only" in result.output
