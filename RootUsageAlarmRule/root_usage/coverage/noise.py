"""What else a watch matches: everyday events that drown it, and rarer ones that are worth a note.

An alarm that rings all day for others doesn't change when root does something: no one is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..filter_pattern.field_selection import selects
from ..filter_pattern.matching import conditions, matches
from ..filter_pattern.syntax import AnyMember, JsonPattern, Member
from ..findings import quote
from ..root_activity import REGIONS
from .outcome import REMEMBERED, Drowned, MaybeDrowned, Watch
from .root_events import Event, Kind, copy_of, root_events
from .truth import truth_of_condition
from .views import Opaque, View, view_of


@lru_cache(maxsize=REMEMBERED)
def drowned_by(watch: Watch, account_id: str, partition: str = "aws") -> Drowned | MaybeDrowned | None:
    """Whether the watch catches an everyday event of somebody else; None if it surely catches none."""
    view = view_of(watch, account_id)
    if isinstance(view, Opaque):
        return MaybeDrowned(view.reason)
    uncertain: Event | None = None
    for event in _everyday_events_for(view, partition):
        if not view.may_catch(event):
            continue
        if view.surely_catches(event):
            return Drowned(copy_of(event))
        uncertain = uncertain or event
    return None if uncertain is None else Drowned(copy_of(uncertain), is_certain=False)


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


# -- everyday events


def _everyday_events_for(view: View, partition: str) -> Iterator[Event]:
    """The everyday events in every region that makes a difference to the watch, its own region first."""
    home, *others = _telling_regions(view, partition)
    events = everyday_events(view.account_id, home, partition)
    yield from events
    if not isinstance(view.pattern, JsonPattern):
        events = events[:1]  # searching the text of each event in each region takes too long
    for region in others:
        for event in events:
            yield {**event, "awsRegion": region}


def _telling_regions(view: View, partition: str) -> Iterable[str]:
    """One region for each way in which the conditions about it can fall."""
    regions = (view.watch.log_group_place.region, *REGIONS.get(partition, REGIONS["aws"]))
    if not isinstance(view.pattern, JsonPattern):
        return dict.fromkeys(regions)
    about_region = [
        condition
        for condition in conditions(view.pattern.expression)
        if condition.selector.steps[0] in (Member("awsRegion"), AnyMember())
    ]
    telling: dict[tuple[object, ...], str] = {}
    for region in regions:
        falls = [truth_of_condition(condition, {"awsRegion": region}) for condition in about_region]
        telling.setdefault((*falls, selects(view.criteria, view.account_id, region)), region)
    return telling.values()


@lru_cache(maxsize=64)
def everyday_events(account_id: str, region: str, partition: str = "aws") -> tuple[Event, ...]:
    """What an account with a few workloads records at any hour, root or no root.

    Callers must not change them.
    """
    everyday = (*_by_roles(account_id, partition), *_by_others(account_id, partition), *_by_services())
    return tuple(
        {**event, "awsRegion": region, "recipientAccountId": account_id, "eventCategory": "Management"}
        for event in everyday
    )


def _by_roles(account_id: str, partition: str) -> Iterator[Event]:
    """Applications, functions and AWS's service-linked roles at work."""
    role = _role(account_id, partition, "app", "i-0123456789abcdef0")
    function = _role(account_id, partition, "function", "function")
    service_linked = _role(account_id, partition, "AWSServiceRoleForConfig", "AWSConfig-Describe")
    yield _event(role, "ec2", "DescribeInstances")
    yield _event(function, "logs", "CreateLogStream", is_read_only=False)
    yield _event(
        {**service_linked, "invokedBy": "config.amazonaws.com"},
        "s3",
        "GetBucketPolicy",
        sourceIPAddress="config.amazonaws.com",
        userAgent="config.amazonaws.com",
        errorCode="NoSuchBucketPolicy",
    )
    yield _event(role, "s3", "GetBucketAcl", errorCode="AccessDenied", errorMessage="Access Denied")
    for source, name in _READS_BY_ROLES:
        yield _event(role, source, name)
    for source, name in _WRITES_BY_ROLES:
        yield _event(role, source, name, is_read_only=False)


