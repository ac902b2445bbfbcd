"""Asks AWS the questions of a decision, and keeps count of the calls.

How each is asked is in its service's file, in its table of readers.

A lasting refusal becomes Unreadable, which becomes a finding; only a passing fault (throttling, a
time-out, a server error after botocore's retries) is raised, so that the Lambda fails and is retried.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    ParamValidationError,
    UnknownServiceError,
)

from ..work import Work
from . import cloudtrail, cloudwatch, event_history, events, functions, iam, kms, logs, observability, sns
from .answers import refuse_what_is_no_answer
from .arn import MalformedArn, Place
from .asking import ASSUME_ROLE, NotOffered, Question, Reader, Readers, Unreadable
from .clients import ClientFactory, RoleClientFactory, is_aws_endpoint
from .functions import PolicyOfFunction
from .kms import KeyAt, PolicyOfKey
from .recording import Recorder
from .sharing import Sharing
from .sns import AttributesOfSubscription, SubscriptionsOf, TopicAt

# As many calls as one link ever asks for side by side.
WORKERS = 4

# Faults that pass: https://docs.aws.amazon.com/general/latest/gr/api-retries.html and each service's
# list of common errors. An expired token passes with the next run's session.
PASSING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "Throttled",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "RequestTimeout",
        "RequestTimeoutException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServiceError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)


TOO_MANY_REQUESTS = 429


class PassingFault(Exception):
    """AWS could not answer just now; another run may get an answer."""


class Gatherer:
    """Asks AWS, in the account under evaluation and, by role, in others; keeps count of its calls."""

    def __init__(
        self,
        factory_for: Callable[[Question[Any]], ClientFactory | None],
        work: Work | None = None,
        sharing: Sharing | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        """`factory_for` gives the client factory to ask a question with; None where there is none for it.

        With `sharing`, what was asked by a role of another account may be an answer to an earlier evaluation;
        a `recorder` gets every answer of AWS's.
        """
        self._factory_for = factory_for
        self._work = work or Work()
        self._sharing = sharing
        self._recorder = recorder
        self._clients: dict[tuple[str, Place], Any] = {}
        self.calls: list[str] = []

    def ask(self, questions: Iterable[Question[Any]]) -> dict[Question[Any], Any]:
        """The answers, side by side.

        Raises PassingFault, a botocore error that isn't AWS's answer, or OutOfWork before the first call
        after the end of the evaluation's time.
        """
        # Clients are built one after the other: boto3's default session isn't safe for threads.
        # https://boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html
        work = [(question, self._reading_of(question)) for question in questions]
        if len(work) == 1:
            return {question: reading() for question, reading in work}
        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            futures = {question: pool.submit(reading) for question, reading in work}
        return {question: future.result() for question, future in futures.items()}

    def _reading_of(self, question: Question[Any]) -> Callable[[], Any]:
        reader = READERS[type(question)]
        factory = self._factory_for(question)
        if factory is None:
            no_role = Unreadable(reader.actions[0], "NoRoleThere")
            return lambda: no_role
        try:
            client = self._client(factory, reader.service, question.place)
        except ClientError as error:
            refusal = _refusal(ASSUME_ROLE, error)
            return lambda: refusal
        except UnknownServiceError as error:
            no_service = Unreadable(reader.actions[0], "NotInThisBoto3", str(error))
            return lambda: no_service
        except ValueError:  # botocore's InvalidRegionError is one as well
            no_region = Unreadable(reader.actions[0], "InvalidRegion")
            return lambda: no_region

        def reading() -> Any:
            with self._work.on(reader.actions[0]):
                if self._sharing is None or not isinstance(factory, RoleClientFactory):
                    return _read(reader, client, question)
                read = partial(_read, reader, client, question)
                return self._sharing.answer(factory.role_arn, question, read)

        return reading

    def _client(self, factory: ClientFactory, service: str, place: Place) -> Any:
        if (service, place) not in self._clients:
            client = factory.build_client(service, place.region)
            client.meta.events.register("before-parameter-build", self._record)
            refuse_what_is_no_answer(client.meta.events)
            if self._recorder:
                self._recorder.watch(client, place)
            self._clients[service, place] = client
        return self._clients[service, place]

    def _record(self, model: Any, **_: Any) -> None:
        self._work.look_at_clock()
        self.calls.append(f"{model.service_model.service_name}:{model.name}")


def asks_by_arn(question: Question[Any]) -> bool:
    """Whether AWS is given the resource's ARN: then no namesake of the caller's account can answer."""
    match question:
        case TopicAt() | SubscriptionsOf() | AttributesOfSubscription() | PolicyOfKey() | PolicyOfFunction():
            return True
        case KeyAt(key_id=key_id):
            return key_id.startswith("arn:")
        case _:
            return False


def iam_actions() -> frozenset[str]:
    """Every IAM action that the readers need, in the account that they read."""
    return frozenset(action for reader in READERS.values() for action in reader.actions)


def _read(reader: Reader, client: Any, question: Question[Any]) -> Any:
    try:
        return reader.read(client, question)
    except ClientError as error:
        call = _iam_action(client, error)
        if _is_unknown_to(client, error):
            return NotOffered(call) if reader.may_not_be_offered else Unreadable(call, "NotOffered")
        return _refusal(call, error)
    except ParamValidationError as error:
        # What AWS told of a resource doesn't fit into AWS's own call.
        return Unreadable(reader.actions[0], "ParamValidation", str(error))
    except EndpointConnectionError as error:
        if reader.is_everywhere or not _has_no_address(error):
            raise
        return NotOffered(reader.actions[0])
    except AttributeError as error:
        # A boto3 from before the call was made public, as an old Lambda runtime may have it.
        return Unreadable(reader.actions[0], "NotInThisBoto3", str(error))
    except (KeyError, TypeError, ValueError, MalformedArn) as error:
        return Unreadable(reader.actions[0], "MalformedAnswer", f"{type(error).__name__}: {error}")


def _has_no_address(error: BaseException) -> bool:
    """Whether DNS says that there is no such host, as where AWS doesn't have the service in a region.

    A resolver that only doesn't answer says EAI_AGAIN. botocore's own list of regions lacks young services.
    https://docs.aws.amazon.com/general/latest/gr/cwobsadmin.html
    """
    cause = getattr(error, "kwargs", {}).get("error", error).__context__
    return isinstance(cause, socket.gaierror) and cause.errno in (socket.EAI_NONAME, socket.EAI_NODATA)


def _refusal(call: str, error: ClientError) -> Unreadable:
    code = _code_of(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in PASSING_CODES or status == TOO_MANY_REQUESTS or status >= 500:
        raise PassingFault(f"{call} answered {code}; the evaluation is left to a later run") from error
    return Unreadable(call, code, error.response.get("Error", {}).get("Message", ""))


def _code_of(error: ClientError) -> str:
    """AWS's error code; rdklib puts `InternalError` over that of AssumeRole, but not into the text."""
    said = re.match(r"An error occurred \((?P<code>[\w.]+)\)", str(error))
    return said["code"] if said else str(error.response.get("Error", {}).get("Code", "Unknown"))


def _iam_action(client: Any, error: ClientError) -> str:
    return f"{client.meta.service_model.service_name}:{error.operation_name}"


def _is_unknown_to(client: Any, error: ClientError) -> bool:
    """Whether an endpoint that isn't AWS's own has no idea of the call.

    AWS's answers carry a request id and an error document; an emulator that lacks a call answers
    without. On AWS's own endpoints a missing feature is never concluded from an error.
    """
    metadata = error.response.get("ResponseMetadata", {})
    return (
        not is_aws_endpoint(client.meta.endpoint_url)
        and "x-amzn-requestid" not in metadata.get("HTTPHeaders", {})
        and metadata.get("HTTPStatusCode", 0) in {404, 500, 501}
    )


READERS: Readers = {
    **cloudtrail.READERS,
    **logs.READERS,
    **cloudwatch.READERS,
    **sns.READERS,
    **kms.READERS,
    **functions.READERS,
    **iam.READERS,
    **event_history.READERS,
    **events.READERS,
    **observability.READERS,
}
