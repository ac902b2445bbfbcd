"""One topic for the members' alarms: what its policy and its key need, and what is checked beforehand."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from root_usage.aws.arn import Arn

from root_usage_alarm.deployment.central_topic import (
    MOST_ACCOUNTS_NAMED,
    CentralTopic,
    admit,
    check,
    require_place,
)
from root_usage_alarm.deployment.organization import deploy_org
from root_usage_alarm.deployment.target import CannotDeploy, Target
from root_usage_alarm.deployment.topic import make_topic, remove_topic
from root_usage_alarm.local_aws import Account, LocalAws

CENTRAL, AUDIT, MEMBER = "111122223333", "777788889999", "444455556666"
REGION = "eu-west-1"
ORGANIZATION = "o-exampleorgid"
TOPIC = Arn.parse(f"arn:aws:sns:{REGION}:{CENTRAL}:security")
OF_AUDIT = Arn.parse(f"arn:aws:sns:{REGION}:{AUDIT}:security")
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
OF_MEMBERS = {"StringEquals": {"aws:SourceAccount": [CENTRAL, MEMBER]}}
TOPIC_STATEMENT = {
    "Sid": "MembersAlarms",
    "Effect": "Allow",
    "Principal": CLOUDWATCH,
    "Action": ["sns:Publish"],
    "Resource": str(TOPIC),
    "Condition": OF_MEMBERS,
}
KEY_STATEMENT = TOPIC_STATEMENT | {"Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}


def central(arn: Arn = TOPIC, accounts: tuple[str, ...] = (MEMBER, CENTRAL)) -> CentralTopic:
    return CentralTopic(arn, ORGANIZATION, accounts)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def target(server: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Target:
    server.reset()
    for name, value in server.environment(CENTRAL, REGION).items():
        monkeypatch.setenv(name, value)
    return Target(boto3.session.Session(region_name=REGION), None, CENTRAL, "aws")


def make(target: Target, attributes: dict[str, str]) -> None:
    target.client("sns").create_topic(Name="security", Attributes=attributes)


def key(target: Target, policy: str, alias: str = "alias/security") -> str:
    kms = target.client("kms")
    made = kms.create_key(Policy=policy)["KeyMetadata"]
    kms.create_alias(AliasName=alias, TargetKeyId=made["KeyId"])
    arn: str = made["Arn"]
    return arn


def test_statements_name_the_accounts_by_a_key_that_cloudwatch_is_documented_to_send() -> None:
    publish, look = central().statements

    assert publish == TOPIC_STATEMENT
    assert central().key_statement == KEY_STATEMENT
    assert look["Action"] == ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"]
    assert look["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}


@pytest.mark.parametrize("count", [1, MOST_ACCOUNTS_NAMED, MOST_ACCOUNTS_NAMED + 1, 10_000])
def test_statement_is_proven_for_every_account_and_fits_into_a_topics_policy(count: int) -> None:
    """The delivery room decides it, also for an account that isn't among them."""
    accounts = tuple(f"{number:012d}" for number in range(1, count + 1))
    policy = document(*central(accounts=accounts).statements)

    assert len(policy) < 30_000
    assert central(accounts=(accounts[0], accounts[-1])).is_open(policy)
    is_named = count <= MOST_ACCOUNTS_NAMED
    assert central(accounts=("999999999999",)).is_open(policy) is not is_named


def test_many_accounts_alarms_are_let_in_by_the_name_that_the_remediation_gives_them() -> None:
    accounts = tuple(f"{number:012d}" for number in range(MOST_ACCOUNTS_NAMED + 1))

    assert central(accounts=accounts).statements[0]["Condition"] == {
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:*:alarm:RootAccountUsage*"}
    }


# -- the topic that is made ------------------------------------------------------------------------------


def test_own_topic_lets_members_in_and_stays_when_the_rule_goes(target: Target) -> None:
    arn, _ = make_topic(target, "errors", "security@example.com")
    topic = central(Arn.parse(arn))

    admit(target, topic)
    make_topic(target, "errors", "security@example.com")
    admit(target, topic)

    policy = target.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    sids = [each["Sid"] for each in json.loads(policy)["Statement"]]
    assert sids == ["Owner", "Alarms", "MembersAlarms", "MembersRemediation"]
    assert topic.is_open(policy)
    assert remove_topic(target) == (
        "topic root-usage-alarm: stays with its subscriptions, as members' alarms may tell it"
    )


def test_account_that_joined_is_let_in_by_the_next_roll_out(target: Target) -> None:
    arn, _ = make_topic(target, "errors", "security@example.com")
    admit(target, central(Arn.parse(arn)))
    grown = central(Arn.parse(arn), (MEMBER, CENTRAL, "222222222222"))
    sns = target.client("sns")
    before = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]

    admit(target, grown)

    after = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    assert (grown.is_open(before), grown.is_open(after)) == (False, True)


# -- somebody's topic ------------------------------------------------------------------------------------


