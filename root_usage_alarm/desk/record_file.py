"""An evaluation in a file: read, masked, and answered from again.

The file is what `report.to_record` writes, alone or among the other lines of the function's log.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import botocore
from root_usage.aws.recording import BYTES, plain, restored
from root_usage.report import RECORD


class NotARecord(Exception):
    """What the file should have been, and where it isn't."""


class NotRecorded(Exception):
    """The decision asks for something that nobody had asked when the record was made."""


@dataclass(frozen=True, slots=True)
class Record:
    """What was evaluated, when, with which parameters, and AWS's answers."""

    account_id: str
    region: str
    partition: str
    now: datetime
    parameters: Mapping[str, str]
    calls: tuple[Mapping[str, Any], ...]
    with_summary: bool = False
    endpoint_url: str | None = None  # of an emulator


def read(path: Path) -> Record:
    """Raises NotARecord."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    except (OSError, EOFError, ValueError) as error:
        raise NotARecord(f"`{path}` can't be read: {error}") from error
    head: dict[str, Any] | None = None
    calls: list[Mapping[str, Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        found = _object(line)
        if "record" in found:
            if found["record"] != RECORD:
                raise NotARecord(f"`{path}`, line {number}: record {found['record']!r} isn't {RECORD!r}")
            head, calls = found, []  # of several evaluations the last counts
        elif head is not None and isinstance(found.get("call"), dict):
            calls.append(found["call"])
    if head is None:
        raise NotARecord(f"`{path}` has no line that begins a record ({RECORD})")
    try:
        return Record(
            account_id=str(head["accountId"]),
            region=str(head["region"]),
            partition=str(head["partition"]),
            now=datetime.fromisoformat(head["now"]),
            parameters={str(name): str(value) for name, value in head["parameters"].items()},
            calls=tuple(calls),
            with_summary=head.get("withSummary") is True,
            endpoint_url=head.get("endpointUrl"),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotARecord(f"`{path}`: its first line lacks {error}") from error


def _object(line: str) -> dict[str, Any]:
    """What stands in the line from its first brace on; a log puts its own words before it."""
    try:
        found = json.loads(line[line.index("{") :])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, lines: Iterable[str], mask: Mask | None = None) -> None:
    """Raises OSError; what was there before is there until the new file is whole."""
    if mask:
        lines = (json.dumps(mask.masked(json.loads(each))) for each in lines)
    part = path.with_name(f"{path.name}.part")
    part.write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
    part.replace(path)


# -- masking -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Mask:
    """Made-up values in the place of accounts, people, addresses and keys: the same for the same."""

    _known: dict[str, str] = field(default_factory=dict)
    _counts: Counter[int] = field(default_factory=Counter)

    def masked(self, value: Any) -> Any:
        match value:
            case str():
                return self._text(value)
            case {"$bytes": str(text), **others} if not others:
                masked = self._text(base64.b64decode(text).decode("latin-1"))
                return {BYTES: base64.b64encode(masked.encode("latin-1")).decode()}
            case {"$time": _}:
                return value
            case dict():
                return {name: self.masked(each) for name, each in value.items()}
            case list():
                return [self.masked(each) for each in value]
            case _:
                return value

    def _text(self, text: str) -> str:
        for kind, (pattern, _) in enumerate(_SECRETS):
            text = pattern.sub(partial(self._instead, kind), text)
        return text

    def _instead(self, kind: int, found: re.Match[str]) -> str:
        real = found[0]
        if real in self._known.values():
            return real  # masked already, by another kind
        if real not in self._known:
            self._counts[kind] += 1
            self._known[real] = _SECRETS[kind][1].format(self._counts[kind])
        return self._known[real]


_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "person{}@example.com"),
    (re.compile(r"https?://[^\s\"\\]+"), "https://endpoint{}.example.com/"),
    (re.compile(r"\+[1-9][0-9]{6,14}\b"), "+1555{:07}"),
    (re.compile(r"\bA(?:KIA|SIA|IDA|ROA)[A-Z0-9]{12,20}\b"), "AKIAEXAMPLE{:09}"),
    (re.compile(r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])"), "198.51.100.{}"),
    (re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])"), "9999{:08}"),
    (
        re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        "00000000-0000-4000-8000-{:012x}",
    ),
)


# -- answering -----------------------------------------------------------------------------------------


_KEY, _NO_SECRET = "AKIAREPLAY", "replay"


class Replayed:
    """Builds the evaluated account's clients; `answering` gives them, and other roles', the answers."""

    def __init__(self, record: Record, make_session: Callable[..., Any] = boto3.session.Session) -> None:
        self._session = make_session(
            aws_access_key_id=f"{_KEY}{record.account_id}", aws_secret_access_key=_NO_SECRET
        )

    def build_client(self, service: str, region: str | None = None) -> Any:
        make: Any = self._session.client
        return make(service, region_name=region)


@contextmanager
def answering(record: Record) -> Iterator[None]:
    """Every session that is made within answers from the record. Raises NotRecorded where it can't."""
    answers: dict[str, list[Any]] = {}
    for call in record.calls:
        answers.setdefault(_key(call), []).append(call.get("answer"))

    def keep(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked"] = dict(params)

    def before_call(model: Any, request_signer: Any, context: dict[str, Any], **_: Any) -> Any:
        service, operation, asked = model.service_model.service_name, model.name, context["asked"]
        if (service, operation) == ("sts", "AssumeRole"):
            return _Status(200), {"Credentials": _taken_on(asked["RoleArn"].split(":")[4])}
        call = {
            "service": service,
            "operation": operation,
            "accountId": request_signer._credentials.access_key.removeprefix(_KEY),
            "region": context["client_region"],
            "parameters": plain(asked),
        }
        given = answers.get(_key(call))
        if not given:
            raise NotRecorded(f"the record has no {service}:{operation} with {json.dumps(plain(asked))}")
        answer = restored(given.pop(0) if len(given) > 1 else given[0])
        return _Status(answer["ResponseMetadata"]["HTTPStatusCode"]), answer

    def watch(session: Any) -> None:
        session.register("before-parameter-build", keep)
        session.register("before-call", before_call)

    before = dict(os.environ)
    os.environ.pop("AWS_ENDPOINT_URL", None)
    os.environ.update({"AWS_ENDPOINT_URL": record.endpoint_url} if record.endpoint_url else {})
    botocore.register_initializer(watch)
    boto3.DEFAULT_SESSION = None  # which may have been made before, and would ask AWS
    try:
        yield
    finally:
        botocore.unregister_initializer(watch)
        boto3.DEFAULT_SESSION = None
        os.environ.clear()
        os.environ.update(before)


@dataclass(frozen=True, slots=True)
class _Status:
    """As much of an HTTP response as botocore looks at."""

    status_code: int


def _key(call: Mapping[str, Any]) -> str:
    # IAM is global, and botocore's name for its region depends on the endpoint.
    region = None if call.get("service") == "iam" else call.get("region")
    members = ("service", "operation", "accountId", "parameters")
    return json.dumps([region, *(call.get(name) for name in members)], sort_keys=True)


def _taken_on(account_id: str) -> dict[str, Any]:
    return {
        "AccessKeyId": f"{_KEY}{account_id}",
        "SecretAccessKey": _NO_SECRET,
        "SessionToken": _NO_SECRET,
    }
