r"""AWS's restricted regular expressions, `%...%`: text -> tree, and the search itself.

The dialect has no groups, so a tree is three levels and no more: a choice of sequences of items, and
an item is a set of characters, repeated or not, or an anchor. The match is a search anywhere in the
value, case-sensitive, without flags; the dialect:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html

For a reader who builds automata from the tree: `Choice` has at least one alternative, a `Sequence`
at least one item, only a `Chars` is ever repeated, and `Start` and `End` may stand anywhere (`a^b` is
a legal expression that never matches).
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

from .syntax_error import PatternSyntaxError


@dataclass(frozen=True, slots=True)
class Chars:
    """One character: one of the (ASCII) members or, negated, any other, non-ASCII included."""

    members: frozenset[str]
    is_negated: bool = False

    def __contains__(self, char: str) -> bool:
        return (char in self.members) != self.is_negated

    def __or__(self, other: Chars) -> Chars:
        match self.is_negated, other.is_negated:
            case False, False:
                return Chars(self.members | other.members)
            case False, True:
                return Chars(other.members - self.members, is_negated=True)
            case True, False:
                return Chars(self.members - other.members, is_negated=True)
            case _:
                return Chars(self.members & other.members, is_negated=True)

    def __invert__(self) -> Chars:
        return Chars(self.members, not self.is_negated)


@dataclass(frozen=True, slots=True)
class Repeat:
    """The characters at least `minimum` and at most `maximum` times; None is without limit."""

    chars: Chars
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Start:
    """`^`: the start of the value."""


@dataclass(frozen=True, slots=True)
class End:
    """`$`: the end of the value."""


Item = Chars | Repeat | Start | End


@dataclass(frozen=True, slots=True)
class Sequence:
    """At least one item, one after the other."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """At least one alternative."""

    alternatives: tuple[Sequence, ...]


# "Matches any single character", so a line break as well.
ANY_CHAR = Chars(frozenset(), is_negated=True)

MAX_REPETITIONS = 1000
"""AWS names no limit. This one is RE2's, and keeps automata built from the tree in bounds."""

_DIGITS = Chars(frozenset(string.digits))
_BLANKS = Chars(frozenset(" \t\n"))  # these three are what AWS names
_WORD = Chars(frozenset(string.ascii_letters + string.digits + "_"))
_CLASSES = {"d": _DIGITS, "D": ~_DIGITS, "s": _BLANKS, "S": ~_BLANKS, "w": _WORD, "W": ~_WORD}

_OPERATORS = frozenset("^$?[]{}|\\*+.")
# The blank is not on AWS's list of symbols but stands in its example `shutting down`.
_LITERALS = frozenset(string.ascii_letters + string.digits + ":_#=@/;,- ")
_BOUNDS = re.compile(r"\{([0-9]{0,9})(,?)([0-9]{0,9})\}")
_SIMPLE_BOUNDS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def parse_regex(source: str) -> Choice:
    r"""The tree of what stands between the per cent signs; PatternSyntaxError if it isn't AWS's dialect.

    What AWS doesn't document is an error even where other dialects know it (`a*?`, `\b`, `a|`): it may
    mean something else there, and a proof may not rest on a guess.
    """
    return _RegexParser(source).choice()


def search(regex: Choice, text: str) -> bool:
    """Whether the expression matches anywhere in the text.

    Sets of positions in the text, as bits of an integer, go through the items from left to right: no
    backtracking, so no expression takes more steps than its items and the digits of their counts.
    """
    places = _Places(text)
    return any(_reaches_end(sequence, text, places) for sequence in regex.alternatives)


def _reaches_end(sequence: Sequence, text: str, places: _Places) -> bool:
    positions = (1 << (len(text) + 1)) - 1
    for item in sequence.items:
        match item:
            case Start():
                positions &= 1
            case End():
                positions &= 1 << len(text)
            case Chars():
                positions = (positions & places[item]) << 1
            case Repeat(chars, minimum, maximum):
                positions = _after(positions, places[chars], minimum)
                more = len(text) if maximum is None else maximum - minimum
                positions = _within(positions, places[chars], more)
            case other:
                assert_never(other)
        if not positions:
            return False
    return True


