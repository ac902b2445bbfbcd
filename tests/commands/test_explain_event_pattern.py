"""`explain` of an EventBridge event pattern."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, ROOT_FILTER_PATTERN
from root_usage.coverage.root_events import root_events
from root_usage.event_pattern import parse_event_pattern

from root_usage_alarm.commands.event_pattern_view import ask_test_event_pattern
from root_usage_alarm.commands.events_view import Difference, draw_differences
from root_usage_alarm.commands.explain import explain
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.local_aws import Account, LocalAws
from tests.event_pattern.root_events import ACCOUNT, EVENTS

SIGN_INS = (
    '{"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": {"userIdentity": {"type": ["Root"]}}}'
)

WHAT_RULES_TAKE = [
    "it takes a rule in each enabled region (sign-ins: us-east-1, us-east-2, us-west-2; IAM: us-east-1):",
    "  on the default bus, where a trail logs the region's management events",
    "  in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS: ENABLED leaves read-only calls out",
    "  with a topic of the region as target, whose policy lets events.amazonaws.com publish unconditionally",
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(explain, arguments)


def test_kinds_of_root_events_that_go_unseen_are_named() -> None:
    result = run(SIGN_INS)

    lines = result.output.splitlines()
    assert result.exit_code == 1
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
    assert lines[11:15] == [
        "use this pattern instead:",
        f"  {ROOT_EVENT_PATTERN}",
        "or, in a metric filter:",
        f"  {ROOT_FILTER_PATTERN}",
    ]
    assert lines[16:] == WHAT_RULES_TAKE


def test_pattern_that_covers_needs_no_other_but_its_rules_have_conditions() -> None:
    result = run(ROOT_EVENT_PATTERN)

    assert result.exit_code == 0
    assert result.output.splitlines()[2:] == [
        "Covered  every event that root can cause matches",
        "",
        *WHAT_RULES_TAKE,
    ]


def test_event_that_matches_under_one_reading_only_is_not_called_missed() -> None:
    """`requestParameters` is null in most records, an object in `CreateAccessKey`'s."""
    result = run('{"detail": {"requestParameters": [{"exists": false}, null]}}')

    assert result.exit_code == 3
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


def test_record_of_a_type_that_no_bus_gets_doesnt_match(tmp_path: Path) -> None:
    """CloudTrail's page on its event types: Insights and network activity have types of their own."""
    file = tmp_path / "events.json"
    file.write_text(
        json.dumps([{"eventType": "AwsCloudTrailInsight", "eventSource": "x"}, EVENTS["sign-in"]["detail"]])
    )

    result = run(SIGN_INS, "--event", str(file))

    assert "1 of 2 events match" in result.output.splitlines()


def test_event_that_never_comes_to_a_bus_is_named(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([EVENTS["sign-in"]["detail"], {"eventName": "x"}]))

    result = run(SIGN_INS, "--event", str(file))

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: event 2 is none that EventBridge gets: 'eventSource'"


@pytest.mark.parametrize(
    ("pattern", "status", "words"),
    [
        pytest.param(
            '{"detail": {"userIdentity": {"type": "Root"}}}',
            2,
            "AWS refuses this event pattern: a field's value is an array of what it may be: put it into [ ]",
            id="scalar",
        ),
        pytest.param(
            '{"source": [{"regex": "x"}]}',
            3,
            "this event pattern can't be decided: `regex` is no operator that AWS documents",
            id="unknown-operator",
        ),
    ],
)
def test_pattern_that_is_none_is_explained_with_its_place(pattern: str, status: int, words: str) -> None:
    result = run(pattern)

    assert result.exit_code == status
    assert result.output.splitlines()[0] == f"Error: {words}"
    assert "^" in result.output


# -- AWS's own opinion


@pytest.mark.parametrize("pattern", [ROOT_EVENT_PATTERN, SIGN_INS], ids=["covered", "missed"])
def test_aws_takes_every_event_that_it_is_asked_about(aws: LocalAws, account: Account, pattern: str) -> None:
    with acting_in(aws, account):
        result = run(pattern, "--aws", "--region", "us-east-1")

    assert result.output.splitlines()[-1] == (
        "TestEventPattern agrees on all 12 events that it was asked about"
    )


@pytest.mark.parametrize(
    ("asked", "answer", "differing"),
    [
        pytest.param('{"version": ["0"]}', True, 7, id="it-takes-everything"),
        pytest.param('{"version": ["1"]}', False, 5, id="it-takes-nothing"),
    ],
)
def test_events_on_which_aws_differs_are_counted(
    account: Account, asked: str, answer: bool, differing: int
) -> None:
    """Of the twelve kinds, five are sign-ins; AWS is asked about another pattern, so as to differ."""
    records = list(root_events(ACCOUNT).values())

    differences = ask_test_event_pattern(
        account.client("events"), asked, parse_event_pattern(SIGN_INS), records
    )

    assert (len(differences), len(records)) == (differing, 12)
    assert {each.matches_at_aws for each in differences} == {answer}


def test_differences_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    draw_differences(Console(), "TestEventPattern", [Difference(EVENTS["read"]["detail"], True)], 12)

    assert capsys.readouterr().out.splitlines() == [
        "",
        "TestEventPattern differs on 1 of 12 events:",
        "  AWS: matches  2026-11-20T09:30:00Z  us-east-1  GetCallerIdentity  by Root",
    ]
