"""`check-org`: several accounts of the local AWS, each with a fate of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm.__main__ import main
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.commands.refusing import refused

MANAGEMENT = "111122223333"
REGION = "us-east-1"


@pytest.fixture
def aws(server: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> LocalAws:
    server.reset()
    monkeypatch.chdir(tmp_path)
    for name, value in server.environment(MANAGEMENT, REGION).items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def members(aws: LocalAws) -> list[str]:
    """The management account's organization with two members, without anything in any account."""
    organizations = Account(MANAGEMENT, REGION, aws.endpoint_url).client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    return [
        organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"][
            "AccountId"
        ]
        for name in ("first", "second")
    ]


def build(aws: LocalAws, account_id: str, **broken: Any) -> None:
    account = Account(account_id, REGION, aws.endpoint_url)
    account.client("iam").generate_credential_report()
    build_working_chain(account, **broken)


def run(*options: str) -> Result:
    return CliRunner().invoke(main, ["check-org", "RootUsageAlarmRule-check", *options])


def results(outcome: Result) -> dict[str, dict[str, str]]:
    found = json.loads(outcome.stdout)["results"]
    return {each["accountId"]: each for each in found}


def test_each_account_is_judged_by_itself(aws: LocalAws, members: list[str]) -> None:
    build(aws, MANAGEMENT)
    build(aws, members[0], alarm={"Threshold": 5.0})

    outcome = run("--output", "json")

    found = results(outcome)
    assert {each: found[each]["complianceType"] for each in found} == {
        MANAGEMENT: "COMPLIANT",
        members[0]: "NON_COMPLIANT",
        members[1]: "NON_COMPLIANT",
    }
    assert [found[each]["firstBrokenLink"] for each in (MANAGEMENT, *members)] == ["", "alarm", "trail"]
    assert [found[each]["accountName"] for each in members] == ["first", "second"]
    assert outcome.exit_code == 1


def test_everybody_is_told(aws: LocalAws, members: list[str]) -> None:
    for account_id in (MANAGEMENT, *members):
        build(aws, account_id)

    assert run().exit_code == 0


def test_account_without_the_role_has_no_result_and_stops_nobody(aws: LocalAws, members: list[str]) -> None:
    for account_id in (MANAGEMENT, *members):
        build(aws, account_id)

    with refused("sts.AssumeRole", "AccessDenied", members[0]):
        outcome = run("--output", "json")

    found = results(outcome)
    assert found[members[0]]["complianceType"] == "NO_RESULT"
    assert found[members[0]]["note"] == "RootUsageAlarmRule-check: AssumeRole answered AccessDenied"
    assert found[members[1]]["complianceType"] == "COMPLIANT"
    assert outcome.exit_code == 3


def test_management_account_needs_no_role_of_its_own(aws: LocalAws, members: list[str]) -> None:
    """A service-managed StackSet doesn't deploy to it."""
    for account_id in (MANAGEMENT, *members):
        build(aws, account_id)

    with refused("sts.AssumeRole", "AccessDenied", MANAGEMENT):
        outcome = run("--output", "json")

    assert results(outcome)[MANAGEMENT]["complianceType"] == "COMPLIANT"


def test_rule_parameters_hold_for_every_account(aws: LocalAws, members: list[str]) -> None:
    for account_id in (MANAGEMENT, *members):
        build(aws, account_id)

    outcome = run("--output", "json", "--parameter", "MinConfirmedSubscribers=2")

    assert {each["firstBrokenLink"] for each in results(outcome).values()} == {"subscriber"}


def test_expired_credentials_end_the_run_and_the_next_one_goes_on(aws: LocalAws, members: list[str]) -> None:
    for account_id in (MANAGEMENT, *members):
        build(aws, account_id)
    known, last = sorted(members)

    with refused("sts.AssumeRole", "ExpiredTokenException", last):
        outcome = run()

    assert outcome.exit_code == 2
    assert outcome.output == (
        "could not run: your credentials are no longer valid (AssumeRole answered ExpiredTokenException); "
        "sign in and run this again: it goes on from here\n"
    )
    # Who was asked before isn't asked again, so that a refusal there changes nothing.
    with refused("sts.AssumeRole", "AccessDenied", known):
        outcome = run("--output", "json")
    assert outcome.exit_code == 0
    assert outcome.stderr == "1 of 3 accounts are known from an interrupted run\n"
    assert {each["complianceType"] for each in results(outcome).values()} == {"COMPLIANT"}


def test_whole_run_leaves_nothing_that_a_later_one_would_believe(aws: LocalAws, members: list[str]) -> None:
    assert members
    build(aws, MANAGEMENT)
    run()

    assert list(Path("build").iterdir()) == []


def test_interrupted_run_with_other_parameters_is_none_of_this_one(aws: LocalAws, members: list[str]) -> None:
    assert members
    build(aws, MANAGEMENT)
    with refused("sts.AssumeRole", "ExpiredTokenException", max(members)):
        run()

    outcome = run("--parameter", "MinConfirmedSubscribers=2")

    assert "known from an interrupted run" not in outcome.stderr


def test_interrupted_run_is_forgotten_on_request(aws: LocalAws, members: list[str]) -> None:
    assert members
    build(aws, MANAGEMENT)
    with refused("sts.AssumeRole", "ExpiredTokenException", max(members)):
        run()

    assert "known from an interrupted run" not in run("--fresh").stderr


def test_without_an_organization_it_could_not_run(aws: LocalAws) -> None:
    assert aws.endpoint_url
    with refused("organizations.ListAccounts", "AWSOrganizationsNotInUseException"):
        outcome = run()

    assert outcome.exit_code == 2
    assert outcome.output == (
        "could not run: An error occurred (AWSOrganizationsNotInUseException) "
        "when calling the ListAccounts operation: no\n"
    )


def test_some_accounts_only(aws: LocalAws, members: list[str]) -> None:
    build(aws, members[0])

    assert run("--account", members[0]).exit_code == 0
    nobody = run("--account", "999999999999")

    assert nobody.exit_code == 2
    assert "Invalid value for --account: no active account: 999999999999" in nobody.output
