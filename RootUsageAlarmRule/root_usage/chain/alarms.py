"""From a metric to the people: finds the alarms on it, and judges each with its actions.

`through_plain_alarms` looks at the alarms that AWS returns for a metric; `through_other_alarms` at
metric math, composite and log alarms, which it doesn't return there; `through_log_alarms` at log alarms
on a log group without a metric filter that counts.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from ..alarm import (
    MAX_STEPS_OF_COMPOSITE,
    Rings,
    Sources,
    alarms_below,
    filters_heard_by,
    judge_composite,
    judge_detection_time,
    judge_metric_alarm,
    judge_mutes,
    settles_within_a_day,
    takes_too_much,
)
from ..aws.arn import Place
from ..aws.asking import Evidence, Unreadable
from ..aws.cloudwatch import (
    ActionHistoryOf,
    Alarms,
    AlarmsForMetric,
    CompositeAlarm,
    EveryAlarm,
    MetricAlarm,
    MuteRulesOf,
)
from ..aws.logs import FiltersOfMetric, LogGroupId, MetricFilter, PlacedFilter
from ..delivery import DeliverySettings, judge_actions, judge_history, needs_history
from ..parameters import Parameters
from ..verdict.findings import PRESS_REMEDIATE, Code, Finding, Link, quote, unreadable
from ..verdict.outcome import Chain, Station
from ..work import once, spend
from .metric_filter import FilterGroup, asks_for_root
from .noise import Noise, judge_noise
from .placing import stations_of
from .side_by_side import side_by_side


@dataclass(frozen=True, slots=True)
class Feed:
    """The metric filter whose matches have to ring an alarm, and the group's other filters."""

    metric_filter: MetricFilter
    companions: tuple[MetricFilter, ...]
    group: FilterGroup
    log_group: LogGroupId

    def is_unforeseeable(self, heard: MetricFilter) -> bool:
        """Whether nobody can tell of another filter what it matches."""
        return heard is not self.metric_filter and self.group.is_unforeseeable(heard)

    def siblings(self, alarm: MetricAlarm) -> list[MetricFilter]:
        """The other filters that the alarm hears and that match some root events."""
        return [each for each in filters_heard_by(alarm, self.companions) if self.group.matches_root(each)]


AboutOthers = tuple[
    Mapping[str, MetricAlarm | CompositeAlarm], Callable[[MetricAlarm], bool], Callable[[MetricAlarm], bool]
]
"""What `judge_composite` has to know of other alarms: all by name, which settle, which root moves."""

Look = Callable[[Evidence, Parameters, Place, Feed], Iterator[Chain]]


def through_plain_alarms(
    evidence: Evidence, parameters: Parameters, place: Place, feed: Feed
) -> Iterator[Chain]:
    """The chains through the alarms on the filter's metric that name no dimension."""
    evidence.need(*first_questions(place, feed.metric_filter))
    found = evidence.answer(_alarms_question(place, feed.metric_filter))
    if isinstance(found, Unreadable):
        yield Chain((), _alarms_unreadable(feed.metric_filter, found))
        return
    yield from side_by_side(
        found, lambda alarm: _chain_of(evidence, parameters, alarm, _judge(evidence, feed, alarm))
    )


