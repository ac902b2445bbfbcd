"""The tree of a filter pattern, and its printed form.

`parser` makes these trees from text, `matching` evaluates them on log events, `coverage` decides
about them. The language: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Operator(Enum):
    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


class Constant(Enum):
    """What a selector may be compared with by `IS`."""

    NULL = "NULL"
    TRUE = "TRUE"
    FALSE = "FALSE"


# -- selectors -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Member:
    """`.name`, or `.['any key']`: a member of an object."""

    name: str


@dataclass(frozen=True, slots=True)
class Element:
    """`[3]`: an element of an array, counted from zero."""

    index: int


@dataclass(frozen=True, slots=True)
class AnyElement:
    """`[*]`: any element of an array."""


@dataclass(frozen=True, slots=True)
class AnyMember:
    """`.*`: any member of an object."""


SelectorStep = Member | Element | AnyElement | AnyMember


@dataclass(frozen=True, slots=True)
class Selector:
    """`$` and at least one step, the first of them a member; at most one step is a wildcard."""

    steps: tuple[SelectorStep, ...]


# -- operands ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `*` at its start or end is a wildcard. `content` is as written, without quotes."""

    content: str
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as written: `3`, `-1.5`, `1e+3`."""

    literal: str

    @property
    def value(self) -> Decimal:
        return Decimal(self.literal)


@dataclass(frozen=True, slots=True)
class IpGlob:
    """An IPv4 address or the beginning of one with a wildcard, unquoted: `123.123.*`."""

    content: str


@dataclass(frozen=True, slots=True)
class Regex:
    """What stands between the per cent signs: AWS's restricted dialect, an unanchored search."""

    source: str


Operand = Text | Number | IpGlob | Regex


# -- expressions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """Text, IpGlob and Regex go with EQUAL and NOT_EQUAL only."""

    selector: Selector
    operator: Operator
    operand: Operand


@dataclass(frozen=True, slots=True)
class Is:
    selector: Selector
    constant: Constant


@dataclass(frozen=True, slots=True)
class NotExists:
    selector: Selector


@dataclass(frozen=True, slots=True)
class And:
    """At least two parts, none of them an And itself."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least two parts, none of them an Or itself."""

    parts: tuple[Expression, ...]


Condition = Comparison | Is | NotExists
Expression = Condition | And | Or


# -- patterns ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JsonPattern:
    """`{ ... }`: matches events that are JSON objects."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class UnstructuredPattern:
    """Terms that must, may or must not stand somewhere in the event's text; none match everything.

    AWS ignores the optional (`?`) terms as soon as there is any other term.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegexPattern:
    """`%...%` alone: a search in the event's text."""

    regex: Regex


@dataclass(frozen=True, slots=True)
class SpaceDelimitedPattern:
    """`[a, b, ...]`: fields of a line, split at blanks. Recognised, not taken apart."""

    source: str


FilterPattern = JsonPattern | UnstructuredPattern | RegexPattern | SpaceDelimitedPattern
