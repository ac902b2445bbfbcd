"""CloudTrail events as people have them: in which wrapping, and what is said of files that hold none."""

from __future__ import annotations

import gzip
import io
import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from root_usage.coverage.root_events import EventKind, root_events

from root_usage_alarm.commands.event_files import STDIN, NotEvents, read_events, record_of

EVENTS = root_events("111122223333")
CALL, SIGN_IN = EVENTS[EventKind.API_CALL], EVENTS[EventKind.SIGN_IN_WITHOUT_MFA]
ENVELOPE = {"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": CALL}


def file_of(folder: Path, content: bytes) -> Path:
    file = folder / "events"
    file.write_bytes(content)
    return file


def looked_up(*events: dict[str, Any]) -> dict[str, Any]:
    """As `aws cloudtrail lookup-events` prints them."""
    return {
        "Events": [
            {
                "EventId": "00000000-0000-4000-8000-000000000004",
                "EventName": each["eventName"],
                "ReadOnly": "false",
                "EventTime": "2026-10-05T07:05:10+00:00",
                "Resources": [],
                "CloudTrailEvent": json.dumps(each),
            }
            for each in events
        ]
    }


def filtered(*events: dict[str, Any]) -> dict[str, Any]:
    """As `aws logs filter-log-events` prints them."""
    return {
        "events": [
            {
                "logStreamName": "111122223333_CloudTrail_us-east-1",
                "timestamp": 1791183910000,
                "message": json.dumps(each),
                "ingestionTime": 1791183911000,
                "eventId": "1",
            }
            for each in events
        ],
        "searchedLogStreams": [],
    }


TWO = [CALL, SIGN_IN]
LINES = "".join(f"{json.dumps(each)}\n" for each in TWO)


