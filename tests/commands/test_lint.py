"""`lint`, from the command line to text, JSON and SARIF, on whole files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm import __version__
from root_usage_alarm.commands.lint import lint
from root_usage_alarm.commands.linting.found import MAX_BYTES

FILES = Path(__file__).parent.parent / "data" / "infrastructure"

LINES = [
    "alarms.tf:3:3: COVERED metric filter `aws_cloudwatch_log_metric_filter.root`: ",
    "alarms.tf:22:3: EVENT_RULE_WITHOUT_READS EventBridge rule `aws_cloudwatch_event_rule.root` is in state ",
    "cis.yaml:11:7: COVERED metric filter `RootUsage`: every event that root can cause matches",
    "cis.yaml:33:7: PATTERN_UNDECIDED metric filter `RootCall`: not decided: depends on `Call`",
    "sign_ins.json:8:9: EVENT_PATTERN_MISSES_ROOT_EVENT EventBridge rule `RootSignIn` misses, for example, ",
]


@pytest.fixture(autouse=True)
def within(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FILES)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(lint, arguments)


def test_folder_is_judged_place_by_place() -> None:
    result = run(".")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line[: len(start)] for line, start in zip(lines, LINES, strict=True)] == LINES
    assert result.stderr == "4 files: 2 covered, 2 missed, 1 undecided\n"


@pytest.mark.parametrize(
    ("files", "status", "summary"),
    [
        pytest.param(["cis.yaml"], 3, "1 file: 1 covered, 1 undecided", id="undecided"),
        pytest.param(
            ["cis.yaml", "sign_ins.json"], 1, "2 files: 1 covered, 1 missed, 1 undecided", id="missed"
        ),
        pytest.param(["values.yaml"], 0, "no pattern for root in 1 file", id="nothing-for-root"),
    ],
)
def test_status_is_the_worst(files: list[str], status: int, summary: str) -> None:
    result = run(*files)

    assert result.exit_code == status
    assert result.stderr == f"{summary}\n"


def test_all_covered_is_status_0(tmp_path: Path) -> None:
    text = (FILES / "cis.yaml").read_text().replace("${Call}", "*")
    (tmp_path / "whole.template").write_text(text)

    assert run(str(tmp_path)).exit_code == 0


def test_json_has_places_and_events() -> None:
    document = json.loads(run("sign_ins.json", "--output", "json").stdout)

    (found,) = document["results"]
    example = found.pop("example")
    assert found.pop("message").startswith("EventBridge rule `RootSignIn` misses, for example, root Create")
    assert document == {
        "schemaVersion": 1,
        "toolVersion": __version__,
        "exitStatus": 1,
        "results": [
            {
                "file": "sign_ins.json",
                "line": 8,
                "column": 9,
                "resource": "RootSignIn",
                "code": "EVENT_PATTERN_MISSES_ROOT_EVENT",
                "ending": "MISSED",
            }
        ],
    }
    assert (example["eventName"], example["userIdentity"]["type"]) == ("CreateAccessKey", "Root")


def run_of_sarif(*arguments: str) -> dict[str, Any]:
    log = json.loads(run(*arguments, "--output", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (sarif_run,) = log["runs"]
    assert isinstance(sarif_run, dict)
    return sarif_run


def test_sarif_has_what_is_to_be_done() -> None:
    found = run_of_sarif(".")

    rules = {each["id"] for each in found["tool"]["driver"]["rules"]}
    assert [
        (
            each["ruleId"],
            each["level"],
            each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            each["locations"][0]["physicalLocation"]["region"],
        )
        for each in found["results"]
    ] == [
        ("EVENT_RULE_WITHOUT_READS", "error", "alarms.tf", {"startLine": 22, "startColumn": 3}),
        ("PATTERN_UNDECIDED", "warning", "cis.yaml", {"startLine": 33, "startColumn": 7}),
        ("EVENT_PATTERN_MISSES_ROOT_EVENT", "error", "sign_ins.json", {"startLine": 8, "startColumn": 9}),
    ]
    assert {each["ruleId"] for each in found["results"]} <= rules
    assert found["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_sarif_tells_of_what_could_not_be_read_apart(tmp_path: Path) -> None:
    (tmp_path / "half \u00e4.tf").write_text('resource "aws_cloudwatch_event_rule" "x" {')

    found = run_of_sarif(str(tmp_path))

    assert found["results"] == []
    (invocation,) = found["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    (location,) = notification["locations"]
    assert not invocation["executionSuccessful"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": f"{tmp_path.as_uri()}/half%20%C3%A4.tf"},
        "region": {"startLine": 1, "startColumn": 43},
    }


@pytest.mark.parametrize(
    ("content", "place", "fault"),
    [
        pytest.param(
            b"# AWS::Events::Rule\na: b: c",
            "2:5",
            "mapping values are not allowed in this context",
            id="no-yaml",
        ),
        pytest.param(b"# AWS::Events::Rule\na: \xff", "2:4", "no UTF-8", id="no-utf-8"),
        pytest.param(
            b"# AWS::Events::Rule\n" + b"#" * MAX_BYTES, "1:1", "larger than 1000000 bytes", id="large"
        ),
    ],
)
def test_file_that_cant_be_read_is_one_line_and_status_2(
    tmp_path: Path, content: bytes, place: str, fault: str
) -> None:
    file = tmp_path / "t.yaml"
    file.write_bytes(content)

    result = run("cis.yaml", str(file))

    assert result.exit_code == 2
    assert result.stdout.splitlines()[-1] == f"{file}:{place}: FILE_UNREADABLE can't be read: {fault}"
    assert result.stderr == "2 files: 1 covered, 1 undecided, 1 can't be read\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("chart.yaml", b"{{ if .Values.x }}: [", id="no-yaml"),
        pytest.param("x.json", b"\xff\xfe", id="no-text"),
        pytest.param("empty.tf", b"", id="empty"),
        pytest.param("large.json", b"[" * (MAX_BYTES + 1), id="large"),
    ],
)
def test_file_without_filters_and_rules_is_none_of_its_business(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)

    result = run(str(tmp_path))

    assert (result.exit_code, result.stdout) == (0, "")


def test_folder_is_searched_but_not_what_is_hidden_or_linked(tmp_path: Path) -> None:
    text = (FILES / "sign_ins.json").read_text()
    for name in ("a/b.json", ".terraform/c.json", "d.txt", ".e.json"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "f.json").symlink_to(tmp_path / "a" / "b.json")

    result = run(str(tmp_path))

    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [f"{tmp_path}/a/b.json"]


def test_file_that_is_named_twice_is_judged_once() -> None:
    assert run("cis.yaml", "cis.yaml").stderr == "1 file: 1 covered, 1 undecided\n"


def test_line_stays_one_line_whatever_the_names_are(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {"EventPattern": {"detail": {"userIdentity": {"type": ["Root"]}}}},
    }
    file.write_text(json.dumps({"Resources": {"a\n\u001b[31mb": rule}}))

    (line,) = run(str(file)).stdout.splitlines()

    assert "EventBridge rule `a [31mb` is in state ENABLED" in line


def test_file_that_doesnt_exist_is_bad_use() -> None:
    assert run("nowhere.tf").exit_code == 2
