"""Whether metric filters catch every root event: a proof, a counterexample, or the reason for neither."""

from __future__ import annotations

from .decision import decide_coverage, matches_some_root_event
from .noise import drowned_by
from .others import others_caught_by
from .outcome import (
    CatchesOthers,
    Coverage,
    Covered,
    Drowned,
    MaybeDrowned,
    Missed,
    Recorded,
    Undecided,
    Watch,
)

__all__ = [
    "CatchesOthers",
    "Coverage",
    "Covered",
    "Drowned",
    "MaybeDrowned",
    "Missed",
    "Recorded",
    "Undecided",
    "Watch",
    "decide_coverage",
    "drowned_by",
    "matches_some_root_event",
    "others_caught_by",
]
