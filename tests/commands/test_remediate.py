"""`remediate`: the document's steps from a desk, with the rule's verdict before and after."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from root_usage_alarm.__main__ import main
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.desk.exit_status import ExitStatus
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from tests.remediation.scenarios import WITHOUT_LOG_GROUP, WORKING
from tests.remediation.state import state_of

TOPIC = "arn:aws:sns:eu-west-1:111122223333:root-usage-alarm"
EMAIL = ("--email", "oncall@example.com")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr("time.sleep", lambda _: None)


def run(aws: LocalAws, account: Account, *arguments: str) -> Result:
    with acting_in(aws, account):
        return CliRunner().invoke(main, ["remediate", "--region", account.region, *arguments])


def test_account_is_named_the_plan_is_shown_and_the_rule_has_the_last_word(
    aws: LocalAws, account: Account
) -> None:
    account.client("iam").create_account_alias(AccountAlias="payments")
    build_working_chain(account, metric_filter=None, alarm=None, topic=None)

    result = run(aws, account, *EMAIL, "--yes")

    assert result.exit_code == ExitStatus.NOT_COMPLIANT
    assert result.output.splitlines()[:11] == [
        "account 111122223333 (payments) in eu-west-1",
        (
            "To do: create metric filter `RootAccountUsageCount`; put alarm "
            f"`RootAccountUsageCountAlarm`; create or mend topic `{TOPIC}`; subscribe oncall@example.com"
        ),
        "✔ trail and log group     nothing to do",
        "✔ metric filter           created metric filter `RootAccountUsageCount`",
        f"✔ topic and subscription  created topic `{TOPIC}`",
        "                          subscribed oncall@example.com",
        (
            "                          oncall@example.com: confirm the subscription by the link in AWS's "
            "message, then run this again"
        ),
        "✔ alarm                   put alarm `RootAccountUsageCountAlarm`",
        "account 111122223333  NON_COMPLIANT",
        "",
        "  ✔ trail          account-trail in eu-west-1",
    ]
    assert "SUBSCRIPTION_PENDING" in result.output

    hooks.confirm_subscriptions(TOPIC)

    again = run(aws, account, *EMAIL)
    assert again.exit_code == ExitStatus.FINE
    assert again.output.endswith("\nnothing to do\n")


def test_dry_run_changes_nothing(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, metric_filter=None)
    before = state_of(account)

    result = run(aws, account, "--dry-run")

    assert result.exit_code == ExitStatus.NOT_COMPLIANT
    assert "Would: create metric filter `RootAccountUsageCount`" in result.output
    assert state_of(account) == before


def test_what_a_person_has_to_do_first_is_said(aws: LocalAws, account: Account) -> None:
    result = run(aws, account, *EMAIL)

    assert result.exit_code == ExitStatus.NOT_COMPLIANT
    assert "✘ no trail; or set --create-trail, and --trail to a free name" in result.output


def test_a_given_topic_is_used(aws: LocalAws, account: Account) -> None:
    chain = build_working_chain(account, alarm=None)

    result = run(aws, account, "--topic", chain.topic_arn, "--yes")

    assert result.exit_code == ExitStatus.FINE
    alarm = state_of(account)["alarms"]["RootAccountUsageCountAlarm"]
    assert alarm["AlarmActions"] == [chain.topic_arn]


def test_a_trail_is_created_on_request(aws: LocalAws, account: Account) -> None:
    result = run(aws, account, *EMAIL, "--create-trail", "--trail", "root-usage-alarm-own", "--yes")

    assert result.exit_code == ExitStatus.NOT_COMPLIANT
    assert list(state_of(account)["trails"]) == ["root-usage-alarm-own"]


@pytest.mark.parametrize("working", WORKING)
def test_a_compliant_account_gets_nothing(aws: LocalAws, account: Account, working: dict[str, Any]) -> None:
    build_working_chain(account, **working)
    before = state_of(account)

    result = run(aws, account, *EMAIL, "--yes")

    assert (result.exit_code, state_of(account)) == (ExitStatus.FINE, before), result.output


def test_everything_that_the_document_can_make_can_be_asked_for(aws: LocalAws, account: Account) -> None:
    names = ("--alarm-name", "root", "--metric-filter-name", "root", "--metric-name", "root")
    others = ("--metric-namespace", "Audit", "--topic-name", "audit", "--retention-in-days", "30")
    switches = ("--create-trail", "--event-count-alarm", "--alarm-details", "--yes")

    run(aws, account, *EMAIL, *names, *others, *switches)

    made = state_of(account)
    assert made["alarms"]["root"]["Namespace"] == "Audit"
    assert made["alarms"]["root"]["AlarmActions"] == ["arn:aws:sns:eu-west-1:111122223333:audit"]
    assert set(made["alarms"]) == {"root", "RootAccountUsageEventCountAlarm"}
    (group,) = account.client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 30


def test_nobody_to_tell_is_refused_before_anything_is_made(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, topic=None, alarm=None)
    before = state_of(account)

    result = run(aws, account, "--yes")

    assert result.exit_code == ExitStatus.COULD_NOT_RUN
    assert "nobody would be told: give --email (EMAIL=) or --topic (TOPIC=)" in result.output
    assert state_of(account) == before


@pytest.mark.parametrize(
    ("option", "value"),
    [
        pytest.param("--email", "nope", id="address"),
        pytest.param("--topic", "garbage", id="topic"),
        pytest.param("--topic-key", "alias/aws/sns", id="key"),
        pytest.param("--trail", "a b", id="trail"),
        pytest.param("--log-group", "a:b", id="log-group"),
    ],
)
def test_option_that_is_none_is_named(aws: LocalAws, account: Account, option: str, value: str) -> None:
    result = run(aws, account, option, value)

    assert result.exit_code == ExitStatus.COULD_NOT_RUN
    assert f"Invalid value for {option}: `{value}` is none" in result.output


def test_topic_that_is_not_there_is_said(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm=None)
    before = state_of(account)

    result = run(aws, account, "--topic", f"{TOPIC}-typo", "--yes")

    assert result.exit_code == ExitStatus.NOT_COMPLIANT
    assert f"✘ topic `{TOPIC}-typo` can't be verified" in result.output
    assert state_of(account) == before


def test_without_an_answer_nothing_is_made(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, metric_filter=None)
    before = state_of(account)

    result = run(aws, account)

    assert result.exit_code == ExitStatus.COULD_NOT_RUN
    assert "nobody to ask: give --yes (YES=1)" in result.output
    assert state_of(account) == before


ROLE = "root-usage-alarm-eu-west-1"


def test_role_for_cloudtrail_is_made_where_a_trail_is_joined(aws: LocalAws, account: Account) -> None:
    """Its trust has no condition, as on AWS's page."""
    build_working_chain(account, trail=WITHOUT_LOG_GROUP, log_group=None)

    run(aws, account, "--yes")

    made = state_of(account)
    assert made["trails"]["account-trail"]["CloudWatchLogsRoleArn"].endswith(f":role/{ROLE}")
    assert made["roles"][ROLE]["trust"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
    assert made["roles"][ROLE]["policies"]["root-usage-alarm-cloudtrail"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": ["arn:aws:logs:*:111122223333:log-group:root-usage-alarm/cloudtrail*:log-stream:*"],
        }
    ]


