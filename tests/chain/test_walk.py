"""The walk: which link it names, what it asks, how partial chains join.

The numbers are those of the scenarios in RootUsageAlarmRule.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from root_usage.aws.arn import Arn, Place
from root_usage.aws.asking import Evidence, NotOffered, Question, Unanswered, Unreadable
from root_usage.aws.cloudtrail import EventSelectors, EventSelectorsOfTrail, StatusOfTrail
from root_usage.aws.cloudwatch import (
    Alarms,
    AlarmsForMetric,
    AlarmState,
    CompositeAlarm,
    LogAlarm,
    Metric,
    MetricQuery,
    MuteRulesOf,
    StateHistory,
    StateHistoryOf,
)
from root_usage.aws.logs import FiltersOfMetric, HasTransformer, LogGroup, PlacedFilter
from root_usage.aws.sns import SubscriptionsOf, TopicAt
from root_usage.chain.walk import decide
from root_usage.parameters import Parameters, parse_parameters
from root_usage.verdict.findings import Code, Link
from root_usage.verdict.outcome import NotTold, ReportedElsewhere, Station, Told, Verdict

from tests.builders import (
    ACCOUNT,
    ALARM,
    ALARMS_FOR_METRIC,
    ATTRIBUTES,
    CHANNELS,
    CIS_PATTERN,
    EVERY_ALARM,
    FILTER,
    FILTERS_OF_GROUP,
    FILTERS_OF_METRIC,
    FILTERS_OF_PLACE,
    HISTORY,
    LOG_GROUP_ID,
    LOG_GROUP_NAMED,
    MUTE_RULES,
    NOW,
    OTHER_ACCOUNT,
    PIPELINES,
    PLACE,
    REGION,
    SELECTORS_OF_TRAIL,
    STATUS,
    STATUS_OF_TRAIL,
    SUBSCRIPTIONS,
    TOPIC,
    TOPIC_ARN,
    TOPIC_AT,
    TRAIL,
    TRAILS,
    WORKING,
    evidence,
)

SIGN_INS = '{ $.userIdentity.type = "Root" && $.eventName = "ConsoleLogin" }'
ALL_ROOT = '{ $.userIdentity.type = "Root" }'
ALL_BUT_SIGN_INS = CIS_PATTERN.replace(" }", ' && $.eventName != "ConsoleLogin" }')


def verdict_with(changes: Mapping[Any, Any] | None = None, parameters: Parameters | None = None) -> Verdict:
    return decide(evidence(changes), parameters or Parameters())


def codes(verdict: Verdict) -> list[Code]:
    assert isinstance(verdict, NotTold)
    return [finding.code for finding in verdict.findings]


def lead(verdict: Verdict) -> tuple[str, str]:
    assert isinstance(verdict, NotTold)
    return verdict.findings[0].message, verdict.findings[0].remedy


def test_1_whole_chain_is_told_and_names_every_link() -> None:
    verdict = verdict_with()

    assert isinstance(verdict, Told)
    (chain,) = verdict.chains
    assert chain.steps == (
        Station(Link.TRAIL, "management"),
        Station(Link.LOG_GROUP, "trail-logs"),
        Station(Link.METRIC_FILTER, "root-usage-filter"),
        Station(Link.ALARM, "root-usage"),
        Station(Link.ACTION, "security"),
        Station(Link.SUBSCRIBER, "1"),
    )
    assert chain.protocols == ("email",)


def asked(changes: Mapping[Any, Any] | None = None) -> list[tuple[Question[Any], ...]]:
    """The rounds of questions that the walk asks, given what there is to answer."""
    answers = {**WORKING, **(changes or {})}
    known = Evidence(TRAIL.arn.account_id, REGION, evidence().now)
    rounds: list[tuple[Question[Any], ...]] = []
    while True:
        try:
            decide(known, Parameters())
        except Unanswered as need:
            rounds.append(need.questions)
            known = known.with_answers({each: answers[each] for each in need.questions})
        else:
            return rounds


def test_1_plain_case_asks_only_along_the_chain_and_side_by_side() -> None:
    assert asked() == [
        (TRAILS,),
        (STATUS_OF_TRAIL, SELECTORS_OF_TRAIL),
        (FILTERS_OF_GROUP,),
        (LOG_GROUP_NAMED,),
        (ALARMS_FOR_METRIC, FILTERS_OF_METRIC),
        (MUTE_RULES,),
        (TOPIC_AT, SUBSCRIPTIONS),
        (ATTRIBUTES,),
        (PIPELINES,),
    ]


def test_1_unrelated_filters_cost_nothing() -> None:
    unrelated = tuple(
        replace(FILTER, name=f"other-{n}", metric_name=f"Other{n}", pattern=f'{{ $.eventSource = "s{n}" }}')
        for n in range(99)
    )

    assert asked({FILTERS_OF_GROUP: (*unrelated, FILTER)}) == asked()


def test_1_history_is_asked_of_an_alarm_that_changed_its_state_lately() -> None:
    moved = replace(ALARM.state, transitioned=evidence().now)

    assert asked({ALARMS_FOR_METRIC: (replace(ALARM, state=moved),)})[-2] == (HISTORY,)


def test_1_second_alarm_makes_up_for_a_broken_one() -> None:
    broken = replace(ALARM, name="a-broken-one", threshold=5.0)

    assert isinstance(verdict_with({ALARMS_FOR_METRIC: (broken, ALARM)}), Told)


def many_alarms(count: int, **changes: Any) -> dict[Any, Any]:
    """So many alarms on the filter's metric, none of them muted."""
    alarms = tuple(replace(ALARM, name=f"alarm-{n}", **changes) for n in range(count))
    every = {EVERY_ALARM: Alarms(alarms, (), ())}
    return {ALARMS_FOR_METRIC: alarms, **every, **{MuteRulesOf(PLACE, each.name): () for each in alarms}}


