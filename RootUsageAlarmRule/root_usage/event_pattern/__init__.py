"""The event-pattern language of Amazon EventBridge: parse, print, evaluate."""

from __future__ import annotations

from .matching import Event, matches
from .parser import parse_event_pattern
from .printing import format_event_pattern
from .reading import Reading
from .syntax import EventPattern
from .syntax_error import EventPatternSyntaxError, NotUnderstood

__all__ = [
    "Event",
    "EventPattern",
    "EventPatternSyntaxError",
    "NotUnderstood",
    "Reading",
    "format_event_pattern",
    "matches",
    "parse_event_pattern",
]
