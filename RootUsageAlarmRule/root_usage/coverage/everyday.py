"""Whole, realistic events of others than root: what an account records all day, and what is rarer.

The ids are made up.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from .root_activity import Path
from .root_events import Event, EventKind, copy_of, root_events

_ISSUER = ("userIdentity", "sessionContext", "sessionIssuer")
ACCOUNT_FIELDS: tuple[Path, ...] = (
    *(("recipientAccountId",), ("userIdentity", "accountId"), ("userIdentity", "arn")),
    *((*_ISSUER, "accountId"), (*_ISSUER, "arn")),
)
"""The fields in which one account's everyday events differ from another's."""


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


@lru_cache(maxsize=64)
def everyday_notices(account_id: str, region: str) -> tuple[Event, ...]:
    """What services send to the default event bus at any hour without CloudTrail. Callers must not change it.

    https://docs.aws.amazon.com/eventbridge/latest/ref/welcome.html
    """
    return tuple(
        {
            "version": "0",
            "id": "00000000-0000-4000-8000-000000000200",
            "detail-type": detail_type,
            "source": f"aws.{service}",
            "account": account_id,
            "time": "2026-10-05T07:00:41Z",
            "region": region,
            "resources": [],
            "detail": detail,
        }
        for service, detail_type, detail in _NOTICES
    )


_NOTICES: tuple[tuple[str, str, Event], ...] = (
    ("ec2", "EC2 Instance State-change Notification", {"instance-id": "i-0123456789", "state": "running"}),
    (
        "autoscaling",
        "EC2 Instance Launch Successful",
        {"AutoScalingGroupName": "app", "StatusCode": "InProgress"},
    ),
    ("ecs", "ECS Task State Change", {"lastStatus": "RUNNING", "desiredStatus": "RUNNING", "group": "app"}),
    ("s3", "Object Created", {"bucket": {"name": "app"}, "reason": "PutObject"}),
    ("states", "Step Functions Execution Status Change", {"status": "SUCCEEDED"}),
    ("codebuild", "CodeBuild Build State Change", {"build-status": "SUCCEEDED", "project-name": "app"}),
    ("config", "Config Configuration Item Change", {"messageType": "ConfigurationItemChangeNotification"}),
    ("cloudwatch", "CloudWatch Alarm State Change", {"alarmName": "app", "state": {"value": "OK"}}),
    ("ssm", "Parameter Store Change", {"operation": "Update", "name": "app"}),
    ("tag", "Tag Change on Resource", {"service": "ec2", "resource-type": "instance"}),
)


@lru_cache(maxsize=16)
def root_for_services(account_id: str, partition: str) -> dict[str, Event]:
    """Events that bear root's name and that root didn't cause itself, by their description."""
    plain = root_events(account_id, partition)[EventKind.API_CALL]
    by_service, of_service = copy_of(plain), copy_of(plain)
    by_service["userIdentity"]["invokedBy"] = "cloudformation.amazonaws.com"
    of_service["eventType"] = "AwsServiceEvent"
    return {"AWS services that act for root (`invokedBy`)": by_service, "service events": of_service}


@lru_cache(maxsize=16)
def rare_events(account_id: str, partition: str) -> dict[str, Event]:
    """Events of others that no account records all day, by their description.

    The name of a user who fails to sign in is hidden, and `arn` is missing:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
    """
    of_root = root_events(account_id, partition)
    sign_in = copy_of(of_root[EventKind.SIGN_IN_WITH_MFA])
    sign_in["userIdentity"] = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE0000000001:jane",
        "arn": f"arn:{partition}:sts::{account_id}:assumed-role/Admin/jane",
        "accountId": account_id,
    }
    failed = copy_of(of_root[EventKind.FAILED_SIGN_IN])
    failed["userIdentity"] = {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE0000000001",
        "accountId": account_id,
        "accessKeyId": "",
        "userName": "HIDDEN_DUE_TO_SECURITY_REASONS",
    }
    role = _role(account_id, partition, "Admin", "jane")
    return {
        "sign-ins of others": sign_in,
        "failed sign-ins, which anybody can cause": failed,
        "IAM changes by others": {**of_root[EventKind.API_CALL], "userIdentity": role},
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
