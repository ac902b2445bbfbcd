"""Least privilege, both ways: the policies allow every call of every scenario, and no call besides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import boto3
import pytest
from root_usage.aws.gathering import iam_actions

from root_usage_alarm.build import TEMPLATES
from root_usage_alarm.commands.caller import Caller, SessionClientFactory
from root_usage_alarm.commands.check_org import check_one
from root_usage_alarm.demo.invocation import acting_in, invoke
from root_usage_alarm.demo.scenarios import BY_RULES, SCENARIOS
from root_usage_alarm.deployment import central, names, policies
from root_usage_alarm.desk.rule_parameters import usable_parameters_of
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import ALARM, Chain, build_working_chain
from tests.deployment.enforcement import Enforcement, allows, enforced
from tests.deployment.filled_in import filled_in, inline_policies
from tests.handler import test_event_hubs as hubs

OWNER = "111122223333"
LOG_ARCHIVE = "444455556666"
CENTRAL = "777788889999"
REGION = "us-east-1"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:{OWNER}:function:page"
FUNCTION_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.alarms.cloudwatch.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": FUNCTION_ARN,
        }
    ],
}
# Calls that the local AWS lacks.
ANSWERS: dict[str, dict[str, Any]] = {
    "cloudtrail:LookupEvents": {"Events": []},
    "lambda:GetPolicy": {"Policy": json.dumps(FUNCTION_POLICY)},
}


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    build: Callable[[Account], Any]
    parameters: Mapping[str, str]
    has_credential_report: bool = True


def without_a_report(account: Account) -> None:
    build_working_chain(account)


def root_used_today(account: Account) -> None:
    build_working_chain(account)
    hooks.sign_in_as_root(account.account_id, datetime.now(UTC) - timedelta(hours=3))


def rang_lately(account: Account) -> None:
    build_working_chain(account, alarm={"ActionsEnabled": False})
    cloudwatch = account.client("cloudwatch")
    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue=state, StateReason="drill")
    cloudwatch.enable_alarm_actions(AlarmNames=[ALARM])


ADMIT_CLOUDWATCH = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}}


def channel_only(account: Account) -> None:
    name = "aws-service-channel/cloudwatch/logs"
    hooks.open_channel(account.account_id, account.region, name, {"AdvancedEventSelectors": []})


def own_key(account: Account, **links: Any) -> Chain:
    statement = {**ADMIT_CLOUDWATCH, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    key = account.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    return build_working_chain(account, topic={"KmsMasterKeyId": key}, **links)


def forwarding(account: Account) -> None:
    """To an event bus of its own, which lets the organization in."""
    hubs.in_organization(account, bus_arn=hubs.OWN_ARN)


ALL = [
    *(Scenario(each.title, each.build, each.parameters) for each in SCENARIOS),
    Scenario("no credential report yet", without_a_report, {}, has_credential_report=False),
    Scenario("root's credentials are judged", build_working_chain, {"RequireRootMfa": "true"}),
    Scenario("root was used today", root_used_today, {}),
    Scenario("the alarm rang lately", rang_lately, {}),
    Scenario("the topic has a key of its own", own_key, {}),
    Scenario("a channel to CloudWatch and no trail", channel_only, {}),
    Scenario("rules forward to an event bus", forwarding, BY_RULES),
    Scenario(
        "the filter reads transformed events",
        partial(build_working_chain, metric_filter={"applyOnTransformedLogs": True}),
        {},
    ),
    Scenario(
        "a function is told",
        partial(build_working_chain, alarm={"AlarmActions": [FUNCTION_ARN]}),
        {"AcceptedActions": "lambda"},
    ),
]


def function_role(parameters: Mapping[str, str] = BY_RULES) -> list[dict[str, Any]]:
    """The statements of the function's role in one account, as CloudFormation fills them in."""
    return statements_of(
        "foundation", "FunctionRole", unmet="" if parameters == BY_RULES else "ReadsEventRules"
    )


def statements_of(template: str, role: str, account_id: str = OWNER, unmet: str = "") -> list[dict[str, Any]]:
    properties = TEMPLATES[template]()["Resources"][role]["Properties"]
    return [each for policy in inline_policies(properties, account_id, unmet) for each in policy["Statement"]]


def evaluate(aws: LocalAws, scenario: Scenario, statements: list[dict[str, Any]]) -> Enforcement:
    aws.reset()
    account = Account(OWNER, endpoint_url=aws.endpoint_url)
    if scenario.has_credential_report:
        account.client("iam").generate_credential_report()
    scenario.build(account)
    with enforced({OWNER: statements}, ANSWERS) as enforcement:
        invoke(aws, account, scenario.parameters)
    return enforcement


@pytest.fixture(scope="module")
def evaluations(server: LocalAws) -> dict[str, Enforcement]:
    """Each scenario once, by its title."""
    return {each.title: evaluate(server, each, function_role(each.parameters)) for each in ALL}


