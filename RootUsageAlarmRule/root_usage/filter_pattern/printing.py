"""Filter patterns: tree -> text. Parsing the text gives the same tree again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import assert_never

from .parser import MAX_LENGTH
from .syntax import (
    And,
    AnyElement,
    AnyMember,
    Comparison,
    Condition,
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
    Or,
    Regex,
    RegexPattern,
    Selector,
    SelectorStep,
    SpaceDelimitedPattern,
    Text,
    UnstructuredPattern,
)

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_TERM = re.compile(r"[A-Za-z0-9_]+")


def format_filter_pattern(pattern: FilterPattern) -> str:
    """The pattern on one line; with as few blanks as possible if AWS's limit of length asks for it."""
    match pattern:
        case JsonPattern(expression):
            spacious = "".join(("{ ", *_pieces(expression, blank=" "), " }"))
            return spacious if len(spacious) <= MAX_LENGTH else format_compact(pattern)
        case UnstructuredPattern():
            return _format_terms(pattern)
        case RegexPattern(Regex(source)):
            return f"%{source}%"
        case SpaceDelimitedPattern(source):
            return source
        case other:
            assert_never(other)


def format_compact(pattern: JsonPattern) -> str:
    """The pattern in as few characters as it can be written in."""
    return "".join(("{", *_pieces(pattern.expression, blank=""), "}"))


def format_indented(pattern: FilterPattern) -> str:
    """The pattern for reading: a line for each condition, indented by its depth."""
    if not isinstance(pattern, JsonPattern):
        return format_filter_pattern(pattern)
    return "{\n" + "".join(f"{line}\n" for line in _indented_lines(pattern.expression)) + "}"


def format_condition(condition: Condition, *, blank: str = " ") -> str:
    selector = _format_selector(condition.selector)
    match condition:
        case Comparison(_, operator, operand):
            return f"{selector}{blank}{operator.value}{blank}{_format_operand(operand)}"
        case Is(_, constant):
            return f"{selector} IS {constant.value}"
        case NotExists():
            return f"{selector} NOT EXISTS"
        case other:
            assert_never(other)


def _pieces(expression: Expression, *, blank: str) -> Iterator[str]:
    """The text in pieces. A list instead of recursion: patterns may be nested deeper than the stack."""
    pending: list[Expression | str] = [expression]
    while pending:
        piece = pending.pop()
        match piece:
            case str():
                yield piece
            case And(parts):
                pending.extend(reversed(_joined(parts, f"{blank}&&{blank}", in_parentheses=(Or,))))
            case Or(parts):
                # The And binds tighter; the parentheses that readers like are left out when space is short.
                in_parentheses = (And,) if blank else ()
                pending.extend(reversed(_joined(parts, f"{blank}||{blank}", in_parentheses=in_parentheses)))
            case _:
                yield format_condition(piece, blank=blank)


def _joined(
    parts: tuple[Expression, ...], operator: str, *, in_parentheses: tuple[type, ...]
) -> list[Expression | str]:
    joined: list[Expression | str] = []
    for part in parts:
        needs_parentheses = isinstance(part, in_parentheses)
        joined += [operator] if joined else []
        joined += ["(", part, ")"] if needs_parentheses else [part]
    return joined


def _indented_lines(expression: Expression) -> Iterator[str]:
    """A line per condition, with the operator that joins it to the one before in front."""
    pending: list[tuple[int, str, Expression | str]] = [(0, "", expression)]
    while pending:
        depth, lead, node = pending.pop()
        match node:
            case And(parts) | Or(parts):
                operator = "&& " if isinstance(node, And) else "|| "
                inner = [(depth + 1, operator if index else "", part) for index, part in enumerate(parts)]
                opening, closing = ((depth, lead, "("), (depth, "", ")"))
                pending += [closing, *reversed(inner), opening] if depth else reversed(inner)
            case str():
                yield f"{'  ' * depth}{lead}{node}"
            case _:
                yield f"{'  ' * max(depth, 1)}{lead}{format_condition(node)}"


def _format_selector(selector: Selector) -> str:
    return "$" + "".join(map(_format_step, selector.steps))


def _format_step(step: SelectorStep) -> str:
    match step:
        case Member(name):
            return f".{name}" if _NAME.fullmatch(name) else f".['{name}']"
        case Element(index):
            return f"[{index}]"
        case AnyMember():
            return ".*"
        case AnyElement():
            return "[*]"
        case other:
            assert_never(other)


def _format_operand(operand: Operand) -> str:
    match operand:
        case Text(content, is_quoted):
            return f'"{content}"' if is_quoted else content
        case Number(literal):
            return literal
        case IpGlob(content):
            return content
        case Regex(source):
            return f"%{source}%"
        case other:
            assert_never(other)


def _format_terms(pattern: UnstructuredPattern) -> str:
    signed = (("", pattern.required), ("?", pattern.optional), ("-", pattern.excluded))
    terms = [sign + _format_term(term) for sign, group in signed for term in group]
    return " ".join(terms) or '" "'  # AWS's own way to write "everything"


def _format_term(term: str) -> str:
    return term if _TERM.fullmatch(term) else f'"{term}"'