def through_other_alarms(
    evidence: Evidence, parameters: Parameters, place: Place, feed: Feed
) -> Iterator[Chain]:
    """The chains through alarms with dimensions, metric math, composite and log alarms.

    Where there is none at all, and no plain alarm either, the one broken chain that says so.
    """
    every = evidence.answer(EveryAlarm(place))
    if isinstance(every, Unreadable):
        yield Chain((), _alarms_unreadable(feed.metric_filter, every))
        return
    plain = evidence.answer(_alarms_question(place, feed.metric_filter))
    judged = {each.name for each in plain} if isinstance(plain, tuple) else set()
    watching = [each for each in every.metric_alarms if _names_metric(each, feed.metric_filter)]
    # An alarm is judged once, for its own chain and for the composite alarms above it.
    judge = cache(partial(_judge, evidence, feed))
    yield from side_by_side(
        [each for each in watching if each.name not in judged],
        lambda alarm: _chain_of(evidence, parameters, alarm, judge(alarm)),
    )
    judged_alarms = [(each, judge(each)) for each in watching]
    ringing = {each: rings for each, rings in judged_alarms if isinstance(rings, Rings)}
    evidence.need(*_questions_of_composites(every, list(ringing), feed))
    about_others = (
        _by_name(every),
        cache(partial(_settles, evidence, feed=feed)),
        cache(partial(_is_moved_elsewhere, evidence, feed=feed)),
    )
    composites = _composites(every, ringing, partial(_judge_composite, feed, about_others))
    yield from side_by_side(
        list(composites),
        lambda pair: _chain_of(
            evidence,
            parameters,
            pair[0],
            _with_noise(evidence, feed, *pair, tuple(_heard_below(pair[0], every, feed))),
        ),
    )
    log_alarms = list(_through_log_alarms(every, feed.log_group))
    yield from log_alarms
    if not watching and not log_alarms:
        yield Chain((), _no_alarm(feed.metric_filter))


def through_log_alarms(evidence: Evidence, log_group: LogGroupId) -> Iterator[Chain]:
    """The chains through log alarms, which read the log group without any metric filter."""
    every = evidence.answer(EveryAlarm(log_group.place))
    if not isinstance(every, Unreadable):  # else the missing metric filter is reason enough
        yield from _through_log_alarms(every, log_group)


def _through_log_alarms(every: Alarms, log_group: LogGroupId) -> Iterator[Chain]:
    for log_alarm in every.log_alarms:
        if _watches_group(log_alarm.log_groups, log_group):
            yield Chain((), _log_alarm(log_alarm.name, log_group))


def first_questions(place: Place, metric_filter: MetricFilter) -> tuple[AlarmsForMetric, FiltersOfMetric]:
    """What has to be asked of a filter's metric in any case."""
    namespace, name = metric_filter.metric_namespace, metric_filter.metric_name
    return AlarmsForMetric(place, namespace, name), FiltersOfMetric(place, namespace, name)


def _alarms_question(place: Place, metric_filter: MetricFilter) -> AlarmsForMetric:
    return first_questions(place, metric_filter)[0]


def _judge(evidence: Evidence, feed: Feed, alarm: MetricAlarm) -> Rings | Finding:
    """Metric math may read noisy metrics beside the filter's own."""
    heard = filters_heard_by(alarm, (feed.metric_filter, *feed.companions))
    for each in heard:
        if feed.group.is_noisy(each):
            return _drowned(alarm, each)
        if feed.is_unforeseeable(each):
            return _hears_unforeseeable(alarm, each)
    certain = tuple(
        each for each in feed.siblings(alarm) if feed.group.catches_all_of(each, feed.metric_filter)
    )
    elsewhere = _filters_elsewhere(evidence, alarm, feed)
    if isinstance(elsewhere, Finding):
        return elsewhere
    companions = (*feed.companions, *elsewhere)
    sources = Sources(feed.metric_filter, companions, evidence.account_id, certain)
    rings = judge_metric_alarm(alarm, sources, evidence.now)
    return _with_noise(evidence, feed, alarm, rings, heard)


def _with_noise(
    evidence: Evidence,
    feed: Feed,
    alarm: MetricAlarm | CompositeAlarm,
    rings: Rings | Finding,
    heard: Sequence[MetricFilter],
) -> Rings | Finding:
    """The alarm, judged by what others can cause in the filters that it hears."""
    if isinstance(rings, Finding):
        return rings
    noise = [Noise(each, caught) for each in heard if (caught := feed.group.caught_of_others(each))]
    drowned = (feed.group.drowned_unless_quiet(feed.metric_filter, each) for each in heard)
    notes = judge_noise(evidence, alarm, noise, next(filter(None, drowned), None))
    return notes if isinstance(notes, Finding) else replace(rings, notes=(*rings.notes, *notes))


