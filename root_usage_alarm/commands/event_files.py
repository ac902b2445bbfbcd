"""CloudTrail events from a file or from stdin, in whichever wrapping people have them.

- a record, or the event that EventBridge makes of it
- CloudTrail's log files, `{"Records": [...]}`
- what `aws cloudtrail lookup-events` prints, whose `CloudTrailEvent` is JSON text
- what `aws logs filter-log-events` prints, or a subscription gets, whose `message` is JSON text
- a list of any of them, JSON Lines, or JSON values one after the other; each gzipped or not

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

Event = dict[str, Any]

STDIN = Path("-")

MAX_CHARACTERS = 500_000_000
"""Of one JSON value: a few MB of gzip can hold more than a machine."""

_GZIP = b"\x1f\x8b"
_LISTS = ("Records", "Events", "events", "logEvents")
_SPACE = re.compile(r"\s*")


class NotEvents(Exception):
    """The file holds no CloudTrail events; says where, and what is there instead."""


def read_events(path: Path) -> Iterator[Event]:
    """The events, one after the other, as they are read; raises NotEvents. STDIN is the standard input."""
    name = "stdin" if path == STDIN else path.name
    try:
        with click.open_file(str(path), "rb") as binary, _text_of(binary) as text:
            for place, value in _values(text):
                yield from _events_in(value, place)
    except NotEvents as fault:
        raise NotEvents(f"{name}: {fault}") from fault
    except (OSError, EOFError, UnicodeError, zlib.error) as error:
        raise NotEvents(f"{name}: {error}") from error


def record_of(event: Event) -> Event:
    """CloudTrail's record, where the event is EventBridge's."""
    detail = event.get("detail")
    return detail if isinstance(detail, dict) and "detail-type" in event else event


def _text_of(binary: Any) -> TextIO:
    stream = io.BufferedReader(binary)
    if stream.peek(2).startswith(_GZIP):
        stream = io.BufferedReader(gzip.GzipFile(fileobj=stream))
    # Windows' own shell writes UTF-16.
    is_utf_16 = stream.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return io.TextIOWrapper(stream, "utf-16" if is_utf_16 else "utf-8-sig", errors="surrogateescape")


# -- JSON values


def _values(stream: TextIO) -> Iterator[tuple[str, Any]]:
    """Each value and its place; line by line if the first line is a value, else of the text as a whole."""
    is_by_lines, number = False, 0
    while line := _read(stream.readline(MAX_CHARACTERS), number + 1):
        number += 1
        if not line.strip():
            continue
        try:
            value = _parsed(line, number)
        except NotEvents:
            if is_by_lines:
                raise
            yield from _one_after_the_other(line + _read(stream.read(MAX_CHARACTERS), number + 1), number)
            return
        is_by_lines = True
        yield f"line {number}", value


def _one_after_the_other(text: str, line: int) -> Iterator[tuple[str, Any]]:
    at = 0
    while (start := _end_of_space(text, at)) < len(text):
        line += text.count("\n", at, start)
        value, at = _parsed_from(text, start, line)
        yield f"line {line}", value
        line += text.count("\n", start, at)


def _end_of_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _read(text: str, line: int) -> str:
    """The text, if it is one; what isn't UTF-8 came as lone surrogates."""
    if len(text) >= MAX_CHARACTERS:
        raise NotEvents(f"line {line}: more than {MAX_CHARACTERS} characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line += text.count("\n", 0, error.start)
        column = error.start - text.rfind("\n", 0, error.start)
        raise NotEvents(f"line {line}, column {column}: no UTF-8") from None
    return text


def _parsed(text: str, line: int) -> Any:
    start = _end_of_space(text, 0)
    value, end = _parsed_from(text, start, line)
    if (rest := _end_of_space(text, end)) < len(text):
        raise NotEvents(f"line {line}, column {rest + 1}: more text behind the JSON value")
    return value


def _parsed_from(text: str, start: int, line: int) -> tuple[Any, int]:
    """The value at `start`, which is in that line, and where it ends."""
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        place = f"line {line + text.count(chr(10), start, error.pos)}, column {error.colno}"
        raise NotEvents(f"{place}: no JSON: {error.msg}") from None
    except RecursionError:
        raise NotEvents(f"line {line}: nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise NotEvents(f"line {line}: {error}") from None


# -- what wraps the events


def _events_in(value: Any, place: str) -> Iterator[Event]:
    if isinstance(value, dict):
        for name in _LISTS:
            if isinstance(value.get(name), list):
                return _events_of(value[name], f"{place}, {name}")
    return _events_of(value, f"{place}, ") if isinstance(value, list) else iter([_event_of(value, place)])


def _events_of(values: list[Any], place: str) -> Iterator[Event]:
    for number, each in enumerate(values):
        yield _event_of(each, f"{place}[{number}]")


def _event_of(value: Any, place: str) -> Event:
    match value:
        case {"CloudTrailEvent": str(text)}:
            return _event_in(text, f"{place}.CloudTrailEvent")
        case {"message": str(text), "timestamp": _}:
            return _event_in(text, f"{place}.message")
        case str(text):
            return _event_in(text, place)
        case dict():
            return value
        case _:
            raise NotEvents(f"{place}: expected a CloudTrail event, found {_named(value)}")


def _event_in(text: str, place: str) -> Event:
    """The event that is JSON text within JSON."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise NotEvents(f"{place}: nested too deeply") from None
    except ValueError as error:
        raise NotEvents(f"{place}: no JSON: {error}") from None
    if not isinstance(value, dict):
        raise NotEvents(f"{place}: expected a CloudTrail event, found {_named(value)}")
    return value


def _named(value: Any) -> str:
    match value:
        case None | bool():
            return json.dumps(value)
        case list():
            return "a list"
        case str():
            return "a string"
        case _:
            return "a number"
