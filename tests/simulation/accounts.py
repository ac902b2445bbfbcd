"""Random accounts: a working one, with a few things chosen otherwise; and what AWS would show of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

from root_usage.aws.arn import Arn
from root_usage.aws.asking import Evidence, Question, Unanswered, Unreadable
from root_usage.aws.cloudwatch import (
    ActionHistoryOf,
    Alarms,
    AlarmsForMetric,
    AlarmState,
    CompositeAlarm,
    EveryAlarm,
    Metric,
    MetricAlarm,
    MetricQuery,
    MuteRulesOf,
    StateHistoryOf,
)
from root_usage.aws.logs import FiltersOfMetric, FiltersOfPlace, LogGroupNamed, MetricFilter, PlacedFilter
from root_usage.aws.observability import Pipelines
from root_usage.aws.sns import AttributesOfSubscription, SubscriptionsOf, TopicAt
from root_usage.chain.walk import decide
from root_usage.parameters import Parameters
from root_usage.verdict.outcome import Verdict
from root_usage.work import Work, working

from tests.builders import (
    ACCOUNT,
    ALARM,
    CIS_PATTERN,
    FILTER,
    FILTERS_OF_GROUP,
    LOG_GROUP_NAMED,
    NOW,
    PLACE,
    REGION,
    SELECTORS_OF_TRAIL,
    STATUS_OF_TRAIL,
    TRAILS,
    WORKING,
)
from tests.simulation.alarms import Rule
from tests.simulation.days import DAY
from tests.simulation.delivery import TopicSetup, random_topic
from tests.simulation.metrics import FORMULAS

_NAMESPACE = FILTER.metric_namespace
_SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'
_ALL_BUT_SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName != "ConsoleLogin" }'
_ROOT_PATTERNS = (CIS_PATTERN, CIS_PATTERN, '{ $.userIdentity.type = "Root" }', _SIGN_INS, _ALL_BUT_SIGN_INS)
_OTHER_PATTERNS = (
    '{ $.eventName = "ConsoleLogin" }',
    '{ $.errorCode = "AccessDenied" }',
    '{ $.eventSource = "iam.amazonaws.com" && $.readOnly IS FALSE }',
    '{ $.eventSource = "ec2.amazonaws.com" }',
    "",
    *_ROOT_PATTERNS,
)


@dataclass(frozen=True, slots=True)
class Account:
    """`rules` holds both readings of each composite's rule: AND before OR, and from left to right."""

    filters: tuple[MetricFilter, ...]
    metric_alarms: tuple[MetricAlarm, ...]
    composites: tuple[CompositeAlarm, ...]
    rules: Mapping[str, tuple[Rule, Rule]]
    topics: Mapping[str, TopicSetup]


Choice = TypeVar("Choice")


class Dice(Random):
    """Some accounts are odd in one place, others all over."""

    oddness = 1.0

    def mostly(self, usual: Choice, *others: Choice, otherwise: float = 0.25) -> Choice:
        return self.choice(others) if self.random() < otherwise * self.oddness else usual


def random_account(random: Dice) -> Account:
    random.oddness = random.choice((0.15, 0.3, 0.6, 1.0))
    topics = {each.topic.arn: each for each in (random_topic(random, name) for name in ("security", "other"))}
    filters = _filters(random)
    alarms = [_alarm(random, number, filters, topics) for number in range(random.choice((1, 1, 2, 3)))]
    if random.random() < 0.3:
        cpu = Metric("AWS/EC2", "CPUUtilization", frozenset({("InstanceId", "i-0123456789abcdef0")}))
        alarms.append(_named(replace(ALARM, metric=cpu, statistic="Average", threshold=90.0), "cpu"))
    composites, rules = _composites(random, alarms, topics)
    return Account(filters, tuple(alarms), tuple(composites), rules, topics)


def _filters(random: Dice) -> tuple[MetricFilter, ...]:
    filters = [_filter(random, 0, "Root", random.choice(_ROOT_PATTERNS))]
    if filters[0].pattern in (_SIGN_INS, _ALL_BUT_SIGN_INS):  # more often than not with the other half
        rest = _ALL_BUT_SIGN_INS if filters[0].pattern == _SIGN_INS else _SIGN_INS
        filters.append(_filter(random, 1, random.choice(("Root", "Rest")), rest))
    for number in range(2, 2 + random.choice((0, 0, 1, 2))):
        name = random.choice(("Root", "Rest", "Other", "Other"))
        filters.append(_filter(random, number, name, random.choice(_OTHER_PATTERNS)))
    return tuple(filters)


