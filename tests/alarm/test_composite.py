from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from root_usage.alarm import Rings, Sources, judge_composite, settles_within_a_day
from root_usage.alarm.composite_rule import (
    Always,
    And,
    AtLeast,
    InState,
    Not,
    Or,
    Rule,
    RuleSyntaxError,
    alarms_of,
    parse_rule,
    possible_values,
)
from root_usage.alarm.evaluation import StateValue
from root_usage.aws.arn import Arn
from root_usage.aws.cloudwatch import AlarmState, CompositeAlarm, Metric, MetricAlarm
from root_usage.verdict.findings import Code, Finding

from tests.alarm.working_alarm import ACCOUNT, ALARM, FILTER, NOW, REGION

IN_ALARM = AlarmState("ALARM", "", NOW - timedelta(minutes=3), NOW - timedelta(minutes=3))


def arn(name: str) -> Arn:
    return Arn("aws", "cloudwatch", REGION, ACCOUNT, f"alarm:{name}")


def metric_alarm(name: str, *, in_alarm: bool = False) -> MetricAlarm:
    alarm = replace(ALARM, name=name, arn=arn(name), metric=Metric("Custom", name))
    return replace(alarm, state=IN_ALARM) if in_alarm else alarm


def composite(rule: str, **changes: object) -> CompositeAlarm:
    alarm = CompositeAlarm("paging", arn("paging"), rule, True, (), ALARM.state, None, None)
    return replace(alarm, **changes)  # type: ignore[arg-type]


ROOT = ALARM
CPU, DISK = metric_alarm("cpu"), metric_alarm("disk full")
TWIN = replace(ALARM, name="root twin", arn=arn("root twin"))
ABOVE = replace(composite("ALARM(root-usage)"), name="above", arn=arn("above"))
LOOP = replace(composite("ALARM(paging)"), name="loop", arn=arn("loop"))
CALM = replace(composite("OK(cpu)"), name="calm", arn=arn("calm"))
ALARMS = (ROOT, CPU, DISK, TWIN, ABOVE, LOOP, CALM)
KNOWN = {key: alarm for alarm in ALARMS for key in (alarm.name, str(alarm.arn))}
NOISY = {**KNOWN, "cpu": metric_alarm("cpu", in_alarm=True)}


def settles(alarm: MetricAlarm) -> bool:
    return settles_within_a_day(alarm, Sources(FILTER))


def note(other: str) -> str:
    return f"composite alarm `paging` doesn't ring for `root-usage` while `{other}` is in ALARM"


@pytest.mark.parametrize(
    ("rule", "notes"),
    [
        pytest.param("ALARM(root-usage)", (), id="the-root-alarm-alone"),
        pytest.param('ALARM("root-usage")', (), id="quoted"),
        pytest.param(f"ALARM({ROOT.arn})", (), id="by-arn"),
        pytest.param("alarm( root-usage )", (), id="lower-case-and-blanks"),
        pytest.param("(ALARM(root-usage))", (), id="parentheses"),
        pytest.param("NOT NOT ALARM(root-usage)", (), id="twice-not"),
        pytest.param("NOT OK(root-usage)", (), id="not-ok-of-an-alarm-that-never-lacks-data"),
        pytest.param("ALARM(root-usage) OR FALSE", (), id="or-false"),
        pytest.param("ALARM(root-usage) AND TRUE", (), id="and-true"),
        pytest.param("ALARM(root-usage) OR ALARM(cpu)", (note("cpu"),), id="or-another-alarm"),
        pytest.param(
            'ALARM(cpu) OR ALARM("disk full") OR ALARM(root-usage)',
            (note("cpu"), note("disk full")),
            id="or-two-others",
        ),
        pytest.param("ALARM(root-usage) AND NOT ALARM(cpu)", (note("cpu"),), id="and-not-another"),
        pytest.param(
            "ALARM(root-usage) AND (OK(cpu) OR INSUFFICIENT_DATA(cpu))",
            (note("cpu"),),
            id="and-another-quiet-in-either-way",
        ),
        pytest.param('ALARM(root-usage) OR ALARM("root twin")', (note("root twin"),), id="or-its-twin"),
        pytest.param("ALARM(root-usage) OR ALARM(above)", (note("above"),), id="or-a-composite-over-it"),
        pytest.param("ALARM(cpu) AND ALARM(root-usage) OR ALARM(root-usage)", (), id="absorbed-and"),
        pytest.param("AT_LEAST(1, ALARM, (root-usage, cpu))", (note("cpu"),), id="at-least-one-of-two"),
        pytest.param("AT_LEAST(1, ALARM, (root-usage))", (), id="at-least-one-of-itself"),
        # AWS takes 500 elements in one rule, without any parentheses.
        pytest.param(" OR ".join(["ALARM(root-usage)"] * 487), (), id="most-alarms"),
        pytest.param("ALARM(root-usage)" + " OR FALSE" * 499, (), id="most-elements"),
        pytest.param(
            "ALARM(root-usage)" + " AND TRUE OR FALSE" * 249, (), id="most-elements-and-and-or-in-turn"
        ),
    ],
)
def test_composite_that_rings_with_the_root_alarm(rule: str, notes: tuple[str, ...]) -> None:
    assert judge_composite(composite(rule), ROOT, KNOWN, settles) == Rings(2, notes)


