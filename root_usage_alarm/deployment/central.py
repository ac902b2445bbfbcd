"""The one account of an organization that holds the function: its code, its role, who may invoke it."""

from __future__ import annotations

from collections.abc import Sequence

from root_usage.aws.sharing import MINUTES_VARIABLE
from root_usage.parameters import FLOOR_VARIABLE

from . import names, policies, watch
from .foundation import (
    ACCEPTED_WAYS,
    LOG_RETENTION,
    READING,
    READING_CONDITIONS,
    READS_EVENT_RULES,
    TOPIC_ARN,
    code_bucket,
    code_bucket_policy,
    log_group,
    reading_event_buses,
    reading_more,
    role,
)
from .policies import JSON

ORGANIZATION_ID: JSON = {
    "Type": "String",
    "Description": "The organization whose accounts may use the function",
    "AllowedPattern": "o-[a-z0-9]{10,32}",
}
PARAMETER_FLOOR: JSON = {
    "Type": "String",
    "Description": "Rule parameters, as JSON, that no account's own may undercut; empty: none",
    "Default": "",
    "MaxLength": names.MOST_INPUT_PARAMETER_CHARACTERS,
}


def code_template() -> JSON:
    """The stack `names.CODE_STACK`: the bucket has to be there before the function."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: where the code of the organization's function is put",
        "Resources": {"CodeBucket": code_bucket(), "CodeBucketPolicy": code_bucket_policy()},
        "Outputs": {"CodeBucket": {"Value": {"Ref": "CodeBucket"}}},
    }


# A function's policy takes 20,480 characters; an account's id with its quotes and comma is 15 of them.
# https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html
MOST_ACCOUNTS_NAMED = 1_200
# All members' timers may fire at once, and all read one account's trail and alarm. What comes on top of so
# many, Lambda keeps and tries again for six hours: see docs/scale.md.
CONCURRENCY = 10
SHARED_MINUTES = 5


def template(account_ids: Sequence[str] = ()) -> JSON:
    """The stack `names.ORGANIZATION_STACK`; the accounts, the oldest members first, may use the function."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: the function behind the AWS Config rules of an organization",
        "Parameters": {
            "OrganizationId": ORGANIZATION_ID,
            "TopicArn": TOPIC_ARN,
            "CodeBucket": {"Type": "String", "Description": "Bucket of the stack with the code"},
            "CodeKey": {"Type": "String", "Description": "The zip there, named by its digest"},
            "LayerArn": {"Type": "String", "Description": "Layer version with the function's libraries"},
            "ParameterFloor": PARAMETER_FLOOR,
            "ReservedConcurrency": {
                "Type": "Number",
                "Description": "Evaluations at a time; 0: as many as the account's quota lets run",
                "Default": CONCURRENCY,
                "MinValue": 0,
            },
            "LogRetentionInDays": LOG_RETENTION,
        },
        "Conditions": {"IsBounded": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ReservedConcurrency"}, "0"]}]}},
        "Resources": {
            "FunctionLogGroup": log_group(names.ORGANIZATION_FUNCTION),
            "FunctionRole": role(
                names.ORGANIZATION_FUNCTION_ROLE,
                policies.trusting_lambda(),
                {"evaluate": _statements()},
                "Takes on the evaluation role of the account that the root usage alarm rule evaluates",
            ),
            "Function": _for_members(function(names.ORGANIZATION_FUNCTION, {"Ref": "LayerArn"})),
            "FunctionPolicy": _function_policy(account_ids),
            **watch.resources(names.ORGANIZATION_FUNCTION, {"Ref": "Function"}),
        },
        "Outputs": {
            "FunctionArn": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}},
            "FunctionRoleArn": {"Value": {"Fn::GetAtt": ["FunctionRole", "Arn"]}},
        },
    }


def _statements() -> list[JSON]:
    evaluation_role = "arn:${AWS::Partition}:iam::*:role/" + names.EVALUATION_ROLE
    return [
        policies.assuming("EvaluateMembers", evaluation_role, {"Ref": "OrganizationId"}),
        # Reports that the evaluation role can't be taken on, when that is so.
        policies.reporting(),
        policies.logging(names.ORGANIZATION_FUNCTION),
        policies.keeping_failed(names.ORGANIZATION_FUNCTION),
    ]


def _for_members(made: JSON) -> JSON:
    bound = {"Fn::If": ["IsBounded", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
    own = {
        "Environment": {
            "Variables": {FLOOR_VARIABLE: {"Ref": "ParameterFloor"}, MINUTES_VARIABLE: str(SHARED_MINUTES)}
        },
        "ReservedConcurrentExecutions": bound,
    }
    return made | {"Properties": made["Properties"] | own}


def function(name: str, layer_arn: JSON) -> JSON:
    """The rule's function, its zip from the template's parameters CodeBucket and CodeKey."""
    return {
        "Type": "AWS::Lambda::Function",
        "DependsOn": ["FunctionLogGroup"],
        "Properties": {
            "FunctionName": name,
            "Description": "Would a person be told if the root user did something in an account?",
            "Runtime": names.RUNTIME,
            "Handler": f"{names.RULE}.lambda_handler",
            "Role": {"Fn::GetAtt": ["FunctionRole", "Arn"]},
            "Code": {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "CodeKey"}},
            "Layers": [layer_arn],
            "MemorySize": 256,
            "Timeout": names.TIMEOUT_SECONDS,
        },
    }


def _function_policy(account_ids: Sequence[str]) -> JSON:
    """AWS::Lambda::Permission knows one account only; a policy of one's own knows an organization.

    AWS documents aws:SourceAccount for AWS Config's calls, aws:SourceOrgID for services in general: the
    members are named, the oldest first, and those that don't fit or join later come in by the organization.
    So nobody who joins, nor how many they are, takes a rule's admission away. Where the organization isn't
    sent, a rule that isn't named can't be made: AWS Config refuses it (InsufficientPermissionsException).
    https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
    https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigRule.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (aws:SourceOrgID)
    """
    sources: list[JSON] = [{"aws:SourceOrgID": {"Ref": "OrganizationId"}}]
    if account_ids:
        sources.append({"aws:SourceAccount": sorted(account_ids[:MOST_ACCOUNTS_NAMED])})
    function_arn = {"Fn::GetAtt": ["Function", "Arn"]}
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"Service": "config.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn,
            "Condition": {"StringEquals": source},
        }
        for source in sources
    ]
    return {
        "Type": "AWS::Lambda::ResourcePolicy",
        "Properties": {"ResourceArn": function_arn, "PolicyDocument": policies.document(*statements)},
    }


