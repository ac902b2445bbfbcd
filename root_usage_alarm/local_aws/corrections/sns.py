"""SNS: subscriptions that wait for their confirmation, other accounts' topics."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.organizations.exceptions import AWSOrganizationsNotInUseException
from moto.organizations.models import organizations_backends
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription, sns_backends
from moto.sns.responses import SNSResponse

from .patching import Corrections

CORRECTIONS = Corrections()

_CONFIRMED_BY_A_PERSON = frozenset({"email", "email-json", "http", "https"})
_PENDING = "PendingConfirmation"


class AuthorizationError(ServiceException):
    code = "AuthorizationError"


@CORRECTIONS.replaces(SNSBackend, "subscribe")
def subscription_waits_for_confirmation(
    original: Callable[..., Any], self: Any, topic_arn: str, endpoint: str, protocol: str
) -> Any:
    """moto confirms every subscription at once, and keeps it in the subscriber's account.

    "If the endpoint type is HTTP/S or email, or if the endpoint and the topic are not in the same
    account, the endpoint owner must run the ConfirmSubscription action", and the topic's list shows
    it all the same:
    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
    """
    owner = self.get_topic(topic_arn).sns_backend
    known = set(owner.subscriptions)
    subscription = original(owner, topic_arn, endpoint, protocol)
    if subscription.arn not in known:
        subscription.owner = self.account_id
        subscription.token = uuid.uuid4().hex
        subscription.confirmed = not _needs_confirmation(
            owner.account_id, self.account_id, endpoint, protocol
        )
        subscription.attributes |= {
            "PendingConfirmation": not subscription.confirmed,
            "ConfirmationWasAuthenticated": subscription.confirmed,
            "Owner": self.account_id,
        }
    return subscription


def _needs_confirmation(topic_account: str, caller_account: str, endpoint: str, protocol: str) -> bool:
    if protocol in _CONFIRMED_BY_A_PERSON:
        return True
    endpoint_account = endpoint.split(":")[4] if endpoint.startswith("arn:") else caller_account
    return endpoint_account not in (topic_account, caller_account)


@CORRECTIONS.replaces(SNSResponse, "subscribe")
def subscribe_hides_the_arn_while_pending(original: Callable[..., ActionResult], self: Any) -> Any:
    """moto always returns the subscription's ARN.

    AWS returns the words "pending confirmation" unless ReturnSubscriptionArn is set:
    https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
    """
    answer: Any = original(self)
    subscription = _subscription(answer.result["SubscriptionArn"])
    if subscription.confirmed or self._get_bool_param("ReturnSubscriptionArn", False):
        return answer
    return ActionResult({"SubscriptionArn": "pending confirmation"})


@CORRECTIONS.replaces(SNSResponse, "confirm_subscription")
def confirmation_needs_the_token(_: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto accepts any token and confirms nothing.

    https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html
    """
    topic = self.backend.get_topic(self._get_param("TopicArn"))
    for subscription in subscriptions_of(topic):
        if subscription.token == self._get_param("Token"):
            confirm(subscription)
            return ActionResult({"SubscriptionArn": subscription.arn})
    raise SNSInvalidParameter("Invalid parameter: Token")


def confirm(subscription: Any) -> None:
    subscription.confirmed = True
    subscription.attributes["PendingConfirmation"] = False


def subscriptions_of(topic: Any) -> list[Any]:
    return [each for each in topic.sns_backend.subscriptions.values() if each.topic is topic]


def _subscription(arn: str) -> Any:
    _, _, _, region, account_id, _ = arn.split(":", 5)
    return sns_backends[account_id][region].subscriptions[arn]


@CORRECTIONS.replaces(SNSBackend, "list_subscriptions_by_topic")
def topics_subscriptions_are_the_same_for_everyone(
    original: Callable[..., Any], self: Any, topic_arn: str, next_token: str | None = None
) -> Any:
    """moto looks for a topic's subscriptions in the caller's account. AWS lists all that the topic has:

    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
    """
    return original(self.get_topic(topic_arn).sns_backend, topic_arn, next_token)


