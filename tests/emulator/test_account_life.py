"""`make deploy` in one account: real stacks, the real rdk, the function really invoked with its layer."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto.config.models import ConfigRule
from rich.console import Console

from root_usage_alarm.__main__ import main
from root_usage_alarm.demo.story import let_root_sign_in
from root_usage_alarm.deployment import names
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import UNSET, build_working_chain
from tests.emulator import config_service
from tests.emulator.emulator import Ministack
from tests.emulator.records import aws_lambda, evaluated, turn_config_on

OWNER = "111122223333"
REGION = "eu-west-1"
TOPIC = f"arn:aws:sns:{REGION}:{OWNER}:root-usage-alarm"
EMAIL = "security@example.com"
STACKS = {f"RootUsageAlarmRule{each}" for each in ("", "-foundation", "-remediation", "-watch")}
CONSOLE = (
    "https://eu-west-1.console.aws.amazon.com/config/home?region=eu-west-1"
    "#/rules/details?configRuleName=RootUsageAlarmRule"
)


@dataclass(frozen=True, slots=True)
class Life:
    """A deployment from its first day to its last, and what was seen on the way."""

    failed: Result
    deployed: Result
    stacks: dict[str, str]
    function: dict[str, Any]
    tags: dict[str, str]
    changed_by_second_deploy: set[str]
    remediated: list[str]
    confirmed: dict[str, Any]
    told: list[str]
    undeployed: Result
    left: dict[str, list[str]]


@pytest.fixture(scope="module")
def life(server: LocalAws, ministack: Ministack) -> Iterator[Life]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**server.environment(OWNER, REGION), **ministack.environment()}.items():
            environment.setenv(name, value)
        yield live(server, Account(OWNER, REGION, server.endpoint_url))


def live(server: LocalAws, account: Account) -> Life:
    turn_config_on(account)
    # A trail, and nothing behind it.
    no_log_group = {"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
    build_working_chain(account, trail=no_log_group, log_group=None, alarm=None, topic=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ConfigRule, "MAX_RULES", 0)  # the region has as many rules as there may be
        failed = run("deploy", "--email", EMAIL)
    deployed = run("deploy", "--email", EMAIL)
    stacks, function = states(), aws_lambda().get_function(FunctionName=names.FUNCTION)["Configuration"]
    tags = tags_of_rule(account)
    before = last_changes()
    run("deploy", "--email", EMAIL)
    changed = {name for name, at in last_changes().items() if at != before[name]}
    remediated = config_service.remediate(server, account, names.RULE).steps
    hooks.confirm_subscriptions(TOPIC)
    confirmed = evaluated(account)
    told = io.StringIO()
    let_root_sign_in(Console(file=told, width=200), account, TOPIC)
    undeployed = run("undeploy")
    left = what_is_left(account)
    lines = told.getvalue().splitlines()
    return Life(
        failed, deployed, stacks, function, tags, changed, remediated, confirmed, lines, undeployed, left
    )


def tags_of_rule(account: Account) -> dict[str, str]:
    config = account.client("config")
    (rule,) = config.describe_config_rules(ConfigRuleNames=[names.RULE])["ConfigRules"]
    tags = config.list_tags_for_resource(ResourceArn=rule["ConfigRuleArn"])["Tags"]
    return {each["Key"]: each["Value"] for each in tags}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, input="y\n")


def described() -> list[Any]:
    stacks: list[Any] = boto3.session.Session().client("cloudformation").describe_stacks()["Stacks"]
    return stacks


def states() -> dict[str, str]:
    return {each["StackName"]: each["StackStatus"] for each in described()}


def last_changes() -> dict[str, datetime]:
    return {each["StackName"]: each.get("LastUpdatedTime", each["CreationTime"]) for each in described()}


def what_is_left(account: Account) -> dict[str, list[str]]:
    """By service, what there still is of the deployment and of the account's own chain."""
    documents = account.client("ssm").list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])
    session = boto3.session.Session()
    return {
        "stacks": list(states()),
        "functions": [each["FunctionName"] for each in aws_lambda().list_functions()["Functions"]],
        "layers": [each["LayerName"] for each in aws_lambda().list_layers()["Layers"]],
        "buckets": [each["Name"] for each in session.client("s3").list_buckets()["Buckets"]],
        "rules": [
            each["ConfigRuleName"] for each in account.client("config").describe_config_rules()["ConfigRules"]
        ],
        "documents": [each["Name"] for each in documents["DocumentIdentifiers"]],
        "topics": [each["TopicArn"] for each in account.client("sns").list_topics()["Topics"]],
        "alarms": [
            each["AlarmName"] for each in account.client("cloudwatch").describe_alarms()["MetricAlarms"]
        ],
    }


