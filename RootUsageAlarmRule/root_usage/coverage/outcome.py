"""What is asked of the coverage proof, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..aws.arn import Place
from ..verdict.findings import quote


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
    `other_accounts`: whose events are known to come to the log group beside those of the account under
    evaluation; nothing that AWS shows rules out that more do.
    """

    pattern: str
    name: str
    log_group_place: Place
    field_selection_criteria: str | None = None
    is_transformed: bool = False
    recorded: Recorded = Recorded()
    other_accounts: frozenset[str] = frozenset()


def names_of(*watches: Watch) -> str:
    """What a judgement on the watches is about, in words."""
    names = [quote(each.name) for each in watches[:1]] + [f"{len(watches) - 1} more"] * (len(watches) > 1)
    return f"metric filter{'s' * (len(watches) > 1)} {' and '.join(names)}"


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


@dataclass(frozen=True, slots=True)
class Drowned:
    """The watch catches this everyday event of somebody else.

    Surely; or as AWS may be read, or if events of the account come to the log group. `is_elsewhere`: it
    is an event of another account than the one under evaluation.
    """

    example: dict[str, Any] = field(hash=False)
    is_certain: bool = True
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class MaybeDrowned:
    """Nobody can tell which events the watch catches."""

    reason: str


@dataclass(frozen=True, slots=True)
class CatchesOthers:
    """The watch catches events that others than root can cause; `phrase` follows the watch's name.

    Without an example nobody can tell which events, or whether there are any.
    """

    phrase: str
    example: dict[str, Any] | None = field(default=None, hash=False)
