"""How somebody is told that the rule itself has stopped: AWS Config goes on showing its last result then.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

import json
from typing import Any

from . import names
from .foundation import TOPIC_ARN
from .policies import JSON
from .rule_folder import PARAMETERS

# https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html (MaximumExecutionFrequency)
HOURS = {"One_Hour": 1, "Three_Hours": 3, "Six_Hours": 6, "Twelve_Hours": 12, "TwentyFour_Hours": 24}
KEPT_SECONDS = 14 * 24 * 3600  # the longest that SQS keeps a message


def template(function: str = names.FUNCTION) -> JSON:
    """The stack `names.WATCH_STACK`: it needs the function, which rdk makes."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: tells that the AWS Config rule itself has stopped",
        "Parameters": {"TopicArn": TOPIC_ARN},
        "Resources": resources(function),
    }


def resources(function: str, reference: JSON | str = "") -> dict[str, JSON]:
    """The alarms, and where the events go that failed for good; `reference` is to the template's function."""
    return {
        "FailedEvents": {
            "Type": "AWS::SQS::Queue",
            "UpdateReplacePolicy": "Delete",
            "DeletionPolicy": "Delete",
            "Properties": {
                "QueueName": names.failed_events(function),
                "MessageRetentionPeriod": KEPT_SECONDS,
                "SqsManagedSseEnabled": True,
            },
        },
        "FailedEventsOfFunction": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": reference or function,
                "Qualifier": "$LATEST",
                "MaximumRetryAttempts": 2,
                "MaximumEventAgeInSeconds": 6 * 3600,
                "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["FailedEvents", "Arn"]}}},
            },
        },
        **{f"Function{name}Alarm": alarm for name, alarm in _alarms(function).items()},
    }


def alarm_names(function: str) -> list[str]:
    """Names of ours: the topic's policy names the alarms before they exist."""
    return [each["Properties"]["AlarmName"] for each in _alarms(function).values()]


def _alarms(function: str) -> dict[str, JSON]:
    log, again = f"log group /aws/lambda/{function}", "then press Re-evaluate on the rule's page"
    old = f"AWS Config may show an old result of rule {names.RULE}"
    return {
        "Errors": _alarm(
            f"{function}-errors",
            "Errors",
            f"1. Function {function} failed, so {old}.",
            f"2. See why in {log}: throttling and AWS's own faults are tried twice again.",
            f"3. Else mend it or deploy again, {again}.",
        ),
        "Silent": _alarm(
            f"{function}-silent",
            "Invocations",
            f"1. AWS Config didn't invoke function {function} for {_silence()} hours, so {old}; or the rule "
            "was deployed within the hour, and this ends by itself.",
            "2. Are rule, function and its permission for AWS Config there, and does the recorder record?",
            f"3. Deploy again, {again}.",
            Period=3600,
            # Two intervals. More than a day is evaluated once an hour, on full hours.
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
            EvaluationPeriods=_silence(),
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="breaching",
        ),
        "Dropped": _alarm(
            f"{function}-dropped",
            "AsyncEventsDropped",
            f"1. Lambda gave up an event of AWS Config for function {function}, so {old}.",
            f"2. The event and the error are in queue {names.failed_events(function)}, and in {log}.",
            f"3. Mend what it says, {again} (of the account in the event).",
        ),
        "Throttled": _alarm(
            f"{function}-throttled",
            "Throttles",
            f"1. Function {function} was throttled for four hours without a pause, so {old} soon.",
            "2. Lambda tries again for six hours, then gives up. What else uses the region's concurrency up?",
            "3. Have the quota raised; an organization may let more run at a time (ReservedConcurrency).",
            # In a large organization all members' timers at once take more than an hour: docs/scale.md.
            EvaluationPeriods=48,
        ),
    }


def _silence() -> int:
    """Two scheduled intervals, in hours."""
    rule = json.loads(PARAMETERS.read_text(encoding="utf-8"))["Parameters"]
    return 2 * HOURS[rule["SourcePeriodic"]]


def _alarm(name: str, metric: str, *runbook: str, **others: Any) -> JSON:
    working = {
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    function = name.rpartition("-")[0]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "AlarmDescription": "\n".join(runbook),
            "Namespace": "AWS/Lambda",
            "MetricName": metric,
            "Dimensions": [{"Name": "FunctionName", "Value": function}],
            **working,
            **others,
            "AlarmActions": [{"Ref": "TopicArn"}],
        },
    }
