"""The folder that rdk deploys: the rule's parameters.json, filled in for this account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from root_usage.parameters import ALARM, Parameters, parse_parameters

from . import names

PARAMETERS = names.ROOT / "parameters.json"


def stage(
    rule_values: Mapping[str, str],
    document_values: Mapping[str, str],
    document: str,
    region: str,
    target: Path,
) -> None:
    """Puts into that empty folder what rdk runs on; the code comes from `package`."""
    folder = target / names.RULE
    folder.mkdir()
    parameters = json.loads(PARAMETERS.read_text(encoding="utf-8"))
    parameters = filled_in(parameters, rule_values, document_values, document, region)
    (folder / "parameters.json").write_text(json.dumps(parameters, indent=2), encoding="utf-8")


def rule_parameters() -> dict[str, str]:
    """The rule's own parameters that parameters.json gives a value."""
    rule = json.loads(PARAMETERS.read_text(encoding="utf-8"))["Parameters"]
    given = json.loads(rule["OptionalParameters"]) | json.loads(rule["InputParameters"])
    return {name: value for name, value in given.items() if value}


def ways(given: Mapping[str, str]) -> str:
    """AcceptedWays of the rule, as the roles' templates take it."""
    parsed = parse_parameters(rule_parameters() | dict(given))
    return ",".join(sorted(parsed.accepted_ways)) if isinstance(parsed, Parameters) else ALARM


def filled_in(
    parameters: dict[str, Any],
    rule_values: Mapping[str, str],
    document_values: Mapping[str, str],
    document: str,
    region: str,
) -> dict[str, Any]:
    """parameters.json for one account, with those values of the rule's and the document's parameters."""
    rule = dict(parameters["Parameters"])
    # rdk's own handling of the document makes a role that may do everything to everything.
    rule.pop("SSMAutomation", None)
    # The function reads as itself: there is but one account, so no role to change into.
    given = {"AssumeRoleMode": "False"} | {name: value for name, value in rule_values.items() if value}
    rule["InputParameters"] = json.dumps(json.loads(rule["InputParameters"]) | given)
    # Of a parameter in both, rdk takes the optional one.
    optional = json.loads(rule["OptionalParameters"])
    rule["OptionalParameters"] = json.dumps({name: optional[name] for name in optional if name not in given})
    block = rule.pop("Remediation")
    if region not in names.WITHOUT_BUTTON:
        rule["Remediation"] = remediation(block, document_values, document)
    return parameters | {"Parameters": rule}


def remediation(block: Mapping[str, Any], values: Mapping[str, Any], document: Any) -> dict[str, Any]:
    """The Remediation block with those values of the document's parameters, and our document."""
    filled = dict(block["Parameters"]) | {name: static(value) for name, value in values.items() if value}
    return dict(block) | {"TargetId": document, "Parameters": filled}


def no_button(region: str) -> str:
    """What that means for whoever is to press it."""
    return (
        f"note: CloudFormation can't attach the remediation in {region}, so the rule has no Remediate there: "
        f"start the document {names.DOCUMENT}-... in Systems Manager, or run `{names.TOOL} remediate`"
    )


def static(value: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/config/latest/APIReference/API_StaticValue.html"""
    return {"StaticValue": {"Values": [value]}}
