"""Whatever ends a ring, at whatever call of it, the alarm is in the state that it was in before."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from root_usage.aws.cloudwatch import MetricAlarm
from root_usage.aws.gathering import Gatherer
from root_usage.verdict.outcome import Chain

from root_usage_alarm.drill.ringing import ring
from root_usage_alarm.drill.target import CannotDrill, Target
from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.accounts import ALARM, build_working_chain
from root_usage_alarm.local_aws.sessions import new_session
from tests.builders import FILTER, LOG_GROUP_ID
from tests.drill.drilling import Waiting, around, set_state, state_of

# SetAlarmState, two questions for the history, seven for the state, one more before it is put back, and that.
CALLS = 12

THROTTLED = ClientError({"Error": {"Code": "Throttling", "Message": "no"}}, "DescribeAlarms")
FAULTS = [
    pytest.param(KeyboardInterrupt(), id="ctrl-c"),
    pytest.param(EndpointConnectionError(endpoint_url="x"), id="network"),
    pytest.param(THROTTLED, id="throttled"),
]


class Interrupting:
    """Counts the drill's calls from the first SetAlarmState on, and raises `fault` behind the nth answer."""

    def __init__(self, fault: BaseException | None = None, nth: int = 0) -> None:
        self.calls: list[str] = []
        self.fault, self.nth = fault, nth

    def __call__(self, model: Any, **_: Any) -> None:
        if model.name == "SetAlarmState" or self.calls:
            self.calls.append(model.name)
            if self.fault and len(self.calls) == self.nth:
                raise self.fault


class Factory:
    """Clients of an account that are watched."""

    def __init__(self, account: Account, watch: Interrupting) -> None:
        self._account, self._watch = account, watch

    def build_client(self, service: str, region: str | None = None) -> Any:
        environment = {"aws_access_key_id": f"LOCALAWS{self._account.account_id}"}
        session = new_session(**environment, aws_secret_access_key="local")
        make: Any = session.client
        client = make(service, region_name=region, endpoint_url=self._account.endpoint_url)
        client.meta.events.register("after-call", self._watch)
        return client


@pytest.fixture
def topic_arn(account: Account) -> str:
    chain = build_working_chain(account, trail=None)
    set_state(account, ALARM, "OK")
    return chain.topic_arn


def rung(account: Account, topic_arn: str, watch: Interrupting, waiting: Waiting | None = None) -> None:
    factory = Factory(account, watch)
    cloudwatch = factory.build_client("cloudwatch", account.region)
    (found,) = account.client("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    alarm = MetricAlarm.from_api(found)
    target = Target(Chain(()), alarm, FILTER, LOG_GROUP_ID, topic_arn)
    ring(
        cloudwatch,
        Gatherer(lambda _: factory).ask,
        target,
        alarm.state,
        "drill",
        (waiting or Waiting()).clock,
    )


def test_ring_that_nothing_interrupts_takes_so_many_calls(account: Account, topic_arn: str) -> None:
    watch = Interrupting()

    rung(account, topic_arn, watch)

    assert (len(watch.calls), watch.calls.count("SetAlarmState")) == (CALLS, 2)
    assert state_of(account, ALARM) == "OK"


@pytest.mark.parametrize("fault", FAULTS)
def test_interruption_behind_any_call_leaves_the_alarm_as_it_was(
    account: Account, topic_arn: str, fault: BaseException
) -> None:
    for nth in (1, 2, 3, 4, 5, *range(CALLS - 2, CALLS + 1)):  # those between are all the same
        watch = Interrupting(fault, nth)
        with suppress(type(fault), CannotDrill):
            rung(account, topic_arn, watch)

        assert len(watch.calls) >= nth
        assert (nth, state_of(account, ALARM)) == (nth, "OK")


def test_what_aws_shows_may_be_of_the_moment_before(account: Account, topic_arn: str) -> None:
    """DescribeAlarms says OK still, and the alarm is put back all the same."""

    def stale(parsed: dict[str, Any], **_: Any) -> None:
        for alarm in parsed.get("MetricAlarms", ()):
            alarm |= {"StateValue": "OK", "StateReason": "evaluated"}

    def stop() -> None:
        raise KeyboardInterrupt

    with around("after-call.cloudwatch.DescribeAlarms", stale), suppress(KeyboardInterrupt):
        rung(account, topic_arn, Interrupting(), Waiting([stop]))

    assert state_of(account, ALARM) == "OK"


@pytest.mark.parametrize(
    ("number", "raised"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit), (signal.SIGHUP, SystemExit)],
)
def test_job_that_is_ended_leaves_the_alarm_as_it_was(
    account: Account, topic_arn: str, number: signal.Signals, raised: type[BaseException]
) -> None:
    before = signal.getsignal(number)
    waiting = Waiting([lambda: os.kill(os.getpid(), number)])

    with pytest.raises(raised):
        rung(account, topic_arn, Interrupting(), waiting)

    assert state_of(account, ALARM) == "OK"
    assert signal.getsignal(number) is before
