"""`deploy` and `undeploy` as a person runs them, with the real rdk in a process of its own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm.__main__ import main
from root_usage_alarm.build import TEMPLATES
from root_usage_alarm.deployment import evaluation, names, package, rule_folder
from root_usage_alarm.deployment.target import CannotDeploy, target_of
from root_usage_alarm.deployment.topic import make_topic
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.accounts import UNSET, build_working_chain
from root_usage_alarm.local_aws.hooks import started_evaluations
from tests.deployment.stand_in import Stack, StandIn

pytest.importorskip("rdk")

OWNER = "111122223333"
REGION = "eu-west-1"
BUCKET = "code-bucket"
FUNCTION_ROLE = f"arn:aws:iam::{OWNER}:role/RootUsageAlarmRule-function-eu-west-1"
AUTOMATION_ROLE = f"arn:aws:iam::{OWNER}:role/RootUsageAlarmRule-automation-eu-west-1"
LAYER = f"arn:aws:lambda:{REGION}:{OWNER}:layer:root-usage-alarm-libraries:7"
OUTPUTS = {
    "RootUsageAlarmRule-foundation": {"CodeBucket": BUCKET, "FunctionRoleArn": FUNCTION_ROLE},
    "RootUsageAlarmRule-remediation": {
        "AutomationRoleArn": AUTOMATION_ROLE,
        "DocumentName": "root-usage-alarm-0123abcd",
    },
    "RootUsageAlarmRule": {
        "RuleCodeLambda": f"arn:aws:lambda:{REGION}:{OWNER}:function:RDK-Rule-Function-RootUsageAlarmRule"
    },
}
CONSOLE = (
    "https://eu-west-1.console.aws.amazon.com/config/home?region=eu-west-1"
    "#/rules/details?configRuleName=RootUsageAlarmRule"
)
PARAMETERS: dict[str, Any] = {
    "Version": "1.0",
    "Parameters": {
        "RuleName": "RootUsageAlarmRule",
        "Description": "Would a person be told?",
        "SourceRuntime": "python3.13-lib",
        "CodeKey": "RootUsageAlarmRule.zip",
        "InputParameters": "{}",
        "OptionalParameters": '{"MinConfirmedSubscribers": "2"}',
        "SourcePeriodic": "TwentyFour_Hours",
        "Remediation": {
            "ConfigRuleName": "RootUsageAlarmRule",
            "TargetType": "SSM_DOCUMENT",
            "TargetId": "to be filled in",
            "TargetVersion": "1",
            "Parameters": {
                "AutomationAssumeRole": {"StaticValue": {"Values": ["to be filled in"]}},
                "AccountId": {"ResourceValue": {"Value": "RESOURCE_ID"}},
            },
        },
    },
    "Tags": "[]",
}


@pytest.fixture
def account(server: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    return working_account(server, tmp_path, monkeypatch)


def working_account(aws: LocalAws, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with AWS Config on, and the bucket that the foundation stack would make."""
    aws.reset()
    for name, value in aws.environment(OWNER, REGION).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(evaluation, "SECONDS_BETWEEN_LOOKS", 0)
    monkeypatch.setattr(evaluation, "LOOKS", 1)
    monkeypatch.setattr(names, "BUILD", folder)
    monkeypatch.setattr(rule_folder, "PARAMETERS", folder / "parameters.json")
    (folder / "parameters.json").write_text(json.dumps(PARAMETERS))
    account = Account(OWNER, REGION, aws.endpoint_url)
    _turn_config_on(account)
    return account


def _turn_config_on(account: Account) -> None:
    place = {"LocationConstraint": REGION}
    account.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    config = account.client("config")
    recorder = {"name": "default", "roleARN": f"arn:aws:iam::{OWNER}:role/config"}
    config.put_configuration_recorder(ConfigurationRecorder=recorder)
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": BUCKET})
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    config.put_config_rule(
        ConfigRule={
            "ConfigRuleName": "RootUsageAlarmRule",
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": f"arn:aws:lambda:{REGION}:{OWNER}:function:f",
                "SourceDetails": [{"EventSource": "aws.config", "MessageType": "ScheduledNotification"}],
            },
        }
    )


