"""What is asked of the coverage proof, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..records.arn import Place


@dataclass(frozen=True, slots=True)
class Recorded:
    """Which management events a trail records at all."""

    reads: bool = True
    writes: bool = True
    excluded_sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Watch:
    """One metric filter's view of the events that a trail delivers to its log group.

    `is_transformed`: the filter works on transformed events, and the log group has a transformer.
    """

    pattern: str
    name: str
    log_group_place: Place
    field_selection_criteria: str | None = None
    is_transformed: bool = False
    recorded: Recorded = Recorded()


@dataclass(frozen=True, slots=True)
class Covered:
    """Every root event is matched, however AWS reads what it leaves open."""

    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """A root event that no watch matches, however AWS reads what it leaves open; and the hole in words."""

    example: dict[str, Any]
    phrase: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """Neither could be shown."""

    reason: str


Coverage = Covered | Missed | Undecided