@pytest.mark.parametrize("title", [each.title for each in ALL])
def test_every_call_of_the_scenario_is_allowed(evaluations: dict[str, Enforcement], title: str) -> None:
    assert evaluations[title].denied == set()


# Lambda itself writes the log and keeps failed events, outside of the code; the role elsewhere is taken on in
# the test below.
OF_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
OF_ORGANIZATIONS = {"sts:AssumeRole"}
ACTIONS = {action for each in function_role() for action in each["Action"]} - OF_LAMBDA - OF_ORGANIZATIONS


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_action_is_needed_by_a_scenario(evaluations: dict[str, Enforcement], action: str) -> None:
    assert action in {used for each in evaluations.values() for _, used in each.allowed}


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        pytest.param(
            "cloudtrail:StopLogging",
            f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/account-trail",
            id="stop-a-trail",
        ),
        pytest.param(
            "logs:DescribeMetricFilters",
            f"arn:aws:logs:us-east-1:{LOG_ARCHIVE}:log-group:cloudtrail",
            id="log-group-of-another-account",
        ),
        pytest.param(
            "kms:GetKeyPolicy",
            f"arn:aws:kms:us-east-1:{LOG_ARCHIVE}:key/0",
            id="key-policy-of-another-account",
        ),
        pytest.param("sts:AssumeRole", f"arn:aws:iam::{LOG_ARCHIVE}:role/Administrator", id="any-other-role"),
        pytest.param(
            "logs:PutLogEvents",
            f"arn:aws:logs:eu-west-1:{OWNER}:log-group:/aws/lambda/another:log-stream:x",
            id="log-of-another-function",
        ),
        pytest.param("sns:Publish", f"arn:aws:sns:us-east-1:{OWNER}:alerts", id="publish"),
        pytest.param("s3:GetObject", "arn:aws:s3:::logs/x", id="read-data"),
    ],
)
def test_role_may_not(action: str, resource: str) -> None:
    assert not allows(function_role(), action, resource)


MEMBERS_EVENT = {
    "ExecutionRoleName": "RootUsageAlarmRule-evaluation-eu-west-1",
    "ReadingRoleName": "RootUsageAlarmRule-reading",
    "AssumeRoleMode": "true",
}


def roles_for_a_member() -> dict[str, list[dict[str, Any]]]:
    return {
        CENTRAL: statements_of("organization", "FunctionRole", CENTRAL),
        OWNER: statements_of("member", "EvaluationRole"),
        LOG_ARCHIVE: statements_of("reading-role", "ReadingRole", LOG_ARCHIVE),
    }


def test_member_under_an_organization_trail_needs_both_roles_and_nothing_else(server: LocalAws) -> None:
    """The function -> evaluation role of the member -> role in the account that owns the trail."""
    server.reset()
    archive = Account(LOG_ARCHIVE, endpoint_url=server.endpoint_url)
    chain = build_working_chain(archive, trail={"IsOrganizationTrail": True})
    hooks.show_organization_trail(chain.trail_arn, OWNER)
    Account(OWNER, endpoint_url=server.endpoint_url).client("iam").generate_credential_report()

    with enforced(roles_for_a_member(), ANSWERS) as enforcement:
        invocation = invoke(server, Account(OWNER, endpoint_url=server.endpoint_url), MEMBERS_EVENT)

    assert enforcement.denied == set()
    assert {each for each in enforcement.allowed if each[1] == "sts:AssumeRole"} == {
        (CENTRAL, "sts:AssumeRole"),
        (OWNER, "sts:AssumeRole"),
    }
    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def test_topic_of_a_third_account_needs_the_reading_role_there_and_nothing_else(server: LocalAws) -> None:
    """Alarm in the member; topic, key and subscriber in an account that has nothing of the trail."""
    server.reset()
    audit, member = (Account(each, endpoint_url=server.endpoint_url) for each in (LOG_ARCHIVE, OWNER))
    topic = own_key(audit, trail=None, log_group=None, metric_filter=None, alarm=None).topic_arn
    build_working_chain(member, topic=None, alarm={"AlarmActions": [topic]})
    member.client("iam").generate_credential_report()
    admit = {**ADMIT_CLOUDWATCH, "Action": "sns:Publish", "Resource": topic}
    audit.client("sns").set_topic_attributes(
        TopicArn=topic,
        AttributeName="Policy",
        AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [admit]}),
    )

    with enforced(roles_for_a_member(), ANSWERS) as enforcement:
        invocation = invoke(server, member, MEMBERS_EVENT)

    assert enforcement.denied == set()
    assert {action for account_id, action in enforcement.allowed if account_id == LOG_ARCHIVE} == {
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:GetSubscriptionAttributes",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
    }
    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def test_event_bus_of_another_account_needs_the_reading_role_there_and_nothing_else(server: LocalAws) -> None:
    server.reset()
    member = Account(OWNER, endpoint_url=server.endpoint_url)
    hubs.to_hub(
        bus_arn=hubs.OWN_ARN.replace(OWNER, LOG_ARCHIVE),
        policy=(hubs.admitting("*", Resource="*"),),
    )(member)

    with enforced(roles_for_a_member(), ANSWERS) as enforcement:
        invocation = invoke(server, member, {**MEMBERS_EVENT, **hubs.PARAMETERS})

    assert enforcement.denied == set()
    assert {action for account_id, action in enforcement.allowed if account_id == LOG_ARCHIVE} == {
        "events:DescribeEventBus",
        "events:ListRules",
        "events:ListTargetsByRule",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:GetSubscriptionAttributes",
    }
    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def under_a_delegated_administrators_trail(aws: LocalAws) -> None:
    """The trail is CENTRAL's, the management account; its log group, and what is behind, LOG_ARCHIVE's."""
    aws.reset()
    archive, management = (Account(each, endpoint_url=aws.endpoint_url) for each in (LOG_ARCHIVE, CENTRAL))
    chain = build_working_chain(archive, trail=None)
    trail = {"IsOrganizationTrail": True, "CloudWatchLogsLogGroupArn": chain.log_group_arn}
    trail_arn = build_working_chain(
        management, trail=trail, log_group=None, metric_filter=None, alarm=None, topic=None
    ).trail_arn
    for account_id in (OWNER, LOG_ARCHIVE):
        hooks.show_organization_trail(trail_arn, account_id)
        Account(account_id, endpoint_url=aws.endpoint_url).client("iam").generate_credential_report()


