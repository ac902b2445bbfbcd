"""Conditions joined by AND and OR, with parentheses: read and evaluated without recursion.

1,024 characters can hold a thousand parentheses, which is more than Python's stack may have left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NoReturn, TypeVar

from ..text.tokenizer import Tokenizer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grammar(Generic[T]):
    """The names of the token rules, the parser of one condition, and the makers of a tree.

    Besides its AND and OR a grammar has the rules `open`, `close` and `end`. The makers get one part or
    more, in order, and return a lone part as it is.
    """

    and_rule: str
    or_rule: str
    condition: Callable[[], T]
    fail_at_junction: Callable[[], NoReturn]
    make_and: Callable[[Sequence[T]], T]
    make_or: Callable[[Sequence[T]], T]
    and_binds_tighter: bool


@dataclass(slots=True)
class _Group(Generic[T]):
    """What has been read of one pair of parentheses: ORed lists of ANDed parts."""

    opened_at: int
    alternatives: list[list[T]] = field(default_factory=lambda: [[]])
    has_and: bool = False

    def close(self, grammar: Grammar[T]) -> T:
        return grammar.make_or([grammar.make_and(parts) for parts in self.alternatives])


def parse_junctions(tokens: Tokenizer, grammar: Grammar[T]) -> T:
    """expr := and ( or_rule and )*

    and  := unit ( and_rule unit )*
    unit := "(" expr ")" | condition

    What follows the expression is left to the caller.
    """
    groups: list[_Group[T]] = [_Group(tokens.position)]
    while True:
        while parenthesis := tokens.accept("open"):
            groups.append(_Group(parenthesis.span[0]))
        groups[-1].alternatives[-1].append(grammar.condition())
        _close_groups(tokens, groups, grammar)
        group = groups[-1]
        if operator := tokens.accept(grammar.or_rule):
            group.alternatives.append([])
        elif operator := tokens.accept(grammar.and_rule):
            group.has_and = True
        else:
            break
        if not grammar.and_binds_tighter and group.has_and and len(group.alternatives) > 1:
            tokens.fail(
                "expected parentheses: AWS doesn't say whether AND or OR binds tighter", operator.span
            )
    if len(groups) > 1:
        _fail_unclosed(tokens, grammar, groups[-1].opened_at)
    return groups[0].close(grammar)


@dataclass(frozen=True, slots=True)
class Junction(Generic[T]):
    """An OR is settled by the first part that is true, an AND by the first that is false."""

    settled_by: bool
    parts: Sequence[T]


def evaluate_junctions(root: T, judge: Callable[[T], Junction[T] | bool]) -> bool:
    """The truth of a tree; `judge` tells a condition's truth and takes a junction apart."""
    opened: list[tuple[bool, Iterator[T]]] = []
    node = root
    while True:
        match judge(node):
            case Junction(settled_by, parts):
                opened.append((settled_by, iter(parts)))
                truth = not settled_by
            case bool(truth):
                pass
        while opened:
            settled_by, remaining = opened[-1]
            following = None if truth is settled_by else next(remaining, None)
            if following is not None:
                node = following
                break
            opened.pop()
        else:
            return truth


def _close_groups(tokens: Tokenizer, groups: list[_Group[T]], grammar: Grammar[T]) -> None:
    while len(groups) > 1 and tokens.accept("close"):
        closed = groups.pop().close(grammar)
        groups[-1].alternatives[-1].append(closed)


def _fail_unclosed(tokens: Tokenizer, grammar: Grammar[T], opened_at: int) -> NoReturn:
    if tokens.sees("end"):
        tokens.fail("expected a `)` for this one", (opened_at, opened_at + 1))
    grammar.fail_at_junction()