def test_failed_deploy_names_the_event_and_the_next_one_starts_anew(life: Life) -> None:
    assert life.failed.exit_code == 2
    assert life.failed.output.splitlines()[-1] == (
        "Error: stack RootUsageAlarmRule is in state ROLLBACK_COMPLETE: "
        "rdkConfigRule (AWS::Config::ConfigRule): "
        "An error occurred (MaxNumberOfConfigRulesExceededException) "
        "when calling the PutConfigRule operation: Failed to put config rule 'RootUsageAlarmRule' "
        "because the maximum number of config rules: 0 is reached."
    )
    assert life.deployed.exit_code == 0


def test_deploy_ends_with_the_first_result_and_where_to_look(life: Life) -> None:
    assert life.deployed.output.splitlines()[0] == "region eu-west-1: the home region of trail account-trail"
    assert life.deployed.output.splitlines()[-5:] == [
        "rule RootUsageAlarmRule is deployed in account 111122223333, eu-west-1",
        "first evaluation started; waiting for its result ...",
        (
            "NON_COMPLIANT: trail `account-trail` doesn't deliver to CloudWatch Logs, so no filter sees root "
            "events. Join it to a log group [TRAIL_WITHOUT_LOG_GROUP]"
        ),
        CONSOLE,
        "waiting for security@example.com: confirm the subscription by the link in AWS's message",
    ]


def test_stacks_come_up(life: Life) -> None:
    assert life.stacks == dict.fromkeys(STACKS, "CREATE_COMPLETE")


def test_function_has_our_role_our_layer_and_a_supported_runtime(life: Life) -> None:
    assert life.function["Role"] == f"arn:aws:iam::{OWNER}:role/RootUsageAlarmRule-function-eu-west-1"
    assert life.function["Runtime"] == "python3.13"
    assert [each["Arn"].split(":")[6] for each in life.function["Layers"]] == ["root-usage-alarm-libraries"]


def test_rule_carries_the_ids_of_compliance_frameworks(life: Life) -> None:
    assert life.tags["compliance:cis-aws-1.4.0"] == "1.7 4.3"


def test_second_deploy_changes_no_stack(life: Life) -> None:
    assert life.changed_by_second_deploy == set()


def test_button_makes_the_chain_whole_and_the_account_compliant(life: Life) -> None:
    assert life.remediated[-1] == "Prove"
    assert life.confirmed["ComplianceType"] == "COMPLIANT"
    assert life.confirmed["Annotation"] == (
        "root use is told: alarm `RootAccountUsageCountAlarm` -> topic `root-usage-alarm` -> "
        "1 confirmed subscriber (email); root not used for 90 days"
    )


def test_root_event_reaches_a_subscriber(life: Life) -> None:
    assert life.told[-1] == (
        f"told: alarm RootAccountUsageCountAlarm is ALARM in account {OWNER}, says the message in the queue"
    )


def test_undeploy_leaves_what_belongs_to_the_account_and_nothing_else(life: Life) -> None:
    assert life.undeployed.output.splitlines()[-2] == (
        "topic root-usage-alarm: stays with its subscriptions, as alarm RootAccountUsageCountAlarm tells it"
    )
    assert life.undeployed.exit_code == 0
    assert life.left == {
        "stacks": [],
        "functions": [],
        "layers": [],
        "buckets": [],
        "rules": [],
        "documents": [],
        "topics": [TOPIC],
        "alarms": ["RootAccountUsageCountAlarm"],
    }