@CORRECTIONS.replaces(SNSResponse, "list_subscriptions_by_topic")
def list_shows_what_is_pending(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto lists an ARN for every subscription, to whoever asks.

    AWS lists the word `PendingConfirmation` in its place, and to another account only what the
    topic's policy lets it see:
    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
    """
    _require_permission(self, "ListSubscriptionsByTopic")
    return _with_pending(original(self))


@CORRECTIONS.replaces(SNSResponse, "list_subscriptions")
def list_of_all_shows_what_is_pending(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """As `list_shows_what_is_pending`: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html"""
    return _with_pending(original(self))


def _with_pending(answer: Any) -> ActionResult:
    shown = [
        {
            "SubscriptionArn": each.arn if each.confirmed else _PENDING,
            "Owner": each.owner,
            "Protocol": each.protocol,
            "Endpoint": each.endpoint,
            "TopicArn": each.topic_arn,
        }
        for each in answer.result["Subscriptions"]
    ]
    return ActionResult({"Subscriptions": shown, "NextToken": answer.result["NextToken"]})


@CORRECTIONS.replaces(SNSResponse, "get_topic_attributes")
def topic_counts_its_subscriptions(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """moto's counters stay at 0, it shows no MaximumMessageSize, and it answers every account.

    https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
    """
    _require_permission(self, "GetTopicAttributes")
    answer: Any = original(self)
    attributes = answer.result["Attributes"]
    topic = self.backend.get_topic(self._get_param("TopicArn"))
    confirmed = [each.confirmed for each in subscriptions_of(topic)]
    attributes |= {
        "SubscriptionsConfirmed": confirmed.count(True),
        "SubscriptionsPending": confirmed.count(False),
        "MaximumMessageSize": getattr(topic, "maximum_message_size", ""),
    }
    return ActionResult({"Attributes": {name: value for name, value in attributes.items() if value != ""}})


@CORRECTIONS.replaces(SNSResponse, "get_subscription_attributes")
def subscription_of_another_accounts_topic_is_not_shown(
    original: Callable[..., ActionResult], self: Any
) -> ActionResult:
    """moto finds none there. AWS knows it, and no topic's policy can grant the reading to another account:

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
    """
    arn, caller = self._get_param("SubscriptionArn"), self.current_account
    if arn.split(":")[4] != caller and arn in sns_backends[arn.split(":")[4]][self.region].subscriptions:
        raise AuthorizationError(
            f"User: arn:aws:iam::{caller}:root is not authorized to perform: SNS:GetSubscriptionAttributes "
            f"on resource: {arn}"
        )
    return original(self)


def _require_permission(response: Any, action: str) -> None:
    """AWS lets another account read a topic only where its policy grants that.

    A stand-in for a policy evaluation: it looks for an Allow to the caller's account, or to everybody of its
    organization, without another condition.
    https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html
    """
    topic = response.backend.get_topic(response._get_param("TopicArn"))
    caller = response.current_account
    if topic.account_id == caller:
        return
    for statement in json.loads(topic.policy).get("Statement", []):
        actions = {each.lower() for each in _listed(statement.get("Action"))}
        principals = _listed((statement.get("Principal") or {}).get("AWS"))
        granted = {"*", "sns:*", f"sns:{action.lower()}"} & actions
        named = {"*", caller, f"arn:aws:iam::{caller}:root"} & set(principals)
        is_met = statement.get("Condition", {}) in ({}, _of_organization(caller))
        if statement["Effect"] == "Allow" and granted and named and is_met:
            return
    raise AuthorizationError(
        f"User: arn:aws:iam::{caller}:root is not authorized to perform: SNS:{action} "
        f"on resource: {topic.arn}"
    )


def _of_organization(account_id: str) -> dict[str, Any] | None:
    try:
        organization = organizations_backends[account_id]["aws"].describe_organization()["Organization"]
    except AWSOrganizationsNotInUseException:
        return None
    return {"StringEquals": {"aws:PrincipalOrgID": organization["Id"]}}


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


@CORRECTIONS.replaces(SNSBackend, "unsubscribe")
def deleted_subscriptions_are_counted(
    original: Callable[..., None], self: Any, subscription_arn: str
) -> None:
    """moto's SubscriptionsDeleted stays at 0.

    https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
    """
    subscription = self.subscriptions.get(subscription_arn)
    if subscription is not None:
        subscription.topic.subscriptions_deleted += 1
    original(self, subscription_arn)


@CORRECTIONS.replaces(Subscription, "publish")
def only_the_confirmed_are_told(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    """moto delivers to everyone, over the real network to http(s) endpoints.

    AWS delivers to confirmed subscriptions
    (https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.confirm.html). Here nothing ever
    leaves the machine: what goes to http(s) endpoints stays in the topic's `sent_notifications`.
    """
    if self.confirmed and self.protocol not in ("http", "https"):
        original(self, *args, **kwargs)