def mute_rules_of(*numbers: int) -> tuple[Question[Any], ...]:
    return tuple(MuteRulesOf(PLACE, f"alarm-{n}") for n in numbers)


def test_3_alarms_that_all_tell_nobody_are_asked_for_side_by_side() -> None:
    """A round for each of them would judge all those before it once more."""
    rounds = asked({**many_alarms(12), SUBSCRIPTIONS: ()})

    assert rounds[5:] == [
        mute_rules_of(0),
        (TOPIC_AT, SUBSCRIPTIONS),
        mute_rules_of(1, 2),
        mute_rules_of(3, 4, 5, 6),
        mute_rules_of(7, 8, 9, 10, 11),
        (EVERY_ALARM,),
    ]


def test_1_first_alarm_that_tells_somebody_ends_the_questions() -> None:
    changes = many_alarms(12)
    silent, *others = changes[ALARMS_FOR_METRIC]

    rounds = asked({**changes, ALARMS_FOR_METRIC: (replace(silent, actions_enabled=False), *others)})

    assert rounds[5:] == [
        mute_rules_of(0),
        mute_rules_of(1, 2),
        (TOPIC_AT, SUBSCRIPTIONS),
        (ATTRIBUTES,),
        (PIPELINES,),
    ]


def test_1_questions_behind_an_alarm_that_tells_somebody_are_dropped() -> None:
    """The third waits for a topic of its own, which nobody needs to know of any more."""
    changes = many_alarms(3)
    silent, telling, other = changes[ALARMS_FOR_METRIC]
    topic = replace(TOPIC_ARN, resource="another")
    alarms = (replace(silent, actions_enabled=False), telling, replace(other, alarm_actions=(str(topic),)))
    known = {TopicAt(PLACE, topic): TOPIC, SubscriptionsOf(PLACE, topic): ()}

    rounds = asked({**changes, **known, ALARMS_FOR_METRIC: alarms})

    assert rounds[-3:] == [
        (TOPIC_AT, SUBSCRIPTIONS, TopicAt(PLACE, topic), SubscriptionsOf(PLACE, topic)),
        (ATTRIBUTES,),
        (PIPELINES,),
    ]


def test_3_math_alarms_are_asked_for_side_by_side_too() -> None:
    metric = Metric(FILTER.metric_namespace, FILTER.metric_name)
    plain = {"metric": None, "statistic": None, "period": None}
    math = many_alarms(7, **plain, queries=(replace(metric_query("m1", metric), returns_data=True),))

    rounds = asked({**math, ALARMS_FOR_METRIC: (), SUBSCRIPTIONS: ()})

    assert rounds[5:] == [
        (EVERY_ALARM,),
        mute_rules_of(0),
        (TOPIC_AT, SUBSCRIPTIONS),
        mute_rules_of(1, 2),
        mute_rules_of(3, 4, 5, 6),
    ]


