"""Judges an SNS topic as an alarm's action, or a rule's target: does what is published there arrive?"""

from __future__ import annotations

from dataclasses import replace

from ..aws.arn import Arn
from ..aws.asking import Evidence, Unreadable
from ..aws.sns import SubscriptionsOf, Topic, TopicAt
from ..verdict.findings import IN_THE_LOG, Code, Finding, quote, unreadable
from .encryption import judge_encryption
from .policy import Allowed, Denied, Unproven, may
from .publisher import Publisher
from .reader import place_to_ask, remedy_for
from .settings import Delivered, DeliverySettings
from .subscriptions import Heard, judge_subscriptions, subscriptions_unreadable


def judge_topic(
    evidence: Evidence, publisher: Publisher, topic_arn: Arn, settings: DeliverySettings
) -> Delivered | Finding:
    """Whether enough subscribers of the topic hear the publisher; else the first thing in the way."""
    # CloudWatch takes any ARN for an action; that it publishes to its own region only is nowhere
    # promised otherwise. EventBridge's targets have to be in the rule's region.
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    # https://repost.aws/knowledge-center/sns-not-getting-eventbridge-notification
    if (topic_arn.partition, topic_arn.region) != (publisher.arn.partition, publisher.arn.region):
        return _elsewhere(publisher, topic_arn)
    place = place_to_ask(evidence, publisher.arn, topic_arn, settings)
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
            remedy_for(topic, evidence, publisher.arn, topic_arn, settings),
        )
    if topic is None or subscriptions is None:
        return _missing(publisher, topic_arn)
    obstacle = _judge_publishing(evidence, publisher, topic_arn, topic, settings)
    if obstacle:
        return obstacle
    if isinstance(subscriptions, Unreadable):
        remedy = remedy_for(subscriptions, evidence, publisher.arn, topic_arn, settings)
        return subscriptions_unreadable(topic_arn, subscriptions, remedy)
    heard = judge_subscriptions(evidence, topic_arn, subscriptions, publisher, settings)
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
    publisher: Publisher,
    topic_arn: Arn,
    topic: Topic,
    settings: DeliverySettings,
) -> Finding | None:
    if topic.is_fifo:
        return _fifo(publisher, topic_arn)
    if topic.maximum_message_size is not None and topic.maximum_message_size < publisher.most_bytes:
        return _too_small(publisher, topic_arn, topic.maximum_message_size)
    return _judge_policy(publisher, topic_arn, topic) or judge_encryption(
        evidence, topic_arn, topic.kms_key, publisher, settings
    )


def _judge_policy(publisher: Publisher, topic_arn: Arn, topic: Topic) -> Finding | None:
    statement = publisher.admission(["sns:Publish"], str(topic_arn))
    if not topic.policy:
        return replace(_undecided(publisher, topic_arn, "AWS doesn't show its policy"), statement=statement)
    principal, request = publisher.service.principal, publisher.publishing
    match may(topic.policy, principal, "sns:Publish", str(topic_arn), request):
        case Allowed():
            return None
        case Denied(denying):
            return replace(_denies(publisher, topic_arn, denying), statement=None if denying else statement)
        case Unproven(reason):
            return replace(_undecided(publisher, topic_arn, reason), statement=statement)


def _admit(publisher: Publisher) -> str:
    service = publisher.service
    condition = ", without a condition" if service.needs_unconditional else ""
    return f"allow sns:Publish to {service.principal} in the topic's policy{condition}"


def _denies(publisher: Publisher, topic_arn: Arn, statement: str | None) -> Finding:
    topic, service = quote(topic_arn.resource), publisher.service
    if statement is None:
        return Finding(
            Code.TOPIC_POLICY_DENIES,
            topic_arn.resource,
            f"the policy of topic {topic} doesn't let {service.brand} publish, so no one is told",
            _admit(publisher),
        )
    return Finding(
        Code.TOPIC_POLICY_DENIES,
        topic_arn.resource,
        f"statement {quote(statement)} in the policy of topic {topic} forbids {service.brand} to publish, "
        "so no one is told",
        f"except {service.principal} from that statement",
    )


def _undecided(publisher: Publisher, topic_arn: Arn, reason: str) -> Finding:
    doubt = f"can't decide whether topic {quote(topic_arn.resource)} lets {publisher.service.brand} publish"
    return Finding(
        Code.TOPIC_POLICY_UNDECIDED,
        topic_arn.resource,
        f"{doubt}: {reason}",
        f"{_admit(publisher)}, and forbid it nowhere",
        short_message=f"{doubt} ({IN_THE_LOG})",
    )


def _elsewhere(publisher: Publisher, topic_arn: Arn) -> Finding:
    return Finding(
        Code.TOPIC_ELSEWHERE,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} is in {topic_arn.region or 'no region'} and {publisher} "
        f"in {publisher.arn.region}, so no one is told",
        f"let the {publisher.service.noun} notify a topic in {publisher.arn.region}",
    )


def _missing(publisher: Publisher, topic_arn: Arn) -> Finding:
    return Finding(
        Code.TOPIC_MISSING,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} of {publisher} doesn't exist, so no one is told",
        f"create the topic and subscribe a person, or let the {publisher.service.noun} notify another",
    )


def _fifo(publisher: Publisher, topic_arn: Arn) -> Finding:
    # CloudWatch does publish to FIFO topics, but they feed queues only, and what their
    # deduplication does with alarm messages is documented nowhere.
    # https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
    return Finding(
        Code.TOPIC_FIFO,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} is a FIFO topic, which delivers to SQS queues only, "
        "so no one is told by it",
        f"let the {publisher.service.noun} notify a standard topic",
    )


def _too_small(publisher: Publisher, topic_arn: Arn, size: int) -> Finding:
    # https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html (`MaximumMessageSize`)
    return Finding(
        Code.TOPIC_MESSAGE_SIZE,
        topic_arn.resource,
        f"topic {quote(topic_arn.resource)} refuses messages over {size} bytes (MaximumMessageSize), and "
        f"{publisher} may send {publisher.most_bytes}, so no one may be told",
        "set its MaximumMessageSize to 262144, the default",
    )