def test_role_of_a_delegated_administrator_reads_the_management_accounts_trail(server: LocalAws) -> None:
    under_a_delegated_administrators_trail(server)

    with enforced(roles_for_a_member(), ANSWERS) as enforcement:
        invocation = invoke(server, Account(OWNER, endpoint_url=server.endpoint_url), MEMBERS_EVENT)

    assert enforcement.denied == set()
    assert (LOG_ARCHIVE, "cloudtrail:GetEventSelectors") in enforcement.allowed
    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def test_delegated_administrator_evaluates_itself(server: LocalAws) -> None:
    under_a_delegated_administrators_trail(server)
    roles = {LOG_ARCHIVE: statements_of("foundation", "FunctionRole", LOG_ARCHIVE)}

    with enforced(roles, ANSWERS) as enforcement:
        invocation = invoke(server, Account(LOG_ARCHIVE, endpoint_url=server.endpoint_url))

    assert enforcement.denied == set()
    assert invocation.evaluation["ComplianceType"] == "COMPLIANT"


def test_check_org_needs_no_more_than_its_role_and_the_reading_role(server: LocalAws) -> None:
    under_a_delegated_administrators_trail(server)
    to_check_role = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Resource": f"arn:aws:iam::{OWNER}:role/*",
    }
    roles = {
        CENTRAL: [to_check_role],
        OWNER: statements_of("check-role", "CheckRole"),
        LOG_ARCHIVE: statements_of("reading-role", "ReadingRole", LOG_ARCHIVE),
    }
    parameters = usable_parameters_of(("ReadingRoleName=RootUsageAlarmRule-reading",))
    caller = Account(CENTRAL, endpoint_url=server.endpoint_url)

    with enforced(roles, ANSWERS) as enforcement, acting_in(server, caller):
        session: Any = boto3.DEFAULT_SESSION
        factory = SessionClientFactory(session)
        result = check_one(Caller(factory, CENTRAL, REGION, "aws"), names.CHECK_ROLE, OWNER, parameters)

    assert enforcement.denied == set()
    assert (result.compliance_type, result.note) == ("COMPLIANT", "")


def test_roles_that_read_elsewhere_are_trusted_there() -> None:
    """The names that the reading role trusts are those that the templates give."""
    (statement,) = central.reading_role_template()["Resources"]["ReadingRole"]["Properties"][
        "AssumeRolePolicyDocument"
    ]["Statement"]
    trusted = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    patterns = [filled_in(each).rpartition("/")[2] for each in trusted]

    reading = (names.EVALUATION_ROLE, names.FUNCTION_ROLE, names.CHECK_ROLE)
    given = [filled_in({"Fn::Sub": name}) for name in reading]
    assert all(fnmatchcase(name, pattern) for name, pattern in zip(given, patterns, strict=True))


def test_reading_role_reads_nothing_about_its_own_account() -> None:
    actions = {action for each in statements_of("reading-role", "ReadingRole") for action in each["Action"]}

    assert {each for each in actions if each.startswith("iam:")} == set()
    assert actions.isdisjoint({"cloudtrail:DescribeTrails", "cloudtrail:LookupEvents", "sts:AssumeRole"})


def test_list_of_read_actions_is_that_of_the_code() -> None:
    statements = (*policies.reading(), *policies.reading_event_rules())
    placed = {action for each in statements for action in each["Action"]}

    assert placed == iam_actions()
    assert set(policies.RESOURCES) <= placed


def test_placeholders_are_filled_in() -> None:
    assert filled_in({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/x"}) == (
        f"arn:aws:iam::{OWNER}:role/x"
    )
