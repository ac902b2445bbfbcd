"""The commands as one tree, of which a command loads no more than it needs."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from root_usage_alarm import __version__
from root_usage_alarm.__main__ import Lazy, main

COMMANDS = {
    "check",
    "check-org",
    "demo",
    "deploy",
    "deploy-org",
    "deploy-org-status",
    "drill",
    "explain",
    "lint",
    "remediate",
    "replay",
    "report",
    "undeploy",
    "undeploy-org",
}


def lazy(name: str) -> Lazy:
    command = main.commands[name]
    assert isinstance(command, Lazy)
    return command


def test_tree_has_every_command() -> None:
    assert set(main.commands) == COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_summary_is_the_first_line_of_the_commands_own_help(name: str) -> None:
    command = lazy(name)

    assert command.load().name == name
    assert command.short_help == command.load().get_short_help_str(limit=200)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_is_the_commands_own(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])

    options = [each.opts[0] for each in lazy(name).load().params if isinstance(each, click.Option)]
    assert result.exit_code == 0
    assert f"{name} [OPTIONS]" in result.output
    assert [each for each in options if each not in result.output] == []


def test_version_is_the_packages() -> None:
    result = CliRunner().invoke(main, ["--version"])

    assert (result.exit_code, result.output) == (0, f"root-usage-alarm, version {__version__}\n")


NOT_IN_READERS = {"moto", "flask", "jinja2", "cfnlint", "rdk", "rdklib", "pip", "root_usage_alarm.deployment"}


@pytest.mark.parametrize(
    ("arguments", "needless"),
    [
        pytest.param(["--help"], {*NOT_IN_READERS, "boto3", "botocore", "rich", "root_usage"}, id="help"),
        pytest.param(["explain", '{ $.userIdentity.type = "Root" }'], NOT_IN_READERS, id="explain"),
        pytest.param(["check", "--help"], NOT_IN_READERS, id="check"),
        pytest.param(["check-org", "role", "--help"], NOT_IN_READERS, id="check-org"),
        pytest.param(["report", "--help"], NOT_IN_READERS, id="report"),
        pytest.param(["remediate", "--help"], {"moto", "flask", "rdk", "rdklib"}, id="remediate"),
        pytest.param(["demo", "--help"], {"moto", "flask", "rdk", "boto3", "root_usage"}, id="demo"),
    ],
)
def test_command_loads_no_more_than_it_needs(arguments: list[str], needless: set[str]) -> None:
    loaded = modules_after(arguments)

    assert "root_usage_alarm.__main__" in loaded
    assert {each for each in loaded if each in needless} == set()


def modules_after(arguments: list[str]) -> list[str]:
    """The modules of a process of its own that has run the command."""
    script = (
        "import sys\n"
        "from root_usage_alarm.__main__ import main\n"
        "main(sys.argv[1:], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
    return finished.stderr.split()


@pytest.mark.parametrize(
    ("name", "lacks", "extra"),
    [
        pytest.param("demo", "moto", "demo", id="demo"),
        pytest.param("deploy", "rdk", "deploy", id="deploy"),
        pytest.param("deploy-org", "pip", "deploy", id="deploy-org"),
        pytest.param("lint", "hcl2", "lint", id="lint"),
    ],
)
def test_missing_extra_is_one_line_and_status_2(
    name: str, lacks: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda module: None if module == lacks else find_spec(module)
    )

    result = CliRunner().invoke(main, [name])

    assert result.exit_code == 2
    assert result.output == (
        f"Error: this command needs the extra `{extra}`: pip install 'root-usage-alarm[{extra}]'\n"
    )


def test_shell_completion_knows_commands_and_their_options() -> None:
    assert "deploy-org-status" in completed("root-usage-alarm de")
    assert "--parameter" in completed("root-usage-alarm check --pa")


def completed(words: str) -> str:
    environment = {"_ROOT_USAGE_ALARM_COMPLETE": "bash_complete", "COMP_WORDS": words}
    environment["COMP_CWORD"] = str(len(words.split()) - 1)
    return CliRunner().invoke(main, prog_name="root-usage-alarm", env=environment).output