def _heard_below(composite: CompositeAlarm, every: Alarms, feed: Feed) -> Iterator[MetricFilter]:
    """The filters that match root events and that the alarms below read; of others see `alarm.composite`."""
    below = [each for each in alarms_below(composite, _by_name(every)) if isinstance(each, MetricAlarm)]
    for each in (feed.metric_filter, *feed.companions):
        if any(filters_heard_by(alarm, (each,)) for alarm in below) and feed.group.matches_root(each):
            yield each


def _filters_elsewhere(
    evidence: Evidence, alarm: MetricAlarm, feed: Feed
) -> tuple[MetricFilter, ...] | Finding:
    """The filters of other log groups that publish to what the alarm reads; they have to ask for root too.

    What else another log group holds isn't known, and so not when such a filter matches.
    """
    questions = [
        FiltersOfMetric(feed.log_group.place, namespace, name) for namespace, name in _metrics_of(alarm)
    ]
    evidence.need(*questions)
    found: list[MetricFilter] = []
    for question in questions:
        filters = evidence.answer(question)
        if isinstance(filters, Unreadable):
            return _alarm_unreadable(alarm.name, filters)
        for each in filters:
            if each.log_group_name == feed.log_group.name:
                continue
            if not asks_for_root(each.metric_filter.pattern):
                return _shared_metric(question.name, each)
            found.append(each.metric_filter)
    return tuple(found)


def _settles(evidence: Evidence, alarm: MetricAlarm, feed: Feed) -> bool:
    """Whether root events leave the alarm quiet a day later, and no noise beside them may ring it."""
    filters = (feed.metric_filter, *feed.companions)
    heard = filters_heard_by(alarm, filters)
    may_ring_it = any(feed.group.may_drown(each) or feed.is_unforeseeable(each) for each in heard)
    if may_ring_it or _filters_beyond(evidence, alarm, feed):
        return False
    matching = [each for each in heard if each is feed.metric_filter or feed.group.matches_root(each)]
    return all(
        settles_within_a_day(
            alarm,
            Sources(each, tuple(other for other in filters if other is not each), evidence.account_id),
        )
        for each in matching
    )


def _is_moved_elsewhere(evidence: Evidence, alarm: MetricAlarm, feed: Feed) -> bool:
    """Whether root events may reach the alarm through a metric that another filter publishes."""
    return bool(feed.siblings(alarm)) or _filters_beyond(evidence, alarm, feed)


# AWS's own metrics that each root event moves by itself: it arrives in the log group (IncomingLogEvents),
# is a call (CallCount), and is told of by SNS.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
_MOVED_BY_EVERY_EVENT = frozenset({"AWS/Logs", "AWS/Usage", "AWS/SNS"})


def _filters_beyond(evidence: Evidence, alarm: MetricAlarm, feed: Feed) -> bool:
    """Whether filters of other log groups, or AWS itself, may publish to what the alarm reads.

    Nobody knows what those groups hold.
    """
    if alarm.reads_more or any(namespace in _MOVED_BY_EVERY_EVENT for namespace, _ in _metrics_of(alarm)):
        return True
    questions = _feeding(alarm, feed)
    evidence.need(*questions)
    for question in questions:
        answer = evidence.answer(question)
        if isinstance(answer, Unreadable) or any(one.log_group_name != feed.log_group.name for one in answer):
            return True
    return False


def _feeding(alarm: MetricAlarm, feed: Feed) -> list[FiltersOfMetric]:
    """The questions for the filters that publish to what the alarm reads.

    Namespaces that begin with `AWS/` are AWS's own, which no metric filter can publish to.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html (`Namespace`)
    """
    return [
        FiltersOfMetric(feed.log_group.place, namespace, name)
        for namespace, name in _metrics_of(alarm)
        if not namespace.startswith("AWS/")
    ]