@pytest.mark.parametrize(
    ("text", "events"),
    [
        pytest.param(json.dumps(CALL), [CALL], id="record"),
        pytest.param(json.dumps(CALL, indent=2), [CALL], id="record-on-many-lines"),
        pytest.param(json.dumps(TWO), TWO, id="list"),
        pytest.param(json.dumps({"Records": TWO}), TWO, id="log-file"),
        pytest.param(json.dumps(looked_up(*TWO), indent=4), TWO, id="lookup-events"),
        pytest.param(json.dumps(looked_up(*TWO)["Events"]), TWO, id="lookup-events-queried"),
        pytest.param(
            json.dumps([each["CloudTrailEvent"] for each in looked_up(*TWO)["Events"]]),
            TWO,
            id="lookup-events-queried-for-texts",
        ),
        pytest.param(json.dumps(filtered(*TWO), indent=4), TWO, id="filter-log-events"),
        pytest.param(
            json.dumps({"messageType": "DATA_MESSAGE", "logEvents": filtered(*TWO)["events"]}),
            TWO,
            id="subscription",
        ),
        pytest.param(LINES, TWO, id="json-lines"),
        pytest.param(f"\n{LINES}\n\n", TWO, id="json-lines-with-empty-ones"),
        pytest.param(LINES.replace("\n", "\r\n"), TWO, id="json-lines-of-windows"),
        pytest.param("\n".join(json.dumps(filtered(each)) for each in TWO), TWO, id="json-lines-of-outputs"),
        pytest.param("\n".join(json.dumps(json.dumps(each)) for each in TWO), TWO, id="json-lines-of-texts"),
        pytest.param(
            "".join(json.dumps(each, indent=2) for each in TWO), TWO, id="values-one-after-the-other"
        ),
        pytest.param(json.dumps(ENVELOPE), [ENVELOPE], id="eventbridge"),
        pytest.param("[]", [], id="empty-list"),
        pytest.param("", [], id="empty-file"),
        pytest.param('{"eventName": "Zo\u00eb"}', [{"eventName": "Zo\u00eb"}], id="beyond-ascii"),
    ],
)
@pytest.mark.parametrize("is_gzipped", [False, True], ids=["plain", "gzipped"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_events_are_read_from_whatever_wraps_them(
    tmp_path: Path, text: str, events: list[dict[str, Any]], encoding: str, *, is_gzipped: bool
) -> None:
    content = text.encode(encoding)

    file = file_of(tmp_path, gzip.compress(content) if is_gzipped else content)

    assert list(read_events(file)) == events


def test_events_are_read_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    binary = io.BytesIO(gzip.compress(LINES.encode()))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(binary))

    assert list(read_events(STDIN)) == TWO


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"eventName", "line 1, column 1: no JSON: Expecting value", id="text"),
        pytest.param(b"12", "line 1: expected a CloudTrail event, found a number", id="number"),
        pytest.param(b"null", "line 1: expected a CloudTrail event, found null", id="null"),
        pytest.param(
            b"[{}, []]", "line 1, [1]: expected a CloudTrail event, found a list", id="list-in-list"
        ),
        pytest.param(
            b'{"Records": [{},\n{},\n"x"]}', "line 1, Records[2]: no JSON: ", id="string-among-records"
        ),
        pytest.param(
            b'{"Events": [{"CloudTrailEvent": "{"}]}',
            "line 1, Events[0].CloudTrailEvent: no JSON: Expecting property name",
            id="half-an-event-that-was-looked-up",
        ),
        pytest.param(
            b'{"events": [{"timestamp": 1, "message": "START RequestId"}]}',
            "line 1, events[0].message: no JSON: Expecting value",
            id="message-of-something-else",
        ),
        pytest.param(
            b'{"events": [{"timestamp": 1, "message": "\\"x\\""}]}',
            "line 1, events[0].message: expected a CloudTrail event, found a string",
            id="message-that-is-a-string",
        ),
        pytest.param(
            b'{}\n\n{"a": x}\n',
            "line 3, column 7: no JSON: Expecting value",
            id="third-of-json-lines",
        ),
        pytest.param(b"{}\n{} {}\n", "line 2, column 4: more text behind the JSON value", id="two-on-a-line"),
        pytest.param(
            b'\n{\n  "a": 1\n}\n{\n  "a": x\n}',
            "line 6, column 8: no JSON: Expecting value",
            id="second-of-many-lines",
        ),
        pytest.param(b"[" * 100_000, "line 1: nested too deeply", id="deep"),
        pytest.param(
            b'["' + b"[" * 100_000 + b'"]',
            "line 1, [0]: nested too deeply",
            id="deep-within-text",
        ),
        pytest.param(b"9" * 5_000, "line 1: Exceeds the limit (4300 digits)", id="large-number"),
        pytest.param(b'{}\n{"a": "\xff"}', "line 2, column 8: no UTF-8", id="no-utf-8"),
        pytest.param(b'{\n"a":\n"\xe4"}', "line 3, column 2: no UTF-8", id="no-utf-8-on-many-lines"),
        pytest.param(b"\xff\xfe{", "", id="half-a-character-of-utf-16"),
        pytest.param(
            gzip.compress(b"[]")[:-4],
            "Compressed file ended before the end-of-stream marker was reached",
            id="half-a-gzip-file",
        ),
        pytest.param(
            gzip.compress(b"[]")[:10] + b"\xff" * 20,
            "Error -3 while decompressing data: invalid block type",
            id="gzip-file-with-a-broken-block",
        ),
    ],
)
def test_fault_is_one_line_with_file_place_and_what(tmp_path: Path, content: bytes, fault: str) -> None:
    with pytest.raises(NotEvents) as caught:
        list(read_events(file_of(tmp_path, content)))

    assert str(caught.value).startswith(f"events: {fault}")
    assert len(str(caught.value).splitlines()) == 1


def test_value_that_is_larger_than_a_machine_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("root_usage_alarm.commands.event_files.MAX_CHARACTERS", 10)

    with pytest.raises(NotEvents) as caught:
        list(read_events(file_of(tmp_path, gzip.compress(b'{"a": "%s"}' % (b"x" * 20)))))

    assert str(caught.value) == "events: line 1: more than 10 characters"


def test_lines_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    """Nothing behind the second line is looked at: the third is no JSON."""
    file = file_of(tmp_path, LINES.encode() + b"half")

    assert list(islice(read_events(file), 2)) == TWO


@pytest.mark.parametrize(
    ("event", "record"),
    [
        pytest.param(ENVELOPE, CALL, id="eventbridge"),
        pytest.param(CALL, CALL, id="record"),
        pytest.param({"detail": {}}, {"detail": {}}, id="no-envelope"),
        pytest.param({"detail-type": "x", "detail": 1}, {"detail-type": "x", "detail": 1}, id="odd-detail"),
    ],
)
def test_record_is_taken_out_of_its_envelope(event: dict[str, Any], record: dict[str, Any]) -> None:
    assert record_of(event) == record
