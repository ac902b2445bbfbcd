"""CloudFormation and Lambda, as far as `deploy` and rdk call them, for clients in any process.

moto's CloudFormation knows neither bucket policies nor Config rules, nor a stack that fails.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import boto3

NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
CREATED = "2026-11-20T12:00:00Z"

Event = dict[str, str]


@dataclass
class Stack:
    template: dict[str, Any]
    parameters: dict[str, str]
    status: str
    outputs: dict[str, str]
    events: list[Event]


@dataclass
class StandIn:
    """Stacks that come up at once, or fail as `failures` says: by stack, its state and its events.

    What comes of stacks that really come up is in tests/emulator.
    """

    outputs: dict[str, dict[str, str]]
    failures: dict[str, tuple[str, list[Event]]] = field(default_factory=dict)
    layer_versions: list[dict[str, Any]] = field(default_factory=list)
    stacks: dict[str, Stack] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        owner = self

        class Handler(_Handler):
            stand_in = owner

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> StandIn:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, action: str, request: dict[str, str]) -> tuple[int, str]:
        """The body of an answer to a call of CloudFormation."""
        name = request.get("StackName", "")
        self.calls.append(f"{action} {name}".strip())
        if action == "ListStacks":
            return 200, _members("StackSummaries", [self._summary(each) for each in self.stacks])
        if action == "CreateStack":
            self._put(name, request)
            return 200, f"<StackId>{name}</StackId>"
        if name not in self.stacks:
            return 400, f"Stack with id {name} does not exist"
        if action == "DescribeStacks":
            return 200, _members("Stacks", [self._description(name)])
        if action == "DescribeStackEvents":
            return 200, _members("StackEvents", [_event(name, each) for each in self.stacks[name].events])
        if action == "DeleteStack":
            del self.stacks[name]
            return 200, ""
        before = self.stacks[name]
        if _template(request) == before.template:
            return 400, "No updates are to be performed."
        self._put(name, request)
        return 200, f"<StackId>{name}</StackId>"

    def _put(self, name: str, request: dict[str, str]) -> None:
        parameters = {
            request[key]: request[key.replace("ParameterKey", "ParameterValue")]
            for key in request
            if key.startswith("Parameters.member.") and key.endswith("ParameterKey")
        }
        done = "UPDATE_COMPLETE" if name in self.stacks else "CREATE_COMPLETE"
        status, events = self.failures.get(name, (done, []))
        # Of this operation, so other ids than before.
        events = [{"EventId": f"{len(self.calls)}-{number}", **each} for number, each in enumerate(events)]
        self.stacks[name] = Stack(_template(request), parameters, status, self.outputs.get(name, {}), events)

    def _summary(self, name: str) -> str:
        return (
            f"<StackName>{name}</StackName><StackId>{name}</StackId><CreationTime>{CREATED}</CreationTime>"
            f"<StackStatus>{self.stacks[name].status}</StackStatus>"
        )

    def _description(self, name: str) -> str:
        outputs = [
            f"<OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue>"
            for key, value in self.stacks[name].outputs.items()
        ]
        return self._summary(name) + _members("Outputs", outputs)


def _template(request: dict[str, str]) -> dict[str, Any]:
    """From the call, or from the bucket that the call names."""
    if "TemplateURL" not in request:
        body = request["TemplateBody"]
    else:
        place = urlsplit(request["TemplateURL"])
        bucket, _, _ = str(place.hostname).partition(".s3.")
        body = boto3.client("s3").get_object(Bucket=bucket, Key=place.path[1:])["Body"].read().decode()
    template: dict[str, Any] = json.loads(body)
    return template


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the base class's name for it
        pass

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_POST(self) -> None:
        request = {
            key: value[0] for key, value in parse_qs(self._body().decode(), keep_blank_values=True).items()
        }
        action = request["Action"]
        status, body = self.stand_in.answer(action, request)
        if status == 200:
            result = f"<{action}Result>{body}</{action}Result>"
            text = f'<{action}Response xmlns="{NAMESPACE}">{result}</{action}Response>'
        else:
            text = (
                f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>ValidationError</Code>'
                f"<Message>{body}</Message></Error></ErrorResponse>"
            )
        self._send(status, text, "text/xml")

    def do_GET(self) -> None:
        # Lambda's ListLayerVersions and GetLayerVersion
        versions = self.stand_in.layer_versions
        number = urlsplit(self.path).path.rpartition("/versions/")[2]
        answer = next(
            (each for each in versions if str(each["Version"]) == number), {"LayerVersions": versions}
        )
        self._send(200, json.dumps(answer), "application/json")

    def do_PUT(self) -> None:
        # Lambda's UpdateFunctionCode
        self._body()
        self.stand_in.calls.append(
            f"UpdateFunctionCode {unquote(self.path.split('/')[3]).rpartition(':')[2]}"
        )
        self._send(200, "{}", "application/json")

    def do_DELETE(self) -> None:
        # Lambda's DeleteLayerVersion
        self.stand_in.layer_versions.pop()
        self._send(204, "", "application/json")

    def _send(self, status: int, text: str, kind: str) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _members(name: str, members: list[str]) -> str:
    return f"<{name}>{''.join(f'<member>{each}</member>' for each in members)}</{name}>"


def _event(stack: str, event: Event) -> str:
    whole = {"EventId": "1", "StackId": stack, "StackName": stack, "Timestamp": CREATED, **event}
    return "".join(f"<{key}>{escape(value)}</{key}>" for key, value in whole.items())
