"""How the tests run the remediation's document, and what a run from nothing changes."""

from __future__ import annotations

from typing import Any

import pytest

from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import UNSET
from tests.remediation.recording import Calls
from tests.remediation.runner import Execution, StepFailed, load, run

DOCUMENT = load("root-usage-alarm.json")
ROLE = "arn:aws:iam::111122223333:role/automation"
DELIVERY_ROLE = "arn:aws:iam::111122223333:role/RootUsageAlarmRule-delivery-eu-west-1"
EMAIL = "oncall@example.com"
WITHOUT_LOG_GROUP = {"CloudWatchLogsLogGroupArn": UNSET, "CloudWatchLogsRoleArn": UNSET}
EVERY_STEP = [
    "Judge",
    "Look",
    "Decide",
    "TrailAndLogGroup",
    "MetricFilter",
    "TopicAndSubscription",
    "Alarm",
    "Prove",
]
NO_WORK = ["Judge", "Look", "Decide", "NothingToDo"]
TOPIC = "arn:aws:sns:eu-west-1:111122223333:root-usage-alarm"
OWN_TAGS = [{"Key": "CreatedBy", "Value": "root-usage-alarm"}]

# Accounts that work, not all in the way in which the document would make them.
WORKING = [
    pytest.param({}, id="cis"),
    pytest.param({"metric_filter": {"filterPattern": '{ $.userIdentity.type = "Root" }'}}, id="pattern"),
    pytest.param({"metric_filter": {"filterPattern": '{ $.userIdentity.type = "Root*" }'}}, id="wider"),
    pytest.param({"transformation": {"metricValue": "5"}, "alarm": {"Threshold": 5.0}}, id="5-of-5"),
    pytest.param({"alarm": {"EvaluationPeriods": 3, "DatapointsToAlarm": 1}}, id="1-of-3"),
    pytest.param({"alarm": {"Statistic": "Maximum"}}, id="maximum"),
]

# Everything that a run changes in an account without anything, in order.
WRITES = [
    "CreateLogGroup",
    "PutRetentionPolicy",
    "CreateBucket",
    "PutBucketTagging",
    "PutPublicAccessBlock",
    "PutBucketEncryption",
    "PutBucketPolicy",
    "CreateTrail",
    "StartLogging",
    "PutMetricFilter",
    "CreateTopic",
    "Subscribe",
    "PutMetricAlarm",
]


ALARM_SETTINGS = {
    "Namespace": "CloudTrailMetrics",
    "MetricName": "RootAccountUsageCount",
    "Statistic": "Sum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "DatapointsToAlarm": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
    "ActionsEnabled": True,
    "AlarmActions": [TOPIC],
    "Dimensions": [],
    "Unit": None,
}


def remediate(account: Account, **parameters: Any) -> Execution:
    return run(DOCUMENT, account.region, **arguments(account, **parameters))


def arguments(account: Account, **parameters: Any) -> dict[str, Any]:
    roles = {"AutomationAssumeRole": ROLE, "DeliveryRoleArn": DELIVERY_ROLE}
    return {**roles, "AccountId": account.account_id, **parameters}


def from_nothing(account: Account) -> Execution:
    return remediate(account, SubscriptionEndpoint=EMAIL, CreateTrail=True)


def refusal(account: Account, **parameters: Any) -> str:
    """What the document says when it stops, having changed nothing."""
    calls = Calls()
    with pytest.raises(StepFailed) as failure:
        remediate(account, **parameters)
    assert calls.writes == []
    return str(failure.value)
