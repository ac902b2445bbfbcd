"""Root's deeds, as CloudTrail's event history shows them.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

from .asking import NotOffered, Question, Reader, Readers, Sleep, Unreadable, refused

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient


class MalformedRootEvent(Exception):
    """An event of CloudTrail's event history isn't what AWS documents."""


class Way(Enum):
    """What root's request was made with, in words."""

    CONSOLE = "console"
    ACCESS_KEY = "access key"
    ASSUME_ROOT = "AssumeRoot session"
    TEMPORARY = "temporary credentials"  # GetSessionToken, or a session that CloudTrail doesn't mark
    UNKNOWN = "unknown credentials"


@dataclass(frozen=True, slots=True)
class RootEvent:
    """One event of CloudTrail's event history whose identity is the root user."""

    time: datetime
    name: str
    source: str
    region: str
    source_ip_address: str
    way: Way
    is_failed: bool  # refused by AWS, a failed sign-in among them
    is_by_root_itself: bool  # not by an AWS service with root's forwarded session
    event_id: str = ""
    is_late: bool = False  # CloudTrail delivered it late
    parameters: Mapping[str, Any] = field(default_factory=dict, compare=False)  # of the request
    user_name: str = field(default="", compare=False)  # by which the history has it

    @classmethod
    def from_api(cls, member: Mapping[str, Any]) -> RootEvent | None:
        """None when somebody else's; raises MalformedRootEvent."""
        event_id = str(member.get("EventId", ""))
        record = _record(member, event_id)
        identity = record.get("userIdentity")
        if not isinstance(identity, dict) or identity.get("type") != "Root":
            return None
        return cls(
            time=member["EventTime"].astimezone(UTC),
            name=str(member["EventName"]),
            source=str(member.get("EventSource") or record.get("eventSource", "")),
            region=str(record.get("awsRegion", "")),
            source_ip_address=str(record.get("sourceIPAddress", "")),
            way=_way(record, identity),
            is_failed="errorCode" in record or "errorMessage" in record,
            is_by_root_itself="invokedBy" not in identity and record.get("eventType") != "AwsServiceEvent",
            event_id=event_id,
            is_late=_is_late(record),
            parameters=_request_parameters(record),
            user_name=str(member.get("Username", "")),
        )

    @property
    def is_assume_root_session(self) -> bool:
        """Whether CloudTrail marks it as done centrally, by the organization's management.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html
        AWS doesn't say that the mark is always there: a session without it counts as root itself.
        """
        return self.way is Way.ASSUME_ROOT


@dataclass(frozen=True, slots=True)
class RootEvents:
    """Root's events of one region, newest first; not complete when there were more than are read."""

    events: tuple[RootEvent, ...]
    is_complete: bool


def _record(member: Mapping[str, Any], event_id: str) -> dict[str, Any]:
    try:
        record = json.loads(member["CloudTrailEvent"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedRootEvent(f"event `{event_id}`: member `CloudTrailEvent` isn't JSON") from error
    if not isinstance(record, dict):
        raise MalformedRootEvent(f"event `{event_id}`: member `CloudTrailEvent` isn't a JSON object")
    return record


def _way(record: Mapping[str, Any], identity: Mapping[str, Any]) -> Way:
    session = identity.get("sessionContext")
    access_key_id = str(identity.get("accessKeyId") or "")
    # `assumedRoot` and `sessionCredentialFromConsole` are texts in AWS's samples, booleans in its tables.
    if isinstance(session, dict) and _is_true(session.get("assumedRoot")):
        return Way.ASSUME_ROOT
    if record.get("eventType") in {"AwsConsoleSignIn", "AwsConsoleAction"}:
        return Way.CONSOLE
    if _is_true(record.get("sessionCredentialFromConsole")):
        return Way.CONSOLE
    if access_key_id.startswith("AKIA"):
        return Way.ACCESS_KEY
    return Way.TEMPORARY if access_key_id.startswith("ASIA") else Way.UNKNOWN


def _is_late(record: Mapping[str, Any]) -> bool:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

    The third reason, UPDATED_DATA, adds to an event that was there in time.
    """
    addendum = record.get("addendum")
    return isinstance(addendum, dict) and addendum.get("reason") in {"DELIVERY_DELAY", "SERVICE_OUTAGE"}


def _request_parameters(record: Mapping[str, Any]) -> dict[str, Any]:
    parameters = record.get("requestParameters")
    return parameters if isinstance(parameters, dict) else {}


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


# -- what is asked, and how ----------------------------------------------------------------------------

# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two requests a
# second for each account and region, fifty events a page. A console session
# reads a lot: twenty pages hold it, and take ten seconds where they are all needed.
SECONDS_BETWEEN_PAGES = 0.5
EVENTS_PER_PAGE = 50
MOST_PAGES = 20

# What the history calls root, where the account has no alias.
ROOT = "root"


class LookupBy(Enum):
    """The one attribute that an event history may be looked up by: its key."""

    USER_NAME = "Username"
    CONSOLE_SIGN_IN = "EventName"


@dataclass(frozen=True, slots=True)
class RootEventsSince(Question[RootEvents | NotOffered]):
    """Root's events in the place's event history, which CloudTrail keeps for 90 days."""

    since: datetime
    until: datetime | None = None
    by: LookupBy = LookupBy.USER_NAME
    user_name: str = ROOT


def read_root_events(
    client: CloudTrailClient, question: RootEventsSince, sleep: Sleep = time.sleep
) -> RootEvents | Unreadable:
    """Newest first; never more than MOST_PAGES pages. Where AWS doesn't answer at all, that is the answer."""
    try:
        return _pages_of_events(client, _lookup(question), sleep)
    except MalformedRootEvent as error:
        return Unreadable("cloudtrail:LookupEvents", "MalformedAnswer", str(error))
    except BotoCoreError as error:
        return refused(client, "cloudtrail:LookupEvents", error)


def _lookup(question: RootEventsSince) -> dict[str, Any]:
    value = question.user_name if question.by is LookupBy.USER_NAME else "ConsoleLogin"
    request: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": question.by.value, "AttributeValue": value}],
        "StartTime": question.since,
        "MaxResults": EVENTS_PER_PAGE,
    }
    return {**request, "EndTime": question.until} if question.until else request


def _pages_of_events(client: CloudTrailClient, request: dict[str, Any], sleep: Sleep) -> RootEvents:
    # Not botocore's paginator: it goes as fast as it can, and CloudTrail allows two requests a second.
    events: list[RootEvent] = []
    for page in range(MOST_PAGES):
        if page:
            sleep(SECONDS_BETWEEN_PAGES)
        answer = client.lookup_events(**request)
        found = (RootEvent.from_api(each) for each in answer["Events"])
        events += [each for each in found if each]
        if not answer.get("NextToken"):
            return RootEvents(tuple(events), is_complete=True)
        request = {**request, "NextToken": answer["NextToken"]}
    return RootEvents(tuple(events), is_complete=False)


READERS: Readers = {
    RootEventsSince: Reader(
        "cloudtrail", ("cloudtrail:LookupEvents",), read_root_events, may_not_be_offered=True
    ),
}
