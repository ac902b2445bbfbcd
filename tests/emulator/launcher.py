"""Starts ministack with what it lacks for our stacks; runs in ministack's own virtual environment.

ministack makes stacks, buckets, roles, log groups, alarms and functions. AWS Config and Systems
Manager are the local AWS's (`workstation.local_aws`), at AWS_ENDPOINT_URL: the handlers below hand
these resources on to it. It is also what the functions talk to, as AWS_ENDPOINT_URL is theirs too.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any

import botocore.session
from ministack import app
from ministack.core import lambda_runtime, responses
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

# The access keys of workstation.local_aws.corrections.identity.
PREFIX = "LOCALAWS"
OURS = re.compile(PREFIX + r"(\d{12})")

Properties = dict[str, Any]


def main() -> None:
    _name_accounts_by_our_access_keys()
    provisioners._RESOURCE_HANDLERS |= {
        "AWS::Config::ConfigRule": _handlers(_put_rule, _delete_rule),
        "AWS::Config::RemediationConfiguration": _handlers(_put_remediation, _delete_remediation),
        "AWS::SSM::Document": _handlers(_put_document, _delete_document),
    }
    app.main()


def _name_accounts_by_our_access_keys() -> None:
    """ministack puts every key that isn't 12 digits or a session of its own into one account."""
    original = responses._account_from_sts_session

    def account_of(access_key: str) -> str | None:
        match = OURS.fullmatch(access_key)
        return match[1] if match else original(access_key)

    def credentials_of(function: Properties) -> dict[str, str]:
        account_id = function["FunctionArn"].split(":")[4]
        return {
            "AWS_ACCESS_KEY_ID": PREFIX + account_id,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_SESSION_TOKEN": "",
        }

    responses._account_from_sts_session = account_of
    lambda_runtime.execution_credentials = credentials_of
    lambda_svc.execution_credentials = credentials_of


def _handlers(put: Callable[[Properties], str], delete: Callable[[str, Properties], None]) -> Properties:
    """What CloudFormation does with a resource that has a name and is put, whether it is there or not."""

    def create(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
        return put(properties), {}

    def update(
        _id: str, _old: Properties, new: Properties, _stack: str, *_: Any, **__: Any
    ) -> tuple[str, Properties]:
        return put(new), {}

    return {"create": create, "update": update, "delete": delete}


def _client(service: str) -> Any:
    return botocore.session.Session().create_client(
        service,
        region_name=responses.get_region(),
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=PREFIX + responses.get_account_id(),
        aws_secret_access_key="local",
    )


def _put_rule(properties: Properties) -> str:
    _client("config").put_config_rule(ConfigRule=properties)
    return str(properties["ConfigRuleName"])


def _delete_rule(name: str, _: Properties) -> None:
    _client("config").delete_config_rule(ConfigRuleName=name)


def _put_remediation(properties: Properties) -> str:
    _client("config").put_remediation_configurations(RemediationConfigurations=[properties])
    return str(properties["ConfigRuleName"])


def _delete_remediation(name: str, _: Properties) -> None:
    _client("config").delete_remediation_configuration(ConfigRuleName=name)


def _put_document(properties: Properties) -> str:
    ssm, name, content = _client("ssm"), properties["Name"], json.dumps(properties["Content"])
    try:
        ssm.create_document(
            Name=name, Content=content, DocumentType=properties["DocumentType"], DocumentFormat="JSON"
        )
    except ssm.exceptions.DocumentAlreadyExists:
        version = ssm.update_document(Name=name, Content=content, DocumentVersion="$LATEST")
        number = version["DocumentDescription"]["DocumentVersion"]
        ssm.update_document_default_version(Name=name, DocumentVersion=number)
    return str(name)


def _delete_document(name: str, _: Properties) -> None:
    _client("ssm").delete_document(Name=name)


if __name__ == "__main__":
    main()
