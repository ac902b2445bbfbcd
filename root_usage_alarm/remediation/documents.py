"""The SSM Automation documents, from which `root_usage_alarm.build` makes the JSON files.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-schemas-features.html (schema 0.3)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .scripts import script_of

JSON = dict[str, Any]

ROLE_ARN = r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}$"
ACCOUNT_ID = r"^\d{12}$"
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTIONS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a document; one without a default is required."""

    description: str
    type: str = "String"
    default: str | int | bool | None = None
    pattern: str | None = None
    allowed: tuple[Any, ...] = ()

    def to_json(self) -> JSON:
        members: JSON = {"type": self.type, "description": self.description}
        if self.default is not None:
            members["default"] = self.default
        if self.pattern is not None:
            members["allowedPattern"] = self.pattern
        if self.allowed:
            members["allowedValues"] = list(self.allowed)
        return members


@dataclass(frozen=True, slots=True)
class Script:
    """A step that runs `root_usage_alarm/remediation/steps/<file>.py`."""

    name: str
    file: str
    description: str
    payload: tuple[str, ...]
    outputs: Mapping[str, str]
    timeout_seconds: int = 120
    is_end: bool = False

    def to_json(self) -> JSON:
        step: JSON = {
            "name": self.name,
            "action": "aws:executeScript",
            "description": self.description,
            "onFailure": "Abort",
            "timeoutSeconds": self.timeout_seconds,
            "inputs": {
                "Runtime": "python3.11",
                "Handler": "handler",
                "InputPayload": {_payload_name(name): "{{" + name + "}}" for name in self.payload},
                "Script": script_of(self.file),
            },
            "outputs": [
                {"Name": name, "Selector": f"$.Payload.{name}", "Type": kind}
                for name, kind in self.outputs.items()
            ],
        }
        return step | ({"isEnd": True} if self.is_end else {})


def _payload_name(reference: str) -> str:
    """`Look.Chain` is handed over as `Chain`, `global:REGION` as `Region`."""
    return "Region" if reference == "global:REGION" else reference.rpartition(".")[2]


AUTOMATION_ASSUME_ROLE = Parameter("ARN of the role that does this.", pattern=ROLE_ARN)

REMEDIATION_PARAMETERS = {
    "AutomationAssumeRole": AUTOMATION_ASSUME_ROLE,
    "AccountId": Parameter("The account, and the only one, that this may change.", pattern=ACCOUNT_ID),
    "TrailName": Parameter(
        "The trail to use, or to create; empty: the best there is.",
        default="",
        pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$",
    ),
    "CreateTrail": Parameter("Whether to create a trail if none will do.", "Boolean", default=False),
    "LogGroupName": Parameter(
        "Log group to create for a trail that has none.",
        default="root-usage-alarm/cloudtrail",
        pattern=r"^[A-Za-z0-9_/.#-]{1,512}$",
    ),
    "DeliveryRoleArn": Parameter(
        "CloudTrail's role to deliver to it by.",
        default="",
        pattern="^$|" + ROLE_ARN,
    ),
    "RetentionInDays": Parameter("Retention of that log group.", "Integer", default=365, allowed=RETENTIONS),
    "MetricFilterName": Parameter(
        "Metric filter to create.", default="RootAccountUsageCount", pattern=r"^[^:*`]{1,500}$"
    ),
    "MetricName": Parameter("Its metric.", default="RootAccountUsageCount", pattern=r"^[^:*$`]{1,250}$"),
    "MetricNamespace": Parameter(
        "The metric's namespace.", default="CloudTrailMetrics", pattern=r"^(?!AWS/)[\w./#-]{1,255}$"
    ),
    "AlarmName": Parameter(
        "Alarm to create.", default="RootAccountUsageCountAlarm", pattern=r"^[\w ./#()+=@-]{1,250}$"
    ),
    "EventCountAlarm": Parameter(
        "Whether to count root's API calls, without sign-ins, by a second alarm.", "Boolean", default=False
    ),
    "AlarmDetails": Parameter(
        "Whether the alarm's description names the account and links to root's events.",
        "Boolean",
        default=False,
    ),
    "TopicArn": Parameter(
        "Topic to tell; empty: one that works already, or a new one.",
        default="",
        pattern=r"^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$",
    ),
    "TopicName": Parameter("Topic to create.", default="root-usage-alarm", pattern=r"^[\w-]{1,250}$"),
    "TopicKmsKeyArn": Parameter(
        "Customer managed key for it, which CloudWatch may use; empty: none.",
        default="",
        pattern=r"^$|^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]{1,128}$",
    ),
    "SubscriptionProtocol": Parameter(
        "How to tell.", default="email", allowed=("email", "email-json", "sms", "https", "sqs", "lambda")
    ),
    "SubscriptionEndpoint": Parameter(
        "Whom to tell: e-mail address, phone number, URL or ARN; empty: nobody new.",
        default="",
        pattern=r"^$|^[^\s@]+@[^\s@]+\.[^\s@]+$|^\+\d{6,15}$|^https://\S+$|^arn:aws[a-z-]*:(sqs|lambda):\S+$",
    ),
    "ConfigRuleName": Parameter(
        "Config rule that judges; empty: none.",
        default="RootUsageAlarmRule",
        pattern=r"^[\w-]{0,128}$",
    ),
    "DryRun": Parameter("Whether to report only what would be done.", "Boolean", default=False),
}

