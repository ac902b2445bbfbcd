"""What is an event pattern, what isn't, and where it goes wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.event_pattern import EventPatternSyntaxError, NotUnderstood, parse_event_pattern
from root_usage.event_pattern.syntax import (
    Alternative,
    AnythingBut,
    Bound,
    Cidr,
    Comparison,
    EqualsIgnoreCase,
    EventPattern,
    Exact,
    Exists,
    Field,
    Matcher,
    Number,
    Numeric,
    Prefix,
    Suffix,
    Wildcard,
)


def matchers_of(value: str) -> tuple[Matcher, ...]:
    (alternative,) = parse_event_pattern('{"a": [' + value + "]}").alternatives
    (field,) = alternative.fields
    return field.matchers


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param('"Root"', Exact("Root"), id="string"),
        pytest.param('"*"', Exact("*"), id="literal-star"),
        pytest.param(r'"caf\u00e9"', Exact("café"), id="escape"),
        pytest.param("300.0", Exact(Number("300.0")), id="number-as-written"),
        pytest.param("-1e3", Exact(Number("-1e3")), id="exponent"),
        pytest.param("false", Exact(value=False), id="boolean"),
        pytest.param("null", Exact(None), id="null"),
        pytest.param('""', Exact(""), id="empty-string"),
        pytest.param('{"prefix": "us-"}', Prefix("us-"), id="prefix"),
        pytest.param('{"suffix": ".png"}', Suffix(".png"), id="suffix"),
        pytest.param(
            '{"prefix": {"equals-ignore-case": "EventB"}}',
            Prefix("EventB", ignores_case=True),
            id="prefix-in-any-case",
        ),
        pytest.param(
            '{"suffix": {"equals-ignore-case": ".png"}}',
            Suffix(".png", ignores_case=True),
            id="suffix-in-any-case",
        ),
        pytest.param('{"equals-ignore-case": "alice"}', EqualsIgnoreCase("alice"), id="equals-ignore-case"),
        pytest.param('{"wildcard": "dir/*.png"}', Wildcard(("dir/", ".png")), id="wildcard"),
        pytest.param('{"wildcard": "*"}', Wildcard(("", "")), id="star-alone"),
        pytest.param('{"wildcard": "none"}', Wildcard(("none",)), id="wildcard-without-a-star"),
        pytest.param(r'{"wildcard": "a\\*\\\\*b"}', Wildcard(("a*\\", "b")), id="escaped-star-and-backslash"),
        pytest.param('{"anything-but": "x"}', AnythingBut((Exact("x"),)), id="anything-but-one"),
        pytest.param(
            '{"anything-but": ["x", "y"]}', AnythingBut((Exact("x"), Exact("y"))), id="anything-but-strings"
        ),
        pytest.param(
            '{"anything-but": [1, 2]}',
            AnythingBut((Exact(Number("1")), Exact(Number("2")))),
            id="anything-but-numbers",
        ),
        pytest.param(
            '{"anything-but": {"prefix": ["init", "boot"]}}',
            AnythingBut((Prefix("init"), Prefix("boot"))),
            id="anything-but-prefixes",
        ),
        pytest.param(
            '{"anything-but": {"suffix": ".txt"}}', AnythingBut((Suffix(".txt"),)), id="anything-but-suffix"
        ),
        pytest.param(
            '{"anything-but": {"equals-ignore-case": ["a", "b"]}}',
            AnythingBut((EqualsIgnoreCase("a"), EqualsIgnoreCase("b"))),
            id="anything-but-in-any-case",
        ),
        pytest.param(
            '{"anything-but": {"wildcard": "*/lib/*"}}',
            AnythingBut((Wildcard(("", "/lib/", "")),)),
            id="anything-but-wildcard",
        ),
        pytest.param(
            '{"numeric": ["<", 10]}', Numeric((Bound(Comparison.LESS, Number("10")),)), id="one-bound"
        ),
        pytest.param(
            '{"numeric": [">", 0, "<=", 5]}',
            Numeric((Bound(Comparison.GREATER, Number("0")), Bound(Comparison.LESS_OR_EQUAL, Number("5")))),
            id="range",
        ),
        pytest.param('{"exists": false}', Exists(exists=False), id="exists"),
        pytest.param('{"cidr": "10.0.0.0/24"}', Cidr("10.0.0.0/24"), id="cidr"),
        pytest.param('{"cidr": "2001:db8::/32"}', Cidr("2001:db8::/32"), id="cidr-of-six"),
    ],
)
def test_matcher(value: str, expected: Matcher) -> None:
    assert matchers_of(value) == (expected,)


def a(value: str) -> Field:
    return Field(("a",), (Exact(value),))


def b(value: str) -> Field:
    return Field(("b",), (Exact(value),))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"b": ["1"], "a": ["2"]}', [(a("2"), b("1"))], id="fields-by-path"),
        pytest.param('{"b": {"c": ["1"]}}', [(Field(("b", "c"), (Exact("1"),)),)], id="nested"),
        pytest.param('{"b.c": ["1"]}', [(Field(("b", "c"), (Exact("1"),)),)], id="dots"),
        pytest.param('{"a": ["1"], "a": ["2"]}', [(a("2"),)], id="last-of-equal-keys"),
        pytest.param('{"$or": [{"a": ["1"]}, {"b": ["2"]}]}', [(a("1"),), (b("2"),)], id="or"),
        pytest.param(
            '{"a": ["1"], "$or": [{"b": ["2"]}, {"b": ["3"]}]}',
            [(a("1"), b("2")), (a("1"), b("3"))],
            id="or-beside-a-field",
        ),
        pytest.param(
            '{"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}',
            [(a("2"),), (a("1"), b("3"))],
            id="key-below-or-replaces-the-one-beside-it",
        ),
        pytest.param(
            '{"$or": [{"$or": [{"a": ["1"]}, {"a": ["2"]}]}, {"b": ["3"]}]}',
            [(a("1"),), (a("2"),), (b("3"),)],
            id="or-within-or",
        ),
    ],
)
def test_alternatives(text: str, expected: list[tuple[Field, ...]]) -> None:
    assert parse_event_pattern(text) == EventPattern(tuple(map(Alternative, expected)))


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        pytest.param("", "expected a JSON value", "", id="empty"),
        pytest.param("{'a': 1}", "expected a key in double quotes", "'", id="single-quotes"),
        pytest.param('{"a" ["x"]}', "expected a colon after the key", "[", id="no-colon"),
        pytest.param('{"a": ["x"],}', "expected a key in double quotes", "}", id="comma-at-the-end"),
        pytest.param('{"a": ["x" "y"]}', "expected a comma or `]`", '"', id="no-comma"),
        pytest.param('{"a": ["x"]} {}', "the pattern should end here", "{", id="more-behind-it"),
        pytest.param('{"a": [01]}', "expected a JSON value", "01", id="leading-zero"),
        pytest.param('{"a": [True]}', "expected a JSON value", "True", id="python-s-true"),
        pytest.param('["a"]', "an event pattern is a JSON object", '["a"]', id="array"),
        pytest.param(
            "{}", "an empty object is no pattern: name a field, or leave it out", "{}", id="nothing"
        ),
        pytest.param(
            '{"a": {}}',
            "an empty object is no pattern: name a field, or leave it out",
            "{}",
            id="empty-object",
        ),
        pytest.param(
            '{"a": "Root"}',
            "a field's value is an array of what it may be: put it into [ ]",
            '"Root"',
            id="scalar",
        ),
        pytest.param('{"a": []}', "an empty array matches nothing", "[]", id="empty-array"),
        pytest.param('{"a": [["x"]]}', "an array within an array is no value", '["x"]', id="nested-array"),
        pytest.param(
            '{"a": [{"prefix": "x", "suffix": "y"}]}',
            "an operator stands in an object of its own",
            '{"prefix": "x", "suffix": "y"}',
            id="two-operators",
        ),
        pytest.param('{"a": [{"prefix": 1}]}', "`prefix` takes a string", "1", id="prefix-of-a-number"),
        pytest.param(
            '{"a": [{"wildcard": "a**"}]}', "two stars stand side by side", '"a**"', id="adjacent-stars"
        ),
        pytest.param(
            r'{"a": [{"wildcard": "a\\b"}]}',
            r"`\` in a wildcard stands before `*` or `\` only",
            r'"a\\b"',
            id="bad-escape",
        ),
        pytest.param(
            '{"a": [{"anything-but": ["x", 1]}]}',
            "`anything-but` takes strings, or numbers",
            '["x", 1]',
            id="mixed-anything-but",
        ),
        pytest.param(
            '{"a": [{"anything-but": [true]}]}',
            "`anything-but` takes strings, or numbers",
            "[true]",
            id="anything-but-a-boolean",
        ),
        pytest.param(
            '{"a": [{"anything-but": []}]}',
            "an empty array excludes nothing",
            "[]",
            id="anything-but-nothing",
        ),
        pytest.param(
            '{"a": [{"numeric": [">"]}]}',
            '`numeric` takes a comparison and a number, or two of each: [">", 0, "<=", 5]',
            '[">"]',
            id="numeric-without-a-number",
        ),
        pytest.param(
            '{"a": [{"numeric": ["!=", 1]}]}', "expected one of = < <= > >=", '"!="', id="no-comparison"
        ),
        pytest.param('{"a": [{"numeric": ["=", "1"]}]}', "expected a number", '"1"', id="number-as-a-string"),
        pytest.param(
            '{"a": [{"numeric": ["=", 5000000001]}]}',
            "`numeric` takes numbers between -5.0e9 and 5.0e9",
            "5000000001",
            id="number-too-large",
        ),
        pytest.param(
            '{"a": [{"numeric": [">", -1e9999999]}]}',
            "`numeric` takes numbers between -5.0e9 and 5.0e9",
            "-1e9999999",
            id="number-far-too-large",
        ),
        pytest.param(
            '{"a": [{"numeric": ["<", 5, ">", 0]}]}',
            "a range is a lower bound, then an upper one",
            '["<", 5, ">", 0]',
            id="range-the-wrong-way-round",
        ),
        pytest.param(
            '{"a": [{"numeric": [">", 5, "<", 5]}]}',
            "the lower bound isn't below the upper one",
            '[">", 5, "<", 5]',
            id="empty-range",
        ),
        pytest.param(
            '{"a": [{"exists": "no"}]}', "`exists` takes true or false", '"no"', id="exists-of-a-string"
        ),
        pytest.param(
            '{"a": [{"cidr": "10.0.0.256/24"}]}',
            "`cidr` takes an address and the length of its prefix: 10.0.0.0/24",
            '"10.0.0.256/24"',
            id="no-address",
        ),
        pytest.param(
            '{"a": [{"cidr": "10.0.0.1"}]}',
            "`cidr` takes the length of the prefix too: 10.0.0.0/24",
            '"10.0.0.1"',
            id="address-alone",
        ),
        pytest.param(
            '{"$or": [{"a": ["x"]}]}',
            "`$or` is an array of at least two objects",
            '[{"a": ["x"]}]',
            id="or-of-one",
        ),
        pytest.param(
            '{"$or": [{"a": ["x"]}, "b"]}', "`$or` is an array of objects only", '"b"', id="or-of-a-string"
        ),
    ],
)
def test_what_aws_refuses_is_named_with_its_place(text: str, message: str, at: str) -> None:
    with pytest.raises(EventPatternSyntaxError) as error:
        parse_event_pattern(text)

    start, end = error.value.span
    assert not isinstance(error.value, NotUnderstood)
    assert (error.value.message, text[start:end]) == (message, at)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('{"a": [{"regex": "x"}]}', "`regex` is no operator that AWS documents", id="operator"),
        pytest.param(
            '{"a": [{"prefix": {"wildcard": "x"}}]}',
            "`wildcard` is no operator that AWS documents within `prefix`",
            id="operator-within-prefix",
        ),
        pytest.param(
            '{"a": [{"anything-but": {"cidr": "10.0.0.0/8"}}]}',
            "`cidr` is no operator that AWS documents within `anything-but`",
            id="operator-within-anything-but",
        ),
        pytest.param(
            '{"a": {"b": ["x"]}, "a.b": ["y"]}',
            "`a.b` and `a.b` are both in the pattern: AWS doesn't say which counts",
            id="one-path-in-two-spellings",
        ),
        pytest.param(
            '{"a": ["x"], "a.b": ["y"]}',
            "`a.b` and `a` are both in the pattern: AWS doesn't say which counts",
            id="field-and-its-member",
        ),
        pytest.param(
            '{"$or": [{"a": ["x"]}, {"b": ["y"]}], "a": ["z"]}',
            "`a` and `a` are both in the pattern: AWS doesn't say which counts",
            id="key-behind-or",
        ),
        pytest.param(
            '{"$or": [{"prefix": ["x"]}, {"suffix": ["y"]}]}',
            "`prefix` is an operator, and stands where a field's name belongs",
            id="operators-below-or",
        ),
        pytest.param('{"a..b": ["x"]}', "the key `a..b` has a dot without a name beside it", id="dots"),
        pytest.param('{"a":' * 60 + "1" + "}" * 60, "this is nested too deeply to be read", id="deep"),
        pytest.param('{"a": [1e99999999999999999999]}', "this number is too large to be read", id="number"),
    ],
)
def test_what_is_not_documented_is_not_understood(text: str, message: str) -> None:
    with pytest.raises(NotUnderstood) as error:
        parse_event_pattern(text)

    assert error.value.message == message


def test_pattern_that_is_too_long() -> None:
    with pytest.raises(EventPatternSyntaxError, match="at most 4096 characters, and this one has 4097"):
        parse_event_pattern('{"a": ["x"]}' + " " * 4085)


def test_thousand_combinations_and_no_more() -> None:
    ten = ", ".join(f'{{"NAME": ["{each}"]}}' for each in range(10))

    def pattern(last: str) -> str:
        ors = [f'"{name}": {{"$or": [{ten.replace("NAME", "x")}]}}' for name in "abc"]
        return "{" + ", ".join(ors) + last + "}"

    assert len(parse_event_pattern(pattern("")).alternatives) == 1_000
    with pytest.raises(EventPatternSyntaxError, match="more than 1000 combinations"):
        parse_event_pattern(pattern(', "$or": [{"d": ["x"]}, {"e": ["x"]}]'))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda below: (
        st.lists(below)
        | st.dictionaries(
            st.text() | st.sampled_from(("$or", "prefix", "numeric", "cidr", "anything-but")), below
        )
    ),
)


@given(st.text('{}[]:,"\\ au0d1.eE-tfn', max_size=40) | JSON.map(json.dumps))
def test_junk_is_a_pattern_or_a_syntax_error(text: str) -> None:
    try:
        pattern = parse_event_pattern(text)
    except EventPatternSyntaxError as error:
        start, end = error.span
        assert 0 <= start <= len(text)
        assert start <= end
    else:
        assert isinstance(json.loads(text), dict)
        assert pattern.alternatives
