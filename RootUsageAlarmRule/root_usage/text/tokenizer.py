"""A cursor over a text: what stands here, and if it isn't what must, where and why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from .syntax_error import TextSyntaxError

BLANKS = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Token:
    """`parts` are the named groups of its rule."""

    text: str
    span: tuple[int, int]
    parts: Mapping[str, str]


class Tokenizer:
    """Reads tokens by the names of their rules.

    The parser names the rule, so the same characters can be a selector here and a number there. Blanks
    are skipped after a token, unless the reader says that the next one has to follow at once.
    """

    def __init__(
        self, source: str, rules: Mapping[str, re.Pattern[str]], error: type[TextSyntaxError]
    ) -> None:
        self.source = source
        self._rules = rules
        self._error = error
        self._position = 0
        self.skip_blanks()

    @property
    def position(self) -> int:
        return self._position

    @property
    def is_at_end(self) -> bool:
        return self._position == len(self.source)

    def sees(self, rule: str) -> bool:
        return self._rules[rule].match(self.source, self._position) is not None

    def accept(self, rule: str, *, skip_blanks: bool = True) -> Token | None:
        """The token of this rule, if it stands here."""
        found = self._rules[rule].match(self.source, self._position)
        if found is None:
            return None
        self._position = found.end()
        if skip_blanks:
            self.skip_blanks()
        return Token(found[0], found.span(), found.groupdict(""))

    def expect(self, rule: str, message: str, *, skip_blanks: bool = True) -> Token:
        """The token of this rule; a syntax error with this message if it doesn't stand here."""
        token = self.accept(rule, skip_blanks=skip_blanks)
        return token or self.fail(message)

    def skip_blanks(self) -> None:
        while self.source[self._position : self._position + 1] in tuple(BLANKS):
            self._position += 1

    def fail(self, message: str, span: tuple[int, int] | None = None) -> NoReturn:
        """A syntax error at the span or, without one, at whatever stands here."""
        raise self._error(message, self.source, span or self._what_stands_here())

    def _what_stands_here(self) -> tuple[int, int]:
        word = _WORD.match(self.source, self._position)
        return word.span() if word else (self._position, self._position + 1)


_WORD = re.compile(r"[^\s(){}&|=<>!%\"',\[\]]+|[=<>!&|]+|.", re.DOTALL)
