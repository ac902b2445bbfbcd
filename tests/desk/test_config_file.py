"""The configuration file: what it sets, what beats it, and each way in which it can't be meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from root_usage.verdict.findings import Code

from root_usage_alarm.__main__ import main
from root_usage_alarm.desk.accepted import accepted_in
from root_usage_alarm.desk.config_file import COMMANDS, config_option
from root_usage_alarm.desk.rule_parameters import parameter_option

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


@click.command("report")
@click.argument("aggregator")
@config_option
@click.option("--profile")
@click.option("--max-age", type=click.IntRange(min=1), default=48)
@click.option("--output", type=click.Choice(["text", "json"]), default="text")
@click.option("--ou", "ous", multiple=True)
@click.option("--follow", is_flag=True)
@click.option("--yes", is_flag=True)
@parameter_option
@click.pass_context
def command(context: click.Context, /, **chosen: Any) -> None:
    for name, value in sorted(chosen.items()):
        click.echo(f"{name}={value}")
    for each in accepted_in(context):
        click.echo(f"{each.account_id} {each.code.name} {each}")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(text: str, *arguments: str) -> Result:
    Path("root-usage-alarm.toml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(command, arguments)


def test_file_says_what_the_command_line_would() -> None:
    text = """
        profile = "security"
        region = "eu-west-1"
        [report]
        aggregator = "organization"
        max-age = 72
        ou = ["ou-1", "ou-2"]
        follow = true
        [check]
        output = "html"
    """

    assert run(text).output.splitlines() == [
        "aggregator=organization",
        "follow=True",
        "given=()",
        "max_age=72",
        "ous=('ou-1', 'ou-2')",
        "output=text",
        "profile=security",
        "yes=False",
    ]


def test_command_line_beats_the_table_and_the_table_what_is_for_all() -> None:
    text = 'profile = "all"\n[report]\naggregator = "file"\nprofile = "table"\nmax-age = 72\n'

    lines = run(text, "line", "--max-age", "5").output.splitlines()

    assert {"aggregator=line", "profile=table", "max_age=5"} <= set(lines)


def test_rule_parameters_are_put_together_one_by_one() -> None:
    text = """
        [parameters]
        MinConfirmedSubscribers = 2
        RequireRootMfa = true
        AcceptedWays = ["alarm", "eventbridge"]
        [report.parameters]
        MinConfirmedSubscribers = 3
    """

    result = run(text, "x", "--parameter", "RequireRootMfa=false")

    assert result.output.splitlines()[2] == (
        "given=('MinConfirmedSubscribers=3', 'RequireRootMfa=true', 'AcceptedWays=alarm,eventbridge', "
        "'RequireRootMfa=false')"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profil = 'x'", "profil: expected one of profile, region, "),
        ("[report]\nmaxage = 3", "report.maxage: expected one of aggregator, profile, "),
        ("[report]\nyes = true", "report.yes: expected one of aggregator, "),
        ("report = 3", "report: expected a table"),
        ("profile = 3", "profile: expected a text"),
        ("[report]\nmax-age = '3'", "report.max-age: expected a number"),
        ("[report]\nmax-age = true", "report.max-age: expected a number"),
        ("[report]\nmax-age = 0", "report.max-age: expected another value: 0 is"),
        ("[report]\noutput = 'xml'", "report.output: expected another value: 'xml' is"),
        ("[report]\nou = 'x'", "report.ou: expected a list of texts"),
        ("[report]\nfollow = 1", "report.follow: expected `true` or `false`"),
        ("[parameters]\nFoo = 1", "parameters.Foo: expected one of SnsTopicArn, "),
        ("[parameters]\nRequireRootMfa = 1", "parameters.RequireRootMfa: expected another value: "),
        ("[parameters]\nSnsTopicArn = 1.5", "parameters.SnsTopicArn: expected a text, "),
        ("accepted = 3", "accepted: expected tables, each under [[accepted]]"),
        ("x = 2027-02-31", ""),
        ("x", ""),
    ],
)
def test_what_cant_be_meant_is_one_line_with_file_and_key(text: str, said: str) -> None:
    result = run(text, "x")

    assert result.exit_code == 2
    assert result.output.startswith(f"Error: root-usage-alarm.toml: {said}")
    assert result.output.count("\n") == 1


ENTRY = {
    "account": '"444455556666"',
    "code": '"NO_ALARM"',
    "reason": '"closed in March"',
    "expires": "9999-12-31",
}


def entry(**changes: str) -> str:
    lines = (f"{name} = {value}" for name, value in (ENTRY | changes).items())
    return "\n".join(["[[accepted]]", *lines])


def test_accepted_finding_is_known_with_its_reason_and_its_end() -> None:
    assert run(entry(), "x").output.splitlines()[-1] == (
        "444455556666 NO_ALARM accepted until 9999-12-31: closed in March"
    )


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("account", "444455556666", "an account number of 12 digits, in quotes", id="account"),
        pytest.param("code", '"NO_ALARMS"', "a finding's code, such as ALARM_UNIT, in quotes", id="code"),
        pytest.param("reason", '" "', "why, as a text", id="reason"),
        pytest.param("expires", '"2027-01-31"', "a day, such as 2027-01-31, without quotes", id="expires"),
        pytest.param("until", "2027-01-31", "one of account, code, reason, expires", id="unknown"),
    ],
)
def test_accepted_finding_is_checked(name: str, value: str, expected: str) -> None:
    result = run(f"{entry()}\n{entry(**{name: value})}", "x")

    assert result.exit_code == 2
    assert result.output == f"Error: root-usage-alarm.toml: accepted 2.{name}: expected {expected}\n"


def test_what_is_over_is_said_and_counts_again() -> None:
    result = run(entry(expires="2026-01-31"), "x")

    assert result.exit_code == 0
    assert "accepted until" not in result.stdout
    assert result.stderr == (
        "root-usage-alarm.toml: accepted 1.expires: 2026-01-31 is over, "
        "so NO_ALARM of account 444455556666 counts again\n"
    )


def test_file_that_is_named_has_to_be_there() -> None:
    result = CliRunner().invoke(command, ["x", "--config", "nowhere.toml"])

    assert (result.exit_code, result.output) == (
        2,
        "Error: nowhere.toml: [Errno 2] No such file or directory: 'nowhere.toml'\n",
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_pages_example_is_one_for_each_command(name: str, tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "example.toml").write_text(example.replace("2027-03-31", "9999-12-31"), encoding="utf-8")
    found = main.commands[name]
    assert hasattr(found, "load")
    loaded: click.Command = found.load()

    context = loaded.make_context(name, ["--config", str(tmp_path / "example.toml")])

    assert context.params["region"] == "eu-west-1"
    assert [each.code for each in accepted_in(context)] == [Code.NO_ALARM]
