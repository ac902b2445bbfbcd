"""Which alarm is drilled: that of the chain which the rule found, with what would tell and be told by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from root_usage.aws.arn import Arn, MalformedArn, Place
from root_usage.aws.cloudwatch import AlarmState, CompositeAlarm, MetricAlarm
from root_usage.aws.logs import LogGroupId, MetricFilter
from root_usage.delivery import ActionKind
from root_usage.delivery.actions import kind_of
from root_usage.examine import Account, Examination
from root_usage.verdict.annotation import annotation_of
from root_usage.verdict.findings import Link, quote
from root_usage.verdict.outcome import Chain, NotTold, ReportedElsewhere, Told

STATES = {
    "ALARM": "AlarmActions",
    "OK": "OKActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
"""A state of an alarm, and the member with the actions that a transition into it carries out."""

_MOST_ALARMS_ABOVE = 100


class CannotDrill(Exception):
    """Why there is nothing to drill here, and what to do."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of an alarm: `state` is the one that carries it out."""

    alarm_name: str
    state: str
    arn: str

    @property
    def kind(self) -> ActionKind:
        try:
            return kind_of(Arn.parse(self.arn))
        except MalformedArn:
            return ActionKind.UNKNOWN

    @property
    def topic(self) -> Arn | None:
        return Arn.parse(self.arn) if self.kind is ActionKind.SNS else None


@dataclass(frozen=True, slots=True)
class Target:
    """A chain with the alarm that is drilled; `action` is the ARN by which a person should be told."""

    chain: Chain
    alarm: MetricAlarm | CompositeAlarm
    metric_filter: MetricFilter
    log_group: LogGroupId
    action: str

    @property
    def place(self) -> Place:
        return self.alarm.place

    @property
    def topic(self) -> Arn | None:
        return Action(self.alarm.name, "ALARM", self.action).topic

    @property
    def alarm_type(self) -> str:
        """As DescribeAlarms has it."""
        return type(self.alarm).__name__


@dataclass(frozen=True, slots=True)
class AlarmNow:
    """The state that the alarm is in, and what it and the composite alarms above it may carry out."""

    state: AlarmState
    actions: tuple[Action, ...]


def target_of(
    account: Account, examination: Examination, alarm_name: str | None = None, *, anyway: bool = False
) -> Target:
    """The alarm of the account's chain; with `anyway`, of a broken one as well, the furthest first.

    Raises CannotDrill.
    """
    chains = [each for each in _chains(examination, anyway=anyway) if _alarm_of(each)]
    names = list(dict.fromkeys(each.name(Link.ALARM) for each in chains))
    if alarm_name is not None:
        chains = [each for each in chains if each.name(Link.ALARM) == alarm_name]
    if not chains:
        raise CannotDrill(_without_alarm(examination, names))
    if len(names) > 1 and alarm_name is None and isinstance(examination.verdict, Told):
        listed = ", ".join(map(quote, names))
        raise CannotDrill(f"the account is told by several alarms together: drill each by --alarm ({listed})")
    return _target(account, chains[0])


def _chains(examination: Examination, *, anyway: bool) -> list[Chain]:
    verdict = examination.verdict
    match verdict:
        case Told(chains):
            return list(chains)
        case NotTold(_, chains) if anyway:
            return sorted(chains, key=lambda each: -each.reach)
        case NotTold() | ReportedElsewhere():
            hint = "; --anyway drills the alarm that gets furthest" if isinstance(verdict, NotTold) else ""
            raise CannotDrill(f"{annotation_of(verdict)}{hint}")


def _alarm_of(chain: Chain) -> MetricAlarm | CompositeAlarm | None:
    record = chain.record(Link.ALARM)
    return record if isinstance(record, MetricAlarm | CompositeAlarm) else None


def _without_alarm(examination: Examination, names: list[str]) -> str:
    if names:
        return f"no chain has an alarm of that name, but {', '.join(map(quote, names))}"
    chains = () if isinstance(examination.verdict, ReportedElsewhere) else examination.verdict.chains
    if any(each.name(Link.EVENT_RULE) for each in chains):
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        return (
            "the account is told by EventBridge rules, which have no alarm that could be set, and nobody may "
            "put events whose source begins with `aws.`; sign in as root to try them"
        )
    return f"no chain gets as far as an alarm: {annotation_of(examination.verdict)}"


def _target(account: Account, chain: Chain) -> Target:
    alarm, log_group = _alarm_of(chain), chain.record(Link.LOG_GROUP)
    metric_filter = chain.record(Link.METRIC_FILTER)
    # INVARIANT: a chain with an alarm has the links before it.
    assert alarm and isinstance(log_group, LogGroupId) and isinstance(metric_filter, MetricFilter)  # noqa: S101, PT018
    if alarm.place.account_id != account.account_id:
        raise CannotDrill(f"alarm {quote(alarm.name)} is in account {alarm.place.account_id}: drill it there")
    if not alarm.alarm_actions:
        raise CannotDrill(f"alarm {quote(alarm.name)} has no action for ALARM: nobody would be told")
    return Target(chain, alarm, metric_filter, log_group, _action_of(chain, alarm.alarm_actions))


def _action_of(chain: Chain, actions: tuple[str, ...]) -> str:
    """The chain's own action; where it is broken there, the one that the finding names, or the first."""
    name = chain.name(Link.ACTION) or (chain.broken.resource if chain.broken else "")
    return next((each for each in actions if each == name or each.endswith(f":{name}")), actions[0])


def alarm_now(cloudwatch: Any, target: Target) -> AlarmNow:
    """The alarm as it is now, and all that may act with it. Raises CannotDrill where it is gone."""
    answer = cloudwatch.describe_alarms(AlarmNames=[target.alarm.name], AlarmTypes=[target.alarm_type])
    found = [*answer["MetricAlarms"], *answer["CompositeAlarms"]]
    if not found:
        raise CannotDrill(f"alarm {quote(target.alarm.name)} is gone")
    above = _alarms_above(cloudwatch, target.alarm.name)
    return AlarmNow(
        AlarmState.from_api(found[0]), tuple(each for alarm in (*found, *above) for each in _actions(alarm))
    )


def _actions(alarm: Mapping[str, Any]) -> Iterator[Action]:
    """Those of disabled actions are never carried out."""
    if alarm["ActionsEnabled"]:
        for state, member in STATES.items():
            yield from (Action(alarm["AlarmName"], state, arn) for arn in alarm.get(member, ()))


def _alarms_above(cloudwatch: Any, name: str) -> list[Mapping[str, Any]]:
    """The composite alarms that a change of this one may change, over one another.

    Asked for parents, which nothing else can be asked with, AWS shows no more of them than their names.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    pages = cloudwatch.get_paginator("describe_alarms")
    found: dict[str, Mapping[str, Any]] = {}
    below = [name]
    while below and len(found) < _MOST_ALARMS_ABOVE:
        parents = pages.paginate(ParentsOfAlarmName=below.pop())
        names = [each["AlarmName"] for page in parents for each in page["CompositeAlarms"]]
        if new := [each for each in names if each not in found and each != name]:
            answer = cloudwatch.describe_alarms(AlarmNames=new, AlarmTypes=["CompositeAlarm"])
            found |= {each["AlarmName"]: each for each in answer["CompositeAlarms"]}
            below += new
    return list(found.values())
