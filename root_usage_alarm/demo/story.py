"""The demo's end: an account is remediated, somebody confirms, and a root event arrives.

The embedded AWS evaluates neither metric filters nor alarms: for these two links the story uses this
project's own evaluators, and says so. Everything else is the embedded AWS's own doing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text
from root_usage.alarm.evaluation import COMPARISONS, Condition, Settings, StateValue, Treatment, next_states
from root_usage.aws.cloudwatch import MetricAlarm
from root_usage.aws.logs import MetricFilter
from root_usage.filter_pattern import matches, parse_filter_pattern

from ..local_aws import Account, LocalAws, hooks
from ..local_aws.accounts import UNSET, build_working_chain
from ..remediation.run import carry_out, plan
from .invocation import RULE_NAME, acting_in, invoke

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

EMAIL = "security@example.com"


def tell(console: Console, aws: LocalAws, account: Account) -> None:
    """Broken -> remediated -> confirmed -> COMPLIANT -> a root event's message in a queue."""
    no_log_group = {"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
    build_working_chain(account, trail=no_log_group, log_group=None, alarm=None, topic=None)
    account.client("iam").generate_credential_report()
    put_config_rule(account)
    console.print(
        Text("\nAn account with a trail and nothing behind it. Remediate is pressed:\n", style="bold")
    )
    annotation = _judge(console, aws, account)
    with acting_in(aws, account):
        chosen = {"AccountId": account.account_id, "SubscriptionEndpoint": EMAIL}
        found = plan(account.region, annotation, **chosen)
        console.print(Text(f"  {found['Summary']}"))
        for result in carry_out(account.region, found, **chosen):
            for number, line in enumerate(result.lines):
                name = result.name if number == 0 else ""
                console.print(Text.assemble(("  ✔ " if name else "    ", "green"), f"{name:<23} {line}"))
            if result.waiting:
                console.print(Text.assemble(f"    {'':<23} ", (result.waiting, "yellow")))
    _judge(console, aws, account)
    (topic,) = account.client("sns").list_topics()["Topics"]
    hooks.confirm_subscriptions(topic["TopicArn"])
    console.print(Text(f"  {EMAIL} presses the link in the confirmation mail"))
    _judge(console, aws, account)
    let_root_sign_in(console, account, topic["TopicArn"])


def put_config_rule(account: Account) -> None:
    function = account.arn("lambda", f"function:RDK-Rule-Function-{RULE_NAME}")
    account.client("config").put_config_rule(
        ConfigRule={
            "ConfigRuleName": RULE_NAME,
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": function,
                "SourceDetails": [
                    {
                        "EventSource": "aws.config",
                        "MessageType": "ScheduledNotification",
                        "MaximumExecutionFrequency": "TwentyFour_Hours",
                    }
                ],
            },
        }
    )


def _judge(console: Console, aws: LocalAws, account: Account) -> str:
    """Shows the rule's verdict; returns its annotation."""
    evaluation = invoke(aws, account).evaluation
    compliance = evaluation["ComplianceType"]
    style = "green" if compliance == "COMPLIANT" else "red"
    console.print(Text.assemble((compliance, f"bold {style}"), f"  {evaluation['Annotation']}\n"))
    return str(evaluation["Annotation"])


def let_root_sign_in(console: Console, account: Account, topic_arn: str) -> None:
    queue_url = _subscribe_queue(account, topic_arn)
    event = _root_sign_in(account)
    console.print(Text("Root signs in, without MFA; its CloudTrail event goes its way:\n", style="bold"))
    for line in _pass_on(account, event):
        console.print(Text(f"  {line}"))
    (message,) = account.client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    told = json.loads(json.loads(message["Body"])["Message"])
    console.print(
        Text.assemble(
            ("told: ", "bold green"),
            f"alarm {told['AlarmName']} is {told['NewStateValue']} in account {told['AWSAccountId']}, "
            "says the message in the queue",
        )
    )


def _subscribe_queue(account: Account, topic_arn: str) -> str:
    sqs = account.client("sqs")
    url: str = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    account.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
    return url


def _pass_on(account: Account, event: dict[str, Any]) -> Iterator[str]:
    """The event's way through the account's own log group, metric filter, metric and alarm."""
    (group,) = account.client("logs").describe_log_groups()["logGroups"]
    _put_into(account, group["logGroupName"], event)
    yield f"log group {group['logGroupName']}: the event is in it"
    (answer,) = account.client("logs").describe_metric_filters(logGroupName=group["logGroupName"])[
        "metricFilters"
    ]
    metric_filter = MetricFilter.from_api(answer)
    if not matches(parse_filter_pattern(metric_filter.pattern), event):
        raise AssertionError(f"{metric_filter.name} doesn't match")
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_data(
        Namespace=metric_filter.metric_namespace,
        MetricData=[{"MetricName": metric_filter.metric_name, "Value": float(metric_filter.metric_value)}],
    )
    yield f"metric filter {metric_filter.name}: matches (this project's evaluator), so the metric gets a 1"
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    _evaluate(cloudwatch, MetricAlarm.from_api(alarm), float(metric_filter.metric_value))
    yield f"alarm {alarm['AlarmName']}: in ALARM (this project's evaluator); CloudWatch's action publishes"


def _put_into(account: Account, log_group_name: str, event: dict[str, Any]) -> None:
    logs = account.client("logs")
    stream = f"{account.account_id}_CloudTrail_{account.region}"
    logs.create_log_stream(logGroupName=log_group_name, logStreamName=stream)
    entry = {"timestamp": int(time.time() * 1000), "message": json.dumps(event)}
    logs.put_log_events(logGroupName=log_group_name, logStreamName=stream, logEvents=[entry])


def _evaluate(cloudwatch: CloudWatchClient, alarm: MetricAlarm, value: float) -> None:
    """One datapoint in an alarm that was quiet; what follows on ALARM is the embedded AWS's doing."""
    condition = Condition(COMPARISONS[str(alarm.comparison_operator)], float(alarm.threshold or 0))
    settings = Settings(1, 1, Treatment(alarm.treat_missing_data))
    if next_states((condition.point_of(value),), settings, StateValue.OK) != {StateValue.ALARM}:
        raise AssertionError(f"{alarm.name} doesn't ring")
    cloudwatch.set_alarm_state(AlarmName=alarm.name, StateValue="ALARM", StateReason="1 datapoint breached")


def _root_sign_in(account: Account) -> dict[str, Any]:
    arn = f"arn:aws:iam::{account.account_id}:root"
    identity = {
        "type": "Root",
        "principalId": account.account_id,
        "arn": arn,
        "accountId": account.account_id,
    }
    return {
        "eventVersion": "1.08",
        "userIdentity": identity,
        "eventTime": "2026-11-20T07:01:02Z",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MFAUsed": "No"},
        "eventType": "AwsConsoleSignIn",
        "readOnly": False,
        "managementEvent": True,
        "eventCategory": "Management",
        "recipientAccountId": account.account_id,
    }
