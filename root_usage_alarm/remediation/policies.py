"""What the roles of the two documents may do: by action and resource, and nothing else.

The placeholders are CloudFormation's, for `Fn::Sub`; with values in their place the documents are
ordinary IAM policies. Reads that IAM offers no resource for stand on `*`.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a policy holds."""

    partition: str = "${AWS::Partition}"
    account_id: str = "${AWS::AccountId}"

    def arn(self, service: str, resource: str, region: str = "*") -> str:
        return f"arn:{self.partition}:{service}:{region}:{self.account_id}:{resource}"


@dataclass(frozen=True, slots=True)
class Names:
    """The beginnings of the names that the remediation may create, or hand to CloudTrail (the role).

    Those of the documents' defaults. No role is ever made or changed: whoever can start an automation that
    may do that owns the account.
    """

    trail: str = "root-usage-alarm"
    log_group: str = "root-usage-alarm/"
    alarm: str = "RootAccountUsage"
    topic: str = "root-usage-alarm"
    delivery_role: str = "RootUsageAlarmRule-delivery-"


def remediation_policy(place: Place = Place(), names: Names = Names()) -> JSON:
    """The policy of the role by which `root-usage-alarm.json` works."""
    return _policy(*_reads(place), *_writes(place, names), *_new_trail(place, names))


# AWS documents no source ARN or account for this role, and joining is reported to fail with them.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
DELIVERY_TRUST: JSON = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def delivery_policy(place: Place = Place(), names: Names = Names()) -> JSON:
    """The policy of the role by which CloudTrail writes to the log groups that the remediation makes.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
    """
    streams = place.arn("logs", f"log-group:{names.log_group}*:log-stream:*")
    return _policy(_allow(["logs:CreateLogStream", "logs:PutLogEvents"], [streams]))


def root_credentials_policy(place: Place = Place()) -> JSON:
    """The policy of the role by which `root-credentials.json` works, in the management account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
    """
    tasks = ("IAMAuditRootUserCredentials", "IAMDeleteRootUserCredentials")
    policies = [f"arn:{place.partition}:iam::aws:policy/root-task/{task}" for task in tasks]
    assume_root = _allow(["sts:AssumeRoot"], [f"arn:{place.partition}:iam::*:root"])
    return _policy(
        _allow(["organizations:DescribeOrganization"], ["*"]),
        assume_root | {"Condition": {"StringEquals": {"sts:TaskPolicyArn": policies}}},
    )


def _reads(place: Place) -> list[JSON]:
    groups = place.arn("logs", "log-group:*")
    trails = place.arn("cloudtrail", "trail/*")
    return [
        _allow(
            [
                "cloudtrail:DescribeTrails",
                "cloudwatch:DescribeAlarmsForMetric",
                "config:DescribeConfigRules",
                "iam:ListAccountAliases",
            ],
            ["*"],
        ),
        _allow(
            ["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags"], [trails]
        ),
        _allow(
            ["logs:DescribeLogGroups", "logs:DescribeMetricFilters", "logs:ListTagsForResource"], [groups]
        ),
        # A composite alarm of that name shows only where DescribeAlarms stands on `*`.
        _allow(["cloudwatch:DescribeAlarms"], ["*"]),
        _allow(["cloudwatch:ListTagsForResource"], [place.arn("cloudwatch", "alarm:*")]),
        # The topic may be another account's, and so may its key.
        _allow(
            ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"],
            [f"arn:{place.partition}:sns:*:*:*"],
        ),
        _allow(["sns:ListTagsForResource"], [place.arn("sns", "*")]),
        _allow(["kms:DescribeKey", "kms:GetKeyPolicy"], [f"arn:{place.partition}:kms:*:*:key/*"]),
    ]


def _writes(place: Place, names: Names) -> list[JSON]:
    role = f"arn:{place.partition}:iam::{place.account_id}:role/{names.delivery_role}*"
    to_cloudtrail = {"StringEquals": {"iam:PassedToService": "cloudtrail.amazonaws.com"}}
    return [
        # A trail's own log group may have any name, and gets a filter; only ours are created.
        _allow(["logs:PutMetricFilter"], [place.arn("logs", "log-group:*")]),
        _allow(
            ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"],
            [place.arn("logs", f"log-group:{names.log_group}*")],
        ),
        _allow(["cloudtrail:UpdateTrail"], [place.arn("cloudtrail", "trail/*")]),
        _allow(["iam:PassRole"], [role]) | {"Condition": to_cloudtrail},
        _allow(
            ["cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"],
            [place.arn("cloudwatch", f"alarm:{names.alarm}*")],
        ),
        _allow(
            ["sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource"],
            [place.arn("sns", f"{names.topic}*")],
        ),
        _allow(["sns:Subscribe"], [f"arn:{place.partition}:sns:*:*:*"]),
        _allow(
            ["config:GetComplianceDetailsByConfigRule", "config:StartConfigRulesEvaluation"],
            [place.arn("config", "config-rule/*")],
        ),
    ]


def _new_trail(place: Place, names: Names) -> list[JSON]:
    """For the parameter CreateTrail; leave these out where no trail is ever to be made."""
    bucket = f"arn:{place.partition}:s3:::root-usage-alarm-{place.account_id}-*"
    return [
        _allow(
            ["cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:StartLogging"],
            [place.arn("cloudtrail", f"trail/{names.trail}*")],
        ),
        _allow(
            [
                "s3:CreateBucket",
                "s3:GetBucketTagging",
                "s3:ListBucket",
                "s3:PutBucketPolicy",
                "s3:PutBucketPublicAccessBlock",
                "s3:PutBucketTagging",
                "s3:PutEncryptionConfiguration",
            ],
            [bucket],
        ),
    ]


def _policy(*statements: JSON) -> JSON:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: list[str], resources: list[str]) -> JSON:
    return {"Effect": "Allow", "Action": sorted(actions), "Resource": resources}
