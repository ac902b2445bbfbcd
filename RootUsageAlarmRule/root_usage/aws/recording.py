"""An evaluation's calls with AWS's raw answers, so that it can be decided again from them alone.

Kept are parameters and answers as botocore parsed them: what the rule reads, nobody's credentials. Of the
credential report only root's row is kept.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .arn import Place
from .clients import is_aws_endpoint

RECORD_VARIABLE = "RECORD_ANSWERS"
"""In the function's environment; with any value each evaluation writes its record to the log."""

TIME, BYTES = "$time", "$bytes"
"""Members that stand for what JSON has no values for."""


class Recorder:
    """What was asked in one evaluation, in the order of the answers.

    `endpoint_url` is that of an emulator, of which not everything is asked that AWS is; None: it was AWS.
    """

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.endpoint_url: str | None = None

    def watch(self, client: Any, place: Place) -> None:
        """Records the client's calls; a call that gets no answer at all is no evidence."""
        asked: dict[int, Mapping[str, Any]] = {}
        if not is_aws_endpoint(client.meta.endpoint_url):
            self.endpoint_url = client.meta.endpoint_url

        def before(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
            asked[id(context)] = dict(params)

        def after(parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
            self.calls.append(
                {
                    "service": model.service_model.service_name,
                    "operation": model.name,
                    "accountId": place.account_id,
                    "region": context["client_region"],
                    "parameters": plain(asked.pop(id(context), {})),
                    "answer": plain(_without_others(model.name, parsed)),
                }
            )

        client.meta.events.register("before-parameter-build", before)
        client.meta.events.register("after-call", after)


def _without_others(operation: str, parsed: dict[str, Any]) -> dict[str, Any]:
    answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
    status = parsed.get("ResponseMetadata", {}).get("HTTPStatusCode", 200)
    if operation == "GetCredentialReport" and isinstance(answer.get("Content"), bytes):
        header, *rows = answer["Content"].split(b"\n")
        answer["Content"] = b"\n".join([header, *(row for row in rows if row.startswith(b"<root_account>,"))])
    return answer | {"ResponseMetadata": {"HTTPStatusCode": status}}


def plain(value: Any) -> Any:
    """The value as JSON can hold it: `restored` turns it back."""
    match value:
        case Mapping():
            return {name: plain(each) for name, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
        case datetime():
            return {TIME: value.isoformat()}
        case bytes():
            return {BYTES: base64.b64encode(value).decode()}
        case _:
            return value


def restored(value: Any) -> Any:
    """What `Recorder` kept, as botocore gave it."""
    match value:
        case {"$time": str(text), **others} if not others:
            return datetime.fromisoformat(text)
        case {"$bytes": str(text), **others} if not others:
            return base64.b64decode(text)
        case dict():
            return {name: restored(each) for name, each in value.items()}
        case list():
            return [restored(each) for each in value]
        case _:
            return value