def two_filters(first: str, second: str) -> dict[Any, Any]:
    """Two metric filters, each with a metric and an alarm of its own."""
    alarms = [
        replace(ALARM, name=f"alarm-{n}", metric=Metric("CloudTrailMetrics", f"Part{n}")) for n in (1, 2)
    ]
    filters = [
        replace(FILTER, name=f"filter-{n}", metric_name=f"Part{n}", pattern=pattern)
        for n, pattern in ((1, first), (2, second))
    ]
    return {
        FILTERS_OF_GROUP: tuple(filters),
        AlarmsForMetric(PLACE, "CloudTrailMetrics", "Part1"): (alarms[0],),
        AlarmsForMetric(PLACE, "CloudTrailMetrics", "Part2"): (alarms[1],),
        FiltersOfMetric(PLACE, "CloudTrailMetrics", "Part1"): (),
        FiltersOfMetric(PLACE, "CloudTrailMetrics", "Part2"): (),
        EVERY_ALARM: Alarms(tuple(alarms), (), ()),
        MuteRulesOf(PLACE, "alarm-1"): (),
        MuteRulesOf(PLACE, "alarm-2"): (),
    }


def test_2_chains_that_cover_only_together_are_told() -> None:
    verdict = verdict_with(two_filters(SIGN_INS, ALL_BUT_SIGN_INS))

    assert isinstance(verdict, Told)
    assert [chain.name(Link.ALARM) for chain in verdict.chains] == ["alarm-1", "alarm-2"]


def test_3_chains_that_leave_a_hole_together_name_it() -> None:
    changes = two_filters(SIGN_INS, SIGN_INS)

    verdict = verdict_with(changes)

    assert codes(verdict) == [Code.PATTERN_MISSES_ROOT_EVENT]
    assert isinstance(verdict, NotTold)
    assert verdict.findings[0].example is not None
    assert verdict.findings[0].example["eventName"] != "ConsoleLogin"


def test_3_part_whose_alarm_is_silent_is_a_hole_of_the_rest() -> None:
    changes = two_filters(SIGN_INS, ALL_BUT_SIGN_INS)
    silent = replace(
        ALARM, name="alarm-2", actions_enabled=False, metric=Metric("CloudTrailMetrics", "Part2")
    )
    changes[AlarmsForMetric(PLACE, "CloudTrailMetrics", "Part2")] = (silent,)

    assert codes(verdict_with(changes)) == [Code.ALARM_ACTIONS_DISABLED, Code.PATTERN_MISSES_ROOT_EVENT]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(CIS_PATTERN, ALL_ROOT, None, id="both-match-every-root-event"),
        pytest.param(SIGN_INS, ALL_BUT_SIGN_INS, Code.ALARM_NOT_PROVEN, id="each-matches-a-part"),
        pytest.param(CIS_PATTERN, SIGN_INS, Code.ALARM_NOT_PROVEN, id="one-matches-a-part"),
    ],
)
def test_3_product_of_two_metrics_needs_both_to_count_every_root_event(
    first: str, second: str, expected: Code | None
) -> None:
    queries = [metric_query(f"m{n}", Metric("CloudTrailMetrics", f"Part{n}")) for n in (1, 2)]
    product = MetricQuery("e1", None, None, None, None, "m1 * m2", True, None)
    alarm = replace(ALARM, metric=None, statistic=None, period=None, queries=(*queries, product))
    changes = {
        **two_filters(first, second),
        AlarmsForMetric(PLACE, "CloudTrailMetrics", "Part1"): (),
        AlarmsForMetric(PLACE, "CloudTrailMetrics", "Part2"): (),
        EVERY_ALARM: Alarms((alarm,), (), ()),
    }

    verdict = verdict_with(changes)

    assert (expected in codes(verdict)) if expected else isinstance(verdict, Told)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param(ALL_ROOT, None, id="matches-every-root-event-too"),
        pytest.param(CIS_PATTERN, None, id="says-the-same"),
        pytest.param(SIGN_INS, Code.ALARM_THRESHOLD_TOO_HIGH, id="matches-a-part"),
    ],
)
def test_3_two_filters_of_one_metric_add_up_where_both_match_every_root_event(
    second: str, expected: Code | None
) -> None:
    changes = two_filters(CIS_PATTERN, second)
    first, other = changes[FILTERS_OF_GROUP]
    alarm = replace(
        changes[EVERY_ALARM].metric_alarms[0], comparison_operator="GreaterThanThreshold", threshold=1.0
    )
    changes[FILTERS_OF_GROUP] = (first, replace(other, metric_name="Part1"))
    changes[AlarmsForMetric(PLACE, "CloudTrailMetrics", "Part1")] = (alarm,)
    changes[EVERY_ALARM] = Alarms((alarm,), (), ())

    verdict = verdict_with(changes)

    assert (expected in codes(verdict)) if expected else isinstance(verdict, Told)