def _filter(random: Dice, number: int, metric_name: str, pattern: str) -> MetricFilter:
    no_dimension: tuple[tuple[str, str], ...] = ()
    dimension = random.mostly(
        no_dimension,
        (("Account", "$.recipientAccountId"),),
        (("Name", "$.eventName"),),
        (("Error", "$.errorCode"),),
        otherwise=0.1 if pattern else 0.0,
    )
    default = None if dimension else random.mostly(random.choice((None, 0.0)), 1.0, -1.0)
    return replace(
        FILTER,
        name=f"filter-{number}",
        pattern=pattern,
        metric_name=metric_name,
        metric_value=random.mostly("1", "2", "0.5", "0", "-1"),
        default_value=default,
        dimensions=dimension,
        unit=random.mostly("None", "Count", otherwise=0.1),
    )


# -- alarms --------------------------------------------------------------------------------------------


def _named(alarm: MetricAlarm, name: str) -> MetricAlarm:
    return replace(alarm, name=name, arn=Arn("aws", "cloudwatch", REGION, ACCOUNT, f"alarm:{name}"))


def _metric(random: Dice, filters: tuple[MetricFilter, ...]) -> Metric:
    of = random.choice(filters[:2]) if random.random() < 0.8 else random.choice(filters)
    values = {"$.recipientAccountId": ACCOUNT, "$.eventName": "ConsoleLogin", "$.errorCode": "AccessDenied"}
    dimensions = frozenset((name, values[selector]) for name, selector in of.dimensions)
    return Metric(_NAMESPACE, of.metric_name, random.mostly(dimensions, frozenset(), otherwise=0.1))


def _actions(random: Dice, topics: Mapping[str, TopicSetup]) -> tuple[str, ...]:
    first, second = topics
    return random.mostly((first,), (second,), (first, second), (), (f"{first}-missing",))


def _alarm(
    random: Dice, number: int, filters: tuple[MetricFilter, ...], topics: Mapping[str, TopicSetup]
) -> MetricAlarm:
    periods, wanted, minutes = _settings(random)
    statistics = ("Average", "Minimum", "Maximum", "Maximum", "SampleCount", "p90", "p100", "p10")
    alarm = replace(
        ALARM,
        actions_enabled=random.random() > 0.05,
        alarm_actions=_actions(random, topics),
        state=AlarmState(random.choice(("OK", "INSUFFICIENT_DATA")), "", _LONG_AGO, _LONG_AGO),
        metric=_metric(random, filters),
        statistic=random.mostly("Sum", *statistics, otherwise=0.4),
        period=minutes * 60,
        unit=random.mostly(None, "None", "Count", otherwise=0.15),
        evaluation_periods=periods,
        datapoints_to_alarm=wanted,
        threshold=random.mostly(1.0, 0.0, 0.5, 2.0, -0.5),
        comparison_operator=random.mostly("GreaterThanOrEqualToThreshold", *_COMPARISONS),
        treat_missing_data=random.mostly(random.choice(("notBreaching", "missing")), "ignore", "breaching"),
        evaluate_low_sample_count_percentile=random.choice((None, "evaluate", "ignore")),
        wall_clock_timezone="UTC" if minutes in (1, 5, 60, DAY) and random.random() < 0.1 else None,
    )
    if random.random() < 0.3:
        alarm = _with_math(random, alarm, filters)
    return _named(alarm, f"alarm-{number}")


_LONG_AGO = NOW.replace(year=NOW.year - 1)
_COMPARISONS = ("GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold")


def _settings(random: Dice) -> tuple[int, int | None, int]:
    """N, M and the period's minutes; now and then just below what CloudWatch looks at for a day."""
    if random.random() < 0.1:
        return random.choice(((1434, 1, 1), (1430, 1, 1), (282, 1, 5), (18, 1, 60), (1, 1, DAY), (287, 1, 5)))
    periods = random.mostly(1, 2, 3, 5, 12, otherwise=0.45)
    return periods, random.mostly(1, None, min(2, periods)), random.choice((1, 1, 5, 5, 15, 60))


def _with_math(random: Dice, alarm: MetricAlarm, filters: tuple[MetricFilter, ...]) -> MetricAlarm:
    expression = random.choice(sorted(FORMULAS))
    count = 2 if "m2" in expression or "METRICS" in expression else 1
    metrics = [alarm.metric, _metric(random, filters)][:count]
    queries = [
        MetricQuery(f"m{number}", each, alarm.period, alarm.statistic, alarm.unit, None, False, None)
        for number, each in enumerate(metrics, 1)
    ]
    queries.append(MetricQuery("e1", None, None, None, None, expression, True, None))
    return replace(alarm, metric=None, statistic=None, period=None, unit=None, queries=tuple(queries))


# -- composite alarms ----------------------------------------------------------------------------------


