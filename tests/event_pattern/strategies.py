"""Random event patterns and events, over few names and values so that they meet."""

from __future__ import annotations

from hypothesis import strategies as st
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
    Number,
    Numeric,
    Prefix,
    Suffix,
    Wildcard,
)

TEXTS = st.text('aB*\\"é', max_size=3)
NUMBERS = st.sampled_from(("0", "1", "-2", "300", "300.0", "3e2")).map(Number)

# Two literal pieces with nothing between them would be two stars side by side.
WILDCARDS = st.builds(
    lambda first, inner, last: Wildcard((first, *inner, last)),
    TEXTS,
    st.lists(st.text("aB*\\", min_size=1, max_size=2), max_size=2),
    TEXTS,
)
TEXT_MATCHERS = (
    st.builds(Prefix, TEXTS, st.booleans()),
    st.builds(Suffix, TEXTS, st.booleans()),
    st.builds(EqualsIgnoreCase, TEXTS),
    WILDCARDS,
)
NUMERIC = st.builds(
    lambda sign, number: Numeric((Bound(sign, number),)), st.sampled_from(Comparison), NUMBERS
)
RANGES = st.just(
    Numeric((Bound(Comparison.GREATER, Number("0")), Bound(Comparison.LESS_OR_EQUAL, Number("300.0"))))
)


def excluding(each: st.SearchStrategy[object]) -> st.SearchStrategy[AnythingBut]:
    return st.lists(each, min_size=1, max_size=2).map(lambda listed: AnythingBut(tuple(listed)))  # type: ignore[arg-type]


MATCHERS = st.one_of(
    st.builds(Exact, st.one_of(TEXTS, NUMBERS, st.booleans(), st.none())),
    *TEXT_MATCHERS,
    *(excluding(each) for each in (TEXTS.map(Exact), NUMBERS.map(Exact), *TEXT_MATCHERS)),
    NUMERIC,
    RANGES,
    st.builds(Exists, st.booleans()),
    st.sampled_from((Cidr("10.0.0.0/8"), Cidr("2001:db8::/32"))),
)
# None is the start of another, as in every tree that the parser makes.
PATHS = st.sampled_from((("a",), ("b", "c"), ("b", "d"), ("e", "f", "g")))


def of_fields(matchers: dict[tuple[str, ...], list[object]]) -> Alternative:
    return Alternative(tuple(Field(path, tuple(matchers[path])) for path in sorted(matchers)))  # type: ignore[arg-type]


ALTERNATIVES = st.dictionaries(PATHS, st.lists(MATCHERS, min_size=1, max_size=2), min_size=1).map(of_fields)
PATTERNS = st.lists(ALTERNATIVES, min_size=1, max_size=3).map(lambda listed: EventPattern(tuple(listed)))

SCALARS = st.one_of(TEXTS, st.sampled_from((0, 1, 300, 300.0, -2.5)), st.booleans(), st.none())
VALUES = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=2) | st.dictionaries(st.sampled_from("abcdefg"), below, max_size=3)
    ),
    max_leaves=6,
)
EVENTS = st.dictionaries(st.sampled_from("abe"), VALUES)
