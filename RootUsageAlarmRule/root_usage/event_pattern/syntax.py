"""The tree of an event pattern.

`parser` makes these trees from text, `matching` evaluates them on events. The language:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Comparison(Enum):
    EQUAL = "="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written: to AWS's guide 300 isn't 300.0."""

    text: str

    @property
    def value(self) -> Decimal:
        return Decimal(self.text)


Scalar = str | bool | Number | None


@dataclass(frozen=True, slots=True)
class Exact:
    """`"Root"`, `false`, `1`, `null`: this value of this JSON type; `*` in it is a literal star."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Prefix:
    text: str
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class Suffix:
    text: str
    ignores_case: bool = False


@dataclass(frozen=True, slots=True)
class EqualsIgnoreCase:
    text: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """The literal pieces around the stars, without escapes; one piece is a wildcard without a star."""

    pieces: tuple[str, ...]


TextMatcher = Prefix | Suffix | EqualsIgnoreCase | Wildcard


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Present, and none of these: values of one type, or matchers of one kind."""

    excluded: tuple[Exact, ...] | tuple[TextMatcher, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    comparison: Comparison
    number: Number


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number within all bounds: one, or a lower and an upper."""

    bounds: tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether the field holds a value: null and `""` are some, objects and empty arrays none."""

    exists: bool


@dataclass(frozen=True, slots=True)
class Cidr:
    """An address of this network, IPv4 or IPv6, as it is written."""

    network: str


Matcher = Exact | TextMatcher | AnythingBut | Numeric | Exists | Cidr


@dataclass(frozen=True, slots=True)
class Field:
    """The path from the event's top, and what the value may be: one of these has to match."""

    path: tuple[str, ...]
    matchers: tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Fields that all have to match, in the order of their paths; no path is the start of another."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class EventPattern:
    """One of the alternatives has to match: `$or`s are multiplied out, as AWS does to count them."""

    alternatives: tuple[Alternative, ...]
