"""The built documents: as their source says, well formed, within limits, and with patterns that hold."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from root_usage_alarm import build
from root_usage_alarm.remediation.documents import REMEDIATION_PARAMETERS, ROOT_CREDENTIALS_PARAMETERS
from tests.remediation.runner import InvalidParameter, _parameter, load

NAMES = ["root-usage-alarm.json", "root-credentials.json"]
REFERENCE = re.compile(r"\{\{\s*([\w:.]+)\s*\}\}")

document_names = pytest.mark.parametrize("name", NAMES)

STEPS = [
    pytest.param(name, step["name"], id=f"{name}-{step['name']}")
    for name in NAMES
    for step in load(name)["mainSteps"]
]
SCRIPTS = [
    pytest.param(name, step["name"], id=f"{name}-{step['name']}")
    for name in NAMES
    for step in load(name)["mainSteps"]
    if step["action"] == "aws:executeScript"
]


def step_of(name: str, step: str) -> dict[str, Any]:
    return next(each for each in load(name)["mainSteps"] if each["name"] == step)


@document_names
def test_committed_document_is_what_its_source_says(name: str) -> None:
    built = build.text_of(build.DOCUMENTS[name]())

    assert (build.DOCUMENTS_FOLDER / name).read_text(encoding="utf-8") == built


@pytest.mark.parametrize(("name", "step"), SCRIPTS)
def test_script_names_its_source_and_stands_alone(name: str, step: str) -> None:
    first, *others = step_of(name, step)["inputs"]["Script"].splitlines()

    source = re.fullmatch(r"# root_usage_alarm/remediation/steps/(\w+)\.py, by `make document`", first)
    assert source
    text = (build.DOCUMENTS_FOLDER / "steps" / f"{source[1]}.py").read_text(encoding="utf-8")
    # The comments too: whoever may run the document can read what runs.
    for part in ast.parse(text).body:
        if isinstance(part, ast.FunctionDef):
            assert str(ast.get_source_segment(text, part)) in "\n".join(others)
    assert "root_usage_alarm" not in re.sub(r"# root_usage_alarm/\S+", "", "".join(others))


@document_names
def test_document_is_of_the_schema_for_automation(name: str) -> None:
    document = load(name)

    assert document["schemaVersion"] == "0.3"
    assert document["assumeRole"] == "{{ AutomationAssumeRole }}"


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_step_has_what_the_console_shows(name: str, step: str) -> None:
    members = step_of(name, step)

    assert re.fullmatch(r"[A-Za-z0-9_]+", step)
    assert members["description"]
    assert members["onFailure"] == "Abort"
    assert 0 < members["timeoutSeconds"] <= 600


@document_names
def test_every_jump_lands_on_a_later_step(name: str) -> None:
    steps = load(name)["mainSteps"]
    order = [step["name"] for step in steps]
    jumps = [
        (step["name"], target)
        for step in steps
        if step["action"] == "aws:branch"
        for target in [step["inputs"]["Default"], *(each["NextStep"] for each in step["inputs"]["Choices"])]
    ]

    assert len(jumps) == 2
    assert all(order.index(target) > order.index(origin) for origin, target in jumps)


@document_names
def test_every_reference_is_to_a_parameter_or_an_earlier_output(name: str) -> None:
    document = load(name)
    known = {"global:REGION", *document["parameters"]}
    dangling = set(REFERENCE.findall(document["assumeRole"])) - known
    for step in document["mainSteps"]:
        inputs = {key: value for key, value in step["inputs"].items() if key != "Script"}
        dangling |= set(REFERENCE.findall(json.dumps(inputs))) - known
        known |= {f"{step['name']}.{output['Name']}" for output in step.get("outputs", [])}

    assert dangling == set()
    assert set(document["outputs"]) <= known


@document_names
def test_every_parameter_is_used(name: str) -> None:
    document = load(name)
    steps = [{**step["inputs"], "Script": ""} for step in document["mainSteps"]]

    used = set(REFERENCE.findall(json.dumps([document["assumeRole"], steps])))

    assert set(document["parameters"]) <= used


@pytest.mark.parametrize(("name", "step"), SCRIPTS)
def test_script_asks_for_what_it_is_given(name: str, step: str) -> None:
    inputs = step_of(name, step)["inputs"]

    asked = {
        node.slice.value
        for node in ast.walk(ast.parse(inputs["Script"]))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "events"
        and isinstance(node.slice, ast.Constant)
    }

    assert inputs["Handler"] == "handler"
    assert asked == set(inputs["InputPayload"])


@pytest.mark.parametrize(("name", "step"), SCRIPTS)
def test_script_has_no_reference_that_automation_would_replace(name: str, step: str) -> None:
    assert REFERENCE.findall(step_of(name, step)["inputs"]["Script"]) == []


@pytest.mark.parametrize(("name", "step"), SCRIPTS)
def test_script_imports_what_automation_has(name: str, step: str) -> None:
    tree = ast.parse(step_of(name, step)["inputs"]["Script"])
    modules = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {str(node.module).split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert modules <= {
        "boto3",
        "botocore",
        "collections",
        "contextlib",
        "fnmatch",
        "json",
        "os",
        "re",
        "time",
        "typing",
    }


@document_names
def test_document_is_taken_by_create_document(name: str) -> None:
    """By the service model's own constraints: the name's pattern, the content, the type."""
    model: Any = boto3.session.Session().client("ssm", region_name="us-east-1").meta.service_model
    content = build.text_of(load(name))
    arguments = {
        "Name": name.removesuffix(".json"),
        "Content": content,
        "DocumentType": "Automation",
        "DocumentFormat": "JSON",
    }

    report = ParamValidator().validate(arguments, model.operation_model("CreateDocument").input_shape)

    assert not report.has_errors()
    assert len(content.encode()) <= 64 * 1024


GOOD = {
    "AutomationAssumeRole": [
        "arn:aws:iam::111122223333:role/RootUsageAlarmRule-automation-eu-west-1",
        "arn:aws-cn:iam::111122223333:role/team/a,b@c",
    ],
    "DeliveryRoleArn": ["", "arn:aws:iam::111122223333:role/RootUsageAlarmRule-delivery-eu-west-1"],
    "AccountId": ["111122223333"],
    "MemberAccountId": ["000000000001"],
    "Confirmation": ["", "111122223333"],
    "TrailName": ["", "management-events", "a.b_c-1"],
    "LogGroupName": ["root-usage-alarm/cloudtrail", "/aws/x#1.y_z"],
    "MetricFilterName": ["RootAccountUsageCount", "root usage"],
    "MetricName": ["RootAccountUsageCount", "root usage"],
    "MetricNamespace": ["CloudTrailMetrics", "a.B/c#1_d"],
    "AlarmName": ["RootAccountUsageCountAlarm", "root usage (CIS 4.3)"],
    "TopicArn": [
        "",
        "arn:aws:sns:eu-west-1:111122223333:alerts",
        "arn:aws-us-gov:sns:us-gov-west-1:111122223333:a",
    ],
    "TopicName": ["root-usage-alarm", "a_B-1"],
    "TopicKmsKeyArn": ["", "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000001"],
    "SubscriptionEndpoint": [
        "",
        "oncall@example.com",
        "+15555550100",
        "https://example.com/hook?a=b",
        "arn:aws:sqs:eu-west-1:111122223333:queue",
        "arn:aws:lambda:eu-west-1:111122223333:function:tell",
    ],
    "ConfigRuleName": ["", "RootUsageAlarmRule", "OrgConfigRule-x_1"],
}
BAD = {
    "AutomationAssumeRole": ["", "role", "arn:aws:iam::1111:role/x", "arn:aws:iam::111122223333:user/x"],
    "DeliveryRoleArn": ["role", "arn:aws:iam::111122223333:user/x"],
    "AccountId": ["", "11112222333", "1111222233334", "11112222333x"],
    "MemberAccountId": ["", "1111-2222-3333"],
    "Confirmation": ["yes", "11112222333"],
    "TrailName": ["ab", "-abc", "abc-", "a b c", "a" * 129],
    "LogGroupName": ["", "a b", "a:b", "a*", "a" * 513],
    "MetricFilterName": ["", "a:b", "a*", "a`b", "a" * 501],
    "MetricName": ["", "a:b", "a*", "a$b", "a" * 251],
    "MetricNamespace": ["", "AWS/Logs", "a:b", "a b", "a" * 256],
    "AlarmName": ["", "a:b", "a`b", "a" * 251],
    "TopicArn": [
        "alerts",
        "arn:aws:sns:eu-west-1:111122223333:a.fifo",
        "arn:aws:sqs:eu-west-1:111122223333:a",
    ],
    "TopicName": ["", "a.fifo", "a b", "a" * 251],
    "TopicKmsKeyArn": ["alias/aws/sns", "arn:aws:kms:eu-west-1:111122223333:alias/x"],
    "SubscriptionEndpoint": ["oncall", "a@b", "a b@example.com", "http://example.com", "5555550100"],
    "ConfigRuleName": ["a b", "a" * 129, "a/b"],
}
PATTERNS = {
    name: each
    for name, each in {**REMEDIATION_PARAMETERS, **ROOT_CREDENTIALS_PARAMETERS}.items()
    if each.pattern is not None
}


def cases(examples: dict[str, list[str]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}-{number}")
        for name, values in examples.items()
        for number, value in enumerate(values)
    ]


def test_every_pattern_has_examples() -> None:
    assert set(PATTERNS) == set(GOOD) == set(BAD)


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_pattern_allows(name: str, value: str) -> None:
    assert _parameter(name, PATTERNS[name].to_json(), {name: value}) == value


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_pattern_forbids(name: str, value: str) -> None:
    with pytest.raises(InvalidParameter):
        _parameter(name, PATTERNS[name].to_json(), {name: value})


def test_parameters_without_a_pattern_are_closed_sets() -> None:
    open_ended = [
        name
        for name, each in {**REMEDIATION_PARAMETERS, **ROOT_CREDENTIALS_PARAMETERS}.items()
        if each.pattern is None and not each.allowed and each.type != "Boolean"
    ]

    assert open_ended == []


@document_names
def test_nothing_is_deleted_or_changed_by_default(name: str) -> None:
    parameters = load(name)["parameters"]
    switches = {key: each["default"] for key, each in parameters.items() if each["type"] == "Boolean"}

    assert (
        switches
        == {
            "root-usage-alarm.json": {"CreateTrail": False, "EventCountAlarm": False, "DryRun": False},
            "root-credentials.json": {
                "DeleteSigningCertificates": False,
                "DeleteLoginProfile": False,
                "DryRun": True,
            },
        }[name]
    )
