"""Judges an alarm's actions: does one of them tell a person?

CloudWatch doesn't check that an action exists or works.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from ..aws.arn import Arn, MalformedArn
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudwatch import CompositeAlarm, MetricAlarm
from ..aws.functions import PolicyOfFunction
from ..verdict.findings import Code, Finding, quote, unreadable
from .caller import CLOUDWATCH_FOR_LAMBDA, request_of_alarm
from .policy import Allowed, Denied, Unproven, may
from .reader import place_to_ask, remedy_for
from .settings import Delivered, DeliverySettings
from .topic import judge_topic


class ActionKind(Enum):
    """What an alarm action does; the values are those of parameter AcceptedActions.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (`AlarmActions`)
    """

    SNS = "sns"
    LAMBDA = "lambda"
    OPSITEM = "opsitem"
    INCIDENT = "incident"
    INVESTIGATION = "investigation"
    EC2 = "ec2"
    AUTOSCALING = "autoscaling"
    UNKNOWN = "unknown"


# These never tell a person, so AcceptedActions doesn't take them.
_TELLS_NOBODY = frozenset({ActionKind.EC2, ActionKind.AUTOSCALING, ActionKind.UNKNOWN})
ACCEPTABLE = frozenset(ActionKind) - _TELLS_NOBODY

# Service and the resource's beginning, in an action's ARN.
_KINDS: tuple[tuple[str, str, ActionKind], ...] = (
    ("sns", "", ActionKind.SNS),
    ("lambda", "function:", ActionKind.LAMBDA),
    ("ssm", "opsitem:", ActionKind.OPSITEM),
    # CloudWatch documents the first spelling, Incident Manager's own ARNs have the second:
    # https://docs.aws.amazon.com/incident-manager/latest/APIReference/API_UpdateResponsePlan.html
    ("ssm-incidents", "responseplan/", ActionKind.INCIDENT),
    ("ssm-incidents", "response-plan/", ActionKind.INCIDENT),
    ("aiops", "investigation-group", ActionKind.INVESTIGATION),
    ("automate", "", ActionKind.EC2),
    ("swf", "", ActionKind.EC2),
    ("autoscaling", "", ActionKind.AUTOSCALING),
)


def judge_actions(
    evidence: Evidence, alarm: MetricAlarm | CompositeAlarm, settings: DeliverySettings
) -> Delivered | tuple[Finding, ...]:
    """The first action that is proven to tell a person; else why none does, the furthest first."""
    if not alarm.actions_enabled:
        return (_disabled(alarm),)
    if not alarm.alarm_actions:
        return (_no_action(alarm),)
    findings: list[Finding] = []
    for action in alarm.alarm_actions:
        judged = _judge_action(evidence, alarm, action, settings)
        if isinstance(judged, Delivered):
            return judged
        findings.append(judged)
    return tuple(sorted(findings, key=lambda each: -each.code.link))


def kind_of(arn: Arn) -> ActionKind:
    """The kind of an action, by its ARN."""
    kinds = (
        kind
        for service, beginning, kind in _KINDS
        if arn.service == service and arn.resource.startswith(beginning)
    )
    return next(kinds, ActionKind.UNKNOWN)


def _judge_action(
    evidence: Evidence, alarm: MetricAlarm | CompositeAlarm, action: str, settings: DeliverySettings
) -> Delivered | Finding:
    try:
        arn = Arn.parse(action)
    except MalformedArn:
        return _broken(alarm, action, "is not an ARN")
    kind = kind_of(arn)
    if kind in _TELLS_NOBODY:
        return _tells_nobody(alarm, action, kind)
    if kind.value not in settings.accepted_actions:
        return _not_accepted(alarm, action, kind)
    match kind:
        case ActionKind.SNS:
            # A topic's name has no colon; a subscription's ARN is its topic's, a colon and an id.
            if ":" in arn.resource:
                return _broken(alarm, action, "is not the ARN of a topic")
            return _placed(judge_topic(evidence, alarm, arn, settings), arn, alarm)
        case ActionKind.LAMBDA:
            return _judge_function(evidence, alarm, arn, settings)
        case _:
            return _judge_by_description(alarm, arn, kind)


def _placed(
    judged: Delivered | Finding, arn: Arn, alarm: MetricAlarm | CompositeAlarm
) -> Delivered | Finding:
    """The finding, with the topic's account where that isn't the alarm's."""
    if isinstance(judged, Delivered) or arn.account_id == alarm.arn.account_id:
        return judged
    # That the topic is in another region is for the alarm to repair.
    return judged if judged.code is Code.TOPIC_ELSEWHERE else replace(judged, account_id=arn.account_id)


