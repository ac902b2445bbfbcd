"""The roll-out to an organization: the StackSet's calls, its status, and AWS's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from botocore.validate import ParamValidator
from root_usage.parameters import Parameters, parse_parameters

from root_usage_alarm.deployment import central, conformance_pack, member, names, rule_folder
from root_usage_alarm.deployment.organization import (
    InputParametersTooLong,
    Organization,
    input_parameters,
    parameter_floor,
    reservable_concurrency,
)
from root_usage_alarm.deployment.stack_set import (
    MOST_UNITS,
    PREFERENCES,
    StackSet,
    has_failed,
    status_lines,
)
from root_usage_alarm.deployment.stacks import StackFailed
from root_usage_alarm.deployment.target import CannotDeploy, Target

BODY = {"TemplateBody": "{}"}
NAME = {"StackSetName": "RootUsageAlarmRule-members", "CallAs": "DELEGATED_ADMIN"}
DETAILS = {
    **NAME,
    "TemplateBody": "{}",
    "Parameters": [{"ParameterKey": "FunctionArn", "ParameterValue": "arn"}],
    "Capabilities": ["CAPABILITY_NAMED_IAM"],
    "PermissionModel": "SERVICE_MANAGED",
    "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
}
INSTANCES = {
    **NAME,
    "DeploymentTargets": {"OrganizationalUnitIds": ["ou-ab12-11111111"]},
    "Regions": ["eu-west-1"],
    "OperationPreferences": ANY,
}


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    cloudformation = boto3.client(
        "cloudformation", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(cloudformation) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def stack_set(stubber: Stubber, told: list[str]) -> StackSet:
    client: Any = stubber.client
    return StackSet(client, "DELEGATED_ADMIN", "eu-west-1", sleep=lambda _: None, tell=told.append)


def add_operation(stubber: Stubber, number: str, *states: str) -> None:
    for state in states:
        stubber.add_response(
            "describe_stack_set_operation",
            {"StackSetOperation": {"Status": state}},
            {**NAME, "OperationId": number},
        )
        stubber.add_response("list_stack_set_operation_results", {"Summaries": []})


def test_first_roll_out_makes_the_stack_set_and_its_instances(
    stubber: Stubber, stack_set: StackSet, told: list[str]
) -> None:
    stubber.add_client_error("describe_stack_set", "StackSetNotFoundException")
    stubber.add_response(
        "create_stack_set", {"StackSetId": "id"}, {**DETAILS, "ManagedExecution": {"Active": True}}
    )
    stubber.add_response("create_stack_instances", {"OperationId": "1-2"}, INSTANCES)

    stack_set.put(BODY, {"FunctionArn": "arn"}, ("ou-ab12-11111111",))

    (line,) = told
    assert line == (
        "StackSet RootUsageAlarmRule-members: goes to ou-ab12-11111111 (operation 1-2); "
        "`make deploy-org-status` follows it"
    )


def ended(account: str, state: str, reason: str = "") -> dict[str, str]:
    return {"Account": account, "Region": "eu-west-1", "Status": state, "StatusReason": reason}


def test_each_account_is_told_once_as_it_ends(stubber: Stubber, stack_set: StackSet, told: list[str]) -> None:
    first, second, third = "111111111111", "222222222222", "333333333333"
    looks = {
        "QUEUED": [ended(first, "PENDING")],
        "RUNNING": [ended(first, "SUCCEEDED"), ended(second, "RUNNING"), ended(third, "PENDING")],
        "FAILED": [
            ended(first, "SUCCEEDED"),
            ended(second, "FAILED", "no recorder"),
            ended(third, "CANCELLED", "stopped"),
        ],
    }
    operation = {**NAME, "OperationId": "1"}
    stubber.add_response(
        "list_stack_set_operations",
        {"Summaries": [{"OperationId": "1", "Action": "CREATE", "Status": "QUEUED"}]},
        {**NAME, "MaxResults": 1},
    )
    for state, results in looks.items():
        stubber.add_response(
            "describe_stack_set_operation", {"StackSetOperation": {"Status": state}}, operation
        )
        stubber.add_response("list_stack_set_operation_results", {"Summaries": results}, operation)

    stack_set.follow()

    assert told == [
        "  SUCCEEDED 111111111111 eu-west-1",
        "  FAILED 222222222222 eu-west-1: no recorder",
        "  CANCELLED 333333333333 eu-west-1: stopped",
    ]


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED"])
def test_second_roll_out_updates_and_waits_before_it_adds_what_is_new(
    stubber: Stubber, stack_set: StackSet, told: list[str], state: str
) -> None:
    """An update that failed in some accounts keeps none of the others from being added."""
    stubber.add_response(
        "describe_stack_set", {"StackSet": {"OrganizationalUnitIds": ["ou-ab12-22222222"]}}, NAME
    )
    stubber.add_response("update_stack_set", {"OperationId": "1"}, {**DETAILS, "OperationPreferences": ANY})
    add_operation(stubber, "1", "QUEUED", "RUNNING", state)
    stubber.add_response("create_stack_instances", {"OperationId": "2"}, INSTANCES)

    went_well = stack_set.put(BODY, {"FunctionArn": "arn"}, ("ou-ab12-22222222", "ou-ab12-11111111"))

    assert told[0] == f"StackSet RootUsageAlarmRule-members: update {state}"
    assert went_well is (state == "SUCCEEDED")


def test_organizational_unit_that_it_has_is_not_added_again(stubber: Stubber, stack_set: StackSet) -> None:
    stubber.add_response(
        "describe_stack_set", {"StackSet": {"OrganizationalUnitIds": ["ou-ab12-11111111"]}}, NAME
    )
    stubber.add_response("update_stack_set", {"OperationId": "1"}, {**DETAILS, "OperationPreferences": ANY})
    add_operation(stubber, "1", "SUCCEEDED")

    stack_set.put(BODY, {"FunctionArn": "arn"}, ("ou-ab12-11111111",))


def test_more_organizational_units_than_a_call_takes_are_added_by_several(
    stubber: Stubber, stack_set: StackSet, told: list[str]
) -> None:
    units = [f"ou-ab12-{number:08d}" for number in range(MOST_UNITS + 1)]
    stubber.add_client_error("describe_stack_set", "StackSetNotFoundException")
    stubber.add_response("create_stack_set", {"StackSetId": "id"})
    for batch in (units[:50], units[50:]):
        targets = {"DeploymentTargets": {"OrganizationalUnitIds": batch}}
        stubber.add_response("create_stack_instances", {"OperationId": "1"}, {**INSTANCES, **targets})

    stack_set.put(BODY, {"FunctionArn": "arn"}, units)

    assert len(told) == 2


def test_undeploying_empties_the_accounts_before_the_stack_set_goes(
    stubber: Stubber, stack_set: StackSet
) -> None:
    described = {"StackSet": {"OrganizationalUnitIds": ["ou-ab12-11111111"]}}
    stubber.add_response("describe_stack_set", described, NAME)
    stubber.add_response("delete_stack_instances", {"OperationId": "3"}, {**INSTANCES, "RetainStacks": False})
    add_operation(stubber, "3", "SUCCEEDED")
    stubber.add_response("delete_stack_set", {}, NAME)

    assert stack_set.delete()


def test_stack_set_that_does_not_leave_every_account_stays(stubber: Stubber, stack_set: StackSet) -> None:
    described = {"StackSet": {"OrganizationalUnitIds": ["ou-ab12-11111111"]}}
    stubber.add_response("describe_stack_set", described, NAME)
    stubber.add_response("delete_stack_instances", {"OperationId": "3"}, {**INSTANCES, "RetainStacks": False})
    add_operation(stubber, "3", "FAILED")

    with pytest.raises(StackFailed) as failure:
        stack_set.delete()

    assert str(failure.value) == (
        "StackSet RootUsageAlarmRule-members: taking it out of the accounts ended FAILED; "
        "`make deploy-org-status` names them"
    )


def test_status_counts_states_and_names_accounts_that_failed() -> None:
    instances: list[dict[str, Any]] = [
        {
            "Account": "111122223333",
            "Region": "eu-west-1",
            "Status": "CURRENT",
            "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"},
        },
        {
            "Account": "444455556666",
            "Region": "eu-west-1",
            "Status": "OUTDATED",
            "StackInstanceStatus": {"DetailedStatus": "FAILED"},
            "StatusReason": "ResourceLogicalId:Rule, NoAvailableConfigurationRecorder",
        },
        {
            "Account": "777788889999",
            "Region": "eu-west-1",
            "Status": "OUTDATED",
            "StackInstanceStatus": {"DetailedStatus": "PENDING"},
        },
    ]

    assert list(status_lines(instances)) == [
        "3 accounts: 1 FAILED, 1 PENDING, 1 SUCCEEDED",
        "444455556666 eu-west-1 FAILED: ResourceLogicalId:Rule, NoAvailableConfigurationRecorder",
    ]


def test_status_of_no_accounts() -> None:
    assert list(status_lines([])) == ["0 accounts: none yet"]


def test_members_rule_names_its_region_the_evaluation_role_and_the_reading_role() -> None:
    roles = [
        f"arn:aws:iam::{each}:role/RootUsageAlarmRule-reading" for each in ("444455556666", "777788889999")
    ]

    assert json.loads(input_parameters("eu-west-1", parameter_floor("eu-west-1", {}), roles)) == {
        "ReportingRegion": "eu-west-1",
        "ExecutionRoleName": "RootUsageAlarmRule-evaluation-eu-west-1",
        "ReadingRoleName": "RootUsageAlarmRule-reading",
    }


def test_what_is_rolled_out_is_the_floor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    optional = {"PersonProtocols": "email,sms", "ReportingRegion": "us-east-1", "RequireRootMfa": ""}
    parameters = {"InputParameters": "{}", "OptionalParameters": json.dumps(optional)}
    (tmp_path / "parameters.json").write_text(json.dumps({"Parameters": parameters}))
    monkeypatch.setattr(rule_folder, "PARAMETERS", tmp_path / "parameters.json")

    floor = parameter_floor("eu-west-1", {})

    assert floor == {"PersonProtocols": "email,sms", "ReportingRegion": "us-east-1"}
    assert floor.items() <= json.loads(input_parameters("eu-west-1", floor, ())).items()


def test_members_own_parameters_are_those_of_the_floor() -> None:
    """Nothing is said of the floor where nobody changed anything."""
    floor = parameter_floor("eu-west-1", {"MinConfirmedSubscribers": "2"})

    parsed = parse_parameters(json.loads(input_parameters("eu-west-1", floor, ())), json.dumps(floor))

    assert isinstance(parsed, Parameters)
    assert parsed.held == ()
    assert parsed.min_confirmed_subscribers == 2


def test_organizations_function_has_the_floor_in_its_environment_and_shares_answers() -> None:
    template = central.template()

    environment = template["Resources"]["Function"]["Properties"]["Environment"]
    assert environment == {"Variables": {"PARAMETER_FLOOR": {"Ref": "ParameterFloor"}, "SHARED_MINUTES": "5"}}
    assert template["Parameters"]["ParameterFloor"]["Default"] == ""


def test_rule_parameters_beyond_the_limit_of_aws_config_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = {"InputParameters": "{}", "OptionalParameters": json.dumps({"PersonProtocols": "x" * 1024})}
    (tmp_path / "parameters.json").write_text(json.dumps({"Parameters": parameters}))
    monkeypatch.setattr(rule_folder, "PARAMETERS", tmp_path / "parameters.json")

    with pytest.raises(InputParametersTooLong, match="AWS Config takes 1024"):
        input_parameters("eu-west-1", parameter_floor("eu-west-1", {}), ())


def test_layer_and_members_function_run_on_the_runtime_of_parameters_json() -> None:
    rule = json.loads(rule_folder.PARAMETERS.read_text())["Parameters"]

    assert rule["SourceRuntime"] == f"{names.RUNTIME}-lib"


@pytest.mark.parametrize("make", [member.template, member.conformance_pack], ids=["stack-set", "pack"])
def test_members_rule_and_remediation_are_wired_to_each_other(make: Any) -> None:
    resources = make()["Resources"]

    assert resources["Rule"]["Properties"]["Source"]["SourceIdentifier"] == {"Ref": "FunctionArn"}
    remediation = resources["Remediation"]["Properties"]
    assert remediation["ConfigRuleName"] == resources["Rule"]["Properties"]["ConfigRuleName"]
    assert remediation["Automatic"] is False
    assert remediation["Parameters"]["AccountId"] == {"ResourceValue": {"Value": "RESOURCE_ID"}}
    assert remediation["Parameters"]["TopicArn"] == {
        "Fn::If": [
            "TellsOneTopic",
            {"StaticValue": {"Values": [{"Ref": "TopicArn"}]}},
            {"Ref": "AWS::NoValue"},
        ]
    }


def test_region_without_the_resource_gets_the_rule_without_the_button() -> None:
    """CloudFormation refuses a template with a type that it doesn't know there, used or not."""
    everywhere, there = (
        member.template("eu-west-1")["Resources"],
        member.template("mx-central-1")["Resources"],
    )

    assert set(everywhere) - set(there) == {"Remediation"}
    assert everywhere["Remediation"]["Type"] == "AWS::Config::RemediationConfiguration"
    assert "RemediationDocument" in there


