"""Judges an SNS topic as an alarm's action: does a message that CloudWatch publishes arrive?"""

from __future__ import annotations

from dataclasses import replace

from ..aws.arn import Arn
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudwatch import CompositeAlarm, MetricAlarm
from ..aws.sns import SubscriptionsOf, Topic, TopicAt
from ..verdict.findings import IN_THE_LOG, Code, Finding, quote, unreadable
from .alarm_message import most_bytes
from .caller import CLOUDWATCH, admission, publish_of_alarm
from .encryption import judge_encryption
from .policy import Allowed, Denied, Unproven, may
from .reader import place_to_ask, remedy_for
from .settings import Delivered, DeliverySettings
from .subscriptions import Heard, judge_subscriptions, subscriptions_unreadable

_ADMIT = "allow sns:Publish to cloudwatch.amazonaws.com in the topic's policy"


def judge_topic(
    evidence: Evidence, alarm: MetricAlarm | CompositeAlarm, topic_arn: Arn, settings: DeliverySettings
) -> Delivered | Finding:
    """Whether enough subscribers of the topic hear the alarm; else the first thing in the way."""
    # CloudWatch takes any ARN for an action; that it publishes to its own region only is nowhere
    # promised otherwise. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    if (topic_arn.partition, topic_arn.region) != (alarm.arn.partition, alarm.arn.region):
        return _elsewhere(alarm, topic_arn)
    place = place_to_ask(evidence, alarm.arn, topic_arn, settings)
    topic_question = TopicAt(place, topic_arn)
    subscriptions_question = SubscriptionsOf(place, topic_arn)
    evidence.need(topic_question, subscriptions_question)
    topic = evidence.answer(topic_question)
    subscriptions = evidence.answer(subscriptions_question)
    if isinstance(topic, Unreadable):
        return unreadable(
            Code.TOPIC_UNREADABLE,
            topic_arn.resource,
            f"topic {quote(topic_arn.resource)} of account {topic_arn.account_id}",
            topic,
            remedy_for(topic, evidence, alarm.arn, topic_arn, settings),
        )
    if topic is None or subscriptions is None:
        return _missing(alarm, topic_arn)
    obstacle = _judge_publishing(evidence, alarm, topic_arn, topic, settings)
    if obstacle:
        return obstacle
    if isinstance(subscriptions, Unreadable):
        remedy = remedy_for(subscriptions, evidence, alarm.arn, topic_arn, settings)
        return subscriptions_unreadable(topic_arn, subscriptions, remedy)
    heard = judge_subscriptions(evidence, topic_arn, subscriptions, alarm, settings)
    return _delivered(topic_arn, heard) if isinstance(heard, Heard) else heard


def _delivered(topic_arn: Arn, heard: Heard) -> Delivered:
    return Delivered(
        action=str(topic_arn),
        topic_name=topic_arn.resource,
        confirmed_subscribers=heard.subscribers,
        protocols=heard.protocols,
        notes=heard.notes,
    )


def _judge_publishing(
    evidence: Evidence,
    alarm: MetricAlarm | CompositeAlarm,
    topic_arn: Arn,
    topic: Topic,
    settings: DeliverySettings,
) -> Finding | None:
    if topic.is_fifo:
        return _fifo(topic_arn)
    if topic.maximum_message_size is not None and topic.maximum_message_size < most_bytes(alarm):
        return _too_small(alarm, topic_arn, topic.maximum_message_size)
    return _judge_policy(alarm, topic_arn, topic) or judge_encryption(
        evidence, topic_arn, topic.kms_key, alarm.arn, settings
    )


def _judge_policy(alarm: MetricAlarm | CompositeAlarm, topic_arn: Arn, topic: Topic) -> Finding | None:
    statement = admission([alarm.arn.account_id], ["sns:Publish"], str(topic_arn))
    if not topic.policy:
        return replace(_undecided(topic_arn, "AWS doesn't show its policy"), statement=statement)
    match may(topic.policy, CLOUDWATCH, "sns:Publish", str(topic_arn), publish_of_alarm(alarm.arn)):
        case Allowed():
            return None
        case Denied(denying):
            return replace(_denies(topic_arn, denying), statement=None if denying else statement)
        case Unproven(reason):
            return replace(_undecided(topic_arn, reason), statement=statement)


def _denies(topic_arn: Arn, statement: str | None) -> Finding:
    topic = quote(topic_arn.resource)
    if statement is None:
        return Finding(
            Code.TOPIC_POLICY_DENIES,
            topic_arn.resource,
            f"the policy of topic {topic} doesn't let CloudWatch publish, so no one is told",
            _ADMIT,
        )
    return Finding(
        Code.TOPIC_POLICY_DENIES,
        topic_arn.resource,
        f"statement {quote(statement)} in the policy of topic {topic} forbids CloudWatch to publish, "
        "so no one is told",
        "except cloudwatch.amazonaws.com from that statement",
    )


def _undecided(topic_arn: Arn, reason: str) -> Finding:
    doubt = f"can't decide whether topic {quote(topic_arn.resource)} lets CloudWatch publish"
    return Finding(
        Code.TOPIC_POLICY_UNDECIDED,
        topic_arn.resource,
        f"{doubt}: {reason}",
        f"{_ADMIT}, and forbid it nowhere",
        short_message=f"{doubt} ({IN_THE_LOG})",
    )


def _elsewhere(alarm: MetricAlarm | CompositeAlarm, topic_arn: Arn) -> Finding:
    return Finding(
        Code.TOPIC_ELSEWHERE,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} is in {topic_arn.region or 'no region'} and alarm "
        f"{quote(alarm.name)} in {alarm.arn.region}, so no one is told",
        f"let the alarm notify a topic in {alarm.arn.region}",
    )


def _missing(alarm: MetricAlarm | CompositeAlarm, topic_arn: Arn) -> Finding:
    return Finding(
        Code.TOPIC_MISSING,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} of alarm {quote(alarm.name)} doesn't exist, so no one is told",
        "create the topic and subscribe a person, or let the alarm notify another",
    )


def _fifo(topic_arn: Arn) -> Finding:
    # CloudWatch does publish to FIFO topics, but they feed queues only, and what their
    # deduplication does with alarm messages is documented nowhere.
    # https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
    return Finding(
        Code.TOPIC_FIFO,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} is a FIFO topic, which delivers to SQS queues only, "
        "so nobody is told by it",
        "let the alarm notify a standard topic",
    )


def _too_small(alarm: MetricAlarm | CompositeAlarm, topic_arn: Arn, size: int) -> Finding:
    # https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html (`MaximumMessageSize`)
    return Finding(
        Code.TOPIC_MESSAGE_SIZE,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} refuses messages over {size} bytes (MaximumMessageSize), and "
        f"alarm {quote(alarm.name)} may send {most_bytes(alarm)}, so no one may be told",
        "set its MaximumMessageSize to 262144, the default",
    )
