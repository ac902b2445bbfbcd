"""What the rows of all tables share: the accounts, and AWS's answers that no account can be built for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import botocore
from botocore.exceptions import ClientError

from root_usage_alarm.demo.invocation import Invocation
from root_usage_alarm.local_aws import Account
from root_usage_alarm.local_aws.corrections.identity import access_key_of

ACCOUNT_ID = "111122223333"
OTHER_ACCOUNT_ID = "444455556666"
REGION = "eu-west-1"

Build = Callable[[Account], Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's error code in place of an answer."""

    code: str


Answer = Mapping[str, Any] | Refusal


@contextmanager
def answering(answers: Mapping[str, Answer], caller: str | None = None) -> Iterator[None]:
    """Gives these answers, by call (`sns:GetTopicAttributes`), to every client of a session made within.

    With a `caller` they are for that account's own credentials only, not for a role of another.
    """

    def before_call(model: Any, request_signer: Any, **_: Any) -> Any:
        if caller and request_signer._credentials.access_key != access_key_of(caller):
            return None
        answer = answers.get(f"{model.service_model.service_name}:{model.name}")
        match answer:
            case None:
                return None
            case Refusal(code):
                return _Status(400), {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {}}
            case _:
                return _Status(200), dict(answer)

    def watch(session: Any) -> None:
        session.register("before-call", before_call)

    botocore.register_initializer(watch)
    try:
        yield
    finally:
        botocore.unregister_initializer(watch)


@contextmanager
def closed(account_id: str) -> Iterator[None]:
    """No role of the account can be assumed, by any client of a session made within."""

    def before_build(params: dict[str, Any], **_: Any) -> None:
        if params["RoleArn"].split(":")[4] == account_id:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    def watch(session: Any) -> None:
        session.register("before-parameter-build.sts.AssumeRole", before_build)

    botocore.register_initializer(watch)
    try:
        yield
    finally:
        botocore.unregister_initializer(watch)


@dataclass(frozen=True, slots=True)
class _Status:
    """As much of an HTTP response as botocore looks at."""

    status_code: int


def leading(invocation: Invocation) -> tuple[str, str, str]:
    """The compliance type, the first finding's code and the annotation."""
    evaluation = invocation.evaluation
    return evaluation["ComplianceType"], invocation.codes[0], evaluation["Annotation"]
