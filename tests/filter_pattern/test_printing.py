"""Printed patterns: how they look, and that nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from root_usage.filter_pattern import (
    FilterPattern,
    format_filter_pattern,
    format_indented,
    parse_filter_pattern,
)
from root_usage.filter_pattern.parser import MAX_LENGTH
from root_usage.filter_pattern.printing import format_compact
from root_usage.filter_pattern.syntax import JsonPattern, SpaceDelimitedPattern, UnstructuredPattern

from tests.filter_pattern.strategies import filter_patterns, json_patterns


@given(filter_patterns())
def test_a_printed_pattern_parses_to_the_same_tree(pattern: FilterPattern) -> None:
    assert pattern == parse_filter_pattern(format_filter_pattern(pattern))


@given(json_patterns())
def test_the_compact_form_parses_to_the_same_tree(pattern: JsonPattern) -> None:
    assert pattern == parse_filter_pattern(format_compact(pattern))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        pytest.param(
            '{($.userIdentity.type="Root")&&(($.userIdentity.invokedBy NOT EXISTS)'
            "&&($.eventType!=AwsServiceEvent))}",
            '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS'
            " && $.eventType != AwsServiceEvent }",
            id="superfluous-parentheses-go-and-nested-ands-become-one",
        ),
        pytest.param(
            "{$.a=1||$.b=2&&$.c=3}", "{ $.a = 1 || ($.b = 2 && $.c = 3) }", id="precedence-is-made-visible"
        ),
        pytest.param(
            "{($.a=1||$.b=2)&&$.c=3}", "{ ($.a = 1 || $.b = 2) && $.c = 3 }", id="needed-parentheses-stay"
        ),
        pytest.param("{$.['a b'][0].*  IS TRUE}", "{ $.['a b'][0].* IS TRUE }", id="selector-steps"),
        pytest.param("{$.['plain']=1e3}", "{ $.plain = 1e3 }", id="brackets-only-where-needed"),
        pytest.param("{ $.a=%^x{2}$% }", "{ $.a = %^x{2}$% }", id="regex"),
        pytest.param(' -"two  words" ERROR ?WARN ', 'ERROR ?WARN -"two  words"', id="terms"),
        pytest.param("", '" "', id="everything"),
        pytest.param(" [ip, ...]\n", "[ip, ...]", id="space-delimited-as-written"),
    ],
)
def test_patterns_are_printed_on_one_line(text: str, printed: str) -> None:
    assert printed == format_filter_pattern(parse_filter_pattern(text))


def test_a_pattern_too_long_for_blanks_is_printed_without_them() -> None:
    text = "{" + "||".join(["$.a=1"] * 146) + "}"
    assert len(text) == MAX_LENGTH - 2  # with blanks around its operators it would be too long

    assert text == format_filter_pattern(parse_filter_pattern(text))


def test_the_indented_form_has_a_line_for_each_condition() -> None:
    pattern = parse_filter_pattern('{ $.a = "x" && ($.b = 1 || $.c = 2 && $.d = 3) }')

    assert format_indented(pattern).splitlines() == [
        "{",
        '  $.a = "x"',
        "  && (",
        "    $.b = 1",
        "    || (",
        "      $.c = 2",
        "      && $.d = 3",
        "    )",
        "  )",
        "}",
    ]


@given(json_patterns())
def test_the_indented_form_says_the_same(pattern: JsonPattern) -> None:
    indented = format_indented(pattern)

    # Indentation can take a long pattern over AWS's limit; it is for reading only.
    assert len(indented) > MAX_LENGTH or pattern == parse_filter_pattern(indented)


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        pytest.param(UnstructuredPattern(required=("ERROR",)), "ERROR", id="terms"),
        pytest.param(SpaceDelimitedPattern("[a]"), "[a]", id="space-delimited"),
    ],
)
def test_patterns_without_structure_are_not_indented(pattern: FilterPattern, printed: str) -> None:
    assert printed == format_indented(pattern)