NEEDS_OTHERS = Finding(
    Code.COMPOSITE_NEEDS_OTHERS,
    "paging",
    "composite alarm `paging`: needs more than alarm `root-usage` in ALARM, so a root event alone may "
    "tell no one",
    "join the root alarm with OR, not with AND",
)
ALWAYS = Finding(
    Code.COMPOSITE_ALWAYS_IN_ALARM,
    "paging",
    "composite alarm `paging`: its rule may hold while all its alarms are quiet, so a root event may "
    "change nothing",
    "ring on ALARM(...) of the root alarm only",
)
CYCLE = Finding(
    Code.COMPOSITE_NOT_PROVEN,
    "paging",
    "composite alarm `paging`: it depends on itself through other composites, so CloudWatch stops "
    "evaluating it",
    "break the cycle",
)


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        pytest.param("ALARM(root-usage) AND ALARM(cpu)", NEEDS_OTHERS, id="and-another"),
        pytest.param("ALARM(cpu)", NEEDS_OTHERS, id="does-not-look-at-root"),
        pytest.param("FALSE", NEEDS_OTHERS, id="false"),
        pytest.param("ALARM(root-usage) AND OK(cpu)", NEEDS_OTHERS, id="and-another-ok-which-it-may-not-be"),
        pytest.param(
            'ALARM(root-usage) AND NOT ALARM("root twin")', NEEDS_OTHERS, id="and-not-its-twin-on-the-metric"
        ),
        pytest.param(
            "ALARM(root-usage) AND NOT ALARM(above)", NEEDS_OTHERS, id="and-not-a-composite-over-it"
        ),
        pytest.param("AT_LEAST(2, ALARM, (root-usage, cpu))", NEEDS_OTHERS, id="at-least-two-of-two"),
        pytest.param("AT_LEAST(50%, NOT OK, (root-usage, cpu))", ALWAYS, id="at-least-half-not-ok"),
        pytest.param("AT_LEAST(0, ALARM, (root-usage))", ALWAYS, id="at-least-none"),
        pytest.param("TRUE", ALWAYS, id="true"),
        pytest.param("NOT ALARM(root-usage)", ALWAYS, id="not-root"),
        pytest.param("ALARM(root-usage) OR INSUFFICIENT_DATA(cpu)", ALWAYS, id="or-another-without-data"),
        pytest.param("ALARM(root-usage) OR ALARM(calm)", ALWAYS, id="or-a-composite-that-holds-in-quiet"),
        pytest.param("ALARM(root-usage) AND NOT ALARM(calm)", NEEDS_OTHERS, id="and-not-such-a-composite"),
        pytest.param("ALARM(root-usage) OR ALARM(loop)", CYCLE, id="cycle"),
        pytest.param("ALARM(root-usage) OR ALARM(paging)", CYCLE, id="names-itself"),
    ],
)
def test_composite_that_does_not_ring(rule: str, finding: Finding) -> None:
    known = {**KNOWN, "paging": composite(rule)}

    assert judge_composite(composite(rule), ROOT, known) == finding


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"treat_missing_data": "missing"}, id="while-nothing-is-published"),
        pytest.param({"treat_missing_data": "ignore"}, id="missing-data-keep-the-state"),
        pytest.param(
            {"state": AlarmState("INSUFFICIENT_DATA", "", NOW, NOW)}, id="it-hasn-t-been-evaluated-so-far"
        ),
    ],
)
def test_not_ok_holds_on_insufficient_data(changes: Mapping[str, Any]) -> None:
    assert judge_composite(composite("NOT OK(root-usage)"), replace(ROOT, **changes), KNOWN) == ALWAYS


