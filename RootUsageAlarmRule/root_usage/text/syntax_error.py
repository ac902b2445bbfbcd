"""The one error of all parsers: what was expected, and where."""

from __future__ import annotations

from typing import Self


class TextSyntaxError(Exception):
    """A text that isn't of its language, or not as AWS documents it. Each language has a class of its own.

    Not a ValueError: rdklib swallows those and then reports nothing at all.
    """

    def __init__(self, message: str, source: str, span: tuple[int, int]) -> None:
        super().__init__(message, source, span)
        self.message = message
        self.source = source
        self.span = span

    def __str__(self) -> str:
        return f"{self.message}\n    {self._line()}\n    {self._marker()}"

    def moved_into(self, source: str, offset: int) -> Self:
        """The same error, seen from the text in which this source stands at `offset`."""
        start, end = self.span
        return type(self)(self.message, source, (start + offset, end + offset))

    def _line_bounds(self) -> tuple[int, int]:
        start = self.source.rfind("\n", 0, self.span[0]) + 1
        end = self.source.find("\n", self.span[0])
        return start, len(self.source) if end == -1 else end

    def _line(self) -> str:
        start, end = self._line_bounds()
        # One column per character, or the marker below would stand under the wrong one.
        return "".join(char if char.isprintable() else " " for char in self.source[start:end]).rstrip()

    def _marker(self) -> str:
        line_start, line_end = self._line_bounds()
        start, end = self.span
        width = max(1, min(end, line_end) - start)
        return " " * (start - line_start) + "^" + "~" * (width - 1)
