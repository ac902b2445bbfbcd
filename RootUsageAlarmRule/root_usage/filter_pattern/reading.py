"""Where AWS's documentation is silent: each open point as a setting.

`matching` evaluates under one reading; a decision about a pattern has to hold under every reading
that can matter to it. The defaults are the documented behaviour or, failing that, the most natural
one. What is known and what is not: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class WildcardNotEqual(Enum):
    """What `$.a[*] != x` and `$.a.* != x` ask of the values that the selector picks."""

    ANY = "some picked value differs from x"
    NONE_EQUAL = "no picked value equals x; arrays and objects among them are passed over"
    EVERY = "every picked value differs from x; an array or object among them spoils it"


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what AWS leaves open. A field that lacks a value is called absent."""

    # -- `!=`
    not_equal_matches_absent: bool = False
    """`$.a != "x"` when there is no `a`. Observed once to be false, never documented."""

    not_equal_matches_null: bool = True
    """`$.a != "x"` when `a` is null."""

    not_equal_matches_other_type: bool = True
    """`$.a != "x"` when `a` is a number or boolean, `$.a != 1` when it is a string or boolean."""

    not_equal_on_wildcard: WildcardNotEqual = WildcardNotEqual.ANY

    # -- types
    number_matches_strings: bool = False
    """`$.a = 1`, `$.a > 0` and so on when `a` is the string "1"."""

    text_matches_numbers: bool = False
    """`$.a = "1"` and `$.a = %1%` when `a` is the number 1. (Unquoted `4*` always matches 400.)"""

    text_matches_booleans: bool = False
    """`$.a = "true"`, `$.a = true` and `$.a = %true%` when `a` is the boolean true."""

    # -- `*`
    inner_asterisk_is_wildcard: bool = False
    """`Get*Policy`: in 2018 AWS said that `*` is a wildcard at the start and the end only."""

    asterisk_matches_null: bool = True
    """`$.a = *` when `a` is null."""

    asterisk_matches_booleans: bool = True
    """`$.a = *` when `a` is true or false."""

    asterisk_matches_containers: bool = False
    """`$.a = *` when `a` is an array or an object."""

    # -- arrays and objects
    container_rejects_event: bool = False
    """Whether a comparison of an array or object makes the whole pattern fail, not only itself.

    AWS: "the filter pattern won't match the log format". Wildcard selectors are exempt: AWS's own
    example of one (`$.*`) matches an event with arrays in it.
    """

    # -- `NOT EXISTS`
    not_exists_matches_null: bool = False
    """`$.a NOT EXISTS` when `a` is null."""

    not_exists_matches_containers: bool = False
    """`$.a NOT EXISTS` when `a` is an array or an object."""

    not_exists_under_absent_parent: bool = True
    """`$.a.b NOT EXISTS` when there is no `a`."""

    not_exists_under_unfit_parent: bool = True
    """`$.a.b NOT EXISTS` when `a` is null, a string, an array ..."""

    not_exists_on_wildcard_needs_one: bool = False
    """Whether it is enough for `$.a[*].b NOT EXISTS` that one element has no `b`, or none may."""
