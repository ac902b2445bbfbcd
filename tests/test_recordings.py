"""Accounts that were recorded, by `check --save --mask`: what is said of each stays what it is.

A report of a wrong verdict is such a file; once it is mended, file and verdict come here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.aws.recording import Recorder, plain, restored
from root_usage.examine import Account as Evaluated
from root_usage.examine import Examination, examine
from root_usage.parameters import parse_parameters
from root_usage.report import to_record
from root_usage.verdict.outcome import compliance_type

from root_usage_alarm.commands.caller import Caller
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.demo.scenarios import SCENARIOS, Scenario
from root_usage_alarm.desk.record_file import Mask, Replayed, answering, read, write
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.sessions import new_session

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


def decided(file: Path) -> Examination:
    record = read(file)
    account = Evaluated(record.account_id, record.region, record.partition)
    with answering(record):
        factory = Replayed(record, new_session)
        return examine(account, parse_parameters(record.parameters), factory, record.now)


def test_every_recording_is_expected_to_say_something() -> None:
    assert {each.stem for each in RECORDINGS.glob("*.jsonl")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_recording_is_decided(name: str) -> None:
    record = read(RECORDINGS / f"{name}.jsonl")
    account = Evaluated(record.account_id, record.region, record.partition)

    with answering(record):
        examination = examine(
            account, parse_parameters(record.parameters), Replayed(record, new_session), record.now
        )

    assert f"{compliance_type(examination.verdict)} {examination.annotation}" == EXPECTED[name]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.title)
def test_demo_account_is_replayed_to_the_same_annotation(
    server: LocalAws, tmp_path: Path, scenario: Scenario
) -> None:
    server.reset()
    account = Account("111122223333", "us-east-1", server.endpoint_url)
    scenario.build(account)
    account.client("iam").generate_credential_report()
    evaluated, parameters = Evaluated(account.account_id, account.region), dict(scenario.parameters)
    recorder, now = Recorder(), datetime.now(UTC)
    with acting_in(server, account):
        factory = Caller.of(new_session()).factory
        before = examine(evaluated, parse_parameters(parameters), factory, now, recorder=recorder)
    write(tmp_path / "record", to_record(evaluated, parameters, now, recorder))

    record = read(tmp_path / "record")
    with answering(record):
        after = examine(
            evaluated, parse_parameters(record.parameters), Replayed(record, new_session), record.now
        )

    assert after.annotation == before.annotation


SECRETS = st.one_of(
    st.from_regex(r"[a-z]{3,8}\.[a-z]{3,8}@[a-z]{3,8}\.(com|org)", fullmatch=True),
    st.from_regex(r"[1-8][0-9]{11}", fullmatch=True),
    st.from_regex(r"A(KIA|SIA)[B-DF-Z][A-Z0-9]{15}", fullmatch=True),
    st.from_regex(r"https://hooks\.[a-z]{4,9}\.io/[a-z0-9]{12}", fullmatch=True),
    st.from_regex(r"203\.0\.113\.[1-9][0-9]", fullmatch=True),
    st.from_regex(r"[1-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", fullmatch=True),
    st.from_regex(r"\+4[0-9]{10}", fullmatch=True),
)
# As they stand in ARNs, policies within JSON text, sentences and reports.
SURROUNDINGS = st.sampled_from(
    (
        "{}",
        "arn:aws:sns:eu-west-1:{}:alerts",
        '{{"AWS": "{}"}}',
        "by {} at noon",
        "a,{},b",
        "({})",
        "user/{}:x",
    )
)


@given(st.lists(st.tuples(SECRETS, SURROUNDINGS, st.booleans()), min_size=1, max_size=6))
def test_mask_lets_no_secret_through_and_keeps_equal_what_is_equal(
    seeded: list[tuple[str, str, bool]],
) -> None:
    texts = [(secret, around.format(secret), in_bytes) for secret, around, in_bytes in seeded]
    call = {
        "answer": {
            "items": [plain(text.encode()) if in_bytes else text for _, text, in_bytes in texts],
            "again": [{"nested": text} for _, text, _ in texts],
        }
    }

    masked = restored(Mask().masked(call))["answer"]

    for (secret, _, in_bytes), item, again in zip(texts, masked["items"], masked["again"], strict=True):
        seen = item.decode() if in_bytes else item
        assert secret not in seen
        assert seen == again["nested"]