def test_composite_over_an_alarm_that_is_not_here_is_not_proven() -> None:
    finding = judge_composite(composite("ALARM(root-usage) OR ALARM(gone)"), ROOT, KNOWN)

    assert finding == Finding(
        Code.COMPOSITE_NOT_PROVEN,
        "paging",
        "composite alarm `paging`: its rule names `gone`, which is no metric or composite alarm here, "
        "so nothing is proven",
        "remove it from the rule",
    )


def test_and_beside_or_without_parentheses_is_not_proven_where_the_order_matters() -> None:
    rule = 'ALARM(root-usage) OR ALARM(cpu) AND ALARM("disk full")'

    assert judge_composite(composite(rule), ROOT, KNOWN) == Finding(
        Code.COMPOSITE_NOT_PROVEN,
        "paging",
        "composite alarm `paging`: it rings only if AND binds before OR, which AWS doesn't document, "
        "so nothing is proven",
        "put parentheses into its rule",
    )


@pytest.mark.parametrize(
    "sibling",
    [
        pytest.param({"treat_missing_data": "ignore"}, id="stays-in-alarm-for-ever"),
        pytest.param({"period": 86_400}, id="stays-in-alarm-for-a-day"),
        pytest.param({"treat_missing_data": "breaching"}, id="rings-while-it-is-quiet"),
        pytest.param({"threshold_metric_id": "ad1"}, id="not-decided"),
    ],
)
@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("ALARM(root-usage) OR ALARM(slow)", id="beside-it"),
        pytest.param("ALARM(root-usage) OR (ALARM(slow) AND NOT ALARM(cpu))", id="within-parentheses"),
    ],
)
def test_composite_held_by_a_sibling_that_the_root_event_sets_off_as_well(
    rule: str, sibling: Mapping[str, Any]
) -> None:
    """The sibling is still in ALARM a day later, so the composite is too and the second event is silent."""
    known = {**KNOWN, "slow": replace(ALARM, name="slow", arn=arn("slow"), **sibling)}

    assert judge_composite(composite(rule), ROOT, known, settles) == held_a_day("slow")


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("ALARM(root-usage) OR ALARM(slow)", id="over-a-slow-alarm"),
        pytest.param("ALARM(root-usage) AND", id="not-understood"),
    ],
)
def test_composite_held_by_another_composite(rule: str) -> None:
    slow = replace(ALARM, name="slow", arn=arn("slow"), treat_missing_data="ignore")
    other = replace(composite(rule), name="other", arn=arn("other"))
    known = {**KNOWN, "slow": slow, "other": other}

    judged = judge_composite(composite("ALARM(root-usage) OR ALARM(other)"), ROOT, known, settles)

    assert judged == held_a_day("other")


def test_sibling_on_the_same_metric_that_needs_more_root_events_does_not_hold_the_composite() -> None:
    known = {**KNOWN, "many": replace(ALARM, name="many", arn=arn("many"), threshold=5.0)}

    judged = judge_composite(composite("ALARM(root-usage) OR ALARM(many)"), ROOT, known, settles)

    assert judged == Rings(2, (note("many"),))


def test_sibling_on_the_same_metric_is_not_trusted_unasked() -> None:
    judged = judge_composite(composite('ALARM(root-usage) OR ALARM("root twin")'), ROOT, KNOWN)

    assert judged == held_a_day("root twin")


def held_a_day(other: str) -> Finding:
    return Finding(
        Code.COMPOSITE_HELD,
        "paging",
        f"composite alarm `paging`: a root event may keep `{other}` in ALARM for a day, so `root-usage` "
        "tells no one of the next",
        "let the root alarm itself notify",
    )


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param("ALARM(root-usage) OR ALARM(cpu)", id="or"),
        pytest.param("ALARM(root-usage) AND NOT ALARM(cpu)", id="and-not"),
    ],
)
def test_another_alarm_in_alarm_now_holds_the_composite(rule: str) -> None:
    assert judge_composite(composite(rule), ROOT, NOISY) == Finding(
        Code.COMPOSITE_HELD,
        "paging",
        "composite alarm `paging`: `cpu` is in ALARM now, so `root-usage` changes nothing and no one is told",
        "let the root alarm itself notify",
    )


