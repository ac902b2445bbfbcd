"""What has changed since an earlier report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from root_usage_alarm.commands.account_results import AccountResult, totals_of
from root_usage_alarm.commands.pages.report_page import report_page
from root_usage_alarm.commands.pages.trend import Change, NoReport, change_of, earlier_in
from root_usage_alarm.commands.results_view import as_json
from tests.commands.pages.accounts import HOSTILE, RESULTS, SHOWN
from tests.commands.pages.parsed import Page


def of(compliance_type: str, code: str = "") -> AccountResult:
    return AccountResult("1", "us-east-1", compliance_type, code=code)


GREEN, RED, OTHER_RED = of("COMPLIANT"), of("NON_COMPLIANT", "NO_TRAIL"), of("NON_COMPLIANT", "ALARM_UNIT")
NOTHING, ELSEWHERE = of("NO_RESULT"), of("NOT_APPLICABLE")


@pytest.mark.parametrize(
    ("then", "now", "change"),
    [
        (GREEN, RED, Change.NEWLY_BROKEN),
        (NOTHING, RED, Change.NEWLY_BROKEN),
        (None, RED, Change.NEWLY_BROKEN),
        (RED, OTHER_RED, Change.BROKEN_OTHERWISE),
        (RED, RED, None),
        (RED, GREEN, Change.REPAIRED),
        (RED, NOTHING, Change.NO_LONGER_KNOWN),
        (GREEN, NOTHING, Change.NO_LONGER_KNOWN),
        (RED, ELSEWHERE, Change.NO_LONGER_KNOWN),
        (NOTHING, GREEN, Change.NEWLY_PROVEN),
        (GREEN, GREEN, None),
        (NOTHING, NOTHING, None),
        (None, GREEN, Change.NEW),
        (None, NOTHING, Change.NEW),
        (RED, None, Change.GONE),
    ],
)
def test_change(then: AccountResult | None, now: AccountResult | None, change: Change | None) -> None:
    assert change_of(then, now) is change


def test_page_shows_what_was_and_what_is(tmp_path: Path) -> None:
    then = [
        AccountResult("000000000001", "eu-west-1", "COMPLIANT", recorded_at="2026-11-10T01:02:03+00:00"),
        AccountResult("000000000004", "eu-west-1", "NON_COMPLIANT", code="NO_TRAIL"),
        AccountResult("999999999999", "eu-west-1", "NON_COMPLIANT", code="NO_TRAIL", name=HOSTILE),
    ]
    (tmp_path / "earlier.json").write_text(as_json(then, totals_of(then)))

    page = Page(report_page(RESULTS, earlier_in(tmp_path / "earlier.json")))

    assert page.texts("h2")[2] == "Since earlier.json, 2026-11-10T01:02:03+00:00"
    assert [(each["change"], each["before"]) for each in page.rows] == [
        ("newly broken", "was COMPLIANT"),
        ("newly broken", "not in the earlier report"),
        ("newly broken", "not in the earlier report"),
        ("repaired", "was NON_COMPLIANT (NO_TRAIL)"),
        ("repaired", "was NON_COMPLIANT (NO_TRAIL)"),
        ("new account", "not in the earlier report"),
        ("new account", "not in the earlier report"),
    ]
    assert f"999999999999 {SHOWN}, was NON_COMPLIANT (NO_TRAIL)" in page.texts("li")
    differences = [each for each in page.texts("tr") if each.startswith(("NON_", "COMP", "STALE", "NO_R"))]
    assert differences == ["NON_COMPLIANT23+1", "STALE01+1", "NO_RESULT01+1", "COMPLIANT11+0"]


ROW = {
    "accountId": "1",
    "complianceType": "COMPLIANT",
    "firstFinding": "",
    "recordedAt": "",
    "accountName": "",
}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("[]", id="no-object"),
        pytest.param('{"results": [1]}', id="no-results"),
        pytest.param(json.dumps({"results": [ROW | {"complianceType": "GREEN"}]}), id="unknown-type"),
        pytest.param(json.dumps({"results": [ROW | {"complianceType": []}]}), id="type-no-text"),
        pytest.param(json.dumps({"results": [ROW | {"recordedAt": "yesterday"}]}), id="no-time"),
        pytest.param(json.dumps({"accountId": "1", "complianceType": "COMPLIANT"}), id="of-check"),
    ],
)
def test_file_that_is_no_report_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "earlier.json").write_text(text)

    with pytest.raises(NoReport, match=r"^`earlier\.json` "):
        earlier_in(tmp_path / "earlier.json")


def test_bytes_that_are_no_text_are_no_report(tmp_path: Path) -> None:
    (tmp_path / "earlier.json").write_bytes(b"\xff\xfe{")

    with pytest.raises(NoReport):
        earlier_in(tmp_path / "earlier.json")
