"""Everything in an account that the remediation could touch, in a form that can be compared."""

from __future__ import annotations

import json
from typing import Any

from root_usage_alarm.local_aws import Account

State = dict[str, dict[str, Any]]

# What AWS writes by itself.
_OF_AWS = {
    "creationTime",
    "CreateDate",
    "CreationDate",
    "RoleId",
    "StateUpdatedTimestamp",
    "AlarmConfigurationUpdatedTimestamp",
    "StateTransitionedTimestamp",
    "ResponseMetadata",
}


def state_of(account: Account) -> State:
    """Every resource by kind and name, without what AWS writes by itself."""
    logs, cloudwatch = account.client("logs"), account.client("cloudwatch")
    iam, s3 = account.client("iam"), account.client("s3")
    return {
        "trails": {each["Name"]: _trail(account, each) for each in _trails(account)},
        "log groups": _named(logs.describe_log_groups()["logGroups"], "logGroupName"),
        "metric filters": {
            f"{each['logGroupName']}/{each['filterName']}": _plain(each)
            for each in logs.describe_metric_filters()["metricFilters"]
        },
        "alarms": _named(cloudwatch.describe_alarms()["MetricAlarms"], "AlarmName"),
        "topics": _topics(account),
        "roles": {each["RoleName"]: _role(iam, each) for each in iam.list_roles()["Roles"]},
        "buckets": {each["Name"]: _bucket(s3, each["Name"]) for each in s3.list_buckets()["Buckets"]},
    }


def _named(resources: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return {each[name]: _plain(each) for each in resources}


def _plain(resource: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in resource.items() if key not in _OF_AWS}


def _trails(account: Account) -> list[dict[str, Any]]:
    trails: list[dict[str, Any]] = account.client("cloudtrail").describe_trails()["trailList"]
    return trails


def _trail(account: Account, trail: dict[str, Any]) -> dict[str, Any]:
    if trail["TrailARN"].split(":")[4] != account.account_id:
        return trail
    status = account.client("cloudtrail").get_trail_status(Name=trail["TrailARN"])
    return {**trail, "IsLogging": status["IsLogging"]}


def _topics(account: Account) -> dict[str, Any]:
    sns = account.client("sns")
    return {
        each["TopicArn"]: {
            **sns.get_topic_attributes(TopicArn=each["TopicArn"])["Attributes"],
            "subscriptions": sns.list_subscriptions_by_topic(TopicArn=each["TopicArn"])["Subscriptions"],
            "tags": sns.list_tags_for_resource(ResourceArn=each["TopicArn"])["Tags"],
        }
        for each in sns.list_topics()["Topics"]
    }


def _role(iam: Any, role: dict[str, Any]) -> dict[str, Any]:
    name = role["RoleName"]
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "trust": role["AssumeRolePolicyDocument"],
        "policies": {
            each: iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in policies
        },
    }


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
        block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    except s3.exceptions.ClientError as error:
        return {"without": error.response["Error"]["Code"]}
    return {"policy": policy, "block": block, "encryption": encryption}
