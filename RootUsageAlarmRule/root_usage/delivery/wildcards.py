"""IAM's wildcards: `*` is any text, `?` any one character.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations


def matches_wildcards(pattern: str, text: str) -> bool:
    """Whether `text` is what `pattern` says; upper and lower case differ."""
    # By hand, and not as a regular expression: this takes at most len(pattern) * len(text) steps,
    # whatever a policy holds. Only the last star is ever reconsidered, which is enough, since an
    # earlier one could only have taken less text to the same end.
    at_pattern = at_text = 0
    star = resume = -1
    while at_text < len(text):
        if at_pattern < len(pattern) and pattern[at_pattern] == "*":
            star, resume = at_pattern, at_text
            at_pattern += 1
        elif at_pattern < len(pattern) and pattern[at_pattern] in ("?", text[at_text]):
            at_pattern += 1
            at_text += 1
        elif star >= 0:
            resume += 1
            at_pattern, at_text = star + 1, resume
        else:
            return False
    return not pattern[at_pattern:].strip("*")
