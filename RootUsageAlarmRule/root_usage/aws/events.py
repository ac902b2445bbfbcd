"""EventBridge's buses, rules and targets, as its API shows them, and the regions that they are asked in.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html and siblings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import roles
from .arn import Arn
from .asking import Question, Reader, Readers

DEFAULT_BUS = "default"
"""The name of the event bus that CloudTrail sends to, in each account and region."""


@dataclass(frozen=True, slots=True)
class EventBus:
    """An event bus: its resource policy, as JSON text, and the key of the customer's that encrypts it."""

    policy: str | None = None
    kms_key: str | None = None

    @classmethod
    def from_api(cls, answer: Mapping[str, Any]) -> EventBus:
        return cls(answer.get("Policy") or None, answer.get("KmsKeyIdentifier") or None)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of an event bus; `manager` is the AWS service that made it for itself.

    It may have a pattern and a `schedule` too: then it runs by either.
    """

    name: str
    arn: Arn
    state: str
    event_pattern: str | None  # JSON text; None: it runs by a schedule
    manager: str | None = None
    schedule: str | None = None

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Rule:
        return cls(
            name=member["Name"],
            arn=Arn.parse(member["Arn"]),
            state=member["State"],
            event_pattern=member.get("EventPattern") or None,
            manager=member.get("ManagedBy") or None,
            schedule=member.get("ScheduleExpression") or None,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A target of a rule. At most one of `input`, `input_path` and `input_paths` is set.

    `input_paths` are those of an input transformer: a text of its own, made of what they name. The retries
    are None where AWS's own limits hold, 185 times within a day.
    """

    arn: str
    role_arn: str | None = None
    input: str | None = None
    input_path: str | None = None
    input_paths: tuple[str, ...] | None = None
    retries: int | None = None
    retry_seconds: int | None = None

    @property
    def sends_whole_event(self) -> bool:
        return self.input is None and self.input_path is None and self.input_paths is None

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> Target:
        transformer, retrying = member.get("InputTransformer"), member.get("RetryPolicy", {})
        paths = None if transformer is None else tuple(transformer.get("InputPathsMap", {}).values())
        return cls(
            arn=member["Arn"],
            role_arn=member.get("RoleArn") or None,
            input=member.get("Input"),
            input_path=member.get("InputPath") or None,
            input_paths=paths,
            retries=retrying.get("MaximumRetryAttempts"),
            retry_seconds=retrying.get("MaximumEventAgeInSeconds"),
        )


# -- what is asked, and how ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnabledRegions(Question[tuple[str, ...]]):
    """The regions in which the account can be used, in the order of their names."""


@dataclass(frozen=True, slots=True)
class EventBusNamed(Question[EventBus | None]):
    """None when there is no such event bus."""

    name: str


@dataclass(frozen=True, slots=True)
class RulesOfBus(Question[tuple[Rule, ...] | None]):
    """All rules of an event bus; None when there is no such bus."""

    bus_name: str = DEFAULT_BUS


@dataclass(frozen=True, slots=True)
class TargetsOfRule(Question[tuple[Target, ...] | None]):
    """None when there is no such rule any more."""

    rule_name: str
    bus_name: str = DEFAULT_BUS


def _enabled_regions(client: Any, _: EnabledRegions) -> tuple[str, ...]:
    # Without AllRegions it shows no region that is disabled.
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
    names = tuple(sorted(each["RegionName"] for each in client.describe_regions()["Regions"]))
    if client.meta.region_name not in names:
        raise ValueError(f"{client.meta.region_name} isn't among the regions")
    return names


def _event_bus(client: Any, question: EventBusNamed) -> EventBus | None:
    try:
        return EventBus.from_api(client.describe_event_bus(Name=question.name))
    except client.exceptions.ResourceNotFoundException:
        return None


def _rules(client: Any, question: RulesOfBus) -> tuple[Rule, ...] | None:
    pages = client.get_paginator("list_rules").paginate(EventBusName=question.bus_name)
    try:
        return tuple(Rule.from_api(each) for page in pages for each in page["Rules"])
    except client.exceptions.ResourceNotFoundException:
        return None


def _targets(client: Any, question: TargetsOfRule) -> tuple[Target, ...] | None:
    pages = client.get_paginator("list_targets_by_rule").paginate(
        Rule=question.rule_name, EventBusName=question.bus_name
    )
    try:
        return tuple(Target.from_api(each) for page in pages for each in page["Targets"])
    except client.exceptions.ResourceNotFoundException:
        return None


READERS: Readers = {
    EnabledRegions: Reader("ec2", ("ec2:DescribeRegions",), _enabled_regions),
    RulesOfBus: Reader("events", ("events:ListRules",), _rules),
    TargetsOfRule: Reader("events", ("events:ListTargetsByRule",), _targets),
    EventBusNamed: Reader("events", ("events:DescribeEventBus",), _event_bus),
    **roles.READERS,
}
"""Asked only where parameter AcceptedWays has `eventbridge`."""

OF_A_BUS = (EventBusNamed, RulesOfBus, TargetsOfRule)
"""Asked in another account as well, where its rules forward there."""
