"""What CloudWatch makes of root's events: datapoints, states and actions, beside what the model says.

Realistic root events go into log groups of our own, minute by minute; the alarms' histories tell the rest.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from root_usage.alarm.evaluation import (
    MOST_EXTRA_PERIODS,
    Point,
    Settings,
    StateValue,
    Treatment,
    next_states,
)
from root_usage.coverage.root_activity import ROOT_FILTER_PATTERN
from root_usage.coverage.root_events import EventKind, root_events

from tests.live.sandbox import Sandbox
from tests.live.table import Probe, Row

AS_MODELLED, OTHERWISE = "as the model says", "otherwise"
NAMESPACE = "root-usage-live"
TOPIC = "alarms"
NO_DATAPOINT = "no datapoint came"

FEEDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "once": ("R...............", {}),
    "apart": ("R..R............", {}),
    "busy": ("oooooRoooooooooo", {"defaultValue": 0.0}),
    "never": ("................", {}),
}
"""By name: what comes in each minute, R root's and o another's event, and the filter's members."""


@dataclass(frozen=True, slots=True, eq=False)
class AlarmProbe:
    """An alarm of one minute's periods on a feed, with members of PutMetricAlarm laid over the plain ones.

    `points` are the datapoints minute by minute as each answer has them: X breaching, 0 not, - missing. The
    first is the assumed one. With a single one the question is what the alarm makes of them.
    """

    name: str
    question: str
    feed: str
    points: Mapping[str, str]
    treatment: str = "missing"
    wanted: tuple[int, int] = (1, 1)
    members: Mapping[str, Any] = field(default_factory=dict)

    @property
    def probe(self) -> Probe:
        answers = (*self.points, OTHERWISE)
        return Probe(f"alarm/{self.name}", self.question, answers, answers[0])

    @property
    def settings(self) -> Settings:
        wanted, periods = self.wanted
        return Settings(periods, wanted, Treatment(self.treatment))


def _plain(name: str, feed: str, points: str, treatment: str, wanted: tuple[int, int]) -> AlarmProbe:
    question = f"{wanted[0]} of {wanted[1]}, missing data as {treatment}, on {points}"
    return AlarmProbe(name, question, feed, {AS_MODELLED: points}, treatment, wanted)


def _math(
    name: str, expression: str, points: Mapping[str, str], treatment: str = "notBreaching"
) -> AlarmProbe:
    """m1 has root's datapoint, m2 never has one."""
    question = f"what {expression} is where m2 is missing"
    return AlarmProbe(name, question, "once", points, treatment, members={"expression": expression})


ONCE = "X---------------"
NOTHING = "----------------"
APART = "X--X------------"
BUSY = "00000X0000000000"
ALARMS = (
    _plain("missing", "once", ONCE, "missing", (1, 1)),
    _plain("not-breaching", "once", ONCE, "notBreaching", (1, 1)),
    _plain("ignore", "once", ONCE, "ignore", (1, 1)),
    _plain("breaching", "once", ONCE, "breaching", (1, 1)),
    _plain("premature", "once", ONCE, "missing", (3, 3)),
    _plain("premature-2-of-3", "once", ONCE, "missing", (2, 3)),
    _plain("3-of-3-not-breaching", "once", ONCE, "notBreaching", (3, 3)),
    _plain("1-of-5", "once", ONCE, "notBreaching", (1, 5)),
    _plain("2-of-5-apart", "apart", APART, "missing", (2, 5)),
    _plain("2-of-5-apart-ignore", "apart", APART, "ignore", (2, 5)),
    _plain("default-value", "busy", BUSY, "notBreaching", (1, 1)),
    _plain("default-value-ignore", "busy", BUSY, "ignore", (1, 1)),
    _plain("default-value-2-of-3", "busy", BUSY, "missing", (2, 3)),
    AlarmProbe(
        "unit",
        "whether an alarm with a unit sees a metric that is published without one",
        "once",
        {"no": NOTHING, "yes": ONCE},
        "notBreaching",
        members={"Unit": "Count"},
    ),
    AlarmProbe(
        "percentile",
        "p99 of a single value, evaluated however few there are",
        "once",
        {"the value": ONCE, "missing": NOTHING},
        "notBreaching",
        members={"ExtendedStatistic": "p99", "EvaluateLowSampleCountPercentile": "evaluate"},
    ),
    AlarmProbe(
        "percentile-ignored",
        "whether p99 of a single value is ignored if few samples are to be",
        "once",
        {"yes": NOTHING, "no": ONCE},
        "notBreaching",
        members={"ExtendedStatistic": "p99", "EvaluateLowSampleCountPercentile": "ignore"},
    ),
    _math("math-plus", "m1 + m2", {"as 0": ONCE, "missing": NOTHING}),
    _math("math-sum", "SUM([m1, m2])", {"as 0": ONCE, "missing": NOTHING}),
    _math("math-fill", "m1 + FILL(m2, 0)", {"filled": ONCE, "missing": NOTHING}),
    _math("math-if", "IF(m2 < 1, m1)", {"missing": NOTHING, "as 0": ONCE}),
)


