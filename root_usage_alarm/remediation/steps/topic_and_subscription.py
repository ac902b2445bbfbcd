"""Step 4: the topic, and the subscription of the person to be told."""

from __future__ import annotations

import json
from typing import Any

import boto3

from root_usage_alarm.remediation.steps.shared import (
    JSON,
    TAGS,
    CannotRemediate,
    Chain,
    arn,
    listed,
    patiently,
    subscriptions_of,
)


def handler(events: JSON, _context: Any) -> JSON:
    """Makes the topic if it is to be ours, and subscribes; says who has to confirm."""
    chain, done = events["Chain"], list[str]()
    sns, topic = boto3.client("sns", chain["Region"]), chain["Topic"]
    if chain["OwnTopic"]:
        alarms = [arn(chain, "cloudwatch", "alarm:" + each["Alarm"]) for each in events["Signals"]]
        done += ensure_topic(sns, chain, alarms, events["TopicKmsKeyArn"])
    protocol, endpoint = events["SubscriptionProtocol"], events["SubscriptionEndpoint"]
    subscriptions = patiently(lambda: subscriptions_of(sns, topic), "NotFound")
    there = [(each["Protocol"], each["Endpoint"]) for each in subscriptions]
    if endpoint and (protocol, endpoint) not in there:
        patiently(lambda: sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint), "NotFound")
        done.append(f"subscribed {endpoint}")
    person = waiting(subscriptions_of(sns, topic))
    again = ", then press Re-evaluate" if person else ""
    return {"Done": done or ["nothing to do"], "Waiting": person + again}


def waiting(subscriptions: list[dict[str, str]]) -> str:
    """Who has to do what before a person is told."""
    pending = [each["Endpoint"] for each in subscriptions if each["SubscriptionArn"][:4] != "arn:"]
    if pending:
        return f"{', '.join(pending)}: confirm the subscription by the link in AWS's message"
    return "" if subscriptions else "nobody is subscribed: run this again with SubscriptionEndpoint"


def ensure_topic(sns: Any, chain: Chain, alarms: list[str], key: str) -> list[str]:
    """Creates our topic, or lets these alarms publish to it too; returns what was done."""
    topic, done = chain["Topic"], []
    try:
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    except sns.exceptions.NotFoundException:
        attributes = {"Policy": policy_of(chain, [], alarms), **({"KmsMasterKeyId": key} if key else {})}
        sns.create_topic(Name=topic.split(":")[5], Attributes=attributes, Tags=TAGS)
        done.append(f"created topic `{topic}`")
    tags = patiently(lambda: sns.list_tags_for_resource(ResourceArn=topic)["Tags"], "ResourceNotFound")
    if TAGS[0] not in tags:
        raise CannotRemediate(f"topic `{topic}` was made meanwhile: run this again")
    statements = json.loads(attributes["Policy"])["Statement"]
    wanted = {"Policy": policy_of(chain, statements, alarms)}
    if json.loads(wanted["Policy"])["Statement"] == statements:
        wanted = {}
    if key and attributes.get("KmsMasterKeyId") != key:
        wanted["KmsMasterKeyId"] = key
    for name, value in wanted.items():
        sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)
        done.append(f"set its {name}")
    return done


def policy_of(chain: Chain, there: list[JSON], alarms: list[str]) -> str:
    """The statements that are there already, with ours among them.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    before = [each for each in there if each.get("Sid") == "Alarms"]
    known = [alarm for each in before for alarm in listed(each["Condition"]["ArnEquals"]["aws:SourceArn"])]
    actions = "GetTopicAttributes", "SetTopicAttributes", "Subscribe", "ListSubscriptionsByTopic", "Publish"
    ours = [
        {
            "Sid": "Owner",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{chain['Partition']}:iam::{chain['Account']}:root"},
            "Action": ["sns:" + each for each in actions],
            "Resource": chain["Topic"],
        },
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": chain["Topic"],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": chain["Account"]},
                "ArnEquals": {"aws:SourceArn": sorted({*known, *alarms})},
            },
        },
    ]
    others = [each for each in there if each.get("Sid") not in ("Owner", "Alarms")]
    return json.dumps({"Version": "2012-10-17", "Statement": [*ours, *others]})
