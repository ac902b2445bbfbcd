"""IAM's wildcards: `*` is any text, `?` any one character; not those of filter patterns (`wildcard` there).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache


def matches_wildcards(pattern: str, text: str) -> bool:
    """Whether `text` is what `pattern` says; upper and lower case differ."""
    # By hand, and not as a regular expression: whatever a policy holds, this takes a step for each of the
    # pattern's characters. The places that the pattern so far may lead to are bits of one integer.
    places, everywhere = _places_by_char(text), (2 << len(text)) - 1
    reached = 1
    for char in pattern:
        if char == "*":
            reached = -reached & everywhere | reached  # from the first place on, all of them
        else:
            reached = (reached if char == "?" else reached & places.get(char, 0)) << 1 & everywhere
        if not reached:
            return False
    return bool(reached >> len(text))


@lru_cache(maxsize=64)
def _places_by_char(text: str) -> Mapping[str, int]:
    """For each character, the bits of its positions in the text."""
    found: dict[str, int] = {}
    for position, char in enumerate(text):
        found[char] = found.get(char, 0) | 1 << position
    return found