def possible_histories(points: str, settings: Settings) -> frozenset[tuple[StateValue, ...]]:
    """The states that an alarm may go through, one after the other, from INSUFFICIENT_DATA.

    For every evaluation range, and for data that come in time or a minute late.
    """
    found: set[tuple[StateValue, ...]] = set()
    for extra in range(MOST_EXTRA_PERIODS + 1):
        size = settings.evaluation_periods + extra
        for is_late in (False, True) if extra else (False,):
            quiet = (*"-" * size, *points)
            histories: set[tuple[StateValue, ...]] = {(StateValue.INSUFFICIENT_DATA,)}
            for end in range(size, len(quiet) + 1):
                window = [Point(each) for each in quiet[end - size : end]]
                if is_late:
                    window[-1] = Point.MISSING
                histories = {
                    history if state is history[-1] else (*history, state)
                    for history in histories
                    for state in next_states(window, settings, history[-1])
                }
            found |= histories
    return frozenset(found)


def answer_of(alarm: AlarmProbe, history: tuple[StateValue, ...]) -> str:
    """The first answer whose datapoints lead to these states."""
    for answer, points in alarm.points.items():
        if history in possible_histories(points, alarm.settings):
            return answer
    return OTHERWISE


# -- datapoints ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MetricProbe:
    """A filter's members, two events of others or of root in a minute, and the datapoint's sample count."""

    name: str
    question: str
    event: str
    transformation: Mapping[str, Any]
    answers: Mapping[str, int]

    @property
    def probe(self) -> Probe:
        return Probe(f"metric/{self.name}", self.question, tuple(self.answers), next(iter(self.answers)))


METRICS = (
    MetricProbe(
        "default-value",
        "how many default values two events that don't match make in a minute",
        "o",
        {"defaultValue": 0.0},
        {"one for each event": 2, "one for the minute": 1, "none": 0},
    ),
    MetricProbe(
        "absent-dimension",
        "what becomes of a match whose dimension's field is absent",
        "R",
        {"dimensions": {"Nowhere": "$.nowhere"}},
        {"published without it": 2, "dropped": 0},
    ),
    MetricProbe(
        "value-is-no-number",
        "what becomes of a match whose value is no number",
        "R",
        {"metricValue": "$.eventName"},
        {"dropped": 0, "published": 2},
    ),
)
CONTROL = MetricProbe("control", "", "R", {}, {"published": 2})

TOLD = Probe(
    "alarm/told",
    "whether each alarm that rang told its topic, and the topic the queue",
    ("each", "not each"),
    "each",
)
COMPOSITE = Probe(
    "alarm/composite-order",
    "how ALARM(a) OR ALARM(b) AND ALARM(c) is read",
    ("AND binds first", "from left to right"),
    "AND binds first",
)


