"""Does a composite alarm ring when the root alarm among its children does?

It has to go from not ALARM to ALARM by the child's change alone, while its other children are quiet
(OK or INSUFFICIENT_DATA, nobody knows which; a composite among them may be in ALARM by just that).
Another child that would keep it in one state is named: as a finding when that child is in ALARM now, or
when the root event itself, through whichever metric it moves, may have put it there for a day or longer.

An alarm that root events don't move (a CPU's) may be in ALARM at any time, whatever it is now. Who joins
it to the root alarm, or lets it suppress the composite, does so on purpose: that is a note, always.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..aws.arn import Arn
from ..aws.cloudwatch import CompositeAlarm, MetricAlarm
from ..verdict.findings import Code, Finding, quote
from ..work import spend
from .below import (
    Alarm,
    alarms_below,
    least_seconds,
    metrics_of,
    own_metrics,
    readings_of,
    slowest_minutes,
)
from .composite_rule import Rule, RuleSyntaxError, alarms_of, parse_rule, possible_values
from .evaluation import StateValue
from .model import Rings

_QUIET = frozenset({StateValue.OK, StateValue.INSUFFICIENT_DATA})
_ALWAYS_OK = frozenset({StateValue.OK})
_IN_ALARM = frozenset({StateValue.ALARM})
_ANY = frozenset(StateValue)

MAX_STEPS_OF_COMPOSITE = 250_000
"""Steps of work on one composite: about a second. One of 100 alarms, AWS's limit, takes a fifth."""

_STEPS_OF_A_CHILD = 10

AboutAlarm = Callable[[MetricAlarm], bool]


def judge_composite(
    composite: CompositeAlarm,
    child: Alarm,
    others: Mapping[str, Alarm],
    settles: AboutAlarm = lambda _: False,
    moves: AboutAlarm = lambda _: False,
) -> Rings | Finding:
    """Whether the composite rings when `child`, which rings by itself, does.

    `others` holds the alarms of the place, each by its name and by its ARN. `moves` says which metric
    alarms a root event may move through other metrics than the child's, `settles` which are surely quiet
    again a day after one; without it none is.
    """
    if composite.unknown:
        return _unknown(composite)
    events = _Moved(metrics_of(child, others), settles, moves)
    try:
        rule = parse_rule(composite.rule)
        other_reading = parse_rule(composite.rule, left_to_right=True)
    except RuleSyntaxError as error:
        return _not_understood(composite, error)
    judged = _judge_rule(composite, child, rule, others, events)
    if isinstance(judged, Rings) and isinstance(
        _judge_rule(composite, child, other_reading, others, events), Finding
    ):
        return _ambiguous(composite)
    return judged


