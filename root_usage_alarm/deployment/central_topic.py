"""One topic for the alarms of all members: what its policy and its key have to say, and whether they do.

AWS documents two condition keys for what CloudWatch publishes, the alarm's account and its ARN, and none for
its organization. So the accounts are named, as far as they fit.
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import click
from botocore.exceptions import ClientError
from root_usage.aws.arn import Arn
from root_usage.delivery.caller import CLOUDWATCH, admission, publish_of_alarm, request_of_alarm
from root_usage.delivery.encryption import KEY_ACTIONS, arn_of_key
from root_usage.delivery.policy import Allowed, may

from ..remediation.policies import Names
from .target import CannotDeploy, Target

JSON = dict[str, Any]

MEMBERS_ALARMS = "MembersAlarms"
"""The statement, in a topic's policy, that lets the members' alarms publish."""

# A topic's policy takes 30 kB, a key's 32 kB; an account's id with quotes, comma and blank is 16 bytes.
# https://docs.aws.amazon.com/general/latest/gr/sns.html
MOST_ACCOUNTS_NAMED = 1_700


@dataclass(frozen=True, slots=True)
class CentralTopic:
    """The topic, and the members' alarms that are to tell it."""

    arn: Arn
    organization_id: str
    account_ids: Sequence[str]

    @property
    def statements(self) -> list[JSON]:
        """For the topic's policy: the alarms publish, and the remediation may look before it relies on it."""
        reads = {
            "Sid": "MembersRemediation",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"],
            "Resource": str(self.arn),
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": self.organization_id}},
        }
        return [self._for_alarms(["sns:Publish"], str(self.arn)), reads]

    @property
    def key_statement(self) -> JSON:
        """https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"""
        return self._for_alarms(["kms:Decrypt", "kms:GenerateDataKey*"], "*")

    def is_open(self, policy: str) -> bool:
        """Whether the topic's policy lets every member's alarm publish, as the rule proves it."""
        return all(
            isinstance(
                may(policy, CLOUDWATCH, "sns:Publish", str(self.arn), publish_of_alarm(alarm)), Allowed
            )
            for alarm in self._alarms
        )

    def is_usable(self, policy: str, key_arn: str) -> bool:
        """Whether the key's policy lets every member's alarm use the key, as the rule proves it."""
        return all(
            isinstance(may(policy, CLOUDWATCH, action, key_arn, request_of_alarm(alarm)), Allowed)
            for alarm in self._alarms
            for action in KEY_ACTIONS
        )

    @property
    def _alarms(self) -> Iterator[Arn]:
        """The alarm of each member, as the remediation names it."""
        return (Arn.parse(self._alarms_of(each, "CountAlarm")) for each in self.account_ids)

    def _for_alarms(self, actions: list[str], resource: str) -> JSON:
        statement = {"Sid": MEMBERS_ALARMS} | admission(self.account_ids, actions, resource)
        if len(self.account_ids) > MOST_ACCOUNTS_NAMED:
            statement["Condition"] = {"ArnLike": {"aws:SourceArn": self._alarms_of("*", "*")}}
        return statement

    def _alarms_of(self, account_id: str, ending: str) -> str:
        resource = f"alarm:{Names().alarm}{ending}"
        return str(replace(self.arn, service="cloudwatch", account_id=account_id, resource=resource))


def require_place(target: Target, topic: Arn, reading_roles: Sequence[str]) -> None:
    """That the members' alarms can reach the topic, and that the rule can read it."""
    if topic.region != target.region:
        raise CannotDeploy(f"topic {topic} isn't in {target.region}, where the members' alarms are")
    if topic.account_id not in {each.split(":")[4] for each in reading_roles}:
        raise CannotDeploy(
            f"the rule in the members can't read topic {topic}: deploy the template reading-role in account "
            f"{topic.account_id}, and give its role with --reading-role (READING_ROLE=)"
        )


def admit(target: Target, topic: CentralTopic) -> None:
    """Lets the members' alarms publish to the topic that `make_topic` made."""
    sns, arn = target.client("sns"), str(topic.arn)
    policy = json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
    ours = {each["Sid"]: each for each in topic.statements}
    others = [each for each in policy["Statement"] if each.get("Sid") not in ours]
    wanted = policy | {"Statement": [*others, *ours.values()]}
    if wanted != policy:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(wanted))


def check(target: Target, topic: CentralTopic) -> None:
    """Raises CannotDeploy where the policy of somebody's topic, or of its key, keeps a member's alarm out.

    Where this account may not read one, it says what has to be there.
    """
    sns = target.client("sns")
    try:
        attributes = sns.get_topic_attributes(TopicArn=str(topic.arn))["Attributes"]
    except sns.exceptions.NotFoundException as error:
        raise CannotDeploy(f"topic {topic.arn} doesn't exist") from error
    except ClientError as error:
        click.echo(f"note: topic {topic.arn} can't be checked from here ({error})")
        _show("its policy", topic.statements)
        _show("its key's policy, if it is encrypted,", [topic.key_statement])
        return
    if not topic.is_open(attributes["Policy"]):
        raise CannotDeploy(
            f"the policy of topic {topic.arn} doesn't let every member's alarms publish; add\n"
            + _pasteable(topic.statements)
        )
    if key := attributes.get("KmsMasterKeyId"):
        _check_key(target, topic, key)


def _check_key(target: Target, topic: CentralTopic, key: str) -> None:
    kms = target.client("kms")
    try:
        found = kms.describe_key(KeyId=str(arn_of_key(key, topic.arn)))["KeyMetadata"]
        policy = kms.get_key_policy(KeyId=found["Arn"], PolicyName="default")["Policy"]
    except ClientError as error:
        click.echo(f"note: key {key} of the topic can't be checked from here ({error})")
        _show("its policy", [topic.key_statement])
        return
    if found["KeyManager"] == "AWS":
        raise CannotDeploy(
            f"topic {topic.arn} is encrypted with AWS's own key, which CloudWatch may not use: "
            "give it a customer managed key"
        )
    if not topic.is_usable(policy, found["Arn"]):
        raise CannotDeploy(
            f"the policy of key {found['Arn']} doesn't let every member's alarms in; add\n"
            + _pasteable([topic.key_statement])
        )


def _show(what: str, statements: list[JSON]) -> None:
    click.echo(f"{what} needs\n{_pasteable(statements)}")


def _pasteable(statements: list[JSON]) -> str:
    """On one line each: blanks count, and the accounts may be many."""
    return ",\n".join(json.dumps(each) for each in statements)
