"""What `check --save` keeps is enough to decide again, whatever AWS says by then."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import RootUsageAlarmRule
from root_usage_alarm.commands.check import check
from root_usage_alarm.commands.replay import replay
from root_usage_alarm.demo.invocation import acting_in, scheduled_event
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import EMAIL, build_working_chain
from tests.handler.organization import ROLE, under_an_organization_trail

NARROW = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'


def saved(server: LocalAws, account: Account, file: Path, *arguments: str) -> dict[str, Any]:
    """`check`'s JSON; the account is gone afterwards."""
    account.client("iam").generate_credential_report()
    with acting_in(server, account):
        result = CliRunner().invoke(check, ["--output", "json", "--save", str(file), *arguments])
    server.reset()
    of_the_run = ("schemaVersion", "toolVersion", "time", "accountAlias", "accepted")
    return {name: each for name, each in json.loads(result.output).items() if name not in of_the_run}


def replayed(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(replay, [str(file), *arguments])


def decided(file: Path) -> dict[str, Any]:
    return dict(json.loads(replayed(file, "--output", "json").output))


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(build_working_chain, id="compliant"),
        pytest.param(lambda account: build_working_chain(account, alarm={"Unit": "Count"}), id="broken"),
        pytest.param(lambda account: build_working_chain(account, trail=None), id="no-trail"),
    ],
)
def test_record_is_decided_as_it_was(
    server: LocalAws, account: Account, tmp_path: Path, build: Callable[[Account], Any]
) -> None:
    build(account)

    before = saved(server, account, tmp_path / "record")

    assert decided(tmp_path / "record") == before


def test_organization_trails_record_holds_the_answers_of_both_accounts(
    server: LocalAws, account: Account, tmp_path: Path
) -> None:
    under_an_organization_trail(account)

    before = saved(
        server, account, tmp_path / "record", "--parameter", f"ReadingRoleName={ROLE['ReadingRoleName']}"
    )

    assert before["complianceType"] == "COMPLIANT"
    assert decided(tmp_path / "record") == before


def test_text_is_that_of_check(server: LocalAws, account: Account, tmp_path: Path) -> None:
    build_working_chain(account, metric_filter={"filterPattern": NARROW})
    saved(server, account, tmp_path / "record")

    result = replayed(tmp_path / "record")

    assert "account 111122223333  NON_COMPLIANT" in result.output
    assert "PATTERN_MISSES_ROOT_EVENT" in result.output


def test_masked_record_names_nobody_and_is_decided_alike(
    server: LocalAws, account: Account, tmp_path: Path
) -> None:
    build_working_chain(account, alarm={"Unit": "Count"})

    before = saved(server, account, tmp_path / "record", "--mask")

    text = (tmp_path / "record").read_text()
    assert EMAIL not in text
    assert "111122223333" not in text
    after = decided(tmp_path / "record")
    assert [each["code"] for each in after["findings"]] == [each["code"] for each in before["findings"]]
    assert after["accountId"] == "999900000001"


def test_credential_report_keeps_roots_row_only(server: LocalAws, account: Account, tmp_path: Path) -> None:
    build_working_chain(account)
    account.client("iam").create_user(UserName="jane")

    saved(server, account, tmp_path / "record")

    calls = [json.loads(line).get("call") for line in (tmp_path / "record").read_text().splitlines()]
    (report,) = [each for each in calls if each and each["operation"] == "GetCredentialReport"]
    assert b"jane" not in base64.b64decode(report["answer"]["Content"]["$bytes"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "no line that begins a record", id="empty"),
        pytest.param(
            '{"record": "x/9"}', "line 1: record 'x/9' isn't 'root-usage-alarm/1'", id="other-schema"
        ),
        pytest.param('{"record": "root-usage-alarm/1"}', "lacks 'accountId'", id="half"),
    ],
)
def test_file_that_is_no_record_is_told(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "record").write_text(text)

    result = replayed(tmp_path / "record")

    assert result.exit_code != 0
    assert says in result.output


def test_answer_that_is_missing_is_told(server: LocalAws, account: Account, tmp_path: Path) -> None:
    build_working_chain(account)
    saved(server, account, tmp_path / "record")
    lines = (tmp_path / "record").read_text().splitlines(keepends=True)
    (tmp_path / "record").write_text("".join(each for each in lines if '"GetTrailStatus"' not in each))

    assert "the record has no cloudtrail:GetTrailStatus with" in replayed(tmp_path / "record").output


def test_functions_log_holds_a_record_where_it_is_told_to(
    server: LocalAws, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_working_chain(account)
    monkeypatch.setenv("RECORD_ANSWERS", "1")
    log = io.StringIO()
    with acting_in(server, account), redirect_stdout(log):
        RootUsageAlarmRule.lambda_handler(scheduled_event(account, {"AssumeRoleMode": "False"}), None)
    *_, last = log.getvalue().splitlines()
    before = json.loads(last)
    (tmp_path / "log").write_text(log.getvalue())

    assert decided(tmp_path / "log") == before
