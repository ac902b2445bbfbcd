"""Event patterns: text -> tree.

What AWS refuses is an EventPatternSyntaxError; what AWS may take but doesn't document is NotUnderstood.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NoReturn

from ..work import MAX_STEPS, judged, spend
from .json_tree import Node, read_json
from .syntax import (
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
    TextMatcher,
    Wildcard,
)
from .syntax_error import EventPatternSyntaxError, NotUnderstood

MAX_LENGTH = 4096
"""https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""

MAX_ALTERNATIVES = 1000
"""That all `$or`s of a pattern may come to."""

_CHARACTERS_IN_A_STEP = 8
_STEPS_OF_AN_ALTERNATIVE = 10

LARGEST = Decimal("5e9")
"""Numbers in `numeric` lie between this and its negative."""

Fields = dict[tuple[str, ...], tuple[Matcher, ...]]


def parse_event_pattern(text: str) -> EventPattern:
    """Raises EventPatternSyntaxError, with the place."""
    parsed = _parsed(text)
    if isinstance(parsed, EventPatternSyntaxError):
        raise parsed.with_traceback(None)
    return parsed


def _too_much(reason: str) -> EventPatternSyntaxError:
    return NotUnderstood(reason, "", (0, 0))


@judged(lambda _: "event patterns", MAX_STEPS, _too_much)
def _parsed(text: str) -> EventPattern | EventPatternSyntaxError:
    """The same pattern stands in every region, and is asked for in every round of an evaluation."""
    spend(1 + len(text) // _CHARACTERS_IN_A_STEP)
    try:
        pattern = _read(text)
    except EventPatternSyntaxError as error:
        return error
    spend(_STEPS_OF_AN_ALTERNATIVE * len(pattern.alternatives))
    return pattern


def _read(text: str) -> EventPattern:
    if len(text) > MAX_LENGTH:
        message = f"an event pattern has at most {MAX_LENGTH} characters, and this one has {len(text)}"
        raise EventPatternSyntaxError(message, text, (MAX_LENGTH, len(text)))
    return EventPattern(tuple(_alternative(each) for each in _Parser(text).alternatives()))


def _alternative(fields: Fields) -> Alternative:
    return Alternative(tuple(Field(path, fields[path]) for path in sorted(fields)))


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text

    def alternatives(self) -> list[Fields]:
        node = read_json(self._text)
        if not isinstance(node.value, dict):
            self._fail("an event pattern is a JSON object", node)
        self._refuse_operators(node.value)
        return self._within((), node, [{}])

    def _fail(self, message: str, node: Node) -> NoReturn:
        raise EventPatternSyntaxError(message, self._text, node.span)

    def _not_understood(self, message: str, node: Node) -> NoReturn:
        raise NotUnderstood(message, self._text, node.span)

    # -- fields ----------------------------------------------------------------------------------

    def _within(self, path: tuple[str, ...], node: Node, found: list[Fields]) -> list[Fields]:
        """The alternatives so far, each with what the object below the path asks for."""
        assert isinstance(node.value, dict)  # noqa: S101 all callers have looked
        if not node.value:
            self._fail("an empty object is no pattern: name a field, or leave it out", node)
        for name, below in node.value.items():
            if name == "$or":
                found = self._either(path, below, found)
            elif isinstance(below.value, dict):
                found = self._within(self._path(path, name, below), below, found)
            else:
                leaf = self._path(path, name, below)
                matchers = self._matchers(below)
                found = [self._with(fields, leaf, matchers, below) for fields in found]
        return found

    def _path(self, path: tuple[str, ...], name: str, node: Node) -> tuple[str, ...]:
        """`a.b` is the same as `b` within `a`."""
        names = tuple(name.split("."))
        if not all(names):
            self._not_understood(f"the key `{name}` has a dot without a name beside it", node)
        return (*path, *names)

    def _with(
        self, fields: Fields, path: tuple[str, ...], matchers: tuple[Matcher, ...], node: Node
    ) -> Fields:
        for other in fields:
            shorter = min(len(path), len(other))
            if path[:shorter] == other[:shorter]:
                both = f"`{'.'.join(path)}` and `{'.'.join(other)}`"
                self._not_understood(f"{both} are both in the pattern: AWS doesn't say which counts", node)
        return {**fields, path: matchers}

    def _either(self, path: tuple[str, ...], node: Node, found: list[Fields]) -> list[Fields]:
        """A key below `$or` replaces the same key beside it, as AWS's guide says."""
        if not isinstance(node.value, list) or len(node.value) < 2:
            self._fail("`$or` is an array of at least two objects", node)
        ways: list[Fields] = []
        for each in node.value:
            if not isinstance(each.value, dict):
                self._fail("`$or` is an array of objects only", each)
            self._refuse_operators(each.value)
            ways += self._within(path, each, [{}])
        if len(found) * len(ways) > MAX_ALTERNATIVES:
            self._fail(f"the pattern comes to more than {MAX_ALTERNATIVES} combinations", node)
        return [self._joined(fields, way, node) for fields in found for way in ways]

    def _joined(self, fields: Fields, way: Fields, node: Node) -> Fields:
        joined = {path: matchers for path, matchers in fields.items() if path not in way}
        for path, matchers in way.items():
            joined = self._with(joined, path, matchers, node)
        return joined

    def _refuse_operators(self, members: Mapping[str, Node]) -> None:
        """An operator in a field's place makes `$or` another thing, and no event has a field of that name."""
        for name, node in members.items():
            if name in _OPERATORS:
                self._not_understood(
                    f"`{name}` is an operator, and stands where a field's name belongs", node
                )

    # -- matchers --------------------------------------------------------------------------------

    def _matchers(self, node: Node) -> tuple[Matcher, ...]:
        if not isinstance(node.value, list):
            self._fail("a field's value is an array of what it may be: put it into [ ]", node)
        if not node.value:
            self._fail("an empty array matches nothing", node)
        return tuple(self._matcher(each) for each in node.value)

    def _matcher(self, node: Node) -> Matcher:
        if isinstance(node.value, list):
            self._fail("an array within an array is no value", node)
        return self._operator(node.value, node) if isinstance(node.value, dict) else Exact(node.value)

    def _operator(self, members: Mapping[str, Node], node: Node) -> Matcher:
        ((name, operand),) = self._single(members, node)
        operator = _OPERATORS.get(name)
        if operator is None:
            self._not_understood(f"`{name}` is no operator that AWS documents", operand)
        return operator(self, operand)

    def _single(self, members: Mapping[str, Node], node: Node) -> tuple[tuple[str, Node]]:
        if len(members) != 1:
            self._fail("an operator stands in an object of its own", node)
        return (next(iter(members.items())),)

    def _string(self, name: str, node: Node) -> str:
        if not isinstance(node.value, str):
            self._fail(f"`{name}` takes a string", node)
        return node.value

    def _in_any_case(self, name: str, node: Node) -> tuple[str, bool]:
        """The text of `prefix` and `suffix`, and whether its case is left aside."""
        if not isinstance(node.value, dict):
            return self._string(name, node), False
        ((inner, operand),) = self._single(node.value, node)
        if inner != "equals-ignore-case":
            self._not_understood(f"`{inner}` is no operator that AWS documents within `{name}`", operand)
        return self._string(inner, operand), True

    def prefix(self, node: Node) -> Prefix:
        return Prefix(*self._in_any_case("prefix", node))

    def suffix(self, node: Node) -> Suffix:
        return Suffix(*self._in_any_case("suffix", node))

    def equals_ignore_case(self, node: Node) -> EqualsIgnoreCase:
        return EqualsIgnoreCase(self._string("equals-ignore-case", node))

    def wildcard(self, node: Node) -> Wildcard:
        text = self._string("wildcard", node)
        if _BAD_ESCAPE.search(text):
            self._fail(r"`\` in a wildcard stands before `*` or `\` only", node)
        pieces = [""]
        for escaped, star, char in _WILDCARD.findall(text):
            if star:
                pieces.append("")
            else:
                pieces[-1] += escaped or char
        if any(not piece for piece in pieces[1:-1]):
            self._fail("two stars stand side by side", node)
        return Wildcard(tuple(pieces))

    def anything_but(self, node: Node) -> AnythingBut:
        if isinstance(node.value, dict):
            ((name, operand),) = self._single(node.value, node)
            kind = _WITHIN_ANYTHING_BUT.get(name)
            if kind is None:
                self._not_understood(
                    f"`{name}` is no operator that AWS documents within `anything-but`", operand
                )
            return AnythingBut(tuple(kind(self, each) for each in self._listed(operand)))
        listed = self._listed(node)
        kinds = {type(each.value) for each in listed}
        if len(kinds) > 1 or not kinds <= {str, Number}:
            self._fail("`anything-but` takes strings, or numbers", node)
        return AnythingBut(
            tuple(Exact(each.value) for each in listed if isinstance(each.value, str | Number))
        )

    def _listed(self, node: Node) -> list[Node]:
        listed = node.value if isinstance(node.value, list) else [node]
        if not listed:
            self._fail("an empty array excludes nothing", node)
        return listed

    def numeric(self, node: Node) -> Numeric:
        parts = node.value if isinstance(node.value, list) else []
        if len(parts) not in (2, 4):
            self._fail('`numeric` takes a comparison and a number, or two of each: [">", 0, "<=", 5]', node)
        bounds = tuple(self._bound(*pair) for pair in zip(parts[::2], parts[1::2], strict=True))
        if len(bounds) == 2:
            lower, upper = bounds
            if lower.comparison not in _LOWER or upper.comparison not in _UPPER:
                self._fail("a range is a lower bound, then an upper one", node)
            if lower.number.value >= upper.number.value:
                self._fail("the lower bound isn't below the upper one", node)
        return Numeric(bounds)

    def _bound(self, comparison: Node, number: Node) -> Bound:
        if not isinstance(comparison.value, str) or comparison.value not in _COMPARISONS:
            self._fail("expected one of = < <= > >=", comparison)
        if not isinstance(number.value, Number):
            self._fail("expected a number", number)
        if number.value.value.copy_abs() > LARGEST:
            self._fail("`numeric` takes numbers between -5.0e9 and 5.0e9", number)
        return Bound(_COMPARISONS[comparison.value], number.value)

    def exists(self, node: Node) -> Exists:
        if not isinstance(node.value, bool):
            self._fail("`exists` takes true or false", node)
        return Exists(node.value)

    def cidr(self, node: Node) -> Cidr:
        text = self._string("cidr", node)
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            self._fail("`cidr` takes an address and the length of its prefix: 10.0.0.0/24", node)
        if "/" not in text:
            self._fail("`cidr` takes the length of the prefix too: 10.0.0.0/24", node)
        return Cidr(text)


_WILDCARD = re.compile(r"\\(.)|(\*)|(.)", re.DOTALL)
_BAD_ESCAPE = re.compile(r"^(?:[^\\]|\\[*\\])*\\(?![*\\])", re.DOTALL)
_COMPARISONS = {each.value: each for each in Comparison}
_LOWER = {Comparison.GREATER, Comparison.GREATER_OR_EQUAL}
_UPPER = {Comparison.LESS, Comparison.LESS_OR_EQUAL}
_WITHIN_ANYTHING_BUT: Mapping[str, Callable[[_Parser, Node], TextMatcher]] = {
    "prefix": _Parser.prefix,
    "suffix": _Parser.suffix,
    "equals-ignore-case": _Parser.equals_ignore_case,
    "wildcard": _Parser.wildcard,
}
_OPERATORS: Mapping[str, Callable[[_Parser, Node], Matcher]] = {
    **_WITHIN_ANYTHING_BUT,
    "anything-but": _Parser.anything_but,
    "numeric": _Parser.numeric,
    "exists": _Parser.exists,
    "cidr": _Parser.cidr,
}
