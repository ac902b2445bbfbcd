"""Starts ministack with what it lacks for our stacks; runs in ministack's own virtual environment.

ministack makes stacks, buckets, roles, log groups, alarms and functions. AWS Config and Systems
Manager are the local AWS's (`root_usage_alarm.local_aws`), at AWS_ENDPOINT_URL: the handlers below hand
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
from ministack.services.cloudformation import handlers, provisioners

from tests.emulator.stack_sets import Answer, Request, StackSets, bucket_and_key

# The access keys of root_usage_alarm.local_aws.corrections.identity.
PREFIX = "LOCALAWS"
OURS = re.compile(PREFIX + r"(\d{12})")

Properties = dict[str, Any]


def main() -> None:
    _name_accounts_by_our_access_keys()
    provisioners._RESOURCE_HANDLERS |= {
        "AWS::Config::ConfigRule": _handlers(_put_rule, _delete_rule),
        "AWS::Config::RemediationConfiguration": _handlers(_put_remediation, _delete_remediation),
        "AWS::SSM::Document": _handlers(_create_document, _delete_document, _update_document),
        # Who may invoke a function is nothing that ministack looks at.
        "AWS::Lambda::ResourcePolicy": _handlers(lambda each: str(each["ResourceArn"]), lambda *_: None),
    }
    for action in ("CreateStack", "UpdateStack"):
        handlers._ACTION_HANDLERS[action] = _with_bucket_in_the_path(handlers._ACTION_HANDLERS[action])
    handlers._ACTION_HANDLERS |= StackSets(_client_of).actions
    app.main()


def _with_bucket_in_the_path(handle: Callable[[Request], Answer]) -> Callable[[Request], Answer]:
    """ministack looks for the bucket of a TemplateURL nowhere else."""

    def handle_it(request: Request) -> Answer:
        if "TemplateURL" in request:
            request = {**request, "TemplateURL": ["https://s3/" + "/".join(bucket_and_key(request))]}
        return handle(request)

    return handle_it


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


def _handlers(
    create: Callable[[Properties], str],
    delete: Callable[[str, Properties], None],
    update: Callable[[Properties], str] | None = None,
) -> Properties:
    """What CloudFormation does with a resource; one that is put needs no `update` of its own."""

    def create_it(_logical_id: str, properties: Properties, _stack: str) -> tuple[str, Properties]:
        return create(properties), {}

    def update_it(_id: str, _old: Properties, new: Properties, *_: Any, **__: Any) -> tuple[str, Properties]:
        return (update or create)(new), {}

    return {"create": create_it, "update": update_it, "delete": delete}


def _client(service: str) -> Any:
    return _client_of(service, responses.get_account_id(), responses.get_region())


def _client_of(service: str, account_id: str, region: str) -> Any:
    """CloudFormation and its buckets are here, everything else is elsewhere."""
    here = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
    return botocore.session.Session().create_client(
        service,
        region_name=region,
        endpoint_url=here if service in ("cloudformation", "s3") else os.environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=PREFIX + account_id,
        aws_secret_access_key="local",
    )


def _put_rule(properties: Properties) -> str:
    config = _client("config")
    statuses = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    if not any(each["recording"] for each in statuses):
        # As AWS Config says it: https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigRule.html
        raise ValueError("NoAvailableConfigurationRecorderException")
    config.put_config_rule(ConfigRule=properties)
    return str(properties["ConfigRuleName"])


def _delete_rule(name: str, _: Properties) -> None:
    _client("config").delete_config_rule(ConfigRuleName=name)


def _put_remediation(properties: Properties) -> str:
    _client("config").put_remediation_configurations(RemediationConfigurations=[properties])
    return str(properties["ConfigRuleName"])


def _delete_remediation(name: str, _: Properties) -> None:
    _client("config").delete_remediation_configuration(ConfigRuleName=name)


def _create_document(properties: Properties) -> str:
    _client("ssm").create_document(
        Name=properties["Name"],
        Content=json.dumps(properties["Content"]),
        DocumentType=properties["DocumentType"],
        DocumentFormat=properties["DocumentFormat"],
    )
    return str(properties["Name"])


def _update_document(properties: Properties) -> str:
    """A new version, as UpdateMethod says."""
    ssm, name, content = _client("ssm"), properties["Name"], json.dumps(properties["Content"])
    updated = ssm.update_document(Name=name, Content=content, DocumentVersion="$LATEST")
    version = updated["DocumentDescription"]["DocumentVersion"]
    ssm.update_document_default_version(Name=name, DocumentVersion=version)
    return str(name)


def _delete_document(name: str, _: Properties) -> None:
    _client("ssm").delete_document(Name=name)


if __name__ == "__main__":
    main()