class _Places(dict[Chars, int]):
    """For each set of characters, the bits of the positions in the text whose character is in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._by_char = _places_by_char(text)
        self._all = (1 << len(text)) - 1

    def __missing__(self, chars: Chars) -> int:
        members = 0
        for char in chars.members:
            members |= self._by_char.get(char, 0)
        self[chars] = self._all & ~members if chars.is_negated else members
        return self[chars]


@lru_cache(maxsize=256)
def _places_by_char(text: str) -> Mapping[str, int]:
    positions: dict[str, list[int]] = {}
    for position, char in enumerate(text):
        positions.setdefault(char, []).append(position)
    return {char: _bits(at, len(text)) for char, at in positions.items()}


def _bits(positions: list[int], length: int) -> int:
    octets = bytearray(length // 8 + 1)
    for position in positions:
        octets[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(octets, "little")


def _after(positions: int, places: int, times: int) -> int:
    """Where so many characters of the set lead: in steps of one, two, four ..., as a run twice as long
    is two runs, one after the other."""
    run, size = places, 1
    while times and positions:
        if times & 1:
            positions = (positions & run) << size
        run, size, times = run & run >> size, 2 * size, times >> 1
    return positions


def _within(positions: int, places: int, times: int) -> int:
    """Where at most so many characters of the set lead."""
    run, size = places, 1
    while 2 * size - 1 <= times:
        positions |= (positions & run) << size
        run, size = run & run >> size, 2 * size
    return positions | _after(positions, places, times - size + 1)


class _RegexParser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._position = 0

    def choice(self) -> Choice:
        """choice := sequence ( "|" sequence )*"""
        alternatives = [self._sequence()]
        while self._accept("|"):
            alternatives.append(self._sequence())
        return Choice(tuple(alternatives))

    def _sequence(self) -> Sequence:
        """sequence := item+"""
        items = []
        while self._next() not in ("", "|"):
            items.append(self._item())
        if not items:
            raise self._error("expected something to match: an empty (part of a) regex is not documented")
        return Sequence(tuple(items))

    def _item(self) -> Item:
        """item := "^" | "$" | ( "[" class "]" | "." | escape | literal ) bounds?"""
        if self._accept("^"):
            return Start()
        if self._accept("$"):
            return End()
        if self._accept("["):
            chars = self._class()
        elif self._accept("."):
            chars = ANY_CHAR
        elif self._accept("\\"):
            chars = self._escape()
        else:
            chars = self._literal()
        return self._bounds(chars)

    def _bounds(self, chars: Chars) -> Chars | Repeat:
        """bounds := "*" | "+" | "?" | "{" m "}" | "{" m "," n "}" | "{" m ",}" | "{," n "}" """
        start = self._position
        if self._next() in _SIMPLE_BOUNDS:
            minimum, maximum = _SIMPLE_BOUNDS[self._take()]
        elif self._next() == "{":
            minimum, maximum = self._counted_bounds()
        else:
            return chars
        if self._next() and self._next() in "*+?{":
            raise self._error(
                "expected no second quantifier: `*?`, `++` and the like are not documented", start
            )
        return Repeat(chars, minimum, maximum)

    def _counted_bounds(self) -> tuple[int, int | None]:
        found = _BOUNDS.match(self._source, self._position)
        if found is None or not (found[1] or found[3]):
            raise self._error(r"expected `{2}`, `{1,2}`, `{1,}` or `{,2}`; a brace itself is written `\{`")
        start, self._position = self._position, found.end()
        minimum = int(found[1] or "0")
        maximum = minimum if not found[2] else int(found[3]) if found[3] else None
        if max(minimum, maximum or 0) > MAX_REPETITIONS:
            raise self._error(f"expected at most {MAX_REPETITIONS} repetitions", start)
        if maximum is not None and maximum < minimum:
            raise self._error("expected the larger number of repetitions after the comma", start)
        return minimum, maximum

    def _class(self) -> Chars:
        """class := "^"? ( member ( "-" member )? )+"""
        start = self._position - 1
        is_negated = self._accept("^")
        chars = Chars(frozenset())
        is_empty = True
        while not self._accept("]"):
            if not self._next():
                raise self._error("expected `]` at the end of the character class", start)
            chars |= self._range()
            is_empty = False
        if is_empty:
            raise self._error(r"expected a character in the class; a bracket itself is written `\]`", start)
        return ~chars if is_negated else chars

    def _range(self) -> Chars:
        """range := member | member "-" member; a hyphen at either end of the class is itself"""
        start = self._position
        first = self._member()
        if not re.compile(r"-[^\]]").match(self._source, self._position):
            return first
        self._take()
        last = self._member()
        if not (_is_one(first) and _is_one(last)):
            raise self._error("expected a single character at both ends of the range", start)
        low, high = ord(*first.members), ord(*last.members)
        if low > high:
            raise self._error("expected the range the other way round", start)
        return Chars(frozenset(map(chr, range(low, high + 1))))

    def _member(self) -> Chars:
        """member := escape | literal | an operator other than "[" "]" "\\" """
        if self._accept("\\"):
            return self._escape()
        if self._next() and self._next() in _OPERATORS - {"["}:
            return Chars(frozenset(self._take()))
        return self._literal()

    def _escape(self) -> Chars:
        r"""escape := "\" ( operator | symbol | "d" | "D" | "s" | "S" | "w" | "W" | "x" hex hex )"""
        start = self._position - 1
        char = self._take()
        if char in _CLASSES:
            return _CLASSES[char]
        if char == "x":
            return self._hexadecimal(start)
        # AWS documents the backslash before operators. Before a symbol (`\-`, `\/`) it can only mean
        # the symbol; before a letter or digit it could mean anything.
        if char in _OPERATORS or (char in _LITERALS and char not in _WORD.members):
            return Chars(frozenset(char))
        raise self._error(r"expected an operator, or d, D, s, S, w, W or xhh, after the backslash", start)

    def _hexadecimal(self, start: int) -> Chars:
        found = re.compile(r"[0-7][0-9A-Fa-f]").match(self._source, self._position)
        if found is None:
            raise self._error(r"expected two hexadecimal digits of an ASCII character, like `\x3A`", start)
        self._position = found.end()
        return Chars(frozenset(chr(int(found[0], 16))))

    def _literal(self) -> Chars:
        """literal := a letter, a digit, a blank or one of : _ # = @ / ; , -"""
        char = self._next()
        if char in "()":
            raise self._error(r"expected no parenthesis: AWS's regexes have no groups; write \x28 or \x29")
        if char in "*+?{":
            raise self._error(f"expected something to repeat before `{char}`")
        if char in _OPERATORS:
            raise self._error(f"expected `\\{char}`, which is how the character itself is written")
        if not char.isascii():
            raise self._error("expected an ASCII character: AWS's regexes take no multi-byte characters")
        if char not in _LITERALS:
            raise self._error(rf"expected a character that AWS's regexes know: write \x{ord(char):02X}")
        return Chars(frozenset(self._take()))

    def _next(self) -> str:
        return self._source[self._position : self._position + 1]

    def _take(self) -> str:
        char = self._next()
        self._position += len(char)
        return char

    def _accept(self, char: str) -> bool:
        return self._next() == char and bool(self._take())

    def _error(self, message: str, start: int | None = None) -> PatternSyntaxError:
        """An error at the next character or, with `start`, at all that was read since."""
        if start is None:
            return PatternSyntaxError(message, self._source, (self._position, self._position + 1))
        return PatternSyntaxError(message, self._source, (start, max(self._position, start + 1)))


def _is_one(chars: Chars) -> bool:
    return len(chars.members) == 1 and not chars.is_negated
