"""What AWS Config does by itself: it invokes a rule's function, and starts a rule's remediation."""

from __future__ import annotations

import json
from typing import Any

from root_usage_alarm.demo.invocation import acting_in, scheduled_event
from root_usage_alarm.local_aws import Account, LocalAws
from root_usage_alarm.local_aws.corrections.config import result_token_of
from tests.remediation.runner import Execution, run


def evaluate(account: Account, aws_lambda: Any, rule_name: str) -> None:
    """Invokes the rule's function as AWS Config does: from outside, and without waiting for it."""
    (rule,) = account.client("config").describe_config_rules(ConfigRuleNames=[rule_name])["ConfigRules"]
    event = scheduled_event(account, json.loads(rule.get("InputParameters", "{}")))
    aws_lambda.invoke(
        FunctionName=rule["Source"]["SourceIdentifier"],
        InvocationType="Event",
        Payload=json.dumps(event | {"resultToken": result_token_of(rule_name)}),
    )


def remediate(aws: LocalAws, account: Account, rule_name: str) -> Execution:
    """What the button does: the rule's document, with the parameters of its remediation configuration."""
    (configuration,) = account.client("config").describe_remediation_configurations(
        ConfigRuleNames=[rule_name]
    )["RemediationConfigurations"]
    document = account.client("ssm").get_document(
        Name=configuration["TargetId"], DocumentVersion=configuration["TargetVersion"]
    )
    content = json.loads(document["Content"])
    given = {
        name: _value(content["parameters"][name]["type"], value, account)
        for name, value in configuration["Parameters"].items()
    }
    with acting_in(aws, account):
        return run(content, account.region, **given)


def _value(kind: str, value: dict[str, Any], account: Account) -> Any:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_RemediationParameterValue.html"""
    if "ResourceValue" in value:
        return account.account_id
    (text,) = value["StaticValue"]["Values"]
    return text == "true" if kind == "Boolean" else text
