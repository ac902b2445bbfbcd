"""`fieldSelectionCriteria` of a metric filter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.filter_pattern import PatternSyntaxError
from root_usage.filter_pattern.field_selection import (
    AllOf,
    AnyOf,
    FieldSelection,
    IsOneOf,
    SystemField,
    parse_field_selection,
    selects,
)

HERE = ("111122223333", "eu-west-1")


def account(*values: str, is_negated: bool = False) -> IsOneOf:
    return IsOneOf(SystemField.ACCOUNT, frozenset(values), is_negated)


def region(*values: str, is_negated: bool = False) -> IsOneOf:
    return IsOneOf(SystemField.REGION, frozenset(values), is_negated)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param("", AllOf(()), id="no-criteria"),
        pytest.param(' @aws.region="eu-west-1" ', region("eu-west-1"), id="equal"),
        pytest.param('@aws.region != "eu-west-1"', region("eu-west-1", is_negated=True), id="not-equal"),
        pytest.param('@aws.account IN ["1", "2"]', account("1", "2"), id="in"),
        pytest.param('@aws.account not in ["1"]', account("1", is_negated=True), id="not-in-in-lower-case"),
        pytest.param(
            '@aws.region = "us-east-1" or @aws.account IN ["111122223333"]',
            AnyOf((region("us-east-1"), account("111122223333"))),
            id="aws-example",
        ),
        pytest.param(
            '@aws.account = "1" AND (@aws.region = "a" OR @aws.region = "b")',
            AllOf((account("1"), AnyOf((region("a"), region("b"))))),
            id="parentheses",
        ),
        pytest.param("(" * 900 + '@aws.region = "a"' + ")" * 900, region("a"), id="many-parentheses"),
    ],
)
def test_parses(text: str, tree: FieldSelection) -> None:
    assert tree == parse_field_selection(text)


@pytest.mark.parametrize(
    ("text", "is_selected"),
    [
        pytest.param("", True, id="no-criteria"),
        pytest.param('@aws.account = "111122223333"', True, id="this-account"),
        pytest.param('@aws.account = "444455556666"', False, id="another-account"),
        pytest.param('@aws.account != "444455556666"', True, id="not-another-account"),
        pytest.param('@aws.account != "111122223333"', False, id="not-this-account"),
        pytest.param('@aws.region IN ["us-east-1", "eu-west-1"]', True, id="in-the-list"),
        pytest.param('@aws.region IN ["us-east-1"]', False, id="not-in-the-list"),
        pytest.param('@aws.region NOT IN ["us-east-1"]', True, id="outside-the-list"),
        pytest.param('@aws.region NOT IN ["eu-west-1"]', False, id="not-outside-the-list"),
        pytest.param('@aws.region = "EU-WEST-1"', False, id="case-counts"),
        pytest.param('@aws.region = "eu-west-1" AND @aws.account = "1"', False, id="all-of-them"),
        pytest.param('@aws.account = "1" OR @aws.region = "eu-west-1"', True, id="one-of-them"),
        pytest.param(
            '(@aws.account = "1" OR @aws.region = "eu-west-1") AND @aws.account != "1"', True, id="nested"
        ),
    ],
)
def test_selects(text: str, is_selected: bool) -> None:
    assert is_selected == selects(parse_field_selection(text), *HERE)


@pytest.mark.parametrize(
    ("text", "message", "span"),
    [
        pytest.param(
            '@aws.source = "x"', "expected `@aws.account` or `@aws.region`", (0, 11), id="unknown-field"
        ),
        pytest.param(
            'region = "x"', "expected `@aws.account` or `@aws.region`", (0, 6), id="no-system-field"
        ),
        pytest.param(
            '@aws.region == "x"', "expected `=`, `!=`, `IN` or `NOT IN`", (12, 14), id="double-equals"
        ),
        pytest.param(
            "@aws.region = 'x'",
            "expected a string in double quotes, without backslashes",
            (14, 15),
            id="quotes",
        ),
        pytest.param('@aws.region IN "x"', "expected `[` and a list of strings", (15, 16), id="no-list"),
        pytest.param(
            "@aws.region IN []",
            "expected a string in double quotes, without backslashes",
            (16, 17),
            id="no-values",
        ),
        pytest.param('@aws.region IN ["x"', "expected `,` or `]`", (19, 20), id="unclosed-list"),
        pytest.param('@aws.region NOT ["x"]', "expected `IN`", (16, 17), id="not-without-in"),
        pytest.param('(@aws.region = "x"', "expected a `)` for this one", (0, 1), id="unclosed-parenthesis"),
        pytest.param(
            '@aws.region = "x")', "expected `AND`, `OR` or the end", (17, 18), id="stray-parenthesis"
        ),
        pytest.param(
            '@aws.region = "x" && @aws.region = "y"', "expected `AND`, `OR` or the end", (18, 20), id="signs"
        ),
        pytest.param(
            '@aws.region = "x" OR @aws.region = "y" AND @aws.account = "1"',
            "expected parentheses: AWS doesn't say whether AND or OR binds tighter",
            (39, 42),
            id="and-and-or-without-parentheses",
        ),
        pytest.param(
            " " * 2001,
            "expected at most 2,000 characters, AWS's limit; these are 2,001",
            (2000, 2001),
            id="too-long",
        ),
    ],
)
def test_what_is_not_documented_is_a_syntax_error(text: str, message: str, span: tuple[int, int]) -> None:
    with pytest.raises(PatternSyntaxError) as raised:
        parse_field_selection(text)

    assert (message, text, span) == (raised.value.message, raised.value.source, raised.value.span)


WORDS = [
    "@aws.region",
    "@aws.account",
    "=",
    "!=",
    "IN",
    "NOT",
    "AND",
    "or",
    "(",
    ")",
    "[",
    "]",
    ",",
    '"a"',
    "'",
    " ",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=20))
def test_junk_is_a_syntax_error_at_worst(text: str) -> None:
    try:
        criteria = parse_field_selection(text)
    except PatternSyntaxError as error:
        assert str(error)  # noqa: PT017
    else:
        assert selects(criteria, *HERE) in (True, False)
