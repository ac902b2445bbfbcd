"""Three-valued logic: yes, no, or a doubt with its reason.

A policy is only as decidable as its least understood condition, so "don't know" is a value of its
own here, and never quietly becomes yes or no.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """Neither yes nor no can be shown; `reason` names what stands in the way."""

    reason: str


Ternary = bool | Doubt


def every(parts: Iterable[Ternary]) -> Ternary:
    """No as soon as one part is no; else the first doubt; else yes."""
    doubt: Doubt | None = None
    for part in parts:
        if part is False:
            return False
        if isinstance(part, Doubt):
            doubt = doubt or part
    return doubt or True


def some(parts: Iterable[Ternary]) -> Ternary:
    """Yes as soon as one part is yes; else the first doubt; else no."""
    doubt: Doubt | None = None
    for part in parts:
        if part is True:
            return True
        if isinstance(part, Doubt):
            doubt = doubt or part
    return doubt or False


def negation(part: Ternary) -> Ternary:
    """Yes for no and no for yes; a doubt stays one."""
    return part if isinstance(part, Doubt) else not part
