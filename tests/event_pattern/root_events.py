"""Root activity as it arrives at an event bus: CloudTrail's record within EventBridge's envelope."""

from __future__ import annotations

from typing import Any

SIGN_IN = "AWS Console Sign In via CloudTrail"
API_CALL = "AWS API Call via CloudTrail"
CONSOLE_ACTION = "AWS Console Action via CloudTrail"
SERVICE_EVENT = "AWS Service Event via CloudTrail"
ACCOUNT = "111122223333"
ROOT = {
    "type": "Root",
    "principalId": ACCOUNT,
    "arn": f"arn:aws:iam::{ACCOUNT}:root",
    "accountId": ACCOUNT,
}
WITH_KEY = {**ROOT, "accessKeyId": "ASIAEXAMPLE"}


def event(
    detail_type: str, service: str, name: str, region: str = "us-east-1", **record: Any
) -> dict[str, Any]:
    detail = {
        "eventVersion": "1.11",
        "userIdentity": WITH_KEY,
        "eventTime": "2026-11-20T09:30:00Z",
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": None,
        "responseElements": None,
        "eventID": "6f1c2d9e-0000-4000-8000-000000000000",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        **record,
    }
    return {
        "version": "0",
        "id": "0d079340-135a-c8c6-95c2-41fb8f496c53",
        "detail-type": detail_type,
        "source": f"aws.{service}",
        "account": ACCOUNT,
        "time": "2026-11-20T09:30:00Z",
        "region": region,
        "resources": [],
        "detail": detail,
    }


def sign_in(name: str, **record: Any) -> dict[str, Any]:
    return event(SIGN_IN, "signin", name, userIdentity=ROOT, eventType="AwsConsoleSignIn", **record)


EVENTS: dict[str, dict[str, Any]] = {
    "sign-in": sign_in(
        "ConsoleLogin",
        responseElements={"ConsoleLogin": "Success"},
        additionalEventData={"MobileVersion": "No", "MFAUsed": "Yes"},
    ),
    "failed sign-in": sign_in(
        "ConsoleLogin",
        errorMessage="Failed authentication",
        responseElements={"ConsoleLogin": "Failure"},
        additionalEventData={"MobileVersion": "No", "MFAUsed": "No"},
    ),
    "password recovery": sign_in(
        "PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"}
    ),
    "e-mail change": sign_in("EmailUpdated"),
    "IAM write": event(API_CALL, "iam", "CreateUser", requestParameters={"userName": "mallory"}),
    "EC2 write elsewhere": event(API_CALL, "ec2", "RunInstances", "ap-south-1"),
    "CloudTrail write": event(API_CALL, "cloudtrail", "StopLogging"),
    "read": event(API_CALL, "sts", "GetCallerIdentity", readOnly=True),
    "LookupEvents": event(API_CALL, "cloudtrail", "LookupEvents", readOnly=True),
    "console action": event(
        CONSOLE_ACTION, "billingconsole", "GetBillingNotifications", eventType="AwsConsoleAction"
    ),
    "AssumeRoot session": event(
        API_CALL,
        "s3",
        "DeleteBucketPolicy",
        userIdentity={
            **WITH_KEY,
            "sessionContext": {"assumedRoot": "true", "attributes": {"mfaAuthenticated": "false"}},
        },
    ),
    "by a service": event(
        API_CALL, "kms", "Decrypt", userIdentity={**ROOT, "invokedBy": "cloudtrail.amazonaws.com"}
    ),
    "service event": event(SERVICE_EVENT, "kms", "RotateKey", eventType="AwsServiceEvent"),
}
"""The last two are what nobody has to be told of."""

EVERYTHING = frozenset(EVENTS)
PEOPLES = EVERYTHING - {"by a service", "service event"}
SIGN_INS = frozenset({"sign-in", "failed sign-in", "password recovery", "e-mail change"})
API_CALLS = EVERYTHING - SIGN_INS - {"console action", "service event"}
