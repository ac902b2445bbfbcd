"""What an evaluation may spend: inputs that whoever may add a filter, an alarm or a topic can make long.

Counted in the steps of its work, not in seconds; `make bench` shows those.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from root_usage.aws.arn import Arn
from root_usage.aws.asking import Evidence, Question, Unanswered
from root_usage.aws.cloudwatch import Alarms, CompositeAlarm, MetricAlarm, MuteRulesOf
from root_usage.aws.logs import FiltersOfMetric, MetricFilter
from root_usage.aws.sns import AttributesOfSubscription, SubscriptionsOf, TopicAt
from root_usage.chain.walk import decide
from root_usage.coverage import Undecided, Watch, drowned_by
from root_usage.coverage.budget import MAX_STEPS_OF_NOISE
from root_usage.parameters import Parameters
from root_usage.verdict.findings import Code
from root_usage.verdict.outcome import NotTold, Told, Verdict
from root_usage.work import Work, working

from tests.builders import (
    ACCOUNT,
    ALARM,
    ALARMS_FOR_METRIC,
    EVERY_ALARM,
    FILTER,
    FILTERS_OF_GROUP,
    NOW,
    REGION,
    SUBSCRIPTION,
    SUBSCRIPTION_ATTRIBUTES,
    TOPIC,
    TOPIC_ARN,
    WORKING,
)

LONG_REGEX = "%" + "a[bc]d" * 166 + "%"
LONG_COUNTS = "%" + ".{999}" * 140 + "9%"
NINES = "%." + "9" * 990 + "%"
# Each everyday event takes a look at all of its fields, under each reading of `!=` with a wildcard.
WILDCARDS = '{ $.*!="a*ga*" && $.*!="b*ga*" && $.*!="c*1*" && $.userIdentity.type="Root" && $.a%d!=1 }'
BY_REGION_AND_ACCOUNT = (
    "{"
    + "||".join(
        f'($.*!="{letter}*ga*" && $.recipientAccountId="11111111111{n}" && $.eventName=x*y)'
        for n, letter in enumerate("abc")
    )
    + "".join(f"||$.recipientAccountId=2222222222{n}" for n in range(20, 40))
    + "}"
)

# What an ordinary account takes in all.
ORDINARY = 2_000


def judged(changes: Mapping[Any, Any], **limits: Any) -> tuple[Verdict, Work]:
    """The verdict as `examine` gets it, round by round, and the work that it took."""
    answers = {**WORKING, **changes}
    known, work = Evidence(ACCOUNT, REGION, NOW), Work(**limits)
    with working(work):
        while True:
            try:
                return decide(known, Parameters()), work
            except Unanswered as need:
                known = known.with_answers({each: answers[each] for each in need.questions})


def others(*patterns: str) -> tuple[MetricFilter, ...]:
    return tuple(
        replace(FILTER, name=f"a-{n}", metric_name=f"Other{n}", pattern=pattern)
        for n, pattern in enumerate(patterns)
    )


MANY: Mapping[str, tuple[MetricFilter, ...]] = {
    "regexes": others(*[LONG_REGEX] * 5),
    "counts": others(*[LONG_COUNTS] * 5),
    "nines": others(*[NINES] * 5),
    "wildcards": others(*(WILDCARDS % n + " " * 200 for n in range(60))),
    "accounts": others(*[BY_REGION_AND_ACCOUNT] * 60),
}


@pytest.mark.parametrize("filters", MANY.values(), ids=MANY)
def test_filters_that_take_long_cost_a_whole_chain_nothing(filters: tuple[MetricFilter, ...]) -> None:
    _, alone = judged({})

    verdict, beside = judged({FILTERS_OF_GROUP: (*filters, FILTER)})

    assert isinstance(verdict, Told)
    assert beside.steps == alone.steps < ORDINARY


@pytest.mark.parametrize("filters", [MANY["regexes"], MANY["counts"], MANY["nines"]])
def test_filters_that_take_long_are_decided_where_the_chain_is_broken(
    filters: tuple[MetricFilter, ...],
) -> None:
    silent = replace(ALARM, actions_enabled=False)
    broken: dict[Any, Any] = {ALARMS_FOR_METRIC: (silent,), EVERY_ALARM: Alarms((silent,), (), ())}
    theirs: dict[Any, Any] = {
        key: ()
        for each in filters
        for key in (
            FiltersOfMetric(ALARM.place, each.metric_namespace, each.metric_name),
            replace(ALARMS_FOR_METRIC, namespace=each.metric_namespace, name=each.metric_name),
        )
    }

    verdict, work = judged({FILTERS_OF_GROUP: (*filters, FILTER), **broken, **theirs})

    assert isinstance(verdict, NotTold)
    assert verdict.findings[0].code is Code.ALARM_ACTIONS_DISABLED
    assert work.steps < 500_000


def test_short_filters_ahead_cost_what_their_coverage_costs_and_no_more() -> None:
    """Which everyday events they catch is nobody's question where the chain doesn't hear them."""
    short = others(*(WILDCARDS % n for n in range(60)))

    verdict, work = judged({FILTERS_OF_GROUP: (*short, FILTER)})

    assert isinstance(verdict, Told)
    assert work.steps < 600_000


def test_work_ends_at_its_cap_and_names_what_took_most() -> None:
    silent = replace(ALARM, actions_enabled=False)
    costly = tuple(
        replace(each, metric_name=FILTER.metric_name) for each in others(WILDCARDS % 1, WILDCARDS % 2)
    )
    changes = {
        FILTERS_OF_GROUP: (FILTER, *costly),
        ALARMS_FOR_METRIC: (silent,),
        EVERY_ALARM: Alarms((silent,), (), ()),
    }

    verdict, work = judged(changes, most=100_000)

    assert isinstance(verdict, NotTold)
    assert verdict.findings[0].code is Code.NOT_DECIDED_IN_TIME
    assert verdict.findings[0].resource == "metric filter `a-0`"
    assert work.steps < 101_000


def test_end_of_time_in_the_middle_of_a_judgement_names_it() -> None:
    silent = replace(ALARM, actions_enabled=False)
    changes = {
        FILTERS_OF_GROUP: (FILTER, replace(FILTER, name="long", metric_name="Other", pattern=WILDCARDS % 1)),
        ALARMS_FOR_METRIC: (silent,),
        EVERY_ALARM: Alarms((silent,), (), ()),
    }
    seconds = itertools.count()

    verdict, work = judged(changes, end=60, clock=lambda: next(seconds))

    assert isinstance(verdict, NotTold)
    assert [each.code for each in verdict.findings] == [
        Code.NOT_DECIDED_IN_TIME,
        Code.ALARM_ACTIONS_DISABLED,
    ]
    assert verdict.findings[0].message == (
        "could not be decided in time whether root use is told: metric filter `long` took most of the "
        "function's time"
    )
    assert work.steps < 200_000


def test_work_of_the_same_account_is_the_same() -> None:
    changes: dict[Any, Any] = {FILTERS_OF_GROUP: (*MANY["regexes"], *MANY["nines"], FILTER)}

    assert judged(changes)[1].steps == judged(changes)[1].steps > 0


@pytest.mark.parametrize("pattern", [LONG_REGEX, LONG_COUNTS, NINES])
def test_text_of_everyday_events_is_searched_in_bounds(pattern: str) -> None:
    with working(Work()) as work:
        drowned_by(Watch(pattern, "long", ALARM.place), ACCOUNT)

    assert work.steps < MAX_STEPS_OF_NOISE / 2


def test_everyday_events_that_take_too_much_are_undecided() -> None:
    with working(Work()) as work:
        noise = drowned_by(Watch(BY_REGION_AND_ACCOUNT, "long", ALARM.place), ACCOUNT)

    assert noise == Undecided("it takes more than 200,000 steps of work")
    assert work.steps < MAX_STEPS_OF_NOISE + 1_000


# -- topics


def with_statements(count: int) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "*" + "a" * 200 + "?b",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement] * count})


def twenty_alarms_with_five_topics_each(policy: str) -> dict[Question[Any], Any]:
    topics = [replace(TOPIC_ARN, resource=f"topic-{n}") for n in range(100)]
    alarms = tuple(
        replace(
            ALARM,
            name=f"alarm-{n}",
            arn=replace(ALARM.arn, resource=f"alarm:alarm-{n}"),
            alarm_actions=tuple(map(str, topics[5 * n : 5 * n + 5])),
        )
        for n in range(20)
    )
    answers: dict[Question[Any], Any] = {
        ALARMS_FOR_METRIC: alarms,
        EVERY_ALARM: Alarms(alarms, (), ()),
        **{MuteRulesOf(each.place, each.name): () for each in alarms},
    }
    for topic in topics:
        answers[TopicAt(ALARM.place, topic)] = replace(TOPIC, arn=str(topic), policy=policy)
        answers[SubscriptionsOf(ALARM.place, topic)] = (SUBSCRIPTION,)
    return {**answers, AttributesOfSubscription(ALARM.place, SUBSCRIPTION.arn): SUBSCRIPTION_ATTRIBUTES}


def test_policy_is_judged_once_in_all_rounds() -> None:
    policy = with_statements(100)  # about 30 kB

    verdict, work = judged(twenty_alarms_with_five_topics_each(policy))

    assert isinstance(verdict, NotTold)
    assert {each.code for each in verdict.findings} == {Code.TOPIC_POLICY_DENIES}
    assert 28_000 < len(policy) < 32_000
    # A step for each sixteen characters of each topic's policy, and what the rest of the chain takes.
    assert 0 <= work.steps - 100 * (len(policy) // 16) < ORDINARY


# -- alarms


@pytest.mark.parametrize("periods", [10_081, 10**9])
def test_more_periods_than_aws_documents_are_not_tried(periods: int) -> None:
    alarm = replace(ALARM, evaluation_periods=periods, datapoints_to_alarm=1, period=60)

    verdict, work = judged({ALARMS_FOR_METRIC: (alarm,), EVERY_ALARM: Alarms((alarm,), (), ())})

    assert isinstance(verdict, NotTold)
    assert verdict.findings[0].code is Code.ALARM_NOT_PROVEN
    assert work.steps < ORDINARY


def test_windows_of_as_many_periods_as_aws_allows_are_judged_once() -> None:
    alarms = tuple(
        replace(ALARM, name=f"a{n}", evaluation_periods=10_080, datapoints_to_alarm=1, period=60)
        for n in range(20)
    )

    verdict, work = judged({ALARMS_FOR_METRIC: alarms, EVERY_ALARM: Alarms(alarms, (), ())})

    assert isinstance(verdict, NotTold)
    assert {each.code for each in verdict.findings} == {Code.ALARM_LATCHES}
    assert work.steps < 20_000


def composite(rule: str) -> CompositeAlarm:
    return CompositeAlarm(
        name="page",
        arn=Arn("aws", "cloudwatch", REGION, ACCOUNT, "alarm:page"),
        rule=rule,
        actions_enabled=True,
        alarm_actions=(str(TOPIC_ARN),),
        state=ALARM.state,
        actions_suppressor=None,
        actions_suppressed_by=None,
    )


def with_composite(children: int) -> dict[Question[Any], Any]:
    silent = replace(ALARM, alarm_actions=())
    unrelated: list[MetricAlarm] = [
        replace(ALARM, name=f"c{n}", arn=replace(ALARM.arn, resource=f"alarm:c{n}")) for n in range(children)
    ]
    unrelated = [
        replace(each, metric=replace(ALARM.metric, namespace="AWS/EC2")) for each in unrelated if ALARM.metric
    ]
    page = composite(" AND ".join(["ALARM(root-usage)", *(f"NOT ALARM({each.name})" for each in unrelated)]))
    return {
        ALARMS_FOR_METRIC: (silent,),
        EVERY_ALARM: Alarms((silent, *unrelated), (page,), ()),
        MuteRulesOf(ALARM.place, "page"): (),
    }


def test_composite_of_as_many_alarms_as_aws_allows_is_decided() -> None:
    verdict, work = judged(with_composite(99))

    assert isinstance(verdict, Told)
    assert work.steps < 100_000


def test_composite_that_takes_too_much_is_undecided_and_says_so() -> None:
    verdict, _ = judged(with_composite(450))

    assert isinstance(verdict, NotTold)
    of_page = next(each for each in verdict.findings if each.resource == "page")
    assert of_page.code is Code.COMPOSITE_NOT_PROVEN
    assert of_page.message == (
        "composite alarm `page`: it takes more than 250,000 steps of work to decide its rule, "
        "so nothing is proven"
    )
