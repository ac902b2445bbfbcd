"""Accepted findings: shown, never COMPLIANT, and no longer counted in the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from root_usage.verdict.annotation import may_leave_out_findings

from root_usage_alarm.__main__ import main
from root_usage_alarm.commands.account_results import MORE, AccountResult, totals_of, with_accepted
from root_usage_alarm.commands.results_view import as_json
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.desk.config_file import DEFAULT
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.desk.accepting import accepting

ACCOUNT = "111122223333"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(server: LocalAws, account: Account, *arguments: str) -> Result:
    DEFAULT.write_text(
        '[[accepted]]\naccount = "111122223333"\ncode = "ALARM_THRESHOLD_TOO_HIGH"\n'
        'reason = "is closed in March"\nexpires = 9999-12-31\n'
    )
    with acting_in(server, account):
        return CliRunner().invoke(main, ["check", *arguments])


def test_check_shows_what_is_accepted_and_ends_well(server: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm={"Threshold": 5.0})

    result = run(server, account)

    assert result.exit_code == 0
    assert result.output.startswith("account 111122223333  NON_COMPLIANT\n")
    assert "  ALARM_THRESHOLD_TOO_HIGH\n  accepted until 9999-12-31: is closed in March\n" in result.output


def test_another_finding_still_counts(server: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm={"Threshold": 5.0})

    result = run(server, account, "--parameter", "AcceptedWays=alarm,eventbridge", "--output", "json")

    document = json.loads(result.output)
    assert result.exit_code == 1
    assert document["complianceType"] == "NON_COMPLIANT"
    assert document["accepted"] == [
        {"code": "ALARM_THRESHOLD_TOO_HIGH", "reason": "is closed in March", "expires": "9999-12-31"}
    ]


@pytest.mark.parametrize(
    ("code", "others", "text", "status"),
    [
        ("NO_ALARM", "", "accepted until 9999-12-31: planned", 0),
        ("NO_ALARM", "ROOT_WITHOUT_MFA", "accepted until 9999-12-31: planned", 0),
        ("NO_ALARM", "NO_TRAIL", "", 1),
        ("NO_ALARM", MORE, "", 1),
        ("NO_TRAIL", "NO_ALARM", "", 1),
        ("", "", "", 1),
    ],
)
def test_account_of_which_all_findings_are_accepted(code: str, others: str, text: str, status: int) -> None:
    broken = AccountResult(ACCOUNT, "eu-west-1", "NON_COMPLIANT", "is broken", code, other_codes=others)

    (result,) = with_accepted([broken], accepting(ACCOUNT, "NO_ALARM", "ROOT_WITHOUT_MFA"))

    assert (result.accepted, result.compliance_type) == (text, "NON_COMPLIANT")
    totals = totals_of([result])
    assert (totals.status, totals.accepted, totals.by_type) == (status, bool(text), {"NON_COMPLIANT": 1})


def test_other_accounts_findings_arent_accepted() -> None:
    broken = AccountResult("444455556666", "eu-west-1", "NON_COMPLIANT", "is broken", "NO_ALARM")

    assert with_accepted([broken], accepting(ACCOUNT, "NO_ALARM")) == [broken]


def test_compliant_account_with_an_accepted_finding_is_compliant() -> None:
    told = AccountResult(ACCOUNT, "eu-west-1", "COMPLIANT", "root use is told")

    assert with_accepted([told], accepting(ACCOUNT, "NO_ALARM")) == [told]


def test_json_has_reason_and_end() -> None:
    broken = AccountResult(ACCOUNT, "eu-west-1", "NON_COMPLIANT", "is broken", "NO_ALARM")
    results = with_accepted([broken], accepting(ACCOUNT, "NO_ALARM"))

    document = json.loads(as_json(results, totals_of(results)))

    assert document["accepted"] == 1
    assert document["results"][0]["accepted"] == "accepted until 9999-12-31: planned"


@pytest.mark.parametrize(
    ("annotation", "may"),
    [
        ("no alarm watches it. Make one [NO_ALARM]", False),
        ("no alarm watches it. Make one (2 more findings) [NO_ALARM]", True),
        (f"{'no alarm watches it ' * 11} [NO_ALARM]", True),
        ("root use is told: alarm `x` -> topic `y`", False),
    ],
)
def test_annotation_may_have_no_room_to_count_the_others(annotation: str, may: bool) -> None:
    assert may_leave_out_findings(annotation) is may
