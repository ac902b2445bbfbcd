"""Alarms in the local AWS act on a change of state, unless they are disabled or muted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from root_usage_alarm.local_aws import Account, hooks
from root_usage_alarm.local_aws.accounts import Chain, build_working_chain
from root_usage_alarm.local_aws.corrections.mute_rules import status_of

LONG_AGO = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def alarm_of(account: Account, chain: Chain) -> dict[str, Any]:
    alarms = account.client("cloudwatch").describe_alarms(AlarmNames=[chain.alarm_name])["MetricAlarms"]
    (alarm,) = alarms
    return dict(alarm)


def ring(account: Account, chain: Chain, state: str = "ALARM") -> None:
    account.client("cloudwatch").set_alarm_state(
        AlarmName=chain.alarm_name, StateValue=state, StateReason="a drill"
    )


def action_summaries(account: Account, chain: Chain) -> list[str]:
    items = account.client("cloudwatch").describe_alarm_history(
        AlarmName=chain.alarm_name, HistoryItemType="Action"
    )["AlarmHistoryItems"]
    return [item["HistorySummary"] for item in items]


def test_alarm_that_rings_is_heard_in_a_queue(account: Account) -> None:
    queue = account.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    chain = build_working_chain(account, subscriptions=[("sqs", account.arn("sqs", "heard"))])

    ring(account, chain)

    (received,) = account.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    message = json.loads(json.loads(received["Body"])["Message"])
    assert message["AlarmName"] == chain.alarm_name
    assert (message["OldStateValue"], message["NewStateValue"]) == ("INSUFFICIENT_DATA", "ALARM")
    assert action_summaries(account, chain) == [f"Successfully executed action {chain.topic_arn}"]


def test_alarm_that_stays_in_alarm_tells_nobody_again(account: Account, chain: Chain) -> None:
    ring(account, chain)
    ring(account, chain)

    assert len(hooks.messages_of(chain.topic_arn)) == 1


def test_disabled_actions_tell_nobody(account: Account) -> None:
    chain = build_working_chain(account, alarm={"ActionsEnabled": False})

    ring(account, chain)

    assert hooks.messages_of(chain.topic_arn) == ()
    assert action_summaries(account, chain) == []


def test_key_of_aws_keeps_the_alarm_from_its_topic(account: Account) -> None:
    chain = build_working_chain(account, topic={"KmsMasterKeyId": "alias/aws/sns"})

    ring(account, chain)

    assert hooks.messages_of(chain.topic_arn) == ()
    assert action_summaries(account, chain) == [
        (
            f"Failed to execute action {chain.topic_arn}. Received error: "
            "CloudWatch Alarms is not authorized to access the SNS topic encryption key. "
            "Check the key policy, or use a customer managed key"
        )
    ]


def test_missing_topic_is_in_the_alarms_history(account: Account) -> None:
    chain = build_working_chain(account, topic=None, confirmed=False, subscriptions=())

    ring(account, chain)

    assert action_summaries(account, chain) == [
        f"Failed to execute action {chain.topic_arn}. Received error: Resource not found"
    ]


def test_history_holds_what_was_recorded_newest_first(account: Account, chain: Chain) -> None:
    hooks.record_action(chain.alarm_arn, "Failed to execute action", LONG_AGO)
    hooks.record_action(chain.alarm_arn, "Successfully executed action", LONG_AGO + timedelta(days=1))

    assert action_summaries(account, chain) == ["Successfully executed action", "Failed to execute action"]


@pytest.mark.parametrize(
    ("schedule", "status"),
    [
        pytest.param({"Expression": "cron(* * * * *)", "Duration": "PT1H"}, "ACTIVE", id="every-minute"),
        pytest.param({"Expression": "at(2020-01-01T00:00)", "Duration": "PT1H"}, "EXPIRED", id="long-ago"),
        pytest.param({"Expression": "at(2999-01-01T00:00)", "Duration": "PT1H"}, "SCHEDULED", id="one-day"),
    ],
)
def test_mute_rule_is_found_by_its_alarm(
    account: Account, chain: Chain, schedule: dict[str, str], status: str
) -> None:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_alarm_mute_rule(
        Name="quiet", Rule={"Schedule": schedule}, MuteTargets={"AlarmNames": [chain.alarm_name]}
    )

    (rule,) = cloudwatch.list_alarm_mute_rules(AlarmName=chain.alarm_name)["AlarmMuteRuleSummaries"]

    assert rule["AlarmMuteRuleArn"] == account.arn("cloudwatch", "alarm-mute-rule:quiet")
    assert rule["Status"] == status
    assert cloudwatch.list_alarm_mute_rules(AlarmName="another")["AlarmMuteRuleSummaries"] == []


def test_muted_alarm_rings_and_tells_nobody(account: Account, chain: Chain) -> None:
    account.client("cloudwatch").put_alarm_mute_rule(
        Name="quiet",
        Rule={"Schedule": {"Expression": "cron(* * * * *)", "Duration": "PT1H"}},
        MuteTargets={"AlarmNames": [chain.alarm_name]},
    )

    ring(account, chain)

    assert alarm_of(account, chain)["StateValue"] == "ALARM"
    assert hooks.messages_of(chain.topic_arn) == ()


def test_deleted_mute_rule_is_gone(account: Account) -> None:
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_alarm_mute_rule(
        Name="quiet", Rule={"Schedule": {"Expression": "cron(0 2 * * SUN)", "Duration": "PT4H"}}
    )
    cloudwatch.delete_alarm_mute_rule(AlarmMuteRuleName="quiet")

    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\)"):
        cloudwatch.get_alarm_mute_rule(AlarmMuteRuleName="quiet")


@pytest.mark.parametrize(
    ("schedule", "status"),
    [
        pytest.param({"Expression": "cron(0 2 * * SUN)", "Duration": "PT4H"}, "ACTIVE", id="in-the-window"),
        pytest.param(
            {"Expression": "cron(0 2 * * SUN)", "Duration": "PT3H"}, "SCHEDULED", id="window-is-over"
        ),
        pytest.param({"Expression": "cron(0 2 * * MON-SAT)", "Duration": "PT4H"}, "SCHEDULED", id="weekdays"),
        pytest.param(
            {"Expression": "cron(30 4 1,15 MAR *)", "Duration": "PT2H"}, "ACTIVE", id="day-of-month"
        ),
        pytest.param(
            {"Expression": "cron(0 2 * * SUN)", "Duration": "PT4H", "Timezone": "Asia/Tokyo"},
            "SCHEDULED",
            id="window-in-another-time-zone",
        ),
        pytest.param({"Expression": "at(2026-03-01T05:00)", "Duration": "PT1M"}, "ACTIVE", id="first-minute"),
        pytest.param({"Expression": "at(2026-03-01T04:00)", "Duration": "PT1H"}, "EXPIRED", id="just-over"),
    ],
)
def test_status_of_a_mute_rule_on_sunday_morning(schedule: dict[str, str], status: str) -> None:
    sunday_at_five = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)

    assert status_of({"Rule": {"Schedule": schedule}}, sunday_at_five) == status
