"""Who is told, before and after: the actions that would run, the topics' subscribers, what SNS delivered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from root_usage.aws.arn import Arn
from root_usage.aws.asking import Unreadable
from root_usage.aws.sns import Subscription, SubscriptionsOf
from root_usage.delivery import ActionKind
from root_usage.verdict.findings import quote

from .clock import Clock
from .ringing import Ask
from .target import Action, AlarmNow, Target

# https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
DELIVERED = "NumberOfNotificationsDelivered"
NOT_DELIVERED = ("NumberOfNotificationsFailed", "NumberOfNotificationsFilteredOut")
# SNS's metrics come to CloudWatch every few minutes.
LONGEST_WAIT_FOR_METRICS = timedelta(minutes=6)
SECONDS_BETWEEN_LOOKS_AT_METRICS = 60.0

_KINDS = {
    ActionKind.SNS: "publishes to topic",
    ActionKind.LAMBDA: "invokes",
    ActionKind.OPSITEM: "opens an OpsItem:",
    ActionKind.INCIDENT: "opens an incident:",
    ActionKind.INVESTIGATION: "starts an investigation:",
    ActionKind.EC2: "acts on an EC2 instance:",
    ActionKind.AUTOSCALING: "scales by",
    ActionKind.UNKNOWN: "does",
}

Subscribers = Mapping[str, tuple[Subscription, ...] | None]
"""By topic ARN; None where they can't be read, or there is no such topic."""


def subscribers_of(ask: Ask, actions: Iterable[Action]) -> Subscribers:
    """The confirmed subscribers of every topic among the actions."""
    topics = dict.fromkeys(each.topic for each in actions if each.topic)
    questions = {str(topic): SubscriptionsOf(topic.place, topic) for topic in topics}
    answers = ask(tuple(questions.values())) if questions else {}
    return {arn: _confirmed(answers[question]) for arn, question in questions.items()}


def _confirmed(answer: tuple[Subscription, ...] | Unreadable | None) -> tuple[Subscription, ...] | None:
    if answer is None or isinstance(answer, Unreadable):
        return None
    return tuple(each for each in answer if each.is_confirmed)


def announcement(target: Target, now: AlarmNow, subscribers: Subscribers) -> Iterator[str]:
    """What a ring is about to do and who hears of it, line by line."""
    alarm = target.alarm
    yield f"{target.place.region}: set alarm {quote(alarm.name)} from {now.state.value} to ALARM, then back"
    rings = [each for each in now.actions if each.state == "ALARM"]
    if not any(each.alarm_name == alarm.name for each in rings):
        yield "  its actions are disabled: nobody will be told"
    for state, doing in (
        ("ALARM", "in ALARM"),
        ("OK", "back in OK"),
        ("INSUFFICIENT_DATA", "back in INSUFFICIENT_DATA"),
    ):
        for each in now.actions:
            if each.state == state:
                yield f"  {_whose(each, target)}{doing} {_KINDS[each.kind]} {each.arn}"
                yield from (f"    {line}" for line in _heard(each, subscribers))
    if any(each.kind is not ActionKind.SNS for each in now.actions):
        yield "  what isn't a topic is carried out as for a real event: look at it before you agree"
    yield "  EventBridge rules on alarms' state changes hear of it too, and aren't listed"


def _whose(action: Action, target: Target) -> str:
    if action.alarm_name == target.alarm.name:
        return ""
    return f"composite alarm {quote(action.alarm_name)}, if this changes it, "


def _heard(action: Action, subscribers: Subscribers) -> Iterator[str]:
    if action.topic is None:
        return
    found = subscribers[action.arn]
    if found is None:
        yield "its subscribers can't be read"
    elif not found:
        yield "no confirmed subscriber"
    else:
        yield from (f"tells {each.endpoint} by {each.protocol}" for each in found)


def delivered(
    cloudwatch: Any, topic: Arn, account_id: str, since: datetime, clock: Clock
) -> dict[str, float] | str:
    """The sums of SNS's delivery metrics since then; or why there are none.

    They count everything that was published to the topic in the time, and come minutes later.
    """
    if topic.account_id != account_id:
        return f"the topic's metrics are in account {topic.account_id}"
    end = clock.now() + LONGEST_WAIT_FOR_METRICS
    try:
        while not _sum(cloudwatch, topic, DELIVERED, since, clock) and clock.now() < end:
            clock.sleep(SECONDS_BETWEEN_LOOKS_AT_METRICS)
        sums = {name: _sum(cloudwatch, topic, name, since, clock) for name in (DELIVERED, *NOT_DELIVERED)}
    except (ClientError, BotoCoreError) as error:
        return f"the topic's metrics can't be read: {error}"
    return sums if any(sums.values()) else "SNS has published no metric of it yet"


def _sum(cloudwatch: Any, topic: Arn, name: str, since: datetime, clock: Clock) -> float:
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/SNS",
        MetricName=name,
        Dimensions=[{"Name": "TopicName", "Value": topic.resource}],
        StartTime=since.replace(second=0, microsecond=0),
        EndTime=clock.now() + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return float(sum(each["Sum"] for each in answer["Datapoints"]))
