"""What an alarm is seen to do, told apart by what the model allows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from root_usage.alarm.evaluation import Settings, StateValue, Treatment

from tests.live import alarms
from tests.live.alarms import ALARMS, OTHERWISE, TOLD, answer_of, ask_all, possible_histories
from tests.live.sandbox import Sandbox
from tests.live.table import Outcome

OK, ALARM, INSUFFICIENT = StateValue.OK, StateValue.ALARM, StateValue.INSUFFICIENT_DATA
BY_NAME = {each.name: each for each in ALARMS}


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (Treatment.MISSING, (INSUFFICIENT, ALARM, INSUFFICIENT)),
        (Treatment.NOT_BREACHING, (INSUFFICIENT, OK, ALARM, OK)),
        (Treatment.IGNORE, (INSUFFICIENT, ALARM)),
        (Treatment.BREACHING, (INSUFFICIENT, ALARM)),
    ],
)
def test_one_of_one_leads_through_these_states(
    treatment: Treatment, expected: tuple[StateValue, ...]
) -> None:
    assert possible_histories("X-------", Settings(1, 1, treatment)) == {expected}


def test_premature_transitions_are_left_open_as_aws_leaves_them() -> None:
    histories = possible_histories("X----------", Settings(3, 3, Treatment.MISSING))

    assert (INSUFFICIENT, ALARM, INSUFFICIENT) in histories
    assert (INSUFFICIENT, OK, ALARM, INSUFFICIENT) in histories
    assert all(ALARM in each for each in histories)


@pytest.mark.parametrize(
    ("name", "history", "answer"),
    [
        ("math-plus", (INSUFFICIENT, OK, ALARM, OK), "as 0"),
        ("math-plus", (INSUFFICIENT, OK), "missing"),
        ("math-plus", (INSUFFICIENT, ALARM), OTHERWISE),
        ("unit", (INSUFFICIENT, OK), "no"),
        ("unit", (INSUFFICIENT, OK, ALARM, OK), "yes"),
        ("percentile-ignored", (INSUFFICIENT, OK, ALARM, OK), "no"),
    ],
)
def test_history_is_the_answer(name: str, history: tuple[StateValue, ...], answer: str) -> None:
    assert answer_of(BY_NAME[name], history) == answer


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda each: each.name)
def test_no_two_answers_are_seen_alike(alarm: alarms.AlarmProbe) -> None:
    seen = [possible_histories(points, alarm.settings) for points in alarm.points.values()]

    assert sum(map(len, seen)) == len(frozenset().union(*seen))
    assert {len(each) for each in alarm.points.values()} == {len(alarms.ONCE)}


def test_what_no_emulator_does_is_no_answer(sandbox: Sandbox) -> None:
    rows = ask_all(sandbox, ["alarm/missing", "metric/default-value", TOLD.name])

    assert [(each.probe.name, each.seen, each.note) for each in rows] == [
        ("metric/default-value", None, "no datapoint came"),
        ("alarm/missing", None, "no datapoint came"),
        ("alarm/told", None, "no datapoint came"),
    ]


def test_datapoints_states_and_messages_are_seen(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if CloudWatch did its part, once all events have come."""
    cloudwatch = sandbox.client("cloudwatch")

    def wait(self: Sandbox, minutes: float) -> None:
        if minutes > 3:
            for state in ("OK", "ALARM", "OK"):
                name = self.named("not-breaching")
                cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a datapoint")
            for name, values in (("control", (1, 1)), ("default-value", (0,))):
                data: list[Any] = [{"MetricName": self.named(name), "Value": each} for each in values]
                cloudwatch.put_metric_data(Namespace=alarms.NAMESPACE, MetricData=data)

    monkeypatch.setattr(Sandbox, "wait", wait)
    rows = {
        each.probe.name: each
        for each in ask_all(sandbox, ["metric/default-value", "alarm/not-breaching", TOLD.name])
    }

    assert rows["metric/default-value"].seen == "one for the minute"
    assert rows["metric/default-value"].outcome is Outcome.DIFFERS
    assert rows["alarm/not-breaching"].outcome is Outcome.AGREES
    assert rows["alarm/not-breaching"].note == "INSUFFICIENT_DATA -> OK -> ALARM -> OK"
    assert rows["alarm/told"].outcome is Outcome.AGREES


def test_events_are_realistic_and_only_roots_match(sandbox: Sandbox) -> None:
    alarms._make_feed(sandbox, "busy", {})
    alarms._put(sandbox, "busy", "oR")

    found = sandbox.client("logs").filter_log_events(logGroupName=sandbox.named("busy"))["events"]
    records = [json.loads(each["message"]) for each in found]
    assert sorted(each["userIdentity"]["type"] for each in records) == ["IAMUser", "Root"]
    assert {each["recipientAccountId"] for each in records} == {sandbox.account_id}


@pytest.mark.parametrize(
    ("state", "answer"),
    [("ALARM", "AND binds first"), ("OK", "from left to right"), ("INSUFFICIENT_DATA", None)],
)
def test_order_of_a_composite_rule_is_seen(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, state: str, answer: str | None
) -> None:
    answered = {"CompositeAlarms": [{"StateValue": state}]}
    monkeypatch.setattr(sandbox.client("cloudwatch"), "describe_alarms", lambda **_: answered)

    (row,) = alarms.ask_composite(sandbox)

    assert row.seen == answer
