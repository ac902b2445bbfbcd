"""Whether what came back is an answer of AWS's at all, before botocore makes something of it.

botocore doesn't hold the body's length against the header, and reads a JSON body that is cut, empty, or
a proxy's page as `{}`: "no mute rules", "no transformer". Only a whole answer may say that there is none.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError


class NotAnAnswer(BotoCoreError):
    """A body that is empty, cut, or somebody else's; it passes, as a connection's fault does."""

    fmt = "{call} was answered by {what}"


def refuse_what_is_no_answer(events: Any, event: str = "before-parse") -> None:
    """Has botocore raise NotAnAnswer instead of reading such a body."""
    events.register(event, _check, unique_id=f"root-usage-alarm-rule {event}")


def _check(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
    if response_dict["status_code"] >= 300 or operation_model.output_shape is None:
        return
    service = operation_model.service_model
    if what := _fault(response_dict, service.resolved_protocol, set(operation_model.output_shape.members)):
        raise NotAnAnswer(call=f"{service.service_name}:{operation_model.name}", what=what)


def _fault(response: dict[str, Any], protocol: str, members: set[str]) -> str:
    body, headers = response["body"], response["headers"]
    length = headers.get("content-length")
    if length is not None and "content-encoding" not in headers and int(length) != len(body):
        return f"{len(body)} bytes of {length}"
    if not body:
        return "an empty body"
    if "json" not in protocol:
        return ""  # XML that isn't whole can't be parsed
    try:
        answer = json.loads(body)
    except ValueError:
        return "a body that isn't JSON"
    if not isinstance(answer, dict) or (answer and not members & answer.keys()):
        return "JSON that isn't its answer"
    return ""
