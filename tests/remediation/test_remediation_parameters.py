"""parameters.json: what rdk deploys, and how AWS Config is to start the remediation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
from botocore.validate import ParamValidator
from root_usage.parameters import PARSERS, RDKLIB_PARAMETERS

from root_usage_alarm.remediation.documents import REMEDIATION_PARAMETERS

ROOT = Path(__file__).parents[2]
PARAMETERS: dict[str, Any] = json.loads((ROOT / "parameters.json").read_text(encoding="utf-8"))["Parameters"]
REMEDIATION = PARAMETERS["Remediation"]


def test_rdk_reads_the_one_file_in_the_rules_folder() -> None:
    link = ROOT / "RootUsageAlarmRule" / "parameters.json"

    assert link.read_text(encoding="utf-8") == (ROOT / "parameters.json").read_text(encoding="utf-8")


def test_every_parameter_of_the_rule_can_be_set() -> None:
    optional = json.loads(PARAMETERS["OptionalParameters"])

    assert set(optional) == {*PARSERS, *RDKLIB_PARAMETERS}
    assert set(optional.values()) == {""}


def test_parameters_fit_into_a_config_rule() -> None:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigRule.html (InputParameters)"""
    assert len(PARAMETERS["InputParameters"] + PARAMETERS["OptionalParameters"]) <= 1024


def test_remediation_gives_what_the_document_requires() -> None:
    required = {name for name, each in REMEDIATION_PARAMETERS.items() if each.default is None}

    assert set(REMEDIATION["Parameters"]) == required


def test_remediation_is_manual_and_of_this_rule() -> None:
    assert REMEDIATION["Automatic"] is False
    assert REMEDIATION["ConfigRuleName"] == PARAMETERS["RuleName"]
    assert "SSMAutomation" not in PARAMETERS


def test_account_comes_from_the_evaluated_resource() -> None:
    assert REMEDIATION["Parameters"]["AccountId"] == {"ResourceValue": {"Value": "RESOURCE_ID"}}


def test_remediation_is_one_that_config_takes() -> None:
    """By the service model's own constraints, once CloudFormation has put the role's ARN in."""
    model: Any = boto3.session.Session().client("config", region_name="us-east-1").meta.service_model
    role = {"StaticValue": {"Values": ["arn:aws:iam::111122223333:role/automation"]}}
    parameters = REMEDIATION["Parameters"] | {"AutomationAssumeRole": role}
    configuration = REMEDIATION | {"Parameters": parameters}

    report = ParamValidator().validate(
        {"RemediationConfigurations": [configuration]},
        model.operation_model("PutRemediationConfigurations").input_shape,
    )

    assert report.generate_report() == ""