def _chain_of(
    evidence: Evidence,
    parameters: Parameters,
    alarm: MetricAlarm | CompositeAlarm,
    rings: Rings | Finding,
) -> Chain:
    if isinstance(rings, Finding):
        return Chain((), rings)
    slow = judge_detection_time(alarm.name, rings.worst_minutes, parameters.max_detection_minutes)
    if slow:
        return Chain((), slow)
    mutes = _mutes(evidence, alarm)
    if isinstance(mutes, Finding):
        return Chain((), mutes)
    alarm_step = Station(Link.ALARM, alarm.name, record=alarm)
    if parameters.sns_topic_arn not in (None, *alarm.alarm_actions):
        return Chain((alarm_step,), _other_topic(alarm.name, str(parameters.sns_topic_arn)))
    if parameters.sns_topic_arn:
        alarm = replace(alarm, alarm_actions=(parameters.sns_topic_arn,))
    delivered = judge_actions(evidence, alarm, settings_of(parameters))
    if isinstance(delivered, tuple):
        return Chain((alarm_step,), delivered[0])
    history = _history(evidence, alarm, delivered.action)
    if isinstance(history, Finding):
        return Chain((alarm_step,), history)
    return Chain(
        (alarm_step, *stations_of(delivered)),
        worst_minutes=rings.worst_minutes,
        protocols=delivered.protocols,
        notes=(*rings.notes, *mutes, *delivered.notes, *history),
    )


def settings_of(parameters: Parameters) -> DeliverySettings:
    """What the parameters say of telling a person."""
    return DeliverySettings(
        accepted_actions=parameters.accepted_actions,
        person_protocols=parameters.person_protocols,
        min_confirmed_subscribers=parameters.min_confirmed_subscribers,
        has_reading_role=parameters.reading_role_name is not None,
    )


def _mutes(evidence: Evidence, alarm: MetricAlarm | CompositeAlarm) -> Finding | tuple[str, ...]:
    rules = evidence.answer(MuteRulesOf(alarm.place, alarm.name))
    if isinstance(rules, Unreadable):
        return _alarm_unreadable(alarm.name, rules)
    return judge_mutes(alarm.name, rules, evidence.now)


def _history(
    evidence: Evidence, alarm: MetricAlarm | CompositeAlarm, action: str
) -> Finding | tuple[str, ...]:
    if not needs_history(alarm, evidence.now):
        return ()
    records = evidence.answer(ActionHistoryOf(alarm.place, alarm.name))
    if isinstance(records, Unreadable):
        return _alarm_unreadable(alarm.name, records)
    return judge_history(alarm.name, action, records, evidence.now)


def _questions_of_composites(
    every: Alarms, ringing: Sequence[MetricAlarm], feed: Feed
) -> Iterator[FiltersOfMetric]:
    """What feeds the alarms beside those that ring, for all composites in one round."""
    known = _by_name(every)
    for composite in every.composite_alarms:
        if any(_names(composite, child) for child in ringing):
            for each in alarms_below(composite, known):
                if isinstance(each, MetricAlarm):
                    yield from _feeding(each, feed)


def _by_name(every: Alarms) -> dict[str, MetricAlarm | CompositeAlarm]:
    alarms: list[MetricAlarm | CompositeAlarm] = [*every.metric_alarms, *every.composite_alarms]
    return {each.name: each for each in alarms} | {str(each.arn): each for each in alarms}


def _names(composite: CompositeAlarm, child: MetricAlarm | CompositeAlarm) -> bool:
    names = (child.name, child.name.replace('"', '\\"'), str(child.arn))
    return any(each in composite.rule for each in names)


def _composites(
    every: Alarms,
    ringing: Mapping[MetricAlarm, Rings],
    judge: Callable[[CompositeAlarm, MetricAlarm | CompositeAlarm], Rings | Finding],
) -> Iterator[tuple[CompositeAlarm, Rings | Finding]]:
    """Each composite over an alarm that rings, judged; one that rings may be a child itself."""
    waiting = list(every.composite_alarms)
    children: list[tuple[MetricAlarm | CompositeAlarm, Rings]] = list(ringing.items())
    for child, of_child in children:  # grows while it is walked
        for composite in list(waiting):
            spend()
            if not _names(composite, child):
                continue
            rings = judge(composite, child)
            if isinstance(rings, Rings):
                rings = replace(rings, notes=(*of_child.notes, *rings.notes))
                children.append((composite, rings))
                waiting.remove(composite)
            yield composite, rings


