"""What a StackSet, or a conformance pack, puts into each account of an organization."""

from __future__ import annotations

import json

from . import names, policies, repair
from .foundation import READING, READING_CONDITIONS, TOPIC_ARN, not_empty, reading_more, role
from .policies import JSON
from .rule_folder import PARAMETERS, static

FUNCTION_ARN: JSON = {
    "Type": "String",
    "Description": "The organization's function",
    "AllowedPattern": r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}",
}
INPUT_PARAMETERS: JSON = {
    "Type": "String",
    "Description": "The rule's parameters as JSON; AWS Config takes 1,024 characters",
    "MinLength": 2,
    "MaxLength": names.MOST_INPUT_PARAMETER_CHARACTERS,
}
ENDPOINT: JSON = {
    "Type": "String",
    "Description": "E-mail address that the remediation subscribes; empty: nobody new",
    "Default": "",
    "MaxLength": 256,
}
CENTRAL_TOPIC = TOPIC_ARN | {
    "Description": "Topic of one account that the remediation's alarms tell; empty: one of their own",
    "Default": "",
    "AllowedPattern": f"({TOPIC_ARN['AllowedPattern']})?",
}
TELLING = {"Subscribes": not_empty("SubscriptionEndpoint"), "TellsOneTopic": not_empty("TopicArn")}


def template(region: str = "") -> JSON:
    """The template of the StackSet `names.STACK_SET`.

    CloudFormation refuses a template with a resource type that the region doesn't know, used or not.
    """
    whole = _template()
    if region in names.WITHOUT_BUTTON:
        del whole["Resources"]["Remediation"]
    return whole


def _template() -> JSON:
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: the AWS Config rule and its remediation in a member account",
        "Parameters": {
            "FunctionArn": FUNCTION_ARN,
            "FunctionRoleArn": {"Type": "String", "Description": "The role that the function runs as"},
            "InputParameters": INPUT_PARAMETERS,
            "SubscriptionEndpoint": ENDPOINT,
            "TopicArn": CENTRAL_TOPIC,
            **READING,
        },
        "Conditions": {
            **READING_CONDITIONS,
            **TELLING,
        },
        "Resources": {
            "EvaluationRole": _evaluation_role(),
            **repair.resources(),
            "Rule": {**rule({"Ref": "FunctionArn"}), "DependsOn": ["EvaluationRole"]},
            **button(),
        },
    }


def button() -> dict[str, JSON]:
    """The remediation of the rule, beside `repair.resources()`."""
    document, automation_role = {"Ref": "RemediationDocument"}, {"Fn::GetAtt": ["AutomationRole", "Arn"]}
    return {"Remediation": {**_remediation(document, automation_role), "DependsOn": ["Rule"]}}


def conformance_pack() -> JSON:
    """The alternative: roles and document must be in each account already, under these names."""
    automation_role = policies.sub(
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + names.AUTOMATION_ROLE
    )
    return {
        "Parameters": {
            "FunctionArn": {"Type": "String"},
            "InputParameters": {"Type": "String"},
            "SubscriptionEndpoint": {"Type": "String", "Default": ""},
            "TopicArn": {"Type": "String", "Default": ""},
        },
        "Conditions": TELLING,
        "Resources": {
            "Rule": rule({"Ref": "FunctionArn"}),
            "Remediation": {**_remediation(repair.document_name(), automation_role), "DependsOn": "Rule"},
        },
    }


def prerequisites() -> JSON:
    """The member template without rule and remediation: what a conformance pack takes for granted."""
    whole = template()
    resources = {
        name: whole["Resources"][name] for name in whole["Resources"] if name not in ("Rule", "Remediation")
    }
    wanted = ("FunctionRoleArn", *READING)
    return whole | {
        "Description": "Root usage alarm: what its conformance pack needs in a member account",
        "Parameters": {name: whole["Parameters"][name] for name in wanted},
        "Conditions": READING_CONDITIONS,
        "Resources": resources,
    }


def _evaluation_role() -> JSON:
    return role(
        names.EVALUATION_ROLE,
        policies.trusting_role({"Ref": "FunctionRoleArn"}),
        {"read": policies.reading(), "report": [policies.reporting()]},
        "Reads what the root usage alarm rule decides on, and reports to AWS Config",
        *reading_more(),
    )


def rule(function_arn: JSON) -> JSON:
    """The rule of parameters.json, decided by that function."""
    block = _parameters()
    return {
        "Type": "AWS::Config::ConfigRule",
        "Properties": {
            "ConfigRuleName": names.RULE,
            "Description": block["Description"],
            "InputParameters": {"Ref": "InputParameters"},
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": function_arn,
                "SourceDetails": [
                    {
                        "EventSource": "aws.config",
                        "MessageType": "ScheduledNotification",
                        "MaximumExecutionFrequency": block["SourcePeriodic"],
                    }
                ],
            },
        },
    }


def _remediation(document: JSON | str, automation_role: JSON | str) -> JSON:
    """The Remediation block of parameters.json, for that document and that role."""
    block = _parameters()["Remediation"]
    filled = block["Parameters"] | {
        "AutomationAssumeRole": static(automation_role),
        "SubscriptionEndpoint": _where("Subscribes", "SubscriptionEndpoint"),
        "TopicArn": _where("TellsOneTopic", "TopicArn"),
    }
    properties = block | {"TargetId": document, "Parameters": filled}
    return {"Type": "AWS::Config::RemediationConfiguration", "Properties": properties}


def _where(condition: str, parameter: str) -> JSON:
    return {"Fn::If": [condition, static({"Ref": parameter}), {"Ref": "AWS::NoValue"}]}


def _parameters() -> JSON:
    parameters: JSON = json.loads(PARAMETERS.read_text(encoding="utf-8"))["Parameters"]
    return parameters