def test_3_filters_of_one_metric_speak_for_one_alarm() -> None:
    changes = two_filters(SIGN_INS, ALL_BUT_SIGN_INS)
    first, second = changes[FILTERS_OF_GROUP]
    changes[FILTERS_OF_GROUP] = (first, replace(second, metric_name="Part1"))

    assert isinstance(verdict_with(changes), Told)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({TRAILS: ()}, Code.NO_TRAIL, id="no-trail"),
        pytest.param(
            {TRAILS: (replace(TRAIL, is_multi_region=False),)}, Code.TRAIL_SINGLE_REGION, id="single-region"
        ),
        pytest.param(
            {STATUS_OF_TRAIL: replace(STATUS, is_logging=False)}, Code.TRAIL_NOT_LOGGING, id="not-logging"
        ),
        pytest.param(
            {
                SELECTORS_OF_TRAIL: EventSelectors.from_api(
                    {"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}
                )
            },
            Code.TRAIL_WITHOUT_READ_EVENTS,
            id="write-events-only",
        ),
        pytest.param({LOG_GROUP_NAMED: None}, Code.LOG_GROUP_MISSING, id="no-log-group"),
        pytest.param(
            {LOG_GROUP_NAMED: LogGroup("trail-logs", "INFREQUENT_ACCESS")},
            Code.LOG_GROUP_CLASS,
            id="infrequent-access",
        ),
        pytest.param({FILTERS_OF_GROUP: ()}, Code.NO_METRIC_FILTER, id="no-filter"),
        pytest.param({FILTERS_OF_GROUP: None}, Code.NO_METRIC_FILTER, id="filters-of-no-log-group"),
        pytest.param(
            {FILTERS_OF_GROUP: (replace(FILTER, pattern='{ $.eventSource = "nobody" }'),)},
            Code.PATTERN_MISSES_ROOT_EVENT,
            id="filter-for-something-else",
        ),
        pytest.param(
            {FILTERS_OF_GROUP: (replace(FILTER, pattern=""),)},
            Code.PATTERN_DROWNED,
            id="filter-for-everything",
        ),
        pytest.param(
            {FILTERS_OF_GROUP: (replace(FILTER, pattern="[a, b, ...]"),)},
            Code.PATTERN_UNDECIDED,
            id="filter-that-can-not-be-decided",
        ),
        pytest.param({ALARMS_FOR_METRIC: (), EVERY_ALARM: Alarms((), (), ())}, Code.NO_ALARM, id="no-alarm"),
        pytest.param(
            {ALARMS_FOR_METRIC: (replace(ALARM, actions_enabled=False),)},
            Code.ALARM_ACTIONS_DISABLED,
            id="actions-disabled",
        ),
        pytest.param(
            {ALARMS_FOR_METRIC: (replace(ALARM, alarm_actions=()),)}, Code.NO_ALARM_ACTION, id="no-action"
        ),
        pytest.param({TOPIC_AT: None, SUBSCRIPTIONS: None}, Code.TOPIC_MISSING, id="no-topic"),
        pytest.param({SUBSCRIPTIONS: ()}, Code.NO_SUBSCRIPTION, id="nobody-subscribed"),
    ],
)
def test_3_broken_link_leads(changes: dict[Any, Any], code: Code) -> None:
    assert codes(verdict_with(changes))[0] is code


def test_3_furthest_chain_leads() -> None:
    stopped = replace(TRAIL, name="stopped", arn=replace(TRAIL.arn, resource="trail/stopped"))
    changes = {
        TRAILS: (stopped, TRAIL),
        StatusOfTrail(PLACE, stopped): replace(STATUS, is_logging=False),
        EventSelectorsOfTrail(PLACE, stopped): EventSelectors((), ()),
        SUBSCRIPTIONS: (),
    }

    assert codes(verdict_with(changes)) == [Code.NO_SUBSCRIPTION, Code.TRAIL_NOT_LOGGING]


