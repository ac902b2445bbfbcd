"""The evidence that a verdict rests on: questions to AWS, and the answers so far.

A decision is a pure function of `Evidence`. Where it needs something that nobody has asked yet, it
says so by raising `Unanswered`; whoever runs it (`examine`) asks AWS those questions side by side
and runs it again on the richer evidence. So the walk reads as straight code, asks only what it
needs, asks nothing twice, and a test may hand it a dictionary of answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

from .arn import Arn, Place
from .cloudtrail import EventSelectors, Trail, TrailStatus
from .cloudwatch import ActionRecord, Alarms, MetricAlarm, MuteRule
from .kms import Key
from .logs import LogGroup, LogGroupId, MetricFilter, PlacedFilter
from .sns import Subscription, SubscriptionAttributes, Topic

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Question(Generic[Answer]):
    """Something to ask AWS, at one place; equal questions have one answer within a run."""

    place: Place


@dataclass(frozen=True, slots=True)
class Unreadable:
    """AWS's lasting refusal to answer, or an answer that makes no sense.

    `call` is in IAM's spelling (`sns:GetTopicAttributes`), `code` is AWS's error code.
    """

    call: str
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The endpoint, which is not one of AWS's own, doesn't know the call: the feature isn't there."""

    call: str


@dataclass(frozen=True, slots=True)
class Trails(Question[tuple[Trail, ...]]):
    """Every trail that applies to the place, organization trails and shadow trails included."""


@dataclass(frozen=True, slots=True)
class StatusOfTrail(Question[TrailStatus]):
    trail: Trail


@dataclass(frozen=True, slots=True)
class EventSelectorsOfTrail(Question[EventSelectors]):
    trail: Trail


@dataclass(frozen=True, slots=True)
class LogGroupNamed(Question[LogGroup | None]):
    """None when there is no such log group; `has_metric_filters` is what AWS has shown already."""

    name: str
    has_metric_filters: bool = False


@dataclass(frozen=True, slots=True)
class MetricFiltersOf(Question[tuple[MetricFilter, ...] | None]):
    """None when there is no such log group."""

    log_group: LogGroupId


@dataclass(frozen=True, slots=True)
class FiltersOfMetric(Question[tuple[PlacedFilter, ...]]):
    """The metric filters of all log groups of the place that publish to a metric of that name."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class HasTransformer(Question[bool]):
    """Whether the log group has a log transformer, of its own or from an account policy."""

    log_group: LogGroupId


@dataclass(frozen=True, slots=True)
class AlarmsForMetric(Question[tuple[MetricAlarm, ...]]):
    """The plain metric alarms on a metric; no metric math and no composite alarms among them.

    `dimensions` have to be the metric's own: AWS returns nothing otherwise.
    """

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class EveryAlarm(Question[Alarms]):
    """All alarms of the place, page after page: only asked where no plain alarm completes a chain."""


@dataclass(frozen=True, slots=True)
class MuteRulesOf(Question[tuple[MuteRule, ...] | NotOffered]):
    """The mute rules, active or scheduled, that target an alarm."""

    alarm_name: str


@dataclass(frozen=True, slots=True)
class ActionHistoryOf(Question[tuple[ActionRecord, ...] | NotOffered]):
    """What CloudWatch recorded of an alarm's actions, newest first; it keeps 30 days."""

    alarm_name: str


@dataclass(frozen=True, slots=True)
class TopicAt(Question[Topic | None]):
    """None when there is no such topic."""

    arn: Arn


@dataclass(frozen=True, slots=True)
class SubscriptionsOf(Question[tuple[Subscription, ...] | None]):
    """None when there is no such topic."""

    topic_arn: Arn


@dataclass(frozen=True, slots=True)
class AttributesOfSubscription(Question[SubscriptionAttributes | None]):
    """None when there is no such subscription (any more)."""

    subscription_arn: str


@dataclass(frozen=True, slots=True)
class KeyAt(Question[Key | None]):
    """A KMS key by its own ARN or an alias's; None when there is none."""

    key_id: str


@dataclass(frozen=True, slots=True)
class PolicyOfKey(Question[str]):
    """A KMS key's policy, JSON text."""

    key_arn: Arn


@dataclass(frozen=True, slots=True)
class PolicyOfFunction(Question[str | None]):
    """A Lambda function's resource policy, JSON text; None when it has none."""

    function_arn: Arn


class Unanswered(Exception):
    """The decision needs these questions answered before it can go on."""

    def __init__(self, questions: tuple[Question[Any], ...]) -> None:
        super().__init__(questions)
        self.questions = questions


@dataclass(frozen=True, slots=True)
class Evidence:
    """The account under evaluation, the moment of it, and every answer so far."""

    account_id: str
    region: str
    now: datetime
    answers: Mapping[Question[Any], Any] = field(default_factory=dict)

    def need(self, *questions: Question[Any]) -> None:
        """Raises Unanswered with those of `questions` that are open; asks them side by side."""
        open_questions = tuple(each for each in dict.fromkeys(questions) if each not in self.answers)
        if open_questions:
            raise Unanswered(open_questions)

    def answer(self, question: Question[Answer]) -> Answer | Unreadable:
        """AWS's answer; raises Unanswered while there is none."""
        self.need(question)
        return cast("Answer | Unreadable", self.answers[question])

    @property
    def accounts_of_trails(self) -> frozenset[str]:
        """The accounts that own the trails seen so far, and those of the trails' log groups."""
        trails = (answer for question, answer in self if isinstance(question, Trails))
        seen = [trail for answer in trails if isinstance(answer, tuple) for trail in answer]
        arns = [arn for trail in seen for arn in (str(trail.arn), trail.log_group_arn or "")]
        return frozenset(arn.split(":")[4] for arn in arns if arn.count(":") > 4)

    def with_answers(self, answers: Mapping[Question[Any], Any]) -> Evidence:
        return Evidence(self.account_id, self.region, self.now, MappingProxyType({**self.answers, **answers}))

    def __iter__(self) -> Iterator[tuple[Question[Any], Any]]:
        return iter(self.answers.items())
