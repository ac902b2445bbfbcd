"""Runs a built SSM Automation document off AWS: as much of schema 0.3 as our documents use.

Whatever it doesn't know is an error, never passed over.
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REMEDIATION = Path(__file__).parents[2] / "root_usage_alarm" / "remediation"

_TYPES: dict[str, type[Any]] = {
    "String": str,
    "Boolean": bool,
    "Integer": int,
    "StringList": list,
    "StringMap": dict,
    "MapList": list,
}
_DOCUMENT_MEMBERS = {"schemaVersion", "description", "assumeRole", "parameters", "mainSteps", "outputs"}
_STEP_MEMBERS = {
    "name",
    "action",
    "description",
    "onFailure",
    "timeoutSeconds",
    "inputs",
    "outputs",
    "isEnd",
    "nextStep",
}
_WHOLE_REFERENCE = re.compile(r"\{\{ ?([\w:.]+) ?\}\}")


class NotUnderstood(Exception):
    """The document uses something that this runner doesn't know."""


class InvalidParameter(Exception):
    """A parameter's value isn't one that the document takes."""


class StepFailed(Exception):
    """A step failed, and with it the automation."""

    def __init__(self, step: str, cause: Exception) -> None:
        super().__init__(f"{step}: {cause}")
        self.step, self.cause = step, cause


@dataclass(slots=True)
class Execution:
    """What came of a run: the steps that ran, in order, and each one's outputs."""

    steps: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, output: str) -> Any:
        return self.values[output]


def load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((REMEDIATION / name).read_text(encoding="utf-8"))
    return document


def run(document: dict[str, Any], region: str, **parameters: Any) -> Execution:
    """Executes the document to its end, or to the step that fails."""
    execution = Execution()
    for _ in iterate(document, region, execution, **parameters):
        pass
    return execution


def iterate(document: dict[str, Any], region: str, execution: Execution, **parameters: Any) -> Iterator[str]:
    """Executes a step each time that it is asked for the next; two of them can be interleaved."""
    _require_known(document, _DOCUMENT_MEMBERS)
    execution.values |= {"global:REGION": region, **_parameters(document["parameters"], parameters)}
    steps = {step["name"]: step for step in document["mainSteps"]}
    order = list(steps)
    name: str | None = order[0]
    while name is not None:
        step = steps[name]
        _require_known(step, _STEP_MEMBERS)
        execution.steps.append(name)
        jump = _execute(step, execution)
        yield name
        following = order[order.index(name) + 1 :]
        name = None if step.get("isEnd") else jump or step.get("nextStep") or next(iter(following), None)


def _execute(step: dict[str, Any], execution: Execution) -> str | None:
    """Runs the step; returns the step that it jumps to, if it does."""
    if step["onFailure"] != "Abort":
        raise NotUnderstood(f"onFailure {step['onFailure']}")
    inputs = step["inputs"]
    match step["action"]:
        case "aws:executeScript":
            _require_known(inputs, {"Runtime", "Handler", "InputPayload", "Script"})
            payload = {key: _resolved(value, execution) for key, value in inputs["InputPayload"].items()}
            try:
                result = _run_script(inputs, payload)
            except Exception as error:
                raise StepFailed(step["name"], error) from error
            _keep_outputs(step, result, execution)
        case "aws:branch":
            _require_known(inputs, {"Choices", "Default"})
            return _branch(inputs, execution)
        case "aws:sleep":
            _require_known(inputs, {"Duration"})
        case action:
            raise NotUnderstood(action)
    return None


def _run_script(inputs: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    if inputs["Runtime"] != "python3.11":
        raise NotUnderstood(inputs["Runtime"])
    namespace: dict[str, Any] = {"__name__": "script"}
    exec(compile(inputs["Script"], "script", "exec"), namespace)  # noqa: S102 that is what AWS does
    # Through JSON, as between AWS's step and script.
    result = namespace[inputs["Handler"]](json.loads(json.dumps(payload)), {})
    payload_of_result: dict[str, Any] = json.loads(json.dumps(result))
    return payload_of_result


def _keep_outputs(step: dict[str, Any], result: dict[str, Any], execution: Execution) -> None:
    for output in step["outputs"]:
        _require_known(output, {"Name", "Selector", "Type"})
        value = result[output["Selector"].removeprefix("$.Payload.")]
        if type(value) is not _TYPES[output["Type"]]:
            raise NotUnderstood(f"{step['name']}.{output['Name']} is {value!r}, not a {output['Type']}")
        if output["Type"] == "StringMap" and not all(isinstance(each, str) for each in value.values()):
            raise NotUnderstood(f"{step['name']}.{output['Name']} has values that are no strings")
        execution.values[f"{step['name']}.{output['Name']}"] = value


def _branch(inputs: dict[str, Any], execution: Execution) -> str:
    for choice in inputs["Choices"]:
        _require_known(choice, {"Variable", "BooleanEquals", "NextStep"})
        if _resolved(choice["Variable"], execution) is choice["BooleanEquals"]:
            return str(choice["NextStep"])
    return str(inputs["Default"])


def _resolved(text: str, execution: Execution) -> Any:
    reference = _WHOLE_REFERENCE.fullmatch(text)
    if not reference:
        raise NotUnderstood(text)
    return execution.values[reference[1]]


def _parameters(declared: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    unknown = set(given) - set(declared)
    if unknown:
        raise InvalidParameter(f"unknown: {sorted(unknown)}")
    return {name: _parameter(name, declared[name], given) for name in declared}


def _parameter(name: str, declared: dict[str, Any], given: dict[str, Any]) -> Any:
    _require_known(declared, {"type", "description", "default", "allowedPattern", "allowedValues"})
    if name not in given and "default" not in declared:
        raise InvalidParameter(f"{name} is required")
    value = given.get(name, declared.get("default"))
    if type(value) is not _TYPES[declared["type"]]:
        raise InvalidParameter(f"{name} is {value!r}, not a {declared['type']}")
    if "allowedPattern" in declared and not re.search(declared["allowedPattern"], str(value)):
        raise InvalidParameter(f"{name} is {value!r}")
    if "allowedValues" in declared and value not in declared["allowedValues"]:
        raise InvalidParameter(f"{name} is {value!r}")
    return value


def _require_known(members: dict[str, Any], known: set[str]) -> None:
    unknown = set(members) - known
    if unknown:
        raise NotUnderstood(str(sorted(unknown)))
