"""What is wrong with an event pattern."""

from __future__ import annotations

from ..text.syntax_error import TextSyntaxError


class EventPatternSyntaxError(TextSyntaxError):
    """A text that AWS would refuse as an event pattern."""


class NotUnderstood(EventPatternSyntaxError):
    """A text that AWS may take, but that isn't documented: nothing can be proven by it."""
