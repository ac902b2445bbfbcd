"""The topic that the remediation makes, made beforehand, with a subscriber.

It belongs to the account, not to the deployment: the remediation's alarm goes on using it, so
`undeploy` leaves it. That is why it is in no stack.
"""

from __future__ import annotations

from typing import Any

from remediation.steps.shared import subscriptions_of
from remediation.steps.topic_and_subscription import ensure_topic, waiting

TOPIC_NAME = "root-usage-alarm"  # the default of the document's parameter TopicName


def make_topic(sns: Any, place: dict[str, str], alarm_name: str, email: str) -> tuple[str, str]:
    """The ARN of the topic, which that alarm may publish to, and who has to confirm.

    `place` has Partition, Account and Region.
    """
    prefix = f"arn:{place['Partition']}:{{}}:{place['Region']}:{place['Account']}:"
    topic = prefix.format("sns") + TOPIC_NAME
    # Ours by its tag, so the remediation adds its own alarms later, and changes no one else's topic.
    ensure_topic(sns, place | {"Topic": topic}, [prefix.format("cloudwatch") + f"alarm:{alarm_name}"], "")
    there = {(each["Protocol"], each["Endpoint"]) for each in subscriptions_of(sns, topic)}
    if ("email", email) not in there:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=email)
    return topic, waiting(subscriptions_of(sns, topic))
