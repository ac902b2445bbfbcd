"""What else a watch matches: everyday events that drown it, and rarer ones that are worth a note.

An alarm that rings all day for others doesn't change when root does something: no one is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..filter_pattern.matching import matches
from ..findings import quote
from ..root_activity import REGIONS
from .outcome import Watch
from .root_events import Event, Kind, copy_of, root_events
from .views import Opaque, View, view_of


def drowned_by(watch: Watch, account_id: str) -> dict[str, Any] | None:
    """An everyday event of somebody else that the watch catches; None if there is none."""
    view = view_of(watch, account_id)
    if isinstance(view, Opaque):
        return None
    caught = (event for event in everyday_events(account_id) if _catches(view, event))
    event = next(caught, None)
    return None if event is None else copy_of(event)


def noise_of(views: Sequence[View | Opaque], account_id: str, partition: str) -> tuple[str, ...]:
    """A note for each kind of rarer events of others that a watch catches as well."""
    return tuple(
        f"{quote(view.watch.name)} also matches {what}"
        for view in views
        if isinstance(view, View)
        for what, event in _neighbours(account_id, partition).items()
        if _catches(view, event)
    )


def _catches(view: View, event: Event) -> bool:
    return view.presents(event).possibly and matches(view.pattern, event)


@lru_cache(maxsize=16)
def everyday_events(account_id: str) -> tuple[Event, ...]:
    """What an account with a few workloads records at any hour, root or no root."""
    return tuple(_everyday(account_id))


def _everyday(account_id: str) -> Iterator[Event]:
    role = _role(account_id, "app", "i-0123456789abcdef0")
    function = _role(account_id, "function", "function")
    service = _role(account_id, "AWSServiceRoleForConfig", "AWSConfig-Describe")
    user = {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE0000000001",
        "arn": f"arn:aws:iam::{account_id}:user/deploy",
        "accountId": account_id,
        "accessKeyId": "AKIAEXAMPLE00000001",
        "userName": "deploy",
    }
    for region in REGIONS["aws"][:3]:
        yield _event(account_id, role, "ec2.amazonaws.com", "DescribeInstances", region=region)
    yield _event(account_id, function, "logs.amazonaws.com", "CreateLogStream", is_read_only=False)
    yield _event(
        account_id,
        {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"},
        "sts.amazonaws.com",
        "AssumeRole",
        sourceIPAddress="lambda.amazonaws.com",
        userAgent="lambda.amazonaws.com",
    )
    yield _event(
        account_id,
        {**service, "invokedBy": "config.amazonaws.com"},
        "s3.amazonaws.com",
        "GetBucketPolicy",
        sourceIPAddress="config.amazonaws.com",
        userAgent="config.amazonaws.com",
        errorCode="NoSuchBucketPolicy",
    )
    yield _event(account_id, user, "sts.amazonaws.com", "GetCallerIdentity")
    yield _event(
        account_id,
        role,
        "s3.amazonaws.com",
        "GetBucketAcl",
        errorCode="AccessDenied",
        errorMessage="Access Denied",
    )
    yield _event(account_id, role, "kms.amazonaws.com", "Decrypt")
    yield _event(account_id, role, "iam.amazonaws.com", "GetRole")
    yield _event(
        account_id,
        {"accountId": account_id, "invokedBy": "AWS Internal"},
        "kms.amazonaws.com",
        "RotateKey",
        is_read_only=False,
        eventType="AwsServiceEvent",
    )


@lru_cache(maxsize=16)
def _neighbours(account_id: str, partition: str) -> Mapping[str, Event]:
    """Events beside root activity, by their description."""
    plain = root_events(account_id, partition)[Kind.API_CALL]
    by_service, of_service = copy_of(plain), copy_of(plain)
    by_service["userIdentity"]["invokedBy"] = "cloudformation.amazonaws.com"
    of_service["eventType"] = "AwsServiceEvent"
    sign_in = copy_of(root_events(account_id, partition)[Kind.SIGN_IN_WITH_MFA])
    sign_in["userIdentity"] = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE0000000001:jane",
        "arn": f"arn:{partition}:sts::{account_id}:assumed-role/Admin/jane",
        "accountId": account_id,
    }
    change = {**plain, "userIdentity": _role(account_id, "Admin", "jane")}
    return {
        "AWS services that act for root (`invokedBy`)": by_service,
        "service events": of_service,
        "sign-ins of others": sign_in,
        "IAM changes by others": change,
    }


def _role(account_id: str, name: str, session_name: str) -> Event:
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE0000000001:{session_name}",
        "arn": f"arn:aws:sts::{account_id}:assumed-role/{name}/{session_name}",
        "accountId": account_id,
        "accessKeyId": "ASIAEXAMPLE00000001",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLE0000000001",
                "arn": f"arn:aws:iam::{account_id}:role/{name}",
                "accountId": account_id,
                "userName": name,
            },
            "attributes": {"creationDate": "2026-10-05T06:58:11Z", "mfaAuthenticated": "false"},
        },
    }


def _event(  # noqa: PLR0913 - the fields that tell the events apart
    account_id: str,
    identity: Event,
    source: str,
    name: str,
    *,
    region: str = REGIONS["aws"][0],
    is_read_only: bool = True,
    **more: Any,
) -> Event:
    return {
        "eventVersion": "1.10",
        "userIdentity": identity,
        "eventTime": "2026-10-05T07:00:41Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-sdk-java/2.31",
        "requestParameters": None,
        "responseElements": None,
        "eventID": "00000000-0000-4000-8000-000000000100",
        "readOnly": is_read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "eventCategory": "Management",
        **more,
    }