def refused(target: Target, topic: CentralTopic) -> str:
    with pytest.raises(CannotDeploy) as refusal:
        check(target, topic)
    return refusal.value.message


def test_open_topic_passes(target: Target, capsys: pytest.CaptureFixture[str]) -> None:
    key(target, document(KEY_STATEMENT))
    make(target, {"Policy": document(TOPIC_STATEMENT), "KmsMasterKeyId": "alias/security"})

    check(target, central())

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param({"Condition": {"StringEquals": {"aws:SourceAccount": [CENTRAL]}}}, id="one-account"),
        pytest.param(
            {"Condition": {"StringEquals": {"aws:SourceOrgID": ORGANIZATION}}}, id="key-not-documented"
        ),
        pytest.param({"Effect": "Deny", "Condition": {}}, id="denied"),
    ],
)
def test_topic_that_keeps_a_member_out_is_refused_with_what_to_paste(
    target: Target, statement: dict[str, Any]
) -> None:
    make(target, {"Policy": document(TOPIC_STATEMENT | statement)})

    message, _, pasteable = refused(target, central()).partition("\n")

    assert message == f"the policy of topic {TOPIC} doesn't let every member's alarms publish; add"
    assert json.loads(f"[{pasteable}]") == central().statements


def test_key_that_keeps_a_member_out_is_refused_with_what_to_paste(target: Target) -> None:
    arn = key(target, document(KEY_STATEMENT | {"Action": "kms:Decrypt"}))
    make(target, {"Policy": document(TOPIC_STATEMENT), "KmsMasterKeyId": "alias/security"})

    message, _, pasteable = refused(target, central()).partition("\n")

    assert message == f"the policy of key {arn} doesn't let every member's alarms in; add"
    assert json.loads(pasteable) == KEY_STATEMENT


def test_key_of_aws_is_refused(target: Target) -> None:
    make(target, {"Policy": document(TOPIC_STATEMENT), "KmsMasterKeyId": "alias/aws/sns"})

    assert refused(target, central()) == (
        f"topic {TOPIC} is encrypted with AWS's own key, which CloudWatch may not use: "
        "give it a customer managed key"
    )


def test_topic_that_can_not_be_read_is_not_refused_but_shown_what_it_needs(
    target: Target, server: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = Account(AUDIT, REGION, server.endpoint_url)
    audit.client("sns").create_topic(Name="security", Attributes={"Policy": document()})

    check(target, central(OF_AUDIT))

    lines = capsys.readouterr().out
    assert lines.startswith(f"note: topic {OF_AUDIT} can't be checked from here (An error occurred")
    assert "\nits policy needs\n" in lines
    assert "\nits key's policy, if it is encrypted, needs\n" in lines
    assert lines.count(json.dumps(OF_MEMBERS)) == 2


def test_topic_that_does_not_exist_is_refused(target: Target) -> None:
    assert refused(target, central()) == f"topic {TOPIC} doesn't exist"


def test_key_of_another_account_is_shown_what_it_needs(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = f"arn:aws:kms:{REGION}:{AUDIT}:key/0"
    make(target, {"Policy": document(TOPIC_STATEMENT), "KmsMasterKeyId": elsewhere})

    check(target, central())

    note, _, rest = capsys.readouterr().out.partition("\n")
    assert note.startswith(
        f"note: key {elsewhere} of the topic can't be checked from here (An error occurred"
    )
    assert json.loads(rest.removeprefix("its policy needs\n")) == KEY_STATEMENT


def test_central_topic_is_made_or_given_not_both(target: Target) -> None:
    told = ("--email", "security@example.com", "--topic", str(TOPIC))

    result = CliRunner().invoke(
        deploy_org, ["--region", target.region, "--ou", "r-ab12", "--central-topic", *told]
    )

    assert result.exit_code == 2
    assert result.output.splitlines()[-1] == (
        "Error: a central topic is one of yours, --topic (TOPIC=), or made for --email (EMAIL=)"
    )


def test_topic_of_another_region_is_refused(target: Target) -> None:
    with pytest.raises(CannotDeploy, match="isn't in eu-west-1, where the members' alarms are"):
        require_place(target, Arn.parse(f"arn:aws:sns:us-east-1:{CENTRAL}:security"), [])


def test_topic_without_a_reading_role_in_its_account_is_refused(target: Target) -> None:
    elsewhere = f"arn:aws:iam::{MEMBER}:role/RootUsageAlarmRule-reading"

    with pytest.raises(CannotDeploy) as refusal:
        require_place(target, OF_AUDIT, [elsewhere])

    assert refusal.value.message == (
        f"the rule in the members can't read topic {OF_AUDIT}: deploy the template reading-role in account "
        f"{AUDIT}, and give its role with --reading-role (READING_ROLE=)"
    )
    require_place(target, OF_AUDIT, [elsewhere, elsewhere.replace(MEMBER, AUDIT)])
