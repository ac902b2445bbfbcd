"""IAM, as far as a least-privilege proof needs it: every AWS call of this process against a policy.

moto enforces actions only, and not for CloudWatch; this looks at resources too. It hooks into botocore,
so that it sees whatever client makes the call.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore
from botocore.exceptions import ClientError

JSON = dict[str, Any]


def key_arn(asked: JSON, own: str) -> str:
    """IAM checks the key, also where an alias was asked for."""
    key = asked["KeyId"]
    return key if ":key/" in key else own.format("kms", "key/behind-the-alias")


def global_(own: str) -> str:
    """The ARN's beginning for a resource that is in no region."""
    partition, account_id = own.split(":")[1], own.split(":")[4]
    return f"arn:{partition}:{{}}::{account_id}:{{}}"


# The ARN that IAM checks a call against, by its parameters; a call that isn't here knows no resource.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
RESOURCES: Mapping[str, Callable[[JSON, str], str]] = {
    "cloudtrail:GetTrailStatus": lambda asked, _: asked["Name"],
    "cloudtrail:GetEventSelectors": lambda asked, _: asked["TrailName"],
    "cloudtrail:GetChannel": lambda asked, _: asked["Channel"],
    # Without a log group's name (filters of a metric) the name in the ARN is empty.
    "logs:DescribeMetricFilters": lambda asked, own: own.format(
        "logs", f"log-group:{asked.get('logGroupName', '')}:log-stream:"
    ),
    "logs:GetTransformer": lambda asked, own: own.format("logs", f"log-group:{asked['logGroupIdentifier']}"),
    "cloudwatch:DescribeAlarmHistory": lambda asked, own: own.format(
        "cloudwatch", f"alarm:{asked['AlarmName']}"
    ),
    "cloudwatch:SetAlarmState": lambda asked, own: own.format("cloudwatch", f"alarm:{asked['AlarmName']}"),
    "logs:FilterLogEvents": lambda asked, own: own.format(
        "logs", f"log-group:{asked['logGroupName']}:log-stream:"
    ),
    "events:DescribeEventBus": lambda asked, own: own.format("events", f"event-bus/{asked['Name']}"),
    "events:ListTargetsByRule": lambda asked, own: own.format("events", f"rule/{asked['Rule']}"),
    "iam:GetRole": lambda asked, own: global_(own).format("iam", f"role/{asked['RoleName']}"),
    "iam:SimulatePrincipalPolicy": lambda asked, _: asked["PolicySourceArn"],
    "sns:GetTopicAttributes": lambda asked, _: asked["TopicArn"],
    "sns:ListSubscriptionsByTopic": lambda asked, _: asked["TopicArn"],
    "kms:DescribeKey": key_arn,
    "kms:GetKeyPolicy": key_arn,
    "lambda:GetPolicy": lambda asked, _: asked["FunctionName"],
    "sts:AssumeRole": lambda asked, _: asked["RoleArn"],
}


@dataclass
class Enforcement:
    """What each account's role may do, and what was asked of it."""

    policies: Mapping[str, list[JSON]]
    answers: Mapping[str, JSON] = field(default_factory=dict)
    allowed: set[tuple[str, str]] = field(default_factory=set)
    denied: set[tuple[str, str, str]] = field(default_factory=set)
    assumed: dict[str, str] = field(default_factory=dict)

    def account_of(self, access_key: str) -> str:
        """moto's keys hold nothing of their account; ours of the first account do, roles' are noted."""
        return self.assumed.get(access_key, next(iter(self.policies)))

    def before_build(self, params: JSON, context: JSON, **_: Any) -> None:
        context["asked"] = params

    def before_call(self, model: Any, request_signer: Any, context: JSON, **_: Any) -> Any:
        action = f"{model.service_model.service_name}:{model.name}"
        account_id = self.account_of(request_signer._credentials.access_key)
        own = f"arn:aws:{{}}:{context['client_region']}:{account_id}:{{}}"
        resource = RESOURCES[action](context["asked"], own) if action in RESOURCES else "*"
        if not allows(self.policies[account_id], action, resource):
            self.denied.add((account_id, action, resource))
            message = f"{action} on {resource}"
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, model.name)
        self.allowed.add((account_id, action))
        if action in self.answers:
            return _Ok(), self.answers[action]
        return None

    def after_assume(self, parsed: JSON, **_: Any) -> None:
        role_arn = parsed["AssumedRoleUser"]["Arn"]
        self.assumed[parsed["Credentials"]["AccessKeyId"]] = role_arn.split(":")[4]


class _Ok:
    status_code = 200


@contextmanager
def enforced(
    policies: Mapping[str, list[JSON]], answers: Mapping[str, JSON] | None = None
) -> Iterator[Enforcement]:
    """Every session made within is held to its account's statements; the first account is the caller's.

    `answers` are given for calls that the local AWS lacks.
    """
    enforcement = Enforcement(policies, answers or {})

    def watch(session: Any) -> None:
        session.register("before-parameter-build", enforcement.before_build)
        session.register("before-call", enforcement.before_call)
        session.register("after-call.sts.AssumeRole", enforcement.after_assume)

    botocore.register_initializer(watch)
    try:
        yield enforcement
    finally:
        botocore.unregister_initializer(watch)


def allows(statements: list[JSON], action: str, resource: str) -> bool:
    """Whether some statement allows the action on the resource; there are no denials among them."""
    return any(
        action in each["Action"]
        and any(fnmatch.fnmatchcase(resource, pattern) for pattern in _listed(each["Resource"]))
        for each in statements
        if each["Effect"] == "Allow"
    )


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
