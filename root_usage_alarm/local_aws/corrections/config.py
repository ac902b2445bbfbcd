"""AWS Config: evaluations that are kept, and shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.awslambda import utils
from moto.config.exceptions import (
    InvalidParameterValueException,
    InvalidResultTokenException,
    NoSuchConfigRuleException,
)
from moto.config.models import Source
from moto.config.responses import ConfigResponse

from .patching import Corrections, kept

CORRECTIONS = Corrections()

_ACCEPTED = ("COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE")
_ANNOTATION_LIMIT = 256
_MARK = "result-token-of:"


@dataclass(slots=True)
class RuleResults:
    """By config rule: the latest result of each resource, and the remediation configuration.

    `started` has the rules whose evaluation was started, once each time; `invoke` is told of each.
    """

    by_rule: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    remediations: dict[str, dict[str, Any]] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    invoke: Callable[[str], None] | None = None


def results(backend: Any) -> RuleResults:
    return kept(backend, "rule_results", RuleResults)


def result_token_of(config_rule_name: str) -> str:
    """The result token of an event for that rule: AWS's are opaque, ours name the rule."""
    return _MARK + config_rule_name


@CORRECTIONS.replaces(Source, "__init__")
def custom_rule_needs_no_function(
    original: Callable[..., None], self: Any, *args: Any, **kwargs: Any
) -> None:
    """moto wants the Lambda function in itself, which needs Docker.

    AWS wants it too (https://docs.aws.amazon.com/config/latest/APIReference/API_PutConfigRule.html);
    here the handler runs in the caller's process instead, so the function counts as present.
    """
    genuine = utils.get_backend
    utils.get_backend = _AnyFunction  # type: ignore[assignment]
    try:
        original(self, *args, **kwargs)
    finally:
        utils.get_backend = genuine


class _AnyFunction:
    def __init__(self, *_: str) -> None:
        pass

    def get_function(self, _: str) -> None:
        return None


@CORRECTIONS.replaces(ConfigResponse, "put_evaluations")
def evaluations_are_kept(_: Callable[..., str], self: Any) -> str:
    """moto accepts evaluations in test mode only, and looks at none of their members.

    AWS keeps them, and rejects INSUFFICIENT_DATA and annotations that are too long:
    https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html
    """
    evaluations = self._get_param("Evaluations") or []
    for evaluation in evaluations:
        _check(evaluation)
    if not self._get_param("TestMode"):
        token = str(self._get_param("ResultToken"))
        if not token.startswith(_MARK):
            raise InvalidResultTokenException
        rule = token.removeprefix(_MARK)
        kept_results = results(self.config_backend).by_rule.setdefault(rule, {})
        for evaluation in evaluations:
            kept_results[evaluation["ComplianceResourceId"]] = _result(rule, evaluation)
    return json.dumps({"FailedEvaluations": []})


def _check(evaluation: dict[str, Any]) -> None:
    if evaluation["ComplianceType"] not in _ACCEPTED:
        raise InvalidParameterValueException(
            f"{evaluation['ComplianceType']} is not a valid compliance type."
        )
    if not 1 <= len(evaluation.get("Annotation", "-")) <= _ANNOTATION_LIMIT:
        raise InvalidParameterValueException("The annotation must have 1 to 256 characters.")


def _result(rule: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    qualifier = {
        "ConfigRuleName": rule,
        "ResourceType": evaluation["ComplianceResourceType"],
        "ResourceId": evaluation["ComplianceResourceId"],
        "EvaluationMode": "DETECTIVE",
    }
    now = time.time()
    result = {
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": qualifier,
            "OrderingTimestamp": evaluation["OrderingTimestamp"],
        },
        "ComplianceType": evaluation["ComplianceType"],
        "ResultRecordedTime": now,
        "ConfigRuleInvokedTime": now,
    }
    return result | ({"Annotation": evaluation["Annotation"]} if "Annotation" in evaluation else {})


@CORRECTIONS.adds(ConfigResponse)
def get_compliance_details_by_config_rule(self: Any) -> str:
    """moto has no such action. One page only.

    https://docs.aws.amazon.com/config/latest/APIReference/API_GetComplianceDetailsByConfigRule.html
    """
    rule, wanted = self._get_param("ConfigRuleName"), self._get_param("ComplianceTypes")
    _require_rule(self.config_backend, rule)
    found = results(self.config_backend).by_rule.get(rule, {}).values()
    shown = [
        each
        for each in found
        if each["ComplianceType"] != "NOT_APPLICABLE" or "NOT_APPLICABLE" in (wanted or [])
    ]
    return json.dumps(
        {"EvaluationResults": [each for each in shown if not wanted or each["ComplianceType"] in wanted]}
    )


@CORRECTIONS.adds(ConfigResponse)
def start_config_rules_evaluation(self: Any) -> str:
    """moto has no such action. It is noted (`started`), and what was set as `invoke` invokes the function.

    https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigRulesEvaluation.html
    """
    names = self._get_param("ConfigRuleNames") or []
    for name in names:
        _require_rule(self.config_backend, name)
    state = results(self.config_backend)
    state.started.extend(names)
    if state.invoke:
        for name in names:
            state.invoke(name)
    return "{}"


@CORRECTIONS.adds(ConfigResponse)
def put_remediation_configurations(self: Any) -> str:
    """moto has no such action.

    https://docs.aws.amazon.com/config/latest/APIReference/API_PutRemediationConfigurations.html
    """
    for configuration in self._get_param("RemediationConfigurations"):
        _require_rule(self.config_backend, configuration["ConfigRuleName"])
        results(self.config_backend).remediations[configuration["ConfigRuleName"]] = configuration
    return json.dumps({"FailedBatches": []})


@CORRECTIONS.adds(ConfigResponse)
def describe_remediation_configurations(self: Any) -> str:
    """moto has no such action.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeRemediationConfigurations.html
    """
    found = results(self.config_backend).remediations
    names = self._get_param("ConfigRuleNames")
    return json.dumps({"RemediationConfigurations": [found[each] for each in names if each in found]})


@CORRECTIONS.adds(ConfigResponse)
def delete_remediation_configuration(self: Any) -> str:
    """moto has no such action.

    https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteRemediationConfiguration.html
    """
    results(self.config_backend).remediations.pop(self._get_param("ConfigRuleName"), None)
    return "{}"


def _require_rule(backend: Any, name: str) -> None:
    if name not in backend.config_rules and name not in results(backend).by_rule:
        raise NoSuchConfigRuleException(name)
