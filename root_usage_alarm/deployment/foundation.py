"""What stands in an account before rdk deploys the rule: code bucket, role, log, errors alarm."""

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
            "TopicArn": TOPIC_ARN,
            "ReadingRoleArns": READING_ROLE_ARNS,
            "LogRetentionInDays": LOG_RETENTION,
        },
        "Conditions": {"ReadsElsewhere": READS_ELSEWHERE},
        "Resources": {
            "CodeBucket": code_bucket(),
            "CodeBucketPolicy": code_bucket_policy(),
            "FunctionLogGroup": log_group(names.FUNCTION),
            "FunctionRole": _function_role(),
            "FunctionErrorsAlarm": errors_alarm(names.FUNCTION),
        },
        "Outputs": {
            "CodeBucket": {"Value": {"Ref": "CodeBucket"}},
            "FunctionRoleArn": {"Value": {"Fn::GetAtt": ["FunctionRole", "Arn"]}},
        },
    }


TOPIC_ARN: JSON = {
    "Type": "String",
    "Description": "Topic that is told when the rule's function fails",
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
            "report": [policies.reporting(), policies.logging(names.FUNCTION)],
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


def errors_alarm_name(function: str) -> str:
    """A name of ours: the topic's policy names the alarm before it exists."""
    return f"{function}-errors"


def errors_alarm(function: str) -> JSON:
    """Rings when the rule fails: AWS Config goes on showing its last result then."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": errors_alarm_name(function),
            "AlarmDescription": (
                f"Function {function} failed, so AWS Config may show an old result of rule {names.RULE}. "
                f"See log group /aws/lambda/{function}."
            ),
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": function}],
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "TopicArn"}],
        },
    }
