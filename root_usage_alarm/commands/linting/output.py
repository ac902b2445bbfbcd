"""Judgements as text, as JSON, and as SARIF for the pages of code hosts.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ... import __version__
from ..exit_status import Ending, worst
from .judging import COVERED, FILE_UNREADABLE, MEANINGS, Judgement

SCHEMA_VERSION = 1
"""Of the JSON; it changes when a member is renamed or removed."""

_LEVELS = {
    Ending.MISSED: "error",
    Ending.COULD_NOT_RUN: "error",
    Ending.UNDECIDED: "warning",
}


def to_text(judgements: Sequence[Judgement]) -> list[str]:
    """`file:line:column: code message`, a line each."""
    return [f"{each.place}: {each.code} {_on_one_line(each.message)}" for each in judgements]


def _on_one_line(message: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in message).split())


def summary_of(judgements: Sequence[Judgement], files: int) -> str:
    """How many there are of each."""
    read = f"{files} file{'s' * (files != 1)}"
    if not judgements:
        return f"no pattern for root in {read}"
    counts = Counter(each.ending for each in judgements)
    words = (
        (Ending.COVERED, "covered"),
        (Ending.MISSED, "missed"),
        (Ending.UNDECIDED, "undecided"),
        (Ending.COULD_NOT_RUN, "can't be read"),
    )
    return f"{read}: {', '.join(f'{counts[ending]} {word}' for ending, word in words if counts[ending])}"


def to_json(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """Lines and columns count from 1."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "toolVersion": __version__,
        "exitStatus": worst(each.ending for each in judgements),
        "results": [
            {
                "file": each.place.file,
                "line": each.place.line,
                "column": each.place.column,
                "resource": each.resource,
                "code": each.code,
                "ending": each.ending.name,
                "message": _on_one_line(each.message),
                "example": each.example,
            }
            for each in judgements
        ],
    }


def to_sarif(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """A log of one run, without what is covered: code hosts make an alert of every result."""
    unreadable = [each for each in judgements if each.code == FILE_UNREADABLE]
    driver = {
        "name": "root-usage-alarm",
        "version": __version__,
        "rules": [
            {"id": code, "shortDescription": {"text": meaning}}
            for code, meaning in MEANINGS.items()
            if code not in (COVERED, FILE_UNREADABLE)
        ],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not unreadable,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": _on_one_line(each.message)},
                        "locations": [_location(each)],
                    }
                    for each in unreadable
                ],
            }
        ],
        "results": [_result(each) for each in judgements if each.code not in (COVERED, FILE_UNREADABLE)],
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _result(judgement: Judgement) -> dict[str, Any]:
    return {
        "ruleId": judgement.code,
        "level": _LEVELS[judgement.ending],
        "message": {"text": _on_one_line(judgement.message)},
        "locations": [_location(judgement)],
        "partialFingerprints": {"resource/v1": f"{judgement.place.file} {judgement.resource}"},
    }


def _location(judgement: Judgement) -> dict[str, Any]:
    path = Path(judgement.place.file)
    uri = path.as_uri() if path.is_absolute() else quote(path.as_posix())
    region = {"startLine": judgement.place.line, "startColumn": judgement.place.column}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