def _composites(
    random: Dice, alarms: list[MetricAlarm], topics: Mapping[str, TopicSetup]
) -> tuple[list[CompositeAlarm], dict[str, tuple[Rule, Rule]]]:
    names = [each.name for each in alarms]
    composites, rules = [], {}
    for number in range(random.choice((0, 0, 1, 2))):
        name = f"composite-{number}"
        text, *readings = _rules(random, names)
        rules[name] = (readings[0], readings[1])
        suppressor = random.choice((random.choice(names), alarms[-1].name)) if random.random() < 0.3 else None
        composites.append(
            CompositeAlarm(
                name=name,
                arn=Arn("aws", "cloudwatch", REGION, ACCOUNT, f"alarm:{name}"),
                rule=text,
                actions_enabled=random.random() > 0.05,
                alarm_actions=_actions(random, topics),
                state=AlarmState("OK", "", _LONG_AGO, _LONG_AGO),
                actions_suppressor=suppressor,
                actions_suppressed_by=None,
                actions_suppressor_wait_seconds=random.choice((0, 60, 200, 299, 600)) if suppressor else 0,
            )
        )
        names.append(name)
    if composites and random.random() < 0.7:  # the alarms below leave it to them
        alarms[:] = [replace(each, alarm_actions=()) for each in alarms]
    return composites, rules


def _rules(random: Dice, names: list[str]) -> tuple[str, Rule, Rule]:
    """A rule's text and its two readings."""
    if random.random() < 0.1:  # without parentheses: the two differ
        a, b, c = (_literal(random, names) for _ in range(3))
        return (
            f"{a} OR {b} AND {c}",
            Rule("OR", parts=(a, Rule("AND", parts=(b, c)))),
            Rule("AND", parts=(Rule("OR", parts=(a, b)), c)),
        )
    rule = _rule(random, names, 0)
    return str(rule), rule, rule


def _literal(random: Dice, names: list[str]) -> Rule:
    literal = Rule(random.mostly("ALARM", "OK", "INSUFFICIENT_DATA"), random.choice(names))
    return random.mostly(literal, Rule("NOT", parts=(literal,)), otherwise=0.2)


def _rule(random: Dice, names: list[str], depth: int) -> Rule:
    if depth == 2 or random.random() < 0.4:
        return _literal(random, names)
    parts = tuple(_rule(random, names, depth + 1) for _ in range(random.choice((2, 2, 3))))
    joined = Rule(random.choice(("OR", "OR", "AND")), parts=parts)
    return random.mostly(joined, Rule("NOT", parts=(joined,)), otherwise=0.1)


# -- what AWS shows ------------------------------------------------------------------------------------


_LOG_GROUPS = (LOG_GROUP_NAMED, LogGroupNamed(PLACE, "trail-logs"))
_TRAIL_AND_GROUP: dict[Question[Any], Any] = {
    each: WORKING[each] for each in (TRAILS, STATUS_OF_TRAIL, SELECTORS_OF_TRAIL, *_LOG_GROUPS)
}


def verdict_on(account: Account) -> Verdict:
    """The rule's own walk over what AWS would answer."""
    known = Evidence(ACCOUNT, REGION, NOW, {**_TRAIL_AND_GROUP, FILTERS_OF_GROUP: account.filters})
    work = Work()
    while True:
        try:
            with working(work):
                return decide(known, Parameters())
        except Unanswered as need:
            known = known.with_answers({each: _answer(account, each) for each in need.questions})


def _answer(account: Account, question: Question[Any]) -> Any:
    match question:
        case AlarmsForMetric(_, namespace, name, dimensions):
            metric = Metric(namespace, name, dimensions)
            return tuple(each for each in account.metric_alarms if each.metric == metric)
        case FiltersOfMetric(_, _, name):
            named = (each for each in account.filters if each.metric_name == name)
            return tuple(PlacedFilter("trail-logs", each) for each in named)
        case FiltersOfPlace():
            return ()
        case EveryAlarm():
            return Alarms(account.metric_alarms, account.composites, ())
        case StateHistoryOf():
            # What an alarm's record is worth is no question of its model: without one nothing is proven.
            return Unreadable("cloudwatch:DescribeAlarmHistory", "AccessDenied")
        case MuteRulesOf() | ActionHistoryOf() | Pipelines():
            return ()
        case TopicAt(_, arn):
            return account.topics[str(arn)].topic if str(arn) in account.topics else None
        case SubscriptionsOf(_, arn):
            setup = account.topics.get(str(arn))
            return tuple(each for each, _ in setup.subscriptions) if setup else None
        case AttributesOfSubscription(_, arn):
            found = (pair for setup in account.topics.values() for pair in setup.subscriptions)
            return next(attributes for each, attributes in found if each.arn == arn)
        case _:
            raise AssertionError(question)
