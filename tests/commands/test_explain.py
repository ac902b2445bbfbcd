"""`explain`, from the command line to the screen; AWS's own opinion through botocore's Stubber."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner, Result
from root_usage.coverage import Undecided
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, ROOT_FILTER_PATTERN
from root_usage.coverage.root_events import EventKind, root_events
from root_usage.filter_pattern import parse_filter_pattern

from root_usage_alarm.commands.event_files import NotEvents, read_events
from root_usage_alarm.commands.events_view import Difference
from root_usage_alarm.commands.explain import ask_aws, events_worth_asking, explain

ACCOUNT = "111122223333"
SIGN_INS_ONLY = '{ ($.userIdentity.type = "Root") && ($.eventName = "ConsoleLogin") }'
EVENTS = root_events(ACCOUNT)
CALL, SIGN_IN = EVENTS[EventKind.API_CALL], EVENTS[EventKind.SIGN_IN_WITHOUT_MFA]

REMEDIES = [
    "use the CIS pattern instead:",
    f"  {ROOT_FILTER_PATTERN}",
    "or, in EventBridge rules (explain it to see what they take):",
    f"  {ROOT_EVENT_PATTERN}",
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(explain, arguments)


def test_a_hole_is_shown_with_the_event_and_the_fix() -> None:
    result = run(SIGN_INS_ONLY)

    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert lines[:7] == [
        "{",
        '  $.userIdentity.type = "Root"',
        '  && $.eventName = "ConsoleLogin"',
        "}",
        "",
        "Missed  misses root CreateAccessKey and other API calls (ConsoleLogin only)",
        "  this root event goes unseen:",
    ]
    assert '    eventName: "CreateAccessKey"' in lines
    assert lines[-4:] == REMEDIES
    assert len(lines) <= 40


def test_the_pattern_that_covers_needs_no_fix() -> None:
    result = run(ROOT_FILTER_PATTERN)

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "Covered  every event that root can cause matches"


def test_noise_is_noted() -> None:
    assert (
        "  note: `this pattern` also matches service events"
        in run('{ $.userIdentity.type = "Root" }').output.splitlines()
    )


def test_what_else_others_can_cause_is_noted() -> None:
    lines = run(f'{{ ({ROOT_FILTER_PATTERN[1:-1]}) || $.userAgent = "aws-cli*" }}').output.splitlines()

    assert lines[-1] == (
        "  note: `this pattern` also matches events of others (userAgent `aws-cli/2`): "
        "its alarm has to be quiet"
    )


def test_a_drowned_pattern_shows_an_everyday_event_and_the_fix() -> None:
    lines = run("").output.splitlines()

    assert "Covered  every event that root can cause matches" in lines
    assert "Drowned  an everyday event of somebody else matches too, so the alarm" in lines
    assert '    eventName: "DescribeInstances"' in lines
    assert lines[-4:] == REMEDIES


@pytest.mark.parametrize(
    ("condition", "line"),
    [
        pytest.param(
            '$.recipientAccountId = "777788889999"',
            "Drowned  an everyday event of another account matches too, if it comes to the log group, "
            "so the alarm",
            id="another-account",
        ),
        pytest.param(
            '$.recipientAccountId = "7777*"',
            "Undecided  everyday events of other accounts: it tells accounts apart by parts of their ids",
            id="part-of-an-id",
        ),
    ],
)
def test_noise_of_other_accounts_is_told(condition: str, line: str) -> None:
    lines = run(f'{{ $.userIdentity.type = "Root" || {condition} }}').output.splitlines()

    assert line in lines
    assert lines[-4:] == REMEDIES


def test_what_is_undecided_says_on_what_it_depends() -> None:
    output = run('{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy != "x" }').output

    assert (
        "Undecided  depends on how AWS treats `!=` on an absent field; TestMetricFilter can tell"
        in output.splitlines()
    )


def test_a_syntax_error_shows_the_place() -> None:
    result = run('{ $.userIdentity.type == "Root" }')

    assert result.exit_code == 1
    assert result.output.splitlines() == [
        (
            "Error: not a filter pattern: expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `IS` or `NOT EXISTS`: "
            "filter patterns have no `==`"
        ),
        '    { $.userIdentity.type == "Root" }',
        "                          ^~",
    ]


def test_another_accounts_root_can_be_asked_about() -> None:
    pattern = '{ $.userIdentity.arn = "arn:aws:iam::444455556666:root" }'

    assert "Missed  watches account 444455556666 only" in run(pattern).output
    assert "Covered" in run(pattern, "--account-id", "444455556666").output


# -- events from a file


@pytest.mark.parametrize(
    ("content", "count"),
    [
        pytest.param(json.dumps(CALL).encode(), 1, id="a-single-event"),
        pytest.param(json.dumps([CALL, SIGN_IN]).encode(), 2, id="a-list"),
        pytest.param(json.dumps({"Records": [CALL, SIGN_IN, CALL]}).encode(), 3, id="a-records-file"),
        pytest.param(gzip.compress(json.dumps({"Records": [CALL]}).encode()), 1, id="a-gzipped-file"),
        pytest.param(b"[]", 0, id="an-empty-list"),
    ],
)
def test_events_are_read_as_cloudtrail_and_its_users_keep_them(
    tmp_path: Path, content: bytes, count: int
) -> None:
    file = tmp_path / "events"
    file.write_bytes(content)

    assert len(read_events(file)) == count


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"eventName", "is no JSON: Expecting value: line 1 column 1 (char 0)", id="text"),
        pytest.param(b"12", "should hold an event, a list of events, or `Records`", id="a-number"),
        pytest.param(b"[1]", "should hold JSON objects, one for each event", id="a-list-of-numbers"),
        pytest.param(
            gzip.compress(b"[]")[:-4],
            "is no JSON: Compressed file ended before the end-of-stream marker was reached",
            id="half-a-gzip-file",
        ),
        pytest.param(
            gzip.compress(b"[]")[:10] + b"\xff" * 20,
            "is no JSON: Error -3 while decompressing data: invalid block type",
            id="gzip-file-with-a-broken-block",
        ),
    ],
)
def test_other_files_are_told_apart(tmp_path: Path, content: bytes, fault: str) -> None:
    file = tmp_path / "events"
    file.write_bytes(content)

    with pytest.raises(NotEvents) as caught:
        read_events(file)

    assert str(caught.value) == fault


def test_the_events_that_match_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps({"Records": [CALL, SIGN_IN, {"eventName": "odd"}]}))

    lines = run(SIGN_INS_ONLY, "--event", str(file)).output.splitlines()

    assert lines[-2:] == [
        "1 of 3 events match",
        "     2  2026-10-05T07:05:10Z  us-east-1  ConsoleLogin  by Root",
    ]


def test_a_file_without_events_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text("12")

    result = run(SIGN_INS_ONLY, "--event", str(file))

    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == (
        "Error: events.json should hold an event, a list of events, or `Records`"
    )


# -- AWS's own opinion


@pytest.fixture
def logs() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client(
        "logs", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    with Stubber(client) as stubber:
        yield client, stubber


def answer_matches(stubber: Stubber, pattern: str, events: list[Any], *numbers: int) -> None:
    messages = [json.dumps(event, separators=(",", ":")) for event in events]
    stubber.add_response(
        "test_metric_filter",
        {"matches": [{"eventNumber": number, "eventMessage": messages[number - 1]} for number in numbers]},
        {"filterPattern": pattern, "logEventMessages": messages},
    )


def test_aws_agrees(logs: tuple[Any, Stubber]) -> None:
    client, stubber = logs
    answer_matches(stubber, SIGN_INS_ONLY, [CALL, SIGN_IN], 2)

    assert ask_aws(client, SIGN_INS_ONLY, parse_filter_pattern(SIGN_INS_ONLY), [CALL, SIGN_IN]) == []


def test_aws_differs_either_way(logs: tuple[Any, Stubber]) -> None:
    client, stubber = logs
    answer_matches(stubber, SIGN_INS_ONLY, [CALL, SIGN_IN], 1)

    assert ask_aws(client, SIGN_INS_ONLY, parse_filter_pattern(SIGN_INS_ONLY), [CALL, SIGN_IN]) == [
        Difference(CALL, matches_at_aws=True),
        Difference(SIGN_IN, matches_at_aws=False),
    ]


def test_the_screen_says_where_aws_differs(
    logs: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stubber = logs
    monkeypatch.setattr("boto3.session.Session.client", lambda _session, _service: client)
    events = events_worth_asking(Undecided(""), ACCOUNT)
    answer_matches(stubber, ROOT_FILTER_PATTERN, events, *range(2, len(events) + 1))

    lines = run(ROOT_FILTER_PATTERN, "--aws", "--region", "eu-west-1").output.splitlines()

    assert lines[-2:] == [
        "TestMetricFilter differs on 1 of 12 events:",
        "  AWS: doesn't match  2026-10-05T07:05:10Z  us-east-1  CreateAccessKey  by Root",
    ]


def test_the_screen_says_that_aws_agrees(logs: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch) -> None:
    client, stubber = logs
    monkeypatch.setattr("boto3.session.Session.client", lambda _session, _service: client)
    events = events_worth_asking(Undecided(""), ACCOUNT)
    answer_matches(stubber, ROOT_FILTER_PATTERN, events, *range(1, len(events) + 1))

    lines = run(ROOT_FILTER_PATTERN, "--aws", "--region", "eu-west-1").output.splitlines()

    assert lines[-1] == "TestMetricFilter agrees on all 12 events that it was asked about"


def test_a_refusal_is_an_error(logs: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch) -> None:
    client, stubber = logs
    monkeypatch.setattr("boto3.session.Session.client", lambda _session, _service: client)
    stubber.add_client_error("test_metric_filter", "AccessDeniedException", "not allowed")

    result = run(ROOT_FILTER_PATTERN, "--aws", "--region", "eu-west-1")

    assert result.exit_code == 1
    assert "could not ask AWS: An error occurred (AccessDeniedException)" in result.output
