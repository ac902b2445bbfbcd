"""What AWS's own tests of patterns say: of each reading that the code leaves open, and of the whole corpus.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from root_usage import event_pattern, filter_pattern
from root_usage.coverage.doubt import POINTS
from root_usage.coverage.root_activity import ROOT_EVENT_PATTERN
from root_usage.coverage.truth import ALTERNATIVES
from root_usage.event_pattern.envelope import delivered
from root_usage.filter_pattern.matching import SpaceDelimitedPatternNotEvaluated

from tests.event_pattern.recipes import INVALID, RECIPES
from tests.event_pattern.root_events import API_CALL, EVENTS, event
from tests.live.sandbox import Sandbox
from tests.live.table import Probe, Row

DATA = Path(__file__).parents[1] / "data"
_REFUSALS = ("InvalidParameterException", "InvalidEventPatternException", "ValidationException")
_MOST_MESSAGES = 50

Asked = tuple[tuple[str, Any], ...]
"""Pairs of a pattern and an event."""

# By field of Reading: what is asked. Each alternative has other answers, and no other reading matters.
FILTER_READINGS: Mapping[str, Asked] = {
    "not_equal_matches_absent": (('{ $.a != "x" }', {"b": "x"}),),
    "not_equal_matches_null": (('{ $.a != "x" }', {"a": None}),),
    "not_equal_matches_other_type": (('{ $.a != "x" }', {"a": 7}), ("{ $.a != 7 }", {"a": "x"})),
    "not_equal_on_wildcard": (
        ('{ $.a[*] != "x" }', {"a": ["x", "y"]}),
        ('{ $.a[*] != "x" }', {"a": ["y", {"b": "z"}]}),
    ),
    "number_matches_strings": (("{ $.a = 1 }", {"a": "1"}),),
    "text_matches_numbers": (('{ $.a = "1" }', {"a": 1}),),
    "text_matches_booleans": (('{ $.a = "true" }', {"a": True}),),
    "inner_asterisk_is_wildcard": (('{ $.a = "Get*Policy" }', {"a": "GetRolePolicy"}),),
    "asterisk_matches_null": (("{ $.a = * }", {"a": None}),),
    "asterisk_matches_booleans": (("{ $.a = * }", {"a": True}),),
    "asterisk_matches_containers": (("{ $.a = * }", {"a": {"b": "x"}}),),
    "container_rejects_event": (('{ $.a = "x" || $.b = "y" }', {"a": {"c": "x"}, "b": "y"}),),
    "not_exists_matches_null": (("{ $.a NOT EXISTS }", {"a": None}),),
    "not_exists_matches_containers": (("{ $.a NOT EXISTS }", {"a": {"b": "x"}}),),
    "not_exists_under_absent_parent": (("{ $.a.b NOT EXISTS }", {"c": "x"}),),
    "not_exists_under_unfit_parent": (("{ $.a.b NOT EXISTS }", {"a": "x"}),),
    "not_exists_on_wildcard_needs_one": (("{ $.a[*].b NOT EXISTS }", {"a": [{"b": "x"}, {"c": "x"}]}),),
}


def _about(detail: Mapping[str, Any], field: Any) -> tuple[str, Any]:
    return json.dumps({"detail": detail}), event(API_CALL, "iam", "CreateUser", requestParameters=field)


EVENT_READINGS: Mapping[str, Asked] = {
    "numbers_by_value": (_about({"requestParameters": {"a": [300]}}, {"a": 300.0}),),
    "not_exists_matches_containers": (
        _about({"requestParameters": {"a": [{"exists": False}]}}, {"a": {"b": "x"}}),
        _about({"requestParameters": {"a": [{"exists": False}]}}, {"a": []}),
    ),
    "anything_but_matches_null": (
        _about({"requestParameters": {"a": [{"anything-but": "x"}]}}, {"a": None}),
    ),
    "anything_but_needs_every_element": (
        _about({"requestParameters": {"a": [{"anything-but": "x"}]}}, {"a": ["x", "y"]}),
    ),
}
EVENT_POINTS: Mapping[str, str] = {
    "numbers_by_value": "whether 300 in a pattern matches 300.0",
    "not_exists_matches_containers": "whether `exists: false` matches an object or an array",
    "anything_but_matches_null": "whether `anything-but` matches null",
    "anything_but_needs_every_element": "whether `anything-but` needs every element of an array to differ",
}


@dataclass(frozen=True, slots=True)
class Language:
    """A language of patterns: what our evaluator says of it, and what AWS's own test does.

    None: the pattern is refused. An event that our evaluator doesn't take apart raises KeyError.
    """

    name: str
    service: str
    ours: Callable[[str, Sequence[Any], Any], list[bool] | None]
    ask: Callable[[Sandbox, str, Sequence[Any]], list[bool] | None]
    reading: Any
    asked: Mapping[str, Asked]
    points: Mapping[str, str]

    def alternatives(self, field: str) -> tuple[Any, ...]:
        default = getattr(self.reading, field)
        return ALTERNATIVES[field] if isinstance(default, Enum) else (default, not default)

    def foreseen(self, field: str, value: Any) -> tuple[bool, ...]:
        """What our evaluator says of what is asked about the field, if the reading had that value there."""
        reading = replace(self.reading, **{field: value})
        answers = (self.ours(pattern, [each], reading) for pattern, each in self.asked[field])
        return tuple(bool(answer and answer[0]) for answer in answers)

    def probe(self, field: str) -> Probe:
        alternatives = self.alternatives(field)
        return Probe(
            f"{self.name}/{field}",
            self.points[field],
            tuple(_said(each) for each in alternatives),
            _said(alternatives[0] if isinstance(alternatives[0], bool) else getattr(self.reading, field)),
        )

    def answer(self, sandbox: Sandbox, field: str) -> str:
        seen = []
        for pattern, each in self.asked[field]:
            answer = self.ask(sandbox, pattern, [each])
            if answer is None:
                return "the pattern is refused"
            seen.append(answer[0])
        fitting = [each for each in self.alternatives(field) if self.foreseen(field, each) == tuple(seen)]
        return _said(fitting[0]) if fitting else f"none of them: {seen}"


def _said(value: Any) -> str:
    return str(value.value) if isinstance(value, Enum) else "yes" if value else "no"


def _filters(pattern: str, events: Sequence[Any], reading: Any) -> list[bool] | None:
    try:
        parsed = filter_pattern.parse_filter_pattern(pattern)
        return [filter_pattern.matches(parsed, json.dumps(each), reading) for each in events]
    except filter_pattern.PatternSyntaxError:
        return None
    except SpaceDelimitedPatternNotEvaluated as error:
        raise KeyError from error


def _ask_filters(sandbox: Sandbox, pattern: str, events: Sequence[Any]) -> list[bool] | None:
    found: list[bool] = []
    for start in range(0, len(events), _MOST_MESSAGES):
        messages = [json.dumps(each) for each in events[start : start + _MOST_MESSAGES]]
        try:
            answer = sandbox.client("logs").test_metric_filter(
                filterPattern=pattern, logEventMessages=messages
            )
        except ClientError as error:
            _raise_unless_refused(error)
            return None
        numbers = {each["eventNumber"] for each in answer["matches"]}
        found += [number in numbers for number in range(1, len(messages) + 1)]
        sandbox.wait(1 / 200)  # 5 calls a second
    return found


def _events(pattern: str, events: Sequence[Any], reading: Any) -> list[bool] | None:
    try:
        parsed = event_pattern.parse_event_pattern(pattern)
    except event_pattern.NotUnderstood as error:
        raise KeyError from error
    except event_pattern.EventPatternSyntaxError:
        return None
    return [event_pattern.matches(parsed, each, reading) for each in events]


def _ask_events(sandbox: Sandbox, pattern: str, events: Sequence[Any]) -> list[bool] | None:
    client = sandbox.client("events")
    try:
        return [
            client.test_event_pattern(EventPattern=pattern, Event=json.dumps(each))["Result"]
            for each in events
        ]
    except ClientError as error:
        _raise_unless_refused(error)
        return None


def _raise_unless_refused(error: ClientError) -> None:
    if error.response["Error"]["Code"] not in _REFUSALS:
        raise error


FILTERS = Language(
    "filter", "logs", _filters, _ask_filters, filter_pattern.Reading(), FILTER_READINGS, POINTS
)
RULES = Language(
    "rule", "events", _events, _ask_events, event_pattern.Reading(), EVENT_READINGS, EVENT_POINTS
)


def readings() -> Iterator[tuple[Probe, Callable[[Sandbox], list[Row]]]]:
    for language in (FILTERS, RULES):
        for field in language.asked:
            probe = language.probe(field)

            def ask(
                sandbox: Sandbox, language: Language = language, field: str = field, probe: Probe = probe
            ) -> list[Row]:
                return [
                    Row(probe, language.answer(sandbox, field), f"asked: {json.dumps(language.asked[field])}")
                ]

            yield probe, ask


# -- the corpus ------------------------------------------------------------------------------------------

SAME = "on all of them"


def _corpus_probe(language: Language, size: str) -> Probe:
    return Probe(
        f"{language.name}/corpus",
        f"whether AWS matches as our evaluator does: {size}",
        (SAME, "not on all of them"),
        SAME,
    )


def corpora() -> Iterator[tuple[Probe, Callable[[Sandbox], list[Row]]]]:
    rows = json.loads((DATA / "filter_patterns.json").read_text(encoding="utf-8"))
    filters = {
        f"{row['id']}{f'#{number}' if number else ''}": text
        for row in rows
        for number, text in enumerate(row["patterns"])
    }
    records = {
        row["id"]: row["event"] for row in json.loads((DATA / "root_events.json").read_text(encoding="utf-8"))
    }
    yield compared(FILTERS, {name: (text, records) for name, text in filters.items()})
    arriving = {}
    for name, record in records.items():
        with suppress(KeyError):  # no bus gets it
            arriving[name] = delivered(record)
    rules: dict[str, tuple[str, Mapping[str, Any]]] = {
        name: (row[0], EVENTS) for name, row in RECIPES.items()
    }
    rules |= {name: (text, {"sign-in": EVENTS["sign-in"]}) for name, text in INVALID.items()}
    yield compared(RULES, {**rules, "whole": (ROOT_EVENT_PATTERN, arriving)})


def compared(
    language: Language, cases: Mapping[str, tuple[str, Mapping[str, Any]]]
) -> tuple[Probe, Callable[[Sandbox], list[Row]]]:
    pairs = sum(len(events) for _, events in cases.values())
    probe = _corpus_probe(language, f"{len(cases)} patterns, {pairs} pairs with an event")

    def ask(sandbox: Sandbox) -> list[Row]:
        rows = [
            row for name, (text, events) in cases.items() for row in _differences(sandbox, name, text, events)
        ]
        return rows or [Row(probe, SAME)]

    def _differences(sandbox: Sandbox, name: str, text: str, events: Mapping[str, Any]) -> Iterator[Row]:
        try:
            ours = language.ours(text, list(events.values()), language.reading)
        except KeyError:
            return  # what isn't understood is never covered
        theirs = language.ask(sandbox, text, list(events.values()))
        if ours is None or theirs is None:
            if ours is not theirs:
                yield _row(name, "-", text, _taken(theirs), _taken(ours))
            return
        for which, their, our in zip(events, theirs, ours, strict=True):
            if their != our:
                yield _row(name, which, text, _matched(their), _matched(our))

    def _row(name: str, which: str, text: str, seen: str, assumed: str) -> Row:
        answers = (seen, assumed)
        return Row(
            Probe(f"{language.name}/corpus/{name}/{which}", f"whether it matches: {text}", answers, assumed),
            seen,
        )

    return probe, ask


def _taken(answer: list[bool] | None) -> str:
    return "refused" if answer is None else "accepted"


def _matched(answer: bool) -> str:
    return "matches" if answer else "doesn't match"