def _judge_function(
    evidence: Evidence, alarm: MetricAlarm | CompositeAlarm, arn: Arn, settings: DeliverySettings
) -> Delivered | Finding:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html"""
    if arn.region != alarm.arn.region:
        return _broken(alarm, str(arn), f"is not in {alarm.arn.region}")
    policy = evidence.answer(PolicyOfFunction(place_to_ask(evidence, alarm.arn, arn, settings), arn))
    if isinstance(policy, Unreadable):
        remedy = remedy_for(policy, evidence, alarm.arn, arn, settings)
        return unreadable(Code.ACTION_UNREADABLE, str(arn), f"action {quote(str(arn))}", policy, remedy)
    if policy is None:
        return _uninvokable(alarm, str(arn))
    request = request_of_alarm(alarm.arn)
    match may(policy, CLOUDWATCH_FOR_LAMBDA, "lambda:InvokeFunction", str(arn), request):
        case Allowed():
            return _accepted(str(arn), ActionKind.LAMBDA)
        case Denied():
            return _uninvokable(alarm, str(arn))
        case Unproven(reason):
            return _undecided(str(arn), reason)


def _judge_by_description(
    alarm: MetricAlarm | CompositeAlarm, arn: Arn, kind: ActionKind
) -> Delivered | Finding:
    """For kinds whose target this rule doesn't read: the rule's owner vouches for it."""
    if arn.partition != alarm.arn.partition:
        return _broken(alarm, str(arn), f"is not in partition {alarm.arn.partition}")
    # An incident's response plan is global, its ARN has no region.
    if kind is not ActionKind.INCIDENT and arn.region != alarm.arn.region:
        return _broken(alarm, str(arn), f"is not in {alarm.arn.region}")
    # An OpsItem's ARN names the account that made the alarm:
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-configuring-an-existing-alarm-programmatically.html
    if kind is ActionKind.OPSITEM and arn.account_id != alarm.arn.account_id:
        return _broken(alarm, str(arn), f"is not in account {alarm.arn.account_id}")
    return _accepted(str(arn), kind)


def _accepted(action: str, kind: ActionKind) -> Delivered:
    note = f"{kind.value} action accepted by AcceptedActions; whom it tells is not seen"
    return Delivered(action, None, 0, (), (note,))


# -- findings ----------------------------------------------------------------------------------------


def _disabled(alarm: MetricAlarm | CompositeAlarm) -> Finding:
    return Finding(
        Code.ALARM_ACTIONS_DISABLED,
        alarm.name,
        f"alarm {quote(alarm.name)} has its actions disabled, so no one is told",
        "enable its actions (EnableAlarmActions)",
    )


def _no_action(alarm: MetricAlarm | CompositeAlarm) -> Finding:
    return Finding(
        Code.NO_ALARM_ACTION,
        alarm.name,
        f"alarm {quote(alarm.name)} has no action for the ALARM state, so no one is told",
        "add an SNS topic to its AlarmActions",
    )


def _tells_nobody(alarm: MetricAlarm | CompositeAlarm, action: str, kind: ActionKind) -> Finding:
    what = "of a kind unknown to this rule" if kind is ActionKind.UNKNOWN else f"of kind {kind.value}"
    return Finding(
        Code.ACTION_NOT_ACCEPTED,
        action,
        f"action {quote(action)} of alarm {quote(alarm.name)} is {what}, so no one is told by it",
        "add an SNS topic to its AlarmActions",
    )


def _not_accepted(alarm: MetricAlarm | CompositeAlarm, action: str, kind: ActionKind) -> Finding:
    return Finding(
        Code.ACTION_NOT_ACCEPTED,
        action,
        f"action {quote(action)} of alarm {quote(alarm.name)} is of kind {kind.value}, "
        "which AcceptedActions doesn't accept, so no one counts as told",
        f"add an SNS topic to its AlarmActions, or {kind.value} to AcceptedActions",
    )


def _broken(alarm: MetricAlarm | CompositeAlarm, action: str, fault: str) -> Finding:
    return Finding(
        Code.ACTION_BROKEN,
        action,
        f"action {quote(action)} of alarm {quote(alarm.name)} {fault}, so no one is told by it",
        f"give the alarm the ARN of a topic in {alarm.arn.region}",
    )


def _uninvokable(alarm: MetricAlarm | CompositeAlarm, action: str) -> Finding:
    return Finding(
        Code.ACTION_BROKEN,
        action,
        f"function {quote(action)} doesn't let alarm {quote(alarm.name)} invoke it, so no one is told",
        f"allow lambda:InvokeFunction to {CLOUDWATCH_FOR_LAMBDA} (AddPermission)",
    )


def _undecided(action: str, reason: str) -> Finding:
    return Finding(
        Code.ACTION_UNDECIDED,
        action,
        f"can't decide whether alarms may invoke function {quote(action)}: {reason}",
        f"allow lambda:InvokeFunction to {CLOUDWATCH_FOR_LAMBDA} (AddPermission)",
    )
