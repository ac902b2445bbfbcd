"""Hypothesis strategies for filter patterns, their parts and log events.

Everything made here is a tree that the parser can make: flat And and Or, AWS's limits kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from root_usage.filter_pattern.parser import MAX_LENGTH, MAX_REGEXES, MAX_WILDCARDS
from root_usage.filter_pattern.printing import format_compact
from root_usage.filter_pattern.reading import Reading, WildcardNotEqual
from root_usage.filter_pattern.syntax import (
    And,
    AnyElement,
    AnyMember,
    Comparison,
    Condition,
    Constant,
    Element,
    Expression,
    FilterPattern,
    IpGlob,
    Is,
    JsonPattern,
    Member,
    NotExists,
    Number,
    Operand,
    Operator,
    Or,
    Regex,
    RegexPattern,
    Selector,
    SelectorStep,
    SpaceDelimitedPattern,
    Text,
    UnstructuredPattern,
)

NAMES = st.sampled_from(["a", "b", "userIdentity", "type", "x-y_1", "0", "NOT"])
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="'"), min_size=1, max_size=4)
MEMBERS = st.builds(Member, NAMES | KEYS)
LATER_STEPS: st.SearchStrategy[SelectorStep] = MEMBERS | st.builds(Element, st.integers(0, 3))

QUOTED = st.builds(
    Text,
    st.text(
        st.sampled_from("ab*1 %{}()&|=$'é\n") | st.characters(exclude_categories=["Cs"]), max_size=5
    ).filter(lambda text: not set(text) & set('"\\')),
    is_quoted=st.just(True),
)
UNQUOTED = st.builds(
    Text,
    st.sampled_from(
        ["*", "**", "Root", "Get*", "*ole*", "4*", "a*b", "kms.amazonaws.com", "true", "_", "1a", "IS"]
    ),
    is_quoted=st.just(False),
)
NUMBERS = st.builds(Number, st.sampled_from(["0", "1", "+1", "-1.50", "1e3", "1E-3", "007", "111122223333"]))
IP_GLOBS = st.builds(IpGlob, st.sampled_from(["10.0.0.1", "10.*", "123.123.*", "10.0.1*"]))
REGEX_SOURCES = st.lists(
    st.sampled_from(
        ["a", "R", "oot", ".", "^", "$", "[a-c]", "[^x]*", r"\d", r"\W+", r"\x28", "a{2}", "b{,3}", " "]
    ),
    min_size=1,
    max_size=4,
).map("".join) | st.sampled_from(["a|b", "^Root$|[A-Z]{2,}", "gra|ey"])
REGEXES = st.builds(Regex, REGEX_SOURCES)


@st.composite
def _selectors(draw: st.DrawFn) -> Selector:
    """Up to four steps, a wildcard among them now and then."""
    steps: list[SelectorStep] = [draw(MEMBERS), *draw(st.lists(LATER_STEPS, max_size=2))]
    match draw(st.integers(0, 9)):
        case 0:
            steps.insert(draw(st.integers(1, len(steps))), AnyElement())
        case 1:
            # An index has to follow a property, and `.*` is one.
            steps.insert(draw(st.integers(0, len(steps))), AnyMember())
    return Selector(tuple(steps))


SELECTORS = _selectors()
OPERANDS: st.SearchStrategy[Operand] = QUOTED | UNQUOTED | IP_GLOBS | NUMBERS | REGEXES


def conditions(
    selectors: st.SearchStrategy[Selector] = SELECTORS, operands: st.SearchStrategy[Operand] = OPERANDS
) -> st.SearchStrategy[Condition]:
    equality = st.sampled_from([Operator.EQUAL, Operator.NOT_EQUAL])
    return st.one_of(
        st.builds(Comparison, selectors, equality, operands),
        st.builds(Comparison, selectors, st.sampled_from(Operator), NUMBERS),
        st.builds(Is, selectors, st.sampled_from(Constant)),
        st.builds(NotExists, selectors),
    )


CONDITIONS = conditions()


def conjunction(parts: Sequence[Expression]) -> Expression:
    """The parts joined as the parser does it: no And directly inside an And."""
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, And) else [part])]
    return And(tuple(flat))


def disjunction(parts: Sequence[Expression]) -> Expression:
    """The parts joined as the parser does it: no Or directly inside an Or."""
    flat = [leaf for part in parts for leaf in (part.parts if isinstance(part, Or) else [part])]
    return Or(tuple(flat))


def expressions(
    conditions: st.SearchStrategy[Condition] = CONDITIONS, max_leaves: int = 8
) -> st.SearchStrategy[Expression]:
    def junctions(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
        several = st.lists(parts, min_size=2, max_size=3)
        return several.map(conjunction) | several.map(disjunction)

    leaves: st.SearchStrategy[Expression] = conditions
    return st.recursive(leaves, junctions, max_leaves=max_leaves)


EXPRESSIONS = expressions()


def json_patterns(
    expressions: st.SearchStrategy[Expression] = EXPRESSIONS,
) -> st.SearchStrategy[JsonPattern]:
    return st.builds(JsonPattern, expressions).filter(_is_within_limits)


def _is_within_limits(pattern: JsonPattern) -> bool:
    text = format_compact(pattern)
    tree = repr(pattern)
    return (
        len(text) <= MAX_LENGTH
        and tree.count("Regex(source") <= MAX_REGEXES
        and tree.count("AnyElement()") + tree.count("AnyMember()") <= MAX_WILDCARDS
    )


TERMS = st.sampled_from(["ERROR", "Root", "two words", "a-b", "", "_1", "%", "{"])
UNSTRUCTURED = st.builds(
    UnstructuredPattern,
    required=st.lists(TERMS, max_size=2).map(tuple),
    optional=st.lists(TERMS, max_size=2).map(tuple),
    excluded=st.lists(TERMS, max_size=2).map(tuple),
)


def filter_patterns() -> st.SearchStrategy[FilterPattern]:
    """Patterns of all four kinds, most of them JSON patterns."""
    return st.one_of(
        json_patterns(),
        json_patterns(),
        UNSTRUCTURED,
        st.builds(RegexPattern, REGEXES),
        st.sampled_from([SpaceDelimitedPattern("[a, b, ...]"), SpaceDelimitedPattern("[]")]),
    )


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([1.0, 0.5, 1000])
    | st.sampled_from(["", "a", "Root", "1", "true", "10.0.0.1", "GetRole"]),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(NAMES, values, max_size=3),
    max_leaves=6,
)


def events() -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects whose names are those that the selectors like."""
    return st.dictionaries(NAMES, JSON_VALUES, max_size=4)


def readings() -> st.SearchStrategy[Reading]:
    switches = {name: st.booleans() for name, kind in Reading.__annotations__.items() if kind == "bool"}
    return st.builds(Reading, not_equal_on_wildcard=st.sampled_from(WildcardNotEqual), **switches)
