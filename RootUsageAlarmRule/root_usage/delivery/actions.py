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
from .policy import Allowed, Denied, Unproven, may
from .publisher import CLOUDWATCH_ALARMS, Publisher, publisher_of
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
    publisher = publisher_of(alarm)
    for action in alarm.alarm_actions:
        judged = judge_action(evidence, publisher, action, settings)
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


def judge_action(
    evidence: Evidence, publisher: Publisher, action: str, settings: DeliverySettings
) -> Delivered | Finding:
    """Whether the action, or target, of this ARN tells a person; else why not."""
    try:
        arn = Arn.parse(action)
    except MalformedArn:
        return _broken(publisher, action, "is not an ARN")
    kind = kind_of(arn)
    if kind in _TELLS_NOBODY:
        return _tells_nobody(publisher, action, kind)
    if kind.value not in settings.accepted_actions:
        return _not_accepted(publisher, action, kind)
    match kind:
        case ActionKind.SNS:
            # A topic's name has no colon; a subscription's ARN is its topic's, a colon and an id.
            if ":" in arn.resource:
                return _broken(publisher, action, "is not the ARN of a topic")
            return _placed(judge_topic(evidence, publisher, arn, settings), arn, publisher)
        case ActionKind.LAMBDA:
            return _judge_function(evidence, publisher, arn, settings)
        case _:
            return _judge_by_description(publisher, arn, kind)


def _placed(judged: Delivered | Finding, arn: Arn, publisher: Publisher) -> Delivered | Finding:
    """The finding, with the topic's account where that isn't the publisher's."""
    if isinstance(judged, Delivered) or arn.account_id == publisher.arn.account_id:
        return judged
    # That the topic is in another region is for the alarm, or the rule, to repair.
    return judged if judged.code is Code.TOPIC_ELSEWHERE else replace(judged, account_id=arn.account_id)


def _judge_function(
    evidence: Evidence, publisher: Publisher, arn: Arn, settings: DeliverySettings
) -> Delivered | Finding:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html"""
    if arn.region != publisher.arn.region:
        return _broken(publisher, str(arn), f"is not in {publisher.arn.region}")
    policy = evidence.answer(PolicyOfFunction(place_to_ask(evidence, publisher.arn, arn, settings), arn))
    if isinstance(policy, Unreadable):
        remedy = remedy_for(policy, evidence, publisher.arn, arn, settings)
        return unreadable(
            Code.ACTION_UNREADABLE, str(arn), f"{publisher.service.action} {quote(str(arn))}", policy, remedy
        )
    if policy is None:
        return _uninvokable(publisher, str(arn))
    principal, request = publisher.service.principal_for_lambda, publisher.invoking
    match may(policy, principal, "lambda:InvokeFunction", str(arn), request):
        case Allowed():
            return _accepted(publisher, str(arn), ActionKind.LAMBDA)
        case Denied():
            return _uninvokable(publisher, str(arn))
        case Unproven(reason):
            return _undecided(publisher, str(arn), reason)


def _judge_by_description(publisher: Publisher, arn: Arn, kind: ActionKind) -> Delivered | Finding:
    """For kinds whose target this rule doesn't read: the rule's owner vouches for it."""
    if arn.partition != publisher.arn.partition:
        return _broken(publisher, str(arn), f"is not in partition {publisher.arn.partition}")
    # An incident's response plan is global, its ARN has no region.
    if kind is not ActionKind.INCIDENT and arn.region != publisher.arn.region:
        return _broken(publisher, str(arn), f"is not in {publisher.arn.region}")
    # An OpsItem's ARN names the account that made the alarm:
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-configuring-an-existing-alarm-programmatically.html
    if kind is ActionKind.OPSITEM and arn.account_id != publisher.arn.account_id:
        return _broken(publisher, str(arn), f"is not in account {publisher.arn.account_id}")
    return _accepted(publisher, str(arn), kind)


def _accepted(publisher: Publisher, action: str, kind: ActionKind) -> Delivered:
    note = f"{kind.value} {publisher.service.action} accepted by AcceptedActions; whom it tells is not seen"
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
        CLOUDWATCH_ALARMS.add_topic,
    )


def _tells_nobody(publisher: Publisher, action: str, kind: ActionKind) -> Finding:
    what = "of a kind unknown to this rule" if kind is ActionKind.UNKNOWN else f"of kind {kind.value}"
    return Finding(
        Code.ACTION_NOT_ACCEPTED,
        action,
        f"{publisher.service.action} {quote(action)} of {publisher} is {what}, so no one is told by it",
        publisher.service.add_topic,
    )


def _not_accepted(publisher: Publisher, action: str, kind: ActionKind) -> Finding:
    return Finding(
        Code.ACTION_NOT_ACCEPTED,
        action,
        f"{publisher.service.action} {quote(action)} of {publisher} is of kind {kind.value}, "
        "which AcceptedActions doesn't accept, so no one counts as told",
        f"{publisher.service.add_topic}, or {kind.value} to AcceptedActions",
    )


def _broken(publisher: Publisher, action: str, fault: str) -> Finding:
    return Finding(
        Code.ACTION_BROKEN,
        action,
        f"{publisher.service.action} {quote(action)} of {publisher} {fault}, so no one is told by it",
        f"give the {publisher.service.noun} the ARN of a topic in {publisher.arn.region}",
    )


def _uninvokable(publisher: Publisher, action: str) -> Finding:
    return Finding(
        Code.ACTION_BROKEN,
        action,
        f"function {quote(action)} doesn't let {publisher} invoke it, so no one is told",
        f"allow lambda:InvokeFunction to {publisher.service.principal_for_lambda} (AddPermission)",
    )


def _undecided(publisher: Publisher, action: str, reason: str) -> Finding:
    return Finding(
        Code.ACTION_UNDECIDED,
        action,
        f"can't decide whether {publisher.service.noun}s may invoke function {quote(action)}: {reason}",
        f"allow lambda:InvokeFunction to {publisher.service.principal_for_lambda} (AddPermission)",
    )
