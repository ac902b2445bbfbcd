"""Which event patterns match every root event: answers by hand, and the translation held to the evaluator."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from root_usage.coverage import Covered, Missed, Undecided
from root_usage.coverage.event_patterns import (
    EVENT_READINGS,
    READING,
    Bus,
    RuleWatch,
    decide_coverage_of_bus,
    decide_event_coverage,
    is_surely_unmatched,
    translation_of,
)
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN, Path, is_root_activity
from root_usage.coverage.root_events import root_events
from root_usage.event_pattern import matches, parse_event_pattern
from root_usage.event_pattern.envelope import DETAIL_TYPES, delivered
from root_usage.event_pattern.syntax import (
    Alternative,
    AnythingBut,
    EventPattern,
    Exact,
    Exists,
    Field,
    Matcher,
    Prefix,
    Suffix,
    Wildcard,
)
from root_usage.filter_pattern import matches as record_matches
from root_usage.filter_pattern.syntax import JsonPattern

from tests.coverage.test_root_event_corpus import EVENTS as CORPUS
from tests.event_pattern.recipes import RECIPES
from tests.event_pattern.root_events import ACCOUNT, PEOPLES
from tests.event_pattern.strategies import MATCHERS, TEXTS, VALUES

# Its `anything-but` a prefix excludes the calls to AWS Signer, which none of the recipes' events is.
MISSES_SIGNER = "sign-ins or calls"


def coverage_of(*patterns: str) -> Covered | Missed | Undecided:
    return decide_event_coverage([parse_event_pattern(each) for each in patterns], ACCOUNT)


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_is_covered_only_if_it_matches_all_that_people_have_to_be_told_of(name: str) -> None:
    text, matched = RECIPES[name]

    coverage = coverage_of(text)

    assert isinstance(coverage, Covered) is (matched >= PEOPLES and name != MISSES_SIGNER)


TYPE_ROOT = '{"detail": {"userIdentity": {"type": ["Root"]}}}'
OF_AWS = '{"source": [{"prefix": "aws."}]}'
CALLS = '{"detail-type": ["AWS API Call via CloudTrail"]}'
OTHER_CALLS = '{"detail-type": [{"anything-but": "AWS API Call via CloudTrail"}]}'


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        pytest.param([(OF_AWS, TYPE_ROOT)], Covered, id="everything-is-forwarded"),
        pytest.param([(TYPE_ROOT, OF_AWS)], Covered, id="root-is-forwarded"),
        pytest.param([(CALLS, TYPE_ROOT)], Missed, id="calls-are-forwarded"),
        pytest.param([(TYPE_ROOT, CALLS)], Missed, id="calls-are-heard"),
        pytest.param([(CALLS, TYPE_ROOT), (OTHER_CALLS, TYPE_ROOT)], Covered, id="two-rules-forward"),
        pytest.param([(TYPE_ROOT, CALLS), (TYPE_ROOT, OTHER_CALLS)], Covered, id="two-rules-hear"),
        pytest.param([(CALLS, OTHER_CALLS), (OTHER_CALLS, CALLS)], Missed, id="crosswise"),
    ],
)
def test_what_is_forwarded_has_to_match_both_rules(pairs: list[tuple[str, str]], expected: type) -> None:
    watches = tuple(
        RuleWatch(str(number), parse_event_pattern(heard), forwarded=parse_event_pattern(forwarded))
        for number, (forwarded, heard) in enumerate(pairs)
    )

    coverage = decide_coverage_of_bus(watches, (), Bus(ACCOUNT, "us-east-1"))

    assert isinstance(coverage, expected)
    if isinstance(coverage, Missed):
        assert not any(each.may_catch(coverage.example) for each in watches)


@pytest.mark.parametrize("name", RECIPES)
def test_missed_event_is_one_that_the_recipe_rejects(name: str) -> None:
    pattern = parse_event_pattern(RECIPES[name][0])
    coverage = decide_event_coverage([pattern], ACCOUNT)

    if isinstance(coverage, Missed):
        assert is_surely_unmatched([pattern], coverage.example)
        assert coverage.example["userIdentity"]["type"] == "Root"


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        pytest.param({"userIdentity": {"type": ["Root"]}}, Covered, id="type"),
        pytest.param({"userIdentity": {"type": ["Root", "IAMUser"]}}, Covered, id="type-or-another"),
        pytest.param({"userIdentity": {"type": [{"prefix": "R"}]}}, Covered, id="prefix"),
        pytest.param({"userIdentity": {"type": [{"wildcard": "*oo*"}]}}, Covered, id="wildcard"),
        pytest.param({"userIdentity": {"type": [{"wildcard": "R*t"}]}}, Covered, id="inner-star"),
        pytest.param({"userIdentity": {"type": [{"exists": True}]}}, Covered, id="exists"),
        pytest.param({"eventName": [{"anything-but": "Kaputt"}]}, Missed, id="one-name-excluded"),
        pytest.param({"eventName": [{"anything-but": {"prefix": "Zz"}}]}, Missed, id="one-prefix-excluded"),
        pytest.param({"errorCode": [{"exists": False}]}, Missed, id="denied-calls"),
        pytest.param({"readOnly": [False, True]}, Undecided, id="events-that-may-not-say-it"),
        pytest.param({"readOnly": [False]}, Missed, id="writes"),
        pytest.param({"userIdentity": {"userName": [{"exists": False}]}}, Missed, id="account-with-an-alias"),
        pytest.param({"requestParameters": [{"exists": False}, None]}, Undecided, id="exists-on-an-object"),
        pytest.param({"awsRegion": [{"anything-but": ["eu-north-1"]}]}, Missed, id="one-region-excluded"),
    ],
)
def test_clause_on_the_record(detail: dict[str, Any], expected: type) -> None:
    assert isinstance(coverage_of(json.dumps({"detail": detail})), expected)


@pytest.mark.parametrize(
    ("envelope", "expected"),
    [
        pytest.param({"account": [ACCOUNT]}, Covered, id="own-account"),
        pytest.param({"account": ["444455556666"]}, Missed, id="another-account"),
        pytest.param({"source": [{"prefix": "aws."}]}, Covered, id="all-services"),
        pytest.param({"source": [{"anything-but": ["aws.kms"]}]}, Missed, id="one-service-excluded"),
        pytest.param({"region": ["us-east-1"]}, Missed, id="one-region"),
        pytest.param({"detail-type": [{"prefix": "AWS "}]}, Covered, id="all-detail-types"),
        pytest.param({"detail-type": [DETAIL_TYPES["AwsApiCall"]]}, Missed, id="calls"),
        pytest.param({"version": ["0"]}, Undecided, id="what-tells-nothing"),
    ],
)
def test_clause_on_the_envelope(envelope: dict[str, Any], expected: type) -> None:
    pattern = {**envelope, "detail": {"userIdentity": {"type": ["Root"]}}}

    assert isinstance(coverage_of(json.dumps(pattern)), expected)


def test_patterns_cover_together_what_none_covers_alone() -> None:
    calls = '{"detail": {"eventType": ["AwsApiCall"]}}'
    others = '{"detail": {"eventType": [{"anything-but": "AwsApiCall"}]}}'

    assert isinstance(coverage_of(calls), Missed)
    assert isinstance(coverage_of(others), Missed)
    assert isinstance(coverage_of(calls, others), Covered)


def test_pattern_more_takes_nothing_away() -> None:
    for text, _ in RECIPES.values():
        assert isinstance(coverage_of(ROOT_EVENT_PATTERN, text), Covered)


def test_no_pattern_matches_nothing() -> None:
    coverage = decide_event_coverage([], ACCOUNT)

    assert isinstance(coverage, Missed)
    assert coverage.phrase == "misses, for example, root CreateAccessKey of iam.amazonaws.com in us-east-1"


DETAIL_PATHS = st.sampled_from((("detail", "a"), ("detail", "b", "c"), ("detail", "eventName")))
SOURCES = st.sampled_from(("aws.iam", "aws.i", "aws.", "iam", "aws.iam.x", "aws.*")).flatmap(
    lambda text: st.sampled_from((Exact(text), Prefix(text)))
)
FIELDS = st.one_of(
    st.builds(lambda path, listed: Field(path, tuple(listed)), DETAIL_PATHS, st.lists(MATCHERS, min_size=1)),
    st.builds(lambda listed: Field(("source",), tuple(listed)), st.lists(SOURCES, min_size=1)),
    st.builds(
        lambda value: Field(("detail-type",), (value,)),
        st.sampled_from((*map(Exact, DETAIL_TYPES.values()), Exists(exists=True), Prefix("AWS"))),
    ),
)
EVENT_PATTERNS = st.lists(FIELDS, min_size=1, max_size=2, unique_by=lambda field: field.path).map(
    lambda fields: EventPattern((Alternative(tuple(sorted(fields, key=lambda each: each.path))),))
)
RECORDS = st.fixed_dictionaries(
    {
        "eventSource": st.sampled_from(("iam.amazonaws.com", "i.amazonaws.com", "iam.x.com", "iam")),
        "eventName": TEXTS,
        "eventType": st.sampled_from(tuple(DETAIL_TYPES)),
        "eventID": st.just("id"),
        "eventTime": st.just("now"),
        "recipientAccountId": st.just(ACCOUNT),
        "awsRegion": st.just("us-east-1"),
    },
    optional={"a": VALUES, "b": VALUES},
)


@given(EVENT_PATTERNS, RECORDS)
def test_translation_matches_nothing_that_the_event_pattern_may_not(
    pattern: EventPattern, record: dict[str, Any]
) -> None:
    translated = translation_of(pattern, ACCOUNT)

    if translated is not None and record_matches(JsonPattern(translated), record, READING):
        assert all(matches(pattern, delivered(record), each) for each in EVENT_READINGS)


# -- the decision against its definition, over root events of many shapes

ROOT_EVENTS = [
    row["event"]
    for row in CORPUS
    if row["expected"] == "root activity"
    and not row.get("is_doubtful")
    and row["event"].get("recipientAccountId") == ACCOUNT
    and "partition" not in row
] + list(root_events(ACCOUNT).values())
ROOT = Field(("detail", "userIdentity", "type"), (Exact("Root"),))
TWO_WAYS: list[tuple[Path, Matcher]] = [
    (("detail", "eventName"), Exact("ConsoleLogin")),
    (("detail", "eventName"), Prefix("Get")),
    (("detail", "eventName"), Wildcard(("", "User", ""))),
    (("detail", "eventType"), Exact("AwsApiCall")),
    (("detail", "awsRegion"), Suffix("-1")),
    (("region",), Exact("us-east-1")),
    (("source",), Exact("aws.iam")),
]
"""Conditions on what every event has: each event matches one, or `anything-but` it."""
OTHER_WAYS: list[tuple[Path, Matcher]] = [
    (("detail", "errorCode"), Exists(exists=False)),
    (("detail", "errorCode"), Exists(exists=True)),
    (("detail", "readOnly"), Exact(value=False)),
    (("detail", "requestParameters"), Exists(exists=False)),
    (("detail", "requestParameters"), Exact(None)),
    (("detail", "userIdentity", "invokedBy"), Exists(exists=False)),
    (("detail-type",), Exact(DETAIL_TYPES["AwsConsoleSignIn"])),
    (("account",), Exact(ACCOUNT)),
    (("version",), Exact("0")),
]


def root_with(*conditions: tuple[Path, Matcher]) -> EventPattern:
    """Root's events that meet the conditions; of two on one field the last counts."""
    fields = {path: Field(path, (matcher,)) for path, matcher in conditions}
    return EventPattern((Alternative((ROOT, *fields.values())),))


