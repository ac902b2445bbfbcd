"""What stands in an account before rdk deploys the rule: code bucket, role, log."""

from __future__ import annotations

from typing import Any

from root_usage.parameters import ALARM, EVENTBRIDGE

from . import names, policies
from .policies import JSON, sub


def template() -> JSON:
    """The stack `names.FOUNDATION_STACK`."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: what the AWS Config rule needs in the account that it runs in",
        "Parameters": {
            **READING,
            "LogRetentionInDays": LOG_RETENTION,
        },
        "Conditions": READING_CONDITIONS,
        "Resources": {
            "CodeBucket": code_bucket(),
            "CodeBucketPolicy": code_bucket_policy(),
            "FunctionLogGroup": log_group(names.FUNCTION),
            "FunctionRole": _function_role(),
        },
        "Outputs": {
            "CodeBucket": {"Value": {"Ref": "CodeBucket"}},
            "FunctionRoleArn": {"Value": {"Fn::GetAtt": ["FunctionRole", "Arn"]}},
        },
    }


TOPIC_ARN: JSON = {
    "Type": "String",
    "Description": "Topic that is told when the rule stops",
    "AllowedPattern": r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}",
}
READING_ROLE_ARNS: JSON = {
    "Type": "CommaDelimitedList",
    "Description": "Roles of one name that show other accounts' links of the chain; empty: there are none",
    "Default": "",
    "AllowedPattern": r"(arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@-]{1,64})?",
}
ACCEPTED_WAYS: JSON = {
    "Type": "String",
    "Description": "As the rule's parameter: who accepts eventbridge lets the role read EventBridge's rules",
    "Default": ALARM,
    "AllowedValues": [ALARM, EVENTBRIDGE, f"{ALARM},{EVENTBRIDGE}"],
}
# What a role may read beside the account's alarms follows from these.
READING: JSON = {"ReadingRoleArns": READING_ROLE_ARNS, "AcceptedWays": ACCEPTED_WAYS}
READS_EVENT_RULES: JSON = {"Fn::Not": [{"Fn::Equals": [{"Ref": "AcceptedWays"}, ALARM]}]}
READING_CONDITIONS: JSON = {
    "ReadsElsewhere": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "ReadingRoleArns"}]}, ""]}]},
    "ReadsEventRules": READS_EVENT_RULES,
}
LOG_RETENTION: JSON = {
    "Type": "Number",
    "Description": "Days for which the function's log is kept",
    "Default": 90,
    "AllowedValues": [30, 60, 90, 180, 365],
}


def not_empty(parameter: str) -> JSON:
    return {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}


def role(name: str, trust: JSON, policies_of: dict[str, list[Any]], description: str, *more: JSON) -> JSON:
    """A role with inline policies, by their names, and `more` that are whole already."""
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": sub(name),
            "Description": description,
            "AssumeRolePolicyDocument": trust,
            "Policies": [
                *(
                    {"PolicyName": policy, "PolicyDocument": policies.document(*statements)}
                    for policy, statements in policies_of.items()
                ),
                *more,
            ],
        },
    }


def _function_role() -> JSON:
    return role(
        names.FUNCTION_ROLE,
        policies.trusting_lambda(),
        {
            "read": policies.reading(),
            "report": [
                policies.reporting(),
                policies.logging(names.FUNCTION),
                policies.keeping_failed(names.FUNCTION),
            ],
        },
        "Reads what the root usage alarm rule decides on, and reports to AWS Config",
        *reading_more(),
    )


def reading_more() -> tuple[JSON, ...]:
    """The policies for other accounts' reading roles, and for EventBridge's rules, where there are any."""
    elsewhere = [policies.assuming("ReadElsewhere", {"Ref": "ReadingRoleArns"})]
    return (
        _where("ReadsElsewhere", "read-elsewhere", elsewhere),
        _where("ReadsEventRules", "read-event-rules", policies.reading_event_rules()),
    )


def reading_event_buses() -> JSON:
    """The policy of a reading role for an event bus that members' rules forward to."""
    return _where("ReadsEventRules", "read-event-buses", policies.reading_event_buses())


def _where(condition: str, name: str, statements: list[JSON]) -> JSON:
    policy = {"PolicyName": name, "PolicyDocument": policies.document(*statements)}
    return {"Fn::If": [condition, policy, {"Ref": "AWS::NoValue"}]}


def code_bucket() -> JSON:
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        },
    }


def code_bucket_policy() -> JSON:
    statement = {
        "Sid": "NothingWithoutTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [sub("${CodeBucket.Arn}"), sub("${CodeBucket.Arn}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": {"Ref": "CodeBucket"}, "PolicyDocument": policies.document(statement)},
    }


def log_group(function: str) -> JSON:
    return {
        "Type": "AWS::Logs::LogGroup",
        "UpdateReplacePolicy": "Delete",
        "DeletionPolicy": "Delete",
        "Properties": {
            "LogGroupName": f"/aws/lambda/{function}",
            "RetentionInDays": {"Ref": "LogRetentionInDays"},
        },
    }