def test_second_trail_leaves_the_first_ones_log_group_to_the_role(aws: LocalAws, account: Account) -> None:
    for name in ("a", "b"):
        place = ("--trail", f"root-usage-alarm-{name}", "--log-group", f"root-usage-alarm/{name}")
        run(aws, account, *EMAIL, "--create-trail", *place, "--yes")

    policies = state_of(account)["roles"][ROLE]["policies"]
    assert sorted(policies) == ["root-usage-alarm-a", "root-usage-alarm-b"]


def test_parameter_that_is_none_is_refused_before_anything_is_made(aws: LocalAws, account: Account) -> None:
    build_working_chain(account, alarm=None)
    before = state_of(account)

    result = run(aws, account, *EMAIL, "--yes", "--parameter", "nonsense=1")

    assert result.exit_code == ExitStatus.COULD_NOT_RUN
    assert "Invalid value for --parameter" in result.output
    assert state_of(account) == before


@pytest.mark.parametrize(
    ("switch", "passed"),
    [
        ("YES=1", True),
        ("YES=yes", True),
        ("YES=true", True),
        ("YES=0", False),
        ("YES=no", False),
        ("", False),
    ],
)
def test_switch_of_make_means_what_it_says(switch: str, passed: bool) -> None:
    made = subprocess.run(  # noqa: S603
        ["make", "-n", "-o", ".venv/.installed", "remediate", "EMAIL=a@example.com", *switch.split()],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert ("--yes" in made.stdout) is passed


def test_switch_of_make_that_says_neither_is_an_error() -> None:
    made = subprocess.run(
        ["make", "-n", "-o", ".venv/.installed", "remediate", "DRY_RUN=False"],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert made.returncode
    assert "DRY_RUN=False: 1, yes, true, 0, no or false" in made.stderr


def test_role_of_earlier_versions_gets_a_trust_that_works(aws: LocalAws, account: Account) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": condition}]}
    tags = [{"Key": "CreatedBy", "Value": "root-usage-alarm"}]
    account.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust), Tags=tags)
    role = f"arn:aws:iam::111122223333:role/{ROLE}"
    chain = build_working_chain(account, trail={"CloudWatchLogsRoleArn": role})
    hooks.fail_log_delivery(chain.trail_arn, "AccessDenied")

    result = run(aws, account, "--yes")

    assert result.exit_code == ExitStatus.NOT_COMPLIANT
    (statement,) = state_of(account)["roles"][ROLE]["trust"]["Statement"]
    assert "Condition" not in statement


def test_foreign_role_of_the_same_name_is_not_used(aws: LocalAws, account: Account) -> None:
    account.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument='{"Statement": []}')
    before = state_of(account)

    result = run(aws, account, *EMAIL, "--create-trail", "--yes")

    assert result.exit_code == ExitStatus.NOT_COMPLIANT
    assert f"role `{ROLE}` is someone else's: remove or rename it" in result.output
    assert state_of(account) == before
