"""`--policy`: what a drill of this chain needs, and no more: the rule's reads, and its own calls by resource.

The reads are those of this account's evaluation, at the resources that the rule's own role has them for: the
next evaluation may ask them of another trail or topic.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from root_usage.aws.asking import Evidence
from root_usage.aws.gathering import READERS

from ..deployment.policies import RESOURCES, document
from .target import Action, Target

JSON = dict[str, Any]

RING, WATCH = "ring", "watch"


def policy_of(
    target: Target, actions: Iterable[Action], evidence: Evidence, partition: str, modes: Iterable[str]
) -> JSON:
    """An identity policy; `modes` are RING and WATCH, or one of them."""
    modes = set(modes)
    alarm = [str(target.alarm.arn)]
    statements = [
        *_checking(evidence, partition),
        _allow("FollowTheAlarm", ["cloudwatch:DescribeAlarmHistory"], alarm),
        # Neither knows a resource but all of them, once composite alarms are to be seen.
        _allow(
            "ReadAlarmsAndMetrics", ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics"], ["*"]
        ),
    ]
    if RING in modes:
        topics = sorted({str(each.topic) for each in actions if each.topic})
        statements.append(_allow("RingTheAlarm", ["cloudwatch:SetAlarmState"], alarm))
        if topics:
            statements.append(_allow("ReadWhoIsTold", ["sns:ListSubscriptionsByTopic"], topics))
    if WATCH in modes:
        group = target.log_group
        own = f"arn:{partition}:logs:{group.place.region}:{group.place.account_id}:log-group:{group.name}:*"
        statements.append(_allow("ReadTheLogGroup", ["logs:FilterLogEvents"], [own]))
        statements.append(_allow("ReadTheEventHistory", ["cloudtrail:LookupEvents"], ["*"]))
    return document(*statements)


def _checking(evidence: Evidence, partition: str) -> list[JSON]:
    by_resource: dict[str, set[str]] = {}
    for question, _ in evidence:
        for action in READERS[type(question)].actions:
            resource = RESOURCES.get(action, "*").replace("${AWS::Partition}", partition)
            by_resource.setdefault(resource.replace("${AWS::AccountId}", evidence.account_id), set()).add(
                action
            )
    return [
        _allow(f"Check{number}", sorted(by_resource[resource]), [resource])
        for number, resource in enumerate(sorted(by_resource), start=1)
    ]


def _allow(sid: str, actions: list[str], resources: list[str]) -> JSON:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}