def but_for(condition: tuple[Path, Matcher]) -> tuple[Path, Matcher]:
    path, matcher = condition
    return path, AnythingBut((matcher,))  # type: ignore[arg-type]


def split(by: tuple[Path, Matcher], within: list[tuple[Path, Matcher]]) -> list[EventPattern]:
    """A union that covers if nothing within its parts is odd."""
    return [root_with(*within, by), root_with(but_for(by))]


CONDITIONS = st.sampled_from([*TWO_WAYS, *map(but_for, TWO_WAYS), *OTHER_WAYS])
UNIONS = st.lists(
    st.lists(CONDITIONS, min_size=1, max_size=2).map(lambda each: root_with(*each)), min_size=1, max_size=3
)
COVERING = st.builds(split, st.sampled_from(TWO_WAYS), st.lists(CONDITIONS, max_size=1))


@given(COVERING, UNIONS)
def test_pattern_more_never_turns_covered_into_anything_else(
    covering: list[EventPattern], others: list[EventPattern]
) -> None:
    assume(isinstance(decide_event_coverage(covering, ACCOUNT), Covered))

    assert isinstance(decide_event_coverage([*others, *covering], ACCOUNT), Covered)


@given(COVERING)
def test_no_root_event_escapes_what_is_covered(patterns: list[EventPattern]) -> None:
    assume(isinstance(decide_event_coverage(patterns, ACCOUNT), Covered))

    for event, reading in product(map(delivered, ROOT_EVENTS), EVENT_READINGS):
        assert any(matches(each, event, reading) for each in patterns)


@given(UNIONS)
def test_union_that_leaves_a_root_event_out_is_never_covered(patterns: list[EventPattern]) -> None:
    assume(not all(any(matches(each, delivered(event)) for each in patterns) for event in ROOT_EVENTS))

    assert not isinstance(decide_event_coverage(patterns, ACCOUNT), Covered)


@given(UNIONS)
def test_missed_event_is_root_activity_that_every_pattern_rejects(patterns: list[EventPattern]) -> None:
    coverage = decide_event_coverage(patterns, ACCOUNT)
    assume(isinstance(coverage, Missed))

    assert isinstance(coverage, Missed)
    assert is_root_activity(coverage.example, ACCOUNT)
    assert is_surely_unmatched(patterns, coverage.example)