_READS_BY_ROLES = (
    *(("kms", "Decrypt"), ("kms", "GenerateDataKey"), ("iam", "GetRole"), ("s3", "ListBuckets")),
    *(("sts", "AssumeRole"), ("sts", "GetCallerIdentity"), ("secretsmanager", "GetSecretValue")),
    *(("ssm", "GetParameters"), ("ecr", "GetAuthorizationToken"), ("monitoring", "DescribeAlarms")),
    ("cloudtrail", "LookupEvents"),
)
_WRITES_BY_ROLES = (
    *(("ssm", "UpdateInstanceInformation"), ("logs", "CreateLogGroup")),
    *(("ec2", "CreateNetworkInterface"), ("ec2", "DeleteNetworkInterface"), ("ec2", "CreateTags")),
    ("autoscaling", "SetDesiredCapacity"),
)


def _by_others(account_id: str, partition: str) -> Iterator[Event]:
    """Users, workloads that sign in with a web identity, and other accounts that take a role."""
    user = {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE0000000001",
        "arn": f"arn:{partition}:iam::{account_id}:user/deploy",
        "accountId": account_id,
        "accessKeyId": "AKIAEXAMPLE00000001",
        "userName": "deploy",
    }
    web_identity = {
        "type": "WebIdentityUser",
        "principalId": "oidc.example.com:aud:workload",
        "userName": "workload",
        "identityProvider": "oidc.example.com",
    }
    other_account = {
        "type": "AWSAccount",
        "principalId": "AROAEXAMPLE0000000009",
        "accountId": "123456789012",
    }
    internal = {"accountId": account_id, "invokedBy": "AWS Internal"}
    yield _event(user, "sts", "GetCallerIdentity")
    yield _event(user, "ec2", "DescribeInstances")
    yield _event(web_identity, "sts", "AssumeRoleWithWebIdentity")
    yield _event(other_account, "sts", "AssumeRole")
    yield _event(internal, "kms", "RotateKey", is_read_only=False, eventType="AwsServiceEvent")


def _by_services() -> Iterator[Event]:
    """AWS services that take their role, and those that encrypt what they store."""
    for service in _SERVICES:
        yield _by_service(service, "sts", "AssumeRole")
    for service in ("cloudtrail", "delivery.logs"):
        yield _by_service(service, "kms", "GenerateDataKey")


_SERVICES = (
    *("lambda", "ec2", "ecs-tasks", "ecs", "config", "ssm", "autoscaling", "events", "scheduler"),
    *("states", "cloudformation", "codebuild", "rds", "monitoring.rds", "apigateway", "firehose"),
    *("access-analyzer", "guardduty", "securityhub", "backup", "cloudtrail", "eks", "batch", "glue"),
)


def _by_service(service: str, source: str, name: str) -> Event:
    principal = f"{service}.amazonaws.com"
    identity = {"type": "AWSService", "invokedBy": principal}
    return _event(identity, source, name, sourceIPAddress=principal, userAgent=principal)


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
    change = {**plain, "userIdentity": _role(account_id, partition, "Admin", "jane")}
    return {
        "AWS services that act for root (`invokedBy`)": by_service,
        "service events": of_service,
        "sign-ins of others": sign_in,
        "IAM changes by others": change,
    }


def _role(account_id: str, partition: str, name: str, session_name: str) -> Event:
    return {
        "type": "AssumedRole",
        "principalId": f"AROAEXAMPLE0000000001:{session_name}",
        "arn": f"arn:{partition}:sts::{account_id}:assumed-role/{name}/{session_name}",
        "accountId": account_id,
        "accessKeyId": "ASIAEXAMPLE00000001",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLE0000000001",
                "arn": f"arn:{partition}:iam::{account_id}:role/{name}",
                "accountId": account_id,
                "userName": name,
            },
            "attributes": {"creationDate": "2026-10-05T06:58:11Z", "mfaAuthenticated": "false"},
        },
    }


def _event(identity: Event, source: str, name: str, *, is_read_only: bool = True, **more: Any) -> Event:
    return {
        "eventVersion": "1.10",
        "userIdentity": identity,
        "eventTime": "2026-10-05T07:00:41Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-sdk-java/2.31",
        "requestParameters": None,
        "responseElements": None,
        "eventID": "00000000-0000-4000-8000-000000000100",
        "readOnly": is_read_only,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        **more,
    }