def test_3_filter_on_a_metric_that_another_filter_floods_is_drowned() -> None:
    flood = replace(FILTER, name="everything", pattern="")

    verdict = verdict_with({FILTERS_OF_GROUP: (FILTER, flood)})

    assert codes(verdict)[0] is Code.PATTERN_DROWNED


def test_3_pattern_that_may_match_every_read_may_be_drowned() -> None:
    """Whether `= true` equals a boolean is open: if it does, each read rings the alarm."""
    root_or_reads = replace(FILTER, pattern='{ $.userIdentity.type = "Root" || $.readOnly = true }')

    verdict = verdict_with({FILTERS_OF_GROUP: (root_or_reads,)})

    assert codes(verdict) == [Code.PATTERN_DROWNED]
    assert lead(verdict) == (
        (
            "metric filter `root-usage-filter` may be drowned: it may also match everyday events "
            "(DescribeInstances by others), so a root event may change nothing"
        ),
        "give root usage a filter and metric of its own",
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"pattern": "[w1, ...]"}, id="space-delimited"),
        pytest.param({"pattern": "{ $.eventName = * && ($.x == 1) }"}, id="not-understood"),
        pytest.param({"pattern": "{ $.eventName = * }", "apply_on_transformed_logs": True}, id="transformed"),
    ],
)
def test_3_filter_on_a_metric_that_an_unforeseeable_filter_feeds(changes: dict[str, Any]) -> None:
    other = replace(FILTER, name="other", **changes)
    has_transformer = {HasTransformer(PLACE, LOG_GROUP_ID): True}

    verdict = verdict_with({FILTERS_OF_GROUP: (FILTER, other), **has_transformer})

    assert codes(verdict)[0] is Code.METRIC_SHARED
    assert lead(verdict) == (
        (
            "metric filter `root-usage-filter` shares its metric with `other`, whose matches can't be "
            "foreseen, so a root event may change nothing"
        ),
        "give root usage a filter and metric of its own",
    )


def test_3_metric_math_over_a_metric_that_an_unforeseeable_filter_feeds() -> None:
    other = replace(FILTER, name="other", metric_name="Other", pattern="[w1, ...]")
    queries = (
        metric_query("m1", Metric(FILTER.metric_namespace, FILTER.metric_name)),
        metric_query("m2", Metric(FILTER.metric_namespace, "Other")),
        MetricQuery("e1", None, None, None, None, "m1 + m2", returns_data=True, account_id=None),
    )
    math = replace(ALARM, metric=None, statistic=None, period=None, queries=queries)

    verdict = verdict_with(
        {
            FILTERS_OF_GROUP: (FILTER, other),
            ALARMS_FOR_METRIC: (),
            EVERY_ALARM: Alarms((math,), (), ()),
            AlarmsForMetric(PLACE, FILTER.metric_namespace, "Other"): (),
            FiltersOfMetric(PLACE, FILTER.metric_namespace, "Other"): (),
            StateHistoryOf(PLACE, "root-usage", NOW - timedelta(days=14)): StateHistory((), is_whole=True),
        }
    )

    assert codes(verdict)[0] is Code.METRIC_SHARED
    assert lead(verdict) == (
        (
            "alarm `root-usage` also reads metric filter `other`, whose matches can't be foreseen, "
            "so a root event may change nothing"
        ),
        "give root usage an alarm of its own",
    )


def metric_query(query_id: str, metric: Metric) -> MetricQuery:
    return MetricQuery(query_id, metric, 300, "Sum", None, None, returns_data=False, account_id=None)


