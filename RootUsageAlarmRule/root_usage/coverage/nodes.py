"""The fields that a question is about, each with the values that make a difference to it.

A node is one field of the event. It holds literals ("this condition is true, or false, of my value")
and sample values. Whether a set of literals can be met together is looked up among the samples first;
if none will do, all values of the field are searched: strings with automata, numbers by thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache
from itertools import chain
from typing import Any

from ..filter_pattern.matching import matches
from ..filter_pattern.reading import Reading
from ..filter_pattern.regex import parse_regex, search
from ..filter_pattern.syntax import (
    Comparison,
    Condition,
    IpGlob,
    JsonPattern,
    Member,
    Number,
    Operand,
    Operator,
    Regex,
    Text,
)
from ..filter_pattern.wildcard import wildcard_pieces
from ..text.pieces import matches_pieces
from .automata import Language, find_string, language_of_pieces, language_of_regex
from .budget import Budget
from .root_activity import ABSENT, Field
from .truth import DEFAULT, Truth, ValueKind, kind_of, points_by_kind, readings_over, truth_over

Key = str | int
NodePath = tuple[Key, ...]


class Stance(Enum):
    """Under which readings a literal has to be met: all of them, or any one, chosen for it alone."""

    SURELY = auto()
    POSSIBLY = auto()


class Shape(Enum):
    """What a value is to the selectors that go through it."""

    OBJECT = auto()
    ARRAY = auto()
    CONTAINER = auto()  # either


@dataclass(frozen=True, slots=True)
class Literal:
    """That the condition is true (or false) because of this value, or that the value has this shape.

    `is_plain`: it is true of what makes it true under every reading, and false of all else.
    """

    subject: Condition | Shape
    wanted: bool
    is_plain: bool = False


_INNER = Reading(inner_asterisk_is_wildcard=True)


class Node:
    """One field, by its path; what it may hold, and what is asked of it."""

    def __init__(self, path: NodePath, field: Field, stance: Stance | Reading, budget: Budget) -> None:
        self.path = path
        self.open_points: set[str] = set()
        self.is_unknown = False  # whether some set of literals could neither be met nor refuted
        self._field = field
        self._stance = stance
        self._budget = budget
        self._literals: dict[Literal, int] = {}
        self._masks: list[int] = []  # for each literal, the samples that meet it
        self._answers: dict[int, int] = {}
        self._truths_below: dict[tuple[Condition, bool], Truth] = {}
        doubtful = () if stance is Stance.SURELY else field.doubtful
        self.samples: list[Any] = [*field.values, *doubtful]

    def literal(self, literal: Literal) -> int:
        """The literal's bit in the sets that `meeting` takes."""
        if literal not in self._literals:
            self._literals[literal] = len(self._masks)
            self._masks.append(
                sum(1 << index for index, sample in enumerate(self.samples) if self._meets(literal, sample))
            )
        return 1 << self._literals[literal]

    def meeting(self, literals: int) -> int:
        """The samples, as bits, that meet all of these literals; 0 if no value of the field does."""
        if literals not in self._answers:
            self._budget.spend_choice()
            found = self._samples_meeting(literals)
            self._answers[literals] = found or self._search_all_values(literals)
        return self._answers[literals]

    def always_has(self, shape: Shape) -> bool:
        return all(_has_shape(sample, shape) for sample in self.samples)

    def _samples_meeting(self, literals: int) -> int:
        found = (1 << len(self.samples)) - 1
        for index, mask in enumerate(self._masks):
            if literals >> index & 1:
                found &= mask
        return found

    def _search_all_values(self, literals: int) -> int:
        wanted = [literal for literal, index in self._literals.items() if literals >> index & 1]
        for value in chain(
            self._field.familiar, self._operands(wanted), self._strings(wanted), self._numbers(wanted)
        ):
            if all(self._meets(literal, value) for literal in wanted):
                return self._add_sample(value)
        return 0

    def _add_sample(self, value: Any) -> int:
        bit = 1 << len(self.samples)
        self.samples.append(value)
        for literal, index in self._literals.items():
            if self._meets(literal, value):
                self._masks[index] |= bit
        return bit

    # -- literals

    def _meets(self, literal: Literal, value: Any) -> bool:
        subject = literal.subject
        if isinstance(subject, Shape):
            return _has_shape(value, subject) == literal.wanted
        if not self._is_target_of(subject) and _fits(value, subject, len(self.path)):
            return False  # what lies below decides
        if isinstance(self._stance, Reading):
            self._budget.spend_evaluations(1)
            event = event_with(self.path, value)
            return matches(JsonPattern(subject), event, self._stance) == literal.wanted
        truth = self._truth(subject, value)
        if literal.is_plain:
            return truth.surely == literal.wanted
        if self._stance is Stance.SURELY:
            return truth.surely if literal.wanted else not truth.possibly
        return truth.possibly if literal.wanted else not truth.surely

    def _truth(self, condition: Condition, value: Any) -> Truth:
        if not self._is_target_of(condition):
            return self._truth_below(condition, value)
        kind = kind_of(value)
        if kind is ValueKind.STRING and (pieces := _plain_pieces(condition)):
            # By far the most frequent case, and a plain one: done without an event around the value.
            holds = matches_pieces(pieces, value) == _is_equality(condition)
            return _HOLDS if holds else _FAILS
        return self._truth_over(points_by_kind(condition).get(kind, ()), condition, value)

    def _truth_below(self, condition: Condition, value: Any) -> Truth:
        """The truth of a condition on what would be below this value: there is nothing, whatever it is."""
        key = condition, value is ABSENT
        if key not in self._truths_below:
            points = points_by_kind(condition).get(ValueKind.ABSENT, ())
            self._truths_below[key] = self._truth_over(points, condition, value)
        return self._truths_below[key]

    def _truth_over(self, points: tuple[str, ...], condition: Condition, value: Any) -> Truth:
        self._budget.spend_evaluations(len(readings_over(points)))
        truth = truth_over(points, JsonPattern(condition), event_with(self.path, value))
        if truth.possibly != truth.surely:
            self.open_points.update(points)
        return truth

    def _is_target_of(self, subject: Condition) -> bool:
        return len(subject.selector.steps) == len(self.path)

    # -- values beyond the samples

    def _operands(self, wanted: list[Literal]) -> Iterator[Any]:
        """What the conditions themselves name, as far as the field may hold it."""
        for _, operand in self._comparisons(wanted):
            if isinstance(operand, Number):
                if self._field.is_free:
                    yield _plain(operand.value)
            elif not isinstance(operand, Regex) and self._may_hold(text := operand.content.strip("*")):
                yield text

    def _may_hold(self, text: str) -> bool:
        doubtful = None if self._stance is Stance.SURELY else self._field.doubtful_words
        return any(
            words is not None and (not words or search(parse_regex(words), text))
            for words in (self._field.words, doubtful)
        )

    def _strings(self, wanted: list[Literal]) -> Iterator[str]:
        doubtful = None if self._stance is Stance.SURELY else self._field.doubtful_words
        ranges = [words for words in (self._field.words, doubtful) if words is not None]
        if not ranges or not self._can_be_met_by_strings(wanted):
            return
        inside: list[Language] = []
        outside: list[Language] = []
        for literal, comparison in self._text_comparisons(wanted):
            is_inside = (comparison.operator is Operator.EQUAL) == literal.wanted
            (inside if is_inside else outside).append(self._language(comparison.operand, is_inside=is_inside))
        for words in ranges:
            within = [language_of_regex(words)] if words else []
            found = find_string([*within, *inside], outside, self._budget)
            if found is not None:
                self._doubt_unless(all(self._meets(literal, found) for literal in wanted))
                yield found

    def _can_be_met_by_strings(self, wanted: list[Literal]) -> bool:
        """Whether the literals that aren't about text can be: all strings are alike to them, but numerals."""
        about_text = {literal for literal, _ in self._text_comparisons(wanted)}
        unmet = [literal for literal in wanted if literal not in about_text and not self._meets(literal, "~")]
        numeric = [
            literal
            for literal in unmet
            if isinstance(literal.subject, Comparison)
            and isinstance(literal.subject.operand, Number)
            and self._is_target_of(literal.subject)
        ]
        self._doubt_unless(not numeric or len(numeric) < len(unmet))
        return not unmet

    def _language(self, operand: Operand, *, is_inside: bool) -> Language:
        """What equals the operand: where a reading is left to choose, the one that is easier to meet."""
        if isinstance(operand, Regex):
            return language_of_regex(operand.source)
        if isinstance(operand, Number):
            raise TypeError(operand)
        if isinstance(self._stance, Reading):
            reading = self._stance
        else:
            reading = _INNER if (self._stance is Stance.POSSIBLY) == is_inside else DEFAULT
        return language_of_pieces(wildcard_pieces(operand.content, reading))

    def _numbers(self, wanted: list[Literal]) -> Iterator[Any]:
        if not self._field.is_free:
            return
        about_text = {literal for literal, _ in self._text_comparisons(wanted)}
        others = [literal for literal in wanted if literal not in about_text]
        thresholds = sorted({each.value for _, each in self._comparisons(wanted) if isinstance(each, Number)})
        for number in self._between(thresholds):
            if all(self._meets(literal, number) for literal in others):
                self._doubt_unless(not about_text or all(self._meets(each, number) for each in about_text))
            yield number

    def _between(self, thresholds: list[Decimal]) -> Iterator[Any]:
        """A number of every kind that the thresholds can tell apart."""
        if not thresholds:
            yield 1
            return
        yield from (_plain(thresholds[0] - 1), _plain(thresholds[-1] + 1))
        for index, threshold in enumerate(thresholds):
            yield _plain(threshold)
            if index:
                middle = (thresholds[index - 1] + threshold) / 2
                self._doubt_unless(thresholds[index - 1] < middle < threshold)
                yield _plain(middle)
        self._doubt_unless(thresholds[0] - 1 < thresholds[0] and thresholds[-1] + 1 > thresholds[-1])

    def _doubt_unless(self, is_exact: bool) -> None:
        # In a search for a counterexample nothing has to be complete.
        if not is_exact and self._stance is not Stance.SURELY:
            self.is_unknown = True

    def _comparisons(self, wanted: list[Literal]) -> Iterator[tuple[Literal, Operand]]:
        for literal in wanted:
            subject = literal.subject
            if isinstance(subject, Comparison) and self._is_target_of(subject):
                yield literal, subject.operand

    def _text_comparisons(self, wanted: list[Literal]) -> Iterator[tuple[Literal, Comparison]]:
        for literal, operand in self._comparisons(wanted):
            if isinstance(operand, Text | IpGlob | Regex) and isinstance(literal.subject, Comparison):
                yield literal, literal.subject


