"""`make deploy-org`: a StackSet's stacks in several accounts, and one function that evaluates them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm.__main__ import main
from root_usage_alarm.deployment import stack_set
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.local_aws.corrections.identity import access_key_of
from root_usage_alarm.local_aws.sessions import new_session
from tests.emulator.emulator import Ministack
from tests.emulator.records import evaluated, turn_config_on

MANAGEMENT = "777788889999"
REGION = "eu-west-1"
EMAIL = "security@example.com"
WAITING = f"waiting for {EMAIL}: confirm the subscription by the link in AWS's message"


@dataclass(frozen=True, slots=True)
class RollOut:
    """From the first roll-out to the last account, and what was seen on the way."""

    member: str
    late: str
    deployed: Result
    status: list[str]
    failed: Result
    again: Result
    status_again: list[str]
    results: dict[str, dict[str, Any]]
    undeployed: Result
    left: list[str]


@pytest.fixture(scope="module")
def roll_out(server: LocalAws, ministack: Ministack) -> Iterator[RollOut]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**server.environment(MANAGEMENT, REGION), **ministack.environment()}.items():
            patch.setenv(name, value)
        patch.setattr(stack_set, "SECONDS_BETWEEN_LOOKS", 0.1)
        yield roll(server)


def roll(server: LocalAws) -> RollOut:
    """Two members below the root; in one of them AWS Config is turned on too late for the first roll-out."""
    management = Account(MANAGEMENT, REGION, server.endpoint_url)
    root, ids = make_organization(management.client("organizations"))
    member, late = (Account(each, REGION, server.endpoint_url) for each in ids)
    for account in (management, member, late):
        account.client("iam").generate_credential_report()
    turn_config_on(management)
    turn_config_on(member)
    build_working_chain(management, alarm={"Unit": "Count"})
    build_working_chain(member)
    deployed, status = run("deploy-org", "--ou", root, "--email", EMAIL), status_at_the_end()
    failed = run("deploy-org", "--ou", root, "--email", EMAIL)
    turn_config_on(late)
    again, status_again = run("deploy-org", "--ou", root, "--email", EMAIL), status_at_the_end()
    results = {each.account_id: evaluated(each) for each in (management, member, late)}
    undeployed = run("undeploy-org")
    left = [left_in(each) for each in (management, member, late)]
    return RollOut(
        member.account_id,
        late.account_id,
        deployed,
        status,
        failed,
        again,
        status_again,
        results,
        undeployed,
        [each for lists in left for each in lists],
    )


def make_organization(organizations: Any) -> tuple[str, list[str]]:
    """The root, and the accounts of an organizational unit below it."""
    organizations.create_organization(FeatureSet="ALL")
    (root,) = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(ParentId=root["Id"], Name="workloads")
    unit_id = unit["OrganizationalUnit"]["Id"]
    return root["Id"], [add_member(organizations, root["Id"], unit_id, name) for name in ("first", "late")]


def add_member(organizations: Any, root_id: str, unit_id: str, name: str) -> str:
    created = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
    account_id: str = created["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=account_id, SourceParentId=root_id, DestinationParentId=unit_id)
    return account_id


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, input="y\n")


def status_at_the_end() -> list[str]:
    """Without the lines of the accounts, which come first."""
    lines = run("deploy-org-status", "--follow").output.splitlines()
    return [each for each in lines if not each.startswith("  ")]


def left_in(account: Account) -> list[str]:
    """Stacks, rules and documents."""
    key = access_key_of(account.account_id)
    session = new_session(aws_access_key_id=key, aws_secret_access_key="local", region_name=REGION)
    stacks = session.client("cloudformation").describe_stacks()["Stacks"]
    rules = account.client("config").describe_config_rules()["ConfigRules"]
    documents = account.client("ssm").list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])
    return [
        *(each["StackName"] for each in stacks),
        *(each["ConfigRuleName"] for each in rules),
        *(each["Name"] for each in documents["DocumentIdentifiers"]),
    ]


def test_roll_out_goes_to_the_members_and_the_management_account(roll_out: RollOut) -> None:
    (unit,) = set(re.findall(r"r-\w+", roll_out.deployed.output))
    assert without_events(roll_out.deployed) == [
        "region eu-west-1: the home region of trail account-trail",
        "account 777788889999 in eu-west-1",
        "  makes or updates the stacks RootUsageAlarmRule-code and RootUsageAlarmRule-organization",
        f"  has StackSet RootUsageAlarmRule-members bring the rule to all accounts of {unit}",
        "  has root-usage-alarm told, and subscribes security@example.com",
        "Go on? [y/N]: y",
        "stack RootUsageAlarmRule-code ...",
        "layer root-usage-alarm-organization-libraries: version 1 published",
        "stack RootUsageAlarmRule-organization ...",
        (
            f"StackSet RootUsageAlarmRule-members: goes to {unit} (operation 0); "
            "`make deploy-org-status` follows it"
        ),
        "stack RootUsageAlarmRule-management ...",
        "management account 777788889999: has the rule too, by stack RootUsageAlarmRule-management",
        WAITING,
    ]
    assert roll_out.deployed.exit_code == 0


def without_events(result: Result) -> list[str]:
    return [each for each in result.output.splitlines() if not re.match(r"  [A-Z]+_[A-Z_]+ \S+ ", each)]


def test_each_resource_and_each_account_is_told_as_it_ends(roll_out: RollOut) -> None:
    first, failed, again = (
        each.output.splitlines() for each in (roll_out.deployed, roll_out.failed, roll_out.again)
    )

    assert "  CREATE_COMPLETE CodeBucket (AWS::S3::Bucket)" in first
    assert "  CREATE_COMPLETE FunctionRole (AWS::IAM::Role)" in first
    assert f"  SUCCEEDED {roll_out.member} eu-west-1" in failed
    assert [each for each in failed if each.startswith(f"  FAILED {roll_out.late} eu-west-1: ")] != []
    assert f"  SUCCEEDED {roll_out.late} eu-west-1" in again


def test_second_roll_out_takes_the_layer_that_is_there(roll_out: RollOut) -> None:
    assert "layer root-usage-alarm-organization-libraries: version 1 holds it already" in (
        roll_out.again.output.splitlines()
    )


def test_status_names_the_account_that_has_no_rule_and_why(roll_out: RollOut) -> None:
    assert roll_out.status[1:] == [
        "last operation: CREATE FAILED",
        "2 accounts: 1 FAILED, 1 SUCCEEDED",
        (
            f"{roll_out.late} eu-west-1 FAILED: "
            "ResourceLogicalId:Rule, NoAvailableConfigurationRecorderException"
        ),
        "management account 777788889999: CREATE_COMPLETE",
    ]


def test_update_that_fails_in_an_account_is_an_error(roll_out: RollOut) -> None:
    assert roll_out.failed.exit_code == 2
    assert roll_out.failed.output.splitlines()[-1] == (
        "Error: the update failed in some accounts: `make deploy-org-status` names them"
    )


def test_last_roll_out_reaches_the_account_that_failed(roll_out: RollOut) -> None:
    assert without_events(roll_out.again)[-5:] == [
        f"  SUCCEEDED {roll_out.late} eu-west-1",
        "StackSet RootUsageAlarmRule-members: update SUCCEEDED",
        "stack RootUsageAlarmRule-management ...",
        "management account 777788889999: has the rule too, by stack RootUsageAlarmRule-management",
        WAITING,
    ]
    assert roll_out.status_again[2] == "2 accounts: 2 SUCCEEDED"


def test_one_function_evaluates_every_account_by_its_own_evaluation_role(roll_out: RollOut) -> None:
    annotations = {account: each["Annotation"] for account, each in roll_out.results.items()}

    assert annotations == {
        MANAGEMENT: (
            "alarm `RootAccountUsageCountAlarm`: watches unit Count, but metric filter "
            "`RootAccountUsageCount` publishes unit None, so it sees no root event. "
            "Remove the alarm's unit [ALARM_UNIT]"
        ),
        roll_out.member: (
            "root use is told: alarm `RootAccountUsageCountAlarm` -> topic `security-alerts` -> "
            "1 confirmed subscriber (email); root not used for 90 days"
        ),
        roll_out.late: (
            f"account {roll_out.late} has no trail, and no channel in {REGION} records its management "
            "events, so no metric filter there sees root. "
            "Create a multi-region trail that delivers to a log group [NO_TRAIL]"
        ),
    }


def test_undeploy_leaves_nothing_in_any_account(roll_out: RollOut) -> None:
    assert roll_out.undeployed.output.splitlines()[-1] == "topic root-usage-alarm: deleted"
    assert roll_out.undeployed.exit_code == 0
    assert roll_out.left == []