REMEDIATION_INTRODUCTION = """\
Makes sure that a person is told when the root user of this account does something: trail, log group,
metric filter, alarm, topic, subscription. Creates what is missing, deletes nothing, and changes nothing
that it didn't create, but to join a trail without a log group to one. Safe to run again.

A person confirms the subscription, by the link in AWS's message. Root's own keys and MFA are left alone."""


def remediation() -> JSON:
    """The document that makes the chain whole."""
    chain = ("Look.Chain", "Look.Signals")
    return _document(
        REMEDIATION_INTRODUCTION,
        REMEDIATION_PARAMETERS,
        [
            Script(
                "Judge",
                "judge",
                "Has the rule judge the account. Changes nothing.",
                ("global:REGION", "AccountId", "ConfigRuleName"),
                {"Compliance": "String", "Annotation": "String", "Code": "String"},
                timeout_seconds=300,
            ).to_json(),
            Script(
                "Look",
                "look",
                "Decides what to make. Changes nothing.",
                (
                    "global:REGION",
                    "Judge.Compliance",
                    "Judge.Annotation",
                    "Judge.Code",
                    *(each for each in REMEDIATION_PARAMETERS if each not in _NOT_LOOKED_AT),
                ),
                {"Summary": "String", "WorkToDo": "Boolean", "Chain": "StringMap", "Signals": "MapList"},
            ).to_json(),
            _branch("Decide", "Look.WorkToDo", "TrailAndLogGroup", "NothingToDo"),
            _nothing_to_do("Stops: nothing is missing, or this is a dry run. See the outputs of Look."),
            Script(
                "TrailAndLogGroup",
                "trail_and_log_group",
                "Has the trail deliver to a log group.",
                ("Look.Chain", "RetentionInDays"),
                {"Done": "StringList"},
                timeout_seconds=600,
            ).to_json(),
            Script(
                "MetricFilter",
                "metric_filter",
                "Has the log group count root's events.",
                chain,
                {"Done": "StringList"},
                timeout_seconds=300,
            ).to_json(),
            Script(
                "TopicAndSubscription",
                "topic_and_subscription",
                "Makes topic and subscription. Waiting says who has to confirm.",
                (*chain, "TopicKmsKeyArn", "SubscriptionProtocol", "SubscriptionEndpoint"),
                {"Done": "StringList", "Waiting": "String"},
                timeout_seconds=300,
            ).to_json(),
            Script(
                "Alarm",
                "alarm",
                "Has an alarm ring for one event, and tell the topic.",
                (*chain, "AlarmDetails"),
                {"Done": "StringList"},
            ).to_json(),
            Script(
                "Prove",
                "prove",
                "Has the rule judge again, and fails where it isn't content.",
                ("global:REGION", "Look.Chain", "ConfigRuleName", "TopicAndSubscription.Waiting"),
                {"Outcome": "String"},
                timeout_seconds=300,
                is_end=True,
            ).to_json(),
        ],
        [
            "Prove.Outcome",
            "Look.Summary",
            "TrailAndLogGroup.Done",
            "MetricFilter.Done",
            "TopicAndSubscription.Done",
            "TopicAndSubscription.Waiting",
            "Alarm.Done",
        ],
    )