def reading_role_template() -> JSON:
    """For each other account that has links of the members' chains: the role that ReadingRoleName names."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: shows the rule in member accounts what is here of their chains",
        "Parameters": {"OrganizationId": ORGANIZATION_ID, "AcceptedWays": ACCEPTED_WAYS},
        "Conditions": {"ReadsEventRules": READS_EVENT_RULES},
        "Resources": {
            "ReadingRole": role(
                names.READING_ROLE,
                policies.trusting_our_roles({"Ref": "OrganizationId"}),
                {"read": policies.reading_for_members()},
                "Shows the rule in member accounts what is here of their chains",
                reading_event_buses(),
            )
        },
        "Outputs": {"ReadingRoleArn": {"Value": {"Fn::GetAtt": ["ReadingRole", "Arn"]}}},
    }


def check_role_template() -> JSON:
    """For every account, by a StackSet: the role that `check-org` takes on."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: lets one role of the organization run check-org",
        "Parameters": {
            "TrustedRoleArn": {
                "Type": "String",
                "Description": "The role of the person or job that runs check-org",
                "AllowedPattern": r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}",
            },
            **READING,
        },
        "Conditions": READING_CONDITIONS,
        "Resources": {
            "CheckRole": role(
                names.CHECK_ROLE,
                policies.trusting_role({"Ref": "TrustedRoleArn"}),
                {"read": policies.reading()},
                "Reads what the root usage alarm rule decides on",
                *reading_more(),
            )
        },
    }


def aggregator_template() -> JSON:
    """For the delegated administrator of AWS Config: everybody's results in one place."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: the results of all accounts in one place",
        "Parameters": {
            "AccountIds": {
                "Type": "CommaDelimitedList",
                "Description": "Accounts to read, each with an authorization; empty: the whole organization",
                "Default": "",
            },
            "Regions": {"Type": "CommaDelimitedList", "Description": "Regions that the rule reports in"},
        },
        "Conditions": {
            "OfOrganization": {"Fn::Equals": [{"Fn::Join": ["", {"Ref": "AccountIds"}]}, ""]},
        },
        "Resources": {"AggregatorRole": _aggregator_role(), "Aggregator": _aggregator()},
    }


def _aggregator_role() -> JSON:
    # What AWS's own policy AWSConfigRoleForOrganizations holds:
    # https://docs.aws.amazon.com/config/latest/developerguide/security-iam-awsmanpol.html
    actions = (
        "DescribeOrganization",
        "ListAccounts",
        "ListAWSServiceAccessForOrganization",
        "ListDelegatedAdministrators",
    )
    statement = {
        "Sid": "ListAccounts",
        "Effect": "Allow",
        "Action": [f"organizations:{each}" for each in actions],
        "Resource": "*",
    }
    built = role(
        f"{names.RULE}-aggregator-${{AWS::Region}}",
        policies.trusting_config(),
        {"list-accounts": [statement]},
        "Tells AWS Config which accounts belong to the organization",
    )
    return {**built, "Condition": "OfOrganization"}


def _aggregator() -> JSON:
    nothing = {"Ref": "AWS::NoValue"}
    of_organization = {
        "RoleArn": {"Fn::GetAtt": ["AggregatorRole", "Arn"]},
        "AwsRegions": {"Ref": "Regions"},
    }
    of_accounts = [{"AccountIds": {"Ref": "AccountIds"}, "AwsRegions": {"Ref": "Regions"}}]
    return {
        "Type": "AWS::Config::ConfigurationAggregator",
        "Properties": {
            "ConfigurationAggregatorName": names.AGGREGATOR,
            "OrganizationAggregationSource": {"Fn::If": ["OfOrganization", of_organization, nothing]},
            "AccountAggregationSources": {"Fn::If": ["OfOrganization", nothing, of_accounts]},
        },
    }


def authorization_template() -> JSON:
    """For each account of an aggregator over a list of accounts: lets that aggregator read."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: lets an aggregator outside of the organization read the results",
        "Parameters": {
            "AggregatorAccountId": {"Type": "String", "AllowedPattern": r"\d{12}"},
            "AggregatorRegion": {"Type": "String", "AllowedPattern": "[a-z]{2,4}(-[a-z]+)+-[0-9]"},
        },
        "Resources": {
            "Authorization": {
                "Type": "AWS::Config::AggregationAuthorization",
                "Properties": {
                    "AuthorizedAccountId": {"Ref": "AggregatorAccountId"},
                    "AuthorizedAwsRegion": {"Ref": "AggregatorRegion"},
                },
            }
        },
    }
