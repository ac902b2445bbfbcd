"""`python -m tests.live`, whole, on the local AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from root_usage import examine
from root_usage.parameters import parse_parameters
from root_usage.verdict.findings import Code

from root_usage_alarm.demo.scenarios import BY_RULES, SCENARIOS
from root_usage_alarm.desk import record_file
from root_usage_alarm.local_aws import Account, LocalAws
from tests.live import scenarios
from tests.live.__main__ import every_probe, main
from tests.live.conftest import ACCOUNT, REGION


@pytest.fixture
def account(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Account:
    for name, value in aws.environment(ACCOUNT, REGION).items():
        monkeypatch.setenv(name, value)
    return Account(ACCOUNT, REGION, aws.endpoint_url)


def run(to: Path, *arguments: str, named: str = ACCOUNT, answer: str = "y\n") -> Result:
    return CliRunner().invoke(main, ["--account", named, "--to", str(to), *arguments], input=answer)


def test_probes_that_an_emulator_cannot_answer_say_so_and_nothing_is_passed(
    account: Account, tmp_path: Path
) -> None:
    wanted = (
        "scenario/a-composite-alarm-tells-for-it",
        "scenario/nobody-pressed-the-link-in-the-mail",
        "filter/not_equal_matches_null",
        "bus/control",
        "alarm/missing",
        "person/whole-chain",
    )
    result = run(tmp_path, *(f"--only={each}" for each in wanted))

    table: Any = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert result.exit_code == 1, result.output
    assert {each["name"]: (each["outcome"], each["seen"]) for each in table["rows"]} == {
        wanted[0]: ("agrees", "COMPLIANT"),
        wanted[1]: ("agrees", "SUBSCRIPTION_PENDING"),
        wanted[2]: ("no answer", None),
        wanted[3]: ("no answer", None),
        wanted[4]: ("no answer", None),
        wanted[5]: ("needs a person", None),
    }
    assert table["answeredBy"] == f"an emulator at {account.endpoint_url}"
    assert table["summary"] == (
        "6 questions: 2 agrees, 3 no answer, 1 needs a person; "
        f"answered by an emulator at {account.endpoint_url}, so none of it counts as passed"
    )
    assert (tmp_path / "table.txt").read_text(encoding="utf-8") in result.output
    assert "nothing of the live test is left, by ledger, prefix and tag" in result.output
    assert not list(tmp_path.glob("ledger*"))


def test_scenario_leaves_a_masked_recording_that_is_decided_alike(account: Account, tmp_path: Path) -> None:
    run(tmp_path, "--only", "scenario/nobody-pressed-the-link-in-the-mail")

    file = tmp_path / "recordings" / "live-nobody-pressed-the-link-in-the-mail.jsonl"
    record = record_file.read(file)
    evaluated = examine.Account(record.account_id, record.region, record.partition)
    with record_file.answering(record):
        replayed = examine.examine(
            evaluated, parse_parameters(record.parameters), record_file.Replayed(record), record.now
        )
    assert account.account_id not in file.read_text(encoding="utf-8")
    assert replayed.annotation.endswith("[SUBSCRIPTION_PENDING]")


def test_cost_and_time_are_shown_and_nothing_is_made_without_consent(
    account: Account, tmp_path: Path
) -> None:
    result = run(tmp_path, "--only", "bus", answer="n\n")

    assert result.exit_code == 2
    assert f"account {ACCOUNT} in {REGION}\n  about 89 minutes; 46 alarms, 30 metrics" in result.output
    assert "QueueUrls" not in account.client("sqs").list_queues()


def test_refused_account_is_left_alone(account: Account, tmp_path: Path) -> None:
    account.client("organizations").create_organization(FeatureSet="ALL")

    result = run(tmp_path, "--yes")

    assert result.exit_code == 2
    assert result.output == "refused: this is its organization's management account\n"


def test_account_has_to_be_typed(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--to", str(tmp_path)])

    assert result.exit_code == 2
    assert "--account" in result.output


def test_clean_is_for_the_typed_account_only(account: Account, tmp_path: Path) -> None:
    result = run(tmp_path, "--clean", named="444455556666")

    assert result.exit_code == 2
    assert f"refused: these credentials are of account {account.account_id}" in result.output


def test_interrupted_clean_up_is_finished_by_clean(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("tests.live.__main__.clean", interrupted)
        stopped = run(tmp_path, "--only", "bus/control")
    again = run(tmp_path, "--only", "bus/control")
    cleaned = run(tmp_path, "--clean")

    assert (stopped.exit_code, again.exit_code, cleaned.exit_code) == (2, 2, 0)
    assert "interrupted: --clean deletes what is left" in stopped.output
    assert "refused: an earlier run has left something behind" in again.output
    assert cleaned.output == "nothing of the live test is left, by ledger, prefix and tag\n"
    assert account.client("sns").list_topics()["Topics"] == []


def test_probes_are_listed_and_an_unknown_one_is_an_error(tmp_path: Path) -> None:
    listed = CliRunner().invoke(main, ["--list", "--only", "metric"])
    unknown = run(tmp_path, "--only", "bus/nowhere")

    assert [each.partition(":")[0] for each in listed.output.splitlines()] == [
        "metric/default-value",
        "metric/absent-dimension",
        "metric/value-is-no-number",
    ]
    assert unknown.exit_code == 2
    assert "no probe is called bus/nowhere" in unknown.output


def test_probes_have_names_of_their_own_and_assume_one_of_their_answers(tmp_path: Path) -> None:
    probes = [each.probe for each in every_probe(tmp_path)]

    assert len({each.name for each in probes}) == len(probes)
    assert [each.name for each in probes if each.assumed not in each.answers] == []


def test_every_scenario_of_one_region_is_expected_to_say_something() -> None:
    assert set(scenarios.EXPECTED) == {each.title for each in SCENARIOS if each.parameters != BY_RULES}
    assert set(scenarios.EXPECTED.values()) <= {scenarios.TOLD, *Code.__members__}
