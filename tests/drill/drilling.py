"""A drill against the local AWS, in a time that passes as fast as it is waited for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import botocore
from click.testing import CliRunner, Result

from root_usage_alarm.__main__ import main
from root_usage_alarm.demo.invocation import acting_in
from root_usage_alarm.drill.clock import Clock
from root_usage_alarm.local_aws import Account, LocalAws

ACCOUNT_ID = "111122223333"
REGION = "eu-west-1"
CALLER = f"arn:aws:sts::{ACCOUNT_ID}:user/moto"


@dataclass
class Waiting:
    """The drill's clock. Each wait of more than a second carries out the next of `events`."""

    events: list[Callable[[], Any]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=sum(self.waited))

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        if seconds > 1 and self.events:
            self.events.pop(0)()


def run(
    aws: LocalAws,
    account: Account,
    *arguments: str,
    waiting: Waiting | None = None,
    said: str | IO[bytes] | None = None,
) -> Result:
    """`said` is what the person types; without it there is nobody."""
    waiting = waiting or Waiting()
    with acting_in(aws, account):
        return CliRunner().invoke(main, ["drill", *arguments], input=said, obj=waiting.clock)


@contextmanager
def around(event: str, action: Callable[..., Any]) -> Iterator[None]:
    """Has botocore call the action at that event of every client of a session made within."""

    def watch(session: Any) -> None:
        session.register(event, action)

    botocore.register_initializer(watch)
    try:
        yield
    finally:
        botocore.unregister_initializer(watch)


def once(action: Callable[[], Any]) -> Callable[..., None]:
    """The action as one of `around`, the first time only."""
    left = [action]

    def act(**_: Any) -> None:
        while left:
            left.pop()()

    return act


def record_in(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def state_of(account: Account, alarm_name: str) -> str:
    answer = account.client("cloudwatch").describe_alarms(
        AlarmNames=[alarm_name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found = [each["StateValue"] for each in (*answer["MetricAlarms"], *answer["CompositeAlarms"])]
    assert len(found) == 1
    return str(found[0])


def set_state(account: Account, alarm_name: str, state: str, reason: str = "evaluated") -> None:
    account.client("cloudwatch").set_alarm_state(AlarmName=alarm_name, StateValue=state, StateReason=reason)


def messages_in(account: Account, queue_url: str) -> list[Mapping[str, Any]]:
    """What came into the queue, each as CloudWatch published it."""
    answer = account.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
    return [json.loads(json.loads(each["Body"])["Message"]) for each in answer.get("Messages", ())]