def _judge_composite(
    feed: Feed,
    about_others: AboutOthers,
    composite: CompositeAlarm,
    child: MetricAlarm | CompositeAlarm,
) -> Rings | Finding:
    return once(
        (judge_composite, composite, child, feed.metric_filter, feed.log_group),
        f"composite alarm {quote(composite.name)}",
        MAX_STEPS_OF_COMPOSITE,
        partial(judge_composite, composite, child, *about_others),
        partial(takes_too_much, composite),
    )


def _names_metric(alarm: MetricAlarm, metric_filter: MetricFilter) -> bool:
    return (metric_filter.metric_namespace, metric_filter.metric_name) in _metrics_of(alarm)


def _metrics_of(alarm: MetricAlarm) -> tuple[tuple[str, str], ...]:
    """Namespace and name of every metric that the alarm reads."""
    return tuple(dict.fromkeys((each.namespace, each.name) for each in alarm.metrics))


def _watches_group(identifiers: tuple[str, ...], log_group: LogGroupId) -> bool:
    tail = f":{log_group.place.region}:{log_group.place.account_id}:log-group:{log_group.name}"
    return any(each == log_group.name or each.removesuffix(":*").endswith(tail) for each in identifiers)


def _drowned(alarm: MetricAlarm, noisy_filter: MetricFilter) -> Finding:
    return Finding(
        Code.PATTERN_DROWNED,
        alarm.name,
        f"alarm {quote(alarm.name)} is drowned: metric filter {quote(noisy_filter.name)}, which it reads, "
        "also matches everyday events of others, so a root event changes nothing",
        "give root usage an alarm of its own",
    )


def _hears_unforeseeable(alarm: MetricAlarm, metric_filter: MetricFilter) -> Finding:
    return Finding(
        Code.METRIC_SHARED,
        alarm.name,
        f"alarm {quote(alarm.name)} also reads metric filter {quote(metric_filter.name)}, whose matches "
        "can't be foreseen, so a root event may change nothing",
        "give root usage an alarm of its own",
    )


def _shared_metric(metric_name: str, placed: PlacedFilter) -> Finding:
    return Finding(
        Code.METRIC_SHARED,
        placed.metric_filter.name,
        f"metric {quote(metric_name)} is fed by metric filter {quote(placed.metric_filter.name)} of "
        f"log group {quote(placed.log_group_name)} too, whatever that holds, "
        "so a root event may change nothing",
        "give root usage a metric of its own",
    )


def _other_topic(alarm_name: str, topic_arn: str) -> Finding:
    return Finding(
        Code.REQUIRED_TOPIC_NOT_NOTIFIED,
        alarm_name,
        f"alarm {quote(alarm_name)} doesn't notify topic {quote(topic_arn)}, which parameter SnsTopicArn "
        "requires, so the right people are not told",
        "add the topic to its AlarmActions",
    )


def _no_alarm(metric_filter: MetricFilter) -> Finding:
    return Finding(
        Code.NO_ALARM,
        metric_filter.name,
        f"no alarm watches metric {quote(f'{metric_filter.metric_namespace}/{metric_filter.metric_name}')} "
        f"of metric filter {quote(metric_filter.name)}, so no one is told",
        f"create an alarm on it (Sum >= 1){PRESS_REMEDIATE}",
    )


def _log_alarm(alarm_name: str, log_group: LogGroupId) -> Finding:
    return Finding(
        Code.LOG_ALARM_UNDECIDED,
        alarm_name,
        f"log alarm {quote(alarm_name)} watches log group {quote(log_group.name)}, "
        "but its query is not decided by this rule, so nothing is proven",
        "add a metric filter with the CIS pattern and an alarm",
    )


def _alarms_unreadable(metric_filter: MetricFilter, refusal: Unreadable) -> Finding:
    subject = f"the alarms on metric {quote(metric_filter.metric_name)}"
    return unreadable(Code.ALARMS_UNREADABLE, metric_filter.name, subject, refusal)


def _alarm_unreadable(alarm_name: str, refusal: Unreadable) -> Finding:
    return unreadable(Code.ALARMS_UNREADABLE, alarm_name, f"alarm {quote(alarm_name)}", refusal)
