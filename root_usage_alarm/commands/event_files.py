"""CloudTrail events from a file: one event, a list of them, or a `Records` file, gzipped or not."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

Event = dict[str, Any]

_GZIP = b"\x1f\x8b"


class NotEvents(Exception):
    """The file holds no CloudTrail events; says what it holds instead."""


def read_events(path: Path) -> list[Event]:
    """The events in the file, in order; raises NotEvents."""
    content = path.read_bytes()
    try:
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        parsed = json.loads(content)
    except (ValueError, EOFError, OSError, RecursionError, zlib.error) as error:
        raise NotEvents(f"is no JSON: {error}") from error
    events = _events_of(parsed)
    if not all(isinstance(event, dict) for event in events):
        raise NotEvents("should hold JSON objects, one for each event")
    return events


def _events_of(parsed: Any) -> list[Any]:
    match parsed:
        case {"Records": list(records)}:
            return records
        case dict():
            return [parsed]
        case list():
            return parsed
        case _:
            raise NotEvents("should hold an event, a list of events, or `Records`")
