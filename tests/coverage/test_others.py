"""Events of others than root that a watch catches: a proof that there is none, or one that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.coverage import CatchesOthers, Watch, others_caught_by
from root_usage.coverage.everyday import everyday_events, rare_events
from root_usage.coverage.root_activity import is_root_activity
from root_usage.coverage.root_events import copy_of
from root_usage.coverage.views import View, view_of
from root_usage.filter_pattern import format_filter_pattern
from root_usage.filter_pattern.syntax import Member, Selector, Text

from tests.coverage.watches import ACCOUNT, CIS, root_and, watch
from tests.filter_pattern.strategies import conditions, expressions, json_patterns

NOT_A_ROOT = '$.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"'


def root_or(condition: str) -> str:
    return f"{{ ({CIS[1:-1]}) || {condition} }}"


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(CIS, id="cis"),
        pytest.param('{ $.userIdentity.type = "Root" }', id="services-that-act-for-root"),
        pytest.param("{ $.userIdentity.type = %Root% }", id="regex"),
        pytest.param(f'{{ $.userIdentity.arn = "*:root" && {NOT_A_ROOT} }}', id="by-arn"),
        pytest.param(f'{{ $.userIdentity.principalId = "{ACCOUNT}" && {NOT_A_ROOT} }}', id="by-principal"),
        pytest.param('{ $.userIdentity.sessionContext.assumedRoot = "true" }', id="by-assume-root"),
        pytest.param(
            root_or('($.userIdentity.type = "Root" && $.eventName = "*")'), id="two-clauses-about-root"
        ),
        pytest.param(root_or('($.eventName = "A" && $.eventName = "B")'), id="a-clause-that-never-holds"),
        pytest.param(root_and('($.eventName = "ConsoleLogin" || $.eventName != "x")'), id="nested"),
    ],
)
def test_nobody_but_root_can_cause_a_match(pattern: str) -> None:
    assert others_caught_by(watch(pattern), ACCOUNT) is None


@pytest.mark.parametrize(
    ("pattern", "phrase"),
    [
        pytest.param(
            root_or('$.eventName = "ConsoleLogin"'),
            "also matches sign-ins of others, failed sign-ins, which anybody can cause",
            id="sign-ins",
        ),
        pytest.param(
            root_or('$.eventName = "CreateTrail"'),
            "also matches events of others (eventName CreateTrail)",
            id="one-call",
        ),
        pytest.param(
            root_or('$.userIdentity.sessionContext.sessionIssuer.userName = "BreakGlass*"'),
            "also matches events of others (userIdentity.sessionContext.sessionIssuer.userName BreakGlass)",
            id="one-role",
        ),
        pytest.param(
            '{ $.userIdentity.* = "Root" }',
            "also matches events of others (userIdentity.userName Root)",
            id="a-user-named-root",
        ),
        pytest.param(
            f"{{ ($.userIdentity.userName NOT EXISTS || $.userIdentity.type = Root) && {NOT_A_ROOT} }}",
            "also matches sign-ins of others, IAM changes by others",
            id="without-a-user-name",
        ),
        pytest.param(
            root_or('$.userIdentity.accountId = "anonymous"'),
            "may also match events of others (nobody can tell of whom)",
            id="an-id-that-is-none",
        ),
        pytest.param(
            root_or("$.userIdentity IS NULL"),
            "may also match events of others (nobody can tell of whom)",
            id="without-an-identity",
        ),
        pytest.param("Root", "also matches events of others with these words in them", id="a-word"),
        pytest.param(
            "%Root%",
            "may also match events of others (the pattern searches the event's text, not its fields)",
            id="regex-in-the-text",
        ),
        pytest.param(
            root_or('$.* != "a"'),
            "may also match sign-ins of others, "
            "failed sign-ins, which anybody can cause, IAM changes by others",
            id="an-open-point",
        ),
        pytest.param(
            "[a, b]",
            "may also match events of others (a space-delimited pattern isn't made for CloudTrail's JSON)",
            id="space-delimited",
        ),
    ],
)
def test_what_others_can_cause_is_told(pattern: str, phrase: str) -> None:
    caught = others_caught_by(watch(pattern), ACCOUNT)

    assert caught is not None
    assert caught.phrase == phrase


def test_what_takes_too_long_counts_as_caught() -> None:
    caught = others_caught_by(watch(root_or("$.eventName = %.{400}a.{400}%")), ACCOUNT)

    assert caught == CatchesOthers(
        "may also match events of others (its strings and regexes need more than 12,000 automaton steps)"
    )


def test_an_example_is_caught_and_not_roots() -> None:
    watched = watch(root_or('($.userAgent = "aws-cli*" && $.sourceIPAddress = 203.0.113.*)'))
    caught = others_caught_by(watched, ACCOUNT)

    assert caught is not None
    assert caught.example is not None
    assert caught.example["userIdentity"]["type"] != "Root"
    assert view(watched).surely_catches(caught.example)


def view(watched: Watch) -> View:
    found = view_of(watched, ACCOUNT)
    assert isinstance(found, View)
    return found


def events_of_others() -> Iterator[dict[str, Any]]:
    yield from everyday_events(ACCOUNT, "eu-west-1")
    yield from rare_events(ACCOUNT, "aws").values()


PATHS = [
    *(
        ("userIdentity", name)
        for name in ("type", "arn", "principalId", "accountId", "userName", "invokedBy")
    ),
    *(("eventName",), ("eventSource",), ("errorCode",), ("userAgent",), ("awsRegion",), ("eventType",)),
    ("userIdentity", "sessionContext", "sessionIssuer", "userName"),
]
SELECTORS = st.sampled_from([Selector(tuple(map(Member, path))) for path in PATHS])
VALUES = st.sampled_from(
    [
        Text(each, is_quoted=True)
        for each in (
            *("Root", "IAMUser", "AssumedRole", "R*", "*", "*root", ACCOUNT, "deploy", "app", "aws*"),
            *("ConsoleLogin", "Describe*", "sts.amazonaws.com", "AccessDenied", "AwsApiCall", "eu-west-1"),
        )
    ]
)


PATTERNS = json_patterns(expressions(conditions(SELECTORS, VALUES), max_leaves=6))
TYPES = ["IAMUser", "AssumedRole", "AWSService", "AWSAccount", "Role", "Unknown"]
ANY_TEXT = ["Root", "deploy", "aws-cli/2", "ConsoleLogin", "AccessDenied", "sts.amazonaws.com", "eu-west-1"]
FREE_TEXTS = ["eventName", "eventSource", "errorCode", "userAgent", "sourceIPAddress"]


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """A known event of others, with other texts in some of its fields."""
    event = copy_of(draw(st.sampled_from(list(events_of_others()))))
    event["userIdentity"]["type"] = draw(st.sampled_from(TYPES))
    event |= draw(st.dictionaries(st.sampled_from(FREE_TEXTS), st.sampled_from(ANY_TEXT)))
    event["userIdentity"] |= draw(
        st.dictionaries(st.sampled_from(["userName", "invokedBy"]), st.sampled_from(ANY_TEXT))
    )
    return event


@given(PATTERNS, st.lists(events(), max_size=5))
def test_what_is_proven_quiet_catches_no_event_of_others(pattern: Any, others: list[dict[str, Any]]) -> None:
    watched = watch(format_filter_pattern(pattern))

    caught = others_caught_by(watched, ACCOUNT)

    if caught is None:
        assert not any(view(watched).may_catch(event) for event in (*events_of_others(), *others))
    elif caught.example is not None:
        assert not is_root_activity(caught.example, ACCOUNT)
        assert view(watched).may_catch(caught.example)