# -- asking ----------------------------------------------------------------------------------------------


def metrics_and_alarms() -> Iterator[tuple[Probe, Callable[[Sandbox, Sequence[str]], list[Row]]]]:
    """One answer to all of them, as they wait together."""
    for probe in (*(each.probe for each in (*METRICS, *ALARMS)), TOLD):
        yield probe, ask_all


def ask_all(sandbox: Sandbox, wanted: Sequence[str]) -> list[Row]:
    alarms = [each for each in ALARMS if each.probe.name in wanted or TOLD.name in wanted]
    metrics = [each for each in METRICS if each.probe.name in wanted]
    made = datetime.now(UTC)
    topic = _make_topic(sandbox)
    for name, (_, members) in FEEDS.items():
        _make_feed(sandbox, name, members)
    for metric in (*metrics, CONTROL):
        _make_feed(sandbox, metric.name, metric.transformation)
    for alarm in alarms:
        _make_alarm(sandbox, alarm, topic)
    sandbox.wait(3)  # a filter sees what comes after it was made, and an alarm settles
    started = datetime.now(UTC)
    for minute in range(len(ONCE)):
        for name, (feed, _) in FEEDS.items():
            _put(sandbox, name, feed[minute].strip("."))
        if minute == 0:
            for metric in (*metrics, CONTROL):
                _put(sandbox, metric.name, metric.event * 2)
        sandbox.wait(1)
    sandbox.wait(MOST_EXTRA_PERIODS + 3)
    control = _samples(sandbox, CONTROL, started) == CONTROL.answers["published"]
    rows = [_metric_row(sandbox, each, started, control=control) for each in metrics]
    histories = {each: _history(sandbox, each, made) for each in alarms} if control else {}
    rows += [
        Row(each.probe, answer_of(each, histories[each]), _shown(histories[each]))
        if control
        else Row(each.probe, None, NO_DATAPOINT)
        for each in alarms
        if each.probe.name in wanted
    ]
    return rows + ([_told_row(sandbox, histories)] if TOLD.name in wanted else [])


def _told_row(sandbox: Sandbox, histories: Mapping[AlarmProbe, tuple[StateValue, ...]]) -> Row:
    rang = {sandbox.named(each.name) for each, states in histories.items() if StateValue.ALARM in states}
    if not rang:
        return Row(TOLD, None, NO_DATAPOINT)
    of_alarms = sandbox.arn("sns", sandbox.named(TOPIC))
    messages = [each["Message"] for each in sandbox.messages(1) if each["TopicArn"] == of_alarms]
    told = {json.loads(each)["AlarmName"] for each in messages}
    silent = sorted(rang - told)
    return Row(TOLD, "not each" if silent else "each", f"silent: {', '.join(silent)}" if silent else "")


def _metric_row(sandbox: Sandbox, metric: MetricProbe, started: datetime, *, control: bool) -> Row:
    if not control:
        return Row(metric.probe, None, NO_DATAPOINT)
    samples = _samples(sandbox, metric, started)
    seen = next((answer for answer, count in metric.answers.items() if count == samples), None)
    return Row(metric.probe, seen or f"{samples} samples")


def _shown(history: tuple[StateValue, ...]) -> str:
    return " -> ".join(each.value for each in history)


def _make_topic(sandbox: Sandbox) -> str:
    sandbox.make_queue()
    sns = sandbox.client("sns")
    arn: str = sns.create_topic(Name=sandbox.named(TOPIC))["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=sandbox.queue_arn)
    return arn


def _make_feed(sandbox: Sandbox, name: str, members: Mapping[str, Any]) -> None:
    logs, group = sandbox.client("logs"), sandbox.named(name)
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="events")
    transformation = {"metricName": group, "metricNamespace": NAMESPACE, "metricValue": "1", **members}
    logs.put_metric_filter(
        logGroupName=group,
        filterName=group,
        filterPattern=ROOT_FILTER_PATTERN,
        metricTransformations=[transformation],
    )


