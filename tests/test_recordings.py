"""Accounts that were recorded, by `check --save --mask`: what is said of each stays what it is.

A report of a wrong verdict is such a file; once it is mended, file and verdict come here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from root_usage.examine import Account, examine
from root_usage.parameters import parse_parameters
from root_usage.verdict.outcome import compliance_type

from root_usage_alarm.desk.record_file import Replayed, answering, read

RECORDINGS = Path(__file__).parent / "recordings"

EXPECTED = {
    "alarm-names-a-unit": (
        "NON_COMPLIANT alarm `RootAccountUsageCountAlarm`: watches unit Count, but metric filter "
        "`RootAccountUsageCount` publishes unit None, so it sees no root event. Remove the alarm's unit "
        "[ALARM_UNIT]"
    ),
    "event-rules-in-both-regions": (
        "COMPLIANT root use is told: EventBridge rule `root-usage` in us-east-1 and 1 more region -> topic "
        "`security-alerts-events` -> 1 confirmed subscriber (email); root not used for 90 days"
    ),
}


def test_every_recording_is_expected_to_say_something() -> None:
    assert {each.stem for each in RECORDINGS.glob("*.jsonl")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_recording_is_decided(name: str) -> None:
    record = read(RECORDINGS / f"{name}.jsonl")
    account = Account(record.account_id, record.region, record.partition)

    with answering(record):
        examination = examine(account, parse_parameters(record.parameters), Replayed(record), record.now)

    assert f"{compliance_type(examination.verdict)} {examination.annotation}" == EXPECTED[name]