def test_composite_in_alarm_without_its_root_alarm_is_a_finding() -> None:
    finding = judge_composite(composite("ALARM(root-usage)", state=IN_ALARM), ROOT, KNOWN)

    assert finding == Finding(
        Code.COMPOSITE_HELD,
        "paging",
        "composite alarm `paging`: it is in ALARM now without `root-usage`, which changes nothing then, "
        "so no one is told",
        "let the root alarm itself notify",
    )


def test_composite_in_alarm_together_with_its_root_alarm_is_fine() -> None:
    child = replace(ROOT, state=IN_ALARM)

    assert judge_composite(composite("ALARM(root-usage)", state=IN_ALARM), child, KNOWN) == Rings(2, ())


def test_composite_over_a_composite_rings() -> None:
    assert judge_composite(composite("ALARM(above)"), ABOVE, KNOWN) == Rings(2, ())


def test_composite_is_as_slow_as_its_child_and_its_suppressor_wait() -> None:
    child = replace(ROOT, period=3600, wall_clock_timezone="UTC")
    known = {**KNOWN, "root-usage": child, str(child.arn): child}
    alarm = composite("ALARM(root-usage)", actions_suppressor="cpu", actions_suppressor_wait_seconds=90)

    rings = judge_composite(alarm, child, known)

    assert rings == Rings(
        63, ("composite alarm `paging` tells no one while its actions suppressor `cpu` is in ALARM",)
    )


@pytest.mark.parametrize(
    ("suppressor", "why"),
    [
        pytest.param("gone", "isn't known here, so it may keep it silent", id="unknown"),
        pytest.param("root-usage", "may ring on root events too, so no one is told", id="root-itself"),
        pytest.param("root twin", "may ring on root events too, so no one is told", id="on-the-same-metric"),
        pytest.param("above", "may ring on root events too, so no one is told", id="composite-over-root"),
        pytest.param("cpu", "suppresses its actions now, so no one is told", id="in-alarm-now"),
    ],
)
def test_actions_suppressor_that_keeps_the_composite_silent(suppressor: str, why: str) -> None:
    finding = judge_composite(composite("ALARM(root-usage)", actions_suppressor=suppressor), ROOT, NOISY)

    assert finding == Finding(
        Code.COMPOSITE_SUPPRESSED,
        "paging",
        f"composite alarm `paging`: its actions suppressor `{suppressor}` {why}",
        "remove the actions suppressor",
    )


@pytest.mark.parametrize(
    ("changes", "wait", "least"),
    [
        pytest.param({}, 86_400, 240, id="a-day"),
        pytest.param({}, 300, 240, id="just-as-long"),
        pytest.param({}, 181, 240, id="not-as-long-if-the-event-is-seen-a-minute-late"),
        pytest.param({"period": 60}, 1, 0, id="one-evaluation"),
        pytest.param({"evaluation_periods": 3, "period": 60}, 181, 120, id="three-periods"),
        pytest.param(
            {"evaluation_periods": 3, "datapoints_to_alarm": 2, "treat_missing_data": "missing"},
            600,
            540,
            id="three-periods-but-for-the-first",
        ),
    ],
)
def test_composite_waits_for_its_suppressor_longer_than_the_child_rings(
    changes: Mapping[str, Any], wait: int, least: int
) -> None:
    """The child may be quiet again by then; AWS doesn't say that an action waited for is still made."""
    child = replace(ROOT, **changes)
    known = {**KNOWN, "root-usage": child, str(child.arn): child}
    alarm = composite("ALARM(root-usage)", actions_suppressor="cpu", actions_suppressor_wait_seconds=wait)

    assert judge_composite(alarm, child, known) == Finding(
        Code.COMPOSITE_SUPPRESSED,
        "paging",
        f"composite alarm `paging`: waits {wait} s for its actions suppressor, but `root-usage` may be quiet "
        f"after {least} s, so it may tell no one",
        "shorten the wait, or remove the suppressor",
    )


@pytest.mark.parametrize(("period", "wait"), [(300, 180), (60, 0)])
def test_composite_waits_for_its_suppressor_while_the_child_rings(period: int, wait: int) -> None:
    child = replace(ROOT, period=period)
    known = {**KNOWN, "root-usage": child, str(child.arn): child}
    alarm = composite("ALARM(root-usage)", actions_suppressor="cpu", actions_suppressor_wait_seconds=wait)

    assert isinstance(judge_composite(alarm, child, known), Rings)


