"""Regular languages: is there a string in these and outside those, and which is the shortest?

A language is a choice of sequences of units, which is all that strings with `*` and AWS's regexes
(no groups) need. All sequences of a question stand side by side in one integer, a bit for each unit:
a state of the product automaton is an integer, and a step of it is a handful of integer operations,
however many languages there are (Navarro and Raffinot, "Flexible Pattern Matching in Strings", 2002,
chapter 4). States are made as the search meets them; nothing is determinised beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import chain
from typing import assert_never

from ..filter_pattern.regex import ANY_CHAR, Chars, Choice, End, Item, Repeat, Start, parse_regex
from .budget import MAX_POSITIONS, Budget, CapReached


class _Mark(Enum):
    """What consumes no character."""

    START = auto()
    END = auto()


class _Times(Enum):
    ONCE = auto()
    AT_MOST_ONCE = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True)
class _Step:
    chars: Chars
    times: _Times


_Unit = _Mark | _Step


@dataclass(frozen=True, slots=True)
class Language:
    """The strings in which one of the sequences matches anywhere, or everywhere if it has both anchors."""

    sequences: tuple[tuple[_Unit, ...], ...]


@lru_cache(maxsize=256)
def language_of_regex(source: str) -> Language:
    """The strings in which an expression of AWS's dialect matches somewhere."""
    return _language_of_choice(parse_regex(source))


def language_of_pieces(pieces: Sequence[str]) -> Language:
    """The strings that are these pieces in this order, with anything or nothing between each two."""
    units: list[_Unit] = [_Mark.START]
    for index, piece in enumerate(pieces):
        if index:
            units.append(_Step(ANY_CHAR, _Times.ANY))
        units.extend(_Step(Chars(frozenset(char)), _Times.ONCE) for char in piece)
    return Language(((*units, _Mark.END),))


def find_string(inside: Sequence[Language], outside: Sequence[Language], budget: Budget) -> str | None:
    """The shortest string in all of the first and none of the second languages; None if there is none.

    Raises CapReached.
    """
    return _Product(inside, outside).shortest(budget)


def _language_of_choice(choice: Choice) -> Language:
    size = sum(
        (item.maximum or item.minimum + 1) if isinstance(item, Repeat) else 1
        for sequence in choice.alternatives
        for item in sequence.items
    )
    if size > MAX_POSITIONS:
        raise CapReached(f"its regexes are more than {MAX_POSITIONS:,} characters long")
    return Language(
        tuple(
            tuple(chain.from_iterable(_units(item) for item in sequence.items))
            for sequence in choice.alternatives
        )
    )


def _units(item: Item) -> tuple[_Unit, ...]:
    match item:
        case Start():
            return (_Mark.START,)
        case End():
            return (_Mark.END,)
        case Chars():
            return (_Step(item, _Times.ONCE),)
        case Repeat(chars, minimum, maximum) if maximum is None:
            return (*[_Step(chars, _Times.ONCE)] * minimum, _Step(chars, _Times.ANY))
        case Repeat(chars, minimum, maximum):
            more = (maximum or 0) - minimum
            return (*[_Step(chars, _Times.ONCE)] * minimum, *[_Step(chars, _Times.AT_MOST_ONCE)] * more)
        case other:
            assert_never(other)


# The order in which characters are tried: the first string found should be one that people can read.
_LEGIBLE = "aeiourstlnbcdfghjkmpqvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890-_.:/ "
_NOT_ASCII = "é"  # stands for all of them: no pattern can tell one from another but by name
_ASCII = _LEGIBLE + "".join(chr(code) for code in range(128) if chr(code) not in _LEGIBLE)


@dataclass(slots=True)
class _Block:
    """The bits of one language in the integer: all of its units, and the ends of its sequences."""

    units: int = 0
    accepted: int = 0