def _make_alarm(sandbox: Sandbox, alarm: AlarmProbe, topic: str) -> None:
    feed = {"Namespace": NAMESPACE, "MetricName": sandbox.named(alarm.feed)}
    members = dict(alarm.members)
    if expression := members.pop("expression", None):
        never = {**feed, "MetricName": sandbox.named("never")}
        reads: dict[str, Any] = {
            "Metrics": [
                {"Id": "e1", "Expression": expression, "ReturnData": True},
                *(
                    {
                        "Id": each,
                        "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"},
                        "ReturnData": False,
                    }
                    for each, of in (("m1", feed), ("m2", never))
                ),
            ]
        }
    else:
        statistic = {} if "ExtendedStatistic" in members else {"Statistic": "Sum"}
        reads = {**feed, "Period": 60, **statistic, **members}
    sandbox.client("cloudwatch").put_metric_alarm(
        AlarmName=sandbox.named(alarm.name),
        DatapointsToAlarm=alarm.wanted[0],
        EvaluationPeriods=alarm.wanted[1],
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData=alarm.treatment,
        AlarmActions=[topic],
        **reads,
    )


def _put(sandbox: Sandbox, name: str, events: str) -> None:
    """R is a root event of that account, o the same of a user."""
    root = root_events(sandbox.account_id)[EventKind.API_CALL]
    others = {**root, "userIdentity": {**root["userIdentity"], "type": "IAMUser"}}
    now = int(time.time() * 1000)
    if events:
        sandbox.client("logs").put_log_events(
            logGroupName=sandbox.named(name),
            logStreamName="events",
            logEvents=[
                {"timestamp": now, "message": json.dumps(root if each == "R" else others)} for each in events
            ],
        )


def _samples(sandbox: Sandbox, metric: MetricProbe, started: datetime) -> int:
    answer = sandbox.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=sandbox.named(metric.name),
        StartTime=started - timedelta(minutes=1),
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["SampleCount"],
    )
    return int(sum(each["SampleCount"] for each in answer["Datapoints"]))


def _history(sandbox: Sandbox, alarm: AlarmProbe, made: datetime) -> tuple[StateValue, ...]:
    """An earlier alarm of that name has its history for days after it was deleted."""
    pages = (
        sandbox.client("cloudwatch")
        .get_paginator("describe_alarm_history")
        .paginate(
            AlarmName=sandbox.named(alarm.name),
            HistoryItemType="StateUpdate",
            StartDate=made,
            ScanBy="TimestampAscending",
        )
    )
    items = [each for page in pages for each in page["AlarmHistoryItems"]]
    states = [StateValue(each["HistorySummary"].split()[-1]) for each in items]  # ... from OK to ALARM
    return tuple(each for each, _ in groupby([StateValue.INSUFFICIENT_DATA, *states]))


def ask_composite(sandbox: Sandbox) -> list[Row]:
    """Which needs no datapoint: a, b and c are set by hand, to ALARM, OK and OK."""
    cloudwatch = sandbox.client("cloudwatch")
    own = replace(sandbox, prefix=f"{sandbox.prefix}composite-")
    names = [own.named(each) for each in "abc"]
    for name, state in zip(names, ("ALARM", "OK", "OK"), strict=True):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace=NAMESPACE,
            MetricName=own.named("never"),
            Statistic="Sum",
            Period=86_400,
            EvaluationPeriods=1,
            Threshold=1.0,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="ignore",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="live test")
    a, b, c = (f'ALARM("{name}")' for name in names)
    name = own.named("whole")
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=f"{a} OR {b} AND {c}")
    sandbox.wait(2)
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    match alarm["StateValue"]:
        case "ALARM":
            return [Row(COMPOSITE, "AND binds first")]
        case "OK":
            return [Row(COMPOSITE, "from left to right")]
        case state:
            return [Row(COMPOSITE, None, f"the composite alarm is in {state}")]
