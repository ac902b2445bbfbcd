"""Where AWS's guide and the matching library that AWS publishes differ, or only one of them speaks.

A decision about a pattern has to hold under every reading that can matter to it.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what is open. The defaults are the guide's or, where it is silent, the library's."""

    numbers_by_value: bool = False
    """Whether `[300]` matches 300.0. No by the guide, yes by the library."""

    not_exists_matches_containers: bool = True
    """`{"exists": false}` when the field holds an object, `{}` or `[]`."""

    anything_but_matches_null: bool = True
    """`{"anything-but": "x"}` when the field is null."""

    anything_but_needs_every_element: bool = False
    """Whether all elements of an array have to differ, or one is enough."""