_HOLDS, _FAILS = Truth(surely=True, possibly=True), Truth(surely=False, possibly=False)


def _plain_pieces(condition: Condition) -> tuple[str, ...] | None:
    """The string that is compared with, in pieces, if AWS leaves nothing about it open."""
    if isinstance(condition, Comparison) and isinstance(operand := condition.operand, Text | IpGlob):
        return _pieces_without_doubt(operand.content)
    return None


@lru_cache(maxsize=512)
def _pieces_without_doubt(content: str) -> tuple[str, ...] | None:
    is_open = content in ("*", "**") or "*" in content[1:-1]
    return None if is_open else wildcard_pieces(content, DEFAULT)


def _is_equality(condition: Condition) -> bool:
    return isinstance(condition, Comparison) and condition.operator is Operator.EQUAL


def event_with(path: NodePath, value: Any) -> dict[str, Any]:
    """The smallest event that has this value, or no value, at this path."""
    nested = value
    for key in reversed(path):
        if isinstance(key, int):
            nested = [None] * key + ([] if nested is ABSENT else [nested])
        else:
            nested = {} if nested is ABSENT else {key: nested}
    if not isinstance(nested, dict):
        raise TypeError(path)
    return nested


def _fits(value: Any, condition: Condition, depth: int) -> bool:
    """Whether the step after this depth leads into the value."""
    step = condition.selector.steps[depth]
    return _has_shape(value, Shape.OBJECT if isinstance(step, Member) else Shape.ARRAY)


def _has_shape(value: Any, shape: Shape) -> bool:
    is_object, is_array = isinstance(value, Mapping), isinstance(value, list)
    return is_object if shape is Shape.OBJECT else is_array if shape is Shape.ARRAY else is_object or is_array


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number
