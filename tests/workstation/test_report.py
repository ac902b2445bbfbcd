"""`report`: the counts of a thousand accounts, and what happens on the way to them."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from workstation.account_results import AccountResult, first_broken_link, totals_of
from workstation.aggregate import detailed, is_named_after, rows_of
from workstation.report_command import read
from workstation.report_state import State
from workstation.results_view import as_csv, show
from workstation.simulated_organization import COMPLIANT, RULE, SimulatedOrganization

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def report_on(organization: SimulatedOrganization, path: Path, now: datetime = NOW) -> list[AccountResult]:
    state = State(path, "aggregator", RULE, now)
    return read(organization.client("config"), organization.client("organizations"), "aggregator", state)


def test_thousand_accounts_are_counted_right(tmp_path: Path) -> None:
    results = report_on(SimulatedOrganization(1_000), tmp_path / "state")

    totals = totals_of(results)
    assert totals.accounts == 1_000
    assert totals.by_type == {"NON_COMPLIANT": 300, "COMPLIANT": 500, "NO_RESULT": 200}
    assert totals.by_link == {"alarm": 100, "subscriber": 100, "trail": 100}
    assert not totals.everybody_is_told


def test_every_account_has_its_annotation_or_says_why_not(tmp_path: Path) -> None:
    results = {each.account_id: each for each in report_on(SimulatedOrganization(10), tmp_path / "state")}

    assert results["000000000001"].annotation == COMPLIANT
    assert (
        results["000000000005"].annotation == "account 0 has no trail, so nothing that root does is recorded"
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


def test_calls_are_one_a_thousand_accounts_and_one_for_each_result(tmp_path: Path) -> None:
    organization = SimulatedOrganization(2_000)

    report_on(organization, tmp_path / "state")

    assert organization.calls["DescribeAggregateComplianceByConfigRules"] == 2
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

    rows = rows_of(organization.client("config"), "aggregator", RULE)

    assert len(rows) == 9
    assert {each.rule for each in rows} == {generated}


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
    state = State(tmp_path / "state", "aggregator", RULE, NOW)
    config = organization.client("config")
    detailed(config, "aggregator", rows_of(config, "aggregator", RULE)[:60], state.add)
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
    State(tmp_path / "state", aggregator, RULE, NOW).add(AccountResult("1", "us-east-1", "COMPLIANT"))

    assert State(tmp_path / "state", "aggregator", RULE, NOW + later).known == {}


def test_account_whose_result_changed_meanwhile_is_read_again(tmp_path: Path) -> None:
    organization = SimulatedOrganization(1)
    state = State(tmp_path / "state", "aggregator", RULE, NOW)
    state.add(AccountResult("000000000001", "us-east-1", "NON_COMPLIANT", "as it was"))

    (result,) = report_on(organization, tmp_path / "state")

    assert result.annotation == COMPLIANT


def test_whole_report_leaves_no_state_behind(tmp_path: Path) -> None:
    report_on(SimulatedOrganization(10), tmp_path / "state")

    assert not (tmp_path / "state").exists()


def test_account_in_two_regions_is_counted_once_by_its_worst() -> None:
    results = [
        AccountResult("1", "us-east-1", "COMPLIANT"),
        AccountResult("1", "eu-west-1", "NON_COMPLIANT", link="alarm"),
        AccountResult("2", "us-east-1", "COMPLIANT"),
        AccountResult("2", "eu-west-1", "NO_RESULT"),
    ]

    totals = totals_of(results)

    assert (totals.accounts, totals.by_type) == (2, {"NON_COMPLIANT": 1, "COMPLIANT": 1})


@pytest.mark.parametrize(
    ("annotation", "link"),
    [
        ("cannot verify: rule parameter `X` is unknown, so the rule decides nothing. Remove it", "rule"),
        ("cannot verify account 1: sts:AssumeRole answered AccessDenied. Let the rule's role", "rule"),
        ("cannot verify account 1: cloudtrail:DescribeTrails answered AccessDenied. Allow it", "trail"),
        ("account 1 has no trail, so nothing that root does is recorded. Create", "trail"),
        ("trail `t` doesn't log, so nothing is recorded. Start its logging", "trail"),
        ("cannot verify: trail `t` belongs to account 2, where its log group, alarm and topic are", "trail"),
        ("log group `g` is of class INFREQUENT_ACCESS, which runs no metric filters, so no", "log group"),
        ("the trail's log group `g` doesn't exist in eu-west-1, so root events are lost.", "log group"),
        ("log group `g` has no metric filter, so no alarm sees root events. Add", "metric filter"),
        ("metric filter `f` misses ConsoleLogin by root, so no one is told of it. Add", "metric filter"),
        ("none of the 3 metric filters of log group `g` matches any root event, so", "metric filter"),
        ("no alarm watches metric `N/M` of metric filter `f`, so no one is told.", "alarm"),
        ("alarm `a`: watches unit Count, but metric filter `f` publishes unit None, so", "alarm"),
        ("alarm `topic `: needs 2 breaching datapoints of 2", "alarm"),
        ("alarm `a` has its actions disabled, so no one is told. Enable", "alarm action"),
        ("alarm `a` has no action for the ALARM state, so no one is told.", "alarm action"),
        ("topic `t` of alarm `a` doesn't exist, so no one is told. Create", "alarm action"),
        ("the policy of topic `t` doesn't let CloudWatch publish, so no one is told.", "alarm action"),
        ("topic `t` is encrypted with AWS's own key, which CloudWatch may not use,", "alarm action"),
        ("topic `t` has no subscription, so no one is told. Subscribe a person", "subscriber"),
        ("topic `t` has 1 subscription and none confirmed, so no one is told. Press", "subscriber"),
        ("root was used on 2026-11-19 (console): ConsoleLogin, though no use is allowed", "root user"),
        ("what nobody foresaw [TOPIC_KEY_DENIES]", "alarm action"),
        ("what nobody foresaw", "unknown"),
        ("", "unknown"),
    ],
)
def test_first_broken_link_follows_from_the_annotation(annotation: str, link: str) -> None:
    assert first_broken_link(annotation) == link


def shown(results: list[AccountResult], output: str) -> str:
    text = io.StringIO()
    show(Console(file=text, width=200, highlight=False), results, output)
    return text.getvalue()


RESULTS = [
    AccountResult("111122223333", "us-east-1", "COMPLIANT", "root use is told", rule=RULE),
    AccountResult("444455556666", "us-east-1", "NON_COMPLIANT", "alarm `[b]`: rings at >= 5", "alarm", RULE),
    AccountResult("777788889999", note="the rule has no result here"),
]


def test_text_leads_with_broken_accounts_and_ends_with_the_counts() -> None:
    assert [line.rstrip() for line in shown(RESULTS, "text").splitlines()] == [
        "444455556666  us-east-1      NON_COMPLIANT  alarm `[b]`: rings at >= 5",
        "111122223333  us-east-1      COMPLIANT      root use is told",
        "777788889999                 NO_RESULT      the rule has no result here",
        " accounts                    3",
        " NON_COMPLIANT               1",
        " COMPLIANT                   1",
        " NO_RESULT                   1",
        "   first broken link: alarm  1",
    ]


def test_json_has_the_counts_and_every_account() -> None:
    document: dict[str, Any] = json.loads(shown(RESULTS, "json"))

    assert document["byComplianceType"] == {"NON_COMPLIANT": 1, "COMPLIANT": 1, "NO_RESULT": 1}
    assert document["byFirstBrokenLink"] == {"alarm": 1}
    assert [each["accountId"] for each in document["results"]] == [
        "444455556666",
        "111122223333",
        "777788889999",
    ]


def test_csv_cell_is_no_formula_to_a_spreadsheet() -> None:
    evil = AccountResult("1", "us-east-1", "NON_COMPLIANT", '=HYPERLINK("x")')

    (row,) = csv.DictReader(io.StringIO(as_csv([evil])))

    assert row["annotation"] == '\'=HYPERLINK("x")'
