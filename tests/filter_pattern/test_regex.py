"""AWS's regex dialect: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from root_usage.filter_pattern import PatternSyntaxError
from root_usage.filter_pattern.regex import (
    ANY_CHAR,
    Chars,
    Choice,
    End,
    Item,
    Repeat,
    Sequence,
    Start,
    parse_regex,
    search,
)

from tests.filter_pattern.strategies import REGEX_SOURCES


def chars(members: str) -> Chars:
    return Chars(frozenset(members))


def other_than(members: str) -> Chars:
    return Chars(frozenset(members), is_negated=True)


def sequence(*items: Item) -> Choice:
    return Choice((Sequence(items),))


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        pytest.param("aB9", sequence(chars("a"), chars("B"), chars("9")), id="letters-and-digits"),
        pytest.param(
            "a-:/ ",
            sequence(*map(chars, ["a", "-", ":", "/", " "])),
            id="symbols-and-the-blank-of-aws-example",
        ),
        pytest.param("^a$", sequence(Start(), chars("a"), End()), id="anchors"),
        pytest.param(".", sequence(ANY_CHAR), id="any-character"),
        pytest.param("a?", sequence(Repeat(chars("a"), 0, 1)), id="question-mark"),
        pytest.param("a*", sequence(Repeat(chars("a"), 0, None)), id="asterisk"),
        pytest.param("a+", sequence(Repeat(chars("a"), 1, None)), id="plus"),
        pytest.param("a{2}", sequence(Repeat(chars("a"), 2, 2)), id="exact-count"),
        pytest.param("a{2,5}", sequence(Repeat(chars("a"), 2, 5)), id="count-between"),
        pytest.param("a{2,}", sequence(Repeat(chars("a"), 2, None)), id="maximum-left-out"),
        pytest.param("a{,5}", sequence(Repeat(chars("a"), 0, 5)), id="minimum-left-out"),
        pytest.param("a{0,1000}", sequence(Repeat(chars("a"), 0, 1000)), id="as-many-as-allowed"),
        pytest.param(
            "a|^b", Choice((Sequence((chars("a"),)), Sequence((Start(), chars("b"))))), id="alternatives"
        ),
        pytest.param("[abc]", sequence(chars("abc")), id="class"),
        pytest.param("[abcx-z]", sequence(chars("abcxyz")), id="class-with-range"),
        pytest.param("[^0-9]", sequence(other_than("0123456789")), id="negated-class"),
        pytest.param("[-a]", sequence(chars("-a")), id="hyphen-first-is-itself"),
        pytest.param("[a-]", sequence(chars("-a")), id="hyphen-last-is-itself"),
        pytest.param("[a^]", sequence(chars("^a")), id="caret-inside-is-itself"),
        pytest.param("[.*+?$|{}]", sequence(chars(".*+?$|{}")), id="operators-in-a-class-are-themselves"),
        pytest.param(r"[\]\\\[]", sequence(chars("[]\\")), id="escapes-in-a-class"),
        pytest.param(r"[\d.]", sequence(chars("0123456789.")), id="digits-in-a-class"),
        pytest.param(r"[\D5]", sequence(other_than("012346789")), id="all-but-digits-and-five"),
        pytest.param(r"[5\D]", sequence(other_than("012346789")), id="five-and-all-but-digits"),
        pytest.param(r"[\D\S]", sequence(other_than("")), id="two-negations-in-a-class"),
        pytest.param(r"[^\D]", sequence(chars("0123456789")), id="double-negation"),
        pytest.param(r"\d", sequence(chars("0123456789")), id="digit"),
        pytest.param(r"\D", sequence(other_than("0123456789")), id="non-digit"),
        pytest.param(r"\s", sequence(chars(" \t\n")), id="white-space"),
        pytest.param(r"\S", sequence(other_than(" \t\n")), id="non-white-space"),
        pytest.param(r"\w", sequence(chars(string.ascii_letters + "0123456789_")), id="alphanumeric"),
        pytest.param(
            r"\W", sequence(other_than(string.ascii_letters + "0123456789_")), id="non-alphanumeric"
        ),
        pytest.param(r"\x3A\x28", sequence(chars(":"), chars("(")), id="hexadecimal"),
        pytest.param(r"[\x21-\x23]", sequence(chars('!"#')), id="hexadecimal-range"),
        pytest.param(r"\.\/", sequence(chars("."), chars("/")), id="escaped-operator-and-symbol"),
    ],
)
def test_parses(source: str, tree: Choice) -> None:
    assert tree == parse_regex(source)


@pytest.mark.parametrize(
    ("source", "message", "span"),
    [
        pytest.param(
            "",
            "expected something to match: an empty (part of a) regex is not documented",
            (0, 1),
            id="empty",
        ),
        pytest.param(
            "a|",
            "expected something to match: an empty (part of a) regex is not documented",
            (2, 3),
            id="empty-alternative",
        ),
        pytest.param(
            "x(a|b)",
            r"expected no parenthesis: AWS's regexes have no groups; write \x28 or \x29",
            (1, 2),
            id="group",
        ),
        pytest.param(
            "something!",
            r"expected a character that AWS's regexes know: write \x21",
            (9, 10),
            id="unknown-symbol",
        ),
        pytest.param(
            "é",
            "expected an ASCII character: AWS's regexes take no multi-byte characters",
            (0, 1),
            id="multi-byte",
        ),
        pytest.param("*a", "expected something to repeat before `*`", (0, 1), id="nothing-to-repeat"),
        pytest.param("^*", "expected something to repeat before `*`", (1, 2), id="anchors-do-not-repeat"),
        pytest.param(
            "ab*?",
            "expected no second quantifier: `*?`, `++` and the like are not documented",
            (2, 3),
            id="lazy-quantifier",
        ),
        pytest.param(
            "a{b}",
            r"expected `{2}`, `{1,2}`, `{1,}` or `{,2}`; a brace itself is written `\{`",
            (1, 2),
            id="brace-without-count",
        ),
        pytest.param(
            "a{,}",
            r"expected `{2}`, `{1,2}`, `{1,}` or `{,2}`; a brace itself is written `\{`",
            (1, 2),
            id="braces-without-any-count",
        ),
        pytest.param(
            "a{5,2}", "expected the larger number of repetitions after the comma", (1, 6), id="counts-swapped"
        ),
        pytest.param("a{1001}", "expected at most 1000 repetitions", (1, 7), id="too-many-repetitions"),
        pytest.param(
            "a]", r"expected `\]`, which is how the character itself is written", (1, 2), id="bracket"
        ),
        pytest.param("[ab", "expected `]` at the end of the character class", (0, 3), id="unclosed-class"),
        pytest.param(
            "[]a]",
            r"expected a character in the class; a bracket itself is written `\]`",
            (0, 2),
            id="empty-class",
        ),
        pytest.param(
            "[[a]",
            r"expected `\[`, which is how the character itself is written",
            (1, 2),
            id="bracket-in-class",
        ),
        pytest.param("[z-a]", "expected the range the other way round", (1, 4), id="range-upside-down"),
        pytest.param(
            r"[\d-z]",
            "expected a single character at both ends of the range",
            (1, 5),
            id="range-from-a-class",
        ),
        pytest.param(
            r"a\b",
            "expected an operator, or d, D, s, S, w, W or xhh, after the backslash",
            (1, 3),
            id="word-boundary",
        ),
        pytest.param(
            "a\\",
            "expected an operator, or d, D, s, S, w, W or xhh, after the backslash",
            (1, 2),
            id="backslash-at-the-end",
        ),
        pytest.param(
            r"\xE9",
            r"expected two hexadecimal digits of an ASCII character, like `\x3A`",
            (0, 2),
            id="hexadecimal-beyond-ascii",
        ),
    ],
)
def test_what_is_not_in_the_dialect_is_a_syntax_error(
    source: str, message: str, span: tuple[int, int]
) -> None:
    with pytest.raises(PatternSyntaxError) as raised:
        parse_regex(source)

    assert (message, source, span) == (raised.value.message, raised.value.source, raised.value.span)


# AWS's own examples, in the order of its page.
@pytest.mark.parametrize(
    ("source", "text", "is_found"),
    [
        pytest.param("AUTHORIZED", "[ERROR 401] UNAUTHORIZED REQUEST", True, id="search-anywhere"),
        pytest.param("^[hc]at", "hat", True, id="anchored-at-the-start"),
        pytest.param("^[hc]at", "that", False, id="not-at-the-start"),
        pytest.param("[hc]at$", "cat", True, id="anchored-at-the-end"),
        pytest.param("[hc]at$", "cats", False, id="not-at-the-end"),
        pytest.param("colou?r", "color", True, id="optional-left-out"),
        pytest.param("colou?r", "colour", True, id="optional-there"),
        pytest.param("^a{3,5}$", "aa", False, id="too-few"),
        pytest.param("^a{3,5}$", "aaa", True, id="enough"),
        pytest.param("^a{3,5}$", "aaaaaa", False, id="too-many"),
        pytest.param("gra|ey", "grey", True, id="either-side-of-the-bar"),
        pytest.param(
            "^starting|^initializing|^shutting down",
            "skipping initializing ...",
            False,
            id="no-side-of-the-bar",
        ),
        pytest.param("abcc|ab[^c]$", "aba", True, id="negated-class"),
        pytest.param("abcc|ab[^c]$", "aac", False, id="neither-alternative"),
        pytest.param(r"\[.\]", "[]]", True, id="escaped-brackets"),
        pytest.param(r"10\.10\.0\.1", "10010,051", False, id="escaped-period"),
        pytest.param("10.10.0.1", "10010,051", True, id="period-matches-anything"),
        pytest.param("^ab[0-9]*$", "ab129", True, id="repeated-class"),
        pytest.param("ab+c", "ac", False, id="at-least-one"),
        pytest.param("^.at", " at", True, id="a-blank-is-a-character"),
        pytest.param("^.$", "é", True, id="any-character-beyond-ascii"),
        pytest.param("root", "Root", False, id="case-counts"),
        pytest.param("a^b", "ab", False, id="start-in-the-middle-never-matches"),
        pytest.param("x*", "", True, id="nothing-in-nothing"),
        pytest.param("^a{2,}b{,2}$", "aaaabb", True, id="open-bounds"),
        pytest.param("^a{2,}b{,2}$", "abb", False, id="open-bounds-too-few"),
    ],
)
def test_searches(source: str, text: str, is_found: bool) -> None:
    assert is_found == search(parse_regex(source), text)


@given(REGEX_SOURCES, st.text("aRotbxgrey(1 ", max_size=8))
def test_search_agrees_with_python(source: str, text: str) -> None:
    # `{,3}` and all else in these sources mean the same to Python, but for `$` before a last line break.
    expected = re.search(source, text, re.ASCII | re.DOTALL) is not None

    assert expected == search(parse_regex(source), text)


def test_search_does_not_backtrack() -> None:
    assert not search(parse_regex("a*" * 400 + "b"), "a" * 1000)


def test_search_looks_at_a_set_of_characters_once_and_not_at_every_place_where_it_stands() -> None:
    looked_at = Counter[str]()

    class Watched(frozenset[str]):
        def __iter__(self) -> Iterator[str]:
            looked_at.update({*super().__iter__()})
            return super().__iter__()

    word = Chars(Watched("ab"))

    assert search(Choice((Sequence((word,) * 900 + (Repeat(word, 100, 1000),)),)), "ab" * 700)
    assert looked_at == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("source", "length", "is_found"),
    [
        pytest.param("^a{1000}$", 1000, True, id="as-often"),
        pytest.param("^a{1000}$", 999, False, id="once-less"),
        pytest.param("^a{3,1000}$", 1000, True, id="up-to"),
        pytest.param("^a{3,1000}$", 1001, False, id="once-more"),
        pytest.param("^a{0}$", 1, False, id="not-at-all"),
        pytest.param("^a{0}$", 0, True, id="none-of-none"),
        pytest.param("^a{7,}a{600}$", 606, False, id="open-and-counted-too-few"),
        pytest.param("^a{7,}a{600}$", 607, True, id="open-and-counted"),
    ],
)
def test_counts_are_exact(source: str, length: int, is_found: bool) -> None:
    assert is_found == search(parse_regex(source), "a" * length)


@given(st.text("ab()[]{}^$|*+?.\\-,0129dxé!", max_size=12))
def test_junk_is_a_syntax_error_at_worst(source: str) -> None:
    try:
        regex = parse_regex(source)
    except PatternSyntaxError as error:
        assert 0 <= error.span[0] < error.span[1] <= len(source) + 1  # noqa: PT017
    else:
        assert all(alternative.items for alternative in regex.alternatives)
