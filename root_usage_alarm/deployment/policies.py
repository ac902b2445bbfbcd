"""The IAM policies of the rule's roles, as statements for a CloudFormation template.

What is read follows from `aws.gathering.READERS`, the one list of read actions; where it may be read is
here, by the resource types that IAM knows for each action:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from root_usage.aws import events
from root_usage.aws.cloudtrail import ChannelsToCloudWatch, Trails
from root_usage.aws.event_history import RootEventsSince
from root_usage.aws.gathering import READERS
from root_usage.aws.iam import AccountSummaryOf, CredentialReport

from . import names

JSON = dict[str, Any]

# An organization trail has the management account's ARN for its members, which ask for the state of
# their copy, and for CloudTrail's delegated administrator, which manages it.
TRAILS = "arn:${AWS::Partition}:cloudtrail:*:*:trail/*"
OWN_CHANNELS = "arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:channel/*"
OWN_LOG_GROUPS = "arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:*"
OWN_ALARMS = "arn:${AWS::Partition}:cloudwatch:*:${AWS::AccountId}:alarm:*"
OWN_EVENT_BUSES = "arn:${AWS::Partition}:events:*:${AWS::AccountId}:event-bus/*"
OWN_EVENT_RULES = "arn:${AWS::Partition}:events:*:${AWS::AccountId}:rule/*"
OWN_ROLES = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"
OWN_FUNCTIONS = "arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:*"
# A topic, and so its key, may belong to another account, which then has to grant the reading too.
TOPICS = "arn:${AWS::Partition}:sns:*:*:*"
KEYS = "arn:${AWS::Partition}:kms:*:*:key/*"
# Key policies can be read in the key's own account only.
OWN_KEYS = "arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"

# Actions that aren't here know no resource (a trail's region isn't known beforehand, so all regions).
# DescribeAlarms: composite alarms are shown to those only who may describe all alarms,
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
RESOURCES = {
    "cloudtrail:GetTrailStatus": TRAILS,
    "cloudtrail:GetEventSelectors": TRAILS,
    "cloudtrail:GetChannel": OWN_CHANNELS,
    "logs:DescribeMetricFilters": OWN_LOG_GROUPS,
    "logs:GetTransformer": OWN_LOG_GROUPS,
    "cloudwatch:DescribeAlarmHistory": OWN_ALARMS,
    "events:DescribeEventBus": OWN_EVENT_BUSES,
    "events:ListTargetsByRule": OWN_EVENT_RULES,
    "iam:GetRole": OWN_ROLES,
    "iam:SimulatePrincipalPolicy": OWN_ROLES,
    "sns:GetTopicAttributes": TOPICS,
    "sns:ListSubscriptionsByTopic": TOPICS,
    "kms:DescribeKey": KEYS,
    "kms:GetKeyPolicy": OWN_KEYS,
    "lambda:GetPolicy": OWN_FUNCTIONS,
}

# What is asked in the evaluated account only, never in another one of its chain.
ABOUT_THE_ACCOUNT = (Trails, ChannelsToCloudWatch, CredentialReport, AccountSummaryOf, RootEventsSince)


def reading() -> list[JSON]:
    """Statements for what the rule reads in the account under evaluation, but for EventBridge."""
    return _by_resource(
        action
        for question, reader in READERS.items()
        if question not in events.READERS
        for action in reader.actions
    )


def reading_event_rules() -> list[JSON]:
    """Statements for what it reads besides, where AcceptedWays has EventBridge."""
    return _by_resource(action for reader in events.READERS.values() for action in reader.actions)


def reading_for_members() -> list[JSON]:
    """Statements for what the rule reads in another account that has links of the members' chains."""
    return _by_resource(
        action
        for question, reader in READERS.items()
        if question not in (*ABOUT_THE_ACCOUNT, *events.READERS)
        for action in reader.actions
    )


def reading_event_buses() -> list[JSON]:
    """Statements for what it reads there besides, where members' rules forward to an event bus."""
    return _by_resource(action for question in events.OF_A_BUS for action in READERS[question].actions)


def reporting() -> JSON:
    """PutEvaluations knows no resource; its result token names the rule."""
    return _allow("Report", ["config:PutEvaluations"], "*")


