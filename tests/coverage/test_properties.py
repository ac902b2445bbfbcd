"""The decision against its definition: brute force over a small space of events, under each reading."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from root_usage.coverage import Coverage, Covered, Missed, Undecided, decide_coverage
from root_usage.coverage.budget import MAX_CHOICES, MAX_TRANSITIONS, Budget, CapReached
from root_usage.coverage.goals import Problem
from root_usage.coverage.nodes import Stance
from root_usage.coverage.root_activity import ABSENT, is_root_activity, root_activity
from root_usage.coverage.root_events import EventKind, copy_of, root_events
from root_usage.coverage.search import is_possible
from root_usage.coverage.truth import truth_of_pattern
from root_usage.coverage.views import view_of
from root_usage.filter_pattern import Reading, format_filter_pattern, matches
from root_usage.filter_pattern.syntax import (
    AnyElement,
    AnyMember,
    Comparison,
    Condition,
    Element,
    IpGlob,
    JsonPattern,
    Member,
    Number,
    Operand,
    Operator,
    Or,
    Regex,
    Selector,
    Text,
)

from tests.coverage.watches import ACCOUNT, watch
from tests.filter_pattern.strategies import (
    conditions,
    conjunction,
    disjunction,
    events,
    expressions,
    filter_patterns,
    json_patterns,
    readings,
)


def path(*names: str) -> Selector:
    return Selector(tuple(map(Member, names)))


X = path("requestParameters", "x")
SELECTORS = st.sampled_from(
    [
        *(path("eventName"), path("awsRegion"), path("readOnly"), path("errorCode")),
        *(path("userIdentity", "type"), path("userIdentity", "invokedBy"), path("requestParameters"), X),
        path("userIdentity", "sessionContext", "assumedRoot"),
        path("requestParameters", "x", "y"),
        Selector((*X.steps, Element(0))),
        Selector((*X.steps, AnyElement())),
        Selector((Member("requestParameters"), AnyMember())),
    ]
)
OPERANDS: st.SearchStrategy[Operand] = st.sampled_from(
    [
        *(Text("Root", is_quoted=True), Text("Get*", is_quoted=False), Text("*Role", is_quoted=True)),
        *(Text("G*e", is_quoted=True), Text("*", is_quoted=False), Text("1", is_quoted=True)),
        *(Text("true", is_quoted=False), Text("us-*", is_quoted=True), Text("4*", is_quoted=False)),
        *(IpGlob("1.*"), Regex("^G"), Regex("o.*e$"), Number("1"), Number("400"), Number("0.5")),
    ]
)
PATTERNS = json_patterns(expressions(conditions(SELECTORS, OPERANDS), max_leaves=6))
NAME_TESTS = st.builds(
    Comparison,
    st.just(path("eventName")),
    st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL]),
    OPERANDS.filter(lambda each: isinstance(each, Text) and "*" not in each.content[1:-1]),
)


def flipped(test: Comparison) -> Comparison:
    operator = Operator.NOT_EQUAL if test.operator is Operator.EQUAL else Operator.EQUAL
    return replace(test, operator=operator)


def split(pattern: JsonPattern, test: Comparison, others: Sequence[Condition]) -> JsonPattern:
    """A union that covers if there is nothing odd about the others."""
    tautology = disjunction([test, flipped(test)])
    expression = pattern.expression
    return JsonPattern(disjunction([conjunction([expression, test]), tautology, *others]))


COVERING = st.builds(
    split, PATTERNS, NAME_TESTS, st.lists(conditions(SELECTORS, OPERANDS), max_size=2)
).filter(lambda pattern: repr(pattern).count("Any") <= 3 and repr(pattern).count("Regex(") <= 2)
PLAIN = root_events(ACCOUNT)[EventKind.API_CALL]
VALUES: list[Any] = [
    *(ABSENT, None, True, False, 0, 1, 0.5, 400, 1.25, "", "1", "true", "Root", "GetRole", "Goe", "1.2.3.4"),
    *({}, {"y": 1}, {"y": None}, [], [1], ["Root"], [{}], [None, 1]),
]
NAMES = ("GetRole", "PutRole", "Getting", "ConsoleLogin")


def _root_events() -> Iterator[dict[str, Any]]:
    """Root events that differ in the fields that the patterns speak of."""
    parameters = [ABSENT, None, *({} if value is ABSENT else {"x": value} for value in VALUES), {"z": 1}]
    for name, requested, (region, is_read_only), code in itertools.product(
        NAMES, parameters, [("us-east-1", False), ("eu-west-2", True)], [ABSENT, "AccessDenied", "Root"]
    ):
        event = {**copy_of(PLAIN), "eventName": name, "awsRegion": region, "readOnly": is_read_only}
        for key, value in {"requestParameters": requested, "errorCode": code}.items():
            if value is ABSENT:
                event.pop(key, None)
            else:
                event[key] = value
        yield event


SPACE = list(_root_events())
SAMPLES = st.lists(st.sampled_from(SPACE), min_size=40, max_size=40)
# Settled for coverage, see `truth`: where the parent is absent, the child is.
READINGS = readings().map(lambda reading: replace(reading, not_exists_under_absent_parent=True))


def decide(*patterns: JsonPattern, allow_assume_root_exclusion: bool = False) -> Coverage:
    watches = [watch(format_filter_pattern(pattern)) for pattern in patterns]
    return decide_coverage(watches, ACCOUNT, allow_assume_root_exclusion=allow_assume_root_exclusion)


def is_caught(patterns: Sequence[JsonPattern], event: dict[str, Any], reading: Reading) -> bool:
    return any(matches(pattern, event, reading) for pattern in patterns)


def test_the_space_of_events_is_root_activity() -> None:
    assert len(SPACE) == 648
    assert all(is_root_activity(event, ACCOUNT) for event in SPACE)


@given(st.lists(COVERING, min_size=1, max_size=2), SAMPLES, READINGS)
def test_no_root_event_escapes_what_is_covered(
    patterns: list[JsonPattern], sample: list[dict[str, Any]], reading: Reading
) -> None:
    assume(isinstance(decide(*patterns), Covered))

    assert all(is_caught(patterns, event, reading) for event in sample)


@settings(max_examples=100)
@given(PATTERNS, READINGS)
def test_what_brute_force_finds_uncaught_is_never_covered(pattern: JsonPattern, reading: Reading) -> None:
    assume(any(not is_caught([pattern], event, reading) for event in SPACE))

    assert not isinstance(decide(pattern), Covered)


@settings(max_examples=150)
@given(st.lists(PATTERNS, min_size=1, max_size=2), READINGS)
def test_a_missed_event_is_root_activity_that_every_pattern_rejects_under_every_reading(
    patterns: list[JsonPattern], reading: Reading
) -> None:
    outcome = decide(*patterns)
    assume(isinstance(outcome, Missed))

    assert isinstance(outcome, Missed)
    assert is_root_activity(outcome.example, ACCOUNT)
    assert not is_caught(patterns, outcome.example, Reading())
    assert not is_caught(patterns, outcome.example, reading)


@given(COVERING, PATTERNS)
def test_a_filter_more_never_turns_covered_into_anything_else(one: JsonPattern, other: JsonPattern) -> None:
    assume(isinstance(decide(one), Covered))

    assert isinstance(decide(one, other), Covered)


SIMPLE_SELECTORS = st.sampled_from(
    [path("eventName"), path("awsRegion"), path("readOnly"), path("errorCode")]
)
SIMPLE = expressions(conditions(SIMPLE_SELECTORS, OPERANDS.filter(lambda each: not isinstance(each, Regex))))


@given(json_patterns(SIMPLE), json_patterns(SIMPLE))
def test_two_patterns_and_their_union_get_the_same_answer(one: JsonPattern, other: JsonPattern) -> None:
    union = JsonPattern(disjunction([one.expression, other.expression]))
    assume(isinstance(union.expression, Or))

    assert type(decide(union)) is type(decide(one, other))


@given(json_patterns(expressions(NAME_TESTS)))
def test_strings_on_one_field_that_is_always_there_are_always_decided(pattern: JsonPattern) -> None:
    """Only what CloudTrail isn't known to write, no call's name by AWS's habit, may be left open."""
    outcome = decide(pattern)

    assert not isinstance(outcome, Undecided) or "whether `eventName` is ever like" in outcome.reason


