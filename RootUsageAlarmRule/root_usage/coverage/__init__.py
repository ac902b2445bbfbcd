"""Whether metric filters catch every root event: a proof, a counterexample, or the reason for neither."""

from __future__ import annotations

from .decision import decide_coverage, matches_some_root_event
from .noise import drowned_by
from .outcome import Coverage, Covered, Drowned, MaybeDrowned, Missed, Recorded, Undecided, Watch

__all__ = [
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
]
