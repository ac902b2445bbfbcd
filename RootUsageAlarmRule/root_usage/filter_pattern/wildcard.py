"""Strings with `*`: which texts they match. IAM's wildcards mean something else: `delivery.wildcards`."""

from __future__ import annotations

import re

from .reading import Reading
from .syntax import IpGlob, Regex, Text


def wildcard_pieces(content: str, reading: Reading) -> tuple[str, ...]:
    """The parts of the string between its wildcards; a single one if it has none.

    `*` is a wildcard at the start and the end; elsewhere it is itself, unless the reading says otherwise.
    """
    if reading.inner_asterisk_is_wildcard:
        return tuple(content.split("*"))
    if content == "*":
        return ("", "")
    before = ("",) if content.startswith("*") else ()
    after = ("",) if content.endswith("*") else ()
    return (*before, content[len(before) : len(content) - len(after)], *after)


def is_number_wildcard(operand: Text | IpGlob | Regex) -> bool:
    """Whether it is an unquoted `4*`, `*1*` ...: AWS lets the asterisk match in JSON numbers as well."""
    if isinstance(operand, Regex) or (isinstance(operand, Text) and operand.is_quoted):
        return False
    return _NUMBER_WILDCARD.fullmatch(operand.content) is not None


_NUMBER_WILDCARD = re.compile(r"\*[0-9.]+\*?|[0-9.]+\*")