def test_3_write_only_trail_is_made_up_for_by_a_read_only_one() -> None:
    twin = replace(TRAIL, name="reads", arn=replace(TRAIL.arn, resource="trail/reads"))
    changes = {
        TRAILS: (TRAIL, twin),
        SELECTORS_OF_TRAIL: EventSelectors.from_api({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}),
        StatusOfTrail(PLACE, twin): STATUS,
        EventSelectorsOfTrail(PLACE, twin): EventSelectors.from_api(
            {"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}
        ),
    }

    assert isinstance(verdict_with(changes), Told)


def foreign_trail() -> Any:
    return replace(
        TRAIL,
        arn=replace(TRAIL.arn, account_id=OTHER_ACCOUNT),
        is_organization_trail=True,
        log_group_arn=f"arn:aws:logs:{REGION}:{OTHER_ACCOUNT}:log-group:trail-logs:*",
    )


def test_4_log_group_of_another_account_is_never_taken_for_a_local_one() -> None:
    verdict = verdict_with({TRAILS: (foreign_trail(),)})

    assert codes(verdict) == [Code.TRAIL_OF_ANOTHER_ACCOUNT]
    assert lead(verdict) == (
        (
            "cannot verify: trail `management` belongs to account 444455556666, "
            "where its log group, alarm and topic are"
        ),
        "name a role there that may read them in parameter ReadingRoleName",
    )


def test_4_with_a_role_the_owner_account_is_asked() -> None:
    there = Place(OTHER_ACCOUNT, REGION)
    changes = {TRAILS: (foreign_trail(),), StatusOfTrail(PLACE, foreign_trail()): STATUS}

    with pytest.raises(Unanswered) as need:
        decide(evidence(changes), Parameters(reading_role_name="reader"))

    assert {question.place for question in need.value.questions} == {there}


def test_4_organization_trail_whose_home_region_members_have_to_enable() -> None:
    trail = replace(
        foreign_trail(),
        arn=replace(TRAIL.arn, region="af-south-1", account_id=OTHER_ACCOUNT),
        home_region="af-south-1",
        log_group_arn=f"arn:aws:logs:af-south-1:{OTHER_ACCOUNT}:log-group:trail-logs:*",
    )

    refusal = Unreadable("cloudtrail:GetTrailStatus", "UnrecognizedClientException")

    verdict = verdict_with(
        {TRAILS: (trail,), StatusOfTrail(Place(ACCOUNT, "af-south-1"), trail): refusal},
        Parameters(reading_role_name="reader"),
    )

    assert codes(verdict) == [Code.TRAIL_AT_HOME_IN_OPT_IN_REGION]
    assert lead(verdict) == (
        (
            "trail `management` is at home in opt-in region af-south-1 and account 111122223333 may send it "
            "nothing (UnrecognizedClientException)"
        ),
        "enable it and allow GetTrailStatus there, or have account 444455556666 move it",
    )


def test_4_member_whose_own_copy_of_the_trail_can_not_deliver() -> None:
    broken = replace(STATUS, log_group_delivery_error="Access denied")

    verdict = verdict_with(
        {TRAILS: (foreign_trail(),), StatusOfTrail(PLACE, foreign_trail()): broken},
        Parameters(reading_role_name="reader"),
    )

    assert codes(verdict) == [Code.TRAIL_DELIVERY_FAILS]


def test_3_alarm_that_does_not_notify_the_required_topic() -> None:
    required = f"arn:aws:sns:{REGION}:{TRAIL.arn.account_id}:on-call"

    verdict = verdict_with(parameters=Parameters(sns_topic_arn=required))

    assert codes(verdict) == [Code.REQUIRED_TOPIC_NOT_NOTIFIED]
    assert lead(verdict) == (
        (
            f"alarm `root-usage` doesn't notify topic `{required}`, which parameter SnsTopicArn requires, "
            "so the right people are not told"
        ),
        "add the topic to its AlarmActions",
    )


def test_1_alarm_that_notifies_the_required_topic() -> None:
    assert isinstance(verdict_with(parameters=Parameters(sns_topic_arn=str(TOPIC_ARN))), Told)


def test_1_filter_on_another_log_group_may_ask_for_root_too() -> None:
    elsewhere = PlacedFilter("other-logs", replace(FILTER, name="other"))

    assert isinstance(verdict_with({FILTERS_OF_METRIC: (elsewhere,)}), Told)


def test_3_filter_on_another_log_group_that_may_match_anything() -> None:
    elsewhere = PlacedFilter("other-logs", replace(FILTER, name="errors", pattern="ERROR"))

    verdict = verdict_with({FILTERS_OF_METRIC: (elsewhere,)})

    assert codes(verdict) == [Code.METRIC_SHARED]
    assert lead(verdict) == (
        (
            "metric `RootAccountUsageCount` is fed by metric filter `errors` of log group `other-logs` too, "
            "whatever that holds, so a root event may change nothing"
        ),
        "give root usage a metric of its own",
    )


REFUSED = "AccessDeniedException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param(
            {TRAILS: Unreadable("cloudtrail:DescribeTrails", REFUSED)}, Code.TRAIL_UNREADABLE, id="trails"
        ),
        pytest.param(
            {TRAILS: Unreadable("sts:AssumeRole", "AccessDenied")}, Code.CANNOT_ASSUME_ROLE, id="role"
        ),
        pytest.param(
            {LOG_GROUP_NAMED: Unreadable("logs:DescribeLogGroups", REFUSED)},
            Code.LOG_GROUP_UNREADABLE,
            id="log-group",
        ),
        pytest.param(
            {FILTERS_OF_GROUP: Unreadable("logs:DescribeMetricFilters", REFUSED)},
            Code.METRIC_FILTERS_UNREADABLE,
            id="metric-filters",
        ),
        pytest.param(
            {
                ALARMS_FOR_METRIC: Unreadable("cloudwatch:DescribeAlarmsForMetric", REFUSED),
                EVERY_ALARM: Unreadable("cloudwatch:DescribeAlarms", REFUSED),
            },
            Code.ALARMS_UNREADABLE,
            id="alarms",
        ),
        pytest.param(
            {MUTE_RULES: Unreadable("cloudwatch:ListAlarmMuteRules", REFUSED)},
            Code.ALARMS_UNREADABLE,
            id="mute-rules",
        ),
        pytest.param(
            {
                ALARMS_FOR_METRIC: (replace(ALARM, state=replace(ALARM.state, transitioned=evidence().now)),),
                HISTORY: Unreadable("cloudwatch:DescribeAlarmHistory", REFUSED),
            },
            Code.ALARMS_UNREADABLE,
            id="history",
        ),
        pytest.param(
            {TOPIC_AT: Unreadable("sns:GetTopicAttributes", "AuthorizationError")},
            Code.TOPIC_UNREADABLE,
            id="topic",
        ),
        pytest.param(
            {SUBSCRIPTIONS: Unreadable("sns:ListSubscriptionsByTopic", "AuthorizationError")},
            Code.SUBSCRIPTIONS_UNREADABLE,
            id="subscriptions",
        ),
    ],
)
def test_4_refused_read_is_not_compliant(changes: dict[Any, Any], code: Code) -> None:
    assert codes(verdict_with(changes))[0] is code


