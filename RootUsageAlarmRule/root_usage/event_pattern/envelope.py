"""What EventBridge puts around CloudTrail's record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The guide also prints "AWS Console Signin via CloudTrail". CloudTrail's own pages, the console's templates
# and every working rule have this one, and matching is exact.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-aws-service-specific-topics.html
DETAIL_TYPES = {
    "AwsApiCall": "AWS API Call via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsConsoleAction": "AWS Console Action via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
}


def delivered(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as it arrives at the default bus of its account and region.

    Raises KeyError where the record lacks what CloudTrail always writes, or is of a type that no bus gets.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
    """
    service = record["eventSource"].partition(".")[0]
    return {
        "version": "0",
        "id": record["eventID"],
        "detail-type": DETAIL_TYPES[record["eventType"]],
        "source": f"aws.{service}",
        "account": record["recipientAccountId"],
        "time": record["eventTime"],
        "region": record["awsRegion"],
        "resources": [],
        "detail": record,
    }
