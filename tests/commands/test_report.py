"""`report`: the counts of a thousand accounts, and what happens on the way to them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from root_usage_alarm.__main__ import main
from root_usage_alarm.commands.account_results import AccountResult, totals_of, without_stale_green
from root_usage_alarm.commands.aggregate import detailed, is_named_after, rows_of
from root_usage_alarm.commands.report import read
from root_usage_alarm.commands.results_view import as_csv, show
from root_usage_alarm.commands.run_state import State
from root_usage_alarm.desk.exit_status import ExitStatus
from tests.bench.simulated_organization import COMPLIANT, RULE, SimulatedOrganization

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TWO_DAYS = timedelta(hours=48)
RUN = {"aggregator": "aggregator", "rule": RULE}


def report_on(organization: SimulatedOrganization, path: Path, now: datetime = NOW) -> list[AccountResult]:
    state = State(path, RUN, now)
    clients = (organization.client("config"), organization.client("organizations"))
    return read(*clients, "aggregator", RULE, state, TWO_DAYS)


def test_thousand_accounts_are_counted_right(tmp_path: Path) -> None:
    results = report_on(SimulatedOrganization(1_000), tmp_path / "state")

    totals = totals_of(results)
    assert totals.accounts == 1_000
    assert totals.by_type == {"NON_COMPLIANT": 300, "COMPLIANT": 500, "NO_RESULT": 200}
    assert totals.by_link == {"alarm": 100, "subscriber": 100, "trail": 100}
    assert totals.by_code == {"ALARM_UNIT": 100, "NO_TRAIL": 100, "SUBSCRIPTION_PENDING": 100}
    assert totals.status is ExitStatus.NOT_COMPLIANT


def test_command_shows_the_counts_of_a_thousand_accounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "simulated")
    # Results of the year 9999 are young whenever this test runs.
    organization = SimulatedOrganization(1_000, recorded_at=datetime(9999, 1, 1, tzinfo=UTC))

    with organization.answering():
        result = CliRunner().invoke(
            main, ["report", "aggregator", "--region", "us-east-1", "--state", str(tmp_path / "state")]
        )

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert len(lines) == 1_000 + 11
    assert [" ".join(line.split()) for line in lines[-11:-1]] == [
        "accounts 1000",
        "NON_COMPLIANT 300",
        "COMPLIANT 500",
        "NO_RESULT 200",
        "first broken link: alarm 100",
        "ALARM_UNIT 100",
        "first broken link: subscriber 100",
        "SUBSCRIPTION_PENDING 100",
        "first broken link: trail 100",
        "NO_TRAIL 100",
    ]


def test_every_account_has_its_annotation_or_says_why_not(tmp_path: Path) -> None:
    results = {each.account_id: each for each in report_on(SimulatedOrganization(10), tmp_path / "state")}

    assert results["000000000001"].annotation == COMPLIANT
    assert results["000000000005"].annotation == (
        "account 0 has no trail, so nothing that root does is recorded [NO_TRAIL]"
    )
    assert results["000000000008"].note == "AWS Config shows INSUFFICIENT_DATA"
    assert results["000000000009"].note == "the rule has no result here"


def test_caller_who_may_not_list_the_organization_is_told_what_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = report_on(SimulatedOrganization(10, lists_accounts=False), tmp_path / "state")

    assert len(results) == 9
    assert (
        "accounts without a result may be missing: organizations:ListAccounts answered AccessDeniedException"
        in capsys.readouterr().err
    )


def test_green_of_unknown_age_proves_nothing() -> None:
    (result,) = without_stale_green(
        [AccountResult("1", "us-east-1", "COMPLIANT", "as it was")], NOW, TWO_DAYS
    )

    assert (result.compliance_type, result.note) == (
        "NO_RESULT",
        "COMPLIANT, but AWS Config doesn't show since when",
    )


def test_refused_details_leave_no_green_and_are_asked_for_again(tmp_path: Path) -> None:
    results = report_on(SimulatedOrganization(10, shows_details=False), tmp_path / "state")

    assert totals_of(results).by_type == {"NON_COMPLIANT": 3, "NO_RESULT": 7}
    refused = "GetAggregateComplianceDetailsByConfigRule answered AccessDeniedException"
    assert [each.note for each in results].count(refused) == 8
    assert (tmp_path / "state").exists()
    again = report_on(SimulatedOrganization(10), tmp_path / "state")
    assert totals_of(again).by_type == {"NON_COMPLIANT": 3, "COMPLIANT": 5, "NO_RESULT": 2}


def test_calls_are_one_a_thousand_accounts_and_one_for_each_result(tmp_path: Path) -> None:
    organization = SimulatedOrganization(2_000)

    report_on(organization, tmp_path / "state")

    # A tenth of the accounts has no row, and is asked for its generated names.
    assert organization.calls["DescribeAggregateComplianceByConfigRules"] == 2 + 200
    # 1,600 accounts have a result; the pages of 80 of these 1,600 (those that 25 divides) begin with an
    # empty one: numbers 25, 50, ... 2,000 are 80, of which none ends in 8 or 9.
    assert organization.calls["GetAggregateComplianceDetailsByConfigRule"] == 1_680


@pytest.mark.parametrize(
    "generated",
    [
        pytest.param(f"OrgConfigRule-{RULE}-ab12cd34", id="organization-rule"),
        pytest.param(f"{RULE}-conformance-pack-ab12cd34e", id="conformance-pack"),
    ],
)
def test_rules_that_aws_named_are_found(generated: str) -> None:
    organization = SimulatedOrganization(10, rule=generated)

    rows = rows_of(organization.client("config"), "aggregator", RULE, [])

    assert len(rows) == 9
    assert {each.rule for each in rows} == {generated}


def test_generated_name_is_found_beside_an_own_one(tmp_path: Path) -> None:
    """The management account by `make deploy`, a member by a conformance pack."""
    organization = SimulatedOrganization(10, rules={"000000000002": f"{RULE}-conformance-pack-ab12cd34e"})

    results = report_on(organization, tmp_path / "state")

    assert totals_of(results).by_type == {"NON_COMPLIANT": 3, "COMPLIANT": 5, "NO_RESULT": 2}
    # One for the rule's own name, one for each of the two accounts that don't have it.
    assert organization.calls["DescribeAggregateComplianceByConfigRules"] == 3


def test_account_that_the_aggregator_does_not_know_has_no_result_and_stops_nobody(tmp_path: Path) -> None:
    organization = SimulatedOrganization(10, unknown=frozenset({"000000000009"}))

    results = {each.account_id: each for each in report_on(organization, tmp_path / "state")}

    assert len(results) == 10
    assert results["000000000009"].note == "the rule has no result here"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(f"{RULE}2", id="longer-name"),
        pytest.param(f"OrgConfigRule-Other-{RULE}-ab12", id="another-organization-rule"),
        pytest.param(f"OrgConfigRule-{RULE}", id="without-a-hash"),
    ],
)
def test_rules_of_others_are_left_alone(name: str) -> None:
    assert not is_named_after(name, RULE)


def test_interrupted_report_reads_only_what_it_lacks(tmp_path: Path) -> None:
    organization = SimulatedOrganization(100)
    state = State(tmp_path / "state", RUN, NOW)
    config = organization.client("config")
    detailed(config, "aggregator", rows_of(config, "aggregator", RULE, [])[:60], state.add)
    with (tmp_path / "state").open("a") as file:
        file.write('{"account_id": "0000')  # cut off in the middle
    again = SimulatedOrganization(100)

    results = report_on(again, tmp_path / "state", NOW + timedelta(hours=1))

    assert totals_of(results).by_type == {"NON_COMPLIANT": 30, "COMPLIANT": 50, "NO_RESULT": 20}
    # 80 accounts have a result, 54 of them were among the first sixty rows (six had INSUFFICIENT_DATA);
    # account 100's pages begin with an empty one, account 75's too.
    assert again.calls["GetAggregateComplianceDetailsByConfigRule"] == 80 - 54 + 2


@pytest.mark.parametrize(
    ("aggregator", "later"),
    [
        pytest.param("another", timedelta(0), id="of-another-aggregator"),
        pytest.param("aggregator", timedelta(hours=7), id="too-old"),
    ],
)
def test_state_that_does_not_belong_is_left_behind(tmp_path: Path, aggregator: str, later: timedelta) -> None:
    State(tmp_path / "state", RUN | {"aggregator": aggregator}, NOW).add(
        AccountResult("1", "us-east-1", "COMPLIANT")
    )

    assert State(tmp_path / "state", RUN, NOW + later).known == {}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param('{"aggrega', id="cut-off"),
        pytest.param("[]", id="no-object"),
        pytest.param(json.dumps(RUN | {"started": None}), id="no-time"),
        pytest.param(
            json.dumps(RUN | {"started": NOW.isoformat()}) + '\n{"account": "of another version"}',
            id="of-another-version",
        ),
        pytest.param(
            json.dumps(RUN | {"started": (NOW + timedelta(hours=1)).isoformat()})
            + '\n{"account_id": "1", "compliance_type": "COMPLIANT"}',
            id="of-the-future",
        ),
        pytest.param(
            json.dumps(RUN | {"started": NOW.isoformat()})
            + '\n{"account_id": "1", "compliance_type": "GREEN"}',
            id="unknown-compliance-type",
        ),
        pytest.param(
            json.dumps(RUN | {"started": NOW.isoformat()})
            + '\n{"account_id": "1", "compliance_type": "COMPLIANT", "annotation": {}}',
            id="annotation-no-text",
        ),
    ],
)
def test_state_that_can_not_be_read_is_left_behind(tmp_path: Path, text: str) -> None:
    (tmp_path / "state").write_text(text)

    assert State(tmp_path / "state", RUN, NOW).known == {}


def test_account_whose_result_changed_meanwhile_is_read_again(tmp_path: Path) -> None:
    organization = SimulatedOrganization(1)
    state = State(tmp_path / "state", RUN, NOW)
    state.add(AccountResult("000000000001", "us-east-1", "NON_COMPLIANT", "as it was", rule=RULE))

    (result,) = report_on(organization, tmp_path / "state")

    assert result.annotation == COMPLIANT


def test_state_of_bytes_that_are_no_text_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"\xff\xfe{")

    assert State(tmp_path / "state", RUN, NOW).known == {}


def test_state_that_can_not_be_written_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "simulated")

    result = CliRunner().invoke(
        main, ["report", "aggregator", "--region", "us-east-1", "--state", str(tmp_path)]
    )

    assert result.exit_code == 2
    assert result.output.startswith("could not run: ")
    assert result.output.count("\n") == 1


def test_accounts_have_the_names_that_the_organization_gives_them(tmp_path: Path) -> None:
    results = report_on(SimulatedOrganization(10), tmp_path / "state")

    assert {each.account_id: each.name for each in results}["000000000005"] == "account 5"
    (row, *_) = csv.DictReader(io.StringIO(as_csv(results)))
    assert row["accountName"] == f"account {int(row['accountId'])}"


def test_whole_report_leaves_no_state_behind(tmp_path: Path) -> None:
    report_on(SimulatedOrganization(10), tmp_path / "state")

    assert not (tmp_path / "state").exists()


def test_account_in_two_regions_is_counted_once_by_its_worst() -> None:
    results = [
        AccountResult("1", "us-east-1", "COMPLIANT"),
        AccountResult("1", "eu-west-1", "NON_COMPLIANT", code="ALARM_UNIT"),
        AccountResult("2", "us-east-1", "COMPLIANT"),
        AccountResult("2", "eu-west-1", "NO_RESULT"),
    ]

    totals = totals_of(results)

    assert (totals.accounts, totals.by_type) == (2, {"NON_COMPLIANT": 1, "COMPLIANT": 1})


def test_link_of_an_annotation_without_a_code_is_unknown() -> None:
    totals = totals_of([AccountResult("1", "us-east-1", "NON_COMPLIANT", "of another rule's making")])

    assert (totals.by_link, totals.by_code) == ({"unknown": 1}, {})


def aged(compliance_type: str, hours: float) -> AccountResult:
    recorded_at = (NOW - timedelta(hours=hours)).isoformat()
    return AccountResult("1", "us-east-1", compliance_type, "as it was", recorded_at=recorded_at)


def test_green_that_nobody_renewed_proves_nothing(tmp_path: Path) -> None:
    """A rule that stopped leaves its last result standing."""
    organization = SimulatedOrganization(10, recorded_at=NOW - timedelta(days=9))

    results = report_on(organization, tmp_path / "state")

    assert totals_of(results).by_type == {"NON_COMPLIANT": 3, "NO_RESULT": 7}
    assert {each.note for each in results if each.annotation == COMPLIANT} == {
        "COMPLIANT on 2026-11-11, and no result since: does the rule still run here?"
    }


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(aged("COMPLIANT", 47.9), id="young-green"),
        pytest.param(aged("NON_COMPLIANT", 480), id="old-red"),
    ],
)
def test_result_that_still_holds_is_left_as_it_is(result: AccountResult) -> None:
    assert without_stale_green([result], NOW, TWO_DAYS) == [result]


def shown(results: list[AccountResult], output: str) -> str:
    text = io.StringIO()
    show(Console(file=text, width=200, highlight=False), results, output)
    return text.getvalue()


RESULTS = [
    AccountResult("111122223333", "us-east-1", "COMPLIANT", "root use is told", rule=RULE),
    AccountResult(
        "444455556666", "us-east-1", "NON_COMPLIANT", "alarm `[b]`: rings at >= 5", "ALARM_THRESHOLD_TOO_HIGH"
    ),
    AccountResult("777788889999", note="the rule has no result here"),
]


def test_text_leads_with_broken_accounts_and_ends_with_the_counts() -> None:
    assert [line.rstrip() for line in shown(RESULTS, "text").splitlines()] == [
        "444455556666  us-east-1      NON_COMPLIANT  alarm `[b]`: rings at >= 5",
        "111122223333  us-east-1      COMPLIANT      root use is told",
        "777788889999                 NO_RESULT      the rule has no result here",
        " accounts                      3",
        " NON_COMPLIANT                 1",
        " COMPLIANT                     1",
        " NO_RESULT                     1",
        "   first broken link: alarm    1",
        "     ALARM_THRESHOLD_TOO_HIGH  1",
    ]


def test_json_has_the_counts_and_every_account() -> None:
    document: dict[str, Any] = json.loads(shown(RESULTS, "json"))

    assert document["byComplianceType"] == {"NON_COMPLIANT": 1, "COMPLIANT": 1, "NO_RESULT": 1}
    assert document["byFirstBrokenLink"] == {"alarm": 1}
    assert document["byFirstFinding"] == {"ALARM_THRESHOLD_TOO_HIGH": 1}
    assert [each["accountId"] for each in document["results"]] == [
        "444455556666",
        "111122223333",
        "777788889999",
    ]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5))])
def test_oldest_result_is_told_with_its_age(zone: timezone) -> None:
    old = (datetime.now(UTC) - timedelta(hours=70, minutes=30)).astimezone(zone)
    results = [
        replace(RESULTS[0], recorded_at=datetime.now(UTC).isoformat()),
        replace(RESULTS[1], recorded_at=old.isoformat()),
        RESULTS[2],
    ]

    *_, last = shown(results, "text").splitlines()
    said = f"oldest result 70 hours old, {old.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    assert " ".join(last.split()) == said
    assert json.loads(shown(results, "json"))["oldestResultAt"] == old.isoformat()


def test_csv_cell_is_no_formula_to_a_spreadsheet() -> None:
    evil = AccountResult("1", "us-east-1", "NON_COMPLIANT", '=HYPERLINK("x")')

    (row,) = csv.DictReader(io.StringIO(as_csv([evil])))

    assert row["annotation"] == '\'=HYPERLINK("x")'