def test_1_pipelines_that_are_not_offered_are_noted() -> None:
    verdict = verdict_with({PIPELINES: NotOffered("observabilityadmin:ListTelemetryPipelines")})

    assert isinstance(verdict, Told)
    (note,) = verdict.notes
    assert note == (
        "no CloudWatch pipeline was looked for: observabilityadmin:ListTelemetryPipelines isn't offered in "
        "eu-west-1"
    )


def test_3_channels_that_are_not_offered_are_said_to_be_unseen() -> None:
    verdict = verdict_with({TRAILS: (), CHANNELS: NotOffered("cloudtrail:ListChannels")})

    assert isinstance(verdict, NotTold)
    (finding,) = verdict.findings
    assert finding.message == (
        "account 111122223333 has no trail, and whether a channel records its events can't be seen "
        "(cloudtrail:ListChannels isn't offered), so no alarm is proven to hear root"
    )


@pytest.mark.parametrize(
    "answer", [pytest.param(True, id="there"), pytest.param(Unreadable("x", "y"), id="unreadable")]
)
def test_4_transformed_events_are_undecided(answer: Any) -> None:
    changes = {
        FILTERS_OF_GROUP: (replace(FILTER, apply_on_transformed_logs=True),),
        HasTransformer(PLACE, FILTERS_OF_GROUP.log_group): answer,
    }

    assert codes(verdict_with(changes))[0] is Code.PATTERN_UNDECIDED


def test_4_transformer_that_is_not_there_changes_nothing() -> None:
    changes = {
        FILTERS_OF_GROUP: (replace(FILTER, apply_on_transformed_logs=True),),
        HasTransformer(PLACE, FILTERS_OF_GROUP.log_group): False,
    }

    assert isinstance(verdict_with(changes), Told)


LOG_ALARM = LogAlarm(
    name="by-query",
    arn=Arn("aws", "cloudwatch", REGION, TRAIL.arn.account_id, "alarm:by-query"),
    log_groups=("trail-logs",),
    actions_enabled=True,
    alarm_actions=(str(TOPIC_ARN),),
)


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        pytest.param({FILTERS_OF_GROUP: ()}, Code.NO_METRIC_FILTER, id="no-filter"),
        pytest.param(
            {FILTERS_OF_GROUP: (replace(FILTER, pattern='{ $.userIdentity.type = "IAMUser" }'),)},
            Code.PATTERN_MISSES_ROOT_EVENT,
            id="no-filter-on-root",
        ),
        pytest.param(
            {LOG_GROUP_NAMED: LogGroup("trail-logs", "INFREQUENT_ACCESS")},
            Code.LOG_GROUP_CLASS,
            id="group-that-takes-no-filter",
        ),
    ],
)
def test_4_log_alarm_is_named_without_a_metric_filter_too(changes: Mapping[Any, Any], lacking: Code) -> None:
    verdict = verdict_with({**changes, EVERY_ALARM: Alarms((), (), (LOG_ALARM,))})

    assert codes(verdict) == [Code.LOG_ALARM_UNDECIDED, lacking]


