"""Step 5: the alarms."""

from __future__ import annotations

from typing import Any

import boto3

from root_usage_alarm.remediation.steps.shared import TAGS, CannotRemediate, alarm_named

DESCRIPTION = (
    "The AWS root user of this account did something. Find out who and what: CloudTrail event history, "
    "user name root, also in us-east-1 (sign-ins). If nobody can explain it, take the account for "
    "compromised: change root's password, delete its access keys, check its MFA devices."
)


def handler(events: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Puts the alarms that the first step found missing; never over someone else's.

    One event in five minutes rings it, and silence lets it ring again.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    chain, done = events["Chain"], []
    cloudwatch: Any = boto3.client("cloudwatch", chain["Region"])
    topic = chain["Topic"]
    for signal in events["Signals"]:
        if not signal["PutAlarm"]:
            continue
        name = signal["Alarm"]
        there, is_free = alarm_named(cloudwatch, name)
        if not is_free:
            raise CannotRemediate(f"alarm `{name}` was made meanwhile: run this again")
        actions = [topic, *(there or {}).get("AlarmActions", [])]
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription=DESCRIPTION,
            ActionsEnabled=True,
            AlarmActions=list(dict.fromkeys(actions))[:5],
            Namespace=signal["Namespace"],
            MetricName=signal["Metric"],
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            DatapointsToAlarm=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
            Tags=TAGS,
        )
        done.append(f"put alarm `{name}`")
    return {"Done": done or ["nothing to do"]}
