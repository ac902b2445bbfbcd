"""A metric filter's `fieldSelectionCriteria`: which accounts and regions it looks at at all.

The criteria stand before the filter pattern and know two fields of the event's origin, not its text:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NoReturn, assert_never

from ..text.tokenizer import Tokenizer
from .junctions import Grammar, Junction, evaluate_junctions, parse_junctions
from .syntax_error import PatternSyntaxError

MAX_LENGTH = 2000


class SystemField(Enum):
    ACCOUNT = "@aws.account"
    REGION = "@aws.region"


@dataclass(frozen=True, slots=True)
class IsOneOf:
    """`=` and `IN [...]`; negated, `!=` and `NOT IN [...]`."""

    field: SystemField
    values: frozenset[str]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Of no criteria at all if the text is empty: then everything is selected."""

    parts: tuple[FieldSelection, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[FieldSelection, ...]


FieldSelection = IsOneOf | AllOf | AnyOf

_RULES = {
    name: re.compile(rule)
    for name, rule in {
        "open": r"\(",
        "close": r"\)",
        "end": r"\Z",
        # AWS's own example has a small `or` and a capital `IN`, so either case will do.
        "and": r"(AND|and)\b",
        "or": r"(OR|or)\b",
        "not": r"(NOT|not)\b",
        "in": r"(IN|in)\b",
        "field": r"@[A-Za-z0-9_.]+",
        "operator": r"!=|=(?!=)",
        "open list": r"\[",
        "close list": r"\]",
        "comma": r",",
        "string": r'"[^"\\]*"',
    }.items()
}


def parse_field_selection(text: str) -> FieldSelection:
    """The tree of the criteria; raises PatternSyntaxError."""
    if len(text) > MAX_LENGTH:
        message = f"expected at most {MAX_LENGTH:,} characters, AWS's limit; these are {len(text):,}"
        raise PatternSyntaxError(message, text, (MAX_LENGTH, len(text)))
    tokens = Tokenizer(text, _RULES, PatternSyntaxError)
    return AllOf(()) if tokens.is_at_end else _Parser(tokens).criteria()


def selects(criteria: FieldSelection, account_id: str, region: str) -> bool:
    """Whether an event of this account and region gets past the criteria."""
    values = {SystemField.ACCOUNT: account_id, SystemField.REGION: region}

    def judge(node: FieldSelection) -> Junction[FieldSelection] | bool:
        match node:
            case AllOf(parts):
                return Junction(settled_by=False, parts=parts)
            case AnyOf(parts):
                return Junction(settled_by=True, parts=parts)
            case IsOneOf(field, wanted, is_negated):
                return (values[field] in wanted) != is_negated
            case other:
                assert_never(other)

    return evaluate_junctions(criteria, judge)


def tests_of(criteria: FieldSelection) -> Iterator[IsOneOf]:
    """All tests of the criteria."""
    pending = [criteria]
    while pending:
        match pending.pop():
            case AllOf(parts) | AnyOf(parts):
                pending.extend(parts)
            case IsOneOf() as test:
                yield test


def account_ids_in(criteria: FieldSelection) -> frozenset[str]:
    """What the criteria compare the account with."""
    of_account = (test.values for test in tests_of(criteria) if test.field is SystemField.ACCOUNT)
    return frozenset().union(*of_account)


class _Parser:
    def __init__(self, tokens: Tokenizer) -> None:
        self._tokens = tokens

    def criteria(self) -> FieldSelection:
        """criteria := all | any ; all := unit ( "AND" unit )* ; any := unit ( "OR" unit )*
        unit := "(" criteria ")" | test
        """
        grammar: Grammar[FieldSelection] = Grammar(
            and_rule="and",
            or_rule="or",
            condition=self._test,
            fail_at_junction=self._fail_at_junction,
            make_and=_all_of,
            make_or=_any_of,
            and_binds_tighter=False,
        )
        criteria = parse_junctions(self._tokens, grammar)
        if not self._tokens.is_at_end:
            self._fail_at_junction()
        return criteria

    def _test(self) -> IsOneOf:
        """test := field ( ("=" | "!=") string | "NOT"? "IN" list )"""
        field = self._field()
        if operator := self._tokens.accept("operator"):
            return IsOneOf(field, frozenset({self._string()}), is_negated=operator.text == "!=")
        is_negated = self._tokens.accept("not") is not None
        self._tokens.expect("in", "expected `IN`" if is_negated else "expected `=`, `!=`, `IN` or `NOT IN`")
        return IsOneOf(field, self._list(), is_negated)

    def _field(self) -> SystemField:
        """field := "@aws.account" | "@aws.region" """
        message = "expected `@aws.account` or `@aws.region`"
        token = self._tokens.expect("field", message)
        known = {field.value: field for field in SystemField}
        return known[token.text] if token.text in known else self._tokens.fail(message, token.span)

    def _list(self) -> frozenset[str]:
        """list := "[" string ( "," string )* "]" """
        self._tokens.expect("open list", "expected `[` and a list of strings")
        values = [self._string()]
        while self._tokens.accept("comma"):
            values.append(self._string())
        self._tokens.expect("close list", "expected `,` or `]`")
        return frozenset(values)

    def _string(self) -> str:
        message = "expected a string in double quotes, without backslashes"
        return self._tokens.expect("string", message).text[1:-1]

    def _fail_at_junction(self) -> NoReturn:
        self._tokens.fail("expected `AND`, `OR` or the end")


def _all_of(parts: Sequence[FieldSelection]) -> FieldSelection:
    return AllOf(tuple(parts)) if len(parts) > 1 else parts[0]


def _any_of(parts: Sequence[FieldSelection]) -> FieldSelection:
    return AnyOf(tuple(parts)) if len(parts) > 1 else parts[0]
