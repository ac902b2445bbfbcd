"""Everything for a single account in one template, for those who deploy by a tool of their own."""

from __future__ import annotations

import json

from . import central, foundation, member, names, repair, watch
from .policies import JSON

# What rdk's path sets as well: there is but one account, so no role to change into.
OWN_ROLE = json.dumps({"AssumeRoleMode": "False"})


def template() -> JSON:
    """As `deploy` makes it, but for the layer, which it publishes by itself."""
    ready = foundation.template()
    telling = {
        "TopicArn": foundation.TOPIC_ARN
        | {"Description": "Topic that the remediation's alarm tells, and that is told when the rule stops"},
        "SubscriptionEndpoint": member.ENDPOINT,
    }
    key: JSON = {"Type": "String", "MinLength": 1}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: the AWS Config rule, its function and its remediation",
        "Parameters": {
            **telling,
            "CodeBucket": {"Type": "String", "Description": "Bucket, in the same region, with both zips"},
            "CodeKey": key | {"Description": "The function's zip there; another name for each version"},
            "LayerKey": key | {"Description": "The zip with its libraries; another name for each version"},
            "InputParameters": member.INPUT_PARAMETERS | {"Default": OWN_ROLE},
            **{name: ready["Parameters"][name] for name in (*foundation.READING, "LogRetentionInDays")},
        },
        "Conditions": {**ready["Conditions"], **member.TELLING},
        "Resources": {
            **{name: ready["Resources"][name] for name in ("FunctionLogGroup", "FunctionRole")},
            "Libraries": {
                "Type": "AWS::Lambda::LayerVersion",
                "Properties": {
                    "LayerName": names.LAYER,
                    "CompatibleRuntimes": [names.RUNTIME],
                    "Content": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "LayerKey"}},
                },
            },
            "Function": central.function(names.FUNCTION, {"Ref": "Libraries"}),
            "FunctionPermission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Action": "lambda:InvokeFunction",
                    "Principal": "config.amazonaws.com",
                    "SourceAccount": {"Ref": "AWS::AccountId"},
                },
            },
            "Rule": {
                **member.rule({"Fn::GetAtt": ["Function", "Arn"]}),
                "DependsOn": ["FunctionPermission"],
            },
            **repair.resources(),
            **member.button(),
            **watch.resources(names.FUNCTION, {"Ref": "Function"}),
        },
        "Outputs": {"FunctionArn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}}},
    }
