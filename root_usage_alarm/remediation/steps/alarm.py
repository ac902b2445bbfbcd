"""Step 5: the alarms."""

from __future__ import annotations

import re
from typing import Any

import boto3

from root_usage_alarm.remediation.steps.shared import JSON, TAGS, CannotRemediate, Chain, alarm_named

DESCRIPTION = (
    "The AWS root user of this account did something. Find out who and what: CloudTrail event history, "
    "user name root, also in us-east-1 (sign-ins). If nobody can explain it, take the account for "
    "compromised: change root's password, delete its access keys, check its MFA devices."
)


QUERY = """fields @timestamp, eventName, awsRegion, sourceIPAddress, userAgent
| filter userIdentity.type = 'Root' | sort @timestamp desc"""


def details(chain: Chain) -> str:
    """Which account this is, and a link to the console's query for what root did in the last three hours."""
    names = boto3.client("iam").list_account_aliases()["AccountAliases"]
    query, group = (re.sub(r"[^\w.-]", starred, each, flags=re.ASCII) for each in (QUERY, chain["LogGroup"]))
    shown = f"~(end~0~start~-10800~timeType~'RELATIVE~unit~'seconds~editorString~'{query}~source~(~'{group}))"
    shown = re.sub("[~()']", lambda each: f"$25{ord(each[0]):X}", shown)
    domain = {"aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}.get(
        chain["Partition"], "aws.amazon.com"
    )
    region = chain["Region"]
    return (
        f" Account {' '.join([chain['Account'], *names])}. What it did: https://{region}.console.{domain}"
        f"/cloudwatch/home?region={region}#logsV2:logs-insights$3FqueryDetail$3D{shown}"
    )


def starred(each: re.Match[str]) -> str:
    return f"*{ord(each[0]):02x}"


def handler(events: JSON, _context: Any) -> JSON:
    """Puts the alarms that the first step found missing; never over someone else's.

    One event in five minutes rings it, and silence lets it ring again.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    chain, done = events["Chain"], []
    cloudwatch: Any = boto3.client("cloudwatch", chain["Region"])
    topic, more = chain["Topic"], details(chain) if events["AlarmDetails"] else ""
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
            AlarmDescription=DESCRIPTION + more,
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