@pytest.fixture
def stand_in(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    assert account.region == REGION
    with working_stand_in(monkeypatch) as stand_in:
        yield stand_in


def working_stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The layer is there already, by its content; nothing is installed for it."""
    monkeypatch.setattr(package, "_install", lambda _, folder: (folder / "rdklib.py").touch())
    layer = {
        "LayerVersionArn": LAYER,
        "Version": 7,
        "Description": " ".join(package.pins()),
        "Content": {"CodeSha256": package.sha256_base64(package.cached_layer())},
    }
    stand_in = StandIn(OUTPUTS, layer_versions=[layer])
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", stand_in.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", stand_in.url)
    return stand_in


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, input="y\n")


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a first deployment left behind."""

    result: Result
    stacks: dict[str, Stack]
    code: bytes
    topic_policy: dict[str, Any]
    started: tuple[str, ...]

    @property
    def rule_resources(self) -> dict[str, Any]:
        resources: dict[str, Any] = self.stacks["RootUsageAlarmRule"].template["Resources"]
        return resources


@pytest.fixture(scope="module")
def deployment(server: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Deployed once for all the tests that only look: rdk takes seconds."""
    topic = f"arn:aws:sns:{REGION}:{OWNER}:root-usage-alarm"
    with pytest.MonkeyPatch.context() as monkeypatch:
        account = working_account(server, tmp_path_factory.mktemp("deployment"), monkeypatch)
        with working_stand_in(monkeypatch) as stand_in:
            result = run("deploy", "--email", "security@example.com")
            uploaded = account.client("s3").get_object(
                Bucket=BUCKET, Key="RootUsageAlarmRule/RootUsageAlarmRule.zip"
            )
            attributes = account.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
            yield Deployment(
                result,
                stand_in.stacks,
                uploaded["Body"].read(),
                json.loads(attributes["Policy"]),
                started_evaluations(OWNER, REGION),
            )


def test_deploy_says_where_to_look_and_who_has_to_confirm(deployment: Deployment) -> None:
    assert deployment.result.output.splitlines() == [
        f"account {OWNER} in {REGION}",
        (
            "  makes or updates the stacks RootUsageAlarmRule-foundation, RootUsageAlarmRule-remediation, "
            "RootUsageAlarmRule, RootUsageAlarmRule-watch, and a layer version"
        ),
        "  makes topic root-usage-alarm, subscribes security@example.com",
        "Go on? [y/N]: y",
        "stack RootUsageAlarmRule-foundation ...",
        "stack RootUsageAlarmRule-remediation ...",
        "layer root-usage-alarm-libraries: version 7 holds it already",
        "stack RootUsageAlarmRule-watch ...",
        f"rule RootUsageAlarmRule is deployed in account {OWNER}, {REGION}",
        "first evaluation started; waiting for its result ...",
        "no result yet: see log group /aws/lambda/RDK-Rule-Function-RootUsageAlarmRule",
        CONSOLE,
        "waiting for security@example.com: confirm the subscription by the link in AWS's message",
    ]
    assert deployment.result.exit_code == 0


def test_first_evaluation_is_started(deployment: Deployment) -> None:
    assert deployment.started == ("RootUsageAlarmRule",)


def test_rdk_gets_our_role_our_layer_and_our_bucket(deployment: Deployment) -> None:
    parameters = deployment.stacks["RootUsageAlarmRule"].parameters

    assert parameters["LambdaRoleArn"] == FUNCTION_ROLE
    assert parameters["Layers"] == LAYER
    assert parameters["SourceBucket"] == BUCKET
    assert parameters["SourceRuntime"] == "python3.13"
    assert parameters["Timeout"] == "180"
    assert json.loads(parameters["SourceInputParameters"]) == {
        "AssumeRoleMode": "False",
        "MinConfirmedSubscribers": "2",
    }


def test_only_this_accounts_config_may_invoke_the_function(deployment: Deployment) -> None:
    permission = deployment.rule_resources["ConfigPermissionToCallrdkRuleCodeLambda"]

    assert permission["Properties"] == {
        "FunctionName": {"Fn::GetAtt": ["rdkRuleCodeLambda", "Arn"]},
        "Action": "lambda:InvokeFunction",
        "Principal": "config.amazonaws.com",
        "SourceAccount": {"Ref": "AWS::AccountId"},
    }


def test_rdks_role_that_may_read_everything_is_gone(deployment: Deployment) -> None:
    template = json.dumps(deployment.rule_resources)

    assert "AWS::IAM::Role" not in template
    assert "ReadOnlyAccess" not in template


def test_remediation_is_attached_with_our_document_and_role(deployment: Deployment) -> None:
    assert deployment.rule_resources["Remediation"]["Properties"] == {
        "ConfigRuleName": "RootUsageAlarmRule",
        "TargetType": "SSM_DOCUMENT",
        "TargetId": "root-usage-alarm-0123abcd",
        "TargetVersion": "1",
        "Parameters": {
            "AutomationAssumeRole": {"StaticValue": {"Values": [AUTOMATION_ROLE]}},
            "AccountId": {"ResourceValue": {"Value": "RESOURCE_ID"}},
            "SubscriptionEndpoint": {"StaticValue": {"Values": ["security@example.com"]}},
        },
    }


def test_region_without_the_resource_gets_a_rule_folder_without_remediation(tmp_path: Path) -> None:
    rule_folder.stage({}, {}, "root-usage-alarm-0123abcd", "ap-east-2", tmp_path)

    staged = json.loads((tmp_path / "RootUsageAlarmRule" / "parameters.json").read_text())["Parameters"]
    assert "Remediation" not in staged
    assert rule_folder.no_button("ap-east-2") == (
        "note: CloudFormation can't attach the remediation in ap-east-2, so the rule has no Remediate there: "
        "start the document root-usage-alarm-... in Systems Manager, or run `make remediate`"
    )


def test_rdk_uploads_the_zip_that_make_zip_builds(deployment: Deployment, tmp_path: Path) -> None:
    assert deployment.code == package.build_code(tmp_path / "code.zip").read_bytes()
    assert "RootUsageAlarmRule.py" in zipfile.ZipFile(io.BytesIO(deployment.code)).namelist()


def test_topic_lets_the_alarms_on_the_rule_itself_publish(deployment: Deployment) -> None:
    (statement,) = [each for each in deployment.topic_policy["Statement"] if each["Sid"] == "Alarms"]

    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": OWNER},
        "ArnEquals": {
            "aws:SourceArn": [
                f"arn:aws:cloudwatch:{REGION}:{OWNER}:alarm:{names.FUNCTION}-{each}"
                for each in ("dropped", "errors", "silent", "throttled")
            ]
        },
    }


def test_second_deploy_changes_no_stack_and_uploads_the_code_again(stand_in: StandIn) -> None:
    run("deploy", "--email", "security@example.com")
    before = {name: each.template for name, each in stand_in.stacks.items()}
    stand_in.calls.clear()

    again = run("deploy", "--email", "security@example.com")

    assert again.exit_code == 0
    assert {name: each.template for name, each in stand_in.stacks.items()} == before
    assert not [each for each in stand_in.calls if each.startswith("CreateStack")]
    assert f"UpdateFunctionCode {names.FUNCTION}" in stand_in.calls


FAILED_EVENTS = [
    {
        "LogicalResourceId": "Remediation",
        "ResourceType": "AWS::Config::RemediationConfiguration",
        "ResourceStatus": "CREATE_FAILED",
        "ResourceStatusReason": "Resource creation cancelled",
    },
    {
        "LogicalResourceId": "rdkConfigRule",
        "ResourceType": "AWS::Config::ConfigRule",
        "ResourceStatus": "CREATE_FAILED",
        "ResourceStatusReason": "The maximum number of rules is reached",
    },
    {
        "LogicalResourceId": "RootUsageAlarmRule",
        "ResourceType": "AWS::CloudFormation::Stack",
        "ResourceStatus": "CREATE_IN_PROGRESS",
    },
]


def test_failed_rule_stack_is_an_error_that_names_the_event(stand_in: StandIn) -> None:
    stand_in.failures["RootUsageAlarmRule"] = ("ROLLBACK_COMPLETE", FAILED_EVENTS)

    result = run("deploy", "--email", "security@example.com")

    assert result.exit_code == 2
    assert result.output.splitlines()[-2:] == [
        "  CREATE_FAILED rdkConfigRule (AWS::Config::ConfigRule): The maximum number of rules is reached",
        (
            "Error: stack RootUsageAlarmRule is in state ROLLBACK_COMPLETE: "
            "rdkConfigRule (AWS::Config::ConfigRule): The maximum number of rules is reached"
        ),
    ]


def test_deploy_after_a_failed_one_starts_the_stack_anew(stand_in: StandIn) -> None:
    stand_in.stacks["RootUsageAlarmRule"] = Stack({}, {}, "ROLLBACK_COMPLETE", {}, FAILED_EVENTS)

    result = run("deploy", "--email", "security@example.com")

    assert result.exit_code == 0
    assert "DeleteStack RootUsageAlarmRule" in stand_in.calls
    assert stand_in.stacks["RootUsageAlarmRule"].status == "CREATE_COMPLETE"


def test_without_a_recorder_nothing_is_made(account: Account, stand_in: StandIn) -> None:
    account.client("config").stop_configuration_recorder(ConfigurationRecorderName="default")

    result = run("deploy", "--email", "security@example.com")

    assert result.exit_code == 2
    assert result.output == (
        "Error: AWS Config doesn't record in eu-west-1: turn it on there, then try again\n"
    )
    assert stand_in.stacks == {}
    assert topics(account) == []


def test_roll_out_of_an_organization_is_not_deployed_over(account: Account, stand_in: StandIn) -> None:
    account.client("iam").create_role(
        RoleName="RootUsageAlarmRule-automation-eu-west-1", AssumeRolePolicyDocument="{}"
    )

    result = run("deploy", "--email", "security@example.com")

    assert result.exit_code == 2
    assert result.output == (
        "Error: role RootUsageAlarmRule-automation-eu-west-1 is here already, and `make deploy` didn't make "
        "it: if an organization's roll-out did, the account has the rule; else delete the role\n"
    )
    assert stand_in.stacks == {}
    assert topics(account) == []


def test_region_that_does_not_report_is_not_waited_for(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"OptionalParameters": '{"ReportingRegion": "us-east-1"}'}
    parameters = PARAMETERS | {"Parameters": {**PARAMETERS["Parameters"], **elsewhere}}
    (tmp_path / "elsewhere.json").write_text(json.dumps(parameters))
    monkeypatch.setattr(rule_folder, "PARAMETERS", tmp_path / "elsewhere.json")

    result = run("deploy", "--email", "security@example.com")

    assert stand_in.stacks["RootUsageAlarmRule"].status == "CREATE_COMPLETE"
    assert result.output.splitlines()[-2] == (
        "NOT_APPLICABLE here: the account is reported in us-east-1 (ReportingRegion)"
    )


def test_rules_parameters_are_given_by_name_or_in_a_file(stand_in: StandIn, tmp_path: Path) -> None:
    """What is given counts more than parameters.json, and the last of two more than the first."""
    file = tmp_path / "mine.json"
    file.write_text('{"MinConfirmedSubscribers": "3", "RequireRootMfa": "true"}')

    given = ("--parameter", f"@{file}", "--parameter", "MinConfirmedSubscribers=4")
    run("deploy", "--email", "security@example.com", *given)

    assert json.loads(stand_in.stacks["RootUsageAlarmRule"].parameters["SourceInputParameters"]) == {
        "AssumeRoleMode": "False",
        "MinConfirmedSubscribers": "4",
        "RequireRootMfa": "true",
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param("MinConfirmedSubscribers=many", "`MinConfirmedSubscribers` is `many`", id="value"),
        pytest.param("Subscribers=1", "`Subscribers` is unknown", id="name"),
        pytest.param("nothing", "`nothing` should be NAME=VALUE or @FILE", id="no-value"),
        pytest.param("@nowhere.json", "file `nowhere.json`: ", id="no-file"),
        pytest.param("@list.json", "file `list.json` isn't a JSON object of strings", id="list"),
        pytest.param("@broken.json", "file `broken.json`: Expecting", id="no-json"),
    ],
)
def test_parameter_that_the_rule_cannot_use_is_refused_before_anything_is_made(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.json").write_text("[1]")
    Path("broken.json").write_text("{")

    result = run("deploy", "--email", "security@example.com", "--parameter", given)

    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert stand_in.stacks == {}


@pytest.mark.parametrize("command", [("deploy", "--email", "security@example.com"), ("undeploy",)])
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param("n\n", "Error: nothing was changed", id="no"),
        pytest.param("", "nobody to ask: give --yes (YES=1)", id="nobody"),
    ],
)
def test_without_a_yes_nothing_is_made_or_deleted(
    account: Account, stand_in: StandIn, command: tuple[str, ...], answer: str, said: str
) -> None:
    deployed_by_hand(account, stand_in)
    before, calls = dict(stand_in.stacks), list(stand_in.calls)

    result = CliRunner().invoke(main, command, input=answer)

    assert result.exit_code == 2
    assert said in result.output
    assert stand_in.stacks == before
    assert [each for each in stand_in.calls[len(calls) :] if not each.startswith("Describe")] == []


def test_topic_of_somebody_else_is_said_before_any_stack_is_made(account: Account, stand_in: StandIn) -> None:
    account.client("sns").create_topic(Name="root-usage-alarm")

    result = run("deploy", "--email", "security@example.com")

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == (
        "Error: topic root-usage-alarm is here already, and somebody else made it: have it told, or another, "
        "with --topic (TOPIC=), or rename it"
    )
    assert stand_in.stacks == {}


def test_a_script_says_yes_beforehand(account: Account, stand_in: StandIn) -> None:
    deployed_by_hand(account, stand_in)

    result = CliRunner().invoke(main, ("undeploy", "--yes"))

    assert result.exit_code == 0
    assert stand_in.stacks == {}


def test_topic_of_ones_own_is_handed_to_the_remediation(stand_in: StandIn) -> None:
    topic = f"arn:aws:sns:{REGION}:{OWNER}:alerts"

    run("deploy", "--topic", topic)

    assert stand_in.stacks["RootUsageAlarmRule-watch"].parameters["TopicArn"] == topic
    remediation = stand_in.stacks["RootUsageAlarmRule"].template["Resources"]["Remediation"]
    assert remediation["Properties"]["Parameters"]["TopicArn"] == {"StaticValue": {"Values": [topic]}}


def test_reading_roles_may_be_assumed_and_their_name_is_told_to_the_rule(stand_in: StandIn) -> None:
    roles = [
        f"arn:aws:iam::{each}:role/RootUsageAlarmRule-reading" for each in ("444455556666", "777788889999")
    ]

    run(
        "deploy",
        "--email",
        "security@example.com",
        "--reading-role",
        roles[0],
        "--log-archive-role",
        roles[1],
    )

    arns = stand_in.stacks["RootUsageAlarmRule-foundation"].parameters["ReadingRoleArns"]
    assert arns == ",".join(roles)
    parameters = json.loads(stand_in.stacks["RootUsageAlarmRule"].parameters["SourceInputParameters"])
    assert parameters["ReadingRoleName"] == "RootUsageAlarmRule-reading"


def test_reading_roles_of_two_names_are_refused(account: Account) -> None:
    roles = [f"arn:aws:iam::{account.account_id}:role/{each}" for each in ("first", "second")]

    result = run("deploy", "--email", "security@example.com", *(f"--reading-role={each}" for each in roles))

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == (
        "Error: Invalid value for '--reading-role' / '--log-archive-role': "
        "the roles have to have one name, which ReadingRoleName gets"
    )


def deployed_by_hand(account: Account, stand_in: StandIn) -> None:
    for name, outputs in OUTPUTS.items():
        stand_in.stacks[name] = Stack({}, {}, "CREATE_COMPLETE", outputs, [])
    account.client("s3").put_object(Bucket=BUCKET, Key="RootUsageAlarmRule/RootUsageAlarmRule.zip")


def topics(account: Account) -> list[str]:
    return [each["TopicArn"] for each in account.client("sns").list_topics()["Topics"]]


def test_undeploy_takes_everything_away_that_deploy_made(account: Account, stand_in: StandIn) -> None:
    deployed_by_hand(account, stand_in)
    make_topic(target_of(None, REGION), ["errors"], "security@example.com")

    result = run("undeploy")

    assert result.output.splitlines()[3:] == [
        "stack RootUsageAlarmRule-watch: was not there",
        "stack RootUsageAlarmRule: deleted",
        "stack RootUsageAlarmRule-remediation: deleted",
        "stack RootUsageAlarmRule-foundation: deleted",
        "layer versions deleted: 1",
        "topic root-usage-alarm: deleted",
        "left as they are: trail, log group, metric filter and alarm",
    ]
    assert stand_in.stacks == {}
    assert account.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert topics(account) == []


def test_topic_that_an_alarm_tells_stays(account: Account, stand_in: StandIn) -> None:
    deployed_by_hand(account, stand_in)
    topic, _ = make_topic(target_of(None, REGION), ["errors"], "security@example.com")
    build_working_chain(account, alarm={"AlarmActions": [topic]})

    result = run("undeploy")

    assert (
        "topic root-usage-alarm: stays with its subscriptions, as alarm RootAccountUsageCountAlarm tells it"
        in result.output.splitlines()
    )
    assert topic in topics(account)


def test_topic_that_somebody_else_made_stays(account: Account, stand_in: StandIn) -> None:
    deployed_by_hand(account, stand_in)
    account.client("sns").create_topic(Name="root-usage-alarm")

    result = run("undeploy")

    assert "topic root-usage-alarm: stays, as somebody else made it" in result.output.splitlines()
    assert len(topics(account)) == 1


def test_undeploy_of_nothing_says_so(stand_in: StandIn) -> None:
    stand_in.layer_versions.clear()

    result = run("undeploy")

    assert result.exit_code == 0
    assert "stack RootUsageAlarmRule: was not there" in result.output.splitlines()
    assert "topic root-usage-alarm: was not there" in result.output.splitlines()


def test_trail_at_home_elsewhere_is_pointed_out(account: Account, stand_in: StandIn) -> None:
    assert stand_in.stacks == {}
    build_working_chain(replace(account, region="us-east-1"))

    result = run("deploy", "--region", REGION, "--email", "security@example.com")

    assert result.output.splitlines()[0] == (
        "note: trail account-trail is at home in us-east-1, where its alarm and the alarm's topic "
        "have to be; the rule finds them from here too, but is best deployed there"
    )


def test_region_is_the_home_of_the_trail_that_delivers_to_a_log_group(account: Account) -> None:
    no_log_group = {"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
    build_working_chain(account, name="archive", trail=no_log_group, log_group=None, alarm=None, topic=None)
    build_working_chain(replace(account, region="us-east-1"))

    assert target_of(None, None).region == "us-east-1"


def test_region_that_is_given_is_taken(account: Account) -> None:
    build_working_chain(replace(account, region="us-east-1"))

    assert target_of(None, REGION).region == REGION


def test_no_region_and_no_trail_is_an_error(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    assert account.client("cloudtrail").describe_trails()["trailList"] == []
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name)

    with pytest.raises(CannotDeploy, match="no region, and no multi-region trail to take it from"):
        target_of(None, None)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("deploy",), id="nobody-to-tell"),
        pytest.param(("deploy", "--email", "a@example.com", "--topic", "arn"), id="two-to-tell"),
    ],
)
def test_one_of_email_and_topic_is_wanted(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.output.endswith("Error: say who is told: one of --email (EMAIL=) and --topic (TOPIC=)\n")


@pytest.mark.parametrize("name", ["foundation", "remediation"])
def test_stand_ins_outputs_are_those_of_the_templates(name: str) -> None:
    assert set(TEMPLATES[name]()["Outputs"]) == set(OUTPUTS[f"RootUsageAlarmRule-{name}"])
