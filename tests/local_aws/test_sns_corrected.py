"""SNS and KMS in the local AWS do what AWS documents, where moto does something else."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import EMAIL, Chain, build_working_chain

OWNER = "111122223333"
MEMBER = "444455556666"


@pytest.mark.parametrize(
    ("protocol", "endpoint", "pending"),
    [
        pytest.param("email", EMAIL, True, id="email"),
        pytest.param("email-json", EMAIL, True, id="email-json"),
        pytest.param("https", "https://example.com/hook", True, id="https"),
        pytest.param("sqs", f"arn:aws:sqs:us-east-1:{MEMBER}:q", True, id="queue-of-another-account"),
        pytest.param("sqs", f"arn:aws:sqs:us-east-1:{OWNER}:q", False, id="queue-of-the-account"),
        pytest.param("sms", "+15555550100", False, id="sms"),
    ],
)
def test_who_has_to_confirm_is_pending(account: Account, protocol: str, endpoint: str, pending: bool) -> None:
    chain = build_working_chain(account, subscriptions=[(protocol, endpoint)], confirmed=False)
    sns = account.client("sns")

    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=chain.topic_arn)["Subscriptions"]
    attributes = sns.get_topic_attributes(TopicArn=chain.topic_arn)["Attributes"]

    assert (subscription["SubscriptionArn"] == "PendingConfirmation") is pending
    assert attributes["SubscriptionsPending"] == ("1" if pending else "0")
    assert attributes["SubscriptionsConfirmed"] == ("0" if pending else "1")


def test_subscribe_hides_the_arn_of_a_pending_subscription(account: Account, chain: Chain) -> None:
    subscribed = account.client("sns").subscribe(
        TopicArn=chain.topic_arn, Protocol="email", Endpoint="another@example.com"
    )

    assert subscribed["SubscriptionArn"] == "pending confirmation"


def test_token_confirms_its_subscription(account: Account) -> None:
    chain = build_working_chain(account, confirmed=False)
    sns = account.client("sns")
    (token,) = hooks.confirmation_tokens(chain.topic_arn)

    confirmed = sns.confirm_subscription(TopicArn=chain.topic_arn, Token=token)

    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=chain.topic_arn)["Subscriptions"]
    assert subscription["SubscriptionArn"] == confirmed["SubscriptionArn"]
    assert hooks.confirmation_tokens(chain.topic_arn) == ()


def test_wrong_token_confirms_nothing(account: Account) -> None:
    chain = build_working_chain(account, confirmed=False)

    with pytest.raises(ClientError, match=r"\(InvalidParameter\)"):
        account.client("sns").confirm_subscription(TopicArn=chain.topic_arn, Token="guessed")


def test_unsubscribed_are_counted(account: Account, chain: Chain) -> None:
    sns = account.client("sns")
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=chain.topic_arn)["Subscriptions"]

    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])

    attributes = sns.get_topic_attributes(TopicArn=chain.topic_arn)["Attributes"]
    assert (attributes["SubscriptionsConfirmed"], attributes["SubscriptionsDeleted"]) == ("0", "1")


def test_topic_of_another_account_is_not_shown(chain: Chain) -> None:
    with pytest.raises(ClientError, match=r"\(AuthorizationError\)"):
        Account(MEMBER).client("sns").list_subscriptions_by_topic(TopicArn=chain.topic_arn)


def test_subscription_to_another_accounts_topic_is_not_shown(account: Account, chain: Chain) -> None:
    (listed,) = account.client("sns").list_subscriptions_by_topic(TopicArn=chain.topic_arn)["Subscriptions"]
    arn = listed["SubscriptionArn"]

    assert account.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    with pytest.raises(ClientError, match=r"\(AuthorizationError\)"):
        Account(MEMBER).client("sns").get_subscription_attributes(SubscriptionArn=arn)


def test_topic_is_shown_to_the_account_that_its_policy_names(account: Account) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{MEMBER}:root"},
        "Action": ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"],
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    chain = build_working_chain(account, topic={"Policy": policy})

    subscriptions = Account(MEMBER).client("sns").list_subscriptions_by_topic(TopicArn=chain.topic_arn)

    assert len(subscriptions["Subscriptions"]) == 1


def test_key_behind_the_alias_of_sns_is_aws_s(account: Account) -> None:
    kms = account.client("kms")

    key = kms.describe_key(KeyId="alias/aws/sns")["KeyMetadata"]
    again = kms.describe_key(KeyId=account.arn("kms", "alias/aws/sns"))["KeyMetadata"]

    assert key["KeyManager"] == "AWS"
    assert again["Arn"] == key["Arn"]


def test_key_of_ones_own_is_the_customers(account: Account) -> None:
    assert account.client("kms").create_key()["KeyMetadata"]["KeyManager"] == "CUSTOMER"


def key_for(account: Account, *principals: str) -> str:
    """A key behind alias/alerts that these accounts may see."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{each}:root" for each in principals]},
        "Action": "kms:*",
        "Resource": "*",
    }
    kms = account.client("kms")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn: str = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/alerts", TargetKeyId=arn)
    return arn


def test_alias_of_another_account_is_that_account_s(account: Account) -> None:
    own = key_for(account, OWNER)
    others = key_for(Account(MEMBER), MEMBER, OWNER)
    kms = account.client("kms")

    by_name = kms.describe_key(KeyId="alias/alerts")["KeyMetadata"]
    by_arn = kms.describe_key(KeyId=Account(MEMBER).arn("kms", "alias/alerts"))["KeyMetadata"]

    assert (by_name["Arn"], by_arn["Arn"]) == (own, others)


def test_key_of_another_account_is_not_shown_to_whom_its_policy_does_not_name(account: Account) -> None:
    arn = key_for(Account(MEMBER), MEMBER)

    with pytest.raises(ClientError, match=r"\(AccessDeniedException\)"):
        account.client("kms").describe_key(KeyId=arn)


def test_policy_of_another_accounts_key_is_never_shown(account: Account) -> None:
    arn = key_for(Account(MEMBER), MEMBER, OWNER)

    with pytest.raises(ClientError, match=r"\(AccessDeniedException\)"):
        account.client("kms").get_key_policy(KeyId=arn, PolicyName="default")


@pytest.mark.parametrize("organization", ["o-anotherone", ""], ids=["another-organization", "its-own"])
def test_topic_is_shown_to_the_organization_that_its_policy_names(
    account: Account, organization: str
) -> None:
    made = Account(MEMBER).client("organizations").create_organization(FeatureSet="ALL")["Organization"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sns:GetTopicAttributes"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization or made["Id"]}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    chain = build_working_chain(account, topic={"Policy": policy})

    def look() -> object:
        return Account(MEMBER).client("sns").get_topic_attributes(TopicArn=chain.topic_arn)

    if organization:
        with pytest.raises(ClientError, match=r"\(AuthorizationError\)"):
            look()
    else:
        assert look()
