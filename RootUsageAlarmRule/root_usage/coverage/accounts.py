"""How a watch tells accounts apart: by whole ids, or by parts of an id.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from ..filter_pattern.field_selection import AllOf, account_ids_in
from ..filter_pattern.matching import conditions
from ..filter_pattern.syntax import (
    And,
    AnyMember,
    Comparison,
    Condition,
    Expression,
    FilterPattern,
    JsonPattern,
    Member,
    Number,
    Operand,
    Operator,
    Or,
    Regex,
    RegexPattern,
    Selector,
    SpaceDelimitedPattern,
    Text,
    UnstructuredPattern,
)
from .everyday import ACCOUNT_FIELDS
from .views import View

Part = Condition | str
"""A condition of a JSON pattern; a term or the regex of a pattern about text."""

_EVERYTHING = UnstructuredPattern()
_ID = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
# In a regex, what follows an id may ask for its last digit less or more often than once.
_WHOLE_ID = re.compile(rf"{_ID.pattern}(?![*?+{{])")
_DIGIT = re.compile(r"[0-9]")


def other_accounts_told_apart(view: View) -> tuple[str, ...]:
    """A made-up account that stands for those that the watch doesn't name, and the others that it names.

    None where it names no account, not even its own: then all are alike to it.
    """
    texts = [_text_of(part) for part in _parts(view.pattern) if speaks_of_accounts(part)]
    in_criteria = {each for each in account_ids_in(view.criteria) if _ID.fullmatch(each)}
    if not texts and not in_criteria:
        return ()
    named = in_criteria.union(*map(_ID.findall, texts))
    unnamed = next(each for each in _made_up_ids() if each not in {*named, view.account_id})
    return (unnamed, *sorted(named - {view.account_id}))


def of_whichever_account(view: View) -> View:
    """The view, of which all that it says of accounts may hold."""
    criteria = AllOf(()) if account_ids_in(view.criteria) else view.criteria
    return replace(view, criteria=criteria, pattern=_without(view.pattern, speaks_of_accounts))


def of_whichever_parts(view: View) -> View:
    """The view, of which all that it says of parts of ids may hold."""
    return replace(view, pattern=_without(view.pattern, speaks_of_parts))


def speaks_of_accounts(part: Part) -> bool:
    """Whether its truth may differ from account to account: ids differ in their digits only."""
    if isinstance(part, str):
        return _has_digit(part)
    return isinstance(part, Comparison) and _may_pick_account(part.selector) and _has_digit(_text_of(part))


def speaks_of_parts(part: Part) -> bool:
    """Whether its truth may differ among accounts whose ids it doesn't name."""
    if isinstance(part, Comparison):
        operand = part.operand
        if isinstance(operand, Text) and "*" not in operand.content:
            return False
        if isinstance(operand, Number) and part.operator not in (Operator.EQUAL, Operator.NOT_EQUAL):
            return speaks_of_accounts(part)
    return speaks_of_accounts(part) and _has_digit(_WHOLE_ID.sub("", _text_of(part)))


def _parts(pattern: FilterPattern) -> Iterable[Part]:
    match pattern:
        case JsonPattern(expression):
            return conditions(expression)
        case UnstructuredPattern(required, optional, excluded):
            return (*required, *optional, *excluded)
        case RegexPattern(regex):
            return (regex.source,)
        case SpaceDelimitedPattern():
            return ()  # INVARIANT: its watch is opaque
        case other:
            assert_never(other)


def _text_of(part: Part) -> str:
    if isinstance(part, str):
        return part
    return _text_of_operand(part.operand) if isinstance(part, Comparison) else ""


def _text_of_operand(operand: Operand) -> str:
    match operand:
        case Number(literal):
            return literal
        case Regex(source):
            return source
        case text:
            return text.content


def _may_pick_account(selector: Selector) -> bool:
    return any(
        len(path) == len(selector.steps)
        and all(step in (Member(name), AnyMember()) for step, name in zip(selector.steps, path, strict=True))
        for path in ACCOUNT_FIELDS
    )


def _has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None


def _made_up_ids() -> Iterator[str]:
    for number in range(999_999_999_999, 0, -1):
        yield str(number)


# -- patterns with parts left out


def _without(pattern: FilterPattern, is_open: Callable[[Part], bool]) -> FilterPattern:
    """The pattern that matches whatever this one may match if its open parts may hold."""
    match pattern:
        case JsonPattern(expression):
            rest = _expression_without(expression, is_open)
            return _EVERYTHING if rest is None else JsonPattern(rest)
        case UnstructuredPattern(required, optional, excluded):
            # AWS ignores the optional terms beside others.
            alone = () if required or excluded or any(map(is_open, optional)) else optional
            required, excluded = (tuple(e for e in es if not is_open(e)) for es in (required, excluded))
            return UnstructuredPattern(required, alone, excluded)
        case RegexPattern(regex):
            return _EVERYTHING if is_open(regex.source) else pattern
        case SpaceDelimitedPattern():
            return pattern
        case other:
            assert_never(other)


def _expression_without(expression: Expression, is_open: Callable[[Part], bool]) -> Expression | None:
    """None where it may hold of any event. As deep as the pattern's parentheses alternate, see `Problem`."""
    match expression:
        case And(parts) | Or(parts):
            rests = [_expression_without(part, is_open) for part in parts]
            kept = tuple(rest for rest in rests if rest is not None)
            if not kept or (isinstance(expression, Or) and len(kept) < len(parts)):
                return None
            return kept[0] if len(kept) == 1 else type(expression)(kept)
        case condition:
            return None if is_open(condition) else condition
