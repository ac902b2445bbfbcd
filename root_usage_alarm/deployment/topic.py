"""The topic that the remediation makes, made beforehand, with a subscriber.

It is in no stack, as it belongs to the account once the remediation's alarm uses it: `undeploy` takes
it away only if no alarm does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..remediation.steps.shared import TAGS, subscriptions_of
from ..remediation.steps.topic_and_subscription import ensure_topic, waiting
from .central_topic import MEMBERS_ALARMS
from .target import CannotDeploy, Target

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

TOPIC_NAME = "root-usage-alarm"  # the default of the document's parameter TopicName


def make_topic(target: Target, alarm_names: Sequence[str], email: str) -> tuple[str, str]:
    """The ARN of the topic, which those alarms may publish to, and who has to confirm."""
    sns, topic = target.client("sns"), topic_of(target)
    tags = _tags_of(sns, topic)
    if TAGS[0] not in (TAGS if tags is None else tags):
        raise CannotDeploy(
            f"topic {TOPIC_NAME} is here already, and somebody else made it: have it told, or another, with "
            "--topic (TOPIC=), or rename it"
        )
    place = {"Partition": target.partition, "Account": target.account_id, "Region": target.region}
    # Ours by its tag, so the remediation adds its own alarms later, and changes no one else's topic.
    alarms = [_arn(target, "cloudwatch", f"alarm:{each}") for each in alarm_names]
    ensure_topic(sns, place | {"Topic": topic}, alarms, "")
    there = {(each["Protocol"], each["Endpoint"]) for each in subscriptions_of(sns, topic)}
    if ("email", email) not in there:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=email)
    return topic, waiting(subscriptions_of(sns, topic))


def topic_of(target: Target) -> str:
    """The ARN of that topic."""
    return _arn(target, "sns", TOPIC_NAME)


def remove_topic(target: Target) -> str:
    """Deletes the topic if it is ours and no alarm tells it any more; returns what became of it."""
    sns, topic = target.client("sns"), topic_of(target)
    tags = _tags_of(sns, topic)
    if tags is None:
        return f"topic {TOPIC_NAME}: was not there"
    if TAGS[0] not in tags:
        return f"topic {TOPIC_NAME}: stays, as somebody else made it"
    alarms = _alarms_that_tell(target.client("cloudwatch"), topic)
    if alarms:
        return f"topic {TOPIC_NAME}: stays with its subscriptions, as alarm {alarms[0]} tells it"
    if MEMBERS_ALARMS in sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]:
        return f"topic {TOPIC_NAME}: stays with its subscriptions, as members' alarms may tell it"
    sns.delete_topic(TopicArn=topic)
    return f"topic {TOPIC_NAME}: deleted"


def _tags_of(sns: Any, topic: str) -> list[dict[str, str]] | None:
    """None where there is no such topic."""
    try:
        tags: list[dict[str, str]] = sns.list_tags_for_resource(ResourceArn=topic)["Tags"]
    except (sns.exceptions.NotFoundException, sns.exceptions.ResourceNotFoundException):
        return None
    return tags


def _alarms_that_tell(cloudwatch: CloudWatchClient, topic: str) -> list[str]:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        ActionPrefix=topic, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    return [each["AlarmName"] for page in pages for each in (*page["MetricAlarms"], *page["CompositeAlarms"])]


def _arn(target: Target, service: str, resource: str) -> str:
    return f"arn:{target.partition}:{service}:{target.region}:{target.account_id}:{resource}"
