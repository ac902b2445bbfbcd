"""Watches, parsed: what each sees of an event, or why nobody can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..filter_pattern.field_selection import FieldSelection, parse_field_selection, selects, tests_of
from ..filter_pattern.parser import parse_filter_pattern
from ..filter_pattern.regex import End, Start, parse_regex, search
from ..filter_pattern.syntax import (
    FilterPattern,
    JsonPattern,
    RegexPattern,
    SpaceDelimitedPattern,
    UnstructuredPattern,
)
from ..filter_pattern.syntax_error import PatternSyntaxError
from .outcome import Recorded, Watch
from .root_activity import ABSENT, Field, Path
from .truth import Truth, may_match, truth_of_pattern


@dataclass(frozen=True, slots=True)
class View:
    """A watch that was understood."""

    watch: Watch
    pattern: FilterPattern
    criteria: FieldSelection
    account_id: str

    def may_catch(self, event: dict[str, Any]) -> bool:
        """Whether the watch catches the event under some reading."""
        return self.presents(event).possibly and may_match(self.pattern, event)

    def surely_catches(self, event: dict[str, Any]) -> bool:
        """Whether the watch catches the event under every reading."""
        return self.presents(event).surely and truth_of_pattern(self.pattern, event).surely

    def presents(self, event: dict[str, Any]) -> Truth:
        """Whether the event comes before the pattern at all."""
        recorded = truth_of_recording(self.watch.recorded, event)
        selected = {self.selects_by_log_group, selects(self.criteria, self.account_id, event["awsRegion"])}
        return Truth(recorded.surely and selected == {True}, recorded.possibly and True in selected)

    @property
    def selects_by_log_group(self) -> bool:
        """Whether the criteria hold if the system fields tell where the log group is.

        AWS documents them for centralised log groups, where they tell where an event comes from. For
        CloudTrail's own log group that could be the group's place or the event's: both must do.
        """
        place = self.watch.log_group_place
        return selects(self.criteria, place.account_id, place.region)


@dataclass(frozen=True, slots=True)
class Opaque:
    """A watch that may catch every event or none: nobody can tell, for this reason."""

    watch: Watch
    reason: str


def view_of(watch: Watch, account_id: str) -> View | Opaque:
    """The watch's view of this account's events."""
    if watch.is_transformed:
        return Opaque(watch, "the filter works on transformed events, whose shape isn't known")
    try:
        pattern = parse_filter_pattern(watch.pattern)
    except PatternSyntaxError as error:
        return Opaque(watch, f"the pattern isn't understood: {error.message}")
    if isinstance(pattern, SpaceDelimitedPattern):
        return Opaque(watch, "a space-delimited pattern isn't made for CloudTrail's JSON")
    try:
        criteria = parse_field_selection(watch.field_selection_criteria or "")
    except PatternSyntaxError as error:
        return Opaque(watch, f"fieldSelectionCriteria isn't understood: {error.message}")
    if any("*" in value for test in tests_of(criteria) for value in test.values):
        return Opaque(watch, "fieldSelectionCriteria has an asterisk, which AWS doesn't document there")
    return View(watch, pattern, criteria, account_id)


def stands_in_every_event(pattern: FilterPattern, activity: Mapping[Path, Field]) -> bool:
    """Whether a pattern about text matches all root events, however their JSON is laid out."""
    match pattern:
        case JsonPattern() | SpaceDelimitedPattern():
            return False
        case RegexPattern(regex):
            tree = parse_regex(regex.source)
            items = [item for sequence in tree.alternatives for item in sequence.items]
            # Anchors mean the ends of the text, which depend on its layout.
            if any(isinstance(item, Start | End) for item in items):
                return False
            return any(search(tree, text) for text in _constant_texts(activity))
        case UnstructuredPattern(required, optional, excluded):
            texts = _constant_texts(activity)

            def is_certain(term: str) -> bool:
                return any(term in text for text in texts)

            if excluded:
                return False  # a user agent can hold any word
            return all(map(is_certain, required)) and (
                bool(required) or not optional or any(map(is_certain, optional))
            )


def stands_in_no_event(pattern: FilterPattern, activity: Mapping[Path, Field]) -> bool:
    """Whether a pattern about text excludes what stands in every root event."""
    if not isinstance(pattern, UnstructuredPattern):
        return False
    return any(term in text for term in pattern.excluded for text in _constant_texts(activity))


def _constant_texts(activity: Mapping[Path, Field]) -> list[str]:
    """The names and strings that stand in every root event, in one piece."""
    texts: list[str] = []
    for path, field in activity.items():
        if ABSENT in field.values or ABSENT in field.doubtful or len(path) > 1 + (path[0] == "userIdentity"):
            continue
        texts.append(path[-1])
        if len(field.values) == 1 and not (field.words or field.doubtful or field.doubtful_words):
            texts.extend(value for value in field.values if isinstance(value, str) and "/" not in value)
    return texts


def truth_of_recording(recorded: Recorded, event: dict[str, Any]) -> Truth:
    """Whether a trail records the event."""
    if event["eventSource"] in recorded.excluded_sources:
        return Truth(surely=False, possibly=False)
    match event.get("readOnly"):
        case True:
            return Truth(recorded.reads, recorded.reads)
        case _:  # what isn't said to be read-only is a write event to CloudTrail
            return Truth(recorded.writes, recorded.writes)