def logging(function: str) -> JSON:
    """The function's own log streams; its log group is a resource of the template."""
    group = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/" + function
    return _allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], sub(group + ":log-stream:*"))


def keeping_failed(function: str) -> JSON:
    """Lambda puts the events that the function failed on for good into that queue, as the function's role."""
    queue = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:" + names.failed_events(function)
    return _allow("KeepFailedEvents", ["sqs:SendMessage"], sub(queue))


def assuming(sid: str, role: str | JSON, organization_id: JSON | None = None) -> JSON:
    """Taking on named roles; in any account, where an organization is named: of that organization."""
    statement = _allow(sid, ["sts:AssumeRole"], sub(role) if isinstance(role, str) else role)
    if organization_id:
        statement["Condition"] = {"StringEquals": {"aws:ResourceOrgID": organization_id}}
    return statement


def trusting_lambda() -> JSON:
    """AWS documents no source ARN that Lambda sends when it assumes a function's role.

    A condition on it might keep every function from being created. Who may hand the role to another
    function of the account is up to iam:PassRole.
    https://docs.aws.amazon.com/lambda/latest/dg/permissions-managed-policies.html
    """
    return trusting("lambda.amazonaws.com")


def trusting_automation() -> JSON:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup.html"""
    source = "arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:automation-execution/*"
    return trusting("ssm.amazonaws.com", {"ArnLike": {"aws:SourceArn": sub(source)}})


def trusting_config() -> JSON:
    """AWS documents source account and ARN for the recorder's role only, and this is an aggregator's.

    https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html
    https://docs.aws.amazon.com/config/latest/developerguide/set-up-aggregator-cli.html
    """
    service = {"Service": "config.amazonaws.com"}
    return document({"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"})


def trusting(service: str, conditions: JSON | None = None) -> JSON:
    """A trust policy for a service that acts for this account, under those conditions too."""
    own_account = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": own_account | (conditions or {}),
        }
    )


def trusting_role(role_arn: JSON) -> JSON:
    """A trust policy for one role, by its name: IAM would keep the id of a role that is the principal itself,
    so that one which was made anew under the same name is shut out for ever.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": {"Fn::Select": [4, {"Fn::Split": [":", role_arn]}]}},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": role_arn}},
        }
    )


def trusting_our_roles(organization_id: JSON) -> JSON:
    """A trust policy for the roles that the rule reads with, in the accounts of one organization."""
    ours = (f"{names.RULE}-evaluation-*", f"{names.RULE}-function-*", names.CHECK_ROLE)
    roles = [f"arn:${{AWS::Partition}}:iam::*:role/{each}" for each in ours]
    return document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": organization_id},
                "ArnLike": {"aws:PrincipalArn": [sub(each) for each in roles]},
            },
        }
    )


def document(*statements: JSON) -> JSON:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def sub(text: str) -> JSON | str:
    """CloudFormation fills in the account and the region."""
    return {"Fn::Sub": text} if "${" in text else text


def _by_resource(actions: Iterable[str]) -> list[JSON]:
    grouped: dict[str, set[str]] = {}
    for action in actions:
        grouped.setdefault(RESOURCES.get(action, "*"), set()).add(action)
    return [_allow(_sid(resource), sorted(grouped[resource]), sub(resource)) for resource in sorted(grouped)]


def _sid(resource: str) -> str:
    names = {
        "*": "ReadWhatHasNoResource",
        TRAILS: "ReadTrails",
        OWN_CHANNELS: "ReadChannels",
        OWN_LOG_GROUPS: "ReadLogGroups",
        OWN_ALARMS: "ReadAlarms",
        OWN_EVENT_BUSES: "ReadEventBuses",
        OWN_EVENT_RULES: "ReadEventRules",
        OWN_ROLES: "ReadRoles",
        OWN_FUNCTIONS: "ReadFunctionPolicies",
        TOPICS: "ReadTopics",
        KEYS: "ReadKeys",
        OWN_KEYS: "ReadKeyPolicies",
    }
    return names[resource]


def _allow(sid: str, actions: list[str], resource: JSON | str) -> JSON:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
