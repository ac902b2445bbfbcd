"""What stands in an account before rdk deploys the rule: code bucket, role, log."""

from __future__ import annotations

from typing import Any

from . import names, policies
from .policies import JSON, sub


def template() -> JSON:
    """The stack `names.FOUNDATION_STACK`."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: what the AWS Config rule needs in the account that it runs in",
        "Parameters": {
            "ReadingRoleArns": READING_ROLE_ARNS,
            "LogRetentionInDays": LOG_RETENTION,
        },
        "Conditions": {"ReadsElsewhere": READS_ELSEWHERE},
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
READS_ELSEWHERE: JSON = {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "ReadingRoleArns"}]}, ""]}]}
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
        reading_elsewhere(),
    )


def reading_elsewhere() -> JSON:
    """The policy to assume the reading roles of other accounts, where there are any."""
    statement = policies.assuming("ReadElsewhere", {"Ref": "ReadingRoleArns"})
    policy = {"PolicyName": "read-elsewhere", "PolicyDocument": policies.document(statement)}
    return {"Fn::If": ["ReadsElsewhere", policy, {"Ref": "AWS::NoValue"}]}


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