def test_composite_in_its_extension_period_is_suppressed() -> None:
    alarm = composite("ALARM(root-usage)", actions_suppressor="cpu", actions_suppressed_by="ExtensionPeriod")

    finding = judge_composite(alarm, ROOT, KNOWN)

    assert isinstance(finding, Finding)
    assert finding.message == (
        "composite alarm `paging`: its actions suppressor `cpu` suppresses its actions now, so no one is told"
    )


A, B = InState(StateValue.ALARM, "a"), InState(StateValue.ALARM, "b")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param("ALARM(a)", A, id="bare-name"),
        pytest.param('OK("a b (c)")', InState(StateValue.OK, "a b (c)"), id="quoted-name-with-parentheses"),
        pytest.param(
            "INSUFFICIENT_DATA(a)", InState(StateValue.INSUFFICIENT_DATA, "a"), id="insufficient-data"
        ),
        pytest.param("ALARM(AND)", InState(StateValue.ALARM, "AND"), id="alarm-named-and"),
        pytest.param("TRUE", Always(True), id="true"),
        pytest.param("false", Always(False), id="false-in-lower-case"),
        pytest.param("ALARM(a) OR ALARM(b) AND ALARM(a)", Or((A, And((B, A)))), id="and-before-or"),
        pytest.param("(ALARM(a) OR ALARM(b)) AND ALARM(a)", And((Or((A, B)), A)), id="parentheses-first"),
        pytest.param("NOT ALARM(a) AND ALARM(b)", And((Not(A), B)), id="not-binds-to-its-unit"),
        pytest.param("NOT(ALARM(a) OR ALARM(b))", Not(Or((A, B))), id="not-of-parentheses"),
        pytest.param(r'ALARM("say \"a\"")', InState(StateValue.ALARM, 'say "a"'), id="quote-within-a-name"),
        pytest.param("AT_LEAST(1, ALARM, (a, b))", AtLeast(1, (A, B)), id="at-least-one"),
        pytest.param('at_least( 2 ,alarm,("a",b) )', AtLeast(2, (A, B)), id="at-least-with-a-quoted-name"),
        pytest.param("AT_LEAST(60%, ALARM, (a, b))", AtLeast(2, (A, B)), id="at-least-a-part"),
        pytest.param("AT_LEAST(50%, NOT ALARM, (a, b))", AtLeast(1, (Not(A), Not(B))), id="at-least-not"),
        pytest.param(
            "NOT AT_LEAST(1, ALARM, (a)) AND TRUE",
            And((Not(AtLeast(1, (A,))), Always(True))),
            id="not-at-least",
        ),
        pytest.param("ALARM(a)\n  OR\tALARM(b)", Or((A, B)), id="line-break-and-tab"),
    ],
)
def test_rule_is_read(text: str, tree: Rule) -> None:
    assert parse_rule(text) == tree


def test_left_to_right_reading_takes_words_as_they_come() -> None:
    tree = parse_rule("ALARM(a) OR ALARM(b) AND ALARM(a)", left_to_right=True)

    assert tree == And((Or((A, B)), A))


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        pytest.param("", "expected the state of an alarm", (0, 1), id="empty"),
        pytest.param("ALARM(a) ALARM(b)", "expected AND, OR or the end of the rule", (9, 14), id="no-word"),
        pytest.param("ALARM(a) AND", "expected the state of an alarm", (12, 13), id="and-nothing"),
        pytest.param("(ALARM(a)", "expected `)`", (9, 10), id="open-parenthesis"),
        pytest.param("ALARM()", "expected the state of an alarm", (0, 5), id="no-name"),
        pytest.param(
            "ALARM(a) && ALARM(b)", "expected AND, OR or the end of the rule", (9, 11), id="ampersands"
        ),
        pytest.param(
            "AT_LEAST(1, ALARM, ())", "expected the state of an alarm", (0, 8), id="at-least-of-none"
        ),
        pytest.param(
            "AT_LEAST(1, ALARM, (a,,b))",
            "expected names of alarms with commas between them",
            (0, 26),
            id="at-least-with-a-gap",
        ),
        pytest.param("UNKNOWN(a)", "expected the state of an alarm", (0, 7), id="unknown-state"),
        pytest.param("ANDROID", "expected the state of an alarm", (0, 7), id="word-that-starts-like-and"),
        pytest.param("(" * 300 + "TRUE", "nested too deeply", (100, 101), id="three-hundred-parentheses"),
        pytest.param(
            "(" * 10_240, "nested too deeply", (100, 101), id="as-many-parentheses-as-there-is-room"
        ),
        pytest.param("NOT " * 2_560, "nested too deeply", (400, 403), id="as-many-not-as-there-is-room"),
        pytest.param("ALARM(" + " " * 10_234, "expected the state of an alarm", (0, 5), id="blanks-only"),
        pytest.param("TRUE" + " " * 10_237, "longer than AWS allows", (10_240, 10_241), id="too-long"),
    ],
)
def test_junk_is_a_syntax_error_with_its_place(text: str, message: str, span: tuple[int, int]) -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        parse_rule(text)

    assert (caught.value.message, caught.value.span) == (message, span)


