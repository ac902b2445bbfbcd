"""Step 6: reads everything back, tries the pattern on root events, and has the rule evaluate again."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

from root_usage_alarm.remediation.steps.shared import (
    CannotRemediate,
    alarm_named,
    arn,
    filters_of,
    subscriptions_of,
)

Chain = dict[str, str]
Signal = dict[str, str]


def handler(events: dict[str, Any], _context: Any) -> dict[str, Any]:
    """What holds, read from AWS; fails when a link doesn't."""
    chain = events["Chain"]
    proven = [prove_trail(chain)]
    for signal in events["Signals"]:
        proven += [prove_filter(chain, signal), prove_alarm(chain, signal)]
    subscriptions = subscriptions_of(boto3.client("sns", chain["Region"]), chain["Topic"])
    confirmed = [each for each in subscriptions if each["SubscriptionArn"][:4] == "arn:"]
    proven.append(f"topic `{chain['Topic']}`: {len(confirmed)} of {len(subscriptions)} confirmed")
    return {"Proven": proven, "Evaluation": evaluate_again(events["Region"], events["ConfigRuleName"])}


def require(holds: Any, fault: str) -> None:
    if not holds:
        raise CannotRemediate(fault + ": run this again")


def prove_trail(chain: Chain) -> str:
    name, group = chain["Trail"], chain["LogGroup"]
    cloudtrail, trail_arn = (
        boto3.client("cloudtrail", chain["Region"]),
        arn(chain, "cloudtrail", "trail/" + name),
    )
    (trail,) = cloudtrail.describe_trails(trailNameList=[trail_arn])["trailList"]
    feeds = f":log-group:{group}:" in trail.get("CloudWatchLogsLogGroupArn", "")
    logs = cloudtrail.get_trail_status(Name=trail_arn)["IsLogging"]
    require(feeds and logs, f"trail `{name}` doesn't log to `{group}`")
    return f"trail `{name}` logs to `{group}`"


def prove_filter(chain: Chain, signal: Signal) -> str:
    """AWS's own parser decides: TestMetricFilter has no side effects.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html
    """
    logs, name = boto3.client("logs", chain["Region"]), signal["Filter"]
    (found,) = [
        each for each in filters_of(logs, logGroupName=chain["LogGroup"]) if each["filterName"] == name
    ]
    metric = {"metricName": signal["Metric"], "metricNamespace": signal["Namespace"], "metricValue": "1"}
    require(
        metric.items() <= found["metricTransformations"][0].items(), f"metric filter `{name}` is another now"
    )
    samples = samples_of(api_calls_alone='= "AwsApiCall"' in signal["Pattern"])
    matches = logs.test_metric_filter(filterPattern=found["filterPattern"], logEventMessages=list(samples))[
        "matches"
    ]
    matched = {match["eventMessage"] for match in matches}
    require(
        matched == {text for text in samples if samples[text]},
        f"metric filter `{name}` doesn't tell root's events from others",
    )
    return f"metric filter `{name}` matches {len(matched)} of {len(samples)} sample events, the right ones"


def samples_of(api_calls_alone: bool) -> dict[str, bool]:
    """Events, and whether the filter is to match them: root's own, then near misses."""
    sign_in, call = ("AwsConsoleSignIn", "ConsoleLogin"), ("AwsApiCall", "CreateUser")
    cases: list[tuple[tuple[str, str], dict[str, Any], bool]] = [
        (sign_in, {}, not api_calls_alone),
        (call, {"sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}, True),
        (("AwsApiCall", "ListUsers"), {"accessKeyId": "AKIAEXAMPLE"}, True),
        (call, {"invokedBy": "cloudformation.amazonaws.com"}, False),
        (("AwsServiceEvent", "RotateKey"), {}, False),
        (call, {"type": "IAMUser", "userName": "Root"}, False),
        (sign_in, {"type": "AssumedRole", "arn": "assumed-role/Root/root"}, False),
    ]
    return {
        json.dumps(
            {"eventType": kind, "eventName": name, "userIdentity": {"type": "Root", **identity}}
        ): wanted
        for (kind, name), identity, wanted in cases
    }


def prove_alarm(chain: Chain, signal: Signal) -> str:
    name = signal["Alarm"]
    alarm, _ = alarm_named(boto3.client("cloudwatch", chain["Region"]), name)
    require(
        alarm
        and alarm["ActionsEnabled"]
        and chain["Topic"] in alarm["AlarmActions"]
        and (alarm.get("Namespace"), alarm.get("MetricName")) == (signal["Namespace"], signal["Metric"]),
        f"alarm `{name}` is another now",
    )
    return f"alarm `{name}` watches the metric and tells the topic"


def evaluate_again(region: str, rule: str) -> str:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigRulesEvaluation.html"""
    if not rule:
        return ""
    try:
        boto3.client("config", region).start_config_rules_evaluation(ConfigRuleNames=[rule])
        return f"config rule `{rule}` evaluates again"
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in ("LimitExceededException", "ResourceInUseException", "NoSuchConfigRuleException"):
            raise
        return f"config rule `{rule}`: {code}"
