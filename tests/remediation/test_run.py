"""`make remediate`: the same steps from the workstation."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import build_working_chain
from root_usage_alarm.remediation.run import CANNOT, DONE, remediate
from tests.remediation.scenarios import WITHOUT_LOG_GROUP
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
        (
            "                          oncall@example.com: confirm the subscription by the link in AWS's "
            "message, then press Re-evaluate"
        ),
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


ROLE = "root-usage-alarm-eu-west-1"


def test_role_for_cloudtrail_is_made_where_a_trail_is_joined(account: Account) -> None:
    """Its trust has no condition, as on AWS's page."""
    build_working_chain(account, trail=WITHOUT_LOG_GROUP, log_group=None)

    CliRunner().invoke(remediate, ["--region", account.region])

    made = state_of(account)
    assert made["trails"]["account-trail"]["CloudWatchLogsRoleArn"].endswith(f":role/{ROLE}")
    assert made["roles"][ROLE]["trust"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
    assert made["roles"][ROLE]["policies"]["deliver"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": ["arn:aws:logs:*:111122223333:log-group:root-usage-alarm/cloudtrail*:log-stream:*"],
        }
    ]


def test_role_of_earlier_versions_gets_a_trust_that_works(account: Account) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": "111122223333"}}
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": condition}]}
    tags = [{"Key": "CreatedBy", "Value": "root-usage-alarm"}]
    account.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust), Tags=tags)
    role = f"arn:aws:iam::111122223333:role/{ROLE}"
    chain = build_working_chain(account, trail={"CloudWatchLogsRoleArn": role})
    hooks.fail_log_delivery(chain.trail_arn, "AccessDenied")

    result = CliRunner().invoke(remediate, ["--region", account.region])

    assert result.exit_code == DONE
    (statement,) = state_of(account)["roles"][ROLE]["trust"]["Statement"]
    assert "Condition" not in statement


def test_foreign_role_of_the_same_name_is_not_used(account: Account) -> None:
    account.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument='{"Statement": []}')
    before = state_of(account)

    result = CliRunner().invoke(remediate, ["--region", account.region, "--create-trail"])

    assert result.exit_code == CANNOT
    assert f"role `{ROLE}` is someone else's: remove or rename it" in result.output
    assert state_of(account) == before
