"""`explain`, from the command line to the screen; AWS's own opinion through botocore's Stubber."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import Stubber
from click.testing import CliRunner, Result
from root_usage.coverage import Undecided
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, ROOT_FILTER_PATTERN
from root_usage.coverage.root_events import EventKind, root_events
from root_usage.filter_pattern import parse_filter_pattern

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
    assert result.exit_code == 1
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

    assert result.exit_code == 2
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


# -- events


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

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == (
        "Error: events.json: line 1: expected a CloudTrail event, found a number"
    )


def test_events_come_from_stdin_in_eventbridges_envelope_too() -> None:
    envelope = {"version": "0", "detail-type": "AWS Console Sign In via CloudTrail", "detail": SIGN_IN}
    lines = "\n".join(map(json.dumps, [CALL, envelope]))

    result = CliRunner().invoke(explain, [SIGN_INS_ONLY, "--event", "-"], input=lines)

    assert result.output.splitlines()[-2:] == [
        "1 of 2 events match",
        "     2  2026-10-05T07:05:10Z  us-east-1  ConsoleLogin  by Root",
    ]


def test_only_the_first_events_that_match_are_listed() -> None:
    result = CliRunner().invoke(
        explain, [SIGN_INS_ONLY, "--event", "-"], input=f"{json.dumps(SIGN_IN)}\n" * 23
    )

    lines = result.output.splitlines()
    assert lines[-22] == "23 of 23 events match"
    assert lines[-1] == "        and 3 more"


def test_space_delimited_pattern_is_tried_on_no_events(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text("[]")

    result = run("[a, b]", "--event", str(file))

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: a space-delimited pattern can't be tried on JSON here"


# -- the pattern


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_pattern_is_read_from_a_file(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "pattern"
    file.write_text(f"\n{ROOT_FILTER_PATTERN}\n", encoding=encoding)

    result = run(f"@{file}")

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "Covered  every event that root can cause matches"


@pytest.mark.parametrize(
    ("pattern", "status"),
    [(ROOT_FILTER_PATTERN, 0), (SIGN_INS_ONLY, 1), (ROOT_EVENT_PATTERN, 0), ('{"source": ["x"]}', 1)],
)
def test_pattern_is_read_from_stdin(pattern: str, status: int) -> None:
    assert CliRunner().invoke(explain, ["-"], input=f"{pattern}\n").exit_code == status


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(
            b"\xff",
            "no UTF-8",
            id="no-text",
        ),
        pytest.param(b" " * 65_537, "longer than any pattern may be", id="too-long"),
        pytest.param(None, "No such file or directory", id="no-file"),
    ],
)
def test_pattern_that_cant_be_read_is_one_line(tmp_path: Path, content: bytes | None, line: str) -> None:
    file = tmp_path / "pattern"
    if content is not None:
        file.write_bytes(content)

    result = run(f"@{file}")

    assert result.exit_code == 2
    assert result.output == f"Error: {file}: {line}\n"


def test_pattern_and_events_dont_both_come_from_stdin() -> None:
    result = run("-", "--event", "-")

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == ("Error: the pattern and the events can't both come from stdin")


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        pytest.param(ROOT_FILTER_PATTERN, 0, id="covered"),
        pytest.param(SIGN_INS_ONLY, 1, id="missed"),
        pytest.param("", 1, id="drowned"),
        pytest.param('{ $.userIdentity.type = "Root"', 2, id="syntax"),
        pytest.param(
            '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy != "x" }', 3, id="undecided"
        ),
        pytest.param(
            '{ $.userIdentity.type = "Root" || $.recipientAccountId = "7777*" }',
            3,
            id="noise-undecided",
        ),
    ],
)
def test_each_ending_has_its_status(pattern: str, status: int) -> None:
    assert run(pattern).exit_code == status


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

    result = run(ROOT_FILTER_PATTERN, "--aws", "--region", "eu-west-1")

    assert result.exit_code == 3  # what AWS contradicts is no proof
    assert result.output.splitlines()[-2:] == [
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

    assert result.exit_code == 2
    assert "could not ask AWS: An error occurred (AccessDeniedException)" in result.output


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[str | None, str]]:
    """Profile and region of each client that is made; AWS itself can't be reached."""
    config = tmp_path / "config"
    config.write_text("[profile audit]\nregion = eu-north-1\n[profile bare]\n")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    asked: list[tuple[str | None, str]] = []

    def client(session: boto3.session.Session, _service: str) -> None:
        asked.append((session.profile_name, session.region_name))
        raise NoCredentialsError

    monkeypatch.setattr("boto3.session.Session.client", client)
    return asked


@pytest.mark.parametrize(
    ("arguments", "environment", "profile", "region"),
    [
        pytest.param([], {}, "default", "us-east-1", id="nothing-is-set"),
        pytest.param(["--profile", "audit"], {}, "audit", "eu-north-1", id="profile"),
        pytest.param(["--profile", "audit", "--region", "eu-west-1"], {}, "audit", "eu-west-1", id="both"),
        pytest.param([], {"AWS_PROFILE": "audit"}, "audit", "eu-north-1", id="profile-of-environment"),
        pytest.param(["--profile", "bare"], {}, "bare", "us-east-1", id="profile-without-region"),
        pytest.param(
            [],
            {"AWS_PROFILE": "audit", "AWS_REGION": "eu-west-2"},
            "audit",
            "eu-west-2",
            id="region-of-environment",
        ),
    ],
)
@pytest.mark.parametrize("pattern", [ROOT_FILTER_PATTERN, ROOT_EVENT_PATTERN], ids=["filter", "event"])
def test_aws_is_asked_with_the_profile_and_in_the_region(
    asked: list[tuple[str | None, str]],
    monkeypatch: pytest.MonkeyPatch,
    pattern: str,
    arguments: list[str],
    environment: dict[str, str],
    profile: str,
    region: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    result = run(pattern, "--aws", *arguments)

    assert asked == [(profile, region)]
    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: could not ask AWS: Unable to locate credentials"


@pytest.mark.usefixtures("asked")
def test_profile_that_doesnt_exist_is_one_line() -> None:
    result = run(ROOT_FILTER_PATTERN, "--aws", "--profile", "nobody")

    assert result.exit_code == 2
    assert result.output == "Error: could not ask AWS: The config profile (nobody) could not be found\n"


def test_endpoint_that_is_no_url_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "notaurl")

    result = run(ROOT_FILTER_PATTERN, "--aws", "--region", "eu-west-1")

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == "Error: could not ask AWS: Invalid endpoint: notaurl"
