"""The filter-pattern language of CloudWatch Logs: parse, print, evaluate."""

from __future__ import annotations

from .matching import LogEvent, matches
from .parser import parse_filter_pattern
from .printing import format_filter_pattern, format_indented
from .reading import Reading
from .syntax import FilterPattern
from .syntax_error import PatternSyntaxError

__all__ = [
    "FilterPattern",
    "LogEvent",
    "PatternSyntaxError",
    "Reading",
    "format_filter_pattern",
    "format_indented",
    "matches",
    "parse_filter_pattern",
]