@given(st.lists(filter_patterns(), max_size=3))
def test_random_patterns_get_an_answer(patterns: list[Any]) -> None:
    watches = [watch(format_filter_pattern(pattern)) for pattern in patterns]

    assert isinstance(decide_coverage(watches, ACCOUNT), Covered | Missed | Undecided)


@given(st.text(alphabet='{}$.=!&|() "ab*%[]<>1NOTEXIS', max_size=60))
def test_junk_gets_an_answer(text: str) -> None:
    assert isinstance(decide_coverage([watch(text)], ACCOUNT), Covered | Missed | Undecided)


@given(PATTERNS)
def test_a_proof_takes_no_more_steps_than_its_budget(pattern: JsonPattern) -> None:
    """Steps, not seconds: what patterns of this size need is a small part of the caps."""
    budget = Budget()
    problem = Problem(root_activity(ACCOUNT), Stance.POSSIBLY, budget)
    view = view_of(watch(format_filter_pattern(pattern)), ACCOUNT)

    is_possible(problem, problem.all_unheard([view]))

    assert MAX_CHOICES - budget.choices < MAX_CHOICES / 4
    assert MAX_TRANSITIONS - budget.transitions < MAX_TRANSITIONS / 4


def test_caps_are_exceptions_that_name_themselves() -> None:
    budget = Budget(transitions=0, choices=0)
    messages = []
    for spend in (budget.spend_choice, budget.spend_transition):
        try:
            spend()
        except CapReached as cap:
            messages.append(str(cap))

    assert messages == [
        "its conditions combine in more than 12,000 ways",
        "its strings and regexes need more than 12,000 automaton steps",
    ]


@settings(max_examples=150)
@given(json_patterns(expressions(max_leaves=4)) | PATTERNS, events() | st.sampled_from(SPACE), READINGS)
def test_the_bounds_of_truth_hold_under_every_reading(
    pattern: JsonPattern, event: dict[str, Any], reading: Reading
) -> None:
    bounds = truth_of_pattern(pattern, event)
    truth = matches(pattern, event, reading)

    assert bounds.possibly or not truth
    assert truth or not bounds.surely
