"""`drill --watch`: a sign-in as root, followed to the action; interrupted, taken up again, and ended."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from root_usage_alarm.desk.exit_status import ExitStatus
from root_usage_alarm.local_aws import Account, LocalAws, hooks
from root_usage_alarm.local_aws.accounts import ALARM, METRIC_NAME, METRIC_NAMESPACE, build_working_chain
from tests.drill.drilling import ACCOUNT_ID, Waiting, record_in, run, set_state, state_of
from tests.handler.evaluation import Answer, Refusal, answering

OTHER_ACCOUNT = "444455556666"


def sign_in(at: datetime, account_id: str = ACCOUNT_ID) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html"""
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "Root",
            "principalId": account_id,
            "arn": f"arn:aws:iam::{account_id}:root",
            "accountId": account_id,
        },
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "eventID": "0fb1f4c2-0d6f-4e0b-8d3b-2a7b41c5f8aa",
        "eventType": "AwsConsoleSignIn",
        "recipientAccountId": account_id,
    }


class Life:
    """What happens in the account while it is watched, at the times of the drill's clock."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.waiting = Waiting()
        self.answers: dict[str, Answer] = {"cloudtrail:LookupEvents": {"Events": []}}

    @cached_property
    def at(self) -> datetime:
        """When root signs in: as soon as anything comes of it."""
        return self.waiting.now().replace(microsecond=0)

    def is_in_the_history(self) -> None:
        event = {
            "EventId": "1",
            "EventName": "ConsoleLogin",
            "EventTime": self.at,
            "CloudTrailEvent": json.dumps(sign_in(self.at)),
        }
        self.answers["cloudtrail:LookupEvents"] = {"Events": [event]}

    def is_in_the_log_group(self, account_id: str = ACCOUNT_ID) -> None:
        logs = self.account.client("logs")
        stream = {"logGroupName": "cloudtrail", "logStreamName": f"stream-{account_id}"}
        logs.create_log_stream(**stream)
        event = {
            "timestamp": int(self.at.timestamp() * 1000),
            "message": json.dumps(sign_in(self.at, account_id)),
        }
        logs.put_log_events(**stream, logEvents=[event])

    def makes_a_datapoint(self, value: float = 1.0) -> None:
        datum = {"MetricName": METRIC_NAME, "Value": value, "Timestamp": self.waiting.now()}
        self.account.client("cloudwatch").put_metric_data(Namespace=METRIC_NAMESPACE, MetricData=[datum])

    def rings(self) -> None:
        """As CloudWatch would; moto's history has the real time, which is earlier than the drill's."""
        set_state(self.account, ALARM, "ALARM", "Threshold Crossed")

    def watched(self, aws: LocalAws, *arguments: str, said: str | None = None) -> Result:
        with answering(self.answers):
            return run(aws, self.account, "--watch", *arguments, waiting=self.waiting, said=said)


@pytest.fixture
def life(account: Account) -> Life:
    build_working_chain(account)
    set_state(account, ALARM, "OK")
    return Life(account)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    return ("--record", str(tmp_path / "drill.json"), "--state", str(tmp_path / "state"))


def test_event_is_followed_link_by_link_to_the_action(
    aws: LocalAws, life: Life, files: tuple[str, ...], tmp_path: Path
) -> None:
    life.waiting.events = [
        life.is_in_the_log_group,
        life.makes_a_datapoint,
        life.is_in_the_history,
        life.rings,
    ]

    result = life.watched(
        aws, *files, "--parameter", "MaxDetectionMinutes=5", "--confirmed-by", "Jane, on her phone"
    )

    assert result.exit_code == 0, result.output
    found = record_in(tmp_path / "drill.json")
    assert (found["kind"], found["outcome"], found["limitMinutes"]) == ("watch", "HEARD", 5)
    assert found["time"] == life.at.isoformat()
    assert [(each["link"], each["source"]) for each in found["times"]] == [
        ("event", "AWS"),
        ("event history", "first seen"),
        ("log group", "AWS"),
        ("metric", "first seen"),
        ("alarm", "AWS"),
        ("alarm action", "AWS"),
    ]
    assert found["times"][0]["seconds"] == 0.0
    assert " s from the event to the action" in result.output
    assert " s of it from the log group to ALARM, of 5 min that MaxDetectionMinutes allows" in result.output
    assert not (tmp_path / "state").exists()
    assert state_of(life.account, ALARM) == "ALARM"  # a watch changes nothing


def test_nobody_who_signs_in_ends_it_at_its_limit(
    aws: LocalAws, life: Life, files: tuple[str, ...], tmp_path: Path
) -> None:
    result = life.watched(aws, *files, "--minutes", "2")

    assert result.exit_code == 1
    assert "no sign-in as root was seen" in result.output
    assert 120 <= sum(life.waiting.waited) <= 135
    found = record_in(tmp_path / "drill.json")
    assert (found["outcome"], found["times"]) == ("NOT_HEARD", [])


def test_event_history_is_asked_once_a_look_in_each_region(
    aws: LocalAws, life: Life, files: tuple[str, ...]
) -> None:
    """LookupEvents takes two requests a second; half a second lies between the regions, too."""
    life.watched(aws, *files, "--minutes", "1")

    looks = [each for each in life.waiting.waited if each >= 15]
    between = [each for each in life.waiting.waited if each == 0.5]
    assert len(between) == 2 * (len(looks) + 1)


def test_other_accounts_event_and_the_default_value_are_nothing(
    aws: LocalAws, life: Life, files: tuple[str, ...], tmp_path: Path
) -> None:
    """An organization's log group holds its members' events, and a quiet filter publishes zeros."""
    life.waiting.events = [
        lambda: life.is_in_the_log_group(OTHER_ACCOUNT),
        lambda: life.makes_a_datapoint(0.0),
    ]

    life.watched(aws, *files, "--minutes", "1")

    assert record_in(tmp_path / "drill.json")["times"] == []


def test_action_that_fails_ends_the_watch(
    aws: LocalAws, account: Account, files: tuple[str, ...], tmp_path: Path
) -> None:
    build_working_chain(account, topic={"KmsMasterKeyId": "alias/aws/sns"})
    set_state(account, ALARM, "OK")
    life = Life(account)
    life.waiting.events = [life.is_in_the_log_group, life.rings]

    result = life.watched(aws, *files, "--anyway")

    assert result.exit_code == 1
    assert record_in(tmp_path / "drill.json")["action"]["outcome"] == "failed"


def test_link_that_cant_be_seen_is_named_and_the_others_are_followed(
    aws: LocalAws, life: Life, files: tuple[str, ...], tmp_path: Path
) -> None:
    life.answers |= {"logs:FilterLogEvents": Refusal("AccessDeniedException")}
    life.waiting.events = [life.is_in_the_history, life.rings]

    result = life.watched(aws, *files, "--confirmed-by", "Jane")

    assert result.exit_code == 0, result.output
    found = record_in(tmp_path / "drill.json")
    assert [each["link"] for each in found["times"]] == ["event", "event history", "alarm", "alarm action"]
    assert found["notes"][0].startswith("log group is not seen: An error occurred (AccessDeniedException)")


def stop() -> None:
    raise KeyboardInterrupt


def test_interrupted_watch_goes_on_where_it_was(
    aws: LocalAws, life: Life, files: tuple[str, ...], tmp_path: Path
) -> None:
    life.waiting.events = [life.is_in_the_log_group, life.makes_a_datapoint, lambda: None, stop]
    first = life.watched(aws, *files)
    life.rings()  # while nobody watches; an alarm that rings is no reason not to go on

    again = life.watched(aws, *files, "--confirmed-by", "Jane")

    assert first.exit_code == ExitStatus.INTERRUPTED
    assert not [each for each in tmp_path.iterdir() if each.name != "drill.json"]
    assert "goes on with the watch of " in again.output
    assert again.exit_code == 0, again.output
    links = [each["link"] for each in record_in(tmp_path / "drill.json")["times"]]
    assert links == ["event", "log group", "metric", "alarm", "alarm action"]


def test_watch_behind_its_limit_looks_once_more(
    aws: LocalAws, life: Life, files: tuple[str, ...], tmp_path: Path
) -> None:
    life.waiting.events = [stop]
    life.watched(aws, *files)
    life.is_in_the_log_group()
    life.rings()
    life.waiting.waited.append(timedelta(hours=1).total_seconds())

    result = life.watched(aws, *files, "--confirmed-by", "Jane")

    assert result.exit_code == 0, result.output
    assert record_in(tmp_path / "drill.json")["outcome"] == "HEARD"


def test_alarm_that_is_in_alarm_cant_be_watched(aws: LocalAws, life: Life, files: tuple[str, ...]) -> None:
    life.rings()

    result = life.watched(aws, *files)

    assert result.exit_code == 2
    assert "is in ALARM already (Threshold Crossed)" in result.output
    assert len(hooks.messages_of(life.account.arn("sns", "security-alerts"))) == 1
