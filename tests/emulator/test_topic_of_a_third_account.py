"""`make deploy-org CENTRAL_TOPIC=1`: a member's alarm tells a third account's topic, read by a role there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from root_usage_alarm.__main__ import main
from root_usage_alarm.deployment import names, stack_set
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.local_aws.corrections.identity import access_key_of
from tests.emulator import config_service
from tests.emulator.emulator import Ministack
from tests.emulator.records import evaluated, turn_config_on
from tests.emulator.test_roll_out import EMAIL, WAITING, make_organization, status_at_the_end

MANAGEMENT, AUDIT = "777788889999", "222233334444"
REGION = "eu-west-1"
TOPIC = f"arn:aws:sns:{REGION}:{AUDIT}:root-use"
ROLE = f"arn:aws:iam::{AUDIT}:role/RootUsageAlarmRule-reading"


@dataclass(frozen=True, slots=True)
class RollOut:
    """From the topic that knows no member to a member that tells it, and what was seen on the way."""

    without_role: Result
    outputs: dict[str, str]
    shown: Result
    checked: Result
    before: dict[str, Any]
    remediated: list[str]
    told: dict[str, Any]
    loosened: dict[str, Any]
    made: Result
    parameters: dict[str, Any]
    undeployed: Result


@pytest.fixture(scope="module")
def roll_out(server: LocalAws, ministack: Ministack) -> Iterator[RollOut]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**server.environment(MANAGEMENT, REGION), **ministack.environment()}.items():
            patch.setenv(name, value)
        patch.setattr(stack_set, "SECONDS_BETWEEN_LOOKS", 0.1)
        yield roll(server)


def roll(server: LocalAws) -> RollOut:
    management, audit = (Account(each, REGION, server.endpoint_url) for each in (MANAGEMENT, AUDIT))
    root, ids = make_organization(management.client("organizations"))
    member, other = (Account(each, REGION, server.endpoint_url) for each in ids)
    member.client("iam").generate_credential_report()
    for account in (management, member, other):
        turn_config_on(account)
    build_working_chain(member, alarm=None, topic=None)
    make_topic(audit)
    deploy = ("deploy-org", "--region", REGION, "--ou", root, "--central-topic", "--topic", TOPIC)
    without_role = run(*deploy)
    outputs = deploy_reading_role(audit, organization_of(management))
    shown = run(*deploy, "--reading-role", ROLE)
    status_at_the_end()
    topic_statements, key_statement = pasteable(shown.output)
    set_policies(audit, topic_statements, key_statement)
    checked = run(*deploy, "--reading-role", ROLE)
    status_at_the_end()
    before = evaluated(member)
    remediated = config_service.remediate(server, member, names.RULE).steps
    told = evaluated(member)
    loosen(member)
    loosened = evaluated(member)
    roles = (f"--reading-role={each}" for each in (ROLE, ROLE.replace(AUDIT, MANAGEMENT)))
    made = run(*deploy[:-2], "--email", EMAIL, *roles)
    status_at_the_end()
    parameters = remediation_parameters(member)
    undeployed = run("undeploy-org", "--region", REGION)
    return RollOut(
        without_role,
        outputs,
        shown,
        checked,
        before,
        remediated,
        told,
        loosened,
        made,
        parameters,
        undeployed,
    )


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, input="y\n")


def organization_of(management: Account) -> str:
    organization: str = management.client("organizations").describe_organization()["Organization"]["Id"]
    return organization


def make_topic(audit: Account) -> None:
    """With a subscriber and a key, and policies that let nobody in."""
    nobody = json.dumps({"Version": "2012-10-17", "Statement": []})
    kms = audit.client("kms")
    kms.create_alias(
        AliasName="alias/root-use", TargetKeyId=kms.create_key(Policy=nobody)["KeyMetadata"]["KeyId"]
    )
    sns = audit.client("sns")
    sns.create_topic(Name="root-use", Attributes={"Policy": nobody, "KmsMasterKeyId": "alias/root-use"})
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="security@example.com")
    hooks.confirm_subscriptions(TOPIC)


def deploy_reading_role(audit: Account, organization_id: str) -> dict[str, str]:
    """As the README says, with the template as it is built."""
    key = access_key_of(audit.account_id)
    session = boto3.session.Session(aws_access_key_id=key, aws_secret_access_key="local", region_name=REGION)
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(
        StackName="root-usage-alarm-reading-role",
        TemplateBody=(names.TEMPLATES / "reading-role.template.json").read_text(),
        Parameters=[{"ParameterKey": "OrganizationId", "ParameterValue": organization_id}],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="root-usage-alarm-reading-role", WaiterConfig={"Delay": 1}
    )
    (stack,) = cloudformation.describe_stacks(StackName="root-usage-alarm-reading-role")["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}


def pasteable(output: str) -> tuple[list[Any], Any]:
    """The statements for the topic's policy and for its key's, out of what the command printed."""
    _, _, shown = output.partition("\nits policy needs\n")
    of_topic, _, rest = shown.partition("\nits key's policy, if it is encrypted, needs\n")
    of_key, _ = json.JSONDecoder().raw_decode(rest)
    return json.loads(f"[{of_topic}]"), of_key


def set_policies(audit: Account, topic_statements: list[Any], key_statement: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": topic_statements}
    audit.client("sns").set_topic_attributes(
        TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )
    kms = audit.client("kms")
    key_id = kms.describe_key(KeyId="alias/root-use")["KeyMetadata"]["KeyId"]
    policy = {"Version": "2012-10-17", "Statement": [key_statement]}
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(policy))


def loosen(member: Account) -> None:
    """What an administrator of the member may do to the rule there."""
    config = member.client("config")
    (rule,) = config.describe_config_rules(ConfigRuleNames=[names.RULE])["ConfigRules"]
    given = json.loads(rule["InputParameters"]) | {
        "AcceptedActions": "sns,lambda",
        "ReportingRegion": "us-east-1",
    }
    wanted = {name: rule[name] for name in ("ConfigRuleName", "Source")}
    config.put_config_rule(ConfigRule=wanted | {"InputParameters": json.dumps(given)})


def remediation_parameters(member: Account) -> dict[str, Any]:
    (configuration,) = member.client("config").describe_remediation_configurations(
        ConfigRuleNames=[names.RULE]
    )["RemediationConfigurations"]
    parameters: dict[str, Any] = configuration["Parameters"]
    return parameters


def test_topic_that_nobody_could_read_is_refused(roll_out: RollOut) -> None:
    assert roll_out.without_role.exit_code == 2
    assert roll_out.without_role.output.splitlines()[-1] == (
        f"Error: the rule in the members can't read topic {TOPIC}: deploy the template reading-role in "
        f"account {AUDIT}, and give its role with --reading-role (READING_ROLE=)"
    )


def test_template_makes_the_role_that_the_roll_out_takes(roll_out: RollOut) -> None:
    assert roll_out.outputs == {"ReadingRoleArn": ROLE}


def test_topic_that_this_account_may_not_read_is_shown_what_it_needs(roll_out: RollOut) -> None:
    assert roll_out.shown.exit_code == 0
    assert f"note: topic {TOPIC} can't be checked from here" in roll_out.shown.output


def test_what_was_shown_and_pasted_passes_the_check(roll_out: RollOut) -> None:
    assert roll_out.checked.exit_code == 0
    assert f"note: topic {TOPIC}" not in roll_out.checked.output


def test_remediation_of_a_member_tells_the_central_topic_and_the_member_is_compliant(
    roll_out: RollOut,
) -> None:
    assert roll_out.before["Annotation"].endswith("[NO_ALARM]")
    assert roll_out.remediated[-1] == "Prove"
    assert roll_out.told["ComplianceType"] == "COMPLIANT"
    assert roll_out.told["Annotation"] == (
        f"root use is told: alarm `RootAccountUsageCountAlarm` -> topic `root-use` of account {AUDIT} -> "
        "1 confirmed subscriber (email); root not used for 90 days"
    )


def test_parameters_loosened_in_the_member_are_held_to_those_that_were_rolled_out(roll_out: RollOut) -> None:
    assert roll_out.loosened["Annotation"] == (
        f"root use is told: alarm `RootAccountUsageCountAlarm` -> topic `root-use` of account {AUDIT} -> "
        "1 confirmed subscriber (email); floor holds for AcceptedActions, ReportingRegion; "
        "root not used for 90 days"
    )


def test_topic_made_for_an_address_is_the_members_and_the_address_confirms_once(roll_out: RollOut) -> None:
    topic = f"arn:aws:sns:{REGION}:{MANAGEMENT}:root-usage-alarm"

    assert roll_out.made.exit_code == 0
    assert roll_out.made.output.splitlines()[-1] == WAITING
    assert roll_out.parameters["TopicArn"] == {"StaticValue": {"Values": [topic]}}
    assert "SubscriptionEndpoint" not in roll_out.parameters


def test_topic_of_the_members_outlives_the_roll_out(roll_out: RollOut) -> None:
    assert roll_out.undeployed.output.splitlines()[-1] == (
        "topic root-usage-alarm: stays with its subscriptions, as members' alarms may tell it"
    )
