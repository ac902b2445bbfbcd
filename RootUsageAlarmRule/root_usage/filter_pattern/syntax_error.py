"""What is wrong with a filter pattern."""

from __future__ import annotations

from ..text.syntax_error import TextSyntaxError


class PatternSyntaxError(TextSyntaxError):
    """A text that is no filter pattern, or none that AWS documents."""
