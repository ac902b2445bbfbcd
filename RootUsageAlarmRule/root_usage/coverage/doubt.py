"""Says on what an undecided coverage depends: a reading of AWS's, or a value that no one has seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from ..filter_pattern.matching import matches
from ..filter_pattern.reading import Reading
from ..filter_pattern.regex import parse_regex, search
from ..verdict.findings import quote
from .root_activity import ABSENT, Field, Path
from .root_events import Event
from .truth import ALTERNATIVES, DEFAULT
from .views import Opaque, View
from .witness import value_at

POINTS: Mapping[str, str] = {
    "not_equal_matches_absent": "how AWS treats `!=` on an absent field",
    "not_equal_matches_null": "how AWS treats `!=` on null",
    "not_equal_matches_other_type": "how AWS treats `!=` between a string, a number and a boolean",
    "not_equal_on_wildcard": "how AWS treats `!=` with a wildcard selector",
    "number_matches_strings": "whether a number equals a string of digits",
    "text_matches_numbers": "whether a string equals a number",
    "text_matches_booleans": "whether a string equals a boolean",
    "inner_asterisk_is_wildcard": "whether `*` is a wildcard in the middle of a string",
    "asterisk_matches_null": "whether `= *` matches null",
    "asterisk_matches_booleans": "whether `= *` matches a boolean",
    "asterisk_matches_containers": "whether `= *` matches an array or object",
    "container_rejects_event": "whether comparing an array or object rejects the event",
    "not_exists_matches_null": "whether null counts as NOT EXISTS",
    "not_exists_matches_containers": "whether an array or object counts as NOT EXISTS",
    "not_exists_under_absent_parent": "whether NOT EXISTS holds where the parent is absent",
    "not_exists_under_unfit_parent": "whether NOT EXISTS holds where the parent is no object",
    "not_exists_on_wildcard_needs_one": "how AWS treats NOT EXISTS with a wildcard",
}
"""Each field of Reading as the object of "depends on"."""

_OF_PATTERNS = frozenset(
    {"container_rejects_event", "not_equal_on_wildcard", "not_exists_on_wildcard_needs_one"}
)
"""Points that no single node can see."""

_CHANGES = tuple(
    (name, value)
    for name, values in ALTERNATIVES.items()
    for value in values
    if value != getattr(DEFAULT, name)
)


def on_which_it_depends(
    views: Sequence[View | Opaque], event: Event, open_points: frozenset[str]
) -> tuple[str, ...] | None:
    """The fewest of the open points (fields of Reading) that decide whether the event is caught.

    Empty if it escapes the default reading and no other single one catches it; None if no reading is
    found under which it escapes.
    """
    if any(isinstance(view, View) and _has_two_places(view, event) for view in views):
        return ("whether `@aws.region` and `@aws.account` are the event's or its log group's",)
    changes = [(name, value) for name, value in _CHANGES if name in open_points | _OF_PATTERNS]
    if _is_missed(views, event, DEFAULT):
        for name, value in changes:
            if not _is_missed(views, event, replace(DEFAULT, **{name: value})):
                return (f"{POINTS[name]}; TestMetricFilter can tell",)
        return ()
    for count in (1, 2):
        for chosen in combinations(changes, count):
            if _is_missed(views, event, replace(DEFAULT, **dict(chosen))):
                return (" and ".join(POINTS[name] for name, _ in chosen) + "; TestMetricFilter can tell",)
    return None


def _has_two_places(view: View, event: Event) -> bool:
    presented = view.presents(event)
    return presented.possibly != presented.surely


def doubtful_fields(activity: Mapping[Path, Field], event: Event) -> Iterator[str]:
    """What in the event AWS doesn't rule out but no one has seen."""
    for path, field in activity.items():
        value = value_at(event, path)
        if value_at(event, path[:-1]) is ABSENT or _is_usual(field, value):
            continue
        name = ".".join(path)
        if value is ABSENT:
            yield f"whether CloudTrail ever leaves out `{name}`"
        else:
            yield f"whether `{name}` is ever like {_shown(value)}"


def _is_missed(views: Sequence[View | Opaque], event: Event, reading: Reading) -> bool:
    return all(
        isinstance(view, Opaque)
        or not matches(view.pattern, event, reading)
        or not view.presents(event).possibly
        for view in views
    )


def _is_usual(field: Field, value: Any) -> bool:
    if field.is_free or isinstance(value, dict):
        return True
    if any(value is each or (isinstance(value, str) and value == each) for each in field.values):
        return True
    words = field.words
    return isinstance(value, str) and words is not None and (not words or search(parse_regex(words), value))


def _shown(value: Any) -> str:
    return quote(value) if isinstance(value, str) and value else repr(value)
