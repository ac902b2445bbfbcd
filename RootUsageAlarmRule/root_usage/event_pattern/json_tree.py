"""JSON text -> values that know their place, for messages that point at it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import InvalidOperation

from ..text.tokenizer import Token, Tokenizer
from .syntax import Number, Scalar
from .syntax_error import EventPatternSyntaxError, NotUnderstood

# Objects and arrays within each other. No honest pattern nests deeper, and Python's stack ends.
DEEPEST = 50

_RULES = {
    name: re.compile(rule)
    for name, rule in {
        "open brace": r"\{",
        "close brace": r"\}",
        "open": r"\[",
        "close": r"\]",
        "comma": ",",
        "colon": ":",
        "string": r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"',
        "number": r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z.])",
        "constant": r"(?:true|false|null)(?![0-9A-Za-z])",
    }.items()
}
_CONSTANTS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Node:
    """A value, and where it stands: an object's members by name, an array's elements, or a scalar."""

    value: dict[str, Node] | list[Node] | Scalar
    span: tuple[int, int]


def read_json(text: str) -> Node:
    """The value that the text is; of equal keys the last counts. Raises EventPatternSyntaxError."""
    tokens = Tokenizer(text, _RULES, EventPatternSyntaxError)
    node = _value(tokens, 0)
    if not tokens.is_at_end:
        tokens.fail("the pattern should end here")
    return node


def _value(tokens: Tokenizer, depth: int) -> Node:
    start = tokens.position
    if depth > DEEPEST:
        raise NotUnderstood("this is nested too deeply to be read", tokens.source, (start, start + 1))
    if tokens.accept("open brace"):
        members = _members(tokens, depth)
        return Node(members, (start, tokens.position))
    if tokens.accept("open"):
        elements = _elements(tokens, depth)
        return Node(elements, (start, tokens.position))
    if string := tokens.accept("string"):
        return Node(str(json.loads(string.text)), string.span)
    if number := tokens.accept("number"):
        return Node(_number(tokens, number), number.span)
    constant = tokens.expect("constant", "expected a JSON value")
    return Node(_CONSTANTS[constant.text], constant.span)


def _number(tokens: Tokenizer, token: Token) -> Number:
    number = Number(token.text)
    try:
        _ = number.value
    except InvalidOperation:  # decimal's exponents end somewhere, too
        raise NotUnderstood("this number is too large to be read", tokens.source, token.span) from None
    return number


def _members(tokens: Tokenizer, depth: int) -> dict[str, Node]:
    members: dict[str, Node] = {}
    while not members or tokens.accept("comma"):
        if not members and tokens.accept("close brace"):
            return members
        name = json.loads(tokens.expect("string", "expected a key in double quotes").text)
        tokens.expect("colon", "expected a colon after the key")
        # Taken out first, so that the members stand in the order of those that count.
        members.pop(name, None)
        members[name] = _value(tokens, depth + 1)
    tokens.expect("close brace", "expected a comma or `}`")
    return members


def _elements(tokens: Tokenizer, depth: int) -> list[Node]:
    elements: list[Node] = []
    while not elements or tokens.accept("comma"):
        if not elements and tokens.accept("close"):
            return elements
        elements.append(_value(tokens, depth + 1))
    tokens.expect("close", "expected a comma or `]`")
    return elements