class _Product:
    """The product automaton of all languages of one question."""

    def __init__(self, inside: Sequence[Language], outside: Sequence[Language]) -> None:
        self._size = 0
        self._skippable = 0  # units that may match nothing
        self._starts = 0  # START units
        self._ends = 0  # END units
        self._first = 0  # where every sequence begins
        self._restarts = 0  # where a search may begin anew at every character
        self._once: dict[Chars, int] = {}
        self._repeated: dict[Chars, int] = {}
        self._inside = [self._add(language) for language in inside]
        self._outside = [self._add(language) for language in outside]
        self._all_accepted = sum(block.accepted for block in (*self._inside, *self._outside))
        self._forbidden = sum(block.accepted for block in self._outside)
        if self._size > MAX_POSITIONS:
            raise CapReached(f"its strings and regexes are more than {MAX_POSITIONS:,} characters long")
        self._alphabet = self._distinct_chars()

    def shortest(self, budget: Budget) -> str | None:
        """Breadth first, so the first that is found is a shortest."""
        begin = self._closed(self._first, self._skippable | self._starts)
        if self._accepts(begin, is_empty=True):
            return ""
        begin = self._simplified(begin)
        seen = {begin}
        frontier = [(begin, "")] if self._is_alive(begin) else []
        while frontier:
            following = []
            for state, text in frontier:
                for char, once, repeated in self._alphabet:
                    budget.spend_transition()
                    reached = self._step(state, once, repeated)
                    if reached in seen:
                        continue
                    seen.add(reached)
                    if not self._is_alive(reached):
                        continue
                    if self._accepts(reached, is_empty=False):
                        return text + char
                    following.append((reached, text + char))
            frontier = following
        return None

    def _step(self, state: int, once: int, repeated: int) -> int:
        moved = (state & once) << 1 | state & repeated | state & self._all_accepted | self._restarts
        return self._simplified(self._closed(moved, self._skippable))

    @staticmethod
    def _closed(state: int, skippable: int) -> int:
        """The state, and all that is reached from it over skippable units without a character.

        The addition carries each bit through the run of skippable units above it, to the first that
        isn't; accepting bits are never skippable, so no carry leaves a sequence.
        """
        return state | ((state & skippable) + skippable) ^ skippable

    def _simplified(self, state: int) -> int:
        """The same state for all that differ only in languages that are already sure to be met."""
        for block in self._inside:
            if state & block.accepted:
                state = state & ~block.units | block.accepted
        return state

    def _is_alive(self, state: int) -> bool:
        return not state & self._forbidden and all(state & block.units for block in self._inside)

    def _accepts(self, state: int, *, is_empty: bool) -> bool:
        skippable = self._skippable | self._ends | (self._starts if is_empty else 0)
        final = self._closed(state, skippable)
        return not final & self._forbidden and all(final & block.accepted for block in self._inside)

    def _add(self, language: Language) -> _Block:
        block = _Block()
        for sequence in language.sequences:
            begin = 1 << self._size
            self._first |= begin
            if not sequence or sequence[0] is not _Mark.START:
                self._restarts |= begin
            for unit in sequence:
                self._add_unit(unit, 1 << self._size)
                self._size += 1
            end = 1 << self._size
            self._size += 1
            block.accepted |= end
            block.units |= (end << 1) - begin
        return block

    def _add_unit(self, unit: _Unit, bit: int) -> None:
        match unit:
            case _Mark.START:
                self._starts |= bit
            case _Mark.END:
                self._ends |= bit
            case _Step(chars, times):
                table = self._repeated if times is _Times.ANY else self._once
                table[chars] = table.get(chars, 0) | bit
                if times is not _Times.ONCE:
                    self._skippable |= bit
            case other:
                assert_never(other)

    def _distinct_chars(self) -> list[tuple[str, int, int]]:
        """One character of each kind that the languages can tell apart, with the units that take it."""
        kinds: dict[tuple[int, int], str] = {}
        for char in _ASCII + _NOT_ASCII:
            once = sum(bits for chars, bits in self._once.items() if char in chars)
            repeated = sum(bits for chars, bits in self._repeated.items() if char in chars)
            kinds.setdefault((once, repeated), char)
        return [(char, once, repeated) for (once, repeated), char in kinds.items()]
