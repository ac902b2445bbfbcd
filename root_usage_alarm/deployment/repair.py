"""The remediation in an account: the document that Remediate runs, and the role that it acts as."""

from __future__ import annotations

import hashlib
import json

from ..remediation.documents import remediation, root_credentials
from ..remediation.policies import (
    DELIVERY_TRUST,
    delivery_policy,
    remediation_policy,
    root_credentials_policy,
)
from . import names, policies
from .foundation import role
from .policies import JSON


def template() -> JSON:
    """The stack `names.REMEDIATION_STACK`."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: the remediation that AWS Config offers, and its role",
        "Resources": resources(),
        "Outputs": {
            "AutomationRoleArn": {"Value": {"Fn::GetAtt": ["AutomationRole", "Arn"]}},
            "DocumentName": {"Value": {"Ref": "RemediationDocument"}},
        },
    }


def resources() -> dict[str, JSON]:
    return {
        "AutomationRole": role(
            names.AUTOMATION_ROLE,
            policies.trusting_automation(),
            {"remediate": filled_in(remediation_policy())},
            "Makes the chain from trail to subscriber whole, when somebody presses Remediate",
        ),
        "DeliveryRole": role(
            names.DELIVERY_ROLE,
            DELIVERY_TRUST,
            {"deliver": filled_in(delivery_policy())},
            "CloudTrail writes by it to the log groups that Remediate makes",
        ),
        "RemediationDocument": automation_document(document_name(), _document()),
    }


def document_name() -> str:
    """Named by its content's digest, so that Remediate can be pinned to its version 1.

    Whoever may update the document makes another version of it, which the button doesn't run.
    https://docs.aws.amazon.com/config/latest/APIReference/API_RemediationConfiguration.html (TargetVersion)
    """
    digest = hashlib.sha256(json.dumps(_document(), sort_keys=True).encode()).hexdigest()
    return f"{names.DOCUMENT}-{digest[:8]}"


def _document() -> JSON:
    document, default = remediation(), {"default": {"Fn::GetAtt": ["DeliveryRole", "Arn"]}}
    parameters = document["parameters"]
    return document | {
        "parameters": parameters | {"DeliveryRoleArn": parameters["DeliveryRoleArn"] | default}
    }


def automation_document(name: str, content: JSON) -> JSON:
    return {
        "Type": "AWS::SSM::Document",
        "Properties": {
            "Name": name,
            "DocumentType": "Automation",
            "DocumentFormat": "JSON",
            # Another content is a new version: replacing it fails for a name of one's own.
            "UpdateMethod": "NewVersion",
            "Content": content,
        },
    }


def credentials_template() -> JSON:
    """For the organization's management or delegated administrator account: root's own credentials."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Root usage alarm: the document that deletes members' root credentials",
        "Resources": {
            "AutomationRole": role(
                f"{names.RULE}-credentials-${{AWS::Region}}",
                policies.trusting_automation(),
                {"root-credentials": filled_in(root_credentials_policy())},
                "Audits and deletes the root credentials of member accounts, when somebody starts it",
            ),
            "CredentialsDocument": automation_document(names.CREDENTIALS_DOCUMENT, root_credentials()),
        },
        "Outputs": {
            "AutomationRoleArn": {"Value": {"Fn::GetAtt": ["AutomationRole", "Arn"]}},
            "DocumentName": {"Value": {"Ref": "CredentialsDocument"}},
        },
    }


def filled_in(policy: JSON) -> list[JSON]:
    """The statements of a policy of `remediation`, with CloudFormation filling in account and partition."""
    return [
        statement
        | {"Resource": [policies.sub(each) for each in statement["Resource"]]}
        | _condition(statement)
        for statement in policy["Statement"]
    ]


def _condition(statement: JSON) -> JSON:
    """The statement's condition, if it has one; values may hold placeholders too."""
    return (
        {
            "Condition": {
                operator: {key: _values(value) for key, value in keys.items()}
                for operator, keys in statement["Condition"].items()
            }
        }
        if "Condition" in statement
        else {}
    )


def _values(value: str | list[str]) -> object:
    return [policies.sub(each) for each in value] if isinstance(value, list) else policies.sub(value)