def test_syntax_error_shows_the_place() -> None:
    with pytest.raises(RuleSyntaxError) as caught:
        parse_rule("ALARM(a) ALARM(b)")

    assert str(caught.value) == (
        "expected AND, OR or the end of the rule\n    ALARM(a) ALARM(b)\n             ^~~~~"
    )


def test_composite_with_junk_for_a_rule_is_a_finding() -> None:
    assert judge_composite(composite("ALARM(root-usage) &"), ROOT, KNOWN) == Finding(
        Code.COMPOSITE_NOT_UNDERSTOOD,
        "paging",
        "composite alarm `paging`: its rule can't be read at character 19 (expected AND, OR or the end of "
        "the rule), so nothing is proven",
        "let the root alarm itself notify",
    )


def test_rule_of_many_alarms_is_decided_without_trying_all_states() -> None:
    rule = parse_rule(" OR ".join(f"ALARM(a{number})" for number in range(100)))
    quiet = frozenset({StateValue.OK, StateValue.INSUFFICIENT_DATA})

    values = possible_values(rule, dict.fromkeys(alarms_of(rule), quiet))

    assert values == {False}


@pytest.mark.parametrize(
    ("rule", "finding"),
    [
        pytest.param("ALARM(root-usage) OR ALARM(cpu)", held_a_day("cpu"), id="or"),
        pytest.param("ALARM(root-usage) AND NOT ALARM(cpu)", NEEDS_OTHERS, id="and-not"),
    ],
)
def test_alarm_on_another_metric_that_root_events_move_counts(rule: str, finding: Finding) -> None:
    """It may be moved by the same event, and still be in ALARM when the next one comes."""
    judged = judge_composite(composite(rule), ROOT, KNOWN, lambda _: False, lambda alarm: alarm is CPU)

    assert judged == finding


def test_alarm_on_another_metric_that_is_quiet_again_within_a_day_does_not_hold_the_composite() -> None:
    rule = "ALARM(root-usage) OR ALARM(cpu)"

    judged = judge_composite(composite(rule), ROOT, KNOWN, lambda _: True, lambda alarm: alarm is CPU)

    assert judged == Rings(2, (note("cpu"),))


def test_actions_suppressor_on_another_metric_that_root_events_move() -> None:
    alarm = composite("ALARM(root-usage)", actions_suppressor="cpu")

    finding = judge_composite(alarm, ROOT, KNOWN, lambda _: True, lambda each: each is CPU)

    assert isinstance(finding, Finding)
    assert finding.message == (
        "composite alarm `paging`: its actions suppressor `cpu` may ring on root events too, "
        "so no one is told"
    )


def test_other_alarms_that_hold_the_composite_only_together_are_noted() -> None:
    rule = 'ALARM(root-usage) AND NOT (ALARM(cpu) AND ALARM("disk full"))'
    several = "composite alarm `paging` doesn't ring for `root-usage` while several of its other alarms are"

    assert judge_composite(composite(rule), ROOT, KNOWN) == Rings(2, (f"{several} in ALARM",))


def test_composite_of_which_something_is_not_known_proves_nothing() -> None:
    odd = replace(composite("ALARM(root-usage)"), unknown="StateValue PAUSED")

    assert judge_composite(odd, ROOT, KNOWN) == Finding(
        Code.COMPOSITE_NOT_PROVEN,
        "paging",
        "composite alarm `paging`: this rule doesn't know StateValue PAUSED, so nothing is proven",
        "let the root alarm itself notify",
    )


def test_other_alarm_in_a_state_that_is_not_known_may_be_in_alarm() -> None:
    odd = replace(CPU, state=replace(CPU.state, value="PAUSED"))

    judged = judge_composite(composite("ALARM(root-usage) AND NOT ALARM(cpu)"), ROOT, {**KNOWN, "cpu": odd})

    assert isinstance(judged, Finding)
    assert judged.code is Code.COMPOSITE_HELD
