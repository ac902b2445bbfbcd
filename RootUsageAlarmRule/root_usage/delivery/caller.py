"""What is known of the requests that CloudWatch makes when an alarm rings.

The callers are service principals; their requests carry the alarm as their source.
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..aws.arn import Arn
from .conditions import RequestContext

CLOUDWATCH = "cloudwatch.amazonaws.com"

# Lambda functions are invoked by a principal of their own:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
CLOUDWATCH_FOR_LAMBDA = "lambda.alarms.cloudwatch.amazonaws.com"

# A service principal belongs to no organization, so AWS leaves the keys out of its requests. AWS's own
# data perimeter relies on that.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_ABSENT = frozenset({"aws:principalorgid", "aws:principalorgpaths"})


def admission(
    account_ids: Iterable[str], actions: Sequence[str], resource: str, principal: str = CLOUDWATCH
) -> dict[str, Any]:
    """The policy statement, ready to paste, that lets a service in for these accounts, or for any."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": list(actions),
        "Resource": resource,
    }
    sources = sorted(account_ids)
    if not sources:
        return statement
    return statement | {"Condition": {"StringEquals": {"aws:SourceAccount": sources}}}


def request_of_alarm(alarm_arn: Arn) -> RequestContext:
    """The context of a call to KMS or Lambda on the alarm's behalf."""
    return RequestContext(
        {
            "aws:sourceaccount": alarm_arn.account_id,
            "aws:sourcearn": str(alarm_arn),
            "aws:securetransport": "true",
            "aws:principalisawsservice": "true",
        },
        _ABSENT,
    )


def publish_of_alarm(alarm_arn: Arn) -> RequestContext:
    """The context of the alarm's sns:Publish.

    SNS keeps aws:SourceOwner, which a new topic's policy asks for, for CloudWatch among few others.
    """
    request = request_of_alarm(alarm_arn)
    return RequestContext({**request.values, "aws:sourceowner": alarm_arn.account_id}, request.absent)