def test_suspended_account_is_no_failure_and_failures_stop_no_other_account() -> None:
    suspended = {"StackInstanceStatus": {"DetailedStatus": "SKIPPED_SUSPENDED_ACCOUNT"}}

    assert not has_failed(suspended)
    assert PREFERENCES["FailureTolerancePercentage"] == 100


def test_pack_names_what_its_prerequisites_make() -> None:
    made = member.prerequisites()["Resources"]
    remediation = member.conformance_pack()["Resources"]["Remediation"]["Properties"]

    assert set(made) == {"EvaluationRole", "AutomationRole", "DeliveryRole", "RemediationDocument"}
    assert remediation["TargetId"] == made["RemediationDocument"]["Properties"]["Name"]
    assert remediation["TargetVersion"] == "1"
    (role,) = remediation["Parameters"]["AutomationAssumeRole"]["StaticValue"]["Values"]
    assert role["Fn::Sub"].endswith(":role/" + made["AutomationRole"]["Properties"]["RoleName"]["Fn::Sub"])


def function_policy(account_ids: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    resources = central.template(account_ids)["Resources"]
    assert "AWS::Lambda::Permission" not in [each["Type"] for each in resources.values()]
    statements: list[dict[str, Any]] = resources["FunctionPolicy"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    return statements


def test_only_the_organizations_config_may_invoke_the_function() -> None:
    (statement,) = function_policy()

    assert statement["Principal"] == {"Service": "config.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceOrgID": {"Ref": "OrganizationId"}}}


def test_accounts_of_today_are_named_beside_the_organization() -> None:
    """AWS documents aws:SourceAccount for AWS Config, and aws:SourceOrgID only for services in general."""
    statements = function_policy(("222222222222", "111111111111"))

    assert [each["Condition"]["StringEquals"] for each in statements] == [
        {"aws:SourceOrgID": {"Ref": "OrganizationId"}},
        {"aws:SourceAccount": ["111111111111", "222222222222"]},
    ]
    assert {json.dumps(each["Principal"]) for each in statements} == {'{"Service": "config.amazonaws.com"}'}


def test_policy_with_as_many_accounts_as_are_named_fits_into_lambdas_limit() -> None:
    accounts = tuple(f"{number:012d}" for number in range(central.MOST_ACCOUNTS_NAMED))

    assert len(json.dumps(function_policy(accounts), separators=(",", ":"))) < 20_480 - 500


def test_account_that_joins_takes_no_other_accounts_name_out_of_the_policy() -> None:
    """Those that don't fit come in by the organization, and the oldest members stay named."""
    oldest = tuple(f"9{number:011d}" for number in range(central.MOST_ACCOUNTS_NAMED))

    _, before = function_policy(oldest)
    by_organization, after = function_policy((*oldest, "000000000001"))

    assert after == before
    assert by_organization["Condition"] == {"StringEquals": {"aws:SourceOrgID": {"Ref": "OrganizationId"}}}


@pytest.fixture
def organizations() -> Iterator[Stubber]:
    client = boto3.client("organizations", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber


class SessionOf:
    """A session whose every client is that one."""

    region_name = "eu-west-1"

    def __init__(self, client: Any) -> None:
        self._client = client

    def client(self, _: str) -> Any:
        return self._client


def organization_of(stubber: Stubber) -> Organization:
    session: Any = SessionOf(stubber.client)
    return Organization(Target(session, None, "111122223333", "aws"), "o-exampleorgid", "444455556666")


def test_accounts_come_in_the_order_in_which_they_joined(organizations: Stubber) -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    accounts = [("333333333333", day + timedelta(1)), ("222222222222", day), ("111111111111", day)]
    organizations.add_response(
        "list_accounts", {"Accounts": [{"Id": each, "JoinedTimestamp": joined} for each, joined in accounts]}
    )

    ids = organization_of(organizations).account_ids()

    assert ids == ["111111111111", "222222222222", "333333333333"]


@pytest.mark.parametrize(
    ("unreserved", "own", "reserved", "notes"),
    [
        pytest.param(1_000, {}, 10, 0, id="ordinary-quota"),
        pytest.param(110, None, 10, 0, id="just-enough-and-no-function-yet"),
        pytest.param(100, {"ReservedConcurrentExecutions": 10}, 10, 0, id="its-own-already"),
        pytest.param(109, {}, 0, 1, id="one-too-few"),
        pytest.param(10, None, 0, 1, id="quota-of-a-new-account"),
    ],
)
def test_concurrency_is_reserved_where_lambda_lets_it(
    unreserved: int,
    own: dict[str, int] | None,
    reserved: int,
    notes: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = boto3.client("lambda", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        limit = {"AccountLimit": {"UnreservedConcurrentExecutions": unreserved}}
        stubber.add_response("get_account_settings", limit)
        if own is None:
            stubber.add_client_error("get_function_concurrency", "ResourceNotFoundException")
        else:
            stubber.add_response(
                "get_function_concurrency", own, {"FunctionName": names.ORGANIZATION_FUNCTION}
            )

        assert reservable_concurrency(client) == reserved

    assert capsys.readouterr().out.count("note: Lambda's quota") == notes


def test_function_reserves_what_its_parameter_says_or_nothing() -> None:
    template = central.template()

    assert template["Parameters"]["ReservedConcurrency"]["Default"] == 10
    assert template["Resources"]["Function"]["Properties"]["ReservedConcurrentExecutions"] == {
        "Fn::If": ["IsBounded", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]
    }


@pytest.mark.parametrize(
    ("ous", "is_in"),
    [
        pytest.param(("ou-ab12-22222222",), True, id="its-unit"),
        pytest.param(("ou-ab12-11111111",), True, id="unit-above-its-unit"),
        pytest.param(("r-ab12",), True, id="root"),
        pytest.param(("ou-ab12-33333333",), False, id="another-unit"),
    ],
)
def test_management_account_is_in_what_is_above_it(
    organizations: Stubber, ous: tuple[str, ...], is_in: bool
) -> None:
    way = [("ou-ab12-22222222", "ORGANIZATIONAL_UNIT"), ("ou-ab12-11111111", "ORGANIZATIONAL_UNIT")]
    child = "444455556666"
    for parent, kind in [*way, ("r-ab12", "ROOT")]:
        organizations.add_response(
            "list_parents", {"Parents": [{"Id": parent, "Type": kind}]}, {"ChildId": child}
        )
        child = parent

    assert organization_of(organizations).management_account_is_in(ous) is is_in


@pytest.mark.parametrize(
    "answer", [pytest.param({"Status": "DISABLED"}, id="disabled"), pytest.param({}, id="nothing-said")]
)
def test_stack_sets_without_trusted_access_are_an_error(stubber: Stubber, answer: dict[str, str]) -> None:
    stubber.add_response("describe_organizations_access", answer, {"CallAs": "DELEGATED_ADMIN"})

    with pytest.raises(CannotDeploy) as refused:
        organization_of(stubber).require_trusted_access()

    assert refused.value.message == (
        "StackSets have no trusted access to the organization: run "
        "`aws cloudformation activate-organizations-access` in the management account"
    )


def test_conformance_packs_command_takes_its_parameters_from_a_file(tmp_path: Path) -> None:
    parameters = {
        "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:RootUsageAlarmRule-organization",
        "FunctionRoleArn": "arn:aws:iam::111122223333:role/RootUsageAlarmRule-organization-eu-west-1",
        "InputParameters": '{"ExecutionRoleName": "RootUsageAlarmRule-evaluation-eu-west-1"}',
        "SubscriptionEndpoint": "",
        "TopicArn": "",
        "ReadingRoleArns": "",
    }

    command = conformance_pack.command(parameters, tmp_path / "values.json").split()

    options = dict(zip(command[3::2], command[4::2], strict=True))
    template = Path(options["--template-body"].removeprefix("file://")).read_text()
    given = json.loads(
        Path(options["--conformance-pack-input-parameters"].removeprefix("file://")).read_text()
    )
    assert {each["ParameterName"] for each in given} == {"FunctionArn", "InputParameters"}
    model = boto3.client("config", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x").meta
    request = {
        "OrganizationConformancePackName": options["--organization-conformance-pack-name"],
        "TemplateBody": template,
        "ConformancePackInputParameters": given,
    }
    shape: Any = model.service_model.operation_model("PutOrganizationConformancePack").input_shape
    assert not ParamValidator().validate(request, shape).has_errors()