# Parameters of the document that the step Look has no use for.
_NOT_LOOKED_AT = {"AutomationAssumeRole", "RetentionInDays", "AlarmDetails", "ConfigRuleName"}

ROOT_CREDENTIALS_PARAMETERS = {
    "AutomationAssumeRole": AUTOMATION_ASSUME_ROLE,
    "MemberAccountId": Parameter("The member account whose root user this is about.", pattern=ACCOUNT_ID),
    "Confirmation": Parameter(
        "To delete: the member's account id once more, typed by hand.", default="", pattern=r"^$|^\d{12}$"
    ),
    "DeleteSigningCertificates": Parameter(
        "Whether to delete root's signing certificates too.", "Boolean", default=False
    ),
    "DeleteLoginProfile": Parameter(
        "Whether to delete root's password too: nobody can sign in as root then, until the management "
        "account allows password recovery.",
        "Boolean",
        default=False,
    ),
    "DryRun": Parameter("Whether to report only what root holds.", "Boolean", default=True),
}

ROOT_CREDENTIALS_INTRODUCTION = """\
Lists what the root user of a member account holds, and deletes its access keys. To be run by a person, in
the organization's management account or its delegated administrator for IAM, with central root access
switched on (RootCredentialsManagement). Reports only, unless DryRun is false and Confirmation is the
member's account id.

No API enables MFA for root: sign in as root, open Security credentials, Assign MFA device. For the
management account itself root has to delete its access keys there, too."""

_HELD = {
    "AccessKeys": "StringList",
    "SigningCertificates": "StringList",
    "MfaDevices": "StringList",
    "LoginProfile": "Boolean",
}


def root_credentials() -> JSON:
    """The document that takes a member's root user its credentials."""
    chosen = ("MemberAccountId", "Confirmation", "DeleteSigningCertificates", "DeleteLoginProfile", "DryRun")
    return _document(
        ROOT_CREDENTIALS_INTRODUCTION,
        ROOT_CREDENTIALS_PARAMETERS,
        [
            Script(
                "Audit",
                "root_audit",
                "Lists what root of the member account holds. Changes nothing.",
                ("global:REGION", *chosen),
                {**_HELD, "Summary": "String", "WorkToDo": "Boolean"},
            ).to_json(),
            _branch("Decide", "Audit.WorkToDo", "Delete", "NothingToDo"),
            _nothing_to_do("Stops: nothing to delete, or this is a dry run. See the outputs of Audit."),
            Script(
                "Delete",
                "root_delete",
                "Deletes, and reads back what is left.",
                (
                    "global:REGION",
                    *chosen,
                    "Audit.AccessKeys",
                    "Audit.SigningCertificates",
                    "Audit.LoginProfile",
                ),
                {"Done": "StringList", "Left": "String"},
                is_end=True,
            ).to_json(),
        ],
        ["Audit.Summary", *(f"Audit.{each}" for each in _HELD), "Delete.Done", "Delete.Left"],
    )


def _branch(name: str, variable: str, if_true: str, otherwise: str) -> JSON:
    return {
        "name": name,
        "action": "aws:branch",
        "description": "Goes on if there is work to do.",
        "onFailure": "Abort",
        "timeoutSeconds": 60,
        "inputs": {
            "Choices": [{"Variable": "{{ " + variable + " }}", "BooleanEquals": True, "NextStep": if_true}],
            "Default": otherwise,
        },
    }


def _nothing_to_do(description: str) -> JSON:
    return {
        "name": "NothingToDo",
        "action": "aws:sleep",
        "description": description,
        "onFailure": "Abort",
        "timeoutSeconds": 60,
        "inputs": {"Duration": "PT1S"},
        "isEnd": True,
    }


def _document(
    introduction: str, parameters: Mapping[str, Parameter], steps: list[JSON], outputs: list[str]
) -> JSON:
    return {
        "schemaVersion": "0.3",
        "description": introduction,
        "assumeRole": "{{ AutomationAssumeRole }}",
        "parameters": {name: each.to_json() for name, each in parameters.items()},
        "mainSteps": steps,
        "outputs": outputs,
    }
