"""The alarms on the rule itself: each rings for what it watches, and none while all is well."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from root_usage.aws.cloudwatch import MetricAlarm

from root_usage_alarm.build import TEMPLATES
from root_usage_alarm.deployment import names, policies, watch
from tests.deployment.filled_in import filled_in
from tests.simulation.alarms import ALARM, Timeline, timeline_of
from tests.simulation.metrics import minutes_of_period
from tests.simulation.readings import random_reading

DAY = 24 * 60
TEMPLATE = {"single": "watch", "organization": "organization"}
FUNCTIONS = {"single": names.FUNCTION, "organization": names.ORGANIZATION_FUNCTION}

deployments = pytest.mark.parametrize("deployment", FUNCTIONS)
readings = pytest.mark.parametrize("seed", range(20))


def alarm_of(deployment: str, kind: str) -> MetricAlarm:
    properties = TEMPLATES[TEMPLATE[deployment]]()["Resources"][f"Function{kind}Alarm"]["Properties"]
    arn = f"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{properties['AlarmName']}"
    state = {"StateValue": "INSUFFICIENT_DATA", "ActionsEnabled": True, "AlarmArn": arn}
    return MetricAlarm.from_api({**properties, **state, "AlarmActions": ["arn:aws:sns:eu-west-1:1:topic"]})


def states(alarm: MetricAlarm, counted: Sequence[int], days: int, seed: int) -> Timeline:
    """The alarm's states, where the metric counts one in each of these minutes and is silent otherwise."""
    period = minutes_of_period(alarm)

    def read(end: int, seen: int) -> float | None:
        return float(sum(end - period < each <= min(end, seen) for each in counted)) or None

    return timeline_of(alarm, read, days * DAY, random_reading(Random(seed)))  # noqa: S311


def rings(timeline: Timeline) -> list[int]:
    return [minute for minute, state in timeline if state == ALARM]


@deployments
@readings
def test_a_rule_that_is_invoked_every_day_is_not_silent(deployment: str, seed: int) -> None:
    """AWS Config is not to the minute; before the first full hour the alarm can't know."""
    random = Random(seed)  # noqa: S311
    invoked = [10 + day * DAY + random.randrange(0, 90) * bool(day) for day in range(6)]

    timeline = states(alarm_of(deployment, "Silent"), invoked, 6, seed)

    assert [each for each in rings(timeline) if each > 60] == []


@deployments
@readings
def test_a_rule_that_is_invoked_no_more_is_silent_after_two_intervals(deployment: str, seed: int) -> None:
    invoked = [10, 10 + DAY]

    late = [
        each for each in rings(states(alarm_of(deployment, "Silent"), invoked, 6, seed)) if each > 10 + DAY
    ]

    (rang,) = late
    assert 2 * DAY - 60 <= rang - invoked[-1] <= 2 * DAY + 6 * 60


@deployments
@readings
@pytest.mark.parametrize("kind", ["Errors", "Dropped"])
def test_one_error_and_one_dropped_event_are_told(deployment: str, kind: str, seed: int) -> None:
    alarm = alarm_of(deployment, kind)

    assert rings(states(alarm, [], 1, seed)) == []
    assert len(rings(states(alarm, [600], 1, seed))) == 1


@deployments
@readings
def test_throttling_that_lasts_is_told_and_a_burst_is_not(deployment: str, seed: int) -> None:
    alarm = alarm_of(deployment, "Throttled")

    assert rings(states(alarm, range(600, 800), 1, seed)) == []
    assert len(rings(states(alarm, range(600, 880), 1, seed))) == 1


@deployments
def test_each_alarm_tells_the_topic_in_three_lines(deployment: str) -> None:
    resources = TEMPLATES[TEMPLATE[deployment]]()["Resources"]
    alarms = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::CloudWatch::Alarm"]

    assert [each["AlarmName"] for each in alarms] == watch.alarm_names(FUNCTIONS[deployment])
    for each in alarms:
        assert each["AlarmActions"] == [{"Ref": "TopicArn"}]
        assert [line[:3] for line in each["AlarmDescription"].splitlines()] == ["1. ", "2. ", "3. "]
        assert len(each["AlarmDescription"]) <= 1024
        assert each["Dimensions"] == [{"Name": "FunctionName", "Value": FUNCTIONS[deployment]}]


@deployments
def test_function_may_put_what_it_failed_on_into_its_queue(deployment: str) -> None:
    queue = TEMPLATES[TEMPLATE[deployment]]()["Resources"]["FailedEvents"]["Properties"]["QueueName"]

    statement = filled_in(policies.keeping_failed(FUNCTIONS[deployment]))

    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"].split(":")[5] == queue