def _judge_rule(
    composite: CompositeAlarm, child: Alarm, rule: Rule, others: Mapping[str, Alarm], events: _Moved
) -> Rings | Finding:
    family = _family(composite, child, rule, others, events)
    if isinstance(family, Finding):
        return family
    fault = (
        _judge_quiet(composite, child, rule, family)
        or _judge_day_after(composite, child, rule, family)
        or _judge_present(composite, child, rule, family)
    )
    if fault:
        return fault
    suppressor = _judge_suppressor(composite, child, others, events)
    if isinstance(suppressor, Finding):
        return suppressor
    wait = -(-composite.actions_suppressor_wait_seconds // 60) if composite.actions_suppressor else 0
    return Rings(
        slowest_minutes(child, others) + wait,
        (*_notes_on_noise(composite, child, rule, family), *suppressor),
    )


@dataclass(frozen=True, slots=True)
class _Moved:
    """What a root event moves beside the child: alarms on the child's metrics, and on others it feeds."""

    metrics: frozenset[tuple[str, str]]
    settles: AboutAlarm
    moves: AboutAlarm

    def may_move(self, alarm: Alarm) -> bool:
        """Whether root events reach the alarm itself, not through those below it."""
        if isinstance(alarm, CompositeAlarm):
            return readings_of(alarm) is None
        return bool(self.metrics & own_metrics(alarm)) or self.moves(alarm)

    def may_hold(self, alarm: Alarm) -> bool:
        """Whether the alarm itself may be in ALARM a day after one, those below it being quiet."""
        if isinstance(alarm, MetricAlarm):
            return self.may_move(alarm) and not self.settles(alarm)
        readings = readings_of(alarm)
        if readings is None:
            return True
        return any(True in possible_values(rule, dict.fromkeys(alarms_of(rule), _QUIET)) for rule in readings)


@dataclass(frozen=True, slots=True)
class _Family:
    """The alarms of a rule, by the rule's spelling: the child itself, and the others.

    `before_root` are the states that the child may be in while it is quiet, `quiet` those that the others
    may be in while all metric alarms are, `moved` those
    others that the root event may set off as well, `lasting` those among them that may still be in ALARM
    when root acts again a day later.
    """

    is_child: frozenset[str]
    before_root: frozenset[StateValue]
    others: Mapping[str, Alarm]
    quiet: Mapping[str, frozenset[StateValue]]
    moved: frozenset[str]
    lasting: frozenset[str]

    def before(self, other_states: Mapping[str, frozenset[StateValue]]) -> dict[str, frozenset[StateValue]]:
        return {**self.quiet, **other_states, **dict.fromkeys(self.is_child, self.before_root)}

    def after(self, other_states: Mapping[str, frozenset[StateValue]]) -> dict[str, frozenset[StateValue]]:
        moved = dict.fromkeys(self.moved, _ANY)
        return {**self.before(other_states), **moved, **dict.fromkeys(self.is_child, _IN_ALARM)}


def _family(
    composite: CompositeAlarm, child: Alarm, rule: Rule, known: Mapping[str, Alarm], events: _Moved
) -> _Family | Finding:
    others: dict[str, Alarm] = {}
    is_child = set()
    for name in alarms_of(rule):
        if name in (child.name, str(child.arn)):
            is_child.add(name)
        elif name not in known:
            return _unknown_child(composite, name)
        else:
            others[name] = known[name]
    spend(_STEPS_OF_A_CHILD * len(others))
    below = {name: alarms_below(alarm, known) for name, alarm in others.items()}
    if any(each.arn == composite.arn for alarms in below.values() for each in alarms):
        return _cycle(composite)
    moved = [
        name
        for name, alarms in below.items()
        if any(each.arn == child.arn or events.may_move(each) for each in alarms)
    ]
    lasting = (
        name for name in moved if any(each.arn != child.arn and events.may_hold(each) for each in below[name])
    )
    states: dict[Arn, frozenset[StateValue]] = {}
    quiet = {name: _states_in_quiet(alarm, known, states) for name, alarm in others.items()}
    return _Family(
        frozenset(is_child), _before_root(child), others, quiet, frozenset(moved), frozenset(lasting)
    )


def _before_root(child: Alarm) -> frozenset[StateValue]:
    return _ALWAYS_OK if isinstance(child, MetricAlarm) and child.is_ok_when_quiet else _QUIET


def _states_in_quiet(
    alarm: Alarm, known: Mapping[str, Alarm], states: dict[Arn, frozenset[StateValue]]
) -> frozenset[StateValue]:
    """The states that the alarm may be in while every metric alarm below it is quiet.

    `states` keeps what is worked out. A child that isn't here, or a rule that can't be read, is judged
    elsewhere.
    """
    if alarm.arn in states:
        return states[alarm.arn]
    states[alarm.arn] = _QUIET
    readings = readings_of(alarm) if isinstance(alarm, CompositeAlarm) else None
    for rule in readings or ():
        below = {
            name: _states_in_quiet(known[name], known, states) if name in known else _QUIET
            for name in alarms_of(rule)
        }
        if True in possible_values(rule, below):
            states[alarm.arn] = _ANY
    return states[alarm.arn]


def _judge_quiet(composite: CompositeAlarm, child: Alarm, rule: Rule, family: _Family) -> Finding | None:
    if True in possible_values(rule, family.before({})):
        return _always(composite)
    if False in possible_values(rule, family.after({})):
        return _needs_others(composite, child)
    return None


def _judge_day_after(composite: CompositeAlarm, child: Alarm, rule: Rule, family: _Family) -> Finding | None:
    """Two root events with a day between: the first may leave other alarms in ALARM."""
    lasting = sorted(family.lasting)
    if True not in possible_values(rule, family.before(dict.fromkeys(lasting, _ANY))):
        return None
    alone = (name for name in lasting if True in possible_values(rule, family.before({name: _ANY})))
    return _held_a_day(composite, child, family.others[next(alone, lasting[0])].name)


def _judge_present(composite: CompositeAlarm, child: Alarm, rule: Rule, family: _Family) -> Finding | None:
    for name, alarm in family.others.items():
        if _may_be_in_alarm(alarm) and name not in family.moved and _holds(rule, family, name):
            return _held(composite, child, alarm.name)
    if composite.state.value == "ALARM" and child.state.value != "ALARM":
        return _in_alarm_alone(composite, child)
    return None


def _may_be_in_alarm(alarm: Alarm) -> bool:
    """A state that this rule doesn't know may be one as well."""
    return alarm.state.value not in {each.value for each in _QUIET}


def _holds(rule: Rule, family: _Family, *names: str) -> bool:
    """Whether the composite may not ring for root while another of its alarms, or all of these, may be."""
    noisy = dict.fromkeys(names, _IN_ALARM if len(names) == 1 else _ANY)
    return True in possible_values(rule, family.before(noisy)) or False in possible_values(
        rule, family.after(noisy)
    )


def _judge_suppressor(
    composite: CompositeAlarm, child: Alarm, others: Mapping[str, Alarm], events: _Moved
) -> Finding | tuple[str, ...]:
    name = composite.actions_suppressor
    if not name:
        return ()
    suppressor = others.get(name)
    if suppressor is None:
        return _suppressed(composite, name, "isn't known here, so it may keep it silent")
    below = alarms_below(suppressor, others)
    if any(each.arn in (child.arn, composite.arn) or events.may_move(each) for each in below):
        return _suppressed(composite, suppressor.name, "may ring on root events too, so no one is told")
    if _may_be_in_alarm(suppressor) or composite.actions_suppressed_by:
        return _suppressed(composite, suppressor.name, "suppresses its actions now, so no one is told")
    # AWS doesn't say that an action waited for is still made when the composite is OK again by then, and
    # alarms are evaluated each minute, nobody knows at which of its seconds.
    wait = -(-composite.actions_suppressor_wait_seconds // 60) * 60
    if wait and wait >= (least := least_seconds(child, others)):
        return _waits_too_long(composite, child, least)
    note = (
        f"composite alarm {quote(composite.name)} tells no one while its actions suppressor "
        f"{quote(suppressor.name)} is in ALARM"
    )
    return (note,)


def _notes_on_noise(composite: CompositeAlarm, child: Alarm, rule: Rule, family: _Family) -> tuple[str, ...]:
    head = f"composite alarm {quote(composite.name)} doesn't ring for {quote(child.name)} while"
    noisy = {alarm.name for name, alarm in family.others.items() if _holds(rule, family, name)}
    if noisy or not _holds(rule, family, *family.others):
        return tuple(f"{head} {quote(name)} is in ALARM" for name in sorted(noisy))
    return (f"{head} several of its other alarms are in ALARM",)


# -- findings ----------------------------------------------------------------------------------------


def _fault(code: Code, composite: CompositeAlarm, fault: str, remedy: str) -> Finding:
    return Finding(code, composite.name, f"composite alarm {quote(composite.name)}: {fault}", remedy)


def takes_too_much(composite: CompositeAlarm, reason: str) -> Finding:
    return _fault(
        Code.COMPOSITE_NOT_PROVEN,
        composite,
        f"{reason} to decide its rule, so nothing is proven",
        "let the root alarm itself notify",
    )


def _not_understood(composite: CompositeAlarm, error: RuleSyntaxError) -> Finding:
    return _fault(
        Code.COMPOSITE_NOT_UNDERSTOOD,
        composite,
        f"its rule can't be read at character {error.span[0] + 1} ({error.message}), so nothing is proven",
        "let the root alarm itself notify",
    )


def _unknown(composite: CompositeAlarm) -> Finding:
    return _fault(
        Code.COMPOSITE_NOT_PROVEN,
        composite,
        f"this rule doesn't know {composite.unknown}, so nothing is proven",
        "let the root alarm itself notify",
    )


def _unknown_child(composite: CompositeAlarm, name: str) -> Finding:
    return _fault(
        Code.COMPOSITE_NOT_PROVEN,
        composite,
        f"its rule names {quote(name)}, which is no metric or composite alarm here, so nothing is proven",
        "remove it from the rule",
    )


def _ambiguous(composite: CompositeAlarm) -> Finding:
    return _fault(
        Code.COMPOSITE_NOT_PROVEN,
        composite,
        "it rings only if AND binds before OR, which AWS doesn't document, so nothing is proven",
        "put parentheses into its rule",
    )


def _cycle(composite: CompositeAlarm) -> Finding:
    return _fault(
        Code.COMPOSITE_NOT_PROVEN,
        composite,
        "it depends on itself through other composites, so CloudWatch stops evaluating it",
        "break the cycle",
    )


def _always(composite: CompositeAlarm) -> Finding:
    return _fault(
        Code.COMPOSITE_ALWAYS_IN_ALARM,
        composite,
        "its rule may hold while all its alarms are quiet, so a root event may change nothing",
        "ring on ALARM(...) of the root alarm only",
    )


def _needs_others(composite: CompositeAlarm, child: Alarm) -> Finding:
    return _fault(
        Code.COMPOSITE_NEEDS_OTHERS,
        composite,
        f"needs more than alarm {quote(child.name)} in ALARM, so a root event alone may tell no one",
        "join the root alarm with OR, not with AND",
    )


def _held(composite: CompositeAlarm, child: Alarm, other: str) -> Finding:
    return _fault(
        Code.COMPOSITE_HELD,
        composite,
        f"{quote(other)} is in ALARM now, so {quote(child.name)} changes nothing and no one is told",
        "let the root alarm itself notify",
    )


def _held_a_day(composite: CompositeAlarm, child: Alarm, other: str) -> Finding:
    return _fault(
        Code.COMPOSITE_HELD,
        composite,
        f"a root event may keep {quote(other)} in ALARM for a day, so {quote(child.name)} tells no one of "
        "the next",
        "let the root alarm itself notify",
    )


def _in_alarm_alone(composite: CompositeAlarm, child: Alarm) -> Finding:
    return _fault(
        Code.COMPOSITE_HELD,
        composite,
        f"it is in ALARM now without {quote(child.name)}, which changes nothing then, so no one is told",
        "let the root alarm itself notify",
    )


def _suppressed(composite: CompositeAlarm, suppressor: str, why: str) -> Finding:
    return _fault(
        Code.COMPOSITE_SUPPRESSED,
        composite,
        f"its actions suppressor {quote(suppressor)} {why}",
        "remove the actions suppressor",
    )


def _waits_too_long(composite: CompositeAlarm, child: Alarm, least_seconds: int) -> Finding:
    return _fault(
        Code.COMPOSITE_SUPPRESSED,
        composite,
        f"waits {composite.actions_suppressor_wait_seconds} s for its actions suppressor, but "
        f"{quote(child.name)} may be quiet after {least_seconds} s, so it may tell no one",
        "shorten the wait, or remove the suppressor",
    )
