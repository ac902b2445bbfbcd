"""Reads what AWS knows of the root user: `gathering` has these functions in its table.

The sleep function comes in as an argument, so that tests wait for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .evidence import Unreadable
from .iam import AccountSummary, MalformedReport, MalformedRootEvent, RootCredentials, RootEvent, RootEvents
from .root_questions import AccountSummaryOf, CredentialReport, RootEventsSince

Sleep = Callable[[float], None]

GET_REPORT = "iam:GetCredentialReport"

# IAM hands out the same report for four hours:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
REUSED_FOR = timedelta(hours=4)

# Seconds to wait for a new report, try by try: 20 in all, a third of what RDK gives the Lambda.
PAUSES = (1, 1, 2, 3, 5, 8)

# https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two requests a
# second for each account and region, fifty events a page. Five pages show plenty of root's use.
SECONDS_BETWEEN_PAGES = 0.5
EVENTS_PER_PAGE = 50
MOST_PAGES = 5


@dataclass(frozen=True, slots=True)
class _NotReady:
    """IAM has no report to show: ReportNotPresent, ReportExpired or ReportInProgress."""

    code: str


def read_credential_report(
    client: Any, question: CredentialReport, sleep: Sleep = time.sleep
) -> RootCredentials | Unreadable:
    """Root's row; has a report generated where there is none that is young enough."""
    try:
        return _young_report(client, question.as_of, sleep)
    except MalformedReport as error:
        return Unreadable(GET_REPORT, "MalformedAnswer", str(error))
    except (ClientError, BotoCoreError) as error:
        if question.is_required:
            raise
        return _unreadable(client, GET_REPORT, error)


def read_account_summary(client: Any, question: AccountSummaryOf) -> AccountSummary | Unreadable:
    try:
        return AccountSummary.from_api(client.get_account_summary()["SummaryMap"])
    except (ClientError, BotoCoreError) as error:
        if question.is_required:
            raise
        return _unreadable(client, "iam:GetAccountSummary", error)


def read_root_events(
    client: Any, question: RootEventsSince, sleep: Sleep = time.sleep
) -> RootEvents | Unreadable:
    """Newest first; never more than MOST_PAGES pages. No verdict rests on it, so no fault is passed on."""
    try:
        return _pages_of_events(client, _lookup(question), sleep)
    except MalformedRootEvent as error:
        return Unreadable("cloudtrail:LookupEvents", "MalformedAnswer", str(error))
    except (ClientError, BotoCoreError) as error:
        return _unreadable(client, "cloudtrail:LookupEvents", error)


def _young_report(client: Any, as_of: datetime, sleep: Sleep) -> RootCredentials | Unreadable:
    found = _report(client)
    if isinstance(found, RootCredentials) and as_of - found.generated < REUSED_FOR:
        return found
    is_complete = False
    if not (isinstance(found, _NotReady) and found.code == "ReportInProgress"):
        is_complete = client.generate_credential_report()["State"] == "COMPLETE"
    for pause in PAUSES:
        if not is_complete:
            sleep(pause)
        found = _report(client)
        # What IAM calls complete is taken, however old by this clock: IAM makes no younger one.
        if isinstance(found, RootCredentials) and (is_complete or as_of - found.generated < REUSED_FOR):
            return found
        is_complete = False
    return Unreadable(GET_REPORT, "ReportInProgress", f"not ready after {sum(PAUSES)} s")


def _report(client: Any) -> RootCredentials | _NotReady:
    try:
        answer = client.get_credential_report()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"ReportNotPresent", "ReportExpired", "ReportInProgress"}:
            return _NotReady(code)
        raise
    return RootCredentials.from_report(answer["Content"], answer["GeneratedTime"].astimezone(UTC))


def _lookup(question: RootEventsSince) -> dict[str, Any]:
    key, value = question.by.value
    request: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}],
        "StartTime": question.since,
        "MaxResults": EVENTS_PER_PAGE,
    }
    return {**request, "EndTime": question.until} if question.until else request


def _pages_of_events(client: Any, request: dict[str, Any], sleep: Sleep) -> RootEvents:
    # Not botocore's paginator: it goes as fast as it can, and CloudTrail allows two requests a second.
    events: list[RootEvent] = []
    for page in range(MOST_PAGES):
        if page:
            sleep(SECONDS_BETWEEN_PAGES)
        answer = client.lookup_events(**request)
        found = (RootEvent.from_api(each) for each in answer.get("Events", ()))
        events += [each for each in found if each]
        if not answer.get("NextToken"):
            return RootEvents(tuple(events), is_complete=True)
        request = {**request, "NextToken": answer["NextToken"]}
    return RootEvents(tuple(events), is_complete=False)


def _unreadable(client: Any, call: str, error: ClientError | BotoCoreError) -> Unreadable:
    if not isinstance(error, ClientError):
        return Unreadable(call, type(error).__name__, str(error))
    answer = error.response.get("Error", {})
    call = f"{client.meta.service_model.service_name}:{error.operation_name}"
    return Unreadable(call, answer.get("Code", "Unknown"), answer.get("Message", ""))