def test_4_log_alarm_that_may_not_be_seen_leaves_the_missing_filter() -> None:
    refused = Unreadable("cloudwatch:DescribeAlarms", REFUSED)

    verdict = verdict_with({FILTERS_OF_GROUP: (), EVERY_ALARM: refused})

    assert codes(verdict) == [Code.NO_METRIC_FILTER]


def test_4_log_alarm_is_named_and_not_trusted() -> None:
    verdict = verdict_with({ALARMS_FOR_METRIC: (), EVERY_ALARM: Alarms((), (), (LOG_ALARM,))})

    assert codes(verdict) == [Code.LOG_ALARM_UNDECIDED]
    assert lead(verdict)[0] == (
        "log alarm `by-query` watches log group `trail-logs`, but its query is not decided by this rule, "
        "so nothing is proven"
    )


def test_1_composite_over_an_alarm_without_actions_tells() -> None:
    child = replace(ALARM, alarm_actions=())
    composite = CompositeAlarm(
        name="anything-serious",
        arn=replace(ALARM.arn, resource="alarm:anything-serious"),
        rule='ALARM("root-usage")',
        actions_enabled=True,
        alarm_actions=(str(TOPIC_ARN),),
        state=AlarmState("OK", "", ALARM.state.updated, ALARM.state.transitioned),
        actions_suppressor=None,
        actions_suppressed_by=None,
    )
    changes = {
        ALARMS_FOR_METRIC: (child,),
        EVERY_ALARM: Alarms((child,), (composite,), ()),
        MuteRulesOf(PLACE, "anything-serious"): (),
    }

    verdict = verdict_with(changes)

    assert isinstance(verdict, Told)
    assert verdict.chains[0].name(Link.ALARM) == "anything-serious"


def test_1_mute_rules_that_the_endpoint_does_not_know_mute_nothing() -> None:
    assert isinstance(verdict_with({MUTE_RULES: NotOffered("cloudwatch:ListAlarmMuteRules")}), Told)


def test_5_bad_parameter_is_reported_before_anything_is_asked() -> None:
    parameters = parse_parameters({"MinConfirmedSubscribers": "none"})

    verdict = decide(Evidence(TRAIL.arn.account_id, REGION, evidence().now), parameters)

    assert codes(verdict) == [Code.INVALID_PARAMETER]


def test_6_other_region_reports() -> None:
    assert verdict_with(parameters=Parameters(reporting_region="us-east-1")) == ReportedElsewhere("us-east-1")
    assert isinstance(verdict_with(parameters=Parameters(reporting_region=REGION)), Told)


def test_slow_detection_is_a_finding_with_the_figure() -> None:
    verdict = verdict_with(parameters=Parameters(max_detection_minutes=1))

    assert codes(verdict)[0] is Code.ALARM_TOO_SLOW


# -- a filter on another log group --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        pytest.param(
            (PlacedFilter("old", FILTER),),
            "; filter `root-usage-filter` is on log group `old` instead",
            id="old",
        ),
        pytest.param((), "", id="none"),
        pytest.param(
            (PlacedFilter("old", replace(FILTER, pattern="Root ConsoleLogin")),), "", id="other-pattern"
        ),
        pytest.param(
            (PlacedFilter("old", replace(FILTER, apply_on_transformed_logs=True)),), "", id="of-other-events"
        ),
        pytest.param(Unreadable("logs:DescribeMetricFilters", "AccessDenied"), "", id="not-shown"),
    ],
)
def test_log_group_without_filter_tells_of_one_next_door(answer: Any, ending: str) -> None:
    verdict = verdict_with({FILTERS_OF_GROUP: (), FILTERS_OF_PLACE: answer})

    assert isinstance(verdict, NotTold)
    assert verdict.findings[0].message == (
        "log group `trail-logs` has no metric filter, so no alarm on it sees root events "
        f"(EventBridge rules don't count, by AcceptedWays){ending}"
    )
    assert verdict.findings[0] == verdict.chains[0].broken
