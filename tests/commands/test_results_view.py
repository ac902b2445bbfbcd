"""How the results of many accounts are shown: on a terminal, some of them only, as JUnit XML."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from root_usage_alarm.commands.account_results import AccountResult
from root_usage_alarm.commands.junit import as_junit
from root_usage_alarm.commands.results_view import show

NAME = "payroll of the northern branch, a long name of 50"
BROKEN = AccountResult(
    "444455556666",
    "ap-northeast-1",
    "NON_COMPLIANT",
    "alarm `RootAccountUsageCountAlarm`: rings at Sum >= 5, but one root event gives 1, so no one is told. "
    "Lower the threshold to 1 [ALARM_THRESHOLD_TOO_HIGH]",
    "ALARM_THRESHOLD_TOO_HIGH",
    name=NAME,
)
TOLD = AccountResult("111122223333", "eu-west-1", "COMPLIANT", "root use is told", rule="Rule", name="日本")
NOTHING = AccountResult("777788889999", note="the rule has no result here")
RESULTS = (TOLD, NOTHING, BROKEN)


def shown(output: str = "text", *, width: int = 80, terminal: bool = False, only: Sequence[str] = ()) -> str:
    text = io.StringIO()
    console = Console(file=text, width=width, force_terminal=terminal, color_system=None, highlight=False)
    show(console, RESULTS, output, only)
    return text.getvalue()


def test_terminal_shows_the_reason_below_the_account_and_breaks_no_word() -> None:
    assert [line.rstrip() for line in shown(terminal=True).splitlines()[:9]] == [
        "444455556666  NON_COMPLIANT   ap-northeast-1  payroll of the northern branch, a",
        "                                              long name of 50",
        "    alarm `RootAccountUsageCountAlarm`: rings at Sum >= 5, but one root event",
        "    gives 1, so no one is told. Lower the threshold to 1",
        "    [ALARM_THRESHOLD_TOO_HIGH]",
        "111122223333  COMPLIANT       eu-west-1       日本",
        "    root use is told",
        "777788889999  NO_RESULT",
        "    the rule has no result here",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_word_is_whole_at_every_width(width: int) -> None:
    text = shown(terminal=True, width=width)

    words = {word for each in RESULTS for word in f"{each.annotation} {each.note} {each.name}".split()}
    assert words - set(text.split()) == set()
    assert max(map(len, text.splitlines())) <= width


def test_some_types_only_and_the_totals_of_all() -> None:
    document = json.loads(shown("json", only=["non-compliant", "no-result"]))

    assert [each["accountId"] for each in document["results"]] == ["444455556666", "777788889999"]
    assert document["accounts"] == 3
    text = shown(only=["non-compliant"])
    assert "111122223333" not in text
    assert " COMPLIANT                     1" in text


def test_junit_has_a_test_for_each_account() -> None:
    accepted = AccountResult(
        "222233334444",
        "eu-west-1",
        "NON_COMPLIANT",
        "is broken",
        "NO_ALARM",
        accepted="accepted: why",
    )

    text = as_junit([BROKEN, TOLD, NOTHING, accepted], datetime(2026, 11, 20, tzinfo=UTC))

    suite = ET.fromstring(text)  # noqa: S314 it is our own
    assert suite.attrib == {
        "name": "root-usage-alarm",
        "timestamp": "2026-11-20T00:00:00+00:00",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    cases = [(each.get("classname"), each.get("name"), [child.tag for child in each]) for each in suite]
    assert cases == [
        ("root-usage-alarm.ap-northeast-1", f"444455556666 {NAME}", ["failure"]),
        ("root-usage-alarm.eu-west-1.Rule", "111122223333 日本", []),
        ("root-usage-alarm", "777788889999", ["error"]),
        ("root-usage-alarm.eu-west-1", "222233334444", ["skipped"]),
    ]
    assert suite[0][0].attrib == {"type": "ALARM_THRESHOLD_TOO_HIGH", "message": BROKEN.annotation}
    assert suite[2][0].attrib == {"type": "NO_RESULT", "message": "the rule has no result here"}
    assert suite[3][0].attrib == {"message": "accepted: why; is broken"}


def test_hostile_name_stays_text_in_junit() -> None:
    evil = AccountResult("1", "eu-west-1", "COMPLIANT", name='"><failure/>\x00\x1b[31m & co')

    suite = ET.fromstring(as_junit([evil], datetime(2026, 11, 20, tzinfo=UTC)))  # noqa: S314 as above

    assert suite[0].get("name") == '1 "><failure/>??[31m & co'
    assert list(suite[0]) == []


def test_junit_is_one_of_the_formats() -> None:
    suite = ET.fromstring(shown("junit", only=["compliant"]).encode())  # noqa: S314 as above

    assert [each.get("name") for each in suite] == ["111122223333 日本"]
