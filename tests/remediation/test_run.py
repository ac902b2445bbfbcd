"""`make remediate`: the same steps from the workstation."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.remediation.run import CANNOT, DONE, remediate
from tests.remediation.state import state_of

TOPIC = "arn:aws:sns:eu-west-1:111122223333:root-usage-alarm"


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


@pytest.mark.usefixtures("wide")
def test_each_step_is_shown_with_its_result(account: Account) -> None:
    build_working_chain(account, metric_filter=None, alarm=None, topic=None)

    result = CliRunner().invoke(remediate, ["--region", account.region, "--email", "oncall@example.com"])

    assert result.exit_code == DONE
    assert result.output.splitlines() == [
        "account 111122223333 in eu-west-1",
        (
            "✔ look                    To do: create metric filter `RootAccountUsageCount`; put alarm "
            f"`RootAccountUsageCountAlarm`; create or mend topic `{TOPIC}`; subscribe oncall@example.com"
        ),
        "✔ trail and log group     nothing to do",
        "✔ metric filter           created metric filter `RootAccountUsageCount`",
        f"✔ topic and subscription  created topic `{TOPIC}`",
        "                          subscribed oncall@example.com",
        "                          oncall@example.com: confirm the subscription by the link in AWS's message",
        "✔ alarm                   put alarm `RootAccountUsageCountAlarm`",
        "✔ prove                   trail `account-trail` logs to `cloudtrail`",
        (
            "                          metric filter `RootAccountUsageCount` matches 3 of 7 sample events, "
            "the right ones"
        ),
        "                          alarm `RootAccountUsageCountAlarm` watches the metric and tells the topic",
        f"                          topic `{TOPIC}`: 0 of 1 confirmed",
        "                          config rule `RootUsageAlarmRule`: NoSuchConfigRuleException",
    ]


def test_dry_run_changes_nothing(account: Account) -> None:
    build_working_chain(account, metric_filter=None)
    before = state_of(account)

    result = CliRunner().invoke(remediate, ["--region", account.region, "--dry-run"])

    assert result.exit_code == DONE
    assert "Would: create metric filter `RootAccountUsageCount`" in result.output
    assert state_of(account) == before


def test_what_a_person_has_to_do_first_is_said(account: Account) -> None:
    result = CliRunner().invoke(remediate, ["--region", account.region])

    assert result.exit_code == CANNOT
    assert "✘ no trail; or set CreateTrail true, and TrailName to a free name" in result.output


def test_a_given_topic_is_used(account: Account) -> None:
    chain = build_working_chain(account, alarm=None)

    CliRunner().invoke(remediate, ["--region", account.region, "--topic", chain.topic_arn])

    alarm = state_of(account)["alarms"]["RootAccountUsageCountAlarm"]
    assert alarm["AlarmActions"] == [chain.topic_arn]


def test_a_trail_is_created_on_request(account: Account) -> None:
    result = CliRunner().invoke(remediate, ["--region", account.region, "--create-trail"])

    assert result.exit_code == DONE
    assert list(state_of(account)["trails"]) == ["root-usage-alarm"]


def test_a_working_chain_is_left_alone(account: Account) -> None:
    build_working_chain(account)
    before = state_of(account)

    result = CliRunner().invoke(remediate, ["--region", account.region])

    assert result.exit_code == DONE
    assert "Nothing to do." in result.output
    assert state_of(account) == before
