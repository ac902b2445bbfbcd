"""Whole, realistic root events: what an example is made from, in the order in which people care.

The ids are made up. The fields that CloudTrail writes:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
"""

from __future__ import annotations

from enum import Enum, auto
from functools import lru_cache
from typing import Any

from .root_activity import CALLS, CONSOLE_ACTIONS, REGIONS, ApiCall, has_sign_ins

Event = dict[str, Any]


class EventKind(Enum):
    """What a root event stands for."""

    API_CALL = auto()
    SIGN_IN_WITHOUT_MFA = auto()
    SIGN_IN_WITH_MFA = auto()
    FAILED_SIGN_IN = auto()
    READ_ONLY_CALL = auto()
    FAILED_CALL = auto()
    ACCESS_KEY_CALL = auto()
    OTHER_REGION_CALL = auto()
    PASSWORD_RECOVERY = auto()
    PASSWORD_CHANGE = auto()
    CONSOLE_ACTION = auto()
    ASSUME_ROOT = auto()


@lru_cache(maxsize=16)
def root_events(account_id: str, partition: str = "aws") -> dict[EventKind, Event]:
    """A plain root event of each kind. Callers must not change them: see `copy_of`."""
    regions = REGIONS.get(partition, REGIONS["aws"])
    identity = {
        "type": "Root",
        "principalId": account_id,
        "arn": f"arn:{partition}:iam::{account_id}:root",
        "accountId": account_id,
    }
    session = {"attributes": {"creationDate": "2026-10-05T07:03:02Z", "mfaAuthenticated": "true"}}
    in_session = {**identity, "accessKeyId": "ASIAEXAMPLE00000004", "sessionContext": session}
    with_key = {**identity, "accessKeyId": "AKIAEXAMPLE00000005"}
    by_assume_root = {
        **identity,
        "accessKeyId": "ASIAEXAMPLE00000010",
        "sessionContext": {"assumedRoot": "true", **session},
    }
    signing_in = {**identity, "accessKeyId": ""}
    home = regions[0]
    return {
        EventKind.API_CALL: _call(in_session, CALLS[0], home, requestParameters={"userName": "backdoor"}),
        EventKind.SIGN_IN_WITHOUT_MFA: _sign_in(signing_in, home, "ConsoleLogin", mfa="No"),
        EventKind.SIGN_IN_WITH_MFA: _sign_in(signing_in, home, "ConsoleLogin", mfa="Yes"),
        EventKind.FAILED_SIGN_IN: _sign_in(signing_in, home, "ConsoleLogin", mfa="No", result="Failure"),
        EventKind.READ_ONLY_CALL: _call(in_session, CALLS[7], home),
        EventKind.FAILED_CALL: _call(
            in_session,
            CALLS[9],
            home,
            errorCode="Client.UnauthorizedOperation",
            errorMessage="denied by a service control policy",
        ),
        EventKind.ACCESS_KEY_CALL: {**_call(with_key, CALLS[9], home), "userAgent": "aws-cli/2"},
        EventKind.OTHER_REGION_CALL: _call(in_session, CALLS[9], regions[1]),
        EventKind.PASSWORD_RECOVERY: _sign_in(signing_in, home, "PasswordRecoveryRequested", mfa=None),
        EventKind.PASSWORD_CHANGE: _sign_in(signing_in, home, "PasswordUpdated", mfa=None),
        EventKind.CONSOLE_ACTION: {
            **_call(in_session, CONSOLE_ACTIONS[0], home),
            "eventType": "AwsConsoleAction",
        },
        EventKind.ASSUME_ROOT: _call(
            by_assume_root, ApiCall("iam.amazonaws.com", "DeleteLoginProfile"), home
        ),
    }


# What happens in one region as in any other, with the call that stands for it there.
_REGIONAL = {
    EventKind.API_CALL: ApiCall("ec2.amazonaws.com", "RunInstances"),
    EventKind.READ_ONLY_CALL: ApiCall("ec2.amazonaws.com", "DescribeInstances", is_read_only=True),
    EventKind.FAILED_CALL: ApiCall("ec2.amazonaws.com", "RunInstances"),
    EventKind.ACCESS_KEY_CALL: ApiCall("ec2.amazonaws.com", "RunInstances"),
    EventKind.ASSUME_ROOT: ApiCall("s3.amazonaws.com", "DeleteBucketPolicy"),
}


@lru_cache(maxsize=64)
def root_events_of_region(account_id: str, region: str, partition: str = "aws") -> dict[EventKind, Event]:
    """A plain root event of each kind that the region records. Callers must not change them."""
    events = root_events(account_id, partition)
    is_home = region == REGIONS.get(partition, REGIONS["aws"])[0]
    found: dict[EventKind, Event] = {}
    for kind, event in events.items():
        call = _REGIONAL.get(kind)
        if event["eventType"] == "AwsConsoleSignIn":
            if has_sign_ins(region, partition):
                found[kind] = {**event, "awsRegion": region}
        elif is_home and kind is not EventKind.OTHER_REGION_CALL:
            found[kind] = event
        elif call is not None:
            fields = {"eventSource": call.source, "eventName": call.name, "readOnly": call.is_read_only}
            found[kind] = {**event, **fields, "requestParameters": None, "awsRegion": region}
    return found


def copy_of(event: Event) -> Event:
    """A deep copy of what JSON can hold; an example is nested a few levels at most."""
    return {name: copy_of(value) if isinstance(value, dict) else value for name, value in event.items()}


def _call(identity: Event, call: ApiCall, region: str, **more: Any) -> Event:
    return {
        "eventVersion": "1.10",
        "userIdentity": identity,
        "eventTime": "2026-10-05T07:05:10Z",
        "eventSource": call.source,
        "eventName": call.name,
        "awsRegion": region,
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "Mozilla/5.0",
        "requestParameters": None,
        "responseElements": None,
        **more,
        "eventID": "00000000-0000-4000-8000-000000000004",
        "readOnly": call.is_read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": identity["accountId"],
        "eventCategory": "Management",
    }


def _sign_in(identity: Event, region: str, name: str, *, mfa: str | None, result: str = "Success") -> Event:
    event = _call(identity, ApiCall("signin.amazonaws.com", name), region)
    event |= {
        "eventVersion": "1.08",
        "responseElements": {name: result},
        "eventType": "AwsConsoleSignIn",
    }
    if result == "Failure":
        event["errorMessage"] = "Failed authentication"
    if mfa:
        event["additionalEventData"] = {
            "LoginTo": "https://console.aws.amazon.com/",
            "MobileVersion": "No",
            "MFAUsed": mfa,
        }
    return event
